"""P3: random histories of everything money can do, beside a model of a few lines; after every step both must agree.

Used small by `make test` and large by `make proof` and `make soak`.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, initialize, invariant, multiple, precondition, rule

from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement, Posting, Restriction, Voucher
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT
from bangfu.ledger.verify import verify
from bangfu.lib.errors import Refused

SUMS = st.integers(min_value=1, max_value=500_000)
SHARES = st.sampled_from(["", "school"])


class Books(RuleBasedStateMachine):
    """Donate, grant, top up, reserve, release, send, fail, confirm, pay cash, reverse, hold, lift, sign, press twice."""

    reserved: Bundle = Bundle("reserved")
    sent: Bundle = Bundle("sent")
    paid: Bundle = Bundle("paid")
    incomes: Bundle = Bundle("incomes")

    @initialize()
    def open_the_books(self) -> None:
        self.who = makers.cast(f"org{next(makers._numbers)}", "", money_fen=0)
        fund, by = self.who.fund, self.who.accountant
        flow.open_restriction(fund, code="school", title="助学专款", programmes=["school"], by=by, at=AT)
        self.shares = {share.code: share for share in fund.restrictions.all()}
        self.balance = dict.fromkeys(self.shares, 0)
        self.promised = dict.fromkeys(self.shares, 0)
        self.posted = self.vouchers = 0
        self.held: dict[str, object] = {}

    @rule(target=incomes, amount=SUMS, share=SHARES, source=st.sampled_from("0123456789"), twice=st.booleans())
    def receive(self, amount, share, source, twice):
        key = makers.key()
        for _press in range(1 + twice):
            voucher = flow.receive(
                self.who.fund, amount_fen=amount, source=source, restriction=self.shares[share], form_key=key,
                by=self.who.accountant, at=AT,
            )  # fmt: skip
        self._booked(1)
        self.balance[share] += amount
        return voucher.pk, share, amount

    @rule(share=SHARES)
    def top_up_from_three_sources(self, share):
        for source in "345":
            self.receive(100_000, share, source, False)

    @rule(
        target=reserved,
        amount=SUMS,
        share=SHARES,
        method=st.sampled_from(["bank", "cash"]),
        programme=st.sampled_from(["school", "x"]),
    )
    def reserve(self, amount, share, method, programme):
        allowed = (share == "" or programme == "school") and amount <= self.balance[share] - self.promised[share]
        try:
            row = makers.reserved(self.who, amount_fen=amount, method=method, programme=programme, restriction=self.shares[share])
        except Refused:
            assert not allowed
            return multiple()
        assert allowed
        self.promised[share] += amount
        return row.pk

    @rule(pk=consumes(reserved))
    def release(self, pk):
        row = Disbursement.objects.get(pk=pk)
        flow.release(row, reason="放弃", by=self.who.officer, at=AT)
        self.promised[row.restriction.code] -= row.amount_fen

    @rule(target=sent, pk=consumes(reserved), twice=st.booleans())
    def send(self, pk, twice):
        row, key = Disbursement.objects.get(pk=pk), makers.key()
        try:
            for _press in range(1 + twice):
                batch = flow.make_batch([pk], form_key=key, by=self.who.cashier, at=AT)
        except Refused:
            assert row.method == "cash" or row.origin in self.held
            self._give_up(row)
            return multiple()
        return batch.lines.get().pk

    @rule(target=reserved, pk=consumes(sent))
    def fail(self, pk):
        row = flow.mark_failed(self._line(pk), reason="户名不符", by=self.who.accountant, at=AT)
        return row.pk

    @rule(target=paid, pk=consumes(sent), twice=st.booleans())
    def confirm(self, pk, twice):
        line = self._line(pk)
        self._lift(line.disbursement.origin)
        for _press in range(1 + twice):
            flow.confirm_paid(line, bank_ref="R", by=self.who.accountant, at=AT)
        self._paid(line.disbursement)
        return line.disbursement_id

    @rule(target=paid, pk=consumes(reserved), twice=st.booleans())
    def pay_cash(self, pk, twice):
        row, key = Disbursement.objects.get(pk=pk), makers.key()
        try:
            for _press in range(1 + twice):
                flow.pay_cash(row, form_key=key, by=self.who.cashier, at=AT)
        except Refused:
            assert row.method == "bank" or row.origin in self.held
            self._give_up(row)
            return multiple()
        self._paid(row)
        return pk

    @rule(pk=paid)
    def sign(self, pk):
        row = Disbursement.objects.get(pk=pk)
        flow.sign_receipt(row, "payer", how="clicked", by=self.who.cashier, at=AT)

    @rule(pk=consumes(paid))
    def reverse_a_payment(self, pk):
        row = Disbursement.objects.get(pk=pk)
        flow.reverse(row.postings.get().voucher, reason="错", form_key=makers.key(), by=self.who.accountant, at=AT)
        self.balance[row.restriction.code] += row.amount_fen
        self._booked(1)

    @rule(income=consumes(incomes))
    def reverse_an_income(self, income):
        pk, share, amount = income
        allowed = amount <= self.balance[share] - self.promised[share]
        try:
            flow.reverse(Voucher.objects.get(pk=pk), reason="错", form_key=makers.key(), by=self.who.accountant, at=AT)
        except Refused:
            assert not allowed
            return
        assert allowed
        self.balance[share] -= amount
        self._booked(1)

    @rule(pk=reserved)
    def hold(self, pk):
        origin = Disbursement.objects.get(pk=pk).origin
        self.held[origin] = flow.place_hold(origin, reason="异议", unit=self.who.unit, by=None, at=AT)

    @precondition(lambda self: self.held)
    @rule(data=st.data())
    def lift(self, data):
        self._lift(data.draw(st.sampled_from(sorted(self.held))))

    @invariant()
    def the_books_equal_the_model(self):
        if not hasattr(self, "who"):
            return
        kept = {share.code: share for share in Restriction.objects.filter(fund=self.who.fund)}
        assert {code: share.balance_fen for code, share in kept.items()} == self.balance
        assert {code: share.reserved_fen for code, share in kept.items()} == self.promised
        self.who.fund.refresh_from_db()
        assert self.who.fund.balance_fen == sum(self.balance.values())
        assert self.who.fund.available_fen == sum(self.balance.values()) - sum(self.promised.values())
        assert all(0 <= self.promised[code] <= self.balance[code] for code in kept)
        assert Posting.objects.filter(fund=self.who.fund).count() == self.posted
        numbers = Voucher.objects.filter(fund=self.who.fund).values_list("number", flat=True)
        assert sorted(numbers) == list(range(1, self.vouchers + 1))

    def teardown(self):
        assert verify().faults == []

    def _booked(self, rows: int) -> None:
        self.posted += rows
        self.vouchers += 1

    def _paid(self, row: Disbursement) -> None:
        self.balance[row.restriction.code] -= row.amount_fen
        self.promised[row.restriction.code] -= row.amount_fen
        self._booked(1)

    def _give_up(self, row: Disbursement) -> None:
        flow.release(row, reason="付不出", by=self.who.officer, at=AT)
        self.promised[row.restriction.code] -= row.amount_fen

    def _lift(self, origin: str) -> None:
        hold = self.held.pop(origin, None)
        if hold is not None:
            flow.lift_hold(hold, why="已答复", by=self.who.officer, at=AT)

    def _line(self, pk: int):
        from bangfu.ledger.models import BatchLine

        return BatchLine.objects.select_related("disbursement__restriction").get(pk=pk)
