"""Forms of the organisation pages."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.lib.days import parse_day


class DayField(forms.CharField):
    """A day in any of the usual spellings (2026-11-21, 2026.1.5, 20260105); answers a date."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        if not text:
            return None
        try:
            return parse_day(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _("账号或密码不对。请再核对一遍；连续错 5 次会锁 15 分钟。"),
        "inactive": _("这个账号已停用。请找安全管理员。"),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("工号或账号")


class UnitForm(forms.Form):
    code = forms.SlugField(label=_("编码"), max_length=40, help_text=_("小写字母、数字和短横，全系统唯一"))
    name = forms.CharField(label=_("名称"), max_length=60)
    kind = forms.ChoiceField(label=_("类型"), choices=[(k.value, k.label) for k in Unit.Kind if k != Unit.Kind.ORGANISATION])
    parent = forms.ModelChoiceField(label=_("上级单位"), queryset=Unit.objects.none())
    phone = forms.CharField(label=_("工会电话"), max_length=30, required=False)

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Unit.objects.visible_to(account)  # type: ignore[attr-defined]


class PostForm(forms.Form):
    account = forms.CharField(label=_("账号"), max_length=60, help_text=_("已有的账号名；没有就填新账号名，并写姓名和初始密码"))
    name = forms.CharField(label=_("姓名"), max_length=60, required=False)
    password = forms.CharField(
        label=_("初始密码"), required=False, widget=forms.PasswordInput, help_text=_("至少 8 位；本人第一次登录要改")
    )
    role = forms.ChoiceField(label=_("岗位"), choices=Role.choices)
    unit = forms.ModelChoiceField(label=_("单位"), queryset=Unit.objects.none())
    from_date = DayField(label=_("从哪天起"))

    def __init__(self, *args: Any, account: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"].queryset = Unit.objects.visible_to(account)  # type: ignore[attr-defined]


class HolidayForm(forms.Form):
    day = DayField(label=_("日期"))
    is_working = forms.TypedChoiceField(
        label=_("这一天"), choices=[("0", _("放假")), ("1", _("上班（调休）"))], coerce=lambda value: value == "1"
    )
    title = forms.CharField(label=_("名目"), max_length=40, help_text=_("例如：春节、国庆调休"))


class PasswordForm(forms.Form):
    old = forms.CharField(label=_("原密码"), widget=forms.PasswordInput)
    new = forms.CharField(label=_("新密码"), widget=forms.PasswordInput, help_text=_("至少 8 位，不要用常见密码"))


class ResetForm(forms.Form):
    new = forms.CharField(label=_("新的初始密码"), widget=forms.PasswordInput, help_text=_("至少 8 位；本人第一次登录要改"))
