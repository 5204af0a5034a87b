"""The checklist of a case: what is asked for by cause and programme, what is there, what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from bangfu.process import pack
from bangfu.process.facts import facts_of_case
from bangfu.process.models import Case, Paper

VISIT = "visit_record"


@dataclass
class Row:
    """One line of the checklist: `papers` handed in for it. `is_required` False: wanted, not needed, or not known yet."""

    id: str
    title: str
    clause: str
    is_required: bool
    papers: list[Paper] = field(default_factory=list)
    is_there: bool = False

    @property
    def is_missing(self) -> bool:
        return self.is_required and not self.is_there


def checklist(case: Case, on: date, *, facts: Mapping[str, Any] | None = None) -> list[Row]:
    """The rows in the order of the rules, and below them what was handed in beyond."""
    if case.is_list:
        return []
    rows = [
        Row(paper.id, paper.title, paper.item.clause, paper.is_required)
        for paper in pack.papers_asked(case, facts if facts is not None else facts_of_case(case, on), on)
    ]
    by_id = {row.id: row for row in rows}
    for paper in case.papers.filter(removed_at=None).select_related("file", "added_by"):
        row = by_id.get(paper.item)
        if row is None:
            row = by_id[paper.item] = Row(paper.item, paper.title, "", False)
            rows.append(row)
        row.papers.append(paper)
        row.is_there = True
    if VISIT in by_id and case.surveys.filter(companion_denied_at=None).exists():
        by_id[VISIT].is_there = True
    return rows


def missing_papers(case: Case, on: date) -> list[str]:
    """Titles of what is required and not there."""
    return [row.title for row in checklist(case, on) if row.is_missing]
