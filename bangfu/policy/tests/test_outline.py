"""The text and the rules are one click apart: every clause that a rule cites leads to it, every link leads somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from bangfu.policy.loading import load_pack
from bangfu.policy.outline import by_clause, further, rows, rule_links
from bangfu.policy.regulation import Regulation
from bangfu.policy.tests.makers import kaiyuan

PACKS = sorted(path.parent for path in Path("policies").glob("*/pack.yaml"))


def test_a_clause_leads_to_its_rules():
    found = by_clause(kaiyuan())
    assert {row.part for row in found["六（一）"]} >= {"classes"}
    assert any(row.part == "sets" for row in found["五（一）"])


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_every_row_has_an_anchor_of_its_own_and_a_clause(folder):
    pack = load_pack(folder)
    found = rows(pack)
    anchors = [row.anchor for row in found]
    assert len(anchors) == len(set(anchors))
    assert all(row.title and row.clauses for row in found), [row for row in found if not row.clauses]
    shown = [row for _title, listed in further(pack) for row in listed]
    assert {row.part for row in found} - {row.part for row in shown} <= {"parameters", "programmes", "classes", "stages"}


def test_links_stand_beside_their_clause_and_words_of_the_text_stay_words():
    text = Regulation("**第一条** <b>甲</b>。{#一}\n\n第二条 {#二}\n第三条 {#三}\n")
    links = {"一": rule_links(kaiyuan())["六（一）"], "三": rule_links(kaiyuan())["五（一）"]}
    html = text.html(prefix="t1-", beside=links)
    assert 'id="t1-一"' in html and 'id="t1-二"' in html and '<span id="t1-三"></span>' in html
    assert "&lt;b&gt;" in html and "{#" not in html
    assert html.index("classes-") > html.index("t1-一") and html.count("bf-rules") == 2


def test_a_title_cannot_bring_markup_in(monkeypatch):
    pack = kaiyuan()
    odd = [type(row)(row.part, row.id, "<script>", row.clauses, row.lines, row.demo) for row in rows(pack)]
    monkeypatch.setattr("bangfu.policy.outline.rows", lambda _pack: odd)
    assert all("<script>" not in links for links in rule_links(pack).values())
