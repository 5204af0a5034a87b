"""Recompute the chain: every byte, every link, every copy, the head, and a head kept outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from bangfu.audit.models import Event, Head
from bangfu.audit.record import GENESIS, canonical, digest


@dataclass(frozen=True)
class Verdict:
    """`bad_seq` None means the chain holds; `why` is one sentence in Chinese."""

    events: int
    head: str
    bad_seq: int | None = None
    why: str = ""


def verify(*, published: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `published` = (seq, hash) kept outside the database: finds a chain rewritten from end to end."""
    count, prev = 0, GENESIS
    for event in Event.objects.order_by("seq").iterator(chunk_size=5000):
        count += 1
        why = _fault(event, expected_seq=count, prev=prev)
        if why:
            return Verdict(count, prev, event.seq, why)
        prev = event.hash
        if published and event.seq == published[0] and event.hash != published[1]:
            return Verdict(count, prev, event.seq, "与库外保存的链头不符，整条链可能被重写")
    if list(Head.objects.values_list("seq", "hash")) != [(count, prev)]:
        return Verdict(count, prev, count, "链头与最后一条不符，可能有记录被删")
    if published and published[0] > count:
        return Verdict(count, prev, count, "比库外保存的链头还短，有记录被删")
    return Verdict(count, prev)


def _fault(event: Event, *, expected_seq: int, prev: str) -> str:
    if event.seq != expected_seq:
        return f"序号应为 {expected_seq}，有记录被删或改号"
    if event.prev_hash != prev:
        return "与上一条接不上"
    if digest(prev, event.body) != event.hash:
        return "内容与摘要不符"
    try:
        body = json.loads(event.body)
    except ValueError:
        return "内容不是规范的 JSON"
    if canonical(body) != event.body:
        return "内容不是规范的 JSON"
    copies = {
        "seq": event.seq,
        "kind": event.kind,
        "subject": event.subject,
        "actor": event.actor,
        "at": _iso(event.at),
        "unit": event.unit,
        "unit_path": event.unit_path,
    }
    wrong = [name for name, value in copies.items() if body.get(name) != value]
    return f"列 {wrong[0]} 与内容不符" if wrong else ""


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
