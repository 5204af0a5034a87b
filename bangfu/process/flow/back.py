"""Ways back and out: return to an earlier stage, withdraw, refuse, take one household off."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role
from bangfu.audit.record import recording
from bangfu.governance import flow as governance
from bangfu.governance.models import CONVENERS, Motion, Resolution
from bangfu.ledger.flow import release
from bangfu.ledger.models import Disbursement
from bangfu.lib.errors import Refused
from bangfu.process import messages, pack
from bangfu.process.flow.apply import FILERS
from bangfu.process.flow.common import awards_of, clean, enter, finish, locked, note, require, stay
from bangfu.process.flow.decide import is_to_carry_out, latest_motion
from bangfu.process.flow.notice import drop_draft, running_notice, take_down
from bangfu.process.models import Award, Case, Refusal
from bangfu.process.models.case import REFUSED, WITHDRAWN
from bangfu.process.upheld import settle

State = Disbursement.State


@recording
def send_back(pk: int, *, version: int, to: str, reason: str, by: Account, at: datetime) -> Case:
    """退回 to an earlier stage, only where the rules let this stage return to, with a reason that the next person reads.

    A running notice is taken down, a waiting motion taken off the agenda. From the payment the office alone sends back, while
    nothing is with the bank: what was set aside is free again, and the committee votes anew. What an upheld objection held is
    held no more. Raises Refused, Stale, PermissionDenied.
    """
    case = locked(pk, version=version)
    if not case.is_open:
        raise Refused(_("%(number)s 已办结，不能退回。") % {"number": case.number})
    require(case, by, roles=returners(case))
    target = next((stage for stage in pack.returns_to(case) if stage.id == to), None)
    if target is None:
        raise Refused(_("办法没有规定从“%(stage)s”退回到那里。请从列表里选。") % {"stage": case.stage_title})
    reason = clean(reason, least=4, what=_("退回的原因"))
    if case.is_at("pay"):
        give_back(case, _("办件退回"), by=by, at=at)
    settle(case, _("办件退回，重新核实"), by=by, at=at)
    leave_stage(case, _("办件退回"), by=by, at=at)
    note("process.case_returned", case, by=by, at=at, to=target.id)
    return enter(case, target, "returned", act="send_back", by=by, at=at, reason=reason)


@recording
def withdraw(pk: int, *, version: int | None = None, reason: str, by: Account, at: datetime) -> Case:
    """撤回申请, by the worker or for her, until the money is with the bank; what was set aside is free again.

    Raises Refused (sent or paid, a list, ended), Stale, PermissionDenied.
    """
    case = locked(pk, version=version)
    own = messages.worker_of(case) == by
    if not own:
        require(case, by, roles=FILERS)
    if not case.is_open or case.is_list:
        raise Refused(_("%(number)s 现在不能撤回。有疑问请问工会。") % {"number": case.number})
    reason = clean(reason, least=2, what=_("撤回的原因"))
    give_back(case, _("申请人撤回"), by=by, at=at)
    leave_stage(case, _("申请人撤回"), by=by, at=at, own=own)
    note("process.case_withdrawn", case, by=by, at=at)
    if own:
        messages.tell_next(case, by=by, at=at)
    return finish(case, WITHDRAWN, "withdrawn", act="withdraw", by=by, at=at, reason=reason)


@recording
def refuse(pk: int, *, version: int, clause: str, missing: str, whom_to_ask: str, reason: str, by: Account, at: datetime) -> Case:
    """不予救助: by which clause, which fact is missing, whom to ask; the worker may ask the committee once again.

    At the committee's stage only after it has resolved so. Money set aside is free again; paid money stays.
    Raises Refused, Stale, PermissionDenied.
    """
    case = locked(pk, kind=("check", "propose", "notice", "review", "decide", "pay"), version=version)
    require(
        case,
        by,
        roles=None if case.stage_kind not in ("notice", "pay", "decide") else set(),
        also={Role.OFFICE_HEAD, *_deciders(case)},
    )
    if case.stage_kind == "decide":
        _require_refused_resolution(case)
    rules = pack.pack(case)
    clause, missing, whom = clause.strip(), clean(missing, least=2, what=_("缺什么")), clean(whom_to_ask, least=2, what=_("找谁问"))
    if clause not in rules.regulation.clauses:
        raise Refused(_("《%(title)s》里没有“%(clause)s”这一条。请从列表里选。") % {"title": rules.title, "clause": clause[:40]})
    reason = clean(reason, least=4, what=_("不予救助的理由"))
    give_back(case, _("不予救助"), by=by, at=at)
    settle(case, _("不予救助"), by=by, at=at)
    leave_stage(case, _("不予救助"), by=by, at=at)
    refusal = Refusal.objects.create(
        case=case, clause=clause, missing=missing, whom_to_ask=whom[:120], reason=reason, stage_code=case.stage_code,
        refused_by=by, refused_at=at,
    )  # fmt: skip
    note("process.case_refused", case, by=by, at=at, clause=clause, refusal=refusal.pk)
    return finish(case, REFUSED, "refused", act="refuse", by=by, at=at, reason=reason)


@recording
def drop_award(pk: int, *, version: int, award: Award, reason: str, by: Account, at: datetime) -> Case:
    """从名单上去掉一户: nothing is paid to it; money set aside for it is free again. The last one cannot be dropped.

    Raises Refused (paid, the only one, not a list), Stale, PermissionDenied.
    """
    case = locked(pk, kind=("propose", "notice", "decide", "pay"), version=version)
    require(case, by, roles=None if case.stage_kind == "propose" else {Role.OFFICE_HEAD, Role.OFFICE_OFFICER})
    return take_off(case, award, reason=clean(reason, least=4, what=_("去掉的原因")), by=by, at=at)


def take_off(case: Case, award: Award, *, reason: str, by: Account, at: datetime) -> Case:
    """The household leaves the list, under the case's lock."""
    awards = awards_of(case)
    if not case.is_list or award.pk not in {row.pk for row in awards}:
        raise Refused(_("这一户不在名单上，或已经去掉。"))
    if len(awards) == 1:
        raise Refused(_("名单上只剩这一户，不能再去掉。整件不办，请用“不予救助”或退回。"))
    row = next(row for row in awards if row.pk == award.pk)
    if row.disbursement is not None and row.disbursement.state not in (State.RESERVED, State.RELEASED):
        raise Refused(_("%(name)s的款已送银行或已付，不能去掉。") % {"name": row.payee_name})
    if row.disbursement is not None and row.disbursement.state == State.RESERVED:
        release(row.disbursement, reason=_("从名单上去掉"), by=by, at=at)
    row.dropped_reason = reason[:300]
    row.save(update_fields=["dropped_reason"])
    note("process.award_dropped", case, by=by, at=at, award=row.pk, household=row.household.number)
    return stay(case, "drop_award", "dropped", by=by, at=at, reason=reason)


def returners(case: Case) -> set[str]:
    """Who sends the case back from where it stands: who acts there, and the office's head; never who pays."""
    if case.is_at("pay"):
        return {Role.OFFICE_HEAD, Role.OFFICE_OFFICER}
    return {*case.stage.role, Role.OFFICE_HEAD}


def _deciders(case: Case) -> set[Role]:
    """Who writes the refusal after the committee said no."""
    return {Role.COMMITTEE_CHAIR, Role.OFFICE_OFFICER} if case.stage_kind == "decide" else set()


def _require_refused_resolution(case: Case) -> None:
    link = latest_motion(case)
    refused = (
        link is not None
        and link.motion.state == Motion.State.DECIDED
        and link.motion.resolution.outcome == Resolution.Outcome.REFUSED
        and is_to_carry_out(case, link)
    )
    if not refused:
        raise Refused(_("评审会没有作出不同意的决议，不能在这里不予救助。请先表决。"))


def give_back(case: Case, why: str, *, by: Account, at: datetime) -> None:
    """What was set aside is free again. Raises Refused when a sum is with the bank or paid."""
    for award in awards_of(case):
        row = award.disbursement
        if row is None or row.state in (State.RELEASED, State.REVERSED):
            continue
        if row.state != State.RESERVED:
            raise Refused(_("%(name)s的款已送银行或已付，不能停下。请先由财务处理。") % {"name": award.payee_name})
        release(row, reason=why, by=by, at=at)


def leave_stage(case: Case, why: str, *, by: Account, at: datetime, own: bool = False) -> None:
    """Nothing of the stage may run on: the notice comes down, the motion off the agenda. `why` stands open there: no free words.

    A worker who withdraws holds no post: her notice comes down by her own act, in the same request.
    """
    drop_draft(case, reason=why, by=by, at=at)
    notice = running_notice(case)
    if notice is not None:
        take_down(case, notice, reason=why, by=by, at=at, own=own)
    link = latest_motion(case)
    if link is None or link.motion.state != Motion.State.WAITING:
        return
    if not has_role(by, CONVENERS, case.unit):
        raise Refused(_("这件已排进%(session)s。请帮扶办公室先撤下议题。") % {"session": link.motion.session})
    governance.take_off_agenda(link.motion, reason=why, by=by, at=at)
    case.refresh_from_db(fields=["version"])  # the reaction left a step (after_taken_off)
