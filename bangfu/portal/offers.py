"""Which programmes a worker may ask for, and how much: read from the rules in force, said in her words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.lib.money import yuan
from bangfu.policy import expression as ex
from bangfu.policy.pack import Pack, Programme
from bangfu.policy.walker import RuleStopped, Walk


@dataclass(frozen=True)
class Offer:
    """One programme on a day. Equal bounds: a fixed sum. None: the sum depends on facts of the case."""

    programme: Programme
    low_fen: int | None
    high_fen: int | None

    @property
    def id(self) -> str:
        return self.programme.id

    @property
    def title(self) -> str:
        return self.programme.plain or self.programme.title

    @property
    def is_fixed(self) -> bool:
        return self.low_fen is not None and self.low_fen == self.high_fen

    @property
    def range_words(self) -> str:
        """每次 1,000.00 元至 5,000.00 元."""
        if self.low_fen is None or self.high_fen is None:
            return self.programme.amount.text
        if self.is_fixed:
            return _("每次 %(sum)s 元") % {"sum": yuan(self.low_fen)}
        return _("每次 %(low)s 元至 %(high)s 元") % {"low": yuan(self.low_fen), "high": yuan(self.high_fen)}


def offers(pack: Pack, on: date) -> list[Offer]:
    """The programmes that a worker applies for herself (not those handed out by list), in the order of the rules."""
    return [offer_of(pack, programme, on) for programme in pack.programmes if _is_asked_for(pack, programme)]


def offer_of(pack: Pack, programme: Programme, on: date) -> Offer:
    amount = programme.amount
    if amount.kind == "choice":
        return Offer(programme, _sum(pack, amount.low, on), _sum(pack, amount.high, on))
    fixed = _sum(pack, amount.value, on)
    return Offer(programme, fixed, fixed)


def fitting(pack: Pack, categories: list[str], on: date) -> list[Offer]:
    """All of them, those that fit the needs first: her needs decide the order, she decides the programme."""
    rank = {category: at for at, category in enumerate(categories)}
    return sorted(offers(pack, on), key=lambda offer: rank.get(offer.programme.category, len(rank)))


def _is_asked_for(pack: Pack, programme: Programme) -> bool:
    procedure = pack.procedure(programme.procedure)
    return (
        not programme.is_list
        and procedure is not None
        and any(stage.kind == "apply" and Role.WORKER in stage.role for stage in procedure.stages)
    )


def _sum(pack: Pack, node: ex.Node | None, on: date) -> int | None:
    if node is None:
        return None
    try:
        value = Walk(pack.frame, {}, {}, on).value(node)
    except RuleStopped:
        return None
    return value if isinstance(value, int) else None
