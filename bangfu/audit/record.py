"""Write the record: events are collected during a transaction and chained by its last statements.

The head row is locked only then, so that writers wait for each other as briefly as possible (contracts.md "The event").
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connections, models, transaction

from bangfu.access.models import Account, Unit
from bangfu.audit.kinds import KINDS
from bangfu.lib.crypto import keyed_digest

GENESIS = "0" * 64


@dataclass(frozen=True)
class Sealed:
    """Words that somebody typed and that may speak of an illness: `record(…, reason=Sealed(text))`.

    The event holds their HMAC under a key of their own; words and key stand sealed beside it (`audit.Words`). Erase that
    row's words and nobody reads or guesses them any more, and the chain still holds.
    """

    text: str


class NotRecording(RuntimeError):
    """`record` was called outside `recording`: the event could not be in the act's own transaction."""


def subject_of(obj: models.Model | str) -> str:
    """ "process.case:12" for a saved model; a text stands for itself."""
    return obj if isinstance(obj, str) else f"{obj._meta.label_lower}:{obj.pk}"


@contextmanager
def _recording(using: str = "default") -> Iterator[None]:
    connection = connections[using]
    outer = getattr(connection, "_bangfu_events", None)
    if outer is not None:
        mark = len(outer)
        try:
            with transaction.atomic(using=using):
                yield
        except BaseException:
            del outer[mark:]
            raise
        return
    events: list[dict[str, Any]] = []
    connection._bangfu_events = events  # type: ignore[attr-defined]
    try:
        with transaction.atomic(using=using):
            yield
            _append(events)
    finally:
        connection._bangfu_events = None  # type: ignore[attr-defined]


class _Recording:
    """`@recording` on a flow function, or `with recording():` — a transaction whose events are chained at its end."""

    def __call__(self, function: Any = None) -> Any:
        return _recording() if function is None else _recording()(function)


recording = _Recording()


def record(kind: str, obj: models.Model | str, *, by: Account | None, at: datetime, unit: Unit | None = None, **facts: Any) -> None:
    """Add one event to the running transaction. `by` None is the system; facts are text, int, bool, None, lists, dicts,
    and `Sealed` for what a person typed about a household.
    """
    if kind not in KINDS:
        raise ValueError(f"unregistered event kind {kind!r}: add it to bangfu/audit/kinds.py")
    events = getattr(connections["default"], "_bangfu_events", None)
    if events is None:
        raise NotRecording(kind)
    if unit is None:
        unit = getattr(obj, "unit", None)
    words = {name: _Sealing(fact.text) for name, fact in facts.items() if isinstance(fact, Sealed) and fact.text}
    plain = {name: fact.text if isinstance(fact, Sealed) else fact for name, fact in facts.items()}
    events.append(
        {
            WORDS: words,
            "kind": kind,
            "subject": subject_of(obj),
            "actor": by.username if by is not None else "system",
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "unit": unit.code if unit is not None else "",
            "unit_path": unit.path if unit is not None else "",
            "facts": _plain(plain) | {name: {"sealed": one.digest} for name, one in words.items()},
        }
    )


WORDS = "words"  # of a waiting event; not in its body


class _Sealing:
    """Words under a new key."""

    def __init__(self, text: str) -> None:
        self.text, self.key = str(text), secrets.token_hex(32)
        self.digest = words_digest(self.key, self.text)


def words_digest(key: str, text: str) -> str:
    """What stands in the event for sealed words."""
    return keyed_digest(bytes.fromhex(key), text)


def record_at_once(kind: str, obj: models.Model | str, **facts: Any) -> None:
    """One event for an act of a module below the record (wired to `access.announce.on_event`); its reason is sealed."""
    if "reason" in facts:
        facts["reason"] = Sealed(str(facts["reason"]))
    with recording():
        record(kind, obj, **facts)


def canonical(value: Any) -> str:
    """Canonical JSON: sorted keys, no blanks, UTF-8, integers only."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(prev_hash: str, body: str) -> str:
    return hashlib.sha256(prev_hash.encode() + body.encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        raise TypeError("an event holds integers only, no floats")
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    raise TypeError(f"an event cannot hold {type(value).__name__}")


def _append(events: list[dict[str, Any]]) -> None:
    from bangfu.audit.models import Event, Head, Words

    if not events:
        return
    head = Head.objects.select_for_update(no_key=True).get(pk=1)  # the migration made it
    rows, sealed = [], []
    for event in events:
        head.seq += 1
        words = event.pop(WORDS)
        sealed += [Words(event_id=head.seq, name=name, key=one.key, text=one.text) for name, one in words.items()]
        body = canonical({"seq": head.seq, **event})
        prev_hash, head.hash = head.hash, digest(head.hash, body)
        rows.append(
            Event(
                seq=head.seq,
                kind=event["kind"],
                subject=event["subject"],
                actor=event["actor"],
                at=datetime.fromisoformat(event["at"]),
                unit=event["unit"],
                unit_path=event["unit_path"],
                body=body,
                prev_hash=prev_hash,
                hash=head.hash,
            )
        )
    Event.objects.bulk_create(rows, batch_size=500)
    if sealed:
        Words.objects.bulk_create(sealed, batch_size=500)
    head.save(update_fields=["seq", "hash"])
    events.clear()
