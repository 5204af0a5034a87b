"""Money rules of a pack that need arithmetic: a fund's floor, and next year's budget. Source: S1-10, S1-12, S0-11."""

from __future__ import annotations

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


def _standard(pack: Pack, name: str, on: date) -> int | None:
    entries = pack.parameters[name].on(on) if name else []
    return entries[-1].value if entries else None
