"""The ballot and its result."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from bangfu.access.models import Post
from bangfu.audit.models import Event
from bangfu.governance import flow, queries, reactions
from bangfu.governance.models import Recusal, Resolution, Vote
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, kinds, opened, put, vote
from bangfu.lib.errors import Refused, Stale

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_a_vote_is_kept_and_its_event_tells_no_choice(place, meeting, motion):
    vote(place, motion, 1, "no")
    kept = Vote.objects.get()
    assert (kept.choice, kept.amount_fen, kept.member.account) == ("no", None, place.members[1])
    event = Event.objects.get(kind="governance.vote_cast")
    assert '"no"' not in event.body and "amount" not in event.body and event.actor == "member1"


def test_nobody_votes_twice(place, meeting, motion):
    vote(place, motion, 1)
    with pytest.raises(Refused, match="投票后不能改"):
        vote(place, motion, 1, "no")


def test_the_absent_do_not_vote(place, meeting, motion):
    with pytest.raises(Refused, match="签到"):
        vote(place, motion, 8)


def test_a_late_arrival_votes(place, meeting, motion):
    flow.attend(meeting, place.seats[8], by=place.members[8], at=AT)
    vote(place, motion, 8)
    assert queries.ballot(motion).eligible == 8


def test_nobody_votes_before_the_opening(place, session, motion):
    flow.attend(session, place.seats[1], by=place.head, at=AT)
    with pytest.raises(Refused, match="还没有开始"):
        vote(place, motion, 1)


@pytest.mark.parametrize("who", ["auditor", "clerk", "cashier"])
def test_who_has_no_seat_does_not_vote(place, meeting, motion, who):
    with pytest.raises(PermissionDenied):
        flow.cast_vote(motion, choice="yes", amount_fen=300_000, by=place.other[who], at=AT)
    assert not Vote.objects.exists()


def test_the_post_without_the_seat_is_not_enough(place, meeting, motion):
    guest = makers.person("guest", "陶安", ("COMMITTEE_MEMBER", place.root))
    with pytest.raises(Refused, match="不是帮扶基金管理委员会的委员"):
        flow.cast_vote(motion, choice="yes", amount_fen=300_000, by=guest, at=AT)


def test_the_seat_without_the_post_is_not_enough(place, meeting, motion):
    Post.objects.filter(account=place.members[1]).update(to_date=date(2026, 11, 19))
    place.members[1].__dict__.pop("_posts", None)
    with pytest.raises(PermissionDenied):
        vote(place, motion, 1)


def test_more_than_the_noticed_sum_is_refused(place, meeting, motion):
    with pytest.raises(Refused, match="重新公示"):
        vote(place, motion, 1, amount_fen=500_001)
    vote(place, motion, 1, amount_fen=500_000)


@pytest.mark.parametrize("amount", [None, 0, -100])
def test_a_yes_to_money_names_a_sum(place, meeting, motion, amount):
    with pytest.raises(Refused, match="金额"):
        vote(place, motion, 1, amount_fen=amount)


@pytest.mark.parametrize(("choice", "amount"), [("no", None), ("return", None), ("yes", 200_000)])
def test_what_differs_from_the_suggestion_needs_a_reason(place, meeting, motion, choice, amount):
    with pytest.raises(Refused, match="写理由"):
        vote(place, motion, 1, choice, amount, opinion=" ")
    vote(place, motion, 1, choice, amount, opinion="收入说明没有交")


def test_the_suggested_sum_needs_no_words(place, meeting, motion):
    assert vote(place, motion, 1, opinion="").opinion == ""


def test_an_unknown_choice_is_refused(place, meeting, motion):
    with pytest.raises(Refused, match="请选"):
        flow.cast_vote(motion, choice="maybe", by=place.members[1], at=AT)


def test_an_old_page_does_not_vote(place, meeting, motion):
    with pytest.raises(Stale):
        flow.cast_vote(motion, choice="yes", amount_fen=300_000, version=99, by=place.members[1], at=AT)


def test_votes_recusals_and_resolutions_cannot_be_changed_or_deleted(place, meeting, motion):
    flow.recuse(motion, reason="亲属", by=place.members[6], at=AT)
    for n in range(6):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    for model, change in [(Vote, {"choice": "no"}), (Recusal, {"reason": "无"}), (Resolution, {"number": "x"})]:
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.update(**change)
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all()._raw_delete("default")


def test_the_database_keeps_one_vote_and_no_sum_with_a_no(place, meeting, motion):
    vote(place, motion, 1)
    for facts in ({"choice": "yes"}, {"choice": "no", "amount_fen": 5}, {"choice": "maybe"}):
        seat = place.seats[1] if facts == {"choice": "yes"} else place.seats[2]
        with pytest.raises(IntegrityError), transaction.atomic():
            Vote.objects.create(motion=motion, member=seat, at=AT, **facts)


def test_the_amount_that_a_majority_carries_is_awarded(place, meeting, motion, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_resolved", [lambda resolution, by, at: heard.append((resolution.motion.subject, by))])
    for n, amount in enumerate([500_000, 300_000, 300_000, 300_000, 100_000]):
        vote(place, motion, n, amount_fen=amount)
    vote(place, motion, 5, "no")
    vote(place, motion, 6, "return")
    resolution = flow.resolve(motion, by=place.chair, at=AT)
    assert (resolution.outcome, resolution.amount_fen, resolution.needed) == ("passed", 300_000, 4)
    assert (resolution.yes, resolution.no, resolution.returned, resolution.not_voted) == (5, 1, 1, 0)
    assert resolution.number == "KY-R2026-0001"
    motion.refresh_from_db()
    assert motion.state == "decided" and heard == [("process.case:12", place.chair)]
    assert "governance.motion_resolved" in kinds()


@pytest.mark.parametrize(
    ("choices", "result"),
    [("yyyynnn", "passed"), ("yyynnnn", "refused"), ("yyynnnr", "returned"), ("rrrrrrr", "returned"), ("yyyyyyy", "passed")],
)
def test_the_majority_decides(place, meeting, motion, choices, result):
    words = {"y": "yes", "n": "no", "r": "return"}
    for n, letter in enumerate(choices):
        vote(place, motion, n, words[letter])
    resolution = flow.resolve(motion, by=place.chair, at=AT)
    assert resolution.outcome == result
    assert (resolution.amount_fen is not None) == (result == "passed")


def test_votes_stay_secret_until_the_result(place, meeting, motion):
    vote(place, motion, 1)
    assert queries.said(motion) == []
    for n in (0, 2, 3, 4, 5, 6):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    motion.refresh_from_db()
    assert len(queries.said(motion)) == 7
    assert list(Vote.objects.visible_to(place.chair).values_list("member__account__username", flat=True)) == ["member0"]


def test_the_result_waits_for_all_unless_the_chair_closes_with_a_quorum(place, meeting, motion):
    for n in range(5):
        vote(place, motion, n)
    with pytest.raises(Refused, match="还有 2 人没有投票"):
        flow.resolve(motion, by=place.chair, at=AT)
    with pytest.raises(Refused, match="不能截止"):
        flow.resolve(motion, closes_voting=True, by=place.chair, at=AT)
    vote(place, motion, 5)
    resolution = flow.resolve(motion, closes_voting=True, by=place.chair, at=AT)
    assert (resolution.eligible, resolution.yes, resolution.not_voted) == (7, 6, 1)


def test_who_did_not_vote_counts_in_the_majority(place, meeting, motion):
    for n in range(6):
        vote(place, motion, n, "yes" if n < 3 else "return")
    assert flow.resolve(motion, closes_voting=True, by=place.chair, at=AT).outcome == "returned"


def test_a_decided_motion_takes_no_vote_and_no_second_result(place, meeting, motion):
    for n in range(7):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    for act in (
        lambda: vote(place, motion, 1),
        lambda: flow.resolve(motion, by=place.chair, at=AT),
        lambda: flow.recuse(motion, reason="亲属", by=place.members[2], at=AT),
        lambda: flow.take_off_agenda(motion, reason="撤下", by=place.head, at=AT),
    ):
        with pytest.raises(Refused, match="已决议"):
            act()


def test_others_than_the_chair_do_not_announce(place, meeting, motion):
    for n in range(7):
        vote(place, motion, n)
    for who in (place.members[1], place.head, place.other["auditor"], place.stranger):
        with pytest.raises(PermissionDenied):
            flow.resolve(motion, by=who, at=AT)
    assert not Resolution.objects.exists()


def test_a_listener_that_fails_undoes_the_result(place, meeting, motion, monkeypatch):
    def fail(resolution, by, at):
        raise Refused("基金余额不够，先不要宣布。")

    monkeypatch.setattr(reactions, "on_resolved", [fail])
    for n in range(7):
        vote(place, motion, n)
    with pytest.raises(Refused, match="余额"):
        flow.resolve(motion, by=place.chair, at=AT)
    motion.refresh_from_db()
    assert motion.state == "waiting" and not Resolution.objects.exists() and "governance.motion_resolved" not in kinds()


def test_a_motion_without_money_passes_without_a_sum(place, session):
    plain = put(place, session, "policy.version:3", amount_fen=None, max_fen=None, party="", title="修订办法")
    opened(place, session, 7)
    for n in range(7):
        vote(place, plain, n, amount_fen=None, opinion="")
    assert flow.resolve(plain, by=place.chair, at=AT).amount_fen is None
