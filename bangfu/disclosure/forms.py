"""Forms of notices: an objection from the open page or from the desk, its answer, taking down."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

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
