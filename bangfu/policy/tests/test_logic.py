"""Unknown means: a missing fact could still change it. Checked against brute force over every completion."""

from __future__ import annotations

import itertools
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bangfu.policy import figures as fig
from bangfu.policy.evaluation import evaluate
from bangfu.policy.figures import Unknown
from bangfu.policy.loading import load_pack
from bangfu.policy.tests.makers import ON, pack_with, ruled

BOOLS = ["refuses_check", "has_hidden_income", "refuses_work", "has_offence"]
INTS = ["homes_count", "vehicles_count"]
VALUES = range(6)  # enough: the rules below compare with 0..4 only


def boolean() -> st.SearchStrategy[str]:
    atom = st.one_of(
        st.sampled_from(BOOLS),
        st.builds(
            lambda name, op, n: f"{name} {op} {n}",
            st.sampled_from(INTS),
            st.sampled_from(["<", "<=", ">", ">=", "=", "<>"]),
            st.integers(0, 4),
        ),
        st.builds(
            lambda name, cause: f"main_cause {name} {cause}",
            st.just("in"),
            st.sampled_from(["('illness')", "('illness', 'theft')"]),
        ),
    )
    return st.recursive(
        atom,
        lambda inner: st.one_of(
            st.builds(lambda a, b: f"({a} and {b})", inner, inner),
            st.builds(lambda a, b: f"({a} or {b})", inner, inner),
            st.builds(lambda a: f"not ({a})", inner),
            st.builds(lambda a, b, c: f"if({a}, {b}, {c})", inner, inner, inner),
        ),
        max_leaves=6,
    )


def completions(known: dict[str, Any]) -> list[dict[str, Any]]:
    space = {name: [False, True] for name in BOOLS} | {name: list(VALUES) for name in INTS}
    space["main_cause"] = ["illness", "theft", "other"]
    free = {name: values for name, values in space.items() if name not in known}
    return [{**known, **dict(zip(free, picked, strict=True))} for picked in itertools.product(*free.values())]


facts = st.fixed_dictionaries(
    {},
    optional={name: st.booleans() for name in BOOLS}
    | {name: st.integers(0, 5) for name in INTS}
    | {"main_cause": st.sampled_from(["illness", "theft", "other"])},
)


@settings(max_examples=150, deadline=None)
@given(rule=boolean(), known=facts)
@example(rule="if(refuses_check, main_cause in ('illness'), main_cause in ('illness', 'theft'))", known={})
def test_unknown_exactly_when_some_completion_changes_it(rule, known):
    pack = pack_with(rule)
    found = evaluate(pack, known, ON)
    whole = completions(known)
    results = [_plain(rule, full) for full in whole]
    wanted = "unknown" if len(set(results)) == 2 else "eligible" if results[0] else "not_eligible"
    assert found.outcome == wanted
    if wanted == "unknown":
        assert set(found.missing) == _telling(whole, results, known)
    else:
        assert found.missing == ()


def _plain(rule: str, full: dict[str, Any]) -> bool:
    """The rule as Python reads it: an oracle that knows nothing of unknowns."""
    text = rule.replace(" = ", " == ").replace("<>", "!=")
    for name in ("('illness')", "('theft')"):
        text = text.replace(name, name[:-1] + ",)")
    return bool(eval(text.replace("if(", "_if("), {"_if": lambda a, b, c: b if a else c}, full))


def _telling(whole: list[dict[str, Any]], results: list[bool], known: dict[str, Any]) -> set[str]:
    """Facts that alone can change the result: two completions that differ in that fact only."""
    found = set()
    for name in {*BOOLS, *INTS, "main_cause"} - set(known):
        groups: dict[tuple, set[bool]] = {}
        for full, result in zip(whole, results, strict=True):
            groups.setdefault(tuple(value for key, value in full.items() if key != name), set()).add(result)
        if any(len(seen) == 2 for seen in groups.values()):
            found.add(name)
    return found


@pytest.mark.parametrize(
    ("rule", "known", "outcome"),
    [
        ("refuses_check or not refuses_check", {}, "eligible"),
        ("homes_count > 2 or homes_count <= 2", {}, "eligible"),
        ("homes_count > 2 and homes_count < 1", {}, "not_eligible"),
        ("homes_count * 2 + 1 > 4 or homes_count < 2", {}, "eligible"),
        ("household_size >= 1", {}, "eligible"),  # nobody lives in less than one
        ("homes_count + vehicles_count >= 3", {"homes_count": 4}, "eligible"),
        ("homes_count - vehicles_count >= 3", {"homes_count": 4}, "unknown"),
        ("main_cause = 'illness' or main_cause <> 'illness'", {}, "eligible"),
        ("grade = 'poor' or grade <> 'poor'", {}, "eligible"),
        ("grade = 'poor'", {}, "unknown"),
    ],
)
def test_a_rule_that_no_completion_changes_is_known(rule, known, outcome):
    assert evaluate(pack_with(rule), known, ON).outcome == outcome


MEMBERS = [{"member_age": 10, "member_monthly_income_fen": 0}, {"member_age": 40}]


@pytest.mark.parametrize(
    ("rule", "members", "outcome", "missing"),
    [
        ("sum_of(members, member_monthly_income_fen) > $line", MEMBERS, "unknown", ("members[1].member_monthly_income_fen",)),
        ("sum_of(members, member_monthly_income_fen, member_age < 18) <= $line", MEMBERS, "eligible", ()),
        ("sum_of(members, member_monthly_income_fen) > $line", [{"member_monthly_income_fen": 200}, {}], "eligible", ()),
        ("count_of(members, member_age >= 18) >= 1", [{"member_age": 40}, {}], "eligible", ()),
        ("count_of(members, member_age >= 18) >= 2", [{"member_age": 40}, {}], "unknown", ("members[1].member_age",)),
        ("any_of(members, member_age >= 18)", [{}, {"member_age": 18}], "eligible", ()),
        ("all_of(members, member_age >= 18)", [{}, {"member_age": 17}], "not_eligible", ()),
        ("all_of(members, member_age >= 18)", [{}], "unknown", ("members[0].member_age",)),
        ("any_of(members, member_age >= 18)", [], "not_eligible", ()),
        ("all_of(members, member_age >= 18)", [], "eligible", ()),
        ("count_of(members) = 0", [], "eligible", ()),
        ("count_of(members) >= 0", None, "eligible", ()),
        ("count_of(members) >= 1", None, "unknown", ("members",)),
        ("max_of(members, member_age) >= 18", [{}, {"member_age": 18}], "eligible", ()),
        ("min_of(members, member_age) >= 18", [{}, {"member_age": 17}], "not_eligible", ()),
        ("min_of(members, member_age) >= 18", [{}, {"member_age": 19}], "unknown", ("members[0].member_age",)),
        ("max_of(members, member_age, is_employed) >= 18", [{"member_age": 30}], "eligible", ()),
    ],
)
def test_aggregates_are_strict_unless_already_decided(rule, members, outcome, missing):
    parameters = "line: {title: 线, unit: fen, clause: 一, values: [{from: 2016-01-01, value: 100}]}\n"
    known = {} if members is None else {"members": members}
    found = evaluate(pack_with(rule, parameters=parameters), known, ON)
    assert (found.outcome, found.missing) == (outcome, missing)


@settings(max_examples=200, deadline=None)
@given(st.integers(-(10**12), 10**12), st.integers(-(10**6), 10**6).filter(bool), st.sampled_from(["half_up", "down", "up"]))
def test_division_is_exact_and_rounds_the_absolute_value(top, bottom, mode):
    found = fig.divide(top, bottom, mode)
    exact = abs(Fraction(top, bottom))
    wanted = {"down": int(exact), "up": -int(-exact // 1), "half_up": int(exact + Fraction(1, 2))}[mode]
    assert abs(found) == wanted
    assert found == 0 or (found > 0) == ((top > 0) == (bottom > 0))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_an_interval_always_holds_the_exact_result(data):
    """Whatever the missing figures turn out to be, the bounds were right."""
    pairs = []
    for _n in range(2):
        low = data.draw(st.one_of(st.none(), st.integers(-50, 50)))
        high = data.draw(st.one_of(st.none(), st.integers(low if low is not None else -50, 60)))
        exact = data.draw(st.integers(low if low is not None else -80, high if high is not None else 80))
        pairs.append((fig.interval(low, high, frozenset({"x"})), exact))
    (a, x), (b, y) = pairs
    mode = data.draw(st.sampled_from(["half_up", "down", "up"]))
    results = [(fig.plus(a, b), x + y), (fig.times(a, b), x * y), (fig.negative(a), -x), (fig.extreme([a, b], min), min(x, y))]
    if y != 0 and b != 0:
        results.append((fig.per(a, b, mode), fig.divide(x, y, mode)))
    for found, exact in results:
        assert fig.low(found) is None or fig.low(found) <= exact
        assert fig.high(found) is None or exact <= fig.high(found)
    for op, truth in (("<", x < y), ("<=", x <= y), ("=", x == y), ("<>", x != y), (">", x > y), (">=", x >= y)):
        found = fig.compare(op, a, b)
        assert isinstance(found, Unknown) or found is truth


def test_a_divisor_of_zero_stops_with_the_clause():
    pack = pack_with("per(annual_income_fen, vehicles_count, 'down') > 0")
    with pytest.raises(Exception, match="第二条算不下去.*除数是 0"):
        evaluate(pack, {"annual_income_fen": 100, "vehicles_count": 0}, ON)


def test_min_of_nobody_stops_and_if_saves_it():
    with pytest.raises(Exception, match="第二条算不下去"):
        evaluate(pack_with("min_of(members, member_age) >= 18"), {"members": []}, ON)
    guarded = pack_with("if(any_of(members, true), min_of(members, member_age), 0) >= 18")
    assert evaluate(guarded, {"members": []}, ON).outcome == "not_eligible"


def test_a_table_without_the_row_stops_and_else_saves_it():
    table = "rate: {title: 表, unit: fen, clause: 一, values: [{from: 2016-01-01, table: {senior: 100, %s: 50}}]}\n"
    rule = "any_of(members, lookup($rate, school_stage) >= 100 * 0 + lookup($rate, 'senior'))"
    with pytest.raises(Exception, match="没有“none”这一行"):
        evaluate(pack_with(rule, parameters=table % "college"), {"members": [{"school_stage": "none"}]}, ON)
    assert (
        evaluate(pack_with(rule, parameters=table % "else"), {"members": [{"school_stage": "none"}]}, ON).outcome == "not_eligible"
    )
    assert evaluate(pack_with(rule, parameters=table % "else"), {"members": [{}]}, ON).outcome == "unknown"


def test_a_parameter_scoped_by_area_takes_the_most_particular_value():
    parameters = """
line:
  title: 低保
  unit: fen
  clause: 一
  values:
    - {from: 2016-01-01, value: 500元}
    - {from: 2016-01-01, value: 600元, where: {area_code: '530100'}}
    - {from: 2017-01-01, value: 700元, where: {area_code: '530100', is_urban: true}}
    - {from: 2018-01-01, value: 650元}
"""
    pack = pack_with("annual_income_fen < $line", parameters=parameters)

    def at(**known):
        return evaluate(pack, {"annual_income_fen": 62000, **known}, ON).outcome

    assert at(area_code="530100", is_urban=True) == "eligible"
    assert at(area_code="530100", is_urban=False) == "not_eligible"
    assert at(area_code="530100") == "unknown"
    assert at(area_code="110000", is_urban=True) == "not_eligible"
    assert evaluate(pack, {"annual_income_fen": 49999}, ON).outcome == "eligible"  # below every line there is


def test_a_day_without_a_value_stops():
    parameters = "line: {title: 线, unit: fen, clause: 一, values: [{from: 2020-01-01, value: 1元}]}\n"
    with pytest.raises(Exception, match="2017-06-01 没有适用的值"):
        evaluate(pack_with("annual_income_fen < $line", parameters=parameters), {"annual_income_fen": 1}, ON)


def test_the_same_pack_gives_the_same_bytes():
    first, second = load_pack(ruled("household_size > 2")), load_pack(ruled("household_size > 2"))
    assert first.sha256 == second.sha256
    assert evaluate(first, {"household_size": 3}, ON).canonical() == evaluate(second, {"household_size": 3}, ON).canonical()
