"""The acts on the finders' lists: search anew, set one aside with a reason, take it up again."""

from __future__ import annotations

from datetime import date, datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.process.snapshot import NIGHT, take
from bangfu.reporting.simulation.finding import Found, search
from bangfu.reporting.simulation.flow import INLINE, is_small, snapshot_for
from bangfu.reporting.simulation.models import FINDERS, Finding

LONGEST = 366  # days that a finding may be set aside


def search_now(unit: Unit, *, by: Account, at: datetime) -> int:
    """重新查找, by the files as they are now. Raises Refused where there are too many files for a request."""
    require_role(by, FINDERS, unit)
    if not is_small(unit):
        raise Refused(_("档案超过 %(n)d 户，每天夜里自动查找一次。请明天再看。") % {"n": INLINE})
    root = unit.organisation
    return _keep(root, search(root, take(root, on=today(at), at=at), today(at)), by=by, at=at)


def search_at_night(*, at: datetime) -> int:
    """Once a night for each organisation, when nobody waits for the disk; answers how many were searched."""
    if not NIGHT[0] <= local(at).hour < NIGHT[1]:
        return 0
    done = 0
    for root in Unit.objects.filter(parent=None):
        last = Finding.objects.filter(organisation=root).aggregate(last=Max("searched_at"))["last"]
        if last is None or today(last) < today(at):
            _keep(root, search(root, snapshot_for(root, today(at), at=at), today(at)), by=None, at=at)
            done += 1
    return done


@recording
def _keep(root: Unit, found: list[Found], *, by: Account | None, at: datetime) -> int:
    """What is still found keeps its first day and its reason; what is no longer found is gone."""
    wanted = {(str(one.kind), one.key): one for one in found}
    kept = {(row.kind, row.household_id): row for row in Finding.objects.filter(organisation=root)}
    Finding.objects.filter(pk__in=[row.pk for key, row in kept.items() if key not in wanted]).delete()
    fresh, old = [], []
    for key, one in wanted.items():
        row = kept.get(key)
        if row is None:
            fresh.append(
                Finding(
                    organisation=root,
                    kind=key[0],
                    household_id=one.key,
                    details=list(one.details),
                    found_on=today(at),
                    searched_at=at,
                )
            )
        else:
            row.details, row.searched_at = list(one.details), at
            old.append(row)
    Finding.objects.bulk_create(fresh, batch_size=2_000)
    Finding.objects.bulk_update(old, ["details", "searched_at"], batch_size=500)
    counts = {str(kind): sum(key[0] == kind for key in wanted) for kind in Finding.Kind.values}
    record("reporting.findings_searched", root, by=by, at=at, unit=root, counts=counts)
    return len(wanted)


@recording
def set_aside(finding: Finding, *, until: date, reason: str, by: Account, at: datetime) -> Finding:
    """暂不处理, with a reason and a day on which it comes back."""
    finding = _locked(finding, by)
    if not reason.strip():
        raise Refused(_("没有写暂不处理的原因。请写明为什么现在不用办。"))
    if not 0 < (until - today(at)).days <= LONGEST:
        raise Refused(_("日期要在明天以后、一年以内。请重新写什么时候再提醒。"))
    finding.set_aside_until, finding.set_aside_by, finding.reason = until, by, reason.strip()[:400]
    finding.save(update_fields=["set_aside_until", "set_aside_by", "reason"])
    record(
        "reporting.finding_set_aside",
        finding.household,
        by=by,
        at=at,
        unit=finding.household.unit,
        list=finding.kind,
        until=until.isoformat(),
        reason=Sealed(finding.reason),
    )
    return finding


@recording
def take_up(finding: Finding, *, by: Account, at: datetime) -> Finding:
    """重新处理: back on the list now."""
    finding = _locked(finding, by)
    finding.set_aside_until, finding.set_aside_by, finding.reason = None, None, ""
    finding.save(update_fields=["set_aside_until", "set_aside_by", "reason"])
    record("reporting.finding_taken_up", finding.household, by=by, at=at, unit=finding.household.unit, list=finding.kind)
    return finding


def _locked(finding: Finding, by: Account) -> Finding:
    found = (
        Finding.objects.select_for_update(no_key=True, of=("self",)).select_related("household__unit").filter(pk=finding.pk).first()
    )
    if found is None:
        raise Refused(_("这一条刚刚重新查找过，已经不在名单上。请刷新页面再看。"))
    require_role(by, FINDERS, found.household.unit)
    return found
