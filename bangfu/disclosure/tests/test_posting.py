"""A notice goes up, is narrowed, closes after its term, is taken down; and its days."""

from datetime import date, datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from bangfu.access.models import Holiday
from bangfu.audit.models import Event
from bangfu.disclosure import flow, queries, reactions, sheet
from bangfu.disclosure.models import Notice, NoticeChannel
from bangfu.disclosure.tests.makers import DURING, SHANGHAI, at, kinds, objection, post
from bangfu.lib.days import closes_at
from bangfu.lib.errors import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.mark.parametrize(
    ("posted", "days", "end"),
    [
        ("2026-11-17 10:00", 7, "2026-11-25 00:00"),
        ("2026-11-17 23:59:59", 7, "2026-11-25 00:00"),
        ("2026-11-18 00:00", 7, "2026-11-26 00:00"),
        ("2026-11-18 00:01", 7, "2026-11-26 00:00"),
        ("2026-11-24 12:00", 7, "2026-12-02 00:00"),  # over the end of a month
        ("2026-12-28 12:00", 7, "2027-01-05 00:00"),  # over the year
        ("2028-02-22 12:00", 7, "2028-03-01 00:00"),  # 29 February counts
        ("2027-02-22 12:00", 7, "2027-03-02 00:00"),
        ("2026-11-17 10:00", 1, "2026-11-19 00:00"),
    ],
)
def test_the_day_of_posting_does_not_count_and_full_days_follow(place, posted, days, end):
    notice = post(place, at=at(posted), days=days)
    assert notice.closes_at == at(end)


def test_working_days_skip_weekends_and_the_organisations_holidays(place):
    assert post(place, days=5, is_working_days=True, at=at("2026-11-17 10:00")).closes_at == at("2026-11-25 00:00")
    Holiday.objects.create(unit=place.root, day=date(2026, 11, 19), is_working=False, title="停工")
    Holiday.objects.create(unit=place.root, day=date(2026, 11, 21), is_working=True, title="调休")
    later = post(place, origin="process.case:13", days=5, is_working_days=True, at=at("2026-11-17 10:00"))
    assert later.closes_at == at("2026-11-25 00:00")  # one day lost, one won
    Holiday.objects.create(unit=place.root, day=date(2026, 11, 20), is_working=False, title="停工")
    longer = post(place, origin="process.case:14", days=5, is_working_days=True, at=at("2026-11-17 10:00"))
    assert longer.closes_at == at("2026-11-26 00:00")


@given(st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31)), st.integers(1, 60))
def test_every_notice_has_its_full_days(moment, days):
    posted = moment.replace(tzinfo=SHANGHAI)
    end = closes_at(posted, days).astimezone(SHANGHAI)
    assert (end.hour, end.minute, end.second) == (0, 0, 0)
    assert (end.date() - posted.date()).days == days + 1


def test_each_channel_has_its_own_snapshot_and_digest(place, notice):
    shown = {row.channel: [line["name"] for line in row.rows] for row in queries.current_channels(notice)}
    assert shown == {"board": ["段志强", "", "张立诚"], "intranet": ["段*强", "", "张*诚"], "open": ["段*强", "", "张*诚"]}
    assert all(sheet.is_intact(row) for row in notice.channels.all())
    assert notice.number == "KY-G2026-0001" and len(notice.token) >= 32
    assert "disclosure.notice_posted" in kinds()
    assert "段志强" not in Event.objects.get(kind="disclosure.notice_posted").body


def test_only_the_chosen_channels_are_posted(place):
    notice = post(place, channels=["board"])
    assert [row.channel for row in queries.current_channels(notice)] == ["board"]
    with pytest.raises(Refused, match="公示的地方"):
        post(place, origin="process.case:13", channels=[])


@pytest.mark.parametrize("days", [0, -1, 61])
def test_a_term_is_between_one_and_sixty_days(place, days):
    with pytest.raises(Refused, match="天数"):
        post(place, days=days)
    assert not Notice.objects.exists()


def test_poster_and_checker_are_two(place):
    with pytest.raises(Refused, match="两个人"):
        post(place, checked_by=place.clerk)
    with pytest.raises(PermissionDenied):
        post(place, checked_by=place.auditor)
    with pytest.raises(IntegrityError), transaction.atomic():
        notice = post(place, checked_by=None)
        Notice.objects.filter(pk=notice.pk).update(checked_by=place.clerk)


@pytest.mark.parametrize("who", ["auditor", "cashier", "other_clerk", "stranger"])
def test_only_the_unit_and_the_office_post(place, who):
    with pytest.raises(PermissionDenied):
        post(place, by=getattr(place, who))


def test_one_notice_at_a_time_for_one_case(place, notice):
    with pytest.raises(Refused, match="正在公示"):
        post(place)
    flow.take_down(notice, reason="金额要改", by=place.clerk, at=DURING)
    assert post(place, at=DURING).number == "KY-G2026-0002"
    assert queries.notice_of("process.case:12").number == "KY-G2026-0002"


def test_snapshots_cannot_be_changed_or_deleted(place, notice):
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeChannel.objects.update(rows=[])
    with pytest.raises(DatabaseError), transaction.atomic():
        NoticeChannel.objects.all()._raw_delete("default")


def test_a_withdrawn_consent_leaves_the_number_everywhere_at_once(place, notice):
    assert flow.narrow(notice, "KY-A2026-0221", reason="本人撤回同意", by=None, at=DURING) == 3
    for row in queries.current_channels(notice):
        assert row.revision == 2 and row.rows[2]["name"] == "" and row.rows[0]["name"] != ""
        assert sheet.is_intact(row)
    assert notice.channels.filter(revision=1).count() == 3  # what was shown before stays as proof
    assert flow.narrow(notice, "KY-A2026-0221", reason="再撤", by=None, at=DURING) == 0
    assert kinds().count("disclosure.notice_narrowed") == 1


def test_a_closed_notice_is_not_narrowed(place, notice):
    flow.take_down(notice, reason="改期", by=place.clerk, at=DURING)
    assert flow.narrow(notice, "KY-A2026-0221", reason="撤回", by=None, at=DURING) == 0


@pytest.mark.parametrize("moment", ["2026-11-17 10:01", "2026-11-23 12:00", "2026-11-24 23:59:59"])
def test_six_days_are_refused_and_nothing_changes(place, notice, moment):
    with pytest.raises(Refused, match="公示期未满，2026-11-25 00:00"):
        flow.close(notice, by=place.clerk, at=at(moment))
    notice.refresh_from_db()
    assert notice.closed_at is None and "disclosure.notice_closed" not in kinds()


def test_after_the_term_it_closes_clear(place, notice):
    closed = flow.close(notice, by=place.clerk, at=at("2026-11-25 00:00"))
    assert (closed.outcome, closed.closed_by) == ("clear", place.clerk)
    with pytest.raises(Refused, match="已经结束"):
        flow.close(notice, by=place.clerk, at=at("2026-11-25 00:01"))


def test_an_open_objection_keeps_it_open_and_an_upheld_one_is_the_outcome(place, notice):
    made = objection(notice, DURING)
    after = at("2026-11-25 00:00")
    with pytest.raises(Refused, match="还有 1 条异议"):
        flow.close(notice, by=place.clerk, at=after)
    flow.answer_objection(made, answer="情况属实，退回核实。", upheld=True, by=place.head, at=after)
    assert flow.close(notice, by=None, at=after).outcome == "upheld"


def test_the_database_refuses_an_early_close(place, notice):
    with pytest.raises(IntegrityError), transaction.atomic():
        Notice.objects.filter(pk=notice.pk).update(closed_at=DURING, outcome="clear")


@pytest.mark.parametrize("who", ["auditor", "cashier", "other_clerk", "stranger"])
def test_only_the_unit_and_the_office_close_and_take_down(place, notice, who):
    with pytest.raises(PermissionDenied):
        flow.close(notice, by=getattr(place, who), at=at("2026-11-25 00:00"))
    with pytest.raises(PermissionDenied):
        flow.take_down(notice, reason="改期", by=getattr(place, who), at=DURING)


def test_taking_down_needs_a_reason_and_is_heard(place, notice, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_taken_down", [lambda notice, by, at: heard.append(notice.origin)])
    with pytest.raises(Refused, match="原因"):
        flow.take_down(notice, reason=" ", by=place.clerk, at=DURING)
    taken = flow.take_down(notice, reason="金额要改", by=place.clerk, at=DURING)
    assert (taken.outcome, taken.taken_down_reason, heard) == ("taken_down", "金额要改", ["process.case:12"])
    assert not taken.is_open(DURING)
    with pytest.raises(Refused, match="不用再撤"):
        flow.take_down(notice, reason="再撤", by=place.clerk, at=DURING)


def test_an_objection_is_still_answered_after_the_taking_down(place, notice):
    made = objection(notice, DURING)
    flow.take_down(notice, reason="改期", by=place.clerk, at=DURING)
    flow.answer_objection(made, answer="已核实，重新公示。", upheld=True, by=place.head, at=DURING)
    assert queries.open_objections("process.case:12") == 0
