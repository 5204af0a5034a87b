"""A session: called, its seats, opened with a quorum, closed with its minutes; who sees it."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.governance import conflicts, flow, minutes, queries
from bangfu.governance.models import Motion, Recusal, Resolution, Session
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, called, kinds, opened, put, vote
from bangfu.lib.errors import Refused, Stale
from bangfu.notify.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.both]


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


def test_a_session_that_was_not_held_is_moved_and_the_members_sign_in_anew(place, session):
    flow.attend(session, place.seats[0], by=place.members[0], at=makers.HELD)
    later = makers.HELD + timedelta(days=5)
    asked = {"held_at": later, "by": place.head, "at": makers.HELD + timedelta(days=1)}
    with pytest.raises(PermissionDenied):
        flow.move_session(session, **asked | {"by": place.other["clerk"]})
    with pytest.raises(Refused, match="已经过去"):
        flow.move_session(session, **asked | {"held_at": makers.HELD})
    with pytest.raises(Stale):
        flow.move_session(session, version=99, **asked)
    moved = flow.move_session(session, **asked)
    assert moved.held_at == later and (moved.year, moved.number) == (session.year, session.number)
    assert not moved.attendances.exists() and kinds()[-1] == "governance.session_moved"
    assert Message.objects.filter(url=f"/sessions/{session.pk}/", text__contains="改在").count() == 9
    with pytest.raises(Refused, match="只能当天开始"):
        flow.open_session(moved, by=place.members[0], at=makers.HELD)


def test_an_opened_session_is_not_moved(place, session):
    session = opened(place, session)
    with pytest.raises(Refused, match="已经开过"):
        flow.move_session(session, held_at=makers.HELD + timedelta(days=5), by=place.head, at=makers.HELD)
