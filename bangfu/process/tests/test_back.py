"""Ways back and out: return, withdraw, refuse."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import CaseMotion, Refusal
from bangfu.process.tests.conftest import kinds, unchanged

REFUSAL = {"clause": "九", "missing": "收入证明", "whom_to_ask": "帮扶办公室 李静宜", "reason": "近 12 个月收入高于标准。"}


def test_a_return_goes_only_where_the_rules_let_it(at_stage, send, place):
    play = at_stage("review")
    assert send(play, place.head, "return", to="decide", reason="材料不齐，请补").status_code == 422
    assert send(play, place.head, "return", to="investigate", reason="补").status_code == 422
    assert unchanged(play)
    assert send(play, place.head, "return", to="investigate", reason="收入证明只有 10 个月").status_code == 302
    step = play.fresh().steps.order_by("-version").first()
    assert play.case.stage_kind == "investigate" and (step.outcome, step.next_stage) == ("returned", "investigate")
    assert step.reason == "收入证明只有 10 个月" and kinds(play)[-1] == "process.case_returned"


def test_the_first_stage_has_nowhere_to_return_to(at_stage, send, place):
    play = at_stage("apply")
    assert send(play, place.clerk, "return", to="apply", reason="材料不齐，请补").status_code == 422 and unchanged(play)


def test_returning_from_the_notice_takes_it_down(at_stage, send, place):
    play = at_stage("notice").post()
    assert send(play, place.officer, "return", to="check", reason="金额要重新核一次").status_code == 302
    assert Notice.objects.get().outcome == "taken_down" and play.fresh().stage_kind == "check"


def test_returning_from_the_committee_takes_the_motion_off(at_stage, send, place):
    play = at_stage("decide").agenda()
    assert send(play, place.head, "return", to="review", reason="再核一次收入证明").status_code == 302
    assert CaseMotion.objects.get().motion.state == "taken_off" and play.fresh().stage_kind == "review"


@pytest.mark.parametrize("kind", ["apply", "investigate", "check", "notice", "review", "decide"])
def test_the_worker_withdraws_at_any_time_before_the_money(at_stage, place, kind):
    play = at_stage(kind)
    flow.withdraw(play.case.pk, reason="不需要了", by=place.worker, at=play.now())
    assert play.fresh().state == "withdrawn" and kinds(play)[-1] == "process.case_withdrawn"
    with pytest.raises(Refused):
        flow.withdraw(play.case.pk, reason="不需要了", by=place.worker, at=play.now())


def test_withdrawing_on_notice_takes_it_down_at_once_by_her_own_act(at_stage, place, client):
    play = at_stage("notice").post()
    notice = Notice.objects.get()
    assert client.get(f"/open/notices/{notice.token}/").status_code == 200
    flow.withdraw(play.case.pk, reason="不需要了", by=place.worker, at=play.now())
    notice.refresh_from_db()
    assert (notice.outcome, notice.closed_by, notice.taken_down_reason) == ("taken_down", place.worker, "申请人撤回")
    assert client.get(f"/open/notices/{notice.token}/").status_code == 410
    assert play.fresh().state == "withdrawn" and kinds(play)[-1] == "process.case_withdrawn"


def test_withdrawing_while_it_is_drafted_leaves_nothing_to_confirm(at_stage, place):
    play = at_stage("notice").draft()
    flow.withdraw(play.case.pk, reason="不需要了", by=place.worker, at=play.now())
    assert not NoticeDraft.objects.waiting().exists() and not Notice.objects.exists()


def test_a_stranger_cannot_withdraw(at_stage, send, place):
    play = at_stage("check")
    with pytest.raises(PermissionDenied):
        flow.withdraw(play.case.pk, reason="不需要了", by=place.cashier, at=play.now())
    assert send(play, place.other_clerk, "withdrawal", reason="不需要了").status_code == 404
    assert unchanged(play)


def test_a_refusal_says_clause_missing_fact_and_whom_to_ask(at_stage, send, place):
    play = at_stage("check")
    assert send(play, place.officer, "refusal", **(REFUSAL | {"clause": "九百"})).status_code == 422
    assert send(play, place.officer, "refusal", **(REFUSAL | {"missing": ""})).status_code == 422
    assert unchanged(play) and not Refusal.objects.exists()
    assert send(play, place.officer, "refusal", **REFUSAL).status_code == 302
    refusal = Refusal.objects.get()
    assert (refusal.clause, refusal.missing, refusal.whom_to_ask) == ("九", "收入证明", "帮扶办公室 李静宜")
    assert play.fresh().state == "refused" and "process.case_refused" in kinds(play)


def test_the_unit_cannot_refuse_an_application(at_stage, send, place):
    play = at_stage("check")
    assert send(play, place.clerk, "refusal", **REFUSAL).status_code == 403
    assert unchanged(play)


def test_after_a_refusal_the_worker_may_apply_anew(at_stage, place):
    from bangfu.process.tests.makers import Play

    play = at_stage("check")
    play.act(flow.refuse, by=place.officer, **REFUSAL)
    again = Play(place).start()
    assert again.case.number != play.case.number
    with pytest.raises(Refused, match="不能同时再办"):
        flow.ask_again(play.case.pk, text="请评审会再看一次我的情况。", by=place.worker, at=play.now())
