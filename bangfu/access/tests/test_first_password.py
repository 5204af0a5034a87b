"""A password that an administrator chose opens one page: the one on which it is changed."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from bangfu.access import flow
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.tests.makers import AT, account, department, organisation
from bangfu.audit.models import Event
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db
FIRST, OWN = "first-2026-x", "own-2026-yy"


@pytest.fixture
def kaiyuan():
    return organisation()


@pytest.fixture
def chief(kaiyuan):
    return account("chief", Role.SECURITY_ADMIN, kaiyuan)


def appoint(client, chief, unit, name="wang", password=FIRST, role=Role.OFFICE_HEAD):
    client.force_login(chief)
    data = {"account": name, "name": "王芳", "password": password, "role": role, "unit": unit.pk, "from_date": "2020-01-01"}
    answer = client.post(reverse("posts"), data)
    client.logout()
    return answer


def sign_in(client, password, name="wang"):
    return client.post(reverse("sign-in"), {"username": name, "password": password}, follow=True)


def test_nothing_opens_until_the_first_password_is_changed(client, chief, kaiyuan):
    appoint(client, chief, kaiyuan)
    page = sign_in(client, FIRST)
    assert page.redirect_chain[-1][0] == reverse("me") and "您的密码是别人设的" in page.content.decode()
    for name in ("home", "holidays", "units"):
        assert client.get(reverse(name))["Location"] == reverse("me")
    assert client.post(reverse("holidays"), {"day": "2026-12-31", "is_working": "0", "title": "x"})["Location"] == reverse("me")
    client.post(reverse("me"), {"old": FIRST, "new": OWN})
    assert client.get(reverse("holidays")).status_code == 200
    event = Event.objects.get(kind="access.password_changed")
    assert event.actor == "wang" and '"was_first":true' in event.body and event.unit == "kaiyuan"


@pytest.mark.parametrize(("new", "says"), [(FIRST, "和原密码一样"), ("1234567", "至少"), ("password", "常见"), ("", "")])
def test_a_weak_or_the_same_password_does_not_open_it(client, chief, kaiyuan, new, says):
    appoint(client, chief, kaiyuan)
    sign_in(client, FIRST)
    assert says in client.post(reverse("me"), {"old": FIRST, "new": new}, follow=True).content.decode()
    assert Account.objects.get(username="wang").must_change_password


def test_an_initial_password_is_judged_too(client, chief, kaiyuan):
    assert "至少" in appoint(client, chief, kaiyuan, password="12345").content.decode()
    assert "没有写密码" in appoint(client, chief, kaiyuan, password="").content.decode()
    assert not Account.objects.filter(username="wang").exists()


def test_accounts_made_by_the_system_itself_are_free(client, kaiyuan):
    person = account("demo", Role.OFFICE_HEAD, kaiyuan, password=OWN)
    assert not person.must_change_password
    assert sign_in(client, OWN, "demo").status_code == 200 and client.get(reverse("holidays")).status_code == 200


def test_a_forgotten_password_is_set_anew_and_her_sessions_end(client, chief, kaiyuan):
    wang = account("wang", Role.OFFICE_HEAD, kaiyuan, password=OWN)
    browser = client.__class__()
    browser.force_login(wang)
    client.force_login(chief)
    page = client.post(reverse("post-password", args=[wang.posts.get().pk]), {"new": FIRST}, follow=True).content.decode()
    assert "重置了" in page and FIRST not in page
    assert browser.get(reverse("holidays")).status_code == 302
    assert "您的密码是别人设的" in sign_in(browser, FIRST).content.decode()
    assert Event.objects.get(kind="access.password_reset").actor == "chief"


def test_who_may_not_reset(chief, kaiyuan, client):
    left = department(kaiyuan, "left", "左部")
    wang = account("wang", Role.OFFICE_HEAD, kaiyuan, password=OWN)
    with pytest.raises(PermissionDenied):
        flow.reset_password(wang.posts.get(), new=FIRST, by=account("lefty", Role.SECURITY_ADMIN, left), at=AT)
    with pytest.raises(Refused, match="自己的密码"):
        flow.reset_password(chief.posts.get(), new=FIRST, by=chief, at=AT)
    other = organisation(code="xian", prefix="XA", name="西安")
    flow.appoint(wang, Role.OFFICE_HEAD, other, from_date=AT.date(), by=None, at=AT)
    with pytest.raises(Refused, match="别的单位"):
        flow.reset_password(wang.posts.get(unit=kaiyuan), new=FIRST, by=chief, at=AT)
    client.force_login(account("li", Role.OFFICE_HEAD, kaiyuan))
    assert client.get(reverse("post-password", args=[wang.posts.first().pk])).status_code == 403


def test_an_account_of_another_organisation_is_not_taken_over(client, chief, kaiyuan):
    other = organisation(code="xian", prefix="XA", name="西安")
    account("wang", Role.OFFICE_HEAD, other, name="西安的王")
    page = appoint(client, chief, kaiyuan).content.decode()
    assert "已经有人用了" in page and "西安的王" not in page
    assert Account.objects.get(username="wang").posts.count() == 1
