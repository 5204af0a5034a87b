"""评审会: put the case on the agenda; carry out what the committee resolved; ask again, once."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.audit.record import recording, subject_of
from bangfu.governance import flow as governance
from bangfu.governance.models import CONVENERS, Motion, Resolution, Session
from bangfu.governance.queries import committee_of
from bangfu.lib.errors import Refused
from bangfu.process import messages, pack
from bangfu.process.conflicts import DECIDE
from bangfu.process.flow.apply import FILERS
from bangfu.process.flow.common import advance, awards_of, clean, enter, locked, note, reopen, require, stay
from bangfu.process.flow.pay import reserve_awards
from bangfu.process.models import Award, Case, CaseMotion
from bangfu.process.models.case import REFUSED

Outcome = Resolution.Outcome


@recording
def put_on_agenda(pk: int, *, version: int, session: Session, by: Account, at: datetime) -> Case:
    """排进评审会: the recommended sum, and what was noticed as the most that can be voted. A list is voted as it stands.

    Raises Refused (on an agenda already, resolved and not carried out, session over), Stale, PermissionDenied.
    """
    case = locked(pk, kind="decide", version=version)
    require(case, by, roles=CONVENERS)
    if session.committee != committee_of(case.unit):
        raise Refused(
            _("这件归%(name)s评审，不能排进别的委员会。请选它的会议。") % {"name": committee_of(case.unit) or _("本单位的委员会")}
        )
    last = latest_motion(case)
    if last is not None and last.motion.state == Motion.State.DECIDED and is_to_carry_out(case, last):
        raise Refused(_("评审会已经有决议。请先办理决议。"))
    awards = awards_of(case)
    total = sum(award.proposed_fen or award.asked_fen or 0 for award in awards)
    title = case.title if not case.is_list else _("%(title)s，%(n)d 户共 %(sum)s 元") % {
        "title": case.title, "n": len(awards), "sum": _whole(total),
    }  # fmt: skip
    motion = governance.put_on_agenda(
        session,
        subject_of(case),
        title=title[:80],
        party="" if case.is_list else awards[0].payee_name,
        number=case.number,
        amount_fen=None if case.is_list else (total or None),
        max_fen=None if case.is_list else awards[0].noticed_fen,
        by=by,
        at=at,
    )
    CaseMotion.objects.create(case=case, motion=motion, is_second=_asked_again(case))
    note("process.motion_put", case, by=by, at=at, session=str(session), motion=motion.pk)
    return stay(case, "put_on_agenda", "put", by=by, at=at)


@recording
def decide(pk: int, *, version: int | None, by: Account, at: datetime) -> Case:
    """办理决议: passed - the sum is awarded and set aside; returned - back for supplement; never more than was noticed.

    A sum that was not noticed yet, or more than that, goes to the notice first. A refusal is written with `refuse`.
    `version` None: called by the announcement of the result itself. Raises Refused, Stale, PermissionDenied. Source: S0-16 (3).
    """
    case = locked(pk, kind="decide", version=version)
    require(case, by, duty=DECIDE, also={Role.OFFICE_HEAD})
    link = latest_motion(case)
    if link is None or link.motion.state != Motion.State.DECIDED:
        raise Refused(_("评审会还没有决议。请先排进评审会表决。"))
    if not is_to_carry_out(case, link):
        raise Refused(_("这次决议已经办过了。请重新排进评审会。"))
    resolution = link.motion.resolution
    if resolution.outcome == Outcome.REFUSED:
        raise Refused(_("评审会不同意。请用“不予救助”写明条款、缺什么、找谁问。"))
    if resolution.outcome == Outcome.RETURNED:
        return _supplement(case, resolution, by=by, at=at)
    return _award(case, resolution, by=by, at=at)


@recording
def ask_again(pk: int, *, text: str, version: int | None = None, by: Account, at: datetime) -> Case:
    """再次申请: once a case, the worker asks the committee itself to look at a refusal again.

    By the worker, or by her union for her. Raises Refused (not refused, asked before), Stale, PermissionDenied.
    """
    case = locked(pk, version=version)
    if messages.worker_of(case) != by:
        require(case, by, roles=FILERS)
    refusal = case.refusals.select_for_update(no_key=True).order_by("-pk").first()
    if case.state != REFUSED or refusal is None:
        raise Refused(_("%(number)s 没有被拒绝，不用再次申请。") % {"number": case.number})
    if case.refusals.filter(asked_again_at__isnull=False).exists():
        raise Refused(_("再次申请只有一次，已经用过了。还有意见，请到工会当面反映。"))
    target = pack.stage_of_kind(case, "decide")
    if target is None:
        raise Refused(_("办法里没有评审会，不能再次申请。请到工会当面反映。"))
    refusal.asked_again_at, refusal.asked_again_by = at, by
    refusal.asked_again_text = clean(text, least=10, what=_("再次申请的理由"))
    refusal.save(update_fields=["asked_again_at", "asked_again_by", "asked_again_text"])
    note("process.asked_again", case, by=by, at=at, refusal=refusal.pk)
    return reopen(case, target, act="ask_again", by=by, at=at, reason=refusal.asked_again_text)


def latest_motion(case: Case) -> CaseMotion | None:
    """The case's latest motion that was not taken off, with its resolution."""
    links = case.motions.select_related("motion__session__committee__unit", "motion__resolution")
    return links.exclude(motion__state=Motion.State.TAKEN_OFF).order_by("-pk").first()


def is_to_carry_out(case: Case, link: CaseMotion) -> bool:
    """Is the resolution still open: not awarded, not refused in writing, and the case not sent back since?

    Whatever sends it back (an upheld objection, the office, the vote itself) ends it: what is found out then is voted anew.
    """
    if not hasattr(link.motion, "resolution"):
        return False
    decided_at = link.motion.resolution.decided_at
    done = case.steps.filter(Q(act="decide", outcome="passed") | Q(outcome="returned"), at__gte=decided_at)
    return not done.exists() and not case.refusals.filter(refused_at__gte=decided_at).exists()


def _award(case: Case, resolution: Resolution, *, by: Account, at: datetime) -> Case:
    awards = awards_of(case)
    for award in awards:
        award.awarded_fen = award.noticed_fen if case.is_list else resolution.amount_fen
    if any(award.noticed_fen is None or (award.awarded_fen or 0) > award.noticed_fen for award in awards):
        return _notice_first(case, resolution, awards, by=by, at=at)
    Award.objects.bulk_update(awards, ["awarded_fen"])
    reserve_awards(case, awards, by=by, at=at)
    note(
        "process.case_approved", case, by=by, at=at, resolution=resolution.number, people=len(awards),
        total_fen=sum(award.awarded_fen or 0 for award in awards),
    )  # fmt: skip
    return advance(case, "passed", act="decide", by=by, at=at, duty=DECIDE)


def _notice_first(case: Case, resolution: Resolution, awards: list[Award], *, by: Account, at: datetime) -> Case:
    """What was voted has not been shown to colleagues: it is shown first, then carried out without a new vote."""
    target = pack.stage_of_kind(case, "notice")
    if target is None or case.is_list:
        raise Refused(_("决议的金额没有公示过，不能批准。请退回重新公示。"))
    (award,) = awards
    award.proposed_fen, award.awarded_fen = resolution.amount_fen, None
    award.save(update_fields=["proposed_fen", "awarded_fen"])
    note("process.notice_required", case, by=by, at=at, resolution=resolution.number, amount_fen=resolution.amount_fen)
    return enter(case, target, "to_notice", act="decide", by=by, at=at, duty=DECIDE, reason=_("决议的金额要先公示"))


def _supplement(case: Case, resolution: Resolution, *, by: Account, at: datetime) -> Case:
    targets = pack.returns_to(case)
    target = next((stage for stage in targets if stage.kind == "check"), targets[0] if targets else None)
    if target is None:
        raise Refused(_("办法没有规定从“%(stage)s”退回到哪里。") % {"stage": case.stage_title})
    reason = _("评审会退回补充（%(number)s）") % {"number": resolution.number}
    note("process.case_returned", case, by=by, at=at, to=target.id, resolution=resolution.number)
    return enter(case, target, "returned", act="decide", by=by, at=at, duty=DECIDE, reason=reason)


def _asked_again(case: Case) -> bool:
    return case.refusals.filter(asked_again_at__isnull=False).exists()


def _whole(fen: int) -> str:
    from bangfu.lib.money import yuan

    return yuan(fen)
