"""How a question uses each fact: how often, and in which direction. Decides where the walker's splitting could tell more than SQL.

The walker settles an unknown answer by splitting missing facts (`settle.py`) as soon as one of them was used more than once.
Splitting tells nothing new where every missing fact pushes the answer one way only (more income: less entitled): then Kleene
logic with intervals is exact already. A fact is `mixed` if it is used more than once and not one way only; `loose` if one
of its uses is not exact under intervals (equality of numbers, a condition of `case`, a divisor that may be 0).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from bangfu.policy import expression as ex
from bangfu.policy.pack import Pack, Rule, Tree
from bangfu.policy.vocabulary import BUILT_IN, ENTITY_OF_LIST

UP, DOWN, ANY = 1, -1, 0


@dataclass
class Use:
    count: int = 0
    ways: set[int] = field(default_factory=set)
    is_loose: bool = False

    @property
    def is_mixed(self) -> bool:
        return self.count > 1 and (ANY in self.ways or len(self.ways) > 1)


@dataclass
class Uses:
    """The facts (and lists) of one question; `sign` tells whether an expression can be negative."""

    pack: Pack
    natural: Callable[[ex.Node], bool]  # surely >= 0
    positive: Callable[[ex.Node], bool]  # surely >= 1
    facts: dict[str, Use] = field(default_factory=dict)

    def note(self, name: str, way: int, *, loose: bool = False, times: int = 1) -> None:
        use = self.facts.setdefault(name, Use())
        use.count += times
        use.ways.add(way)
        use.is_loose |= loose

    def add(self, other: Uses, way: int, *, loose: bool = False) -> None:
        """Another question's answer, named in this one."""
        for name, use in other.facts.items():
            ways = {use_way * way for use_way in use.ways}
            found = self.facts.setdefault(name, Use())
            found.count += 1
            found.ways |= ways
            found.is_loose |= use.is_loose or loose

    @property
    def mixed(self) -> list[str]:
        return [name for name, use in self.facts.items() if use.is_mixed and name not in ENTITY_OF_LIST]

    @property
    def loose(self) -> list[str]:
        return [name for name, use in self.facts.items() if use.is_loose and name not in ENTITY_OF_LIST]

    @property
    def repeated(self) -> list[str]:
        return [name for name, use in self.facts.items() if use.count > 1]

    # --- walking ---

    def tree(self, tree: Tree, way: int = UP) -> None:
        if isinstance(tree, Rule):
            self.node(tree.node, way)
            return
        for item in tree.items:
            self.tree(item, -way if tree.op == "none" else way)

    def node(self, node: ex.Node, way: int, *, loose: bool = False) -> None:
        match node:
            case ex.Name(name):
                self._name(name, way, loose)
            case ex.Parameter(name):
                self._parameter(name)
            case ex.Not(item) | ex.Minus(item):
                self.node(item, -way, loose=loose)
            case ex.Both(_op, items) | ex.Extreme(_op, items):
                self._all(items, way, loose)
            case ex.Compare(op, left, right):
                kind = self.pack.kinds.get(id(left))
                if op in ("=", "<>"):
                    exact = kind is not None and kind.type in ("bool", "code")
                    self._all((left, right), ANY, loose or not exact)
                else:
                    self.node(left, -way if op in ("<", "<=") else way, loose=loose)
                    self.node(right, way if op in ("<", "<=") else -way, loose=loose)
            case ex.Among(item, options):
                kind = self.pack.kinds.get(id(item))
                exact = kind is not None and kind.type in ("bool", "code")
                self.node(item, ANY, loose=loose or not exact or isinstance(options, ex.Parameter))
                if isinstance(options, ex.Parameter):
                    self._parameter(options.name)
            case ex.Sum("*", left, right):
                for one, other in ((left, right), (right, left)):
                    self.node(one, way if self.natural(other) else ANY, loose=loose or not self.natural(other))
            case ex.Sum(op, left, right):
                self.node(left, way, loose=loose)
                self.node(right, way if op == "+" else -way, loose=loose)
            case ex.Per(top, bottom, _mode):
                sure = self.positive(bottom)
                self.node(top, way if sure else ANY, loose=loose or not sure)
                self.node(bottom, -way if sure and self.natural(top) else ANY, loose=loose or not sure or not self.natural(top))
            case ex.Choose(branches, default):
                for condition, part in branches:
                    self.node(condition, ANY, loose=True)
                    self.node(part, ANY, loose=True)
                self.node(default, ANY, loose=True)
            case ex.Aggregate():
                self._aggregate(node, way, loose)
            case _:
                self._all(ex.children(node), ANY, True)

    def _all(self, nodes: Iterable[ex.Node], way: int, loose: bool) -> None:
        for node in nodes:
            self.node(node, way, loose=loose)

    def _aggregate(self, node: ex.Aggregate, way: int, loose: bool) -> None:
        self.note(node.list, ANY)
        if node.figure is not None:
            self.node(node.figure, way, loose=loose)
        if node.condition is None:
            return
        if node.kind in ("any_of", "all_of", "count_of") or (
            node.kind == "sum_of" and node.figure is not None and self.natural(node.figure)
        ):
            self.node(node.condition, way, loose=loose)
        else:
            self.node(node.condition, ANY, loose=True)

    def _name(self, name: str, way: int, loose: bool) -> None:
        if name in self.pack.derived:
            self.node(self.pack.derived[name].node, way, loose=loose)
        elif name not in BUILT_IN and name in self.pack.vocabulary.facts:
            self.note(name, way, loose=loose)
        else:
            self.built_in(name, way, loose)

    def built_in(self, name: str, way: int, loose: bool) -> None:
        """entry and class: set by the compiler of rules."""

    def _parameter(self, name: str) -> None:
        """Facts that select a parameter are asked for at each of its values, whichever way they push."""
        for entry in self.pack.parameters[name].entries:
            for fact, _wanted in entry.where:
                self.note(fact, ANY, loose=True)
