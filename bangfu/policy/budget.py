"""Money rules of a pack that need arithmetic: floor, top-up, minimum, placements, next year's budget.

Source: S1-10, S1-12, S0-11, S2-5.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from bangfu.policy.figures import divide
from bangfu.policy.pack import Fund, Pack


@dataclass(frozen=True)
class Budget:
    """Next year's amount and the numbers it comes from, in fen."""

    last_year_spent_fen: int
    raise_permille: int
    next_year_fen: int


def floor_fen(pack: Pack, fund: Fund, on: date) -> int | None:
    """The balance that a fund should not fall below on that day; None = the pack sets none."""
    return _standard(pack, fund.floor, on)


def next_budget(pack: Pack, fund: Fund, last_year_spent_fen: int, on: date) -> Budget | None:
    """Next year's budget from last year's actual spending, raised by the pack's rate, up to whole fen. Source: S1-12."""
    rate = _standard(pack, fund.budget_raise, on)
    if rate is None:
        return None
    return Budget(last_year_spent_fen, rate, divide(last_year_spent_fen * (1000 + rate), 1000, "up"))


def top_up(pack: Pack, fund: Fund, balance_fen: int, on: date) -> dict[str, int]:
    """What each source is called on for, in fen; empty while the balance is not below the floor. Source: S0-11."""
    floor = floor_fen(pack, fund, on)
    if fund.top_up is None or floor is None or balance_fen >= floor:
        return {}
    lacks = floor - balance_fen
    calls = {}
    for part in fund.top_up.split:
        amount, share = _standard(pack, part.amount, on), _standard(pack, part.share, on)
        calls[part.source] = amount if amount is not None else divide(lacks * (share or 0), 1000, "up")
    return calls


def short_of_minimum(pack: Pack, fund: Fund, received: Mapping[str, int], on: date) -> dict[str, int]:
    """By how much each source is below its yearly minimum, in fen; a source not named has brought nothing. Source: S2-5."""
    found = {}
    for row in fund.source_rows:
        least = _standard(pack, row.minimum, on)
        if least is not None and received.get(row.id, 0) < least:
            found[row.id] = least - received.get(row.id, 0)
    return found


def placement_limit(pack: Pack, fund: Fund, kind: str, reserve_fen: int, on: date) -> tuple[int | None, int | None] | None:
    """The most that may lie in this kind of placement (fen) and for how long (months); None = the rules do not allow it."""
    row = next((item for item in fund.placements if item.kind == kind), None)
    if row is None:
        return None
    share = _standard(pack, row.most_share, on)
    limits = [_standard(pack, row.most, on), None if share is None else divide(reserve_fen * share, 1000, "down")]
    known = [limit for limit in limits if limit is not None]
    return (min(known) if known else None), _standard(pack, row.most_months, on)


def _standard(pack: Pack, name: str, on: date) -> int | None:
    entries = pack.parameters[name].on(on) if name else []
    return entries[-1].value if entries else None
