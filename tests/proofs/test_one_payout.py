"""P4 through the process: sixteen hands announce, send, confirm, pay, double-click and press again; nothing is paid twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from bangfu.governance import flow as governance
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import BatchLine, Disbursement, Posting, Voucher
from bangfu.ledger.verify import verify
from bangfu.process.flow.decide import latest_motion
from bangfu.process.models import Case
from bangfu.process.tests.makers import Play, household, world
from tests.proofs.threads import together

pytestmark = pytest.mark.both
THREADS = 16
SUM = 300_000
SOME = 10  # cases of the small form


def pay_cases(cases: int, *, per_session: int = 20) -> None:
    """Each case: approve by sixteen hands, then send or pay out by sixteen, then confirm by sixteen; half repeat one form."""
    who = world(money_fen=cases * SUM + 1_000_000)
    ready = []
    for number in range(cases):
        play = Play(
            who, household=who.household if number == 0 else household(who.unit, serial=100 + number % 800, name=f"张{number}")
        )
        if number >= 800:
            raise ValueError("identity numbers repeat")
        play.start(by=who.clerk).accept()
        ready.append(play.survey().countersign().papers().check())
    for play in ready:
        play.post()
    for play in ready:
        play.close_notice().review()
    for start in range(0, cases, per_session):
        some = ready[start : start + per_session]
        some[0].at += timedelta(minutes=start // per_session)  # no two sessions at the same minute
        session = some[0].session()
        for play in some:
            play.at = max(play.at, some[0].at)
            play.agenda(session)
        approve(some)
    for number, play in enumerate(ready):
        pay(play, number)
    assert Posting.objects.filter(disbursement__isnull=False).count() == cases
    assert Disbursement.objects.count() == Disbursement.objects.filter(state="paid").count() == cases
    assert Case.objects.filter(steps__duty="pay").distinct().count() == cases
    who.fund.refresh_from_db()
    assert (who.fund.balance_fen, who.fund.reserved_fen) == (1_000_000, 0)
    assert verify().faults == []


def approve(plays: list[Play]) -> None:
    who, session = plays[0].world, plays[0].meeting
    at = max(play.at for play in plays)
    for member in who.committee.memberships.all():
        governance.attend(session, member, by=who.head, at=at)
    governance.open_session(session, by=who.members[0], at=at)
    for play in plays:
        link = latest_motion(play.fresh())
        assert link is not None
        for member in who.members:
            governance.cast_vote(link.motion, choice="yes", amount_fen=SUM, opinion="同意", by=member, at=at)
        announce = partial(governance.resolve, link.motion, by=who.members[0], at=at)
        answers = together([announce] * THREADS)
        assert len({answer.pk for answer in answers if hasattr(answer, "pk")}) == 1, answers
        assert Disbursement.objects.filter(award__case=play.case).count() == 1
        play.at = at


def pay(play: Play, number: int) -> None:
    who, row, at = play.world, play.row, play.now()
    send = [partial(ledger.make_batch, [row.pk], form_key=f"s{number}:{n % 8}", by=who.cashier, at=at) for n in range(THREADS)]
    together(send)
    line = BatchLine.objects.get(disbursement=row)
    confirm = partial(ledger.confirm_paid, line, bank_ref=f"R{number}", by=who.accountant, at=at)
    again = [partial(ledger.make_batch, [row.pk], form_key=f"t{number}:{n}", by=who.cashier, at=at) for n in range(THREADS // 2)]
    answers = together([confirm] * (THREADS // 2) + again)
    assert all(not isinstance(answer, Voucher) or answer.pk for answer in answers)
    assert Posting.objects.filter(disbursement=row).count() == 1


def test_some_entitlements_are_paid_once_each(committed_db):
    pay_cases(SOME)


@pytest.mark.proof
def test_many_entitlements_are_paid_once_each(committed_db):
    """500 on SQLite; 60 on PostgreSQL, where the same hands take five times as long."""
    pay_cases(500 if connection.vendor == "sqlite" else 60)


def test_the_harness_finds_the_naive_way(committed_db):
    """Check, then insert, in a table without a unique key: the same sixteen hands pay more than once."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive_payment (entitlement varchar(40), amount integer)")

    def naive(number: int, seen: threading.Barrier) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive_payment WHERE entitlement = %s", [f"e{number}"])
            unpaid = cursor.fetchone()[0] == 0
        connection.close()  # sixteen hands, eight connections of the pool: nobody waits for the others with one in hand
        seen.wait()
        if unpaid:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("INSERT INTO naive_payment VALUES (%s, %s)", [f"e{number}", SUM])

    for number in range(5):
        together([partial(naive, number, threading.Barrier(THREADS))] * THREADS)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM naive_payment")
        assert cursor.fetchone()[0] > 5
