"""From a dry run to the register: a second person accepts what differs, the uploader orders the writing, and the way back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.household import flow as files
from bangfu.household.imports import writing
from bangfu.household.imports.flow.common import S, discrepancies, fresh, locked
from bangfu.household.imports.models import ACCEPTERS, READERS, ImportBatch
from bangfu.household.imports.outcome import Examination
from bangfu.household.imports.preparing import prepare
from bangfu.household.imports.ready import Ready
from bangfu.household.imports.undoing import Back
from bangfu.household.models import Discrepancy
from bangfu.lib.errors import Refused, Stale


@recording
def accept(batch: ImportBatch, discrepancy: Discrepancy, reason: str, *, by: Account, at: datetime) -> Discrepancy:
    """The unit's chair or the office's head writes why a stated figure may stand. Never the uploader. Source: S1-13, S4-9."""
    require_role(by, ACCEPTERS, batch.unit)
    if batch.state != S.TRIED:
        raise Refused(_("这个批次不在试算后等写入，不用再认可。"))
    accepted = files.accept_discrepancy(discrepancy, reason, by=by, at=at)
    record(
        "household.import_accepted", batch, by=by, at=at, unit=batch.unit, number=batch.number, matter=accepted.matter,
        stated=accepted.stated, computed=accepted.computed, reason=Sealed(accepted.reason),
    )  # fmt: skip
    return accepted


@recording
def order_writing(batch: ImportBatch, *, is_skipping: bool, by: Account, at: datetime) -> ImportBatch:
    """Decide to write: all rows, or (explicitly) all but the bad ones. Raises Refused while something is held or in error."""
    batch = locked(batch, by, {S.TRIED})
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
    """Write the batch, all or nothing. The file is read and judged anew and every row made ready before the transaction, so that
    the database is locked for the inserts alone.

    Raises Refused or Stale when the register moved since the dry run; then nothing is written.
    """
    examined = Examination(batch, at=at)
    rows = list(examined.walk())
    if examined.digest != batch.digest:
        raise writing.moved()
    del examined  # with the sheet: what is to be written stands in the rows
    return _write(batch, prepare(batch, writing.to_write(batch, rows), by=batch.uploaded_by, at=at), at=at)


@recording
def _write(batch: ImportBatch, ready: Ready, *, at: datetime) -> ImportBatch:
    """One event for the batch. Its digest covers the words of the record that every row keeps (`ImportedRow.entries`): each file's
    timeline tells of its filing and changes as if done by hand, and none of it can be altered unseen (`queries.digest_holds`).
    """
    batch = fresh(batch)
    if batch.state != S.WRITING:
        raise Stale(_("这个批次已经在别处改过。请刷新页面再看。"))
    writing.write(ready)
    batch.state, batch.applied_at, batch.started_at = S.APPLIED, at, None
    batch.save(update_fields=["state", "applied_at", "started_at"])
    record(
        "household.import_applied", batch, by=batch.uploaded_by, at=at, unit=batch.unit, number=batch.number, new=batch.rows_new,
        changed=batch.rows_changed, households=batch.households_new, left_out=batch.rows_bad, rows=ready.rows, rows_sha256=ready.sha256,
    )  # fmt: skip
    return batch


def undo(batch: ImportBatch, *, by: Account, at: datetime) -> ImportBatch:
    """Take the whole batch back within 24 hours, while nobody touched a row of it. Raises Refused naming the row."""
    require_role(by, READERS, batch.unit)
    if batch.state != S.APPLIED:
        raise Refused(_("这个批次现在是“%(state)s”，没有可撤销的。") % {"state": batch.get_state_display()})
    if not batch.may_undo(at):
        raise Refused(_("写入已超过 24 小时，不能整批撤销。请逐行更正写错的资料。"))
    return _undo(batch, Back(batch, by=by, at=at).prepare(), by=by, at=at)


@recording
def _undo(batch: ImportBatch, back: Back, *, by: Account, at: datetime) -> ImportBatch:
    batch = fresh(batch)
    if batch.state != S.APPLIED:
        raise Stale(_("这个批次已经在别处改过。请刷新页面再看。"))
    back.write()
    batch.state, batch.undone_by, batch.undone_at = S.UNDONE, by, at
    batch.save(update_fields=["state", "undone_by", "undone_at"])
    record(
        "household.import_undone", batch, by=by, at=at, unit=batch.unit, number=batch.number, rows=batch.writes,
        rows_sha256=back.ready.sha256,
    )  # fmt: skip
    return batch
