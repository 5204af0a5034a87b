"""The three questions of consent: the words that are shown, and kept with the answer. Source: trust.md (PIPL 14-15, 25, 28-29)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.disclosure.lines import Channel, Line, snapshot
from bangfu.household.flow.bonds import MAY_REVEAL
from bangfu.household.models.words import ConsentKind
from bangfu.lib.money import yuan
from bangfu.policy.pack import Programme, Stage
from bangfu.portal import questions as q
from bangfu.portal.offers import offer_of, offers
from bangfu.portal.situation import Situation, people_with
from bangfu.process.models import Award
from bangfu.process.words import CATEGORY_OF_CAUSE, places_of

COMMITTEE = {Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR}
FINANCE = {Role.CASHIER, Role.ACCOUNTANT}


@dataclass(frozen=True)
class Slip:
    """What hangs in one place (or several that show the same): the place, and the two lines."""

    where: str
    first: str
    second: str


@dataclass(frozen=True)
class Choice:
    value: str  # yes | no
    label: str
    slips: Sequence[Slip] = ()


@dataclass(frozen=True)
class Asked:
    """One question: what is asked, who will see it, what happens without it, and the two answers of equal size."""

    kind: str
    title: str
    text: str
    choices: Sequence[Choice]
    refused: str
    more: str = ""
    wide: bool = field(default=False)  # one answer below the other

    @property
    def wording(self) -> str:
        """All the words she saw, as they are kept with her answer."""
        slips = [f"{choice.label}: {slip.where} {slip.first} / {slip.second}" for choice in self.choices for slip in choice.slips]
        return "\n".join(part for part in (self.title, self.text, *slips, self.refused, self.more) if part)


def for_answers(situation: Situation, answers: Mapping[str, Any]) -> list[Asked]:
    """The questions of the sixth page: no card, no question about a card; no notice in the rules, none about a notice."""
    pay = answers[q.MONEY]
    asked = [health(situation)]
    if pay["how"] == q.OTHER_CARD:
        asked.append(bank(situation, bank_name=pay["bank_name"], tail=pay["card"][-4:], is_wage_card=False))
    elif pay["how"] == q.WAGE_CARD:
        asked.append(bank(situation, bank_name=situation.bank_name, tail=situation.card_tail, is_wage_card=True))
    programme = situation.pack.programme(pay["programme"]) if situation.pack else None
    known = situation.household.main_cause if situation.household else ""
    cause = q.causes_of(answers[q.NEEDS]["needs"], known)[0]
    return asked + _about_notice(situation, programme, cause, pay["asked_fen"])


def for_worker(situation: Situation, award: Award | None) -> list[Asked]:
    """The same three for changing them later, with the sums of her latest application where there is one."""
    asked = [health(situation)]
    if situation.card:
        asked.append(bank(situation, bank_name=situation.bank_name, tail=situation.card_tail, is_wage_card=True))
    if situation.pack is None:
        return asked
    programme = situation.pack.programme(award.case.programme) if award else None
    programme = programme or next((offer.programme for offer in offers(situation.pack, situation.on)), None)
    cause = situation.household.main_cause if situation.household else ""
    return asked + _about_notice(situation, programme, cause, award.amount_fen if award else None)


def _about_notice(situation: Situation, programme: Programme | None, cause: str, amount_fen: int | None) -> list[Asked]:
    if programme is None or situation.pack is None:
        return []
    stage = next((stage for stage in situation.stages(programme.procedure) if stage.kind == "notice"), None)
    if stage is None:
        return []
    organisation = situation.unit.organisation
    offer = offer_of(situation.pack, programme, situation.on)
    line = Line(
        number=f"{organisation.prefix or organisation.code.upper()}-A{situation.on.year}-…",
        unit_name=situation.unit.name,
        full_name=situation.name,
        may_name=False,
        category=CATEGORY_OF_CAUSE.get(cause, "other"),
        programme=programme.title,
        amount_fen=amount_fen or offer.high_fen or offer.low_fen or 0,
    )
    return [notice(situation, stage, line)]


def yes_no() -> tuple[Choice, Choice]:
    return Choice("yes", _("同意")), Choice("no", _("不同意"))


def health(situation: Situation) -> Asked:
    """May the papers of an illness be read?"""
    seers = MAY_REVEAL["diagnosis"]
    return Asked(
        kind=ConsentKind.HEALTH,
        title=_("看诊断书和发票"),
        text=_("用来算看病花了多少。%(who)s能看，公示和短信里不写。") % {"who": _who(situation, seers)},
        choices=yes_no(),
        refused=_("不同意时，请带原件当面核对，我们只记“已核”。材料跟着档案走，事情办完、档案退出 10 年后删除。"),
    )


def bank(situation: Situation, *, bank_name: str, tail: str, is_wage_card: bool) -> Asked:
    """May the money go to this card? Whoever may look at the whole number is counted."""
    return Asked(
        kind=ConsentKind.BANK,
        title=_("用工资卡收款") if is_wage_card else _("用这张卡收款"),
        text=_("%(bank)s，尾号 %(tail)s。%(who)s能看到整个卡号，每看一次都有记录。")
        % {"bank": bank_name or _("银行卡"), "tail": tail, "who": _who(situation, MAY_REVEAL["card"])},
        choices=yes_no(),
        refused=_("不同意时，到工会办公室签字领现金。付款凭证按会计规定保存 30 年。"),
    )


def notice(situation: Situation, stage: Stage, line: Line) -> Asked:
    """May the name be written? The lines are those that a notice would really show, place by place."""
    places = places_of(stage.params)
    days = _("%(n)d 个工作日") if stage.calendar == "working_days" else _("%(n)d 天")
    return Asked(
        kind=ConsentKind.NOTICE_NAME,
        title=_("公示 %(days)s") % {"days": days % {"n": stage.days or 0}},
        text=_("贴在%(places)s，到期自动撤下。别人看到的全部内容就是下面的字：")
        % {"places": "、".join(str(Channel(place).label) for place in places)},
        choices=(
            Choice("yes", _("写上姓名"), slips(places, line, may_name=True)),
            Choice("no", _("只写编号"), slips(places, line, may_name=False)),
        ),
        refused="",
        more=_("金额以公示那天的建议为准。"),
        wide=True,
    )


def slips(places: Sequence[str], line: Line, *, may_name: bool) -> list[Slip]:
    """The two lines of each place, by the functions that write the notice itself; places that show the same are joined."""
    shown = Line(**{**line.__dict__, "may_name": may_name})
    grouped: dict[tuple[str, str], list[str]] = {}
    for place in places:
        (row,) = snapshot(place, [shown])
        first = "　".join(part for part in (str(row["number"]), str(row["name"])) if part)
        words = [str(row["unit"]), str(row["category"]), str(row["programme"]), f"¥{yuan(int(row['amount_fen']))}"]
        second = "　".join(word for word in words if word)
        grouped.setdefault((first, second), []).append(str(Channel(place).label))
    alone = len(grouped) == 1
    return [Slip("" if alone else _("%(places)s：") % {"places": "、".join(names)}, *key) for key, names in grouped.items()]


def _who(situation: Situation, roles: frozenset[Role] | set[Role]) -> str:
    """经办 2 人、评审委员 9 人: those who may look, by trade; a trade without people is left out."""
    trades = [
        (_("经办 %(n)d 人"), set(roles) - COMMITTEE - FINANCE - {Role.AUDITOR}),
        (_("评审委员 %(n)d 人"), set(roles) & COMMITTEE),
        (_("财务 %(n)d 人"), set(roles) & FINANCE),
        (_("经审 %(n)d 人"), set(roles) & {Role.AUDITOR}),
    ]
    counted = [(words, people_with(situation.unit, some, situation.on)) for words, some in trades if some]
    return "、".join(words % {"n": n} for words, n in counted if n)
