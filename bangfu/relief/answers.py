"""What the worker answered on the phone beside what her file says, field by field. Reads only; nothing is written unasked.

The answers are sealed at rest (Application.answers) and opened here for the page of whoever keeps her file.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bangfu.household.models import Change, Household, Member, StateChange
from bangfu.household.models.words import ExpenseKind, IncomeKind, Relation, State
from bangfu.lib.days import today
from bangfu.lib.masking import mask_card, mask_phone
from bangfu.lib.money import yuan
from bangfu.relief.models import Application

#: The question on the phone -> the kind of expense on the file.
COSTS = {"illness": ExpenseKind.ILLNESS, "schooling": ExpenseKind.SCHOOLING, "accident": ExpenseKind.OTHER}


@dataclass(frozen=True)
class Item:
    """One field: `said` and `on_file` in words (masked where they are sealed), `value` what taking it writes.

    `closed` says why it cannot be taken by a tick, `section` which page of the file does it instead.
    """

    key: str  # "phone", "card", "new.2", "left.31", "name.31", "relation.31", "income.31", "cost.illness"
    group: str
    title: str
    said: str
    on_file: str
    value: Any = None
    is_same: bool = False
    closed: str = ""
    section: str = ""

    @property
    def can_be_taken(self) -> bool:
        return not self.is_same and not self.closed


def answers_of(application: Application) -> dict[str, Any]:
    """What she answered; {} where the clerk filed for her on paper."""
    return json.loads(application.answers) if application.answers else {}


def items_of(application: Application) -> list[Item]:
    """Every field that she answered and that the file knows, in the order of the phone's pages."""
    answers, household = answers_of(application), application.case.household
    if not answers or household is None:
        return []
    people = list(_family(application, answers, household))
    incomes = [item for item in people if item.key.startswith("income.")]
    family = [item for item in people if item not in incomes]
    return [*_contact(answers, household), *family, *incomes, *_costs(answers, household)]


def _contact(answers: Mapping[str, Any], household: Household) -> Iterable[Item]:
    me, pay, consents = answers.get("me", {}), answers.get("money", {}), answers.get("consents", {})
    group = _("联系和收款")
    if me.get("phone"):
        shown = mask_phone(household.phone) if household.phone else ""
        yield Item(
            "phone", group, _("手机号码"), mask_phone(me["phone"]), shown, me["phone"], is_same=me["phone"] == household.phone
        )
    if me.get("correction"):
        yield Item(
            "correction", group, _("本人写的更正"), me["correction"], "", closed=_("照原件核对后到档案里改"), section="basic"
        )
    if pay.get("card") and consents.get("bank") is not False:
        said = f"{pay['bank_name']}　{mask_card(pay['card'])}"
        shown = f"{household.bank_name}　{mask_card(household.card)}" if household.card else ""
        value = {"bank_name": pay["bank_name"], "card": pay["card"]}
        same = (household.bank_name, household.card) == (pay["bank_name"], pay["card"])
        yield Item("card", group, _("银行卡"), said, shown, value, is_same=same)


def _family(application: Application, answers: Mapping[str, Any], household: Household) -> Iterable[Item]:
    people = answers.get("family", {}).get("people", [])
    members = {one.pk: one for one in household.members.filter(left_on=None).prefetch_related("incomes").order_by("pk")}
    named: set[int] = set()
    for place, said in enumerate(people):
        member = _who(said, members)
        if member is None and said.get("member"):
            continue  # left the file since she answered
        if member is None:
            yield _new_person(place, said)
            continue
        named.add(member.pk)
        yield from _person(said, member, household)
    if any(said.get("member") for said in people) and not _filed_since(application, household):
        added = _added_since(application, household)
        for member in members.values():
            if member.pk not in named | added and member.relation != Relation.SELF:
                title = f"{member.name}　{member.relation_words}"
                yield Item(f"left.{member.pk}", _("家里的人"), title, _("不在这个家了"), _("在家"), value=member.pk)


def _who(said: Mapping[str, Any], members: Mapping[int, Member]) -> Member | None:
    """The member of the file whom she meant: by key, the head herself, or by relation and name once added."""
    if said.get("member"):
        return members.get(said["member"])
    same = [one for one in members.values() if one.relation == said["relation"]]
    if said["relation"] == Relation.SELF:
        return same[0] if same else None
    return next((one for one in same if one.name == said["name"]), None)


def _new_person(place: int, said: Mapping[str, Any]) -> Item:
    words = f"{said['name']}　{Relation(said['relation']).label}　{income_words(said['income_fen'])}"
    return Item(f"new.{place}", _("家里的人"), _("多一个人"), words, _("档案里没有"), value=dict(said))


def _person(said: Mapping[str, Any], member: Member, household: Household) -> Iterable[Item]:
    group = _("家里的人")
    if member.relation != Relation.SELF:
        if said["name"] != member.name:
            yield Item(
                f"name.{member.pk}", group, _("%(name)s的姓名") % {"name": member.name}, said["name"], member.name, said["name"]
            )
        if said["relation"] != member.relation:
            words = str(Relation(said["relation"]).label), str(member.get_relation_display())
            yield Item(f"relation.{member.pk}", group, _("%(name)s的关系") % {"name": member.name}, *words, said["relation"])
    fen = said.get("income_fen")
    if fen is None:
        return
    asked = household.incomes_on is not None
    kinds = {income.kind: income.monthly_fen for income in member.incomes.all() if income.monthly_fen}
    on_file = sum(kinds.values()) if asked else None
    several = len(kinds) > 1 and on_file != fen
    kind = next(iter(kinds), str(IncomeKind.WAGE))
    yield Item(
        f"income.{member.pk}", _("收入"), _("%(name)s的每月收入") % {"name": member.name}, income_words(fen), income_words(on_file, asked),
        value=dict.fromkeys(kinds, 0) | {kind: fen}, is_same=on_file == fen, section="incomes" if several else "",
        closed=_("档案里分 %(n)d 类记，请按类别改") % {"n": len(kinds)} if several else "",
    )  # fmt: skip


def _costs(answers: Mapping[str, Any], household: Household) -> Iterable[Item]:
    costs = answers.get("costs", {})
    rows = list(household.expenses.all())
    for name, kind in COSTS.items():
        fen = costs.get(name)
        if fen is None:
            continue
        on_file = sum(row.amount_fen for row in rows if row.kind == kind) if household.expenses_on else None
        by_member = any(row.kind == kind and row.member_id for row in rows) and on_file != fen
        yield Item(
            f"cost.{name}", _("近 12 个月自己花的钱"), str(kind.label), f"{yuan(fen)} {_('元')}",
            _("没有问过") if on_file is None else f"{yuan(on_file)} {_('元')}", value=fen, is_same=on_file == fen,
            closed=_("档案里按人分开记，请到支出页改") if by_member else "", section="expenses" if by_member else "",
        )  # fmt: skip


def income_words(fen: int | None, asked: bool = True) -> str:
    if not asked:
        return _("没有问过")
    if fen is None:
        return _("收入不清楚")
    return _("每月 %(sum)s 元") % {"sum": yuan(fen)} if fen else _("没有收入")


def _added_since(application: Application, household: Household) -> set[int]:
    """Members whom somebody put onto the file after she had answered: she could not know of them."""
    rows = Change.objects.filter(
        household=household, field="name", at__gt=application.filed_at, subject__startswith="household.member:"
    )
    return {int(row.subject.rpartition(":")[2]) for row in rows if not row.old}


def _filed_since(application: Application, household: Household) -> bool:
    """Was the clue filed after she had answered? Then the whole family on it is newer than her answers."""
    return StateChange.objects.filter(household=household, new=State.FILED, at__gt=application.filed_at).exists()


def source_words(application: Application) -> str:
    """Why a value was corrected, as it stands in the file's history for ever."""
    day = today(application.filed_at)
    return _("采用本人申请 %(number)s 所填（%(day)s %(via)s）") % {
        "number": application.case.number, "day": day.isoformat(), "via": application.get_via_display(),
    }  # fmt: skip
