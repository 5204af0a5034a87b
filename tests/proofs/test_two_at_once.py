"""P5: two people act on the same case at the same moment with the same version: exactly one wins, the other learns who and when."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial

import pytest

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.lib.errors import Stale
from bangfu.process import flow
from bangfu.process.models import Case, Step
from bangfu.process.tests.makers import Play, another, household, world
from tests.proofs.threads import together

pytestmark = pytest.mark.both
Verb = Callable[[Account], Callable[[], object]]


def verbs(play: Play) -> list[Verb]:
    """What two of the office may do at 评审 with the page in front of them: pass it on, send it back, refuse it, ask for papers."""
    pk, version, at = play.case.pk, play.case.version, play.now()
    return [
        lambda by: partial(
            flow.check, pk, version=version, degree="ordinary", proposed_fen=300_000, opinion="情况属实，建议救助。", grade="especially",
            by=by, at=at,
        ),
        lambda by: partial(flow.send_back, pk, version=version, to="investigate", reason="请补充收入情况", by=by, at=at),
        lambda by: partial(
            flow.refuse, pk, version=version, clause="五", missing="收入证明", whom_to_ask="帮扶办公室", reason="收入高于标准", by=by, at=at
        ),
        lambda by: partial(flow.ask_for_papers, pk, version=version, text="请补交收入证明", by=by, at=at),
    ]  # fmt: skip


def rounds(count: int) -> None:
    who = world()
    officers = [who.officer, another(who, "second-officer", Role.OFFICE_OFFICER)]
    play = Play(who, household=household(who.unit, serial=700, name="李一心"))
    play.start(by=who.clerk).accept().survey().countersign().papers()
    for number in range(count):
        case, steps, head = bring_back(play), Step.objects.count(), Event.objects.latest("seq").seq
        acts = verbs(play)
        pair = (acts[number % 4], acts[(number // 4 + 1 + number) % 4])
        answers = together([act(officer) for act, officer in zip(pair, officers, strict=True)])
        won = [answer for answer in answers if isinstance(answer, Case)]
        lost = [answer for answer in answers if isinstance(answer, Stale)]
        assert (len(won), len(lost)) == (1, 1), (number, answers)
        last = Step.objects.filter(case=case).latest("version")
        assert last.by is not None and last.by == officers[answers.index(won[0])]
        assert last.by.name in str(lost[0]) and re.search(r"\d\d-\d\d \d\d:\d\d", str(lost[0])), str(lost[0])
        assert Step.objects.count() == steps + 1
        assert set(Event.objects.filter(seq__gt=head).values_list("actor", flat=True)) == {last.by.username}
        assert Case.objects.get(pk=case.pk).version == case.version + 1


def bring_back(play: Play) -> Case:
    """The case at 评审 again, by the ways the rules leave; a refused one is asked again once, then another begins."""
    case = play.fresh()
    if case.state == "refused":
        play.start(by=play.world.clerk).accept().survey().countersign().papers()
    elif case.stage_kind == "notice":
        play.act(flow.send_back, to="check", reason="请再核一次", by=play.world.officer)
    elif case.stage_kind == "investigate":
        play.survey().countersign()
    case = play.fresh()
    assert case.is_at("check"), (case.state, case.stage_kind)
    return case


def test_of_two_at_once_one_wins_and_the_other_learns_who(committed_db):
    rounds(30)


@pytest.mark.proof
def test_of_two_at_once_one_wins_many_times(committed_db):
    rounds(1_000 if os.environ.get("BANGFU_SOAK") else 200)
