"""公示: posted, full term, objections hold the money, higher sums are noticed again."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice, NoticeDraft, Objection
from bangfu.household.flow import give_consent, withdraw_consent
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Hold
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import CaseNotice
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import Play, key

ALL = ["board", "intranet", "open"]


def test_the_notice_shows_number_and_amount_of_who_does_not_consent_and_the_case_stays(at_stage, place):
    play = at_stage("notice").post()
    notice = Notice.objects.get()
    row = notice.channels.get(channel="board").rows[0]
    assert row == {
        "number": play.case.number, "unit": "", "name": "", "category": "", "programme": "临时生活救助", "amount_fen": 300_000,
    }  # fmt: skip
    assert play.award.noticed_fen == 300_000 and play.fresh().stage_kind == "notice"
    assert play.case.due_on.isoformat() == "2026-11-09" and kinds(play)[-1] == "process.notice_posted"
    assert CaseNotice.objects.get().notice == notice


def test_with_her_consent_the_board_has_the_full_name_and_withdrawing_takes_it_off_at_once(at_stage, place):
    play = at_stage("notice")
    give_consent(place.household, "notice_name", given=True, wording="公示写姓名", by=place.worker, at=play.now())
    play.post()
    notice = Notice.objects.get()
    assert notice.channels.get(channel="board").rows[0] == {
        "number": play.case.number, "unit": "设备动力部", "name": "张守诚", "category": "因病", "programme": "临时生活救助",
        "amount_fen": 300_000,
    }  # fmt: skip
    assert notice.channels.get(channel="intranet").rows[0]["name"] == "张*诚"
    withdraw_consent(place.household, "notice_name", by=place.worker, at=play.now())
    row = notice.channels.get(channel="board", revision=2).rows[0]
    assert (row["name"], row["unit"], row["category"]) == ("", "", "")


def test_six_days_are_refused_and_nothing_changes(at_stage, send, place):
    play = at_stage("notice").post()
    play.now(days=6)
    answer = send(play, place.officer, "notice/closure")
    assert "公示期未满" in answer.content.decode() and answer.status_code == 422 and unchanged(play)
    assert "process.notice_closed" not in kinds(play)


def test_seven_full_days_close_it_to_the_second(at_stage, send, place):
    play = at_stage("notice").post()
    play.at = Notice.objects.get().closes_at - timedelta(seconds=1)
    assert send(play, place.officer, "notice/closure").status_code == 422
    play.at = Notice.objects.get().closes_at
    assert send(play, place.officer, "notice/closure").status_code == 302
    assert play.fresh().stage_kind == "review" and kinds(play)[-1] == "process.notice_closed"


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("notice")
    given = {"channels": ALL, "checked_by": place.head.pk}
    assert send(play, place.chair, "notice", **given).status_code == 403
    assert send(play, place.cashier, "notice", **given).status_code == 403
    assert send(play, place.other_clerk, "notice", **given).status_code == 404
    assert send(play, place.officer, "notice", version=1, **given).status_code == 422
    assert send(play, place.officer, "notice/closure").status_code == 422
    assert unchanged(play) and not Notice.objects.exists() and not NoticeDraft.objects.exists()
    play.post()
    assert send(play, place.officer, "notice", **given).status_code == 422


def objection(play: Play, **facts) -> Objection:
    notice = play.case.notices.order_by("-pk").first().notice
    return disclosure.raise_objection(
        notice, text=facts.pop("text", "他家有两套房，请核实。"), is_named=False, at=play.now(), **facts
    )


def test_an_objection_from_the_open_page_holds_the_money_until_it_is_answered(at_stage, send, place):
    play = at_stage("notice").post()
    raised = objection(play)
    hold = Hold.objects.get()
    assert hold.origin == f"process.award:{play.award.pk}" and hold.lifted_at is None and hold.placed_by is None
    assert "process.objection_received" in kinds(play)
    play.now(days=8)
    assert send(play, place.officer, "notice/closure").status_code == 422
    disclosure.answer_objection(raised, answer="已核实，只有一套自住房。", upheld=False, by=place.chair, at=play.now())
    hold.refresh_from_db()
    assert hold.lifted_at is not None and hold.lifted_by == place.chair
    assert send(play, place.officer, "notice/closure").status_code == 302
    assert play.fresh().stage_kind == "review"


def test_an_upheld_objection_takes_the_notice_down_and_the_case_back(at_stage, place):
    play = at_stage("notice").post()
    raised = objection(play)
    disclosure.answer_objection(raised, answer="经核实确有第二套住房。", upheld=True, by=place.head, at=play.now())
    notice = Notice.objects.get()
    assert notice.outcome == "taken_down" and play.fresh().stage_kind == "investigate"
    assert play.case.steps.order_by("-version").first().outcome == "returned" and not Hold.objects.open().exists()


def test_an_objection_after_the_reservation_stops_the_payout(at_stage, place):
    """The letter came during the term and was registered when the money was already set aside."""
    play = at_stage("notice").post()
    objection(play)
    waiting = Objection.objects.get()
    disclosure.answer_objection(waiting, answer="已核实，情况属实。", upheld=False, by=place.head, at=play.now())
    play.close_notice().review().agenda().vote()
    assert play.case.stage_kind == "pay"
    row = play.row
    ledger.place_hold(row.origin, reason="公示 KY-G2026-0001 又收到反映", unit=place.unit, by=place.officer, at=play.now())
    with pytest.raises(Refused, match="暂停支付"):
        ledger.make_batch([row.pk], form_key=key(), by=place.cashier, at=play.now())
    row.refresh_from_db()
    assert row.state == "reserved" and play.fresh().stage_kind == "pay"


def test_a_letter_is_registered_through_the_case_and_an_ended_notice_takes_none(at_stage, send, place):
    play = at_stage("notice").post()
    body = {
        "award_number": play.case.number,
        "text": "听说他家开着小卖部，请核实。",
        "is_named": "1",
        "name": "李四",
        "contact": "138",
    }
    assert send(play, place.clerk, "objection", **body).status_code == 302
    assert Objection.objects.get().registered_by == place.clerk and Hold.objects.open().count() == 1
    assert send(play, place.other_clerk, "objection", **body).status_code == 404


def test_taking_it_down_leaves_a_step_and_it_can_be_posted_again(at_stage, send, place):
    play = at_stage("notice").post()
    assert send(play, place.officer, "notice/removal", reason="单位写错了").status_code == 302
    assert Notice.objects.get().outcome == "taken_down" and play.fresh().stage_kind == "notice"
    assert play.case.steps.order_by("-version").first().act == "take_down_notice"
    play.post()
    assert Notice.objects.count() == 2


def test_a_lower_sum_keeps_the_former_notice_and_a_higher_one_is_noticed_again(at_stage, send, place):
    play = at_stage("review")
    reason = {"deviation_reason": "补充了借款的情况，调整金额。"}
    play.act(flow.send_back, to="check", reason="金额再核一次", by=place.head)
    play.check(proposed_fen=250_000, **reason)
    assert play.case.stage_kind == "notice"
    assert send(play, place.officer, "notice/reuse").status_code == 302 and play.fresh().stage_kind == "review"
    play.act(flow.send_back, to="check", reason="金额再核一次", by=place.head)
    play.check(proposed_fen=400_000, **reason)
    assert send(play, place.officer, "notice/reuse").status_code == 422
    play.post().close_notice()
    assert play.award.noticed_fen == 400_000 and Notice.objects.count() == 2
