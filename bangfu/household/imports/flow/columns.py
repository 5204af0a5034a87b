"""Which column of the file is which of ours; what was chosen is remembered for the organisation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household.imports import matching
from bangfu.household.imports.columns import BY_KEY, missing
from bangfu.household.imports.flow.common import S, locked
from bangfu.household.imports.models import ColumnHabit, ImportBatch
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.spreadsheet import normalise_header


@recording
def choose(
    batch: ImportBatch, matches: Mapping[int, str], *, kind: str, opened_on: date | None, by: Account, at: datetime
) -> ImportBatch:
    """Settle which column is which, remember it for the organisation, and order the dry run.

    `matches`: column of the file -> key, "" leaves it out. Raises Refused: a required column is missing, one is named twice.
    """
    batch = locked(batch, by, {S.MATCHING, S.TRIED})
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
