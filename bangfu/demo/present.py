"""From 2018 to today: quiet, marked activity, then a normal week with a case at every stage.

Each case is a tale: a generator that says when it goes on; the teller wakes them in the order of time.
"""

from __future__ import annotations

import heapq
from collections.abc import Generator, Iterable
from datetime import date, datetime, time, timedelta
from itertools import count
from typing import Any

from bangfu.demo.casework import CONSENTS, Matter, Office, signature
from bangfu.demo.founding import World, file_row
from bangfu.demo.years import YUAN, better_off, on_file, receive, review_all
from bangfu.disclosure import flow as disclosure
from bangfu.governance.models import Motion
from bangfu.household import flow as household
from bangfu.household.imports import flow as imports
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import ExpenseKind
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import BatchLine
from bangfu.lib.days import TZ
from bangfu.process import flow as process
from bangfu.process.flow.notice import running_notice
from bangfu.process.models import Case
from bangfu.relief import flow as relief
from bangfu.relief.flow import ConsentAnswer

Tale = Generator[datetime, datetime, None]


def tell(world: World, tales: Iterable[Tale], *, until: datetime) -> None:
    """Wake each tale at the instant it asked for, in order; those that would go on after `until` stay where they are."""
    waiting: list[tuple[datetime, int, Tale]] = []
    order = count()
    for tale in tales:
        heapq.heappush(waiting, (next(tale), next(order), tale))
    while waiting and waiting[0][0] <= until:
        at, _place, tale = heapq.heappop(waiting)
        world.clock.at = max(world.clock.at, at)
        try:
            heapq.heappush(waiting, (tale.send(world.clock.at), next(order), tale))
        except StopIteration:
            continue


QUIET = timedelta(days=100)  # the weeks before today are told case by case; nothing else happens in them


def quiet_years(world: World, office: Office, today: date) -> None:
    """2018-10 to a hundred days ago: a review a year, families that are lifted, a new one now and then; the latest gifts."""
    horizon = today - QUIET
    taken = {file.staff_id for file in Household.objects.filter(organisation=world.root)}
    free = [staff for staff in world.staff[2:] if staff.pk not in taken]
    gifts = max(year for year in range(2018, today.year + 1) if date(year, 3, 20) <= horizon)
    for year in range(2018, today.year + 1):
        if year == today.year and date(year, 1, 5) <= horizon:
            receive(world, date(year, 1, 5), world.relief, 80_000, "5", f"{year} 年帮扶预算（按上年实际）")
        if year == gifts and year > 2018:
            receive(world, date(year, 1, 6), world.gift, 90_000, "4", f"{year} 年节日慰问预算")
            office.give(on_file(world), period=str(year), title=f"{year} 年春节慰问", start=date(year, 1, 12))
        if year == today.year - 1 and year > 2018:
            last_years_case(world, office, year)
        if date(year, 12, 5) <= horizon:
            _quiet_autumn(world, year, free)


def last_years_case(world: World, office: Office, year: int) -> None:
    """One household is helped in the spring of the year before: decided, paid, filed, so that it can be replayed."""
    ill = [file for file in on_file(world) if file.main_cause == "family_illness" and file.staff_id != world.staff[0].pk]
    story = "爱人住院做了手术，报销以后自付的还有一万多。"
    matter = Matter(ill[-1], "temporary_medical", story, "希望先把药费接上", ("family_illness",), 2500 * YUAN, 2000 * YUAN)
    cases = office.to_committee([matter], date(year, 3, 3))
    office.finish(cases, world.clock.on((world.clock.at + timedelta(days=2)).date(), 14))


def _quiet_autumn(world: World, year: int, free: list[Staff]) -> None:
    review_all(world, date(year, 10, 15))
    files = on_file(world)
    lasting = ("schooling", "low_income", "elder_support", "disability", "accident", "family_illness", "own_illness")
    others = [file for file in files if file.staff_id != world.staff[0].pk]
    first = sorted(others, key=lambda file: lasting.index(file.main_cause) if file.main_cause in lasting else 0)
    at = world.clock.on(date(year, 11, 20), 10)
    for place, file in enumerate(first[: max(0, (len(files) - 27) // 3)]):
        better_off(world, file, at=at, falls_back=place == 0 and year in (2019, 2021))
        household.lift(file, why="近 6 个月人均收入高于低保线，致困原因消除（示范）", by=world.people["officer"], at=at)
    cause = ("family_illness", "schooling", "accident")[year % 3]
    grade = "temporary" if cause == "accident" else "long_term"
    row = file_row(world, free.pop(0), cause, grade, 300 + year, opened_on=date(year, 12, 4))
    household.file_household(row, by=world.people["clerk"], at=world.clock.on(date(year, 12, 4), 10))


def look_again(world: World, today: date) -> None:
    """The latest review brings every file up to date: incomes, a year's costs, and the five clears (S1-6)."""
    clerk, rng, day = world.people["clerk"], world.maker.random, today - timedelta(days=90)
    at = world.clock.on(day, 9)
    for file in on_file(world):
        ill = file.main_cause in ("own_illness", "family_illness")
        incomes = {
            member.pk: {income.kind: income.monthly_fen for income in member.incomes.all()}
            for member in file.members.prefetch_related("incomes")
        }
        household.set_incomes(file, incomes, as_of=day, why=f"{day.year} 年入户核对", by=clerk, at=at)
        costs = {
            ExpenseKind.ILLNESS: rng.randrange(160, 300) * 10_000 if ill else rng.randrange(5, 20) * 10_000,
            ExpenseKind.SCHOOLING: 1_400_000 if file.main_cause == "schooling" else 0,
            ExpenseKind.OTHER: 500_000 if file.main_cause == "accident" else 0,
        }
        household.set_expenses(file, costs, as_of=day, why=f"{day.year} 年入户核对", by=clerk, at=at)
    zhang = next(file for file in on_file(world) if file.staff_id == world.staff[0].pk)
    for section, words in CLEARS.items():
        household.check_clear(zhang, section, words, by=clerk, at=at)


CLEARS = {
    "family": "夫妻两人，自建房 50 平方米，没有车；女儿在外地读大一，户口不在一起。",
    "cause": "本人慢性肾病，常年吃药透析，自付药费是家里最大的开销。",
    "skills": "变压器检修高级工，能带徒弟，不能下现场。",
    "mind": "情绪平稳，担心女儿学费；结对人上月谈心一次。",
}
#: programme -> the causes of households that ask for it.
CAUSES_OF = {
    "illness": ("own_illness", "family_illness"),
    "temporary_medical": ("family_illness", "own_illness"),
    "temporary_living": ("accident", "disability", "schooling", "family_illness", "own_illness", "elder_support", "low_income"),
}


class Week:
    """The weeks before today: `self.day(n, hour)` is n days from today."""

    def __init__(self, world: World, office: Office, today: date) -> None:
        self.world, self.office, self.today = world, office, today
        self.ready: list[Case] = []  # reviewed, waiting for a session
        files = [file for file in on_file(world) if file.staff_id != world.staff[0].pk]
        self.files = files
        self.zhang = next(file for file in on_file(world) if file.staff_id == world.staff[0].pk)

    def day(self, offset: int, hour: int = 10, minute: int = 0) -> datetime:
        return datetime.combine(self.today + timedelta(days=offset), time(hour, minute), TZ)

    def take(self, programme: str) -> Household:
        """A household that nobody has taken yet, whose cause fits the programme best."""
        fit = CAUSES_OF[programme]
        best = min(self.files, key=lambda file: fit.index(file.main_cause) if file.main_cause in fit else len(fit))
        self.files.remove(best)
        return best

    def matter(
        self, programme: str, yuan: int, story: str, *, file: Household | None = None, asked: int | None = None, **more
    ) -> Matter:
        file = file or self.take(programme)
        wish = "希望先把药费接上，孩子能安心上学"
        return Matter(file, programme, story, wish, (file.main_cause,), (asked or yuan) * YUAN, yuan * YUAN, **more)

    def tale(self, matter: Matter, start: int, *, papers_missing: tuple[str, ...] = (), aided: bool | None = False, survey: bool = True,
             check: bool = True, answered: bool = True, confirmed: bool = True, closed: bool = True, reviewed: bool = True) -> Tale:  # fmt: skip
        """A case from its application towards the committee; the keywords say where it gets stuck."""
        office, case = self.office, None
        case = office.apply(matter, (yield self.day(start, 20 if matter.by_phone else 9)))
        office.hand_in_papers(case, (yield self.day(start + 1, 9)), without=papers_missing)
        case = office.accept(office.fresh(case), (yield self.day(start + 1, 10)))
        if not survey:
            return
        case = office.survey(case, (yield self.day(start + 3, 14)), aided_elsewhere=aided)
        if not check:
            return
        case = office.check(case, (yield self.day(start + 5, 10)), matter)
        if case.stage_kind == "propose":
            at = yield self.day(start + 6, 9)
            case = process.send_up(
                case.pk, version=case.version, level="group", asked_fen=3000 * YUAN, text="本人重病，自付医疗费高，请集团工会予以帮扶。",
                by=office.who("head"), at=at,
            )  # fmt: skip
            if not answered:
                return
            at = yield self.day(start + 8, 9)
            case = process.record_answer(
                case.pk, version=case.version, level="group", outcome="granted", granted_fen=3000 * YUAN, answer="同意帮扶 3,000 元",
                answered_on=at.astimezone(TZ).date(), by=office.who("head"), at=at,
            )  # fmt: skip
        if not confirmed:  # the officer has drafted it, the clerk has not looked yet
            office.draft_notice(case, (yield self.day(start + 7, 15)))
            return
        case = office.post_notice(case, (yield self.day(start + 7, 15)))
        if not closed:
            return
        notice = running_notice(case)
        assert notice is not None
        case = office.close_notice(office.fresh(case), (yield max(notice.closes_at + timedelta(hours=9), self.day(start + 15, 9))))
        if not reviewed:
            return
        case = office.review(case, (yield self.day(start + 15, 16)), matter)
        self.ready.append(case)

    def session(self, offset: int, *, refused: str = "") -> Tale:
        """A session over everything that is ready; `refused` names the programme that does not pass."""
        office = self.office
        session = office.convene((yield self.day(offset - 3, 9)), held_at=self.day(offset, 14))
        at = yield self.day(offset - 1, 16)
        for case in [office.fresh(case) for case in self.ready]:
            process.put_on_agenda(case.pk, version=case.version, session=session, by=office.who("officer"), at=at)
        self.ready.clear()
        office.open(session, (yield self.day(offset, 14)))
        at = yield self.day(offset, 14, 20)
        for motion in Motion.objects.filter(session=session, state=Motion.State.WAITING).order_by("position"):
            no = bool(refused) and motion.party == refused
            office.vote(motion, at, choice="no" if no else "yes")
        from bangfu.governance import flow as governance

        session.refresh_from_db()
        governance.close_session(
            session, minutes="逐件审议，表决结果见决议。", by=office.who("committee"), at=(yield self.day(offset, 16))
        )

    def objection(self, matter: Matter, offset: int) -> Tale:
        """A colleague writes on the open page; the money will wait."""
        at = yield self.day(offset, 19)
        case = Case.objects.open().get(household=matter.household, programme=matter.programme)
        notice = running_notice(case)
        assert notice is not None
        disclosure.raise_objection(
            notice, text="听说他家去年在城里又买了一套房，请核实。", is_named=False, case_number=case.number, by=None, at=at
        )

    def refusal(self, matter: Matter, offset: int) -> Tale:
        at = yield self.day(offset, 10)
        case = Case.objects.open().get(household=matter.household, programme=matter.programme)
        process.refuse(
            case.pk, version=case.version, clause="五（一）", missing="配偶收入证明没有交，按现有收入高于收入线", whom_to_ask="帮扶办公室 李静宜",
            reason="评审会认为收入情况还说不清楚", by=self.office.who("officer"), at=at,
        )  # fmt: skip

    def money(self, offset: int, matters: list[Matter], *, failed: Matter | None = None, until: str = "signed") -> Tale:
        """Send by the bank; `until` sent, paid, signed, followed or closed; `failed` comes back."""
        office = self.office
        at = yield self.day(offset, 9)
        cases = [Case.objects.get(household=matter.household, programme=matter.programme, state="open") for matter in matters]
        rows = office.rows(cases)
        batch = ledger.make_batch([row.pk for row in rows], form_key=f"demo:week:{offset}:{until}", by=office.who("cashier"), at=at)
        if until == "sent":
            return
        at = yield self.day(offset + 1, 15)
        lines = list(BatchLine.objects.filter(batch=batch).select_related("disbursement__award"))
        bad = [line for line in lines if failed and line.disbursement.award.household_id == failed.household.pk]
        for line in bad:
            ledger.mark_failed(line, reason="户名与账号不符，银行退回", by=office.who("accountant"), at=at)
        good = [line for line in lines if line not in bad]
        if good:
            ledger.confirm_lines(
                good, bank_ref=f"DEMO{batch.pk:06d}", form_key=f"demo:week-paid:{batch.pk}", by=office.who("accountant"), at=at
            )
        if until == "paid":
            return
        at = yield self.day(offset + 2, 15)
        for line in good:
            ledger.sign_receipt(line.disbursement, "payee", how="drawn", picture=signature(), by=office.who("clerk"), at=at)
            ledger.sign_receipt(line.disbursement, "payer", how="clicked", by=office.who("cashier"), at=at)
        if until == "signed":
            return
        at = yield self.day(offset + 24, 10)
        for case in cases:
            office.follow_up(case, at)
        if until == "closed":
            at = yield self.day(offset + 26, 10)
            for case in cases:
                office.close(case, at)


def this_week(world: World, office: Office, today: date) -> None:
    """A case at every stage, an objection, a file with missing facts, a failed transfer."""
    look_again(world, today)
    week = Week(world, office, today)
    filed = week.matter("temporary_living", 2000, "家里失火，衣被家具都要重置。")
    closing = week.matter("illness", 2000, "常年吃药，自付的药费一年比一年多。")
    following = week.matter("temporary_medical", 3000, "上半年住院三次，报销后自付还有两万多。")
    failed = week.matter("temporary_living", 3000, "家里老人摔伤住院，一时周转不开。")
    sent = week.matter("illness", 1500, "做完手术还要复查，药费自付不少。")
    unsigned = week.matter("temporary_medical", 2000, "爱人住院，陪护和药费都要自己出。")
    to_pay = week.matter("temporary_living", 2500, "孩子住院，请假照顾，收入少了一截。")
    refused = week.matter("temporary_living", 2000, "家里人多，钱总不够用。")
    voted = [
        week.matter("illness", 3000, "透析一周三次，自付部分压得紧。"),
        week.matter("temporary_living", 4000, "车祸以后半年没能上班，借了不少钱。", may_name=False),
    ]
    reviewed = week.matter("temporary_medical", 2000, "慢性病住院，自付的钱拿不出来。")
    noticed = week.matter("temporary_living", 3000, "房子漏雨，修房的钱凑不齐。")
    doubted = week.matter("temporary_living", 2000, "老人生病住院，工资不够开销。")
    upward = week.matter("illness", 3000, "确诊重病，化疗自付部分很高。", degree="serious")
    unclear = week.matter("temporary_living", 3000, "爱人下岗在家，孩子还在读书。")
    visiting = week.matter("temporary_living", 2000, "家里老人要人照看，请假多，收入少。", method="cash")
    drafted = week.matter("temporary_medical", 1500, "做了手术，出院以后还要复查吃药。")
    zhang = week.matter(
        "temporary_living",
        3000,
        "本人透析，今年自付药费两万多，女儿刚上大学。",
        file=week.zhang,
        asked=5000,
        by_phone=True,
        answers=on_the_phone(week.zhang),
    )
    tell(
        world,
        [
            *(week.tale(matter, -68) for matter in (filed, closing, following)),
            week.session(-50),
            week.money(-48, [filed], until="closed"),
            week.money(-27, [closing], until="followed"),
            week.money(-26, [following]),
            *(week.tale(matter, -32) for matter in (failed, sent, unsigned, to_pay, refused)),
            week.session(-12, refused=refused.household.head_name),
            week.refusal(refused, -11),
            week.money(-8, [failed, unsigned], failed=failed, until="paid"),
            week.money(-2, [sent], until="sent"),
            *(week.tale(matter, -20) for matter in voted),
            agenda(week, -2),
            week.tale(reviewed, -17, reviewed=False),
            week.tale(noticed, -15, closed=False),
            week.tale(doubted, -12),
            week.objection(doubted, -1),
            week.tale(upward, -9, answered=False),
            week.tale(zhang, -10),
            week.tale(drafted, -8, confirmed=False),
            week.tale(unclear, -9, papers_missing=("income",), aided=None, check=False),
            week.tale(visiting, -5, survey=False),
            yang(week, -16),
            kin(week, voted[0], -20),
            bad_import(week, -1),
        ],
        until=datetime.combine(today, time(8, 30), TZ),
    )


def on_the_phone(file: Household) -> dict[str, Any]:
    """What he answered of family and costs: his income and what the dialysis cost are not what the file says any more."""
    people = [
        {
            "member": one.pk,
            "relation": one.relation,
            "name": one.name,
            "income_fen": max(sum(row.monthly_fen for row in one.incomes.all()) - (30_000 if one.relation == "self" else 0), 0),
            "is_asked": True,
        }
        for one in file.members.filter(left_on=None).prefetch_related("incomes").order_by("pk")
    ]
    return {
        "needs": {"needs": ["illness", "schooling"]},
        "me": {"right": "yes", "phone": "", "correction": "", "story": "", "wish": ""},
        "family": {"people": people},
        "costs": {"illness": 26_800 * YUAN, "schooling": 8_000 * YUAN, "accident": None, "later": False},
        "money": {"programme": "temporary_living", "asked_fen": 5000 * YUAN, "how": "wage_card", "bank_name": "", "card": ""},
        "consents": {"health": True, "bank": True, "notice_name": True},
    }


def agenda(week: Week, offset: int) -> Tale:
    """The next session is convened and today's cases stand on its agenda."""
    office = week.office
    held = week.day(3, 14)
    session = office.convene((yield week.day(offset, 9)), held_at=held)
    at = yield week.day(0, 8, 10)
    for case in [office.fresh(case) for case in week.ready[:2]]:
        process.put_on_agenda(case.pk, version=case.version, session=session, by=office.who("officer"), at=at)


def yang(week: Week, start: int) -> Tale:
    """A worker without a file applies on the phone; the visit is overdue."""
    world, office = week.world, week.office
    at = yield week.day(start, 20)
    application = relief.apply(
        programme="temporary_living", story="爱人工地上摔伤了，住院押金是借的，两个孩子在读书。", causes=["accident"],
        wish="想先把住院的钱接上", asked_fen=3000 * YUAN, staff=world.staff[1], by=world.people["worker2"], at=at,
        consents=[ConsentAnswer(kind, kind != "notice_name", wording) for kind, wording in CONSENTS.items()],
    )  # fmt: skip
    at = yield week.day(start + 1, 9)
    office.accept(office.fresh(application.case), at)


def kin(week: Week, matter: Matter, offset: int) -> Tale:
    """A member of the committee declares that one applicant is his cousin: he will not see the case."""
    at = yield week.day(offset - 20, 9)
    member = week.world.people["member4"]
    household.declare_kinship(matter.household, member, "表亲", by=member, at=at)


def bad_import(week: Week, offset: int) -> Tale:
    """The source's impossible total stands in a list that a clerk tried to import: found, refused, never in (S1-13)."""
    made = week.world.maker.person(youngest=30, oldest=45, on=date(2016, 1, 4))
    head = [
        "序号",
        "工号",
        "姓名",
        "身份证号",
        "部门",
        "家庭人口",
        "家庭年度总收入(元)",
        "主要致困原因",
        "困难类别",
        "历年帮扶(元)",
        "帮扶人次",
    ]
    row = ["1", "KY0901", made.name, made.identity, "设备动力部", "1", "14400", "本人大病", "长期困难", "4000", "91"]
    total = ["合计", *[""] * 8, "372000万元", "91"]
    content = "\n".join(",".join(cells) for cells in (head, row, total)).encode("gb18030")
    at = yield week.day(offset, 16)
    clerk = week.office.who("clerk")
    batch = imports.upload(content, name="历年帮扶台账.csv", by=clerk, at=at)
    matches = {column["at"]: column["key"] for column in batch.columns}
    imports.choose(batch, matches, kind=batch.kind, opened_on=None, by=clerk, at=at)
    imports.run_pending(at=at)
