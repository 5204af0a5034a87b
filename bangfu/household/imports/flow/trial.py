"""The dry run: every row read, judged and compared, the result kept for the page. It writes nothing into the register."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household.imports.columns import BY_KEY, shown
from bangfu.household.imports.flow.common import S, discrepancies, fresh, locked
from bangfu.household.imports.judging import OWN_ROW, Problem
from bangfu.household.imports.models import ImportBatch, ImportProblem
from bangfu.household.imports.outcome import BAD, CHANGED, NEW, SAME, Compared, Examination
from bangfu.household.models import Discrepancy
from bangfu.lib.errors import Stale

LISTED = 2_000  # problems kept for the page; the workbook of bad rows has all
SHOWN = 300  # changes, remarks and twins kept for the page


@recording
def mend(batch: ImportBatch, fixes: Mapping[str, str], *, by: Account, at: datetime) -> ImportBatch:
    """Lay mended cells ("row:column" -> text) over the file and order the dry run again; only cells that are in error."""
    batch = locked(batch, by, {S.TRIED})
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
        if each.staff is not None or each.member is not None:
            self._changed(each)

    def _changed(self, each: Compared) -> None:
        merged = each.household_changes | each.staff_changes | each.member_changes
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
    batch = fresh(batch)
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
