"""What the expressions of a plan share: pack, day, the columns that are there, and a fact as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.policy import expression as ex
from bangfu.policy.columns.folds import Fold
from bangfu.policy.columns.fragments import Layers, Sql, identifier, literal, sql
from bangfu.policy.columns.layout import LARGEST, Column, Snapshot
from bangfu.policy.columns.values import (
    Num,
    Term,
    Truth,
    Word,
    number,
)
from bangfu.policy.pack import Pack
from bangfu.policy.vocabulary import Fact

CODED = 64  # codes with no more words than this are read by number


@dataclass
class ListPlan:
    """What has to be worked out over one list before the households: named folds over layers of row figures."""

    name: str
    layers: Layers = field(default_factory=Layers)
    columns: set[str] = field(default_factory=set)  # of the list's table
    outer: set[str] = field(default_factory=set)  # of the household's
    folds: dict[str, Fold] = field(default_factory=dict)  # by the name of the column that the household will have

    def joined(self, other: ListPlan) -> ListPlan:
        """Both together: names are made from texts, so that equal ones fall together."""
        depth = max(len(self.layers.columns), len(other.layers.columns))
        layers = [{} for _n in range(depth)]  # type: list[dict[str, str]]
        for one in (self, other):
            for place, columns in enumerate(one.layers.columns):
                layers[place] |= columns
        return ListPlan(
            self.name,
            Layers(layers, {**self.layers.joins, **other.layers.joins}),
            self.columns | other.columns,
            self.outer | other.outer,
            self.folds | other.folds,
        )


@dataclass
class Source:
    """What all expressions of a plan share: the pack, the day, the snapshot's columns, facts taken as given."""

    pack: Pack
    on: date
    snapshot: Snapshot
    assume: Mapping[str, Any]
    columns: set[str] = field(default_factory=set)  # of the household table that are read; `c_x` = code x as a number
    lists: dict[str, ListPlan] = field(default_factory=dict)
    seen: dict[int, Term] = field(default_factory=dict)

    def least(self, node: ex.Node) -> int | None:
        """No value of the node lies below; None = not known."""
        term = self.seen.get(id(node))
        return term.least if isinstance(term, Num) and not term.lo_open and term.lo is not None else None


def fact_term(fact: Fact, column: Column | None, rows: int, text: str, given: Any, *, numbered: bool = False) -> Term:
    """A fact as a term: as `closures.unknown_fact` where it is NULL; `given` stands in for what is NULL.

    `numbered`: a code may be read by its number, which the base gives (`plan.Plan.base`).
    """
    there = is_there(column, rows)
    if given is not None:
        if not there:
            return _given(fact, given)
        nullable = False
        part = Sql(f"coalesce({text}, {literal(plain_value(fact, given))})") if column and column.nulls else Sql(text)
    else:
        nullable = bool(column and column.nulls)
        part = Sql(text)
    if fact.type == "bool":
        return Truth(part, nullable) if there else Truth(None, True)
    if fact.type == "code":
        options = frozenset(fact.codes) if fact.codes else None
        if not there:
            return Word(None, True, options)
        if given is None and numbered and column is not None and column.words and len(column.words) <= CODED:
            return Word(part, nullable, options, coded=Sql(identifier(f"c_{fact.name}")), words=column.words)
        return Word(part, nullable, options)
    low, high = (None, None) if fact.low is not None and fact.low == fact.high else (fact.low, fact.high)
    if not there:
        ends = [bound for bound in (low, high) if bound is not None] or [0]
        return Num(low, high, min(ends), max(ends), low is None, high is None)
    assert column is not None
    ends = [-LARGEST if column.low is None else column.low, LARGEST if column.high is None else column.high]
    ends += [plain_value(fact, given)] if given is not None else [bound for bound in (low, high) if bound is not None and nullable]
    least, most = min(ends), max(ends)
    if not nullable:
        return Num(part, part, least, most)
    lo = part if low is None else sql("coalesce({}, {})", part, low)
    hi = part if high is None else sql("coalesce({}, {})", part, high)
    return Num(lo, hi, least, most, low is None, high is None)


def _given(fact: Fact, value: Any) -> Term:
    plain = plain_value(fact, value)
    if isinstance(plain, bool):
        return Truth(plain)
    return Word(plain) if isinstance(plain, str) else number(plain)


def plain_value(fact: Fact, value: Any) -> Any:
    from bangfu.policy.facts import typed

    return value if fact.type == "date" and isinstance(value, int) else typed(fact, value)


def is_there(column: Column | None, rows: int) -> bool:
    return column is not None and column.nulls < rows


def within(fact: str, value: str, wanted: str) -> bool:
    return value.startswith(wanted) if fact == "area_code" else wanted in value.split("/")
