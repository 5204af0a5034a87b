"""Recompute the chain: every byte, every link, every copy, the head, and a head kept outside."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from bangfu.audit.models import Event, Head, Words
from bangfu.audit.record import GENESIS, canonical, digest, words_digest
from bangfu.lib.crypto import Unreadable


@dataclass(frozen=True)
class Verdict:
    """`bad_seq` None means the chain holds; `why` is one sentence in Chinese."""

    events: int
    head: str
    bad_seq: int | None = None
    why: str = ""


def verify(*, published: tuple[int, str] | None = None) -> Verdict:
    """Walk the whole chain. `published` = (seq, hash) kept outside the database: finds a chain rewritten from end to end.

    What is appended while it walks is left for the next time, so that a product at work is never called broken.
    """
    last = Event.objects.aggregate(last=Max("seq"))["last"] or 0  # read before the head, which is never behind it
    heads = list(Head.objects.values_list("seq", "hash"))
    end = heads[0][0] if len(heads) == 1 else last
    count, prev = 0, GENESIS
    sealed: dict[tuple[int, str], str] = {}
    for event in Event.objects.filter(seq__lte=max(end, last)).order_by("seq").iterator(chunk_size=5000):
        count += 1
        why = _fault(event, expected_seq=count, prev=prev)
        if why:
            return Verdict(count, prev, event.seq, why)
        prev = event.hash
        sealed |= _sealed_facts(event)
        if published and event.seq == published[0] and event.hash != published[1]:
            return Verdict(count, prev, event.seq, _("与库外保存的链头不符，整条链可能被重写"))
    if heads != [(count, prev)]:
        return Verdict(count, prev, count, _("链头与最后一条不符，可能有记录被删"))
    if published and published[0] > count:
        return Verdict(count, prev, count, _("比库外保存的链头还短，有记录被删"))
    seq, why = _fault_of_words(sealed, until=count)
    return Verdict(count, prev, seq, why)


def _sealed_facts(event: Event) -> dict[tuple[int, str], str]:
    """(seq, fact) -> the HMAC that stands for words kept beside the chain."""
    if '"sealed":' not in event.body:
        return {}
    facts = json.loads(event.body)["facts"].items()
    return {(event.seq, name): fact["sealed"] for name, fact in facts if isinstance(fact, dict) and set(fact) == {"sealed"}}


def _fault_of_words(sealed: dict[tuple[int, str], str], *, until: int) -> tuple[int | None, str]:
    """Words that do not open, are not those of the event, belong to none, or are gone; erased ones are all right."""
    rows = Words.objects.filter(event_id__lte=until).order_by("event_id", "pk")
    strange = set(rows.values_list("event_id", "name")) ^ set(sealed)
    if strange:
        seq, _name = min(strange)
        return seq, _("密封的文字缺了或多了")
    try:
        for row in rows.iterator(chunk_size=5000):
            if (row.key is None) != (row.text is None):
                return row.event_id, _("密封的文字不完整")
            if row.key is not None and words_digest(row.key, row.text or "") != sealed[row.event_id, row.name]:
                return row.event_id, _("密封的文字与摘要不符")
    except Unreadable:
        return _first_unreadable(), _("密封的文字打不开，可能被改动")
    return None, ""


def _first_unreadable() -> int | None:
    for pk, seq in Words.objects.order_by("event_id").values_list("pk", "event_id"):
        try:
            Words.objects.get(pk=pk)
        except Unreadable:
            return seq
    return None


def _fault(event: Event, *, expected_seq: int, prev: str) -> str:
    if event.seq != expected_seq:
        return _("序号应为 %(seq)d，有记录被删或改号") % {"seq": expected_seq}
    if event.prev_hash != prev:
        return _("与上一条接不上")
    if digest(prev, event.body) != event.hash:
        return _("内容与摘要不符")
    try:
        body = json.loads(event.body)
    except ValueError:
        return _("内容不是规范的 JSON")
    if canonical(body) != event.body:
        return _("内容不是规范的 JSON")
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
    return _("列 %(name)s 与内容不符") % {"name": wrong[0]} if wrong else ""


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")
