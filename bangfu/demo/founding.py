"""开远 before the sourced years: organisation, people, rules, funds, roster and the 72 files at the end of 2016 (S1-8)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.conf import settings

from bangfu.access import flow as access
from bangfu.access.models import Account, Unit
from bangfu.demo.cast import DEMO_PASSWORD, DEPARTMENTS, ORGANISATION, PEOPLE
from bangfu.demo.clock import Clock
from bangfu.demo.people import Made, Maker
from bangfu.governance import flow as governance
from bangfu.governance.models import Committee
from bangfu.household import flow as household
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import AssetKind, ExpenseKind, Health, IncomeKind, Relation, SchoolStage
from bangfu.household.rows import AssetRow, FileRow, MemberRow, StaffRow
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Fund
from bangfu.policy import flow as policy
from bangfu.policy.reading import read_files, to_zip

PACK = Path(settings.BASE_DIR) / "policies" / "kaiyuan-2016"
FILES_2016 = 72
STAFF = 200


@dataclass
class World:
    """What the later chapters of the demo stand on."""

    clock: Clock
    maker: Maker
    root: Unit
    units: list[Unit]
    people: dict[str, Account]
    committee: Committee
    relief: Fund
    gift: Fund
    staff: list[Staff] = field(default_factory=list)
    files: list[Household] = field(default_factory=list)


def found(clock: Clock) -> World:
    """Build the organisation on the days it would have been built."""
    at = clock.on(date(2014, 1, 2))
    code, name, prefix, phone = ORGANISATION
    root = access.add_unit(
        code=code, name=name, parent=None, kind=Unit.Kind.ORGANISATION, phone=phone, prefix=prefix, is_demo=True, by=None, at=at
    )
    units = [access.add_unit(code=code, name=name, parent=root, by=None, at=at) for code, name in DEPARTMENTS]
    by_code = {unit.code: unit for unit in units}
    people = {}
    for person in PEOPLE:
        account = access.add_account(username=person.username, name=person.name, password=None, by=None, at=at)
        for role in person.roles:
            unit = by_code[person.unit] if person.unit else root
            access.appoint(account, role, unit, from_date=date(2014, 1, 1), by=None, at=at)
        people[person.username] = account
    _give_passwords(people)
    committee = governance.form_committee(
        root, name="帮扶救助管理委员会", quorum_permille=500, majority_permille=500, by=None, at=at
    )
    for username in ("committee", "member1", "member2", "member3", "member4"):
        governance.seat_member(
            committee, people[username], from_date=date(2014, 1, 1), is_chair=username == "committee", by=None, at=at
        )
    at = clock.on(date(2014, 3, 3))
    relief = ledger.open_fund(
        root, code="relief", name="困难职工帮扶基金", subject_code="5101", subject_name="困难职工帮扶基金",
        by=people["accountant"], at=at,
    )  # fmt: skip
    gift = ledger.open_fund(
        root, code="gift", name="节日慰问资金", subject_code="5102", subject_name="节日慰问", by=people["accountant"], at=at
    )
    at = clock.on(date(2016, 1, 4))
    policy.adopt(to_zip(read_files(PACK).files), unit=root, valid_from=date(2016, 1, 1), by=None, at=at)
    return World(clock, Maker(2016), root, units, people, committee, relief, gift)


def _give_passwords(people: dict[str, Account]) -> None:
    """One hash for all demo accounts: twenty slow hashes would cost two seconds of the start."""
    first = next(iter(people.values()))
    first.set_password(DEMO_PASSWORD)
    Account.objects.filter(pk__in=[account.pk for account in people.values()]).update(password=first.password)


def enrol(world: World) -> None:
    """The roster: 200 workers over the nine departments; the first two have accounts."""
    maker, on = world.maker, date(2016, 1, 4)
    owners = {("ky-shebei", "张守诚", "worker"), ("ky-peidian", "杨桂芳", "worker2")}
    rows = []
    for unit_code, name, username in sorted(owners, key=lambda owner: owner[2]):
        unit = next(unit for unit in world.units if unit.code == unit_code)
        made = maker.person(youngest=36, oldest=38, on=on, name=name, is_male=name == "张守诚")
        rows.append(_staff_row(made, unit, len(rows), maker, account=world.people[username]))
    while len(rows) < STAFF:
        made = maker.person(youngest=24, oldest=52, on=on)
        rows.append(_staff_row(made, world.units[len(rows) % len(world.units)], len(rows), maker))
    world.staff = household.enrol_staff_many(
        rows, organisation=world.root, origin="demo:roster", by=world.people["clerk"], at=world.clock.on(on, 10)
    )


def _staff_row(made: Made, unit: Unit, place: int, maker: Maker, *, account: Account | None = None) -> StaffRow:
    return StaffRow(
        unit=unit,
        worker_no=f"KY{place + 1:04d}",
        name=made.name,
        identity=made.identity,
        phone=made.phone,
        bank_name="工商银行开远支行",
        card=made.card,
        post=maker.choice(["检修工", "值班员", "焊工", "库管员", "收费员", "驾驶员"]),
        identity_kind=maker.choice(["state", "state", "collective", "agency"]),
        account=account,
    )


#: main cause -> (how many of the 72, grade); enough of each for the aid of 2017 that the source counts.
MIX = [
    ("own_illness", 14, "long_term"),
    ("family_illness", 14, "especially"),
    ("schooling", 12, "long_term"),
    ("low_income", 8, "temporary"),
    ("disability", 8, "long_term"),
    ("elder_support", 6, "temporary"),
    ("accident", 6, "temporary"),
    ("unemployment", 4, "temporary"),
]


def file_all(world: World) -> None:
    """72 households are on file when the first gifts are given (S1-8: 72 at the end of 2016)."""
    causes = [(cause, grade) for cause, count, grade in MIX for _each in range(count)]
    assert len(causes) == FILES_2016
    rows = [file_row(world, world.staff[place * 2], cause, grade, place) for place, (cause, grade) in enumerate(causes)]
    world.files = household.file_households_many(rows, by=world.people["clerk"], at=world.clock.on(date(2016, 1, 6), 15))


def file_row(world: World, staff: Staff, cause: str, grade: str, place: int, *, opened_on: date = date(2016, 1, 4)) -> FileRow:
    """One poor family: a worker's wage, a spouse with little, and what the cause costs."""
    maker, rng, on = world.maker, world.maker.random, date(2016, 1, 4)
    size = 2 + place % 4
    head_illness = cause in ("own_illness", "disability")
    health = {"own_illness": Health.SERIOUS, "disability": Health.DISABLED}.get(cause, Health.NONE)
    head = MemberRow(
        name=staff.name, health=health, diagnosis="慢性肾病（示范）" if cause == "own_illness" else "",
        is_employed=True, has_medical_insurance=True, incomes={IncomeKind.WAGE: rng.randrange(900, 1300) * 100},
    )  # fmt: skip
    spouse = maker.person(youngest=30, oldest=50, on=on, is_male=staff.sex != "1")
    members = [
        MemberRow(
            name=spouse.name, relation=Relation.SPOUSE, identity=spouse.identity,
            health=Health.SERIOUS if cause == "family_illness" else Health.NONE,
            diagnosis="恶性肿瘤（示范）" if cause == "family_illness" else "",
            is_employed=False, incomes={IncomeKind.OTHER: rng.randrange(0, 5) * 100_00},
        )
    ]  # fmt: skip
    if size > 2:
        student = cause == "schooling" or place % 3 == 0
        child = maker.person(youngest=16 if student else 6, oldest=20 if student else 12, on=on, surname=staff.name[0])
        members.append(
            MemberRow(
                name=child.name, relation=Relation.CHILD, identity=child.identity,
                school_stage=SchoolStage.UNIVERSITY if student else SchoolStage.COMPULSORY, incomes={},
            )
        )  # fmt: skip
    while len(members) < size - 1:
        elder = maker.person(youngest=62, oldest=76, on=on)
        members.append(
            MemberRow(
                name=elder.name, relation=Relation.PARENT, identity=elder.identity, health=Health.CHRONIC,
                incomes={IncomeKind.TRANSFER: 10_000},
            )
        )  # fmt: skip
    expenses = {
        ExpenseKind.ILLNESS: rng.randrange(9_000, 30_000) * 100 if cause in ("own_illness", "family_illness") else 80_000,
        ExpenseKind.SCHOOLING: 1_200_000 if cause == "schooling" else 0,
        ExpenseKind.DISABILITY: 300_000 if head_illness and cause == "disability" else 0,
        ExpenseKind.OTHER: 600_000 if cause == "accident" else 0,
    }
    return FileRow(
        unit=staff.unit,
        staff=staff,
        main_cause=cause,
        secondary_causes=("schooling",) if cause == "family_illness" and size > 2 and place % 3 == 0 else (),
        head=head,
        members=tuple(members),
        expenses=expenses,
        assets=(AssetRow(kind=AssetKind.HOME, house_type="6", area_m2=50 + place % 30),),
        grade=grade,
        grade_basis="S1-2",
        area_code="532500",
        is_urban=True,
        has_dibao=False,
        is_union_member=True,
        opened_on=opened_on,
        facts={"refuses_check": False, "has_hidden_income": False},
    )
