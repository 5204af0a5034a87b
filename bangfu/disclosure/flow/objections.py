"""What is said against a notice, and its answer: 异议."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.calendar import working_days
from bangfu.access.models import Account
from bangfu.access.scope import accounts_with, require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.disclosure import reactions
from bangfu.disclosure.flow.common import TOKEN_BYTES, locked, require_no_conflict
from bangfu.disclosure.models import INQUIRERS, POSTERS, Notice, Objection
from bangfu.lib.crypto import blind_index
from bangfu.lib.days import closes_at as term_end
from bangfu.lib.days import start_of_day, today
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell

MAX_OBJECTIONS_A_DAY = 20  # from the open page, per notice: a flood is refused, the telephone remains
MAX_TEXT, MIN_TEXT = 1000, 5


@recording
def raise_objection(
    notice: Notice,
    *,
    text: str,
    is_named: bool,
    name: str = "",
    contact: str = "",
    case_number: str = "",
    by: Account | None = None,
    at: datetime,
) -> Objection:
    """提出异议, named with a contact or anonymous. `by` None: from the open page, while the notice is on show.

    Staff (`by`) register what came by letter, call or visit, after the notice ended too, until the money is paid
    (reactions.takes_late). The money is held by who listens (reactions.on_objection). Raises Refused (too late, too short, no contact, the same again, too many today).
    Source: S0-16, S2-1, S2-8.
    """
    notice = locked(notice)
    if by is not None:
        require_role(by, POSTERS, notice.unit)
    if by is None and not notice.is_open(at):
        raise Refused(_("公示已经结束，这里不再收意见。要反映情况，请打工会电话。"))
    if notice.closed_at is not None and (words := reactions.why_too_late(notice, case_number)):
        raise Refused(words)
    text, name, contact = text.strip(), name.strip(), contact.strip()
    _check_objection(notice, text, is_named, name, contact, case_number)
    fingerprint = blind_index(f"{notice.pk}\0{' '.join(text.split())}", "objection")
    if notice.objections.filter(fingerprint=fingerprint).exists():
        raise Refused(_("同样的意见已经收到，正在处理，不用再交。"))
    if by is None and _arrived_today(notice, at) >= MAX_OBJECTIONS_A_DAY:
        raise Refused(_("今天从网页收到的意见已满。请明天再交，或直接打工会电话。"))
    objection = Objection.objects.create(
        notice=notice, token=secrets.token_urlsafe(TOKEN_BYTES), case_number=case_number, text=text, is_named=is_named,
        name=name if is_named else "", contact=contact if is_named else "", fingerprint=fingerprint,
        via=Objection.Via.STAFF if by else Objection.Via.OPEN, raised_at=at, registered_by=by,
        answer_due_at=term_end(at, notice.answer_days, is_working=working_days(notice.unit)),
    )  # fmt: skip
    told = [account for account in accounts_with(objection.answerers, notice.unit) if account.pk != notice.posted_by_id]
    tell(told, _("公示 %(number)s 收到一条意见，请答复。") % {"number": notice.number}, url=f"/notices/{notice.pk}/", at=at)
    record(
        "disclosure.objection_raised", notice, by=by, at=at, about=notice.origin, objection=objection.pk, is_named=is_named,
        via=str(objection.via),
    )  # fmt: skip
    for reaction in reactions.on_objection:
        reaction(objection, by, at)
    return objection


@recording
def answer_objection(objection: Objection, *, answer: str, upheld: bool, by: Account, at: datetime) -> Objection:
    """答复异议, upheld or not, by the office head or the unit's chair (a late one: head or the committee's chair), who neither
    posted the notice nor registered it, and is no kin.

    Raises Refused (answered already, no text, own notice, own or kin's case), PermissionDenied. Source: S0-16, S2-1.
    """
    notice = locked(objection.notice)
    objection = Objection.objects.select_for_update(no_key=True).get(pk=objection.pk)
    require_role(by, objection.answerers, notice.unit)
    if objection.answered_at is not None:
        raise Refused(_("这条意见在 %(day)s 已经答复。") % {"day": today(objection.answered_at)})
    if by.pk == notice.posted_by_id:
        raise Refused(_("公示是您发布的，异议要由别人答复。请转给单位工会主席或帮扶办公室主任。"))
    if by.pk == objection.registered_by_id:
        raise Refused(_("这条意见是您登记的，要由别人答复。请转给单位工会主席或帮扶办公室主任。"))
    require_no_conflict(notice, by)
    if len(answer.strip()) < MIN_TEXT:
        raise Refused(_("请写明核实的情况和处理意见，至少 %(n)d 个字。") % {"n": MIN_TEXT})
    objection.answered_at, objection.answered_by = at, by
    objection.answer, objection.upheld = answer.strip()[:MAX_TEXT], upheld
    objection.save(update_fields=["answered_at", "answered_by", "answer", "upheld"])
    record("disclosure.objection_answered", notice, by=by, at=at, about=notice.origin, objection=objection.pk, upheld=upheld)
    for reaction in reactions.on_answered:
        reaction(objection, by, at)
    return objection


@recording
def show_objector(objection: Objection, *, reason: str, by: Account, at: datetime) -> tuple[str, str]:
    """看反映人: (name, contact) of a named objection, for those who answer or inspect; the look and its reason are recorded.

    Raises Refused (anonymous, own notice, own or kin's case, no reason), PermissionDenied.
    """
    notice = objection.notice
    require_role(by, INQUIRERS | objection.answerers, notice.unit)
    if not objection.is_named:
        raise Refused(_("这条意见是匿名的，没有反映人的信息。"))
    if by.pk == notice.posted_by_id:
        raise Refused(_("公示是您发布的，不能看反映人的信息。"))
    require_no_conflict(notice, by)
    if not reason:
        raise Refused(_("请选为什么要看反映人的信息。"))
    record("disclosure.objector_shown", notice, by=by, at=at, objection=objection.pk, reason=Sealed(reason[:40]))
    return objection.name, objection.contact


def _check_objection(notice: Notice, text: str, is_named: bool, name: str, contact: str, case_number: str) -> None:
    if len(text) < MIN_TEXT:
        raise Refused(_("请写明对哪一件、有什么不同意见，至少 %(n)d 个字。") % {"n": MIN_TEXT})
    if len(text) > MAX_TEXT:
        raise Refused(_("意见超过 %(n)d 个字。请写要点，细节可以在答复时当面说。") % {"n": MAX_TEXT})
    if is_named and not (name and contact):
        raise Refused(_("实名反映要填姓名和联系方式，方便答复您。不想留名，请选匿名。"))
    if len(name) > 60 or len(contact) > 100:
        raise Refused(_("姓名或联系方式太长。请只填姓名和一个电话或邮箱。"))
    if case_number and case_number not in {row["number"] for channel in notice.channels.all() for row in channel.rows}:
        raise Refused(_("公示里没有编号 %(number)s。请从列表里选，或选“整个公示”。") % {"number": case_number[:30]})


def _arrived_today(notice: Notice, at: datetime) -> int:
    return notice.objections.filter(via=Objection.Via.OPEN, raised_at__gte=start_of_day(today(at))).count()
