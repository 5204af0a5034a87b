"""A table comes in: read once, kept sealed, its columns matched. Nothing is written into the register."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter, Unit
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.evidence import flow as evidence
from bangfu.household.imports import matching, outcome
from bangfu.household.imports.flow.common import S, locked
from bangfu.household.imports.models import UPLOADERS, ColumnHabit, ImportBatch
from bangfu.lib.errors import Refused
from bangfu.lib.masking import mask_id, mask_phone
from bangfu.lib.spreadsheet import Sheet, checking, read, records

MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}


def upload(content: bytes, *, name: str, by: Account, at: datetime) -> ImportBatch:
    """Take a table in and keep it sealed; nothing is written yet. A file that came before waits for an explicit go-on.

    Raises Refused: not a table, too big, no header, a store that does not take it; PermissionDenied without a post that uploads.
    """
    unit = outcome.uploads_for(by)
    if unit is None:
        require_role(by, UPLOADERS, Unit(path="/", name=_("本单位")))
        raise AssertionError("unreachable")
    sheet = read(content, name, max_rows=outcome.MAX_ROWS)
    if sheet.kind not in MEDIA:
        raise Refused(_("这是旧版 .xls 文件，存档不收。请用 WPS 或 Excel 打开，另存为 .xlsx 再上传。"))
    place = matching.locate(sheet, habits_of(unit.organisation))
    return _keep(content, name, sheet, place, unit=unit, by=by, at=at)


def upload_text(text: str, *, by: Account, at: datetime) -> ImportBatch:
    """The same for cells pasted from WPS or Excel (tabs between the columns)."""
    if not text.strip():
        raise Refused(_("没有粘贴内容。请在表格里选中带表头的单元格，复制后粘贴到这里。"))
    return upload(text.encode("utf-8"), name=_("粘贴的表格.csv"), by=by, at=at)


@recording
def _keep(content: bytes, name: str, sheet: Sheet, place: matching.Place, *, unit: Unit, by: Account, at: datetime) -> ImportBatch:
    organisation = unit.organisation
    digest = hashlib.sha256(content).hexdigest()
    file = evidence.store(content, name=name, media_type=MEDIA[sheet.kind], max_bytes=checking.MAX_BYTES, by=by, at=at, unit=unit)
    before = _same_file(organisation, digest)
    batch = ImportBatch.objects.create(
        organisation=organisation,
        unit=unit,
        number=Counter.next(f"import:{organisation.code}"),
        kind=matching.kind_of(place.columns),
        state=S.ASKED if before else S.MATCHING,
        file=file,
        name=name[:200],
        sha256=digest,
        uploaded_by=by,
        uploaded_at=at,
        **_as_read(sheet, place),
    )
    record(
        "household.import_uploaded", batch, by=by, at=at, unit=unit, number=batch.number, sha256=digest, rows=batch.rows_total,
        again_of=before.number if before else None,
    )  # fmt: skip
    return batch


def _as_read(sheet: Sheet, place: matching.Place) -> dict[str, Any]:
    return {
        "preview": {"samples": _samples(sheet, place)},
        "sheet": sheet.name,
        "sheets": sheet.sheet_names,
        "remarks": sheet.warnings,
        "header_row": place.header.row,
        "header_depth": place.header.depth,
        "columns": place.columns,
        "rows_total": max(0, len(sheet.rows) - place.header.first_data_row),
    }


def _samples(sheet: Sheet, place: matching.Place) -> dict[str, str]:
    """What stands first in each column, long numbers starred: enough to recognise the column by."""
    found: dict[str, str] = {}
    for _number, cells in islice(records(sheet.rows, place.header), 5):
        for column in place.columns:
            text = cells[column["at"]].text
            if text and str(column["at"]) not in found:
                found[str(column["at"])] = re.sub(r"\d{7,}X?", _starred, text)[:40]
    return found


def _starred(digits: re.Match[str]) -> str:
    return mask_phone(digits[0]) if len(digits[0]) == 11 else mask_id(digits[0])


def habits_of(organisation: Unit) -> dict[str, str]:
    return dict(ColumnHabit.objects.filter(organisation=organisation).values_list("title", "key"))


def _same_file(organisation: Unit, digest: str) -> ImportBatch | None:
    """The last batch of the same bytes that was not given up or taken back."""
    same = ImportBatch.objects.filter(organisation=organisation, sha256=digest)
    return same.exclude(state__in=[S.DROPPED, S.UNDONE, S.ASKED]).order_by("-pk").first()


def same_file(batch: ImportBatch) -> ImportBatch | None:
    """The earlier batch of the same file, for the notice."""
    same = ImportBatch.objects.filter(organisation=batch.organisation_id, sha256=batch.sha256, pk__lt=batch.pk)
    return same.exclude(state__in=[S.DROPPED, S.UNDONE, S.ASKED]).select_related("uploaded_by").order_by("-pk").first()


@recording
def go_on(batch: ImportBatch, *, by: Account, at: datetime) -> ImportBatch:
    """The uploader knows that this file came before and wants it all the same."""
    batch = locked(batch, by, {S.ASKED})
    batch.state = S.MATCHING
    batch.save(update_fields=["state"])
    record("household.import_continued", batch, by=by, at=at, unit=batch.unit, number=batch.number)
    return batch


@recording
def drop(batch: ImportBatch, *, by: Account, at: datetime) -> ImportBatch:
    """Give the batch up before anything was written."""
    batch = locked(batch, by, {S.ASKED, S.MATCHING, S.TRYING, S.TRIED})
    batch.state, batch.fixes, batch.preview = S.DROPPED, {}, {}
    batch.save(update_fields=["state", "fixes", "preview"])
    batch.problems.all().delete()
    record("household.import_dropped", batch, by=by, at=at, unit=batch.unit, number=batch.number)
    return batch


def look_again(batch: ImportBatch, *, sheet: str, header_row: int | None, by: Account) -> ImportBatch:
    """Read another sheet of the file, or take another row as the header; the columns are matched anew. Raises Refused."""
    if sheet and sheet not in batch.sheets:
        raise Refused(_("文件里没有名为“%(sheet)s”的工作表。请重新选择工作表。") % {"sheet": sheet})
    found = read(evidence.content_of(batch.file), sheet=sheet or batch.sheet, max_rows=outcome.MAX_ROWS)
    place = matching.locate(found, habits_of(batch.organisation), header_row=header_row)
    with transaction.atomic():
        batch = locked(batch, by, {S.MATCHING, S.TRIED})
        for name, value in _as_read(found, place).items():
            setattr(batch, name, value)
        batch.kind, batch.state, batch.fixes = matching.kind_of(place.columns), S.MATCHING, {}
        batch.save()
    return batch
