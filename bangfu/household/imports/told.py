"""What an import did to one file, in the words of the record: kept on its rows, vouched for by the batch's one event."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from bangfu.audit.kinds import KINDS
from bangfu.audit.models import Event
from bangfu.audit.queries import Entry
from bangfu.audit.record import subject_of
from bangfu.household.imports.models import ImportBatch, ImportedRow
from bangfu.household.models import Household

S = ImportBatch.State


@dataclass(frozen=True)
class Told:
    """One line of the record and the row of the table that it came from."""

    entry: Entry
    batch: int  # its number in the organisation
    row: int


def told_of(household: Household) -> list[Told]:
    """Everything that imports did to this file. One statement."""
    rows = ImportedRow.objects.filter(household=household, batch__state__in=[S.APPLIED, S.UNDONE])
    lines = []
    for row in rows.select_related("batch__uploaded_by", "batch__undone_by").defer("before", "batch__preview", "batch__fixes"):
        batch = row.batch
        back = batch.undone_by.name if batch.undone_by else ""
        for texts, at, who in ((row.entries, batch.applied_at, batch.uploaded_by.name), (row.entries_back, batch.undone_at, back)):
            lines += [Told(entry, batch.number, row.row) for entry in _entries(texts, household, at, who)]
    return lines


def _entries(texts: str, household: Household, at: datetime | None, who: str) -> Iterator[Entry]:
    own = subject_of(household)
    for subject, kind, facts in json.loads(texts):
        if subject == own and at is not None:
            facts = {"number": household.number, "reason": ""} | facts
            yield Entry(seq=0, kind=kind, words=str(KINDS.get(kind, kind)), at=at, who=who, facts=facts, subject=subject)


def digest_holds(batch: ImportBatch) -> bool | None:
    """Do the rows still say what the batch's event vouched for? None: nothing was written by this batch."""
    if batch.state not in (S.APPLIED, S.UNDONE):
        return None
    for kind, name in (("household.import_applied", "entries"), ("household.import_undone", "entries_back")):
        event = Event.objects.filter(subject=subject_of(batch), kind=kind).order_by("-seq").first()
        if event is None:
            if kind == "household.import_applied" or batch.state == S.UNDONE:
                return False
            continue
        digest = hashlib.sha256()
        for text in batch.written.order_by("pk").values_list(name, flat=True).iterator(5_000):
            digest.update(text.encode() + b"\n")
        if json.loads(event.body)["facts"].get("rows_sha256") != digest.hexdigest():
            return False
    return True
