"""What every change of a file does: check the duty, lock the row, compare the version, keep the kept figures."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Sum
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.queries import timeline
from bangfu.household import figures, search
from bangfu.household.imports.told import told_of
from bangfu.household.kin import require_not_related
from bangfu.household.models import Discrepancy, Household, Income
from bangfu.lib.days import local
from bangfu.lib.errors import Refused, Stale

#: Who keeps files: the unit's union, and the relief office above it.
FILE_KEEPERS = frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD})
#: Who sets grades and lets files leave.
OFFICE = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD})


def guard(by: Account | None, roles: Iterable[Role], unit: Unit) -> None:
    """`by` None is the system itself (demo, migration of old data); an account needs one of `roles` at or above `unit`."""
    if by is not None:
        require_role(by, roles, unit)


def guard_file(by: Account | None, roles: Iterable[Role], household: Household) -> None:
    """`guard`, and the file is neither her own nor her kin's. Raises Refused, PermissionDenied."""
    guard(by, roles, household.unit)
    require_not_related(by, household)


def locked(household: Household, *, version: int | None) -> Household:
    """The file's row, locked for this transaction. Raises Stale when somebody changed it since `version` was drawn."""
    fresh = Household.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=household.pk)
    if version is not None and fresh.version != version:
        acts = [*timeline(fresh, limit=1), *(told.entry for told in told_of(fresh))]
        last = max(acts, key=lambda entry: entry.at, default=None)
        raise Stale(
            _("%(who)s在 %(when)s 刚改过这份档案，您看到的已不是最新。请看过最新内容，再改一次。")
            % {"who": last.who if last and last.who else _("有人"), "when": f"{local(last.at):%H:%M}" if last else ""}
        )
    return fresh


def require_open(household: Household) -> None:
    if not household.is_open:
        raise Refused(_("这份档案%(state)s，不能再改。确有需要，请重新建档。") % {"state": household.get_state_display()})


def require_why(why: str) -> str:
    why = why.strip()
    if len(why) < 2:
        raise Refused(_("没有写更正的原因。请写明为什么改，例如“对照户口簿更正”。"))
    return why[:200]


def touch(household: Household, *fields: str) -> None:
    """Write the changed columns and the next version; a file that moved is found where it is now."""
    household.version += 1
    household.save(update_fields=[*fields, "version"])
    if {"state", "unit"} & set(fields):
        search.refresh_file(household)


def recount(household: Household, *, by: Account | None, at: datetime) -> list[Discrepancy]:
    """Bring size, income per head and the discrepancies of a file in line with its members and incomes; saves them."""
    rows = household.members.filter(left_on=None).count()
    asked = household.incomes_on is not None
    monthly = Income.objects.filter(member__household=household, member__left_on=None).aggregate(n=Sum("monthly_fen"))["n"] or 0
    household.size = figures.size_of(stated_size=household.stated_size, rows=rows)
    household.per_head_fen = figures.per_head(
        size=household.size,
        monthly_fen=monthly if asked else None,
        stated_annual_fen=household.stated_annual_fen,
        complete=rows >= household.size,
    )
    household.save(update_fields=["size", "per_head_fen"])
    found = figures.unlike(
        stated_size=household.stated_size,
        stated_annual_fen=household.stated_annual_fen,
        rows=rows,
        monthly_fen=monthly if asked else None,
    )
    return _hold(household, found, by=by, at=at)


def _hold(household: Household, found: list[figures.Unlike], *, by: Account | None, at: datetime) -> list[Discrepancy]:
    """Settle what agrees now; hold what differs, unless a second person already accepted exactly these figures."""
    wanted = {(one.matter, one.stated, one.computed) for one in found}
    for old in household.discrepancies.filter(settled_at=None):
        key = (old.matter, old.stated, old.computed)
        if key in wanted:
            wanted.discard(key)
        else:
            old.settled_at = at
            old.save(update_fields=["settled_at"])
    return Discrepancy.objects.bulk_create(
        Discrepancy(
            unit=household.unit, household=household, matter=matter, stated=stated, computed=computed, noted_by=by, noted_at=at
        )
        for matter, stated, computed in sorted(wanted)
    )


def numbers(organisation: Unit, year: int, count: int) -> list[str]:
    """The next `count` file numbers of a year: KY2016-0013 … One row lock, whatever the count."""
    series = f"household:{organisation.code}:{year}"
    first = Counter.next(series)
    if count > 1:
        Counter.objects.filter(series=series).update(last=first + count - 1)
    prefix = organisation.prefix or organisation.code.upper()
    return [f"{prefix}{year}-{number:04d}" for number in range(first, first + count)]
