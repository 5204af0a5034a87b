"""Which column of the file is which of ours: by the usual names, and by what the organisation chose the last time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from bangfu.household.imports.columns import BY_KEY, COLUMNS, IDLE, MEMBER_COLUMNS, OF_MEMBERS, columns_of
from bangfu.household.imports.fields import Column, plain
from bangfu.lib.errors import Refused
from bangfu.lib.spreadsheet import Header, Sheet, find_header, normalise_header


def _names_of(columns: Iterable[Column]) -> dict[str, str]:
    return {normalise_header(name): column.key for column in columns for name in (str(column.title), *column.also)}


_KNOWN, _KNOWN_OF_MEMBERS = _names_of(COLUMNS), _names_of(MEMBER_COLUMNS)
_IDLE = {normalise_header(name) for name in IDLE}


@dataclass(frozen=True)
class Place:
    """Where the table begins and what its heads say."""

    header: Header
    columns: list[dict[str, Any]]  # [{"at", "title", "key"}]


def known_heads(habits: dict[str, str]) -> list[str]:
    every = [*COLUMNS, *MEMBER_COLUMNS]
    return [*(str(column.title) for column in every), *(name for column in every for name in column.also), *habits]


def locate(sheet: Sheet, habits: dict[str, str], *, header_row: int | None = None) -> Place:
    """Find the header (or take the row that the user named, from 0) and match its columns. Raises Refused when there is none."""
    header = _header_at(sheet, header_row) if header_row is not None else find_header(sheet.rows, known_heads(habits))
    if header is None:
        header = _likely(sheet)
    if header is None or sum(bool(name) for name in header.names) < 2:
        raise Refused(_("表格里没有找到表头。请在第一行或标题下面写上列名，例如“姓名”“身份证号”“部门”，再上传。"))
    return Place(header, match(header.names, habits))


def _header_at(sheet: Sheet, row: int) -> Header:
    if not 0 <= row < len(sheet.rows):
        raise Refused(_("表格只有 %(n)d 行，没有第 %(row)d 行。请填表头所在的行号。") % {"n": len(sheet.rows), "row": row + 1})
    return Header(row, 1, [" ".join(cell.text.split()) for cell in sheet.rows[row]])


def _likely(sheet: Sheet) -> Header | None:
    """No known name anywhere: the fullest row of texts near the top, for the user to match by hand."""
    top = [(sum(any(sign.isalpha() for sign in cell.text) for cell in row), -at) for at, row in enumerate(sheet.rows[:30])]
    if not top:
        return None
    filled, at = max(top)
    return _header_at(sheet, -at) if filled >= 2 else None


def match(titles: Sequence[str], habits: dict[str, str]) -> list[dict[str, Any]]:
    """One entry for each named column; a second column of the same meaning stays unmatched, so that somebody decides."""
    taken: set[str] = set()
    columns = []
    known = _KNOWN_OF_MEMBERS if _is_of_members(titles) else _KNOWN
    keys = set(known.values())
    for at, title in enumerate(titles):
        if not title:
            continue
        name = normalise_header(title)
        habit = habits.get(name)
        if habit is not None and (not habit or habit in keys):
            key = habit
        else:
            key = "" if name in _IDLE and name not in ("编号",) else known.get(name, "")
        if key not in BY_KEY or key in taken:
            key = ""
        taken.add(key)
        columns.append({"at": at, "title": title[:60], "key": key})
    return columns


def kind_of(columns: list[dict[str, Any]]) -> str:
    """A file with a cause of hardship files households too, one with relations to a head has members; else it is a roster."""
    if any(column["key"] in OF_MEMBERS for column in columns):
        return "members"
    return "archive" if any(column["key"] == "cause" for column in columns) else "roster"


def _is_of_members(titles: Iterable[str]) -> bool:
    """A relation to the head of a file, and no cause of hardship of its own."""
    names = {normalise_header(title) for title in titles if title}
    relations = {name for name, key in _KNOWN_OF_MEMBERS.items() if key in OF_MEMBERS}
    causes = {name for name, key in _KNOWN.items() if key == "cause"}
    return bool(names & relations) and not names & causes


def is_idle(title: str) -> bool:
    """序号 and the like: nobody misses them."""
    return normalise_header(title) in _IDLE


def resembles(title: str, kind: str) -> str:
    """The title of ours that a misspelt head is closest to, or "": 身份正号 -> 身份证号."""
    names = {normalise_header(name): str(column.title) for column in columns_of(kind) for name in (str(column.title), *column.also)}
    near = get_close_matches(normalise_header(title), names, n=1, cutoff=0.7)
    return names[near[0]] if near else ""


def factors(columns: list[dict[str, Any]]) -> dict[str, int]:
    """Keys whose head says 万元: what stands there counts ten thousand times. Source: S1-13 (372,000 万元)."""
    return {column["key"]: 10_000 for column in columns if column["key"] and "万元" in plain(column["title"])}
