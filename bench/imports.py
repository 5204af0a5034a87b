"""A roster of 100,000 workers through the wizard's own functions: upload, dry run, writing; seconds and peak memory."""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.demo.people import check_digit, luhn
from bangfu.household.imports import flow
from bangfu.household.models import Staff
from bangfu.ledger.tests.makers import AT
from bench.report import Row

ROWS = 100_000
HEAD = ["工号", "姓名", "身份证号", "部门", "手机号码", "银行卡号", "岗位"]


def run() -> tuple[str, list[Row]]:
    root = organisation("bench-roster", "BR", "花名册公司")
    units = [department(root, f"bench-{n}", f"{n} 车间") for n in range(20)]
    clerk = account("bench-clerk", Role.OFFICE_OFFICER, root, name="导入员")
    content = workbook([unit.name for unit in units])
    rows = [Row("the file", f"{len(content) / 1e6:.1f} MB  {ROWS:,} rows x {len(HEAD)}")]
    at = [AT]

    def step(what: str, act: Callable[[datetime], object], beside: str = "") -> None:
        at[0] += timedelta(minutes=1)
        began = time.perf_counter()
        act(at[0])
        spent = time.perf_counter() - began
        rows.append(Row(what, f"{spent:.1f} s  {ROWS / spent:,.0f} rows/s  {memory()}", beside))

    batches = []
    step("upload: seal, read in a child, match", lambda t: batches.append(flow.upload(content, name="花名册.xlsx", by=clerk, at=t)),
         "calamine 100,000 x 40 1.7-2.0 s, 300-420 MB (measured earlier)")  # fmt: skip
    chosen = {column["at"]: column["key"] for column in batches[0].columns}
    flow.choose(batches[0], chosen, kind=batches[0].kind, opened_on=None, by=clerk, at=at[0])
    step("dry run: judge and compare every row", lambda t: flow.run_pending(at=t))
    batch = type(batches[0]).objects.get(pk=batches[0].pk)
    if batch.state != "tried":
        raise AssertionError(f"the dry run ended in {batch.state}: {batch.failure}")
    flow.order_writing(batch, is_skipping=False, by=clerk, at=at[0])
    step(
        "writing: all or nothing, sealed, indexed, recorded",
        lambda t: flow.run_pending(at=t),
        "SQLite batch limit 222,000/s (measured earlier)",
    )
    written = Staff.objects.filter(organisation=root).count()
    if written != ROWS:
        raise AssertionError(f"{written:,} of {ROWS:,} rows were written")
    return f"Excel in: {ROWS:,} rows", rows


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
    sheet = book.add_worksheet("花名册")
    sheet.write_row(0, 0, HEAD)
    for number in range(ROWS):
        sheet.write_row(number + 1, 0, row_of(number, units))
    book.close()
    return out.getvalue()


def row_of(number: int, units: list[str]) -> list[str]:
    day = datetime(1966, 1, 1) + timedelta(days=number // 500 * 7 % 14_000)
    body = f"530000{day:%Y%m%d}{number % 500:03d}"
    card = f"622202{number:012d}"
    return [
        f"B{number:06d}", name_of(number), body + check_digit(body), units[number % len(units)], f"139{number:08d}", card + luhn(card), "检修工",
    ]  # fmt: skip


def name_of(number: int) -> str:
    surnames, given = "王李张刘陈杨赵黄周吴徐孙胡朱高", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平"
    return surnames[number % 15] + given[number // 15 % 20] + given[number // 300 % 20]
