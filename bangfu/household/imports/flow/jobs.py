"""Large files wait for the worker: one claim a batch, a refusal puts it back and says why."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db.models import F, Q
from django.utils.translation import gettext as _

from bangfu.household.imports.flow.applying import write
from bangfu.household.imports.flow.common import S
from bangfu.household.imports.flow.trial import try_out
from bangfu.household.imports.models import ImportBatch
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell

log = logging.getLogger("bangfu.imports")

INLINE_ROWS = 2_000  # more become a job
TRIES_AFTER = timedelta(minutes=15)  # a worker that died leaves its job to the next


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
