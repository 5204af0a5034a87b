"""The whole pack: its parts by name, and what is worked out of it once and kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType
from typing import Any

from bangfu.policy import expression as ex
from bangfu.policy.inherit import Origin
from bangfu.policy.kinds import Kind
from bangfu.policy.pack.conduct import Cadence, EvidenceItem, Matter, Procedure
from bangfu.policy.pack.giving import Plan, Programme
from bangfu.policy.pack.money import Fund
from bangfu.policy.pack.rules import ClassSet, Derived, rules_of
from bangfu.policy.parameters import MOST_DAYS, Standard
from bangfu.policy.regulation import Regulation
from bangfu.policy.vocabulary import Vocabulary
from bangfu.policy.walker import Frame
from bangfu.policy.wording import unparse


@dataclass(frozen=True)
class Example:
    """A worked example: facts on a day, and what must come out."""

    name: str
    source: str
    on: date
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    file: str
    line: int


@dataclass(frozen=True, eq=False)
class Pack:
    id: str
    title: str
    issuer: str
    document_no: str
    valid_from: date
    valid_to: date | None
    source: str
    is_sample: bool  # our own text, marked 示范文本
    vocabulary: Vocabulary
    parameters: Mapping[str, Standard]
    derived: Mapping[str, Derived]
    class_sets: tuple[ClassSet, ...]
    programmes: tuple[Programme, ...]
    procedures: tuple[Procedure, ...]
    evidence: tuple[EvidenceItem, ...]
    funds: tuple[Fund, ...]
    regulation: Regulation
    examples: tuple[Example, ...]
    kinds: Mapping[int, Kind]  # id(node) -> kind, for showing figures with their unit
    sha256: str
    named_sets: frozenset[str] = frozenset()  # class sets that rules name as class_x, entry_x
    cadences: tuple[Cadence, ...] = ()
    matters: tuple[Matter, ...] = ()
    plans: tuple[Plan, ...] = ()
    extends: str = ""  # the pack that this one is built on
    origins: Mapping[tuple[str, str], Origin] = field(default_factory=dict)  # ("programmes", id) -> own, inherited, replaced
    removed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # what of the parent is left out
    primary_set: str = ""  # the class set that counts; empty = the first

    @cached_property
    def frame(self) -> Frame:
        derived = {name: (figure.entity, figure.node) for name, figure in self.derived.items()}
        return Frame(self.vocabulary.facts, MappingProxyType(derived), self.parameters)

    @cached_property
    def primary(self) -> ClassSet | None:
        return next(
            (group for group in self.class_sets if group.id == self.primary_set), self.class_sets[0] if self.class_sets else None
        )

    def class_set(self, set_id: str) -> ClassSet | None:
        return next((item for item in self.class_sets if item.id == set_id), None)

    def programme(self, programme_id: str) -> Programme | None:
        return next((item for item in self.programmes if item.id == programme_id), None)

    def procedure(self, procedure_id: str) -> Procedure | None:
        return next((item for item in self.procedures if item.id == procedure_id), None)

    def plan(self, plan_id: str) -> Plan | None:
        return next((item for item in self.plans if item.id == plan_id), None)

    def cadence(self, cadence_id: str) -> Cadence | None:
        return next((item for item in self.cadences if item.id == cadence_id), None)

    def matter(self, matter_id: str) -> Matter | None:
        return next((item for item in self.matters if item.id == matter_id), None)

    def fund(self, fund_id: str) -> Fund | None:
        return next((item for item in self.funds if item.id == fund_id), None)

    @cached_property
    def _memo(self) -> dict[tuple[str, int], Any]:
        return {}  # per node, for the pack's life: nodes are frozen and the pack keeps them alive

    def written(self, node: ex.Node) -> str:
        """The expression as text, worked out once."""
        key = ("text", id(node))
        if key not in self._memo:
            self._memo[key] = unparse(node)
        return self._memo[key]

    def unit_of(self, node: ex.Node) -> str:
        """The unit to show a node's figure with, worked out once."""
        key = ("unit", id(node))
        if key not in self._memo:
            kind = self.kinds.get(id(node))
            self._memo[key] = kind.unit if kind else ""
        return self._memo[key]

    def shown(self, node: ex.Node, left: ex.Node) -> tuple[str, str, str]:
        """A comparison as text, and the name and unit of its left side, worked out once."""
        key = ("shown", id(node))
        if key not in self._memo:
            self._memo[key] = (self.written(node), left.name if isinstance(left, ex.Name) else "", self.unit_of(left))
        return self._memo[key]

    def grounds(self, node: ex.Node, on: date) -> tuple[tuple[str, ...], tuple[str, ...], bool]:
        """What a node's figures rest on: facts and lists, and the words for its parameters on a day.

        The last answer is False where a parameter's value depends on the household's place: then it is asked of the walk.
        """
        days = self._memo.setdefault(("grounds", id(node)), {})
        if on not in days:
            if len(days) >= MOST_DAYS:
                days.clear()
            parts = self.names_in(node)
            facts = tuple(
                part.name if isinstance(part, ex.Name) else part.list for part in parts if not isinstance(part, ex.Parameter)
            )
            named = [self.parameters[part.name] for part in parts if isinstance(part, ex.Parameter)]
            held = [(standard, entries[0]) for standard in named if (entries := standard.on(on))]
            words = tuple(dict.fromkeys(standard.words(entry) for standard, entry in held))
            days[on] = facts, words, not any(entry.where for _standard, entry in held)
        return days[on]

    def names_in(self, node: ex.Node) -> tuple[ex.Name | ex.Aggregate | ex.Parameter, ...]:
        """Facts, lists and parameters below a node, through derived figures, each once."""
        key = ("names", id(node))
        if key not in self._memo:
            self._memo[key] = tuple(dict.fromkeys(self._spread(node)))
        return self._memo[key]

    def _spread(self, node: ex.Node) -> Iterator[ex.Name | ex.Aggregate | ex.Parameter]:
        for part in ex.walk(node):
            if isinstance(part, ex.Name) and part.name in self.derived:
                yield from self._spread(self.derived[part.name].node)
            elif isinstance(part, (ex.Name, ex.Aggregate, ex.Parameter)):
                yield part

    @cached_property
    def names_of_sets(self) -> frozenset[str]:
        """The facts and lists on which entry and class of any set rest, and the facts that choose a parameter for a place."""
        trees = [
            tree for group in self.class_sets for tree in (group.entry, *group.exclusions, *(item.tree for item in group.classes))
        ]
        found: set[str] = set()
        for part in (part for tree in trees for rule in rules_of(tree) for part in self.names_in(rule.node)):
            if isinstance(part, ex.Parameter):
                found |= {fact for entry in self.parameters[part.name].entries for fact, _wanted in entry.where}
            else:
                found.add(part.name if isinstance(part, ex.Name) else part.list)
        return frozenset(found)

    def title_of(self, name: str) -> str:
        """The words for a fact, a derived figure or a parameter."""
        if name in self.derived:
            return self.derived[name].title
        fact = self.vocabulary.get(name.rpartition(".")[2])
        return str(fact.title) if fact else name
