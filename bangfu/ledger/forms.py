"""Input of the money pages; what comes out is fen and dates, never strings."""

from __future__ import annotations

import base64
import binascii
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.access.forms import DayField
from bangfu.access.models import Unit
from bangfu.evidence.models import SignOff
from bangfu.ledger import form_key, reactions
from bangfu.ledger.flow.funds import PAYMENT_CAP_FEN
from bangfu.ledger.models import Disbursement, Fund, Restriction
from bangfu.lib import codes
from bangfu.lib.money import CAP_FEN, parse_yuan


class YuanField(forms.CharField):
    """A sum as people type it (3000, "3,000.00", ３０００元); answers fen, more than nothing. Refuses 万. Source: S1-13."""

    def __init__(self, *, cap_fen: int = CAP_FEN, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.cap_fen = cap_fen

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        if len(text) > 40:
            raise forms.ValidationError(_("金额太长了。请填写数字，例如 3000 或 3,000.00。"))
        try:
            fen = parse_yuan(text, cap_fen=self.cap_fen)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if fen == 0:
            raise forms.ValidationError(_("金额要大于 0。"))
        return fen


class KeyedForm(forms.Form):
    """A form whose key makes a second sending answer the first result."""

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=64, initial=form_key.new)


class FundForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("名称"), max_length=60, help_text=gettext_lazy("例如：困难职工帮扶基金"))
    code = forms.SlugField(label=gettext_lazy("编码"), max_length=20, help_text=gettext_lazy("小写字母和数字，印在凭证号前"))
    subject_code = forms.RegexField(
        r"^5\d{2,9}$", label=gettext_lazy("支出科目"), initial="5101",
        help_text=gettext_lazy("照工会账簿上的科目编码，5 开头"),
        error_messages={"invalid": gettext_lazy("支出科目要是 5 开头的 3 到 10 位数字。照工会账簿填写。")},
    )  # fmt: skip
    cap_fen = YuanField(
        label=gettext_lazy("一笔付款的上限"), cap_fen=CAP_FEN, initial=f"{PAYMENT_CAP_FEN / 100:.2f}",
        help_text=gettext_lazy("超过的当作写错，付不出去"),
    )  # fmt: skip


class RestrictionForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("专款名称"), max_length=60)
    code = forms.SlugField(label=gettext_lazy("编码"), max_length=20)
    programmes = forms.MultipleChoiceField(
        label=gettext_lazy("只能付哪些项目"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选则不限"),
    )
    causes = forms.MultipleChoiceField(
        label=gettext_lazy("只能用于哪些致困原因"), required=False, widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("不选则不限"),
    )  # fmt: skip

    def __init__(self, *args: Any, unit: Unit, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes, causes = reactions.ties_of(unit)
        self.fields["programmes"].choices = list(programmes.items())  # type: ignore[attr-defined]
        self.fields["causes"].choices = list(causes.items())  # type: ignore[attr-defined]


class IncomeForm(KeyedForm):
    """A gift or a grant that has arrived."""

    amount_fen = YuanField(label=gettext_lazy("收到金额"), help_text=gettext_lazy("按元填写，例如 100000"))
    source = forms.ChoiceField(label=gettext_lazy("资金来源"), choices=[])
    day = DayField(label=gettext_lazy("到账日期"))
    method = forms.ChoiceField(
        label=gettext_lazy("收到哪里"), choices=[("bank", gettext_lazy("银行账户")), ("cash", gettext_lazy("现金"))]
    )
    restriction = forms.ModelChoiceField(label=gettext_lazy("专款"), queryset=Restriction.objects.none(), empty_label=None)
    donor = forms.CharField(
        label=gettext_lazy("捐款人或拨款单位"), max_length=60, required=False, help_text=gettext_lazy("匿名捐款不要填")
    )
    summary = forms.CharField(label=gettext_lazy("摘要"), max_length=100, required=False)

    def __init__(self, *args: Any, fund: Fund, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["source"].choices = [*codes.choices("fund_source"), ("0", _("期初结余"))]  # type: ignore[attr-defined]
        self.fields["restriction"].queryset = fund.restrictions.all()  # type: ignore[attr-defined]
        self.fields["day"].initial = today


class ReversalForm(KeyedForm):
    reason = forms.CharField(label=gettext_lazy("冲销原因"), max_length=150, help_text=gettext_lazy("写清哪里错了，正确的是什么"))
    line = forms.MultipleChoiceField(choices=[], required=False, label=gettext_lazy("冲销哪几行"))

    def __init__(self, *args: Any, lines: list[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["line"].choices = [(str(line), str(line)) for line in lines]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> set[int] | None:
        """Line numbers, or None for the whole voucher."""
        return {int(line) for line in self.cleaned_data["line"]} or None


class PayoutForm(KeyedForm):
    """The last page before money leaves: the rows that were picked."""

    day = DayField(label=gettext_lazy("付款日期"), required=False)


class ConfirmationForm(KeyedForm):
    bank_ref = forms.CharField(label=gettext_lazy("银行流水号"), max_length=60)
    day = DayField(label=gettext_lazy("到账日期"))


class FailureForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("退回原因"), max_length=150)


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=200)


class PayeeAccountForm(forms.Form):
    method = forms.ChoiceField(label=gettext_lazy("付款方式"), choices=Disbursement.Method.choices)
    bank_name = forms.CharField(label=gettext_lazy("开户行"), max_length=60, required=False)
    card = forms.CharField(label=gettext_lazy("银行卡号"), max_length=40, required=False)
    reason = forms.CharField(label=gettext_lazy("更改原因"), max_length=150)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("method") == Disbursement.Method.BANK and not data.get("card"):
            self.add_error("card", _("银行转账要填卡号。对照银行卡填写，或改发现金。"))
        return data


class SignatureForm(forms.Form):
    """One side signs: drawn on the screen, or a photo of the signed paper; the payer may also confirm by being signed in."""

    side = forms.ChoiceField(choices=[("payee", "payee"), ("payer", "payer")], widget=forms.HiddenInput)
    drawn = forms.CharField(required=False, widget=forms.HiddenInput)
    photo = forms.FileField(required=False, label=gettext_lazy("或拍下纸面签字"))
    clicked = forms.BooleanField(required=False, widget=forms.HiddenInput)

    def clean_drawn(self) -> bytes:
        text = str(self.cleaned_data["drawn"])
        if not text:
            return b""
        head, _comma, coded = text.partition(",")
        try:
            if head != "data:image/png;base64":
                raise ValueError(head)
            return base64.b64decode(coded, validate=True)
        except (ValueError, binascii.Error) as error:
            raise forms.ValidationError(_("手写签字没有传完整。请点“重签”，再签一次。")) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not (data.get("drawn") or data.get("photo") or data.get("clicked")):
            raise forms.ValidationError(_("还没有签字。请在框里手写，或拍下纸面签字。"))
        return data

    def signature(self) -> dict[str, Any]:
        """`how` and `picture` for the flow."""
        data = self.cleaned_data
        if data["drawn"]:
            return {"how": SignOff.How.DRAWN, "picture": data["drawn"]}
        if data["photo"]:
            return {"how": SignOff.How.PAPER, "picture": data["photo"].read()}
        return {"how": SignOff.How.CLICKED, "picture": None}
