"""Forms of notices: an objection from the open page or from the desk, its answer, taking down."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.forms import DayField
from bangfu.disclosure.flow import MAX_TEXT

NAMED, ANONYMOUS = "named", "anonymous"
TRAP = "website"  # a field that people do not see; machines fill it


class ObjectionForm(forms.Form):
    """What somebody has against a notice. `numbers` are the numbers it lists."""

    text = forms.CharField(
        label=_("您的意见"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("写清对哪一件、有什么不同意见，有什么依据。"),
        error_messages={"required": _("还没有写意见。请写清对哪一件、有什么不同意见。")},
    )
    case_number = forms.ChoiceField(label=_("对哪一件"), required=False)
    who = forms.ChoiceField(
        label=_("留不留名"),
        choices=[(NAMED, _("实名，答复告诉我")), (ANONYMOUS, _("匿名"))],
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("请选实名或匿名，两种都受理。")),
    )
    name = forms.CharField(label=_("姓名"), max_length=60, required=False, help_text=_("选实名时填"))
    contact = forms.CharField(label=_("电话或邮箱"), max_length=100, required=False, help_text=_("选实名时填，只用来答复您"))

    def __init__(self, *args: Any, numbers: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["case_number"].choices = [("", _("整个公示")), *((number, number) for number in numbers)]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["is_named"] = data.get("who") == NAMED
        if data["is_named"]:
            for key, words in (
                ("name", _("选了实名，请填姓名；不想留名请选匿名。")),
                ("contact", _("请填电话或邮箱，好把答复告诉您。")),
            ):
                if not data.get(key) and key not in self.errors:
                    self.add_error(key, words)
        return data

    def facts(self) -> dict[str, Any]:
        """What `flow.raise_objection` takes."""
        return {key: self.cleaned_data[key] for key in ("text", "case_number", "is_named", "name", "contact")}


class OpenObjectionForm(ObjectionForm):
    website = forms.CharField(required=False, label=_("这一栏请留空"))

    def clean_website(self) -> str:
        if self.cleaned_data["website"]:
            raise forms.ValidationError(_("“这一栏请留空”里有字，像是自动填的。请删掉再交。"))
        return ""


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("核实情况和处理意见"),
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={"required": _("还没有写答复。请写明核实的情况和处理意见。")},
    )
    upheld = forms.TypedChoiceField(
        label=_("异议成立吗"),
        choices=[("0", _("不成立")), ("1", _("成立"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("请选异议成立或不成立。")),
    )


class TakeDownForm(forms.Form):
    reason = forms.CharField(label=_("撤下的原因"), max_length=200)


class CuttingForm(forms.Form):
    """A cutting from the paper, or a still from television. `places` are the papers and stations of the notice's channels."""

    channel = forms.ChoiceField(label=_("刊播在哪里"))
    shown_on = DayField(label=_("哪天刊播"), help_text=_("要在公示期内"))
    medium = forms.CharField(label=_("哪家报纸或电视台"), max_length=60)
    number = forms.CharField(label=_("第几期第几版"), max_length=60, help_text=_("电视写栏目和时间"))
    file = forms.FileField(
        label=_("剪报或截图"), help_text=_("照片或 PDF，20 MB 以内；要看得清报头和日期"),
        error_messages={"required": _("还没有选剪报。请拍照或扫描，看得清报头和日期。")},
    )  # fmt: skip

    def __init__(self, *args: Any, places: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["channel"].choices = list(places)  # type: ignore[attr-defined]
