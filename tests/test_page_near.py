"""An act's address in the browser: a reload, a bookmark or the way back leads to its object, and nothing is sent twice."""

import pytest
from django.test import Client
from django.urls import resolve, reverse

from bangfu.access.middleware import page_near
from bangfu.access.roles import NOBODY
from bangfu.config.access_table import TABLE
from bangfu.process.tests.makers import Play, world
from tests.test_access_table import URLS

pytestmark = pytest.mark.django_db

ACTS = sorted(name for name, rule in TABLE.items() if rule.get == NOBODY)
#: Acts that belong to no object: the first page.
AT_HOME = {"elder", "sign-out", "hold-lifting", "batch-line-failure"}


@pytest.mark.parametrize("name", ACTS)
def test_every_act_belongs_to_a_page(name):
    near = page_near(reverse(name, kwargs=URLS[name]))
    found = resolve(near).view_name
    assert TABLE[found].get != NOBODY
    assert (found == "home") == (name in AT_HOME), near


@pytest.mark.parametrize(
    ("path", "page"),
    [
        ("/cases/KY-A2026-0012/check/", "/cases/KY-A2026-0012/"),
        ("/cases/KY-A2026-0012/notice/draft/return/", "/cases/KY-A2026-0012/notice/draft/"),
        ("/objections/7/answer/", "/objections/7/"),
        ("/import/", "/"),
        ("//evil.example/x/", "/"),
        ("/", "/"),
    ],
)
def test_the_nearest_page(path, page):
    assert page_near(path) == page


@pytest.fixture
def play(db, settings):
    made = Play(world()).to("check")
    settings.CLOCK = lambda: made.at
    return made


def test_a_refused_act_comes_back_with_what_was_typed_and_the_address_of_its_case(client, play):
    case, url = play.case, f"/cases/{play.case.number}/"
    client.force_login(play.world.officer)
    answer = client.post(f"{url}check/", {"version": case.version, "opinion": "还差收入证明，先记下意见。"})
    text = answer.content.decode()
    assert answer.status_code == 422 and "还差收入证明，先记下意见。" in text and "错误：" in text
    assert f'<meta name="bf-settled" content="{url}">' in text
    again = client.get(f"{url}check/")
    assert again.status_code == 302 and again["Location"] == url
    assert client.get(url).status_code == 200
    assert 'name="bf-settled"' not in client.get(url).content.decode()


def test_a_form_page_stays_where_it_is(client, play):
    client.force_login(play.world.officer)
    answer = client.post("/campaigns/?x=1", {"programme": "nothing"})
    assert answer.status_code == 422 and '<meta name="bf-settled" content="/campaigns/?x=1">' in answer.content.decode()


def test_the_address_tells_a_stranger_nothing(play):
    stranger = Client()
    for number in (play.case.number, "KY-A2026-9999"):
        answer = stranger.get(f"/cases/{number}/check/")
        assert answer.status_code == 302 and answer["Location"] == f"/cases/{number}/"
        assert "/sign-in/" in stranger.get(answer["Location"])["Location"]
    assert stranger.post(f"/cases/{play.case.number}/check/").status_code == 302
    assert stranger.put(f"/cases/{play.case.number}/check/").status_code == 405


def test_an_objection_leads_to_its_notice(client, settings):
    from bangfu.disclosure.models import Objection
    from bangfu.process import flow

    made = Play(world()).to("notice").post()
    settings.CLOCK = lambda: made.at
    flow.register_objection(made.case.pk, text="他家有两套房，请查。", is_named=False, by=made.world.clerk, at=made.now())
    objection = Objection.objects.get()
    client.force_login(made.world.head)
    answer = client.get(f"/objections/{objection.pk}/answer/", follow=True)
    assert answer.redirect_chain[-1][0] == f"/notices/{objection.notice_id}/" and answer.status_code == 200
    client.force_login(made.world.other_clerk)
    assert client.get(f"/objections/{objection.pk}/").status_code == 404
