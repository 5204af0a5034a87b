"""The key that a form carries: made when the page is drawn, kept through every retry, good for one result."""

from __future__ import annotations

from typing import TypeVar
from uuid import uuid4

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused

T = TypeVar("T")


def new() -> str:
    return str(uuid4())


def require_same(first: T, is_same: bool) -> T:
    """The first result for the same form sent again; another content under an old key is refused."""
    if not is_same:
        raise already_used()
    return first


def already_used() -> Refused:
    return Refused(_("这个页面已经交过一次，内容却不一样。请刷新页面，核对后重新办。"))
