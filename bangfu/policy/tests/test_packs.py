"""A pack is checked in full: file, line, clause and a sentence for each fault. And 开远's pack holds its facts."""

import shutil
from datetime import date

import pytest
from django.core.management import call_command

from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check, faults_of
from bangfu.policy.facts import BadFacts
from bangfu.policy.procedure import due_date, first_stage, next_stage, path, returns_to, stage
from bangfu.policy.reading import folder_bytes, read_files, to_zip
from bangfu.policy.tests.makers import HEAD, KAIYUAN, ON, ROOT, household, kaiyuan, kaiyuan_bytes, ruled, zipped
from bangfu.policy.vocabulary import BUILT_IN, ENTITIES, LISTS, UNITS, VOCABULARY

PACKS = sorted(path.parent for path in (ROOT / "policies").glob("*/pack.yaml"))


def problems(files: dict[str, str]) -> list[str]:
    return [str(problem) for problem in check(zipped(files))[1]]


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_every_shipped_pack_is_whole_and_its_examples_come_out(folder):
    pack, found = check(folder)
    assert [str(problem) for problem in found] == []
    assert pack is not None and pack.examples


def test_each_rule_of_the_source_has_an_example():
    named = {number.strip() for example in kaiyuan().examples for number in example.source.split(",")}
    assert {"S1-1", "S1-2", "S1-3", "S1-4", "S1-7", "S1-8", "S1-12"} <= named


def test_an_example_that_does_not_come_out_is_named_with_its_line():
    text = (
        "examples:\n"
        "  - name: 三口人\n    on: 2017-06-01\n    facts: {household_size: 3}\n"
        "    expect: {outcome: not_eligible, class: null, reasons: [{clause: 二, truth: 'true', value: 4}]}\n"
    )
    files = dict(read_files(ruled("household_size > 2")).files)
    files["examples/a.yaml"] = text.encode()
    found = [str(problem) for problem in check(to_zip(files))[1]]
    assert found == [
        "examples/a.yaml:2: 示例“三口人”：结果应为 not_eligible，实为 eligible",
        "examples/a.yaml:2: 示例“三口人”：档次应为 无，实为 poor",
        "examples/a.yaml:2: 示例“三口人”：条款“二”应为 true 4，实为 true 3 2",
    ]


def test_an_example_may_pin_a_derived_figure():
    text = (
        "examples:\n"
        "  - name: 人均\n    on: 2017-06-01\n    facts: {household_size: 3, annual_income_fen: 3600000}\n"
        "    expect: {figures: {per_capita_income_fen: WANT, rigid_expense_fen: null, nothing: 1}}\n"
    )
    files = {**read_files(KAIYUAN).files, "examples/a.yaml": text.replace("WANT", "1000元").encode()}
    assert [str(problem) for problem in check(to_zip(files))[1]] == ["examples/a.yaml:2: 示例“人均”：没有推算“nothing”"]
    files["examples/a.yaml"] = text.replace("WANT", "999元").replace(", nothing: 1", "").encode()
    assert [str(problem) for problem in check(to_zip(files))[1]] == [
        "examples/a.yaml:2: 示例“人均”：月人均收入应为 99900，实为 100000"
    ]


def test_an_example_may_pin_the_days_of_a_stage():
    text = (
        "examples:\n"
        "  - name: 公示\n    on: 2017-06-01\n    facts: {degree: ordinary}\n"
        "    expect: {stages: {procedure: gift, path: [propose, notice, decide, pay, close], days: {notice: 8, propose: null}}}\n"
    )
    files = {**read_files(KAIYUAN).files, "examples/a.yaml": text.encode()}
    assert [str(problem) for problem in check(to_zip(files))[1]] == ["examples/a.yaml:2: 示例“公示”：notice 的天数应为 8，实为 7"]


GIFT = (
    "programmes:\n  - {id: gift, title: 慰问, clause: 一, fund: f, procedure: p, requires: [],"
    " amount: {kind: fixed, clause: 一, text: 定额, value: 0}}\n"
)
MONEY = "funds:\n  - {id: f, title: 资金, subject: 科目, clause: 一, uses: []}\n"
PROCEDURE = (
    "procedures:\n  - {id: p, title: 程序, clause: 一, stages: [{id: pay, kind: pay, level: finance, role: [CASHIER],"
    " title: 发放, clause: 一, returns_to: []}]}\n"
)
FAULTS = [
    ({"pack.yaml": "id: x\n"}, "pack.yaml:1: 文件里少了“title”。请补上。"),
    ({"pack.yaml": HEAD + "colour: red\n"}, "pack.yaml:5: 不认识“colour”。"),
    ({"pack.yaml": HEAD + "valid_to: 2015-01-01\n"}, "pack.yaml:5: 失效日期要晚于生效日期。"),
    ({"pack.yaml": HEAD.replace("2016-01-01", "2016-02-30")}, "pack.yaml:4: “2016-02-30”不是存在的日期"),
    ({"pack.yaml": HEAD.replace("2016-01-01", "明年")}, "要写日期，例如 2017-03-01"),
    ({"parameters.yaml": "a:\n  title: 甲\n"}, "parameters.yaml:1: “a”里少了“clause”"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, unit: yuan, values: [{from: 2016-01-01, value: 1}]}\n"}, "只能写：fen"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 1.5}]}\n"}, "parameters.yaml:1 一: "),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, unit: fen, values: [{from: 2016-01-01, value: 一千}]}\n"}, "读不懂。金额写成 1000元"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, values: [{from: 2016-01-01, value: 1}, {from: 2016-01-01, value: 2}]}\n"}, "同一天起有两个值"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, values: [{from: 2016-01-01, value: 1, demo: true}]}\n"}, "示范值要写 reason"),
    ({"parameters.yaml": "a: 1\n a: 2\n"}, "这一行读不懂"),
    ({"parameters.yaml": "a: {x: 1}\na: {x: 2}\n"}, "写了两次"),
    ({"parameters.yaml": "a: &b {x: 1}\nc: *b\n"}, "不能用 & 和 *"),
    ({"parameters.yaml": "a: !!python/object:os.system {}\n"}, "不能用 ! 标记"),
    ({"parameters.yaml": "\ta: 1\n"}, "制表符"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: b + 1}\n  b: {title: 乙, expr: a + 1}\n"}, "推算绕成了圈：a → b → a"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: household_siz + 1}\n"}, "您是不是要写“household_size”"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, unit: fen, expr: household_size * 2}\n"}, "单位写的是 fen"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: annual_income_fen + household_size}\n"}, "单位不同：一边是分，一边是人"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: annual_income_fen > 5000}\n"}, "请把它写成参数"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: has_dibao > true}\n"}, "只能用 = 或 <> 比较"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: has_dibao = 1}\n"}, "不能比较"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: household_size and has_dibao}\n"}, "and 里要用是非"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: main_cause = 'ill'}\n"}, "没有代码“ill”"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: member_age + 1}\n"}, "要写在 sum_of(members, …) 的汇总里"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: $line + 1}\n"}, "没有参数 $line"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: today + today}\n"}, "日期只能减日期"),
    ({"derived.yaml": "figures:\n  a: {title: 甲, expr: 'entry and has_dibao'}\n"}, "要等档次评定以后才有"),
    ({"derived.yaml": "figures:\n  household_size: {title: 甲, expr: 1 + 1}\n"}, "已经是通用名称"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, values: [{from: 2016-01-01, value: 1, where: {area_code: 530100}}]}\n"}, "数字要加引号"),
    ({"parameters.yaml": "a: {title: 甲, clause: 一, values: [{from: 2016-01-01, value: 1, where: {area: '53'}}]}\n"}, "area_code"),
    ({"programmes.yaml": GIFT, "money.yaml": MONEY.replace("uses: []", "uses: [other]")}, "没有“other”"),
    ({"programmes.yaml": GIFT, "money.yaml": MONEY.replace("id: f", "id: g")}, "programmes.yaml:2 一: 没有资金“f”"),
    ({"programmes.yaml": GIFT, "procedure.yaml": PROCEDURE.replace("id: p,", "id: q,")}, "programmes.yaml:2 一: 没有程序“p”"),
    ({"programmes.yaml": GIFT.replace("value: 0", "value: 500")}, "金额要得出分"),
    ({"programmes.yaml": GIFT.replace("value: 0", "low: 0")}, "互相矛盾"),
    ({"programmes.yaml": GIFT.replace("kind: fixed", "kind: guess")}, "只能写：fixed"),
    ({"programmes.yaml": GIFT, "procedure.yaml": PROCEDURE.replace("kind: pay", "kind: dance")}, "“kind”只能写：apply"),
    ({"programmes.yaml": GIFT, "procedure.yaml": PROCEDURE.replace("returns_to: []", "returns_to: [pay]")}, "只能退回到前面的环节"),
    ({"classes.yaml": "sets: []\n"}, "“sets”是空的"),
    ({"regulation.md": "甲 {#一}\n\n乙 {#一}\n"}, "regulation.md:3 一: 条款编号“一”写了两次"),
    ({"notes.txt": "x"}, "notes.txt: 办法包里没有这种文件"),
    ({"../evil.yaml": "x"}, "办法包里没有这种文件"),
]  # fmt: skip


@pytest.mark.parametrize(("files", "sentence"), FAULTS, ids=[sentence[:24] for _files, sentence in FAULTS])
def test_a_fault_is_named_with_file_line_and_sentence(files, sentence):
    found = problems(files)
    assert any(sentence in line for line in found), found


def test_a_clause_that_is_not_in_the_text_is_named_with_the_nearest():
    files = {
        "regulation.md": "（一）收入 {#五（一）}\n",
        "parameters.yaml": "a: {title: 甲, clause: 五（二）, values: [{from: 2016-01-01, value: 1}]}\n",
    }
    assert problems(files) == ["parameters.yaml:1 五（二）: regulation.md 里没有条款“五（二）”。您是不是要写“五（一）”？"]


@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04broken", kaiyuan_bytes()[:-30]])
def test_bytes_that_are_no_pack_are_refused(content):
    pack, found = check(content)
    assert pack is None and "不是办法包的 zip 文件" in str(found[0])


def test_a_folder_and_its_zip_have_one_fingerprint():
    assert kaiyuan().sha256 == check(folder_bytes(KAIYUAN))[0].sha256
    assert folder_bytes(KAIYUAN) == folder_bytes(KAIYUAN)


def test_every_word_of_the_vocabulary_is_of_one_entity_only():
    for fact in [*VOCABULARY.facts.values(), *BUILT_IN.values()]:
        assert fact.entity in ENTITIES and fact.unit in UNITS and str(fact.title)
    assert not set(BUILT_IN) & set(VOCABULARY.facts)
    assert not set(LISTS.values()) & set(VOCABULARY.facts)


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"name": "张三"}, "没有名称“name”"),
        ({"household_size": "3"}, "household_size：要写整数"),
        ({"household_size": 3.0}, "household_size：要写整数"),
        ({"household_size": True}, "household_size：要写整数"),
        ({"household_size": 0}, "超出范围"),
        ({"annual_income_fen": -1}, "超出范围"),
        ({"has_dibao": 1}, "要写 true 或 false"),
        ({"main_cause": "boredom"}, "没有代码“boredom”"),
        ({"grade": "特别 困难"}, "代码只用"),
        ({"members": {}}, "members 要写成一个列表"),
        ({"members": [{"household_size": 3}]}, "“members[0].household_size”写错了地方"),
        ({"payments": [{"paid_on": "昨天"}]}, "payments[0].paid_on：要写日期"),
        ({"sources": {"has_dibao": "身份证 530000199001011234"}}, "材料名里不能有证件号"),
    ],
)
def test_facts_that_no_rule_could_read_are_refused(facts, words):
    with pytest.raises(BadFacts, match=words.replace("[", r"\[").replace("“", ".")):
        evaluate(kaiyuan(), facts, ON)


def test_a_reason_shows_both_figures_the_arithmetic_and_the_papers():
    facts = household(sources={"annual_income_fen": "近 12 个月工资流水"})
    rows = {row.clause: row for row in evaluate(kaiyuan(), facts, ON).reasons_for("temporary_living")}
    row = rows["五（一）"]
    assert (row.value, row.threshold, row.unit, row.truth, row.working) == (70000, 75000, "fen", "true", "¥500.00 × 1.5 = ¥750.00")
    assert row.source == "近 12 个月工资流水；当地城镇低保标准（每人每月）（2016-01-01）；收入线相当于低保标准的倍数（2016-01-01）"
    assert row.trace[0]["text"] == "annual_income_fen * 1000 < $dibao_line_fen * $income_factor * household_size * 12"
    assert rows["五（二）"].value == 119 and rows["五（二）"].working == "¥3,000.00 ÷ ¥25,200.00"
    assert rows["五（二）"].truth == "false" and not rows["五（二）"].matters  # the first of the three is met already
    assert not any(row.matters for row in rows.values() if row.truth == "true")


def test_a_standard_that_rises_is_taken_on_its_day():
    pack = kaiyuan()
    gifts = {year: evaluate(pack, household(programme="spring_gift"), date(year, 1, 31)) for year in (2016, 2017, 2018, 2020)}
    assert [gifts[year].programme("spring_gift").amount_fen for year in gifts] == [100000, 150000, 200000, 200000]


def test_the_amount_says_which_number_decided():
    paid = [
        {"paid_programme": "temporary_living", "paid_fen": 900_000, "paid_year": 2017, "paid_by": "own", "is_to_applicant": True}
    ]
    found = evaluate(kaiyuan(), household(asked_fen=500_000, payments=paid), ON).programme("temporary_living")
    assert (found.amount_fen, found.reduced_fen) == (100_000, 400_000)
    assert [(step.kind, step.amount_fen, step.binding) for step in found.steps] == [
        ("asked", 500_000, False), ("low", 100_000, False), ("high", 500_000, False), ("cap", 100_000, True),
    ]  # fmt: skip


def test_help_from_others_does_not_count_against_the_own_ceiling():
    """S1-7: recorded on the same file, apart from own sums; the giver's programme need not be known."""
    outside = [{"paid_by": "city", "paid_fen": 900_000, "paid_on": "2017-02-01", "paid_year": 2017}]
    found = evaluate(kaiyuan(), household(asked_fen=500_000, payments=outside), ON).programme("temporary_living")
    assert (found.outcome, found.amount_fen) == ("eligible", 500_000)


# --- the procedure ---


def test_the_case_goes_through_the_stages_of_the_regulation():
    pack, seen = kaiyuan(), []
    here = first_stage(pack, "relief")
    while here is not None:
        seen.append(here.id)
        here = next_stage(pack, "relief", here.id, "passed", {"degree": "serious"}, on=ON)
    assert seen == ["apply", "investigate", "check", "propose", "notice", "review", "decide", "pay", "follow_up", "close"]


def test_an_ordinary_case_is_not_reported_up():
    assert next_stage(kaiyuan(), "relief", "check", "passed", {"degree": "ordinary"}, on=ON).id == "notice"


def test_a_stage_is_never_skipped_because_a_fact_is_missing():
    with pytest.raises(Exception, match="要先知道评审的困难程度"):
        next_stage(kaiyuan(), "relief", "check", "passed", {}, on=ON)


def test_refused_and_withdrawn_end_the_case_and_an_unknown_outcome_is_an_error():
    assert next_stage(kaiyuan(), "relief", "decide", "refused") is None
    assert next_stage(kaiyuan(), "relief", "apply", "withdrawn") is None
    assert next_stage(kaiyuan(), "relief", "review", "returned").id == "apply"
    with pytest.raises(Exception, match="没有“postponed”这个去向"):
        next_stage(kaiyuan(), "relief", "decide", "postponed")
    with pytest.raises(Exception, match="没有环节“nowhere”"):
        stage(kaiyuan(), "relief", "nowhere")


def test_a_case_is_sent_back_only_to_the_stages_named():
    assert [item.id for item in returns_to(kaiyuan(), "relief", "check")] == ["apply", "investigate"]
    assert [item.id for item in returns_to(kaiyuan(), "relief", "pay")] == ["investigate", "check"]
    assert returns_to(kaiyuan(), "relief", "close") == ()


def test_the_day_a_term_begins_does_not_count():
    notice = stage(kaiyuan(), "relief", "notice")
    assert due_date(notice, date(2026, 11, 17)) == date(2026, 11, 24)
    check_ = stage(kaiyuan(), "relief", "check")
    assert due_date(check_, date(2026, 11, 20), is_working=lambda day: day.weekday() < 5) == date(2026, 11, 27)
    assert due_date(stage(kaiyuan(), "relief", "apply"), date(2026, 11, 20)) is None


def test_the_gift_procedure_begins_with_a_list():
    assert [item.kind for item in path(kaiyuan(), "gift")] == ["propose", "notice", "decide", "pay", "close"]
    assert first_stage(kaiyuan(), "gift").params["list"] is True


# --- commands ---


def test_check_prints_a_line_a_fault_and_ends_with_one(tmp_path, capsys):
    folder = tmp_path / "pack"
    shutil.copytree(KAIYUAN, folder)
    call_command("policy_check", str(folder))
    assert capsys.readouterr().out.splitlines()[-1] == "《困难职工帮扶办法》没有问题：6 个项目，46 个示例全部算对。"
    text = (folder / "classes.yaml").read_text().replace("$dibao_line_fen * $income_factor", "$dibao_lin_fen * $income_factor", 1)
    (folder / "classes.yaml").write_text(text)
    with pytest.raises(SystemExit) as end:
        call_command("policy_check", str(folder))
    lines = capsys.readouterr().out.splitlines()
    assert end.value.code == 1
    assert lines[0].startswith("classes.yaml:10 五（一）: 没有参数 $dibao_lin_fen")
    with pytest.raises(SystemExit) as end:
        call_command("policy_check", str(tmp_path / "nowhere"))
    assert end.value.code == 2


def test_an_example_names_a_fault_instead_of_a_traceback():
    pack = kaiyuan()
    assert all(faults_of(pack, example) == [] for example in pack.examples)
