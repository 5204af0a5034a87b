"""What the forms of a file's parts share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.household.models import Household

KEEP = _("不改就留空")


class SectionForm(forms.Form):
    """Knows the file it belongs to; subclasses say what to fill in and how to save."""

    title: Any = ""
    template = "household/section.html"
    is_office_only = False

    def __init__(self, *args: Any, household: Household, account: Account, at: datetime, **kwargs: Any) -> None:
        self.household, self.account, self.at = household, account, at
        super().__init__(*args, **kwargs)
        self.build()

    def build(self) -> None:
        """Fields that depend on the file."""

    def initial_values(self) -> dict[str, Any]:
        return {name: getattr(self.household, name) for name in self.fields if hasattr(self.household, name)}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        raise NotImplementedError
