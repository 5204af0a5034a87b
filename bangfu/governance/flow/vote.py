"""The vote: recusal, one secret ballot each, the result."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.governance import arithmetic, conflicts, queries, reactions
from bangfu.governance.flow.common import bump, locked_motion, note_conflicts
from bangfu.governance.models import MEMBERS, Attendance, Choice, Membership, Motion, Recusal, Resolution, Vote
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan


@recording
def recuse(motion: Motion, *, reason: str, by: Account, at: datetime) -> Recusal:
    """本人回避: the motion disappears from her pages, and a vote already cast is not counted.

    Raises Refused (no seat, recused already, decided, no reason).
    """
    motion = locked_motion(motion)
    member = _seat(motion, by)
    if not reason.strip():
        raise Refused(_("请写回避的原因，例如：亲属、结对人。"))
    if Recusal.objects.filter(motion=motion, member=member).exists():
        raise Refused(_("您已经回避这一件。"))
    recusal = Recusal.objects.create(motion=motion, member=member, reason=reason.strip()[:100], at=at)
    record("governance.member_recused", motion, by=by, at=at, member=by.username, reason=Sealed(recusal.reason), is_conflict=False)
    return recusal


@recording
def cast_vote(
    motion: Motion,
    *,
    choice: str,
    amount_fen: int | None = None,
    opinion: str = "",
    version: int | None = None,
    by: Account,
    at: datetime,
) -> Vote:
    """投票: once, final, secret. `amount_fen` only with a yes where money is at stake, at most what was noticed.

    An opinion is required for a no, a return, and an amount other than the suggested one. Raises Refused (session not
    open, absent, recused or in conflict, twice, amount), Stale, PermissionDenied (no seat). Source: S0-16, P5, P6.
    """
    motion = locked_motion(motion, version=version)
    require_role(by, MEMBERS, motion.unit)
    member = _seat(motion, by)
    if not motion.session.is_open:
        raise Refused(_("会议还没有开始，或已经结束，现在不能投票。"))
    if not Attendance.objects.filter(session=motion.session, member=member).exists():
        raise Refused(_("您还没有签到。请先签到再投票。"))
    if Recusal.objects.filter(motion=motion, member=member).exists() or conflicts.reason(by, motion.subject):
        raise Refused(_("这一件您要回避，不能投票。"))
    if Vote.objects.filter(motion=motion, member=member).exists():
        raise Refused(_("您已经投过票，投票后不能改。"))
    amount_fen = _checked_amount(motion, choice, amount_fen)
    differs = choice != Choice.YES or (motion.amount_fen is not None and amount_fen != motion.amount_fen)
    if differs and not opinion.strip():
        raise Refused(_("与建议不同时要写理由。请在“意见”里写一句。"))
    vote = Vote.objects.create(
        motion=motion, member=member, choice=choice, amount_fen=amount_fen, opinion=opinion.strip()[:500], at=at
    )
    # Secret: the event says that she voted, not what.
    record("governance.vote_cast", motion, by=by, at=at, about=motion.subject)
    return vote


@recording
def resolve(motion: Motion, *, closes_voting: bool = False, version: int | None = None, by: Account, at: datetime) -> Resolution:
    """宣布结果: when all who may vote have voted, or the chair closes the voting with a quorum (`closes_voting`).

    The majority is counted of the members present and not recused; the amount is the highest sum that a majority stands
    behind (arithmetic.carried_amount). The quorum of a motion is counted of the members who are not recused from it.
    Raises Refused, Stale, PermissionDenied (the chair; if she is recused, any member who may vote). Source: S0-16.
    """
    motion = locked_motion(motion, version=version)
    session = motion.session
    if not session.is_open:
        raise Refused(_("会议还没有开始，或已经结束，不能宣布结果。"))
    note_conflicts([motion], queries.due(session), at=at)
    _require_presiding(motion, by)
    count = queries.ballot(motion)
    if count.eligible < count.quorum:
        raise Refused(
            _("能表决的只有 %(n)d 人，不够 %(quorum)d 人。请等委员到会，或撤下留到下次会。")
            % {"n": count.eligible, "quorum": count.quorum}
        )
    if not count.is_complete and not closes_voting:
        raise Refused(_("还有 %(n)d 人没有投票。等投完，或由主任截止投票。") % {"n": count.eligible - count.voted})
    if not count.has_quorum:
        raise Refused(_("只有 %(n)d 人投票，不够法定人数 %(quorum)d 人，不能截止。") % {"n": count.voted, "quorum": count.quorum})
    resolution = _counted(motion, count, by=by, at=at)
    motion.state = Motion.State.DECIDED
    bump(motion, "state")
    record(
        "governance.motion_resolved", motion, by=by, at=at, about=motion.subject, number=resolution.number,
        outcome=str(resolution.outcome), amount_fen=resolution.amount_fen, eligible=count.eligible, yes=resolution.yes,
        no=resolution.no, returned=resolution.returned,
    )  # fmt: skip
    for reaction in reactions.on_resolved:
        reaction(resolution, by, at)
    return resolution


def _counted(motion: Motion, count: queries.Ballot, *, by: Account, at: datetime) -> Resolution:
    votes = list(motion.votes.exclude(member__in=motion.recusals.values("member")))
    yes = [vote for vote in votes if vote.choice == Choice.YES]
    no = sum(vote.choice == Choice.NO for vote in votes)
    returned = sum(vote.choice == Choice.RETURN for vote in votes)
    outcome = arithmetic.outcome(yes=len(yes), no=no, returned=returned, needed_votes=count.needed)
    amount_fen = None
    if outcome == arithmetic.PASSED and motion.has_money:
        amount_fen = arithmetic.carried_amount([vote.amount_fen or 0 for vote in yes], count.needed)
    organisation, year = motion.unit.organisation, local(at).year
    serial = Counter.next(f"resolution:{organisation.code}:{year}")
    return Resolution.objects.create(
        motion=motion, number=f"{organisation.prefix or organisation.code.upper()}-R{year}-{serial:04d}", outcome=outcome,
        amount_fen=amount_fen, eligible=count.eligible, needed=count.needed, yes=len(yes), no=no, returned=returned,
        decided_at=at, decided_by=by,
    )  # fmt: skip


def _checked_amount(motion: Motion, choice: str, amount_fen: int | None) -> int | None:
    if choice not in Choice.values:
        raise Refused(_("请选同意、不同意或退回补充。"))
    if choice != Choice.YES or not motion.has_money:
        return None
    if amount_fen is None or amount_fen <= 0:
        raise Refused(_("同意要写金额，且大于 0。"))
    if motion.max_fen is not None and amount_fen > motion.max_fen:
        raise Refused(_("公示过的金额是 ¥%(cap)s，不能多批。要提高，请选“退回补充”，重新公示。") % {"cap": yuan(motion.max_fen)})
    return amount_fen


def _require_presiding(motion: Motion, by: Account) -> None:
    """The chair who is present and not recused; without one, a member who may vote on it."""
    if queries.presides(motion, by):
        return
    require_role(by, Role.COMMITTEE_CHAIR, motion.unit)
    raise Refused(_("结果由到会且不用回避的主任宣布；主任回避时由能表决的委员宣布。"))


def _seat(motion: Motion, account: Account) -> Membership:
    member = queries.member_of(motion.session.committee, account, today(motion.session.opened_at or motion.session.held_at))
    if member is None:
        raise Refused(_("您不是%(name)s的委员，不能参加这次表决。") % {"name": motion.session.committee.name})
    return member
