"""Who of these people is filed already: a list of numbers, answered without writing anything. Source: OpenG2P #16."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household.flow.roster import chunks
from bangfu.household.models import Household, Staff
from bangfu.lib import identity
from bangfu.lib.crypto import blind_index
from bangfu.lib.errors import Refused
from bangfu.lib.masking import mask_id

MOST = 5_000


@dataclass
class Found:
    """One line of the list: what was asked (numbers of papers masked), and what is known of it."""

    asked: str
    staff: Staff | None = None
    household: Household | None = None


@recording
def look_up(text: str, *, by: Account, at: datetime) -> list[Found]:
    """Identity numbers or worker numbers, one a line or divided by blanks and commas; within what the account sees.

    Raises Refused when nothing or too much was asked. The look-up is recorded with its counts.
    """
    words = list(dict.fromkeys(word for word in re.split(r"[\s,，;；、]+", text) if word))
    if not words:
        raise Refused(_("没有填名单。请粘贴身份证号或工号，一行一个。"))
    if len(words) > MOST:
        raise Refused(_("一次最多查 %(most)d 个，现在有 %(n)d 个。请分几次查。") % {"most": MOST, "n": len(words)})
    by_index: dict[str, Found] = {}
    by_number: dict[str, Found] = {}
    for word in words:
        checked = identity.check(word)
        if checked.ok and len(checked.value) >= 15:
            by_index.setdefault(blind_index(checked.value, "id"), Found(mask_id(checked.value)))
        else:
            by_number.setdefault(word, Found(word if len(word) < 15 else mask_id(word)))
    _find(by_index, by_number, by)
    found = [*by_index.values(), *by_number.values()]
    record(
        "household.list_looked_up", f"account:{by.username}", by=by, at=at, asked=len(found),
        found=sum(one.household is not None for one in found),
    )  # fmt: skip
    return found


def _find(by_index: dict[str, Found], by_number: dict[str, Found], by: Account) -> None:
    staff = Staff.objects.visible_to(by).select_related("unit").defer("identity", "phone", "card", "record_key")
    people: dict[int, Found] = {}
    for keys in chunks(list(by_index)):
        for row in staff.filter(identity_index__in=keys):
            by_index[str(row.identity_index)].staff = row
    for keys in chunks(list(by_number)):
        for row in staff.filter(worker_no__in=keys):
            by_number[row.worker_no].staff = row
            people[row.pk] = by_number[row.worker_no]
    files = Household.objects.open().visible_to(by).select_related("unit")
    files = files.defer("identity", "phone", "card", "address", "record_key")
    for keys in chunks(list(by_index)):
        for file in files.filter(head_index__in=keys):
            by_index[str(file.head_index)].household = file
    for keys in chunks([str(pk) for pk in people]):
        for file in files.filter(staff__in=[int(pk) for pk in keys]):
            people[int(file.staff_id or 0)].household = file
