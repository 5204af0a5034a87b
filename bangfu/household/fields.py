"""Form fields that answer domain values: fen, dates, normalised numbers, and yes / no / not asked."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.forms import DayField
from bangfu.lib import bankcard, identity, names, phone
from bangfu.lib.money import parse_yuan

__all__ = ["AskedField", "CardField", "DayField", "IdentityField", "NameField", "PhoneField", "WhyField", "YuanField"]

CAP_FEN = 100_000_000  # one million yuan: more on a hardship file is a slip (S1-13)


class YuanField(forms.CharField):
    """A sum in yuan; answers fen, None when empty."""

    def __init__(self, *, cap_fen: int = CAP_FEN, **kwargs: Any) -> None:
        self.cap_fen = cap_fen
        super().__init__(**kwargs)

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return _read(lambda: parse_yuan(text, cap_fen=self.cap_fen)) if text else None

    def prepare_value(self, value: Any) -> Any:
        return f"{value // 100}.{value % 100:02d}" if isinstance(value, int) else value


class NameField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return _read(lambda: names.clean_name(text)) if text else ""


class IdentityField(forms.CharField):
    """An identity number, normalised; `warnings` of the number do not block."""

    def to_python(self, value: Any) -> Any:
        return _checked(identity.check, super().to_python(value))


class PhoneField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return _checked(phone.check, super().to_python(value))


class CardField(forms.CharField):
    def to_python(self, value: Any) -> Any:
        return _checked(bankcard.check, super().to_python(value))


class AskedField(forms.TypedChoiceField):
    """是 / 否 / 没问: True, False, None."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", _("没问")), ("1", _("是")), ("0", _("否"))]
        super().__init__(choices=choices, coerce=lambda value: value == "1", empty_value=None, required=False, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return {True: "1", False: "0", None: ""}.get(value, value)


class WhyField(forms.CharField):
    """Every correction asks why."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("为什么改"), max_length=200, help_text=_("会和改前的内容一起留在档案里，例如“对照户口簿更正”"),
            error_messages={"required": _("没有写更正的原因。请写明为什么改。")}, **kwargs,
        )  # fmt: skip


def _read(reader: Callable[[], Any]) -> Any:
    try:
        return reader()
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error


def _checked(check: Callable[[str], Any], text: str | None) -> str:
    if not text:
        return ""
    result = check(text)
    if result.errors:
        raise forms.ValidationError(list(result.errors))
    return result.value
