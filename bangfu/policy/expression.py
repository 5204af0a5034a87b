"""The nodes of a rule's expression: few, frozen, comparable. `parsing.parse` makes them from text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass


@dataclass(frozen=True, slots=True)
class Number:
    value: int


@dataclass(frozen=True, slots=True)
class Text:
    value: str


@dataclass(frozen=True, slots=True)
class Flag:
    value: bool


@dataclass(frozen=True, slots=True)
class Day:
    value: int  # date.toordinal()


@dataclass(frozen=True, slots=True)
class Name:
    name: str


@dataclass(frozen=True, slots=True)
class Parameter:
    name: str


@dataclass(frozen=True, slots=True)
class Not:
    item: Node


@dataclass(frozen=True, slots=True)
class Both:
    """and / or over two or more parts; `op` is "and" or "or"."""

    op: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Compare:
    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Among:
    """x in (…) or x in $list."""

    item: Node
    options: tuple[Node, ...] | Parameter


@dataclass(frozen=True, slots=True)
class Sum:
    """left + right, left - right, left * right."""

    op: str
    left: Node
    right: Node


@dataclass(frozen=True, slots=True)
class Minus:
    item: Node


@dataclass(frozen=True, slots=True)
class Choose:
    """case when … then … else … end."""

    branches: tuple[tuple[Node, Node], ...]
    default: Node


@dataclass(frozen=True, slots=True)
class Extreme:
    """least(…) or greatest(…)."""

    kind: str
    items: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Per:
    top: Node
    bottom: Node
    mode: str


@dataclass(frozen=True, slots=True)
class Aggregate:
    kind: str  # sum_of count_of any_of all_of min_of max_of run_of
    list: str  # members …
    figure: Node | None
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Elapsed:
    """months_between(start, end), years_between(start, end): whole ones, as on a calendar."""

    unit: str  # month | year
    start: Node
    end: Node


@dataclass(frozen=True, slots=True)
class Lookup:
    table: Parameter
    key: Node


Node = (
    Number
    | Text
    | Flag
    | Day
    | Name
    | Parameter
    | Not
    | Both
    | Compare
    | Among
    | Sum
    | Minus
    | Choose
    | Extreme
    | Per
    | Aggregate
    | Elapsed
    | Lookup
)


def children(node: Node) -> tuple[Node, ...]:
    match node:
        case Not(item) | Minus(item):
            return (item,)
        case Both(_op, items) | Extreme(_op, items):
            return items
        case Compare(_op, left, right) | Sum(_op, left, right) | Elapsed(_op, left, right):
            return (left, right)
        case Among(item, options):
            return (item, *(options if isinstance(options, tuple) else (options,)))
        case Choose(branches, default):
            return (*(part for branch in branches for part in branch), default)
        case Per(top, bottom, _mode):
            return (top, bottom)
        case Aggregate(_kind, _list, figure, condition):
            return tuple(part for part in (figure, condition) if part is not None)
        case Lookup(table, key):
            return (table, key)
    return ()


def replaced(node: Node, names: Mapping[str, Node]) -> Node:
    """The same expression with other nodes in the place of some names."""

    def turn(part: object) -> object:
        if isinstance(part, Name) and part.name in names:
            return names[part.name]
        if isinstance(part, tuple):
            return tuple(turn(item) for item in part)
        if is_dataclass(part) and not isinstance(part, type):
            return type(part)(*(turn(getattr(part, field.name)) for field in fields(part)))
        return part

    return turn(node) if names else node  # type: ignore[return-value]


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    for child in children(node):
        yield from walk(child)
