"""评审会: agenda, resolution, award and reservation; refusal and the one second request."""

from __future__ import annotations

import pytest

from bangfu.governance.models import Recusal
from bangfu.household.flow import declare_kinship
from bangfu.ledger.models import Disbursement, Fund
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import CaseMotion, Refusal
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import AT, Play, key, world

REFUSAL = {
    "clause": "九",
    "missing": "同一事由已从别处领取",
    "whom_to_ask": "帮扶办公室 罗建军",
    "reason": "市总工会已给过同一事由的救助。",
}


def test_the_office_puts_it_on_the_agenda_with_the_noticed_sum_as_the_most(at_stage, send, place):
    play = at_stage("decide")
    session = play.session()
    assert send(play, place.head, "agenda", session=session.pk).status_code == 302
    motion = CaseMotion.objects.get().motion
    assert motion.subject == f"process.case:{play.case.pk}" and motion.amount_fen == motion.max_fen == 300_000
    assert motion.number == play.case.number and "张守诚" not in motion.title
    assert play.fresh().stage_kind == "decide" and kinds(play)[-1] == "process.motion_put"


def test_a_passed_motion_awards_and_sets_the_money_aside(at_stage, place):
    play = at_stage("decide").agenda().vote(amount_fen=250_000, opinion="按 2500 元给")
    row = play.row
    assert play.case.stage_kind == "pay" and play.award.awarded_fen == row.amount_fen == 250_000
    assert row.state == "reserved" and row.method == "bank" and row.card_tail4 == "3779"
    assert row.origin == f"process.award:{play.award.pk}" and row.reference == play.case.number
    assert Fund.objects.get(code="relief").reserved_fen == 250_000
    assert "process.case_approved" in kinds(play)
    step = play.case.steps.order_by("-version").first()
    assert (step.act, step.duty, step.by) == ("decide", "decide", place.members[0])


def test_without_consent_to_the_card_the_money_is_cash(at_stage, place):
    from bangfu.household.flow import give_consent

    play = at_stage("decide")
    give_consent(place.household, "bank", given=False, wording="用银行卡发钱", by=place.worker, at=play.now())
    play.agenda().vote()
    assert play.row.method == "cash" and play.award.method == "cash"


def test_returned_for_supplement_goes_back_to_the_check(at_stage):
    play = at_stage("decide").agenda().vote("return", opinion="收入证明不清楚")
    assert play.case.stage_kind == "check" and not Disbursement.objects.exists()
    assert "KY-R2026-0001" in play.case.steps.order_by("-version").first().reason


def test_an_empty_fund_does_not_lose_the_vote_and_the_decision_waits(db):
    play = Play(world(money_fen=0)).to("decide")
    play.agenda().vote()
    assert play.case.stage_kind == "decide" and not Disbursement.objects.exists()
    assert "process.case_approved" not in kinds(play)
    with pytest.raises(Refused, match="可用"):
        play.act(flow.decide, by=play.world.members[0])
    from bangfu.ledger import flow as ledger
    from bangfu.process.tests.makers import key

    ledger.receive(play.world.fund, amount_fen=5_000_000, source="5", form_key=key(), by=play.world.accountant, at=play.now())
    play.act(flow.decide, by=play.world.members[0])
    assert play.case.stage_kind == "pay"


def test_a_refused_motion_waits_for_the_written_answer(at_stage, send, place, settings):
    play = at_stage("decide").agenda().vote("no", opinion="不符合第九条")
    settings.CLOCK = lambda: play.at
    assert play.case.stage_kind == "decide" and play.case.is_open
    assert send(play, place.head, "refusal", **REFUSAL).status_code == 302
    refusal = Refusal.objects.get()
    assert refusal.clause == "九" and play.fresh().state == "refused" and kinds(play)[-1] == "process.case_refused"


def test_the_committee_cannot_be_passed_by_with_a_refusal(at_stage, send, place):
    play = at_stage("decide")
    assert send(play, place.head, "refusal", **REFUSAL).status_code == 422 and unchanged(play)


def test_asking_again_works_once_and_the_second_answer_is_final(at_stage, send, place, settings):
    play = at_stage("check")
    play.act(flow.refuse, by=place.officer, **REFUSAL)
    assert play.case.state == "refused"
    flow.ask_again(play.case.pk, text="市总给的是去年的另一件事，请评审会再看。", by=place.worker, at=play.now())
    assert play.fresh().is_at("decide") and play.case.state == "open"
    play.agenda().vote("no", opinion="仍不符合")
    assert CaseMotion.objects.get().is_second
    play.act(flow.refuse, by=place.head, **REFUSAL)
    with pytest.raises(Refused, match="只有一次"):
        flow.ask_again(play.case.pk, text="请再看一次，我真的很困难。", by=place.worker, at=play.now())
    assert play.fresh().state == "refused"


def test_a_second_request_that_passes_unnoticed_is_noticed_first_and_not_voted_again(at_stage, place):
    play = at_stage("check")
    play.act(flow.refuse, by=place.officer, **REFUSAL)
    flow.ask_again(play.case.pk, text="市总给的是去年的另一件事，请评审会再看。", by=place.worker, at=play.now())
    play.agenda().vote(amount_fen=200_000)
    assert play.fresh().stage_kind == "notice" and play.award.proposed_fen == 200_000 and play.award.awarded_fen is None
    play.post().close_notice().review(200_000)
    assert play.case.stage_kind == "decide"
    play.act(flow.decide, by=place.members[0])
    assert play.case.stage_kind == "pay" and play.award.awarded_fen == 200_000


def test_only_a_refused_case_of_ones_own_can_be_asked_again(at_stage, place):
    from django.core.exceptions import PermissionDenied

    play = at_stage("check")
    with pytest.raises(Refused):
        flow.ask_again(play.case.pk, text="请评审会再看一次我的情况。", by=place.worker, at=play.now())
    play.act(flow.refuse, by=place.officer, **REFUSAL)
    with pytest.raises(PermissionDenied):
        flow.ask_again(play.case.pk, text="请评审会再看一次我的情况。", by=place.cashier, at=play.now())


def test_kin_is_recused_and_sees_nothing_of_the_case(at_stage, client, place):
    play = at_stage("decide")
    declare_kinship(place.household, place.members[1], "表弟", by=place.members[1], at=play.now())
    client.force_login(place.members[1])
    assert client.get(f"/cases/{play.case.number}/").status_code == 404
    from bangfu.governance import flow as governance

    session = play.session()
    play.act(flow.put_on_agenda, session=session, by=place.head)
    motion = CaseMotion.objects.get().motion
    for seat in place.committee.memberships.all():
        governance.attend(session, seat, by=place.head, at=play.now(minutes=1))
    governance.open_session(session, by=place.members[0], at=play.now(minutes=1))
    assert Recusal.objects.get(motion=motion).member.account == place.members[1]
    with pytest.raises(Refused, match="回避"):
        governance.cast_vote(motion, choice="yes", amount_fen=300_000, by=place.members[1], at=play.now(minutes=1))


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("decide")
    session = play.session()
    assert send(play, place.clerk, "agenda", session=session.pk).status_code == 403
    assert send(play, place.members[1], "agenda", session=session.pk).status_code == 403
    assert send(play, place.other_clerk, "agenda", session=session.pk).status_code == 403
    assert send(play, place.head, "agenda", version=1, session=session.pk).status_code == 422
    assert send(play, place.head, "agenda", session=999).status_code == 422
    assert send(play, place.members[0], "decision").status_code == 422
    assert unchanged(play) and not CaseMotion.objects.exists()


def test_the_committees_page_shows_papers_advice_and_money(at_stage, client, place):
    at_stage("decide").agenda()
    client.force_login(place.members[1])
    page = client.get(f"/motions/{CaseMotion.objects.get().motion_id}/").content.decode()
    assert "情况与材料" in page and "系统建议" in page and "批后可用" in page and "97,000.00" in page
    assert place.household.identity not in page


def test_restricted_money_for_the_programme_and_cause_pays_first(at_stage, place):
    from bangfu.ledger import flow as ledger

    for code, ties in (("ill", {"causes": ["illness"]}), ("school", {"programmes": ["schooling"]})):
        share = ledger.open_restriction(place.fund, code=code, title=code, by=place.accountant, at=AT, **ties)
        ledger.receive(place.fund, amount_fen=500_000, source="6", restriction=share, form_key=key(), by=place.accountant, at=AT)
    play = at_stage("pay")
    assert (play.row.restriction.code, play.row.cause) == ("ill", "illness")
    play.pay()
    balances = dict(place.fund.restrictions.values_list("code", "balance_fen"))
    assert balances["ill"] == 200_000 and balances["school"] == 500_000
