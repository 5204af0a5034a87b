"""What is given: programmes with their amounts, ceilings and periods, and mutual-aid plans, whose benefits are programmes too."""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.policy import expression as ex
from bangfu.policy.pack.rules import Group, Rule


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
class Means:
    """发放方式: only what is named may be given (money goods voucher service). Source: anhui-2025 二 (goods, never cash)."""

    clause: str
    text: str
    only: tuple[str, ...]
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Recurring:
    """Aid that is paid again every so often; `most` payments in `most_within`, none after `review_months` without a review."""

    every: str  # month | quarter | half_year | year | school_year
    review_months: int | None
    most: int | None
    clause: str
    text: str
    most_within: str = "lifetime"  # school_year | year | lifetime | review (since the last one)


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
    means: Means | None = None  # None = as the procedure says

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
    voids_excess: bool = False  # shares above the most count for nothing; else they are refused
    duplicates: str = ""  # "first" = of two enrolments the first counts; empty = the rules do not say

    def benefit(self, benefit_id: str) -> Programme | None:
        return next((item for item in self.benefits if item.id == f"{self.id}.{benefit_id}"), None)
