"""Both signatures, holds, reversals."""

from __future__ import annotations

import io

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bangfu.audit.models import Event
from bangfu.evidence.models import SignOff
from bangfu.ledger import flow, queries, reactions
from bangfu.ledger.models import Disbursement, Hold
from bangfu.ledger.receipt import clean_check_code, digest_of, new_check_code, posting_of
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both


@pytest.fixture(scope="module")
def drawing() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 0, 80)).save(out, "PNG")
    return out.getvalue()


def money(who):
    who.fund.refresh_from_db()
    return who.fund.balance_fen, who.fund.reserved_fen


def test_paid_and_receipted_are_two_facts(who, drawing, monkeypatch):
    heard: list[int] = []
    monkeypatch.setattr(reactions, "on_receipted", [lambda row, by, at: heard.append(row.pk)])
    row = makers.paid(who)
    first = flow.sign_receipt(row, "payee", how="drawn", picture=drawing, by=who.cashier, at=AT)
    assert (first.payee_signed_at, first.receipted_at, heard) == (AT, None, [])
    both = flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT)
    assert (both.receipted_at, heard) == (AT, [row.pk])
    marks = {mark.role: mark for mark in SignOff.objects.filter(subject=f"ledger.disbursement:{row.pk}")}
    assert marks["payee"].signer_name == "高秀英" and marks["payee"].image is not None
    assert (marks["payer"].signer_name, marks["payer"].account) == ("陈慧", who.cashier)
    assert {mark.document_sha256 for mark in marks.values()} == {digest_of(both, posting_of(row))}
    assert Event.objects.filter(kind="ledger.receipt_signed", subject=f"ledger.disbursement:{row.pk}").count() == 2


def test_a_list_is_signed_on_one_sheet_of_paper(who, drawing, monkeypatch):
    heard: list[int] = []
    monkeypatch.setattr(reactions, "on_receipted", [lambda row, by, at: heard.append(row.pk)])
    rows = [makers.paid(who, amount_fen=fen) for fen in (1_000, 2_000, 3_000)]
    flow.sign_receipt(rows[1], "payee", how="drawn", picture=drawing, by=who.cashier, at=AT)
    flow.sign_list(rows, "payee", how="paper", picture=drawing, by=who.cashier, at=AT)
    assert heard == [] and SignOff.objects.filter(role="payee").count() == 3
    assert len({mark.image_id for mark in SignOff.objects.exclude(how="drawn")}) == 1  # the photo is kept once
    flow.sign_list(rows, "payer", how="clicked", by=who.cashier, at=AT)
    assert sorted(heard) == sorted(row.pk for row in rows)
    for row in Disbursement.objects.all():
        assert row.payee_signed_at == row.payer_signed_at == row.receipted_at == AT
        marks = SignOff.objects.filter(subject=f"ledger.disbursement:{row.pk}")
        assert {mark.document_sha256 for mark in marks} == {digest_of(row, posting_of(row))} and len(marks) == 2
    flow.sign_list(rows, "payer", how="clicked", by=who.cashier, at=AT)
    assert SignOff.objects.count() == 6 and Event.objects.filter(kind="ledger.receipt_signed").count() == 6


def test_a_list_is_signed_whole_or_not_at_all(who, drawing):
    rows = [makers.paid(who), makers.reserved(who)]
    with pytest.raises(Refused, match="这一步办不了"):
        flow.sign_list(rows, "payer", how="clicked", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="拍下签好的签收表"):
        flow.sign_list(rows[:1], "payee", how="clicked", by=who.cashier, at=AT)
    with pytest.raises(PermissionDenied):
        flow.sign_list(rows[:1], "payer", how="clicked", by=who.accountant, at=AT)
    assert SignOff.objects.count() == 0


def test_the_cashier_signs_a_list_on_its_voucher(who, client, drawing):
    from django.core.files.uploadedfile import SimpleUploadedFile
    from django.urls import reverse

    row = makers.paid(who)
    voucher = posting_of(row).voucher
    page, url = reverse("voucher", args=[voucher.pk]), reverse("voucher-signature", args=[voucher.pk])
    client.force_login(who.cashier)
    assert "领款人还有 1 笔没有签" in client.get(page).content.decode()
    said = client.post(url, {"side": "payee"}, follow=True).content.decode()
    assert "还没有签字" in said and "领款人还有 1 笔没有签" in said
    photo = SimpleUploadedFile("签收表.png", drawing, content_type="image/png")
    assert "1 笔已签字" in client.post(url, {"side": "payee", "photo": photo}, follow=True).content.decode()
    said = client.post(url, {"side": "payer", "clicked": "1"}, follow=True).content.decode()
    assert "领款人都签了" in said and "付款人都签了" in said and "付款人签字" not in said
    row.refresh_from_db()
    assert row.receipted_at is not None
    client.force_login(who.accountant)
    assert client.post(url, {"side": "payer", "clicked": "1"}).status_code == 403


def test_signing_again_changes_nothing(who, drawing):
    row = makers.paid(who)
    for _time in range(2):
        flow.sign_receipt(row, "payee", how="drawn", picture=drawing, by=who.cashier, at=AT)
    assert SignOff.objects.count() == 1


def test_only_what_is_paid_is_signed_for(who):
    for row in (makers.reserved(who), makers.sent(who)[0]):
        with pytest.raises(Refused, match="这一步办不了"):
            flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT)


def test_the_payer_is_a_cashier(who):
    row = makers.paid(who)
    for account in (who.accountant, who.officer, who.clerk, who.worker):
        with pytest.raises(PermissionDenied):
            flow.sign_receipt(row, "payer", how="clicked", by=account, at=AT)


def test_the_payer_is_never_the_payee(who):
    row = makers.reserved(who, method="cash", payee_account=who.cashier)
    other = makers.another_cashier(who)
    flow.pay_cash(row, form_key="c", by=other, at=AT)
    with pytest.raises(Refused, match="不能自己给自己付款"):
        flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT)
    flow.sign_receipt(row, "payer", how="clicked", by=other, at=AT)


def test_the_payee_signs_by_hand_before_a_witness_or_with_her_own_account(who, drawing):
    row = makers.paid(who, payee_account=who.worker)
    with pytest.raises(Refused, match="亲手签字"):
        flow.sign_receipt(row, "payee", how="clicked", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="还没有签字的图"):
        flow.sign_receipt(row, "payee", how="drawn", by=who.clerk, at=AT)
    with pytest.raises(PermissionDenied):
        flow.sign_receipt(row, "payee", how="drawn", picture=drawing, by=who.auditor, at=AT)
    flow.sign_receipt(row, "payee", how="clicked", by=who.worker, at=AT)
    assert SignOff.objects.get().account == who.worker


def test_the_unit_clerk_may_hold_the_paper_at_the_bedside(who, drawing):
    flow.sign_receipt(makers.paid(who), "payee", how="paper", picture=drawing, by=who.clerk, at=AT)
    assert SignOff.objects.get().recorded_by == who.clerk


def test_the_database_itself_knows_that_receipted_means_both(who):
    row = makers.paid(who)
    for changes in ({"receipted_at": AT}, {"receipted_at": AT, "payee_signed_at": AT}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Disbursement.objects.filter(pk=row.pk).update(**changes)
    with pytest.raises(IntegrityError), transaction.atomic():
        Disbursement.objects.filter(pk=makers.reserved(who).pk).update(payee_signed_at=AT)


def test_the_receipts_page_shows_no_name_and_sees_a_change(who):
    row = makers.paid(who)
    flow.sign_receipt(row, "payer", how="clicked", by=who.cashier, at=AT)
    receipt = queries.receipt_of(row.check_code.lower().replace("-", " "))
    assert receipt is not None
    assert (receipt.payee, receipt.amount_fen, receipt.is_unaltered, receipt.is_receipted) == ("高*英", 300_000, True, False)
    assert receipt.number == "relief-2026-11-0002-1" and receipt.event_seq
    Disbursement.objects.filter(pk=row.pk).update(payee_name="高秀芳")
    altered = queries.receipt_of(row.check_code)
    assert altered is not None and not altered.is_unaltered


def test_there_is_no_receipt_before_payment_or_for_a_guess(who):
    assert queries.receipt_of(makers.reserved(who).check_code) is None
    for guess in ("", "x", "0000-0000-0000", "'; DROP", "汉字" * 30):
        assert queries.receipt_of(guess) is None


def test_check_codes_have_sixty_bits_and_forgive_misreading():
    codes = {new_check_code() for _time in range(1_000)}
    assert len(codes) == 1_000
    assert all(len(code) == 14 and code == clean_check_code(code) for code in codes)
    assert clean_check_code("oil1-0000-0000") == "0111-0000-0000"


def test_nothing_is_paid_while_a_hold_is_open(who):
    row = makers.reserved(who, method="cash")
    hold = flow.place_hold(row.origin, reason="有异议，没有答复", unit=who.unit, by=None, at=AT)
    assert flow.place_hold(row.origin, reason="有异议，没有答复", unit=who.unit, by=None, at=AT) == hold
    second = flow.place_hold(row.origin, reason="卡号与别户相同", unit=who.unit, by=who.auditor, at=AT)
    with pytest.raises(Refused, match="高秀英的款暂停支付：有异议，没有答复"):
        flow.pay_cash(row, form_key="c", by=who.cashier, at=AT)
    flow.lift_hold(hold, why="异议已答复", by=who.officer, at=AT)
    with pytest.raises(Refused, match="卡号与别户相同"):
        flow.pay_cash(row, form_key="c", by=who.cashier, at=AT)
    for _time in range(2):
        flow.lift_hold(second, why="是同一家人", by=who.auditor, at=AT)
    flow.pay_cash(row, form_key="c", by=who.cashier, at=AT)
    assert Event.objects.filter(kind="ledger.hold_lifted").count() == 2


def test_a_hold_also_stops_batch_and_confirmation(who):
    row = makers.reserved(who)
    hold = flow.place_hold(row.origin, reason="异议", unit=who.unit, by=None, at=AT)
    with pytest.raises(Refused, match="暂停支付：异议"):
        flow.make_batch([row.pk], form_key="b", by=who.cashier, at=AT)
    flow.lift_hold(hold, why="已答复", by=who.officer, at=AT)
    batch = flow.make_batch([row.pk], form_key="b", by=who.cashier, at=AT)
    flow.place_hold(row.origin, reason="又有异议", unit=who.unit, by=None, at=AT)
    with pytest.raises(Refused, match="又有异议"):
        flow.confirm_paid(batch.lines.get(), bank_ref="R", by=who.accountant, at=AT)


def test_who_pays_never_lifts_a_hold(who):
    hold = flow.place_hold("process.award:1", reason="异议", unit=who.unit, by=None, at=AT)
    for account in (who.cashier, who.accountant, who.worker):
        with pytest.raises(PermissionDenied):
            flow.lift_hold(hold, why="x", by=account, at=AT)
    with pytest.raises(Refused, match="理由"):
        flow.lift_hold(hold, why="", by=who.officer, at=AT)
    with pytest.raises(Refused, match="原因"):
        flow.place_hold("process.award:1", reason=" ", unit=who.unit, by=None, at=AT)
    assert Hold.objects.open().count() == 1


def test_a_red_voucher_undoes_a_payment(who):
    row = makers.paid(who, entitlement_key="e")
    voucher = posting_of(row).voucher
    red = flow.reverse(voucher, reason="重复发放", form_key="r", by=who.accountant, at=AT)
    opposite = red.postings.get()
    row.refresh_from_db()
    assert (opposite.debit, opposite.credit, opposite.reverses.voucher) == ("1001", "5101", voucher)
    assert (row.state, money(who)) == ("reversed", (1_000_000, 0))
    assert flow.reverse(voucher, reason="重复发放", form_key="r", by=who.accountant, at=AT) == red
    assert queries.payments_of(row.household_no) == []
    receipt = queries.receipt_of(row.check_code)
    assert receipt is not None and receipt.is_reversed
    makers.reserved(who, entitlement_key="e")  # the entitlement is free again


def test_one_line_of_a_list_can_be_reversed_alone(who):
    rows = [makers.reserved(who, amount_fen=fen, method="cash") for fen in (50_000, 60_000)]
    voucher = flow.pay_cash(rows, form_key="c", by=who.cashier, at=AT)
    flow.reverse(voucher, lines=[2], reason="人不对", form_key="r", by=who.accountant, at=AT)
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == ["paid", "reversed"]
    assert money(who) == (950_000, 0)
    with pytest.raises(Refused, match="这一步办不了|已经冲销过"):
        flow.reverse(voucher, reason="再冲", form_key="r2", by=who.accountant, at=AT)


def test_a_reversal_needs_its_grounds(who):
    income = who.fund.vouchers.get()
    makers.reserved(who, amount_fen=900_000)
    with pytest.raises(Refused, match="可用只有"):
        flow.reverse(income, reason="记错", form_key="r", by=who.accountant, at=AT)  # the money is promised already
    voucher = posting_of(makers.paid(who, amount_fen=1_000)).voucher
    with pytest.raises(Refused, match="原因"):
        flow.reverse(voucher, reason="", form_key="r", by=who.accountant, at=AT)
    with pytest.raises(PermissionDenied):
        flow.reverse(voucher, reason="x", form_key="r", by=who.cashier, at=AT)
    red = flow.reverse(voucher, reason="x", form_key="r", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="红字凭证"):
        flow.reverse(red, reason="x", form_key="r2", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="没有选中"):
        flow.reverse(voucher, lines=[9], reason="x", form_key="r3", by=who.accountant, at=AT)
