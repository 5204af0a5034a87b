"""P10: what belongs to another organisation, another unit, another worker, or to nobody, answers 404 and shows no byte of it."""

from __future__ import annotations

from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import NoReverseMatch, reverse

from bangfu.access.models import Account
from bangfu.access.roles import NOBODY, Role
from bangfu.config.access_table import TABLE
from tests.proofs.samples import SAMPLES, arguments
from tests.proofs.towns import PLACES, Town

WITH_ARGUMENTS = {name: converters for name, converters in arguments() if converters}


def test_every_address_with_an_argument_has_a_sample():
    assert set(WITH_ARGUMENTS) == set(SAMPLES)


def marks(town: Town) -> list[bytes]:
    """What would give an object of this town away: its people's names, numbers of files and cases, its texts."""
    found = [file.number for file in town.files] + [case.number for case in town.cases.values()]
    found += [f"{surname}{town.mark}{place}" for surname in "段尹普阮" for place in PLACES]
    found += [
        f"{town.mark}诊断书",
        f"{town.mark}慈善会",
        f"{town.mark}有人说",
        f"{town.mark}举报人",
        f"{town.mark}帮扶",
        f"{town.mark}花名册",
    ]
    return [text.encode() for text in found]


class Door:
    """One signed-in client an account."""

    def __init__(self) -> None:
        self.clients: dict[int, Client] = {}

    def ask(self, account: Account, method: str, url: str) -> HttpResponse:
        if account.pk not in self.clients:
            self.clients[account.pk] = Client(raise_request_exception=False)
            self.clients[account.pk].force_login(account)
        return self.clients[account.pk].generic(method, url)


def methods(name: str) -> list[str]:
    rule = TABLE[name]
    return [method for method, who in (("GET", rule.get), ("POST", rule.post)) if who != NOBODY]


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content) if response.streaming else response.content


def granted(name: str, method: str, role: str) -> bool:
    return TABLE[name].allows(method, {role})


def refuse(
    door: Door, name: str, arguments: dict[str, Any], people: dict[str, Account], hidden: list[bytes], *, most: int
) -> list[str]:
    """Each role (at most `most`) that the table lets in gets 404 and sees no mark; answers the cells where it is not so."""
    url = reverse(name, kwargs=arguments)
    asked = str(arguments.get("number", "")).encode()  # what was typed into the address is no news
    wrong = []
    for method in methods(name):
        let_in = [role for role in sorted(people) if granted(name, method, role)]
        for role in let_in[-most:]:
            response = door.ask(people[role], method, url)
            shown = body(response)
            if response.status_code != 404 or [mark for mark in hidden if mark != asked and mark in shown]:
                wrong.append(f"{method} {url} ({name}) as {people[role].username}: {response.status_code}")
    return wrong


CLOSED = sorted(name for name, sample in SAMPLES.items() if not sample.is_open)


def foreign(towns: list[Town], whose: str, *, most: int) -> list[str]:
    door, town = Door(), towns[0]
    people = {"organisation": towns[1].by_role(), "unit": town.neighbours, "worker": {str(Role.WORKER): town.people["worker2"]}}[
        whose
    ]
    wrong = []
    for name in CLOSED:
        if not SAMPLES[name].is_shared or whose == "organisation":
            wrong += refuse(door, name, SAMPLES[name].of(town), people, marks(town), most=most)
    return wrong


@pytest.mark.parametrize("whose", ["organisation", "unit", "worker"])
def test_objects_of_another_are_not_there(towns, whose):
    assert foreign(towns, whose, most=1) == []


@pytest.mark.proof
@pytest.mark.parametrize("whose", ["organisation", "unit"])
def test_objects_of_another_are_not_there_for_any_role(towns, whose):
    assert foreign(towns, whose, most=99) == []


@pytest.mark.parametrize("change", ["next", "previous", "deleted", "text"])
def test_keys_that_lead_nowhere_are_not_there(towns, change):
    """Neighbouring keys belong to others or nobody: never 5xx, never a page of something that the account may not see."""
    town, people, door, wrong = towns[0], towns[1].by_role(), Door(), []
    for name in CLOSED:
        sample, converters = SAMPLES[name], WITH_ARGUMENTS[name]
        given = sample.of(town)
        key = next((key for key in ("pk", "number", "discrepancy") if key in given and key in converters), None)
        if key is None:
            continue
        spoilt = given | {key: spoil(given[key], change)}
        try:
            url = reverse(name, kwargs=spoilt)
        except NoReverseMatch:
            url = reverse(name, kwargs=given).replace(f"/{given[key]}/", "/abc/", 1)
        for method in methods(name):
            role = next(role for role in people if granted(name, method, role))
            response = door.ask(people[role], method, url)
            right = response.status_code == 404 if change in ("deleted", "text") else response.status_code < 500
            if not right or [mark for mark in marks(town) if mark in body(response) and mark.decode() not in url]:
                wrong.append(f"{method} {url} ({name}) as {role}: {response.status_code}")
    assert wrong == [], "\n".join(wrong)


def spoil(value: Any, change: str) -> Any:
    if isinstance(value, int):
        return {"next": value + 1, "previous": max(value - 1, 0), "deleted": 987_654_321, "text": "abc"}[change]
    head, digits = value[:-4], int(value[-4:])
    return {
        "next": f"{head}{digits + 1:04d}",
        "previous": f"{head}{max(digits - 1, 0):04d}",
        "deleted": f"{head}9999",
        "text": "'; --",
    }[change]
