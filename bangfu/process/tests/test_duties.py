"""P6: nobody investigates, decides, pays and audits the same case; nobody acts on her own or her kin's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import combinations_with_replacement
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from bangfu.access.models import Account, Post
from bangfu.access.roles import Role
from bangfu.governance import flow as governance
from bangfu.household.flow import declare_kinship
from bangfu.ledger import flow as ledger
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.conflicts import AUDIT, DECIDE, INVESTIGATE, PAY, Conflict, why_not
from bangfu.process.models import Step
from bangfu.process.tests.conftest import unchanged
from bangfu.process.tests.makers import AT, Play, another, appoint, household, key

DUTIES = (INVESTIGATE, DECIDE, PAY, AUDIT)
#: the acts, the duty each is part of, the stage it is done at, and the roles that may do it.
ACTS: dict[str, tuple[str, str, set[Role]]] = {
    "survey": (INVESTIGATE, "investigate", {Role.UNIT_CLERK, Role.UNIT_CHAIR}),
    "countersign": (INVESTIGATE, "countersign", {Role.UNIT_CHAIR, Role.OFFICE_OFFICER}),
    "vote": (DECIDE, "vote", {Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR}),
    "decide": (DECIDE, "decided", {Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR, Role.OFFICE_HEAD}),
    "confirm": (PAY, "sent", {Role.ACCOUNTANT}),
    "cash": (PAY, "cash", {Role.CASHIER}),
}
#: roles by which one comes to an earlier duty.
EARLIER = {
    INVESTIGATE: {Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER},
    DECIDE: {Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR, Role.OFFICE_HEAD},
    PAY: {Role.CASHIER, Role.ACCOUNTANT},
    AUDIT: {Role.AUDITOR, Role.SUPERVISOR},
}
ALL_PAIRS = list(combinations_with_replacement(Role, 2))


def stages(place: Any, who: Account) -> dict[str, Any]:
    """One case at each stage that an act needs; `who` has a seat and is present where there is a ballot."""
    seat = place.committee.memberships.create(account=who, from_date=today(AT))
    families = [household(place.unit, serial=101 + 2 * n, name=f"家庭{n}") for n in range(6)]

    def play(n: int) -> Play:
        made = Play(place, household=families[n], at=AT + timedelta(minutes=7 * n))  # sessions at hours of their own
        return made.start(by=place.clerk).accept()

    def driven(n: int, kind: str) -> Play:
        made = play(n).survey().countersign().papers().check().post().close_notice().review()
        return made if kind == "decide" else made.agenda().vote()

    survey, countersign = play(0), play(1).survey()
    countersign.case.surveys.update(companion_account=who)  # she signs as the one who went along
    vote = driven(2, "decide").agenda()
    at = vote.now(minutes=20)
    for seat in place.committee.memberships.all():
        governance.attend(vote.meeting, seat, by=place.head, at=at)
    governance.open_session(vote.meeting, by=place.members[0], at=at)
    decided = driven(3, "decide")
    _resolved(decided, place)
    sent, cash = driven(4, "pay"), driven(5, "pay")
    line = sent.send()
    cash.row.__class__.objects.filter(pk=cash.row.pk).update(method="cash")
    return {"survey": survey, "countersign": countersign, "vote": vote, "decide": decided, "confirm": (sent, line), "cash": cash}


def _resolved(play: Play, place: Any) -> None:
    """A resolution that could not be carried out at once: the fund was empty for a moment."""
    from bangfu.ledger.models import Fund, Restriction

    place.fund.refresh_from_db()
    whole, kept = place.fund.balance_fen, place.fund.reserved_fen

    def holds(fen: int) -> None:
        Fund.objects.filter(pk=place.fund.pk).update(balance_fen=fen)
        Restriction.objects.filter(fund=place.fund).update(balance_fen=fen)

    holds(kept)
    play.agenda().vote()
    holds(whole)
    assert play.case.stage_kind == "decide"


def attempt(name: str, at_stage: Any, who: Account) -> None:
    """The act itself, as its own module does it."""
    if name == "confirm":
        play, line = at_stage
        ledger.confirm_paid(line, bank_ref="X", by=who, at=play.now())
        return
    play = at_stage
    play.fresh()
    version = play.case.version
    if name == "survey":
        play.survey(by=who)
    elif name == "countersign":
        flow.countersign(play.case.pk, version=version, by=who, at=play.now())
    elif name == "vote":
        motion = play.case.motions.get().motion
        governance.cast_vote(motion, choice="yes", amount_fen=300_000, by=who, at=play.now(minutes=1))
    elif name == "decide":
        flow.decide(play.case.pk, version=version, by=who, at=play.now())
    else:
        ledger.pay_cash(play.row, form_key=key(), by=who, at=play.now())


def passes(name: str, at_stage: Any, who: Account) -> bool:
    """Did the act go through? Whatever it did is undone."""
    play = at_stage[0] if isinstance(at_stage, tuple) else at_stage
    at = play.at
    sid = transaction.savepoint()
    try:
        attempt(name, at_stage, who)
    except (Refused, PermissionDenied):
        return False
    else:
        return True
    finally:
        transaction.savepoint_rollback(sid)
        play.at = at


def wear(who: Account, place: Any, *roles: Role) -> None:
    """The account holds these posts at the organisation, for this test only (the duty matrix of access would refuse many)."""
    posts = [Post(account=who, unit=place.organisation, role=role, from_date=today(now())) for role in roles]
    who._posts = (today(now()), posts)


def pairs_to_try(name: str, earlier: str, *, every: bool) -> Iterator[tuple[Role, Role]]:
    _duty, _stage, roles = ACTS[name]
    for one, two in ALL_PAIRS:
        if every or ({one, two} & roles and {one, two} & EARLIER[earlier]):
            yield one, two


def forbidden() -> Iterator[tuple[str, str]]:
    return ((name, earlier) for name, (duty, _stage, _roles) in ACTS.items() for earlier in DUTIES if earlier != duty)


def run_matrix(place: Any, settings: Any, *, every: bool) -> tuple[int, list[str]]:
    who = another(place, "two-hats", Role.WORKER, place.unit)
    made = stages(place, who)
    settings.CLOCK = lambda: made["survey"].at
    tried, passed = 0, []
    for name, earlier in forbidden():
        at_stage = made[name]
        play = at_stage[0] if isinstance(at_stage, tuple) else at_stage
        sid = transaction.savepoint()
        play.fresh()
        case = play.case
        Step.objects.create(
            case=case, stage_code=case.stage_code, stage_title=case.stage_title, kind=case.stage_kind, act="earlier", outcome="passed",
            by=who, at=play.at, duty=earlier, version=case.version + 50,
        )  # fmt: skip
        for one, two in pairs_to_try(name, earlier, every=every):
            wear(who, place, one, two)
            tried += 1
            if passes(name, at_stage, who):
                passed.append(f"{earlier} then {name} as {one}+{two}")
        transaction.savepoint_rollback(sid)
    return tried, passed


def test_no_pair_of_roles_opens_two_duties_on_one_case(place, settings):
    tried, passed = run_matrix(place, settings, every=False)
    assert tried > 70 and passed == []


@pytest.mark.proof
def test_every_role_beside_every_role_at_every_step(place, settings):
    tried, passed = run_matrix(place, settings, every=True)
    assert tried == len(ALL_PAIRS) * 18 and passed == []


def test_without_an_earlier_duty_the_right_role_does_pass(place, settings):
    """The harness itself: each act goes through for who may do it, so that a refusal above is the duty's."""
    who = another(place, "one-hat", Role.WORKER, place.unit)
    made = stages(place, who)
    settings.CLOCK = lambda: made["survey"].at
    for name, (_duty, _stage, roles) in ACTS.items():
        wear(who, place, *roles)
        assert passes(name, made[name], who), name


def test_whoever_voted_cannot_pay_and_whoever_paid_cannot_vote(at_stage, place):
    play = at_stage("pay")
    assert "职责分离" in why_not(place.members[1], play.case, PAY)
    play.pay()
    assert "职责分离" in why_not(place.accountant, play.case, DECIDE)
    assert "职责分离" in why_not(place.cashier, play.case, INVESTIGATE)
    assert why_not(place.accountant, play.case, PAY) == ""


VERBS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "accept": ("apply", "clerk", lambda play, by: play.act(flow.accept, by=by)),
    "survey": ("investigate", "clerk", lambda play, by: play.survey(by=by)),
    "check": ("check", "officer", lambda play, by: play.check(by=by)),
    "post": ("notice", "officer", lambda play, by: play.draft(by=by)),
    "confirm": ("drafted", "head", lambda play, by: play.act(flow.confirm_notice, seen="x", by=by)),
    "review": ("review", "head", lambda play, by: play.act(flow.review, recommended_fen=300_000, opinion="同意复核意见", by=by)),
    "agenda": ("decide", "head", lambda play, by: play.act(flow.put_on_agenda, session=play.session(), by=by)),
    "send_back": ("review", "head", lambda play, by: play.act(flow.send_back, to="check", reason="再核一次", by=by)),
    "follow_up": ("follow_up", "clerk", lambda play, by: play.act(
        flow.follow_up, visited_on=today(play.at), result="better", remark="药费有了着落，孩子学习稳定。", by=by)),
    "close": ("close", "officer", lambda play, by: play.act(flow.closing_report, text="申请到回访都已完成，归档。", by=by)),
}  # fmt: skip


@pytest.mark.parametrize("verb", list(VERBS))
def test_kin_acts_on_no_stage(at_stage, place, verb):
    kind, name, act = VERBS[verb]
    play = at_stage("notice").draft() if kind == "drafted" else at_stage(kind)
    who = getattr(place, name)
    session = play.session() if verb == "agenda" else None
    declare_kinship(place.household, who, "堂兄", by=who, at=play.now())
    play.session = lambda: session  # type: ignore[method-assign]
    with pytest.raises(Conflict, match="回避"):
        act(play, who)
    assert unchanged(play)


def test_an_officer_never_handles_her_own_application(at_stage, place):
    play = at_stage("check")
    appoint(place.worker, Role.OFFICE_OFFICER, place.organisation)
    place.worker.__dict__.pop("_posts", None)
    with pytest.raises(Conflict, match="本人的事"):
        play.check(by=place.worker)


def test_a_spouse_found_by_identity_is_kin_without_declaring(at_stage, place, client):
    from bangfu.household.flow import enrol_staff
    from bangfu.household.rows import StaffRow

    play = at_stage("check")
    spouse = another(place, "spouse", Role.OFFICE_OFFICER)
    member = place.household.members.get(relation="spouse")
    enrol_staff(
        StaffRow(unit=place.unit, worker_no="KY99", name="王桂芬", identity=member.identity, account=spouse), by=None, at=AT
    )
    with pytest.raises(Conflict, match="亲属或同户"):
        play.check(by=spouse)
    client.force_login(spouse)
    assert client.get(f"/cases/{play.case.number}/").status_code == 404
