"""Which papers the worker is asked for on her phone: the rules' checklist without what the union itself writes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.urls import reverse

from bangfu.access.models import Account
from bangfu.evidence.models import File
from bangfu.household.models.words import CAUSES
from bangfu.policy.checklist import Paper, checklist
from bangfu.portal import questions as q
from bangfu.portal.situation import Situation
from bangfu.process.facts import facts_of_household
from bangfu.process.models import Case
from bangfu.process.papers import VISIT
from bangfu.process.papers import checklist as checklist_of_case

#: The signed application comes out of the check page by itself; the visit is written by those who visit.
APPLICATION = "application"
NOT_HERS = frozenset({APPLICATION, VISIT})
#: Without consent to read papers of an illness these are only looked at, in the original. Source: trust.md (PIPL 28-29).
OF_HEALTH = frozenset({"diagnosis", "medical_bills", "disability_card"})


def asked_papers(situation: Situation, answers: Mapping[str, Any]) -> list[Paper]:
    """The checklist for her causes and programme, before there is a case."""
    if situation.pack is None:
        return []
    household = situation.household
    facts = dict(facts_of_household(household, situation.on)) if household is not None and household.is_open else {}
    cause = q.causes_of(answers[q.NEEDS]["needs"], household.main_cause if household else "")[0]
    programme = answers[q.MONEY]["programme"]
    facts = {name: value for name, value in facts.items() if value is not None}
    facts.setdefault("main_cause", CAUSES[cause].fact)
    found = checklist(situation.pack, facts | {"programme": programme}, on=situation.on, programme=programme)
    return [paper for paper in found if paper.id not in NOT_HERS]


@dataclass
class Row:
    """One item as the page draws it: what is there, where to put more, what went wrong."""

    id: str
    title: str
    is_required: bool
    is_original: bool = False
    files: list[dict[str, Any]] = field(default_factory=list)
    error: str = ""

    @property
    def field(self) -> str:
        return f"paper-{self.id}"


def rows_of_draft(account: Account, papers: list[Paper], answers: Mapping[str, Any]) -> list[Row]:
    """The items with the files she has put to them so far."""
    kept = answers.get(q.PAPERS, {}).get("files", {})
    files = File.objects.visible_to(account).in_bulk([pk for pks in kept.values() for pk in pks])
    refused = answers[q.CONSENTS].get("health") is False
    return [
        Row(
            paper.id, paper.title, paper.is_required, refused and paper.id in OF_HEALTH,
            [_shown(files[pk], pk) for pk in kept.get(paper.id, []) if pk in files],
        )
        for paper in papers
    ]  # fmt: skip


def rows_of_case(case: Case, on: date, *, refused_health: bool) -> list[Row]:
    """The items of a running case with what was handed in, by whomever."""
    rows = []
    for item in checklist_of_case(case, on):
        if item.id in NOT_HERS:
            continue
        files = [
            _shown(paper.file, paper.pk, removable=paper.added_by_id == _worker_id(case)) for paper in item.papers if paper.file
        ]
        remarks = [{"pk": paper.pk, "name": paper.remark, "url": "", "removable": False} for paper in item.papers if not paper.file]
        rows.append(Row(item.id, item.title, item.is_required, refused_health and item.id in OF_HEALTH, files + remarks))
    return rows


def uploads(request: HttpRequest, rows: list[Row]) -> list[tuple[Row, UploadedFile]]:
    """What came with the form, item by item; nothing for items that must be shown in the original."""
    return [(row, upload) for row in rows if not row.is_original for upload in request.FILES.getlist(row.field)]


def _worker_id(case: Case) -> int | None:
    staff = case.household.staff if case.household else None
    return staff.account_id if staff else None


def _shown(file: File, pk: int, *, removable: bool = True) -> dict[str, Any]:
    return {"pk": pk, "name": file.name, "url": reverse("file", args=[file.pk]), "removable": removable}
