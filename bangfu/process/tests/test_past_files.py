"""A snapshot of a past day holds the files as they were on it: corrections, states, grades and transfers since are taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bangfu.household import flow
from bangfu.household.models import Household
from bangfu.household.rows import MemberRow
from bangfu.lib.days import today
from bangfu.process.facts import facts_of_households
from bangfu.process.snapshot import latest, rows_of, take
from bangfu.process.tests.makers import AT, household, identity, world

DAY = today(AT)
LATER = AT + timedelta(days=10)


@pytest.fixture
def file(db, settings, tmp_path):
    settings.VAR = tmp_path
    who = world()
    file = who.household
    file.world = who
    return file


def fresh() -> list[Household]:
    return list(Household.objects.select_related("staff").order_by("pk"))


def then(day=DAY) -> list[dict]:
    return [{name: value for name, value in row.items() if name != "key"} for row in rows_of(fresh(), day, is_past=True)]


def test_whatever_was_changed_since_is_taken_back(file):
    before = facts_of_households(fresh(), DAY)
    who, why = file.world, "入户核对"
    head, spouse, child = file.members.order_by("pk")
    flow.set_incomes(file, {head.pk: {"wage": 400_000}, spouse.pk: {"other": 50_000}}, as_of=DAY, why=why, by=who.officer, at=LATER)
    flow.set_expenses(file, {"illness": 10_000, "schooling": 700_000}, as_of=DAY, why=why, by=who.officer, at=LATER)
    flow.correct_many(
        file, {"has_dibao": True, "tie": "former", "stated_size": 3, "area_code": "530100"}, why=why, by=who.officer, at=LATER
    )
    flow.correct_many(spouse, {"is_employed": True, "health": "chronic"}, why=why, by=who.officer, at=LATER)
    flow.correct(spouse, "health", "serious", why=why, by=who.officer, at=LATER + timedelta(days=1))
    flow.set_causes(file, main="schooling", secondary=(), why=why, by=who.officer, at=LATER)
    flow.add_member(
        file, MemberRow(name="张老太", relation="parent", identity=identity(90, "19500101"), incomes={"transfer": 10_000}),
        why=why, by=who.officer, at=LATER,
    )  # fmt: skip
    flow.member_left(child, day=today(LATER), why="外出定居了", by=who.officer, at=LATER)
    flow.set_grade(file, "long_term", why=why, by=who.officer, at=LATER)
    flow.note_outside_help(file, giver="province", amount_fen=400_000, day=DAY, what="省总", by=who.officer, at=LATER)
    flow.lift(file, why="近 6 个月收入高于低保线", by=who.officer, at=LATER)
    assert facts_of_households(fresh(), DAY) != before
    assert then() == before


def test_who_was_not_on_file_yet_is_not_in_it(file):
    household(file.world.other_unit, serial=44, name="李小二", opened_on=DAY - timedelta(days=40))
    assert len(then()) == 2 and len(then(DAY - timedelta(days=10))) == 1 and then(DAY - timedelta(days=50)) == []


def test_a_file_handed_over_since_stands_where_it_was(file):
    before = facts_of_households(fresh(), DAY)
    transfer = flow.ask_transfer(file, file.world.other_unit, why="调到物资部", by=file.world.chair, at=LATER)
    flow.accept_transfer(transfer, by=file.world.other_clerk, at=LATER)
    assert facts_of_households(fresh(), DAY)[0]["unit_path"] != before[0]["unit_path"]
    assert then() == before


def test_a_consent_withdrawn_since_counts_for_every_day(file):
    def healths():
        return [member.get("health") for row in then() for member in row["members"]]

    assert "serious" in healths()
    flow.give_consent(file, "health", given=True, wording="用健康信息评审", by=file.world.worker, at=AT)
    flow.withdraw_consent(file, "health", by=file.world.worker, at=LATER)
    assert set(healths()) == {None}


def test_a_review_since_does_not_count(file):
    before = facts_of_households(fresh(), DAY)
    flow.review(file, by=file.world.officer, at=LATER)
    assert then() == before


def test_a_snapshot_of_a_past_day_is_not_the_latest(file):
    root = file.world.organisation
    of_today = take(root, on=DAY, at=AT)
    past = take(root, on=DAY - timedelta(days=4000), at=AT)  # before anybody was on file
    assert past.households == 0 and past.sha256 != of_today.sha256
    assert latest(root).day == DAY
