"""What strangers send to the door, and the answers they get."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from bangfu.access.lockout import address_of
from bangfu.access.models import Account, Holiday, Post, Unit
from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.lib import uploads

pytestmark = pytest.mark.django_db


def unit(code: str) -> Unit:
    made = Unit.objects.create(code=code, name=code, path="/")
    Unit.objects.filter(pk=made.pk).update(path=f"/{made.pk}/")
    made.refresh_from_db()
    return made


def person(username: str, *posts: tuple[Role, Unit]) -> Account:
    made = Account(username=username, name=username)
    made.set_password("goes-well-2026")
    made.save()
    for role, where in posts:
        Post.objects.create(account=made, role=role, unit=where, from_date=date(2020, 1, 1))
    return made


@pytest.mark.parametrize("wanted", ["foo", "post-ending", "//evil.example", "javascript:alert(1)"])
def test_whatever_next_says_one_is_signed_in_and_stays_here(client: Any, wanted: str) -> None:
    person("lijing", (Role.UNIT_CLERK, unit("a")))
    answer = client.post("/sign-in/", {"username": "lijing", "password": "goes-well-2026", "next": wanted})
    assert answer.status_code == 302 and "evil" not in answer["Location"] and "javascript" not in answer["Location"]
    assert client.get("/me/").status_code == 200
    assert client.post("/elder/", {"next": wanted}).status_code == 302


def test_an_identity_number_in_the_wrong_field_does_not_enter_the_record(client: Any) -> None:
    person("lijing")
    client.post("/sign-in/", {"username": "530000198704120337", "password": "x"})
    client.post("/sign-in/", {"username": "lijing", "password": "x"})
    subjects = list(Event.objects.filter(kind="access.sign_in_failed").order_by("seq").values_list("subject", flat=True))
    assert subjects == ["account:?", "account:lijing"]


@pytest.mark.parametrize("address", ["/sign-in/?next=%00", "/check/?code=a%00", "/check/%00/"])
def test_a_nul_is_a_400(client: Any, address: str) -> None:
    assert client.get(address).status_code == 400
    assert client.post("/sign-in/", {"username": "a\0b", "password": "x"}).status_code == 400


def test_a_huge_request_with_a_file_is_refused_unread(client: Any, monkeypatch: Any) -> None:
    from django.core.files.uploadedfile import SimpleUploadedFile

    monkeypatch.setattr(uploads, "MAX_REQUEST", 1000)
    answer = client.post("/sign-in/", {"username": "a", "file": SimpleUploadedFile("a.bin", b"x" * 2000)})
    assert answer.status_code == 400


def test_a_holiday_of_somebody_with_posts_in_two_organisations_goes_where_she_may(client: Any) -> None:
    first, second = unit("a"), unit("b")
    client.force_login(person("lijing", (Role.WORKER, first), (Role.OFFICE_HEAD, second)))
    assert client.post("/holidays/", {"day": "2026-12-31", "is_working": "0", "title": "元旦"}).status_code == 302
    assert Holiday.objects.get().unit == second


@pytest.mark.parametrize(("behind", "counted"), [(False, "127.0.0.1"), (True, "9.9.9.9")])
def test_only_a_proxy_says_where_a_request_comes_from(rf: Any, settings: Any, behind: bool, counted: str) -> None:
    """Without one the header is the stranger's own, and cannot be used to escape the lock-out."""
    settings.BEHIND_PROXY = behind
    assert address_of(rf.get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 9.9.9.9")) == counted


def test_behind_tls_the_cookies_are_bound_to_the_host_and_there_is_no_redirect_for_ever(
    client: Any, settings: Any, tmp_path: Any
) -> None:
    code = "import bangfu.config.settings as s; print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SECURE_PROXY_SSL_HEADER)"
    environment = {**os.environ, "BANGFU_HTTPS": "1", "BANGFU_VAR": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split()[:2] == ["__Host-sessionid", "__Host-csrftoken"] and "X_FORWARDED_PROTO" in done.stdout
    settings.SECURE_SSL_REDIRECT, settings.SECURE_PROXY_SSL_HEADER = True, ("HTTP_X_FORWARDED_PROTO", "https")
    assert client.get("/sign-in/").status_code == 301
    assert client.get("/sign-in/", headers={"x-forwarded-proto": "https"}).status_code == 200
