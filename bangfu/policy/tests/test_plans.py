"""Mutual-aid plans: joining and fee, waiting, benefits of every shape, what is not covered. Source: data/plans.json."""

from datetime import date

import pytest

from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.facts import BadFacts
from bangfu.policy.loading import load_pack
from bangfu.policy.outcome import from_json
from bangfu.policy.tests.makers import zipped

ON = date(2025, 6, 1)


def fen(name, text, unit="fen"):
    return f"{name}: {{title: {name}, clause: 一, unit: {unit}, values: [{{from: 2010-01-01, {text}}}]}}\n"


PARAMETERS = "".join(
    [
        fen("fee_fen", "value: 80元"), fen("union_fen", "value: 30元"), fen("per_day", "value: 50元"), fen("most_fen", "value: 4500元"),
        fen("critical_fen", "value: 10000元"), fen("reduced_fen", "value: 500元"), fen("women_fee", "value: 55元"),
        fen("women_fen", "value: 15000元"), fen("least_fen", "value: 100元"), fen("death_fen", "value: 30000元"),
        fen("disability_fen", "value: 20000元"), fen("self_over", "value: 1300元"), fen("self_cap", "value: 200000元"),
        fen("free_days", "value: 3", "day"), fen("exempt", "value: 30", "day"), fen("reduced", "value: 90", "day"),
        fen("women_exempt", "value: 180", "day"), fen("claim_days", "value: 60", "day"), fen("union_share", "value: 30%", "permille"),
        fen("half", "value: 50%", "permille"), fen("join_share", "value: 80%", "permille"), fen("all_below", "value: 30", "person"),
        fen("least_people", "value: 10", "person"), fen("men_age", "value: 60", "year"), fen("women_age", "value: 55", "year"),
        fen("rates", "table: {province: 10.5%, city: 8.4%, county: 6.3%, community: 0%}", "permille"),
        fen("grades", "table: {1: 100%, 2: 80%, 10: 10%, else: 0%}", "permille"),
        "cancers: {title: 病种, clause: 一, type: code, values: [{from: 2010-01-01, list: [breast, ovary, cervix]}]}\n",
    ]
)  # fmt: skip
ALLOWANCE = """
id: inpatient
title: 住院津贴综合互助保障计划
clause: 二
period_months: 12
fee: {clause: 二, text: 每份 80 元, kind: fixed, value: $fee_fen}
payers: [{id: union, title: 工会, amount: $union_fen}, {id: self, title: 本人, rest: true}]
joins:
  - {clause: 三, text: 男不满 60 周岁、女不满 55 周岁, when: "worker_age < if(worker_sex = 'M', $men_age, $women_age)"}
  - {clause: 三, text: 在职并参加基本医保, when: is_in_service and has_basic_medical}
participation: {clause: 四, text: 参保率 80% 以上且不少于 10 人；不足 30 人的全员参加, least_share: $join_share, least_people: $least_people, all_below: $all_below}
covered: {clause: 五, text: 事由发生在保障期内}
windows:
  - {clause: 六, text: 出险后 60 天内交齐材料, of: papers_on, from: happened_on, days: $claim_days}
waiting:
  clause: 七
  text: 生效 30 天内不给付
  benefits: [critical]
  waived: {when: is_renewal}
  bands:
    - {upto: $exempt}
    - {upto: $reduced, value: $reduced_fen, text: 31 至 90 天给付 500 元}
exclusions:
  - {clause: 八, text: 自伤、犯罪、酒驾等不给付, when: has_excluded_cause}
benefits:
  - id: daily
    title: 住院津贴
    clause: 九
    for: [stay]
    amount: {kind: daily, clause: 九, text: 每次住院第 4 天起每天 50 元, over: $free_days, per_day: $per_day, when: hospital_level >= 2,
             caps: [{clause: 九, text: 一期最高 4500 元, limit: $most_fen, per: period}]}
  - id: critical
    title: 重大疾病
    clause: 十
    for: [critical]
    requires: [{clause: 十, text: 首次确诊, when: is_first_diagnosis}]
    ends_cover: {clause: 十, text: 给付后本期责任终止}
    amount: {kind: fixed, clause: 十, text: 一次给付 10000 元, value: $critical_fen}
"""
WOMEN = """
id: women
title: 女职工安康互助保险
clause: 二
fee: {clause: 二, text: 每份 55 元, kind: fixed, value: $women_fee, per: share}
payers: [{id: union, share: $union_share}, {id: self, rest: true}]
shares: {clause: 二, text: 最多 2 份, most: 2}
joins: [{clause: 三, text: 在职女职工, when: worker_sex = 'F' and is_in_service}]
waiting: {clause: 七, text: 首次参保 180 天内不给付, from: enrolled_on, bands: [{upto: $women_exempt}]}
exclusions: [{clause: 八, text: 参保前已患, when: has_prior_illness}]
benefits:
  - id: cancer
    title: 原发性癌症
    clause: 九
    for: [women, critical]
    requires: [{clause: 九, text: 五种原发癌, when: disease in $cancers}]
    once: [{clause: 九, text: 一期一次, per: period}]
    amount: {kind: fixed, clause: 九, text: 每份 15000 元, value: $women_fen, per: share}
"""
ACCIDENT = """
id: accident
title: 意外伤害互助保障
clause: 二
stacking: [{clause: 十, text: 伤残与身故不可兼得, greatest: [disability, death]}]
caps: [{clause: 十, text: 一期最高 30000 元, limit: $death_fen, per: period}]
benefits:
  - {id: disability, title: 伤残, clause: 九, amount: {kind: formula, clause: 九, text: 按等级, value: "per($disability_fen * lookup($grades, disability_level), 1000, 'half_up')"}}
  - {id: death, title: 身故, clause: 九, amount: {kind: tiers, clause: 九, text: 身故, tiers: [{when: claim_kind = 'death', value: $death_fen}]}}
  - {id: pooled, title: 住院补贴, clause: 九, amount: {kind: percent, clause: 九, text: 按医院级别, list: stays, of: stay_pooled_fen, rate: "lookup($rates, stay_rank)", least: $least_fen}, once: [{clause: 九, text: 每期两次, per: period, most: 2}]}
  - {id: second, title: 二次报销, clause: 九, amount: {kind: percent, clause: 九, text: 自付一超过起付线部分的一半, of: claimed_self_paid_fen, over: $self_over, rate: $half, caps: [{clause: 九, text: 最高 20 万元, limit: $self_cap}]}}
"""
FILES = {"parameters.yaml": PARAMETERS, "plans/a.yaml": ALLOWANCE, "plans/b.yaml": WOMEN, "plans/c.yaml": ACCIDENT}


@pytest.fixture(scope="module")
def pack():
    return load_pack(zipped(FILES))


def claim(plan="inpatient", **facts):
    base = {"plan": plan, "cover_from": "2025-01-01", "cover_to": "2025-12-31", "enrolled_on": "2025-01-01", "is_renewal": False}
    base |= {"happened_on": "2025-05-01", "papers_on": "2025-05-20", "has_excluded_cause": False, "claims": [], "shares": 1}
    return {**base, "has_prior_illness": False, "stays": [], **facts}


def stay(days, level=2, **more):
    return {"admitted_on": "2025-05-01", "discharged_on": f"2025-05-{1 + days:02d}", "hospital_level": level, **more}


def paid(**more):
    row = {"claim_plan": "inpatient", "claim_benefit": "daily", "claim_fen": 440_000, "claim_on": "2025-02-01"}
    return {**row, "is_in_cover": True, "is_same_illness": False, **more}


@pytest.mark.parametrize(
    ("facts", "fen"),
    [
        ({"claim_kind": "stay", "stays": [stay(10), stay(5), stay(20, 1)]}, (7 + 2) * 5_000),
        ({"claim_kind": "stay", "stays": [stay(10)], "claims": [paid()]}, 10_000),
        ({"claim_kind": "stay", "stays": [stay(10)], "claims": [paid(is_in_cover=False)]}, 35_000),
        ({"claim_kind": "stay", "stays": [stay(3)]}, 0),
        ({"claim_kind": "stay", "stays": [stay(10)], "papers_on": "2025-07-01"}, 0),
        ({"claim_kind": "stay", "stays": [stay(10)], "happened_on": "2026-01-01", "papers_on": "2026-01-02"}, 0),
        ({"claim_kind": "stay", "stays": [stay(10)], "has_excluded_cause": True}, 0),
        ({"claim_kind": "stay", "stays": [stay(10)], "happened_on": "2025-01-02", "papers_on": "2025-01-02"}, 35_000),
        ({"claim_kind": "critical", "is_first_diagnosis": True}, 1_000_000),
        ({"claim_kind": "critical", "is_first_diagnosis": True, "happened_on": "2025-04-01"}, 50_000),
        ({"claim_kind": "critical", "is_first_diagnosis": True, "happened_on": "2025-04-02"}, 1_000_000),
        ({"claim_kind": "critical", "is_first_diagnosis": True, "happened_on": "2025-01-31", "papers_on": "2025-02-01"}, 0),
        ({"claim_kind": "critical", "is_first_diagnosis": True, "happened_on": "2025-01-31", "papers_on": "2025-02-01", "is_renewal": True}, 1_000_000),
        ({"claim_kind": "stay", "stays": [stay(10)], "claims": [paid(claim_benefit="critical")]}, 0),  # the cover is over
        ({"claim_kind": "stay"} | {"stays": None}, None),
        ({"claim_kind": "critical", "is_first_diagnosis": True, "happened_on": None}, None),
        ({"plan": "women", "claim_kind": "women", "disease": "breast", "shares": 2, "happened_on": "2025-08-01"}, 3_000_000),
        ({"plan": "women", "claim_kind": "women", "disease": "breast", "happened_on": "2025-06-30"}, 0),
        ({"plan": "women", "claim_kind": "women", "disease": "lung", "happened_on": "2025-08-01"}, 0),
        ({"plan": "women", "claim_kind": "women", "disease": "breast", "happened_on": "2025-08-01", "has_prior_illness": True}, 0),
        ({"plan": "accident", "claim_kind": "disability", "disability_level": 2, "claimed_self_paid_fen": 0}, 1_600_000),
        ({"plan": "accident", "claim_kind": "death", "disability_level": 1, "claimed_self_paid_fen": 0}, 3_000_000),
        ({"plan": "accident", "claim_kind": "accident", "disability_level": 0, "claimed_self_paid_fen": 330_000}, 100_000),
        ({"plan": "accident", "claim_kind": "accident", "disability_level": 0, "claimed_self_paid_fen": 0,
          "stays": [stay(3, stay_pooled_fen=1_000_000, stay_rank="province"), stay(2, stay_pooled_fen=100_001, stay_rank="county")]}, 105_000 + 6_300),
        ({"plan": "accident", "claim_kind": "accident", "disability_level": 0, "claimed_self_paid_fen": 0,
          "stays": [stay(3, stay_pooled_fen=1_000, stay_rank="province")]}, 10_000),
        ({"plan": "accident", "claim_kind": "death", "disability_level": 0, "claimed_self_paid_fen": 130_200}, 3_000_000),
    ],
)  # fmt: skip
def test_claims(pack, facts, fen):
    facts = {name: value for name, value in claim(**facts).items() if value is not None}
    found = evaluate(pack, facts, ON)
    cover = found.plans[0]
    assert (cover.amount_fen, found.outcome) == (fen, "unknown" if fen is None else "eligible" if fen else "not_eligible")
    assert found.outcome == cover.outcome and bool(cover.missing) == (fen is None)
    assert from_json(found.to_json()) == found


def test_what_is_missing_is_named_and_an_end_of_cover_is_said(pack):
    facts = claim(claim_kind="critical")
    assert evaluate(pack, facts, ON).missing == ("is_first_diagnosis",)
    found = evaluate(pack, {**facts, "is_first_diagnosis": True}, ON).plan("inpatient")
    assert found.ends_cover and [row.outcome for row in found.benefits] == ["not_eligible", "eligible"]


def test_disability_and_death_are_not_paid_both(pack):
    found = evaluate(pack, claim("accident", claim_kind="death", disability_level=2, claimed_self_paid_fen=0), ON)
    assert [(row.id, row.amount_fen) for row in found.plans[0].benefits][:2] == [
        ("accident.disability", 0),
        ("accident.death", 3_000_000),
    ]
    assert [row.clause for row in found.reasons if row.role == "stacking"] == ["十"]


@pytest.mark.parametrize(
    ("facts", "outcome", "fee", "split"),
    [
        ({"worker_sex": "M", "worker_age": 59}, "eligible", 8_000, {"union": 3_000, "self": 5_000}),
        ({"worker_sex": "F", "worker_age": 55}, "not_eligible", 8_000, {"union": 3_000, "self": 5_000}),
        ({"worker_sex": "M", "worker_age": 30, "unit_headcount": 100, "unit_enrolled": 79}, "not_eligible", 8_000, {"union": 3_000, "self": 5_000}),
        ({"worker_sex": "M", "worker_age": 30, "unit_headcount": 29, "unit_enrolled": 28}, "not_eligible", 8_000, {"union": 3_000, "self": 5_000}),
        ({"worker_age": 58}, "unknown", 8_000, {"union": 3_000, "self": 5_000}),
        ({"plan": "women", "worker_sex": "F", "shares": 2}, "eligible", 11_000, {"union": 3_300, "self": 7_700}),
        ({"plan": "women", "worker_sex": "F", "shares": 3}, "not_eligible", 16_500, {"union": 4_950, "self": 11_550}),
        ({"plan": "women", "worker_sex": "F"}, "unknown", None, {"union": None, "self": None}),
    ],
)  # fmt: skip
def test_joining(pack, facts, outcome, fee, split):
    base = {
        "plan": "inpatient",
        "is_enrolling": True,
        "is_in_service": True,
        "has_basic_medical": True,
        "unit_headcount": 100,
        "unit_enrolled": 80,
    }
    found = evaluate(pack, {**base, **facts}, ON)
    assert (found.outcome, found.plans[0].joins, found.plans[0].fee_fen, found.plans[0].split) == (outcome, outcome, fee, split)


def test_a_plan_that_is_not_there_is_named(pack):
    with pytest.raises(BadFacts, match="没有计划“other”，有：inpatient、women、accident"):
        evaluate(pack, {"plan": "other"}, ON)


def test_an_example_may_expect_a_plan():
    text = """
examples:
  - name: 住院 10 天
    on: 2025-06-01
    facts: {plan: inpatient, claim_kind: stay, cover_from: 2025-01-01, cover_to: 2025-12-31, happened_on: 2025-05-01, papers_on: 2025-05-02,
            has_excluded_cause: false, claims: [], is_renewal: false, stays: [{admitted_on: 2025-05-01, discharged_on: 2025-05-11, hospital_level: 2}]}
    expect: {plans: {inpatient: {outcome: eligible, amount_fen: 350元, ends_cover: false, missing: [], benefits: {daily: {amount_fen: 350元}}}}}
"""
    assert [str(one) for one in check(zipped({**FILES, "examples/a.yaml": text}))[1]] == []
    wrong = text.replace("amount_fen: 350元, ends", "amount_fen: 351元, ends").replace("{daily:", "{weekly:")
    assert len(check(zipped({**FILES, "examples/a.yaml": wrong}))[1]) == 2


def test_papers_of_a_claim_are_those_of_its_plan():
    paper = "items:\n  - {id: bill, title: 结算单, clause: 九, programmes: [inpatient], when: claim_kind = 'stay'}\n"
    paper += "  - {id: proof, title: 病理报告, clause: 九, programmes: [women]}\n"
    text = (
        "examples:\n"
        "  - {name: 住院, on: 2025-06-01, facts: {plan: inpatient, claim_kind: stay}, expect: {evidence: [bill]}}\n"
        "  - {name: 事故, on: 2025-06-01, facts: {plan: inpatient, claim_kind: accident}, expect: {evidence: []}}\n"
        "  - {name: 女职工, on: 2025-06-01, facts: {plan: women}, expect: {evidence: [proof]}}\n"
    )
    files = {**FILES, "evidence.yaml": paper, "examples/a.yaml": text}
    assert [str(one) for one in check(zipped(files))[1]] == []
    found = [str(one) for one in check(zipped({**files, "evidence.yaml": paper.replace("[women]", "[men]")}))[1]]
    assert any("没有“men”" in line for line in found), found


FAULTS = [
    ("id: women", "id: inpatient", "代号“inpatient”写了两次"),
    ("for: [women, critical]", "for: [war]", "没有“war”"),
    ("from: enrolled_on", "from: birthday", "没有名称“birthday”"),
    ("per: share}\npayers", "per: family}\npayers", "只能写：person、share"),
    ("{id: union, share: $union_share}", "{id: union}", "里要写一项，也只写一项：share、amount、rest"),
    ("{id: union, share: $union_share}", "{id: union, rest: true}", "只能有一方负担其余部分"),
    ("bands: [{upto: $women_exempt}]", "bands: [{upto: $women_fee}]", "单位不同"),
    ("kind: fixed, clause: 九", "kind: choice, clause: 九", "“kind”只能写"),
    ("disease in $cancers", "disease in $rates", "不是名单参数"),
    ("value: $women_fen", "value: $half", "金额要得出分"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), FAULTS, ids=[row[2] for row in FAULTS])
def test_faults_are_named_where_they_stand(old, new, sentence):
    assert old in WOMEN
    found = [str(one) for one in check(zipped({**FILES, "plans/b.yaml": WOMEN.replace(old, new, 1)}))[1]]
    assert any(sentence in line and line.startswith("plans/b.yaml:") for line in found), found
