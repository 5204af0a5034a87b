"""The recount: silent while the books agree, and a sentence for each kind of damage."""

from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from bangfu.ledger import flow
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.ledger.verify import verify

pytestmark = pytest.mark.both


@pytest.fixture
def books(who):
    """A bit of everything: income, restricted money, bank paid and failed, cash paid and signed, one reversed, one released."""
    share = flow.open_restriction(who.fund, code="school", title="助学专款", programmes=["school"], by=who.accountant, at=AT)
    flow.receive(who.fund, amount_fen=200_000, source="6", restriction=share, form_key=makers.key(), by=who.accountant, at=AT)
    makers.reserved(who, amount_fen=50_000, programme="school", restriction=share)
    flow.pay_cash(
        makers.reserved(who, amount_fen=40_000, programme="school", restriction=share, method="cash"),
        form_key=makers.key(), by=who.cashier, at=AT,
    )  # fmt: skip
    bank, line = makers.sent(who, amount_fen=10_000)
    flow.confirm_paid(line, bank_ref="YH1", by=who.accountant, at=AT)
    flow.sign_receipt(bank, "payer", how="clicked", by=who.cashier, at=AT)
    _back, line = makers.sent(who, amount_fen=11_000)
    flow.mark_failed(line, reason="户名不符", by=who.accountant, at=AT)
    makers.sent(who, amount_fen=12_000)
    wrong = makers.paid(who, amount_fen=13_000)
    flow.reverse(wrong.postings.get().voucher, reason="重复发放", form_key=makers.key(), by=who.accountant, at=AT)
    flow.release(makers.reserved(who, amount_fen=14_000), reason="本人放弃", by=who.officer, at=AT)
    return who


def damage(statement: str) -> None:
    """Change rows behind the program's back: the triggers are taken away first, as a thief with database rights would."""
    with connection.cursor() as cursor:
        for table in ("ledger_voucher", "ledger_posting", "ledger_batch", "evidence_signoff"):
            for operation in ("update", "delete"):
                on = f' ON "{table}"' if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{operation}{on}")
        if connection.vendor == "postgresql":
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(statement)


def test_the_books_agree(books):
    verdict = verify()
    assert verdict.faults == []
    assert (verdict.vouchers, verdict.postings) == (6, 6)


def test_the_command_says_OK_in_its_last_line(books):
    out = StringIO()
    call_command("ledger_verify", stdout=out)
    assert out.getvalue().splitlines()[-1] == "OK 6 vouchers 6 postings"


def test_the_command_says_BAD_and_exits_with_1(books):
    damage("UPDATE ledger_fund SET balance_fen = balance_fen + 1")
    out = StringIO()
    with pytest.raises(SystemExit) as end:
        call_command("ledger_verify", stdout=out)
    assert end.value.code == 1
    assert out.getvalue().splitlines()[-1].startswith("BAD ")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE ledger_fund SET balance_fen = balance_fen + 1", "余额记的是"),
        ("UPDATE ledger_fund SET reserved_fen = reserved_fen - 1", "已批未付记的是"),
        ("UPDATE ledger_restriction SET balance_fen = balance_fen + 1", "余额记的是"),
        ("UPDATE ledger_restriction SET reserved_fen = reserved_fen + 1", "已批未付记的是"),
        ("UPDATE ledger_posting SET amount_fen = amount_fen + 1 WHERE amount_fen = 10000", "余额记的是"),
        ("UPDATE ledger_posting SET amount_fen = amount_fen + 1 WHERE amount_fen = 10000", "与它付的发放不一致"),
        ("DELETE FROM ledger_posting WHERE amount_fen = 10000", "没有分录"),
        ("DELETE FROM ledger_posting WHERE amount_fen = 10000", "付款分录 0 行"),
        ("UPDATE ledger_voucher SET number = 99 WHERE number = 3", "不连号"),
        ("UPDATE access_counter SET last = last + 1 WHERE series LIKE 'voucher:%'", "不连号"),
        ("UPDATE access_counter SET series = 'voucher:9:2020-01' WHERE series LIKE 'voucher:%'", "却没有凭证"),
        ("UPDATE ledger_voucher SET month = '2026-10'", "月份与日期"),
        ("UPDATE ledger_posting SET day = '2026-11-01' WHERE amount_fen = 10000", "与凭证不一致"),
        ("UPDATE ledger_posting SET day = '2026-11-01' WHERE amount_fen = 10000", "与付款日不一致"),
        ("UPDATE ledger_posting SET debit = '5999' WHERE amount_fen = 10000", "没有的科目 5999"),
        ("UPDATE ledger_posting SET entitlement_key = 'x' WHERE amount_fen = 10000", "与它付的发放不一致"),
        ("UPDATE ledger_posting SET household_no = 'x' WHERE amount_fen = 10000", "与它付的发放不一致"),
        ("UPDATE ledger_posting SET disbursement_id = NULL WHERE amount_fen = 10000", "没有对应的发放"),
        ("UPDATE ledger_posting SET programme = 'x' WHERE amount_fen = 40000", "付了别的项目"),
        ("UPDATE ledger_posting SET credit = '1002' WHERE amount_fen = 13000 AND reverses_id IS NULL", "不对应"),
        ("UPDATE ledger_posting SET reverses_id = NULL WHERE amount_fen = 13000", "冲销 0 行"),
        ("UPDATE ledger_disbursement SET state = 'paid' WHERE state = 'reversed'", "冲销 1 行"),
        ("UPDATE ledger_disbursement SET state = 'released' WHERE amount_fen = 11000", "已批未付记的是"),
        ("UPDATE ledger_disbursement SET amount_fen = 10001 WHERE amount_fen = 10000", "与它付的发放不一致"),
        ("UPDATE ledger_disbursement SET payee_name = '别人' WHERE amount_fen = 10000", "签字以后回执内容被改过"),
        ("UPDATE ledger_disbursement SET card_tail4 = '0000' WHERE amount_fen = 10000", "签字以后回执内容被改过"),
        ("UPDATE ledger_disbursement SET payer_signed_at = NULL WHERE amount_fen = 10000", "签收记录与签字不符"),
        ("UPDATE ledger_disbursement SET payee_signed_at = paid_at WHERE amount_fen = 13000", "签收记录与签字不符"),
        ("UPDATE evidence_signoff SET subject = 'ledger.disbursement:999999'", "没有对应的付款"),
        ("UPDATE ledger_batchline SET amount_fen = amount_fen + 1 WHERE amount_fen = 10000", "合计与各行不符"),
        ("UPDATE ledger_batchline SET payee_name = '别人' WHERE amount_fen = 12000", "金额或户名与发放不符"),
        ("UPDATE ledger_batchline SET state = 'failed', reason = 'x' WHERE amount_fen = 10000", "与银行批次里的结果不符"),
        ("DELETE FROM ledger_batchline WHERE state = 'pending'", "与银行批次里的结果不符"),
    ],
)  # fmt: skip
def test_planted_damage_is_found(books, statement, words):
    damage(statement)
    assert any(words in fault for fault in verify().faults), verify().faults


@pytest.mark.parametrize("table", ["ledger_voucher", "ledger_posting"])
def test_the_database_refuses_to_change_or_delete_a_booked_row(books, table):
    from django.db import DatabaseError, transaction

    for statement in (f"UPDATE {table} SET day = '2020-01-01'", f"DELETE FROM {table}"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
