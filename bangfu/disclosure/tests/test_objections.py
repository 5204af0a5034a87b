"""What is said against a notice, who answers it, who may know who said it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from bangfu.audit.models import Event
from bangfu.disclosure import flow, queries, reactions
from bangfu.disclosure.models import Objection
from bangfu.disclosure.tests.makers import DURING, at, kinds, objection, post
from bangfu.lib.errors import Refused
from bangfu.notify.models import Message

pytestmark = [pytest.mark.django_db, pytest.mark.both]


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
