"""P11: personal data is read only where it is due. Every sealed value of five organisations is a canary; all pages, files,
exports, error pages, logs, the database file and the store are searched for them.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF, NOBODY, Role
from bangfu.config.access_table import SITTING, TABLE
from tests.proofs.canaries import Canary, Finder, canaries, text_of
from tests.proofs.samples import SAMPLES
from tests.proofs.towns import Town
from tests.proofs.typed import TYPED

#: Free words that a case is made of: read by the case staff of the unit and by the worker who wrote them, by nobody else.
WORDS = {
    "relief.Application.story", "relief.Application.wish", "relief.Application.answers", "relief.Draft.answers",
    "process.Survey.findings", "process.Survey.differences", "process.Step.reason", "process.Award.deviation_reason",
    "process.Upward.text", "process.Upward.answer", "process.Refusal.reason", "process.Refusal.missing",
    "process.FollowUp.note", "process.FollowUp.needs", "process.ClosingReport.text", "process.Refusal.asked_again_text",
    "process.Paper.remark", "process.Paper.removed_reason", "process.Award.dropped_reason", "evidence.File.name",
    "household.ImportBatch.name", "household.Household.clue_note", "household.Household.cause_note", "household.Clear.text",
    "household.Expense.note", "household.Asset.note", "household.OutsideHelp.what", "household.Change.why",
    "household.StateChange.why", "household.GradeChange.why", "household.Discrepancy.reason", "ledger.Hold.reason",
    "ledger.Hold.lifted_why", "ledger.BatchLine.reason", "audit.Words.text", "policy.Assessment.facts", "policy.Assessment.result",
    "governance.Motion.taken_off_reason", "governance.Recusal.reason", "disclosure.Notice.taken_down_reason",
    "disclosure.NoticeChannel.reason", "disclosure.NoticeDraft.reason",
}  # fmt: skip
#: (field, address) -> roles that read it there without asking for a reveal.
INQUIRERS = {str(role) for role in (Role.UNIT_CHAIR, Role.OFFICE_HEAD, Role.AUDITOR, Role.SUPERVISOR)}
DUE: dict[tuple[str, str], set[str]] = {
    ("governance.Session.minutes", "session"): {str(role) for role in SITTING},
    ("governance.Session.minutes", "session-minutes"): {str(role) for role in SITTING},
    ("disclosure.Objection.text", "notice"): INQUIRERS,
    ("disclosure.Objection.text", "case"): INQUIRERS,
    ("disclosure.Objection.text", "notice-proof"): INQUIRERS,
}
HREF = re.compile(r'(?:href|hx-get|src|action)="([^"#]+)')


@dataclass
class Visitor:
    """One account at the door: its role, its household if it is a worker."""

    role: str
    account: Account | None
    town: Town
    own: int | None = None  # primary key of her household
    pages: Counter[str] = field(default_factory=Counter)

    def may_read(self, canary: Canary, name: str) -> bool:
        if canary.organisation != self.town.root.pk:
            return False
        if name == "open-answer":  # the objector's own words, behind a secret of 192 bits
            return canary.field.startswith("disclosure.Objection.")
        if self.own is not None:
            return self.is_own(canary) and name.startswith("my")
        if canary.field in WORDS or is_plain_change(canary):
            return self.role in CASE_STAFF or self.role == Role.SUPERVISOR and name == "notice"
        return self.role in DUE.get((canary.field, name), set())

    def is_own(self, canary: Canary) -> bool:
        """Hers: of her household, roster row, case or draft; never an objection against her."""
        from django.apps import apps

        row = apps.get_model(canary.field.rsplit(".", 1)[0]).objects.get(pk=canary.pk)
        return owner_household(row) == self.own


def is_plain_change(canary: Canary) -> bool:
    """An old or new value that stands on the file itself: a sum, a cause; not a number of a paper or an illness."""
    from bangfu.household.models import Change

    changed = canary.field in ("household.Change.old", "household.Change.new")
    return changed and not Change.objects.get(pk=canary.pk).is_sensitive


def owner_household(row: Any, depth: int = 3) -> int | None:
    """The household that a row belongs to."""
    label = row._meta.label
    if label == "household.Household":
        return row.pk
    if label == "household.Staff":
        return row.households.values_list("pk", flat=True).first()
    if label == "relief.Draft":
        return owner_household(row.account.staff)
    if label == "ledger.Disbursement":
        return row.award.household_id
    if label == "evidence.File" or label == "disclosure.Objection":
        return None
    for name in ("household", "staff", "case", "award", "disbursement"):
        parent = getattr(row, name, None)
        if parent is not None and depth:
            return owner_household(parent, depth - 1)
    return None


def visitors(town: Town) -> list[Visitor]:
    found = [Visitor("", None, town)]
    for role, account in town.by_role().items():
        found.append(Visitor(role, account, town, own=town.files[0].pk if role == Role.WORKER else None))
    return found


def crawl(visitor: Visitor, finder: Finder, *, each: int) -> tuple[list[str], int]:
    """Walk from `/` and every named address with a sample along the links; at most `each` pages of one name. Answers leaks."""
    client = Client(raise_request_exception=False)
    if visitor.account is not None:
        client.force_login(visitor.account)
    waiting, seen, leaks = ["/", "/nowhere/", *samples_for(visitor)], set(), []
    while waiting:
        url = waiting.pop(0)
        try:
            name = resolve(urlsplit(url).path).view_name
        except Resolver404:
            name = "?"
        if url in seen or visitor.pages[name] >= each or (name in TABLE and TABLE[name].get == NOBODY):
            continue
        seen.add(url)
        visitor.pages[name] += 1
        response = client.get(url)
        text = text_of(response)
        assert response.status_code < 500, f"GET {url} as {visitor.role}: {response.status_code}"
        leaks += [f"{visitor.role or 'stranger'} reads {canary} on {url} ({name})" for canary in undue(finder, text, visitor, name)]
        waiting += links(url, text, response)
    return sorted(set(leaks)), len(seen)


def undue(finder: Finder, text: str, visitor: Visitor, name: str) -> list[Canary]:
    """Values on the page of which no row is due to the visitor there (the same words may stand in several rows)."""
    rows: dict[str, list[Canary]] = {}
    for canary in finder.find(text):
        rows.setdefault(canary.value, []).append(canary)
    return [found[0] for found in rows.values() if not any(visitor.may_read(canary, name) for canary in found)]


def samples_for(visitor: Visitor) -> list[str]:
    role = {visitor.role} if visitor.role else None
    found = []
    for name, rule in TABLE.items():
        if rule.allows("GET", role) and rule.get != NOBODY:
            found.append(reverse(name, kwargs=SAMPLES[name].of(visitor.town) if name in SAMPLES else {}))
    return found


def links(url: str, text: str, response: Any) -> list[str]:
    found = [response["Location"]] if response.has_header("Location") else []
    if "text/html" in response.get("Content-Type", ""):
        found += [unescape(link) for link in HREF.findall(text)]
    local = [urljoin(url, link) for link in found]
    return [link for link in local if link.startswith("/") and not link.startswith("/static/")]


@pytest.fixture
def finder(towns: list[Town]) -> Finder:
    return Finder(canaries())


def walk(towns: list[Town], finder: Finder, roles: set[str] | None, *, each: int) -> None:
    leaks, pages = [], 0
    for visitor in visitors(towns[0]):
        if roles is None or visitor.role in roles:
            found, count = crawl(visitor, finder, each=each)
            leaks, pages = leaks + found, pages + count
    assert leaks == [], f"{len(leaks)} leaks on {pages} pages:\n" + "\n".join(leaks)


def test_the_canaries_are_many_and_of_every_kind(finder):
    fields = {canary.field for found in finder.by_value.values() for canary in found}
    assert len(finder.by_value) > 150
    assert fields >= TYPED, TYPED - fields
    assert {"household.Member.diagnosis", "household.Staff.card", "disclosure.Objection.text", "ledger.BatchLine.card"} <= fields


def test_few_roles_read_only_what_is_due(towns, finder):
    walk(towns, finder, {"", Role.WORKER, Role.UNIT_CLERK, Role.AUDITOR}, each=1)


@pytest.mark.proof
def test_every_role_reads_only_what_is_due(towns, finder):
    walk(towns, finder, None, each=6)


def test_the_finder_sees_what_is_revealed_and_what_goes_to_the_bank(towns, finder):
    """The two doors through which canaries are due: the harness must see them there."""
    town = towns[0]
    client = Client()
    client.force_login(town.people["officer"])
    file = town.files[0]
    shown = client.post(
        f"/households/{file.number}/reveal/", {"field": "identity", "reason": "verify"}, headers={"hx-request": "true"}
    )
    assert file.identity in {canary.value for canary in finder.find(text_of(shown))}
    client.force_login(town.people["cashier"])
    batch = town.things["batch"]
    for form in ("xlsx", "csv"):
        sent = client.post(f"/batches/{batch.pk}/file/{form}/")
        assert {canary.field for canary in finder.find(text_of(sent))} >= {"ledger.BatchLine.card"}
    found = finder.find(" ".join(file.identity) + "、" + f"{file.phone[:3]} {file.phone[3:7]} {file.phone[7:]}")
    assert {canary.value for canary in found} == {file.identity, file.phone}


def test_exports_and_lists_hold_masks_only(towns, finder):
    town = towns[0]
    client = Client()
    client.force_login(town.people["officer"])
    answer = client.post("/households/export/?state=all", {"all": "1"})
    assert answer.status_code == 200 and town.files[0].head_name in text_of(answer)
    assert finder.find(text_of(answer)) == []


def test_error_pages_and_the_log_hold_nothing(towns, finder, caplog):
    """404, 403, a wrong form token, and 500 in the middle of a page that holds everything."""
    town = towns[0]
    caplog.set_level(logging.DEBUG)
    client = Client(raise_request_exception=False, enforce_csrf_checks=True)
    client.force_login(town.people["officer"])
    file = town.files[0]
    pages = [
        client.get(f"/households/{file.number}/"),
        client.get("/households/KY1999-0001/"),
        client.get("/payout/"),
        client.get("/disbursements/payout/"),
    ]
    pages.append(client.post(f"/households/{file.number}/reveal/", {"field": "identity", "reason": "verify"}))

    def break_down(at: int):
        calls = [0]

        def wrapper(execute, sql, params, many, context):
            calls[0] += 1
            if calls[0] == at:
                raise RuntimeError("broken on purpose")
            return execute(sql, params, many, context)

        return wrapper

    for at in (6, 12, 20):
        with connection.execute_wrapper(break_down(at)):
            pages.append(client.get(f"/households/{file.number}/"))
    assert [page.status_code for page in pages].count(500) >= 1
    for page in pages:
        assert finder.find(text_of(page)) == []
    formatter = logging.Formatter("%(message)s")
    assert finder.find("\n".join(formatter.format(entry) for entry in caplog.records)) == []


def test_the_database_file_and_the_store_hold_nothing_readable(towns, finder):
    """Every sealed value, as bytes, in the database file, its journal and the files folder."""
    connection.close()
    folder = Path(connection.settings_dict["NAME"]).parent
    stored = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.name != "keys.json"}
    assert sum(map(len, stored.values())) > 1_000_000
    leaks = []
    for value, found in finder.by_value.items():
        for encoding in ("utf-8", "utf-16-le", "gb18030"):
            needle = value.encode(encoding)
            leaks += [f"{found[0]} in {path.name}" for path, content in stored.items() if needle in content]
    assert leaks == []
