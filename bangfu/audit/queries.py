"""Reads of the record."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bangfu.access.models import Account
from bangfu.audit.kinds import KINDS
from bangfu.audit.models import Event, Words
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


def entries(events: list[Event], *, with_words: bool = True) -> list[Entry]:
    """Events in words, in the given order; actors' names in one query, what was typed in another.

    `with_words` False: for a reader to whom what was typed about a household is not due; those facts are left out.
    """
    names = dict(Account.objects.filter(username__in={event.actor for event in events}).values_list("username", "name"))
    bodies = {event.seq: json.loads(event.body)["facts"] for event in events}
    sealed = {seq for seq, facts in bodies.items() if any(_is_sealed(fact) for fact in facts.values())}
    typed = {(row.event_id, row.name): row.text for row in Words.objects.filter(event__in=sealed)} if sealed and with_words else {}
    return [
        Entry(
            seq=event.seq,
            kind=event.kind,
            words=str(KINDS.get(event.kind, event.kind)),
            at=event.at,
            who=names.get(event.actor, ""),
            facts=_opened(event.seq, bodies[event.seq], typed),
            subject=event.subject,
        )
        for event in events
    ]


def _is_sealed(fact: Any) -> bool:
    return isinstance(fact, dict) and set(fact) == {"sealed"}


def _opened(seq: int, facts: dict[str, Any], typed: dict[tuple[int, str], str | None]) -> dict[str, Any]:
    """The facts with their words; erased ones, and those not due, are left out."""
    opened = {name: typed.get((seq, name)) if _is_sealed(fact) else fact for name, fact in facts.items()}
    return {name: fact for name, fact in opened.items() if fact is not None or not _is_sealed(facts[name])}
