"""The committee's pages, through the browser's door."""

import re

import pytest
from django.urls import reverse

from bangfu.audit.models import Event
from bangfu.governance import conflicts, flow, reactions
from bangfu.governance.models import Resolution, Session, Vote
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, called, opened, put, vote

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(clock):
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


def signed_in(client, account):
    client.force_login(account)
    return client


def page(client, account, name, *args, query=""):
    response = signed_in(client, account).get(reverse(name, args=args) + query)
    return response, response.content.decode()


def test_the_office_convenes_and_lands_on_the_session(client, place):
    given = {"committee": place.committee.pk, "day": "2026.11.25", "hour": "9:00", "place": "三楼", "recorder": place.head.pk}
    response = signed_in(client, place.head).post(reverse("sessions"), given)
    session = Session.objects.get()
    assert response["Location"] == reverse("session", args=[session.pk])
    assert session.held_at.isoformat() == "2026-11-25T01:00:00+00:00" and session.recorder == place.head
    assert "2026 年第 1 次评审会" in page(client, place.head, "sessions")[1]


def test_the_session_tells_its_own_course_but_not_on_the_projection(client, place):
    given = {"committee": place.committee.pk, "day": "2026-11-25", "hour": "9:00", "place": "三楼"}
    signed_in(client, place.head).post(reverse("sessions"), given)
    session = Session.objects.get()
    assert "召集评审会" in page(client, place.head, "session", session.pk)[1]
    assert "召集评审会" not in page(client, place.head, "session", session.pk, query="?screen=1")[1]


def test_a_wrong_hour_keeps_what_was_typed(client, place):
    given = {"committee": place.committee.pk, "day": "2026-11-25", "hour": "九点", "place": "三楼会议室"}
    response = signed_in(client, place.head).post(reverse("sessions"), given)
    text = response.content.decode()
    assert response.status_code == 422 and "时间按“9:00”填写" in text and "三楼会议室" in text
    assert not Session.objects.exists()


def test_a_refusal_is_shown_and_recorded(client, place, session):
    given = {"committee": place.committee.pk, "day": "2026-11-20", "hour": "9:00"}
    response = signed_in(client, place.head).post(reverse("sessions"), given)
    assert response.status_code == 422 and "已经召集过一次会" in response.content.decode()
    assert Event.objects.filter(kind="access.action_refused").count() == 1


def test_a_member_signs_in_herself_and_the_office_ticks_the_rest(client, place, session):
    address = reverse("session-attendance", args=[session.pk])
    signed_in(client, place.members[1]).post(address, {"member": place.seats[1].pk})
    signed_in(client, place.head).post(address, {"member": [seat.pk for seat in place.seats[2:7]]})
    assert session.attendances.count() == 6
    signed_in(client, place.chair).post(reverse("session-opening", args=[session.pk]), {"version": 1})
    session.refresh_from_db()
    assert session.is_open


def test_the_seat_of_another_committee_is_no_seat_here(client, place, session):
    response = signed_in(client, place.head).post(reverse("session-attendance", args=[session.pk]), {"member": 999_999})
    assert response.status_code == 404


def test_the_page_has_the_ballot_and_its_numbers(client, place, meeting, motion):
    vote(place, motion, 2)
    response, text = page(client, place.members[1], "motion", motion.pk)
    assert response.status_code == 200
    for words in ("第 1 件：", "何秋菊", "人民币叁仟元整", "可投 7 人，已投 1 人", "够法定人数（6 人）", "KY-A2026-0214"):
        assert words in text, words
    assert text.count("btn-primary") == 1


def test_a_vote_from_the_page(client, place, meeting, motion):
    given = {"choice": "yes", "amount": "3,000.00", "shown": 300_000, "opinion": "", "version": motion.version}
    response = signed_in(client, place.members[1]).post(reverse("motion-vote", args=[motion.pk]), given)
    assert response.status_code == 302 and Vote.objects.get().amount_fen == 300_000
    assert "您在 10:00 投了票" in page(client, place.members[1], "motion", motion.pk)[1]


def test_another_sum_than_the_button_said_is_asked_again(client, place, meeting, motion):
    address = reverse("motion-vote", args=[motion.pk])
    given = {"choice": "yes", "amount": "2000", "shown": 300_000, "opinion": "差得不多"}
    response = signed_in(client, place.members[1]).post(address, given)
    text = response.content.decode()
    assert response.status_code == 422 and "再按一次" in text and not Vote.objects.exists()
    assert 'name="shown" value="200000"' in text and "差得不多" in text
    signed_in(client, place.members[1]).post(address, given | {"shown": 200_000})
    assert Vote.objects.get().amount_fen == 200_000


@pytest.mark.parametrize("amount", ["三千", "", "-5", "3 万", "1.005"])
def test_what_is_no_sum_is_said_in_words_and_kept(client, place, meeting, motion, amount):
    given = {"choice": "yes", "amount": amount, "shown": 300_000, "opinion": "见材料"}
    response = signed_in(client, place.members[1]).post(reverse("motion-vote", args=[motion.pk]), given)
    assert response.status_code == 422 and "见材料" in response.content.decode() and not Vote.objects.exists()


def test_a_refused_vote_keeps_the_opinion(client, place, meeting, motion):
    given = {"choice": "yes", "amount": "6000", "shown": 600_000, "opinion": "确实困难"}
    response = signed_in(client, place.members[1]).post(reverse("motion-vote", args=[motion.pk]), given)
    text = response.content.decode()
    assert response.status_code == 422 and "公示过的金额是 ¥5,000.00" in text and "确实困难" in text


def test_no_and_return_need_no_sum(client, place, meeting, motion):
    given = {"choice": "return", "amount": "坏", "opinion": "缺收入说明"}
    signed_in(client, place.members[1]).post(reverse("motion-vote", args=[motion.pk]), given)
    assert Vote.objects.get().choice == "return"


def test_the_sum_in_words_comes_while_typing(client, place, meeting, motion):
    text = page(client, place.members[1], "motion-amount", motion.pk, query="?amount=2000.5")[1]
    assert "人民币贰仟元零伍角" in text and 'value="200050"' in text and "hx-swap-oob" in text
    assert "不是金额" in page(client, place.members[1], "motion-amount", motion.pk, query="?amount=abc")[1]


def test_a_member_in_conflict_gets_a_404_everywhere(client, place, session, motion, monkeypatch):
    monkeypatch.setattr(conflicts, "reasons", [lambda account, subject: "亲属" if account == place.members[2] else ""])
    opened(place, session, 7)
    signed_in(client, place.members[2])
    for name in ("motion", "motion-amount"):
        assert client.get(reverse(name, args=[motion.pk])).status_code == 404
    for name in ("motion-vote", "motion-recusal", "motion-resolution"):
        response = client.post(reverse(name, args=[motion.pk]), {"choice": "yes"})
        assert response.status_code == 404 and "何秋菊" not in response.content.decode()
    text = page(client, place.members[2], "session", session.pk)[1]
    assert "何秋菊" not in text and "KY-A2026-0214" not in text and "有 1 件因您要回避" in text
    assert "何秋菊" in page(client, place.members[3], "session", session.pk)[1]


@pytest.mark.parametrize("name", ["session", "session-minutes"])
def test_another_organisation_gets_a_404_for_a_session(client, place, meeting, name):
    assert page(client, place.stranger, name, meeting.pk)[0].status_code == 404


@pytest.mark.parametrize("name", ["session-opening", "session-closure", "session-attendance", "session-signature"])
def test_another_organisation_cannot_post_to_a_session(client, place, meeting, name):
    assert signed_in(client, place.stranger).post(reverse(name, args=[meeting.pk])).status_code == 404


@pytest.mark.parametrize("name", ["motion-vote", "motion-recusal", "motion-resolution", "motion-removal"])
def test_another_organisation_cannot_post_to_a_motion(client, place, meeting, motion, name):
    assert signed_in(client, place.stranger).post(reverse(name, args=[motion.pk]), {"choice": "yes"}).status_code == 404


def test_another_organisation_cannot_touch_seats(client, place):
    signed_in(client, place.stranger)
    assert client.post(reverse("seat-ending", args=[place.seats[1].pk])).status_code == 404
    assert client.get(reverse("committee", args=[place.committee.pk])).status_code == 404


def test_the_projection_names_nobody(client, place, meeting, motion):
    for name, key in (("session", meeting.pk), ("motion", motion.pk)):
        text = page(client, place.chair, name, key, query="?screen=1")[1]
        assert "何秋菊" not in text and "KY-A2026-0214" in text
        assert "ballot" not in text and "btn-primary" not in text


def test_the_projection_shows_only_panels_that_name_nobody(client, place, meeting, motion, monkeypatch):
    panels = {"left": "governance/_recuse.html", "middle": "governance/_words.html", "on_screen": ("middle",)}
    monkeypatch.setattr(reactions, "motion_context", [lambda motion, account: panels])
    text = page(client, place.chair, "motion", motion.pk, query="?screen=1")[1]
    assert 'id="vote-words"' in text and "recuse-why" not in text
    assert "recuse-why" in page(client, place.members[8], "motion", motion.pk)[1]


def test_recusing_from_the_page_leads_back_to_the_agenda(client, place, meeting, motion):
    response = signed_in(client, place.members[3]).post(reverse("motion-recusal", args=[motion.pk]), {"reason": "亲属"})
    assert response["Location"] == reverse("session", args=[meeting.pk])
    assert client.get(reverse("motion", args=[motion.pk])).status_code == 404


def test_the_chair_announces_and_the_result_shows_no_names(client, place, meeting, motion):
    for n in range(7):
        vote(place, motion, n, opinion=f"意见{n}")
    response = signed_in(client, place.chair).post(reverse("motion-resolution", args=[motion.pk]), {"version": 1})
    assert response.status_code == 302 and Resolution.objects.get().outcome == "passed"
    text = page(client, place.members[1], "motion", motion.pk)[1]
    assert "KY-R2026-0001" in text and "人民币叁仟元整" in text and "意见5" in text
    shown = re.search(r"各票的金额.*?</details>", text, re.S)[0]
    assert not any(name in shown for name in makers.NAMES)


def test_a_page_that_is_too_old_changes_nothing(client, place, meeting, motion):
    response = signed_in(client, place.head).post(reverse("motion-removal", args=[motion.pk]), {"reason": "缺材料", "version": 7})
    motion.refresh_from_db()
    assert response.status_code == 302 and motion.state == "waiting"


def test_what_upper_modules_show_stands_on_the_page(client, place, meeting, motion, monkeypatch):
    monkeypatch.setattr(
        reactions, "motion_context", [lambda motion, account: {"subject_url": "/cases/x/", "subject_line": "客户服务中心"}]
    )
    text = page(client, place.members[1], "motion", motion.pk)[1]
    assert 'href="/cases/x/"' in text and "客户服务中心" in text


def test_closing_keeps_the_minutes_when_refused_and_then_closes(client, place, meeting, motion):
    address = reverse("session-closure", args=[meeting.pk])
    response = signed_in(client, place.chair).post(address, {"minutes": "先议到这里"})
    assert response.status_code == 422 and "先议到这里" in response.content.decode()
    flow.take_off_agenda(motion, reason="缺材料", by=place.head, at=AT)
    assert client.post(address, {"minutes": "先议到这里"}).status_code == 302
    text = page(client, place.head, "session", meeting.pk)[1]
    assert "先议到这里" in text and "签会议纪要（记录人）" in text
    client.post(reverse("session-signature", args=[meeting.pk]), {"role": "recorder"})
    assert "还没有人签字" not in page(client, place.head, "session", meeting.pk)[1]


def test_the_minutes_are_a_pdf_without_the_applicant(client, place, meeting, motion):
    import io

    from pypdf import PdfReader

    for n in range(7):
        vote(place, motion, n)
    flow.resolve(motion, by=place.chair, at=AT)
    response, _text = signed_in(client, place.chair).get(reverse("session-minutes", args=[meeting.pk])), ""
    assert response["Content-Type"] == "application/pdf"
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    assert "KY-A2026-0214" in text and "3,000.00" in text and "何秋菊" not in text


def test_seats_are_given_and_ended_on_the_page(client, place):
    guest = makers.person("guest", "陶安", ("COMMITTEE_MEMBER", place.root))
    address = reverse("committee", args=[place.committee.pk])
    signed_in(client, place.head).post(address, {"account": guest.pk, "from_date": "2026-11-01"})
    seat = place.committee.memberships.get(account=guest)
    client.post(reverse("seat-ending", args=[seat.pk]))
    seat.refresh_from_db()
    assert str(seat.to_date) == "2026-11-20"


def test_the_session_page_asks_a_constant_number_of_questions(client, place, session, django_assert_max_num_queries):
    for n in range(10):
        put(place, session, f"process.case:{n}")
    opened(place, session, 7)
    signed_in(client, place.members[1])
    with django_assert_max_num_queries(24):
        client.get(reverse("session", args=[session.pk]))
