"""异议 after the notice has ended, until the money is paid: it holds the money till it is answered."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice, Objection
from bangfu.governance.models import Motion
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Hold
from bangfu.lib.errors import Refused
from bangfu.notify.models import Message
from bangfu.process import flow
from bangfu.process.queries import todo
from bangfu.process.tests.conftest import kinds

LETTER = {"award_number": "", "text": "来信反映：他家在城里还有一套房。", "is_named": "0"}
NAMED = LETTER | {"is_named": "1", "name": "李四", "contact": "13800000000"}


def answer(upheld, by, play, text="已上门并到不动产登记中心核实。"):
    return disclosure.answer_objection(Objection.objects.get(), answer=text, upheld=upheld, by=by, at=play.now())


@pytest.mark.parametrize("kind", ["review", "decide", "pay"])
@pytest.mark.parametrize("body", [LETTER, NAMED])
def test_the_desk_registers_it_and_the_money_is_held(at_stage, send, client, place, kind, body):
    play = at_stage(kind)
    assert send(play, place.clerk, "objection", **body).status_code == 302
    made = Objection.objects.get()
    assert (made.registered_by, made.is_named, made.is_late) == (place.clerk, body is NAMED, True)
    assert Hold.objects.open().get().origin == f"process.award:{play.award.pk}"
    assert kinds(play)[-1] == "process.objection_received" and play.fresh().stage_kind == kind
    page = client.get(f"/cases/{play.case.number}/").content.decode()
    assert "公示结束以后有 1 条异议待答复" in page


def test_whoever_decides_about_the_money_answers_it(at_stage, send, client, place):
    play = at_stage("pay")
    send(play, place.clerk, "objection", **LETTER)
    chair = place.members[0]
    assert set(Message.objects.filter(text__contains="收到一条意见").values_list("to", flat=True)) == {place.head.pk, chair.pk}
    for who in (place.head, chair):
        assert [row.what for row in todo(who, at=play.at).rows if row.kind == "objection"] == ["答复异议"]
    for who in (place.chair, place.clerk, place.auditor):
        assert not [row for row in todo(who, at=play.at).rows if row.kind == "objection"]
        with pytest.raises(PermissionDenied):
            answer(False, who, play)
    client.logout()
    client.force_login(chair)
    notice = Notice.objects.get()
    page = client.get(f"/notices/{notice.pk}/").content.decode()
    assert "来信反映" in page and "公示结束以后又有 1 条异议没有答复" in page
    sent = {f"o{Objection.objects.get().pk}-answer": "核实过，只有一套。", f"o{Objection.objects.get().pk}-upheld": "0"}
    assert client.post(f"/objections/{Objection.objects.get().pk}/answer/", sent).status_code == 302
    assert not Hold.objects.open().exists()


def test_unanswered_nothing_is_paid_and_answered_it_is(at_stage, send, place):
    play = at_stage("pay")
    send(play, place.officer, "objection", **LETTER)
    with pytest.raises(Refused, match="暂停支付"):
        play.send()
    hold = Hold.objects.open().get()
    with pytest.raises(Refused, match="请先答复异议"):
        ledger.lift_hold(hold, why="先付了再说", by=place.head, at=play.now())
    answer(False, place.head, play)
    play.pay().receipt()
    assert play.case.stage_kind == "follow_up"


@pytest.mark.parametrize("kind", ["review", "decide"])
def test_upheld_before_the_money_is_set_aside_the_facts_are_looked_at_again(at_stage, send, place, kind):
    play = at_stage(kind)
    if kind == "decide":
        play.agenda()
    send(play, place.clerk, "objection", **LETTER)
    answer(True, place.head, play)
    assert play.fresh().stage_kind == "investigate" and not Hold.objects.open().exists()
    assert not Motion.objects.filter(state="waiting").exists()
    play.survey().countersign().check(deviation_reason="查实以后金额从低。")
    assert play.case.stage_kind == "notice"
    with pytest.raises(Refused, match="要重新公示"):
        play.act(flow.keep_notice, by=place.officer)
    play.post().close_notice().review().agenda().vote().pay()
    assert Notice.objects.count() == 2


def test_upheld_after_the_approval_the_money_is_free_and_the_facts_are_looked_at_again(at_stage, send, place):
    play = at_stage("pay")
    send(play, place.clerk, "objection", **LETTER)
    answer(True, place.members[0], play)
    assert play.fresh().stage_kind == "investigate" and play.award.disbursement.state == "released"
    assert not Hold.objects.open().exists()


def test_with_the_bank_it_still_stops_the_booking(at_stage, send, place):
    play = at_stage("pay")
    line = play.send()
    assert send(play, place.clerk, "objection", **LETTER).status_code == 302
    with pytest.raises(Refused, match="暂停支付"):
        ledger.confirm_paid(line, bank_ref="ICBC1", by=place.accountant, at=play.now())


def test_once_paid_it_is_too_late_and_the_sentence_says_where_to_go(at_stage, send, client, place):
    play = at_stage("pay").pay()
    refused = send(play, place.clerk, "objection", **LETTER)
    assert refused.status_code == 422 and "钱已经付了" in refused.content.decode() and "来信来访" in refused.content.decode()
    assert not Objection.objects.exists() and not Hold.objects.exists()
    assert "登记公示结束后的异议" not in client.get(f"/cases/{play.case.number}/").content.decode()
    assert "登记异议" not in client.get(f"/notices/{Notice.objects.get().pk}/").content.decode()


def test_a_notice_taken_down_or_followed_by_another_takes_none(at_stage, place):
    play = at_stage("notice").post()
    first = Notice.objects.get()
    play.act(flow.take_down_notice, reason="部门写错了", by=place.officer)
    given = {"text": "来信反映：他家还有一套房。", "is_named": False, "by": place.clerk}
    with pytest.raises(Refused, match="已经撤下"):
        disclosure.raise_objection(first, at=play.now(), **given)
    play.post().close_notice()
    second = Notice.objects.latest("pk")
    assert disclosure.raise_objection(second, at=play.now(), **given).is_late


def test_the_open_page_is_gone_and_takes_nothing(at_stage, client, place):
    play = at_stage("review")
    notice = Notice.objects.get()
    assert client.get(f"/open/notices/{notice.token}/objection/").status_code == 410
    with pytest.raises(Refused, match="已经结束"):
        disclosure.raise_objection(notice, text="他家还有一套房。", is_named=False, at=play.now())


def test_other_units_and_wrong_roles_register_nothing(at_stage, send, place):
    play = at_stage("decide")
    assert send(play, place.other_clerk, "objection", **LETTER).status_code == 404
    assert send(play, place.cashier, "objection", **LETTER).status_code == 403
    assert not Objection.objects.exists()
