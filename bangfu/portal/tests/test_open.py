"""Pages for everybody: the receipt check and the rules in force."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bangfu.portal.tests.answers import text
from bangfu.process.tests.makers import Play

pytestmark = pytest.mark.django_db


@pytest.fixture
def play(w, clock):
    play = Play(w).to("follow_up")
    clock.set(play.at + timedelta(days=1))
    return play


def test_a_real_receipt_says_yes_first_and_then_what_to_compare(client, play):
    page = text(client.get(f"/check/{play.row.check_code}/"))
    assert page.index("这张回执是真的") < page.index("请和您手里的纸对一对")
    assert "张*诚" in page and "张守诚" not in page and "¥3,000.00" in page and "人民币叁仟元整" in page
    assert "noindex" in page and "双方都已签字" in page and play.row.card[-8:] not in page
    assert "总指纹" in page


def test_the_code_may_be_typed_in_any_way(client, play):
    code = play.row.check_code
    response = client.get("/check/", {"code": f" {code.lower().replace('-', ' ')} "})
    assert response["Location"] == f"/check/{code}/"
    assert "这张回执是真的" in text(client.get(f"/check/{code.replace('-', '')}/"))


def test_a_wrong_code_says_what_to_look_at(client, play):
    response = client.get("/check/7K3M-9QPA-2XTB/")
    assert response.status_code == 404 and "没有这张回执" in text(response) and "I、L、O、U" in text(response)


@pytest.mark.parametrize("typed", ["", "  ", "验证码", "a/b?c"])
def test_what_is_no_code_is_said_beside_the_field(client, play, typed):
    response = client.get("/check/", {"code": typed})
    assert response.status_code == 422 and "验证码" in text(response)


def test_a_receipt_whose_record_was_altered_does_not_fit(client, play):
    row = play.row
    type(row).objects.filter(pk=row.pk).update(payee_name="李守诚")
    page = text(client.get(f"/check/{row.check_code}/"))
    assert "这张回执对不上" in page and "这张回执是真的" not in page


def test_rules_and_sums_are_open_and_demo_values_say_so(client, w):
    page = text(client.get("/open/policies/kaiyuan/"))
    assert "困难职工帮扶办法" in page and "每次 1,000.00 元至 5,000.00 元" in page and "示范值" in page and "示范文本" in page
    assert "每人每年累计不超过 10,000 元" in page and "公示" in page and "noindex" in page
    targets, links = re.findall(r'id="([^"]+)"', page), re.findall(r'href="#([^"]+)"', page)
    assert len(targets) == len(set(targets)) and len([link for link in links if link.startswith(("r", "t"))]) > 20
    assert set(links) <= set(targets), set(links) - set(targets)
    assert client.get("/open/policies/ky-sd/").status_code == 404
    assert client.get("/open/policies/nobody/").status_code == 404
