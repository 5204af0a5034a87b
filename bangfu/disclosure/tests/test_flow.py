"""Every transition of a notice: works, too early, wrong state, wrong role, and what it leaves behind."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from bangfu.access.models import Holiday
from bangfu.audit.models import Event
from bangfu.disclosure import flow, queries, reactions, sheet
from bangfu.disclosure.lines import Channel
from bangfu.disclosure.models import Notice, NoticeChannel, Objection
from bangfu.disclosure.tests import makers
from bangfu.disclosure.tests.makers import AT, objection, post
from bangfu.lib.days import closes_at
from bangfu.lib.errors import Refused
from bangfu.notify.models import Message

SHANGHAI = ZoneInfo("Asia/Shanghai")
DURING = AT + timedelta(days=2)
pytestmark = [pytest.mark.django_db, pytest.mark.both]


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def kinds() -> list[str]:
    return list(Event.objects.values_list("kind", flat=True))


@pytest.fixture
def place():
    return makers.world()


@pytest.fixture
def notice(place):
    return post(place)


# -- post, and its days


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


# -- narrow (P22)


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


# -- objections


def test_an_objection_is_sealed_and_told_to_those_who_answer(place, notice, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_objection", [lambda objection, by, at: heard.append((objection.notice.origin, by))])
    made = objection(notice, DURING, text="张立诚家里有两套住房，请核实。", is_named=True, name="赵某", contact="13800000000")
    assert heard == [("process.case:12", None)]
    assert made.via == "open" and made.answer_due_at == at("2026-11-27 00:00")
    told = set(Message.objects.values_list("to__username", flat=True))
    assert told == {"unit-chair"}  # the nearest who may answer
    with connection.cursor() as cursor:
        cursor.execute("SELECT text, name, contact FROM disclosure_objection")
        raw = b"".join(bytes(value) for value in cursor.fetchone())
    assert "两套住房".encode() not in raw and "赵某".encode() not in raw and b"13800000000" not in raw
    body = Event.objects.get(kind="disclosure.objection_raised").body
    assert "两套住房" not in body and "赵某" not in body and "13800000000" not in body


def test_anonymous_means_that_nothing_is_kept(place, notice):
    made = objection(notice, DURING, is_named=False, name="赵某", contact="13800000000")
    made.refresh_from_db()
    assert (made.name, made.contact, made.registered_by) == ("", "", None)
    with pytest.raises(Refused, match="匿名"):
        flow.show_objector(made, reason="verify", by=place.head, at=DURING)


@pytest.mark.parametrize("facts", [{"name": "赵某"}, {"contact": "13800000000"}, {}])
def test_a_named_objection_has_a_name_and_a_contact(place, notice, facts):
    with pytest.raises(Refused, match="姓名和联系方式"):
        objection(notice, DURING, is_named=True, **facts)


@pytest.mark.parametrize(("text", "words"), [("", "请写明"), ("不行", "请写明"), ("长" * 1001, "超过")])
def test_an_objection_has_something_to_say(place, notice, text, words):
    with pytest.raises(Refused, match=words):
        objection(notice, DURING, text=text)


def test_an_objection_is_about_a_line_of_the_notice(place, notice):
    assert objection(notice, DURING, case_number="KY-A2026-0221").case_number == "KY-A2026-0221"
    with pytest.raises(Refused, match="公示里没有编号"):
        objection(notice, DURING, text="对另一件有意见的。", case_number="KY-A2026-9999")


def test_the_same_words_are_one_objection(place, notice):
    objection(notice, DURING, text="他家有两套房，请核实。")
    with pytest.raises(Refused, match="已经收到"):
        objection(notice, DURING, text=" 他家有两套房，请核实。 ")


def test_a_flood_is_refused_for_the_day_and_the_desk_goes_on(place, notice):
    for n in range(flow.MAX_OBJECTIONS_A_DAY):
        objection(notice, DURING, text=f"第 {n} 条不同意见")
    with pytest.raises(Refused, match="意见已满"):
        objection(notice, DURING, text="再来一条不同意见")
    objection(notice, DURING, text="来访反映的不同意见", by=place.clerk)
    objection(notice, DURING + timedelta(days=1), text="第二天的不同意见")


@pytest.mark.parametrize(
    ("moment", "taken"), [("2026-11-24 23:59:59", True), ("2026-11-25 00:00", False), ("2026-11-17 09:59", False)]
)
def test_the_open_page_hears_until_the_last_second(place, notice, moment, taken):
    if taken:
        assert objection(notice, at(moment)).pk
    else:
        with pytest.raises(Refused, match="已经结束"):
            objection(notice, at(moment))


def test_the_desk_registers_until_the_notice_is_closed(place, notice):
    after = at("2026-11-25 09:00")
    late = objection(notice, after, text="来信昨天就寄出了。", by=place.clerk)
    flow.answer_objection(late, answer="经核实不属实。", upheld=False, by=place.unit_chair, at=after)
    flow.close(notice, by=place.clerk, at=after)
    with pytest.raises(Refused, match="已经结束"):
        objection(notice, after, text="又来一封信的意见。", by=place.clerk)


@pytest.mark.parametrize("who", ["auditor", "cashier", "other_clerk", "stranger"])
def test_only_the_unit_and_the_office_register(place, notice, who):
    with pytest.raises(PermissionDenied):
        objection(notice, DURING, by=getattr(place, who))


# -- answers


def test_an_answer_is_kept_and_the_listeners_are_called(place, notice, monkeypatch):
    heard = []
    monkeypatch.setattr(reactions, "on_answered", [lambda objection, by, at: heard.append((objection.upheld, by))])
    made = objection(notice, DURING)
    assert queries.open_objections("process.case:12") == 1
    flow.answer_objection(made, answer="已上门核实，情况属实。", upheld=True, by=place.unit_chair, at=DURING)
    made.refresh_from_db()
    assert (made.upheld, made.answered_by, made.answer) == (True, place.unit_chair, "已上门核实，情况属实。")
    assert heard == [(True, place.unit_chair)] and queries.open_objections("process.case:12") == 0
    with pytest.raises(Refused, match="已经答复"):
        flow.answer_objection(made, answer="再答复一次。", upheld=False, by=place.head, at=DURING)


def test_who_posted_or_registered_does_not_answer(place):
    notice = post(place, by=place.unit_chair, checked_by=place.clerk)
    made = objection(notice, DURING)
    with pytest.raises(Refused, match="要由别人答复"):
        flow.answer_objection(made, answer="不属实，维持。", upheld=False, by=place.unit_chair, at=DURING)
    flow.answer_objection(made, answer="不属实，维持。", upheld=False, by=place.head, at=DURING)
    registered = objection(notice, DURING, text="来访反映另一件事", by=place.head)
    with pytest.raises(Refused, match="您登记的"):
        flow.answer_objection(registered, answer="不属实，维持。", upheld=False, by=place.head, at=DURING)


@pytest.mark.parametrize("who", ["clerk", "officer", "auditor", "cashier", "other_clerk", "stranger"])
def test_only_the_units_chair_and_the_office_head_answer(place, notice, who):
    made = objection(notice, DURING)
    with pytest.raises(PermissionDenied):
        flow.answer_objection(made, answer="不属实，维持。", upheld=False, by=getattr(place, who), at=DURING)


def test_an_answer_says_something(place, notice):
    with pytest.raises(Refused, match="核实的情况"):
        flow.answer_objection(objection(notice, DURING), answer="不。", upheld=False, by=place.head, at=DURING)


def test_a_listener_that_fails_undoes_the_objection(place, notice, monkeypatch):
    def fail(objection, by, at):
        raise RuntimeError("no hold")

    monkeypatch.setattr(reactions, "on_objection", [fail])
    with pytest.raises(RuntimeError):
        objection(notice, DURING)
    assert not Objection.objects.exists() and "disclosure.objection_raised" not in kinds()


def test_the_objector_is_shown_to_few_with_a_reason_and_recorded(place, notice):
    made = objection(notice, DURING, is_named=True, name="赵某", contact="13800000000")
    assert flow.show_objector(made, reason="verify", by=place.head, at=DURING) == ("赵某", "13800000000")
    event = Event.objects.get(kind="disclosure.objector_shown")
    assert event.actor == "head" and "赵某" not in event.body
    with pytest.raises(Refused, match="为什么"):
        flow.show_objector(made, reason="", by=place.head, at=DURING)
    for who in (place.clerk, place.officer, place.cashier, place.stranger):
        with pytest.raises(PermissionDenied):
            flow.show_objector(made, reason="verify", by=who, at=DURING)


def test_who_posted_learns_neither_words_nor_name(place):
    notice = post(place, by=place.unit_chair, checked_by=None)
    made = objection(notice, DURING, is_named=True, name="赵某", contact="13800000000")
    assert not made.text_shown_to(place.unit_chair) and made.text_shown_to(place.head)
    with pytest.raises(Refused, match="您发布的"):
        flow.show_objector(made, reason="verify", by=place.unit_chair, at=DURING)


# -- close and take down


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


# -- reads


def test_the_to_do_lists_what_one_may_answer_and_what_is_over(place, notice):
    made = objection(notice, DURING)
    assert queries.unanswered(place.head) == [made] and queries.unanswered(place.unit_chair) == [made]
    assert queries.unanswered(place.clerk) == [] and queries.unanswered(place.stranger) == []
    assert queries.over(place.clerk, DURING) == [] and queries.over(place.clerk, at("2026-11-25 00:00")) == [notice]


def test_other_units_and_organisations_see_nothing(place, notice):
    objection(notice, DURING)
    for who in (place.stranger, place.other_clerk):
        for model in (Notice, NoticeChannel, Objection):
            assert not model.objects.visible_to(who).exists()
    assert Notice.objects.visible_to(place.auditor).exists()


def test_the_telephone_is_the_nearest_above(place):
    assert queries.telephone_of(place.section) == "0873-000-0000"
    place.section.phone = "0873-111-1111"
    place.section.save()
    assert queries.telephone_of(place.section) == "0873-111-1111"


def test_running_is_a_question_of_time(place, notice):
    assert list(Notice.objects.running(at("2026-11-24 23:59"))) == [notice]
    assert not Notice.objects.running(at("2026-11-25 00:00")).exists()
    assert notice.is_over(at("2026-11-25 00:00")) and not notice.is_over(DURING)
    assert AT.tzinfo is UTC and {row.channel for row in notice.channels.all()} == set(Channel.values)
