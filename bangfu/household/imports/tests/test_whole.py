"""An import is whole or not there: whichever statement fails, nothing of it remains; and it costs few statements a thousand rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from bangfu.access.models import Counter
from bangfu.audit.models import Event
from bangfu.household.imports import flow
from bangfu.household.imports.outcome import Examination
from bangfu.household.imports.preparing import prepare
from bangfu.household.imports.tests.test_wizard import household, person
from bangfu.household.imports.tests.wizard import FILES, HEAD, Wizard, table
from bangfu.household.imports.told import digest_holds
from bangfu.household.imports.writing import to_write
from bangfu.household.models import Household, ImportBatch, ImportedRow, Member, Staff
from bangfu.household.tests.makers import AT, identity
from bangfu.household.timeline import timeline_of
from bangfu.lib.errors import Stale


class Break:
    """Lets n statements pass and breaks the next."""

    def __init__(self, after: int) -> None:
        self.left = after
        self.broke = False

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.left == 0 and "SAVEPOINT" not in sql:
            self.broke = True
            self.left = -1
            raise DatabaseError("broken on purpose")
        self.left -= "SAVEPOINT" not in sql
        return execute(sql, params, many, context)


def test_whichever_statement_fails_nothing_is_half_written(cast):
    li = Wizard(cast.li)
    li.take(table(FILES, household(1)))
    li.write()
    li.take(table(FILES, household(1, phone="13900000001", wage="2100", annual="25200"), household(2), household(3)))
    batch = flow.order_writing(li.batch, is_skipping=False, by=cast.li, at=AT)
    before = (
        Staff.objects.count(),
        Household.objects.count(),
        Member.objects.count(),
        ImportedRow.objects.count(),
        Event.objects.count(),
    )
    for number in range(1_000):
        fault = Break(number)
        try:
            with connection.execute_wrapper(fault):
                flow.write(li.batch, at=AT)
        except DatabaseError:
            pass
        if not fault.broke:
            break
        now = (
            Staff.objects.count(),
            Household.objects.count(),
            Member.objects.count(),
            ImportedRow.objects.count(),
            Event.objects.count(),
        )
        assert now == before, number
        batch.refresh_from_db()
        assert batch.state == "writing"
    assert 20 < number < 200 and li.batch.state == "applied"
    assert (Staff.objects.count(), Household.objects.filter(state="filed").count()) == (3, 3)


@pytest.mark.parametrize("rows", [500])
def test_statements_do_not_grow_with_the_rows(cast, rows):
    li = Wizard(cast.li)
    li.upload(table(HEAD, *([*person(serial)[:2], identity(serial % 1000), *person(serial)[3:]] for serial in range(1, rows + 1))))
    with CaptureQueriesContext(
        connection,
    ) as tried:
        li.columns()
    with CaptureQueriesContext(connection) as written:
        li.write()
    assert Staff.objects.count() == rows
    assert len(tried) < 80 and len(written) < 90


def test_each_file_tells_of_its_import_and_the_batch_vouches_for_it(cast, clock):
    li = Wizard(cast.li)
    li.take(table([*FILES, "历年帮扶金额(元)", "历年帮扶人次"], [*household(1), "3000", "2"], [*household(2), "", ""]))
    li.write()
    one = Household.objects.get(staff__worker_no="N0001")
    lines = [(line.text, line.detail, line.amount_fen) for line in timeline_of(one).lines]
    assert lines == [
        ("建档以前本单位 历年帮扶 2 人次", "其他方面，另记，导入批次 #1 第 2 行", 300_000),
        ("建档", "李静宜，子女上学，导入批次 #1 第 2 行", None),
    ] or set(lines) == {
        ("建档以前本单位 历年帮扶 2 人次", "其他方面，另记，导入批次 #1 第 2 行", 300_000),
        ("建档", "李静宜，子女上学，导入批次 #1 第 2 行", None),
    }
    assert not Event.objects.filter(kind="household.household_filed").exists()
    clock.move(minutes=3)
    li.take(table(FILES, household(1, wage="2100", annual="25200", grade="长期困难"), household(2)))
    li.write()
    texts = [(line.text, line.was, line.now) for line in timeline_of(one).lines if "批次 #2" in line.detail]
    assert ("档次", "临时困难", "长期困难") in texts and ("填报的家庭年度总收入", "24,000.00", "25,200.00") in texts
    assert ("张守春 工资性收入" if one.head_name == "张守春" else f"{one.head_name} 工资性收入", "2,000.00", "2,100.00") in texts
    first, second = ImportBatch.objects.order_by("pk")
    assert digest_holds(first) and digest_holds(second)
    li.undo()
    assert ("档次", "长期困难", "临时困难") in [(line.text, line.was, line.now) for line in timeline_of(one).lines]
    second.refresh_from_db()
    assert digest_holds(second)
    row = first.written.first()
    row.entries = row.entries.replace("schooling", "disability")
    row.save()
    assert digest_holds(first) is False


def test_a_mistaken_import_is_struck_off_and_says_so(cast):
    li = Wizard(cast.li)
    li.take(table(FILES, household(1), household(2)))
    li.write(), li.undo()
    one = Household.objects.order_by("pk")[0]
    assert one.state == "struck" and Staff.objects.count() == 0
    assert ("注销档案", "李静宜，误导入，整批撤销，导入批次 #1 第 2 行") in [
        (line.text, line.detail) for line in timeline_of(one).lines
    ]
    call_command("household_words")


def test_a_clerk_of_a_unit_does_not_regrade_by_import(cast):
    zhao = Wizard(cast.zhao)
    zhao.take(table(FILES, household(1)))
    zhao.write()
    zhao.take(table(FILES, household(1, grade="长期困难")))
    assert zhao.problems() == [(2, "困难类别", "这一户已经评定过类别，改类别由帮扶办公室来办。清空这一格，或请办公室改。")]


def test_the_write_lock_is_held_for_inserts_alone(cast):
    """Nothing is sealed, hashed or compared once the transaction has begun: only finished parameters are written."""
    from bangfu.lib import crypto

    li = Wizard(cast.li)
    li.take(table(FILES, *(household(serial) for serial in range(1, 41))))
    batch = flow.order_writing(li.batch, is_skipping=False, by=cast.li, at=AT)
    ready = prepare(batch, to_write(batch, Examination(batch, at=AT).walk()), by=cast.li, at=AT)
    sealed = []
    with pytest.MonkeyPatch.context() as patch, CaptureQueriesContext(connection) as asked:
        patch.setattr(crypto, "seal", lambda *args, **kwargs: sealed.append(args) or b"")
        flow.applying._write(batch, ready, at=AT)
    assert sealed == [] and len(asked) < 40
    assert [query["sql"].split()[0] for query in asked if "household_household" in query["sql"]].count("INSERT") <= 1


def test_a_file_filed_between_the_preparing_and_the_writing_stops_it(cast):
    from bangfu.household import flow as files
    from bangfu.household.rows import FileRow

    li = Wizard(cast.li)
    li.take(table(FILES, household(1), household(2)))
    batch = flow.order_writing(li.batch, is_skipping=False, by=cast.li, at=AT)
    ready = prepare(batch, to_write(batch, Examination(batch, at=AT).walk()), by=cast.li, at=AT)
    files.file_household(FileRow(unit=cast.unit, head_name="别人", identity=identity(2), main_cause="other"), by=cast.li, at=AT)
    with pytest.raises(Stale, match="又有改动"):
        flow.applying._write(batch, ready, at=AT)
    assert (
        Staff.objects.count() == 0
        and Household.objects.count() == 1
        and Counter.objects.get(series__startswith="household").last == 1
    )
