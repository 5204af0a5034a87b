"""Reads of sessions: who is due, who is present, who may vote, what is already counted."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import has_role
from bangfu.governance import arithmetic
from bangfu.governance.models import MEMBERS, Choice, Committee, Membership, Motion, Session, Vote
from bangfu.lib.days import now, start_of_day, today


def committee_of(unit: Unit) -> Committee | None:
    """The committee that decides for a unit: of the unit itself, else of the nearest above."""
    ancestors = [int(part) for part in unit.path.split("/") if part]
    committees = list(Committee.objects.filter(unit__in=ancestors).select_related("unit").order_by("pk"))  # the first one founded
    return max(committees, key=lambda committee: len(committee.unit.path), default=None)


def next_session(committee: Committee) -> Session | None:
    """The session that takes new motions: the earliest one called and not closed."""
    return committee.sessions.filter(closed_at=None).order_by("held_at", "pk").first()


def waiting_motion(subject: str) -> Motion | None:
    """The motion about this subject that is on an agenda and not decided."""
    return Motion.objects.filter(subject=subject, state=Motion.State.WAITING).select_related("session__committee").first()


def member_of(committee: Committee, account: Account, on: date) -> Membership | None:
    """The account's seat on that day (Shanghai)."""
    return committee.memberships.held_on(on).filter(account=account).first()


def due(session: Session) -> list[Membership]:
    """应到: the members on the day the session is held."""
    members = session.committee.memberships.held_on(today(session.opened_at or session.held_at))
    return list(members.select_related("account"))


def quorum_of(session: Session, members: int) -> int:
    """How many heads make the session able to decide."""
    return session.quorum or arithmetic.needed(members, session.committee.quorum_permille)


@dataclass(frozen=True)
class Ballot:
    """Where the vote on one motion stands: numbers only, nobody's choice."""

    present: int
    recused: int
    eligible: int  # present and not recused
    voted: int  # of the eligible
    quorum: int  # heads that must take part, of the members not recused
    needed: int  # votes that carry

    @property
    def is_complete(self) -> bool:
        return self.eligible > 0 and self.voted == self.eligible

    @property
    def has_quorum(self) -> bool:
        return self.voted >= self.quorum


def ballot(motion: Motion) -> Ballot:
    """Counts for the page and for `flow.resolve`. A vote of somebody recused later is not counted."""
    session = motion.session
    recused = set(motion.recusals.values_list("member", flat=True))
    present = set(session.attendances.values_list("member", flat=True))
    eligible = present - recused
    voted = motion.votes.filter(member__in=eligible).count()
    members = session.members_due or len(due(session))
    return Ballot(
        present=len(present),
        recused=len(recused),
        eligible=len(eligible),
        voted=voted,
        quorum=arithmetic.needed(max(members - len(recused), 0), session.committee.quorum_permille),
        needed=arithmetic.needed(len(eligible), session.committee.majority_permille),
    )


@dataclass(frozen=True)
class Said:
    """One vote without its voter: for the result, in an order that tells nothing."""

    choice: str
    amount_fen: int | None
    opinion: str


def said(motion: Motion) -> list[Said]:
    """The votes of a decided motion without names, by choice and amount; nothing while the vote is secret."""
    if motion.state != Motion.State.DECIDED:
        return []
    recused = motion.recusals.values("member")
    votes = [
        Said(str(Choice(vote.choice).label), vote.amount_fen, vote.opinion) for vote in motion.votes.exclude(member__in=recused)
    ]
    return sorted(votes, key=lambda vote: (vote.choice, -(vote.amount_fen or 0), vote.opinion))


@dataclass(frozen=True)
class AgendaRow:
    """One line of the agenda as one member sees it; `voted` and `eligible` are numbers only."""

    motion: Motion
    voted: int
    eligible: int
    has_voted: bool
    may_vote: bool


@dataclass(frozen=True)
class BlankRow:
    """A line of the agenda that is kept from the reader: its place, and nothing else."""

    position: int


def agenda_row(motion: Motion, seat: Membership | None, present: Collection[int]) -> AgendaRow:
    """From a motion with its votes and recusals prefetched: no query of its own."""
    recused = {recusal.member_id for recusal in motion.recusals.all()}
    voters = {vote.member_id for vote in motion.votes.all()}
    eligible = set(present) - recused
    has_voted = seat is not None and seat.pk in voters
    may_vote = motion.state == Motion.State.WAITING and seat is not None and seat.pk in eligible and not has_voted
    return AgendaRow(motion, len(voters & eligible), len(eligible), has_voted, may_vote)


def neighbours(motion: Motion, account: Account) -> dict[str, Any]:
    """`before` and `after`: the motions beside this one that the account may see; `place` of `places` on the agenda."""
    keys = list(motion.session.motions.visible_to(account).order_by("position").values_list("pk", flat=True))
    at = keys.index(motion.pk)
    return {
        "before": keys[at - 1] if at else None,
        "after": keys[at + 1] if at + 1 < len(keys) else None,
        "place": motion.position,
        "places": motion.session.motions.count(),
    }


def presides(motion: Motion, account: Account) -> bool:
    """May the account announce the result? The chair; when every chair is recused or absent, a member who may vote on it."""
    seats = due(motion.session)
    recused = set(motion.recusals.values_list("member", flat=True))
    present = set(motion.session.attendances.values_list("member", flat=True))
    free = {member.account_id: member for member in seats if member.pk in present - recused}
    if any(member.is_chair for member in free.values()):
        own = free.get(account.pk)
        return own is not None and own.is_chair and has_role(account, Role.COMMITTEE_CHAIR, motion.unit)
    return account.pk in free and has_role(account, MEMBERS, motion.unit)


def own_vote(motion: Motion, account: Account) -> Vote | None:
    return motion.votes.filter(member__account=account).first()


def sessions_to_attend(account: Account, at: datetime) -> list[Session]:
    """For the to-do: sessions of one's committees that are held on this day (Shanghai), until one has signed in."""
    day = today(at)
    seats = Membership.objects.held_on(day).filter(account=account)
    sessions = Session.objects.filter(
        closed_at=None, held_at__gte=start_of_day(day), held_at__lt=start_of_day(day + timedelta(days=1)),
        committee__memberships__in=seats,
    )  # fmt: skip
    return list(sessions.exclude(attendances__member__in=seats).select_related("committee__unit").order_by("held_at").distinct())


def waiting_sessions(account: Account) -> list[tuple[Session, list[int]]]:
    """For the to-do: open sessions in which the account is present, and the motions that still lack its vote, in their order."""
    day = today(now())
    sessions = Session.objects.filter(
        opened_at__isnull=False,
        closed_at=None,
        attendances__member__account=account,
        committee__memberships__in=Membership.objects.held_on(day).filter(account=account),
    ).distinct()
    rows = []
    for session in sessions.select_related("committee__unit"):
        left = (
            Motion.objects.filter(session=session, state=Motion.State.WAITING)
            .exclude(votes__member__account=account)
            .visible_to(account)
            .order_by("position")
            .values_list("pk", flat=True)
        )
        if left:
            rows.append((session, list(left)))
    return rows
