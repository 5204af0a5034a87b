"""Tries of people whom we do not know, grouped by the hour: the record tells of each storm, and none can fill it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.db import transaction

from bangfu.access.announce import announce
from bangfu.access.lockout import account_of
from bangfu.access.models import Tally
from bangfu.access.scope import home_unit

MOST_ROWS = 500  # an hour; more addresses than that are counted as one
ELSEWHERE = "*"


@transaction.atomic
def count_try(kind: str, *, who: str = "", address: str, is_locked: bool = False, at: datetime, **facts: str) -> None:
    """One refused try: the first of the hour from an address is an event, so is the lock-out; all others are counted.

    `kind` is the event of the first; `who` the account that was tried ("" when there is none of that name).
    """
    hour = at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
    same = Tally.objects.select_for_update(no_key=True).filter(kind=kind, who=who, hour=hour)
    row = same.filter(address=address).first()
    if row is None:
        settle(at=at)
        if Tally.objects.filter(hour=hour).count() >= MOST_ROWS:
            address = ELSEWHERE
        row, _created = Tally.objects.select_for_update(no_key=True).get_or_create(kind=kind, who=who, hour=hour, address=address)
    row.count += 1
    if row.count == 1:
        _tell(row, kind, at, **facts)
    if is_locked and not row.is_locked:
        row.is_locked = True
        _tell(row, LOCKED, at)
    row.save(update_fields=["count", "is_locked"])


LOCKED = "access.sign_in_locked"
#: Event of the first try -> event of the count.
COUNTED = {"access.sign_in_failed": "access.sign_ins_failed", "access.action_refused": "access.actions_refused"}


@transaction.atomic
def settle(*, at: datetime) -> int:
    """Write the counts of the hours that are over; answers how many. A single try stands in the record already."""
    over = (
        Tally.objects.select_for_update(no_key=True)
        .filter(hour__lte=at.astimezone(UTC) - timedelta(hours=1))
        .order_by("hour", "pk")
    )
    rows = list(over)
    for row in rows:
        if row.count > 1:
            _tell(row, COUNTED[row.kind], at, count=row.count, hour=row.hour.isoformat(timespec="minutes"))
    over.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _tell(row: Tally, kind: str, at: datetime, **facts: str | int) -> None:
    account = account_of(row.who) if row.who else None
    unit = home_unit(account) if account else None
    subject = f"account:{row.who or '?'}" if row.kind == "access.sign_in_failed" else "stranger"
    announce(kind, subject, by=None, at=at, unit=unit, address=row.address, **facts)
