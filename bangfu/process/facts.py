"""The plain facts that rules read, put together from the file, the books and the case. The only place that does so.

Codes, whole fen, days as ISO texts; never a name, a number or a diagnosis. What nobody said is left out: the rules read it
as unknown. Source: building.md ("policy takes plain facts").
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any

from bangfu.access.models import Unit
from bangfu.household.models import Household
from bangfu.household.models.words import Giver
from bangfu.household.queries import facts_of_many
from bangfu.ledger.queries import payments_of_many
from bangfu.process.models import Award, Case

#: The programme word of help from others: known, and none of ours, so that our ceilings do not count it.
OUTSIDE = "outside"


def facts_of_household(household: Household, on: date, *, award: Award | None = None) -> dict[str, Any]:
    """The file and what was paid. With an `award`, each payment also says how it stands to it (same event, same student)."""
    return facts_of_households([household], on, award=award)[0]


def facts_of_households(households: Sequence[Household], on: date, *, award: Award | None = None) -> list[dict[str, Any]]:
    """The same for many, in their order; the number of statements does not grow."""
    paid = payments_of_many([household.number for household in households])
    found = facts_of_many(households, on)
    units = codes_above({household.unit_id for household in households})
    for household, facts in zip(households, found, strict=True):
        facts["payments"] = _payments(household, paid[household.number], on)
        if award is not None:
            _stand_to(award, facts, [row for row in paid[household.number] if row["day"] <= on])
        facts["unit_path"] = "/".join(units[household.unit_id])
    return found


def codes_above(units: Collection[int]) -> dict[int, list[str]]:
    """The codes of each unit and of those above it, the organisation first."""
    paths = dict(Unit.objects.filter(pk__in=units).values_list("pk", "path"))
    above = {unit: [int(part) for part in path.split("/") if part] for unit, path in paths.items()}
    codes = dict(Unit.objects.filter(pk__in={pk for chain in above.values() for pk in chain}).values_list("pk", "code"))
    return {unit: [codes[pk] for pk in chain] for unit, chain in above.items()}


def facts_of_case(case: Case, on: date, *, award: Award | None = None) -> dict[str, Any]:
    """What the rules know of a case on a day; of a list (no `award`): the programme and the whole sum only."""
    if case.is_list and award is None:
        return _of_list(case)
    award = award or case.awards.select_related("household__staff").get()
    facts = facts_of_household(award.household, on, award=award) | _of_application(case, award)
    return {name: value for name, value in facts.items() if value is not None}


def _of_application(case: Case, award: Award) -> dict[str, Any]:
    return {
        "programme": case.programme,
        "asked_fen": award.asked_fen,
        "proposed_fen": award.proposed_fen,
        "is_urgent": case.is_urgent,
        "is_aided_elsewhere": case.is_aided_elsewhere,
        "loss_fen": case.loss_fen,
        "degree": case.degree or None,
    }


def _of_list(case: Case) -> dict[str, Any]:
    total = sum(award.amount_fen or 0 for award in case.awards.all() if award.is_in)
    return {"programme": case.programme, "proposed_fen": total, "payments": [], "members": []}


def _stand_to(award: Award, facts: dict[str, Any], own: list[dict[str, Any]]) -> None:
    """Say of each own payment whether it was for the same event and the same student, where the books tell it.

    One event has one kind of cause: another kind is another event, the same kind may be either and stays unsaid (the office is
    asked). A household with one child at most has one student; with several, nobody wrote down whose it was.
    """
    children = [member for member in facts.get("members", ()) if member.get("relation") not in _ELDERS]
    for told, row in zip(facts["payments"], own, strict=False):  # own payments come first
        if row["reference"] and row["reference"] == award.number:
            told["is_same_event"] = True
        elif row["cause"] and award.category and row["cause"] != award.category:
            told["is_same_event"] = False
        if "members" in facts and len(children) == 1:
            told["is_to_student"] = True


_ELDERS = ("self", "spouse", "parent", "grandparent")


def _payments(household: Household, own: list[dict[str, Any]], on: date) -> list[dict[str, Any]]:
    """Own payments up to the day, and help from others under a programme word of its own."""
    rows = [
        {
            "paid_programme": row["programme"],
            "paid_fen": row["amount_fen"],
            "paid_on": row["day"].isoformat(),
            "paid_year": row["day"].year,
            "paid_by": "own",
            "is_to_applicant": True,
        }
        for row in own
        if row["day"] <= on
    ]
    for help in household.outside_helps.all():  # prefetched with the facts
        if help.voided_at is None and help.day <= on:
            rows.append(
                {
                    "paid_programme": OUTSIDE,
                    "paid_fen": help.amount_fen,
                    "paid_on": help.day.isoformat(),
                    "paid_year": help.day.year,
                    "paid_by": help.giver if help.giver != Giver.COMPENSATION else "other",
                    "is_to_applicant": True,
                }
            )
    return rows
