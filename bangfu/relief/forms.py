"""The clerk's form for a worker (代办)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Unit
from bangfu.household.models.words import CAUSE_CHOICES
from bangfu.ledger.forms import YuanField
from bangfu.lib.days import today
from bangfu.process import pack
from bangfu.process.models import Award

ANSWER = [("yes", _("同意")), ("no", _("不同意"))]


def _answer(question: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=question,
        choices=ANSWER,
        widget=forms.RadioSelect,
        error_messages={"required": _("还没有选。请照本人签字的授权书选一项。")},
    )


class ApplicationForm(forms.Form):
    """What the worker said, written down by her union from the signed paper; the three consents are asked apart."""

    programme = forms.ChoiceField(label=_("申请的项目"))
    causes = forms.MultipleChoiceField(label=_("遇到了什么困难"), choices=CAUSE_CHOICES, widget=forms.CheckboxSelectMultiple)
    story = forms.CharField(label=_("本人怎么说"), widget=forms.Textarea(attrs={"rows": 4}), max_length=2000)
    wish = forms.CharField(
        label=_("本人的心愿"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("除了钱，最希望工会帮什么"),
    )  # fmt: skip
    asked_fen = YuanField(label=_("申请金额（元）"), required=False, help_text=_("不确定就空着，由工会按办法算"))
    method = forms.ChoiceField(label=_("怎么收款"), choices=Award.Method.choices, widget=forms.RadioSelect, initial="bank")
    is_urgent = forms.BooleanField(label=_("情况紧急"), required=False)
    health = _answer(_("同意用健康情况评审吗？"))
    bank = _answer(_("同意用银行卡发钱吗？"))
    notice_name = _answer(_("公示时同意写姓名吗？"))
    signed = forms.BooleanField(
        label=_("已看过本人签字的申请书和授权书"), error_messages={"required": _("还没有打勾。看过纸上的签字，再打勾提交。")}
    )

    def __init__(self, *args: Any, unit: Unit | None, at: datetime, has_card: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offers = [one for one in pack.programmes_in_force(unit, today(at)) if not one.is_list] if unit else []
        self.fields["programme"].choices = [(one.id, one.title) for one in offers]  # type: ignore[attr-defined]
        if not has_card:
            self.fields["method"].initial = "cash"
