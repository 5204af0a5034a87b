"""复核: the office recommends a sum, never above what was noticed."""

from __future__ import annotations

import pytest

from bangfu.process.tests.conftest import kinds, unchanged

FORM = {"recommended_fen": "2500", "opinion": "材料齐全，公示无异议。"}


def test_the_office_recommends_and_the_case_goes_to_the_committee(at_stage, send, place):
    play = at_stage("review")
    assert send(play, place.head, "review", **FORM).status_code == 302
    assert play.award.proposed_fen == 250_000 and play.award.noticed_fen == 300_000
    assert play.fresh().stage_kind == "decide" and kinds(play)[-1] == "process.case_reviewed"
    assert play.case.steps.order_by("-version").first().reason == FORM["opinion"]


@pytest.mark.parametrize("change", [{"recommended_fen": "3000.01"}, {"recommended_fen": "0"}, {"opinion": "好"}])
def test_a_sum_above_the_noticed_one_or_no_opinion_is_refused(at_stage, send, place, change):
    play = at_stage("review")
    assert send(play, place.head, "review", **(FORM | change)).status_code == 422 and unchanged(play)


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("review")
    assert send(play, place.officer, "review", **FORM).status_code == 403
    assert send(play, place.auditor, "review", **FORM).status_code == 403
    assert send(play, place.other_clerk, "review", **FORM).status_code == 404
    assert send(play, place.head, "review", version=3, **FORM).status_code == 422
    assert unchanged(play)
    play.review()
    assert send(play, place.head, "review", **FORM).status_code == 422
