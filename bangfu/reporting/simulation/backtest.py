"""Back-test: would the rules have said what the committee decided? On past decisions, with the standards of the scenario's day."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bangfu.access.models import Unit
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.outcome import ELIGIBLE, NOT_ELIGIBLE
from bangfu.policy.pack import Pack
from bangfu.process.models import Award, Case

MOST = 500  # the latest decisions; each is walked once a side


def backtest(packs: Mapping[str, Pack], unit: Unit, on: date) -> dict[str, Any]:
    """By side: how many past decisions it agrees with, differs from, cannot tell, and how often the sum is the same."""
    decisions = list(_decisions(unit))
    found: dict[str, Any] = {"decisions": len(decisions), "most": MOST, "sides": {}}
    for letter, pack in packs.items():
        found["sides"][letter] = _judged(_with_standards_of(pack, on), decisions)
    return found


def _decisions(unit: Unit) -> Iterator[tuple[str, date, dict[str, Any], int | None]]:
    """(programme, day, facts, fen awarded or None = refused), the latest first."""
    awards = (
        Award.objects.filter(case__unit__path__startswith=unit.path, assessment__isnull=False, dropped_reason=None)
        .filter(case__state__in=[Case.State.CLOSED, Case.State.REFUSED])
        .select_related("case", "assessment")
        .order_by("-pk")
    )
    for award in awards[:MOST]:
        refused = award.case.state == Case.State.REFUSED
        if not refused and award.awarded_fen is None:
            continue
        assert award.assessment is not None
        yield (
            award.case.programme,
            award.assessment.on_date,
            json.loads(award.assessment.facts),
            None if refused else award.awarded_fen,
        )


def _judged(pack: Pack, decisions: list[tuple[str, date, dict[str, Any], int | None]]) -> dict[str, int]:
    counts = {"agrees": 0, "differs": 0, "open": 0, "lacking": 0, "same_fen": 0, "given": 0}
    for programme, day, facts, fen in decisions:
        if pack.programme(programme) is None:
            counts["lacking"] += 1
            continue
        try:
            outcome = evaluate(pack, facts, day)
        except Refused:  # facts that these rules cannot read, or a rule that stops
            counts["open"] += 1
            continue
        offer = next(one for one in outcome.programmes if one.id == programme)
        if offer.outcome not in (ELIGIBLE, NOT_ELIGIBLE):
            counts["open"] += 1
            continue
        same = (offer.outcome == ELIGIBLE) == (fen is not None)
        counts["agrees" if same else "differs"] += 1
        if same and fen is not None:
            counts["given"] += 1
            counts["same_fen"] += offer.amount_fen == fen
    return counts


def _with_standards_of(pack: Pack, on: date) -> Pack:
    """The pack with the values of one day for all days: what is asked is today's rules on yesterday's facts."""
    standards = {
        name: replace(one, entries=tuple(replace(entry, from_date=date.min, to_date=None) for entry in one.on(on)))
        for name, one in pack.parameters.items()
    }
    return replace(pack, parameters=standards)
