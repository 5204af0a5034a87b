"""What real regulations wanted of the language: means, matters without money, escalation, shares that are void, reviews that stop."""

from datetime import date, timedelta

import pytest

from bangfu.lib.errors import Refused
from bangfu.policy.difference import versions
from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.outline import by_clause, rows
from bangfu.policy.procedure import matter_due
from bangfu.policy.tests.makers import HEAD, zipped
from bangfu.policy.tests.test_plans import FILES as PLANS
from bangfu.policy.tests.test_plans import WOMEN

ON = date(2025, 6, 1)
PARAMETERS = """
month_fen: {title: 每月生活补助, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 300元}]}
"""
PROGRAMMES = """
programmes:
  - id: living
    title: 生活补助
    clause: 二
    fund: relief
    procedure: relief
    requires: [{clause: 二, text: 享受低保, when: has_dibao}]
    recurring: {clause: 三, text: 按月发放，每次核定最多 12 个月, every: month, most: 12, most_within: review, review_months: 12}
    amount: {kind: fixed, clause: 二, text: 每月 300 元, value: $month_fen}
  - id: basket
    title: 节日慰问
    clause: 四
    fund: relief
    procedure: relief
    requires: []
    means: {clause: 四, text: 只发实物，不发现金和购物卡, only: [goods, voucher]}
    amount: {kind: fixed, clause: 四, text: 每户 300 元, value: $month_fen}
"""
PROCEDURE = """
procedures:
  - id: relief
    title: 程序
    clause: 五
    stages:
      - {id: notice, kind: notice, level: unit, role: [UNIT_CLERK], title: 公示, clause: 五, days: 7, params: {channels: [newspaper, tv], shows: [name, amount]}}
      - {id: pay, kind: pay, level: finance, role: [CASHIER], title: 发放, clause: 五, params: {means: [bank, goods], signatures: [payer, payee]}}
cadences:
  - {id: visit, kind: visit, clause: 六, text: 每季度走访一次, every: quarter, who: [PAIRED_LEADER], escalate: {after_days: 10, to: [OFFICE_HEAD], clause: 六, text: 逾期上报}}
matters:
  - id: reception
    title: 来信来电来访
    clause: 七
    channels: [letter, call, visit]
    steps:
      - {id: register, kind: register, clause: 七, text: 登记}
      - {id: hand_on, kind: hand_on, clause: 七, text: 转交承办, days: 3, calendar: working_days}
      - {id: answer, kind: answer, clause: 七, text: 答复本人, days: 15, from: register}
"""
MONEY = """
funds:
  - {id: relief, title: 帮扶资金, subject: 帮扶资金, clause: 八, revisions: 1}
"""
EXAMPLES = "examples:\n  - {name: 三日转交, on: 2025-06-01, expect: {matter: {id: reception, days: {hand_on: 3, answer: 15}}}}\n"
FILES = {
    "parameters.yaml": PARAMETERS, "programmes.yaml": PROGRAMMES, "procedure.yaml": PROCEDURE, "money.yaml": MONEY,
    "examples/a.yaml": EXAMPLES,
}  # fmt: skip


@pytest.fixture(scope="module")
def pack():
    assert [str(problem) for problem in check(zipped(FILES))[1]] == []
    return load_pack(zipped(FILES))


def paid(*days, programme="living"):
    return [
        {
            "paid_programme": programme,
            "paid_fen": 30_000,
            "paid_on": day,
            "paid_year": int(day[:4]),
            "paid_by": "own",
            "is_to_applicant": True,
        }
        for day in days
    ]


def living(pack, payments, **facts):
    return evaluate(pack, {"has_dibao": True, "payments": payments, **facts}, ON).programme("living")


def test_the_first_payment_needs_no_review_and_later_ones_stop_by_themselves(pack):
    assert living(pack, []).outcome == "eligible"
    assert living(pack, paid("2025-05-02"), months_since_review=3, reviewed_on="2025-02-20").outcome == "eligible"
    stopped = living(pack, paid("2024-05-02"), months_since_review=13, reviewed_on="2024-04-20")
    assert stopped.outcome == "not_eligible"
    assert living(pack, paid("2024-05-02"), reviewed_on="2025-02-20").missing == ("months_since_review",)


def test_the_most_counts_since_the_last_review(pack):
    year = [f"2024-{month:02d}-02" for month in range(1, 13)]
    assert living(pack, paid(*year), months_since_review=11, reviewed_on="2023-12-20").outcome == "not_eligible"
    assert living(pack, paid(*year), months_since_review=4, reviewed_on="2025-01-20").outcome == "eligible"


def test_a_matter_without_money_has_terms_of_its_own(pack):
    reception = pack.matter("reception")
    friday = date(2025, 6, 6)
    done = {"register": friday}
    assert matter_due(reception, "hand_on", done, is_working=lambda day: day.weekday() < 5) == date(2025, 6, 11)
    assert matter_due(reception, "answer", {**done, "hand_on": date(2025, 6, 9)}) == friday + timedelta(days=15)
    assert matter_due(reception, "register", done) is None and matter_due(reception, "hand_on", {}) is None
    with pytest.raises(Refused, match="没有步骤“close”"):
        matter_due(reception, "close", done)


def test_what_others_will_obey_is_held_and_said_in_words(pack):
    assert pack.programme("basket").means.only == ("goods", "voucher") and pack.fund("relief").revisions.most == 1
    assert pack.cadence("visit").escalate.to == ("OFFICE_HEAD",) and pack.cadence("visit").escalate.after_days == 10
    words = {row.anchor: " ".join(text for _clause, text in row.lines) for row in rows(pack)}
    assert "只发：实物、消费券" in words["programmes-basket"] and "停发" in words["programmes-living"]
    assert "逾期 10 天" in words["cadences-visit"] and "最多调整 1 次" in words["funds-relief"]
    assert "3 个工作日内" in words["matters-reception"] and "15 天内" in words["matters-reception"]
    assert "matters-reception" in [row.anchor for row in by_clause(pack)["七"]]


def test_what_differs_between_two_versions_is_told_for_the_new_pieces_too(pack):
    changed = {
        **FILES,
        "procedure.yaml": PROCEDURE.replace("days: 15, from", "days: 10, from").replace("after_days: 10", "after_days: 5"),
    }
    changed["programmes.yaml"] = PROGRAMMES.replace("[goods, voucher]", "[goods]")
    changed["examples/a.yaml"] = EXAMPLES.replace("answer: 15", "answer: 10")
    rows = versions(pack, load_pack(zipped(changed)))
    assert {(row.part, row.title) for row in rows} == {
        ("matters", "来信来电来访"),
        ("cadences", "每季度走访一次"),
        ("programmes", "节日慰问"),
    }


def test_matters_are_taken_over_and_left_out_by_id():
    head = "id: child\ntitle: 下级办法\nissuer: 某工会\nvalid_from: 2020-01-01\nextends: small\n"
    base = {f"base/small/{name}": text for name, text in FILES.items()}
    base["base/small/pack.yaml"] = HEAD
    child = load_pack(zipped({"pack.yaml": head, **base}))
    assert child.matter("reception").clause == "small:七" and child.origins["matters", "reception"].state == "inherited"
    without = load_pack(zipped({"pack.yaml": head + "without: {matters: [reception]}\n", **base}))
    assert without.matters == () and without.removed["matters"] == ("reception",)


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        ("programmes.yaml", "only: [goods, voucher]", "only: [gold]", "只能写：money、goods、voucher、service"),
        ("programmes.yaml", "most: 12, most_within", "most_within", "就要写 most"),
        ("procedure.yaml", "shows: [name, amount]", "shows: [name]", "总要写明金额"),
        ("procedure.yaml", "shows: [name, amount]", "shows: [amount, diagnosis]", "没有“diagnosis”"),
        ("procedure.yaml", "shows:", "show:", "您是不是要写 shows"),
        ("procedure.yaml", "means: [bank, goods]", "majority_of: all", "它属于 kind: decide"),
        ("procedure.yaml", "means: [bank, goods]", "means: [gold]", "没有“gold”"),
        ("procedure.yaml", "means: [bank, goods]", "handlers_affirm: 1", "true 或 false"),
        ("procedure.yaml", "means: [bank, goods]", "visitors: 0", "1 到 9"),
        ("procedure.yaml", "to: [OFFICE_HEAD]", "to: [BOSS]", "只能写：WORKER"),
        ("procedure.yaml", "from: register", "from: close", "只能从前面的步骤算起"),
        ("procedure.yaml", "text: 登记", "text: 登记, days: 2", "第一步没有起算的日子"),
        ("procedure.yaml", "id: answer", "id: hand_on", "写了两次"),
        ("money.yaml", "revisions: 1", "revisions: -1", "超出范围"),
        ("money.yaml", "revisions: 1", "revisions: {most: 1}", "少了“clause”"),
        ("examples/a.yaml", "hand_on: 3", "hand_on: 5", "hand_on 的天数应为 5，实为 3"),
    ],
)
def test_faults_are_named_where_they_stand(file, old, new, sentence):
    assert old in FILES[file]
    found = [str(problem) for problem in check(zipped({**FILES, file: FILES[file].replace(old, new, 1)}))[1]]
    assert any(sentence in line and line.startswith(f"{file}:") for line in found), found


def women(**changes):
    text = WOMEN
    for old, new in changes.get("swap", []):
        assert old in text
        text = text.replace(old, new, 1)
    return load_pack(zipped({"parameters.yaml": PLANS["parameters.yaml"], "plans/b.yaml": text + changes.get("more", "")}))


CLAIM = {
    "plan": "women", "claim_kind": "critical", "disease": "breast", "shares": 3, "worker_sex": "F", "is_in_service": True,
    "has_prior_illness": False, "enrolled_on": "2024-01-01", "happened_on": "2025-01-10", "is_renewal": False, "claims": [],
}  # fmt: skip
VOID = ("most: 2}", "most: 2, excess: void}")


def test_shares_above_the_limit_are_refused_or_void_as_the_rules_say():
    joining = {**CLAIM, "is_enrolling": True}
    assert evaluate(women(), joining, ON).plan("women").joins == "not_eligible"
    cover = evaluate(women(swap=[VOID]), joining, ON).plan("women")
    assert cover.joins == "eligible" and cover.fee_fen == 2 * 5_500
    assert evaluate(women(swap=[VOID]), CLAIM, ON).plan("women").amount_fen == 2 * 1_500_000


def test_of_two_enrolments_the_first_counts():
    pack = women(swap=[VOID], more="duplicates: {clause: 二, text: 重复参保的，以先参保的为准, counts: first}\n")
    assert pack.plan("women").duplicates == "first" and pack.plan("women").voids_excess
    assert evaluate(pack, CLAIM, ON).plan("women").missing == ("is_later_enrolment",)
    assert evaluate(pack, {**CLAIM, "is_later_enrolment": False}, ON).plan("women").outcome == "eligible"
    assert evaluate(pack, {**CLAIM, "is_later_enrolment": True}, ON).plan("women").outcome == "not_eligible"


def test_waiting_counts_to_the_day_that_the_rules_name():
    """Cancer counts from the pathology report, all else from the day it happened (Tianjin 二十二)."""
    pack = women(
        swap=[VOID, ("from: enrolled_on,", "from: enrolled_on, of: \"if(disease = 'breast', pathology_on, happened_on)\",")]
    )
    early = {**CLAIM, "pathology_on": "2024-03-01"}
    assert evaluate(pack, early, ON).plan("women").outcome == "not_eligible"
    assert evaluate(pack, {**early, "disease": "ovary"}, ON).plan("women").outcome == "eligible"
    assert evaluate(pack, CLAIM, ON).plan("women").missing == ("pathology_on",)


def test_a_waiting_that_is_no_day_is_refused():
    text = WOMEN.replace("from: enrolled_on,", "from: worker_age,")
    found = [str(one) for one in check(zipped({"parameters.yaml": PLANS["parameters.yaml"], "plans/b.yaml": text}))[1]]
    assert len(found) == 1 and found[0].startswith("plans/b.yaml:9 七:") and "日期只能减日期" in found[0]
