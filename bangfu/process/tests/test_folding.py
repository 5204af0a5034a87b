"""The case on a phone: what is done is folded into one line with its result; what waits stands open."""

import re

import pytest


def page_of(client, who, play):
    client.logout()
    client.force_login(who)
    return client.get(f"/cases/{play.case.number}/").content.decode()


def folded(page: str) -> set[str]:
    return set(re.findall(r'<details class="card bf-done[^"]*" id="(\w+)"', page))


@pytest.mark.parametrize(
    ("kind", "done"),
    [
        ("investigate", {"advice", "steps"}),
        ("check", {"steps"}),
        ("notice", {"advice", "papers", "survey", "steps"}),
        ("review", {"papers", "notice", "survey", "steps"}),
        ("decide", {"papers", "notice", "survey", "steps"}),
        ("pay", {"advice", "papers", "notice", "survey", "motion", "steps"}),
        ("follow_up", {"advice", "papers", "notice", "survey", "motion", "steps"}),
        ("closed", {"advice", "papers", "notice", "survey", "motion", "steps"}),
    ],
)
def test_what_is_done_is_folded_and_what_is_due_stands_open(at_stage, client, place, kind, done):
    play = at_stage(kind)
    assert folded(page_of(client, place.officer, play)) == done


def test_an_open_objection_unfolds_the_notice(at_stage, client, place):
    from bangfu.process import flow

    play = at_stage("review")
    flow.register_objection(play.case.pk, text="他家有两套房，请查。", is_named=False, by=place.clerk, at=play.now())
    assert "notice" not in folded(page_of(client, place.officer, play))


def test_the_heads_say_the_results(at_stage, client, place):
    play = at_stage("pay")
    page = page_of(client, place.officer, play)
    heads = dict(re.findall(r'id="(\w+)-title">[^<]*</h2><span class="bf-3">(.*?)</span></summary>', page))
    assert (
        "期满无异议" in heads["notice"]
        and '同意 <span class="nb">¥3,000.00</span>' in heads["motion"]
        and place.chair.name in heads["survey"]
    )
    assert "¥3,000.00" in heads["advice"] and "最近" in heads["steps"]
    assert "已办完 6 步" in page and "后面还有" in page
