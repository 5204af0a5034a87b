"""What a person with a post might try beside her duty, and the answers she gets."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.access.roles import Role
from bangfu.disclosure.models import Objection
from bangfu.governance import flow as governance
from bangfu.household.flow import declare_kinship
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Disbursement, Hold
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.tests.makers import Play, another, appoint, key


def test_a_chair_alone_is_no_committee(at_stage, place):
    play = at_stage("decide")
    chair = place.members[0]
    at = play.now()
    alone = governance.form_committee(place.organisation, name="小组", quorum_permille=500, by=chair, at=at)
    with pytest.raises(Refused):
        seat = governance.seat_member(alone, chair, from_date=today(at), is_chair=True, by=chair, at=at)
        meeting = governance.convene(alone, held_at=at + timedelta(minutes=1), by=chair, at=at)
        play.act(flow.put_on_agenda, session=meeting, by=chair)
        governance.attend(meeting, seat, by=chair, at=play.now())
        governance.open_session(meeting, by=chair, at=play.now())
        link = play.fresh().motions.get()
        governance.cast_vote(link.motion, choice="yes", amount_fen=300_000, opinion="同意", by=chair, at=play.now())
        governance.resolve(link.motion, by=chair, at=play.now())
    assert not Disbursement.objects.exists()


def test_two_are_no_committee_either(place):
    at = Play(place).now()
    small = governance.form_committee(place.organisation, name="小组", quorum_permille=500, by=place.head, at=at)
    seats = [
        governance.seat_member(small, member, from_date=today(at), is_chair=n == 0, by=place.head, at=at)
        for n, member in enumerate(place.members[:2])
    ]
    meeting = governance.convene(small, held_at=at + timedelta(minutes=1), by=place.head, at=at)
    for seat in seats:
        governance.attend(meeting, seat, by=place.head, at=at)
    with pytest.raises(Refused, match="只有 2 名委员"):
        governance.open_session(meeting, by=place.members[0], at=at)


def test_a_resolution_ends_with_the_return_of_its_case(at_stage, place):
    from bangfu.ledger.models import Fund, Restriction

    play = at_stage("decide").agenda()
    Fund.objects.filter(code="relief").update(balance_fen=0)
    Restriction.objects.filter(fund__code="relief").update(balance_fen=0)
    play.vote()
    assert play.case.stage_kind == "decide" and not Disbursement.objects.exists()
    play.act(flow.send_back, to="check", reason="有人反映收入不实，重新核实。", by=place.head)
    play.check().post().close_notice().review()
    Fund.objects.filter(code="relief").update(balance_fen=10_000_000)
    Restriction.objects.filter(fund__code="relief").update(balance_fen=10_000_000)
    with pytest.raises(Refused):
        play.act(flow.decide, by=place.head)
    assert not Disbursement.objects.exists()
    play.agenda()


def test_kin_neither_answers_nor_learns_of_an_objection(at_stage, place, client):
    play = at_stage("notice")
    play.post()
    declare_kinship(play.household, place.chair, "堂兄", by=place.chair, at=play.now())
    objection = flow.register_objection(
        play.case.pk, text="他家有两套房，请核实。", is_named=True, name="王五", contact="13800000099", by=place.head, at=play.now()
    )
    client.force_login(place.chair)
    page = client.get(f"/notices/{objection.notice_id}/").content.decode()
    assert "两套房" not in page
    answer = client.post(
        f"/objections/{objection.pk}/answer/", {f"o{objection.pk}-answer": "核实过，没有问题。", f"o{objection.pk}-upheld": "0"}
    )
    assert Objection.objects.get().answered_at is None, answer.status_code
    shown = client.post(f"/objections/{objection.pk}/objector/", {"reason": "verify"}, follow=True).content.decode()
    assert "王五" not in shown and "13800000099" not in shown


def test_kin_does_not_lift_the_hold(at_stage, place):
    play = at_stage("pay")
    hold = ledger.place_hold(play.row.origin, reason="有人反映", unit=place.unit, by=place.cashier, at=play.now())
    declare_kinship(play.household, place.officer, "堂兄", by=place.officer, at=play.now())
    with pytest.raises(Refused):
        ledger.lift_hold(hold, why="没有问题", by=place.officer, at=play.now())


def test_the_hold_of_an_unanswered_objection_is_lifted_by_its_answer_alone(at_stage, place):
    play = at_stage("notice")
    play.post()
    flow.register_objection(play.case.pk, text="他家有两套房，请核实。", is_named=False, by=place.clerk, at=play.now())
    hold = Hold.objects.get()
    with pytest.raises(Refused):
        ledger.lift_hold(hold, why="先放行", by=place.officer, at=play.now())


def test_who_pays_lifts_no_hold(at_stage, place):
    play = at_stage("pay")
    both = another(place, "both", Role.CASHIER)
    appoint(both, Role.OFFICE_OFFICER, place.organisation)
    hold = ledger.place_hold(play.row.origin, reason="有人反映", unit=place.unit, by=place.auditor, at=play.now())
    with pytest.raises((Refused, PermissionDenied)):
        ledger.lift_hold(hold, why="没有问题", by=both, at=play.now())


def test_a_visit_of_before_the_return_is_not_countersigned(at_stage, place):
    play = at_stage("investigate")
    play.survey()
    play.act(flow.send_back, to="apply", reason="要重新入户，原来的表不算。", by=place.head)
    play.act(flow.accept, by=place.clerk)
    with pytest.raises(Refused):
        play.act(flow.countersign, by=place.chair)


def test_who_investigated_makes_no_batch_for_the_bank(at_stage, place):
    play = at_stage("pay")
    appoint(place.clerk, Role.CASHIER, place.organisation)
    with pytest.raises(Refused):
        ledger.make_batch([play.row.pk], form_key=key(), by=place.clerk, at=play.now())


def test_superscript_digits_and_endless_numbers_are_no_500(at_stage, place, client):
    play = at_stage("investigate")
    client.raise_request_exception = False
    client.force_login(place.clerk)
    for odd in ("²", "9" * 5000, "9" * 30):
        for url, data in (
            (f"/cases/{play.case.number}/survey/", {"version": odd}),
            (f"/households/{play.household.number}/reveal/", {"field": f"diagnosis-{odd}", "reason": "verify"}),
            (f"/households/{play.household.number}/state/", {"version": odd, "why": "x"}),
            ("/households/export/", {"pick": odd}),
        ):
            assert client.post(url, data).status_code < 500, (url, odd[:5])
        for url in (
            f"/households/?page={odd}&per={odd}",
            f"/cases/?per={odd}",
            f"/cases/new/?staff={odd}",
            f"/households/{play.household.number}/?lines={odd}",
            f"/imports/?page={odd}",
        ):
            assert client.get(url).status_code < 500, (url[:30], odd[:5])


def test_a_case_goes_before_no_other_committee_than_its_own(at_stage, place):
    play = at_stage("decide")
    at = play.now()
    friends = governance.form_committee(place.organisation, name="小组", quorum_permille=500, by=place.head, at=at)
    for n, member in enumerate(place.members[:3]):
        governance.seat_member(friends, member, from_date=today(at), is_chair=n == 0, by=place.head, at=at)
    meeting = governance.convene(friends, held_at=at + timedelta(minutes=1), by=place.head, at=at)
    with pytest.raises(Refused, match="不能排进别的委员会"):
        play.act(flow.put_on_agenda, session=meeting, by=place.head)
    assert not play.fresh().motions.exists()
