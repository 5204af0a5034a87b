"""How much, how often, beside what: every way in which regulations say it, and what is refused."""

from datetime import date

import pytest

from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.tests.makers import zipped
from bangfu.policy.walker import RuleStopped

ON = date(2025, 10, 15)
PARAMETERS = """
low: {title: 最低, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 1000元}]}
high: {title: 最高, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 5000元}]}
ten: {title: 一万, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 10000元}]}
thirty: {title: 三万, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 30000元}]}
half: {title: 五成, clause: 一, unit: permille, values: [{from: 2016-01-01, value: 50%}]}
most: {title: 七成, clause: 一, unit: permille, values: [{from: 2016-01-01, value: 70%}]}
day_fen: {title: 每天, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 50元}]}
free_days: {title: 起付天数, clause: 一, unit: day, values: [{from: 2016-01-01, value: 3}]}
all_days: {title: 最多天数, clause: 一, unit: day, values: [{from: 2016-01-01, value: 90}]}
by_stage: {title: 按学段, clause: 一, unit: fen, values: [{from: 2016-01-01, table: {university: 5000元, senior: 3000元}}]}
by_class: {title: 按档次, clause: 一, unit: fen, values: [{from: 2016-01-01, table: {deep: 5000元, relative: 3000元}}]}
"""


def pack_of(programme: str, *, classes: str = "", more: str = ""):
    text = (
        "programmes:\n  - id: aid\n    title: 救助\n    clause: 一\n    fund: f\n    procedure: p\n"
        + "".join(f"    {line}\n" for line in ("requires: []\n" * ("requires" not in programme) + programme).strip().split("\n"))
        + more
    )
    return load_pack(
        zipped({"parameters.yaml": PARAMETERS, "programmes.yaml": text, **({"classes.yaml": classes} if classes else {})})
    )


def amount(spec: str, facts, on=ON):
    pack = pack_of("amount:\n  clause: 一\n  text: 金额\n" + "".join(f"  {line}\n" for line in spec.strip().split("\n")))
    found = evaluate(pack, facts, on).programme("aid")
    return found.amount_fen if found.outcome == "eligible" else found.outcome


TIERS = """
kind: tiers
tiers:
  - {when: medical_self_paid_fen >= $thirty, value: $high}
  - {when: medical_self_paid_fen >= $ten, value: $low}
"""
BRACKETS = """
kind: brackets
of: medical_self_paid_fen
brackets: [{upto: $ten, rate: $half}, {upto: $thirty, rate: $most}]
"""
EACH = "kind: each\nlist: members\nwhen: school_stage in ('senior', 'university')\nvalue: lookup($by_stage, school_stage)"
DAILY = "kind: daily\nover: $free_days\nmost_days: $all_days\nper_day: $day_fen\nwhen: hospital_level >= 2"
PERCENT = "kind: percent\nof: medical_self_paid_fen\nover: $ten\nrate: $half"
BASE = """
kind: percent
base: {clause: 二, text: 先由保险和互助保障支付, value: medical_self_paid_fen, payers: [insurance, mutual]}
of: base
rate: $half
"""


def stays(*days, level=2):
    return [{"admitted_on": "2025-01-01", "discharged_on": f"2025-01-{1 + n:02d}", "hospital_level": level} for n in days]


@pytest.mark.parametrize(
    ("spec", "facts", "fen"),
    [
        ("kind: fixed\nvalue: $low", {}, 100_000),
        (TIERS, {"medical_self_paid_fen": 3_000_000}, 500_000),
        (TIERS, {"medical_self_paid_fen": 2_999_999}, 100_000),
        (TIERS, {"medical_self_paid_fen": 999_999}, "not_eligible"),
        (TIERS + "else: $high\n", {"medical_self_paid_fen": 1}, 500_000),
        (TIERS, {}, "unknown"),
        ("kind: table\ntable: $by_stage\nkey: programme", {"programme": "aid"}, "stops"),
        ("kind: table\ntable: $by_stage\nkey: if(is_urban, 'university', 'senior')", {"is_urban": True}, 500_000),
        (BRACKETS, {"medical_self_paid_fen": 2_000_001}, 500_000 + 700_001),
        (BRACKETS, {"medical_self_paid_fen": 9_000_000}, 500_000 + 1_400_000),
        (BRACKETS, {"medical_self_paid_fen": 0}, "not_eligible"),
        (EACH, {"members": [{"school_stage": "senior"}, {"school_stage": "university"}, {"school_stage": "none"}]}, 800_000),
        (EACH, {"members": [{"school_stage": "none"}]}, "not_eligible"),
        (EACH, {}, "unknown"),
        (DAILY, {"stays": stays(10, 3, 5)}, (7 + 0 + 2) * 5_000),
        (DAILY, {"stays": stays(10, level=1)}, "not_eligible"),
        (DAILY, {"stays": [{"admitted_on": "2025-01-01", "discharged_on": "2025-09-01", "hospital_level": 3}]}, 90 * 5_000),
        (PERCENT, {"medical_self_paid_fen": 1_400_000}, 200_000),
        (PERCENT + "\nleast: $low", {"medical_self_paid_fen": 1_000_100}, 100_000),
        (PERCENT + "\nleast: $low", {"medical_self_paid_fen": 900_000}, "not_eligible"),
        (BASE, {"medical_self_paid_fen": 1_000_000, "insurance_paid_fen": 300_000, "mutual_aid_paid_fen": 100_000}, 300_000),
        (BASE, {"medical_self_paid_fen": 1_000_000, "insurance_paid_fen": 900_000, "mutual_aid_paid_fen": 200_000}, "not_eligible"),
        (BASE, {"medical_self_paid_fen": 1_000_000, "insurance_paid_fen": 0}, "unknown"),
        ("kind: fixed\nvalue: $high\nbase: {clause: 二, text: 不超过自付, value: medical_self_paid_fen}", {"medical_self_paid_fen": 7}, 7),
        (PERCENT + "\nround: {to: 100元, mode: up}", {"medical_self_paid_fen": 1_001_000}, 10_000),
        (PERCENT + "\nround: {to: 100元, mode: half_up}", {"medical_self_paid_fen": 1_001_000}, "not_eligible"),
        (PERCENT + "\nround: {to: 10元, mode: half_up}\ncaps: [{clause: 三, text: 限额, limit: medical_self_paid_fen - $ten}]",
         {"medical_self_paid_fen": 1_000_001}, "not_eligible"),
    ],
)  # fmt: skip
def test_each_kind_of_amount(spec, facts, fen):
    if fen == "stops":
        with pytest.raises(RuleStopped, match="没有“aid”这一行"):
            amount(spec, facts)
    else:
        assert amount(spec, facts) == fen


def test_a_rounded_amount_shows_its_steps_and_never_goes_above_a_ceiling():
    spec = "amount: {kind: choice, clause: 一, text: 幅度, low: $low, high: $high, round: {to: 100元, mode: up, text: 不足百元按百元计},"
    pack = pack_of(spec + " caps: [{clause: 二, text: 不超过自付, limit: medical_self_paid_fen}]}")
    found = evaluate(pack, {"asked_fen": 234_500, "medical_self_paid_fen": 900_000}, ON).programme("aid")
    assert found.amount_fen == 240_000
    found = evaluate(pack, {"asked_fen": 234_500, "medical_self_paid_fen": 236_000}, ON).programme("aid")
    assert found.amount_fen == 230_000
    assert [(step.kind, step.amount_fen, step.binding) for step in found.steps] == [
        ("asked", 234_500, False), ("low", 100_000, False), ("high", 500_000, False), ("cap", 236_000, True), ("round", 230_000, False),
    ]  # fmt: skip


FIXED = "amount: {kind: fixed, clause: 一, text: 定额, value: $low}\n"


def paid(on="2025-09-02", programme="aid", **more):
    row = {"paid_programme": programme, "paid_fen": 50_000, "paid_on": on, "paid_year": int(on[:4]), "paid_by": "own"}
    return {**row, "is_to_applicant": True, "is_same_event": False, "is_to_student": True, **more}


OTHER = """
  - {id: other, title: 另一项, clause: 一, fund: f, procedure: p, group: living, requires: [], amount: {kind: fixed, clause: 一, text: 定额, value: $high}}
"""


@pytest.mark.parametrize(
    ("rule", "payment", "outcome"),
    [
        ("once: [{clause: 二, text: 每月一次, per: month}]", paid("2025-10-01"), "not_eligible"),
        ("once: [{clause: 二, text: 每月一次, per: month}]", paid("2025-09-30"), "eligible"),
        ("once: [{clause: 二, text: 每季一次, per: quarter}]", paid("2025-10-01"), "not_eligible"),
        ("once: [{clause: 二, text: 每半年一次, per: half_year}]", paid("2025-06-30"), "eligible"),
        ("once: [{clause: 二, text: 每学年一次, per: school_year}]", paid("2025-09-01"), "not_eligible"),
        ("once: [{clause: 二, text: 每学年一次, per: school_year}]", paid("2025-08-31"), "eligible"),
        ("once: [{clause: 二, text: 每年一次, per: year}]", paid("2025-01-01"), "not_eligible"),
        ("once: [{clause: 二, text: 每年两次, per: year, most: 2}]", paid("2025-01-01"), "eligible"),
        ("once: [{clause: 二, text: 只一次, per: lifetime}]", paid("1999-01-01"), "not_eligible"),
        ("once: [{clause: 二, text: 同一病种每年一次, per: year, where: is_same_event}]", paid(), "eligible"),
        ("once: [{clause: 二, text: 同一事由一次, per: event}]", paid(is_same_event=True), "not_eligible"),
        ("once: [{clause: 二, text: 每个学生一次, per: year, of: student}]", paid(is_to_student=False), "eligible"),
        ("excludes: [{clause: 二, text: 不得同时享受, programmes: [other]}]", paid(programme="other"), "not_eligible"),
        ("excludes: [{clause: 二, text: 不得同时享受, programmes: [other]}]", paid("2024-09-01", "other"), "eligible"),
        (
            "excludes: [{clause: 二, text: 不得同时享受, group: living, within: lifetime}]",
            paid("2024-09-01", "other"),
            "not_eligible",
        ),
        ("excludes: [{clause: 二, text: 不得同时享受, programmes: [other]}]", paid(), "eligible"),
        ("recurring: {clause: 二, text: 按月发放, every: month, most: 6}", paid(), "eligible"),
        ("recurring: {clause: 二, text: 按月发放, every: month}", paid("2025-10-02"), "not_eligible"),
        ("recurring: {clause: 二, text: 最多一期, every: quarter, most: 1}", paid("2024-10-02"), "not_eligible"),
        ("window: {clause: 二, text: 七八月受理, from: '07-01', to: '08-31'}", paid(), "not_eligible"),
        ("window: {clause: 二, text: 冬季受理, from: '10-15', to: '03-15'}", paid(), "eligible"),
    ],
)
def test_how_often_and_beside_what(rule, payment, outcome):
    pack = pack_of(rule + "\n" + FIXED, more=OTHER)
    found = evaluate(pack, {"payments": [payment]}, ON)
    assert found.programme("aid").outcome == outcome
    if outcome == "not_eligible":
        row = next(row for row in found.reasons if row.about == "aid" and row.truth == "false")
        assert row.clause == "二" and row.role == rule.split(":")[0].replace("recurring", "once").replace("window", "condition")


def test_a_ceiling_over_a_group_counts_all_of_it():
    rule = "group: living\n" + FIXED.replace(
        "value: $low", "value: $low, caps: [{clause: 二, text: 两项合计, limit: $low, per: year, group: living}]"
    )
    pack = pack_of(rule, more=OTHER)
    found = evaluate(pack, {"payments": [paid(programme="other"), paid()]}, ON)
    assert found.programme("aid").outcome == "not_eligible"
    assert evaluate(pack, {"payments": [paid(programme="other")]}, ON).programme("aid").amount_fen == 50_000


CLASSES = """
sets:
  - id: national
    title: 类别
    classes:
      - {id: deep, title: 深度, clause: 一, requires: {clause: 一, text: 深度, when: annual_income_fen < $low}}
      - {id: relative, title: 相对, clause: 一, requires: {clause: 一, text: 相对, when: annual_income_fen < $high}}
"""


def test_an_amount_is_not_asked_of_a_household_that_does_not_qualify():
    rule = "requires: [{clause: 一, text: 有档次, when: class <> 'none'}]\namount: {kind: table, clause: 一, text: 按档次, table: $by_class, key: class}\n"
    pack = pack_of(rule, classes=CLASSES)
    assert evaluate(pack, {"annual_income_fen": 1}, ON).programme("aid").amount_fen == 500_000
    assert evaluate(pack, {"annual_income_fen": 10**9}, ON).programme("aid").outcome == "not_eligible"
    assert evaluate(pack, {}, ON).programme("aid").outcome == "unknown"


FAULTS = [
    ("amount: {kind: tiers, clause: 一, text: 无, value: $low}", "“amount”里少了“tiers”"),
    ("amount: {kind: fixed, clause: 一, text: 无, value: $low, rate: $half}", "“rate”和这里写的 kind 互相矛盾"),
    ("amount: {kind: fixed, clause: 一, text: 无, value: base}", "base 只能用在写了 base 的 amount 里"),
    ("amount: {kind: percent, clause: 一, text: 无, of: medical_self_paid_fen, rate: 50}", "比例要写成"),
    ("amount: {kind: percent, clause: 一, text: 无, of: household_size, rate: $half}", "金额要得出分"),
    ("amount: {kind: table, clause: 一, text: 无, table: $low, key: main_cause}", "不是表参数"),
    ("amount: {kind: each, clause: 一, text: 无, list: members, value: paid_fen}", "sum_of(payments, …)"),
    ("amount: {kind: brackets, clause: 一, text: 无, of: asked_fen, brackets: [{rate: $half}, {rate: $most}]}", "每段都要写 upto"),
    ("amount: {kind: fixed, clause: 一, text: 无, value: $low, round: {to: 0元, mode: up}}", "要大于 0"),
    ("amount: {kind: fixed, clause: 一, text: 无, value: $low, round: {to: 十元, mode: up}}", "不是金额"),
    (FIXED + "once: [{clause: 二, text: 无, per: decade}]", "“per”只能写"),
    (FIXED + "once: [{clause: 二, text: 无, per: year, over: [nothing]}]", "没有项目“nothing”"),
    (FIXED + "excludes: [{clause: 二, text: 无}]", "programmes"),
    (FIXED + "excludes: [{clause: 二, text: 无, group: nobody}]", "没有哪个项目写了 group: nobody"),
    (FIXED + "window: {clause: 二, text: 无, from: '13-01', to: '08-31'}", "要写月日"),
    (FIXED + "once: [{clause: 二, text: 无, per: year, where: household_size}]", "and 里要用是非"),
]  # fmt: skip


@pytest.mark.parametrize(("programme", "sentence"), FAULTS, ids=[sentence for _programme, sentence in FAULTS])
def test_faults_are_named_where_they_stand(programme, sentence):
    text = "programmes:\n  - id: aid\n    title: 救助\n    clause: 一\n    fund: f\n    procedure: p\n    requires: []\n"
    text += "".join(f"    {line}\n" for line in programme.strip().split("\n"))
    found = [str(problem) for problem in check(zipped({"parameters.yaml": PARAMETERS, "programmes.yaml": text}))[1]]
    assert any(sentence in line for line in found), found
    assert all(line.startswith("programmes.yaml:") and line.endswith("。") for line in found), found
