"""Each node of an expression as one function of the walk, made once for a pack: no node is looked at twice.

The common case — every figure known — is worked out here; anything partly known goes to `figures` and to the walk.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.figures import Truth, Unknown, Value

if TYPE_CHECKING:
    from bangfu.policy.walker import Frame, Walk

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
        walk.trace.append(Comparison(node, value, True, value, walk.place))
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
            return _parameter(name, frame)
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
            return lambda walk: walk.aggregate(node, fits, counted)
        case ex.Elapsed(unit, start, end):
            first, last = value(start), value(end)
            return lambda walk: fig.elapsed(unit, first(walk), last(walk))
        case ex.Lookup(table, key):
            inner = value(key)
            return lambda walk: walk.lookup(table.name, inner(walk))
    raise AssertionError(node)


def _name(name: str, frame: Frame) -> Code:
    derived = frame.derived.get(name)
    if derived is not None:
        entity, node = derived
        inner = value_code(node, frame)
        return lambda walk: walk.derived(name, entity, inner)
    fact = frame.facts.get(name)
    if fact is None:
        return lambda walk: walk.name(name)
    if fact.entity != "household":

        def of_row(walk: Walk) -> Value:
            if not walk.overrides and walk.row is not None:
                found = walk.row.get(name)
                if found is not None:
                    return found
            return walk.name(name)

        return of_row

    def run(walk: Walk) -> Value:
        if not walk.overrides:
            found = walk.known.get(name)
            if found is not None:
                return found
        return walk.name(name)

    return run


def _parameter(name: str, frame: Frame) -> Code:
    standard = frame.parameters.get(name)

    def run(walk: Walk) -> Value:
        if standard is not None:
            entries = standard.on(walk.on)
            if len(entries) == 1 and not entries[0].where:
                return entries[0].value
        return walk.parameter(name)

    return run


def _compare(node: ex.Node, op: str, left: Code, right: Code) -> Code:
    known = _COMPARE[op]

    def run(walk: Walk) -> Truth:
        a, b = left(walk), right(walk)
        if a.__class__ is Unknown or b.__class__ is Unknown:
            return walk.compare(node, op, a, b)
        truth = known(a, b)
        walk.trace.append(Comparison(node, a, b, truth, walk.place))
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
