"""Every transition of the committee: works, wrong state, wrong role, and what it leaves behind."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction

from bangfu.access.models import Post
from bangfu.audit.models import Event
from bangfu.governance import conflicts, flow, minutes, queries, reactions
from bangfu.governance.models import Motion, Recusal, Resolution, Session, Vote
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, called, opened, put, vote
from bangfu.lib.errors import Refused, Stale
from bangfu.notify.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def place():
    return makers.world()


@pytest.fixture
def session(place):
    return called(place)


@pytest.fixture
def motion(place, session):
    return put(place, session)


@pytest.fixture
def meeting(place, session, motion):
    return opened(place, session, 7)


def kinds() -> list[str]:
    return list(Event.objects.values_list("kind", flat=True))


# -- convene


def test_sessions_are_numbered_within_the_year_and_the_members_are_told(place):
    first, second = called(place), called(place, held_at=makers.HELD + timedelta(days=7))
    next_year = called(place, held_at=makers.HELD + timedelta(days=60))
    assert [(s.year, s.number) for s in (first, second, next_year)] == [(2026, 1), (2026, 2), (2027, 1)]
    assert Message.objects.filter(url=f"/sessions/{first.pk}/").count() == 9
    assert kinds().count("governance.session_convened") == 3


def test_the_year_of_a_session_is_the_year_in_shanghai(place):
    new_year = called(place, held_at=makers.HELD.replace(month=12, day=31, hour=17))  # 2027-01-01 01:00 in Shanghai
    assert new_year.year == 2027


@pytest.mark.parametrize("days", [-1, -30])
def test_a_session_is_not_called_into_the_past(place, days):
    with pytest.raises(Refused, match="已经过去"):
        called(place, held_at=makers.HELD + timedelta(days=days))
    assert not Session.objects.exists()


def test_the_same_hour_is_not_called_twice(place, session):
    with pytest.raises(Refused, match="已经召集过"):
        called(place)


@pytest.mark.parametrize("who", ["auditor", "clerk", "cashier"])
def test_only_the_office_and_the_chair_convene(place, who):
    with pytest.raises(PermissionDenied):
        flow.convene(place.committee, held_at=makers.HELD, by=place.other[who], at=AT)


# -- seats


def test_a_seat_needs_the_post_too(place):
    with pytest.raises(PermissionDenied):
        flow.seat_member(place.committee, place.other["clerk"], from_date=date(2026, 1, 1), by=place.head, at=AT)


def test_a_committee_has_one_chair_and_one_seat_for_each(place):
    with pytest.raises(Refused):
        flow.seat_member(place.committee, place.members[1], from_date=date(2026, 2, 1), by=place.head, at=AT)


def test_who_left_is_not_due_any_more(place, session):
    flow.unseat_member(place.seats[8], to_date=date(2026, 11, 20), by=place.head, at=AT)
    assert len(queries.due(session)) == 8
    with pytest.raises(Refused, match="不是这届委员"):
        flow.attend(session, place.seats[8], by=place.head, at=AT)


# -- open


def test_six_of_nine_open_the_session_and_the_quorum_is_frozen(place, session):
    meeting = opened(place, session, 6)
    assert (meeting.members_due, meeting.quorum, meeting.is_open) == (9, 6, True)
    assert "governance.session_opened" in kinds()


def test_five_of_nine_are_no_quorum_and_nothing_changes(place, session):
    with pytest.raises(Refused, match="不够法定人数 6 人"):
        opened(place, session, 5)
    session.refresh_from_db()
    assert session.opened_at is None and "governance.session_opened" not in kinds()


def test_a_session_opens_on_its_day_only(place):
    session = called(place, held_at=makers.HELD + timedelta(days=1))
    with pytest.raises(Refused, match="当天"):
        flow.attend(session, place.seats[0], by=place.head, at=AT)
    with pytest.raises(Refused, match="只能当天开始"):
        flow.open_session(session, by=place.chair, at=AT)


def test_only_the_chair_opens_and_only_once(place, meeting):
    with pytest.raises(Refused, match="已经开始"):
        flow.open_session(meeting, by=place.chair, at=AT)
    for who in (place.members[1], place.head, place.other["auditor"], place.stranger):
        with pytest.raises(PermissionDenied):
            flow.open_session(meeting, by=who, at=AT)


def test_an_old_page_does_not_open_a_session(place, session):
    for seat in place.seats:
        flow.attend(session, seat, by=place.head, at=AT)
    with pytest.raises(Stale):
        flow.open_session(session, version=session.version + 1, by=place.chair, at=AT)


def test_nobody_is_noted_present_twice_or_by_a_colleague(place, session):
    flow.attend(session, place.seats[1], by=place.members[1], at=AT)
    with pytest.raises(Refused, match="已经签到"):
        flow.attend(session, place.seats[1], by=place.head, at=AT)
    with pytest.raises(PermissionDenied):
        flow.attend(session, place.seats[2], by=place.members[1], at=AT)


# -- agenda


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


# -- vote


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


# -- recusal (P6)


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


# -- resolve


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


# -- close and minutes


def test_a_session_closes_with_minutes_when_all_is_decided(place, meeting, motion):
    with pytest.raises(Refused, match="还有 1 件没有决议"):
        flow.close_session(meeting, minutes="已议完", by=place.chair, at=AT)
    for n in range(7):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    with pytest.raises(Refused, match="纪要"):
        flow.close_session(meeting, minutes="  ", by=place.chair, at=AT)
    with pytest.raises(PermissionDenied):
        flow.close_session(meeting, minutes="已议完", by=place.head, at=AT)
    closed = flow.close_session(meeting, minutes="会议审议 1 件。", by=place.chair, at=AT)
    assert closed.closed_at == AT
    with pytest.raises(Refused, match="已经结束"):
        flow.close_session(closed, minutes="再写", by=place.chair, at=AT)
    with pytest.raises(Refused, match="下一次会"):
        put(place, closed, "process.case:99")


def test_minutes_are_signed_by_chair_and_recorder_and_name_no_applicant(place, meeting, motion):
    for n in range(7):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    with pytest.raises(Refused, match="还没有结束"):
        flow.sign_minutes(meeting, role="chair", by=place.chair, at=AT)
    meeting.refresh_from_db()
    closed = flow.close_session(meeting, minutes=minutes.draft(meeting), by=place.chair, at=AT)
    with pytest.raises(Refused, match="记录人是李静宜"):
        flow.sign_minutes(closed, role="recorder", by=place.chair, at=AT)
    flow.sign_minutes(closed, role="chair", by=place.chair, at=AT)
    flow.sign_minutes(closed, role="recorder", by=place.head, at=AT)
    with pytest.raises(Refused, match="已经签过"):
        flow.sign_minutes(closed, role="chair", by=place.chair, at=AT)
    assert [sign.role for sign in minutes.signatures(closed)] == ["chair", "recorder"]
    assert "何秋菊" not in str(minutes.content(closed)) and "KY-A2026-0214" in str(minutes.content(closed))


# -- reads


def test_the_committee_of_a_unit_is_the_nearest_above(place):
    section = makers.unit("section", "设备动力部", place.root)
    assert queries.committee_of(section) == place.committee
    own = flow.form_committee(section, name="分会评审小组", by=None, at=AT)
    assert queries.committee_of(section) == own
    assert queries.committee_of(place.stranger.posts.first().unit) is None


def test_the_to_do_of_a_member_leads_to_what_she_has_not_voted(place, meeting, motion, clock):
    assert queries.waiting_sessions(place.members[1]) == [(meeting, [motion.pk])]
    vote(place, motion, 1)
    assert queries.waiting_sessions(place.members[1]) == [] and queries.waiting_sessions(place.members[8]) == []


def test_another_organisation_sees_nothing(place, meeting, motion):
    for model in (Session, Motion, Recusal, Resolution):
        assert not model.objects.visible_to(place.stranger).exists()
        assert not model.objects.visible_to(place.other["clerk"]).exists()


def test_an_officer_with_another_duty_on_the_case_still_prepares_the_agenda(place, session, motion, monkeypatch):
    monkeypatch.setattr(conflicts, "reasons", [lambda account, subject: "这件的调查是本人办的"])
    assert Motion.objects.visible_to(place.head).exists()
    assert not Motion.objects.visible_to(place.members[3]).exists()
