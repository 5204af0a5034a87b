"""Kleene logic and intervals as SQL: the same tables as `figures.py`, one column (or pair of columns) for each value.

A number is a pair of bounds: equal where it is known; NULL = no bound on that side. A truth is a boolean, NULL = unknown.
A word is a text, NULL = unknown. Where the snapshot has no NULL, the two bounds are one column and the SQL is plain.
Every value carries two conditions, never NULL: `unsure` (here the walker must say what is unknown) and `stop` (here the
walker may stop). Whole numbers stay whole: each operation proves from the range of its operands that 64 bits hold the
result, takes 128 bits where they do not, and leaves to the walker what would not fit either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bangfu.policy.columns.fragments import Sql, any_of, sql

SMALL = 2**31 - 1
MIDDLE = 2**63 - 1
LARGE = 10**38 - 1  # DECIMAL(38, 0) of Spark; HUGEINT of DuckDB holds a little more
Bound = Sql | int | None  # None = no bound in any row


class Left(Exception):
    """What the compiler does not know: it is left to the walker, for every row."""


@dataclass(frozen=True, slots=True)
class Num:
    """lo <= value <= hi. `least`/`most`: no bound that is there lies outside. `lo_open`/`hi_open`: the bound may be lacking."""

    lo: Bound
    hi: Bound
    least: int
    most: int
    lo_open: bool = False
    hi_open: bool = False
    unsure: Sql | bool = False
    stop: Sql | bool = False

    @property
    def is_plain(self) -> bool:
        """One column tells it: known, or NULL without any bound."""
        return self.lo is not None and self.lo == self.hi

    @property
    def is_known(self) -> bool:
        return self.is_plain and not self.lo_open

    @property
    def is_natural(self) -> bool:
        return self.least >= 0 and not self.lo_open and self.lo is not None


@dataclass(frozen=True, slots=True)
class Truth:
    """`sql` None = unknown in every row."""

    sql: Sql | bool | None
    nullable: bool = False
    unsure: Sql | bool = False
    stop: Sql | bool = False


@dataclass(frozen=True, slots=True)
class Word:
    """`options` = what it can still be where it is NULL; None = anything."""

    sql: Sql | str | None
    nullable: bool = False
    options: frozenset[str] | None = None
    unsure: Sql | bool = False
    stop: Sql | bool = False
    coded: Sql | None = None  # the same as a place in `words`, where all words that occur are known: numbers compare faster
    words: tuple[str, ...] = ()


Term = Num | Truth | Word


def number(value: int) -> Num:
    return Num(value, value, value, value)


NOWHERE = Num(None, None, 0, 0, True, True)


def flags(*terms: Term) -> dict[str, Any]:
    return {"unsure": any_of(*(term.unsure for term in terms)), "stop": any_of(*(term.stop for term in terms))}


def is_null(part: Sql | int | str | bool | None) -> Sql | bool:
    if part is None:
        return True
    return sql("({} IS NULL)", part) if isinstance(part, Sql) else False


def unknown(term: Term) -> Sql | bool:
    """Where the value is not known: never NULL itself."""
    if isinstance(term, Num):
        if term.is_plain:
            return is_null(term.lo) if term.lo_open else False
        if term.lo is None or term.hi is None:
            return True
        if isinstance(term.lo, int) and isinstance(term.hi, int):
            return True
        return sql(
            "({} IS DISTINCT FROM {})" if not (term.lo_open and term.hi_open) else "({0} IS NULL OR {0} IS DISTINCT FROM {1})",
            term.lo,
            term.hi,
        )
    if isinstance(term, Word) and term.coded is not None:
        return is_null(term.coded) if term.nullable else False
    return is_null(term.sql) if term.nullable or term.sql is None else False
