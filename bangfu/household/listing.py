"""Lists and search of files: a constant number of statements, whatever the number of rows.

At 100,000 files: the count comes from an index on (organisation, state, …), a page's keys from the same index in the
list's order, and only then the twenty rows themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import posts_of, within
from bangfu.audit.models import Head
from bangfu.household import finding
from bangfu.household.keyset import BEGINNING, END, Place, behind, ordered, slice_of
from bangfu.household.models import FileWord, Household, Staff
from bangfu.household.models.words import CAUSES, State
from bangfu.household.search import file_hits
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
#: What a row of a list shows; nothing sealed is opened for it.
SHOWN = (
    "organisation_id", "number", "state", "head_name", "grade", "national_class", "main_cause", "size", "per_head_fen", "tie", "level",
    "opened_on", "reviewed_on", "staff_id", "unit__name", "unit__path", "unit__code", "unit__parent_id",
)  # fmt: skip

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
    start: int  # running number of the first row, from 1
    per_page: int
    has_before: bool = False
    has_after: bool = False
    extra: dict[int, dict[str, Any]] = field(default_factory=dict)

    @property
    def paginator(self) -> Rows:
        return self

    def start_index(self) -> int:
        return self.start if self.rows else 0

    def end_index(self) -> int:
        return self.start + len(self.rows) - 1 if self.rows else 0

    @property
    def turns(self) -> dict[str, dict[str, Any] | None]:
        """The ways on, by key; what {% pages %} puts into its addresses."""
        before = {"before": self.rows[0].number, "from": max(1, self.start - self.per_page)} if self.has_before else None
        after = {"after": self.rows[-1].number, "from": self.end_index() + 1} if self.has_after else None
        first: dict[str, Any] | None = {} if self.has_before else None
        return {"first": first, "previous": before, "next": after, "last": {"before": END} if self.has_after else None}


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
    return files.filter(finding.files_by(filters.text, account)) if filters.text.strip() else files


def _below(code: str) -> Q:
    """The unit with this code and what lies below it, by key: one unit is then one range of an index."""
    keys = _keys_below(code)
    return Q(unit_id=keys[0]) if len(keys) == 1 else Q(unit_id__in=keys)


def _keys_below(code: str) -> list[int]:
    unit = Unit.objects.filter(code=code).first()
    return list(Unit.objects.filter(path__startswith=unit.path).values_list("pk", flat=True)) if unit else []


def list_rows(
    account: Account, filters: Filters, *, place: Place = BEGINNING, per_page: int = 50, count: int | None = None, on: date
) -> Rows:
    """One page of files with unit and, through `extras`, the columns of the modules above. A place out of range is brought back.

    `count` saves counting when the caller knows how many match.
    """
    per_page = per_page if per_page in SIZES else 50
    name = filters.sort.lstrip("-")
    columns, down = SORTS.get(name, SORTS["name"]), filters.sort.startswith("-")
    hits = _hits(account, filters) if columns == SORTS["name"] else None
    files: QuerySet[Any] = matching(account, filters) if hits is None else hits
    key, names = ("pk", columns) if hits is None else ("file", ("pinyin", "file"))
    count = files.order_by().count() if count is None else count
    anchor = None
    if place.after or place.before not in ("", END):
        anchor = Household.objects.visible_to(account).filter(number=place.after or place.before).values_list(*columns).first()
    backwards = bool(place.before) and (anchor is not None or place.before == END)
    if anchor is None and not backwards:
        return _by_number(account, files, names, key, place.page, per_page, count, down=down, on=on)
    keys, more = slice_of(
        files, names, key, anchor, down=down, backwards=backwards, size=_last(count, per_page) if place.before == END else per_page
    )
    if backwards and place.before != END and len(keys) < per_page:  # the beginning came nearer: show it whole
        return _by_number(account, files, names, key, 1, per_page, count, down=down, on=on)
    start = count - len(keys) + 1 if place.before == END else place.start
    if not 0 < start <= count:
        before = keyset_count(files, names, anchor, down=down)
        start = before - len(keys) if backwards else before + 1
    rows = Rows(
        rows=rows_of(keys), count=count, start=max(1, start), per_page=per_page,
        has_before=more if backwards else True, has_after=place.before != END if backwards else more,
    )  # fmt: skip
    return _with_extras(rows, on, account)


def _by_number(
    account: Account,
    files: QuerySet[Any],
    names: Sequence[str],
    key: str,
    page: int,
    per_page: int,
    count: int,
    *,
    down: bool,
    on: date,
) -> Rows:
    """The page with this number, for addresses that count pages and for the first one."""
    number = min(max(1, page), max(1, -(-count // per_page)))
    begin = (number - 1) * per_page
    keys = list(ordered(files, names, down=down).values_list(key, flat=True)[begin : begin + per_page])
    rows = Rows(rows=rows_of(keys), count=count, start=begin + 1, per_page=per_page, has_before=number > 1,
                has_after=begin + len(keys) < count)  # fmt: skip
    return _with_extras(rows, on, account)


def _last(count: int, per_page: int) -> int:
    """How many rows stand on the last page."""
    return count % per_page or per_page


def keyset_count(files: QuerySet[Any], names: Sequence[str], anchor: Sequence[Any] | None, *, down: bool) -> int:
    """The running number of the anchor's row: it and all before it."""
    return 0 if anchor is None else files.exclude(behind(names, anchor, down=down)).order_by().count()


def _hits(account: Account, filters: Filters) -> QuerySet[FileWord] | None:
    """The word rows behind a search by words, when nothing else needs the files themselves; else None."""
    if filters.grade or filters.cause or not filters.text.strip() or finding.is_number(filters.text):
        return None
    terms = search_terms(filters.text)
    if not terms or finding.units_named(account, terms):
        return None
    return file_hits(account, terms, state=filters.state, units=_keys_below(filters.unit) if filters.unit else None)


def rows_of(keys: Sequence[int]) -> list[Household]:
    """Files in the order of their keys, with units, without the sealed columns."""
    found = Household.objects.filter(pk__in=keys).select_related("unit").only(*SHOWN).in_bulk()
    return [found[key] for key in keys if key in found]


def _with_extras(rows: Rows, on: date, account: Account) -> Rows:
    for source in extras:
        for key, columns in source(rows.rows, on, account).items():
            rows.extra.setdefault(key, {}).update(columns)
    for row in rows.rows:
        row.extra = rows.extra.get(row.pk, {})  # type: ignore[attr-defined]
    return rows


#: The last counts by (whose reach, head of the record): exact, as no file changes its state, grade or unit without an event.
_counted: dict[tuple[Any, ...], tuple[dict[str, int], dict[str, int]]] = {}
_KEPT = 50


def counts(account: Account) -> tuple[dict[str, int], dict[str, int]]:
    """How many files stand in each state, and how many of those on file carry each grade. One statement, or none when nothing
    was recorded since this process counted last.
    """
    if connection.in_atomic_block:  # rows of a transaction that may still be rolled back are nobody else's
        return _count(account)
    reach = tuple(sorted((post.unit.path, post.role) for post in posts_of(account)))
    key = (connection.settings_dict["NAME"], account.pk, reach, Head.objects.values_list("hash", flat=True).first())
    found = _counted.get(key)
    if found is None:
        found = _count(account)
        while len(_counted) >= _KEPT:
            _counted.pop(next(iter(_counted)), None)
        _counted[key] = found
    return found


def _count(account: Account) -> tuple[dict[str, int], dict[str, int]]:
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
    text = text.strip()
    if not text:
        return []
    hits = _hits(account, Filters(text=text))
    if hits is not None:
        return rows_of(list(ordered(hits, ("pinyin", "file"), down=False).values_list("file", flat=True)[:limit]))
    files = Household.objects.visible_to(account).filter(finding.files_by(text, account)).order_by("head_pinyin", "pk")
    return rows_of(list(files.values_list("pk", flat=True)[:limit]))


def search_staff(account: Account, text: str, *, unit: str = "", limit: int | None = 20) -> QuerySet[Staff]:
    """Roster rows in the same way, by worker number too."""
    staff = Staff.objects.visible_to(account).select_related("unit").order_by("pinyin", "pk")
    if unit:
        staff = staff.filter(_below(unit))
    if text.strip():
        staff = staff.filter(finding.staff_by(text, account))
    return staff if limit is None else staff[:limit]
