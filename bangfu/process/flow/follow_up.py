"""回访: see how the household is, some weeks after the money arrived."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.process.flow.common import advance, clean, locked, note, require
from bangfu.process.models import Case, FollowUp


@recording
def follow_up(
    pk: int, *, version: int, visited_on: date, result: str, remark: str, needs: str = "", by: Account, at: datetime
) -> Case:
    """写回访: the day, how the household is now, and what it still needs. Raises Refused, Stale, PermissionDenied. Source: S1-9."""
    case = locked(pk, kind="follow_up", version=version)
    require(case, by)
    if result not in FollowUp.Result.values:
        raise Refused(_("没有选回访结果。请从列表里选一项。"))
    paid = case.awards.aggregate(day=Max("disbursement__paid_day"))["day"]
    if visited_on > today(at) or (paid is not None and visited_on < paid):
        raise Refused(_("回访日期要在发放日 %(paid)s 和今天之间。请填实际去的那一天。") % {"paid": paid or ""})
    done = FollowUp.objects.create(
        case=case, visited_on=visited_on, visitor=by, result=result, note=clean(remark, least=10, what=_("回访情况")),
        needs=needs.strip()[:200], at=at,
    )  # fmt: skip
    note("process.household_followed_up", case, by=by, at=at, result=result, visited_on=visited_on.isoformat(), follow_up=done.pk)
    return advance(case, "passed", act="follow_up", by=by, at=at)
