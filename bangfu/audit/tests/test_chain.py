"""P7: every single-byte change, deletion, swap and insertion is found; a full rewrite is found against a head kept outside."""

import hashlib
import json
import random
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bangfu.access.tests.makers import AT, account, organisation
from bangfu.audit import triggers
from bangfu.audit.kinds import KINDS
from bangfu.audit.models import Event, Head
from bangfu.audit.queries import timeline
from bangfu.audit.record import GENESIS, NotRecording, digest, record, recording
from bangfu.audit.verify import verify
from bangfu.config.append_only import TABLES

ROOT = Path(__file__).parents[3]


def write(count: int) -> None:
    for number in range(count):
        with recording():
            record("access.action_refused", f"path:/{number}", by=None, at=AT, reason=f"第 {number} 条", amount_fen=number)


@pytest.mark.django_db
def test_events_are_chained_without_gaps():
    write(5)
    events = list(Event.objects.order_by("seq"))
    assert [event.seq for event in events] == [1, 2, 3, 4, 5]
    prev = GENESIS
    for event in events:
        assert event.prev_hash == prev
        assert event.hash == hashlib.sha256((prev + event.body).encode()).hexdigest()
        prev = event.hash
    assert Head.objects.get().hash == prev


@pytest.mark.django_db
def test_the_body_is_canonical_json_of_integers():
    write(1)
    body = Event.objects.get().body
    assert body == json.dumps(json.loads(body), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    with pytest.raises(TypeError, match="no floats"), recording():
        record("access.action_refused", "x", by=None, at=AT, amount=1.5)
    assert Event.objects.count() == 1


@pytest.mark.django_db
def test_an_act_that_fails_leaves_no_event():
    with pytest.raises(RuntimeError), recording():
        record("access.action_refused", "x", by=None, at=AT)
        raise RuntimeError
    with recording():
        with pytest.raises(RuntimeError), recording():
            record("access.action_refused", "inner", by=None, at=AT)
            raise RuntimeError
        record("access.action_refused", "outer", by=None, at=AT)
    assert [event.subject for event in Event.objects.all()] == ["outer"]


@pytest.mark.django_db
def test_recording_outside_a_transaction_is_a_mistake_and_an_unknown_kind_too():
    with pytest.raises(NotRecording):
        record("access.signed_in", "x", by=None, at=AT)
    with pytest.raises(ValueError, match="unregistered"), recording():
        record("access.nonsense", "x", by=None, at=AT)


@pytest.mark.django_db
def test_a_timeline_reads_who_and_what_in_words():
    kaiyuan = organisation()
    account("li", name="李静宜")
    entries = timeline(kaiyuan)
    assert [str(entry.words) for entry in entries] == ["新建单位"] and entries[0].facts["name"] == "开远公司"


def test_every_kind_written_in_the_code_is_registered():
    """Texts `<app>.<object>_<participle>` after record( or announce( anywhere in the package."""
    import re

    unknown = {
        kind
        for path in (ROOT / "bangfu").rglob("*.py")
        if "/tests/" not in str(path)
        for kind in re.findall(r"\b(?:record|announce)\(\s*\"([a-z_]+\.[a-z_]+)\"", path.read_text())
        if kind not in KINDS
    }
    assert unknown == set()


@pytest.mark.both
@pytest.mark.django_db
def test_the_database_has_the_triggers_of_the_list():
    existing = set(connection.introspection.table_names())
    assert set(TABLES) <= existing
    wanted = {name for table in TABLES for name in triggers.names(table)}
    assert wanted <= triggers.installed(connection)


@pytest.mark.both
@pytest.mark.django_db
@pytest.mark.parametrize("statement", ["UPDATE audit_event SET kind = 'x'", "DELETE FROM audit_event"])
def test_the_database_itself_refuses_changes(statement):
    write(1)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert Event.objects.count() == 1


@pytest.mark.both
@pytest.mark.django_db
def test_verify_says_ok_with_the_number_and_the_head(capsys):
    write(3)
    call_command("audit_verify")
    assert capsys.readouterr().out.strip().splitlines()[-1] == f"OK 3 events {Head.objects.get().hash}"


@pytest.mark.both
def test_sixteen_writers_leave_one_chain(committed_db):
    def many():
        try:
            write(10)
        finally:
            connection.close()

    threads = [threading.Thread(target=many) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    verdict = verify()
    assert (verdict.bad_seq, verdict.events) == (None, 160)


def tamper(cursor, sql: str, *values) -> None:
    cursor.execute(sql.replace("%s", "?"), values)


@pytest.fixture
def file_of_events(committed_db, tmp_path):
    """The database file of a small record, opened with plain sqlite3 and its triggers gone: what an intruder has."""
    if connection.vendor != "sqlite":
        pytest.skip("the tampering is done on the file")
    write(EVENTS)
    name = connection.settings_dict["NAME"]
    committed_db()
    raw = sqlite3.connect(name)
    for trigger in triggers.names("audit_event"):
        raw.execute(f"DROP TRIGGER {trigger}")
    raw.commit()
    yield raw
    raw.close()


EVENTS = 30
COLUMNS = ["kind", "subject", "actor", "at", "unit", "unit_path", "body", "prev_hash", "hash"]


def found(raw, statements) -> bool:
    """Apply, verify, undo."""
    rows = raw.execute("SELECT * FROM audit_event ORDER BY seq").fetchall()
    head = raw.execute("SELECT seq, hash FROM audit_head").fetchone()
    for sql, values in statements:
        raw.execute(sql, values)
    raw.commit()
    try:
        return verify().bad_seq is not None
    finally:
        raw.execute("DELETE FROM audit_event")
        raw.executemany(f"INSERT INTO audit_event VALUES ({','.join('?' * len(rows[0]))})", rows)
        raw.execute("UPDATE audit_head SET seq = ?, hash = ?", head)
        raw.commit()


def changed(text: str, position: int) -> str:
    replacement = "x" if text[position] != "x" else "y"
    return text[:position] + replacement + text[position + 1 :]


def byte_changes(raw, *, step: int):
    for seq, *_rest in raw.execute("SELECT seq FROM audit_event ORDER BY seq").fetchall():
        for column in COLUMNS:
            (value,) = raw.execute(f"SELECT {column} FROM audit_event WHERE seq = ?", (seq,)).fetchone()
            for position in range(0, len(value), step):
                if column == "at" and (position >= len(value) - 1 or value[position] in " -:."):
                    continue
                new = (
                    changed(value, position)
                    if column != "at"
                    else value[:position] + str((int(value[position]) + 1) % 10) + value[position + 1 :]
                )
                yield (f"UPDATE audit_event SET {column} = ? WHERE seq = ?", (new, seq))


def test_changes_deletions_swaps_and_renumbering_are_found(file_of_events):
    raw = file_of_events
    for statement in byte_changes(raw, step=29):
        try:
            assert found(raw, [statement]), statement
        except ValueError:
            continue  # the day itself became impossible: reading fails, which is found too
    for seq in range(1, EVENTS + 1):
        assert found(raw, [("DELETE FROM audit_event WHERE seq = ?", (seq,))]), f"deletion of {seq}"
    for seq in range(1, EVENTS):
        swap = [
            ("UPDATE audit_event SET seq = 999 WHERE seq = ?", (seq,)),
            ("UPDATE audit_event SET seq = ? WHERE seq = ?", (seq, seq + 1)),
            ("UPDATE audit_event SET seq = ? WHERE seq = 999", (seq + 1,)),
        ]
        assert found(raw, swap), f"swap of {seq} and {seq + 1}"
    assert found(raw, [("UPDATE audit_head SET hash = ?", ("f" * 64,))])
    assert found(raw, [("DELETE FROM audit_event WHERE seq > 8", ())])
    assert verify().bad_seq is None


@pytest.mark.proof
def test_every_single_byte_change_is_found(file_of_events):
    """Each byte of each column of each row: more than 10,000 tampers, 100 % found."""
    raw, tampers = file_of_events, 0
    for statement in byte_changes(raw, step=1):
        tampers += 1
        try:
            assert found(raw, [statement]), statement
        except ValueError:
            continue
    assert tampers > 10_000


def rewrite_from(raw, seq: int) -> None:
    """What somebody with the database would do: change one body and chain everything anew."""
    prev = GENESIS
    for number, body in raw.execute("SELECT seq, body FROM audit_event ORDER BY seq").fetchall():
        if number == seq:
            body = body.replace(f"第 {seq - 1} 条", "另一件事")
        new = digest(prev, body)
        raw.execute("UPDATE audit_event SET body = ?, prev_hash = ?, hash = ? WHERE seq = ?", (body, prev, new, number))
        prev = new
    raw.execute("UPDATE audit_head SET hash = ?", (prev,))
    raw.commit()


def test_a_full_rewrite_passes_inside_but_not_against_a_head_kept_outside(file_of_events):
    raw = file_of_events
    published = raw.execute("SELECT seq, hash FROM audit_head").fetchone()
    rewrite_from(raw, random.Random(7).randint(1, EVENTS))
    assert verify().bad_seq is None
    assert verify(published=published).bad_seq is not None


def test_the_command_answers_one_when_a_byte_differs(file_of_events, tmp_path):
    raw = file_of_events
    raw.execute("UPDATE audit_event SET actor = 'somebody' WHERE seq = 4")
    raw.commit()
    name = raw.execute("PRAGMA database_list").fetchone()[2]
    answer = subprocess.run(
        [sys.executable, "-m", "bangfu.cli", "audit", "verify"],
        capture_output=True,
        text=True,
        env={"DATABASE_URL": f"sqlite:///{name}", "PATH": "/usr/bin:/bin", "BANGFU_VAR": str(tmp_path / "var")},
    )
    assert answer.returncode == 1 and answer.stdout.strip().splitlines()[-1].startswith("BAD seq=4 ")
