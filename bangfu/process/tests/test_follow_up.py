"""回访与办结: the visit after the money, the report, the archive number."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from bangfu.process.models import ClosingReport, FollowUp, Step
from bangfu.process.tests.conftest import kinds, unchanged

VISIT = {"visited_on": "2026-11-20", "result": "better", "remark": "药费有了着落，孩子学习稳定。", "needs": ""}
REPORT = {"text": "申请、调查、公示、评审、发放、回访都已完成，归档。"}


def test_the_visit_is_stored_and_the_case_goes_to_its_report(at_stage, send, place):
    play = at_stage("follow_up")
    play.now(days=20)
    assert send(play, place.clerk, "follow-up", **VISIT).status_code == 302
    done = FollowUp.objects.get()
    assert done.result == "better" and done.visitor == place.clerk and play.fresh().stage_kind == "close"
    assert kinds(play)[-1] == "process.household_followed_up"


@pytest.mark.parametrize(
    "change", [{"visited_on": "2026-11-01"}, {"visited_on": "2027-11-01"}, {"result": "rich"}, {"remark": "好"}]
)
def test_a_visit_before_the_payment_or_without_words_is_refused(at_stage, send, place, change):
    play = at_stage("follow_up")
    play.now(days=20)
    assert send(play, place.clerk, "follow-up", **(VISIT | change)).status_code == 422 and unchanged(play)


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("follow_up")
    play.now(days=20)
    assert send(play, place.cashier, "follow-up", **VISIT).status_code == 403
    assert send(play, place.officer, "follow-up", **VISIT).status_code == 403
    assert send(play, place.other_clerk, "follow-up", **VISIT).status_code == 404
    assert send(play, place.clerk, "follow-up", version=1, **VISIT).status_code == 422
    assert send(play, place.officer, "closing-report", **REPORT).status_code == 422
    assert unchanged(play)


def test_the_report_files_the_case_under_a_number_without_gaps(at_stage, send, place):
    play = at_stage("close")
    assert send(play, place.clerk, "closing-report", **REPORT).status_code == 403
    assert send(play, place.officer, "closing-report", text="好").status_code == 422
    assert send(play, place.officer, "closing-report", **REPORT).status_code == 302
    case = play.fresh()
    assert case.state == "closed" and case.archive_number == "KY-D2026-0001" and case.closed_at is not None and case.due_on is None
    assert ClosingReport.objects.get().text == REPORT["text"] and kinds(play)[-1] == "process.case_closed"


def test_nothing_can_be_done_on_a_filed_case(at_stage, send, place):
    play = at_stage("closed")
    for who, noun in (
        (place.officer, "closing-report"),
        (place.clerk, "withdrawal"),
        (place.head, "return"),
        (place.head, "refusal"),
    ):
        assert send(play, who, noun, reason="再办一次", text=REPORT["text"]).status_code == 422
    assert unchanged(play)


def test_a_step_cannot_be_changed_or_deleted(at_stage):
    play = at_stage("check")
    for change in (lambda: Step.objects.update(outcome="x"), lambda: Step.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert play.case.steps.count() == 3
