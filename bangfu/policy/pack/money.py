"""Where the money comes from, how it is kept, and who comes first when it is short."""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.policy import expression as ex


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
class Revisions:
    """预算调整: how often a year the budget may be changed; nothing is spent without it or over it."""

    most: int
    clause: str
    text: str


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
    revisions: Revisions | None = None  # None = the rules do not say

    def source_row(self, source_id: str) -> MoneySource | None:
        return next((row for row in self.source_rows if row.id == source_id), None)
