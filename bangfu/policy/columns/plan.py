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
        wanted = self.columns | {name for name in self.carry if self.snapshot.column(HOUSEHOLD, name)}
        shown = ["h.key"] + [self._shown(name) for name in sorted(wanted)]
        joins = []
        for name, plan in sorted(self.lists.items()):
            if plan.aggregates and self.snapshot.rows(name):
                shown += [_defaulted(f"{name}_.{column}", plan.defaults.get(column), column) for column in sorted(plan.aggregates)]
                joins.append(f"LEFT JOIN ({self.folded(plan)}) AS {name}_ ON {name}_.key = h.key")
            else:
                for column, text in sorted(plan.aggregates.items()):
                    empty = f"CAST({plan.defaults.get(column, 'NULL')} AS {_empty_type(text)})"
                    shown.append(f"{empty} AS {column}")
        return " ".join(["SELECT", ", ".join(shown), "FROM household AS h", *joins])

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

    def folded(self, plan: ListPlan) -> str:
        """The aggregates of one list, by household."""
        rows = ["r.key"] + [f"r.{identifier(name)} AS {identifier(name)}" for name in sorted(plan.columns)]
        source = f"SELECT {', '.join(rows)} FROM {plan.name} AS r"
        if plan.outer:
            rows += [f"o.{identifier(name)} AS {identifier('h_' + name)}" for name in sorted(plan.outer)]
            source = f"SELECT {', '.join(rows)} FROM {plan.name} AS r JOIN household AS o ON o.key = r.key"
        named = ", ".join(f"{text} AS {column}" for column, text in sorted(plan.aggregates.items()))
        return f"SELECT key, {named} FROM ({plan.layers.over(source)}) AS q GROUP BY key"

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


def _defaulted(column: str, default: str | None, name: str) -> str:
    return f"coalesce({column}, {default}) AS {name}" if default else f"{column} AS {name}"


def _empty_type(text: str) -> str:
    return "BOOLEAN" if text.startswith("bool_") else "BIGINT"
