"""What a person typed stands in no event: an HMAC stands there, the words beside it, sealed; erased, the chain holds."""

from __future__ import annotations

import json

import pytest
from django.db import connection

from bangfu.access.roles import Role
from bangfu.access.tests.makers import AT, account, organisation
from bangfu.audit.models import Event, Words
from bangfu.audit.queries import entries, timeline
from bangfu.audit.record import Sealed, record, recording
from bangfu.audit.verify import verify

pytestmark = [pytest.mark.django_db, pytest.mark.both]
TYPED = "确诊白血病，先付"
KIND = "ledger.hold_placed"


def hold(text: str = TYPED, **facts) -> Event:
    with recording():
        record(KIND, "process.award:1", by=None, at=AT, reason=Sealed(text), **facts)
    return Event.objects.get(kind=KIND)


def test_the_event_holds_a_digest_and_the_timeline_the_words():
    event = hold(amount_fen=5)
    sealed = json.loads(event.body)["facts"]["reason"]["sealed"]
    assert len(sealed) == 64 and TYPED not in event.body
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM audit_words")
        assert TYPED.encode() not in bytes(cursor.fetchone()[0])
    (entry,) = timeline("process.award:1")
    assert entry.facts == {"reason": TYPED, "amount_fen": 5}
    assert entries([event], with_words=False)[0].facts == {"amount_fen": 5}
    assert verify().bad_seq is None


def test_the_same_words_twice_give_two_digests():
    with recording():
        for number in range(2):
            record(KIND, f"x:{number}", by=None, at=AT, reason=Sealed(TYPED))
    bodies = Event.objects.values_list("body", flat=True)
    assert len({json.loads(body)["facts"]["reason"]["sealed"] for body in bodies}) == 2


def test_erased_words_leave_the_chain_whole():
    event = hold()
    Words.objects.filter(event=event).update(text=None, key=None)
    assert verify().bad_seq is None
    assert timeline("process.award:1")[0].facts == {}


@pytest.mark.parametrize("harm", ["other words", "gone", "half", "moved", "broken"])
def test_words_that_were_altered_are_found(harm):
    event = hold()
    rows = Words.objects.filter(event=event)
    if harm == "other words":
        rows.update(text="别的话")
    elif harm == "gone":
        rows.delete()
    elif harm == "half":
        rows.update(text=None)
    elif harm == "moved":
        rows.update(name="why")
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE audit_words SET text = key")
    verdict = verify()
    assert verdict.bad_seq == event.seq and "密封的文字" in verdict.why


def test_no_words_no_row():
    assert json.loads(hold("").body)["facts"]["reason"] == "" and not Words.objects.exists()


def test_an_auditor_reads_the_words_on_the_record_an_administrator_does_not(client):
    kaiyuan = organisation()
    with recording():
        record(KIND, "process.award:1", by=None, at=AT, unit=kaiyuan, reason=Sealed(TYPED))
    for role, reads in ((Role.AUDITOR, True), (Role.AUDIT_ADMIN, False), (Role.SUPERVISOR, False)):
        client.force_login(account(role.lower(), role, kaiyuan))
        page = client.get("/record/").content.decode()
        assert "暂停付款" in page and (TYPED in page) == reads


def test_a_chain_that_grows_meanwhile_is_not_called_broken(monkeypatch):
    import bangfu.audit.verify as module

    hold()
    fault = module._fault

    def grow(event, **known):
        monkeypatch.setattr(module, "_fault", fault)
        with recording():
            record(KIND, "later", by=None, at=AT, reason=Sealed("后来的"))
        return fault(event, **known)

    monkeypatch.setattr(module, "_fault", grow)
    assert verify().bad_seq is None
    assert verify().events == 2
