"""One form a page. `answer()` gives what is kept in the draft: plain JSON values, sums in fen. Wrong input is kept as typed."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.household.models.words import Relation
from bangfu.lib import bankcard, phone
from bangfu.lib.money import parse_yuan, yuan
from bangfu.portal.consents import Asked
from bangfu.portal.offers import Offer
from bangfu.portal.questions import CASH, NEED_ROWS, NO, OTHER_CARD, WAGE_CARD, YES

STORY_MOST, WISH_MOST = 500, 200
#: One family's year: more is a slip of the pen (S1-13).
COST_CAP_FEN = 1_000_000_000
INCOME_CAP_FEN = 100_000_000


class MoneyField(forms.CharField):
    """A sum as people type it; its value is fen, or None when left empty: whether it may be empty is the form's question."""

    def __init__(self, *, cap_fen: int, **options: Any) -> None:
        super().__init__(max_length=40, **options)
        self.cap_fen = cap_fen

    def clean(self, value: Any) -> int | None:
        text = super().clean(value)
        if not text:
            return None
        try:
            return parse_yuan(text, cap_fen=self.cap_fen)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong

    def validate(self, value: Any) -> None:
        """`required` only says how the label is drawn."""

    def prepare_value(self, value: Any) -> Any:
        return yuan(value) if isinstance(value, int) else value


class NeedsForm(forms.Form):
    needs = forms.MultipleChoiceField(
        label=gettext_lazy("遇到的困难"),
        help_text=gettext_lazy("可以选几样，我们来找合适的项目。"),
        widget=forms.CheckboxSelectMultiple,
        choices=[(need.slug, need.title) for need in NEED_ROWS],
        error_messages={"required": gettext_lazy("还没有选。请至少选一样；都不是的，选“别的难处”。")},
    )

    def answer(self) -> dict[str, Any]:
        return {"needs": self.cleaned_data["needs"]}


class MeForm(forms.Form):
    """Is it you, what happened, and what she hopes for most (S2-10)."""

    right = forms.ChoiceField(
        label=gettext_lazy("上面的对不对"),
        widget=forms.RadioSelect,
        choices=[(YES, gettext_lazy("对")), (NO, gettext_lazy("不对，要改"))],
        error_messages={"required": gettext_lazy("还没有选。请选“对”或“不对，要改”。")},
    )
    phone = forms.CharField(
        label=gettext_lazy("新手机号"),
        required=False,
        max_length=30,
        help_text=gettext_lazy("手机号不对才填，我们打这个号码找您。"),
    )
    correction = forms.CharField(
        label=gettext_lazy("还有什么要改"),
        required=False,
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("姓名、部门写错的，写下正确的，工会核对后改。"),
    )
    story = forms.CharField(
        label=gettext_lazy("用几句话说说"),
        required=False,
        max_length=STORY_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("什么事、什么时候、现在最难的是什么。"),
    )
    wish = forms.CharField(
        label=gettext_lazy("您最希望工会帮什么"),
        required=False,
        max_length=WISH_MOST,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("不只是钱，例如换岗位、找医生、孩子实习。"),
    )

    def __init__(self, *args: Any, needs: Sequence[str] = (), **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["story"].required = "other" in needs
        self.fields["story"].error_messages["required"] = _("您选了“别的难处”，请用一两句话说说是什么。")

    def clean_phone(self) -> str:
        text = self.cleaned_data["phone"]
        if not text:
            return ""
        found = phone.check(text)
        if not found.ok:
            raise forms.ValidationError(found.errors)
        return found.value

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("right") == NO and not (
            data.get("phone") or data.get("correction") or {"phone", "correction"} & set(self.errors)
        ):
            self.add_error("correction", _("您选了“不对，要改”，请写下哪里不对、正确的是什么。"))
        return data

    def answer(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = {name: data[name] for name in ("right", "story", "wish")}
        wrong = data["right"] == NO
        return kept | {name: data[name] if wrong else "" for name in ("phone", "correction")}


class MemberForm(forms.Form):
    """One person of the family."""

    use_required_attribute = False

    relation = forms.ChoiceField(
        label=gettext_lazy("是您的什么人"),
        choices=[("", gettext_lazy("请选择")), *[choice for choice in Relation.choices if choice[0] != Relation.SELF]],
        error_messages={"required": gettext_lazy("还没有选。请选这个人是您的什么人。")},
    )
    name = forms.CharField(
        label=gettext_lazy("姓名"), max_length=30, error_messages={"required": gettext_lazy("没有填姓名。请填这个人的姓名。")}
    )
    income_fen = MoneyField(
        cap_fen=INCOME_CAP_FEN,
        label=gettext_lazy("每月收入（元）"),
        help_text=gettext_lazy("大概就行，工资、退休金、打工都算；没有收入填 0。"),
    )
    unknown = forms.BooleanField(label=gettext_lazy("不清楚，以后再说"), required=False)

    def __init__(self, *args: Any, is_self: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        if is_self:
            del self.fields["relation"], self.fields["name"]

    def clean_name(self) -> str:
        return "".join(self.cleaned_data["name"].split())

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("income_fen") is None and not data.get("unknown") and "income_fen" not in self.errors:
            self.add_error("income_fen", _("没有填收入。请填大概的数，没有收入填 0，说不准就勾“不清楚”。"))
        return data

    def answer(self) -> dict[str, Any]:
        data = self.cleaned_data
        kept = {name: data[name] for name in ("relation", "name") if name in data}
        return kept | {"income_fen": None if data["unknown"] else data["income_fen"]}


class CostsForm(forms.Form):
    illness = MoneyField(
        cap_fen=COST_CAP_FEN, label=gettext_lazy("看病"), required=False, help_text=gettext_lazy("自己掏的，报销掉的不算。")
    )
    schooling = MoneyField(
        cap_fen=COST_CAP_FEN, label=gettext_lazy("孩子上学"), required=False, help_text=gettext_lazy("学费、住宿费、生活费。")
    )
    accident = MoneyField(
        cap_fen=COST_CAP_FEN, label=gettext_lazy("意外、灾害、丧事"), required=False, help_text=gettext_lazy("赔付掉的不算。")
    )
    later = forms.BooleanField(label=gettext_lazy("现在说不准，以后再补"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if (
            not self.errors
            and not data.get("later")
            and all(data.get(name) is None for name in ("illness", "schooling", "accident"))
        ):
            raise forms.ValidationError(_("三样都空着。没有花钱的填 0，说不准就勾“以后再补”。"))
        return data

    def answer(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class PayForm(forms.Form):
    """Which programme, how much, and how the money comes. A sum outside the range of one payment is named at once."""

    use_required_attribute = False

    programme = forms.ChoiceField(
        label=gettext_lazy("申请哪个项目"),
        widget=forms.RadioSelect,
        error_messages={
            "required": gettext_lazy("还没有选项目。请选一个，拿不准就选第一个。"),
            "invalid_choice": gettext_lazy("这个项目现在不能申请。请从列表里选一个。"),
        },
    )
    asked_fen = MoneyField(cap_fen=COST_CAP_FEN, label=gettext_lazy("想申请多少（元）"))
    how = forms.ChoiceField(
        label=gettext_lazy("怎么收款"),
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("还没有选怎么收款。请选一样。")},
    )
    bank_name = forms.CharField(label=gettext_lazy("开户银行"), required=False, max_length=60)
    card = forms.CharField(
        label=gettext_lazy("银行卡号"), required=False, max_length=40, help_text=gettext_lazy("本人的卡；可以带空格。")
    )

    def __init__(
        self, *args: Any, offers: Sequence[Offer], has_card: bool, running: Mapping[str, str] | None = None, **options: Any
    ) -> None:
        """`running`: programme -> the number of her case that is open already; it is not applied for twice."""
        super().__init__(*args, **options)
        self.offers, self.running = {offer.id: offer for offer in offers}, running or {}
        self.fields["programme"].choices = [(offer.id, offer.title) for offer in offers]  # type: ignore[attr-defined]
        ways = [(WAGE_CARD, _("打到工资卡"))] if has_card else []
        self.fields["how"].choices = [*ways, (OTHER_CARD, _("打到另一张卡")), (CASH, _("签字领现金"))]  # type: ignore[attr-defined]

    def clean_programme(self) -> str:
        chosen = self.cleaned_data["programme"]
        if number := self.running.get(chosen):
            raise forms.ValidationError(
                _("“%(title)s”已经在办，编号 %(number)s，不用再申请。请换一个项目，或回“我的”看进度。")
                % {"title": self.offers[chosen].title, "number": number}
            )
        return chosen

    def clean_bank_name(self) -> str:
        return self.cleaned_data["bank_name"].strip()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        self._check_sum(data)
        if data.get("how") == OTHER_CARD:
            self._check_card(data)
        return data

    def _check_sum(self, data: dict[str, Any]) -> None:
        offer, asked = self.offers.get(data.get("programme", "")), data.get("asked_fen")
        if offer is None or "asked_fen" in self.errors:
            return
        if offer.is_fixed:
            data["asked_fen"] = offer.low_fen
        elif asked is None:
            self.add_error(
                "asked_fen", _("没有填金额。“%(title)s”%(range)s。") % {"title": offer.title, "range": offer.range_words}
            )
        elif not (offer.low_fen or 1) <= asked <= (offer.high_fen or asked):
            self.add_error(
                "asked_fen",
                _("“%(title)s”%(range)s，您填了 %(sum)s 元。请改成这个范围里的数。")
                % {"title": offer.title, "range": offer.range_words, "sum": yuan(asked)},
            )

    def _check_card(self, data: dict[str, Any]) -> None:
        if not data.get("bank_name"):
            self.add_error("bank_name", _("没有填开户银行。请照银行卡填写，例如“工商银行开远支行”。"))
        found = bankcard.check(data.get("card"))
        if not found.ok:
            self.add_error("card", "；".join(found.errors))
        elif found.warnings:
            self.add_error("card", "；".join(found.warnings))
        else:
            data["card"] = found.value

    def answer(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        return data if data["how"] == OTHER_CARD else data | {"bank_name": "", "card": ""}


class ConsentForm(forms.Form):
    """The questions asked apart; nothing is ticked beforehand."""

    def __init__(self, *args: Any, asked: Sequence[Asked], **options: Any) -> None:
        super().__init__(*args, **options)
        for question in asked:
            self.fields[question.kind] = forms.ChoiceField(
                label=question.title,
                widget=forms.RadioSelect,
                choices=[(choice.value, choice.label) for choice in question.choices],
                error_messages={"required": _("还没有回答“%(title)s”。两个答案都可以，请选一个。") % {"title": question.title}},
            )

    def answer(self) -> dict[str, Any]:
        return {name: value == YES for name, value in self.cleaned_data.items()}


class SignatureForm(forms.Form):
    """A drawn signature, or her account instead of it."""

    signature = forms.CharField(label=gettext_lazy("签字"), required=False, max_length=400_000, widget=forms.HiddenInput)
    by_account = forms.BooleanField(label=gettext_lazy("画不了签字：用我登录的账号确认"), required=False)

    def clean_signature(self) -> bytes | None:
        """The picture's bytes, or None. Whether it is a picture is judged by `evidence.store`."""
        text = self.cleaned_data["signature"]
        if not text:
            return None
        head, _comma, body = text.partition(",")
        try:
            content = base64.b64decode(body, validate=True) if head == "data:image/png;base64" else b""
        except (binascii.Error, ValueError):
            content = b""
        if not content.startswith(b"\x89PNG\r\n\x1a\n"):
            raise forms.ValidationError(_("签字没有传上来。请清除后再签一次。"))
        return content

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors and not data.get("signature") and not data.get("by_account"):
            self.add_error("signature", _("还没有签字。请在方框里用手指签名；画不了的，勾“用我登录的账号确认”。"))
        return data


def initial_of(answer: Mapping[str, Any] | None) -> dict[str, Any]:
    """What a kept answer shows in its form again; booleans of consent as the two words."""
    return {name: (YES if value else NO) if isinstance(value, bool) and name in ("health", "bank", "notice_name") else value
            for name, value in (answer or {}).items()}  # fmt: skip


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label=gettext_lazy("为什么撤回"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class AgainForm(forms.Form):
    """The one second request to the committee."""

    text = forms.CharField(
        label=gettext_lazy("您想补充什么"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("写上次没有说到的情况，或缺的材料现在有了。"),
        error_messages={
            "required": gettext_lazy("还没有写。请写明想请评审会再看什么。"),
            "min_length": gettext_lazy("写得太短。请至少写 10 个字，让没到场的人也看得明白。"),
        },
    )
