"""The urgent lane, what is done again and again, and the rules of money; three clauses each as unions write them."""

from datetime import date

import pytest

from bangfu.policy.budget import next_budget, placement_limit, short_of_minimum, top_up
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.problems import BadPack
from bangfu.policy.procedure import how_many, next_due, urgent_lane
from bangfu.policy.tests.makers import zipped

ON = date(2025, 3, 1)
PARAMETERS = """
urgent_fen: {title: 急事急办限额, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 3000元}]}
floor_fen: {title: 底线, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 300000元}]}
part_fen: {title: 每方补充, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 100000元}]}
half: {title: 一半, clause: 一, unit: permille, values: [{from: 2016-01-01, value: 50%}]}
raise: {title: 增幅, clause: 一, unit: permille, values: [{from: 2016-01-01, value: 5%}]}
fiscal_fen: {title: 财政每年最低, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 200000元}, {from: 2025-01-01, value: 250000元}]}
bond_share: {title: 国债最高占比, clause: 一, unit: permille, values: [{from: 2016-01-01, value: 40%}]}
bond_months: {title: 最长期限, clause: 一, unit: month, values: [{from: 2016-01-01, value: 36}]}
"""
PROCEDURE = """
procedures:
  - id: relief
    title: 程序
    clause: 一
    urgent:
      clause: 二
      text: 情况紧急的，可由工会主席先行救助 3,000 元以内，5 个工作日内补办手续
      who: [UNIT_CHAIR]
      up_to: $urgent_fen
      when: is_urgent or main_cause in ('accident', 'disaster')
      ratify_days: 5
      calendar: working_days
      ratified_by: [COMMITTEE_CHAIR]
    stages: [{id: pay, kind: pay, level: finance, role: [CASHIER], title: 发放, clause: 一}]
cadences:
  - {id: visit, kind: visit, clause: 三, text: 结对领导每季度至少走访一次, every: quarter, who: [PAIRED_LEADER]}
  - {id: sample, kind: sample, clause: 四, text: 每年抽查不少于 30%, every: year, share: 30%, who: [OFFICE_HEAD]}
  - {id: meeting, kind: meeting, clause: 五, text: 联席会议每年一至两次, every: year, times: 1, times_most: 2, of: 联席会议}
  - {id: appeal, kind: fundraise, clause: 六, text: 每三年公开募捐一次, every: 3 years}
  - {id: review, kind: review, clause: 七, text: 低保户每半年复核, every: half_year, when: has_dibao}
  - {id: fortnight, kind: report, clause: 八, text: 每两周报一次, every: 2 weeks}
"""
MONEY = """
funds:
  - id: relief
    title: 救助基金
    subject: 救助基金
    clause: 一
    floor: floor_fen
    budget_raise: raise
    sources:
      - 社会捐助
      - {id: company, title: 公司行政拨款, clause: 九, kind: administration}
      - {id: union, title: 公司工会经费, clause: 九, kind: budget}
      - {id: units, title: 各基层单位, clause: 九, kind: union}
      - {id: fiscal, title: 财政预算, clause: 十, kind: budget, minimum: fiscal_fen}
    top_up:
      clause: 九
      text: 余额低于 30 万元时三方各补充 10 万元
      within_days: 30
      split: [{source: company, amount: part_fen}, {source: union, amount: part_fen}, {source: units, share: half}]
    placements:
      - {kind: government_bond, clause: 十一, text: 国债不超过四成、三年, most_share: bond_share, most_months: bond_months}
    donations: {clause: 十二, text: 可以匿名捐赠, anonymous: true}
    priority:
      - {clause: 十三, text: 重病的优先, by: "any_of(members, health = 'serious')"}
      - {clause: 十三, text: 人均收入低的优先, by: 'per(annual_income_fen, household_size, ''down'')', first: low}
"""
FILES = {"parameters.yaml": PARAMETERS, "procedure.yaml": PROCEDURE, "money.yaml": MONEY}


@pytest.fixture(scope="module")
def pack():
    return load_pack(zipped(FILES))


@pytest.mark.parametrize(
    ("facts", "fen", "truth"),
    [
        ({"is_urgent": True}, 300_000, True),
        ({"is_urgent": True}, 300_001, False),
        ({"is_urgent": False, "main_cause": "disaster"}, 1, True),
        ({"is_urgent": False, "main_cause": "schooling"}, 1, False),
        ({"main_cause": "schooling"}, 1, "is_urgent"),
        ({"is_urgent": True}, None, "proposed_fen"),
    ],
)
def test_the_urgent_lane_says_who_how_much_and_by_when(pack, facts, fen, truth):
    lane, found = urgent_lane(pack, "relief", facts, on=ON, amount_fen=fen)
    assert (lane.who, lane.ratify_days, lane.calendar) == (("UNIT_CHAIR",), 5, "working_days")
    assert (sorted(found.missing)[0] if isinstance(truth, str) else found) == truth


@pytest.mark.parametrize(
    ("cadence", "last", "due"),
    [
        ("visit", "2025-11-30", "2026-02-28"),
        ("sample", "2024-02-29", "2025-02-28"),
        ("appeal", "2022-05-01", "2025-05-01"),
        ("review", "2025-08-31", "2026-02-28"),
        ("fortnight", "2025-02-20", "2025-03-06"),
    ],
)
def test_when_it_is_done_again(pack, cadence, last, due):
    assert next_due(pack.cadence(cadence), date.fromisoformat(last)).isoformat() == due


def test_a_sample_is_rounded_up(pack):
    assert [how_many(pack.cadence("sample"), n) for n in (0, 1, 10, 11)] == [0, 1, 3, 4]
    assert how_many(pack.cadence("visit"), 7) == 7


def test_floor_top_up_minimum_placement_and_budget(pack):
    fund = pack.fund("relief")
    assert fund.sources[:2] == ("社会捐助", "公司行政拨款") and fund.source_row("union").kind == "budget"
    assert top_up(pack, fund, 30_000_000, ON) == {}
    assert top_up(pack, fund, 29_999_999, ON) == {"company": 10_000_000, "union": 10_000_000, "units": 1}
    assert short_of_minimum(pack, fund, {"fiscal": 20_000_000}, ON) == {"fiscal": 5_000_000}
    assert short_of_minimum(pack, fund, {"fiscal": 20_000_000}, date(2024, 5, 1)) == {}
    assert placement_limit(pack, fund, "government_bond", 1_000_001, ON) == (400_000, 36)
    assert placement_limit(pack, fund, "other", 1_000_000, ON) is None
    assert next_budget(pack, fund, 1_000_001, ON).next_year_fen == 1_050_002
    assert [row.first for row in fund.priority] == ["high", "low"]


def test_examples_may_expect_them():
    text = """
examples:
  - name: 急事急办、定期工作和补充
    on: 2025-03-01
    facts: {is_urgent: true, has_dibao: false}
    expect:
      urgent: {procedure: relief, amount_fen: 3000元, allowed: 'true'}
      cadence: {id: review, after: 2025-03-01, due: 2025-09-01, of: 7, count: 7, applies: 'false'}
      top_up: {fund: relief, balance_fen: 250000元, calls: {company: 100000元, union: 100000元, units: 25000元}}
      minimum: {fund: relief, received: {fiscal: 0}, short: {fiscal: 250000元}}
"""
    assert [str(problem) for problem in check(zipped({**FILES, "examples/a.yaml": text}))[1]] == []
    wrong = text.replace("units: 25000元", "units: 1元").replace("due: 2025-09-01", "due: 2025-09-02").replace("'true'", "'false'")
    found = [str(problem) for problem in check(zipped({**FILES, "examples/a.yaml": wrong}))[1]]
    assert len(found) == 3 and all(line.startswith("examples/a.yaml:3: 示例") for line in found), found


FAULTS = [
    ("procedure.yaml", "share: 30%", "share: 130%", "比例要大于 0、不超过 100%"),
    ("procedure.yaml", ", share: 30%", "", "抽查要写 share"),
    ("procedure.yaml", "times_most: 2", "times_most: 0", "超出范围"),
    ("procedure.yaml", "times: 1, times_most: 2", "times: 3, times_most: 2", "最多次数不能少于最少次数"),
    ("procedure.yaml", "every: quarter", "every: often", "“every”"),
    ("procedure.yaml", "up_to: $urgent_fen", "up_to: 300000", "金额要得出分"),
    ("procedure.yaml", "ratify_days: 5", "ratify_days: 0", "超出范围"),
    ("procedure.yaml", "who: [UNIT_CHAIR]", "who: [BOSS]", "只能写：WORKER"),
    ("procedure.yaml", "id: sample", "id: visit", "代号“visit”写了两次"),
    ("money.yaml", "source: company", "source: bank", "sources 里没有代号“bank”"),
    ("money.yaml", "floor: floor_fen\n    budget", "budget", "就要写 floor"),
    ("money.yaml", "minimum: fiscal_fen", "minimum: half", "没有单位为 fen 的参数“half”"),
    ("money.yaml", "most_months: bond_months", "most_months: bond_share", "没有单位为 month 的参数"),
    ("money.yaml", "share: half", "share: half, amount: part_fen", "也只写一项"),
    ("money.yaml", "any_of(members, health = 'serious')", "main_cause", "排序要用数"),
]


@pytest.mark.parametrize(("file", "old", "new", "sentence"), FAULTS, ids=[row[3] for row in FAULTS])
def test_faults_are_named_where_they_stand(file, old, new, sentence):
    assert old in FILES[file]
    found = [str(problem) for problem in check(zipped({**FILES, file: FILES[file].replace(old, new, 1)}))[1]]
    assert any(sentence in line and line.startswith(f"{file}:") for line in found), found


NOTICE = (
    "procedures:\n  - id: relief\n    title: 程序\n    clause: 一\n    stages:\n"
    "      - {id: notice, kind: notice, level: unit, role: [UNIT_CLERK], title: 公示, clause: 二, days: 7, params: {%s}}\n"
)


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ("channels: [unit_board, radio]", "没有公示的地方“radio”，可用的有：unit_board、intranet、open_page、newspaper、tv。"),
        ("channels: [tv, tv]", "channels 里“tv”写了两次。"),
        ("channels: newspaper", "channels 要写成名单"),
        ("channels: []", "channels 要写成名单"),
    ],
)
def test_a_place_that_the_product_does_not_know_is_an_error_not_silence(params, words):
    with pytest.raises(BadPack) as found:
        load_pack(zipped({"procedure.yaml": NOTICE % params}))
    (problem,) = found.value.problems
    assert words in problem.sentence and problem.file == "procedure.yaml" and problem.line == 6 and problem.clause == "二"


@pytest.mark.parametrize("params", ["", "channels: [newspaper, tv, open_page]", "channels: [unit_board]"])
def test_places_that_it_knows_are_let_through(params):
    assert load_pack(zipped({"procedure.yaml": NOTICE % params})).procedures[0].stages[0].kind == "notice"
