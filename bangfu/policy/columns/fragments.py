"""Pieces of SQL that know which layer they stand in, and the layers that name what is used more than once.

A layer is a select over the one below; a piece of level n reads columns of level n at most. Names are made from the text
that they stand for, so that two versions of a pack share the columns that they have in common.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from hashlib import sha1

LONG = 30  # a text longer than this gets a name of its own, so that using it twice does not double it


@dataclass(frozen=True, slots=True)
class Sql:
    """One expression. `level` = the lowest layer in which all of its columns exist."""

    text: str
    level: int = 0

    def __str__(self) -> str:
        return self.text


Part = Sql | int | bool | str


def sql(template: str, *parts: Part) -> Sql:
    """Put parts into the places of a template. Texts come in only through `quoted`."""
    return Sql(template.format(*(part if isinstance(part, Sql) else literal(part) for part in parts)), level_of(*parts))


def level_of(*parts: Part | None) -> int:
    return max((part.level for part in parts if isinstance(part, Sql)), default=0)


def literal(value: int | bool | str) -> str:
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    return quoted(value) if isinstance(value, str) else str(value) if value >= 0 else f"({value})"


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def words(values: Iterable[int | str | bool]) -> str:
    """A list of literals to stand inside a template."""
    return ", ".join(literal(value) for value in values).replace("{", "{{").replace("}", "}}")


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def any_of(*parts: Sql | bool) -> Sql | bool:
    """OR over conditions that are never NULL; what is constant is folded."""
    kept = list(dict.fromkeys(part for part in parts if part is not False))
    if True in kept:
        return True
    if not kept:
        return False
    if len(kept) == 1:
        return kept[0]
    return Sql("(" + " OR ".join(str(part) for part in kept) + ")", level_of(*kept))


def all_of(*parts: Sql | bool) -> Sql | bool:
    """AND over conditions that are never NULL."""
    kept = list(dict.fromkeys(part for part in parts if part is not True))
    if False in kept:
        return False
    if not kept:
        return True
    if len(kept) == 1:
        return kept[0]
    return Sql("(" + " AND ".join(str(part) for part in kept) + ")", level_of(*kept))


@dataclass
class Layers:
    """Named columns by layer: `bind` gives a long expression a name one layer up."""

    columns: list[dict[str, str]] = field(default_factory=list)  # columns[n]: name -> text over layer n
    joins: dict[str, tuple[str, str]] = field(default_factory=dict)  # name -> (column, its values with a number each)

    def bind(self, part: Sql, prefix: str = "t") -> Sql:
        name = prefix + sha1(part.text.encode()).hexdigest()[:12]
        while len(self.columns) <= part.level:
            self.columns.append({})
        self.columns[part.level][name] = part.text
        return Sql(name, part.level + 1)

    def looked_up(self, column: Sql, values: Mapping[str, int]) -> Sql:
        """A whole number for each word of a column, as a column of the lowest layer; NULL for any other one."""
        listed = ", ".join(f"({literal(key)}, {value})" for key, value in values.items())
        name = "w" + sha1(f"{column}|{listed}".encode()).hexdigest()[:12]
        self.joins[name] = (column.text, listed)
        return Sql(name)

    def placed(self, number: Sql, values: Iterable[int | None]) -> Sql:
        """The value that stands at a place (from 0) of a list: what joining a small table does, without the join."""
        listed = ", ".join("NULL" if value is None else str(value) for value in values)
        return self.bind(Sql(f"CAST([{listed}][{number} + 1] AS BIGINT)", number.level))

    def shortened(self, part: Sql) -> Sql:
        return self.bind(part) if len(part.text) > LONG else part

    def over(self, source: str, level: int | None = None) -> str:
        """`source` (a select) with every named column up to a level added."""
        text = source
        if self.joins:
            shown = ", ".join(f"{name}.v AS {name}" for name in self.joins)
            tables = " ".join(
                f"LEFT JOIN (VALUES {values}) AS {name}(k, v) ON {name}.k = s.{column}"
                for name, (column, values) in self.joins.items()
            )
            text = f"SELECT s.*, {shown} FROM ({source}) AS s {tables}"
        for columns in self.columns[:level]:
            if columns:
                named = ", ".join(f"{expression} AS {name}" for name, expression in columns.items())
                text = f"SELECT *, {named} FROM ({text}) AS q"
        return text
