"""Tell people what happened, in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bangfu.access.models import Account
from bangfu.notify.models import Message


def tell(accounts: Iterable[Account | None], text: str, *, url: str = "", at: datetime) -> None:
    """One message each (nobody twice). No amount, no illness in the text: a phone lies on the table (ux.md "messages")."""
    people = {account.pk: account for account in accounts if account is not None}
    Message.objects.bulk_create(Message(to=account, text=text, url=url, at=at) for account in people.values())


def mark_read(account: Account, *, at: datetime) -> int:
    """All messages of the account are read; answers how many were new."""
    return Message.objects.filter(to=account, read_at=None).update(read_at=at)
