"""What may stand in a rule, and what is refused with a sentence."""

import pytest

from bangfu.policy import expression as ex
from bangfu.policy.parsing import parse
from bangfu.policy.problems import BadExpression
from bangfu.policy.wording import unparse

ALLOWED = [
    "household_size >= 3",
    "a and b or not c",
    "x between 1 and $high",
    "x not between 1 and 2",
    "main_cause in ('illness', 'schooling')",
    "main_cause not in $causes",
    "case when a then 1 when b then 2 else 3 end",
    "if(a, 1, 2)",
    "least(a, b, 3) + greatest(a, 0)",
    "-a * (b - -1)",
    "per(a, b, 'half_up') > 0",
    "lookup($table, grade) < 4",
    "today - day('2017-01-01') > 30",
    "sum_of(members, tuition_fen, school_stage = 'university')",
    "count_of(members) = 0",
    "any_of(members, is_employed) = true",
    "min_of(months, month_income_fen)",
]

#: One text for each kind of node outside the whitelist, and a word of the sentence that refuses it.
REFUSED = [
    ("a / b", "per("),
    ("a % b", "百分号"),
    ("a ^ b", "不能用在规则里"),
    ("a ** b", ""),
    ("a || b", "不能用在规则里"),
    ("a & b", "不能用在规则里"),
    ("~a", "不能用在规则里"),
    ("a is null", "待查"),
    ("a is not null", "待查"),
    ("a is true", "待查"),
    ("a is distinct from b", "待查"),
    ("null", "待查"),
    ("coalesce(a, 0)", "待查"),
    ("nullif(a, 0)", "待查"),
    ("ifnull(a, 0)", "待查"),
    ("a like 'b'", "不能写"),
    ("a ilike 'b'", "不能写"),
    ("a similar to 'b'", ""),
    ("regexp_matches(a, 'b')", "没有函数"),
    ("cast(a as int)", "没有函数"),
    ("a::int", "不能用在规则里"),
    ("try_cast(a as int)", "没有函数"),
    ("date '2017-01-01'", ""),
    ("interval '1' day", "不能写"),
    ("exists (select 1)", "不能查询"),
    ("a in (select 1)", "不能查询"),
    ("(select 1)", "不能查询"),
    ("select 1", "不能查询"),
    ("a = any (select 1)", ""),
    ("select a from b union select 2", "不能查询"),
    ("with t as (select 1) select * from t", "不能查询"),
    ("values (1)", ""),
    ("from t", ""),
    ("count(*)", "汇总"),
    ("sum(a)", "汇总"),
    ("max(a)", "汇总"),
    ("sum(a) over ()", "汇总"),
    ("row_number() over (order by a)", "汇总"),
    ("*", "汇总"),
    ("a.b", "点"),
    ("a[1]", "不能用在规则里"),
    ("[1, 2]", "不能用在规则里"),
    ("{'a': 1}", "不能用在规则里"),
    ("(a, b) = (1, 2)", "不能写"),
    ("x -> y", ""),
    ("a as b", "漏了"),
    ("a b", "漏了"),
    ("@a", "不能用在规则里"),
    (":a", "不能用在规则里"),
    ("?", "不能用在规则里"),
    ("a collate b", "没有函数"),
    ("a at time zone 'x'", ""),
    ("current_date", "没有函数"),
    ("current_timestamp", "没有函数"),
    ("now()", "没有函数"),
    ("random()", "没有函数"),
    ("read_csv('/etc/passwd')", "没有函数"),
    ("read_parquet('x')", "没有函数"),
    ("read_text('/etc/passwd')", "没有函数"),
    ("glob('*')", ""),
    ("getenv('HOME')", "没有函数"),
    ("pragma_version()", "没有函数"),
    ("getvariable('a')", "没有函数"),
    ("struct_pack(a := 1)", ""),
    ("list_transform(a, x -> x)", ""),
    ("attach 'x'", ""),
    ("copy t to 'x'", ""),
    ("install httpfs", ""),
    ("load httpfs", ""),
    ("set a = 1", ""),
    ("pragma x", ""),
    ("drop table x", ""),
    ("create table x (a int)", ""),
    ("insert into x values (1)", ""),
    ("update x set a = 1", ""),
    ("delete from x", ""),
    ("alter table x add a int", ""),
    ("call x()", ""),
    ("use x", ""),
    ("a; b", "分号"),
    ("a;", "分号"),
    ("a -- b", "注释"),
    ("a--1", "注释"),
    ("a /* b */", "注释"),
    ("a # b", "注释"),
    ("1.5", "整数"),
    ("1e3", "整数"),
    ("0x10", ""),
    ("1_000", ""),
    ("9999999999999999999999", "太大"),
    ("'a", "引号"),
    ("'a\nb' = a", "引号"),
    ("'a\\'", "引号"),
    ('"a" = 1', "双引号"),
    ("`a` = 1", "不能用在规则里"),
    ("N'abc'", ""),
    ("X'ab'", ""),
    ("e'ab'", ""),
    ("$$a$$", ""),
    ("$1", ""),
    ("a in ()", "in 的括号"),
    ("a in (b)", "in 的括号"),
    ("a in b", ""),
    ("case a when 1 then 2 else 3 end", "when 条件"),
    ("case when a then 1 end", "else"),
    ("if(a, 1)", "三项"),
    ("per(a, b)", "三项"),
    ("per(a, b, 'even')", "三项"),
    ("per(a, 0, 'down')", "不能是 0"),
    ("day(a)", "日期"),
    ("day('2017-02-30')", "日期"),
    ("lookup(a, b)", "两项"),
    ("sum_of(family, a)", "第一项"),
    ("sum_of(members)", "项数"),
    ("any_of(members)", "项数"),
    ("sum_of(members, count_of(months))", "不能再套"),
    ("foo(a)", "没有函数“foo”"),
    ("not", ""),
    ("and a", ""),
    ("a = ", ""),
    ("(a", ""),
    ("", "空的"),
    ("   ", "空的"),
    ("а = 1", "不是英文字母"),  # Cyrillic
    ("ａ = 1", "全角"),
    ("a ＝ 1", "全角"),
    ("a （b）", "全角"),
    ("a\u200b = 1", "不能用在规则里"),
    ("a\u00a0= 1", "全角"),
    ("收入 > 1", "是中文"),
    ("a = '\u202eb'", "引号"),
    ("a\x00", "不能用在规则里"),
    ("(" * 80 + "a" + ")" * 80, "太深"),
    ("not " * 80 + "a", "太深"),
    ("(" * 1500 + "a" + ")" * 1500, "太深"),
    ("a and " * 900 + "a", "太长"),
]


@pytest.mark.parametrize("text", ALLOWED)
def test_a_rule_reads_back_as_it_was_written(text):
    node = parse(text)
    assert parse(unparse(node)) == node


@pytest.mark.parametrize(("text", "word"), REFUSED, ids=[text[:30] or "empty" for text, _word in REFUSED])
def test_everything_else_is_refused_with_a_chinese_sentence(text, word):
    with pytest.raises(BadExpression) as refusal:
        parse(text)
    sentence = str(refusal.value)
    assert word in sentence
    assert sentence.endswith("。") and any("\u4e00" <= sign <= "\u9fff" for sign in sentence)


def test_a_long_chain_of_and_is_one_node():
    node = parse(" and ".join(f"x{n} > {n}" for n in range(200)))
    assert isinstance(node, ex.Both) and len(node.items) == 200


def test_between_is_two_comparisons_and_not_in_is_a_negation():
    assert parse("x between 1 and 2") == parse("x >= 1 and x <= 2")
    assert isinstance(parse("x not in (1)"), ex.Not)
