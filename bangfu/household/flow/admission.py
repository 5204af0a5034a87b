"""A clue that was filled in on the spot becomes a file as it stands."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household import grades
from bangfu.household.flow.common import FILE_KEEPERS, guard_file, locked, touch
from bangfu.household.models import GradeChange, Household, StateChange
from bangfu.household.models.words import CAUSES, State
from bangfu.lib.days import today
from bangfu.lib.errors import Refused


@recording
def admit(
    household: Household, *, grade: str = "", basis: str = "", version: int | None = None, by: Account | None, at: datetime
) -> Household:
    """归档一户: the clue keeps its number and everything noted on it (members, incomes, costs, what it owns), and is on file from today.

    Unlike `file_household`, nothing is written anew. Raises Refused: not a clue, no identity number, no main cause, a grade
    that the rules do not know; PermissionDenied. Source: S1-8 (发现一户、归档一户).
    """
    household = locked(household, version=version)
    guard_file(by, FILE_KEEPERS, household)
    if household.state != State.CLUE:
        raise Refused(_("%(number)s 已经建档，不用再建。") % {"number": household.number})
    if not household.identity:
        raise Refused(_("%(name)s没有证件号码，不能建档。请先在家庭档案里补上。") % {"name": household.head_name})
    if household.main_cause not in CAUSES:
        raise Refused(_("%(name)s没有主要致困原因，不能建档。请先在家庭档案里补上。") % {"name": household.head_name})
    day = today(at)
    if grade and grade not in grades.titles(household.unit, day):
        raise Refused(_("“%(grade)s”不是施行中的办法里的困难档次。请先核对办法，再选档次。") % {"grade": grade})
    household.state, household.state_on, household.opened_on, household.reviewed_on = State.FILED, day, day, day
    changed = ["state", "state_on", "opened_on", "reviewed_on"]
    StateChange.objects.create(household=household, old=State.CLUE, new=State.FILED, day=day, by=by, at=at)
    if grade:
        household.grade, household.grade_on = grade, day
        changed += ["grade", "grade_on"]
        GradeChange.objects.create(
            household=household, new=grade, national_old=household.national_class, national_new=household.national_class, day=day,
            basis=basis[:100], why=_("建档时评定"), by=by, at=at,
        )  # fmt: skip
    touch(household, *changed)
    record(
        "household.household_filed", household, by=by, at=at, unit=household.unit, number=household.number, tie=household.tie,
        main_cause=household.main_cause, grade=household.grade, size=household.size,
        identity=household.digest_of(household.identity), opened_on=day.isoformat(),
    )  # fmt: skip
    return household
