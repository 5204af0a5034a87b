"""Figures of a household that follow from its parts, and whether a stated one agrees with them. Plain arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from bangfu.household.models.words import Matter


@dataclass(frozen=True)
class Unlike:
    """A stated figure that differs from the computed one: fen for income and totals, persons for size."""

    matter: str
    stated: int
    computed: int


def unlike_total(stated_fen: int, parts_fen: Iterable[int]) -> Unlike | None:
    """A stated total against the sum of its parts. Source: S1-13, S4-9."""
    computed = sum(parts_fen)
    return None if stated_fen == computed else Unlike(Matter.TOTAL, stated_fen, computed)


def unlike(*, stated_size: int | None, stated_annual_fen: int | None, rows: int, monthly_fen: int | None) -> list[Unlike]:
    """What a file states against its member rows and 12 x the sum of monthly incomes (`monthly_fen`; None: not asked).

    Until the others are listed (head only), fewer rows are just not filled in; the year's income must still reach what is
    known. Source: practice.md 1.5 (家庭年度总收入, 家庭人口: [D check]).
    """
    found = []
    size = stated_size or rows
    listed = rows > 1 or size == 1
    if listed and rows != size or rows > size:
        found.append(Unlike(Matter.SIZE, size, rows))
    if stated_annual_fen is not None and monthly_fen is not None:
        computed = 12 * monthly_fen
        if stated_annual_fen < computed or (listed and stated_annual_fen != computed):
            found.append(Unlike(Matter.ANNUAL_INCOME, stated_annual_fen, computed))
    return found


def size_of(*, stated_size: int | None, rows: int) -> int:
    """How many people live in the household: the rows once others are listed, else what was stated."""
    return rows if rows > 1 or not stated_size else stated_size


def per_head(*, size: int, monthly_fen: int | None, stated_annual_fen: int | None, complete: bool) -> int | None:
    """Monthly income per head in fen, half up; from the rows when all are there, else from the stated year; None unknown."""
    if monthly_fen is not None and (complete or stated_annual_fen is None):
        return (2 * monthly_fen + size) // (2 * size) if complete else None
    if stated_annual_fen is None:
        return None
    return (2 * stated_annual_fen + 12 * size) // (24 * size)
