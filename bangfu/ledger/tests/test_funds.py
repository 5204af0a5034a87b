"""Open a fund, take in money: what is booked, what is refused, what a second sending does."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bangfu.audit.models import Event
from bangfu.ledger import flow
from bangfu.ledger.models import Fund, Posting, Restriction, Subject, Voucher
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.lib.errors import Refused
from bangfu.lib.money import parse_yuan

pytestmark = pytest.mark.both


def receive(who, amount_fen=100_000, **changes):
    facts = {"source": "6", "form_key": makers.key(), "by": who.accountant, "at": AT} | changes
    return flow.receive(who.fund, amount_fen=amount_fen, **facts)


def test_a_new_fund_has_its_own_subject_and_an_unrestricted_share(who):
    assert Subject.objects.get(unit=who.organisation, code="5101").name == "困难职工帮扶基金"
    assert who.fund.restrictions.get().code == ""
    assert Event.objects.filter(kind="ledger.fund_opened").count() == 1


def test_two_funds_of_one_organisation_have_two_codes(who):
    with pytest.raises(Refused, match="已经用过"):
        flow.open_fund(who.organisation, code="relief", name="另一个", by=who.accountant, at=AT)
    assert Fund.objects.count() == 1


def test_a_fund_belongs_to_the_organisation_not_to_a_department(who):
    with pytest.raises(Refused, match="整个组织"):
        flow.open_fund(who.unit, code="x", name="车间小金库", by=who.accountant, at=AT)


@pytest.mark.parametrize("code", ["", "4101", "51", "5x01"])
def test_spending_goes_to_a_subject_that_begins_with_5(who, code):
    with pytest.raises(Refused, match="5 开头"):
        flow.open_fund(who.organisation, code="x", name="某基金", subject_code=code, by=who.accountant, at=AT)


def test_only_the_accountant_opens_a_fund(who):
    with pytest.raises(PermissionDenied):
        flow.open_fund(who.organisation, code="x", name="某基金", by=who.cashier, at=AT)


def test_income_raises_fund_and_share_and_posts_one_row(who):
    voucher = receive(who, 155_000, source="6", day=date(2026, 11, 3))
    who.fund.refresh_from_db()
    row = voucher.postings.get()
    assert (who.fund.balance_fen, who.fund.reserved_fen) == (1_155_000, 0)
    assert (row.debit, row.credit, row.amount_fen, row.source) == ("1002", "4106", 155_000, "6")
    assert (voucher.month, voucher.number, voucher.kind) == ("2026-11", 2, "income")
    event = Event.objects.get(kind="ledger.income_received", subject=f"ledger.voucher:{voucher.pk}")
    assert '"amount_fen":155000' in event.body


def test_numbers_run_from_1_in_each_month_and_fund(who):
    october = [receive(who, day=date(2026, 10, day)).number for day in (1, 9, 5)]
    other = flow.open_fund(who.organisation, code="warmth", name="送温暖资金", by=who.accountant, at=AT)
    first = flow.receive(other, amount_fen=1, source="1", form_key=makers.key(), by=who.cashier, at=AT)
    assert (october, first.number) == ([1, 2, 3], 1)


def test_an_opening_balance_goes_to_net_assets_and_cash_to_the_cash_box(who):
    row = receive(who, 30_000_000, source="0", method="cash").postings.get()
    assert (row.debit, row.credit) == ("1001", "3101")


def test_a_named_donor_is_written_an_anonymous_one_is_not(who):
    assert "云南某公司" in receive(who, donor="云南某公司").summary
    assert receive(who, donor="").summary == "收到社会捐助"


def test_the_same_form_again_answers_the_first_voucher(who):
    first = receive(who, form_key="k")
    assert receive(who, form_key="k") == first
    who.fund.refresh_from_db()
    assert who.fund.balance_fen == 1_100_000
    with pytest.raises(Refused, match="已经交过一次"):
        receive(who, 5, form_key="k")


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"amount_fen": 0}, "不合常理"),
        ({"amount_fen": -5}, "不合常理"),
        ({"amount_fen": 372_000 * 10_000 * 100}, "不合常理"),
        ({"source": "99"}, "资金来源"),
        ({"day": date(2026, 11, 21)}, "还没到"),
    ],
)
def test_an_implausible_income_never_gets_in(who, changes, words):
    before = Posting.objects.count()
    with pytest.raises(Refused, match=words):
        receive(who, **changes)
    assert Posting.objects.count() == before


def test_372000_wan_is_no_amount():
    """S1-13: the text's own total is 10,000 times too large."""
    with pytest.raises(ValueError, match="万"):
        parse_yuan("372,000万元")


def test_the_clerk_and_the_auditor_take_in_nothing(who):
    for account in (who.clerk, who.auditor, who.worker):
        with pytest.raises(PermissionDenied):
            receive(who, by=account)


def test_the_accountant_of_another_organisation_is_refused(who):
    other = makers.cast("hebi", "HB", money_fen=0)
    with pytest.raises(PermissionDenied):
        receive(who, by=other.accountant)


def test_a_share_of_another_fund_takes_nothing(who):
    other = flow.open_fund(who.organisation, code="warmth", name="送温暖资金", by=who.accountant, at=AT)
    with pytest.raises(Refused, match="不属于"):
        receive(who, restriction=other.restrictions.get())


def test_the_database_itself_refuses_a_negative_balance(who):
    for statement in (
        {"balance_fen": -1},
        {"reserved_fen": -1},
        {"reserved_fen": 1_000_001},
    ):
        for model in (Fund, Restriction):
            with pytest.raises(IntegrityError), transaction.atomic():
                model.objects.update(**statement)


def test_the_database_itself_refuses_a_posting_that_moves_nothing(who):
    voucher = Voucher.objects.get()
    common = {"voucher": voucher, "line": 2, "day": voucher.day, "fund": who.fund, "restriction": who.fund.restrictions.get()}
    for debit, credit, amount in (("1002", "1002", 5), ("1002", "4101", 0), ("1002", "4101", -5)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Posting.objects.create(debit=debit, credit=credit, amount_fen=amount, **common)
