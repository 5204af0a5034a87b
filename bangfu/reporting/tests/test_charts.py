"""Charts as markup: said in words, in per cent along, without styles, scripts or letters that shrink."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from bangfu.reporting.charts import Limit, Series, columns, rows, scale

MONTHS = ["1月", "2月", "3月"]


def drawn(text: str) -> ElementTree.Element:
    return ElementTree.fromstring(text)


def test_columns_stand_on_the_zero_line_and_a_limit_is_named():
    text = columns(
        "每月", MONTHS, [Series("乙", [10, 0, 40]), Series("甲", [5, 20, 30], "line")], says="三个月。", limit=Limit("底线 25", 25)
    )
    root = drawn(text)
    svg = next(one for one in root.iter("svg") if one.get("role") == "img")
    assert svg.find("title").text == "每月" and svg.find("desc").text == "三个月。"
    assert svg.get("aria-labelledby").split() == [svg.find("title").get("id"), svg.find("desc").get("id")]
    zero = next(line for line in svg.iter("line") if line.get("class") == "zero").get("y1")
    bars = [one for one in svg.iter("rect") if one.get("class") == "blue"]
    assert [int(one.get("y")) + int(one.get("height")) for one in bars] == [int(zero)] * 3
    assert int(bars[2].get("height")) == 4 * int(bars[0].get("height")) and bars[1].get("height") == "0"
    assert (
        "底线 25" in text and sum(one.get("class") == "lim" for one in svg.iter("line")) == 1 and len(list(svg.iter("circle"))) == 3
    )


def test_what_is_below_zero_hangs_from_the_line():
    svg = drawn(columns("余额", MONTHS, [Series("乙", [10, -10, None], "ink")], says="。"))
    bars = [one for one in svg.iter("rect") if one.get("class") == "ink"]
    assert len(bars) == 2 and int(bars[0].get("y")) + int(bars[0].get("height")) == int(bars[1].get("y"))


def test_rows_leave_out_what_is_nothing_or_not_to_be_shown():
    svg = drawn(rows("单位", ["甲部", "乙部", "丙部"], [Series("户", [4, 0, None])], says="。"))
    assert len(list(svg.iter("rect"))) == 1
    assert [one.text for one in svg.iter("text")] == ["甲部", "4", "乙部", "丙部"]


def test_names_are_text_whatever_they_hold():
    text = rows("<script>", ['"><img src=x>'], [Series("<b>", [1]), Series("c", [2])], says="a&b")
    assert "<script>" not in text and "<img" not in text and "<b>" not in text
    drawn(text)


def test_nothing_inline_and_no_colours_of_its_own():
    text = columns("每月", MONTHS, [Series("乙", [1, 2, 3]), Series("丙", [1, 1, 1], "out")], says="。", limit=Limit("底", 2))
    assert not re.search(r"style=|#[0-9a-f]{3}|rgb|fill=|stroke=|onload|font", text)
    inside = [float(one.rstrip("%")) for one in re.findall(r' (?:x|cx|x1|x2)="([\d.]+)%"', text)]
    assert inside and min(inside) >= 0 and max(inside) <= 100


@pytest.mark.parametrize(
    "low, high, marks",
    [(0, 1, [0, 1]), (0, 40, [0, 10, 20, 30, 40]), (-206_000, 167_000, [-300_000, -200_000, -100_000, 0, 100_000, 200_000])],
)
def test_the_marks_are_round_and_hold_zero(low, high, marks):
    assert scale(low, high) == marks
