"""A notice in the newspaper and on television (S2-8): what it shows there, and the cutting without which it does not close."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from bangfu.disclosure import flow
from bangfu.disclosure.lines import PRESS, USUAL, Channel
from bangfu.disclosure.models import Cutting, NoticeChannel
from bangfu.disclosure.queries import places_without_cutting
from bangfu.disclosure.tests.makers import AT, at, kinds, post
from bangfu.lib.errors import Refused

PLACES = [Channel.NEWSPAPER, Channel.TV, Channel.OPEN]
AFTER = at("2026-11-25 09:00")


def photo(colour: str = "white") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 40), colour).save(out, "JPEG")
    return out.getvalue()


@pytest.fixture
def printed(place):
    return post(place, channels=PLACES)


def cut(place, notice, **facts):
    given = {
        "channel": "newspaper", "shown_on": date(2026, 11, 18), "medium": "红河日报", "number": "第 6021 期 3 版", "content": photo(),
        "name": "剪报.jpg", "by": place.clerk, "at": AT + timedelta(days=2),
    }  # fmt: skip
    return flow.record_cutting(notice, **(given | facts))


def test_the_press_shows_masked_names_with_consent_and_numbers_without(printed):
    for channel in PRESS:
        rows = NoticeChannel.objects.get(notice=printed, channel=channel).rows
        assert [row["name"] for row in rows] == ["段*强", "", "张*诚"]
        assert rows[1]["unit"] == "" and rows[1]["category"] == "" and rows[1]["amount_fen"] == 400_000
    assert not printed.channels.filter(channel="board").exists()


def test_nobody_is_put_into_the_press_unasked(place):
    assert {row.channel for row in post(place).channels.all()} == set(USUAL)


def test_what_the_rules_want_in_print_has_to_be_there_before_it_closes(place, printed):
    with pytest.raises(Refused, match="报纸、电视的刊播凭证"):
        flow.close(printed, ruled=PLACES, by=place.clerk, at=AFTER)
    cut(place, printed)
    assert places_without_cutting(printed, PLACES) == ["tv"]
    with pytest.raises(Refused, match="登记电视的刊播凭证"):
        flow.close(printed, ruled=PLACES, by=place.clerk, at=AFTER)
    cut(place, printed, channel="tv", medium="红河电视台", number="红河新闻 19:30", content=photo("grey"))
    closed = flow.close(printed, ruled=PLACES, by=place.clerk, at=AFTER)
    assert closed.outcome == "clear"
    assert kinds().count("disclosure.cutting_recorded") == 2


def test_where_the_rules_do_not_ask_for_it_it_closes_without(place, printed):
    assert flow.close(printed, ruled=["open"], by=place.clerk, at=AFTER).outcome == "clear"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"shown_on": date(2026, 11, 16)}, "不在公示期 2026-11-17 至 2026-11-24 内"),
        ({"shown_on": date(2026, 11, 25), "at": AFTER}, "不在公示期"),
        ({"shown_on": date(2026, 11, 20)}, "还没有到"),
        ({"medium": " "}, "哪家报纸或电视台"),
        ({"number": ""}, "第几期第几版"),
        ({"channel": "board"}, "没有选报纸或电视"),
        ({"content": b""}, "空文件"),
        ({"content": b"MZ\x90\x00not a picture"}, "程序文件"),
    ],
)
def test_a_cutting_that_proves_nothing_is_refused(place, printed, change, words):
    with pytest.raises(Refused, match=words):
        cut(place, printed, **change)
    assert not Cutting.objects.exists() and "disclosure.cutting_recorded" not in kinds()


def test_not_twice_not_on_a_notice_without_the_press_and_not_when_taken_down(place, printed):
    cut(place, printed)
    with pytest.raises(Refused, match="已经登记过"):
        cut(place, printed)
    plain = post(place, origin="process.case:13")
    with pytest.raises(Refused, match="没有选报纸或电视"):
        cut(place, plain)
    flow.take_down(printed, reason="金额写错了", by=place.clerk, at=AT + timedelta(days=3))
    with pytest.raises(Refused, match="已经撤下"):
        cut(place, printed, number="第 6022 期 1 版", at=AT + timedelta(days=3))


def test_only_who_puts_notices_up_records_it(place, printed):
    for who in (place.auditor, place.cashier, place.other_clerk, place.stranger):
        with pytest.raises(PermissionDenied):
            cut(place, printed, by=who)


# -- the page


def send(client, who, notice, **change):
    client.logout()
    client.force_login(who)
    body = {
        "channel": "newspaper", "shown_on": "2026-11-18", "medium": "红河日报", "number": "第 6021 期 3 版",
        "file": SimpleUploadedFile("剪报.jpg", photo(), content_type="image/jpeg"),
    }  # fmt: skip
    return client.post(f"/notices/{notice.pk}/cuttings/", body | change)


def test_the_clerk_hands_it_in_on_the_page_of_the_notice(client, place, printed, settings):
    settings.CLOCK = lambda: AT + timedelta(days=2)
    url = f"/notices/{printed.pk}/"
    client.force_login(place.clerk)
    assert "报纸、电视还没有登记" in client.get(url).content.decode()
    answer = send(client, place.clerk, printed)
    assert answer.status_code == 302 and answer["Location"] == url
    cutting = Cutting.objects.get()
    page = client.get(url).content.decode()
    assert "红河日报" in page and "第 6021 期 3 版" in page and f'href="/files/{cutting.file_id}/"' in page
    assert "电视还没有登记" in page and "登记刊播凭证" in page
    assert client.get(f"/files/{cutting.file_id}/").status_code == 200
    client.force_login(place.stranger)
    assert client.get(f"/files/{cutting.file_id}/").status_code == 404
    client.force_login(place.auditor)
    assert client.get(f"/files/{cutting.file_id}/").status_code == 200


def test_a_refused_cutting_comes_back_with_what_was_typed(client, place, printed, settings):
    settings.CLOCK = lambda: AT + timedelta(days=2)
    answer = send(client, place.clerk, printed, shown_on="2026-11-01")
    page = answer.content.decode()
    assert answer.status_code == 422 and "不在公示期" in page and "红河日报" in page and "错误：" in page
    assert send(client, place.clerk, printed, file="").status_code == 422
    assert send(client, place.clerk, printed, channel="board").status_code == 422
    assert send(client, place.stranger, printed).status_code == 404
    assert send(client, place.cashier, printed).status_code == 403
    assert not Cutting.objects.exists()


def test_a_notice_that_hangs_inside_only_asks_for_none(client, place, settings):
    settings.CLOCK = lambda: AT
    client.force_login(place.clerk)
    assert "刊播凭证" not in client.get(f"/notices/{post(place).pk}/").content.decode()


def test_the_proof_pack_and_the_paper_know_it(client, place, printed, settings):
    settings.CLOCK = lambda: AT + timedelta(days=2)
    cut(place, printed)
    client.force_login(place.clerk)
    files = zipfile.ZipFile(io.BytesIO(client.get(f"/notices/{printed.pk}/proof/").content))
    (row,) = json.loads(files.read("notice.json"))["cuttings"]
    assert (row["channel"], row["shown_on"], row["medium"]) == ("newspaper", "2026-11-18", "红河日报") and len(row["sha256"]) == 64
    assert "channels/newspaper-1.json" in files.namelist() and "channels/tv-1.json" in files.namelist()
    assert client.get(f"/notices/{printed.pk}/print/newspaper/").status_code == 200, "the text for the paper"
