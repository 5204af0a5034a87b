"""P13: whatever is sent to whichever form by whoever may use it, never a 5xx; every refusal is said in Chinese."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.access.roles import ANYONE, NOBODY
from bangfu.config.access_table import TABLE
from tests.proofs import naughty
from tests.proofs.samples import SAMPLES
from tests.proofs.towns import Town

POSTS = sorted(name for name, rule in TABLE.items() if rule.post != NOBODY and name not in ("sign-out",))
CHINESE = re.compile(r"[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(This field|Enter a|Ensure this|Select a valid|Traceback|Exception|Error:|Field '|invalid literal)")


@pytest.fixture
def sender(towns: list[Town], settings):
    settings.MIDDLEWARE = ["tests.proofs.naughty.middleware", *django_settings.MIDDLEWARE]
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = None
    town = towns[0]
    people = town.by_role()
    clients: dict[str, Client] = {}
    urls = {name: reverse(name, kwargs=SAMPLES[name].of(town) if name in SAMPLES else {}) for name in POSTS}  # before anything goes

    def client_of(role: str) -> Client:
        if role not in clients:
            clients[role] = Client(raise_request_exception=False)
            if role:
                clients[role].force_login(people[role])
        return clients[role]

    def send(name: str, pick: int, answer: Any, file: naughty.NaughtyFiles) -> tuple[str, Any]:
        rule = TABLE[name]
        roles = (
            [role for role in sorted(people) if rule.allows("POST", {role})] if rule.post is not ANYONE else ["", *sorted(people)]
        )
        role = roles[pick % len(roles)]
        url = urls[name]
        naughty.laid[:] = [(naughty.NaughtyPost(answer), file)]
        try:
            return f"POST {url} ({name}) as {role}", client_of(role).post(url)
        finally:
            naughty.laid.clear()

    good = {
        "version": str(town.cases["surveyed"].version),
        "reason": "verify",
        "programme": "temporary_living",
        "degree": "ordinary",
    }
    return send, good


def check(said: str, response: Any) -> None:
    assert response.status_code < 500, said
    for message in get_messages(response.wsgi_request):
        assert CHINESE.search(str(message)) and not ENGLISH.search(str(message)), f"{said}: {message}"
    if response.status_code >= 400 and response.status_code != 405 and "text/html" in response.get("Content-Type", ""):
        text = response.content.decode()
        assert len(CHINESE.findall(text)) > 10, f"{said}: {response.status_code}"
        found = ENGLISH.search(re.sub(r'(?s)<textarea.*?</textarea>|value="[^"]*"', "", text))
        assert not found, f"{said}: {found}"


def fuzz(sender: Any, examples: int) -> None:
    send, good = sender

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(
        name=st.sampled_from(POSTS), pick=st.integers(0, 20), values=st.lists(naughty.naughty_strings, min_size=1, max_size=5),
        uses_good=st.booleans(), content=st.sampled_from(naughty.FILES), file=st.sampled_from(["", "", "a.png", "花名册.xlsx", "x.csv", "../e.pdf", "a"]),
    )  # fmt: skip
    def run(name: str, pick: int, values: list[str], uses_good: bool, content: bytes, file: str) -> None:
        answer = naughty.answers(values, good, uses_good)
        check(*send(name, pick, answer, naughty.NaughtyFiles(content, file)))

    run()


def test_every_form_once_with_each_of_a_few_strings(sender):
    send, good = sender
    wrong = []
    for name in POSTS:
        for number, values in enumerate((["\x00", "9" * 400], ["<b>", "-1", "2026-13-45"])):
            said, response = send(name, number, naughty.answers(values, good, True), naughty.NaughtyFiles(b"\x00", "a.png"))
            try:
                check(said, response)
            except AssertionError as error:
                wrong.append(f"{values[0][:6]!r}: {str(error)[:200]}")
    assert wrong == [], "\n".join(wrong)


def test_some_forms_with_anything(sender):
    fuzz(sender, 60)


@pytest.mark.proof
@pytest.mark.skipif("BANGFU_SOAK" not in os.environ, reason="the long fuzz belongs to make soak")
def test_every_form_with_anything(sender):
    fuzz(sender, 50 * len(POSTS))
