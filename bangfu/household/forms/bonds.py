"""Kinship, the three consents, help from others."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.household import flow
from bangfu.household.fields import DayField, YuanField
from bangfu.household.forms.base import SectionForm
from bangfu.household.models.words import (
    Giver,
)
from bangfu.household.queries import consents_of
from bangfu.lib.days import today


class KinshipForm(SectionForm):
    """I am related to this household; the office may note it for somebody else."""

    title = _("申报亲属关系")
    template = "household/kinship.html"
    username = forms.CharField(
        label=_("账号"), max_length=60, required=False, help_text=_("不填就是您本人；帮扶办公室可以替别人申报")
    )
    relation = forms.CharField(
        label=_("与这户的关系"), max_length=30, error_messages={"required": _("没有写亲属关系。请写明，例如“堂兄”。")}
    )

    def clean_username(self) -> str:
        username = self.cleaned_data["username"].strip()
        self.kin = self.account if not username else Account.objects.filter(username=username).first()
        if self.kin is None:
            raise forms.ValidationError(_("没有这个账号。请核对账号名。"))
        return username

    def initial_values(self) -> dict[str, Any]:
        return {}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        return flow.declare_kinship(self.household, self.kin, self.cleaned_data["relation"], by=by, at=at)


CONSENT_WORDING = {
    "health": _("我同意工会为办理帮扶使用我和家人的健康情况，只给办理的人看，公示时只写“因病”这样的类别。我可以随时撤回。"),
    "bank": _("我同意工会为发放帮扶款使用我的银行账户，只给经办人和财务看。不同意时改发现金。我可以随时撤回。"),
    "notice_name": _("我同意在单位公示栏写我的姓名。不同意时公示只写编号和金额。我可以随时撤回。"),
}


class ConsentForm(SectionForm):
    """The three answers, recorded from the signed paper; each apart, none ticked beforehand."""

    title = _("同意书")
    template = "household/consents.html"

    def build(self) -> None:
        now = {None: _g("还没有问过"), True: _g("现在：同意"), False: _g("现在：不同意")}
        for kind, answer in consents_of(self.household).items():
            choices = [("yes", _("同意")), ("no", _("不同意")), *([("withdraw", _("撤回已给的同意"))] if answer else [])]
            self.fields[kind] = forms.ChoiceField(
                label=CONSENT_WORDING[kind], choices=choices, required=False, widget=forms.RadioSelect, help_text=now[answer]
            )

    def initial_values(self) -> dict[str, Any]:
        return {}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        with recording():
            for kind, wording in CONSENT_WORDING.items():
                answer = self.cleaned_data[kind]
                if answer == "withdraw":
                    flow.withdraw_consent(self.household, kind, by=by, at=at)
                elif answer:
                    given = answer == "yes"
                    flow.give_consent(self.household, kind, given=given, wording=str(wording), by_worker=False, by=by, at=at)


class OutsideForm(SectionForm):
    title = _("其他方面的帮扶")
    template = "household/outside.html"
    giver = forms.ChoiceField(label=_("来源"), choices=Giver.choices)
    giver_name = forms.CharField(label=_("单位名称"), max_length=60, required=False)
    amount_fen = YuanField(label=_("金额（元）"), cap_fen=10**15)  # the flow says why a sum is too large
    day = DayField(label=_("日期"))
    what = forms.CharField(label=_("事由"), max_length=100)

    def initial_values(self) -> dict[str, Any]:
        return {"day": today(self.at)}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        return flow.note_outside_help(self.household, by=by, at=at, **self.cleaned_data)
