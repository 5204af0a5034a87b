"""Two at once (P5): exactly one wins, the loser reads who was faster and when. Real commits, a connection each."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from bangfu.lib.days import today
from bangfu.lib.errors import Refused, Stale
from bangfu.process import flow
from bangfu.process.models import Case, Step
from bangfu.process.tests.makers import Play, world

pytestmark = pytest.mark.both


def at_once(*acts: Any) -> list[Any]:
    """Run the acts at the same time; answers each one's result or its refusal."""

    def run(act: Any) -> Any:
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(60) for future in [pool.submit(run, act) for act in acts]]


def test_two_reviewers_at_once_are_one_review(committed_db):
    play = Play(world()).to("review")
    version, head = play.case.version, play.world.head

    def reviewed(fen: int) -> Case:
        return flow.review(play.case.pk, version=version, recommended_fen=fen, opinion=f"建议 {fen} 分", by=head, at=play.at)

    results = at_once(*[lambda n=n: reviewed(100_000 + n) for n in range(6)])
    won = [result for result in results if isinstance(result, Case)]
    lost = [result for result in results if isinstance(result, Stale)]
    assert len(won) == 1 and len(lost) == 5 and all("罗建军在" in str(words) for words in lost)
    assert Step.objects.filter(case=play.case, act="review").count() == 1
    assert Step.objects.get(case=play.case, act="review").reason == f"建议 {play.award.proposed_fen} 分"


def test_approve_return_and_refuse_at_once_leave_one_outcome(committed_db):
    play = Play(world()).to("check")
    version, officer, pk = play.case.version, play.world.officer, play.case.pk
    facts = {"version": version, "by": officer, "at": play.at}
    results = at_once(
        lambda: flow.check(pk, degree="ordinary", proposed_fen=300_000, grade="especially", opinion="情况属实", **facts),
        lambda: flow.send_back(pk, to="investigate", reason="收入要再核一次", **facts),
        lambda: flow.refuse(pk, clause="九", missing="收入证明", whom_to_ask="办公室", reason="收入高于标准", **facts),
    )
    assert sum(isinstance(result, Case) for result in results) == 1
    assert sum(isinstance(result, Stale) for result in results) == 2
    case = Case.objects.get(pk=pk)
    assert case.version == version + 1 and Step.objects.filter(case=case, version=case.version).count() == 1


def test_the_same_application_twice_is_one_case(committed_db):
    place = world()
    play = Play(place)
    results = at_once(
        *[
            lambda: flow.start(place.household, "temporary_living", asked_fen=300_000, by=place.worker, at=play.at)
            for _press in range(4)
        ]
    )
    assert sum(isinstance(result, Case) for result in results) == 1 and Case.objects.count() == 1
    assert sum(isinstance(result, Refused) for result in results) == 3


def test_closing_the_notice_and_an_objection_agree(committed_db):
    """The letter is in either way and holds the money; if it came first, the notice stays open."""
    from bangfu.ledger.models import Hold

    play = Play(world()).to("notice").post()
    play.now(days=9)
    place, version = play.world, play.case.version
    closed, raised = at_once(
        lambda: flow.close_notice(play.case.pk, version=version, by=place.officer, at=play.at),
        lambda: flow.register_objection(play.case.pk, text="他家有两套房，请核实。", is_named=False, by=place.clerk, at=play.at),
    )
    assert not isinstance(raised, Refused), "until the money is paid no letter is too late"
    assert Hold.objects.open().count() == 1
    assert isinstance(closed, Refused) == (play.fresh().stage_kind == "notice")
    moved = today(play.case.stage_since) == today(play.at)
    assert moved == (not isinstance(closed, Refused))


@pytest.mark.proof
def test_a_hundred_conflicting_rounds_have_one_winner_each(committed_db):
    """P5 in its large form: every round two people act on the same page."""
    play = Play(world()).to("review")
    pk, head = play.case.pk, play.world.head
    for _round in range(100):
        version = Case.objects.get(pk=pk).version
        stage = Case.objects.get(pk=pk).stage_kind
        facts = {"version": version, "by": head, "at": play.at}
        if stage == "review":
            acts = [
                lambda facts=facts: flow.review(pk, recommended_fen=300_000, opinion="同意复核意见", **facts),
                lambda facts=facts: flow.send_back(pk, to="notice", reason="再看一次公示", **facts),
            ]
        elif stage == "decide":
            acts = [lambda facts=facts: flow.send_back(pk, to="review", reason="再核一次", **facts)] * 2
        else:
            officer = facts | {"by": play.world.officer}
            acts = [lambda facts=officer: flow.keep_notice(pk, **facts)] * 2
        results = at_once(*acts)
        assert sum(isinstance(result, Case) for result in results) == 1
    assert Step.objects.filter(case=pk).count() == Case.objects.get(pk=pk).version - 1
