"""The life of a file after filing: grade, review, lifted, struck off; the five clears; figures that did not agree."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household import grades, reactions
from bangfu.household.flow.common import FILE_KEEPERS, OFFICE, guard, guard_file, locked, require_open, require_why, touch
from bangfu.household.models import Change, Clear, Discrepancy, GradeChange, Household, StateChange
from bangfu.household.models.words import NationalClass, Section, State
from bangfu.lib import codes
from bangfu.lib.days import today
from bangfu.lib.errors import Refused

LIFTED_REASON = "1"  # codelists.json "exit_reason": cause removed and income above dibao for six months


@recording
def set_grade(
    household: Household, grade: str, *, national_class: str | None = None, basis: str = "", why: str, version: int | None = None,
    by: Account | None, at: datetime,
) -> GradeChange:  # fmt: skip
    """评定档次: a code of the class set in force today, national class beside it. Raises Refused on another code. Source: S1-2, S4-5."""
    household = locked(household, version=version)
    guard_file(by, OFFICE, household)
    require_open(household)
    day = today(at)
    known = grades.titles(household.unit, day)
    if grade not in known:
        raise Refused(_("“%(grade)s”不是施行中的办法里的困难档次。请先核对办法，再选档次。") % {"grade": grade})
    national = household.national_class if national_class is None else NationalClass(national_class).value
    if (grade, national) == (household.grade, household.national_class):
        raise Refused(_("档次已经是“%(grade)s”，没有改动。") % {"grade": known[grade]})
    change = GradeChange.objects.create(
        household=household, old=household.grade, new=grade, national_old=household.national_class, national_new=national,
        day=day, basis=basis[:100], why=require_why(why), by=by, at=at,
    )  # fmt: skip
    household.grade, household.national_class, household.grade_on = grade, national, day
    touch(household, "grade", "national_class", "grade_on")
    record(
        "household.grade_set", household, by=by, at=at, unit=household.unit, number=household.number, old=change.old, new=grade,
        national_old=change.national_old, national_new=national, basis=change.basis,
    )  # fmt: skip
    return change


@recording
def review(household: Household, *, version: int | None = None, by: Account | None, at: datetime) -> Household:
    """年度复核: somebody went through the file today and it stands. Source: practice.md 1.4 (HUN: once a year)."""
    household = locked(household, version=version)
    guard_file(by, FILE_KEEPERS, household)
    if household.state != State.FILED:
        raise Refused(_("只有在档的家庭要复核，这份档案%(state)s。") % {"state": household.get_state_display()})
    household.reviewed_on = today(at)
    touch(household, "reviewed_on")
    record("household.file_reviewed", household, by=by, at=at, unit=household.unit, number=household.number)
    return household


@recording
def lift(household: Household, *, why: str, version: int | None = None, by: Account | None, at: datetime) -> Household:
    """脱困一户: the cause is removed and income has stood above dibao for six months; the file is kept.

    Only from filed, only by the relief office, with the ground in words. Source: S1-8, practice.md 1.4.
    """
    household = locked(household, version=version)
    guard_file(by, OFFICE, household)
    if household.state != State.FILED:
        raise Refused(_("只有在档的家庭可以脱困，这份档案%(state)s。") % {"state": household.get_state_display()})
    if len(why.strip()) < 5:
        raise Refused(_("没有写脱困的依据。请写明致困原因怎样消除、近 6 个月收入多少。"))
    return _leave(household, State.LIFTED, LIFTED_REASON, why, by=by, at=at)


@recording
def strike_off(
    household: Household, reason: str, *, why: str = "", version: int | None = None, by: Account | None, at: datetime
) -> Household:
    """注销一户: with a reason of the list "exit_reason". A lifted file is struck under its own reason; a filed one never as lifted."""
    household = locked(household, version=version)
    guard_file(by, OFFICE, household)
    if household.state == State.STRUCK:
        raise Refused(_("这份档案已经注销。"))
    if reason not in dict(codes.choices("exit_reason")):
        raise Refused(_("没有选注销的原因。请从列表里选一项。"))
    if reason == LIFTED_REASON and household.state != State.LIFTED:
        raise Refused(_("这户还没有办脱困。请先办脱困，观察期满再注销；或选别的原因。"))
    if household.state == State.LIFTED:
        reason = household.exit_reason if reason == LIFTED_REASON else reason
    return _leave(household, State.STRUCK, reason, why, by=by, at=at)


def _leave(household: Household, state: State, reason: str, why: str, *, by: Account | None, at: datetime) -> Household:
    day, old = today(at), household.state
    household.state, household.state_on, household.exit_reason = state, day, reason
    StateChange.objects.create(household=household, old=old, new=state, day=day, reason=reason, why=why.strip()[:300], by=by, at=at)
    touch(household, "state", "state_on", "exit_reason")
    kind = "household.file_lifted" if state == State.LIFTED else "household.file_struck"
    record(kind, household, by=by, at=at, unit=household.unit, number=household.number, old=old, reason=reason)
    for reaction in reactions.on_left:
        reaction(household, state, by, at)
    return household


@recording
def check_clear(
    household: Household, section: str, text: str, *, why: str = "", version: int | None = None, by: Account | None, at: datetime
) -> Clear:
    """核实五清之一: what is known now, checked by me today. The former text goes into the history. Source: S1-6."""
    household = locked(household, version=version)
    guard_file(by, FILE_KEEPERS, household)
    require_open(household)
    section, text = Section(section).value, text.strip()
    if not text:
        raise Refused(_("“%(title)s”没有写内容。请写明核实到的情况。") % {"title": Section(section).label})
    clear = household.clears.filter(section=section).first() or Clear(household=household, section=section)
    old = clear.text
    clear.text, clear.checked_by, clear.checked_at = text, by, at
    clear.save()
    if old and old != text:
        Change.objects.create(
            household=household, subject=f"household.clear:{clear.pk}", field=section, label=str(Section(section).label),
            old=old, new=text, why=why.strip()[:200] or _("重新核实"), by=by, at=at,
        )  # fmt: skip
    touch(household)
    record(
        "household.clear_checked", household, by=by, at=at, unit=household.unit, section=section, text=household.digest_of(text),
        changed=old != text,
    )  # fmt: skip
    return clear


@recording
def accept_discrepancy(discrepancy: Discrepancy, reason: str, *, by: Account, at: datetime) -> Discrepancy:
    """A second person writes why a stated figure may stand although its parts say otherwise. Source: S1-13, S4-9.

    Raises Refused: no reason, already decided, or by the person who entered it.
    """
    discrepancy = Discrepancy.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=discrepancy.pk)
    if discrepancy.household is None:  # of a file that is being imported
        guard(by, FILE_KEEPERS, discrepancy.unit)
    else:
        guard_file(by, FILE_KEEPERS, discrepancy.household)
    if not discrepancy.is_open:
        raise Refused(_("这处差异已经处理过了。"))
    if discrepancy.noted_by_id == by.pk:
        raise Refused(_("填报的人不能自己认可差异。请另一位经办人核对后写明原因。"))
    if len(reason.strip()) < 4:
        raise Refused(_("没有写认可的原因。请写明两个数为什么不一样，例如“含一次性补发工资”。"))
    discrepancy.reason, discrepancy.accepted_by, discrepancy.accepted_at = reason.strip()[:300], by, at
    discrepancy.save(update_fields=["reason", "accepted_by", "accepted_at"])
    record(
        "household.discrepancy_accepted", discrepancy.household or discrepancy, by=by, at=at, unit=discrepancy.unit,
        matter=discrepancy.matter, discrepancy=discrepancy.pk, origin=discrepancy.origin,
    )  # fmt: skip
    return discrepancy
