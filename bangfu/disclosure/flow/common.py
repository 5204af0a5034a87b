"""What every act on a notice shares: the row under lock, its frozen snapshots and their digest."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

from bangfu.access.models import Account
from bangfu.audit.record import canonical
from bangfu.disclosure import reactions
from bangfu.disclosure.models import Notice, NoticeChannel
from bangfu.disclosure.queries import current_channels
from bangfu.lib.errors import Refused

TOKEN_BYTES = 24  # 192 bits


def digest_of(notice: Notice, channel: str, rows: list) -> str:
    """sha256 over everything the reader sees on a channel, as canonical JSON; the proof pack is checked against it."""
    shown = {
        "number": notice.number,
        "unit": notice.unit.name,
        "title": notice.title,
        "basis": notice.basis,
        "posted_at": notice.posted_at.astimezone(UTC).isoformat(),
        "closes_at": notice.closes_at.astimezone(UTC).isoformat(),
        "channel": str(channel),
        "rows": rows,
    }
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def show(notice: Notice, channel: str, rows: list, *, at: datetime, revision: int = 1, reason: str = "") -> None:
    NoticeChannel.objects.create(
        notice=notice, channel=channel, revision=revision, rows=rows, sha256=digest_of(notice, channel, rows),
        shown_from=at, reason=reason[:200],
    )  # fmt: skip


def digests(notice: Notice) -> dict[str, str]:
    return {row.channel: row.sha256 for row in current_channels(notice)}


def require_no_conflict(notice: Notice, by: Account) -> None:
    reason = reactions.reason_to_stay_away(by, notice)
    if reason:
        raise Refused(reason)


def locked(notice: Notice) -> Notice:
    for lock in reactions.lock_above:
        lock([notice.origin])
    return Notice.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=notice.pk)
