"""P6: nobody investigates, decides, pays and audits the same case; exhaustive over pairs of roles and the acts of a case. (Auditing a case has no act of its own yet; who
pays and who audits never hold both posts: access/tests/test_posts.py.)

One person holds the roles (given past the duty matrix, so that only the guards of the case stand in her way) and tries every
act at every stage, from a stage on; what she may not do, the usual person does. What she did is read from the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from itertools import combinations
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from bangfu.access.models import Account, Post
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account
from bangfu.evidence.models import SignOff
from bangfu.governance import flow as governance
from bangfu.governance.models import MEMBERS, Vote
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Disbursement
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.flow.decide import latest_motion
from bangfu.process.flow.investigate import companions
from bangfu.process.models import Step, Survey
from bangfu.process.tests.makers import AT, Play, key, world

pytestmark = pytest.mark.django_db
SIGNS = "pay: sign"
STAGES = ("investigate", "decide", "pay")
SURVEY: dict[str, Any] = {
    "place": "家中", "findings": "三口人住 68 平方米老房，本人长期服药，妻子没有工作。", "found_size": 3,
    "found_income_fen": 2_520_000, "is_aided_elsewhere": False,
}  # fmt: skip


class Attempts:
    """The person at work: each act by her if she may, by the usual one if not."""

    def __init__(self, roles: Iterable[Role], since: str) -> None:
        roles = set(roles)
        self.world = world()
        self.her = account("everywhere", name="全能")
        for role in roles:
            Post.objects.create(account=self.her, role=role, unit=self.world.organisation, from_date=date(2020, 1, 1))
        if MEMBERS & set(roles):  # without such a post nobody is seated: the flow refuses it
            governance.seat_member(self.world.committee, self.her, from_date=date(2026, 1, 1), by=None, at=AT)
        self.play = Play(self.world)
        self.since = STAGES.index(since)

    def by_her_or(self, stage: str, usual: Account, act: Callable[[Account], object]) -> None:
        if STAGES.index(stage) >= self.since and self.tries(act):
            return
        act(usual)

    def tries(self, act: Callable[[Account], object]) -> bool:
        try:
            with transaction.atomic():
                act(self.her)
        except (Refused, PermissionDenied):
            return False
        return True

    def whole_way(self) -> None:
        play, who = self.play, self.world
        play.start().accept()
        went = self.her in companions(play.case, who.clerk) and self.since <= STAGES.index("investigate")

        def handed_in(by: Account) -> object:
            companion = self.her if went and by != self.her else who.chair
            return play.act(flow.hand_in_survey, by=by, **SURVEY, visited_on=today(play.at), companion_account=companion)

        self.by_her_or("investigate", who.clerk, handed_in)
        if play.fresh().stage_kind == "investigate":
            self.by_her_or("investigate", who.chair, lambda by: play.act(flow.countersign, by=by))
        play.papers().check().post().close_notice().review().agenda()
        self._decide()
        if play.fresh().is_at("decide"):
            self.by_her_or("decide", who.head, lambda by: play.act(flow.decide, by=by))
        row = play.row
        self.by_her_or("pay", who.cashier, lambda by: self._send_and_confirm(row, by))
        self.by_her_or("pay", who.cashier, lambda by: ledger.sign_receipt(play.row, "payer", how="clicked", by=by, at=play.now()))

    def _decide(self) -> None:
        play, who, at = self.play, self.world, self.play.now(minutes=30)
        for member in who.committee.memberships.all():
            self.tries(lambda _by, member=member: governance.attend(play.meeting, member, by=who.head, at=at))
        governance.open_session(play.meeting, by=who.members[0], at=at)
        link = latest_motion(play.fresh())
        assert link is not None

        def vote(by: Account) -> object:
            return governance.cast_vote(
                link.motion, choice="yes", amount_fen=300_000, opinion="同意", by=by, at=play.now(minutes=1)
            )

        if self.since <= STAGES.index("decide"):
            self.tries(vote)
        for member in who.members:
            vote(member)
        self.tries(lambda _by: governance.resolve(link.motion, closes_voting=True, by=who.members[0], at=play.now(minutes=1)))

    def _send_and_confirm(self, row: Disbursement, by: Account) -> None:
        """Sending by one, confirming by another: she tries to be each of them."""
        who, play = self.world, self.play
        batch = ledger.make_batch([row.pk], form_key=key(), by=by, at=play.now())
        line = batch.lines.get(disbursement=row)
        confirm = lambda person: ledger.confirm_paid(line, bank_ref="R", by=person, at=play.now())  # noqa: E731
        if by == self.her or not self.tries(confirm):
            confirm(who.accountant)

    def duties(self) -> set[str]:
        """What she did on the case, as the rows say: "duty: act"."""
        her, case = self.her, self.play.case
        surveys = Survey.objects.filter(Q(visitor=her) | Q(companion_account=her) | Q(countersigned_by=her), case=case)
        votes = Vote.objects.filter(motion__subject=f"process.case:{case.pk}", member__account=her)
        row = Disbursement.objects.filter(award__case=case)
        subject = f"ledger.disbursement:{self.play.row.pk}"
        acts = {
            "decide: vote": votes, "investigate: survey": surveys,
            "pay: send": row.filter(lines__batch__made_by=her), "pay: confirm": row.filter(Q(paid_by=her) | Q(lines__decided_by=her)),
            "pay: sign": SignOff.objects.filter(subject=subject, account=her, role="payer"),
        }  # fmt: skip
        found = {f"{duty}: step" for duty in Step.objects.filter(case=case, by=her).exclude(duty="").values_list("duty", flat=True)}
        found |= {act for act, rows in acts.items() if rows.exists()}
        return found


@pytest.mark.parametrize("since", STAGES)
def test_one_with_every_role_has_one_duty(since):
    attempts = Attempts(set(Role) - {Role.WORKER}, since)
    attempts.whole_way()
    assert kinds(attempts.duties() - {SIGNS}) == {since}, attempts.duties()


@pytest.mark.parametrize("since", ["investigate", "decide"])
def test_who_investigated_or_decided_does_not_sign_as_payer(since):
    attempts = Attempts(set(Role) - {Role.WORKER}, since)
    attempts.whole_way()
    assert SIGNS not in attempts.duties()


@pytest.mark.proof
@pytest.mark.parametrize("since", STAGES)
@pytest.mark.parametrize("roles", list(combinations(sorted(set(Role) - {Role.WORKER}), 2)), ids="-".join)
def test_no_pair_of_roles_has_two_duties(roles, since):
    attempts = Attempts([Role(role) for role in roles], since)
    attempts.whole_way()
    assert len(kinds(attempts.duties() - {SIGNS})) <= 1, attempts.duties()


def kinds(acts: Iterable[str]) -> set[str]:
    return {act.partition(":")[0] for act in acts}
