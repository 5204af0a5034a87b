"""New files: a clue, or a household at once. Members and money follow on the file's own pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import within
from bangfu.household import flow, grades
from bangfu.household.fields import CardField, DayField, IdentityField, NameField, PhoneField, YuanField
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import CAUSE_CHOICES, StaffStatus, Tie
from bangfu.household.rows import FileRow, MemberRow
from bangfu.lib.days import today


class ClueForm(forms.Form):
    """发现一户: who, where, and how it came to be known."""

    unit = forms.ModelChoiceField(
        label=_("单位"), queryset=Unit.objects.none(), error_messages={"required": _("没有选单位。请选线索所在的单位。")}
    )
    head_name = NameField(label=_("姓名"))
    tie = forms.ChoiceField(label=_("与单位的关系"), choices=Tie.choices)
    phone = PhoneField(label=_("手机号码"), required=False)
    note = forms.CharField(
        label=_("线索来源"), widget=forms.Textarea(attrs={"rows": 3}), help_text=_("谁反映的、什么困难，一两句话")
    )

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = within(Unit.objects.all(), account, unit_path="path", roles=FILE_KEEPERS)  # type: ignore[attr-defined]

    def apply(self, *, by: Account, at: datetime) -> Household:
        return flow.add_clue(**self.cleaned_data, by=by, at=at)


class FileForm(forms.Form):
    """归档一户. With a worker number, what the roster knows need not be typed again."""

    unit = forms.ModelChoiceField(
        label=_("单位"), queryset=Unit.objects.none(), error_messages={"required": _("没有选单位。请选户主所在的单位。")}
    )
    tie = forms.ChoiceField(label=_("与单位的关系"), choices=Tie.choices)
    survivor_of = NameField(label=_("哪位职工的遗属"), required=False, help_text=_("与单位的关系是遗属的要填"))
    worker_no = forms.CharField(
        label=_("工号"), max_length=30, required=False, help_text=_("填了工号，下面的姓名、证件、手机和银行卡从花名册取，可以留空")
    )
    head_name = NameField(label=_("户主姓名"), required=False)
    identity = IdentityField(label=_("证件号码"), required=False)
    phone = PhoneField(label=_("手机号码"), required=False)
    bank_name = forms.CharField(label=_("开户银行"), max_length=60, required=False)
    card = CardField(label=_("银行卡号"), required=False)
    address = forms.CharField(label=_("家庭住址"), max_length=120, required=False)
    worker_status = forms.ChoiceField(label=_("工作状态"), choices=[("", _("从花名册取")), *StaffStatus.choices], required=False)
    main_cause = forms.ChoiceField(
        label=_("主要致困原因"), choices=[("", _("请选一项")), *CAUSE_CHOICES],
        error_messages={"required": _("没有选主要致困原因。请从列表里选一项。")},
    )  # fmt: skip
    secondary_causes = forms.MultipleChoiceField(
        label=_("次要致困原因"), choices=CAUSE_CHOICES, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("最多三项")
    )
    grade = forms.ChoiceField(label=_("困难档次"), required=False, help_text=_("按施行中的办法；可以以后再评"))
    stated_size = forms.IntegerField(label=_("家庭人口"), min_value=1, max_value=30, required=False, help_text=_("连户主在内"))
    monthly = YuanField(label=_("户主月平均收入（元）"), cap_fen=10_000_000, required=False)
    stated_annual_fen = YuanField(label=_("家庭年度总收入（元）"), required=False)
    opened_on = DayField(label=_("建档日期"), required=False, help_text=_("不填就是今天"))

    def __init__(self, *args: Any, account: Account, at: datetime, clue: Household | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.account, self.clue = account, clue
        units = within(Unit.objects.all(), account, unit_path="path", roles=FILE_KEEPERS)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        known = grades.of(clue.unit if clue else units.first() or Unit(), today(at)) if clue or units.exists() else []
        self.fields["grade"].choices = [("", _("以后再评")), *((grade.code, grade.title) for grade in known)]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(clue: Household) -> dict[str, Any]:
        return {
            "unit": clue.unit,
            "tie": clue.tie,
            "head_name": clue.head_name,
            "worker_no": clue.staff.worker_no if clue.staff else "",
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["staff"] = None
        unit, number = data.get("unit"), data.get("worker_no")
        if unit and number:
            data["staff"] = Staff.objects.filter(organisation=unit.organisation_id, worker_no=number).first()
            if data["staff"] is None:
                self.add_error("worker_no", _("花名册里没有这个工号。请核对工号，或不填工号直接填姓名和证件。"))
        elif "worker_no" not in self.errors:
            for name in ("head_name", "identity"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("没有工号时，这一项必须填。"))
        if data.get("tie") == Tie.SURVIVOR and not data.get("survivor_of") and "survivor_of" not in self.errors:
            self.add_error("survivor_of", _("没有写是哪位职工的遗属。请填那位职工的姓名。"))
        if len(data.get("secondary_causes") or ()) > 3:
            self.add_error("secondary_causes", _("次要致困原因最多三项。请留下最要紧的三项。"))
        return data

    def row(self) -> FileRow:
        data = dict(self.cleaned_data)
        monthly = data.pop("monthly")
        data.pop("worker_no")
        name = data["head_name"] or (data["staff"].name if data["staff"] else "")
        head = None if monthly is None else MemberRow(name=name, incomes={"wage": monthly})
        data["secondary_causes"] = tuple(data["secondary_causes"])
        return FileRow(**data, head=head)

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Household:
        return flow.file_household(self.row(), clue=self.clue, version=version, by=by, at=at)
