"""Would a missing fact really change it? Kleene logic alone says "unknown" too often (a or not a); this decides.

A missing fact splits into the few regions in which every comparison made with it keeps its truth. The expression is
walked once per region, the rest staying open, until each leaf is known or the budget is spent. Leaves that stay unknown
count as "could be anything", so the answer errs only towards asking.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from typing import NamedTuple

from bangfu.policy.figures import Unknown, Value
from bangfu.policy.stops import RuleStopped
from bangfu.policy.vocabulary import Fact
from bangfu.policy.walker import Cut

BUDGET = 64  # walks per question
MOST = 7  # more missing facts than this are not split: nearly all of them will matter, and Kleene logic names them
OTHER = "\x00"  # a word that no rule mentions

NO_POINTS: Set[int | str] = frozenset()

Box = Mapping[str, Value]
Run = Callable[[Box], tuple[Value, list[Cut]]]


class Leaf(NamedTuple):
    box: Box
    value: Value


def settle(run: Run, facts: Mapping[str, Fact]) -> Value:
    """The value if no completion of the missing facts changes it, else Unknown with exactly the facts that can.

    `run(overrides)` walks the question once and answers its value and where the comparisons made for it flip.
    """
    value, found = run({})
    if not isinstance(value, Unknown) or len(value.missing) > MOST:
        return value
    splits = _Splits(run, facts)
    splits.gather(found)
    leaves: list[Leaf] = []
    for _round in range(3):  # a word that was met only later must split the fact everywhere
        before = len(splits.cuts)
        leaves = splits.explored(value)
        if len(splits.cuts) == before:
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


class _Splits:
    """The boxes of one question: each is walked once, however often the splitting starts over."""

    def __init__(self, run: Run, facts: Mapping[str, Fact]) -> None:
        self.run, self.facts = run, facts
        self.cuts: set[Cut] = set()  # over all walks, where each fact makes a comparison flip
        self.points: dict[str, set[int | str]] = {}  # the same by fact
        self.walked: dict[frozenset[tuple[str, Value]], tuple[Value, list[Cut]]] = {}
        self.parts: dict[tuple[str, Value | None, int], list[Value]] = {}

    def gather(self, found: list[Cut]) -> None:
        new = set(found) - self.cuts
        for path, cut in new:
            self.points.setdefault(path, set()).add(cut)
        self.cuts |= new

    def explored(self, value: Value) -> list[Leaf]:
        """Split until known, or until the budget is spent."""
        budget = BUDGET
        leaves: list[Leaf] = []
        stack: list[tuple[Box, Value]] = [({}, value)]
        while stack:
            box, value = stack.pop()
            path = self.next(value, box) if isinstance(value, Unknown) and budget > 0 else None
            if path is None:
                leaves.append(Leaf(box, value))
                continue
            for region in self.regions(path, box.get(path)):
                budget -= 1
                inside = {**box, path: region}
                try:
                    stack.append((inside, self.walk(inside)))
                except RuleStopped:
                    leaves.append(Leaf(inside, Unknown(frozenset({path}))))
        return leaves

    def walk(self, box: Box) -> Value:
        key = frozenset(box.items())
        kept = self.walked.get(key)
        if kept is None:
            kept = self.walked[key] = self.run(box)
        self.gather(kept[1])
        return kept[0]

    def next(self, value: Unknown, box: Box) -> str | None:
        """The missing fact to split next: the one with the fewest regions."""
        counts = ((len(self.regions(path, box.get(path))), path) for path in value.missing)
        return min((choice for choice in counts if choice[0] > 1), default=(0, None))[1]

    def regions(self, path: str, held: Value | None) -> list[Value]:
        """The parts of a fact's range in which no comparison flips; [] for a fact that is fixed already or cannot be split."""
        if held is not None and not isinstance(held, Unknown):
            return []
        found = self.points.get(path, NO_POINTS)
        key = path, held, len(found)
        parts = self.parts.get(key)
        if parts is None:
            fact = self.facts.get(path.rpartition(".")[2])
            parts = self.parts[key] = [] if fact is None else _regions(path, fact, found, held)
        return parts


def _regions(path: str, fact: Fact, found: Set[int | str], held: Unknown | None) -> list[Value]:
    if fact.type == "bool":
        return [True, False]
    if fact.type == "code":
        words = {str(cut) for cut in found}
        if fact.codes:
            rest = sorted(set(fact.codes) - words)
            return [*sorted(words & set(fact.codes)), *rest[:1]] if words else []
        return [*sorted(words), OTHER] if words else []
    low, high = (fact.low, fact.high) if held is None else (held.low, held.high)
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
    left = {path for leaf in leaves for path in leaf.box} - found
    meets: dict[tuple[int, int], bool] = {}  # by the regions' ids: each stands in many boxes
    for index, leaf in enumerate(leaves):
        if not left:
            break
        for other in leaves[index + 1 :]:
            if leaf.value != other.value:
                left.discard(_apart(leaf.box, other.box, meets))
    return frozenset(found | ({path for leaf in leaves for path in leaf.box} - left))


def _apart(box: Box, other: Box, meets: dict[tuple[int, int], bool]) -> str:
    """The one fact in which two boxes do not meet; empty where there is no such fact, or more than one."""
    found = ""
    for path, region in box.items():
        beside = other.get(path)
        if beside is None or beside is region:
            continue
        key = id(region), id(beside)
        meet = meets.get(key)
        if meet is None:
            meet = meets[key] = _meet(region, beside)
        if not meet:
            if found:
                return ""
            found = path
    return found


def _meet(a: Value, b: Value) -> bool:
    if not isinstance(a, Unknown) and not isinstance(b, Unknown):
        return a == b and type(a) is type(b)
    if isinstance(a, str) or isinstance(b, str):
        return True
    low_a, high_a = (a.low, a.high) if isinstance(a, Unknown) else (a, a)
    low_b, high_b = (b.low, b.high) if isinstance(b, Unknown) else (b, b)
    below = high_a is not None and low_b is not None and high_a < low_b
    above = high_b is not None and low_a is not None and high_b < low_a
    return not below and not above
