"""Lists and search of files: a constant number of statements, whatever the number of rows.

At 100,000 files: the count comes from an index on (organisation, state, …), a page's keys from the same index in the
list's order, and only then the twenty rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Count, Q, QuerySet

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import posts_of, within
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import CAUSES, State
from bangfu.lib import identity as papers
from bangfu.lib import phone as phones
from bangfu.lib.crypto import blind_index
from bangfu.lib.names import search_terms

#: ?sort= -> columns; the key behind them keeps the order steady.
SORTS: dict[str, tuple[str, ...]] = {
    "name": ("head_pinyin", "id"),
    "number": ("number",),
    "size": ("size", "head_pinyin", "id"),
    "income": ("per_head_fen", "head_pinyin", "id"),
    "opened": ("opened_on", "head_pinyin", "id"),
}
SIZES = (20, 50, 100)

#: Columns of upper modules for the rows of one page: (files, day, reader) -> {file pk: {"year_fen", "left_fen", "visit", "status"}}.
#: `year_fen`, `left_fen` in fen; `visit` a text; `status` a dict {kind, text, icon} for the status tag. Wiring appends.
extras: list[Callable[[Sequence[Household], date, Account], dict[int, dict[str, Any]]]] = []
#: Further hits of the search page: (account, text) -> [{"title", "url", "detail"}]. Wiring appends.
search_more: list[Callable[[Account, str], list[dict[str, str]]]] = []


@dataclass(frozen=True)
class Filters:
    """What a list is narrowed to; empty means no condition. `unit` is a unit's code and takes in what lies below it."""

    text: str = ""
    unit: str = ""
    state: str = ""
    grade: str = ""
    cause: str = ""
    sort: str = "name"


@dataclass
class Rows:
    """One page of a list, with the paginator's words that {% pages %} reads."""

    rows: list[Household]
    count: int
    number: int
    per_page: int
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def paginator(self) -> Rows:
        return self

    @property
    def num_pages(self) -> int:
        return max(1, -(-self.count // self.per_page))

    def start_index(self) -> int:
        return (self.number - 1) * self.per_page + 1 if self.count else 0

    def end_index(self) -> int:
        return min(self.number * self.per_page, self.count)

    def has_next(self) -> bool:
        return self.number < self.num_pages

    def has_previous(self) -> bool:
        return self.number > 1

    def next_page_number(self) -> int:
        return self.number + 1

    def previous_page_number(self) -> int:
        return self.number - 1


def matching(account: Account, filters: Filters) -> QuerySet[Household]:
    """The files of a list, unordered, as far as the account sees them."""
    files = Household.objects.visible_to(account)
    if filters.unit:
        files = files.filter(_below(filters.unit))
    if filters.state:
        files = files.filter(state=filters.state)
    if filters.grade:
        files = files.filter(grade=filters.grade)
    if filters.cause:
        files = files.filter(main_cause__in=[code for code, cause in CAUSES.items() if filters.cause in (code, cause.fact)])
    return files.filter(_text(filters.text, account)) if filters.text.strip() else files


def _below(code: str) -> Q:
    """The unit with this code and what lies below it, by key: one unit is then one range of an index."""
    unit = Unit.objects.filter(code=code).first()
    keys = list(Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True)) if unit else []
    return Q(unit_id=keys[0]) if len(keys) == 1 else Q(unit_id__in=keys)


def list_rows(account: Account, filters: Filters, *, page: int = 1, per_page: int = 50, count: int | None = None, on: date) -> Rows:
    """One page of files with unit and, through `extras`, the columns of the modules above. Pages out of range are clamped.

    `count` saves counting when the caller knows how many match.
    """
    per_page = per_page if per_page in SIZES else 50
    files = matching(account, filters)
    count = files.order_by().count() if count is None else count
    number = min(max(1, page), max(1, -(-count // per_page)))
    name = filters.sort.lstrip("-")
    columns = SORTS.get(name, SORTS["name"])
    order = [f"-{column}" for column in columns] if filters.sort.startswith("-") else list(columns)
    start = (number - 1) * per_page
    keys = list(files.order_by(*order).values_list("pk", flat=True)[start : start + per_page])
    return _with_extras(Rows(rows=rows_of(keys), count=count, number=number, per_page=per_page), on, account)


def rows_of(keys: Sequence[int]) -> list[Household]:
    """Files in the order of their keys, with units, without the sealed columns."""
    sealed = ("identity", "phone", "card", "address", "record_key", "clue_note", "search")
    found = Household.objects.filter(pk__in=keys).select_related("unit").defer(*sealed).in_bulk()
    return [found[key] for key in keys if key in found]


def _with_extras(rows: Rows, on: date, account: Account) -> Rows:
    for source in extras:
        for key, columns in source(rows.rows, on, account).items():
            rows.extra.setdefault(key, {}).update(columns)
    for row in rows.rows:
        row.extra = rows.extra.get(row.pk, {})  # type: ignore[attr-defined]
    return rows


def counts(account: Account) -> tuple[dict[str, int], dict[str, int]]:
    """How many files stand in each state, and how many of those on file carry each grade. One statement."""
    by_state: dict[str, int] = {}
    by_grade: dict[str, int] = {}
    found = Household.objects.visible_to(account).order_by().values_list("state", "grade").annotate(n=Count("pk"))
    for state, grade, n in found:
        by_state[state] = by_state.get(state, 0) + n
        if state == State.FILED:
            by_grade[grade] = by_grade.get(grade, 0) + n
    return by_state, by_grade


def units_of(account: Account) -> list[Unit]:
    """The units to choose from in a filter, as a tree in order."""
    return list(within(Unit.objects.all(), account, unit_path="path", roles=CASE_STAFF).order_by("path"))


def search(account: Account, text: str, *, limit: int = 20) -> list[Household]:
    """Files by name, pinyin or its initials, number, unit, whole identity number, or the last four of phone or ID.

    The sealed numbers are looked up by their keyed digests only. Source: ux.md 4.
    """
    if not text.strip():
        return []
    files = Household.objects.visible_to(account).filter(_text(text, account)).order_by("head_pinyin", "pk")
    return rows_of(list(files.values_list("pk", flat=True)[:limit]))


def search_staff(account: Account, text: str, *, unit: str = "", limit: int | None = 20) -> QuerySet[Staff]:
    """Roster rows in the same way, by worker number too."""
    staff = Staff.objects.visible_to(account).select_related("unit").order_by("pinyin", "pk")
    if unit:
        staff = staff.filter(_below(unit))
    if text.strip():
        staff = staff.filter(_text(text, account, identity="identity"))
    return staff if limit is None else staff[:limit]


def _text(text: str, account: Account, *, identity: str = "head") -> Q:
    """A number typed alone is looked up by its digest; anything else word by word."""
    number = _number(text, identity)
    return _words(text, account) if number is None else number


def _number(text: str, identity: str) -> Q | None:
    """The tail of a phone or an identity number, or a whole one; None when the text is not such a number."""
    plain = papers.normalise(text)
    if len(plain) == 4 and plain[:3].isdigit() and (plain[3].isdigit() or plain[3] == "X"):
        return Q(phone_tail=blind_index(plain, "phone4")) | Q(**{f"{identity}_tail": blind_index(plain, "id4")})
    if len(plain) in (15, 18) and plain[:15].isdigit():
        return Q(**{f"{identity}_index": blind_index(papers.check(plain).value, "id")})
    if len(plain) == 11 and plain.isdigit():
        return Q(phone_tail=blind_index(phones.normalise(plain)[-4:], "phone4"))
    return None


def _words(text: str, account: Account) -> Q:
    """Every word typed is in the row's tokens or in its unit's name (units are found first, by key)."""
    terms = search_terms(text)
    if not terms:
        return Q(pk__in=[])
    reached = {post.unit.organisation_id for post in posts_of(account)}
    named = Q()
    for term in terms:
        named &= Q(name__contains=term.strip())
    in_tree = reduce(or_, (Q(path__startswith=f"/{key}/") for key in reached), Q(pk__in=[]))
    units = list(Unit.objects.filter(named, in_tree, parent__isnull=False).values_list("pk", flat=True))
    in_tokens = Q()
    for term in terms:
        in_tokens &= Q(search__contains=term)
    return in_tokens | Q(unit_id__in=units) if units else in_tokens
