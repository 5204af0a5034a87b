"""Forms as people find them on the pages, filled in as somebody would; and what a request changed, in every table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urljoin, urlsplit

from django.db import connection
from django.urls import Resolver404, resolve

from tests.proofs.towns import NOW

#: Tables that say nothing of what was done: sessions, counts of refused tries, sealed words and the head that follow the events.
BESIDE = {
    "django_session",
    "access_tally",
    "axes_accessattempt",
    "axes_accesslog",
    "axes_accessfailurelog",
    "audit_head",
    "audit_words",
}
REFUSED = "access.action_refused"
WORDS = "已经核对，情况属实，同意办理。"


@dataclass
class Field:
    """One control of a form."""

    name: str
    kind: str
    value: str = ""
    options: list[tuple[str, bool]] = field(default_factory=list)
    is_checked: bool = False


class Forms(HTMLParser):
    """The forms of one page, with the controls that stand outside and name them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[dict[str, str], list[Field]]] = []
        self.outside: dict[str, list[Field]] = {}
        self.inside: list[Field] | None = None
        self.select: Field | None = None
        self.area: Field | None = None
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = []
            self.forms.append((given, self.inside))
            return
        if tag == "option" and self.select is not None:
            self.select.options.append((given.get("value", ""), "selected" in given))
        into = self.outside.setdefault(given["form"], []) if "form" in given else self.inside
        if into is None or not given.get("name"):
            return
        if tag == "input":
            into.append(Field(given["name"], given.get("type", "text"), given.get("value", ""), is_checked="checked" in given))
        elif tag == "button":
            into.append(Field(given["name"], "submit", given.get("value", "")))
        elif tag == "select":
            self.select = Field(given["name"], "select")
            into.append(self.select)
        elif tag == "textarea":
            self.area = Field(given["name"], "textarea")
            into.append(self.area)

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = None
        elif tag == "select":
            self.select = None
        elif tag == "textarea":
            self.area = None

    def posts(self) -> Iterator[tuple[str, list[Field]]]:
        """(action, controls) of each form that sends a POST."""
        for given, fields in self.forms:
            if given.get("method", "get").lower() == "post":
                yield given.get("action", ""), [*fields, *self.outside.get(given.get("id", ""), [])]


def form_on(page: str, text: str, name: str, **needs: str) -> tuple[str, list[Field]] | None:
    """The first form of the page that goes to the address of this name: (its URL, its controls); `needs`: controls with a value."""
    for action, fields in Forms(text).posts():
        url = urljoin(page, action) if action else page
        held = {(one.name, one.value) for one in fields}
        if name_of(url) == name and all(pair in held for pair in needs.items()):
            return url, fields
    return None


def name_of(url: str) -> str:
    try:
        return resolve(urlsplit(url).path).view_name
    except Resolver404:
        return ""


def filled(fields: list[Field]) -> dict[str, Any]:
    """What somebody would send: what stands in the form, the first choice, a plain sentence, a plain sum, today."""
    data: dict[str, Any] = {}
    pressed = False
    for one in fields:
        if one.name == "csrfmiddlewaretoken" or one.kind == "file":
            continue
        if one.kind == "submit":
            if not pressed:
                data[one.name], pressed = one.value, True
        elif one.kind == "checkbox":
            if one.is_checked:
                data[one.name] = [*data.get(one.name, []), one.value or "on"]
        elif one.kind == "radio":
            if one.is_checked or (one.name not in data and one.value):
                data[one.name] = one.value
        elif one.kind == "select":
            chosen = next((value for value, is_chosen in one.options if is_chosen and value), None)
            data[one.name] = chosen or next((value for value, _chosen in one.options if value), "")
        elif one.kind == "hidden":
            data[one.name] = [*data.get(one.name, []), one.value]
        else:
            data[one.name] = one.value.strip("\r\n") or ("" if one.kind == "search" else typed(one.name))
    return data


def typed(name: str) -> str:
    short = name.rsplit("-", 1)[-1]
    if short.endswith(("_fen", "amount")):
        return "1000"
    if short.endswith(("_on", "day", "date")):
        return f"{NOW:%Y-%m-%d}"
    if short in ("phone", "contact"):
        return "13900001234"
    return WORDS


def state() -> dict[str, Counter[str]]:
    """Every row of every table that says what was done; of the record the kinds of its events, refusals left out."""
    found: dict[str, Counter[str]] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table in BESIDE or table.startswith(("sqlite_", "django_")):
                continue
            columns = "kind" if table == "audit_event" else "*"
            cursor.execute(f'SELECT {columns} FROM "{table}"')
            found[table] = Counter(map(repr, cursor.fetchall()))
    found["audit_event"] = Counter({kind: n for kind, n in found["audit_event"].items() if REFUSED not in kind})
    return found


def changed(before: dict[str, Counter[str]], after: dict[str, Counter[str]]) -> dict[str, Any]:
    """table -> (rows gone or changed, rows new or changed); of the record the new events; what stayed is left out."""
    found: dict[str, Any] = {}
    for table in after:
        gone, new = before[table] - after[table], after[table] - before[table]
        if gone or new:
            found[table] = sorted(new.items()) if table == "audit_event" else (gone.total(), new.total())
    return found
