"""Whose matters are kept from whom: one's own, one's kin's and one's household's are hidden, not only refused (ADR 9).

The module that knows families appends to `sources` (wiring); every `visible_to` below it asks here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, TypeVar

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused

if TYPE_CHECKING:
    from bangfu.access.models import Account

QS = TypeVar("QS", bound="QuerySet[Any]")

#: Each answers the subjects ("process.case:12") that are kept from an account: a query of one column, named `subject`.
sources: list[Callable[[Account], QuerySet[Any, Any]]] = []
#: Each answers, for the record: subjects of events kept from an account, and words (numbers) that no body may hold for her.
in_the_record: list[Callable[[Account], tuple[Collection[str], Collection[str]]]] = []


def without_kin(rows: QS, account: Account, column: str) -> QS:
    """The rows whose `column` names no matter of the account's own or its kin's; in the same statement."""
    for ask in sources:
        rows = rows.exclude(**{f"{column}__in": ask(account)})
    return rows


def of_others(account: Account, column: str) -> Q:
    """The same as a condition, for counts and sums; a row without such a `column` is nobody's."""
    kept = Q()
    for ask in sources:
        kept |= Q(**{f"{column}__in": ask(account)})
    return ~kept | Q(**{f"{column}__isnull": True}) if kept else Q()


def is_kin(account: Account, subject: str) -> bool:
    """Is the subject a matter of the account's own or its kin's?"""
    return has_kin_among(account, [subject])


def has_kin_among(account: Account, subjects: Collection[str]) -> bool:
    """Is one of them? One statement a source, whatever their number."""
    wanted = list(subjects)
    parts = [wanted[start : start + 500] for start in range(0, len(wanted), 500)]
    return any(ask(account).filter(subject__in=part).exists() for ask in sources for part in parts)


def require_no_kin(account: Account, *subjects: str) -> None:
    """Raises Refused: others have to do this."""
    if has_kin_among(account, set(subjects)):
        raise Refused(_("这一件是您本人或亲属的，要由别人来办（回避）。请转给同岗位的同事。"))
