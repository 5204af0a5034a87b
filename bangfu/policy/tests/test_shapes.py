"""Shapes of real regulations that fresh packs wanted: two of three, a day of the year, cumulative brackets, a share of heads."""

import json
from datetime import date
from random import Random

import pytest

from bangfu.policy.columns.tests.comparing import compare
from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.facts import BadFacts, facts_from, read_facts
from bangfu.policy.loading import load_pack
from bangfu.policy.parsing import parse
from bangfu.policy.problems import BadExpression
from bangfu.policy.tests.makers import pack_with, zipped
from bangfu.policy.tests.test_plans import fen
from bangfu.policy.vocabulary import VOCABULARY

ON = date(2024, 6, 1)


def holds(when, facts, on=ON, **parts):
    return evaluate(pack_with(when, **parts), {"is_union_member": True, **facts}, on).outcome


def test_two_of_three_counts_and_asks_only_while_it_is_open():
    rule = "number_of(has_dibao, is_single_parent, is_zero_employment) >= 2"
    assert holds(rule, {"has_dibao": True, "is_single_parent": True}) == "eligible"
    assert holds(rule, {"has_dibao": False, "is_single_parent": False}) == "not_eligible"
    assert evaluate(pack_with(rule), {"has_dibao": True, "is_single_parent": False}, ON).missing == ("is_zero_employment",)


@pytest.mark.parametrize(
    ("written", "on", "day"),
    [
        ("'08-31'", date(2023, 5, 1), date(2023, 8, 31)),
        ("'08-31'", date(2024, 5, 1), date(2024, 8, 31)),
        ("'02-28'", date(2024, 5, 1), date(2024, 2, 28)),
        ("'03-01', -1", date(2025, 5, 1), date(2024, 3, 1)),
        ("'12-31', -1", date(2024, 5, 1), date(2023, 12, 31)),
        ("'01-01', 1", date(2024, 5, 1), date(2025, 1, 1)),
        ("'12-31', 1", date(2023, 5, 1), date(2024, 12, 31)),
    ],
)
def test_a_day_of_this_the_last_and_the_next_year(written, on, day):
    assert holds(f"happened_on = this_year_day({written})", {"happened_on": day.isoformat()}, on) == "eligible"


@pytest.mark.parametrize(
    "text",
    ["this_year_day('02-29')", "this_year_day('8-31')", "this_year_day(831)", "this_year_day('01-01', 2)", "number_of(has_dibao)"],
)
def test_what_is_no_such_day_or_count_is_refused_with_the_way_to_write_it(text):
    with pytest.raises(BadExpression, match=r"this_year_day\('08-31'\)|number_of\(has_dibao"):
        parse(text)


def test_a_share_of_heads_is_compared_with_heads():
    parameters = "quota: {title: 名额, clause: 一, unit: permille, values: [{from: 2020-01-01, value: 1%}]}\n"
    rule = "unit_enrolled < greatest(per(unit_headcount * $quota, 1000, 'down'), 1)"
    assert holds(rule, {"unit_enrolled": 0, "unit_headcount": 50}, parameters=parameters) == "eligible"
    assert holds(rule, {"unit_enrolled": 2, "unit_headcount": 250}, parameters=parameters) == "not_eligible"


PARAMETERS = "".join(
    [
        fen("first", "value: 5000元"), fen("r1", "value: 30%", "permille"), fen("r2", "value: 40%", "permille"),
        fen("ded", "value: 800元"), fen("ded2", "value: 400元"), fen("days", "value: 30", "day"),
    ]
)  # fmt: skip
DERIVED = """
facts:
  stay_number: {title: 本期第几次住院, type: int, entity: stay, unit: times, low: 1, ask: 医保部门}
  is_since_join: {title: 最近一次入会之后, type: bool, entity: claim}
figures:
  borne: {title: 起付线以上的自付, entity: stay, clause: 三, expr: "greatest(stay_self_paid_fen - if(stay_number = 1, $ded, $ded2), 0)"}
"""
PLAN = """
id: medical
title: 住院医疗互助
clause: 一
windows: [{clause: 四, text: 30 个工作日内交材料, of: papers_on, from: happened_on, days: $days, calendar: working_days}]
benefits:
  - id: stay
    title: 累计分段
    clause: 三
    for: [stay]
    amount:
      kind: brackets
      clause: 三
      text: 按一期累计分段
      of: sum_of(stays, borne)
      brackets: [{upto: $first, rate: $r1}, {rate: $r2}]
      cumulative: {clause: 三, text: 已补助的扣除, per: period}
  - id: each
    title: 每次分段
    clause: 三
    for: [medical]
    amount: {kind: brackets, clause: 三, text: 每次分段, list: stays, when: hospital_level >= 2, of: borne, brackets: [{upto: $first, rate: $r1}, {rate: $r2}]}
"""
FILES = {"parameters.yaml": PARAMETERS, "derived.yaml": DERIVED, "plans/a.yaml": PLAN}
STAYS = [
    {"stay_number": 1, "stay_self_paid_fen": 680_000, "hospital_level": 3},
    {"stay_number": 2, "stay_self_paid_fen": 540_000, "hospital_level": 1},
]
CLAIM = {"plan": "medical", "claim_kind": "stay", "papers_working_days": 20, "stays": STAYS, "claims": []}


def cover(**facts):
    return evaluate(load_pack(zipped(FILES)), {**CLAIM, **facts}, ON).plan("medical")


def test_cumulative_brackets_take_off_what_the_period_has_paid():
    assert cover().amount_fen == 150_000 + 240_000  # 11,000 yuan borne: 5,000 at 30 %, 6,000 at 40 %
    before = [
        {"claim_plan": "medical", "claim_benefit": "stay", "claim_fen": 190_000, "claim_on": "2024-02-01", "is_in_cover": True}
    ]
    found = cover(claims=before)
    assert found.amount_fen == 200_000 and any(step.text == "已补助的扣除" and step.binding for step in found.benefits[0].steps)
    assert cover(claims=[{**before[0], "claim_fen": 390_000}]).outcome == "not_eligible"


def test_brackets_of_each_stay_by_itself():
    assert cover(claim_kind="medical").amount_fen == 150_000 + 40_000


def test_working_days_come_as_a_fact_since_the_rules_know_no_holidays():
    assert cover(papers_working_days=31).outcome == "not_eligible"
    late = {name: value for name, value in CLAIM.items() if name != "papers_working_days"}
    assert evaluate(load_pack(zipped(FILES)), late, ON).plan("medical").missing == ("papers_working_days",)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("list: stays, ", "", "没有写 list，就不能写 when"),
        ("per: period}", "per: decade}", "只能写：period"),
        ("kind: brackets\n", "kind: fixed\n", "“cumulative”"),
    ],
)
def test_faults_are_named_where_they_stand(old, new, sentence):
    assert old in PLAN
    found = [str(problem) for problem in check(zipped({**FILES, "plans/a.yaml": PLAN.replace(old, new, 1)}))[1]]
    assert found and (sentence == "“cumulative”" or any(sentence in line for line in found)), found


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"[" * 100_000 + b"]" * 100_000, "套得太深"),
        (b'{"household_size": 3, "household_size": 9}', "“household_size”写了两次"),
        (b'{"household_size": ' + b"9" * 5000 + b"}", "太大"),
        ("{\n\"a\": \"低保\"}".encode("gb18030"), "第 2 行起不是 UTF-8"),
        (b'{"household_size" 3}', "第 1 行第 19 个字符"),
        (b"[1]", "名称: 值"),
        (b" " * 5_000_001, "太大"),
    ],
)  # fmt: skip
def test_a_facts_file_with_a_slip_gets_one_sentence(content, words):
    with pytest.raises(BadFacts) as found:
        facts_from(content)
    assert words in str(found.value) and "\n" not in str(found.value)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"member_age": 3}, "要写在members 的每一行里"),
        ({"members": [{"household_size": 3}]}, "要写在最外层"),
        ({"houshold_size": 3}, "您是不是要写“household_size”"),
        ({"area_code": 530100}, "'530100'"),
        ({"household_size": 10**30}, "超出范围"),
    ],
)
def test_a_fact_in_the_wrong_place_is_told_where_it_belongs(facts, words):
    with pytest.raises(BadFacts, match=words):
        read_facts(json.loads(json.dumps(facts)), VOCABULARY)


PROGRAMMES = """
programmes:
  - id: medical
    title: 医疗救助
    clause: 一
    fund: f
    procedure: p
    requires:
      - {clause: 一, text: 三项中两项, when: "number_of(has_dibao, is_single_parent, household_size >= 3) >= 2"}
      - {clause: 一, text: 今年三月以来没有发过, when: "not any_of(payments, paid_on >= this_year_day('03-01'))"}
    amount:
      kind: brackets
      clause: 二
      text: 累计分段
      of: medical_self_paid_fen
      brackets: [{upto: $first, rate: $r1}, {rate: $r2}]
      cumulative: {clause: 二, text: 本年已付的扣除, per: year, of: household}
  - id: stays
    title: 住院救助
    clause: 三
    fund: f
    procedure: p
    requires: []
    recurring: {clause: 三, text: 每季度一次, every: quarter, most: 3, most_within: review, review_months: 6}
    amount: {kind: brackets, clause: 三, text: 每次分段, list: stays, when: hospital_level >= 2, of: stay_self_paid_fen, brackets: [{upto: $first, rate: $r1}, {rate: $r2}]}
"""


def households(rnd, count):
    def maybe(value):
        return None if rnd.random() < 0.1 else value

    def day():
        return date(2024, rnd.randrange(1, 7), rnd.randrange(1, 28)).isoformat()

    for _number in range(count):
        payments = [
            {"paid_programme": maybe(rnd.choice(["medical", "stays"])), "paid_fen": maybe(rnd.randrange(0, 300_000)), "paid_on": day(),
             "paid_year": maybe(rnd.choice([2023, 2024])), "paid_by": maybe("own"), "is_to_applicant": True}
            for _payment in range(rnd.randrange(3))
        ]  # fmt: skip
        stays = [
            {"hospital_level": maybe(rnd.randrange(4)), "stay_self_paid_fen": maybe(rnd.randrange(1_500_000))}
            for _stay in range(rnd.randrange(3))
        ]
        facts = {
            "has_dibao": maybe(rnd.random() < 0.5), "is_single_parent": maybe(rnd.random() < 0.5), "household_size": maybe(rnd.randrange(1, 6)),
            "medical_self_paid_fen": maybe(rnd.randrange(2_000_000)), "payments": maybe(payments), "stays": maybe(stays),
            "months_since_review": maybe(rnd.randrange(12)), "reviewed_on": maybe(day()),
        }  # fmt: skip
        yield {
            name: [{key: one for key, one in row.items() if one is not None} for row in value] if isinstance(value, list) else value
            for name, value in facts.items()
            if value is not None
        }


def test_the_columns_answer_as_the_walker_does(tmp_path):
    """What the new pieces are compiled to is known to SQL: of 300 households none differs."""
    pack = load_pack(zipped({"parameters.yaml": PARAMETERS, "programmes.yaml": PROGRAMMES}))
    found = compare(tmp_path / "s", pack, list(households(Random(7), 300)), ON)
    assert found.rows == 300 and found.different == [] and found.asked < 300
