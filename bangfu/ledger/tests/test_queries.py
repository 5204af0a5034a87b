"""Reads that others stand on: payments as facts, totals, statements, exports, and what a payout costs in SQL."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.ledger import flow, queries
from bangfu.ledger.models import Disbursement
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT

pytestmark = pytest.mark.both


def on(month: int, day: int) -> datetime:
    return datetime(2026, month, day, 4, tzinfo=UTC)


@pytest.fixture
def year(who):
    """January to November: a gift, three payments of two programmes, one of them reversed."""
    for month, programme, purpose, fen in [
        (2, "gift", "节日慰问", 50_000),
        (3, "temporary", "临时救助", 200_000),
        (9, "temporary", "临时救助", 100_000),
    ]:
        row = makers.reserved(
            who, method="cash", amount_fen=fen, programme=programme, purpose=purpose, household_no="KY2026-0001", at=on(month, 5)
        )
        flow.pay_cash(row, form_key=makers.key(), by=who.cashier, at=on(month, 6))
    wrong = makers.paid(who, amount_fen=70_000, household_no="KY2026-0001")
    flow.reverse(wrong.postings.get().voucher, reason="重复", form_key=makers.key(), by=who.accountant, at=AT)
    return who


def test_payments_of_a_household_are_plain_facts(year):
    rows = queries.payments_of("KY2026-0001")
    assert all(set(row) == {"programme", "amount_fen", "day", "cause", "reference"} for row in rows)
    assert [{key: row[key] for key in ("programme", "amount_fen", "day")} for row in rows] == [
        {"programme": "gift", "amount_fen": 50_000, "day": date(2026, 2, 6)},
        {"programme": "temporary", "amount_fen": 200_000, "day": date(2026, 3, 6)},
        {"programme": "temporary", "amount_fen": 100_000, "day": date(2026, 9, 6)},
    ]
    assert queries.payments_of_many(["KY2026-0001", "nobody"])["nobody"] == []


def test_totals_count_person_times_in_a_half_open_period(year):
    found = queries.totals([year.fund], date(2026, 1, 1), date(2026, 9, 6))
    assert [(row.programme, row.person_times, row.amount_fen) for row in found] == [("gift", 1, 50_000), ("temporary", 1, 200_000)]


def test_a_statement_adds_up_and_its_closing_is_the_next_opening(year):
    year.fund.refresh_from_db()
    first = queries.statement(year.fund, date(2026, 1, 1), date(2026, 7, 1))
    second = queries.statement(year.fund, date(2026, 7, 1), date(2027, 1, 1))
    for account in (first, second):
        assert account.opening_fen + account.income_fen - account.spending_fen == account.closing_fen
    assert first.closing_fen == second.opening_fen == -250_000  # the grant was booked in November only
    assert second.closing_fen == year.fund.balance_fen == queries.available(year.fund)
    assert [(total.purpose, total.person_times, total.amount_fen) for total in second.spending] == [("临时救助", 1, 100_000)]
    assert [entry.balance_fen for entry in second.entries][-1] == second.closing_fen


def test_the_lists_of_what_waits(who):
    held, _free = makers.reserved(who), makers.reserved(who)
    flow.place_hold(held.origin, reason="异议", unit=who.unit, by=None, at=AT)
    makers.sent(who, amount_fen=1_000)
    makers.paid(who, amount_fen=1_000)
    assert [row.hold for row in queries.to_pay(who.cashier).order_by("pk")] == ["异议", None]
    assert queries.to_confirm(who.accountant).count() == queries.to_sign(who.cashier).count() == 1
    assert queries.to_pay(who.worker).count() == 0


def test_beancount_text_balances_to_the_fen(year):
    """Read again by a few lines that know only Beancount's grammar: every entry sums to zero, every assertion holds."""
    out = StringIO()
    call_command("ledger_export", format="beancount", stdout=out)
    lines = out.getvalue().splitlines()
    sums, opened, entry, checked = defaultdict(int), set(), [], 0
    for line in [*lines, ""]:
        if match := re.fullmatch(r"  ((?:Assets|Income|Expenses|Equity):\d+) (-?\d+)\.(\d\d) CNY", line):
            fen = int(match[2]) * 100 + (-1 if match[2].startswith("-") else 1) * int(match[3])
            assert match[1] in opened
            sums[match[1]] += fen
            entry.append(fen)
        elif match := re.fullmatch(r"\d{4}-\d\d-\d\d open (\S+) CNY", line):
            opened.add(match[1])
        elif match := re.fullmatch(r"\d{4}-\d\d-\d\d balance (\S+) (-?\d+)\.(\d\d) CNY", line):
            stated = int(match[2]) * 100 + (-1 if match[2].startswith("-") else 1) * int(match[3])
            assert sums[match[1]] == stated
            checked += 1
        if not line:
            assert sum(entry) == 0
            entry = []
    year.fund.refresh_from_db()
    assert checked == len(opened) == 4
    assert sums["Assets:1001"] + sums["Assets:1002"] == year.fund.balance_fen
    assert '  name: "困难职工帮扶基金"' in lines


def test_the_journal_as_csv_has_one_line_a_posting(year):
    out = StringIO()
    call_command("ledger_export", format="csv", stdout=out)
    lines = out.getvalue().lstrip("\ufeff").splitlines()
    assert len(lines) == 1 + 6
    assert lines[0].startswith("日期,凭证号") and sum(",2000.00," in line for line in lines) == 1


def test_two_organisations_are_not_mixed_in_one_journal(who):
    makers.cast("hebi", "HB")
    with pytest.raises(SystemExit) as end:
        call_command("ledger_export", format="csv", stderr=StringIO())
    assert end.value.code == 2
    out = StringIO()
    call_command("ledger_export", format="csv", organisation="hebi", stdout=out)
    assert len(out.getvalue().splitlines()) == 2


def test_what_a_payout_costs_in_sql(who):
    """Four people, four calls. The aim of issue 4 is at most 15 statements a call, without BEGIN, COMMIT, SAVEPOINT."""
    makers.paid(who, amount_fen=1_000)  # series and head rows exist

    def counted(call):
        for account in (who.officer, who.cashier, who.accountant, who.worker):
            account.__dict__.pop("_posts", None)
        with CaptureQueriesContext(connection) as seen:
            result = call()
        return result, sum(
            not query["sql"].startswith(("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE")) for query in seen.captured_queries
        )

    row, reserve = counted(lambda: makers.reserved(who, method="cash", payee_account=who.worker))
    _voucher, pay = counted(lambda: flow.pay_cash(row, form_key=makers.key(), by=who.cashier, at=AT))
    _row, payer = counted(lambda: flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT))
    _row, payee = counted(lambda: flow.sign_receipt(row, "payee", how="clicked", by=who.worker, at=AT))
    assert Disbursement.objects.get(pk=row.pk).receipted_at is not None
    assert max(reserve, payer, payee) <= 15 and pay <= 19, (reserve, pay, payer, payee)
