"""The head, the unit, and what was found about the household; its causes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.household import flow
from bangfu.household.fields import AskedField, CardField, IdentityField, NameField, PhoneField, WhyField
from bangfu.household.flow.correct import SENSITIVE
from bangfu.household.forms.base import KEEP, SectionForm
from bangfu.household.models.words import (
    CAUSE_CHOICES,
    Level,
    StaffStatus,
    Tie,
)


class BasicForm(SectionForm):
    title = _("户主与基本情况")
    head_name = NameField(label=_("户主姓名"))
    tie = forms.ChoiceField(label=_("与单位的关系"), choices=Tie.choices)
    survivor_of = NameField(label=_("哪位职工的遗属"), required=False, help_text=_("与单位的关系是遗属的要填"))
    worker_status = forms.ChoiceField(label=_("工作状态"), choices=[("", _("没问")), *StaffStatus.choices], required=False)
    level = forms.ChoiceField(label=_("档案级别"), choices=Level.choices)
    stated_size = forms.IntegerField(label=_("家庭人口（填报）"), min_value=1, max_value=30, required=False)
    identity = IdentityField(label=_("新的证件号码"), required=False, help_text=KEEP)
    phone = PhoneField(label=_("新的手机号码"), required=False, help_text=KEEP)
    bank_name = forms.CharField(label=_("开户银行"), max_length=60, required=False)
    card = CardField(label=_("新的银行卡号"), required=False, help_text=KEEP)
    address = forms.CharField(label=_("新的家庭住址"), max_length=120, required=False, help_text=KEEP)
    contract_months = forms.IntegerField(
        label=_("劳动合同期限（月）"), min_value=0, max_value=999, required=False, help_text=_("农民工要填")
    )
    is_union_member = AskedField(label=_("工会会员"))
    is_model_worker = AskedField(label=_("劳动模范"))
    is_urban = AskedField(label=_("城镇居民"))
    has_dibao = AskedField(label=_("享受低保"))
    is_zero_employment = AskedField(label=_("零就业家庭"))
    is_single_parent = AskedField(label=_("单亲家庭"))
    refuses_check = AskedField(label=_("拒绝配合调查核查"))
    has_hidden_income = AskedField(label=_("隐瞒收入或家庭变动"))
    refuses_work = AskedField(label=_("无正当理由拒绝就业"))
    has_offence = AskedField(label=_("违法犯罪或参与非法组织"))
    why = WhyField()

    def initial_values(self) -> dict[str, Any]:
        return {name: value for name, value in super().initial_values().items() if name not in SENSITIVE}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = dict(self.cleaned_data)
        why = data.pop("why")
        values = {name: value for name, value in data.items() if value or name not in SENSITIVE}
        return flow.correct_many(self.household, values, why=why, version=version, by=by, at=at)


class CauseForm(SectionForm):
    title = _("致困原因")
    main_cause = forms.ChoiceField(
        label=_("主要致困原因"), choices=CAUSE_CHOICES, error_messages={"required": _("没有选主要致困原因。请从列表里选一项。")}
    )
    secondary = forms.MultipleChoiceField(
        label=_("次要致困原因"), choices=CAUSE_CHOICES, required=False, widget=forms.CheckboxSelectMultiple, help_text=_("最多三项")
    )
    cause_note = forms.CharField(label=_("说明"), max_length=200, required=False)
    why = WhyField()

    def initial_values(self) -> dict[str, Any]:
        return super().initial_values() | {"secondary": [cause.code for cause in self.household.causes.all()]}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        return flow.set_causes(
            self.household, main=data["main_cause"], secondary=data["secondary"], note=data["cause_note"], why=data["why"],
            version=version, by=by, at=at,
        )  # fmt: skip
