import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib.money import CAP_FEN, from_words, in_words, parse_yuan, wan, yuan

FEN = st.integers(0, CAP_FEN)


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.00"), (1, "0.01"), (123400, "1,234.00"), (-123400, "-1,234.00"), (-5, "-0.05"), (3720000000, "37,200,000.00")],
)
def test_fen_are_shown_as_yuan(fen, text):
    assert yuan(fen) == text


@given(st.integers(-CAP_FEN, CAP_FEN))
def test_what_is_shown_is_read_back(fen):
    assert parse_yuan(yuan(fen), allow_negative=True) == fen


@pytest.mark.parametrize(
    ("fen", "text"), [(3_900_000, "3.90"), (10_000, "0.01"), (5_000, "0.01"), (4_999, "0.00"), (-3_900_000, "-3.90")]
)
def test_dashboards_show_wan(fen, text):
    assert wan(fen) == text


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("3000", 300000),
        ("3,000", 300000),
        ("３０００", 300000),
        ("３，０００．５０", 300050),
        ("3,000元", 300000),
        ("3000 元整", 300000),
        ("¥3000.5", 300050),
        ("￥ 3,000.05", 300005),
        ("人民币3000", 300000),
        ("3000.", 300000),
        (".5", 50),
        ("3000.100", 300010),
        ("0", 0),
        (3000, 300000),
        (3000.0, 300000),
        (3000.1, 300010),
        (0.1 + 0.2, 30),
        (99999999.99, CAP_FEN),
        ("-0", 0),
    ],
)
def test_amounts_as_people_write_them(text, fen):
    assert parse_yuan(text) == fen


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "没有填金额"),
        (None, "没有填金额"),
        ("  ", "没有填金额"),
        ("1.234", "小数多于两位"),
        (0.001, "小数多于两位"),
        ("-1", "负数"),
        (-1, "负数"),
        ("(5)", "负数"),
        ("3万", "万"),
        ("1.5万元", "万"),
        ("三千", "单位"),
        ("三块", "不是金额"),
        ("叁仟元", "单位"),
        ("30,00", "不是金额"),
        ("1e9", "不是金额"),
        ("3000左右", "不是金额"),
        ("0x10", "不是金额"),
        ("1 2 3 a", "不是金额"),
        ("100000000", "超过上限 99,999,999.99"),
        (1e9, "超过上限"),
        (float("nan"), "不是金额"),
        (float("inf"), "不是金额"),
        (True, "不是金额"),
    ],
)
def test_what_is_not_an_amount_gets_a_sentence(text, says):
    with pytest.raises(ValueError, match=says) as refusal:
        parse_yuan(text)
    assert str(refusal.value).endswith("。")


def test_a_negative_amount_passes_where_it_may():
    assert parse_yuan("-¥1.00", allow_negative=True) == parse_yuan("¥-1", allow_negative=True) == -100


@given(st.text(max_size=20))
def test_any_text_is_an_amount_or_a_sentence(text):
    try:
        assert 0 <= parse_yuan(text) <= CAP_FEN
    except ValueError as refusal:
        assert str(refusal).endswith("。")


@pytest.mark.parametrize(
    ("fen", "words"),
    [
        # the examples of the People's Bank's rules for bills
        (140950, "人民币壹仟肆佰零玖元伍角"),
        (600714, "人民币陆仟零柒元壹角肆分"),
        (168032, "人民币壹仟陆佰捌拾元零叁角贰分"),
        (10700053, "人民币壹拾万柒仟元零伍角叁分"),
        (1640902, "人民币壹万陆仟肆佰零玖元零贰分"),
        (32504, "人民币叁佰贰拾伍元零肆分"),
        # and the edges
        (0, "人民币零元整"),
        (1, "人民币壹分"),
        (10, "人民币壹角"),
        (100, "人民币壹元整"),
        (1000, "人民币壹拾元整"),
        (100000000, "人民币壹佰万元整"),
        (100000100, "人民币壹佰万零壹元整"),
        (1000000100, "人民币壹仟万零壹元整"),
        (10000000000, "人民币壹亿元整"),
        (10000000100, "人民币壹亿零壹元整"),
        (9999999999, "人民币玖仟玖佰玖拾玖万玖仟玖佰玖拾玖元玖角玖分"),
        (-3600000, "人民币负叁万陆仟元整"),
    ],
)
def test_amounts_in_words(fen, words):
    assert in_words(fen) == words
    assert from_words(words) == fen


def test_ten_thousand_amounts_in_words_read_back():
    dice = random.Random(2)
    for _ in range(10_000):
        fen = dice.randint(0, 10 ** dice.randint(1, 12))
        assert from_words(in_words(fen)) == fen


@given(FEN)
def test_words_never_hold_two_zeros_in_a_row_nor_a_bare_unit(fen):
    words = in_words(fen)
    assert "零零" not in words and "零万" not in words and "零亿" not in words
    assert words.endswith("整") is (fen % 100 == 0)


@pytest.mark.parametrize("text", ["", "叁仟", "三千元", "元", "壹元零", "abc元整", "叁佰元伍"])
def test_words_that_are_no_amount_get_a_sentence(text):
    with pytest.raises(ValueError, match="不是规范的大写金额"):
        from_words(text)
