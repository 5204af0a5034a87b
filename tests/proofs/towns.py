"""Small organisations, complete: every role, two units, households with canary data, cases at every stage.

Built through the real functions by the demo's `Office`; every number, card, phone, diagnosis and free text is generated and
stands in one organisation only, so that it can be looked for where it must not be.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import cache

from bangfu.access import flow as access
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.demo.casework import Matter, Office, signature
from bangfu.demo.clock import Clock
from bangfu.demo.founding import PACK, World, file_row
from bangfu.demo.people import Maker
from bangfu.disclosure import flow as disclosure
from bangfu.governance import flow as governance
from bangfu.governance.models import Motion, Session
from bangfu.household import flow as household
from bangfu.household.imports import flow as imports
from bangfu.household.imports.models import ImportBatch
from bangfu.household.models import Household
from bangfu.household.rows import StaffRow
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Batch
from bangfu.lib.days import TZ
from bangfu.policy import flow as policy
from bangfu.policy.reading import read_files, to_zip
from bangfu.process import flow as process
from bangfu.process.flow.notice import running_notice
from bangfu.process.models import Case
from bangfu.relief.models import Draft
from tests.proofs.typed import type_everywhere, words

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday 2026-11-20 10:00 in Shanghai: where the towns end
START = date(2026, 9, 1)
MARKS = "甲乙丙丁戊"
PLACES = "子丑寅卯辰巳午未申酉戌亥"
CODES = ("kaiyuan", "xian", "hebi", "s404", "chewuduan")
PREFIXES = ("KY", "XA", "HB", "SL", "CW")
#: the demo's names of the people who act
ACTORS = {
    "clerk": Role.UNIT_CLERK, "chair": Role.UNIT_CHAIR, "officer": Role.OFFICE_OFFICER, "head": Role.OFFICE_HEAD,
    "committee": Role.COMMITTEE_CHAIR, "member1": Role.COMMITTEE_MEMBER, "member2": Role.COMMITTEE_MEMBER,
    "member3": Role.COMMITTEE_MEMBER, "cashier": Role.CASHIER, "accountant": Role.ACCOUNTANT, "auditor": Role.AUDITOR,
}  # fmt: skip
IN_UNIT = {Role.WORKER, Role.UNIT_CLERK, Role.UNIT_CHAIR}


class TownOffice(Office):
    """The demo's office, whose people have the town's code before their names."""

    def open(self, session: Session, at: datetime) -> None:
        for member in self.world.committee.memberships.select_related("account"):
            governance.attend(session, member, by=member.account, at=at)
        governance.open_session(session, by=self.who("committee"), at=at)


@dataclass
class Town:
    """One organisation: `unit` has the households, `elsewhere` only people who must see nothing of them."""

    place: int
    root: Unit
    unit: Unit
    elsewhere: Unit
    office: Office
    people: dict[str, Account]  # by the demo's name, and by role code for the others
    neighbours: dict[str, Account]  # every role, at `elsewhere`
    files: list[Household] = field(default_factory=list)
    cases: dict[str, Case] = field(default_factory=dict)
    things: dict[str, object] = field(default_factory=dict)

    @property
    def mark(self) -> str:
        return MARKS[self.place]

    def by_role(self) -> dict[str, Account]:
        """One account a role, at the organisation (the unit's people at the unit)."""
        found = {str(role): self.people[name] for name, role in reversed(list(ACTORS.items()))}
        return found | {str(role): self.people[str(role)] for role in Role if str(role) in self.people}


@cache
def rules() -> bytes:
    return to_zip(read_files(PACK).files)


def settle(place: int = 0, *, whole: bool = True) -> Town:
    """Build organisation number `place` (0..4) from its founding to NOW; a small one (`whole` false) has two files, one case."""
    town = _found(place)
    _file(town, 8 if whole else 2)
    if whole:
        _live(town)
    else:
        town.cases["applied"] = town.office.apply(_matter(town, 0), town.office.clock.later(hours=1))
    _beside(town)
    return town


def _account(code: str, name: str, role: Role, unit: Unit, at: datetime, called: str) -> Account:
    account = access.add_account(username=f"{code}-{name}".lower(), name=called, password=None, by=None, at=at)
    access.appoint(account, role, unit, from_date=date(2020, 1, 1), by=None, at=at)
    return account


def _found(place: int) -> Town:
    code, mark = CODES[place], MARKS[place]
    clock = Clock()
    at = clock.on(START)
    root = access.add_unit(
        code=code, name=f"{mark}公司工会", parent=None, kind=Unit.Kind.ORGANISATION, phone=f"0873-000-000{place}", prefix=PREFIXES[place],
        by=None, at=at,
    )  # fmt: skip
    unit = access.add_unit(code=f"{code}-one", name=f"{mark}一车间", parent=root, by=None, at=at)
    elsewhere = access.add_unit(code=f"{code}-two", name=f"{mark}二车间", parent=root, by=None, at=at)
    people = {
        name: _account(code, name, role, unit if role in IN_UNIT else root, at, f"{mark}员{number}")
        for number, (name, role) in enumerate(ACTORS.items())
    }
    for role in set(Role) - set(ACTORS.values()):
        where = unit if role in IN_UNIT else root
        people[str(role)] = _account(code, str(role), role, where, at, f"{mark}{role.label}")
    people["worker2"] = _account(code, "worker2", Role.WORKER, unit, at, f"{mark}邻居")
    neighbours = {str(role): _account(code, f"two-{role}", role, elsewhere, at, f"{mark}邻{role.label}") for role in Role}
    committee = governance.form_committee(
        root, name=f"{mark}帮扶委员会", quorum_permille=500, majority_permille=500, by=None, at=at
    )
    for name in ("committee", "member1", "member2", "member3"):
        governance.seat_member(committee, people[name], from_date=date(2020, 1, 1), is_chair=name == "committee", by=None, at=at)
    relief = ledger.open_fund(root, code="relief", name=f"{mark}帮扶基金", subject_code="5101", by=people["accountant"], at=at)
    gift = ledger.open_fund(root, code="gift", name=f"{mark}慰问资金", subject_code="5102", by=people["accountant"], at=at)
    for fund in (relief, gift):
        ledger.receive(fund, amount_fen=10_000_000, source="5", form_key=f"{code}:{fund.code}", by=people["accountant"], at=at)
    policy.adopt(rules(), unit=root, valid_from=date(2016, 1, 1), by=None, at=at)
    maker = Maker(100 + place)
    maker._count = 1000 * (place + 1)  # phones and cards of their own
    world = World(clock, maker, root, [unit, elsewhere], people, committee, relief, gift)
    return Town(place, root, unit, elsewhere, TownOffice(world), people, neighbours)


def _file(town: Town, count: int) -> None:
    """Workers on the roster, a file for each, with a diagnosis, an address and people of its own."""
    world, at = town.office.world, town.office.clock.later(hours=1)
    rows = []
    for number in range(count):
        made = world.maker.person(youngest=30, oldest=45, on=START, name=f"{'段尹普阮'[number % 4]}{town.mark}{PLACES[number]}")
        account = {0: town.people["WORKER"], 1: town.people["worker2"]}.get(number)
        rows.append(
            StaffRow(
                unit=town.unit, worker_no=f"{world.root.prefix}{number + 1:04d}", name=made.name, identity=made.identity,
                phone=made.phone, bank_name="工商银行开远支行", card=made.card, account=account,
            )
        )  # fmt: skip
    world.staff = household.enrol_staff_many(rows, organisation=world.root, origin="proof", by=town.people["clerk"], at=at)
    files = []
    for number, staff in enumerate(world.staff):
        row = file_row(world, staff, "own_illness", "especially", number, opened_on=START)
        spouse, *others = row.members
        row = replace(
            row,
            stated_annual_fen=9_900_000 if number == 7 else None,  # unlike the sum of its parts: held
            address=f"{town.mark}市{PLACES[number]}街道幸福社区 3 幢 501 室",
            head=replace(row.head, diagnosis=f"{town.mark}{PLACES[number]}型慢性肾衰竭"),
            members=(replace(spouse, diagnosis=f"{town.mark}{PLACES[number]}型恶性肿瘤"), *others),
        )
        files.append(row)
    town.files = household.file_households_many(files, by=town.people["clerk"], at=town.office.clock.later(hours=1))


def _matter(town: Town, number: int, **more: object) -> Matter:
    mark = f"{town.mark}{PLACES[number]}"
    return Matter(
        town.files[number], "temporary_living", f"{mark}家里长期吃药，自付药费压得喘不过气。", f"{mark}希望先接上药费", ("own_illness",),
        300_000, 300_000, **more,
    )  # fmt: skip


def _live(town: Town) -> None:
    """Cases at every stage: closed, to sign, with the bank, back from the bank, on the agenda, noticed with an objection, …"""
    office, clock, people = town.office, town.office.clock, town.people
    first = [_matter(town, 0, by_phone=True), _matter(town, 1, method="cash", may_name=False), _matter(town, 2), _matter(town, 3)]
    cases = office.to_committee(first, START)
    office.sit(cases[:3], clock.on(START + timedelta(days=20), 14))
    closed, to_sign, sent, decide = [office.fresh(case) for case in cases]
    clock.on(START + timedelta(days=21), 9)
    office.pay([closed, to_sign], clock.later(hours=1))
    office.sign([closed], clock.later(hours=4))
    office.follow_up(closed, clock.on(START + timedelta(days=50)))
    office.close(closed, clock.on(START + timedelta(days=52)))
    row = office.rows([sent])[0]
    failed = ledger.make_batch([row.pk], form_key=f"{town.root.code}:failed", by=people["cashier"], at=clock.later(minutes=5))
    ledger.mark_failed(failed.lines.get(), reason=words(town, "退回"), by=people["accountant"], at=clock.later(minutes=5))
    ledger.make_batch([row.pk], form_key=f"{town.root.code}:sent", by=people["cashier"], at=clock.later(minutes=5))
    _in_session(town, decide)
    noticed, refused, surveyed, applied = _under_way(town)
    town.cases = {
        "closed": closed, "to_sign": to_sign, "sent": sent, "decide": decide, "noticed": noticed, "refused": refused,
        "surveyed": surveyed, "applied": applied,
    }  # fmt: skip
    town.cases["list"] = process.start_list(
        town.root,
        "spring_gift",
        town.files[:4],
        period="2026",
        title=f"{town.mark}节日慰问",
        by=people["officer"],
        at=clock.later(hours=1),
    )
    earlier = process.start_list(
        town.root, "spring_gift", town.files[4:6], period="2025", title=f"{town.mark}上年慰问", by=people["officer"],
        at=clock.later(minutes=5),
    )  # fmt: skip
    earlier = process.settle_list(earlier.pk, version=earlier.version, by=people["officer"], at=clock.later(minutes=5))
    town.cases["drafted"] = office.draft_notice(earlier, clock.later(minutes=5), checker="head")
    type_everywhere(town, applied, town.cases["list"])
    town.things["batch"] = Batch.objects.filter(fund__unit=town.root).latest("pk")
    if clock.at > NOW:
        raise AssertionError(f"the town ends at {clock.at}, after NOW")


def _in_session(town: Town, case: Case) -> None:
    """On the agenda of an open session, nobody has voted yet."""
    office, clock = town.office, town.office.clock
    at = datetime(2026, 11, 17, 14, 0, tzinfo=TZ)
    session = office.convene(clock.on(date(2026, 11, 16)), held_at=at)
    case = office.fresh(case)
    process.put_on_agenda(case.pk, version=case.version, session=session, by=office.who("officer"), at=clock.later(minutes=10))
    office.open(session, clock.on(date(2026, 11, 17), 14))
    town.things["session"] = session
    town.things["motion"] = Motion.objects.get(session=session)


def _under_way(town: Town) -> tuple[Case, Case, Case, Case]:
    office, clock, people = town.office, town.office.clock, town.people
    start = date(2026, 11, 18)
    mark = town.mark
    noticed = office.apply(_matter(town, 4), clock.on(start, 15))
    refused = office.apply(_matter(town, 5), clock.later(minutes=1))
    for case in (noticed, refused):
        office.hand_in_papers(case, clock.later(minutes=1))
        case = office.accept(office.fresh(case), clock.later(minutes=1))
        case = office.survey(case, clock.later(minutes=1), countersign=False)
        case = process.countersign(case.pk, version=case.version, by=people["chair"], at=clock.later(minutes=1))
    matter = _matter(town, 4)
    noticed = office.post_notice(office.check(office.fresh(noticed), clock.later(minutes=1), matter), clock.later(minutes=1))
    notice = running_notice(noticed)
    assert notice is not None
    town.things["objection"] = disclosure.raise_objection(
        notice, text=f"{mark}有人说他家有两套房，请核实。", is_named=True, name=f"{mark}举报人", contact=f"1390000{7000 + town.place}",
        case_number=noticed.number, at=clock.later(minutes=1),
    )  # fmt: skip
    refused = office.fresh(refused)
    refused = process.refuse(
        refused.pk, version=refused.version, clause="五", missing="收入证明", whom_to_ask="帮扶办公室", reason="收入高于标准，材料不全",
        by=people["officer"], at=clock.later(minutes=1),
    )  # fmt: skip
    surveyed = office.accept(office.apply(_matter(town, 6), clock.later(minutes=1)), clock.later(minutes=1))
    surveyed = office.survey(surveyed, clock.later(minutes=1), countersign=False)
    applied = office.apply(_matter(town, 7), clock.later(minutes=1))
    town.things["paper"] = process.add_paper(
        applied.pk,
        item=office_item(applied),
        content=signature(),
        name=f"{mark}诊断书.png",
        by=people["clerk"],
        at=clock.later(minutes=1),
    )
    return noticed, refused, surveyed, applied


def office_item(case: Case) -> str:
    from bangfu.process import pack

    return pack.pack(case).evidence[0].id


def _beside(town: Town) -> None:
    """What hangs on a file or stands alone: a reveal, outside help, a discrepancy, an import, a draft, a holiday, a hold."""
    clock, people, mark = town.office.clock, town.people, town.mark
    town.things["help"] = household.note_outside_help(
        town.files[0], giver="city", giver_name=f"{mark}慈善会", amount_fen=100_000, day=START, what="慰问金", by=people["clerk"],
        at=clock.later(minutes=1),
    )  # fmt: skip
    household.reveal(town.files[0], "identity", reason="verify", by=people["officer"], at=clock.later(minutes=1))
    made = town.office.world.maker.person(youngest=30, oldest=45, on=START, name=f"阮{mark}戌")
    town.things["imported"] = made
    sheet = f"工号,姓名,身份证号,部门,手机号码,银行卡号\nZ1,{made.name},{made.identity},{town.unit.name},{made.phone},{made.card}\n"
    imports.upload(sheet.encode(), name=f"{mark}花名册.csv", by=people["clerk"], at=clock.later(minutes=1))
    town.things["import"] = ImportBatch.objects.filter(organisation=town.root).latest("pk")
    Draft.objects.create(
        account=people["WORKER"], form="apply", answers=f'{{"story": "{mark}草稿里的话"}}', saved_at=clock.at,
        expires_at=clock.at + timedelta(days=30),
    )  # fmt: skip
    town.things["holiday"] = access.set_holiday(
        town.root, day=date(2027, 1, 1), is_working=False, title="元旦", by=people["officer"], at=clock.at
    )
    town.things["hold"] = ledger.place_hold(
        f"proof:{mark}", reason="核实中", unit=town.root, by=people["auditor"], at=clock.later(minutes=1)
    )
