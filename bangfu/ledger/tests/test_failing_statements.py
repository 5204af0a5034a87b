"""P2: a payout in which the Nth statement fails leaves everything as it was, for every N."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from django.apps import apps

from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.failing import leaves_the_prior_state
from bangfu.ledger.tests.makers import AT

pytestmark = pytest.mark.both


def state() -> dict[str, list]:
    """Every row of every table that a payout touches."""
    labels = ["ledger.Fund", "ledger.Restriction", "ledger.Voucher", "ledger.Posting", "ledger.Disbursement", "ledger.Batch",
              "ledger.BatchLine", "ledger.Hold", "evidence.SignOff", "evidence.File", "audit.Event", "audit.Head", "access.Counter"]  # fmt: skip
    return {label: list(apps.get_model(label).objects.order_by("pk").values()) for label in labels}


def calls(who) -> dict[str, Callable[[], object]]:
    """Each call of a payout, ready to run."""
    cash, signed, done = makers.reserved(who, method="cash"), makers.paid(who), makers.paid(who)
    bank, (_row, line), (_other, back) = makers.reserved(who), makers.sent(who), makers.sent(who)
    flow.sign_receipt(signed, "payer", how="clicked", by=who.cashier, at=AT)
    picture = drawing()
    return {
        "receive": lambda: flow.receive(who.fund, amount_fen=5, source="6", form_key="f1", by=who.accountant, at=AT),
        "reserve": lambda: makers.reserved(who, amount_fen=1_000, entitlement_key="new", origin="o", household_no="h"),
        "release": lambda: flow.release(bank, reason="x", by=who.officer, at=AT),
        "batch": lambda: flow.make_batch([bank.pk], form_key="f2", by=who.cashier, at=AT),
        "confirm": lambda: flow.confirm_paid(line, bank_ref="R", by=who.accountant, at=AT),
        "fail": lambda: flow.mark_failed(back, reason="x", by=who.accountant, at=AT),
        "cash": lambda: flow.pay_cash(cash, form_key="f3", by=who.cashier, at=AT),
        "sign": lambda: flow.sign_receipt(signed, "payee", how="drawn", picture=picture, by=who.cashier, at=AT),
        "reverse": lambda: flow.reverse(done.postings.get().voucher, reason="x", form_key="f4", by=who.accountant, at=AT),
    }


def drawing() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize("name", ["receive", "reserve", "release", "batch", "confirm", "fail", "cash", "sign", "reverse"])
def test_a_failure_at_any_statement_leaves_the_prior_state(db, name):
    who = makers.cast(money_fen=5_000_000)
    call = calls(who)[name]
    leaves_the_prior_state(call, state, name=name, most=60)
    assert Disbursement.objects.count() >= 6
