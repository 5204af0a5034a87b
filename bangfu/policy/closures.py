"""Each node of an expression as one function of the walk, made once for a pack: no node is looked at twice.

The common case — every figure known — is worked out here; anything partly known goes to `figures` and to the walk.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy import lists
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.vocabulary import CALENDAR, Fact

if TYPE_CHECKING:
    from bangfu.policy.frame import Frame
    from bangfu.policy.walker import Walk

Code = Callable[["Walk"], Any]
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq, "<>": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


class Comparison(NamedTuple):
    """One comparison that was made: the node, both sides as far as known, and its truth. `at` = list and place, if inside one."""

    node: ex.Node
    value: Value
    threshold: Value | tuple[Value, ...]
    truth: Truth
    at: str = ""


compared = partial(tuple.__new__, Comparison)  # a Comparison of its five parts


def unknown_fact(fact: Fact, path: str) -> Unknown:
    """A missing fact: bounded by what the vocabulary says it can be."""
    options = frozenset(fact.codes) if fact.type == "code" and fact.codes else None
    if fact.type in ("bool", "code"):
        return Unknown(frozenset({path}), options=options, line=(path, 1, 0))
    if fact.low is not None and fact.low == fact.high:
        return Unknown(frozenset({path}))
    return Unknown(frozenset({path}), fact.low, fact.high, None, (path, 1, 0))


def value_code(node: ex.Node, frame: Frame) -> Code:
    """The function that gives a node's value."""
    kept = frame.codes.get(id(node))
    if kept is None:
        kept = frame.codes[id(node)] = (node, _made(node, frame))  # the node is kept alive, so that its id stays its own
    return kept[1]


def truth_code(node: ex.Node, frame: Frame) -> Code:
    """The function that says whether a condition is met. A bare yes/no fact counts as a comparison and is traced."""
    code = value_code(node, frame)
    if not isinstance(node, ex.Name) or node.name in frame.derived:
        return code

    def run(walk: Walk) -> Truth:
        value = code(walk)
        walk.trace.append(compared((node, value, True, value, walk.place)))
        return value

    return run


def _made(node: ex.Node, frame: Frame) -> Code:
    def value(part: ex.Node) -> Code:
        return value_code(part, frame)

    def truth(part: ex.Node) -> Code:
        return truth_code(part, frame)

    match node:
        case ex.Number(constant) | ex.Text(constant) | ex.Flag(constant) | ex.Day(constant):
            return lambda _walk: constant
        case ex.Name(name):
            return _name(name, frame)
        case ex.Parameter(name):
            return _parameter(name)
        case ex.Compare(op, left, right):
            return _compare(node, op, value(left), value(right))
        case ex.Both(op, items):
            parts = tuple(map(truth, items))
            return lambda walk: walk.both(op, parts)
        case ex.Not(item):
            inner = truth(item)
            return lambda walk: fig.inverse(inner(walk))
        case ex.Sum(op, left, right):
            return _sum(op, value(left), value(right))
        case ex.Minus(item):
            inner = value(item)
            return lambda walk: fig.negative(inner(walk))
        case ex.Among(item, tuple() as options):
            inner, wanted = value(item), tuple(map(value, options))
            return lambda walk: walk.among(node, inner(walk), tuple(option(walk) for option in wanted))
        case ex.Among(item, ex.Parameter(name)):
            inner = value(item)
            return lambda walk: walk.among_listed(node, inner(walk), name)
        case ex.Per(top, bottom, mode):
            above, below = value(top), value(bottom)
            return lambda walk: walk.per(above(walk), below(walk), mode)
        case ex.Choose(branches, default):
            arms, rest = tuple((truth(condition), value(part)) for condition, part in branches), value(default)
            return lambda walk: walk.choose(arms, rest)
        case ex.Extreme(kind, items):
            figures, pick = tuple(map(value, items)), min if kind == "least" else max
            return lambda walk: fig.extreme([figure(walk) for figure in figures], pick)
        case ex.Aggregate(_kind, _list, figure, condition):
            fits = None if condition is None else truth(condition)
            counted = None if figure is None else value(figure)
            nobody = lists.absent(node, frame.facts)
            return lambda walk: walk.aggregate(node, fits, counted, nobody)
        case ex.Elapsed(unit, start, end):
            first, last = value(start), value(end)
            return lambda walk: fig.elapsed(unit, first(walk), last(walk))
        case ex.Lookup(table, key):
            inner = value(key)
            return lambda walk: walk.lookup(table.name, inner(walk))
    raise AssertionError(node)


def _name(name: str, frame: Frame) -> Code:
    derived = frame.derived.get(name)
    if derived is None:
        return fact_code(name, frame)
    entity, node = derived
    inner, reads = value_code(node, frame), frame.reads((node,))
    return lambda walk: walk.derived(name, entity, inner, reads)


def fact_code(name: str, frame: Frame) -> Code:
    """The function that gives a fact, or what the engine supplies, by name."""
    kept = frame.codes.get(name)
    if kept is None:
        fact = frame.facts.get(name)
        code = _supplied(name) if fact is None else _of_household(fact) if fact.entity == "household" else _of_row(fact)
        kept = frame.codes[name] = None, code
    return kept[1]


def _supplied(name: str) -> Code:
    if name in CALENDAR:
        return lambda walk: walk.day.calendar[name]
    nobody_said = Unknown(frozenset({name}))  # entry and class, where nobody has graded the household

    def run(walk: Walk) -> Value:
        found = walk.built_in.get(name, nobody_said)
        if found.__class__ is Unknown:
            walk.uses.append(found.missing)  # type: ignore[union-attr]
        return found

    return run


def _of_household(fact: Fact) -> Code:
    name, missing = fact.name, unknown_fact(fact, fact.name)

    def run(walk: Walk) -> Value:
        found = walk.household.get(name, missing)
        if found.__class__ is Unknown:
            walk.uses.append(found.missing)  # type: ignore[union-attr]
        return found

    return run


def _of_row(fact: Fact) -> Code:
    name = fact.name

    def run(walk: Walk) -> Value:
        if walk.overrides:
            filled = walk.overrides.get(f"{walk.place}.{name}")
            if filled is not None:
                if filled.__class__ is Unknown:
                    walk.uses.append(filled.missing)  # type: ignore[union-attr]
                return filled
        found = None if walk.row is None else walk.row.get(name)
        if found is None:
            found = unknown_fact(fact, f"{walk.place}.{name}")
            walk.uses.append(found.missing)
        return found

    return run


def _parameter(name: str) -> Code:
    def run(walk: Walk) -> Value:
        everywhere = walk.day.values.get(name)
        return everywhere if everywhere is not None else walk.parameter(name)

    return run


def _compare(node: ex.Node, op: str, left: Code, right: Code) -> Code:
    known = _COMPARE[op]

    def run(walk: Walk) -> Truth:
        a, b = left(walk), right(walk)
        if a.__class__ is Unknown or b.__class__ is Unknown:
            return walk.compare(node, op, a, b)
        truth = known(a, b)
        walk.trace.append(compared((node, a, b, truth, walk.place)))
        return truth

    return run


def _sum(op: str, left: Code, right: Code) -> Code:
    def run(walk: Walk) -> Value:
        a, b = left(walk), right(walk)
        if a.__class__ is int and b.__class__ is int:
            return a + b if op == "+" else a - b if op == "-" else a * b
        if op == "*":
            return fig.times(a, b)
        return fig.plus(a, b if op == "+" else fig.negative(b))

    return run
