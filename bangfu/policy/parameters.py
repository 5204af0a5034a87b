"""Dated figures of a pack: what a standard is on a day, for an area or a unit if it says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

MOST_DAYS = 400  # days whose values are kept at hand
#: `where: {area_code: '5301'}` as (("area_code", "5301"),): facts that must hold for this value. An area or a unit also
#: holds for everything below it; the most particular value wins.
Where = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Entry:
    """One value of a standard from a day (inclusive) to a day (exclusive; None = until the next one)."""

    value: Any  # int; a tuple for a list; a mapping for a table
    from_date: date
    to_date: date | None = None
    where: Where = ()
    demo: bool = False
    source: str = ""
    document_no: str = ""
    reason: str = ""  # why a demo value stands here
    line: int = 0


def _particular_first(where: Where) -> tuple[int, int, str]:
    """More conditions before fewer; of areas the smaller one (the longer code) first."""
    area = max((len(str(wanted)) for fact, wanted in where if fact == "area_code"), default=0)
    return -len(where), -area, str(where)


@dataclass(frozen=True)
class Standard:
    """A parameter with all its dated values. `shape` is value, list or table."""

    name: str
    title: str
    shape: str
    type: str
    unit: str
    clause: str
    source: str
    entries: tuple[Entry, ...]
    line: int = 0

    @cached_property
    def _by_where(self) -> Mapping[Where, tuple[Entry, ...]]:
        groups: dict[Where, list[Entry]] = {}
        for entry in self.entries:
            groups.setdefault(entry.where, []).append(entry)
        ordered = sorted(groups, key=_particular_first)
        return {where: tuple(sorted(groups[where], key=lambda entry: entry.from_date)) for where in ordered}

    def on(self, day: date) -> list[Entry]:
        """The values that hold on `day`, the most particular first; at most one of them for each `where`."""
        found = self._days.get(day)
        if found is None:
            if len(self._days) >= MOST_DAYS:
                self._days.clear()
            found = self._days[day] = self._on(day)
        return found

    def words(self, entry: Entry) -> str:
        """Its title with the day from which the value holds."""
        return f"{self.title}（{entry.from_date.isoformat()}）"

    @cached_property
    def _days(self) -> dict[date, list[Entry]]:
        return {}

    def _on(self, day: date) -> list[Entry]:
        found = []
        for entries in self._by_where.values():
            latest = [entry for entry in entries if entry.from_date <= day]
            if latest and (latest[-1].to_date is None or day < latest[-1].to_date):
                found.append(latest[-1])
        return found

    def end_of(self, entry: Entry) -> date | None:
        """The day on which this value stops to hold (exclusive), None while nothing follows."""
        later = [other.from_date for other in self._by_where[entry.where] if other.from_date > entry.from_date]
        ends = [day for day in (entry.to_date, *later) if day is not None]
        return min(ends) if ends else None
