"""Words that regulations use, each as one expression: places, consecutive months, whole months and years, guards."""

from datetime import date

import pytest

from bangfu.policy.evaluation import evaluate
from bangfu.policy.facts import BadFacts
from bangfu.policy.loading import load_pack
from bangfu.policy.tests.makers import ON, pack_with, ruled
from bangfu.policy.walker import RuleStopped

LINE = """
line:
  title: 低保标准
  unit: fen
  clause: 一
  values:
    - {from: 2016-01-01, value: 400元}
    - {from: 2016-01-01, value: 500元, where: {area_code: '53'}}
    - {from: 2016-01-01, value: 600元, where: {area_code: '5301'}}
    - {from: 2016-01-01, value: 700元, where: {area_code: '5301', is_urban: true}}
    - {from: 2016-01-01, value: 800元, where: {unit: GROUP}}
    - {from: 2016-01-01, value: 900元, where: {unit: DEPOT}}
"""


def line(**facts):
    pack = pack_with("asked_fen > $line", parameters=LINE)
    found = evaluate(pack, {"asked_fen": 0, **facts}, ON)
    return found.reasons[-1].threshold, found.outcome


@pytest.mark.parametrize(
    ("facts", "fen"),
    [
        ({"area_code": "110101", "is_urban": True, "unit_path": "X"}, 40_000),
        ({"area_code": "532500", "is_urban": True, "unit_path": "X"}, 50_000),
        ({"area_code": "530102", "is_urban": False, "unit_path": "X"}, 60_000),
        ({"area_code": "530102", "is_urban": True, "unit_path": "X"}, 70_000),
        ({"area_code": "110101", "is_urban": False, "unit_path": "ROOT/GROUP/SHOP"}, 80_000),
        ({"area_code": "110101", "is_urban": False, "unit_path": "ROOT/GROUP/DEPOT"}, 90_000),
    ],
)
def test_the_smaller_place_wins(facts, fen):
    assert line(**facts) == (fen, "not_eligible")


def test_a_place_that_is_not_known_is_asked_for_only_if_it_decides():
    pack = pack_with("asked_fen > $line", parameters=LINE)
    assert evaluate(pack, {"asked_fen": 90_001}, ON).outcome == "eligible"
    found = evaluate(pack, {"asked_fen": 45_000, "unit_path": "X", "is_urban": True}, ON)
    assert (found.outcome, found.missing) == ("unknown", ("area_code",))


def months(*incomes, ago=None):
    return [
        {**({} if income is None else {"month_income_fen": income}), **({"months_ago": ago[n]} if ago else {})}
        for n, income in enumerate(incomes)
    ]


RUN = "run_of(months, month_income_fen < annual_income_fen) >= 3"


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        (months(1, 1, 1, 9), "eligible"),
        (months(1, 1, 9, 1, 1), "not_eligible"),
        (months(1, 1, None, 1), "unknown"),
        (months(1, None, 9, 1), "not_eligible"),  # at most two in a row whatever the missing month was
        (months(1, 1, 1, None), "eligible"),
        (months(1, 1, 1, ago=[1, 2, 4]), "not_eligible"),  # a gap ends the run
        (months(1, 1, 1, ago=[3, 1, 2]), "eligible"),  # in any order
        (None, "unknown"),
        ([], "not_eligible"),
    ],
)
def test_consecutive_months(rows, outcome):
    facts = {"annual_income_fen": 5, **({} if rows is None else {"months": rows})}
    found = evaluate(pack_with(RUN), facts, ON)
    assert found.outcome == outcome
    assert bool(found.missing) == (outcome == "unknown")


def test_the_same_month_twice_stops_with_the_clause():
    with pytest.raises(RuleStopped, match="第二条.*写了两次"):
        evaluate(pack_with(RUN), {"annual_income_fen": 5, "months": months(1, 1, ago=[2, 2])}, ON)


@pytest.mark.parametrize(
    ("rule", "enrolled", "outcome"),
    [
        ("months_between(enrolled_on, today) >= 1", "2017-05-01", "eligible"),
        ("months_between(enrolled_on, today) >= 1", "2017-05-02", "not_eligible"),
        ("years_between(enrolled_on, today) >= 10", "2007-06-01", "eligible"),
        ("years_between(enrolled_on, today) >= 10", "2007-06-02", "not_eligible"),
        ("years_between(enrolled_on, today) >= 10", None, "unknown"),
        ("enrolled_on >= school_year_start", "2016-09-01", "eligible"),
        ("enrolled_on >= school_year_start", "2016-08-31", "not_eligible"),
        ("enrolled_on >= quarter_start and this_month_day between 601 and 630", "2017-04-01", "eligible"),
        ("today between half_year_start and today and year_start < month_start", None, "eligible"),
    ],
)
def test_whole_months_years_and_the_calendar(rule, enrolled, outcome):
    facts = {} if enrolled is None else {"enrolled_on": enrolled}
    assert evaluate(pack_with(rule), facts, date(2017, 6, 1)).outcome == outcome


def test_the_last_day_of_a_short_month_is_not_yet_a_month_later():
    rule = "months_between(enrolled_on, today) >= 1"
    assert evaluate(pack_with(rule), {"enrolled_on": "2017-01-31"}, date(2017, 2, 28)).outcome == "not_eligible"


GUARDED = "annual_income_fen > 0 and per(medical_self_paid_fen * 100, annual_income_fen, 'down') >= 40"


def test_a_guard_before_a_division_keeps_the_rule_going():
    assert evaluate(pack_with(GUARDED), {"annual_income_fen": 0, "medical_self_paid_fen": 1}, ON).outcome == "not_eligible"
    turned = "per(medical_self_paid_fen * 100, annual_income_fen, 'down') >= 40 and annual_income_fen > 0"
    with pytest.raises(RuleStopped, match="除数是 0"):
        evaluate(pack_with(turned), {"annual_income_fen": 0, "medical_self_paid_fen": 1}, ON)


def test_units_and_lists_are_checked():
    for rule, word in [
        ("months_between(today, household_size) > 1", "两个日期"),
        ("years_between(today) > 1", "两项"),
        ("months_between(enrolled_on, today) > household_size", "单位不同"),
        ("run_of(members, is_employed) > 1", "months"),
        ("enrolled_on > this_year", "不能比较"),
        ("count_of(claim) > 1", "claims"),
    ]:
        with pytest.raises(Exception, match=word):
            load_pack(ruled(rule))
    with pytest.raises(BadFacts, match="代码只用字母"):
        evaluate(pack_with("asked_fen > 0"), {"unit_path": "A//B"}, ON)
