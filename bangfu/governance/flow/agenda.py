"""The agenda: what is put to the vote, and what is taken off."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.kin import require_no_kin
from bangfu.access.models import Account
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.governance import queries, reactions
from bangfu.governance.flow.common import bump, locked, locked_motion, note_conflicts
from bangfu.governance.models import CONVENERS, Motion, Session
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan


@recording
def put_on_agenda(
    session: Session,
    subject: str,
    *,
    title: str,
    party: str = "",
    number: str = "",
    amount_fen: int | None = None,
    max_fen: int | None = None,
    by: Account,
    at: datetime,
) -> Motion:
    """列入议程. `subject` "process.case:12"; `title` without a person, `party` and `number` beside it.

    `amount_fen` is what is suggested, `max_fen` what was noticed (a vote cannot exceed it); both empty: no money in it.
    Raises Refused (closed, waiting elsewhere, suggestion above the noticed sum, own or kin's), PermissionDenied.
    """
    session = locked(session)
    require_role(by, CONVENERS, session.unit)
    require_no_kin(by, subject)
    if session.closed_at is not None:
        raise Refused(_("%(session)s已经结束。请列入下一次会。") % {"session": session})
    waiting = queries.waiting_motion(subject)
    if waiting is not None:
        raise Refused(_("这件已经在%(session)s的议程上，等着表决。") % {"session": waiting.session})
    if amount_fen is not None and max_fen is not None and amount_fen > max_fen:
        raise Refused(
            _("建议金额 ¥%(amount)s 高于公示过的 ¥%(cap)s。提高金额要重新公示。")
            % {"amount": yuan(amount_fen), "cap": yuan(max_fen)}
        )
    motion = Motion.objects.create(
        session=session, subject=subject, number=number, title=title, party=party, amount_fen=amount_fen, max_fen=max_fen,
        position=session.motions.count() + 1, put_by=by, put_at=at,
    )  # fmt: skip
    if session.is_open:
        note_conflicts([motion], queries.due(session), at=at)
    record(
        "governance.motion_put",
        motion,
        by=by,
        at=at,
        about=subject,
        position=motion.position,
        amount_fen=amount_fen,
        max_fen=max_fen,
    )
    return motion


@recording
def take_off_agenda(motion: Motion, *, reason: str, version: int | None = None, by: Account, at: datetime) -> Motion:
    """撤下议题 (its papers are incomplete, too few may vote, …): it can be put on another session.

    Raises Refused (decided or taken off already, no reason, own or kin's), Stale, PermissionDenied.
    """
    motion = locked_motion(motion, version=version)
    require_role(by, CONVENERS, motion.unit)
    require_no_kin(by, motion.subject)
    if not reason.strip():
        raise Refused(_("撤下议题要写明原因。"))
    motion.state, motion.taken_off_reason = Motion.State.TAKEN_OFF, reason.strip()[:200]
    bump(motion, "state", "taken_off_reason")
    record("governance.motion_taken_off", motion, by=by, at=at, about=motion.subject, reason=Sealed(motion.taken_off_reason))
    for reaction in reactions.on_taken_off:
        reaction(motion, by, at)
    return motion
