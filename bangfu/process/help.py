"""今年帮扶与上限: what a household was given in a calendar year, by programme, beside the most that the rules allow."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.household.models import Household
from bangfu.ledger.queries import payments_of
from bangfu.lib.errors import Refused
from bangfu.policy.ceilings import YearCeiling, year_ceiling
from bangfu.policy.evaluation import evaluate
from bangfu.policy.outcome import NOT_ELIGIBLE
from bangfu.policy.pack import Pack
from bangfu.policy.queries import all_in_force, pack_of
from bangfu.process.facts import facts_of_household
from bangfu.process.models import Award


@dataclass(frozen=True)
class Help:
    """One programme of one household in one year. Sums in fen; `limit_fen` None: the rules set no yearly sum."""

    programme: str  # its title
    times: int
    amount_fen: int
    limit_fen: int | None = None
    left_fen: int | None = None

    @property
    def is_nearly_used(self) -> bool:
        """From 90 % on it is drawn amber; what is paid once a year is not a warning."""
        return bool(self.limit_fen and self.left_fen and self.amount_fen * 10 >= self.limit_fen * 9)


def help_of_year(household: Household, year: int, *, on: date | None = None) -> list[Help]:
    """本年帮扶: own payments by programme, titled and capped by the rules in force on `on` (else on the year's last day).

    With `on`, programmes that the rules would still give her stand there too, at zero. The statements do not grow.
    Source: S1-1..S1-4.
    """
    paid = [row for row in payments_of(household.number) if row["day"].year == year]
    day = on or date(year, 12, 31)
    rows: list[Help] = []
    named: set[str] = set()
    for version in all_in_force(household.unit, day):
        rules = pack_of(version)
        open_to = _open_to(rules, household, day) if on and household.is_open else frozenset()
        for programme in rules.programmes:
            if programme.id in named:
                continue
            own = [row["amount_fen"] for row in paid if row["programme"] == programme.id]
            ceiling = year_ceiling(rules, programme, day)
            if own or (ceiling is not None and programme.id in open_to):
                rows.append(_row(programme.title, own, ceiling, paid))
            named.add(programme.id)
    return rows + _former(household, [row for row in paid if row["programme"] not in named])


def _row(title: str, own: list[int], ceiling: YearCeiling | None, paid: list[dict[str, Any]]) -> Help:
    if ceiling is None:
        return Help(title, len(own), sum(own))
    used = sum(row["amount_fen"] for row in paid if row["programme"] in ceiling.over)
    return Help(title, len(own), sum(own), ceiling.limit_fen, max(0, ceiling.limit_fen - used))


def _open_to(rules: Pack, household: Household, day: date) -> frozenset[str]:
    """The programmes that the rules do not rule out for the household."""
    try:
        outcome = evaluate(rules, facts_of_household(household, day), day)
    except Refused:
        return frozenset()
    return frozenset(proposal.id for proposal in outcome.programmes if proposal.outcome != NOT_ELIGIBLE)


def _former(household: Household, paid: list[dict[str, Any]]) -> list[Help]:
    """Paid for programmes that the rules in force no longer know: by the title of the cases."""
    codes = list(dict.fromkeys(row["programme"] for row in paid))
    if not codes:
        return []
    titles = dict(
        Award.objects.filter(household=household, case__programme__in=codes)
        .order_by("pk")
        .values_list("case__programme", "case__title")
    )
    sums = {code: [row["amount_fen"] for row in paid if row["programme"] == code] for code in codes}
    return [Help(titles.get(code, code), len(sums[code]), sum(sums[code])) for code in codes]
