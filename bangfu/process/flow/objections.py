"""异议: heard against a notice, holding the money until it is answered; what follows from the answer."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.audit.record import recording, subject_of
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice, Objection
from bangfu.governance.models import CONVENERS
from bangfu.ledger.flow import lift_hold, place_hold
from bangfu.ledger.models import Disbursement, Hold
from bangfu.lib.errors import Refused
from bangfu.policy.pack import Stage
from bangfu.process import pack
from bangfu.process.conflicts import case_of
from bangfu.process.flow.common import awards_of, enter, locked, note, require, stay
from bangfu.process.models import Award, Case


@recording
def register_objection(
    pk: int, *, text: str, is_named: bool, name: str = "", contact: str = "", award_number: str = "", by: Account, at: datetime
) -> Objection:
    """登记异议 that came by letter, call or visit; the money is held until it is answered (wiring). Needs no version: an
    objection is never too late because somebody else acted.

    Raises Refused, PermissionDenied. Source: S2-1, S2-8.
    """
    case = locked(pk)
    link = case.notices.select_related("notice").order_by("-pk").first()
    if link is None:
        raise Refused(_("这件还没有公示过，不能登记异议。来信来访请记入接待登记。"))
    return disclosure.raise_objection(
        link.notice, text=text, is_named=is_named, name=name, contact=contact, case_number=award_number, by=by, at=at
    )


@recording
def answer_objection(pk: int, *, objection: Objection, answer: str, upheld: bool, by: Account, at: datetime) -> Objection:
    """答复异议; what follows (hold lifted, case back, household off the list) is `after_objection`, by wiring.

    Raises Refused (of another case, answered, one's own notice, kin), PermissionDenied. Source: S0-16, S2-8.
    """
    case = locked(pk)
    if not case.notices.filter(notice=objection.notice_id).exists():
        raise Refused(_("这条异议不是对这件的公示提的。"))
    require(case, by, roles=objection.answerers)
    return disclosure.answer_objection(objection, answer=answer, upheld=upheld, by=by, at=at)


# -- what disclosure reports (bangfu/wiring.py)


def after_objection(objection: Objection, by: Account | None, at: datetime) -> None:
    """异议来了: every sum that it is about and that is not paid yet is held until it is answered, reserved already or not."""
    case = case_of_origin(objection.notice.origin)
    if case is None:
        return
    reason = hold_reason(objection)
    for award in concerned(case, objection):
        if not _is_paid(award):
            place_hold(subject_of(award), reason=reason, unit=case.unit, by=by, at=at)
    note("process.objection_received", case, by=by, at=at, objection=objection.pk, is_named=objection.is_named)
    if case.is_open:
        stay(case, "objection", "received", by=by, at=at)


def too_late(notice: Notice, case_number: str) -> str | None:
    """Why nothing more is registered against an ended notice; "" while the money that it is about is not paid. None: not a case's."""
    case = case_of(notice.origin)
    if case is None:
        return None
    if notice.outcome == Notice.Outcome.TAKEN_DOWN:
        return _("这次公示已经撤下。重新公示以后再登记；急的，先按来信来访登记。")
    if case.notices.filter(notice__pk__gt=notice.pk).exists():
        return _("这一件后来又公示过。请在最近一次公示的页面登记。")
    if not case.is_open:
        return _("%(number)s %(state)s，不再登记异议。请按来信来访登记。") % {
            "number": case.number, "state": case.get_state_display(),
        }  # fmt: skip
    awards = [award for award in case.awards.select_related("disbursement", "case") if award.is_in]
    named = [award for award in awards if award.number == case_number] or awards
    if all(_is_paid(award) for award in named):
        return _("%(number)s 的钱已经付了，异议拦不住了。请按来信来访登记，查实的由会计冲销追回。") % {
            "number": case_number or case.number
        }
    return ""


def after_answer(objection: Objection, by: Account, at: datetime) -> None:
    """异议答复了: not upheld - the money is free of this hold. Upheld - the case goes back to where the facts are looked at, or
    the household leaves the list; where the money cannot be called back now, the hold stays until the office refuses the award.
    """
    case = case_of_origin(objection.notice.origin)
    if case is None:
        return
    awards = concerned(case, objection)
    note("process.objection_settled", case, by=by, at=at, objection=objection.pk, upheld=bool(objection.upheld))
    if not objection.upheld:
        _lift(awards, objection, _("异议已答复，不成立"), by=by, at=at)
        if case.is_open:
            stay(case, "answer_objection", "dismissed", by=by, at=at)
        return
    one_line = case.is_list and bool(objection.case_number) and case.awards.filter(dropped_reason=None).count() > len(awards)
    target = _where_facts_are_seen_again(case)
    may = case.is_at("notice") or has_role(by, CONVENERS, case.unit)  # she may stop what the committee was given
    movable = case.is_open and may and not any(_is_under_way(award) for award in awards)
    if not movable or (target is None and not one_line):
        stay(case, "answer_objection", "upheld", by=by, at=at)
        return
    from bangfu.process.flow.back import give_back, leave_stage, take_off

    why = _("异议成立，重新核实")
    if one_line:
        for award in awards:
            take_off(case, award, reason=_("异议成立"), by=by, at=at)
        _lift(awards, objection, why, by=by, at=at)
        return
    assert target is not None
    give_back(case, why, by=by, at=at)  # first: nothing that is set aside is let go of while an upheld objection holds it
    _lift(awards, objection, why, by=by, at=at)
    leave_stage(case, why, by=by, at=at)
    enter(case, target, "returned", act="answer_objection", by=by, at=at, reason=why)


def _where_facts_are_seen_again(case: Case) -> Stage | None:
    """The nearest of the earlier stages where somebody looks at the household, or at the list, again."""
    targets = pack.returns_to(case) if case.is_open else ()
    return next((stage for stage in targets if stage.kind in ("investigate", "check", "propose")), None)


def _is_paid(award: Award) -> bool:
    return award.disbursement is not None and award.disbursement.state == Disbursement.State.PAID


def _is_under_way(award: Award) -> bool:
    """With the bank or paid: it cannot be taken back by a click."""
    return award.disbursement is not None and award.disbursement.state in (Disbursement.State.SENT, Disbursement.State.PAID)


def case_of_origin(origin: str) -> Case | None:
    """The case that a notice is about, locked; None for notices of others."""
    label, _colon, key = origin.partition(":")
    if label != Case._meta.label_lower or not key.isdigit():
        return None
    return locked(int(key))


def concerned(case: Case, objection: Objection) -> list[Award]:
    """The awards that an objection is about: one line of a list, or all."""
    awards = awards_of(case)
    named = [award for award in awards if award.number == objection.case_number]
    return named if objection.case_number and named else awards


def hold_reason(objection: Objection) -> str:
    """The hold's words: which objection, nothing of what it says."""
    return _("公示 %(number)s 有异议（第 %(pk)s 号）待答复") % {"number": objection.notice.number, "pk": objection.pk}


def _lift(awards: list[Award], objection: Objection, why: str, *, by: Account, at: datetime) -> None:
    origins = [subject_of(award) for award in awards]
    for hold in Hold.objects.open().filter(origin__in=origins, fingerprint=Hold.fingerprint_of(hold_reason(objection))):
        lift_hold(hold, why=why, by=by, at=at)
