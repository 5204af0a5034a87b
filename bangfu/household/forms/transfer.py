"""To hand a file to another unit of the organisation."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.household import flow
from bangfu.household.forms.base import SectionForm


class TransferForm(SectionForm):
    title = _("转到别的单位")
    template = "household/transfer.html"
    to_unit = forms.ModelChoiceField(
        label=_("转到哪个单位"), queryset=Unit.objects.none(), empty_label=_("请选单位"),
        error_messages={"required": _("没有选单位。请选要转去的单位。"), "invalid_choice": _("没有这个单位。请从列表里选。")},
    )  # fmt: skip
    reason = forms.CharField(
        label=_("转移的原因"), max_length=300, widget=forms.Textarea(attrs={"rows": 3}), help_text=_("两个单位都看得到，例如“本人调到检修公司”"),
        error_messages={"required": _("没有写转移的原因。请写明，例如“本人调到检修公司”。")},
    )  # fmt: skip

    def build(self) -> None:
        units = Unit.objects.filter(path__startswith=f"/{self.household.organisation_id}/").exclude(pk=self.household.unit_id)
        self.fields["to_unit"].queryset = units.order_by("path")  # type: ignore[attr-defined]

    def initial_values(self) -> dict[str, Any]:
        return {}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        return flow.ask_transfer(self.household, data["to_unit"], data["reason"], version=version, by=by, at=at)
