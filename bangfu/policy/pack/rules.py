"""Requirements and the grades made of them: clause, words, condition; classes, sets of classes, figures of one's own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from bangfu.policy import expression as ex

NONE = "none"  # the class of a household that fits no class


@dataclass(frozen=True)
class Rule:
    """One requirement of the regulation: a clause, its words, and the condition that says the same to the machine."""

    clause: str
    text: str
    node: ex.Node
    shown: tuple[ex.Node, ex.Node | None] | None = None  # figure and limit to show instead of the condition's two sides
    ask: str = ""  # whom to ask when it is unknown
    demo: bool = False
    reason: str = ""  # why a demo value stands here
    source: str = ""


@dataclass(frozen=True)
class Group:
    """Requirements joined: op is "all", "any" or "none"."""

    op: str
    items: tuple[Tree, ...]


Tree = Rule | Group


def rules_of(tree: Tree) -> Iterator[Rule]:
    if isinstance(tree, Rule):
        yield tree
    else:
        for item in tree.items:
            yield from rules_of(item)


@dataclass(frozen=True)
class Class:
    """A grade of hardship in this pack's own words; `national` is DEEP, RELATIVE, ACCIDENT or empty."""

    id: str
    title: str
    national: str
    clause: str
    tree: Tree
    source: str = ""
    demo: bool = False
    review_months: int | None = None  # None: as often as its set
    maps: Mapping[str, str] = field(default_factory=dict)  # other set -> the class there that means the same

    @property
    def text(self) -> str:
        """Its requirements in the regulation's words."""
        return "；".join(rule.text for rule in rules_of(self.tree))


@dataclass(frozen=True)
class ClassSet:
    """One way to grade households: entry, exclusions (true = shut out), classes from the hardest down, exit."""

    id: str
    title: str
    entry: Tree
    exclusions: tuple[Rule, ...]
    classes: tuple[Class, ...]
    exit: Tree | None
    review_months: int | None

    def get(self, class_id: str) -> Class | None:
        return next((item for item in self.classes if item.id == class_id), None)

    def review_months_of(self, class_id: str) -> int | None:
        """How often a household of this class is looked at again; None = the rules do not say."""
        found = self.get(class_id)
        return (found.review_months if found else None) or self.review_months


@dataclass(frozen=True)
class Derived:
    """A figure worked out from facts, with a name of its own."""

    name: str
    title: str
    unit: str
    entity: str
    clause: str
    node: ex.Node
    demo: bool = False
    source: str = ""
