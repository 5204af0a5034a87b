"""困难职工家庭档案 as A4: the whole file on paper, without what nobody may carry about (numbers, diagnosis, house number)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household import grades
from bangfu.household.flow.parts import describe_asset
from bangfu.household.models import Household, Member
from bangfu.household.models.words import CAUSES, ConsentKind, ExpenseKind, Section
from bangfu.household.queries import consents_of
from bangfu.lib.days import age_on, local, today
from bangfu.lib.masking import mask_address, mask_card, mask_id, mask_phone
from bangfu.lib.money import yuan


def data_of(household: Household, *, by: Account, at: datetime) -> dict[str, Any]:
    """What the template shows. `by` and `at` stand in the footnote: who printed it and when."""
    members = list(household.members.prefetch_related("incomes").order_by("pk"))
    present = [member for member in members if member.left_on is None]
    return {
        "title": _("困难职工家庭档案"),
        "org": household.organisation.name,
        "number": household.number,
        "footnote": _("%(who)s 于 %(when)s 打印，号码已隐去") % {"who": by.name, "when": f"{local(at):%Y-%m-%d %H:%M}"},
        "head": _head(household, today(at)),
        "members": _members(household, present, today(at)),
        "expenses": _expenses(household),
        "assets": {"title": _("财产"), "text": "；".join(_assets(household))},
        "clears": {"title": _("五清"), "rows": _clears(household, _secrets(household, members))},
        "consents": {"title": _("授权"), "rows": _consents(household)},
        "signers": [{"role": role} for role in (_("建档人"), _("审核人"), _("负责人"))],
    }


def _head(household: Household, day: date) -> list[list[str]]:
    grade = grades.titles(household.unit, day).get(household.grade, household.grade)
    causes = [household.main_cause, *(cause.code for cause in household.causes.all())]
    return [
        [_("姓名"), household.head_name, _("证件号码"), mask_id(household.identity)],
        [_("单位"), household.unit.name, _("手机"), mask_phone(household.phone)],
        [_("与单位的关系"), str(household.get_tie_display()), _("银行卡"), mask_card(household.card)],
        [_("档号"), household.number, _("建档日期"), f"{household.opened_on:%Y-%m-%d}"],
        [_("状态"), str(household.get_state_display()), _("困难档次"), grade or _("未定")],
        [_("家庭人口"), _("%(n)d 人") % {"n": household.size}, _("住址"), mask_address(household.address)],
        [_("致困原因"), "、".join(str(CAUSES[code].title) for code in causes if code in CAUSES) or _("还没有填")],
    ]


def _members(household: Household, members: list[Member], day: date) -> dict[str, Any]:
    """A row each, and the sum; incomes that nobody asked for are no zeros."""
    sums = [[income.monthly_fen for income in member.incomes.all()] for member in members]
    is_asked = household.incomes_on is not None or any(sums)
    return {
        "title": _("家庭成员"),
        "head": [_("姓名"), _("关系"), _("年龄"), _("健康"), _("月收入（元）")],
        "rows": [
            [
                member.name,
                member.relation_words,
                str(age_on(member.birth_date, day)) if member.birth_date else "—",
                str(member.get_health_display()) or _("没问"),
                yuan(sum(monthly)) if is_asked else _("没问"),
            ]
            for member, monthly in zip(members, sums, strict=True)
        ],
        "total": [_("合计"), yuan(sum(map(sum, sums))) if is_asked else _("没问")],
        "missing": _("还有 %(n)d 人没有录") % {"n": household.size - len(members)} if household.size > len(members) else "",
    }


def _expenses(household: Household) -> dict[str, Any]:
    """The seven rigid kinds with their sum; the cost of working counts apart and stands below it. Notes stay off: they name illnesses."""
    rows = [row for row in household.expenses.select_related("member") if row.amount_fen]
    until = household.expenses_on
    return {
        "title": _("近 12 个月刚性支出（截至 %(day)s）") % {"day": f"{until:%Y-%m-%d}"} if until else _("近 12 个月刚性支出"),
        "head": [_("类别"), _("谁的"), _("金额（元）")],
        "rows": [
            [str(row.get_kind_display()), row.member.name if row.member else _("全家"), yuan(row.amount_fen)]
            for row in rows
            if row.kind != ExpenseKind.WORK_COST
        ],
        "total": [_("合计"), yuan(sum(row.amount_fen for row in rows if row.kind != ExpenseKind.WORK_COST))],
        "apart": [
            [_("另计：%(kind)s") % {"kind": row.get_kind_display()}, yuan(row.amount_fen)]
            for row in rows
            if row.kind == ExpenseKind.WORK_COST
        ],
        "none": _("问过，没有刚性支出") if until else _("支出还没有问"),
    }


def _assets(household: Household) -> list[str]:
    found = [describe_asset(asset) for asset in household.assets.all()]
    return found or [_("问过，没有房产、车辆等财产") if household.assets_on else _("还没有问")]


def _clears(household: Household, secrets: list[str]) -> list[list[str]]:
    """Section, text, who checked it and when. The words are free: a sealed value that somebody wrote into them is left out."""
    known = {clear.section: clear for clear in household.clears.select_related("checked_by")}
    rows = []
    for section in Section:
        clear = known.get(section)
        text = clear.text if clear else _("还没有填")
        for secret in secrets:
            text = text.replace(secret, _("（略）"))
        who = clear.checked_by.name if clear and clear.checked_by else ""
        rows.append([str(section.label), text, f"{who} {today(clear.checked_at):%Y-%m-%d}".strip() if clear else ""])
    return rows


def _consents(household: Household) -> list[list[str]]:
    words = {True: _("同意"), False: _("不同意"), None: _("没问")}
    return [[str(ConsentKind(kind).label), words[answer]] for kind, answer in consents_of(household).items()]


def _secrets(household: Household, members: list[Member]) -> list[str]:
    """The sealed values of a file, longest first."""
    own = [household.identity, household.phone, household.card, household.address]
    values = {*own, *(value for member in members for value in (member.identity, member.diagnosis))}
    return sorted((value for value in values if len(value) > 1), key=len, reverse=True)
