"""Back-test: would the rules have said what the committee decided? On past decisions, with the standards of the scenario's day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet

from bangfu.access.models import Unit
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.outcome import ELIGIBLE, NOT_ELIGIBLE
from bangfu.policy.pack import Pack
from bangfu.process.models import Award, Case
from bangfu.reporting.simulation.comparing import Progress, Stopped

AT_ONCE = 200  # decisions between two looks at whether somebody cancelled
Decision = tuple[str, date, dict[str, Any], int | None]


def backtest(packs: Mapping[str, Pack], unit: Unit, on: date, tell: Progress) -> dict[str, Any]:
    """By side: how many past decisions it agrees with, differs from, cannot tell, and how often the sum is the same.

    Every decision made up to the day, one at a time. Raises Stopped.
    """
    awards = _awards(unit, on)
    whole, done = awards.count(), 0
    judges = {letter: _Judge(_with_standards_of(pack, on)) for letter, pack in packs.items()}
    for decision in _decisions(awards):
        if done % AT_ONCE == 0 and tell("backtest", done, whole) is False:
            raise Stopped
        done += 1
        for judge in judges.values():
            judge.look(*decision)
    sides = {letter: judge.counts for letter, judge in judges.items()}
    return {"decisions": done, "sides": sides}


def _awards(unit: Unit, on: date) -> QuerySet[Award]:
    return (
        Award.objects.filter(case__unit__path__startswith=unit.path, assessment__isnull=False, dropped_reason=None)
        .filter(Q(case__state=Case.State.REFUSED) | Q(case__state=Case.State.CLOSED, awarded_fen__isnull=False))
        .filter(assessment__on_date__lte=on)
        .order_by("-pk")
    )


def decided(unit: Unit) -> int:
    """How many decisions a whole organisation has to judge again."""
    return _awards(unit.organisation, date.max).count()


def _decisions(awards: QuerySet[Award]) -> Iterator[Decision]:
    """(programme, day, facts, fen awarded or None = refused), the latest first."""
    for award in awards.select_related("case", "assessment").iterator(chunk_size=AT_ONCE):
        assert award.assessment is not None
        refused = award.case.state == Case.State.REFUSED
        facts = json.loads(award.assessment.facts)
        yield award.case.programme, award.assessment.on_date, facts, None if refused else award.awarded_fen


class _Judge:
    """One side's count."""

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self.counts = {"agrees": 0, "differs": 0, "open": 0, "lacking": 0, "same_fen": 0, "given": 0}
        self._narrow: dict[str, Pack] = {}  # the rules with one programme only: the others are not asked

    def look(self, programme: str, day: date, facts: dict[str, Any], fen: int | None) -> None:
        counts, one = self.counts, self.pack.programme(programme)
        if one is None:
            counts["lacking"] += 1
            return
        pack = self._narrow.setdefault(programme, replace(self.pack, programmes=(one,)))
        try:
            outcome = evaluate(pack, facts, day)
        except Refused:  # facts that these rules cannot read, or a rule that stops
            counts["open"] += 1
            return
        offer = next(row for row in outcome.programmes if row.id == programme)
        if offer.outcome not in (ELIGIBLE, NOT_ELIGIBLE):
            counts["open"] += 1
            return
        same = (offer.outcome == ELIGIBLE) == (fen is not None)
        counts["agrees" if same else "differs"] += 1
        if same and fen is not None:
            counts["given"] += 1
            counts["same_fen"] += offer.amount_fen == fen


def _with_standards_of(pack: Pack, on: date) -> Pack:
    """The pack with the values of one day for all days: what is asked is today's rules on yesterday's facts."""
    standards = {
        name: replace(one, entries=tuple(replace(entry, from_date=date.min, to_date=None) for entry in one.on(on)))
        for name, one in pack.parameters.items()
    }
    return replace(pack, parameters=standards)
