"""One order of locks: case, notice or motion, file, money, record. Many hands at one case from every door; nobody is left hanging.

A deadlock would come up as an OperationalError, which `together` raises. On SQLite writers queue by themselves; on
PostgreSQL the order is what keeps them apart, and `no_key` what keeps rows that merely name each other out of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import pytest

from bangfu.access import flow as access
from bangfu.access.roles import Role
from bangfu.audit.verify import verify as verify_record
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Objection
from bangfu.governance import flow as governance
from bangfu.household import flow as files
from bangfu.household.models.words import ConsentKind
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Hold
from bangfu.ledger.verify import verify
from bangfu.process import flow
from bangfu.process.flow.decide import latest_motion
from bangfu.process.models import Case, Step
from bangfu.process.tests.makers import AT, Play, World, household, key, world
from tests.proofs.threads import together

SOURCES = Path(__file__).parents[2] / "bangfu"
Acts = list[Callable[[], object]]


def around_the_notice(play: Play) -> Acts:
    """The open page, the staff's page, the case's page, the worker's phone and the file, all about one notice."""
    who, pk, version = play.world, play.case.pk, play.case.version
    notice, home = play.case.notices.get().notice, play.household
    at = play.now()
    say = {"text": "他家有两套房，请核实。", "is_named": False}
    return [
        partial(disclosure.raise_objection, notice, by=None, at=at, **say),
        partial(flow.register_objection, pk, by=who.clerk, at=at, **say | {"text": "听说领过别处的钱。"}),
        partial(flow.close_notice, pk, version=version, by=who.officer, at=play.now(days=9)),
        partial(disclosure.take_down, notice, reason="重新核对", by=who.clerk, at=at),
        partial(flow.send_back, pk, version=version, to="check", reason="收入要再核一次", by=who.head, at=at),
        partial(files.withdraw_consent, home, ConsentKind.NOTICE_NAME, by=who.clerk, at=at),
        partial(access.appoint, who.clerk, Role.PAIRED_LEADER, who.unit, from_date=date(2030, 1, 1), by=None, at=at),
        partial(flow.withdraw, pk, version=version, reason="先不申请了", by=who.clerk, at=at),
    ]


def answering(play: Play) -> Acts:
    """Answers to objections from their own page and from the case, while the case is being moved."""
    who, case = play.world, play.fresh()
    notice = case.notices.latest("pk").notice
    at = play.now()
    acts: Acts = [
        partial(disclosure.raise_objection, notice, text="住在城里，有出租房。", is_named=False, by=None, at=at),
        partial(flow.close_notice, case.pk, version=case.version, by=who.officer, at=at),
        partial(flow.withdraw, case.pk, version=case.version, reason="先不申请了", by=who.clerk, at=at),
    ]
    for number, objection in enumerate(Objection.objects.filter(notice=notice, answered_at=None)):
        facts = {"answer": "已经核实，情况属实。", "upheld": number % 2 == 1, "at": at}
        acts += [
            partial(disclosure.answer_objection, objection, by=who.head, **facts),
            partial(flow.answer_objection, case.pk, objection=objection, by=who.chair, **facts),
        ]
    return acts


def in_session(play: Play) -> Acts:
    """The announcement sets money aside, while others take the motion off, send the case back, attend late."""
    who, case, at = play.world, play.fresh(), play.now(minutes=1)
    link = latest_motion(case)
    assert link is not None
    motion = link.motion
    late = who.committee.memberships.get(account=who.members[-1])
    return [
        partial(governance.resolve, motion, closes_voting=True, by=who.members[0], at=at),
        partial(governance.take_off_agenda, motion, reason="材料不齐", by=who.head, at=at),
        partial(flow.send_back, case.pk, version=case.version, to="check", reason="收入要再核一次", by=who.head, at=at),
        partial(flow.withdraw, case.pk, version=case.version, reason="先不申请了", by=who.head, at=at),
        partial(governance.attend, play.meeting, late, by=who.head, at=at),
        partial(governance.cast_vote, motion, choice="yes", amount_fen=300_000, by=who.members[1], at=at),
        partial(files.set_grade, play.household, "long_term", basis="办法", why="复核", by=who.officer, at=at),
    ]


def at_the_till(play: Play) -> Acts:
    """Paying, holding, lifting and giving back one reserved sum."""
    who, case, row, at = play.world, play.fresh(), play.row, play.now()
    return [
        partial(ledger.make_batch, [row.pk], form_key=key(), by=who.cashier, at=at),
        partial(ledger.place_hold, row.origin, reason="有人来电反映", unit=case.unit, by=who.auditor, at=at),
        partial(flow.withdraw, case.pk, version=case.version, reason="先不申请了", by=who.clerk, at=at),
        partial(ledger.release, row, reason="重新核对", by=who.officer, at=at),
        partial(ledger.change_payee_account, row, method="cash", reason="卡已注销", by=who.accountant, at=at),
        partial(flow.refuse, case.pk, version=case.version, clause="五（一）", missing="收入证明", whom_to_ask="帮扶办公室",
                reason="收入高于标准", by=who.head, at=at),
    ]  # fmt: skip


def after_the_bank(play: Play) -> Acts:
    """The bank's answer, read twice and both ways, and the signatures."""
    who, row, at = play.world, play.row, play.now()
    acts: Acts = [
        partial(ledger.place_hold, row.origin, reason="有人来信反映", unit=play.case.unit, by=who.auditor, at=at),
        *[
            partial(ledger.lift_hold, hold, why="已经核实", by=who.head, at=at)
            for hold in Hold.objects.open().filter(origin=row.origin)
        ],
        partial(ledger.sign_receipt, row, "payer", how="clicked", by=who.cashier, at=at),
    ]
    for line in row.lines.all():
        acts += [
            partial(ledger.confirm_paid, line, bank_ref="R1", by=who.accountant, at=at),
            partial(ledger.mark_failed, line, reason="户名不符", by=who.accountant, at=at),
        ]
    return acts


def storm(who: World, serial: int) -> None:
    """Four cases of four households, each taken to a crowded place."""

    at = AT + timedelta(days=serial)  # no two sessions at one hour

    def case(number: int) -> Play:
        play = Play(who, at=at, household=household(who.unit, serial=serial + number, name=f"周{serial}{number}"))
        return play.start(by=who.clerk).accept()

    noticed = case(0).survey().countersign().papers().check().post()
    files.give_consent(
        noticed.household, ConsentKind.NOTICE_NAME, given=True, wording="公示姓名", by_worker=False, by=who.clerk, at=noticed.at
    )
    together(around_the_notice(noticed))
    doubted = case(1).survey().countersign().papers().check().post()
    for words in ("他家有两套房，请核实。", "听说已经领过市里的钱。"):
        flow.register_objection(doubted.case.pk, text=words, is_named=False, by=who.clerk, at=doubted.now())
    doubted.now(days=9)
    together(answering(doubted))
    voted = case(2).survey().countersign().papers().check().post().close_notice().review().agenda()
    present = [member for member in who.committee.memberships.all() if member.account_id != who.members[-1].pk]
    for member in present:
        governance.attend(voted.meeting, member, by=who.head, at=voted.at)
    governance.open_session(voted.meeting, by=who.members[0], at=voted.at)
    link = latest_motion(voted.fresh())
    assert link is not None
    for member in present:
        if member.account_id != who.members[1].pk:
            governance.cast_vote(link.motion, choice="yes", amount_fen=300_000, opinion="同意", by=member.account, at=voted.at)
    together(in_session(voted))
    paid = case(3).survey().countersign().papers().check().post().close_notice().review()
    paid.now(days=1)
    paid.agenda().vote()
    together(at_the_till(paid))
    together(after_the_bank(paid))


def storms(count: int) -> None:
    who = world(money_fen=50_000_000)
    for number in range(count):
        storm(who, 100 + 4 * number)
    for case in Case.objects.all():
        versions = list(Step.objects.filter(case=case).order_by("version").values_list("version", flat=True))
        assert versions == list(range(2, case.version + 1)), "every step has its version, none twice, none lost"
    assert verify().faults == []
    assert verify_record().bad_seq is None


@pytest.mark.both
def test_many_hands_at_one_case_never_lock_each_other_out(committed_db):
    storms(1)


@pytest.mark.both
@pytest.mark.proof
def test_many_hands_many_times_never_lock_each_other_out(committed_db):
    storms(20)


def test_every_row_lock_leaves_rows_that_name_it_alone():
    """PostgreSQL checks foreign keys at commit, when the record's head is held: a plain FOR UPDATE would close a circle there."""
    plain = [
        f"{path.relative_to(SOURCES)}:{number}"
        for path in sorted(SOURCES.rglob("*.py"))
        if "tests" not in path.parts
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if re.search(r"select_for_update\((?!no_key=True)", line)
    ]
    assert plain == []
