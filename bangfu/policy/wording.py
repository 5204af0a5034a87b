"""Rules and figures as text: the rule as it is written, a figure with its unit, the arithmetic behind a limit.

What is stored with an assessment uses figures and signs only, so that a replay in another language gives the same bytes;
the words around them come at render time (templates, `explain.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from bangfu.lib.money import yuan
from bangfu.policy import expression as ex
from bangfu.policy.figures import Unknown, Value

_LEVEL = {"or": 1, "and": 2, "*": 6, "+": 5, "-": 5}


def _level(node: ex.Node) -> int:
    """How tightly a node binds: or, and, not, comparison, sum, product, minus, the rest."""
    match node:
        case ex.Both(op, _) | ex.Sum(op, _, _):
            return _LEVEL[op]
        case ex.Not():
            return 3
        case ex.Compare() | ex.Among():
            return 4
        case ex.Minus():
            return 7
        case ex.Number(value) if value < 0:
            return 7
    return 9


def unparse(node: ex.Node) -> str:
    """The expression as an author would write it, with no more brackets than it needs."""

    def part(inner: ex.Node, above: int) -> str:
        return f"({unparse(inner)})" if _level(inner) <= above else unparse(inner)

    match node:
        case ex.Number(value):
            return str(value)
        case ex.Text(value):
            return "'" + value.replace("'", "''") + "'"
        case ex.Flag(value):
            return "true" if value else "false"
        case ex.Day(value):
            return f"day('{date.fromordinal(value).isoformat()}')"
        case ex.Name(name):
            return name
        case ex.Parameter(name):
            return f"${name}"
        case ex.Not(item):
            return f"not {part(item, 3)}"
        case ex.Both(op, items):
            return f" {op} ".join(part(item, _LEVEL[op]) for item in items)
        case ex.Compare(op, left, right):
            return f"{part(left, 4)} {op} {part(right, 4)}"
        case ex.Sum(op, left, right):
            return f"{part(left, _LEVEL[op] - 1)} {op} {part(right, _LEVEL[op])}"
        case ex.Among(item, ex.Parameter() as names):
            return f"{part(item, 4)} in {unparse(names)}"
        case ex.Among(item, tuple() as options):
            return f"{part(item, 4)} in ({', '.join(map(unparse, options))})"
        case ex.Minus(item):
            return f"-{part(item, 7)}"
        case ex.Choose(branches, default):
            whens = " ".join(f"when {unparse(condition)} then {unparse(value)}" for condition, value in branches)
            return f"case {whens} else {unparse(default)} end"
        case ex.Extreme(kind, items):
            return f"{kind}({', '.join(map(unparse, items))})"
        case ex.Per(top, bottom, mode):
            return f"per({unparse(top)}, {unparse(bottom)}, '{mode}')"
        case ex.Aggregate(kind, list_, figure, condition):
            return f"{kind}({', '.join([list_, *(unparse(piece) for piece in (figure, condition) if piece is not None)])})"
        case ex.Elapsed(unit, start, end):
            return f"{unit}s_between({unparse(start)}, {unparse(end)})"
        case ex.Lookup(table, key):
            return f"lookup({unparse(table)}, {unparse(key)})"
    raise AssertionError(node)


_PLAIN = frozenset({int, str, bool})


def plain(value: Any) -> Any:
    """A figure for JSON: itself, None while unknown, a list for the words of `in`."""
    if value.__class__ in _PLAIN:
        return value
    if isinstance(value, Unknown):
        return None
    if isinstance(value, tuple):
        return [plain(item) for item in value]
    return value


def figure(value: Any, unit: str) -> str:
    """A known figure with its sign, no words: ¥1,020.00, 61.0%, 3, 2017-03-01; empty when it is not a number."""
    if value is None or isinstance(value, (bool, str, list, tuple)):
        return ""
    if unit == "fen":
        return f"-¥{yuan(-value)}" if value < 0 else f"¥{yuan(value)}"
    if unit == "permille":
        return f"{value // 10}.{value % 10}%"
    if unit == "date":
        return date.fromordinal(value).isoformat()
    return f"{value:,}"


def ratio(permille: int) -> str:
    """1500 -> 1.5, 400 -> 0.4: a factor beside a multiplication sign."""
    return f"{permille // 1000}.{permille % 1000:03d}".rstrip("0").rstrip(".")


def working(node: ex.Node, value_of: Callable[[ex.Node], Value], unit_of: Callable[[ex.Node], str]) -> str:
    """The arithmetic of one side in figures: "¥780.00 × 1.5 = ¥1,170.00"; empty when there is none or a part is unknown."""

    def shown(part: ex.Node) -> str:
        value = value_of(part)
        return "" if isinstance(value, Unknown) else figure(value, unit_of(part))

    match node:
        case ex.Per(ex.Sum("*", base, factor), ex.Number(1000), _) if unit_of(factor) == "permille":
            rate = value_of(factor)
            text = f"{shown(base)} × {ratio(int(rate))}" if isinstance(rate, int) and shown(base) else ""
        case ex.Per(ex.Sum("*", top, ex.Number(1000)), bottom, _) if unit_of(node) == "permille":
            return f"{shown(top)} ÷ {shown(bottom)}" if shown(top) and shown(bottom) else ""
        case ex.Per(top, bottom, _):
            text = f"{shown(top)} ÷ {shown(bottom)}" if shown(top) and shown(bottom) else ""
        case ex.Sum(op, left, right):
            sign = {"+": "+", "-": "−", "*": "×"}[op]
            text = f"{shown(left)} {sign} {shown(right)}" if shown(left) and shown(right) else ""
        case _:
            return ""
    return f"{text} = {shown(node)}" if text and shown(node) else ""
