"""Find a household and file it: one household, one file."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from bangfu.audit.models import Event
from bangfu.household import flow
from bangfu.household.models import Discrepancy, Household, Member
from bangfu.household.rows import FileRow, MemberRow, StaffRow
from bangfu.household.tests import makers
from bangfu.household.tests.makers import AT
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db


def test_a_clue_becomes_a_file_under_the_same_number(cast):
    clue = flow.add_clue(unit=cast.unit, head_name="张守诚", note="班组长反映", by=cast.zhao, at=AT)
    assert (clue.state, clue.number) == ("clue", "KY2026-0001")
    filed = flow.file_household(
        FileRow(unit=cast.unit, head_name="张守诚", identity=makers.identity(17), main_cause="own_illness"),
        clue=clue, version=clue.version, by=cast.zhao, at=AT + timedelta(days=1),
    )  # fmt: skip
    assert (filed.pk, filed.number, filed.state) == (clue.pk, "KY2026-0001", "filed")
    assert [(row.old, row.new) for row in filed.state_changes.order_by("pk")] == [("", "clue"), ("clue", "filed")]
    assert filed.members.count() == 1
    kinds = Event.objects.filter(subject=f"household.household:{filed.pk}").values_list("kind", flat=True)
    assert list(kinds) == ["household.clue_added", "household.household_filed"]


def test_a_file_keeps_members_incomes_expenses_and_causes(file):
    assert file.size == 3 and file.per_head_fen == 106_667
    assert [member.relation for member in file.members.all()] == ["self", "spouse", "child"]
    assert file.expenses.get(kind="illness").amount_fen == 4_200_000
    assert file.national_cause == "6" and file.causes.get().national == "9"
    assert not file.discrepancies.exists()


def test_one_head_has_one_open_file(cast, file):
    with pytest.raises(Refused, match=f"已有档案 {file.number}"):
        makers.file(cast)


@pytest.mark.both
def test_the_database_itself_refuses_a_second_open_file(cast, file):
    with pytest.raises(IntegrityError), transaction.atomic():
        Household.objects.create(
            organisation=cast.organisation, unit=cast.unit, number="KY2026-9999", state="filed", state_on=file.state_on,
            opened_on=file.opened_on, head_name="张守诚", identity=file.identity, main_cause="other",
        )  # fmt: skip


def test_a_member_of_an_open_file_does_not_head_another(cast, file):
    with pytest.raises(Refused, match="家庭成员"):
        makers.file(cast, 26, identity=makers.identity(26, "19800203"), head_name="王桂芬")


def test_the_same_person_may_have_a_file_in_another_organisation(cast, file):
    other = flow.file_household(
        FileRow(unit=cast.elsewhere, head_name="张守诚", identity=file.identity, main_cause="other"), by=cast.stranger, at=AT
    )
    assert other.number == "XA2026-0001"


def test_wrong_role_and_other_unit_cannot_file(cast):
    row = FileRow(unit=cast.unit, head_name="张守诚", identity=makers.identity(17), main_cause="other")
    for account in (cast.wang, cast.stranger, cast.worker, cast.auditor):
        with pytest.raises(PermissionDenied):
            flow.file_household(row, by=account, at=AT)
    assert not Household.objects.exists()


def test_a_wrong_number_and_too_many_causes_are_refused(cast):
    with pytest.raises(Refused, match="证件号码不对"):
        makers.file(cast, identity="530000197803120018")
    with pytest.raises(Refused, match="超过三项"):
        makers.file(cast, secondary_causes=("schooling", "theft", "death", "other"))


def test_a_stated_total_unlike_its_parts_is_held(cast):
    filed = makers.file(cast, stated_annual_fen=372_000_000_00, stated_size=4)
    held = {row.matter: (row.stated, row.computed) for row in Discrepancy.objects.filter(household=filed)}
    assert held == {"annual_income": (37_200_000_000, 3_840_000), "size": (4, 3)}


def test_a_roster_row_alone_is_not_held_while_members_are_not_listed(cast):
    filed = makers.file(
        cast, head=MemberRow(name="张守诚", incomes={"wage": 340_000}), members=(), stated_size=5, stated_annual_fen=4_080_000,
    )  # fmt: skip
    assert not filed.discrepancies.exists() and filed.size == 5 and filed.per_head_fen == 68_000


def test_what_is_sealed_does_not_stand_in_the_database(cast, file):
    with connection.cursor() as cursor:
        for table in ("household_household", "household_member", "household_staff"):
            cursor.execute(f"SELECT * FROM {table}")
            raw = b"|".join(
                bytes(v) if isinstance(v, (bytes, memoryview)) else str(v).encode() for row in cursor.fetchall() for v in row
            )
            for canary in (file.identity, file.card, file.phone, "尿毒症", makers.identity(26, "19800203"), "501"):
                assert canary.encode() not in raw, (table, canary)


def test_the_record_holds_no_number_and_erasing_the_key_erases_the_digest(file):
    bodies = "".join(Event.objects.values_list("body", flat=True))
    assert file.identity not in bodies and file.phone not in bodies and "张守诚" not in bodies
    assert file.digest_of(file.identity) in bodies


def test_a_roster_goes_in_as_one_batch_with_one_event(cast, django_assert_max_num_queries):
    rows = [
        StaffRow(unit=cast.unit, worker_no=f"KY{n}", name="孙秋菊", identity=makers.identity(n % 1000, f"19{60 + n // 1000}0101"))
        for n in range(1000)
    ]
    with django_assert_max_num_queries(60):
        made = flow.enrol_staff_many(rows, organisation=cast.organisation, by=cast.li, at=AT)
    assert len({row.pk for row in made}) == 1000 and made[0].pinyin == "sun qiu ju"
    assert Event.objects.filter(kind="household.roster_enrolled").count() == 1
    with pytest.raises(Refused, match="已在花名册里"):
        flow.enrol_staff_many(rows[:1], organisation=cast.organisation, by=cast.li, at=AT)
    with pytest.raises(Refused, match="工号是 KY0"):
        flow.enrol_staff(StaffRow(unit=cast.unit, worker_no="X1", name="孙秋菊", identity=rows[0].identity), by=cast.zhao, at=AT)


def test_many_files_get_numbers_without_gaps_and_one_event_each(cast, django_assert_max_num_queries):
    with django_assert_max_num_queries(110):
        filed = makers.many(cast, 600)
    assert [row.number for row in filed[:2]] == ["KY2026-0001", "KY2026-0002"] and filed[-1].number == "KY2026-0600"
    assert Event.objects.filter(kind="household.household_filed").count() == 600
    assert Member.objects.filter(relation="self").count() == 600
    assert makers.file(cast).number == "KY2026-0601"


def test_half_a_batch_leaves_nothing(cast):
    good = FileRow(unit=cast.unit, head_name="张守诚", identity=makers.identity(17), main_cause="other")
    bad = FileRow(unit=cast.unit, head_name="李四", identity=makers.identity(19), main_cause="")
    with pytest.raises(Refused):
        flow.file_households_many([good, bad], by=cast.li, at=AT)
    assert not Household.objects.exists() and not Event.objects.filter(kind="household.household_filed").exists()
