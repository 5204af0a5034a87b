"""The first page: what each role finds there; nobody lands on the password form or a bare refusal."""

from datetime import date, timedelta

import pytest

from bangfu.access.models import Account, Post
from bangfu.access.roles import Role
from bangfu.access.welcome import ROOMS
from bangfu.governance import flow as governance
from bangfu.lib.days import start_of_day, today
from bangfu.process.queries import todo
from bangfu.process.tests.makers import AT, another, appoint


def landed(client, account: Account):
    """What she sees after signing in, wherever she is sent."""
    client.logout()
    client.force_login(account)
    return client.get("/", follow=True)


@pytest.mark.parametrize("role", list(Role))
def test_every_role_has_a_first_page_that_is_not_the_password_form(client, place, settings, role):
    settings.CLOCK = lambda: AT
    answer = landed(client, another(place, f"new-{role.lower()}", role))
    path = answer.redirect_chain[-1][0] if answer.redirect_chain else "/"
    assert answer.status_code == 200 and path not in ("/me/", "/sign-in/"), path


@pytest.mark.parametrize("role", list(ROOMS))
def test_a_role_without_pages_reads_what_will_be_here_what_is_open_and_whom_to_ask(client, place, settings, role):
    settings.CLOCK = lambda: AT
    answer = landed(client, another(place, "newcomer", role))
    text = answer.content.decode()
    assert str(ROOMS[role].coming) in text and str(ROOMS[role].until) in text
    assert place.head.name in text and place.officer.name in text, "by name"
    for url in ("/policies/", "/help/", "/messages/", "/me/"):
        assert f'href="{url}"' in text
        assert client.get(url).status_code == 200, url


def test_a_leader_who_is_a_worker_too_finds_both(client, place, settings):
    settings.CLOCK = lambda: AT
    leader = another(place, "leader", Role.PAIRED_LEADER)
    appoint(leader, Role.WORKER, place.organisation)
    text = landed(client, leader).content.decode()
    assert str(ROOMS[Role.PAIRED_LEADER].coming) in text and 'href="/my/"' in text


def test_who_has_no_post_any_more_is_told_so(client, place, settings):
    settings.CLOCK = lambda: AT
    gone = another(place, "gone", Role.UNIT_CLERK)
    Post.objects.filter(account=gone).update(to_date=date(2020, 2, 1))
    answer = landed(client, gone)
    assert answer.status_code == 200 and "现在没有岗位" in answer.content.decode()


def sign_ins(who: Account, at):
    return [row for row in todo(who, at=at).rows if row.what == "开会签到"]


def test_on_the_day_of_the_session_its_members_are_called_to_sign_in(client, place, settings):
    held = start_of_day(today(AT) + timedelta(days=1)) + timedelta(hours=14)
    session = governance.convene(place.committee, held_at=held, place="三楼会议室", by=place.head, at=AT)
    chair, member = place.members[0], place.members[1]
    assert not sign_ins(member, AT), "not the day before"
    morning = held - timedelta(hours=6)
    for who in (chair, member):
        (row,) = sign_ins(who, morning)
        assert (row.due, row.who, row.detail, row.button) == (today(held), str(session), "14:00，三楼会议室", "去签到")
    assert not sign_ins(place.head, morning), "who calls it is no member"

    settings.CLOCK = lambda: morning
    text = landed(client, member).content.decode()
    assert "开会签到" in text and f'href="/sessions/{session.pk}/#seats"' in text
    page = client.get(f"/sessions/{session.pk}/").content.decode()
    assert 'id="seats"' in page and "我来签到" in page
    seat = place.committee.memberships.get(account=member)
    client.post(f"/sessions/{session.pk}/attendance/", {"member": seat.pk})
    assert not sign_ins(member, morning) and sign_ins(chair, morning)


def test_nobody_is_called_to_a_session_that_is_over_or_not_hers(place):
    held = start_of_day(today(AT)) + timedelta(hours=23)
    session = governance.convene(place.committee, held_at=held, by=place.head, at=AT)
    member = place.members[1]
    place.committee.memberships.filter(account=member).update(to_date=today(AT))
    assert not sign_ins(member, AT), "her term is over"
    session.refresh_from_db()
    assert sign_ins(place.members[2], AT)
    assert not sign_ins(place.members[2], AT + timedelta(days=1)), "the day is over: it is held another day"
