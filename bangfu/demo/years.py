"""开远 in the years the source counts: gifts 2016-2018, the aid of January-August 2017, 15 out and 3 in (S1-1 … S1-12)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from bangfu.demo.casework import Matter, Office
from bangfu.demo.founding import World, file_row
from bangfu.household import flow as household
from bangfu.household.models import Household
from bangfu.household.models.words import IncomeKind, Relation, State
from bangfu.ledger import flow as ledger

YUAN = 100


def receive(world: World, day: date, fund, yuan: int, source: str, summary: str) -> None:
    ledger.receive(
        fund, amount_fen=yuan * YUAN, source=source, day=day, summary=summary,
        form_key=f"demo:income:{fund.code}:{day}:{source}", by=world.people["accountant"], at=world.clock.on(day, 10),
    )  # fmt: skip


def on_file(world: World) -> list[Household]:
    return list(
        Household.objects.filter(organisation=world.root, state=State.FILED).select_related("unit", "staff__account").order_by("pk")
    )


def year_2016(world: World, office: Office) -> None:
    receive(world, date(2016, 1, 7), world.gift, 75_000, "4", "2016 年节日慰问预算")
    receive(world, date(2016, 1, 7), world.relief, 60_000, "5", "2016 年帮扶预算")
    office.give(on_file(world), period="2016", title="2016 年春节慰问", start=date(2016, 1, 11))


def matters_2017(files: list[Household]) -> list[tuple[date, list[Matter]]]:
    """19 person-times, 39,000 yuan: living 3 x 3,000; illness 4 x 1,500 + 3,000; schooling 2 x 3,000; long-term 6 x 1,000;
    temporary medical 3 x 3,000. Source: sources.md "Demo figures".
    """
    by_cause: dict[str, list[Household]] = {}
    for file in files:
        by_cause.setdefault(file.main_cause, []).append(file)

    def take(cause: str) -> Household:
        return by_cause[cause].pop(0)

    def matter(file: Household, programme: str, yuan: int, story: str) -> Matter:
        return Matter(file, programme, story, "希望先把药费和学费接上", (file.main_cause,), yuan * YUAN, yuan * YUAN)

    living = [matter(take("accident"), "temporary_living", 3000, "家里出了事故，修房和看护花了不少钱。") for _n in range(3)]
    illness = [
        matter(take("own_illness"), "illness", yuan, "长期吃药透析，自付的药费压得喘不过气。")
        for yuan in (1500, 1500, 1500, 1500, 3000)
    ]
    school = [matter(take("schooling"), "schooling", 3000, "孩子考上大学，学费和生活费还差一截。") for _n in range(2)]
    long_term = [matter(take("disability"), "long_term", 1000, "残疾干不了重活，年年都紧。") for _n in range(6)]
    medical = [matter(take("family_illness"), "temporary_medical", 3000, "爱人住院，报销以后还要自付。") for _n in range(3)]
    return [
        (date(2017, 2, 20), long_term),
        (date(2017, 4, 10), illness + medical),
        (date(2017, 6, 12), living + school),
    ]


def year_2017(world: World, office: Office) -> None:
    receive(world, date(2017, 1, 3), world.gift, 110_000, "4", "2017 年节日慰问预算")
    receive(world, date(2017, 1, 3), world.relief, 45_000, "5", "2017 年帮扶预算（按上年实际）")
    files = on_file(world)
    office.give(files, period="2017", title="2017 年春节慰问", start=date(2017, 1, 4))
    batches = matters_2017(on_file(world))
    for start, matters in batches:
        cases = office.to_committee(matters, start)
        office.finish(cases, world.clock.on((world.clock.at + timedelta(days=2)).date(), 14))
    review_all(world, date(2017, 8, 28))
    golden = next(file for file in on_file(world) if file.main_cause == "schooling")
    household.note_outside_help(
        golden, giver="province", amount_fen=4000 * YUAN, day=date(2017, 8, 30), what="省总工会金秋助学", by=world.people["officer"],
        at=world.clock.on(date(2017, 8, 30), 16),
    )  # fmt: skip
    leave_and_enter(world)


def review_all(world: World, day: date) -> None:
    """The yearly review: somebody goes through every file, at home or at the post (S1-5)."""
    at = world.clock.on(day, 9)
    for file in on_file(world):
        household.review(file, by=world.people["clerk"], at=at)


def leave_and_enter(world: World) -> None:
    """72 - 15 + 3 = 60 (S1-8)."""
    files = on_file(world)
    leaving = [file for file in files if file.main_cause in ("low_income", "unemployment", "elder_support")][:15]
    at = world.clock.on(date(2017, 11, 6), 10)
    for place, file in enumerate(leaving):
        if place < 12:
            better_off(world, file, at=at, falls_back=place == 0)
            household.lift(file, why="配偶就业，近 6 个月人均收入高于低保线，致困原因消除", by=world.people["officer"], at=at)
        else:
            household.strike_off(file, "5", why="调离本单位", by=world.people["officer"], at=at)
    taken = {file.staff_id for file in Household.objects.filter(organisation=world.root)}
    free = [staff for staff in world.staff if staff.pk not in taken][5:8]
    at = world.clock.on(date(2017, 11, 20), 10)
    for place, (staff, cause) in enumerate(zip(free, ("own_illness", "accident", "schooling"), strict=True)):
        grade = "temporary" if cause == "accident" else "long_term"
        household.file_household(
            file_row(world, staff, cause, grade, 200 + place, opened_on=date(2017, 11, 20)), by=world.people["clerk"], at=at
        )


#: What a head has a month once the hardship is over: above the line of today, or only above that of the day.
WELL_FEN, JUST_FEN = 145_000, 100_000


def better_off(world: World, file: Household, *, at: datetime, falls_back: bool = False) -> None:
    """What the last visit before a household is lifted finds: somebody has work again, and what the cause cost is paid.

    `falls_back`: only just above the line of that day; the line has risen since, so that the finders name it (返困).
    """
    clerk, day, why = world.people["clerk"], at.date(), "脱困核查：配偶或子女就业（示范）"
    people = list(file.members.filter(left_on=None).prefetch_related("incomes").order_by("pk"))
    incomes = {one.pk: {income.kind: income.monthly_fen for income in one.incomes.all()} for one in people}
    earner = next(one for one in people if one.relation == Relation.SPOUSE)
    others = sum(fen for pk, kinds in incomes.items() if pk != earner.pk for fen in kinds.values())
    incomes[earner.pk] = {IncomeKind.WAGE: (JUST_FEN if falls_back else WELL_FEN) * file.size - others}
    household.correct(earner, "is_employed", True, why=why, by=clerk, at=at)
    household.set_incomes(file, incomes, as_of=day, why=why, by=clerk, at=at)
    if file.main_cause == "accident":  # dealt with; what is left of it is the low income of those years
        household.set_causes(file, main="low_income", secondary=(), why="事故已处理完（示范）", by=clerk, at=at)


def year_2018(world: World, office: Office) -> None:
    receive(world, date(2018, 1, 4), world.gift, 125_000, "4", "2018 年节日慰问预算")
    receive(world, date(2018, 1, 4), world.relief, 45_000, "5", "2018 年帮扶预算（按上年实际）")
    office.give(on_file(world), period="2018", title="2018 年春节慰问", start=date(2018, 1, 15))
