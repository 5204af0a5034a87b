"""What the log says of a request: the route and the reference number of the page; no address, number, token, name or row."""

from __future__ import annotations

import io
import logging
import re
from collections.abc import Iterator

import pytest
from django.db import connection
from django.test import Client

from bangfu.access.models import Unit
from bangfu.access.roles import Role
from bangfu.access.tests.test_attacks import person, unit
from bangfu.audit.models import Event
from bangfu.lib.logs import Line, RouteNames

pytestmark = pytest.mark.django_db
ROW = "violates check\nDETAIL:  Failing row contains (7, 段小花, 530000198001010011).\nsecond line of the row"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What the console of the product would show."""
    (handler,) = [one for one in logging.getLogger().handlers if any(isinstance(rule, RouteNames) for rule in one.filters)]
    assert isinstance(handler, logging.StreamHandler)
    kept = handler.setStream(io.StringIO())
    yield handler.stream
    if kept is not None:
        handler.setStream(kept)


def reference_on(page: str) -> str:
    found = re.search(r'<b class="bf-code nb">([0-9A-F]{8})</b>', page)
    assert found, page[-600:]
    return found[1]


@pytest.mark.parametrize(
    ("address", "status", "route"),
    [
        ("/households/KY2099-0001/?q=段小花", 404, "household"),
        ("/段小花/530000198001010011/", 404, "-"),
        ("/posts/?who=段小花", 403, "posts"),
        ("/check/?code=段小花%00", 400, "check-form"),
    ],
)
def test_the_number_on_the_page_is_in_the_log_and_the_address_is_not(log, address, status, route):
    client = Client(raise_request_exception=False)
    clerk = person("clerk", (Role.UNIT_CLERK, unit("a")))
    client.force_login(clerk)
    answer = client.get(address)
    lines = [line for line in log.getvalue().splitlines() if reference_on(answer.content.decode()) in line]
    assert answer.status_code == status and len(lines) == 1
    assert f"status {status} GET {route} account {clerk.pk}" in lines[0]
    said = re.sub(r'File "[^"]*"', "", log.getvalue())  # where the code lies is no address: the folder may be called /check
    assert not re.search("段小花|KY2099|530000|%E6|/households/|/posts/|/check/", said)


def test_a_wrong_form_token_has_its_number_too(log):
    answer = Client(enforce_csrf_checks=True).post("/sign-in/?next=/households/KY2099-0001/", {"username": "段小花"})
    assert answer.status_code == 403 and reference_on(answer.content.decode()) in log.getvalue()
    assert "段小花" not in log.getvalue() and "KY2099" not in log.getvalue()


def test_an_error_has_its_number_and_its_place_and_not_the_row(log):
    words = ROW

    def broken(execute, sql, params, many, context):
        raise RuntimeError(words)

    client = Client(raise_request_exception=False)
    with connection.execute_wrapper(broken):
        answer = client.get("/open/policies/kaiyuan/")
    said = log.getvalue()
    assert answer.status_code == 500 and reference_on(answer.content.decode()) in said
    assert "violates check" in said and "GET open-policies" in said and "Traceback" in said
    assert "段小花" not in said and "second line" not in said and "/open/policies/" not in said
    assert said.count("Traceback") == 1


def test_lines_of_django_say_the_route(log):
    client = Client()
    client.get("/check/?code=段小花")
    logging.getLogger("django.request").handle(
        logging.LogRecord("django.request", logging.WARNING, "", 1, "%s: %s", ("Gone", "/open/notices/abc/"), None)
    )
    assert "段小花" not in log.getvalue()
    record = logging.LogRecord(
        "django.security.csrf", logging.WARNING, "", 1, "Forbidden (%s): %s", ("x", "/open/notices/abc/"), None
    )
    record.request = client.get("/healthz").wsgi_request  # type: ignore[attr-defined]
    assert RouteNames().filter(record) and Line("%(message)s").format(record) == "GET healthz status -"


def test_a_refusal_in_the_record_names_the_route_and_the_object_and_no_secret():
    here = unit("a")
    clerk = person("security", (Role.SECURITY_ADMIN, Unit.objects.get(pk=here.pk)))
    client = Client()
    client.force_login(clerk)
    sent = {"account": "security", "role": "AUDITOR", "unit": str(here.pk), "from_date": "2026-11-20"}
    client.post("/posts/", sent)
    event = Event.objects.get(kind="access.action_refused")
    assert event.subject == "route:posts"
