"""上报: to the levels that the degree asks for; the answer, and what it gives, on the same file apart from own sums."""

from __future__ import annotations

import pytest

from bangfu.household.models import OutsideHelp
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import Upward
from bangfu.process.tests.conftest import kinds, unchanged

TEXT = "本人尿毒症，家庭人均 700 元，请求集团帮扶。"
SENT = {"level": "group", "asked_fen": "5000", "text": TEXT}
ANSWER = {
    "level": "group",
    "outcome": "granted",
    "granted_fen": "4000",
    "answered_on": "2026-11-02",
    "answer": "同意帮扶 4000 元。",
}


@pytest.fixture
def up(at_stage):
    return at_stage("check").check("serious")


def test_the_report_and_its_answer_lead_on_to_the_notice(up, send, place, settings):
    settings.CLOCK = lambda: up.at
    assert send(up, place.head, "upward", **SENT).status_code == 302
    upward = Upward.objects.get()
    assert upward.asked_fen == 500_000 and up.fresh().stage_kind == "propose"
    assert send(up, place.head, "upward-answer", **ANSWER).status_code == 302
    upward.refresh_from_db()
    assert upward.outcome == "granted" and upward.granted_fen == 400_000
    help_ = OutsideHelp.objects.get()
    assert upward.outside_help == help_ and help_.giver == "group" and help_.household == place.household
    assert up.fresh().stage_kind == "notice" and kinds(up)[-1] == "process.answer_recorded"


def test_what_others_gave_does_not_count_against_our_ceilings(up, place):
    from bangfu.lib.days import today
    from bangfu.policy.evaluation import evaluate
    from bangfu.process import pack
    from bangfu.process.facts import facts_of_case

    up.act(flow.send_up, level="group", asked_fen=None, text=TEXT, by=place.head)
    up.act(
        flow.record_answer,
        level="group",
        outcome="granted",
        granted_fen=900_000,
        answer="同意。",
        answered_on=today(up.at),
        by=place.head,
    )
    facts = facts_of_case(up.case, today(up.at))
    assert facts["payments"][0]["paid_by"] == "group" and facts["other_aid_fen"] == 900_000
    outcome = evaluate(pack.pack(up.case), facts, today(up.at)).programme("temporary_living")
    assert outcome.amount_fen == 300_000


def test_an_extreme_case_waits_for_all_three_levels(at_stage, place):
    from bangfu.lib.days import today

    play = at_stage("check").check("extreme")
    for level in ("group", "province", "city"):
        play.act(flow.send_up, level=level, asked_fen=None, text=TEXT, by=place.head)
    for level in ("group", "city"):
        play.act(flow.record_answer, level=level, outcome="refused", answer="不予帮扶。", answered_on=today(play.at), by=place.head)
    assert play.case.stage_kind == "propose"
    play.act(
        flow.record_answer, level="province", outcome="refused", answer="不予帮扶。", answered_on=today(play.at), by=place.head
    )
    assert play.case.stage_kind == "notice" and not OutsideHelp.objects.exists()


def test_no_answer_is_recorded_only_after_the_term(up, place):
    from bangfu.lib.days import today

    up.act(flow.send_up, level="group", asked_fen=None, text=TEXT, by=place.head)
    facts = {"level": "group", "outcome": "none", "answer": "没有答复。", "answered_on": today(up.at), "by": place.head}
    with pytest.raises(Refused, match="答复期限"):
        up.act(flow.record_answer, **facts)
    up.now(days=40)
    up.act(flow.record_answer, **(facts | {"answered_on": today(up.at)}))
    assert up.case.stage_kind == "notice"


@pytest.mark.parametrize("change", [{"level": "city"}, {"text": "请帮"}, {"asked_fen": "0"}, {"asked_fen": "37万"}])
def test_a_report_that_the_rules_do_not_want_is_refused(up, send, place, change, settings):
    settings.CLOCK = lambda: up.at
    assert send(up, place.head, "upward", **(SENT | change)).status_code == 422
    assert not Upward.objects.exists() and unchanged(up)


def test_a_grant_without_a_sum_and_a_refusal_with_one_are_refused(up, send, place, settings):
    settings.CLOCK = lambda: up.at
    up.act(flow.send_up, level="group", asked_fen=None, text=TEXT, by=place.head)
    assert send(up, place.head, "upward-answer", **(ANSWER | {"granted_fen": ""})).status_code == 422
    assert send(up, place.head, "upward-answer", **(ANSWER | {"outcome": "refused"})).status_code == 422
    assert send(up, place.head, "upward-answer", **(ANSWER | {"answered_on": "2026-12-30"})).status_code == 422
    assert not OutsideHelp.objects.exists() and unchanged(up)


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(up, send, place, settings):
    settings.CLOCK = lambda: up.at
    assert send(up, place.officer, "upward", **SENT).status_code == 403
    assert send(up, place.cashier, "upward", **SENT).status_code == 403
    assert send(up, place.other_clerk, "upward", **SENT).status_code == 404
    assert send(up, place.head, "upward", version=2, **SENT).status_code == 422
    assert send(up, place.head, "upward-answer", **ANSWER).status_code == 422
    assert unchanged(up) and not Upward.objects.exists()
