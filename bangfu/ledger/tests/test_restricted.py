"""专款专用: restricted money that fits pays first, then free money; it never pays anything else, whoever asks."""

from __future__ import annotations

import pytest

from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement, Posting, Restriction
from bangfu.ledger.queries import usable_fen
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.ledger.verify import verify
from bangfu.lib.errors import Refused

pytestmark = [pytest.mark.both, pytest.mark.django_db]


@pytest.fixture
def who(db):
    return makers.cast()


def share(who, code: str, money_fen: int, **ties: list[str]) -> Restriction:
    made = flow.open_restriction(who.fund, code=code, title=f"{code}专款", by=who.accountant, at=AT, **ties)
    flow.receive(who.fund, amount_fen=money_fen, source="6", restriction=made, form_key=makers.key(), by=who.accountant, at=AT)
    return made


def paid_from(row: Disbursement) -> str:
    return row.restriction.code


def test_what_fits_and_suffices_pays_first_then_free_money(who):
    share(who, "school", 50_000, programmes=["schooling"])
    share(who, "ill", 30_000, causes=["illness"])
    one = makers.reserved(who, amount_fen=50_000, programme="schooling", cause="schooling")
    assert paid_from(one) == "school"
    assert paid_from(makers.reserved(who, amount_fen=1, programme="schooling", cause="schooling")) == "", "it is used up"
    assert paid_from(makers.reserved(who, amount_fen=20_000, programme="temporary", cause="illness")) == "ill"
    assert paid_from(makers.reserved(who, amount_fen=20_000, programme="temporary", cause="illness")) == "", "too little is left"
    assert paid_from(makers.reserved(who, amount_fen=10_000, programme="temporary", cause="accident")) == ""
    assert verify().faults == []


def test_programme_and_cause_both_have_to_fit(who):
    share(who, "both", 50_000, programmes=["schooling"], causes=["schooling"])
    assert paid_from(makers.reserved(who, amount_fen=100, programme="schooling", cause="illness")) == ""
    assert paid_from(makers.reserved(who, amount_fen=100, programme="illness", cause="schooling")) == ""
    assert paid_from(makers.reserved(who, amount_fen=100, programme="schooling", cause="schooling")) == "both"


def test_without_free_money_the_restricted_stays_untouched(who):
    kept = share(who, "ill", 5_000_000, causes=["illness"])
    free = who.fund.restrictions.get(code="").available_fen
    with pytest.raises(Refused, match="可用只有"):
        makers.reserved(who, amount_fen=free + 1, cause="accident")
    with pytest.raises(Refused, match="是专款，不能付"):
        makers.reserved(who, amount_fen=100, cause="accident", restriction=kept)
    kept.refresh_from_db()
    assert (kept.balance_fen, kept.reserved_fen) == (5_000_000, 0)
    assert usable_fen(who.fund, "temporary", "illness") == 5_000_000 and usable_fen(who.fund, "temporary", "accident") == free


def test_asking_again_answers_the_first_share(who):
    share(who, "ill", 30_000, causes=["illness"])
    facts = {"amount_fen": 30_000, "cause": "illness", "entitlement_key": "k", "origin": "o", "household_no": "h"}
    first = makers.reserved(who, **facts)
    assert makers.reserved(who, **facts).pk == first.pk and paid_from(first) == "ill"


def test_posting_refuses_what_does_not_fit_and_verify_finds_it(who):
    """Somebody changed the row behind the product's back: it is not paid; if it had been, the recount says so."""
    share(who, "ill", 30_000, causes=["illness"])
    row = makers.reserved(who, amount_fen=10_000, cause="illness", method="cash")
    Disbursement.objects.filter(pk=row.pk).update(cause="accident")
    with pytest.raises(Refused, match="是专款，不能付"):
        flow.pay_cash(row, form_key="f", by=who.cashier, at=AT)
    assert not Posting.objects.filter(disbursement=row).exists()
    Disbursement.objects.filter(pk=row.pk).update(cause="illness")
    flow.pay_cash(row, form_key="f", by=who.cashier, at=AT)
    assert verify().faults == []
    Disbursement.objects.filter(pk=row.pk).update(cause="accident")
    assert any("付了别的项目" in fault for fault in verify().faults)
