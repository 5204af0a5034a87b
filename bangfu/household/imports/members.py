"""Rows of family members against the files that stand: the file is found by its head's number, the member by hers or by name."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bangfu.household.flow.roster import chunks
from bangfu.household.imports.judging import whole_row
from bangfu.household.models import Household, Income, Member
from bangfu.household.models.words import OPEN_STATES, IncomeKind, Relation, SchoolStage
from bangfu.household.rows import MemberRow
from bangfu.lib.crypto import blind_index

if TYPE_CHECKING:
    from bangfu.household.imports.outcome import Compared, Examination

#: What a file may say of a member, beside her income.
KEYS = (
    "name", "relation", "identity", "sex", "birth_date", "health", "diagnosis", "is_employed", "can_work", "school_stage",
    "tuition_fen", "has_medical_insurance",
)  # fmt: skip


def compare(examined: Examination, compared: list[Compared]) -> None:
    """New, changed, unchanged or stopped; a few statements a thousand rows."""
    heads: dict[str, list[Compared]] = defaultdict(list)
    own: dict[str, list[Compared]] = defaultdict(list)
    for each in compared:
        values = each.row.values
        if values.get("head_identity"):
            heads[blind_index(values["head_identity"], "id")].append(each)
        if values.get("identity"):
            own[blind_index(values["identity"], "id")].append(each)
    _find_files(examined, heads)
    _find_people(compared)
    _stop_other_heads(examined, own)
    earned = _earned([each.member.pk for each in compared if each.member is not None])
    for each in compared:
        if not each.row.problems and each.household is not None:
            _differ(each, earned)


def _find_files(examined: Examination, heads: dict[str, list[Compared]]) -> None:
    judge = examined.judge
    files = Household.objects.open().filter(organisation=examined.batch.organisation).select_related("unit")
    found = {str(file.head_index): file for keys in chunks(list(heads)) for file in files.filter(head_index__in=keys)}
    for index, rows in heads.items():
        file = found.get(index)
        for each in rows:
            if file is None:
                reason = _("没有户主是这个证件号码的家庭档案。")
                whole_row(each.row, reason, _("核对户主身份证号；还没有建档的，先给户主建档。"), key="head_identity", judge=judge)
            elif file.unit_id not in examined.context.reach:
                reason = _("这一户的档案在“%(unit)s”，不在您负责的单位里。") % {"unit": file.unit.name}
                whole_row(each.row, reason, _("请转给那里的工会干事。"), key="head_identity", judge=judge)
            elif file.state == "clue":
                reason = _("这一户是还没有建档的线索（%(number)s）。") % {"number": file.number}
                whole_row(each.row, reason, _("请打开那条线索，在页面上建档。"), key="head_identity", judge=judge)
            elif each.row.values.get("head_name") not in (None, file.head_name):
                reason = _("这个号码的户主叫%(name)s。") % {"name": file.head_name}
                whole_row(each.row, reason, _("核对户主姓名和身份证号，改正其中一个。"), key="head_name", judge=judge)
            elif each.row.values.get("identity") == each.row.values["head_identity"]:
                reason = _("和户主是同一个号码。")
                whole_row(each.row, reason, _("户主不用再列；成员填她自己的号码，没有就留空。"), key="identity", judge=judge)
            each.household = file


def _find_people(compared: list[Compared]) -> None:
    """The member of the file with this number; else the one with this name, where one of the two has no number."""
    rows: dict[int, list[Compared]] = defaultdict(list)
    for each in compared:
        if each.household is not None:
            rows[each.household.pk].append(each)
    for keys in chunks([str(pk) for pk in rows]):
        members = Member.objects.filter(household__in=[int(key) for key in keys], left_on=None).exclude(relation=Relation.SELF)
        for member in members:
            for each in rows[member.household_id]:
                number = each.row.values.get("identity", "")
                is_same = number == member.identity if number and member.identity else each.row.name == member.name
                if is_same and each.member is None:
                    each.member = member


def _stop_other_heads(examined: Examination, own: dict[str, list[Compared]]) -> None:
    """Who heads an open file of her own is not a member of another; a member of another file is only remarked. Source: practice.md 1.1."""
    organisation = examined.batch.organisation
    files = Household.objects.open().filter(organisation=organisation)
    others = Member.objects.filter(household__organisation=organisation, household__state__in=OPEN_STATES, left_on=None)
    for keys in chunks(list(own)):
        for index, number in files.filter(head_index__in=keys).values_list("head_index", "number"):
            for each in own[str(index)]:
                reason = _("这个人自己是档案 %(number)s 的户主。") % {"number": number}
                if not any(problem.key == "identity" for problem in each.row.problems):
                    whole_row(each.row, reason, _("一人只在一户；核对后删去这一行。"), key="identity", judge=examined.judge)
        elsewhere = others.exclude(relation=Relation.SELF).filter(identity_index__in=keys)
        for index, pk, number in elsewhere.values_list("identity_index", "household", "household__number"):
            for each in own[str(index)]:
                if each.household is not None and each.household.pk != pk:
                    each.row.warnings.append(_("也列在档案 %(number)s 的家庭成员里，请核对") % {"number": number})


def _earned(members: list[int]) -> dict[tuple[int, str], int]:
    found: dict[tuple[int, str], int] = {}
    for keys in chunks([str(pk) for pk in members]):
        rows = Income.objects.filter(member__in=[int(key) for key in keys])
        found |= {(member, kind): fen for member, kind, fen in rows.values_list("member", "kind", "monthly_fen")}
    return found


def _differ(each: Compared, earned: dict[tuple[int, str], int]) -> None:
    values: dict[str, Any] = each.row.values
    fen, kind = values.get("monthly_fen"), str(values.get("income_kind") or IncomeKind.WAGE)
    if each.member is None:
        given = {key: values[key] for key in KEYS if values.get(key) not in (None, "")}
        each.joining = MemberRow(**given, incomes=None if fen is None else {kind: fen})
        return
    for key in KEYS:
        new, old = values.get(key), getattr(each.member, key)
        if new not in (None, "") and new != old:
            each.member_changes[key] = (old, new)
    was = earned.get((each.member.pk, kind))
    if fen is not None and fen != (was or 0):
        each.member_changes["monthly_fen"] = (was, fen)
        if kind != IncomeKind.WAGE:
            each.member_changes["income_kind"] = (kind, kind)


def is_student(stage: str) -> bool:
    return stage not in ("", SchoolStage.NONE)
