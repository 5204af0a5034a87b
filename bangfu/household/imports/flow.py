"""The acts of an import: upload, match, try out, mend, accept, write, take back. A dry run writes nothing into the register."""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter, Unit
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.evidence import flow as evidence
from bangfu.household import flow as files
from bangfu.household.imports import matching, outcome, writing
from bangfu.household.imports.fields import BY_KEY, missing, shown
from bangfu.household.imports.judging import OWN_ROW, Problem
from bangfu.household.imports.models import ACCEPTERS, READERS, UPLOADERS, ColumnHabit, ImportBatch, ImportProblem
from bangfu.household.imports.outcome import BAD, CHANGED, NEW, SAME, Compared, Examination
from bangfu.household.models import Discrepancy
from bangfu.lib.days import today
from bangfu.lib.errors import Refused, Stale
from bangfu.lib.masking import mask_id, mask_phone
from bangfu.lib.spreadsheet import Sheet, checking, normalise_header, read, records
from bangfu.notify.flow import tell

log = logging.getLogger("bangfu.imports")

INLINE_ROWS = 2_000  # more become a job
LISTED = 2_000  # problems kept for the page; the workbook of bad rows has all
SHOWN = 300  # changes, remarks and twins kept for the page
TRIES_AFTER = timedelta(minutes=15)  # a worker that died leaves its job to the next
MEDIA = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv",
}
S = ImportBatch.State


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
    batch = _locked(batch, by, {S.ASKED})
    batch.state = S.MATCHING
    batch.save(update_fields=["state"])
    record("household.import_continued", batch, by=by, at=at, unit=batch.unit, number=batch.number)
    return batch


@recording
def drop(batch: ImportBatch, *, by: Account, at: datetime) -> ImportBatch:
    """Give the batch up before anything was written."""
    batch = _locked(batch, by, {S.ASKED, S.MATCHING, S.TRYING, S.TRIED})
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
        batch = _locked(batch, by, {S.MATCHING, S.TRIED})
        for name, value in _as_read(found, place).items():
            setattr(batch, name, value)
        batch.kind, batch.state, batch.fixes = matching.kind_of(place.columns), S.MATCHING, {}
        batch.save()
    return batch


@recording
def choose(
    batch: ImportBatch, matches: Mapping[int, str], *, kind: str, opened_on: date | None, by: Account, at: datetime
) -> ImportBatch:
    """Settle which column is which, remember it for the organisation, and order the dry run.

    `matches`: column of the file -> key, "" leaves it out. Raises Refused: a required column is missing, one is named twice.
    """
    batch = _locked(batch, by, {S.MATCHING, S.TRIED})
    keys = [key for key in matches.values() if key]
    double = next((key for key in keys if keys.count(key) > 1), None)
    if double:
        raise Refused(_("有两列都对到了“%(title)s”。请只留一列，另一列选“不导入”。") % {"title": BY_KEY[double].title})
    absent = missing(kind, set(keys))
    if absent:
        raise Refused(
            _("缺少必要的列：%(titles)s。请在表格里补上，或把对应的列选到这些名称上。")
            % {"titles": "、".join(str(column.title) for column in absent)}
        )
    if opened_on and opened_on > today(at):
        raise Refused(_("建档日期 %(day)s 还没有到。请改成今天或更早。") % {"day": opened_on})
    automatic = {column["at"]: column["key"] for column in matching.match(_titles(batch), {})}
    batch.columns = [column | {"key": matches.get(column["at"], "")} for column in batch.columns]
    for column in batch.columns:
        _remember(batch.organisation, column, automatic.get(column["at"], ""))
    batch.kind, batch.opened_on, batch.fixes = kind, opened_on, {}
    batch.state, batch.started_at, batch.failure = S.TRYING, None, ""
    batch.save()
    record(
        "household.import_matched", batch, by=by, at=at, unit=batch.unit, number=batch.number, file_kind=kind,
        columns={column["title"]: column["key"] for column in batch.columns},
    )  # fmt: skip
    return batch


def _titles(batch: ImportBatch) -> list[str]:
    titles = [""] * (1 + max((column["at"] for column in batch.columns), default=0))
    for column in batch.columns:
        titles[column["at"]] = column["title"]
    return titles


def _remember(organisation: Unit, column: dict[str, Any], automatic: str) -> None:
    title = normalise_header(column["title"])[:60]
    if not title:
        return
    if column["key"] == automatic:
        ColumnHabit.objects.filter(organisation=organisation, title=title).delete()
    else:
        ColumnHabit.objects.update_or_create(organisation=organisation, title=title, defaults={"key": column["key"]})


@recording
def mend(batch: ImportBatch, fixes: Mapping[str, str], *, by: Account, at: datetime) -> ImportBatch:
    """Lay mended cells ("row:column" -> text) over the file and order the dry run again; only cells that are in error."""
    batch = _locked(batch, by, {S.TRIED})
    open_cells = {f"{row}:{column}" for row, column in batch.problems.exclude(column=None).values_list("row", "column")}
    wanted = {place: text.strip()[:200] for place, text in fixes.items() if place in open_cells or place in batch.fixes}
    batch.fixes = batch.fixes | wanted
    batch.state, batch.started_at, batch.failure = S.TRYING, None, ""
    batch.save(update_fields=["fixes", "state", "started_at", "failure"])
    record("household.import_mended", batch, by=by, at=at, unit=batch.unit, number=batch.number, cells=sorted(wanted))
    return batch


def try_out(batch: ImportBatch, *, at: datetime) -> ImportBatch:
    """The dry run: read, judge and compare every row; keep the result, write nothing. Raises Refused as reading does."""
    examined = Examination(batch, at=at)
    tally = _Tally(batch, examined)
    for chunk in examined.walk():
        for each in chunk:
            tally.add(each)
    return _keep_result(batch, examined, tally, at=at)


class _Tally:
    """What the page of the dry run shows, counted while the rows pass."""

    def __init__(self, batch: ImportBatch, examined: Examination) -> None:
        self.batch, self.context = batch, examined.context
        self.counts = {NEW: 0, CHANGED: 0, SAME: 0, BAD: 0}
        self.total = self.households = self.twins = self.problems_total = 0
        self.problems: list[Problem] = []
        self.unlike: list[tuple[int, str, Any]] = []
        self.changes: list[dict[str, Any]] = []
        self.changed_columns: dict[str, int] = {}
        self.remarks: list[dict[str, Any]] = []
        self.remarks_total = 0
        self.twin_rows: list[dict[str, Any]] = []

    def add(self, each: Compared) -> None:
        self.total += 1
        row, status = each.row, each.status
        self.counts[status] += 1
        self.problems_total += len(row.problems)
        if len(self.problems) < LISTED:
            self.problems += row.problems
        if status == BAD:
            return
        self.unlike += [(row.number, row.name, one) for one in row.unlike if each.household is None]
        self.households += each.makes_household
        if row.warnings:
            self.remarks_total += 1
            if len(self.remarks) < SHOWN:
                self.remarks.append({"row": row.number, "name": row.name, "texts": row.warnings})
        if each.twin and status == NEW:
            self.twins += 1
            if len(self.twin_rows) < SHOWN:
                self.twin_rows.append({"row": row.number, "name": row.name, "other": each.twin})
        if each.staff is not None:
            self._changed(each)

    def _changed(self, each: Compared) -> None:
        merged = each.household_changes | each.staff_changes
        for key in merged:
            self.changed_columns[key] = self.changed_columns.get(key, 0) + 1
        if merged and len(self.changes) < SHOWN:
            cells = [
                [str(BY_KEY[key].title), shown(key, old, self.context), shown(key, new, self.context)]
                for key, (old, new) in merged.items()
            ]
            self.changes.append({"row": each.row.number, "name": each.row.name, "cells": cells})


@recording
def _keep_result(batch: ImportBatch, examined: Examination, tally: _Tally, *, at: datetime) -> ImportBatch:
    batch = (
        ImportBatch.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "uploaded_by", "organisation")
        .get(pk=batch.pk)
    )
    if batch.state != S.TRYING:
        raise Stale(_("这个批次已经在别处改过。请刷新页面再看。"))
    problems = examined.blocking + tally.problems
    batch.problems.all().delete()
    ImportProblem.objects.bulk_create((_stored(batch, problem) for problem in problems), batch_size=500)
    _hold(batch, examined, tally, at=at)
    batch.rows_total, batch.rows_bad = tally.total, tally.counts[BAD]
    batch.rows_new, batch.rows_changed, batch.rows_same = tally.counts[NEW], tally.counts[CHANGED], tally.counts[SAME]
    batch.rows_twin, batch.households_new = tally.twins, tally.households
    batch.problems_total = tally.problems_total + len(examined.blocking)
    batch.preview = {
        "changes": tally.changes,
        "columns": [
            [str(BY_KEY[key].title), count] for key, count in sorted(tally.changed_columns.items(), key=lambda pair: -pair[1])
        ],
        "remarks": tally.remarks,
        "remarks_total": tally.remarks_total,
        "twins": tally.twin_rows,
        "totals": examined.remarks,
        "samples": batch.preview.get("samples", {}),
    }
    batch.digest, batch.state, batch.tried_at, batch.started_at = examined.digest, S.TRIED, at, None
    batch.save()
    shown_values = sum(bool(problem.value and problem.key and BY_KEY[problem.key].mask) for problem in problems)
    record(
        "household.import_tried", batch, by=batch.uploaded_by, at=at, unit=batch.unit, number=batch.number, rows=batch.rows_total,
        new=batch.rows_new, changed=batch.rows_changed, same=batch.rows_same, bad=batch.rows_bad,
    )  # fmt: skip
    if shown_values:  # what the file says is shown to the uploader: one recorded reveal a dry run (LOOK 10)
        record("household.import_revealed", batch, by=batch.uploaded_by, at=at, unit=batch.unit, values=shown_values)
    return batch


def _stored(batch: ImportBatch, problem: Problem) -> ImportProblem:
    return ImportProblem(
        batch=batch,
        row=problem.row,
        column=None if problem.at == OWN_ROW else problem.at,
        key=problem.key,
        title=problem.title[:60],
        name=problem.name[:30],
        value=problem.value,
        reason=problem.reason,
        remedy=problem.remedy,
        is_blocking=problem.is_blocking,
    )


def _hold(batch: ImportBatch, examined: Examination, tally: _Tally, *, at: datetime) -> None:
    """Stated figures unlike the computed ones wait for a second person; what she accepted stays accepted."""
    wanted: dict[tuple[str, str, int, int, str], None] = {}
    for one in examined.held:
        title = _("第 %(row)d 行“%(title)s”") % {"row": one.row, "title": one.title}
        wanted[f"{batch.origin}/{one.row}", one.matter, one.stated, one.computed, title[:60]] = None
    for number, name, one in tally.unlike:
        title = _("第 %(row)d 行 %(name)s") % {"row": number, "name": name}
        wanted[f"{batch.origin}/{number}", one.matter, one.stated, one.computed, title[:60]] = None
    for old in discrepancies(batch).filter(settled_at=None):
        key = (old.origin, old.matter, old.stated, old.computed, old.title)
        if key in wanted:
            del wanted[key]
        else:
            old.settled_at = at
            old.save(update_fields=["settled_at"])
    Discrepancy.objects.bulk_create(
        Discrepancy(
            unit=batch.unit, origin=origin, matter=matter, stated=stated, computed=computed, title=title,
            noted_by=batch.uploaded_by, noted_at=at,
        )
        for origin, matter, stated, computed, title in wanted
    )  # fmt: skip


def discrepancies(batch: ImportBatch) -> Any:
    """The held figures of this batch, settled ones too."""
    return Discrepancy.objects.filter(Q(origin=batch.origin) | Q(origin__startswith=f"{batch.origin}/"))


@recording
def accept(batch: ImportBatch, discrepancy: Discrepancy, reason: str, *, by: Account, at: datetime) -> Discrepancy:
    """The unit's chair or the office's head writes why a stated figure may stand. Never the uploader. Source: S1-13, S4-9."""
    require_role(by, ACCEPTERS, batch.unit)
    if batch.state != S.TRIED:
        raise Refused(_("这个批次不在试算后等写入，不用再认可。"))
    accepted = files.accept_discrepancy(discrepancy, reason, by=by, at=at)
    record(
        "household.import_accepted", batch, by=by, at=at, unit=batch.unit, number=batch.number, matter=accepted.matter,
        stated=accepted.stated, computed=accepted.computed, reason=accepted.reason,
    )  # fmt: skip
    return accepted


@recording
def order_writing(batch: ImportBatch, *, is_skipping: bool, by: Account, at: datetime) -> ImportBatch:
    """Decide to write: all rows, or (explicitly) all but the bad ones. Raises Refused while something is held or in error."""
    batch = _locked(batch, by, {S.TRIED})
    if batch.problems.filter(is_blocking=True).exists():
        raise Refused(_("合计行的数字不合常理，整个文件都不能写入。请改好合计行，再试算一次。"))
    if batch.rows_bad and not is_skipping:
        raise Refused(
            _("还有 %(n)d 行有错误，整批都没有写入。请先改好，或选“跳过有错误的行，其余先写入”。") % {"n": batch.rows_bad}
        )
    waiting = discrepancies(batch).open().count()
    if waiting:
        raise Refused(
            _("有 %(n)d 处填报的数和算出来的数不一样，还没有人认可。请工会主席或办公室主任在本页写明理由，或改好表格再传。")
            % {"n": waiting}
        )
    if not batch.writes:
        raise Refused(_("没有可写入的行：文件里的内容和现有资料一样。"))
    batch.is_skipping, batch.state, batch.started_at, batch.failure = is_skipping, S.WRITING, None, ""
    batch.save(update_fields=["is_skipping", "state", "started_at", "failure"])
    record("household.import_ordered", batch, by=by, at=at, unit=batch.unit, number=batch.number, is_skipping=is_skipping)
    return batch


def write(batch: ImportBatch, *, at: datetime) -> ImportBatch:
    """Write the batch, all or nothing. The file is read and judged anew before the transaction, so that locks are short.

    Raises Refused or Stale when the register moved since the dry run; then nothing is written.
    """
    examined = Examination(batch, at=at)
    todo = [each for chunk in examined.walk() for each in chunk if each.status in (NEW, CHANGED)]
    if examined.digest != batch.digest:
        raise Stale(_("试算以后花名册或档案又有改动。请再试算一次，看过结果再写入。"))
    return _write(batch, todo, at=at)


@recording
def _write(batch: ImportBatch, todo: list[Compared], *, at: datetime) -> ImportBatch:
    batch = (
        ImportBatch.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "uploaded_by", "organisation")
        .get(pk=batch.pk)
    )
    if batch.state != S.WRITING:
        raise Stale(_("这个批次已经在别处改过。请刷新页面再看。"))
    writing.write(batch, todo, by=batch.uploaded_by, at=at)
    batch.state, batch.applied_at, batch.started_at = S.APPLIED, at, None
    batch.save(update_fields=["state", "applied_at", "started_at"])
    record(
        "household.import_applied", batch, by=batch.uploaded_by, at=at, unit=batch.unit, number=batch.number, new=batch.rows_new,
        changed=batch.rows_changed, households=batch.households_new, left_out=batch.rows_bad,
    )  # fmt: skip
    return batch


@recording
def undo(batch: ImportBatch, *, by: Account, at: datetime) -> ImportBatch:
    """Take the whole batch back within 24 hours, while nobody touched a row of it. Raises Refused naming the row."""
    require_role(by, READERS, batch.unit)
    batch = ImportBatch.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "organisation").get(pk=batch.pk)
    if batch.state != S.APPLIED:
        raise Refused(_("这个批次现在是“%(state)s”，没有可撤销的。") % {"state": batch.get_state_display()})
    if not batch.may_undo(at):
        raise Refused(_("写入已超过 24 小时，不能整批撤销。请逐行更正写错的资料。"))
    writing.take_back(batch, by=by, at=at)
    batch.state, batch.undone_by, batch.undone_at = S.UNDONE, by, at
    batch.save(update_fields=["state", "undone_by", "undone_at"])
    record("household.import_undone", batch, by=by, at=at, unit=batch.unit, number=batch.number, rows=batch.writes)
    return batch


def _locked(batch: ImportBatch, by: Account, states: Iterable[str]) -> ImportBatch:
    """The batch's row, for the uploader alone, in one of these states."""
    batch = (
        ImportBatch.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "uploaded_by", "organisation")
        .get(pk=batch.pk)
    )
    require_role(by, UPLOADERS, batch.unit)
    if batch.uploaded_by_id != by.pk:
        raise Refused(_("这个批次是%(name)s上传的，只有上传的人能改。请让上传的人来办。") % {"name": batch.uploaded_by.name})
    if batch.state not in set(states):
        raise Stale(_("这个批次现在是“%(state)s”，这一步已经办不了。请刷新页面再看。") % {"state": batch.get_state_display()})
    return batch


# --- jobs ---------------------------------------------------------------------------------------------------------------


def advance(batch: ImportBatch, *, at: datetime) -> ImportBatch:
    """Do what the batch waits for now: its dry run or its writing. A refusal puts it back and says why; raises it too."""
    claimed = ImportBatch.objects.filter(Q(started_at=None) | Q(started_at__lt=at - TRIES_AFTER), pk=batch.pk, state=batch.state)
    if not claimed.update(started_at=at):
        return ImportBatch.objects.get(pk=batch.pk)
    try:
        return try_out(batch, at=at) if batch.state == S.TRYING else write(batch, at=at)
    except Refused as refusal:
        _put_back(batch, str(refusal))
        raise
    except Exception:
        _put_back(batch, _("处理时出了意外，什么都没有写入。请再试一次；还不行，请把批次号告诉系统管理员。"))
        raise


def _put_back(batch: ImportBatch, why: str) -> None:
    back = S.MATCHING if batch.state == S.TRYING else S.TRIED
    ImportBatch.objects.filter(pk=batch.pk, state=batch.state).update(state=back, started_at=None, failure=why)


def is_job(batch: ImportBatch) -> bool:
    return batch.rows_total > INLINE_ROWS


def run_pending(*, at: datetime) -> int:
    """Work off the waiting batches, oldest first; answers how many. The uploader is told when each is done."""
    waiting = ImportBatch.objects.filter(state__in=[S.TRYING, S.WRITING]).filter(
        Q(started_at=None) | Q(started_at__lt=at - TRIES_AFTER)
    )  # fmt: skip
    done = 0
    for pk in list(waiting.order_by(F("pk")).values_list("pk", flat=True)):
        batch = ImportBatch.objects.select_related("unit", "uploaded_by", "organisation", "file").get(pk=pk)
        if not batch.is_waiting:
            continue
        trying = batch.state == S.TRYING
        try:
            batch = advance(batch, at=at)
            text = _("导入批次 %(n)d 试算完了，请看结果。") if trying else _("导入批次 %(n)d 已经写入。")
        except Refused:
            text = _("导入批次 %(n)d 没有办成，请看原因。")
        except Exception:
            log.exception("import %s failed", pk)
            text = _("导入批次 %(n)d 没有办成，请看原因。")
        tell([batch.uploaded_by], text % {"n": batch.number}, url=f"/imports/{batch.pk}/", at=at)
        done += 1
    return done


def hidden_reason() -> str:
    """What others read where the uploader reads the cell's fault: the words may quote the cell."""
    return _("内容只给上传的人看。")


__all__ = [
    "accept", "advance", "choose", "discrepancies", "drop", "go_on", "habits_of", "hidden_reason", "is_job", "look_again", "mend", "order_writing",
    "run_pending", "same_file", "try_out", "undo", "upload", "upload_text", "write",
]  # fmt: skip
