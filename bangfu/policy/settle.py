"""Would a missing fact really change it? Kleene logic alone says "unknown" too often (a or not a); this decides.

A missing fact splits into the few regions in which every comparison made with it keeps its truth. The expression is
walked once per region, the rest staying open, until each leaf is known or the budget is spent. Leaves that stay unknown
count as "could be anything", so the answer errs only towards asking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bangfu.policy.figures import Unknown, Value
from bangfu.policy.vocabulary import Fact
from bangfu.policy.walker import RuleStopped, Walk

BUDGET = 64  # walks per question
MOST = 7  # more missing facts than this are not split: nearly all of them will matter, and Kleene logic names them
OTHER = "\x00"  # a word that no rule mentions

Box = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Leaf:
    box: Box
    value: Value


def settle(run: Callable[[Box], tuple[Value, Walk]], facts: Mapping[str, Fact]) -> Value:
    """The value if no completion of the missing facts changes it, else Unknown with exactly the facts that can.

    `run(overrides)` walks the question once and answers its value and the walk (whose `cuts` say where it flips).
    """
    value, walk = run({})
    if not isinstance(value, Unknown) or len(value.missing) > MOST:
        return value
    cuts: dict[str, set[int | str]] = {}
    _gather(cuts, walk)
    leaves: list[Leaf] = []
    for _round in range(3):  # a word that was met only later must split the fact everywhere
        before = {path: set(found) for path, found in cuts.items()}
        leaves = _explored(run, facts, value, cuts)
        if cuts == before:
            break
    known = {leaf.value for leaf in leaves if not isinstance(leaf.value, Unknown)}
    if len(known) == 1 and not any(isinstance(leaf.value, Unknown) for leaf in leaves):
        return known.pop()
    missing = _relevant(leaves)
    options = None
    if value.options is not None:
        options = frozenset().union(*({leaf.value} if isinstance(leaf.value, str) else _options(leaf.value) for leaf in leaves))
    return Unknown(missing or value.missing, value.low, value.high, options)


def _options(value: Value) -> frozenset[str]:
    return (value.options or frozenset()) if isinstance(value, Unknown) else frozenset()


def _explored(
    run: Callable[[Box], tuple[Value, Walk]], facts: Mapping[str, Fact], value: Value, cuts: dict[str, set[int | str]]
) -> list[Leaf]:
    """Split until known. `cuts` gathers, over all walks, where each fact makes a comparison flip."""
    budget = BUDGET
    leaves: list[Leaf] = []
    stack: list[tuple[Box, Value]] = [({}, value)]
    while stack:
        box, value = stack.pop()
        path = _next(value, cuts, facts, box) if isinstance(value, Unknown) and budget > 0 else None
        if path is None:
            leaves.append(Leaf(box, value))
            continue
        for region in _regions(path, cuts, facts, box.get(path)):
            budget -= 1
            inside = {**box, path: region}
            try:
                found, inner = run(inside)
            except RuleStopped:
                leaves.append(Leaf(inside, Unknown(frozenset({path}))))
                continue
            _gather(cuts, inner)
            stack.append((inside, found))
    return leaves


def _gather(cuts: dict[str, set[int | str]], walk: Walk) -> None:
    for path, found in walk.cuts.items():
        cuts.setdefault(path, set()).update(found)


def _next(value: Unknown, cuts: Mapping[str, set[int | str]], facts: Mapping[str, Fact], box: Box) -> str | None:
    """The missing fact to split next: the one with the fewest regions."""
    choices = []
    for path in sorted(value.missing):
        regions = _regions(path, cuts, facts, box.get(path))
        if len(regions) > 1:
            choices.append((len(regions), path))
    return min(choices)[1] if choices else None


def _regions(path: str, cuts: Mapping[str, set[int | str]], facts: Mapping[str, Fact], held: Value | None) -> list[Value]:
    """The parts of a fact's range in which no comparison flips; [] for a fact that is fixed already or cannot be split."""
    fact = facts.get(path.rpartition(".")[2])
    if fact is None or (held is not None and not isinstance(held, Unknown)):
        return []
    found = cuts.get(path, set())
    if fact.type == "bool":
        return [True, False]
    if fact.type == "code":
        words = {str(cut) for cut in found}
        if fact.codes:
            rest = sorted(set(fact.codes) - words)
            return [*sorted(words & set(fact.codes)), *rest[:1]] if words else []
        return [*sorted(words), OTHER] if words else []
    low, high = (held.low, held.high) if isinstance(held, Unknown) else (fact.low, fact.high)
    return _intervals(path, low, high, sorted(int(cut) for cut in found))


def _intervals(path: str, low: int | None, high: int | None, cuts: list[int]) -> list[Value]:
    """[low, high] cut at each point p into … < p, p, p < …"""
    inside = [cut for cut in cuts if (low is None or cut >= low) and (high is None or cut <= high)]
    parts: list[Value] = []
    start = low
    for cut in inside:
        if start is None or start < cut:
            parts.append(_range(path, start, cut - 1))
        parts.append(cut)
        start = cut + 1
    if high is None or start is None or start <= high:
        parts.append(_range(path, start, high))
    return parts


def _range(path: str, low: int | None, high: int | None) -> Value:
    if low is not None and low == high:
        return low
    return Unknown(frozenset({path}), low, high, None, (path, 1, 0))


def _relevant(leaves: list[Leaf]) -> frozenset[str]:
    """Facts that alone can change the value: two leaves that agree in all other facts and differ in their value."""
    found: set[str] = set()
    for leaf in leaves:
        if isinstance(leaf.value, Unknown):
            found |= leaf.value.missing
    for index, leaf in enumerate(leaves):
        for other in leaves[index + 1 :]:
            if leaf.value == other.value:
                continue
            apart = [path for path in leaf.box if path in other.box and not _meet(leaf.box[path], other.box[path])]
            if len(apart) == 1:
                found.add(apart[0])
    return frozenset(found)


def _meet(a: Value, b: Value) -> bool:
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        if isinstance(a, str) or isinstance(b, str):
            return True
        low_a, high_a = (a.low, a.high) if isinstance(a, Unknown) else (int(a), int(a))
        low_b, high_b = (b.low, b.high) if isinstance(b, Unknown) else (int(b), int(b))
        below = high_a is not None and low_b is not None and high_a < low_b
        above = high_b is not None and low_a is not None and high_b < low_a
        return not below and not above
    return a == b and type(a) is type(b)
