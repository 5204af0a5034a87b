"""SQL and rate of each service call of the books, and of a whole payout: four people, four calls."""

from __future__ import annotations

import time
from collections.abc import Callable

from bangfu.access.tests.makers import organisation
from bangfu.audit.record import record, recording
from bangfu.ledger import flow
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bench.report import Row, counting

ITEMS = 200


def run() -> tuple[str, list[Row]]:
    who = makers.cast(money_fen=9_000_000_000)
    rows = [makers.reserved(who) for _n in range(ITEMS)]
    lines = []

    def make_batch(number: int) -> None:
        batch = flow.make_batch([rows[number].pk], form_key=makers.key(), by=who.cashier, at=AT)
        lines.append(batch.lines.get())

    def sign(side: str) -> Callable[[int], object]:
        if side == "payer":
            return lambda n: flow.sign_receipt(rows[n], side, how="clicked", by=who.cashier, at=AT)
        return lambda n: flow.sign_receipt(rows[n], side, how="drawn", picture=_drawing(n), by=who.clerk, at=AT)

    table = [
        measure("receive", lambda n: flow.receive(who.fund, amount_fen=1, source="5", form_key=makers.key(), by=who.accountant, at=AT),
                "hordak 1,020/s, one per commit (measured earlier)"),
        measure("reserve", lambda n: makers.reserved(who), "openIMIS claim created 44 SQL, 18.2/s (measured earlier)"),
        measure("make_batch of one", make_batch, "openIMIS claim adjudicated 87 SQL, 12.6/s (measured earlier)"),
        measure("confirm_paid of one", lambda n: flow.confirm_paid(lines[n], bank_ref="R", by=who.accountant, at=AT),
                "openIMIS payroll line 79 SQL, 24.9/s (measured earlier)"),
        measure("sign_receipt, payer clicks", sign("payer")),
        measure("sign_receipt, payee draws", sign("payee")),
        measure("record with one event", one_event(), "SQLite FULL, one per commit 8,300/s (measured earlier)"),
    ]  # fmt: skip
    return "Money: each call in a transaction of its own (synchronous=FULL)", [*table, whole_payout(who), bulk(who)]


def measure(what: str, call: Callable[[int], object], beside: str = "", items: int = ITEMS) -> Row:
    with counting() as statements:
        began = time.perf_counter()
        for number in range(items):
            call(number)
        spent = time.perf_counter() - began
    return Row(what, f"{statements.count / items:.1f} SQL  {items / spent:,.0f}/s", beside)


def whole_payout(who: makers.Cast, items: int = 100) -> Row:
    """Reserve (officer), send (cashier), confirm (accountant), both signatures (cashier, clerk)."""

    def payout(number: int) -> None:
        row = makers.reserved(who)
        batch = flow.make_batch([row.pk], form_key=makers.key(), by=who.cashier, at=AT)
        flow.confirm_paid(batch.lines.get(), bank_ref="R", by=who.accountant, at=AT)
        flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT)
        flow.sign_receipt(row, "payee", how="drawn", picture=_drawing(number), by=who.clerk, at=AT)

    return measure("whole payout, four people", payout, "openIMIS payroll line alone 24.9/s (measured earlier)", items)


def bulk(who: makers.Cast, items: int = 1_000) -> Row:
    """One batch of many: what a payday costs a line."""
    keys = [makers.reserved(who).pk for _n in range(items)]
    with counting() as statements:
        began = time.perf_counter()
        batch = flow.make_batch(keys, form_key=makers.key(), by=who.cashier, at=AT)
        flow.confirm_lines(list(batch.lines.all()), bank_ref="R", form_key=makers.key(), by=who.accountant, at=AT)
        spent = time.perf_counter() - began
    return Row(
        f"batch of {items:,}: send and confirm", f"{statements.count / items:.2f} SQL/line  {items / spent:,.0f} lines/s",
        "aim 5,000/s; SQLite batch limit 222,000/s (measured earlier)",
    )  # fmt: skip


def one_event() -> Callable[[int], object]:
    unit = organisation("bench-events", "BE", "记账公司")

    def act(number: int) -> None:
        with recording():
            record("access.unit_added", unit, by=None, at=AT, number=number)

    return act


def _drawing(number: int) -> bytes:
    """A picture of its own each time: the same bytes would be stored once."""
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("L", (160, 60), number % 256).save(out, "PNG")
    return out.getvalue()
