"""Corrections, states, grades, consents, discrepancies: works, wrong stage, wrong role, stale, old value kept."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import IntegrityError, transaction
from django.db.utils import DatabaseError
from django.urls import reverse

from bangfu.audit.models import Event
from bangfu.audit.verify import verify
from bangfu.household import flow, grades, reactions
from bangfu.household.grades import Grade
from bangfu.household.models import Change, Consent, Discrepancy, Household, Income, Member, OutsideHelp, Reveal
from bangfu.household.queries import consents_of, facts_of, facts_of_many, file_of_account, kin_of, payee_of, timeline_of
from bangfu.household.rows import AssetRow, MemberRow
from bangfu.household.tests import makers
from bangfu.household.tests.makers import AT
from bangfu.lib.errors import Refused, Stale

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def class_set(monkeypatch):
    monkeypatch.setattr(grades, "sources", [lambda unit, on: [Grade("hard", "特别困难"), Grade("long", "长期困难")]])


def last(kind: str) -> Event:
    return Event.objects.filter(kind=kind).latest("seq")


def post(client, account, file, section, **data):
    client.force_login(account)
    file.refresh_from_db()
    return client.post(reverse("household-section", args=[file.number, section]), {"version": file.version, **data})


def test_a_correction_keeps_the_old_value_who_when_and_why(client, cast, file):
    post(client, cast.zhao, file, "causes", main_cause="own_illness", secondary=["schooling", "elder_support"], why="入户核实")
    file.refresh_from_db()
    assert file.main_cause == "own_illness" and [cause.code for cause in file.causes.all()] == ["schooling", "elder_support"]
    change = file.changes.get(field="main_cause")
    assert (change.old, change.new, change.why, change.by) == ("家属大病", "本人大病", "入户核实", cast.zhao)
    assert "本人大病" not in last("household.file_corrected").body
    assert file.digest_of("本人大病") in last("household.file_corrected").body


def test_without_a_reason_nothing_changes_and_what_was_typed_stays(client, cast, file):
    answer = post(client, cast.zhao, file, "causes", main_cause="own_illness", cause_note="新的说明", why="")
    assert answer.status_code == 422 and "没有写更正的原因" in answer.content.decode() and "新的说明" in answer.content.decode()
    file.refresh_from_db()
    assert file.main_cause == "family_illness"


def test_a_stale_version_is_refused_with_who_and_when(client, cast, file):
    flow.correct(file, "cause_note", "甲", why="补充", by=cast.li, at=AT)
    with pytest.raises(Stale, match="李静宜在 10:00 刚改过"):
        flow.correct(file, "cause_note", "乙", why="补充", version=1, by=cast.zhao, at=AT)
    client.force_login(cast.zhao)
    data = {"version": 1, "main_cause": "theft", "why": "试一试"}
    body = client.post(reverse("household-section", args=[file.number, "causes"]), data).content.decode()
    assert "刚改过这份档案" in body and Event.objects.filter(kind="access.action_refused").exists()
    file.refresh_from_db()
    assert file.main_cause == "family_illness"


def test_sensitive_corrections_are_sealed_and_shown_as_stars(client, cast, file):
    old = file.phone
    data = {"head_name": "张守诚", "tie": "staff", "level": "E", "phone": "13911112222", "why": "本人换号"}
    assert post(client, cast.zhao, file, "basic", **data).status_code == 302
    change = file.changes.get(field="phone")
    assert change.is_sensitive and (change.old, change.new) == (old, "13911112222")
    body = client.get(reverse("household", args=[file.number]) + "?tab=change").content.decode()
    assert old not in body and "13911112222" not in body and "手机号码" in body
    file.refresh_from_db()
    assert file.phone == "13911112222" and file.card and file.address, "empty masked fields stay as they are"


def test_correcting_the_head_corrects_her_member_row(cast, file):
    flow.correct(file, "head_name", "张守成", why="写错字", by=cast.zhao, at=AT)
    assert Member.objects.get(household=file, relation="self").name == "张守成"
    assert Household.objects.get(pk=file.pk).head_pinyin == "zhang shou cheng"


def test_other_unit_and_other_role_cannot_correct(cast, file):
    for account in (cast.wang, cast.stranger, cast.auditor, cast.worker):
        with pytest.raises(PermissionDenied):
            flow.correct(file, "cause_note", "x", why="试一试", by=account, at=AT)
    assert not Change.objects.exists()


@pytest.mark.both
def test_history_cannot_be_rewritten(cast, file):
    flow.correct(file, "cause_note", "甲", why="补充", by=cast.li, at=AT)
    flow.reveal(file, "phone", reason="contact", by=cast.li, at=AT)
    for rows in (Change.objects.all(), Reveal.objects.all(), file.state_changes.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(at=AT)
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()


def test_members_join_and_leave_and_the_figures_follow(client, cast, file):
    post(client, cast.zhao, file, "members", name="罗桂珍", relation="parent", health="chronic", monthly="300", sex="2", why="漏录")
    file.refresh_from_db()
    assert file.size == 4 and file.per_head_fen == 87_500
    mother = file.members.get(name="罗桂珍")
    client.post(reverse("household-member", args=[file.number, mother.pk]),
                {"version": file.version, "name": "罗桂珍", "relation": "parent", "sex": "2", "left_on": "2026-11-01", "why": "去世"})  # fmt: skip
    file.refresh_from_db()
    mother.refresh_from_db()
    assert mother.left_on == date(2026, 11, 1) and file.size == 3
    with pytest.raises(Refused, match="户主不能离户"):
        flow.member_left(file.members.get(relation="self"), day=date(2026, 11, 1), why="去世", by=cast.zhao, at=AT)


def test_incomes_are_written_and_a_wrong_total_is_held_until_a_second_person_says_why(client, cast, file):
    head, wife = file.members.get(relation="self"), file.members.get(relation="spouse")
    data = {
        f"m{head.pk}_wage": "3780",
        f"m{wife.pk}_transfer": "300",
        "stated_annual_fen": "99999",
        "as_of": "2026-11-20",
        "why": "工资条",
    }
    post(client, cast.zhao, file, "incomes", **data)
    assert Income.objects.get(member=wife).monthly_fen == 30_000
    held = Discrepancy.objects.get(household=file)
    assert (held.stated, held.computed, held.noted_by) == (9_999_900, 12 * 408_000, cast.zhao)
    assert "annual_income_fen" not in facts_of(file, date(2026, 11, 20))
    page = client.get(reverse("household", args=[file.number])).content.decode()
    assert "99,999.00" in page and "48,960.00" in page
    url = reverse("household-discrepancy", args=[file.number, held.pk])
    client.post(url, {"reason": "含一次性补发工资"})
    held.refresh_from_db()
    assert held.is_open, "the person who entered it cannot accept it"
    client.force_login(cast.li)
    client.post(url, {"reason": "  "})
    held.refresh_from_db()
    assert held.is_open
    client.post(url, {"reason": "含一次性补发工资"})
    held.refresh_from_db()
    assert (held.accepted_by, held.reason) == (cast.li, "含一次性补发工资")
    assert facts_of(Household.objects.get(pk=file.pk), date(2026, 11, 20))["annual_income_fen"] == 9_999_900
    assert last("household.discrepancy_accepted").actor == "li"


def test_a_correction_that_makes_both_figures_agree_settles_the_discrepancy(cast):
    file = makers.file(cast, stated_size=4)
    assert file.discrepancies.get().is_open
    flow.correct(file, "stated_size", 3, why="多数了一人", by=cast.zhao, at=AT)
    assert file.discrepancies.get().settled_at == AT


@pytest.mark.both
def test_the_database_wants_a_second_person_and_a_reason(cast, file):
    row = Discrepancy.objects.create(
        unit=cast.unit, household=file, matter="total", stated=1, computed=2, noted_by=cast.zhao, noted_at=AT
    )
    for by, reason in ((cast.zhao, "因为"), (cast.li, None)):
        with pytest.raises(IntegrityError), transaction.atomic():
            Discrepancy.objects.filter(pk=row.pk).update(accepted_by=by, accepted_at=AT, reason=reason)


@pytest.mark.both
def test_amounts_ranks_and_states_are_constrained(cast, file):
    for broken in (
        lambda: Income.objects.create(member=file.members.first(), kind="property", monthly_fen=-1),
        lambda: Household.objects.filter(pk=file.pk).update(state="sold"),
        lambda: Household.objects.filter(pk=file.pk).update(state="lifted"),
        lambda: file.causes.create(position=4, code="theft"),
        lambda: file.members.create(name="甲乙", relation="self"),
        lambda: file.expenses.create(kind="illness", amount_fen=5),
        lambda: OutsideHelp.objects.create(household=file, giver="city", amount_fen=0, day=date(2026, 1, 1), what="x", noted_at=AT),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


def test_a_grade_must_be_of_the_class_set_in_force_and_keeps_its_history(client, cast, file):
    post(client, cast.li, file, "grade", grade="long", national_class="DEEP", basis="第三条", why="评审会评定")
    file.refresh_from_db()
    assert (file.grade, file.national_class, file.grade_on) == ("long", "DEEP", date(2026, 11, 20))
    with pytest.raises(Refused, match="不是施行中的办法"):
        flow.set_grade(file, "gold", why="试一试", by=cast.li, at=AT)
    flow.set_grade(file, "hard", why="病情加重", by=cast.head, at=AT)
    assert [(row.old, row.new) for row in file.grade_changes.order_by("pk")] == [("", "long"), ("long", "hard")]
    assert "长期困难" in "".join(line.was + line.now for line in timeline_of(file, "change").lines)
    with pytest.raises(PermissionDenied):
        flow.set_grade(file, "long", why="试一试", by=cast.zhao, at=AT)


def test_a_file_is_reviewed_lifted_and_struck_off(client, cast, file):
    client.force_login(cast.li)
    url = reverse("household-state", args=[file.number])
    client.post(url, {"version": file.version, "to": "lifted", "note": ""})
    file.refresh_from_db()
    assert file.state == "filed", "no ground, no lifting"
    client.post(url, {"version": file.version, "to": "struck", "reason": "1"})
    file.refresh_from_db()
    assert file.state == "filed", "not struck as lifted before it is lifted"
    client.post(url, {"version": file.version, "to": "lifted", "note": "妻子痊愈，近 6 个月人均 2,400 元"})
    file.refresh_from_db()
    assert (file.state, file.exit_reason) == ("lifted", "1") and last("household.file_lifted").actor == "li"
    client.post(url, {"version": file.version, "to": "struck", "reason": "1"})
    file.refresh_from_db()
    assert (file.state, file.exit_reason) == ("struck", "1")
    assert [row.new for row in file.state_changes.order_by("pk")] == ["filed", "lifted", "struck"]
    with pytest.raises(Refused, match="已注销"):
        flow.correct(file, "cause_note", "x", why="试一试", by=cast.li, at=AT)
    assert makers.file(cast).number == "KY2026-0002", "who falls into hardship again gets a new file"


def test_only_the_office_lets_a_file_leave(cast, file):
    for account in (cast.zhao, cast.wang, cast.auditor):
        with pytest.raises(PermissionDenied):
            flow.lift(file, why="收入连续六个月超过低保", by=account, at=AT)
    with pytest.raises(Refused, match="没有选注销的原因"):
        flow.strike_off(file, "99", by=cast.li, at=AT)
    flow.strike_off(file, "2", by=cast.li, at=AT)
    with pytest.raises(Refused, match="只有在档"):
        flow.lift(file, why="收入连续六个月超过低保", by=cast.li, at=AT)


def test_a_clue_that_proves_empty_is_struck_off(cast):
    clue = flow.add_clue(unit=cast.unit, head_name="李四光", note="来访反映", by=cast.zhao, at=AT)
    flow.strike_off(clue, "3", by=cast.li, at=AT)
    assert Household.objects.get().state == "struck"


def test_the_five_clears_are_checked_each_with_who_and_when(client, cast, file):
    post(client, cast.zhao, file, "clears", family="3 人，妻子患病", mind="情绪平稳")
    assert {clear.section: clear.checked_by for clear in file.clears.all()} == {"family": cast.zhao, "mind": cast.zhao}
    later = AT + timedelta(days=3)
    flow.check_clear(file, "mind", "担心学费", by=cast.li, at=later)
    assert file.clears.get(section="mind").checked_at == later
    assert file.changes.get(field="mind").old == "情绪平稳"
    assert "5 项填了 2 项" in client.get(reverse("household", args=[file.number])).content.decode()


def test_consents_are_three_and_can_be_withdrawn_at_any_time(cast, file, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_consent_changed", [lambda *args: heard.append(args[1:3])])
    flow.give_consent(file, "notice_name", given=True, wording="我同意", by=cast.worker, at=AT)
    flow.give_consent(file, "health", given=False, wording="我同意", by_worker=False, by=cast.zhao, at=AT)
    assert consents_of(file) == {"health": False, "bank": None, "notice_name": True}
    flow.withdraw_consent(file, "notice_name", by=cast.worker, at=AT + timedelta(seconds=1))
    assert consents_of(file)["notice_name"] is False and heard == [("notice_name", True), ("health", False), ("notice_name", False)]
    with pytest.raises(Refused, match="没有同意过"):
        flow.withdraw_consent(file, "notice_name", by=cast.worker, at=AT)
    with pytest.raises(Refused, match="本人的账号"):
        flow.give_consent(file, "bank", given=True, wording="我同意", by=cast.zhao, at=AT)
    with pytest.raises(PermissionDenied):
        flow.give_consent(file, "bank", given=True, wording="我同意", by_worker=False, by=cast.wang, at=AT)
    assert Consent.objects.filter(withdrawn_at=None).count() == 1


def test_refused_health_leaves_rules_and_eyes_without_it(cast, file):
    assert [one.get("health") for one in facts_of(file, date(2026, 11, 20))["members"]] == ["none", "serious", "none"]
    flow.give_consent(file, "health", given=False, wording="我同意", by=cast.worker, at=AT)
    fresh = Household.objects.get(pk=file.pk)
    assert all("health" not in one for one in facts_of(fresh, date(2026, 11, 20))["members"])
    with pytest.raises(Refused, match="没有同意使用健康情况"):
        flow.reveal(fresh, "diagnosis", reason="review", member=fresh.members.get(relation="spouse"), by=cast.li, at=AT)


def test_refused_bank_leaves_the_payee_without_an_account(cast, file):
    assert payee_of(file).card == file.card
    flow.give_consent(file, "bank", given=False, wording="我同意", by=cast.worker, at=AT)
    assert payee_of(file).card == "" and payee_of(file).name == "张守诚"
    assert file_of_account(cast.worker) == file


def test_kinship_is_declared_by_oneself_or_by_the_office(client, cast, file):
    post(client, cast.auditor, file, "kinship", relation="堂兄")
    assert kin_of(file) == {cast.auditor.pk: "堂兄", cast.worker.pk: "本人"}
    with pytest.raises(PermissionDenied):
        flow.declare_kinship(file, cast.head, "表姐", by=cast.zhao, at=AT)
    with pytest.raises(Refused, match="已经申报过"):
        flow.declare_kinship(file, cast.auditor, "堂兄", by=cast.li, at=AT)


def test_outside_help_is_kept_apart_and_a_slip_is_refused(client, cast, file):
    answer = post(client, cast.zhao, file, "outside", giver="city", amount_fen="3720000000", day="2026-07-03", what="一次性救助")
    assert "多写了零" in answer.content.decode() and not OutsideHelp.objects.exists()
    post(client, cast.zhao, file, "outside", giver="city", amount_fen="3000", day="2026-07-03", what="一次性救助")
    (line,) = timeline_of(file, "money").lines
    assert (line.amount_fen, line.quiet, line.at.date()) == (300_000, True, date(2026, 7, 2))
    assert facts_of(Household.objects.get(pk=file.pk), date(2026, 11, 20))["other_aid_fen"] == 300_000
    noted = OutsideHelp.objects.get()
    client.post(reverse("household-outside-void", args=[file.number, noted.pk]), {"why": "记重了"})
    assert facts_of(Household.objects.get(pk=file.pk), date(2026, 11, 20))["other_aid_fen"] == 0


def test_assets_and_expenses_count_once_they_were_asked(cast, file):
    day = date(2026, 11, 20)
    facts = facts_of(file, day)
    assert facts["homes_count"] == 0 and facts["medical_self_paid_fen"] == 4_200_000 and facts["housing_expense_fen"] == 0
    flow.set_assets(file, [AssetRow(kind="home", house_type="6", area_m2=68)], as_of=day, why="入户", by=cast.zhao, at=AT)
    fresh = Household.objects.get(pk=file.pk)
    assert facts_of(fresh, day)["home_area_m2"] == 68
    bare = makers.file(cast, 19, head_name="李四光", members=(), expenses=None, assets=None, head=None, stated_size=5)
    known = facts_of(bare, day)
    assert (
        not {"homes_count", "medical_self_paid_fen", "annual_income_fen", "members"} & set(known) and known["household_size"] == 5
    )


def test_facts_are_words_of_the_rules_and_hold_nothing_personal(cast, file, capsys):
    import json

    call_command("policy_facts", "--json")
    known = {row["name"]: row for row in json.loads(capsys.readouterr().out)}
    facts = facts_of(file, date(2026, 11, 20))
    for name, value in facts.items():
        rows = value if name == "members" else [{name: value}]
        for row in rows:
            for word, said in row.items():
                fact = known[word]
                assert fact["entity"] == ("member" if name == "members" else "household"), word
                assert {"int": int, "bool": bool, "code": str, "date": str}[fact["type"]] is type(said), word
                assert not fact.get("codes") or said in fact["codes"], (word, said)
    text = json.dumps(facts, ensure_ascii=False)
    for canary in (file.head_name, file.identity, file.phone, file.card, "尿毒症", "王桂芬"):
        assert canary not in text


def test_facts_of_many_cost_the_same_for_2_and_20(cast, django_assert_max_num_queries):
    files = makers.many(cast, 20)
    for some in (files[:2], files):
        fresh = list(Household.objects.filter(pk__in=[file.pk for file in some]))
        with django_assert_max_num_queries(12):
            assert len(facts_of_many(fresh, date(2026, 11, 20))) == len(some)


def test_the_chain_verifies_after_all_this(cast, file):
    flow.correct(file, "cause_note", "甲", why="补充", by=cast.li, at=AT)
    flow.add_member(file, MemberRow(name="罗桂珍", relation="parent"), why="漏录", by=cast.zhao, at=AT)
    assert verify().bad_seq is None and verify().events == Event.objects.count()


def test_why_a_file_left_is_said_in_words(client, cast, file):
    flow.strike_off(file, "2", why="家属来信", by=cast.li, at=AT)
    client.force_login(cast.li)
    page = client.get(f"/households/{file.number}/").content.decode()
    assert "已注销" in page and ">死亡<" in page
    assert "家属来信" in client.get(f"/households/{file.number}/state/").content.decode()
    assert "死亡" in client.get(f"/households/{file.number}/state/").content.decode()


def test_a_survivor_is_filed_with_the_name_of_the_worker(client, cast):
    client.force_login(cast.zhao)
    sent = {"unit": cast.unit.pk, "tie": "survivor", "head_name": "赵玉兰", "identity": makers.identity(72), "main_cause": "death"}
    assert "没有写是哪位职工的遗属" in client.post("/households/new/", sent).content.decode()
    client.post("/households/new/", sent | {"survivor_of": "钱守正"})
    filed = Household.objects.get(head_name="赵玉兰")
    assert (filed.tie, filed.survivor_of) == ("survivor", "钱守正")
    assert "遗属，钱守正的遗属" in client.get(f"/households/{filed.number}/").content.decode()
