"""What a case does when something happens below it; bangfu/wiring.py hangs each on its list."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording, subject_of
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice, Objection
from bangfu.disclosure.queries import waiting_draft
from bangfu.disclosure.reactions import Origin
from bangfu.governance.models import Motion, Resolution
from bangfu.household.models import Household
from bangfu.household.models.words import ConsentKind
from bangfu.ledger.models import Disbursement, Hold
from bangfu.lib.errors import Refused
from bangfu.process.conflicts import PAY, case_of, separate, why_not
from bangfu.process.flow.common import locked, stay
from bangfu.process.flow.decide import decide, latest_motion
from bangfu.process.flow.notice import running_notice
from bangfu.process.flow.objections import after_answer, after_objection, case_of_origin, hold_reason, too_late
from bangfu.process.flow.pay import after_failed, after_paid, after_receipted
from bangfu.process.messages import tell_next, url_of
from bangfu.process.models import Award, Case, Paper

__all__ = [
    "after_answer", "after_consent", "after_failed", "after_objection", "after_paid", "after_receipted", "after_resolution",
    "after_taken_down", "after_taken_off", "before_consent", "before_paying",
    "files", "keeps_hold", "kept_away", "lock_cases", "motion_context", "origin", "too_late",
]  # fmt: skip


def lock_cases(subjects: Collection[str]) -> None:
    """The cases that these subjects ("process.case:12", "process.award:7") are about, locked in the order of their keys.

    Everybody locks in one order: cases; then notice, session, motion, household; then payments, holds, fund; the record last.
    """
    keys: dict[str, set[int]] = {Case._meta.label_lower: set(), Award._meta.label_lower: set()}
    for subject in subjects:
        label, _colon, key = subject.partition(":")
        if label in keys and key.isdecimal():
            keys[label].add(int(key))
    cases, awards = keys.values()
    if awards:
        cases |= set(Award.objects.filter(pk__in=awards).values_list("case", flat=True))
    if cases:
        list(Case.objects.select_for_update(no_key=True).filter(pk__in=cases).order_by("pk").values_list("pk"))


def before_consent(household: Household) -> None:
    """The household's cases on notice or about to be, locked before its file: a step of theirs locks the file after the case."""
    drafted = Q(case__state=Case.State.OPEN, case__stage_kind="notice")
    running = Award.objects.filter(Q(case__notices__notice__closed_at=None) | drafted, household=household)
    lock_cases([f"{Case._meta.label_lower}:{pk}" for pk in running.values_list("case", flat=True).distinct()])


def after_resolution(resolution: Resolution, by: Account, at: datetime) -> None:
    """决议有了: carried out in the same act where that is possible; if not (money short, a duty), it waits as a to-do.

    The vote itself must not be lost because the fund is empty: what fails is undone alone.
    """
    case = case_of(resolution.motion.subject)
    if case is None:
        return
    link = latest_motion(case)
    if link is None or link.motion_id != resolution.motion_id or resolution.outcome == Resolution.Outcome.REFUSED:
        tell_next(case, by=by, at=at)
        return
    try:
        with recording():
            decide(case.pk, version=None, by=by, at=at)
    except (Refused, PermissionDenied):
        tell_next(case, by=by, at=at)


def after_consent(household: Household, kind: str, given: bool, by: Account | None, at: datetime) -> None:
    """She no longer wants her name shown: every notice, running or drafted, says only the number, in the same request.

    Source: PIPL §15.
    """
    if kind != ConsentKind.NOTICE_NAME or given:
        return
    running = Award.objects.filter(household=household, case__notices__notice__closed_at=None).select_related("case__unit")
    for award in running.distinct():
        notice = running_notice(locked(award.case_id))
        if notice is not None:
            disclosure.narrow(notice, award.number, reason=_("本人撤回公示姓名的同意"), by=by, at=at)
    drafted = Award.objects.filter(household=household, case__state=Case.State.OPEN, case__stage_kind="notice")
    for award in drafted.select_related("case__unit"):
        draft = waiting_draft(subject_of(award.case))
        if draft is not None:
            disclosure.narrow_draft(draft, award.number, by=by, at=at)


def after_taken_down(notice: Notice, by: Account, at: datetime) -> None:
    """撤下了公示 on the notice's own page: the case leaves a step, so that what its readers know is the newest."""
    case = case_of_origin(notice.origin)
    if case is not None and case.is_open:
        stay(case, "take_down_notice", "taken_down", by=by, at=at)


def after_taken_off(motion: Motion, by: Account, at: datetime) -> None:
    """撤下了议题: the case leaves a step with the reason; it is a to-do again (排进评审会) for those who convene."""
    case = case_of(motion.subject)
    if case is None:
        return
    case = locked(case.pk)
    if case.is_open:
        stay(case, "take_off_agenda", "taken_off", by=by, at=at, reason=motion.taken_off_reason)


def kept_away(account: Account, text: str) -> str:
    """Own or kin's case: a whole sentence; "" for everybody else and for other origins."""
    case = case_of(text)
    return why_not(account, case, "") if case else ""


def before_paying(rows: list[Disbursement], by: Account, at: datetime) -> None:
    """Whoever sends the money or signs as payer is neither kin nor had another duty on a case of these sums. Raises Conflict."""
    for case in Case.objects.filter(awards__disbursement__in=[row.pk for row in rows]).distinct():
        separate(case, by, PAY)


def keeps_hold(hold: Hold, account: Account) -> str:
    """Own or kin's sum; or an objection that has no answer yet: its hold is lifted by the answer, not beside it."""
    label, _colon, key = hold.origin.partition(":")
    if label != Award._meta.label_lower or not key.isdecimal():
        return ""
    award = Award.objects.select_related("case__unit", "disbursement").filter(pk=int(key)).first()
    if award is None:
        return ""
    if kept := why_not(account, award.case, ""):
        return kept
    waiting = Objection.objects.filter(notice__origin=subject_of(award.case), answered_at=None).select_related("notice")
    if any(hold_reason(objection) == hold.reason for objection in waiting):
        return _("%(reason)s。请先答复异议，答复以后暂停自动解除。") % {"reason": hold.reason}
    upheld = Objection.objects.filter(notice__origin=subject_of(award.case), upheld=True).select_related("notice")
    row = award.disbursement  # one that is with the bank may have been carried out: it is booked first, then claimed back
    waits = row is not None and row.state == Disbursement.State.RESERVED
    if waits and any(hold_reason(objection) == hold.reason for objection in upheld):
        return _("%(reason)s，异议已认定成立，这笔款不能放行。请对这一户作“不予救助”或退回重新核实。") % {"reason": hold.reason}
    return ""


def origin(text: str) -> Origin | None:
    """The case's page, for the notice that is about it."""
    case = case_of(text)
    return Origin(url_of(case), f"{case.number} {case.title}") if case else None


def before_transfer(household: Household) -> None:
    """A file does not change its unit while a case of it runs there. Raises Refused naming the case."""
    case = Case.objects.open().filter(household=household).order_by("pk").first()
    if case is not None:
        raise Refused(
            _("这户还有没办完的申请 %(number)s（%(stage)s）。请先办完或撤回，再转移档案。")
            % {"number": case.number, "stage": case.stage_title}
        )


def files(account: Account) -> QuerySet:
    """Papers of the cases that the account works on, and of its own cases."""
    cases = Case.objects.visible_to(account).values("pk")
    own = Q(case__household__staff__account=account)
    return Paper.objects.filter(Q(case__in=cases) | own, file__isnull=False).values("file")


def motion_context(motion: Motion, account: Account) -> dict[str, Any]:
    """What the committee sees beside the ballot: papers, what the rules say, the money before and after, similar cases."""
    from bangfu.process.committee import context

    case = case_of(motion.subject)
    return context(case, account) if case else {}
