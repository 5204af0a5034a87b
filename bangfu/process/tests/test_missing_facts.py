"""A family of which only the roster is known: what the rules lack is named, and each fact is filled in where it is learned."""

from __future__ import annotations

import re
from html import unescape

from bangfu.household.flow import add_clue, enrol_staff
from bangfu.household.rows import StaffRow
from bangfu.household.tests.makers import identity
from bangfu.policy.evaluation import evaluate
from bangfu.process import advice, pack
from bangfu.process.models import Survey
from bangfu.process.tests.makers import AT, Play
from bangfu.process.tests.test_check import FORM as CHECK
from bangfu.process.tests.test_investigate import form as survey_form

DAY = "2026-11-02"
#: The parts of the file that the survey's page asks for, as somebody fills them in.
PARTS = {
    "expenses": {"illness": "11200", "as_of": DAY, "why": "入户看了结算单"},
    "assets": {"as_of": DAY, "why": "入户看了房产证"},
    "causes": {"main_cause": "own_illness", "why": "入户了解"},
}


def clue(place, settings) -> Play:
    row = StaffRow(worker_no="0099", name="李小红", unit=place.unit, identity=identity(99))
    staff = enrol_staff(row, by=place.clerk, at=AT)
    household = add_clue(unit=place.unit, head_name="李小红", note="花名册里的人", staff=staff, by=place.clerk, at=AT)
    play = Play(place, household=household).start(asked_fen=None, by=place.clerk).accept()
    settings.CLOCK = lambda: play.at
    return play


def links(page: str) -> dict[str, str]:
    """Title of a missing fact -> the address where it is filled in."""
    rows = re.findall(r"<li>还缺：([^<（]+)[^<]*(?:<a class=\"bf-link\" href=\"([^\"]+)\")?", page)
    return {unescape(title).strip(): url for title, url in rows}


def test_every_missing_fact_has_its_page_and_the_advice_comes(place, client, send, settings):
    play = clue(place, settings)
    client.force_login(place.clerk)
    home = f"/cases/{play.case.number}/"
    asked = links(client.get(home).content.decode())
    assert {"近 12 个月自付医疗费", "住房套数", "主要致困原因", "拒绝配合调查核查", "申请金额"} <= set(asked)
    assert all(asked.values()), asked
    assert asked["拒绝配合调查核查"] == f"{home}survey/"
    for section, data in PARTS.items():
        url = f"/households/{play.household.number}/edit/{section}/"
        assert url in asked.values()
        play.household.refresh_from_db()
        assert client.post(url, {"version": play.household.version, **data}).status_code == 302, section
    survey = survey_form(place, found_size="1", refuses_check="no", has_hidden_income="no", asked_fen="3000")
    assert send(play, place.clerk, "survey", **survey).status_code == 302
    play.countersign()
    play.household.refresh_from_db()
    assert play.household.has_hidden_income is False and play.household.refuses_check is False
    assert play.household.stated_annual_fen == 2_520_000 and play.award.asked_fen == 300_000
    assert not Survey.objects.get().differs, "an empty file says nothing that differs"
    client.force_login(place.officer)
    page = client.get(home).content.decode()
    assert links(page) == {} and "¥3,000.00" in page and 'value="3,000.00"' in page
    play.papers()
    assert send(play, place.officer, "check", **CHECK).status_code == 302


def test_whoever_does_not_keep_the_file_gets_no_links(place, client, settings):
    play = clue(place, settings)
    client.force_login(place.auditor)
    asked = links(client.get(f"/cases/{play.case.number}/").content.decode())
    assert asked and not any(asked.values())


def test_each_fact_that_the_rules_read_can_be_entered(db, place):
    """Of the survey, of a part of the file, of the case itself, or kept by the product: none is left over."""
    play = Play(place).start()
    named = {name for names in advice.SECTIONS.values() for name in names} | set(advice.ASKED_BY_THE_SURVEY)
    kept = {"payments", "programme", "degree", "proposed_fen"}
    assert advice.reads(play.case, play.at.date()) - named - kept == set()
    every = {
        path
        for one in pack.pack(play.case).programmes
        for path in evaluate(pack.pack(play.case), {"programme": one.id}, play.at.date()).missing
    }
    assert {path.rpartition(".")[2] for path in every} - named - kept == set()


def test_the_survey_asks_only_what_the_rules_read(place, client, settings, monkeypatch):
    play = clue(place, settings)
    monkeypatch.setattr("bangfu.process.forms.reads", lambda case, on: frozenset({"is_aided_elsewhere"}))
    client.force_login(place.clerk)
    page = client.get(f"/cases/{play.case.number}/survey/").content.decode()
    assert "同一事由从别处领过救助吗" in page and "拒绝配合调查核查？" not in page and "本人申请多少" not in page
