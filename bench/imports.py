"""100,000 households through the wizard's own functions: upload, dry run, writing; seconds, CPU, SQL and peak memory.

Each row brings a worker of the roster, a file, its head with an income, a grade, the history of both and their search words.
"""

from __future__ import annotations

import io
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.demo.people import check_digit, luhn
from bangfu.household import grades
from bangfu.household.grades import Grade
from bangfu.household.imports import flow
from bangfu.household.imports.flow import applying
from bangfu.household.imports.told import digest_holds
from bangfu.household.models import Household, Staff
from bangfu.ledger.tests.makers import AT
from bench.report import Row, counting

ROWS = int(os.environ.get("BENCH_ROWS", "100000"))
HEAD = ["工号", "姓名", "身份证号", "部门", "手机号码", "银行卡号", "岗位"]
OF_FILE = ["家庭人口", "本人月平均收入(元)", "家庭年度总收入(元)", "主要致困原因", "困难类别"]
GRADES = [Grade("special", "特别困难"), Grade("long", "长期困难")]


def run() -> tuple[str, list[Row]]:
    grades.sources[:] = [lambda unit, on: GRADES]
    root = organisation("bench-roster", "BR", "花名册公司")
    units = [department(root, f"bench-{n}", f"{n} 车间") for n in range(20)]
    clerk = account("bench-clerk", Role.OFFICE_OFFICER, root, name="导入员")
    content = workbook([unit.name for unit in units])
    rows = [Row("the file", f"{len(content) / 1e6:.1f} MB  {ROWS:,} rows x {len(HEAD + OF_FILE)}")]
    at, locked = [AT], [0.0]

    def step(what: str, act: Callable[[datetime], object], beside: str = "") -> None:
        at[0] += timedelta(minutes=1)
        with counting() as statements:
            began, cpu = time.perf_counter(), time.process_time()
            act(at[0])
            spent, cpu = time.perf_counter() - began, time.process_time() - cpu
        rows.append(Row(what, f"{spent:.1f} s  {cpu:.1f} s CPU  {statements.count:,} SQL  {memory()}", beside))

    batches = []
    step("upload: seal, read in a child, match", lambda t: batches.append(flow.upload(content, name="档案.xlsx", by=clerk, at=t)),
         "calamine 100,000 x 40 1.7-2.0 s, 300-420 MB (measured earlier)")  # fmt: skip
    chosen = {column["at"]: column["key"] for column in batches[0].columns}
    flow.choose(batches[0], chosen, kind=batches[0].kind, opened_on=None, by=clerk, at=at[0])
    step("dry run: judge and compare every row", lambda t: flow.run_pending(at=t))
    batch = type(batches[0]).objects.get(pk=batches[0].pk)
    if batch.state != "tried" or batch.households_new != ROWS:
        raise AssertionError(f"the dry run ended in {batch.state}: {batch.failure}")
    flow.order_writing(batch, is_skipping=False, by=clerk, at=at[0])
    with watched(locked):
        step("writing, all of it", lambda t: flow.run_pending(at=t))
    rows.append(
        Row(
            "of which the database is locked",
            f"{locked[0]:.1f} s  {locked[1]:.1f} s CPU  {ROWS / locked[0]:,.0f} files/s",
            "SQLite batch limit 222,000 rows/s (measured earlier)",
        )
    )
    if (Staff.objects.filter(organisation=root).count(), Household.objects.filter(organisation=root).count()) != (ROWS, ROWS):
        raise AssertionError("not every row was written")
    batch.refresh_from_db()
    step("the digest of all rows, recomputed", lambda t: digest_holds(batch))
    with watched(locked, "_undo"):
        step("taking the batch back", lambda t: flow.undo(batch, by=clerk, at=t))
    rows.append(Row("of which the database is locked", f"{locked[0]:.1f} s  {locked[1]:.1f} s CPU"))
    return f"Excel in: {ROWS:,} households", rows


@contextmanager
def watched(locked: list[float], name: str = "_write") -> Iterator[None]:
    """Seconds and CPU of the one transaction."""
    act = getattr(applying, name)

    def timed(*args: object, **kwargs: object) -> object:
        began, cpu = time.perf_counter(), time.process_time()
        try:
            return act(*args, **kwargs)
        finally:
            locked[:] = [time.perf_counter() - began, time.process_time() - cpu]

    setattr(applying, name, timed)
    try:
        yield
    finally:
        setattr(applying, name, act)


def memory() -> str:
    """Peak so far of this process and of the largest child."""
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    return f"peak {own:,.0f} MB, child {child:,.0f} MB"


def workbook(units: list[str]) -> bytes:
    """Generated workers; identity numbers carry 0000 where a county stands."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"constant_memory": True})
    sheet = book.add_worksheet("档案")
    sheet.write_row(0, 0, HEAD + OF_FILE)
    for number in range(ROWS):
        sheet.write_row(number + 1, 0, row_of(number, units) + file_of(number))
    book.close()
    return out.getvalue()


def row_of(number: int, units: list[str]) -> list[str]:
    day = datetime(1966, 1, 1) + timedelta(days=number // 500 * 7 % 14_000)
    body = f"530000{day:%Y%m%d}{number % 500:03d}"
    card = f"622202{number:012d}"
    return [
        f"B{number:06d}", name_of(number), body + check_digit(body), units[number % len(units)], f"139{number:08d}", card + luhn(card), "检修工",
    ]  # fmt: skip


def file_of(number: int) -> list[str]:
    monthly = 1_000 + number % 900
    return [str(1 + number % 5), str(monthly), str(monthly * 12), "本人大病", GRADES[number % 2].title]


def name_of(number: int) -> str:
    surnames, given = "王李张刘陈杨赵黄周吴徐孙胡朱高", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    return surnames[number % 15] + given[number // 15 % 20] + given[number // 300 % 20]
