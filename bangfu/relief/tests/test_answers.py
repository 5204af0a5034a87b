"""本人所填 onto the file: shown beside the file, taken by the clerk's tick, each a correction with its source; else nothing."""

from __future__ import annotations

import copy

import pytest
from django.db import connection

from bangfu.audit.models import Event
from bangfu.household.flow import add_member, declare_kinship, enrol_staff
from bangfu.household.models import Change, Household
from bangfu.household.rows import MemberRow, StaffRow
from bangfu.household.tests.makers import identity
from bangfu.lib.errors import Refused
from bangfu.process.tests.makers import AT
from bangfu.relief import flow
from bangfu.relief.answers import items_of
from bangfu.relief.taking import take_answers

CARD = "6222020000000004417"
SAID = {
    "needs": {"needs": ["illness"]},
    "me": {"right": "no", "phone": "13911112222", "correction": "部门写错了，是检修班", "story": "", "wish": ""},
    "costs": {"illness": 4_200_000, "schooling": 300_000, "accident": None, "later": False},
    "money": {"programme": "temporary_living", "asked_fen": 300_000, "how": "other_card", "bank_name": "农业银行", "card": CARD},
    "consents": {"health": True, "bank": True, "notice_name": False},
}


@pytest.fixture
def applied(place, settings):
    """Zhang answered on the phone: his wife has found work, his daughter is not at home any more, his mother moved in."""
    settings.CLOCK = lambda: AT
    people = {one.relation: one for one in place.household.members.all()}
    family = [
        {"member": people["self"].pk, "relation": "self", "name": "张守诚", "income_fen": 210_000, "is_asked": True},
        {"member": people["spouse"].pk, "relation": "spouse", "name": "王桂芳", "income_fen": 80_000, "is_asked": True},
        {"member": None, "relation": "parent", "name": "陈秀兰", "income_fen": 15_000, "is_asked": True},
    ]
    return filed(place, SAID | {"family": {"people": family}})


def filed(place, said, **facts):
    given = {"household": place.household} | facts
    return flow.apply(
        programme="temporary_living", story="住院三个月，工资停发。", causes=["own_illness"], asked_fen=300_000,
        answers=copy.deepcopy(said), by=place.worker, at=AT, **given,
    )  # fmt: skip


def fresh(application):
    return type(application).objects.select_related("case__household").get(pk=application.pk)


def take(application, keys, place, **facts):
    household = Household.objects.get(pk=application.case.household_id)
    return take_answers(application, keys, **({"version": household.version, "by": place.clerk, "at": AT} | facts))


def keyed(application):
    return {item.key.partition(".")[0] + (".cost" if "cost" in item.key else ""): item for item in items_of(fresh(application))}


def key_of(application, begin):
    return next(item.key for item in items_of(fresh(application)) if item.key.startswith(begin))


def test_each_answer_stands_beside_the_files_value_sealed_ones_masked(applied, place, client):
    client.force_login(place.clerk)
    page = client.get(f"/cases/{applied.case.number}/answers/").content.decode()
    for words in (
        "139****2222",
        "138****0017",
        "农业银行",
        "王桂芳",
        "王桂芬",
        "陈秀兰",
        "每月 800.00 元",
        "没有收入",
        "42,000.00",
        "11,200.00",
    ):
        assert words in page, words
    assert "13911112222" not in page and CARD not in page and "checked" not in page
    assert "张晓雨" in page and "不在这个家了" in page and "一致" in page  # his own income is the same
    assert f"/cases/{applied.case.number}/answers/" in client.get(f"/cases/{applied.case.number}/application/").content.decode()


def test_the_fields_stand_in_four_groups_each_once(applied):
    groups = [item.group for item in items_of(fresh(applied))]
    assert list(dict.fromkeys(groups)) == ["联系和收款", "家里的人", "收入", "近 12 个月自己花的钱"]
    assert groups == sorted(groups, key=list(dict.fromkeys(groups)).index)


def test_looking_writes_nothing(applied, place, client):
    client.force_login(place.clerk)
    client.get(f"/cases/{applied.case.number}/answers/")
    household = Household.objects.get(pk=place.household.pk)
    assert not Change.objects.exists() and household.phone == "13800000017" and household.size == 3
    with pytest.raises(Refused, match="还没有选"):
        take(applied, [], place)


def test_what_is_ticked_becomes_a_correction_with_old_value_who_when_and_source(applied, place, client):
    client.force_login(place.clerk)
    url = f"/cases/{applied.case.number}/answers/"
    version = Household.objects.get(pk=place.household.pk).version
    assert client.post(url, {"version": version, "take": ["phone", "cost.illness"]}).status_code == 302
    household = Household.objects.get(pk=place.household.pk)
    assert household.phone == "13911112222" and household.card == place.household.card and household.size == 3
    rows = {row.field: row for row in Change.objects.all()}
    assert set(rows) == {"phone", "expense.illness"}
    phone = rows["phone"]
    assert (phone.old, phone.new, phone.by, phone.at) == ("13800000017", "13911112222", place.clerk, AT) and phone.is_sensitive
    assert phone.why == f"采用本人申请 {applied.case.number} 所填（2026-11-02 手机提交）"
    event = Event.objects.get(kind="relief.answers_taken")
    assert event.actor == "clerk" and "13911112222" not in event.body and '"phone"' in event.body
    assert {expense.kind: expense.amount_fen for expense in household.expenses.all()} == {"illness": 4_200_000}


def test_the_whole_family_is_taken_over_field_by_field(applied, place):
    keys = [key_of(applied, begin) for begin in ("name.", "new.", "left.", "card")]
    spouse = place.household.members.get(relation="spouse")
    take(applied, [*keys, f"income.{spouse.pk}"], place)
    household = Household.objects.get(pk=place.household.pk)
    names = set(household.members.filter(left_on=None).values_list("name", flat=True))
    assert names == {"张守诚", "王桂芳", "陈秀兰"} and household.card == CARD and household.bank_name == "农业银行"
    assert household.per_head_fen == (210_000 + 80_000 + 15_000) // 3 or household.per_head_fen == round(305_000 / 3)
    assert household.members.get(name="张晓雨").left_on.isoformat() == "2026-11-02"
    assert all(row.why.startswith("采用本人申请") for row in Change.objects.all())
    left = {item.key for item in items_of(fresh(applied)) if item.can_be_taken}
    assert left == {"phone", "cost.illness", "cost.schooling"}


def test_what_somebody_added_since_is_not_said_to_have_left(applied, place):
    add_member(
        place.household,
        MemberRow(name="张小满", relation="child", incomes={}),
        why="对照户口簿",
        by=place.clerk,
        at=AT.replace(hour=5),
    )
    gone = [item.title for item in items_of(fresh(applied)) if item.key.startswith("left.")]
    assert len(gone) == 1 and gone[0].startswith("张晓雨")


def test_incomes_and_costs_that_nobody_asked_for_are_taken_all_together(applied, place):
    Household.objects.filter(pk=place.household.pk).update(incomes_on=None, expenses_on=None)
    spouse, self_ = (place.household.members.get(relation=name) for name in ("spouse", "self"))
    with pytest.raises(Refused, match="全家一起采用，还差：张守诚、张晓雨"):
        take(applied, [f"income.{spouse.pk}"], place)
    with pytest.raises(Refused, match="还差：因学支出"):
        take(applied, ["cost.illness"], place)
    take(applied, [f"income.{spouse.pk}", f"income.{self_.pk}", key_of(applied, "left."), "cost.illness", "cost.schooling"], place)
    household = Household.objects.get(pk=place.household.pk)
    assert household.incomes_on.isoformat() == household.expenses_on.isoformat() == "2026-11-02"


def test_an_income_of_several_kinds_is_not_guessed(applied, place):
    spouse = place.household.members.get(relation="spouse")
    spouse.incomes.create(kind="wage", monthly_fen=30_000)
    spouse.incomes.create(kind="transfer", monthly_fen=20_000)
    item = next(item for item in items_of(fresh(applied)) if item.key == f"income.{spouse.pk}")
    assert "分 2 类" in item.closed and item.section == "incomes"
    with pytest.raises(Refused, match="还没有选"):
        take(applied, [item.key], place)


def test_a_refused_card_is_not_offered(place, settings):
    settings.CLOCK = lambda: AT
    made = filed(place, SAID | {"consents": {"health": True, "bank": False}, "family": {"people": []}})
    assert "card" not in keyed(made)


def test_an_old_page_kin_and_others_take_nothing(applied, place, client):
    with pytest.raises(Refused, match="已不是最新"):
        take(applied, ["phone"], place, version=99)
    url = f"/cases/{applied.case.number}/answers/"
    for who, status in ((place.cashier, 403), (place.auditor, 403), (place.worker, 403), (place.other_clerk, 404)):
        client.force_login(who)
        assert client.get(url).status_code == status and client.post(url, {"take": "phone"}).status_code == status
    declare_kinship(place.household, place.clerk, "表亲", by=place.clerk, at=AT)
    client.force_login(place.clerk)
    assert client.post(url, {"take": "phone"}).status_code == 404
    with pytest.raises(Refused, match="回避"):
        take(applied, ["phone"], place)
    assert not Change.objects.exists()


def test_a_clue_is_filed_first(place, client, settings):
    settings.CLOCK = lambda: AT
    staff = enrol_staff(
        StaffRow(unit=place.unit, worker_no="KY88", name="李秀英", identity=identity(88), phone="13800000088"), by=None, at=AT
    )
    family = {"people": [{"member": None, "relation": "self", "name": "李秀英", "income_fen": 200_000, "is_asked": True}]}
    made = flow.apply(
        programme="temporary_living", story="住院三个月，工资停发。", causes=["own_illness"], asked_fen=300_000, staff=staff,
        answers=SAID | {"family": family}, by=place.clerk, at=AT,
    )  # fmt: skip
    client.force_login(place.clerk)
    page = client.get(f"/cases/{made.case.number}/answers/").content.decode()
    assert "先建档" in page and 'name="take"' not in page
    with pytest.raises(Refused, match="还是线索"):
        take(made, ["phone"], place)


def test_what_she_answered_stays_sealed_at_rest(applied):
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM relief_application")
        raw = bytes(cursor.fetchone()[0])
    assert CARD.encode() not in raw and b"13911112222" not in raw and "陈秀兰".encode() not in raw


def test_an_application_filed_by_the_clerk_has_nothing_to_compare(place, client, settings):
    settings.CLOCK = lambda: AT
    made = flow.apply(
        programme="temporary_living", story="住院三个月，工资停发。", causes=["own_illness"], household=place.household,
        by=place.clerk, at=AT,
    )  # fmt: skip
    client.force_login(place.clerk)
    assert "没有可以对照的内容" in client.get(f"/cases/{made.case.number}/answers/").content.decode()
