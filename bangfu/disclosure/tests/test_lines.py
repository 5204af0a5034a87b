"""What a notice shows of a person: never more than channel and consent allow, nothing outside the closed list."""

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.disclosure.lines import COLUMNS, HIDEABLE, Category, Channel, Line, check, name_on, snapshot
from bangfu.disclosure.tests.makers import BASIS, LINES, TITLE
from bangfu.lib.errors import Refused

SURNAMES = ["张", "欧阳", "李", "司马", "买买提·", "单"]
names = st.builds(
    lambda surname, given: surname + given,
    st.sampled_from(SURNAMES),
    st.text(alphabet="立诚文博晓芳建国丽娟艾力㛃𬱖", min_size=1, max_size=4),
)
lines = st.builds(
    Line,
    number=st.from_regex(r"KY-A20[0-9]{2}-[0-9]{4}", fullmatch=True),
    unit_name=st.sampled_from(["设备动力部", "客户服务中心"]),
    full_name=names,
    may_name=st.booleans(),
    category=st.sampled_from(Category.values),
    programme=st.just("临时生活救助"),
    amount_fen=st.integers(1, 10_000_000),
)
CANARIES = [
    "530000199001011234",
    "5300 0019 9001 011234",
    "6222020000000004417",
    "13800138000",
    "138-0013-8000",
    "１３８００１３８０００",
]


@given(lines)
def test_a_full_name_stands_on_the_unit_board_only_and_only_with_consent(line):
    for channel in Channel.values:
        shown = name_on(channel, line)
        if not line.may_name:
            assert shown == ""
        elif channel != Channel.BOARD:
            assert shown != line.full_name and "*" in shown
            assert len(shown.replace("*", "")) < len(line.full_name)
            assert line.full_name not in json.dumps(snapshot(channel, [line]), ensure_ascii=False)
        else:
            assert shown == line.full_name


@given(st.lists(lines, min_size=1, max_size=5))
def test_a_snapshot_has_the_listed_columns_and_no_other(people):
    for channel in Channel.values:
        for row, line in zip(snapshot(channel, people), people, strict=True):
            assert tuple(row) == COLUMNS
            if line.may_name:
                assert row["category"] in {str(label) for label in Category.labels} and row["unit"] == line.unit_name
            else:  # number and amount only: a small unit and a cause would name her too
                assert (row["name"], row["unit"], row["category"]) == ("", "", "")
            assert row["amount_fen"] == line.amount_fen and row["number"] == line.number


def test_the_line_itself_has_no_place_for_an_identity_number():
    fields = set(Line.__dataclass_fields__)
    assert fields == {"number", "unit_name", "full_name", "may_name", "category", "programme", "amount_fen", "hides"}


@given(lines, st.sets(st.text(max_size=20) | st.sampled_from(sorted(HIDEABLE))))
def test_what_the_rules_hide_is_only_ever_taken_away(line, words):
    """`hides` names columns; none of its words is written anywhere, and what stands without it is not widened by it."""
    for channel in Channel.values:
        (whole,) = snapshot(channel, [replace(line, hides=frozenset())])
        (row,) = snapshot(channel, [replace(line, hides=frozenset(words))])
        assert all(row[column] in ("", whole[column]) for column in COLUMNS)
        assert all(row[column] == "" for column in words & HIDEABLE)


@pytest.mark.parametrize("canary", CANARIES)
@pytest.mark.parametrize("column", ["unit_name", "programme", "full_name", "number"])
def test_what_looks_like_an_identity_number_a_card_or_a_phone_is_refused(canary, column):
    line = Line(**(LINES[0].__dict__ | {column: f"部{canary}" if column != "number" else canary}))
    with pytest.raises(Refused):
        check([line], texts=(TITLE, BASIS))


@pytest.mark.parametrize("canary", CANARIES)
def test_the_title_and_the_words_above_are_read_too(canary):
    for texts in ((f"{TITLE}{canary}", BASIS), (TITLE, f"{BASIS}{canary}")):
        with pytest.raises(Refused, match="一长串数字"):
            check(LINES, texts=texts)


@pytest.mark.parametrize("diagnosis", ["肺癌", "尿毒症", "", "因病（肺癌）", "因病"])
def test_a_diagnosis_is_no_category(diagnosis):
    line = Line(**(LINES[0].__dict__ | {"category": diagnosis}))
    with pytest.raises(Refused, match="不能写病名"):
        check([line], texts=(TITLE, BASIS))


def test_a_name_does_not_slip_in_by_the_title_or_the_unit():
    with pytest.raises(Refused, match="不能写人名"):
        check(LINES, texts=("关于欧阳晓同志的公示", BASIS))
    line = Line(**(LINES[1].__dict__ | {"unit_name": "配电营业部欧阳晓"}))
    with pytest.raises(Refused, match="带着人名"):
        check([line], texts=(TITLE, BASIS))


@pytest.mark.parametrize(
    ("change", "words"), [({"amount_fen": 0}, "没有金额"), ({"amount_fen": -1}, "没有金额"), ({"number": "张立诚"}, "不是办件编号")]
)
def test_a_line_has_a_number_and_a_sum(change, words):
    with pytest.raises(Refused, match=words):
        check([Line(**(LINES[0].__dict__ | change))], texts=(TITLE, BASIS))


@pytest.mark.parametrize("prefix", ["KY", "S404", "CHEWUDUAN", "XIAN", "A1B2"])
def test_the_number_carries_whatever_prefix_the_organisation_has(prefix):
    for number in (f"{prefix}-A2026-0001", f"{prefix}-A2026-0001-03"):
        check([Line(**(LINES[0].__dict__ | {"number": number}))], texts=(TITLE, BASIS))


@pytest.mark.parametrize(
    "number",
    [
        "A13800138000-A2026-0001",
        "A530000199001-011234",
        "KY-5300001990-01011234",
        "KY-A2026-01011234",
        "KY-A2026-0001-011234",
        "KY",
    ],
)
def test_a_number_has_no_room_for_an_identity_number_or_a_phone(number):
    with pytest.raises(Refused, match="不是办件编号"):
        check([Line(**(LINES[0].__dict__ | {"number": number}))], texts=(TITLE, BASIS))


def test_a_number_stands_once_and_a_notice_has_a_line():
    with pytest.raises(Refused, match="出现两次"):
        check([LINES[0], LINES[0]], texts=(TITLE, BASIS))
    with pytest.raises(Refused, match="还没有人"):
        check([], texts=(TITLE, BASIS))


def test_document_numbers_and_years_pass():
    check(LINES, texts=(TITLE, "根据云电工〔2026〕12号《帮扶办法（2026 年版）》第十二条。"))
