"""What every act of a committee needs: the row under lock, the version that was on the page, known conflicts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.audit.record import Sealed, record
from bangfu.governance import conflicts, reactions
from bangfu.governance.models import Membership, Motion, Recusal, Session
from bangfu.lib.errors import Refused, Stale

SETTERS = frozenset({Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR})


def note_conflicts(motions: Iterable[Motion], members: list[Membership], *, at: datetime) -> None:
    """Recuse whom an upper module knows to be in conflict (kin, same household, earlier duty on the case)."""
    if not conflicts.reasons:
        return
    for motion in motions:
        known = set(motion.recusals.values_list("member", flat=True))
        for member in members:
            words = "" if member.pk in known else conflicts.reason(member.account, motion.subject)
            if words:
                Recusal.objects.create(motion=motion, member=member, reason=words[:100], is_conflict=True, at=at)
                record(
                    "governance.member_recused", motion, by=None, at=at, member=member.account.username, reason=Sealed(words[:100]),
                    is_conflict=True,
                )  # fmt: skip


def locked(session: Session, *, version: int | None = None) -> Session:
    session = Session.objects.select_for_update(no_key=True, of=("self",)).select_related("committee__unit").get(pk=session.pk)
    same_version(session, version)
    return session


def locked_motion(motion: Motion, *, version: int | None = None) -> Motion:
    for lock in reactions.lock_above:
        lock([motion.subject])
    motion = (
        Motion.objects.select_for_update(no_key=True, of=("self",)).select_related("session__committee__unit").get(pk=motion.pk)
    )
    same_version(motion, version)
    if motion.state != Motion.State.WAITING:
        raise Refused(_("这一件%(state)s，不能再改。") % {"state": motion.get_state_display()})
    return motion


def same_version(obj: Session | Motion, version: int | None) -> None:
    if version is not None and version != obj.version:
        raise Stale(_("您打开页面以后，别人已经改过这一页。请刷新后再办。"))


def bump(obj: Session | Motion, *fields: str) -> None:
    obj.version += 1
    obj.save(update_fields=[*fields, "version"])
