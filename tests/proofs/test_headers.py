"""What stands around a page: no cache keeps it, no search engine finds it, no file and no address is called by a person's name."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from django.test import Client
from django.urls import reverse

from bangfu.access.roles import ANYONE, NOBODY
from bangfu.config.access_table import TABLE
from bangfu.household.models import Member, Staff
from tests.proofs.samples import SAMPLES
from tests.proofs.towns import Town

GETS = sorted(name for name, rule in TABLE.items() if rule.get != NOBODY)


@pytest.fixture
def names(towns: list[Town]) -> list[str]:
    """Of people, and the numbers of their papers."""
    rows = [*Staff.objects.values_list("name", flat=True), *Member.objects.values_list("name", flat=True)]
    papers = [one.identity for one in Staff.objects.all()]
    return sorted({*rows, *papers} - {""})


def test_no_answer_is_kept_found_or_called_by_a_name(towns, names):
    town = towns[0]
    people = town.by_role()
    clients: dict[str, Client] = {}
    wrong = []
    for name in GETS:
        url = reverse(name, kwargs=SAMPLES[name].of(town) if name in SAMPLES else {})
        role = "" if TABLE[name].get is ANYONE else next(role for role in sorted(people) if TABLE[name].allows("GET", {role}))
        if role not in clients:
            clients[role] = Client(raise_request_exception=False)
            if role:
                clients[role].force_login(people[role])
        for client, said in ((clients[role], f"{url} as {role}"), (Client(raise_request_exception=False), f"{url} as a stranger")):
            answer = client.get(url)
            headers = unquote("\n".join(f"{key}: {value}" for key, value in answer.items()))
            kept = "no-store" in answer.get("Cache-Control", "") and not {"ETag", "Last-Modified", "Expires"} & set(answer.headers)
            if not kept and name not in ("sign-in",):
                wrong.append(f"{said}: may be kept: {answer.headers}")
            if "noindex" not in answer.get("X-Robots-Tag", ""):
                wrong.append(f"{said}: may be found")
            if answer.get("X-Frame-Options") != "DENY" or answer.get("Referrer-Policy") != "same-origin":
                wrong.append(f"{said}: may be framed, or tells others its address")
            wrong += [f"{said}: {word} in {headers}" for word in names if word in headers]
    assert wrong == [], "\n".join(wrong)


def test_what_was_searched_for_goes_into_no_other_address():
    for address in ("/search/?q=段小花", "/households/?q=段小花&state=all", "/record/?subject=x&kind=y"):
        there = unquote(Client().get(address)["Location"])
        assert "段小花" not in there and "subject" not in there
    assert "state=all" in unquote(unquote(Client().get("/households/?q=段小花&state=all")["Location"]))


def test_a_paper_is_downloaded_under_its_number(towns):
    town = towns[0]
    paper = town.things["paper"]
    client = Client()
    client.force_login(town.people["clerk"])
    answer = client.get(reverse("file", args=[paper.file_id]))
    told = unquote(answer["Content-Disposition"])
    assert f"材料_{paper.file_id}.png" in told and town.mark not in told and "no-store" in answer["Cache-Control"]


def test_no_open_page_names_anybody(towns, names):
    """Notices say no more than their channel; check, rules, errors, sign-in and help name nobody."""
    town = towns[0]
    public = [name for name in GETS if TABLE[name].get is ANYONE and not name.startswith(("kit", "open-notice"))]
    for name in public:
        url = reverse(name, kwargs=SAMPLES[name].of(town) if name in SAMPLES else {})
        text = Client().get(url).content.decode()
        assert [word for word in names if word in re.sub(r"(?s)<script.*?</script>", "", text)] == [], url
    for url in ("/nowhere/", "/check/ABCD-EFGH-JKLM/", "/open/notices/nothing/"):
        assert [word for word in names if word in Client().get(url).content.decode()] == [], url
