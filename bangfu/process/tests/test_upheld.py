"""The way back from the payment, and what happens when an objection was upheld while the money stood ready."""

from __future__ import annotations

import pytest

from bangfu.disclosure.models import Objection
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Hold
from bangfu.ledger.verify import verify
from bangfu.lib.errors import Refused
from bangfu.process import flow, queries

SAY = {"text": "他家在城里还有一套房，请核实。", "is_named": False}


def upheld(play) -> None:
    """A letter to the union while the bank carries the payment out: upheld by the office's head, it cannot be called back now."""
    play.line = play.send()
    flow.register_objection(play.case.pk, **SAY, by=play.world.clerk, at=play.now())
    objection = Objection.objects.get()
    flow.answer_objection(
        play.case.pk, objection=objection, answer="已核实，确有第二套住房。", upheld=True, by=play.world.head, at=play.now()
    )
    play.fresh()


def returned(play) -> None:
    """The bank sends it back: the sum is set aside as before, and still held."""
    ledger.mark_failed(play.line, reason="户名不符", by=play.world.accountant, at=play.now())
    play.fresh()


def money(place) -> tuple[int, int]:
    place.fund.refresh_from_db()
    return place.fund.balance_fen, place.fund.reserved_fen


def test_sending_back_from_the_payment_gives_the_money_back_and_the_committee_votes_anew(at_stage, send, place):
    play = at_stage("pay")
    before = money(place)
    assert send(play, place.cashier, "return", to="check", reason="金额要再核一次").status_code == 403, "never who pays"
    assert send(play, place.officer, "return", to="check", reason="金额要再核一次").status_code == 302
    assert play.fresh().stage_kind == "check" and play.award.disbursement.state == "released"
    assert money(place) == (before[0], before[1] - 300_000)
    play.check().post().close_notice().review()
    assert "排进评审会" in [row.what.partition("，")[0] for row in queries.todo(place.head, at=play.at).rows]
    play.now(days=1)
    play.agenda().vote()
    assert play.case.stage_kind == "pay" and play.row.state == "reserved" and money(place) == before
    play.pay().receipt()
    assert play.case.stage_kind == "follow_up" and verify().faults == []


def test_what_is_with_the_bank_is_not_sent_back(at_stage, send, place):
    play = at_stage("pay")
    play.send()
    answer = send(play, place.officer, "return", to="check", reason="金额要再核一次")
    assert answer.status_code == 422 and "已送银行" in answer.content.decode()
    assert play.fresh().stage_kind == "pay" and play.row.state == "sent"


@pytest.mark.parametrize("way", ["return", "refusal"])
def test_an_upheld_objection_at_the_payment_is_a_to_do_of_the_office_with_two_ways_out(at_stage, send, client, place, way):
    play = at_stage("pay")
    upheld(play)
    returned(play)
    assert play.case.stage_kind == "pay" and Hold.objects.open().count() == 1
    row = next(row for row in queries.todo(place.head, at=play.at).rows if row.kind == "stuck")
    assert row.what == "异议成立，退回核实或不予救助" and row.url == f"/cases/{play.case.number}/"
    client.force_login(place.head)
    page = client.get(row.url).content.decode()
    assert "异议已认定成立，这笔款不付。请退回重新核实" in page and "act-return" in page and "act-refusal" in page
    client.force_login(place.cashier)
    assert "等帮扶办公室退回核实或不予救助" in client.get(row.url).content.decode()
    with pytest.raises(Refused, match="暂停支付"):
        play.send()
    facts = {"to": "investigate", "reason": "住房要重新核实"}
    if way == "refusal":
        facts = {"clause": "五（四）", "missing": "有第二套住房", "whom_to_ask": "帮扶办公室", "reason": "不符合住房条件"}
    assert send(play, place.head, way, **facts).status_code == 302
    assert not Hold.objects.open().exists() and play.award.disbursement.state == "released"
    assert play.fresh().stage_kind == ("investigate" if way == "return" else "pay")
    assert not [row for row in queries.todo(place.head, at=play.at).rows if row.kind == "stuck"]
    assert verify().faults == []


def test_the_hold_of_an_upheld_objection_is_not_lifted_beside_it(at_stage, place):
    play = at_stage("pay")
    upheld(play)
    returned(play)
    with pytest.raises(Refused, match="异议已认定成立"):
        ledger.lift_hold(Hold.objects.open().get(), why="放行吧", by=place.head, at=play.now())


def test_upheld_while_the_bank_carries_it_out_the_result_is_still_booked(at_stage, place):
    """Money that has left is booked, then claimed back by a red voucher: the books never stand beside the bank's."""
    play = at_stage("pay")
    upheld(play)
    with pytest.raises(Refused, match="暂停支付"):
        ledger.confirm_paid(play.line, bank_ref="R1", by=place.accountant, at=play.now())
    ledger.lift_hold(Hold.objects.open().get(), why="银行已付出，先入账再追回", by=place.head, at=play.now())
    voucher = ledger.confirm_paid(play.line, bank_ref="R1", by=place.accountant, at=play.now())
    ledger.reverse(voucher, reason="异议成立，已追回", form_key="back", by=place.accountant, at=play.now())
    assert [row.what for row in queries.todo(place.head, at=play.at).rows if row.kind == "stuck"] == ["重新预留"]
    assert verify().faults == []
