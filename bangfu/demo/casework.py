"""One step of a case at a time, by the person whose step it is: the demo moves cases through the real functions only."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from bangfu.audit.record import subject_of
from bangfu.demo.founding import World
from bangfu.disclosure.queries import waiting_draft
from bangfu.governance import flow as governance
from bangfu.governance.models import Motion, Session
from bangfu.household.models import Household
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import BatchLine, Disbursement
from bangfu.lib.days import today
from bangfu.process import flow as process
from bangfu.process.models import Case
from bangfu.process.papers import VISIT, checklist
from bangfu.relief import flow as relief
from bangfu.relief.flow import ConsentAnswer

CONSENTS = {
    "health": "用健康信息评审（示范）",
    "bank": "用工资卡收款（示范）",
    "notice_name": "公示时写姓名（示范）",
}


@cache
def signature() -> bytes:
    """A drawn stroke as a small PNG."""
    from PIL import Image, ImageDraw

    image = Image.new("L", (160, 60), 255)
    ImageDraw.Draw(image).line([(10, 40), (45, 15), (70, 48), (100, 20), (150, 35)], fill=0, width=3)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


@dataclass(frozen=True)
class Matter:
    """What one household asks for."""

    household: Household
    programme: str
    story: str
    wish: str
    causes: tuple[str, ...]
    asked_fen: int | None
    grant_fen: int
    method: str = "bank"
    degree: str = "ordinary"
    by_phone: bool = False
    may_name: bool = True
    answers: dict[str, Any] | None = None  # what the worker answered on the phone


class Office:
    """The people of the demo at work, on the demo's clock."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.clock = world.clock

    def who(self, username: str):
        return self.world.people[username]

    def fresh(self, case: Case) -> Case:
        return Case.objects.select_related("unit", "household__unit", "policy_version").get(pk=case.pk)

    # -- the steps, in order

    def apply(self, matter: Matter, at: datetime) -> Case:
        worker = matter.household.staff.account if matter.household.staff else None
        by = worker if matter.by_phone and worker else self.who("clerk")
        given = {"health": True, "bank": matter.method == "bank", "notice_name": matter.may_name}
        application = relief.apply(
            programme=matter.programme, story=matter.story, causes=matter.causes, wish=matter.wish, asked_fen=matter.asked_fen,
            household=matter.household, method=matter.method, answers=matter.answers if by == worker else None, by=by, at=at,
            consents=[ConsentAnswer(kind, given[kind], wording) for kind, wording in CONSENTS.items()],
        )  # fmt: skip
        return application.case

    def accept(self, case: Case, at: datetime) -> Case:
        return relief.accept(case.pk, version=case.version, by=self.who("clerk"), at=at)

    def hand_in_papers(self, case: Case, at: datetime, *, without: tuple[str, ...] = ()) -> None:
        for row in checklist(self.fresh(case), today(at)):
            if row.is_missing and row.id not in (VISIT, *without):
                process.add_paper(case.pk, item=row.id, remark="原件已核对", by=self.who("clerk"), at=at)

    def survey(self, case: Case, at: datetime, *, aided_elsewhere: bool | None = False, countersign: bool = True) -> Case:
        household = case.household
        assert household is not None
        case = process.hand_in_survey(
            case.pk, version=self.fresh(case).version, visited_on=today(at), companion_account=self.who("chair"), place="家中",
            findings="家里情况与档案一致，老人和孩子都在，家具简单，药费单据看过原件。", found_size=household.size,
            found_income_fen=sum(income.monthly_fen for member in household.members.all() for income in member.incomes.all()) * 12,
            is_aided_elsewhere=aided_elsewhere, by=self.who("clerk"), at=at,
        )  # fmt: skip
        if case.stage_kind == "investigate" and countersign:
            case = process.countersign(case.pk, version=case.version, by=self.who("chair"), at=at + timedelta(hours=2))
        return case

    def check(self, case: Case, at: datetime, matter: Matter) -> Case:
        return process.check(
            case.pk, version=case.version, degree=matter.degree, proposed_fen=matter.grant_fen,
            opinion="材料齐全，情况属实，建议帮扶。", deviation_reason="按致困程度和上年同类标准从低掌握",
            by=self.who("officer"), at=at,
        )  # fmt: skip

    def send_up(
        self, case: Case, at: datetime, *, level: str = "group", granted_fen: int | None = None, answer_after: int = 6
    ) -> Case:
        case = process.send_up(
            case.pk,
            version=case.version,
            level=level,
            asked_fen=granted_fen,
            text="该户困难程度较重，请予帮扶。",
            by=self.who("head"),
            at=at,
        )
        later = at + timedelta(days=answer_after)
        return process.record_answer(
            case.pk, version=case.version, level=level, outcome="granted" if granted_fen else "declined", granted_fen=granted_fen,
            answer="同意" if granted_fen else "本批次名额已满", answered_on=today(later), by=self.who("head"), at=later,
        )  # fmt: skip

    def draft_notice(self, case: Case, at: datetime, *, checker: str = "clerk") -> Case:
        return process.post_notice(case.pk, version=case.version, checked_by=self.who(checker), by=self.who("officer"), at=at)

    def post_notice(self, case: Case, at: datetime) -> Case:
        """The officer drafts, the clerk looks and confirms: up."""
        case = self.draft_notice(case, at)
        waiting = waiting_draft(subject_of(case))
        assert waiting is not None
        return process.confirm_notice(case.pk, version=case.version, seen=waiting.sha256, by=self.who("clerk"), at=at)

    def close_notice(self, case: Case, at: datetime) -> Case:
        return process.close_notice(case.pk, version=case.version, by=self.who("officer"), at=at)

    def review(self, case: Case, at: datetime, matter: Matter) -> Case:
        return process.review(
            case.pk,
            version=case.version,
            recommended_fen=matter.grant_fen,
            opinion="公示无异议，同意提交评审会。",
            by=self.who("head"),
            at=at,
        )

    def sit(self, cases: list[Case], at: datetime, *, choice: str = "yes") -> None:
        """One session of the committee over these cases: four of five attend and vote."""
        session = self.convene(at - timedelta(days=2), held_at=at)
        for case in cases:
            case = self.fresh(case)
            process.put_on_agenda(case.pk, version=case.version, session=session, by=self.who("officer"), at=at - timedelta(days=1))
        self.open(session, at)
        for motion in Motion.objects.filter(session=session, state=Motion.State.WAITING).order_by("position"):
            self.vote(motion, at + timedelta(minutes=10), choice=choice)
        session.refresh_from_db()
        governance.close_session(
            session, minutes="逐件审议，表决结果见决议。", by=self.who("committee"), at=at + timedelta(hours=1)
        )

    def convene(self, at: datetime, *, held_at: datetime) -> Session:
        return governance.convene(
            self.world.committee, held_at=held_at, place="三楼会议室", recorder=self.who("officer"), by=self.who("head"), at=at
        )

    def open(self, session: Session, at: datetime) -> None:
        for member in self.world.committee.memberships.filter(account__username__in=ATTENDING).select_related("account"):
            governance.attend(session, member, by=member.account, at=at)
        governance.open_session(session, by=self.who("committee"), at=at)

    def vote(self, motion: Motion, at: datetime, *, choice: str = "yes") -> None:
        for username in ATTENDING:
            governance.cast_vote(
                motion, choice=choice, amount_fen=motion.amount_fen if choice == "yes" else None,
                opinion="" if choice == "yes" else "情况还不清楚", by=self.who(username), at=at,
            )  # fmt: skip
        governance.resolve(motion, by=self.who("committee"), at=at)

    def rows(self, cases: list[Case]) -> list[Disbursement]:
        return list(Disbursement.objects.filter(award__case__in=cases).order_by("pk"))

    def pay(self, cases: list[Case], at: datetime) -> None:
        """The cashier sends what goes to cards as one batch and hands out cash; the accountant confirms."""
        rows = self.rows(cases)
        for fund in sorted({row.fund_id for row in rows}):
            own = [row for row in rows if row.fund_id == fund]
            bank = [row.pk for row in own if row.method == "bank"]
            if bank:
                batch = ledger.make_batch(bank, form_key=f"demo:batch:{at.isoformat()}:{fund}", by=self.who("cashier"), at=at)
                lines = list(BatchLine.objects.filter(batch=batch))
                ledger.confirm_lines(
                    lines, bank_ref=f"DEMO{at:%Y%m%d}{fund}", form_key=f"demo:paid:{batch.pk}", by=self.who("accountant"),
                    at=at + timedelta(hours=3),
                )  # fmt: skip
            cash = [row for row in own if row.method == "cash"]
            if cash:
                ledger.pay_cash(cash, form_key=f"demo:cash:{at.isoformat()}:{fund}", by=self.who("cashier"), at=at)

    def sign(self, cases: list[Case], at: datetime) -> None:
        """Both sign: the payee by hand before the clerk, the payer with her account; a gift list on one sheet of paper."""
        for case in [case for case in cases if case.is_list]:
            rows = self.rows([case])
            ledger.sign_list(rows, "payee", how="paper", picture=signature(), by=self.who("clerk"), at=at)
            ledger.sign_list(rows, "payer", how="clicked", by=self.who("cashier"), at=at + timedelta(minutes=5))
        for row in self.rows([case for case in cases if not case.is_list]):
            ledger.sign_receipt(row, "payee", how="paper", picture=signature(), by=self.who("clerk"), at=at)
            ledger.sign_receipt(row, "payer", how="clicked", by=self.who("cashier"), at=at + timedelta(minutes=5))

    def follow_up(self, case: Case, at: datetime) -> Case:
        case = self.fresh(case)
        return process.follow_up(
            case.pk, version=case.version, visited_on=today(at), result="better", remark="款已收到，用在看病和学费上，家里情绪平稳。",
            by=self.who("clerk"), at=at,
        )  # fmt: skip

    def close(self, case: Case, at: datetime) -> Case:
        case = self.fresh(case)
        return process.closing_report(
            case.pk, version=case.version, text="款项付清，双方签收，回访情况正常，归档。", by=self.who("officer"), at=at
        )

    # -- the whole way

    def to_notice(self, matters: list[Matter], start: date) -> list[Case]:
        """From the applications to running notices, side by side; `start` is the day of the applications."""
        on, days = self.clock.on, timedelta
        cases = [self.apply(matter, on(start, 9)) for matter in matters]
        for case in cases:
            self.hand_in_papers(case, on(start, 10))
        cases = [self.accept(self.fresh(case), on(start + days(1), 9)) for case in cases]
        cases = [self.survey(case, on(start + days(3), 14)) for case in cases]
        on(start + days(4), 9)
        cases = [self.check(case, on(start + days(5), 10), matter) for case, matter in zip(cases, matters, strict=True)]
        for place, case in enumerate(cases):
            if case.stage_kind == "propose":
                cases[place] = self.send_up(case, on(start + days(6), 10))
        if any(matter.degree != "ordinary" for matter in matters):
            on(start + days(13), 9)
        return [self.post_notice(case, on(start + days(7), 15)) for case in cases]

    def to_committee(self, matters: list[Matter], start: date) -> list[Case]:
        """… and over their term, reviewed, ready for the agenda."""
        cases = self.to_notice(matters, start)
        closes = today(self.clock.at) + timedelta(days=8)
        cases = [self.close_notice(case, self.clock.on(closes, 9, 30)) for case in cases]
        return [self.review(case, self.clock.on(closes, 15), matter) for case, matter in zip(cases, matters, strict=True)]

    def finish(self, cases: list[Case], at: datetime) -> None:
        """Session, payment, signatures, follow-up, report: everything behind the review."""
        self.sit(cases, at)
        self.clock.at = max(self.clock.at, at + timedelta(hours=2))
        day = today(at)
        self.pay(cases, self.clock.on(day + timedelta(days=2), 9))
        self.sign(cases, self.clock.on(day + timedelta(days=3), 15))
        for case in cases:
            if self.fresh(case).stage_kind == "follow_up":
                self.follow_up(case, self.clock.on(day + timedelta(days=33), 10))
        for case in cases:
            self.close(case, self.clock.on(day + timedelta(days=36), 10))

    def give(self, households: list[Household], *, period: str, title: str, start: date) -> Case:
        """A gift list: one approval, many payouts."""
        case = process.start_list(
            self.world.root, "spring_gift", households, period=period, title=title, by=self.who("officer"), at=self.clock.on(start)
        )
        case = process.settle_list(case.pk, version=case.version, by=self.who("officer"), at=self.clock.later(minutes=30))
        case = self.post_notice(case, self.clock.later(minutes=30))
        case = self.close_notice(case, self.clock.on(start + timedelta(days=8), 9))
        self.finish([case], self.clock.on(start + timedelta(days=11), 14))
        return case


ATTENDING = ("committee", "member1", "member2", "member3")
