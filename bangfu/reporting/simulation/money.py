"""What the rules would cost: by programme, by fund against its money, month by month, and the day on which a fund is used up.

Sums are what would be paid if every household that qualifies applied (the scenario says at the highest or the lowest amount).
Beside them stand what was really paid in the last twelve months, and that figure moved in proportion.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Sum
from django.db.models.functions import ExtractMonth

from bangfu.access.models import Unit
from bangfu.ledger.models import Disbursement, Posting
from bangfu.ledger.models import Fund as Purse
from bangfu.ledger.queries import INTO, OUT
from bangfu.lib.days import months_before, start_of_day
from bangfu.policy.budget import floor_fen, next_budget
from bangfu.policy.figures import divide
from bangfu.policy.pack import Fund, Pack
from bangfu.reporting.simulation.comparing import Compared, times_a_year
from bangfu.reporting.simulation.sourcing import MONTHS, spread

PENDING = [Disbursement.State.RESERVED, Disbursement.State.SENT]  # approved, not paid


@dataclass(frozen=True)
class Past:
    """What was paid for one programme in the twelve months before the day: sum, number, sums by month of the year."""

    fen: int
    times: int
    by_month: Mapping[int, int]


def paid_before(unit: Unit, on: date) -> dict[str, Past]:
    """By programme, for the files of a unit and below."""
    rows = (
        Disbursement.objects.filter(
            unit__path__startswith=unit.path, state=Disbursement.State.PAID, paid_day__gte=months_before(on, 12), paid_day__lt=on
        )
        .annotate(month=ExtractMonth("paid_day"))
        .values("programme", "month")
        .annotate(fen=Sum("amount_fen"), times=Count("pk"))
        .order_by("programme", "month")
    )
    found: dict[str, Past] = {}
    for row in rows:
        old = found.get(row["programme"], Past(0, 0, {}))
        found[row["programme"]] = Past(old.fen + row["fen"], old.times + row["times"], {**old.by_month, row["month"]: row["fen"]})
    return found


def programmes(
    before: Pack, after: Pack, counts: Mapping[tuple[str, str], Mapping[str, int]], letter: str, past: Mapping[str, Past]
) -> list[dict[str, Any]]:
    """One row a programme of either side, in the new rules' order. `expected_fen` = what was really paid, moved in proportion."""
    rows = []
    for programme_id in dict.fromkeys([*(one.id for one in after.programmes), *(one.id for one in before.programmes)]):
        one = after.programme(programme_id) or before.programme(programme_id)
        assert one is not None
        was, now = counts.get(("A", programme_id), {}), counts.get((letter, programme_id), {})
        paid = past.get(programme_id, Past(0, 0, {}))
        fen_was, fen_now = was.get("fen", 0), now.get("fen", 0)
        rows.append(
            {
                "id": programme_id,
                "title": one.title,
                "fund": one.fund,
                "fund_was": (before.programme(programme_id) or one).fund,
                "times": times_a_year(one),
                "due_was": was.get("due", 0),
                "due_now": now.get("due", 0),
                "open_now": now.get("open", 0),
                "unknown_fen": now.get("unknown_fen", 0),
                "fen_was": fen_was,
                "fen_now": fen_now,
                "paid_fen": paid.fen,
                "paid_times": paid.times,
                "expected_fen": divide(paid.fen * fen_now, fen_was, "half_up") if fen_was else fen_now,
            }
        )
    return rows


def by_unit(compared: Compared, letter: str, rows: list[dict[str, Any]], units: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each programme of each unit, before and after. `units`: unit path -> the unit that it is shown under."""
    found: dict[tuple[int | None, str], dict[str, Any]] = {}
    for (side, path, programme), counts in compared.units.items():
        if side in ("A", letter):
            key = (units.get(path), programme)
            row = found.setdefault(
                key, {"unit": key[0], "programme": programme, "due_was": 0, "due_now": 0, "fen_was": 0, "fen_now": 0}
            )
            time = "was" if side == "A" else "now"
            row[f"due_{time}"] += counts["due"]
            row[f"fen_{time}"] += counts["fen"]
    order = {row["id"]: place for place, row in enumerate(rows)}
    kept = [row for row in found.values() if row["due_was"] or row["due_now"]]
    return sorted(kept, key=lambda row: (order[row["programme"]], row["unit"] or 0))


def weights(rows: list[dict[str, Any]], past: Mapping[str, Past], on: date) -> dict[str, list[int]]:
    """How a programme's year is spread over the twelve months from the day on: as it was paid the year before, else evenly."""
    months = [month_after(on, number) for number in range(MONTHS)]
    found = {}
    for row in rows:
        paid = past.get(row["id"])
        own = [max(0, paid.by_month.get(first.month, 0)) for first in months] if paid and paid.fen > 0 else []
        found[row["id"]] = own if any(own) else [1] * MONTHS
    return found


def by_month(
    rows: list[dict[str, Any]], units: list[dict[str, Any]], weights: Mapping[str, list[int]], on: date
) -> list[dict[str, Any]]:
    """The twelve months from the day on; each unit's programme is spread by itself, so that every cut adds up."""
    found = [
        {"month": month_after(on, number).isoformat()[:7], "fen_was": 0, "fen_now": 0, "expected_fen": 0}
        for number in range(MONTHS)
    ]
    own = {row["id"] for row in rows}
    sums = [(row["programme"], name, row[name]) for row in units for name in ("fen_was", "fen_now") if row["programme"] in own]
    sums += [(row["id"], "expected_fen", row["expected_fen"]) for row in rows]
    for programme, name, fen in sums:
        for place, share in enumerate(spread(fen, weights[programme])):
            found[place][name] += share  # type: ignore[operator]
    return found


@dataclass(frozen=True)
class Money:
    """What a fund could spend on a day, and what it paid in each calendar year up to then."""

    on: date
    available_fen: int
    spent: Mapping[int, int]


def purses_of(unit: Unit, on: date, today: date) -> dict[str, Money]:
    """The accounts of the organisation by fund code, as they stood on the day: recounted from the postings for a past one."""
    found = {}
    for purse in Purse.objects.filter(unit=unit.organisation_id):
        paid = Disbursement.objects.filter(fund=purse, state=Disbursement.State.PAID)
        years = paid.filter(paid_day__lte=on).values("paid_day__year").annotate(fen=Sum("amount_fen")).order_by()
        spent = {row["paid_day__year"]: row["fen"] for row in years}
        found[purse.code] = Money(on, purse.available_fen if on >= today else _available_then(purse, on), spent)
    return found


def _available_then(purse: Purse, on: date) -> int:
    """Balance of a past day less what was approved then and paid later, or not yet; what was withdrawn since is not known."""
    rows = Posting.objects.filter(fund=purse, day__lte=on)
    sums = rows.aggregate(into=Sum("amount_fen", filter=INTO), out=Sum("amount_fen", filter=OUT))
    end = start_of_day(on + timedelta(days=1))
    approved = Disbursement.objects.filter(fund=purse, reserved_at__lt=end)
    waiting = approved.filter(state=Disbursement.State.PAID, paid_day__gt=on) | approved.filter(state__in=PENDING)
    return (sums["into"] or 0) - (sums["out"] or 0) - (waiting.aggregate(fen=Sum("amount_fen"))["fen"] or 0)


def floors(pack: Pack, on: date) -> dict[str, int]:
    return {fund.id: floor_fen(pack, fund, on) or 0 for fund in pack.funds}


def funds(
    pack: Pack,
    purses: Mapping[str, Money],
    rows: list[dict[str, Any]],
    units: list[dict[str, Any]],
    weights: Mapping[str, list[int]],
    on: date,
) -> list[dict[str, Any]]:
    """Each fund of the rules: what is asked of it, what it has, its floor and budget, and when it would be used up.

    Money that comes in later is not counted: the day is the earliest one.
    """
    found = []
    for fund in pack.funds:
        own = [row for row in rows if row["fund"] == fund.id]
        purse = purses.get(fund.id)
        floor = floor_fen(pack, fund, on)
        available = purse.available_fen if purse else None
        months = by_month(own, units, weights, on)
        row: dict[str, Any] = {
            "id": fund.id,
            "title": fund.title,
            "fen_was": sum(one["fen_was"] for one in own),
            "fen_now": sum(one["fen_now"] for one in own),
            "expected_fen": sum(one["expected_fen"] for one in own),
            "available_fen": available,
            "floor_fen": floor,
            "months": months,
            **_budget(pack, fund, purse, on),
            "priority": [{"clause": rule.clause, "text": rule.text} for rule in fund.priority],
        }
        for name in ("fen_was", "fen_now", "expected_fen"):
            day = None if available is None else crossing(available, floor or 0, [one[name] for one in months], on)
            row[f"crosses_{name.removesuffix('_fen').removeprefix('fen_')}"] = day.isoformat() if day else None
        found.append(row)
    return found


def _budget(pack: Pack, fund: Fund, purse: Money | None, on: date) -> dict[str, Any]:
    """The year's budget: the standard of the rules, else last year's spending raised by their rate. Source: S1-12."""
    fixed = _standard(pack, fund.budget, on)
    if fixed is not None or purse is None:
        return {"budget_fen": fixed, "budget_of": None}
    spent = purse.spent.get(on.year - 1, 0)
    made = next_budget(pack, fund, spent, on) if spent else None
    if made is None:
        return {"budget_fen": None, "budget_of": None}
    until = purse.on.isoformat() if purse.on < date(on.year - 1, 12, 31) else None  # a year that is not over
    return {
        "budget_fen": made.next_year_fen,
        "budget_of": {"year": on.year - 1, "until": until, "spent_fen": spent, "raise_permille": made.raise_permille},
    }


def crossing(balance: int, floor: int, months: list[int], on: date) -> date | None:
    """The day on which the balance first falls below the floor; inside a month money goes out evenly. None = not in this year."""
    if balance < floor:
        return on
    left = balance
    for number, fen in enumerate(months):
        first, following = month_after(on, number), month_after(on, number + 1)
        begins = max(first, on)
        if left - fen < floor:
            days = (following - begins).days
            return begins + timedelta(days=min(days - 1, days * (left - floor) // fen))
        left -= fen
    return None


def month_after(on: date, number: int) -> date:
    month = on.month - 1 + number
    return date(on.year + month // 12, month % 12 + 1, 1)


def _standard(pack: Pack, name: str, on: date) -> int | None:
    entries = pack.parameters[name].on(on) if name else []
    return entries[-1].value if entries else None
