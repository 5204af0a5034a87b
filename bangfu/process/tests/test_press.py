"""A case whose rules want its notice in the newspaper and on television (西安、S2-8)."""

from __future__ import annotations

import pytest

from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.tests.test_cuttings import photo
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy.loading import load_pack
from bangfu.policy.pack import NOTICE_PLACES
from bangfu.policy.tests.makers import ROOT
from bangfu.process import flow
from bangfu.process.flow.notice import channels_of, running_notice
from bangfu.process.queries import todo
from bangfu.process.tests.test_notice_draft import rules_say
from bangfu.process.words import CHANNELS, places_of


def test_every_word_of_a_pack_is_a_channel():
    assert tuple(CHANNELS) == NOTICE_PLACES
    xian = load_pack(ROOT / "policies" / "xian")
    (stage,) = {
        stage.params["channels"][0]: stage for one in xian.procedures for stage in one.stages if stage.kind == "notice"
    }.values()
    assert places_of(stage.params) == ["newspaper", "tv", "open"]
    assert places_of({}) == ["board", "intranet", "open"]


def test_the_case_waits_for_the_cutting_and_then_goes_on(at_stage, client, place, monkeypatch):
    rules_say(monkeypatch, channels=["newspaper", "open_page"])
    play = at_stage("notice").post()
    assert channels_of(play.fresh()) == ["newspaper", "open"]
    notice = running_notice(play.case)
    assert notice is not None and {row.channel for row in notice.channels.all()} == {"newspaper", "open"}
    url = f"/cases/{play.case.number}/"
    client.force_login(place.officer)
    page = client.get(url).content.decode()
    assert "报纸的刊播凭证还没有登记" in page and f'href="/notices/{notice.pk}/#cuttings"' in page
    for who in (place.clerk, place.officer):
        (row,) = [row for row in todo(who, at=play.at).rows if row.kind == "cutting"]
        assert (row.what, row.who, row.url) == ("登记报纸的刊播凭证", notice.number, f"/notices/{notice.pk}/#cuttings")
    assert not [row for who in (place.cashier, place.other_clerk) for row in todo(who, at=play.at).rows if row.kind == "cutting"]
    printed = today(play.now(days=1))
    play.now(days=8)
    with pytest.raises(Refused, match="还没有登记报纸的刊播凭证"):
        play.act(flow.close_notice, by=place.officer)
    assert play.fresh().stage_kind == "notice"
    disclosure.record_cutting(
        notice, channel="newspaper", shown_on=printed, medium="西安日报", number="第 8 版", content=photo(), name="a.jpg",
        by=place.officer, at=play.now(),
    )  # fmt: skip
    assert not [row for row in todo(place.clerk, at=play.at).rows if row.kind == "cutting"]
    client.logout()
    client.force_login(place.officer)
    assert "结束公示" in client.get(url).content.decode()
    play.act(flow.close_notice, by=place.officer)
    assert play.fresh().stage_kind == "review"


def test_kin_record_no_cutting(at_stage, place, monkeypatch):
    from bangfu.household.flow import declare_kinship
    from bangfu.process.tests.makers import AT

    rules_say(monkeypatch, channels=["newspaper"])
    play = at_stage("notice").post()
    notice = running_notice(play.fresh())
    declare_kinship(place.household, place.officer, relation="表兄", by=place.head, at=AT)
    with pytest.raises(Refused):
        disclosure.record_cutting(
            notice, channel="newspaper", shown_on=today(play.at), medium="西安日报", number="第 8 版", content=photo(), name="a.jpg",
            by=place.officer, at=play.now(),
        )  # fmt: skip
