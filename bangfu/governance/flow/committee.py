"""The committee and its seats."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.governance.flow.common import SETTERS
from bangfu.governance.models import MEMBERS, Committee, Membership
from bangfu.lib.errors import Refused


@recording
def form_committee(
    unit: Unit, *, name: str, quorum_permille: int = 666, majority_permille: int = 500, by: Account | None, at: datetime
) -> Committee:
    """成立委员会. Shares are "more than" per mille: 500 过半数, 666 三分之二以上. `by` None is the installation.

    Raises Refused, PermissionDenied. Source: S0-22.
    """
    if by is not None:
        require_role(by, SETTERS, unit)
    if not (1 <= quorum_permille <= 999 and 1 <= majority_permille <= 999):
        raise Refused(_("法定人数和通过票数要填 1 到 999 之间的千分数：过半数填 500，三分之二以上填 666。"))
    if Committee.objects.filter(unit=unit, name=name).exists():
        raise Refused(_("%(unit)s已经有“%(name)s”。不用再建，直接增减委员。") % {"unit": unit.name, "name": name})
    committee = Committee.objects.create(unit=unit, name=name, quorum_permille=quorum_permille, majority_permille=majority_permille)
    record("governance.committee_formed", committee, by=by, at=at, name=name)
    return committee


@recording
def seat_member(
    committee: Committee, account: Account, *, from_date: date, is_chair: bool = False, by: Account | None, at: datetime
) -> Membership:
    """聘任委员 from a day on; she needs the post of member or chair as well. Raises Refused when seated already, or by herself.

    Nobody makes herself a voter: a chair who founds, fills and presides over a committee would decide alone.
    """
    if by is not None:
        require_role(by, SETTERS, committee.unit)
        if by.pk == account.pk:
            raise Refused(_("不能聘任自己。请帮扶办公室主任或评审委员会主任中的另一位来办。"))
    require_role(account, {Role.COMMITTEE_CHAIR} if is_chair else MEMBERS, committee.unit, on=from_date)
    try:
        with transaction.atomic():
            member = Membership.objects.create(committee=committee, account=account, is_chair=is_chair, from_date=from_date)
    except IntegrityError as error:
        raise Refused(_("%(name)s已经是委员，或委员会已有主任。先结束原来的任期再聘。") % {"name": account.name}) from error
    record(
        "governance.member_seated", member, by=by, at=at, unit=committee.unit, account=account.username, is_chair=is_chair,
        from_date=str(from_date),
    )  # fmt: skip
    return member


@recording
def unseat_member(member: Membership, *, to_date: date, by: Account, at: datetime) -> Membership:
    """结束任期 on `to_date` (exclusive). Raises Refused when it has ended already."""
    member = Membership.objects.select_for_update(no_key=True).get(pk=member.pk)
    require_role(by, SETTERS, member.committee.unit)
    if member.to_date is not None:
        raise Refused(_("这个任期已在 %(day)s 结束。") % {"day": member.to_date})
    if to_date <= member.from_date:
        raise Refused(_("结束日要晚于 %(day)s（任职日）。") % {"day": member.from_date})
    member.to_date = to_date
    member.save(update_fields=["to_date"])
    record("governance.member_unseated", member, by=by, at=at, unit=member.committee.unit, to_date=str(to_date))
    return member
