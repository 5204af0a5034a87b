"""What the registry tells the rules of an application: where the unit stands, and how past payments stand to it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bangfu.disclosure.lines import snapshot
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy.facts import read_facts
from bangfu.policy.pack import Means
from bangfu.process import pack
from bangfu.process.facts import facts_of_case, facts_of_household
from bangfu.process.flow.notice import lines_of
from bangfu.process.flow.pay import reserve_awards
from bangfu.process.models import Award, Case
from bangfu.process.tests.makers import Play


def test_unit_path_names_the_units_from_the_top_down(at_stage, place):
    play = at_stage("check")
    facts = facts_of_case(play.case, today(play.at))
    assert facts["unit_path"] == f"{place.organisation.code}/{place.unit.code}"


def test_a_payment_for_another_kind_of_cause_is_another_event_and_the_same_kind_is_asked(at_stage, place):
    play = at_stage("pay").pay()
    award = Award.objects.select_related("household__staff").get(pk=play.award.pk)
    other = Award(household=award.household, case=Case(number="KY-A2026-9999"))

    def row(category: str) -> dict:
        other.category = category
        return facts_of_household(award.household, today(play.at), award=other)["payments"][0]

    assert row("disaster" if award.category != "disaster" else "illness")["is_same_event"] is False
    assert "is_same_event" not in row(award.category)
    own = facts_of_household(award.household, today(play.at), award=award)["payments"][0]
    assert own["is_same_event"] is True


def test_a_household_with_one_child_has_one_student_and_with_two_nobody_knows(at_stage, place, monkeypatch):
    play = at_stage("pay").pay()
    award = Award.objects.select_related("household__staff").get(pk=play.award.pk)
    from bangfu.process import facts

    real = facts.facts_of_many

    def with_members(*relations):
        members = [{"relation": relation} for relation in relations]
        monkeypatch.setattr(facts, "facts_of_many", lambda rows, on: [{**one, "members": members} for one in real(rows, on)])
        found = facts_of_household(award.household, today(play.at), award=award)
        read_facts(found, pack.pack(play.case).vocabulary)
        return found["payments"][0].get("is_to_student")

    assert with_members("self", "spouse", "child") is True
    assert with_members("self", "child", "child") is None
    assert with_members("self", "spouse") is None


def test_a_programme_of_goods_only_is_never_paid_out_and_the_clause_is_named(at_stage, place, monkeypatch):
    play = at_stage("decide")
    real = pack.programme_of
    means = Means("十四", "只发实物", ("goods", "voucher"))
    monkeypatch.setattr(pack, "programme_of", lambda case: replace(real(case), means=means))
    with pytest.raises(Refused, match="十四.*实物、消费券"):
        reserve_awards(play.case, [play.award], by=place.head, at=play.now())
    assert play.award.disbursement is None


def test_what_the_rules_do_not_show_is_not_on_the_notice(at_stage, place, monkeypatch):
    play: Play = at_stage("notice")
    real = pack.stage_of
    monkeypatch.setattr(
        pack, "stage_of", lambda case: replace(real(case), params={**real(case).params, "shows": ["amount", "unit"]})
    )
    (row,) = snapshot("board", [replace(line, may_name=True) for line in lines_of(play.case, [play.award])])
    assert row["name"] == "" and row["category"] == "" and row["unit"] and row["amount_fen"] == 300_000
    monkeypatch.setattr(pack, "stage_of", real)
    (row,) = snapshot("board", [replace(line, may_name=True) for line in lines_of(play.case, [play.award])])
    assert row["name"] and row["category"]


def test_nothing_is_refused_where_money_may_be_given(at_stage, place, monkeypatch):
    play = at_stage("decide")
    real = pack.programme_of
    means = Means("十四", "现金或实物", ("money", "goods"))
    monkeypatch.setattr(pack, "programme_of", lambda case: replace(real(case), means=means))
    assert play.agenda().vote().case.stage_kind == "pay"
