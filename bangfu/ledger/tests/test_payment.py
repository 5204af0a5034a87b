"""Batches, the bank's results, cash: each transition, its wrong states, wrong people and double clicks."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bangfu.access import flow as access
from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.ledger import flow, reactions
from bangfu.ledger.models import Batch, BatchLine, Posting
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both


@pytest.fixture
def heard(monkeypatch):
    """What the modules above are told."""
    calls: list[tuple[str, int]] = []
    for name in ("on_paid", "on_receipted", "on_failed"):
        monkeypatch.setattr(reactions, name, [lambda row, by, at, name=name: calls.append((name, row.pk))])
    return calls


def money(who):
    who.fund.refresh_from_db()
    return who.fund.balance_fen, who.fund.reserved_fen


def test_a_batch_sends_and_keeps_the_money_reserved(who):
    rows = [makers.reserved(who, amount_fen=fen) for fen in (100_000, 200_000)]
    batch = flow.make_batch([row.pk for row in rows], form_key="b", by=who.cashier, at=AT)
    assert (batch.number, batch.count, batch.total_fen) == ("KY-P2026-0001", 2, 300_000)
    assert [(line.line, line.amount_fen, line.state) for line in batch.lines.all()] == [
        (1, 100_000, "pending"),
        (2, 200_000, "pending"),
    ]
    assert money(who) == (1_000_000, 300_000)
    assert Event.objects.filter(kind="ledger.payment_sent").count() == 2
    assert not Posting.objects.filter(disbursement__isnull=False).exists()


def test_the_same_form_again_answers_the_first_batch(who):
    row, other = makers.reserved(who), makers.reserved(who)
    first = flow.make_batch([row.pk], form_key="b", by=who.cashier, at=AT)
    assert flow.make_batch([row.pk], form_key="b", by=who.cashier, at=AT) == first
    with pytest.raises(Refused, match="已经交过一次"):
        flow.make_batch([other.pk], form_key="b", by=who.cashier, at=AT)
    assert Batch.objects.count() == 1


def test_what_is_sent_cannot_be_sent_again(who):
    row, _line = makers.sent(who)
    with pytest.raises(Refused, match="已送银行"):
        flow.make_batch([row.pk], form_key="other", by=who.cashier, at=AT)


def test_a_batch_refuses_what_it_cannot_send(who):
    with pytest.raises(Refused, match="没有银行卡号"):
        flow.make_batch([makers.reserved(who, card="").pk], form_key="1", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="是现金"):
        flow.make_batch([makers.reserved(who, method="cash").pk], form_key="2", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="没有选中"):
        flow.make_batch([], form_key="3", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="没有选中"):
        flow.make_batch([999_999], form_key="4", by=who.cashier, at=AT)


def test_a_batch_pays_from_one_fund(who):
    first = makers.reserved(who)
    other = flow.open_fund(who.organisation, code="warmth", name="送温暖资金", by=who.accountant, at=AT)
    flow.receive(other, amount_fen=500_000, source="1", form_key=makers.key(), by=who.accountant, at=AT)
    who.fund = other
    second = makers.reserved(who)
    with pytest.raises(Refused, match="不同的基金"):
        flow.make_batch([first.pk, second.pk], form_key="b", by=who.cashier, at=AT)


def test_the_cashier_makes_batches_and_nobody_else(who):
    row = makers.reserved(who)
    for account in (who.accountant, who.officer, who.auditor, who.worker):
        with pytest.raises(PermissionDenied):
            flow.make_batch([row.pk], form_key="b", by=account, at=AT)


def test_nobody_sends_money_to_herself(who):
    by_account = makers.reserved(who, payee_account=who.cashier)
    by_name = makers.reserved(who, payee_name=who.cashier.name)
    for row in (by_account, by_name):
        with pytest.raises(Refused, match="不能自己给自己付款"):
            flow.make_batch([row.pk], form_key=makers.key(), by=who.cashier, at=AT)
    namesake = makers.reserved(who, payee_name=who.cashier.name, payee_account=who.worker)  # another person of that name
    flow.make_batch([namesake.pk], form_key=makers.key(), by=who.cashier, at=AT)


def test_the_banks_success_posts_and_lowers_balance_and_reserved(who, heard):
    row, line = makers.sent(who)
    voucher = flow.confirm_paid(line, bank_ref="ICBC1", day=date(2026, 11, 20), by=who.accountant, at=AT)
    row.refresh_from_db()
    line.refresh_from_db()
    posting = row.postings.get()
    assert (posting.debit, posting.credit, posting.amount_fen) == ("5101", "1002", 300_000)
    assert (posting.entitlement_key, posting.household_no, posting.programme) == (
        row.entitlement_key,
        row.household_no,
        "temporary",
    )
    assert (row.state, row.paid_day, row.bank_ref, row.receipted_at) == ("paid", date(2026, 11, 20), "ICBC1", None)
    assert (line.state, line.bank_ref, line.decided_by) == ("paid", "ICBC1", who.accountant)
    assert (voucher.kind, voucher.day) == ("payment", date(2026, 11, 20))
    assert money(who) == (700_000, 0)
    assert heard == [("on_paid", row.pk)]


def test_confirming_again_answers_the_first_voucher(who):
    _row, line = makers.sent(who)
    first = flow.confirm_paid(line, bank_ref="ICBC1", by=who.accountant, at=AT)
    assert flow.confirm_paid(line, bank_ref="ICBC1", by=who.accountant, at=AT) == first
    assert money(who) == (700_000, 0)


def test_a_whole_batch_becomes_one_voucher(who):
    rows = [makers.reserved(who, amount_fen=fen) for fen in (100_000, 200_000, 50_000)]
    batch = flow.make_batch([row.pk for row in rows], form_key="b", by=who.cashier, at=AT)
    voucher = flow.confirm_lines(batch.lines.all(), bank_ref="R", form_key="c", by=who.accountant, at=AT)
    assert [row.line for row in voucher.postings.all()] == [1, 2, 3]
    assert money(who) == (650_000, 0)
    assert flow.confirm_lines(batch.lines.all(), bank_ref="R", form_key="c", by=who.accountant, at=AT) == voucher


def test_the_result_is_registered_by_an_accountant_who_did_not_make_the_batch(who):
    _row, line = makers.sent(who)
    with pytest.raises(PermissionDenied):
        flow.confirm_paid(line, bank_ref="R", by=who.cashier, at=AT)
    post = who.cashier.posts.get()
    post.to_date = AT.date()
    post.save()  # yesterday a cashier, today the accountant
    access.appoint(who.cashier, Role.ACCOUNTANT, who.organisation, from_date=AT.date(), by=None, at=AT)
    who.cashier.__dict__.pop("_posts", None)
    with pytest.raises(Refused, match="批次是您自己做的"):
        flow.confirm_paid(line, bank_ref="R", by=who.cashier, at=AT)


def test_a_confirmation_needs_the_banks_number_and_a_day_that_has_come(who):
    _row, line = makers.sent(who)
    with pytest.raises(Refused, match="流水号"):
        flow.confirm_paid(line, bank_ref=" ", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="还没到"):
        flow.confirm_paid(line, bank_ref="R", day=date(2026, 11, 21), by=who.accountant, at=AT)
    with pytest.raises(Refused, match="同一批次"):
        flow.confirm_lines([], bank_ref="R", form_key="c", by=who.accountant, at=AT)


def test_a_returned_transfer_goes_back_to_the_reservation_and_is_sent_again(who, heard):
    row, line = makers.sent(who)
    flow.mark_failed(line, reason="户名不符", by=who.accountant, at=AT)
    flow.mark_failed(line, reason="户名不符", by=who.accountant, at=AT)  # double click
    row.refresh_from_db()
    assert (row.state, money(who)) == ("reserved", (1_000_000, 300_000))
    assert Posting.objects.filter(disbursement=row).count() == 0
    flow.change_payee_account(row, method="bank", bank_name="农行", card=makers.CARD, reason="户名不符", by=who.accountant, at=AT)
    batch = flow.make_batch([row.pk], form_key="again", by=who.cashier, at=AT)
    flow.confirm_paid(batch.lines.get(), bank_ref="R2", by=who.accountant, at=AT)
    assert [line.state for line in row.lines.order_by("pk")] == ["failed", "paid"]
    assert money(who) == (700_000, 0)
    assert heard == [("on_failed", row.pk), ("on_paid", row.pk)]


def test_a_line_is_decided_once(who):
    row, line = makers.sent(who)
    flow.mark_failed(line, reason="户名不符", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="已登记为“失败”"):
        flow.confirm_paid(line, bank_ref="R", by=who.accountant, at=AT)
    _row, good = makers.sent(who)
    flow.confirm_paid(good, bank_ref="R", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="已登记为“成功”"):
        flow.mark_failed(good, reason="x", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="退回原因"):
        flow.mark_failed(makers.sent(who)[1], reason=" ", by=who.accountant, at=AT)
    row.refresh_from_db()
    assert row.state == "reserved"


def test_the_database_itself_refuses_two_live_attempts(who):
    row, line = makers.sent(who)
    with pytest.raises(IntegrityError), transaction.atomic():
        BatchLine.objects.create(batch=line.batch, line=2, disbursement=row, amount_fen=1, payee_name="x", card="1", card_tail4="1")


def test_cash_by_list_is_paid_at_once_with_one_voucher(who, heard):
    rows = [makers.reserved(who, amount_fen=fen, method="cash") for fen in (50_000, 60_000)]
    voucher = flow.pay_cash(rows, form_key="c", by=who.cashier, at=AT)
    assert [(row.debit, row.credit, row.amount_fen) for row in voucher.postings.all()] == [
        ("5101", "1001", 50_000),
        ("5101", "1001", 60_000),
    ]
    assert money(who) == (890_000, 0)
    assert heard == [("on_paid", row.pk) for row in rows]
    assert flow.pay_cash(rows, form_key="c", by=who.cashier, at=AT) == voucher
    with pytest.raises(Refused, match="已付"):
        flow.pay_cash(rows, form_key="another tab", by=who.cashier, at=AT)
    assert money(who) == (890_000, 0)


def test_an_old_form_key_with_other_rows_is_refused(who):
    row, other = makers.reserved(who, method="cash"), makers.reserved(who, method="cash")
    flow.pay_cash(row, form_key="c", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="已经交过一次"):
        flow.pay_cash(other, form_key="c", by=who.cashier, at=AT)


def test_cash_is_paid_by_the_cashier_and_only_what_is_cash(who):
    row = makers.reserved(who, method="cash")
    for account in (who.accountant, who.officer, who.worker):
        with pytest.raises(PermissionDenied):
            flow.pay_cash(row, form_key="c", by=account, at=AT)
    with pytest.raises(Refused, match="是银行转账"):
        flow.pay_cash(makers.reserved(who), form_key="c", by=who.cashier, at=AT)


def test_what_a_listener_refuses_is_not_paid(who, monkeypatch):
    def refuse(row, by, at):
        raise Refused("上面不让付。")

    monkeypatch.setattr(reactions, "on_paid", [refuse])
    row = makers.reserved(who, method="cash")
    before = Event.objects.count()
    with pytest.raises(Refused):
        flow.pay_cash(row, form_key="c", by=who.cashier, at=AT)
    row.refresh_from_db()
    assert (row.state, money(who), Event.objects.count()) == ("reserved", (1_000_000, 300_000), before)
