"""发放: the case follows the ledger: paid, failed and retried, receipted, reversed."""

from __future__ import annotations

import pytest

from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Posting
from bangfu.lib.errors import Refused
from bangfu.notify.models import Message
from bangfu.process import flow
from bangfu.process.conflicts import Conflict
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import key


def test_paid_is_not_receipted_and_the_case_waits_for_both_signatures(at_stage, place):
    play = at_stage("pay").pay()
    assert play.row.state == "paid" and play.case.stage_kind == "pay" and kinds(play)[-1] == "process.award_paid"
    ledger.sign_receipt(play.row, "payer", how="clicked", by=place.cashier, at=play.now())
    assert play.fresh().stage_kind == "pay"
    ledger.sign_receipt(play.row, "payee", how="clicked", by=place.worker, at=play.now())
    assert play.fresh().stage_kind == "follow_up" and "process.award_receipted" in kinds(play)
    assert play.case.steps.filter(duty="pay").count() == 1
    assert Message.objects.filter(to=place.worker, text__contains="有新进展").exists()


def test_a_failed_transfer_is_void_and_sent_again_under_the_same_entitlement(at_stage, place):
    play = at_stage("pay")
    line = play.send()
    ledger.mark_failed(line, reason="户名不符", by=place.accountant, at=play.now())
    row = play.row
    assert row.state == "reserved" and play.fresh().stage_kind == "pay" and not Posting.objects.filter(disbursement=row).exists()
    step = play.case.steps.order_by("-version").first()
    assert step.act == "payment_failed" and step.reason == "户名不符" and kinds(play)[-1] == "process.payment_failed"
    assert Message.objects.filter(to=place.officer, text__contains="银行退回").exists()
    ledger.change_payee_account(
        row,
        method="bank",
        bank_name="农业银行",
        card="6222021687536253779",
        reason="银行退回：户名不符",
        by=place.accountant,
        at=play.now(),
    )
    play.pay().receipt()
    assert play.case.stage_kind == "follow_up" and Posting.objects.filter(disbursement=row).count() == 1
    assert row.entitlement_key == play.row.entitlement_key


def test_whoever_surveyed_cannot_confirm_the_payment_and_nothing_is_posted(at_stage, place):
    from bangfu.access.roles import Role
    from bangfu.process.tests.makers import appoint

    play = at_stage("pay")
    appoint(place.clerk, Role.ACCOUNTANT, place.organisation)
    line = play.send()
    with pytest.raises(Conflict, match="职责分离"):
        ledger.confirm_paid(line, bank_ref="X1", by=place.clerk, at=play.now())
    assert play.row.state == "sent" and not Posting.objects.filter(disbursement=play.row).exists() and unchanged(play)


def test_a_reversed_payment_is_set_aside_again_by_the_head_of_the_office(at_stage, send, place, settings):
    from bangfu.ledger.models import Voucher

    play = at_stage("pay").pay()
    settings.CLOCK = lambda: play.at
    voucher = Voucher.objects.get(postings__disbursement=play.row)
    assert send(play, place.head, "reservation").status_code == 422
    ledger.reverse(voucher, reason="付错账户", form_key=key(), by=place.accountant, at=play.now())
    first = play.row.pk
    assert send(play, place.officer, "reservation").status_code == 403
    assert send(play, place.head, "reservation").status_code == 302
    assert play.row.pk != first and play.row.state == "reserved" and kinds(play)[-1] == "process.money_reserved_again"


def test_withdrawing_before_the_bank_frees_the_money(at_stage, place):
    play = at_stage("pay")
    flow.withdraw(play.case.pk, reason="家里情况好转，不需要了", by=place.worker, at=play.now())
    assert play.fresh().state == "withdrawn" and play.row.state == "released"
    place.fund.refresh_from_db()
    assert place.fund.reserved_fen == 0


def test_with_the_bank_nothing_can_be_withdrawn_or_refused(at_stage, place):
    play = at_stage("pay")
    play.send()
    with pytest.raises(Refused, match="已送银行"):
        flow.withdraw(play.case.pk, reason="不需要了", by=place.worker, at=play.now())
    assert play.fresh().is_open and play.row.state == "sent"
