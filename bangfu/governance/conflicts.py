"""Who may not take part: upper modules know kin, own household and earlier duties, and say so through one list.

P6: a member with a conflict neither sees nor votes the motion; its page answers 404.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from bangfu.access.models import Account

#: Each answers why the account must stay away from the subject ("process.case:12"), in a few words (亲属), or "". Wiring appends.
reasons: list[Callable[[Account, str], str]] = []


def reason(account: Account, subject: str) -> str:
    """The first reason to stay away; "" when there is none."""
    for ask in reasons:
        words = ask(account, subject)
        if words:
            return words
    return ""


def hidden(account: Account, subjects: Iterable[str]) -> list[str]:
    """Those of the subjects that must be kept from the account."""
    if not reasons:
        return []
    return [subject for subject in subjects if reason(account, subject)]
