"""The cast of a case: one organisation with two units, everybody who acts, rules in force, money, a committee.

`Play` drives a case through the real flow, one method a stage, with a clock of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from bangfu.access import flow as access
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.disclosure.queries import waiting_draft
from bangfu.governance import flow as governance
from bangfu.governance.models import Committee, Session
from bangfu.household.flow import enrol_staff, file_household
from bangfu.household.models import Household, Staff
from bangfu.household.rows import FileRow, MemberRow, StaffRow
from bangfu.household.tests.makers import identity
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Disbursement, Fund
from bangfu.lib.days import today
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Version
from bangfu.policy.pack import Pack
from bangfu.policy.reading import read_files, to_zip
from bangfu.process import flow
from bangfu.process.models import Award, Case

AT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)  # Monday 2026-11-02 10:00 in Shanghai
PACK = Path(__file__).parents[3] / "policies" / "kaiyuan-2016"
_keys = count(1)


def key() -> str:
    return f"case-form-{next(_keys)}"


@cache
def _checked() -> tuple[bytes, Pack]:
    """The pack's bytes, read and checked once a process: reading YAML costs more than a whole test."""
    content = to_zip(read_files(PACK).files)
    return content, load_pack(content)


def rules_in_force(unit: Unit, *, valid_from: date = date(2016, 1, 1)) -> Version:
    """What `policy.flow.adopt` leaves behind, without checking the same bytes again."""
    content, pack = _checked()
    return Version.objects.create(
        pack=pack.id, title=pack.title, issuer=pack.issuer, document_no=pack.document_no, content=content, sha256=pack.sha256,
        unit=unit, organisation_id=unit.organisation_id, valid_from=valid_from, adopted_at=AT,
    )  # fmt: skip


@dataclass
class World:
    organisation: Unit
    unit: Unit
    other_unit: Unit
    clerk: Account  # Zhao, the one clerk of `unit`
    chair: Account  # of the unit
    other_clerk: Account  # Wang of the other unit: must see nothing
    officer: Account
    head: Account
    members: list[Account]  # of the committee, the chair first
    cashier: Account
    accountant: Account
    auditor: Account
    worker: Account
    staff: Staff
    household: Household
    committee: Committee
    fund: Fund
    people: dict[str, Account] = field(default_factory=dict)


def world(*, clerks: int = 1, money_fen: int = 10_000_000) -> World:
    root = organisation()
    unit, other = department(root, "ky-sd", "设备动力部"), department(root, "ky-wz", "物资供应部")
    worker = account("worker", Role.WORKER, unit, name="张守诚")
    clerk = account("clerk", Role.UNIT_CLERK, unit, name="赵晓梅")
    for n in range(1, clerks):
        account(f"clerk{n}", Role.UNIT_CLERK, unit, name=f"干事{n}")
    chair = account("chair", Role.UNIT_CHAIR, unit, name="周德林")
    accountant = account("accountant", Role.ACCOUNTANT, root, name="沈若兰")
    members = [
        account(f"member{n}", Role.COMMITTEE_CHAIR if n == 0 else Role.COMMITTEE_MEMBER, root, name=name)
        for n, name in enumerate(["周明远", "吴明远", "郑晓东"])
    ]
    rules_in_force(root)
    committee = governance.form_committee(root, name="帮扶基金管理委员会", quorum_permille=500, by=None, at=AT)
    for n, member in enumerate(members):
        governance.seat_member(committee, member, from_date=date(2026, 1, 1), is_chair=n == 0, by=None, at=AT)
    fund = ledger.open_fund(root, code="relief", name="困难职工帮扶基金", by=accountant, at=AT)
    gifts = ledger.open_fund(root, code="gift", name="节日慰问资金", subject_code="5102", by=accountant, at=AT)
    if money_fen:
        for one in (fund, gifts):
            ledger.receive(one, amount_fen=money_fen, source="5", form_key=key(), by=accountant, at=AT)
    staff = enrol_staff(
        StaffRow(
            unit=unit, worker_no="KY17", name="张守诚", identity=identity(17), phone="13800000017", account=worker,
            bank_name="工商银行开远支行", card="6222021687536253779",
        ),
        by=None, at=AT,
    )  # fmt: skip
    return World(
        organisation=root, unit=unit, other_unit=other, clerk=clerk, chair=chair,
        other_clerk=account("other-clerk", Role.UNIT_CLERK, other, name="王建平"),
        officer=account("officer", Role.OFFICE_OFFICER, root, name="李静宜"),
        head=account("head", Role.OFFICE_HEAD, root, name="罗建军"),
        members=members, cashier=account("cashier", Role.CASHIER, root, name="陈慧"), accountant=accountant,
        auditor=account("auditor", Role.AUDITOR, root, name="钱守正"), worker=worker, staff=staff,
        household=household(unit, staff), committee=committee, fund=fund,
    )  # fmt: skip


def household(unit: Unit, staff: Staff | None = None, *, serial: int = 17, name: str = "张守诚", **changes: Any) -> Household:
    """Three people, 25,200 a year, 11,200 paid for illness themselves: the rules' own worked example."""
    facts: dict[str, Any] = {
        "unit": unit, "staff": staff, "head_name": name, "identity": identity(serial), "phone": f"138000{serial:05d}",
        "bank_name": "工商银行开远支行", "card": "6222021687536253779", "address": "开远市灵泉街道建设社区 3 幢 501 室",
        "main_cause": "own_illness", "grade": "especially",
        "head": MemberRow(name=name, incomes={"wage": 210_000}, health="serious", is_employed=True),
        "members": (
            MemberRow(name="王桂芬", relation="spouse", identity=identity(serial + 9, "19800203"), health="none", incomes={},
                      is_employed=False),
            MemberRow(name="张晓雨", relation="child", identity=identity(serial + 31, "20100509"), health="none", incomes={},
                      school_stage="compulsory"),
        ),
        "expenses": {"illness": 1_120_000}, "assets": (),
        "facts": {"refuses_check": False, "has_hidden_income": False},
    }  # fmt: skip
    return file_household(FileRow(**(facts | changes)), by=None, at=AT)


class Play:
    """One case and its clock. Each method is one act of the right person; `at` moves an hour with every act."""

    def __init__(self, world: World, *, at: datetime = AT, household: Household | None = None) -> None:
        self.world, self.at = world, at
        self.household = household or world.household
        self.case: Case = None  # type: ignore[assignment]

    def now(self, **span: float) -> datetime:
        self.at += timedelta(**(span or {"hours": 1}))
        return self.at

    def fresh(self) -> Case:
        self.case = Case.objects.select_related("unit", "policy_version", "household__staff__account").get(pk=self.case.pk)
        return self.case

    def act(self, verb: Any, *, by: Account, **facts: Any) -> Case:
        """One verb at the next hour, with the version as it is now."""
        self.case = self.fresh()
        verb(self.case.pk, version=self.case.version, by=by, at=self.now(), **facts)
        return self.fresh()

    @property
    def award(self) -> Award:
        return Award.objects.select_related("disbursement", "case").get(case=self.case)

    @property
    def row(self) -> Disbursement:
        return Disbursement.objects.get(award__case=self.case)

    # -- the acts

    def start(self, programme: str = "temporary_living", *, asked_fen: int | None = 300_000, **facts: Any) -> Play:
        by = facts.pop("by", self.world.worker)
        self.case = flow.start(self.household, programme, asked_fen=asked_fen, by=by, at=self.now(), **facts)
        return self

    def accept(self) -> Play:
        self.act(flow.accept, by=self.world.clerk)
        return self

    def survey(self, **facts: Any) -> Play:
        given: dict[str, Any] = {
            "visited_on": today(self.at), "companion_account": self.companion, "place": "家中",
            "findings": "三口人住 68 平方米老房，本人长期服药，妻子没有工作。",
            "found_size": 3, "found_income_fen": 2_520_000, "is_aided_elsewhere": False, "by": self.world.clerk,
        }  # fmt: skip
        self.act(flow.hand_in_survey, **(given | facts))
        return self

    @property
    def companion(self) -> Account:
        """Who goes along: the unit's chair; to another unit the office's officer."""
        return self.world.chair if self.case.unit_id == self.world.unit.pk else self.world.officer

    def countersign(self) -> Play:
        """The companion confirms that she went; she is chair or office, so that it is countersigned for a lone clerk, too."""
        if self.fresh().is_at("investigate"):
            self.act(flow.countersign, by=self.companion)
        return self

    def papers(self) -> Play:
        from bangfu.process.papers import checklist

        for row in checklist(self.fresh(), today(self.at)):
            if row.is_missing:
                flow.add_paper(self.case.pk, item=row.id, remark="原件已核对", by=self.world.clerk, at=self.now(minutes=1))
        return self

    def check(self, degree: str = "ordinary", *, proposed_fen: int = 300_000, **facts: Any) -> Play:
        given: dict[str, Any] = {"opinion": "情况属实，建议救助。", "grade": "especially", "by": self.world.officer}
        self.act(flow.check, degree=degree, proposed_fen=proposed_fen, **(given | facts))
        return self

    def draft(self, **facts: Any) -> Play:
        """The officer drafts the notice, for the head to check."""
        self.act(flow.post_notice, **({"checked_by": self.world.head, "by": self.world.officer} | facts))
        return self

    def post(self, **facts: Any) -> Play:
        """Drafted, and a minute later confirmed by the checker: up."""
        checker = facts.get("checked_by", self.world.head)
        self.draft(**facts)
        self.case = self.fresh()
        waiting = waiting_draft(f"process.case:{self.case.pk}")
        assert waiting is not None
        at = self.now(minutes=1)
        flow.confirm_notice(self.case.pk, version=self.case.version, seen=waiting.sha256, by=checker, at=at)
        self.fresh()
        return self

    def close_notice(self) -> Play:
        self.now(days=8)
        self.act(flow.close_notice, by=self.world.officer)
        return self

    def review(self, recommended_fen: int = 300_000) -> Play:
        self.act(flow.review, recommended_fen=recommended_fen, opinion="材料齐全，公示无异议。", by=self.world.head)
        return self

    def session(self) -> Session:
        held = self.now()
        return governance.convene(self.world.committee, held_at=held + timedelta(minutes=1), by=self.world.head, at=held)

    def agenda(self, session: Session | None = None) -> Play:
        session = session or self.session()
        self.act(flow.put_on_agenda, session=session, by=self.world.head)
        self.meeting = session
        return self

    def vote(self, choice: str = "yes", amount_fen: int | None = 300_000, *, opinion: str = "同意，情况属实") -> Play:
        """The session opens, all vote alike, the chair announces: the case follows by itself."""
        from bangfu.process.flow.decide import latest_motion

        at = self.now(minutes=30)
        if self.meeting.opened_at is None:
            for member in self.world.committee.memberships.filter(account__in=self.world.members):
                governance.attend(self.meeting, member, by=self.world.head, at=at)
            governance.open_session(self.meeting, by=self.world.members[0], at=at)
            self.meeting.refresh_from_db()
        link = latest_motion(self.case)
        assert link is not None
        for member in self.world.members:
            amount = amount_fen if choice == "yes" and link.motion.has_money else None
            governance.cast_vote(link.motion, choice=choice, amount_fen=amount, opinion=opinion, by=member, at=self.now(minutes=1))
        governance.resolve(link.motion, by=self.world.members[0], at=self.now(minutes=1))
        self.fresh()
        return self

    def send(self) -> Any:
        """The cashier sends it to the bank; answers the line of the batch."""
        batch = ledger.make_batch([self.row.pk], form_key=key(), by=self.world.cashier, at=self.now())
        return batch.lines.get(disbursement=self.row)

    def pay(self) -> Play:
        ledger.confirm_paid(self.send(), bank_ref="ICBC20261120001", by=self.world.accountant, at=self.now())
        self.fresh()
        return self

    def receipt(self) -> Play:
        ledger.sign_receipt(self.row, "payer", how="clicked", by=self.world.cashier, at=self.now())
        ledger.sign_receipt(self.row, "payee", how="clicked", by=self.world.worker, at=self.now())
        self.fresh()
        return self

    def follow_up(self) -> Play:
        self.now(days=30)
        self.act(
            flow.follow_up, visited_on=today(self.at), result="better", remark="药费有了着落，孩子学习稳定。", by=self.world.clerk
        )
        return self

    def close(self) -> Play:
        self.act(flow.closing_report, text="申请、调查、公示、评审、发放、回访都已完成，归档。", by=self.world.officer)
        return self

    def to(self, kind: str, **facts: Any) -> Play:
        """Drive a new case until it stands at a stage of this kind."""
        steps = {
            "apply": self.start,
            "investigate": self.accept,
            "check": lambda: self.survey().countersign().papers(),
            "notice": lambda: self.check(**facts),
            "review": lambda: self.post().close_notice(),
            "decide": self.review,
            "pay": lambda: self.agenda().vote(),
            "follow_up": lambda: self.pay().receipt(),
            "close": self.follow_up,
            "closed": self.close,
        }
        for name, step in steps.items():
            step()
            if name == kind:
                break
        self.fresh()
        return self


def another(world: World, username: str, role: Role, unit: Unit | None = None) -> Account:
    return account(username, role, unit or world.organisation, name=username)


def appoint(person: Account, role: Role, unit: Unit) -> None:
    access.appoint(person, role, unit, from_date=date(2020, 1, 1), by=None, at=AT)
