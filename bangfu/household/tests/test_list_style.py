"""The list as one likes it: columns, density, saved views; kept for the account, and all of it by plain forms."""

from __future__ import annotations

import re

import pytest

from bangfu.household import flow
from bangfu.household.models import ListStyle, SavedView
from bangfu.household.tests import makers
from bangfu.household.tests.makers import AT


@pytest.fixture
def li(client, cast, file):
    client.force_login(cast.li)
    return client


def heads(page: str) -> list[str]:
    return [re.sub(r"<[^>]+>", "", head) for head in re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page)]


def test_columns_are_chosen_and_kept_for_the_account(li, cast):
    page = li.get("/households/").content.decode()
    assert "人口" in heads(page) and "建档日期" not in heads(page)
    answer = li.post("/households/style/", {"column": ["opened", "unit", "nonsense"], "query": "state=all&sort=-opened"})
    assert answer.url == "/households/?state=all&sort=-opened"
    page = li.get("/households/").content.decode()
    assert heads(page)[-2:] == ["部门", "建档日期"] and "2026-11-20" in page and "人口" not in heads(page)
    assert ListStyle.objects.get().columns == ["unit", "opened"]
    li.force_login(cast.head)
    assert "人口" in heads(li.get("/households/").content.decode())
    li.force_login(cast.li)
    li.post("/households/style/", {"query": ""})
    assert "人口" in heads(li.get("/households/").content.decode())


def test_density_is_kept_and_a_made_up_one_refused(li):
    assert 'class="table table-hover sticky cards"' in li.get("/households/").content.decode()
    li.post("/households/style/", {"density": "loose", "query": ""})
    assert "sticky cards loose" in li.get("/households/").content.decode()
    page = li.post("/households/style/", {"density": "huge", "query": ""}, follow=True).content.decode()
    assert "没有这种疏密" in page and "sticky cards loose" in page


def test_a_view_is_saved_shown_changed_and_removed(li, cast):
    query = "state=filed&cause=illness&page=3&csrf=x"
    answer = li.post("/households/views/", {"name": " 因病  在档 ", "query": query})
    view = SavedView.objects.get()
    assert (view.name, view.query, view.account) == ("因病 在档", "cause=illness&state=filed", cast.li)
    assert answer.url == f"/households/?cause=illness&state=filed&view={view.pk}"
    page = li.get(answer.url).content.decode()
    assert f'<a href="?cause=illness&amp;state=filed&amp;view={view.pk}" aria-current="true">因病 在档 <span>1</span></a>' in page
    page = li.get(f"/households/?state=filed&view={view.pk}").content.decode()
    assert "已改，未存" in page and "存回视图" in page
    li.post("/households/views/", {"name": "因病 在档", "query": "state=filed"})
    assert SavedView.objects.get().query == "state=filed"
    assert "没有写视图的名称" in li.post("/households/views/", {"name": " ", "query": ""}, follow=True).content.decode()
    li.force_login(cast.head)
    assert "因病 在档" not in li.get("/households/").content.decode()
    assert li.post(f"/households/views/{view.pk}/removal/").status_code == 404
    li.force_login(cast.li)
    assert "已删" in li.post(f"/households/views/{view.pk}/removal/", {"query": "state=filed&view=1"}, follow=True).content.decode()
    assert not SavedView.objects.exists()


def test_a_name_cannot_break_out_of_its_cell(li, cast):
    row = makers.FileRow(unit=cast.unit, head_name="甲<b>", identity=makers.identity(61), main_cause="other")
    flow.file_household(row, by=cast.zhao, at=AT)
    cast.unit.name = "<i>动力"
    cast.unit.save()
    page = li.get("/households/").content.decode()
    assert "甲&lt;b&gt;" in page and "&lt;i&gt;动力" in page and "<i>动力" not in page
