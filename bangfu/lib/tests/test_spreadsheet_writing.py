import io
import re
import zipfile
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from bangfu.lib.spreadsheet import Column, find_header, read, records, write, write_csv

HARMFUL = ["=1+1", "=HYPERLINK(\"http://x\",\"点\")", "=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "|x", "%x", "  =1", "http://x.example", "mailto:x", "1e5", "{=1}"]  # fmt: skip
COLUMNS = [
    Column("姓名", required=True),
    Column("身份证号", width=22),
    Column("金额(元)", "money"),
    Column("人口", "number"),
    Column("日期", "day"),
]
ROWS = [
    ["孙秋菊", "530000198304186490", 123456, 3, date(2026, 1, 5)],
    ["朱应忠", "000123", -100, 2, datetime(2026, 1, 5, 16, 30, tzinfo=UTC)],
    ["", None, None, None, None],
]


def parts(content: bytes) -> dict[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name).decode("utf-8") for name in archive.namelist() if name.endswith((".xml", ".rels"))}


def test_values_come_back_in_their_kind():
    rows = read(write(COLUMNS, ROWS)).rows
    assert [cell.value for cell in rows[0]] == [column.title for column in COLUMNS]
    assert [cell.value for cell in rows[1]] == ["孙秋菊", "530000198304186490", 1234.56, 3.0, date(2026, 1, 5)]
    assert [cell.value for cell in rows[2]] == ["朱应忠", "000123", -1.0, 2.0, datetime(2026, 1, 6, 0, 30)]


@pytest.mark.parametrize("text", HARMFUL)
def test_no_text_ever_becomes_a_formula_or_a_link(text):
    content = write(
        [Column(text, note=text), Column("b", choices=["男", "女"])],
        [[text, text]],
        title=text,
        notes=[text],
        reasons=[text],
        sheet="表",
    )
    assert not re.search(r"<f[ >/]|<hyperlink|externalLink", parts(content)["xl/worksheets/sheet1.xml"])
    sheet = read(content)
    assert all(not cell.is_formula for row in sheet.rows for cell in row)
    assert [cell.value for cell in sheet.rows[-1]] == [text, text, text]


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
@hypothesis_settings(max_examples=15)
def test_any_text_is_written_and_read_back(words):
    clean = [re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]", "", word) for word in words]
    content = write([Column("a"), Column("b")], [["x", word] for word in words])
    got = [row[1].value or "" for row in read(content).rows[1:]]
    assert [text.replace("\r\n", "\n").replace("\r", "\n").strip() for text in got] == [
        text.replace("\r\n", "\n").replace("\r", "\n").strip() for text in clean
    ]


def test_bad_rows_come_with_reasons_and_red_cells():
    content = write(
        COLUMNS[:2],
        [["孙秋菊", "53"], ["朱应忠", "54"]],
        reasons=["身份证号：少 16 位", ""],
        bad_cells=[[1], []],
        reason_title="原因",
    )
    rows = read(content).rows
    assert [cell.text for cell in rows[0]] == ["姓名", "身份证号", "原因"]
    assert [cell.text for cell in rows[1]] == ["孙秋菊", "53", "身份证号：少 16 位"]
    xml = parts(content)
    style = [re.search(rf'<c r="{place}" s="(\d+)"', xml["xl/worksheets/sheet1.xml"])[1] for place in ("A2", "B2", "B3")]
    assert style[0] != style[1] != style[2] and "FFFFC7CE" in xml["xl/styles.xml"]


def test_a_template_has_a_title_an_example_and_drop_downs_and_reads_back_empty():
    columns = [
        Column("姓名", required=True, example="张三"),
        Column("性别", choices=["男", "女"], example="女"),
        Column("民族", choices=[f"第{number}族" for number in range(90)]),
    ]
    content = write(columns, [], title="困难职工花名册", notes=["带底色的列必填。"])
    xml = parts(content)["xl/worksheets/sheet1.xml"]
    assert '"男,女"' in xml and "_choices!$A$3:$CL$3" in xml.replace("&quot;", '"')
    sheet = read(content)
    assert sheet.sheet_names == ["Sheet1"] and sheet.warnings == []
    header = find_header(sheet.rows, ["姓名", "性别", "民族"])
    assert header.row == 2 and list(records(sheet.rows, header)) == []
    assert sheet.rows[3][0].text == "示例 张三"


def test_totals_stand_below_and_are_left_out_when_read_again():
    content = write(COLUMNS[:3], [["孙秋菊", "53", 100]], totals=["合计", None, 100])
    sheet = read(content)
    assert [number for number, _row in records(sheet.rows, find_header(sheet.rows, ["姓名", "身份证号"]))] == [2]


def test_memory_does_not_grow_with_the_rows():
    content = write([Column("a"), Column("b", "number")], ((f"张{number}", number) for number in range(20_000)))
    assert len(read(content).rows) == 20_001


@pytest.mark.parametrize("text", HARMFUL)
def test_a_csv_is_inert_too(text):
    content = write_csv([Column("a"), Column("b")], [["x", text]])
    field = content.decode("utf-8-sig").split("\r\n", 1)[1].split(",", 1)[1].strip('"')
    assert field[0] not in "=+-@\t\r\n|%"


def test_a_csv_opens_right_in_excel_and_long_digits_stay_text():
    content = write_csv(COLUMNS, ROWS)
    assert content.startswith(b"\xef\xbb\xbf")
    assert "\t530000198304186490,1234.56,3,2026-01-05\r\n" in content.decode("utf-8-sig")
    assert "-1.00,2,2026-01-06 00:30" in content.decode("utf-8-sig")
    assert read(content).rows[1][1].text == "530000198304186490"
