"""A second person looks before a notice is up: drafted, confirmed word for word, sent back, taken back."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bangfu.access.models import Post
from bangfu.disclosure import flow, queries, sheet
from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.disclosure.tests.makers import AT, DURING, at, draft, kinds, post
from bangfu.lib.errors import Refused

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def waiting(place):
    return draft(place)


def test_a_draft_shows_nobody_anything_and_its_days_do_not_run(place, waiting):
    assert not Notice.objects.exists() and kinds()[-1] == "disclosure.notice_drafted"
    assert {title: rows[0]["name"] for title, rows in waiting.channels} == {
        "单位公示栏": "段志强",
        "办公网": "段*强",
        "公开网页": "段*强",
    }


def test_the_checker_confirms_and_the_days_begin_then(place, waiting):
    notice = flow.confirm(waiting, seen=waiting.sha256, by=place.unit_chair, at=DURING)
    assert (notice.posted_by, notice.checked_by, notice.posted_at) == (place.clerk, place.unit_chair, DURING)
    assert notice.closes_at == at("2026-11-27 00:00")
    assert {row.channel: row.rows for row in queries.current_channels(notice)} == waiting.shown
    assert all(sheet.is_intact(row) for row in queries.current_channels(notice))
    waiting.refresh_from_db()
    assert (waiting.state, waiting.decided_by, waiting.notice, waiting.shown) == ("confirmed", place.unit_chair, notice, {})
    with pytest.raises(Refused, match="已核对"):
        flow.confirm(waiting, seen=waiting.sha256, by=place.unit_chair, at=DURING)


@pytest.mark.parametrize("who", ["clerk", "officer", "head", "auditor", "stranger"])
def test_nobody_confirms_or_sends_back_in_the_checkers_place(place, waiting, who):
    by = getattr(place, who)
    with pytest.raises(Refused, match="周德林核对"):
        flow.confirm(waiting, seen=waiting.sha256, by=by, at=DURING)
    with pytest.raises(Refused, match="周德林核对"):
        flow.send_back(waiting, reason="金额不对", by=by, at=DURING)
    assert not Notice.objects.exists()


def test_a_checker_whose_post_has_ended_confirms_nothing(place, waiting):
    Post.objects.filter(account=place.unit_chair).update(to_date=AT.date() - timedelta(days=1))
    place.unit_chair.__dict__.pop("_posts", None)
    with pytest.raises(PermissionDenied):
        flow.confirm(waiting, seen=waiting.sha256, by=place.unit_chair, at=DURING)


def test_what_changed_since_the_checker_looked_is_looked_at_again(place, waiting):
    seen = waiting.sha256
    flow.narrow_draft(waiting, "KY-A2026-0221", by=None, at=AT)
    with pytest.raises(Refused, match="再看一遍"):
        flow.confirm(waiting, seen=seen, by=place.unit_chair, at=DURING)
    waiting.refresh_from_db()
    assert all(rows[2]["name"] == "" for _title, rows in waiting.channels)
    flow.confirm(waiting, seen=waiting.sha256, by=place.unit_chair, at=DURING)


def test_sent_back_with_a_reason_it_is_drafted_again(place, waiting):
    with pytest.raises(Refused, match="写明哪里不对"):
        flow.send_back(waiting, reason=" ", by=place.unit_chair, at=DURING)
    with pytest.raises(Refused, match="已经拟好"):
        draft(place)
    flow.send_back(waiting, reason="部门写错了", by=place.unit_chair, at=DURING)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.reason, waiting.shown) == ("returned", "部门写错了", {})
    assert queries.last_sent_back("process.case:12") == waiting and queries.waiting_draft("process.case:12") is None
    assert draft(place).pk and queries.last_sent_back("process.case:12") is None


def test_taken_back_it_is_gone(place, waiting):
    flow.drop(waiting, reason="换人核对", by=place.clerk, at=DURING)
    with pytest.raises(Refused, match="已收回"):
        flow.confirm(waiting, seen=waiting.sha256, by=place.unit_chair, at=DURING)
    assert kinds()[-1] == "disclosure.notice_draft_dropped"


def test_drafter_and_checker_are_two_with_posts(place):
    with pytest.raises(Refused, match="两个人"):
        draft(place, checker=place.clerk)
    with pytest.raises(PermissionDenied):
        draft(place, checker=place.auditor)
    made = draft(place)
    with pytest.raises(IntegrityError), transaction.atomic():
        NoticeDraft.objects.filter(pk=made.pk).update(checker=place.clerk)


def test_nothing_is_drafted_beside_a_running_notice_or_with_what_must_not_be_shown(place):
    post(place)
    with pytest.raises(Refused, match="正在公示"):
        draft(place)
    with pytest.raises(Refused, match="一长串数字"):
        draft(place, origin="process.case:13", basis="电话 13800138000")
