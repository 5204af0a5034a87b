"""An import is whole or not there: whichever statement fails, nothing of it remains; and it costs few statements a thousand rows."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from bangfu.audit.models import Event
from bangfu.household.imports import flow
from bangfu.household.imports.tests.test_wizard import household, person
from bangfu.household.imports.tests.wizard import FILES, HEAD, Wizard, table
from bangfu.household.models import Household, ImportedRow, Member, Staff
from bangfu.household.tests.makers import AT, identity


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
    assert 30 < number < 200 and li.batch.state == "applied"
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
