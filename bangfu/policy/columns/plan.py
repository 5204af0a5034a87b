"""Compile a pack for a day and a snapshot: one query that answers class, programmes, amounts, exit and reasons of each household.

Two steps: `base` joins to each household what its lists come to; `query` judges the rules over that one row. A what-if on
standards runs the second step only. Mirrors `evaluation.py` and `amounts.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from bangfu.policy.columns.fragments import Layers, identifier, quoted
from bangfu.policy.columns.layout import HOUSEHOLD, Snapshot
from bangfu.policy.columns.source import ListPlan
from bangfu.policy.pack import Pack, Programme

BITS = 31  # reasons in one word


@dataclass(frozen=True)
class ReasonKey:
    """What one reason bit stands for."""

    about: str
    role: str
    clause: str
    text: str


@dataclass
class Plan:
    """A compiled pack. `left` = what SQL does not know: then every household is settled by the walker."""

    pack: Pack
    on: date
    snapshot: Snapshot
    assume: Mapping[str, Any]
    carry: tuple[str, ...]
    programmes: tuple[Programme, ...]
    reasons: list[ReasonKey] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)  # name -> expression over the last layer
    columns: set[str] = field(default_factory=set)
    lists: dict[str, ListPlan] = field(default_factory=dict)
    layers: Layers = field(default_factory=Layers)
    with_reasons: bool = True
    words: dict[str, tuple[str, ...]] = field(default_factory=dict)  # answers that are numbers of these words

    @property
    def bit_words(self) -> int:
        return -(-len(self.reasons) // BITS) if self.with_reasons else 0

    @property
    def answers(self) -> list[str]:
        """The columns that hold answers, in order (without key, carried columns, ask)."""
        return [name for name in self.outputs if name not in ("key", "ask", *self.carry)]

    def base(self) -> str:
        """One row a household: the facts that are read and what the lists come to. Reads the views household, members …"""
        shown, joins = self._facts(), []
        for name, plan in sorted(self.lists.items()):
            if plan.folds and self.snapshot.rows(name):
                shown += [_defaulted(f"{name}_.{column}", fold.default, column) for column, fold in sorted(plan.folds.items())]
                joins.append(f"LEFT JOIN ({self.folded(plan)}) AS {name}_ ON {name}_.key = h.key")
            else:
                shown += _without_rows(plan)
        return " ".join(["SELECT", ", ".join(shown), "FROM household AS h", *joins])

    @property
    def is_ordered(self) -> bool:
        """May the lists be folded in their stored order? Not where a row is judged by a fact of its household."""
        return not any(
            plan.outer or plan.layers.joins or any(fold.is_wide for fold in plan.folds.values()) for plan in self.lists.values()
        )

    def facts(self) -> str:
        """`base` without what the lists come to, in stored order."""
        empty = [text for name, plan in sorted(self.lists.items()) if not self.snapshot.rows(name) for text in _without_rows(plan)]
        return f"SELECT {', '.join(self._facts() + empty)} FROM household AS h"

    def rows(self, plan: ListPlan) -> str:
        """What each row of a list adds to each fold, in stored order; "" = nothing has to be read."""
        named = ", ".join(f"{fold.of_row} AS {column}" for column, fold in sorted(plan.folds.items()) if fold.of_row)
        return f"SELECT {named} FROM ({plan.layers.over(self._rows(plan))}) AS q" if named else ""

    def _facts(self) -> list[str]:
        wanted = self.columns | {name for name in self.carry if self.snapshot.column(HOUSEHOLD, name)}
        return ["h.key"] + [self._shown(name) for name in sorted(wanted)]

    def _shown(self, name: str) -> str:
        column = self.snapshot.column(HOUSEHOLD, name.removeprefix("c_")) if name.startswith("c_") else None
        if column is None or not column.words:
            return f"h.{identifier(name)} AS {identifier(name)}"
        numbered = " ".join(f"WHEN {quoted(word)} THEN {place}" for place, word in enumerate(column.words))
        return f"CAST(CASE h.{identifier(name.removeprefix('c_'))} {numbered} END AS SMALLINT) AS {identifier(name)}"

    def prune(self) -> None:
        """Leave out the columns that nothing reads in the end."""
        texts = [*self.outputs.values(), *(text for layer in self.layers.columns for text in layer.values())]
        texts += [column for column, _values in self.layers.joins.values()]
        whole = " ".join(texts)
        self.columns &= {name for name in self.columns if identifier(name) in whole}

    def _rows(self, plan: ListPlan) -> str:
        """The rows of one list, with the facts of its household that they are judged by."""
        rows = ["r.key"] + [f"r.{identifier(name)} AS {identifier(name)}" for name in sorted(plan.columns)]
        rows += [f"o.{identifier(name)} AS {identifier('h_' + name)}" for name in sorted(plan.outer)]
        beside = " JOIN household AS o ON o.key = r.key" if plan.outer else ""
        return f"SELECT {', '.join(rows)} FROM {plan.name} AS r{beside}"

    def folded(self, plan: ListPlan) -> str:
        """The folds of one list, by household."""
        named = ", ".join(f"{fold.text} AS {column}" for column, fold in sorted(plan.folds.items()))
        return f"SELECT key, {named} FROM ({plan.layers.over(self._rows(plan))}) AS q GROUP BY key"

    def query(self, base: str = "base") -> str:
        """The answers, over a relation that holds `base`'s rows."""
        named = ", ".join(f"{text} AS {identifier(name)}" for name, text in self.outputs.items())
        return f"SELECT {named} FROM ({self.layers.over(f'SELECT * FROM {base}')}) AS q"

    def whole(self) -> str:
        """Both steps in one query."""
        return f"WITH base AS ({self.base()}) {self.query()}"

    def walked(self) -> Pack:
        """The pack as the walker has to see it for the rows that it settles."""
        return self.pack if len(self.programmes) == len(self.pack.programmes) else replace(self.pack, programmes=self.programmes)


def _defaulted(column: str, default: str, name: str) -> str:
    return f"coalesce({column}, {default}) AS {name}" if default else f"{column} AS {name}"


def _without_rows(plan: ListPlan) -> list[str]:
    """The folds of a list that the snapshot has no row of."""
    return [f"CAST({fold.default or 'NULL'} AS {fold.sql_type}) AS {column}" for column, fold in sorted(plan.folds.items())]
