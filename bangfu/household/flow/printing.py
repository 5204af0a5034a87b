"""Take one file out of the system on paper: masked, and recorded."""

from __future__ import annotations

from datetime import datetime

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF
from bangfu.audit.record import record, recording
from bangfu.household.flow.common import guard
from bangfu.household.models import Household


@recording
def print_file(household: Household, *, by: Account, at: datetime) -> bytes:
    """困难职工家庭档案 as an A4 PDF: numbers masked, no diagnosis. Raises PermissionDenied: neither case staff nor her own file.

    One event with the version that was printed. Source: PIPL 6 (only what the work needs), ux.md 4 "print".
    """
    from bangfu.household.paper import data_of  # reads through queries, which import this package
    from bangfu.lib import pdf  # typst: heavy

    if household.staff is None or household.staff.account_id != by.pk:
        guard(by, CASE_STAFF, household.unit)
    content = pdf.render("household/file", data_of(household, by=by, at=at), at=at)
    record("household.file_printed", household, by=by, at=at, unit=household.unit, version=household.version)
    return content
