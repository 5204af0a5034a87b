"""What the pages of an import read."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.household.imports import flow
from bangfu.household.imports.columns import BY_KEY
from bangfu.household.imports.matching import is_idle, resembles
from bangfu.household.imports.models import ACCEPTERS, READERS, ImportBatch, ImportedRow, ImportProblem
from bangfu.household.models.words import Matter
from bangfu.lib.money import yuan


def batches(account: Account) -> QuerySet[ImportBatch]:
    return ImportBatch.objects.visible_to(account).select_related("uploaded_by", "unit")


def problems(batch: ImportBatch, account: Account) -> list[ImportProblem]:
    """In the order of the file; what the cells say is for the uploader alone, others see it masked (LOOK 10)."""
    rows = list(batch.problems.order_by("-is_blocking", "row", "column"))
    for row in rows:
        row.fix_name = "" if row.column is None else f"fix-{row.row}-{row.column}"  # type: ignore[attr-defined]
        mask = BY_KEY[row.key].mask if row.key in BY_KEY else None
        if batch.uploaded_by_id != account.pk and mask:
            row.value, row.reason, row.remedy = mask(row.value), hidden_reason(), ""
    return rows


def hidden_reason() -> str:
    """What others read where the uploader reads the cell's fault: the words may quote the cell."""
    return _("内容只给上传的人看。")


def held(batch: ImportBatch) -> list[dict[str, Any]]:
    """The stated figures that wait, and those accepted: stated, computed and the difference, in words."""
    rows = []
    for one in flow.discrepancies(batch).filter(settled_at=None).select_related("accepted_by"):
        in_fen = one.matter != Matter.SIZE
        show = yuan if in_fen else str
        rows.append(
            {
                "pk": one.pk, "title": one.title, "matter": one.get_matter_display(), "stated": show(one.stated),
                "computed": show(one.computed), "more": show(abs(one.stated - one.computed)), "is_more": one.stated > one.computed,
                "in_fen": in_fen, "accepted_by": one.accepted_by, "accepted_at": one.accepted_at, "reason": one.reason,
            }
        )  # fmt: skip
    return rows


def columns(batch: ImportBatch) -> dict[str, Any]:
    """How the columns were matched: {"used": n, "all": n, "unused": titles}; 序号 and the like are not counted."""
    named = [column for column in batch.columns if column["key"] or not is_idle(column["title"])]
    unused = [column["title"] for column in named if not column["key"]]
    return {"used": len(named) - len(unused), "all": len(named), "unused": unused}


def hints(batch: ImportBatch) -> dict[int, str]:
    """Unmatched heads that look like one of ours: column of the file -> our title."""
    return {
        column["at"]: near
        for column in batch.columns
        if not column["key"] and not is_idle(column["title"]) and (near := resembles(column["title"], batch.kind))
    }


def written(batch: ImportBatch) -> QuerySet[ImportedRow]:
    return batch.written.select_related("staff__unit", "household__unit", "member").defer(
        "member__identity", "member__diagnosis", "member__disability_kind", "member__disability_grade", "entries", "entries_back",
        "staff__identity", "staff__phone", "staff__card", "staff__record_key", "household__identity", "household__phone",
        "household__card", "household__address", "household__record_key",
    )  # fmt: skip


def rights(batch: ImportBatch, account: Account, at: datetime) -> dict[str, bool]:
    """What this account may do on the batch's page."""
    own = batch.uploaded_by_id == account.pk
    return {
        "is_own": own,
        "may_accept": not own and has_role(account, ACCEPTERS, batch.unit),
        "may_undo": batch.may_undo(at) and has_role(account, READERS, batch.unit),
    }
