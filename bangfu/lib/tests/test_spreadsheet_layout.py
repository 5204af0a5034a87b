import pytest

from bangfu.lib.spreadsheet import Cell, column_name, find_header, is_signature_row, is_total_row, normalise_header, records

KNOWN = ["姓名", "身份证号", "工资", "奖金", "部门"]


def row(*values) -> list[Cell]:
    return [Cell(None if value == "" else value) for value in values]


@pytest.mark.parametrize(
    "written",
    ["身份证号", " 身份 证号", "身份证号*", "身份证号（必填）", "身份证号：", "身份证号\n(18位)", "＊身份证号", "【必填】身份证号"],
)
def test_a_column_name_is_known_in_every_spelling(written):
    assert normalise_header(written) == "身份证号"


def test_the_header_is_found_under_titles():
    rows = [
        row("困难职工花名册", "", ""),
        row("填报单位:工会", "", ""),
        row("姓名", "身份证号", "部门"),
        row("孙秋菊", "53", "财务部"),
    ]
    header = find_header(rows, KNOWN)
    assert (header.row, header.depth, header.first_data_row, header.names) == (2, 1, 3, ["姓名", "身份证号", "部门"])


def test_two_header_rows_become_one():
    rows = [row("姓名", "收入", "", "部门"), row("", "工资", "奖金", ""), row("孙秋菊", 3000.0, 200.0, "财务部")]
    header = find_header(rows, KNOWN)
    assert (header.row, header.depth, header.names) == (0, 2, ["姓名", "工资", "奖金", "部门"])


def test_a_line_of_data_is_not_a_second_header():
    rows = [row("姓名", "部门"), row("孙秋菊", "财务部")]
    assert find_header(rows, KNOWN).depth == 1


def test_no_header_is_told_as_none():
    assert find_header([row("a", "b"), row("1", "2")], KNOWN) is None
    assert find_header([], KNOWN) is None
    assert find_header([row("姓名", "x")], KNOWN) is None  # one name alone may be anything


@pytest.mark.parametrize(
    "cells",
    [
        ("合计", "", 71.0),
        ("总 计", 5.0),
        ("", "合计：", 3.0),
        ("20", "小计", 3.0),
        ("合计(元)", 1.0),
        ("本页合计", 1.0),
        ("合计人数", 3.0),
    ],
)
def test_a_total_row_is_seen(cells):
    assert is_total_row(row(*cells))


@pytest.mark.parametrize("cells", [("1", "孙秋菊", "合计工资发放员"), (71.0, 5.0), ("", ""), ("1", "张三", "财务部", "合计")])
def test_a_person_is_no_total(cells):
    assert not is_total_row(row(*cells))


@pytest.mark.parametrize(
    "cells",
    [
        ("填表人:            审核人:            (盖章)", "", ""),
        ("填表人：", "", "审核人：", "", "负责人："),
        ("工会主席(签字)", ""),
        ("注：本表一式三份", ""),
        ("备注:一式两份",),
        ("", "制表：李静宜"),
    ],
)
def test_a_signature_line_is_seen(cells):
    assert is_signature_row(row(*cells))


@pytest.mark.parametrize(
    "cells", [("1", "孙秋菊", "女", "530000198304186490"), ("单位", "姓名"), ("", ""), ("孙秋菊", "备注：低保")]
)
def test_a_person_is_no_signature_line(cells):
    assert not is_signature_row(row(*cells))


def test_only_people_come_out_of_a_table():
    rows = [
        row("花名册", "", ""),
        row("姓名", "身份证号", "部门"),
        row("示例 张三", "530000…", "财务部"),
        row("孙秋菊", "53", "财务部"),
        row("", "", ""),
        row("姓名", "身份证号", "部门"),  # the header again on the second printed page
        row("朱应忠", "54", "物资部"),
        row("小计", "", "2"),
        row("填表人：", "", "审核人："),
    ]
    assert [(number, cells[0].text) for number, cells in records(rows, find_header(rows, KNOWN))] == [(4, "孙秋菊"), (7, "朱应忠")]


def test_columns_are_named_as_in_excel():
    assert [column_name(at) for at in (0, 25, 26, 51, 52, 701, 702, 16_383)] == ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]
