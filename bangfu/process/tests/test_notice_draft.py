"""公示 by two: the officer drafts, the checker sees word for word what will show, confirms or sends back; then the days begin."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.household.flow import declare_kinship, give_consent, withdraw_consent
from bangfu.lib.errors import Refused
from bangfu.notify.models import Message
from bangfu.process import flow, pack
from bangfu.process.queries import todo
from bangfu.process.tests.conftest import kinds, unchanged

ALL = ["board", "intranet", "open"]


@pytest.fixture
def drafted(at_stage, place):
    return at_stage("notice").draft()


def confirm(send, play, who, **facts):
    seen = NoticeDraft.objects.waiting().get().sha256
    return send(play, who, "notice/confirmation", **({"seen": seen} | facts))


def whose_turn(play, who):
    return [(row.what, row.url) for row in todo(who, at=play.at).rows if row.kind == "notice"]


def test_drafting_puts_nothing_up_and_tells_the_checker(at_stage, send, place):
    play = at_stage("notice")
    assert send(play, place.officer, "notice", channels=ALL, checked_by=place.head.pk).status_code == 302
    assert not Notice.objects.exists() and play.award.noticed_fen is None and play.fresh().stage_kind == "notice"
    page = f"/cases/{play.case.number}/notice/draft/"
    assert Message.objects.filter(to=place.head, url=page).count() == 1
    assert whose_turn(play, place.head) == [("核对公示", page)] and whose_turn(play, place.officer) == []
    assert kinds(play)[-1] == "process.notice_drafted"


def test_the_checker_sees_each_channel_word_for_word_and_confirms(at_stage, send, client, place):
    play = at_stage("notice")
    give_consent(place.household, "notice_name", given=True, wording="公示写姓名", by=place.worker, at=play.now())
    play.draft()
    client.force_login(place.head)
    page = client.get(f"/cases/{play.case.number}/notice/draft/").content.decode()
    assert page.count("张守诚") == 1 and page.count("张*诚") == 2 and "核对无误，发布" in page
    for place_name in ("单位公示栏", "办公网", "公开网页"):
        assert place_name in page
    assert confirm(send, play, place.head).status_code == 302
    notice = Notice.objects.get()
    assert (notice.posted_by, notice.checked_by) == (place.officer, place.head)
    assert play.award.noticed_fen == 300_000 and play.case.steps.order_by("-version").first().by == place.head
    assert kinds(play)[-1] == "process.notice_posted" and Message.objects.filter(to=place.officer, text__contains="已核对").exists()


@pytest.mark.parametrize(
    ("who", "status"), [("officer", 422), ("clerk", 422), ("chair", 422), ("cashier", 403), ("other_clerk", 404), ("auditor", 403)]
)
def test_nobody_else_confirms(drafted, send, place, who, status):
    assert confirm(send, drafted, getattr(place, who)).status_code == status
    assert unchanged(drafted) and not Notice.objects.exists()


def test_a_stale_page_and_other_words_confirm_nothing(drafted, send, place):
    assert confirm(send, drafted, place.head, version=1).status_code == 422
    assert confirm(send, drafted, place.head, seen="0" * 64).status_code == 422
    assert unchanged(drafted) and not Notice.objects.exists()


def test_sent_back_the_drafter_reads_why_and_drafts_again(drafted, send, client, place):
    assert send(drafted, place.head, "notice/draft/return", reason="").status_code == 422
    assert send(drafted, place.head, "notice/draft/return", reason="金额与评审意见不一致").status_code == 302
    assert whose_turn(drafted, place.head) == [] and whose_turn(drafted, place.officer) != []
    client.force_login(place.officer)
    page = client.get(f"/cases/{drafted.case.number}/").content.decode()
    assert "罗建军退回了公示拟稿" in page and "金额与评审意见不一致" in page
    assert kinds(drafted)[-1] == "process.notice_draft_returned"
    drafted.post()
    assert Notice.objects.count() == 1


def test_the_drafter_takes_it_back_and_the_case_that_goes_back_does(drafted, send, place):
    assert send(drafted, place.head, "notice/draft/removal").status_code == 403
    assert send(drafted, place.officer, "notice/draft/removal").status_code == 302
    assert not NoticeDraft.objects.waiting().exists()
    drafted.draft()
    drafted.act(flow.send_back, to="check", reason="金额再核一次", by=place.officer)
    assert not NoticeDraft.objects.waiting().exists() and NoticeDraft.objects.filter(state="dropped").count() == 2


def test_a_consent_withdrawn_while_it_waits_takes_the_name_out_before_anybody_saw_it(at_stage, send, place):
    play = at_stage("notice")
    give_consent(place.household, "notice_name", given=True, wording="公示写姓名", by=place.worker, at=play.now())
    play.draft()
    seen = NoticeDraft.objects.waiting().get().sha256
    withdraw_consent(place.household, "notice_name", by=place.worker, at=play.now())
    assert send(play, place.head, "notice/confirmation", seen=seen).status_code == 422
    assert confirm(send, play, place.head).status_code == 302
    assert {row.rows[0]["name"] for row in Notice.objects.get().channels.all()} == {""}


def test_a_consent_given_meanwhile_is_drafted_anew(drafted, send, place):
    give_consent(place.household, "notice_name", given=True, wording="公示写姓名", by=place.worker, at=drafted.now())
    answer = confirm(send, drafted, place.head)
    assert answer.status_code == 422 and "按现在的情况重拟" in answer.content.decode()


def test_a_checker_who_turns_out_to_be_kin_sees_nothing_any_more(drafted, send, client, place):
    declare_kinship(place.household, place.head, "表亲", by=place.head, at=drafted.now())
    assert confirm(send, drafted, place.head).status_code == 404
    client.force_login(place.head)
    assert client.get(f"/cases/{drafted.case.number}/notice/draft/").status_code == 404
    with pytest.raises(Refused, match="回避"):
        drafted.act(flow.confirm_notice, seen="x", by=place.head)


def test_kin_is_not_named_as_checker(at_stage, send, place):
    play = at_stage("notice")
    declare_kinship(place.household, place.head, "表亲", by=place.head, at=play.now())
    answer = send(play, place.officer, "notice", channels=ALL, checked_by=place.head.pk)
    assert answer.status_code == 422 and not NoticeDraft.objects.exists()
    with pytest.raises(Refused, match="回避"):
        play.act(flow.post_notice, checked_by=place.head, by=place.officer)


# -- what the rules want


def rules_say(monkeypatch, **params):
    """The stage of the pack with other parameters."""
    real = pack.stage_of
    monkeypatch.setattr(pack, "stage_of", lambda case: replace(real(case), params={**real(case).params, **params}))


def test_the_rules_want_a_second_person_and_say_so(at_stage, send, place):
    play = at_stage("notice")
    answer = send(play, place.officer, "notice", channels=ALL).content.decode()
    assert "还没有选核对的人" in answer and "十二（五）" in answer
    with pytest.raises(Refused, match="两个人发布"):
        play.act(flow.post_notice, by=place.officer)
    assert unchanged(play)


def test_where_the_rules_want_nobody_else_it_is_up_at_once(at_stage, send, place, monkeypatch):
    play = at_stage("notice")
    rules_say(monkeypatch, second_person=False)
    assert send(play, place.officer, "notice", channels=ALL).status_code == 302
    notice = Notice.objects.get()
    assert notice.checked_by is None and notice.is_open(play.at) and not NoticeDraft.objects.exists()


@pytest.mark.parametrize("left", ["board", "intranet", "open"])
def test_a_place_of_the_rules_cannot_be_left_out(at_stage, send, place, left):
    play = at_stage("notice")
    chosen = [one for one in ALL if one != left]
    answer = send(play, place.officer, "notice", channels=chosen, checked_by=place.head.pk)
    words = {"board": "单位公示栏", "intranet": "办公网", "open": "公开网页"}[left]
    assert answer.status_code == 422 and f"十二（五）条规定要在{words}公示，不能少" in answer.content.decode()
    none = send(play, place.officer, "notice", channels=[], checked_by=place.head.pk)
    assert none.status_code == 422 and "单位公示栏、办公网、公开网页公示，不能少" in none.content.decode()
    assert unchanged(play) and not NoticeDraft.objects.exists()


def test_more_places_only_where_the_rules_allow(at_stage, place, monkeypatch):
    play = at_stage("notice")
    rules_say(monkeypatch, channels=["unit_board"])
    with pytest.raises(Refused, match="不能加公开网页"):
        play.act(flow.post_notice, channels=["board", "open"], checked_by=place.head, by=place.officer)
    rules_say(monkeypatch, channels=["unit_board"], more_channels=True)
    play.post(channels=["board", "open"])
    assert set(Notice.objects.get().channels.values_list("channel", flat=True)) == {"board", "open"}
