"""入户调查表 as a page of its own: prefilled, one form, back with what was typed; the case says what is still missing."""

from __future__ import annotations

import re

from bangfu.access.roles import Role
from bangfu.process.models import Survey
from bangfu.process.queries import todo
from bangfu.process.tests.makers import another
from bangfu.process.tests.test_investigate import form


def opened(client, who, url):
    client.logout()
    client.force_login(who)
    return client.get(url)


def test_the_case_says_what_is_missing_and_leads_to_the_page(at_stage, client, place):
    play = at_stage("investigate")
    url = f"/cases/{play.case.number}/"
    page = opened(client, place.clerk, url).content.decode()
    assert "还缺 3 项" in page and "哪天入户、同去的人、看到的情况" in page
    assert f'href="{url}survey/"' in page and "<textarea" not in page[page.index('id="act-survey"') : page.index('id="papers"')]
    (row,) = [row for row in todo(place.clerk, at=play.at).rows if row.kind == "investigate"]
    assert row.url == f"{url}survey/"


def test_the_page_is_prefilled_from_the_file_and_hands_in(at_stage, client, send, place):
    play = at_stage("investigate")
    url = f"/cases/{play.case.number}/survey/"
    answer = opened(client, place.clerk, url)
    page = answer.content.decode()
    assert answer.status_code == 200 and f'action="{url}"' in page and page.count("btn-primary") == 1
    assert re.search(r'name="found_size"[^>]*value="3"|value="3"[^>]*name="found_size"', page) and "档案 3 人" in page
    assert "25,200.00" in page and 'enctype="multipart/form-data"' in page
    assert place.household.identity not in page and place.household.phone not in page
    answer = send(play, place.clerk, "survey", **form(place))
    assert answer.status_code == 302 and answer["Location"] == f"/cases/{play.case.number}/" and Survey.objects.count() == 1


def test_a_refused_survey_comes_back_with_what_was_typed(at_stage, send, place):
    play = at_stage("investigate")
    answer = send(play, place.clerk, "survey", **form(place, found_size="5", findings="家里五口人，住老房，收入靠打零工。"))
    page = answer.content.decode()
    assert answer.status_code == 422 and "入户调查表" in page and "家里五口人，住老房，收入靠打零工。" in page
    assert "与档案不一致" in page and not Survey.objects.exists()
    assert f'<meta name="bf-settled" content="/cases/{play.case.number}/survey/">' in page
    answer = send(play, place.clerk, "survey", **form(place, visited_on=""))
    assert answer.status_code == 422 and "错误：" in answer.content.decode()


def test_what_was_typed_is_not_lost_when_the_case_has_moved_on(at_stage, send, place):
    play = at_stage("investigate")
    old = play.case.version
    assert send(play, place.clerk, "survey", **form(place)).status_code == 302
    answer = send(play, place.clerk, "survey", **form(place, findings="家里四口人，老人<b>卧床</b>。"), version=old)
    page = answer.content.decode()
    assert answer.status_code == 422 and "您刚才填的" in page and "家里四口人，老人&lt;b&gt;卧床&lt;/b&gt;。" in page
    assert Survey.objects.count() == 1


def test_whoever_has_nothing_to_fill_in_is_led_to_the_case(at_stage, client, place):
    play = at_stage("investigate")
    url = f"/cases/{play.case.number}/survey/"
    for who in (place.officer, place.head):
        assert opened(client, who, url)["Location"] == f"/cases/{play.case.number}/"
    assert opened(client, place.auditor, url).status_code == 403
    assert opened(client, place.other_clerk, url).status_code == 404
    assert opened(client, another(place, "paired", Role.PAIRED_LEADER), url).status_code == 403
    play.survey()
    assert opened(client, place.clerk, url)["Location"] == f"/cases/{play.case.number}/", "handed in: it waits for the companion"


def test_a_survey_that_came_too_late_is_told_on_the_case(at_stage, send, place):
    play = at_stage("investigate")
    version = play.case.version
    play.survey().countersign()
    answer = send(play, place.clerk, "survey", version=version, **form(place, findings="这是我在门口写了半天的情况。"))
    assert answer.status_code == 422 and "您看到的已不是最新" in answer.content.decode()
    assert Survey.objects.count() == 1
