"""A policy pack, read and checked: what an organisation's rules are, as plain frozen data.

One pack = one folder (or its zip): parameters, derived figures, classes, programmes, procedure, evidence, money, the text
of the regulation, worked examples. Source: contracts.md "Rules".
"""

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
from bangfu.policy.parameters import MOST_DAYS, Standard
from bangfu.policy.regulation import Regulation
from bangfu.policy.vocabulary import Vocabulary
from bangfu.policy.walker import Frame
from bangfu.policy.wording import unparse

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
class Cap:
    """A ceiling: plain, or over what was already paid (`per` year …, `of` person, student or household, `over` programmes)."""

    clause: str
    text: str
    limit: ex.Node
    paid: ex.Node | None  # what counts against the ceiling
    per: str
    of: str
    over: tuple[str, ...]
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Rounding:
    """The amount in whole multiples of `to` fen; what a ceiling leaves is always rounded down."""

    to: int
    mode: str
    clause: str
    text: str


@dataclass(frozen=True)
class Amount:
    """How much: `choice` of the officer between low and high (asked amount clipped), or a worked-out `value`.

    `kind` keeps how the regulation says it (fixed formula tiers table brackets each daily percent); all of them are
    compiled to one expression, see `loading/amounts.py`.
    """

    kind: str
    clause: str
    text: str
    value: ex.Node | None
    low: ex.Node | None
    high: ex.Node | None
    caps: tuple[Cap, ...]
    demo: bool = False
    source: str = ""
    round: Rounding | None = None


@dataclass(frozen=True)
class Recurring:
    """Aid that is paid again every so often; `most` payments in all, looked at anew every `review_months`."""

    every: str  # month | quarter | half_year | year | school_year
    review_months: int | None
    most: int | None
    clause: str
    text: str


@dataclass(frozen=True)
class Programme:
    """帮扶项目: who may have it, how much, from which fund, by which procedure."""

    id: str
    title: str
    plain: str  # what the worker reads: no label that shames
    clause: str
    source: str
    demo: bool
    fund: str
    procedure: str
    per: str  # household | person | student | event
    is_list: bool  # one approval, many payouts
    category: str  # living | illness | schooling | medical | festival | other
    requires: Group
    once: tuple[Rule, ...]
    amount: Amount
    group: str = ""  # programmes that a ceiling or an exclusion may name together
    excludes: tuple[Rule, ...] = ()  # who had one of these programmes does not get this one
    recurring: Recurring | None = None

    @property
    def bars(self) -> tuple[Rule, ...]:
        """What was already paid and shuts out."""
        return (*self.once, *self.excludes)


@dataclass(frozen=True)
class Payer:
    """One part of a plan's fee, in fen; `is_rest` = what the others leave."""

    id: str
    title: str
    node: ex.Node | None
    is_rest: bool


@dataclass(frozen=True)
class Stacking:
    """不可兼得: of these benefits only the greatest is paid."""

    clause: str
    text: str
    benefits: tuple[str, ...]


@dataclass(frozen=True)
class Plan:
    """互助保障计划: who may join and for what fee; what is paid in which case. A benefit is a programme of its own."""

    id: str
    title: str
    plain: str
    clause: str
    operator: str
    fund: str
    procedure: str
    period_months: int | None
    joins: Group
    most_shares: int | None
    is_uniform: bool  # all people of a unit hold the same number of shares
    fee: Amount | None
    payers: tuple[Payer, ...]
    requires: Group  # of every claim: covered on the day, in time, all papers
    exclusions: tuple[Rule, ...]
    benefits: tuple[Programme, ...]
    ends_cover: frozenset[str]  # benefits after which the cover is over
    stacking: tuple[Stacking, ...]
    whole: Amount  # the ceilings over all benefits; its value is the sum found
    demo: bool = False
    source: str = ""

    def benefit(self, benefit_id: str) -> Programme | None:
        return next((item for item in self.benefits if item.id == f"{self.id}.{benefit_id}"), None)


#: Words for where a notice is shown (`params.channels` of a stage of kind notice).
NOTICE_PLACES = ("unit_board", "intranet", "open_page", "newspaper", "tv")


@dataclass(frozen=True)
class Stage:
    """One step of a procedure. `kind` is a closed list in code; everything else is the regulation's.

    `role` holds the role codes that may act; `days` is the time limit (None = none) in calendar or working days.
    """

    id: str
    kind: str
    level: str
    role: tuple[str, ...]
    title: str
    clause: str
    days: int | None
    calendar: str  # days | working_days
    when: ex.Node | None
    params: Mapping[str, Any]
    returns_to: tuple[str, ...]
    next: Mapping[str, str | None]  # outcome -> stage id, None = the end
    demo: bool
    source: str
    reason: str = ""


@dataclass(frozen=True)
class Urgent:
    """急事急办: who may give how much at once, and within how many days it is ratified."""

    clause: str
    text: str
    who: tuple[str, ...]
    level: str
    up_to: ex.Node | None  # fen; None = no ceiling
    when: ex.Node
    ratify_days: int
    calendar: str
    ratified_by: tuple[str, ...]
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Cadence:
    """What is done again and again: a visit each quarter, a review each year, a 30 % sample, one or two meetings a year."""

    id: str
    kind: str  # visit review sample meeting report fundraise publish training other
    clause: str
    text: str
    weeks: int  # every so many weeks, or …
    months: int  # … so many months
    times: int  # so often in each span, at least
    times_most: int | None
    share: int | None  # permille of the households that are looked at
    of: str  # of what, in words
    who: tuple[str, ...]
    when: ex.Node | None  # which households it is about
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Procedure:
    id: str
    title: str
    clause: str
    stages: tuple[Stage, ...]
    urgent: Urgent | None = None

    def get(self, stage_id: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True)
class EvidenceItem:
    """A paper that is asked for: always, for some causes, for some programmes, or when a condition holds."""

    id: str
    title: str
    clause: str
    when: ex.Node | None
    causes: tuple[str, ...]
    programmes: tuple[str, ...]
    is_required: bool
    demo: bool
    source: str


@dataclass(frozen=True)
class MoneySource:
    """Where a fund's money comes from; `minimum` names the parameter of the least it brings in a year."""

    id: str
    title: str
    clause: str
    kind: str
    uses: tuple[str, ...]  # programmes that its money may be spent on; empty = those of the fund
    is_restricted: bool
    minimum: str
    text: str = ""
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Share:
    """One source's part of a top-up: a sum (parameter in fen) or a share of what lacks (parameter in permille)."""

    source: str
    amount: str
    share: str


@dataclass(frozen=True)
class TopUp:
    """低于底线时及时补充: who brings how much, and by when."""

    clause: str
    text: str
    split: tuple[Share, ...]
    within_days: int | None


@dataclass(frozen=True)
class Placement:
    """A way in which the reserve may be kept, with its limits (names of parameters; empty = none)."""

    kind: str
    clause: str
    text: str
    most_share: str
    most_months: str
    most: str


@dataclass(frozen=True)
class Donations:
    """What the rules say of gifts: anonymous ones, the donor's wishes, uses, publication."""

    clause: str
    text: str
    anonymous: bool
    wishes: bool
    publish: bool
    uses: tuple[str, ...]


@dataclass(frozen=True)
class Priority:
    """Who comes first when the money is short: a figure or a yes/no of the household, high (yes) or low first."""

    clause: str
    text: str
    node: ex.Node
    first: str  # high | low


@dataclass(frozen=True)
class Fund:
    """资金: its account subject, sources, what it may be spent on, and its floor."""

    id: str
    title: str
    subject: str
    clause: str
    is_restricted: bool
    sources: tuple[str, ...]
    uses: tuple[str, ...]
    floor: str  # name of a parameter, empty = none
    budget_raise: str  # name of a permille parameter: next year's budget = last year's spending, raised
    principles: tuple[str, ...]
    demo: bool
    source: str
    source_rows: tuple[MoneySource, ...] = ()  # those of `sources` that are more than a title
    top_up: TopUp | None = None
    budget: str = ""  # name of a parameter: this year's budget
    placements: tuple[Placement, ...] = ()
    donations: Donations | None = None
    priority: tuple[Priority, ...] = ()

    def source_row(self, source_id: str) -> MoneySource | None:
        return next((row for row in self.source_rows if row.id == source_id), None)


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
