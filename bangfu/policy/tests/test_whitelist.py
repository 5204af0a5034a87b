"""Nothing but the whitelist can stand in a rule: one test for each of sqlglot's nodes, and texts made to slip past."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from bangfu.policy import expression as ex
from bangfu.policy.parsing import MAX_LENGTH, WHITELIST, _convert, parse
from bangfu.policy.problems import BadExpression
from bangfu.policy.wording import unparse


def _kinds(kind: type) -> set[type]:
    return {kind, *(one for child in kind.__subclasses__() for one in _kinds(child))}


NODES = sorted(_kinds(exp.Expression), key=lambda kind: kind.__name__)
OUTSIDE = [kind for kind in NODES if kind not in WHITELIST]


def test_the_whitelist_is_small_and_known():
    assert len(OUTSIDE) > 900
    assert {kind.__name__ for kind in WHITELIST} == {
        "Paren", "Literal", "Boolean", "Column", "Placeholder", "Not", "Neg", "And", "Or", "EQ", "NEQ", "LT", "LTE", "GT", "GTE",
        "Add", "Sub", "Mul", "MonthsBetween", "Between", "In", "Case", "If", "Least", "Greatest", "Day", "Anonymous",
    }  # fmt: skip


@pytest.mark.parametrize("kind", OUTSIDE, ids=lambda kind: kind.__name__)
def test_every_other_node_is_refused_in_chinese(kind):
    try:
        node = kind(this=exp.column("a"), expression=exp.column("b"))
    except (TypeError, ValueError, AttributeError):
        node = kind()
    for part in (node, exp.Paren(this=node), exp.And(this=exp.column("a"), expression=node)):
        with pytest.raises(BadExpression) as refusal:
            _convert(part, 0)
        assert str(refusal.value).endswith("。")


SLIPS = [
    "a between symmetric 1 and 2", "a = 'x' 'y'", "per(a, b, 'up') filter (where c)", "sum_of(members, a order by b)",
    "sum_of(distinct members, a)", "per(a, b, 'up' ignore nulls)", "least(a, b) over ()", "$a.b", "sum_of(a := 1, b)",
    "months_between(a, b, true)", "count_of(members) within group (order by a)", "a = b = c; d",
    "a;;", ";a", "a\n;b", "a -- x\nand b", "a /**/ and b", "a /*! or true */", "a # b", "not exists(select 1)", "a and (select true)",
    "case when (select 1) then 1 else 2 end", "if(a, (select 1), 2)", "a in (select b from c)", "a in $b.c", "lookup($t, (select 1))",
    "any_of(members, exists(select 1))", "day((select '2017-01-01'))", "a = (table b)", "per(1, 1, 'up'); drop table x",
    "a or 1 = 1 --", "read_csv_auto('x') = 1", "a.b.c.d = 1", "getenv('x') = 'y'", "current_setting('x')", "pg_read_file('x')",
    "a = all(select 1)", "a = some(select 1)", "(values (1)) = 1", "columns(*)", "a ?? b", "a[0] = 1", "{a: 1}", "a::text = 'b'",
    "ａ > 1", "а > 1", "a ＞ 1", "a＝1", "a\u2212b", "a\u00d7b", "a\u2013b", "a \u2265 b", "１ = a", "a = ‘b’", "a = “b”", "a、b",
    "a\u200bb", "a\u2060", "\ufeffa", "a\u00ad", "a\u202e", "a\u0000", "a\u0085b", "a\u2028b", "ℎ > 1", "ﬁ = 1", "a\u0301 = 1", "ı = 1",
    "(" * 61 + "a" + ")" * 61, "(" * 900 + "a" + ")" * 900, "-(" * 300 + "a" + ")" * 300, "not " * 500 + "a",
    "if(a, " * 100 + "1" + ", 2)" * 100, "case when a then " * 70 + "1" + " else 0 end" * 70, "a + " * 2000 + "1",
    "+".join("a" for _n in range(200)), "a" * 41 + "(b)", "9" * 30, "'" + "x" * 5000 + "'",
]  # fmt: skip


@pytest.mark.parametrize("text", SLIPS, ids=[repr(text[:28]) for text in SLIPS])
def test_texts_made_to_slip_past_are_refused(text):
    with pytest.raises(BadExpression) as refusal:
        parse(text)
    assert str(refusal.value).endswith("。")


WORDS = st.sampled_from(
    ["a", "household_size", "1", "0", "'x'", "$p", "(", ")", ",", "and", "or", "not", "in", "=", "<", "<>", "+", "-", "*", "/", ";", "--", "/*",
     "case", "when", "then", "else", "end", "if", "per", "sum_of", "members", "between", "select", "from", "is", "null", "like", "over", "[", "]",
     "day", "least", "exists", "run_of", "months", "::", ".", "as", "distinct", "interval", "cast", "union", "any", "all", "*", "'", '"', "\\", "%"]
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.lists(WORDS, min_size=1, max_size=14).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_rule_or_is_refused_and_never_more(text):
    try:
        node = parse(text)
    except BadExpression as refusal:
        assert str(refusal)
        return
    assert all(type(part).__module__ == ex.__name__ for part in ex.walk(node))
    assert parse(unparse(node)) == node and len(text) <= MAX_LENGTH
