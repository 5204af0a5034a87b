"""What every act of an import needs: the batch's own row, locked, for the right person in the right state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import require_role
from bangfu.household.imports.models import UPLOADERS, ImportBatch
from bangfu.household.models import Discrepancy
from bangfu.lib.errors import Refused, Stale

S = ImportBatch.State


def fresh(batch: ImportBatch) -> ImportBatch:
    """The batch's row, locked for this transaction."""
    rows = ImportBatch.objects.select_for_update(no_key=True, of=("self",))
    return rows.select_related("unit", "uploaded_by", "organisation", "file").get(pk=batch.pk)


def locked(batch: ImportBatch, by: Account, states: Iterable[str]) -> ImportBatch:
    """The batch's row, for the uploader alone, in one of these states."""
    batch = fresh(batch)
    require_role(by, UPLOADERS, batch.unit)
    if batch.uploaded_by_id != by.pk:
        raise Refused(_("这个批次是%(name)s上传的，只有上传的人能改。请让上传的人来办。") % {"name": batch.uploaded_by.name})
    if batch.state not in set(states):
        raise Stale(_("这个批次现在是“%(state)s”，这一步已经办不了。请刷新页面再看。") % {"state": batch.get_state_display()})
    return batch


def discrepancies(batch: ImportBatch) -> Any:
    """The held figures of this batch, settled ones too."""
    return Discrepancy.objects.filter(Q(origin=batch.origin) | Q(origin__startswith=f"{batch.origin}/"))
