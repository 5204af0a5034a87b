"""Whatever is sent twice happens once: each form, one after the other, at the same moment, and with a token that is no longer the last."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import connection, connections
from django.test import Client

from bangfu.access.roles import NOBODY
from bangfu.config.access_table import TABLE
from bangfu.lib.errors import Refused
from tests.proofs.forms_found import changed, filled, form_on, state
from tests.proofs.threads import together
from tests.proofs.towns import Town
from tests.proofs.twice_steps import ASKED, DRY_RUNS, LEFT_OUT, LOOKS, NEVER_STALE, STEPS, Step

CHINESE = re.compile(r"[\u4e00-\u9fff]{4,}")


def test_every_address_that_takes_a_post_is_sent_twice_or_said_why_not():
    posts = {name for name, rule in TABLE.items() if rule.post != NOBODY}
    sent = {step.name for step in STEPS}
    assert posts - sent - set(LEFT_OUT) == set()
    assert sent <= posts and not sent & set(LEFT_OUT)


class Day:
    """One town, one day: who sends what, and the database as it was before each step."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.database = Path(connection.settings_dict["NAME"])
        self.wrong: list[str] = []

    def client(self, who: str) -> Client:
        client = Client(raise_request_exception=False)
        if who:
            mark, _colon, role = who.partition(":")
            account = self.town.neighbours[role] if mark == "two" else self.town.people[who]
            account.refresh_from_db()
            client.force_login(account)
        return client

    def keep(self) -> None:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connections["default"].close()
        shutil.copy(self.database, self.folder / "before")

    def back(self) -> None:
        connections["default"].close()
        for suffix in ("-wal", "-shm"):
            Path(f"{self.database}{suffix}").unlink(missing_ok=True)
        shutil.copy(self.folder / "before", self.database)

    def said(self, step: Step, *problems: str) -> None:
        self.wrong += [f"{step.name}: {problem}" for problem in problems if problem]

    def found(self, step: Step, client: Client) -> tuple[str, dict[str, Any]] | None:
        """Where the form goes and what stands in it."""
        if step.url:
            return text(step.url, self.town), {}
        page = text(step.page, self.town)
        answer = client.get(page, follow=True)
        page = answer.redirect_chain[-1][0] if answer.redirect_chain else page
        found = form_on(page, answer.content.decode(errors="replace"), step.name, **step.needs)
        return (found[0], filled(found[1])) if found else None

    def play(self, step: Step) -> None:
        if step.before is not None:
            try:
                step.before(self.town)
            except (Refused, PermissionDenied, ObjectDoesNotExist) as problem:
                self.said(step, f"not ready: {problem}")
        client = self.client(step.who)
        try:
            found = self.found(step, client)
        except ObjectDoesNotExist as nothing:
            self.said(step, f"not there: {nothing}")
            return
        if found is None:
            answer = client.get(text(step.page, self.town))
            self.said(
                step, f"no form on {text(step.page, self.town)} for {step.who}: {answer.status_code} {answer.get('Location', '')}"
            )
            return
        url, fields = found

        def send(client: Client, **other: Any) -> Any:
            more = step.data(self.town) if callable(step.data) else step.data
            given = {name: value() if callable(value) else value for name, value in more.items()}
            return client.post(url, {**fields, **given, **other})

        clients = [self.client(step.who), self.client(step.who)]
        self.keep()
        before = state()
        if "version" in fields and step.name not in NEVER_STALE:
            self.stale(step, before, lambda: send(client, version=str(int(fields["version"][0]) - 1)))
            self.back()
        once = send(client)
        one = changed(before, state())
        if not one:
            self.said(step, f"nothing happened: {once.status_code} {words_of(once)}")
            return
        self.back()
        answers = together([lambda client=client: send(client) for client in clients])  # type: ignore[misc]
        self.answered(step, *answers)
        both = changed(before, state())
        if both != one and step.name not in LOOKS | ASKED:
            self.said(step, f"at once: {both} instead of {one}")
            self.back()
            send(client)
        after = state()
        self.answered(step, send(client))
        more = changed(after, state())
        if more and step.name not in LOOKS | ASKED | DRY_RUNS:
            self.said(step, f"again: {more}")

    def stale(self, step: Step, before: Any, send: Callable[[], Any]) -> None:
        answer = send()
        self.answered(step, answer)
        more = changed(before, state())
        if more:
            self.said(step, f"stale token: {more}")

    def answered(self, step: Step, *answers: Any) -> None:
        """Never a 5xx; a page in Chinese, or the way to one."""
        for answer in answers:
            if answer.status_code >= 500 or answer.status_code in (403, 405):
                self.said(step, f"answered {answer.status_code}")
            is_page = answer.status_code not in (302, 303) and answer.get("Content-Type", "").startswith("text/html")
            if is_page and not CHINESE.search(answer.content.decode()):
                self.said(step, f"answered {answer.status_code} without a word")


def words_of(answer: Any) -> str:
    told = [str(message) for message in get_messages(answer.wsgi_request)]
    found = re.findall(r'(?s)class="(?:bf-err|invalid-feedback)[^"]*"[^>]*>(.*?)</div>', answer.content.decode(errors="replace"))
    return " / ".join([*told, *(re.sub(r"(?s)<svg.*?</svg>|<[^>]*>", "", one).strip()[:120] for one in found)])


def text(of: Any, town: Town) -> str:
    return of(town) if callable(of) else of


@pytest.mark.proof
def test_what_is_sent_twice_happens_once(towns, tmp_path):
    day = Day(towns[0], tmp_path)
    for step in STEPS:
        day.play(step)
    assert day.wrong == [], "\n".join(day.wrong)
