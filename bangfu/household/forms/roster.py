"""The roster's forms."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import within
from bangfu.household import flow
from bangfu.household.fields import CardField, DayField, IdentityField, NameField, PhoneField, WhyField
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.models import Staff
from bangfu.household.models.words import IdentityKind, StaffStatus
from bangfu.household.rows import StaffRow


class StaffForm(forms.Form):
    """One worker for the roster."""

    unit = forms.ModelChoiceField(
        label=_("单位"), queryset=Unit.objects.none(), error_messages={"required": _("没有选单位。请选职工所在的单位。")}
    )
    worker_no = forms.CharField(label=_("工号"), max_length=30)
    name = NameField(label=_("姓名"))
    identity = IdentityField(label=_("证件号码"), help_text=_("18 位身份证；港澳台居民证件、护照也可以"))
    phone = PhoneField(label=_("手机号码"), required=False)
    bank_name = forms.CharField(label=_("开户银行"), max_length=60, required=False)
    card = CardField(label=_("银行卡号"), required=False)
    post = forms.CharField(label=_("岗位"), max_length=40, required=False)
    status = forms.ChoiceField(label=_("在岗状态"), choices=StaffStatus.choices)
    identity_kind = forms.ChoiceField(label=_("用工身份"), choices=IdentityKind.choices)
    joined_on = DayField(label=_("参加工作日期"), required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = within(Unit.objects.all(), account, unit_path="path", roles=FILE_KEEPERS)  # type: ignore[attr-defined]

    def row(self) -> StaffRow:
        return StaffRow(**self.cleaned_data)


class StaffCorrection(forms.Form):
    """Correct a roster row. Masked values are not filled in beforehand: left empty they stay as they are."""

    name = NameField(label=_("姓名"))
    post = forms.CharField(label=_("岗位"), max_length=40, required=False)
    status = forms.ChoiceField(label=_("在岗状态"), choices=StaffStatus.choices)
    identity_kind = forms.ChoiceField(label=_("用工身份"), choices=IdentityKind.choices)
    joined_on = DayField(label=_("参加工作日期"), required=False)
    bank_name = forms.CharField(label=_("开户银行"), max_length=60, required=False)
    identity = IdentityField(label=_("新的证件号码"), required=False, help_text=_("不改就留空"))
    phone = PhoneField(label=_("新的手机号码"), required=False, help_text=_("不改就留空"))
    card = CardField(label=_("新的银行卡号"), required=False, help_text=_("不改就留空"))
    why = WhyField()

    @staticmethod
    def initial_of(staff: Staff) -> dict[str, Any]:
        return {name: getattr(staff, name) for name in ("name", "post", "status", "identity_kind", "joined_on", "bank_name")}

    def apply(self, staff: Staff, *, version: int, by: Account, at: datetime) -> None:
        data = self.cleaned_data
        values = {name: data[name] for name in self.initial_of(staff)}
        values |= {name: data[name] for name in ("identity", "phone", "card") if data[name]}
        flow.correct_many(staff, values, why=data["why"], version=version, by=by, at=at)
