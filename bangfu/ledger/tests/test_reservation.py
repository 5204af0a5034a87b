"""Set money aside at approval, give it back, correct where it goes."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from bangfu.audit.models import Event
from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT, CARD
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both


def money(who):
    who.fund.refresh_from_db()
    return who.fund.balance_fen, who.fund.reserved_fen, who.fund.available_fen


def test_a_reservation_lowers_what_is_available_and_pays_nothing(who):
    row = makers.reserved(who, amount_fen=300_000)
    assert money(who) == (1_000_000, 300_000, 700_000)
    assert (row.state, row.paid_at, row.card_tail4) == ("reserved", None, "5702")
    assert Event.objects.filter(kind="ledger.money_reserved", subject=f"ledger.disbursement:{row.pk}").exists()


def test_when_money_is_short_the_refusal_says_what_is_available(who):
    makers.reserved(who, amount_fen=900_000)
    with pytest.raises(Refused, match=r"可用只有 1,000.00 元，这一笔要 1,500.00 元，差 500.00 元"):
        makers.reserved(who, amount_fen=150_000)
    assert money(who) == (1_000_000, 900_000, 100_000)


def test_the_same_entitlement_is_reserved_once(who):
    first = makers.reserved(who, entitlement_key="e", origin="process.award:1", household_no="KY2026-0001")
    again = makers.reserved(who, entitlement_key="e", origin="process.award:1", household_no="KY2026-0001")
    assert again == first
    assert money(who)[1] == 300_000
    with pytest.raises(Refused, match="同一待遇只付一次"):
        makers.reserved(who, entitlement_key="e", amount_fen=1, origin="process.award:1", household_no="KY2026-0001")


def test_the_database_itself_refuses_a_second_live_row_of_an_entitlement(who):
    row = makers.reserved(who)
    row.pk, row.check_code = None, "0000-0000-0000"
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save(force_insert=True)


def test_a_released_entitlement_may_be_reserved_anew(who):
    first = makers.reserved(who, entitlement_key="e")
    flow.release(first, reason="金额改小", by=who.officer, at=AT)
    assert makers.reserved(who, entitlement_key="e", amount_fen=100_000).pk != first.pk
    assert money(who)[1] == 100_000


@pytest.mark.parametrize("amount_fen", [0, -1, 100_000_000])
def test_a_sum_beyond_the_cap_or_below_one_fen_is_refused(who, amount_fen):
    with pytest.raises(Refused, match="不合常理"):
        makers.reserved(who, amount_fen=amount_fen)


def test_the_cap_is_a_parameter_of_the_fund(who):
    small = flow.open_fund(who.organisation, code="gift", name="节日慰问金", cap_fen=50_000, by=who.accountant, at=AT)
    flow.receive(small, amount_fen=1_000_000, source="4", form_key=makers.key(), by=who.accountant, at=AT)
    who.fund = small
    with pytest.raises(Refused, match="一笔不超过 500.00 元"):
        makers.reserved(who, amount_fen=50_001)
    makers.reserved(who, amount_fen=50_000)


def test_restricted_money_pays_nothing_else(who):
    share = flow.open_restriction(who.fund, code="school", title="助学专款", programmes=["school"], by=who.accountant, at=AT)
    flow.receive(who.fund, amount_fen=50_000, source="6", restriction=share, form_key=makers.key(), by=who.accountant, at=AT)
    with pytest.raises(Refused, match="专款"):
        makers.reserved(who, amount_fen=10_000, programme="temporary", restriction=share)
    with pytest.raises(Refused, match="可用只有 500.00"):
        makers.reserved(who, amount_fen=60_000, programme="school", restriction=share)
    makers.reserved(who, amount_fen=50_000, programme="school", restriction=share)
    share.refresh_from_db()
    assert (share.balance_fen, share.reserved_fen) == (50_000, 50_000)
    with pytest.raises(Refused, match="可用只有"):
        makers.reserved(who, amount_fen=1_000_001)  # the unrestricted share cannot reach into the restricted one


def test_who_pays_or_applies_reserves_nothing(who):
    for account in (who.cashier, who.accountant, who.worker, who.auditor, who.clerk):
        with pytest.raises(PermissionDenied):
            makers.reserved(who, by=account)


def test_a_wrong_card_is_refused_in_words(who):
    with pytest.raises(Refused, match="高秀英的银行卡号"):
        makers.reserved(who, card="62220210011162457o2")


def test_the_card_is_sealed_in_the_database(who):
    makers.reserved(who)
    with connection.cursor() as cursor:
        cursor.execute("SELECT card FROM ledger_disbursement")
        assert CARD.encode() not in bytes(cursor.fetchone()[0])


def test_release_gives_the_sum_back_and_again_changes_nothing(who):
    row = makers.reserved(who)
    for _time in range(2):
        assert flow.release(row, reason="本人放弃", by=who.officer, at=AT).state == "released"
    assert money(who) == (1_000_000, 0, 1_000_000)
    assert Event.objects.filter(kind="ledger.reservation_released").count() == 1


def test_release_needs_a_reason_and_the_right_person(who):
    row = makers.reserved(who)
    with pytest.raises(Refused, match="原因"):
        flow.release(row, reason=" ", by=who.officer, at=AT)
    for account in (who.cashier, who.worker):
        with pytest.raises(PermissionDenied):
            flow.release(row, reason="x", by=account, at=AT)


def test_the_payee_may_give_up_her_own(who):
    row = makers.reserved(who, payee_account=who.worker)
    assert flow.release(row, reason="不需要了", by=who.worker, at=AT).state == "released"


def test_what_is_with_the_bank_or_paid_is_not_released(who):
    sent, _line = makers.sent(who)
    for row in (sent, makers.paid(who)):
        with pytest.raises(Refused, match="这一步办不了"):
            flow.release(row, reason="x", by=who.officer, at=AT)


def test_the_accountant_corrects_the_account_before_it_is_sent(who):
    row = makers.reserved(who)
    changed = flow.change_payee_account(
        row, method="bank", bank_name="工行", card="6222 0210 0111 6245 702", reason="户名不符", by=who.accountant, at=AT
    )
    assert (changed.card, changed.card_tail4, changed.bank_name) == ("6222021001116245702", "5702", "工行")
    cash = flow.change_payee_account(row, method="cash", card=CARD, reason="没有卡", by=who.accountant, at=AT)
    assert (cash.method, cash.card, cash.card_tail4) == ("cash", None, "")
    assert Disbursement.objects.get(pk=row.pk).card is None


def test_the_cashier_who_sends_it_does_not_correct_the_account(who):
    row = makers.reserved(who)
    with pytest.raises(PermissionDenied):
        flow.change_payee_account(row, method="bank", card=CARD, reason="x", by=who.cashier, at=AT)
    with pytest.raises(Refused, match="原因"):
        flow.change_payee_account(row, method="bank", card=CARD, reason="", by=who.accountant, at=AT)
    sent, _line = makers.sent(who)
    with pytest.raises(Refused, match="这一步办不了"):
        flow.change_payee_account(sent, method="bank", card=CARD, reason="x", by=who.accountant, at=AT)
