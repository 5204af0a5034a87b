"""Forms of the committee's pages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.forms import DayField
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with
from bangfu.governance.models import CONVENERS, Choice, Committee, Motion
from bangfu.lib.days import TZ
from bangfu.lib.money import parse_yuan, yuan


class HourForm(forms.Form):
    """When a session is held: day and hour become `held_at`."""

    day = DayField(label=_("哪天开"), help_text=_("例如 2026-11-25"))
    hour = forms.TimeField(
        label=_("几点"),
        input_formats=["%H:%M"],
        help_text=_("24 小时制，例如 9:00"),
        error_messages={"invalid": _("时间按“9:00”填写，24 小时制。")},
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("day") and data.get("hour"):
            data["held_at"] = datetime.combine(data["day"], data["hour"], TZ)
        return data


class ConveneForm(HourForm):
    committee = forms.ModelChoiceField(label=_("委员会"), queryset=Committee.objects.none(), empty_label=None)
    place = forms.CharField(label=_("地点"), max_length=60, required=False)
    recorder = forms.ModelChoiceField(label=_("记录人"), queryset=Account.objects.none(), required=False, empty_label=_("先不定"))

    field_order = ["committee", "day", "hour", "place", "recorder"]

    def __init__(self, *args: Any, committees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["committee"].queryset = committees  # type: ignore[attr-defined]
        staff = {
            account.pk for committee in committees for account in accounts_with(CONVENERS - {Role.COMMITTEE_CHAIR}, committee.unit)
        }
        self.fields["recorder"].queryset = Account.objects.filter(pk__in=staff)  # type: ignore[attr-defined]


class VoteForm(forms.Form):
    """The ballot. `shown` is the sum that the button said; another one has to be pressed again (works without script)."""

    amount = forms.CharField(label=_("金额（元）"), required=False)
    opinion = forms.CharField(label=_("意见"), max_length=500, required=False)
    choice = forms.ChoiceField(
        choices=Choice.choices, error_messages=dict.fromkeys(("required", "invalid_choice"), _("请按“同意”“不同意”或“退回补充”。"))
    )
    shown = forms.IntegerField(required=False)

    def __init__(self, *args: Any, motion: Motion, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.motion = motion

    def clean_amount(self) -> int | None:
        if not self.motion.has_money or self.data.get("choice") != Choice.YES:
            return None
        try:
            return parse_yuan(self.cleaned_data["amount"])
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        amount = data.get("amount")
        if amount is not None and data.get("shown") != amount:
            self.add_error("amount", _("金额是 ¥%(sum)s。看清楚以后，请再按一次“同意”。") % {"sum": yuan(amount)})
        return data


class MinutesForm(forms.Form):
    minutes = forms.CharField(label=_("会议纪要"), max_length=20_000, widget=forms.Textarea(attrs={"rows": 8}))


class CommitteeForm(forms.Form):
    name = forms.CharField(label=_("名称"), max_length=60, initial=_("帮扶基金管理委员会"))
    quorum = forms.TypedChoiceField(
        label=_("多少人到会才能开"),
        coerce=int,
        choices=[(500, _("过半数")), (666, _("三分之二以上")), (999, _("全体"))],
        initial=666,
    )
    majority = forms.TypedChoiceField(
        label=_("多少票才通过"), coerce=int, choices=[(500, _("过半数")), (666, _("三分之二以上")), (999, _("全票"))], initial=500
    )


class SeatForm(forms.Form):
    account = forms.ModelChoiceField(label=_("谁"), queryset=Account.objects.none())
    is_chair = forms.BooleanField(label=_("任主任"), required=False)
    from_date = DayField(label=_("从哪天起"))

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = accounts_with({Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR}, committee.unit)
        self.fields["account"].queryset = Account.objects.filter(pk__in=[account.pk for account in able])  # type: ignore[attr-defined]
        self.fields["account"].help_text = _("只列出已有评审委员岗位的人；没有的先请安全管理员授权。")
