"""评审: papers, degree, the rules' advice, a deviation, a clue that becomes a file."""

from __future__ import annotations

import json

import pytest

from bangfu.household.flow import set_expenses
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy.models import Assessment
from bangfu.policy.queries import replay
from bangfu.process import flow
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import Play

FORM = {
    "degree": "ordinary",
    "grade": "especially",
    "proposed_fen": "3000",
    "opinion": "情况属实，建议救助。",
    "is_aided_elsewhere": "no",
}


def test_the_assessment_is_stored_and_gives_the_same_again(at_stage, send, place):
    play = at_stage("check")
    assert send(play, place.officer, "check", **FORM).status_code == 302
    case, award = play.fresh(), play.award
    assert case.stage_kind == "notice" and case.degree == "ordinary"
    assert award.suggested_fen == award.proposed_fen == 300_000 and award.deviation_reason == ""
    assessment = Assessment.objects.get()
    assert award.assessment == assessment and assessment.subject == f"process.case:{case.pk}"
    assert replay(assessment).canonical() == assessment.result
    facts = json.loads(assessment.facts)
    assert facts["programme"] == "temporary_living" and facts["asked_fen"] == 300_000 and facts["payments"] == []
    assert kinds(play)[-1] == "process.hardship_checked"


def test_another_sum_than_suggested_needs_a_reason(at_stage, send, place):
    play = at_stage("check")
    answer = send(play, place.officer, "check", **(FORM | {"proposed_fen": "2000"}))
    assert answer.status_code == 422 and "与系统建议" in answer.content.decode() and unchanged(play)
    assert not Assessment.objects.exists()
    reason = {"proposed_fen": "2000", "deviation_reason": "本人已从亲友处借到一部分。"}
    assert send(play, place.officer, "check", **(FORM | reason)).status_code == 302
    assert play.award.proposed_fen == 200_000 and play.award.deviation_reason == "本人已从亲友处借到一部分。"


def test_missing_papers_are_named(at_stage, send, place):
    play = at_stage("investigate").survey().countersign()
    answer = send(play, place.officer, "check", **FORM)
    assert answer.status_code == 422 and "本人签名的申请书" in answer.content.decode() and unchanged(play)


def test_an_unknown_fact_needs_a_reason_and_says_whom_to_ask(at_stage, place):
    play = at_stage("investigate").survey(is_aided_elsewhere=None).countersign().papers()
    with pytest.raises(Refused, match="算不出建议金额"):
        play.check()
    assert unchanged(play)
    play.check(deviation_reason="市总工会电话里说没有，书面答复后补。")
    assert play.award.suggested_fen is None and play.award.proposed_fen == 300_000


def test_a_hard_degree_goes_up_first_and_an_ordinary_one_does_not(at_stage):
    assert at_stage("check").check("serious").case.stage_kind == "propose"


def test_a_zero_sum_or_an_unknown_degree_is_refused(at_stage, send, place):
    play = at_stage("check")
    assert send(play, place.officer, "check", **(FORM | {"proposed_fen": "0"})).status_code == 422
    assert send(play, place.officer, "check", **(FORM | {"degree": "terrible"})).status_code == 422
    assert unchanged(play)


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("check")
    assert send(play, place.clerk, "check", **FORM).status_code == 403
    assert send(play, place.accountant, "check", **FORM).status_code == 403
    assert send(play, place.other_clerk, "check", **FORM).status_code == 404
    assert send(play, place.officer, "check", version=1, **FORM).status_code == 422
    assert unchanged(play)
    play.check()
    assert send(play, place.officer, "check", **FORM).status_code == 422


def test_the_grade_of_the_file_follows_the_check(at_stage, place):
    play = at_stage("check").check(grade="long_term")
    place.household.refresh_from_db()
    assert place.household.grade == "long_term" and play.case.grade == "long_term"


def test_a_clue_enters_the_archive_with_its_check(place):
    from bangfu.household.flow import add_clue, add_member, correct, enrol_staff, set_assets, set_causes, set_expenses, set_incomes
    from bangfu.household.models import Household
    from bangfu.household.rows import MemberRow, StaffRow
    from bangfu.household.tests.makers import identity
    from bangfu.lib.days import today
    from bangfu.process.tests.makers import AT

    staff = enrol_staff(
        StaffRow(unit=place.unit, worker_no="KY77", name="李秀英", identity=identity(77), phone="13800000077"), by=None, at=AT
    )
    clue = add_clue(unit=place.unit, head_name="李秀英", note="本人申请", staff=staff, by=place.clerk, at=AT)
    day = today(AT)
    add_member(
        clue, MemberRow(name="李小明", relation="child", identity=identity(79, "20120509")), why="申请时登记", by=place.clerk, at=AT
    )
    head = clue.members.get(relation="self")
    set_incomes(clue, {head.pk: {"wage": 120_000}}, as_of=day, why="入户核实", by=place.clerk, at=AT)
    set_expenses(clue, {"illness": 900_000}, as_of=day, why="入户核实", by=place.clerk, at=AT)
    set_assets(clue, [], as_of=day, why="入户核实", by=place.clerk, at=AT)
    set_causes(clue, main="own_illness", secondary=["low_income"], why="入户核实", by=place.clerk, at=AT)
    for field in ("refuses_check", "has_hidden_income"):
        clue.refresh_from_db()
        correct(clue, field, False, why="入户核实", by=place.clerk, at=AT)
    clue.refresh_from_db()
    play = Play(place, household=clue).start("temporary_living", by=place.clerk).accept()
    play.survey(found_size=2, found_income_fen=1_440_000).countersign().papers().check()
    filed = Household.objects.get(pk=clue.pk)
    assert filed.state == "filed" and filed.grade == "especially" and filed.number == clue.number
    assert filed.members.count() == 2 and filed.expenses.get().amount_fen == 900_000
    assert play.case.stage_kind == "notice"


def test_the_sum_is_prefilled_from_what_the_rules_say_today(send, client, place, settings):
    """Back at the judgement, the file has changed: neither the stored advice nor the former proposal is offered again."""
    play = Play(place).start("illness").accept().survey().countersign().papers()
    play.check(proposed_fen=200_000, deviation_reason="亲友已帮一部分。")
    play.act(flow.send_back, to="check", reason="药费要再核一次", by=place.officer)
    set_expenses(place.household, {"illness": 150_000}, as_of=today(play.at), why="对照结算单", by=place.clerk, at=play.now())
    settings.CLOCK = lambda: play.at
    client.force_login(place.officer)
    page = client.get(f"/cases/{play.case.number}/").content.decode()
    assert play.award.suggested_fen == 300_000
    assert 'value="1,500.00"' in page and "按现在的档案试算" in page
    refused = send(play, place.officer, "check", **(FORM | {"proposed_fen": "3000"}))
    assert refused.status_code == 422 and "¥1,500.00 不同" in refused.content.decode()
    assert send(play, place.officer, "check", **(FORM | {"proposed_fen": "1500"})).status_code == 302
