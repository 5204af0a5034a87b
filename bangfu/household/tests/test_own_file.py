"""Nobody keeps the file of her own household or of her kin: what stands in it decides what is paid."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from bangfu.household import flow
from bangfu.household.models import Change, Consent, GradeChange, OutsideHelp, Reveal
from bangfu.household.rows import StaffRow
from bangfu.lib.errors import Refused
from bangfu.process import flow as process
from bangfu.process.models import Case
from bangfu.process.tests.makers import another, world

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def place():
    return world()


def acts(place, by):
    """What somebody would do to a file to get more, or to know more."""
    file = place.household
    return [
        lambda: flow.correct(file, "stated_size", 6, why="对照户口簿更正", version=None, by=by, at=AT),
        lambda: flow.review(file, by=by, at=AT),
        lambda: flow.lift(file, why="收入已经稳定", by=by, at=AT),
        lambda: flow.strike_off(file, "2", why="退档", by=by, at=AT),
        lambda: flow.set_grade(file, "long_term", why="情况变化", version=None, by=by, at=AT),
        lambda: flow.check_clear(file, "family", "一家三口", by=by, at=AT),
        lambda: flow.note_outside_help(file, giver="city", amount_fen=100, day=AT.date(), what="慰问", by=by, at=AT),
        lambda: flow.give_consent(file, "notice_name", given=True, wording="同意", by_worker=False, by=by, at=AT),
        lambda: flow.reveal(file, "identity", reason="verify", by=by, at=AT),
    ]


@pytest.mark.parametrize("how", ["declared", "member"])
def test_kin_and_people_of_the_household_change_and_reveal_nothing(place, how):
    keeper = another(place, "keeper", "OFFICE_HEAD")
    if how == "declared":
        flow.declare_kinship(place.household, keeper, "表亲", by=keeper, at=AT)
    else:
        spouse = place.household.members.get(relation="spouse")
        row = StaffRow(unit=place.unit, worker_no="KY98", name=spouse.name, identity=spouse.identity, account=keeper)
        flow.enrol_staff(row, by=None, at=AT)
    tables = (Change, Consent, GradeChange, OutsideHelp, Reveal)
    before = [table.objects.count() for table in tables]
    for act in acts(place, keeper):
        with pytest.raises(Refused, match="回避"):
            act()
    assert [table.objects.count() for table in tables] == before


def test_kin_files_no_application_and_opens_no_list(place):
    keeper = another(place, "filer", "OFFICE_HEAD")
    flow.declare_kinship(place.household, keeper, "表亲", by=keeper, at=AT)
    with pytest.raises(Refused, match="回避"):
        process.start(place.household, "temporary_living", asked_fen=100_000, by=keeper, at=AT)
    with pytest.raises(Refused, match="要由别人来开"):
        process.start_list(place.organisation, "spring_gift", [place.household], period="2026", by=keeper, at=AT)
    assert not Case.objects.exists()


def test_the_same_help_noted_twice_is_one_and_another_is_another(place):
    noted = [
        flow.note_outside_help(place.household, giver="city", amount_fen=100, day=AT.date(), what=what, by=place.clerk, at=AT)
        for what in ("慰问", "慰问 ", "助学")
    ]
    assert len({one.pk for one in noted}) == 2
    flow.void_outside_help(noted[0], why="记错了", by=place.clerk, at=AT)
    again = flow.note_outside_help(place.household, giver="city", amount_fen=100, day=AT.date(), what="慰问", by=place.clerk, at=AT)
    assert again.pk != noted[0].pk


def test_the_same_answer_twice_is_one_consent(place):
    one, two = (
        flow.give_consent(place.household, "notice_name", given=True, wording="同意公示", by_worker=False, by=place.clerk, at=AT)
        for _time in range(2)
    )
    assert one.pk == two.pk
