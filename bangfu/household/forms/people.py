"""Members: join, correct, leave. Masked values are never filled in beforehand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.household import flow
from bangfu.household.fields import AskedField, DayField, IdentityField, NameField, WhyField, YuanField
from bangfu.household.forms.base import KEEP, SectionForm
from bangfu.household.models import Member
from bangfu.household.models.words import (
    Health,
    IncomeKind,
    Relation,
    SchoolStage,
    Sex,
)
from bangfu.household.rows import MemberRow
from bangfu.lib import codes


class _MemberFields(SectionForm):
    name = NameField(label=_("姓名"))
    relation = forms.ChoiceField(label=_("与户主关系"), choices=Relation.choices)
    sex = forms.ChoiceField(label=_("性别"), choices=Sex.choices, required=False)
    birth_date = DayField(label=_("出生日期"), required=False, help_text=_("有证件号码就不用填"))
    identity = IdentityField(label=_("证件号码"), required=False)
    health = forms.ChoiceField(label=_("健康状况"), choices=[("", _("没问")), *Health.choices], required=False)
    diagnosis = forms.CharField(label=_("诊断"), max_length=100, required=False, help_text=_("加密保存，页面上只显示健康类别"))
    disability_kind = forms.ChoiceField(
        label=_("残疾类别"), choices=[("", _("无或没问")), *codes.choices("disability_kind")], required=False
    )
    disability_grade = forms.ChoiceField(
        label=_("残疾等级"), choices=[("", _("没问")), ("0", _("无")), *codes.choices("disability_grade")], required=False
    )
    is_employed = AskedField(label=_("就业"))
    can_work = AskedField(label=_("有劳动能力"))
    school_stage = forms.ChoiceField(label=_("就学阶段"), choices=[("", _("没问")), *SchoolStage.choices], required=False)
    tuition_fen = YuanField(label=_("一学年学费、住宿费（元）"), required=False)
    has_medical_insurance = AskedField(label=_("参加医保"))
    why = WhyField()


class MemberNewForm(_MemberFields):
    title = _("增加家庭成员")
    template = "household/members.html"
    monthly = YuanField(label=_("月平均收入（元）"), cap_fen=10_000_000, required=False)
    field_order = ["name", "relation", "identity", "sex", "birth_date", "monthly"]

    def build(self) -> None:
        self.fields["relation"].choices = [pair for pair in Relation.choices if pair[0] != Relation.SELF]  # type: ignore[attr-defined]

    def initial_values(self) -> dict[str, Any]:
        return {"sex": Sex.UNKNOWN, "relation": Relation.SPOUSE}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = dict(self.cleaned_data)
        why, monthly = data.pop("why"), data.pop("monthly")
        sex = "" if data.pop("sex") == Sex.UNKNOWN else self.cleaned_data["sex"]
        row = MemberRow(**data, sex=sex, incomes=None if monthly is None else {IncomeKind.WAGE: monthly})
        return flow.add_member(self.household, row, why=why, version=version, by=by, at=at)


class MemberForm(_MemberFields):
    """Correct one member, or note that she left the household."""

    title = _("家庭成员")

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        self.member = member
        super().__init__(*args, **kwargs)

    def build(self) -> None:
        is_head = self.member.relation == Relation.SELF
        self.fields["relation"].choices = [pair for pair in Relation.choices if (pair[0] == Relation.SELF) == is_head]  # type: ignore[attr-defined]
        for name in ("identity", "diagnosis"):
            self.fields[name].help_text = KEEP
        if is_head:
            del self.fields["identity"]  # stands on the file itself
        else:
            self.fields["left_on"] = DayField(
                label=_("离户日期"), required=False, help_text=_("去世、出嫁等离开本户时填；只填日期和原因即可")
            )
        self.order_fields([*[name for name in self.fields if name != "why"], "why"])

    def initial_values(self) -> dict[str, Any]:
        hidden = ("identity", "diagnosis")
        return {name: getattr(self.member, name) for name in self.fields if hasattr(self.member, name) and name not in hidden}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = dict(self.cleaned_data)
        why, left_on = data.pop("why"), data.pop("left_on", None)
        if left_on:
            return flow.member_left(self.member, day=left_on, why=why, version=version, by=by, at=at)
        for name in ("identity", "diagnosis"):
            if not data.get(name):
                data.pop(name, None)
        data["is_student"] = data["school_stage"] not in ("", SchoolStage.NONE)
        return flow.correct_many(self.member, data, why=why, version=version, by=by, at=at)
