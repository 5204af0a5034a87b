"""Ways to be paid twice, too much, too early, or by one hand; and ways to make the books say something else."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from bangfu.access import flow as access
from bangfu.audit.models import Event
from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement, Posting, Voucher
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.ledger.verify import verify
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both
LATER = AT + timedelta(days=3)


def paid_rows() -> int:
    return Posting.objects.filter(disbursement__isnull=False, reverses=None).count()


def test_no_payment_is_dated_before_it_was_approved(who):
    cash = makers.reserved(who, amount_fen=1_000, method="cash")
    with pytest.raises(Refused, match="早于批准预留的日期 2026-11-20"):
        flow.pay_cash(cash, day=date(2026, 10, 31), form_key=makers.key(), by=who.cashier, at=LATER)
    _row, line = makers.sent(who, amount_fen=1_000)
    with pytest.raises(Refused, match="早于批准预留的日期"):
        flow.confirm_lines([line], bank_ref="R1", day=date(2026, 11, 19), form_key=makers.key(), by=who.accountant, at=LATER)
    assert paid_rows() == 0 and not Voucher.objects.filter(month="2026-10").exists()
    flow.confirm_lines([line], bank_ref="R1", day=date(2026, 11, 20), form_key=makers.key(), by=who.accountant, at=LATER)


def test_an_old_attempt_that_failed_is_never_booked_beside_the_new_one(who):
    row, first = makers.sent(who, amount_fen=1_000)
    flow.mark_failed(first, reason="户名不符", by=who.accountant, at=AT)
    second = flow.make_batch([row.pk], form_key=makers.key(), by=who.cashier, at=AT).lines.get()
    for lines in ([first], [first, second]):
        with pytest.raises(Refused):
            flow.confirm_lines(lines, bank_ref="R1", form_key=makers.key(), by=who.accountant, at=AT)
    flow.confirm_paid(second, bank_ref="R2", by=who.accountant, at=AT)
    assert flow.mark_failed(first, reason="再登记一次", by=who.accountant, at=AT).state == "paid"
    with pytest.raises(Refused):
        flow.mark_failed(second, reason="想再付一次", by=who.accountant, at=AT)
    with pytest.raises(Refused):
        flow.make_batch([row.pk], form_key=makers.key(), by=who.cashier, at=AT)
    assert paid_rows() == 1 and verify().faults == []


def test_a_key_of_one_form_pays_nothing_else(who):
    key = makers.key()
    one, two = (makers.reserved(who, amount_fen=1_000, method="cash") for _n in range(2))
    flow.pay_cash(one, form_key=key, by=who.cashier, at=AT)
    for rows in ([two], [one, two]):
        with pytest.raises(Refused, match="已经交过一次"):
            flow.pay_cash(rows, form_key=key, by=who.cashier, at=AT)
    other = makers.cast("hebi", "HB")
    theirs = makers.reserved(other, amount_fen=1_000, method="cash")
    with pytest.raises(Refused):
        flow.pay_cash(theirs, form_key=key, by=other.cashier, at=AT)
    with pytest.raises((Refused, PermissionDenied)):
        flow.pay_cash([two, theirs], form_key=makers.key(), by=who.cashier, at=AT)
    assert paid_rows() == 1


def test_one_hand_holds_neither_two_posts_nor_both_ends_of_a_batch(who):
    for role, unit in (("ACCOUNTANT", who.organisation), ("AUDITOR", who.organisation)):
        with pytest.raises(Refused, match="职责分离"):
            access.appoint(who.cashier, role, unit, from_date=AT.date(), by=None, at=AT)
    row, line = makers.sent(who, amount_fen=1_000)
    with pytest.raises(PermissionDenied):
        flow.confirm_paid(line, bank_ref="R1", by=who.cashier, at=AT)
    with pytest.raises(PermissionDenied):
        flow.change_payee_account(row, method="cash", reason="改现金", by=who.cashier, at=AT)
    with pytest.raises(PermissionDenied):
        flow.reserve(
            who.fund,
            amount_fen=1,
            entitlement_key="x",
            origin="x:1",
            programme="a",
            purpose="b",
            payee_name="c",
            method="cash",
            by=who.cashier,
            at=AT,
        )
    assert paid_rows() == 0


def test_a_hold_placed_while_the_money_is_under_way_stops_it(who):
    row, line = makers.sent(who, amount_fen=1_000)
    flow.place_hold(row.origin, reason="有人反映", unit=row.unit, by=who.officer, at=AT)
    with pytest.raises(Refused, match="暂停支付"):
        flow.confirm_paid(line, bank_ref="R1", by=who.accountant, at=AT)
    flow.mark_failed(line, reason="先退回", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="暂停支付"):
        flow.make_batch([row.pk], form_key=makers.key(), by=who.cashier, at=AT)
    assert paid_rows() == 0


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("１，０００", 100_000), ("1000", 100_000), ("-1000", None), ("−1000", None), ("(1000)", None), ("0", None), ("0.00", None), ("1e6", None),
        ("0x10", None), ("1.005", None), ("999999999999", None), ("一千", None), ("1 万", None), ("٣٠٠٠", None), ("NaN", None), ("1,00", None), ("", None),
    ],
)  # fmt: skip
def test_sums_typed_into_a_form(who, typed, fen):
    client = Client()
    client.force_login(who.accountant)
    before = Voucher.objects.count()
    share = who.fund.restrictions.get(code="")
    data = {
        "amount_fen": typed,
        "source": "5",
        "day": "2026-11-20",
        "method": "bank",
        "restriction": share.pk,
        "form_key": makers.key(),
    }
    answer = client.post(reverse("fund-income", args=[who.fund.pk]), data)
    assert Voucher.objects.count() == before + (fen is not None), typed
    if fen is None:
        assert answer.status_code == 422
    else:
        assert Voucher.objects.latest("pk").postings.get().amount_fen == fen


@pytest.mark.parametrize(
    "change",
    [
        "amount_fen = amount_fen + 100", "entitlement_key = 'other'", "card_tail4 = '9999'",
        "amount_fen = 99999999",
    ],
)  # fmt: skip
def test_what_waits_to_be_paid_is_compared_with_the_record(who, change):
    row = makers.reserved(who, amount_fen=1_000)
    assert verify().faults == []
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_disbursement SET {change} WHERE id = %s", [row.pk])
        cursor.execute(
            "UPDATE ledger_restriction SET reserved_fen = (SELECT amount_fen FROM ledger_disbursement WHERE id = %s) WHERE fund_id = %s AND reserved_fen > 0 AND balance_fen >= (SELECT amount_fen FROM ledger_disbursement WHERE id = %s)",
            [row.pk, who.fund.pk, row.pk],
        )
    assert any("留痕" in fault for fault in verify().faults)


def test_a_payment_that_nobody_set_aside_is_found(who):
    row = makers.reserved(who, amount_fen=1_000)
    Disbursement.objects.filter(pk=row.pk).update(state="released")
    row.pk, row.entitlement_key, row.check_code, row.state = None, "invented", "AAAA-BBBB-CC", "released"
    row.save(force_insert=True)
    assert any("留痕" in fault for fault in verify().faults)


@pytest.mark.parametrize("table", ["ledger_voucher", "ledger_posting", "audit_event", "evidence_signoff"])
@pytest.mark.parametrize("statement", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}"])
def test_rows_of_books_and_record_are_neither_changed_nor_taken_away(who, table, statement):
    paid = makers.paid(who, amount_fen=1_000)
    flow.sign_receipt(paid, "payer", how="clicked", by=who.cashier, at=AT)
    columns = {"ledger_voucher": "summary", "ledger_posting": "amount_fen", "audit_event": "body", "evidence_signoff": "role"}
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement.format(table, columns[table]))
    for change in (
        lambda: Posting.objects.update(amount_fen=1),
        lambda: Event.objects.all().delete(),
        lambda: Voucher.objects.first().delete(),
    ):  # type: ignore[union-attr]
        with pytest.raises((DatabaseError, Exception)), transaction.atomic():
            change()
    if connection.vendor == "sqlite":
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}")
    assert Posting.objects.filter(disbursement=paid).count() == 1 and verify().faults == []
