"""A thousand wrong passwords are a handful of events and a handful of rows; none is lost."""

from __future__ import annotations

import json

import pytest
from axes.models import AccessAttempt
from django.test import RequestFactory
from django.urls import reverse

from bangfu.access import tally
from bangfu.access.lockout import address_of, name_of
from bangfu.access.models import Tally
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation
from bangfu.audit.models import Event
from bangfu.audit.verify import verify

pytestmark = pytest.mark.django_db
FAILED, LOCKED, COUNTED = "access.sign_in_failed", "access.sign_in_locked", "access.sign_ins_failed"


@pytest.fixture
def li():
    return account("li", Role.OFFICE_OFFICER, organisation(), password="kaiyuan-2026", name="李静宜")


def try_in(client, username: str, **extra: str):
    return client.post(reverse("sign-in"), {"username": username, "password": "wrong"}, **extra)


def failures() -> list[tuple[str, str]]:
    events = Event.objects.filter(kind__in=[FAILED, LOCKED, COUNTED]).order_by("seq")
    return [(event.kind, event.subject) for event in events]


def facts(kind: str) -> dict:
    return json.loads(Event.objects.get(kind=kind).body)["facts"]


@pytest.mark.proof
def test_a_thousand_wrong_passwords_are_three_events_and_none_is_lost(client, li, clock, settings):
    settings.AXES_ENABLED = True
    for _try in range(1000):
        try_in(client, "li")
    assert failures() == [(FAILED, "account:li"), (LOCKED, "account:li")]
    clock.move(hours=1)
    assert tally.settle(at=clock()) == 1
    assert failures()[2:] == [(COUNTED, "account:li")]
    assert facts(COUNTED)["count"] == 1000 and facts(COUNTED)["address"] == "127.0.0.1"
    assert not Tally.objects.exists() and verify().bad_seq is None


def test_one_wrong_password_is_one_event(client, li, clock):
    try_in(client, "li")
    clock.move(hours=2)
    tally.settle(at=clock())
    assert failures() == [(FAILED, "account:li")]


def test_the_next_hour_begins_anew_and_settles_the_last_one_without_the_worker(client, li, clock):
    for _try in range(3):
        try_in(client, "li")
    clock.move(hours=1)
    try_in(client, "li")
    assert [kind for kind, _subject in failures()] == [FAILED, COUNTED, FAILED]


def test_unknown_names_and_browsers_make_no_rows_of_their_own(client, li, settings, clock):
    settings.AXES_ENABLED = True
    for number in range(300):
        try_in(client, f"53000019870412{number:04d}", HTTP_USER_AGENT=f"agent {number}")
    assert Tally.objects.count() == 1 and failures()[0] == (FAILED, "account:?") and len(failures()) <= 2
    rows = list(AccessAttempt.objects.all())
    assert len(rows) <= 300 and all(row.username.startswith("?") and not row.user_agent for row in rows)
    assert not any("53000019870412" in str(value) for row in rows for value in vars(row).values())
    for number in range(20):
        try_in(client, "li", HTTP_USER_AGENT=f"agent {number}")
    assert AccessAttempt.objects.filter(username="li").count() == 1


def test_a_storm_from_many_addresses_is_bounded(client, li, clock, monkeypatch):
    monkeypatch.setattr(tally, "MOST_ROWS", 10)
    for number in range(40):
        try_in(client, "nobody", REMOTE_ADDR=f"10.0.0.{number}")
    assert Tally.objects.count() == 11
    assert sum(Tally.objects.values_list("count", flat=True)) == 40
    assert len(failures()) == 11


def test_unknown_names_share_a_fixed_number_of_rows_and_say_nothing():
    request = RequestFactory().post("/sign-in/")
    names = {name_of(request, {"username": f"u{number}"}) for number in range(5000)}
    assert len(names) <= 1024 and all(name.startswith("?") for name in names)


@pytest.mark.parametrize(
    ("sent", "counted"),
    [
        ("10.1.2.3", "10.1.2.3"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("::ffff:10.1.2.3", "10.1.2.3"),
        ("", "0.0.0.0"),
        ("x", "0.0.0.0"),
    ],
)
def test_an_address_is_that_of_the_line_not_of_a_header(sent, counted):
    request = RequestFactory().get("/", REMOTE_ADDR=sent, HTTP_X_FORWARDED_FOR="6.6.6.6")
    assert address_of(request) == counted


def test_a_stranger_who_is_refused_again_and_again_is_counted(rf, clock):
    from django.contrib.auth.models import AnonymousUser

    from bangfu.access.edge import note_refusal

    request = rf.post("/open/notices/x/objections/")
    request.user = AnonymousUser()
    for _try in range(200):
        note_refusal(request, "objection", "太短")
    clock.move(hours=1)
    tally.settle(at=clock())
    kinds = list(Event.objects.order_by("seq").values_list("kind", flat=True))
    assert kinds[-2:] == ["access.action_refused", "access.actions_refused"] and facts("access.actions_refused")["count"] == 200


def test_the_auditor_of_the_unit_reads_of_sign_ins(client, li, clock):
    auditor = account("gao", Role.AUDITOR, li.posts.get().unit)
    try_in(client, "li")
    client.post(reverse("sign-in"), {"username": "li", "password": "kaiyuan-2026"})
    seen = set(Event.objects.visible_to(auditor).values_list("kind", flat=True))
    assert {FAILED, "access.signed_in"} <= seen
