"""Reads of the record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bangfu.access.models import Account
from bangfu.audit.kinds import KINDS
from bangfu.audit.models import Event
from bangfu.audit.record import subject_of


@dataclass(frozen=True)
class Entry:
    """One line of a timeline: when, who (name), what in words, and the facts of the event."""

    seq: int
    kind: str
    words: str
    at: datetime
    who: str
    facts: dict[str, Any]
    subject: str


def timeline(*subjects: Any, limit: int | None = None) -> list[Entry]:
    """The events of these objects, newest first. Two queries, whatever their number."""
    keys = [subject_of(subject) for subject in subjects]
    events = list(Event.objects.filter(subject__in=keys).order_by("-seq")[:limit])
    return entries(events)


def entries(events: list[Event]) -> list[Entry]:
    """Events in words, in the given order; actors' names in one query."""
    names = dict(Account.objects.filter(username__in={event.actor for event in events}).values_list("username", "name"))
    return [
        Entry(
            seq=event.seq,
            kind=event.kind,
            words=str(KINDS.get(event.kind, event.kind)),
            at=event.at,
            who=names.get(event.actor, ""),
            facts=json.loads(event.body)["facts"],
            subject=event.subject,
        )
        for event in events
    ]
