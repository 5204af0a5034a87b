"""P4: sixteen threads press at once; one payment comes of it. The naive way is kept, to see that the harness catches it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction

from bangfu.ledger import flow
from bangfu.ledger.models import Batch, BatchLine, Disbursement, Posting, Voucher
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.ledger.verify import verify
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both
THREADS = 16
ROUNDS = 3


@pytest.fixture
def committed(committed_db) -> makers.Cast:
    return makers.cast(money_fen=900_000_000)


def together(action: Callable[[int], object]) -> list[object]:
    """Sixteen threads start the action at the same moment; their results, refusals included. Anything else is raised."""
    gate = threading.Barrier(THREADS)

    def run(number: int) -> object:
        gate.wait(60)
        try:
            return action(number)
        except Refused as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


def pay_cases(who: makers.Cast, cases: int) -> None:
    """For each case: reserve, pay cash, from sixteen hands; half of them repeat one form, half come from other tabs."""
    for case in range(cases):
        wanted = {"entitlement_key": f"case:{case}", "origin": f"award:{case}", "household_no": "", "reference": ""}
        together(lambda _n, wanted=wanted: makers.reserved(who, method="cash", amount_fen=1_000, **wanted))
        row = Disbursement.objects.get(entitlement_key=f"case:{case}")
        answers = together(lambda n, row=row, case=case: flow.pay_cash(row, form_key=f"{case}:{n % 8}", by=who.cashier, at=AT))
        vouchers = {answer for answer in answers if isinstance(answer, Voucher)}
        assert len(vouchers) == 1, answers
        assert all(isinstance(answer, (Voucher, Refused)) for answer in answers)


def test_one_entitlement_is_paid_once_by_sixteen_threads(committed):
    pay_cases(committed, ROUNDS)
    assert Posting.objects.filter(disbursement__isnull=False).count() == ROUNDS
    assert verify().faults == []


@pytest.mark.proof
def test_many_entitlements_are_paid_once_each(committed):
    """500 on SQLite; 100 on PostgreSQL, where the same hands take five times as long."""
    cases = 500 if connection.vendor == "sqlite" else 100
    pay_cases(committed, cases)
    assert Posting.objects.filter(disbursement__isnull=False).count() == cases
    committed.fund.refresh_from_db()
    assert committed.fund.balance_fen == 900_000_000 - cases * 1_000
    assert verify().faults == []


def test_confirm_fail_hold_and_send_at_once_leave_one_result(committed):
    who = committed
    for number in range(ROUNDS):
        row = makers.reserved(who)
        together(lambda n, row=row, number=number: flow.make_batch([row.pk], form_key=f"{number}:{n}", by=who.cashier, at=AT))
        line = BatchLine.objects.get(disbursement=row)

        def decide(n: int, line=line, row=row) -> object:
            if n % 3 == 0:
                return flow.mark_failed(line, reason="户名不符", by=who.accountant, at=AT)
            if n % 3 == 1:
                return flow.confirm_paid(line, bank_ref="R", by=who.accountant, at=AT)
            return flow.place_hold(row.origin, reason="异议", unit=who.unit, by=None, at=AT)

        together(decide)
        row.refresh_from_db()
        line.refresh_from_db()
        assert (row.state, line.state) in {("paid", "paid"), ("reserved", "failed"), ("sent", "pending")}
        assert Posting.objects.filter(disbursement=row).count() == (row.state == "paid")
    assert Batch.objects.count() == ROUNDS
    assert verify().faults == []


def test_two_reservations_never_take_the_same_money(committed_db):
    who = makers.cast(money_fen=5_000)
    answers = together(lambda n: makers.reserved(who, amount_fen=1_000, entitlement_key=f"e{n}"))
    assert sum(isinstance(answer, Disbursement) for answer in answers) == 5
    who.fund.refresh_from_db()
    assert (who.fund.balance_fen, who.fund.reserved_fen) == (5_000, 5_000)
    assert verify().faults == []


def test_voucher_numbers_have_no_gap_under_sixteen_threads(committed):
    together(lambda n: flow.receive(committed.fund, amount_fen=1 + n, source="6", form_key=f"g{n}", by=committed.accountant, at=AT))
    numbers = sorted(Voucher.objects.values_list("number", flat=True))
    assert numbers == list(range(1, THREADS + 2))


def test_the_harness_catches_the_naive_way(committed):
    """Check, then insert, in two transactions and without a lock: paid more than once, and the harness sees it."""
    row = makers.reserved(committed, method="cash")
    fund, share = committed.fund, committed.fund.restrictions.get()
    seen = threading.Barrier(THREADS)

    def naive(n: int) -> object:
        unpaid = not Posting.objects.filter(disbursement=row).exists()
        connections["default"].close()  # sixteen held connections would be more than the pool has
        seen.wait(60)
        if unpaid:
            with transaction.atomic():
                voucher = Voucher.objects.create(
                    fund=fund, month="2026-11", number=100 + n, kind="payment", day=AT.date(), summary="naive",
                    form_key=f"naive{n}", made_by=committed.cashier, made_at=AT,
                )  # fmt: skip
                return Posting.objects.create(
                    voucher=voucher, line=1, day=AT.date(), debit="5101", credit="1001", amount_fen=row.amount_fen, fund=fund,
                    restriction=share, disbursement=row, entitlement_key=row.entitlement_key,
                )  # fmt: skip
        return None

    together(naive)
    assert Posting.objects.filter(disbursement=row).count() > 1
    assert verify().faults
