"""A session ends twelve hours after signing in, however busy; what was typed then is not lost, and nobody else reads it."""

from __future__ import annotations

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from bangfu.access.models import Holiday
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation

pytestmark = pytest.mark.django_db
PASSWORD = "kaiyuan-2026"
TYPED = {"day": "2026-12-31", "is_working": "0", "title": "厂休金丝雀"}


@pytest.fixture
def kaiyuan():
    return organisation()


@pytest.fixture
def head(kaiyuan):
    return account("head", Role.OFFICE_HEAD, kaiyuan, password=PASSWORD)


def sign_in(client, name="head", follow=False):
    return client.post(reverse("sign-in"), {"username": name, "password": PASSWORD}, follow=follow)


def busy(client, clock, minutes: int) -> None:
    for _quarter in range(minutes // 15):
        clock.move(minutes=15)
        assert client.get(reverse("me")).status_code == 200


def test_twelve_hours_after_signing_in_one_signs_in_again(client, head, clock):
    sign_in(client)
    busy(client, clock, 11 * 60 + 45)
    clock.move(minutes=15)
    page = client.get(reverse("me"), follow=True).content.decode()
    assert "登录满 12 小时" in page and "请重新登录" in page


def test_signing_in_again_begins_a_new_term(client, head, clock):
    sign_in(client)
    busy(client, clock, 11 * 60)
    sign_in(client)
    busy(client, clock, 2 * 60)


def test_the_term_is_a_setting(client, head, clock, settings):
    settings.SESSION_END = 3600
    sign_in(client)
    clock.move(minutes=20)
    client.get(reverse("me"))
    clock.move(minutes=20)
    client.get(reverse("me"))
    clock.move(minutes=20)
    assert "登录满 1 小时" in client.get(reverse("me"), follow=True).content.decode()


def late(client, clock, **extra):
    sign_in(client)
    clock.move(minutes=31)
    return client.post(reverse("holidays"), TYPED | extra, follow=True)


def test_what_was_typed_too_late_is_sent_after_signing_in(client, head, clock):
    assert "已经留着" in late(client, clock).content.decode() and not Holiday.objects.exists()
    page = sign_in(client, follow=True).content.decode()
    assert "厂休金丝雀" in page and f'action="{reverse("holidays")}"' in page and not Holiday.objects.exists()
    client.post(reverse("holidays"), TYPED)
    assert Holiday.objects.get().title == "厂休金丝雀"
    assert client.post(reverse("kept-form")).status_code == 302
    assert client.get(reverse("kept-form")).status_code == 302


def test_somebody_else_at_the_same_computer_does_not_get_it(client, head, kaiyuan, clock):
    account("other", Role.OFFICE_HEAD, kaiyuan, password=PASSWORD)
    late(client, clock)
    page = sign_in(client, "other", follow=True).content.decode()
    assert "厂休金丝雀" not in page
    assert "厂休金丝雀" not in sign_in(client, "head", follow=True).content.decode()


def test_it_stands_sealed_in_the_session_and_only_for_an_hour(client, head, clock):
    late(client, clock, password="sEcret-1")
    stored = "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert "kept_form" in stored and "厂休" not in stored and "sEcret-1" not in stored
    clock.move(minutes=61)
    assert "厂休金丝雀" not in sign_in(client, follow=True).content.decode()


def test_a_form_without_its_token_is_not_kept(head, clock):
    forger = Client(enforce_csrf_checks=True)
    forger.force_login(head)
    forger.get(reverse("me"))
    clock.move(minutes=31)
    assert forger.post(reverse("holidays"), TYPED).status_code == 403
    assert not any("kept_form" in session.get_decoded() for session in Session.objects.all())


def test_a_stranger_who_posts_to_a_verb_lands_on_the_home_page_after_signing_in(client, head):
    answer = client.post(reverse("holiday-removal", args=[1]))
    assert answer.status_code == 302 and "removal" not in answer["Location"]
