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
from bangfu.ledger.models import Disbursement
from bangfu.ledger.models import Fund as Purse
from bangfu.lib.days import months_before
from bangfu.policy.budget import floor_fen
from bangfu.policy.figures import divide
from bangfu.policy.pack import Pack
from bangfu.reporting.simulation.comparing import times_a_year


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


def by_month(rows: list[dict[str, Any]], past: Mapping[str, Past], on: date) -> list[dict[str, Any]]:
    """The twelve months from the day on: each programme's year spread as it was paid the year before, else evenly."""
    months = [_month_after(on, number) for number in range(12)]
    found = [{"month": first.isoformat()[:7], "fen_was": 0, "fen_now": 0, "expected_fen": 0} for first in months]
    for row in rows:
        paid = past.get(row["id"])
        weights = [paid.by_month.get(first.month, 0) for first in months] if paid and paid.fen > 0 else []
        for name in ("fen_was", "fen_now", "expected_fen"):
            for place, share in enumerate(spread(row[name], weights or [1] * 12)):
                found[place][name] += share  # type: ignore[operator]
    return found


def spread(fen: int, weights: list[int]) -> list[int]:
    """A sum split by weights in whole fen; what rounding leaves goes to the last that has a weight."""
    whole = sum(weights)
    parts = [fen * weight // whole for weight in weights]
    last = max(place for place, weight in enumerate(weights) if weight)
    parts[last] += fen - sum(parts)
    return parts


def funds(unit: Unit, pack: Pack, rows: list[dict[str, Any]], past: Mapping[str, Past], on: date) -> list[dict[str, Any]]:
    """Each fund of the rules: what is asked of it, what it has, its floor and budget, and when it would be used up.

    Money that comes in later is not counted: the day is the earliest one.
    """
    purses = {purse.code: purse for purse in Purse.objects.filter(unit=unit.organisation_id)}
    found = []
    for fund in pack.funds:
        own = [row for row in rows if row["fund"] == fund.id]
        purse = purses.get(fund.id)
        floor = floor_fen(pack, fund, on)
        available = purse.available_fen if purse else None
        months = by_month(own, past, on)
        row: dict[str, Any] = {
            "id": fund.id,
            "title": fund.title,
            "fen_was": sum(one["fen_was"] for one in own),
            "fen_now": sum(one["fen_now"] for one in own),
            "expected_fen": sum(one["expected_fen"] for one in own),
            "available_fen": available,
            "floor_fen": floor,
            "budget_fen": _standard(pack, fund.budget, on),
            "priority": [{"clause": rule.clause, "text": rule.text} for rule in fund.priority],
        }
        for name in ("fen_was", "fen_now", "expected_fen"):
            day = None if available is None else crossing(available, floor or 0, [one[name] for one in months], on)
            row[f"crosses_{name.removesuffix('_fen').removeprefix('fen_')}"] = day.isoformat() if day else None
        found.append(row)
    return found


def crossing(balance: int, floor: int, months: list[int], on: date) -> date | None:
    """The day on which the balance first falls below the floor; inside a month money goes out evenly. None = not in this year."""
    if balance < floor:
        return on
    left = balance
    for number, fen in enumerate(months):
        first, following = _month_after(on, number), _month_after(on, number + 1)
        begins = max(first, on)
        if left - fen < floor:
            days = (following - begins).days
            return begins + timedelta(days=min(days - 1, days * (left - floor) // fen))
        left -= fen
    return None


def _month_after(on: date, number: int) -> date:
    month = on.month - 1 + number
    return date(on.year + month // 12, month % 12 + 1, 1)


def _standard(pack: Pack, name: str, on: date) -> int | None:
    entries = pack.parameters[name].on(on) if name else []
    return entries[-1].value if entries else None
