"""办结: the closing report, and the case goes into the archive under its number."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter
from bangfu.audit.record import recording
from bangfu.lib.days import local
from bangfu.lib.errors import Refused
from bangfu.process.flow.common import advance, clean, locked, note, require
from bangfu.process.models import Case, ClosingReport


@recording
def closing_report(pk: int, *, version: int, text: str, by: Account, at: datetime) -> Case:
    """写办结报告并归档: only when payer and payee have signed for everything. The archive number has no gaps within a year.

    Raises Refused, Stale, PermissionDenied. Source: S2-11; contracts.md "Money" (a case closes only when receipted).
    """
    case = locked(pk, kind="close", version=version)
    require(case, by)
    open_sums = case.awards.filter(dropped_reason=None).exclude(disbursement__receipted_at__isnull=False)
    if open_sums.exists():
        raise Refused(_("还有款没有付清或没有签收，不能办结。"))
    text = clean(text, least=10, what=_("办结报告"))
    ClosingReport.objects.create(case=case, text=text, by=by, at=at)
    organisation, year = case.unit.organisation, local(at).year
    serial = Counter.next(f"archive:{organisation.code}:{year}")
    case.archive_number = f"{organisation.prefix or organisation.code.upper()}-D{year}-{serial:04d}"
    note("process.case_closed", case, by=by, at=at, archive_number=case.archive_number)
    return advance(case, "passed", act="closing_report", by=by, at=at)
