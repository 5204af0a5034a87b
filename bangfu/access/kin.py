"""Whose matters are kept from whom: one's own, one's kin's and one's household's are hidden, not only refused (ADR 9).

The module that knows families appends to `sources` (wiring); every `visible_to` below it asks here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused

if TYPE_CHECKING:
    from bangfu.access.models import Account

QS = TypeVar("QS", bound="QuerySet[Any]")

#: Each answers the subjects ("process.case:12") that are kept from an account: a query of one column, named `subject`.
sources: list[Callable[[Account], QuerySet[Any, Any]]] = []


def without_kin(rows: QS, account: Account, column: str) -> QS:
    """The rows whose `column` names no matter of the account's own or its kin's; in the same statement."""
    for ask in sources:
        rows = rows.exclude(**{f"{column}__in": ask(account)})
    return rows


def is_kin(account: Account, subject: str) -> bool:
    """Is the subject a matter of the account's own or its kin's?"""
    return any(ask(account).filter(subject=subject).exists() for ask in sources)


def require_no_kin(account: Account, subject: str) -> None:
    """Raises Refused: others have to do this."""
    if is_kin(account, subject):
        raise Refused(_("这一件是您本人或亲属的，要由别人来办（回避）。请转给同岗位的同事。"))
