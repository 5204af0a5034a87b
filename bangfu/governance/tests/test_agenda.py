"""What is put to the vote and taken off; who must stay away from it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.governance import conflicts, flow, queries, reactions
from bangfu.governance.models import Motion
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, called, opened, put, vote
from bangfu.lib.errors import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_one_case_waits_on_one_agenda(place, motion):
    later = called(place, held_at=makers.HELD + timedelta(days=7))
    with pytest.raises(Refused, match="已经在"):
        put(place, later)
    flow.take_off_agenda(motion, reason="缺收入说明", by=place.head, at=AT)
    assert put(place, later).position == 1


def test_a_suggestion_above_the_noticed_sum_is_refused(place, session):
    with pytest.raises(Refused, match="重新公示"):
        put(place, session, amount_fen=600_000)


def test_taking_off_needs_a_reason_and_calls_the_listeners(place, motion, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_taken_off", [lambda motion, by, at: heard.append(motion.subject)])
    with pytest.raises(Refused, match="原因"):
        flow.take_off_agenda(motion, reason=" ", by=place.head, at=AT)
    flow.take_off_agenda(motion, reason="材料不全", by=place.head, at=AT)
    with pytest.raises(Refused, match="已撤下"):
        flow.take_off_agenda(motion, reason="再撤一次", by=place.head, at=AT)
    assert heard == ["process.case:12"]


@pytest.mark.parametrize("who", ["auditor", "clerk", "cashier"])
def test_only_the_office_and_the_chair_touch_the_agenda(place, session, motion, who):
    with pytest.raises(PermissionDenied):
        flow.put_on_agenda(session, "process.case:13", title="助学", by=place.other[who], at=AT)
    with pytest.raises(PermissionDenied):
        flow.take_off_agenda(motion, reason="不合适", by=place.other[who], at=AT)


def test_a_conflict_recuses_at_the_opening_and_the_vote_is_refused(place, session, motion, monkeypatch):
    monkeypatch.setattr(conflicts, "reasons", [lambda account, subject: "亲属" if account == place.members[2] else ""])
    opened(place, session, 7)
    assert list(motion.recusals.values_list("member__account__username", "reason", "is_conflict")) == [("member2", "亲属", True)]
    assert queries.ballot(motion).eligible == 6
    with pytest.raises(Refused, match="回避"):
        vote(place, motion, 2)
    assert not Motion.objects.visible_to(place.members[2]).exists()
    assert Motion.objects.visible_to(place.members[3]).exists()


def test_a_conflict_found_after_the_vote_takes_the_vote_out(place, meeting, motion, monkeypatch):
    for n in range(7):
        vote(place, motion, n, "yes" if n < 4 else "no")
    monkeypatch.setattr(conflicts, "reasons", [lambda account, subject: "亲属" if account == place.members[1] else ""])
    resolution = flow.resolve(motion, by=place.chair, at=AT)
    assert (resolution.eligible, resolution.needed, resolution.yes, resolution.no) == (6, 4, 3, 3)
    assert resolution.outcome == "returned"


def test_a_member_recuses_herself_and_sees_it_no_more(place, meeting, motion):
    flow.recuse(motion, reason="结对人", by=place.members[3], at=AT)
    assert not Motion.objects.visible_to(place.members[3]).exists()
    with pytest.raises(Refused, match="已经回避"):
        flow.recuse(motion, reason="结对人", by=place.members[3], at=AT)
    with pytest.raises(Refused, match="回避"):
        vote(place, motion, 3)


def test_a_recusal_has_a_reason_and_a_seat(place, meeting, motion):
    with pytest.raises(Refused, match="原因"):
        flow.recuse(motion, reason="", by=place.members[3], at=AT)
    with pytest.raises(Refused, match="不是"):
        flow.recuse(motion, reason="亲属", by=place.head, at=AT)


def test_a_recused_chair_does_not_announce_and_a_free_member_does(place, meeting, motion):
    flow.recuse(motion, reason="亲属", by=place.chair, at=AT)
    for n in range(1, 7):
        vote(place, motion, n)
    with pytest.raises(Refused, match="主任回避"):
        flow.resolve(motion, by=place.chair, at=AT)
    with pytest.raises(PermissionDenied):
        flow.resolve(motion, by=place.members[8], at=AT)  # absent
    assert flow.resolve(motion, by=place.members[4], at=AT).outcome == "passed"


def test_too_many_recused_cannot_decide(place, meeting, motion):
    for n in (3, 4, 5, 6):
        flow.recuse(motion, reason="亲属", by=place.members[n], at=AT)
    for n in range(3):
        vote(place, motion, n)
    with pytest.raises(Refused, match="能表决的只有 3 人，不够 4 人"):  # two thirds of the five who need not stay away
        flow.resolve(motion, by=place.chair, at=AT)
