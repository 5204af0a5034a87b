"""A session: called, attended, opened with a quorum, closed with its minutes."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.evidence.flow import sign_off
from bangfu.evidence.models import SignOff
from bangfu.governance import arithmetic, queries
from bangfu.governance import minutes as minutes_paper
from bangfu.governance.flow.common import bump, locked, note_conflicts
from bangfu.governance.models import CONVENERS, Attendance, Committee, Membership, Motion, Session
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell

LEAST_MEMBERS = 3  # fewer are no committee: one or two people would decide alone


@recording
def convene(
    committee: Committee, *, held_at: datetime, place: str = "", recorder: Account | None = None, by: Account, at: datetime
) -> Session:
    """召集评审会: the next number of the year (Shanghai) of `held_at`; the members get a message.

    Raises Refused (an hour in the past by a day, or the same hour twice), PermissionDenied. Source: S0-16.
    """
    require_role(by, CONVENERS, committee.unit)
    if today(held_at) < today(at):
        raise Refused(_("开会时间 %(day)s 已经过去。请填今天或以后的时间。") % {"day": today(held_at)})
    year = local(held_at).year
    number = Counter.next(f"session:{committee.pk}:{year}")  # its row lock also lets one of two presses wait
    if Session.objects.filter(committee=committee, held_at=held_at).exists():
        raise Refused(_("这个时间已经召集过一次会了。请在会议列表里打开它。"))
    session = Session.objects.create(
        committee=committee, year=year, number=number, held_at=held_at,
        place=place, recorder=recorder, convened_by=by,
    )  # fmt: skip
    when = f"{local(held_at):%Y-%m-%d %H:%M}"
    text = _("请参加%(session)s：%(when)s，%(place)s。") % {"session": session, "when": when, "place": place or _("地点另行通知")}
    tell([member.account for member in queries.due(session)], text, url=f"/sessions/{session.pk}/", at=at)
    record("governance.session_convened", session, by=by, at=at, number=session.number, year=year, held_at=when)
    return session


@recording
def move_session(session: Session, *, held_at: datetime, version: int | None = None, by: Account, at: datetime) -> Session:
    """改期: a session that was not opened is held at another hour; its agenda stays, the members get a message and sign in anew.

    Raises Refused (opened, the hour has passed or is taken), Stale, PermissionDenied.
    """
    session = locked(session, version=version)
    require_role(by, CONVENERS, session.unit)
    if session.opened_at is not None:
        raise Refused(_("会议已经开过，不能改期。"))
    if today(held_at) < today(at):
        raise Refused(_("开会时间 %(day)s 已经过去。请填今天或以后的时间。") % {"day": today(held_at)})
    if session.committee.sessions.exclude(pk=session.pk).filter(held_at=held_at).exists():
        raise Refused(_("这个时间已经召集过一次会了。请换一个时间。"))
    old, session.held_at = f"{local(session.held_at):%Y-%m-%d %H:%M}", held_at
    bump(session, "held_at")
    came, _rows = session.attendances.all().delete()  # who came on the former day is in the record
    when = f"{local(held_at):%Y-%m-%d %H:%M}"
    text = _("%(session)s改在 %(when)s，%(place)s。") % {
        "session": session,
        "when": when,
        "place": session.place or _("地点另行通知"),
    }
    tell([member.account for member in queries.due(session)], text, url=f"/sessions/{session.pk}/", at=at)
    record("governance.session_moved", session, by=by, at=at, before=old, held_at=when, came=came)
    return session


@recording
def attend(session: Session, member: Membership, *, by: Account, at: datetime) -> Attendance:
    """签到: by the member herself, or noted by the office or the chair; on the day of the session, late arrivals too.

    Raises Refused (closed, another day, no member, twice), PermissionDenied.
    """
    session = locked(session)
    if by.pk != member.account_id:
        require_role(by, CONVENERS, session.unit)
    if session.closed_at is not None:
        raise Refused(_("会议已经结束，不能再签到。"))
    if session.opened_at is None and today(session.held_at) != today(at):
        raise Refused(_("会议在 %(day)s 召开，当天才能签到。") % {"day": today(session.held_at)})
    if member.pk not in {one.pk for one in queries.due(session)}:
        raise Refused(_("%(name)s不是这届委员，不能签到。") % {"name": member.account.name})
    if Attendance.objects.filter(session=session, member=member).exists():
        raise Refused(_("%(name)s已经签到，不用再签。") % {"name": member.account.name})
    attendance = Attendance.objects.create(session=session, member=member, at=at, noted_by=by)
    record("governance.member_attended", session, by=by, at=at, member=member.account.username)
    if session.opened_at is not None:
        note_conflicts(session.motions.filter(state=Motion.State.WAITING), [member], at=at)
    return attendance


@recording
def open_session(session: Session, *, version: int | None = None, by: Account, at: datetime) -> Session:
    """开会: freezes who is due and the quorum; those kept away by a conflict are recused at once.

    Raises Refused (opened, not its day, too few members, no quorum), Stale, PermissionDenied (only the chair). Source: S0-16.
    """
    session = locked(session, version=version)
    require_role(by, Role.COMMITTEE_CHAIR, session.unit)
    if session.opened_at is not None:
        raise Refused(_("会议在 %(when)s 已经开始。") % {"when": f"{local(session.opened_at):%m-%d %H:%M}"})
    if today(session.held_at) != today(at):
        raise Refused(_("会议定在 %(day)s，只能当天开始。请先改期。") % {"day": today(session.held_at)})
    members = queries.due(session)
    if len(members) < LEAST_MEMBERS:
        raise Refused(
            _("%(name)s只有 %(n)d 名委员，至少要 %(least)d 名才能开会表决。请先聘任委员。")
            % {"name": session.committee.name, "n": len(members), "least": LEAST_MEMBERS}
        )
    quorum = arithmetic.needed(len(members), session.committee.quorum_permille)
    present = session.attendances.count()
    if present < quorum:
        raise Refused(
            _("应到 %(due)d 人，实到 %(present)d 人，不够法定人数 %(quorum)d 人。请等人到齐再开，或改期。")
            % {"due": len(members), "present": present, "quorum": quorum}
        )
    session.opened_at, session.opened_by = at, by
    session.members_due, session.quorum = len(members), quorum
    bump(session, "opened_at", "opened_by", "members_due", "quorum")
    note_conflicts(session.motions.filter(state=Motion.State.WAITING), members, at=at)
    record("governance.session_opened", session, by=by, at=at, due=len(members), present=present, quorum=quorum)
    return session


@recording
def close_session(session: Session, *, minutes: str, version: int | None = None, by: Account, at: datetime) -> Session:
    """散会: with its minutes; nothing may be left undecided (take it off, it goes to the next session).

    Raises Refused, Stale, PermissionDenied (only the chair).
    """
    session = locked(session, version=version)
    require_role(by, Role.COMMITTEE_CHAIR, session.unit)
    if session.opened_at is None:
        raise Refused(_("会议还没有开始，不能结束。"))
    if session.closed_at is not None:
        raise Refused(_("会议已经结束了。"))
    left = session.motions.filter(state=Motion.State.WAITING).count()
    if left:
        raise Refused(_("还有 %(n)d 件没有决议。请议完，或撤下留到下次会。") % {"n": left})
    if not minutes.strip():
        raise Refused(_("还没有写会议纪要。请写下讨论要点再结束会议。"))
    session.closed_at, session.closed_by, session.minutes = at, by, minutes.strip()
    bump(session, "closed_at", "closed_by", "minutes")
    record("governance.session_closed", session, by=by, at=at, decided=session.motions.filter(state="decided").count())
    return session


@recording
def print_minutes(session: Session, *, by: Account, at: datetime) -> bytes:
    """会议纪要 as A4 PDF, without what is kept from the reader; that it was printed is recorded."""
    content = minutes_paper.pdf(session, reader=by)
    record("governance.minutes_printed", session, by=by, at=at, unit=session.unit)
    return content


@recording
def sign_minutes(session: Session, *, role: str, by: Account, at: datetime) -> SignOff:
    """签会议纪要, as "chair" or as "recorder": the signature stands on the digest of what the paper says.

    Raises Refused (not closed yet, signed already), PermissionDenied (another person's signature).
    """
    session = locked(session)
    if session.closed_at is None:
        raise Refused(_("会议还没有结束，纪要还不能签。"))
    if role not in ("chair", "recorder"):
        raise Refused(_("纪要只由主持人和记录人签。"))
    if role == "chair":
        require_role(by, Role.COMMITTEE_CHAIR, session.unit)
    elif session.recorder_id is not None and session.recorder_id != by.pk:
        raise Refused(_("记录人是%(name)s，请本人来签。") % {"name": session.recorder})
    else:
        require_role(by, CONVENERS - {Role.COMMITTEE_CHAIR}, session.unit)
    other = SignOff.objects.filter(subject=f"governance.session:{session.pk}", account=by).exclude(role=role)
    if other.exists():
        raise Refused(_("主持人和记录人要由两个人签，您已经签过一处。请另一位来签。"))
    return sign_off(
        minutes_paper.digest(session), subject=f"governance.session:{session.pk}", signer_name=by.name, role=role,
        how=SignOff.How.CLICKED, account=by, by=by, at=at, unit=session.unit,
    )  # fmt: skip
