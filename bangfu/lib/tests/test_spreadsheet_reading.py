import random
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import pytest

from bangfu.lib import spreadsheet
from bangfu.lib.errors import Refused
from bangfu.lib.spreadsheet import checking, read, reading
from bangfu.lib.tests import corpus
from bangfu.lib.tests.corpus import HEAD, PEOPLE, TEXT, raw_xlsx, table, xlsx

DATA = Path(__file__).with_name("data")  # the rosters of the order, as unions keep them


def texts(sheet) -> list[list[str]]:
    return [[cell.text for cell in row] for row in sheet.rows]


# --- what unions send ---


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode("utf-8"), "utf-8"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode("gb18030"), "gb18030"),
        (TEXT.encode("gbk"), "gb18030"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-16-le"), "utf-16-le"),
        (TEXT.replace(",", "\t").encode("gb18030"), "gb18030"),
        (TEXT.replace(",", ";").encode("utf-8"), "utf-8"),
        (TEXT.replace(",", "，").encode("utf-8"), "utf-8"),
        (TEXT.replace("\r\n", "\n").encode("utf-8"), "utf-8"),
        (TEXT.replace("\r\n", "\r").encode("utf-8"), "utf-8"),
        (("\ufeff" + TEXT + ",,,\r\n" * 1000).encode("utf-8"), "utf-8-sig"),
        (TEXT.replace("5300", "\t5300").encode("utf-8"), "utf-8"),
        (TEXT.replace("5300", "'5300").encode("utf-8"), "utf-8"),
        (TEXT.replace("530000198304186490", '"=""530000198304186490"""').encode("utf-8"), "utf-8"),
    ],
)
def test_a_csv_of_any_habit_gives_the_same_rows(content, encoding):
    sheet = read(content, "花名册.csv")
    assert texts(sheet) == [HEAD, *PEOPLE]
    assert (sheet.kind, sheet.encoding, sheet.warnings) == ("csv", encoding, [])


def test_rare_characters_of_gb18030_are_read():
    assert texts(read("㛃𬱖,1\r\n".encode("gb18030"))) == [["㛃𬱖", "1"]]


def test_a_line_break_inside_quotes_stays_in_its_cell():
    assert texts(read('a,"张\n三"\r\nb,c\r\n'.encode())) == [["a", "张\n三"], ["b", "c"]]


@pytest.mark.parametrize("formula", ["=SUM(A1:A9)", '"=HYPERLINK(""http://x"",""点"")"', "=cmd|' /C calc'!A0", '"=""a""&""b"""'])
def test_a_formula_in_a_csv_is_marked(formula):
    sheet = read(f"金额\r\n{formula}\r\n3000\r\n".encode())
    assert [row[0].is_formula for row in sheet.rows] == [False, True, False]


def test_the_roster_goes_in_as_it_is():
    sheet = read((DATA / "roster_kaiyuan_20.xlsx").read_bytes(), "roster_kaiyuan_20.xlsx")
    other = read((DATA / "roster_gbk_20.csv").read_bytes(), "roster_gbk_20.csv")
    assert (sheet.name, len(sheet.rows), sheet.width, sheet.warnings) == ("困难职工花名册", 25, 18, [])
    assert (other.encoding, other.warnings) == ("gb18030", [])
    header = spreadsheet.find_header(sheet.rows, ["工号", "姓名", "身份证号", "银行卡号"])
    again = spreadsheet.find_header(other.rows, ["工号", "姓名", "身份证号", "银行卡号"])
    assert (header.row, header.depth, again.row) == (2, 1, 0)
    people = list(spreadsheet.records(sheet.rows, header))
    assert [number for number, _row in people] == list(range(4, 24))
    assert [[c.text for c in row] for _n, row in people] == [
        [c.text for c in row] for _n, row in spreadsheet.records(other.rows, again)
    ]


def test_text_and_numbers_and_days_are_told_apart():
    def fill(page, book):
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        page.write_string("A1", "3000")
        page.write_number("B1", 3000)
        page.write_datetime("C1", datetime(2026, 1, 5), day)
        page.write_datetime("D1", datetime(2026, 1, 5, 8, 30), book.add_format({"num_format": "yyyy-mm-dd hh:mm"}))
        page.write_boolean("E1", True)
        page.write_string("G1", "  张 三 ")

    row = read(xlsx(fill)).rows[0]
    assert [cell.value for cell in row] == ["3000", 3000.0, date(2026, 1, 5), datetime(2026, 1, 5, 8, 30), True, None, "  张 三 "]
    assert [cell.text for cell in row] == ["3000", "3000", "2026-01-05", "2026-01-05 08:30", "TRUE", "", "张 三"]
    assert [cell.is_number for cell in row] == [False, True, False, False, False, False, False]


def test_an_id_that_excel_kept_as_a_number_shows_its_three_zeros():
    cell = read(xlsx(table([[530000198304186490]]))).rows[0][0]
    assert cell.is_number and cell.text.startswith("53000019830418") and cell.text.endswith("000") and len(cell.text) == 18


def test_rows_and_columns_keep_their_place_on_the_sheet():
    sheet = read(xlsx(table([["x", None, "z"]], at=4)))
    assert (
        len(sheet.rows) == 5 and texts(sheet)[4] == ["x", "", "z"] and all(cell.is_blank for row in sheet.rows[:4] for cell in row)
    )
    right = read(raw_xlsx('<row r="2"><c r="C2"><v>7</v></c></row>'))
    assert texts(right) == [["", "", ""], ["", "", "7"]]


def test_the_blank_tail_is_cut_even_from_the_last_row_of_excel():
    def fill(page, book):
        table([HEAD, *PEOPLE])(page, book)
        grey = book.add_format({"bg_color": "#EEEEEE"})
        page.write_blank("A1048576", None, grey)
        page.write_blank("Z90", None, grey)
        page.write_string("A100", "   ")

    assert texts(read(xlsx(fill))) == [HEAD, *PEOPLE]


def test_the_first_visible_sheet_with_content_is_read_and_the_others_are_named():
    def fill(page, book):
        page.write("A1", "甲")
        book.add_worksheet("空")
        book.add_worksheet("去年").write("A1", "旧")

    sheet = read(xlsx(fill, hidden_first=True))
    assert sheet.name == "花名册" and sheet.sheet_names == ["花名册", "空", "去年"]
    assert sheet.warnings == ["文件里还有工作表 “去年”，这次只读了“花名册”。"]
    assert texts(read(xlsx(fill, hidden_first=True), sheet="去年")) == [["旧"]]
    with pytest.raises(Refused, match="没有名为“明年”的工作表"):
        read(xlsx(fill), sheet="明年")


def test_hidden_rows_are_read_and_named():
    def fill(page, book):
        table([HEAD, *PEOPLE])(page, book)
        page.set_row(2, None, None, {"hidden": True})

    sheet = read(xlsx(fill))
    assert len(sheet.rows) == 4 and sheet.hidden_rows == [3] and sheet.warnings == ["第 3 行是隐藏行，也会一起导入。"]


def test_merged_cells_are_reported():
    assert read(xlsx(lambda page, book: page.merge_range("A1:C2", "标题"))).merged == [(0, 0, 1, 2)]


def test_an_old_xls_is_read_and_its_formulas_marked():
    content = corpus.xls([["姓名", "金额"], ["孙秋菊", 3000.0], ["朱应忠", 12.5]], formulas={(2, 1)})
    sheet = read(content, "花名册.xls")
    assert (sheet.kind, sheet.name, sheet.warnings) == ("xls", "甲", [])
    assert texts(sheet) == [["姓名", "金额"], ["孙秋菊", "3000"], ["朱应忠", "12.5"]]
    assert [[cell.is_formula for cell in row] for row in sheet.rows] == [[False, False], [False, False], [False, True]]


def test_a_wrong_extension_is_only_mentioned():
    sheet = read(corpus.xls([["甲", 1.0]]), "花名册.xlsx")
    assert sheet.kind == "xls" and "扩展名是 .xlsx，内容其实是 .xls" in sheet.warnings[0]


# --- formulas ---


@pytest.mark.parametrize(
    ("cells", "marked"),
    [
        ('<c r="B1"><f>A1*2</f><v>4</v></c>', [1]),
        ('<c r="B1"><f>A1*2</f></c>', [1]),
        ('<c r="B1"><f t="shared" si="0"/><v>4</v></c>', [1]),
        ('<c r="B1"><v>4</v></c>', []),
        ('<c r="B1"><f t="array" ref="B1:D1">A1:C1</f><v>4</v></c><c r="C1"><v>1</v></c><c r="D1"><v>1</v></c>', [1, 2, 3]),
        ("<c><f>1+1</f><v>2</v></c>", [1]),  # cells may leave out where they stand
        ('<c r="B1" t="inlineStr"><is><t>&lt;f&gt;</t></is></c>', []),
        ('<c r="B1"><!-- --><f>A1</f><v>4</v></c>', [1]),
    ],
)
def test_a_formula_is_marked_with_or_without_a_kept_result(cells, marked):
    row = read(raw_xlsx(f'<row r="1"><c r="A1"><v>2</v></c>{cells}</row>')).rows[0]
    assert [at for at, cell in enumerate(row) if cell.is_formula] == marked


def test_people_whose_whole_row_is_formulas_without_results_are_not_lost():
    """Libraries write formulas without results: a row of =Sheet2!A1 looks empty, and would silently be one person less."""
    formulas = '<row r="3"><c r="A3"><f>Sheet2!A3</f></c><c r="B3"><f>Sheet2!B3</f></c><c r="C3"><f>1</f></c></row>'
    sheet = read(raw_xlsx(f'<row r="1"><c r="A1"><v>1</v></c><c r="B1"><v>1</v></c></row>{formulas}'))
    assert [[cell.is_formula for cell in row] for row in sheet.rows] == [[False] * 3, [False] * 3, [True] * 3]
    with pytest.raises(Refused, match="超过 2 行"):
        read(raw_xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row>{formulas}'), max_rows=2)


def test_formulas_filled_down_with_empty_results_are_no_people():
    filled = "".join(f'<row r="{n}"><c r="A{n}" t="str"><f>IF(B{n}="","",B{n})</f><v></v></c></row>' for n in range(2, 50))
    assert len(read(raw_xlsx(f'<row r="1"><c r="A1"><v>1</v></c></row>{filled}')).rows) == 1


def test_a_formula_under_a_namespace_prefix_is_marked():
    part = f'<x:worksheet xmlns:x="{corpus.MAIN}"><x:sheetData><x:row r="1"><x:c r="A1"><x:f>1+1</x:f><x:v>2</x:v></x:c></x:row></x:sheetData></x:worksheet>'
    assert read(raw_xlsx("", sheet=part)).rows[0][0].is_formula


def test_a_formula_across_two_chunks_of_the_file_is_found():
    filler = "".join(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 60_000))
    sheet = read(raw_xlsx(filler + '<row r="60000"><c r="A60000"><f>A1</f><v>1</v></c></row>'))
    assert sheet.rows[59_999][0].is_formula and not sheet.rows[59_998][0].is_formula


def test_text_that_begins_like_a_formula_is_only_text():
    cell = read(xlsx(lambda page, book: page.write_string("A1", "=1+1"))).rows[0][0]
    assert (cell.value, cell.is_formula) == ("=1+1", False)


# --- what is refused, and how ---


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 字节"),
        (b"\xef\xbb\xbf \r\n", "没有内容"),
        (b",,,\r\n,,,\r\n", "没有内容"),
        (raw_xlsx(""), "没有内容"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "其实是网页"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "其实是网页"),
        (b"MIME-Version: 1.0\r\nContent-Type: multipart/related", "其实是网页"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "XML 表格 2003"),
        (corpus.compound({"EncryptedPackage": b"x", "EncryptionInfo": b"y"}), "打开密码"),
        (corpus.compound({"WordDocument": b"x"}), "Word 文档"),
        (corpus.compound({"Something": b"x"}), "已损坏"),
        (raw_xlsx("", extra={"xl/vbaProject.bin": b"x"}), "带有宏"),
        (corpus.zip_of({"xl/workbook.bin": b"x"}), ".xlsb"),
        (corpus.zip_of({"mimetype": b"x", "content.xml": b"y"}), ".ods"),
        (corpus.zip_of({"word/document.xml": b"x"}), "Word 文档"),
        (corpus.zip_of({"照片.jpg": b"x"}), "压缩包"),
        (corpus.zip_of({"xl/workbook.xml": b"broken"}), "已损坏"),
        (raw_xlsx('<row r="1"><c r="A1"><v>1</v></c></row>')[:-40], "已损坏"),
        (raw_xlsx("<row><c><v>1</v>"), "已损坏"),
        (b"%PDF-1.7 ...", "PDF 或图片"),
        (b"\xff\xd8\xff\xe0" + b"x" * 99, "PDF 或图片"),
        (b"\x89PNG\r\n\x1a\n", "PDF 或图片"),
        (b"Rar!\x1a\x07", "压缩包"),
        (bytes(range(256)) * 40, "不是表格|无法识别"),
        (b"\x81\x20\xff\xff\xff" * 50, "编码无法识别"),
        (b"\xff\xfe\x00\xd8\x00", "编码无法识别"),
        (b'a,"b\r\n' + b"x" * (2 << 20), "引号或内容有误"),
    ],
)
def test_what_is_no_table_gets_a_sentence_with_a_remedy(content, says):
    with pytest.raises(Refused, match=says) as refusal:
        read(content, "花名册.xls")
    assert str(refusal.value).endswith("。")


def test_too_many_rows_are_refused_and_the_limit_itself_passes():
    line = "<row><c><v>1</v></c></row>"
    assert len(read(raw_xlsx(line * 50), max_rows=50).rows) == 50
    with pytest.raises(Refused, match="超过 50 行.*拆成"):
        read(raw_xlsx(line * 51), max_rows=50)
    with pytest.raises(Refused, match="超过 50 行"):
        read(b"1\r\n" * 51, max_rows=50)


def test_too_many_columns_are_refused():
    with pytest.raises(Refused, match="超过 300 列"):
        read((",".join(["x"] * 301) + "\r\n").encode())


def test_a_file_beyond_40_mb_is_refused_before_anything_opens_it(monkeypatch):
    monkeypatch.setattr(reading.subprocess, "Popen", None)
    with pytest.raises(Refused, match="超过 40 MB"):
        read(b"PK\x03\x04" + b"\0" * (40 << 20))


# --- traps ---


@pytest.mark.parametrize(
    "content",
    [
        raw_xlsx("", extra={f"xl/part{number}.xml": b"x" for number in range(200)}),  # too many entries
        raw_xlsx("", extra={"xl/big.xml": b" " * (30 << 20)}, level=9),  # a ratio of 1,000
        corpus.lying_zip(400 << 20, 1),  # declares more than 300 MB
    ],
)
def test_a_bomb_is_refused_by_what_it_declares(content, monkeypatch):
    monkeypatch.setattr(reading.subprocess, "Popen", None)
    with pytest.raises(Refused, match="异常庞大"):
        read(content)


def test_a_bomb_that_lies_about_its_size_is_counted():
    content = corpus.lying_zip(30 << 20, 310)
    assert len(content) < 1 << 20
    assert checking.kind_of(content) == "xlsx"
    with pytest.raises(Refused, match="异常庞大"):
        read(content)


def test_a_sheet_that_spans_from_corner_to_corner_dies_in_the_child_only():
    with pytest.raises(Refused, match="太复杂或已损坏"):
        read(raw_xlsx('<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'))


@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_neither_grow_nor_read_files(doctype):
    part = (
        f'{doctype}<worksheet xmlns="{corpus.MAIN}"><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c>'
        '<c r="B1"><f>1</f></c></row></sheetData></worksheet>'
    )
    with pytest.raises(Refused):
        read(raw_xlsx("", sheet=part))


def test_a_child_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.01)
    with pytest.raises(Refused, match="限定的时间"):
        read(TEXT.encode())


@pytest.mark.parametrize("death", ["import os; os.abort()", "import sys; sys.exit(3)", "pass"])
def test_a_child_that_dies_is_a_sentence_not_a_crash(monkeypatch, death):
    monkeypatch.setattr(reading, "_CHILD", death)
    with pytest.raises(Refused, match="太复杂或已损坏"):
        read(TEXT.encode())


def test_the_child_limits_itself_and_knows_no_django():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from bangfu.lib import spreadsheet_child as c; from bangfu.lib.spreadsheet_child import text, workbook\n"
        "import python_calamine, resource; c.limit()\n"
        "assert not any(name.split('.')[0] == 'django' for name in sys.modules)\n"
        "assert resource.getrlimit(resource.RLIMIT_AS)[0] == 1 << 30 and resource.getrlimit(resource.RLIMIT_CPU)[0] == 20\n"
        "try: bytearray(2 << 30)\nexcept MemoryError: print('ok')"
    )
    run = subprocess.run([sys.executable, "-I", "-c", code, reading._ROOT], capture_output=True, check=False)
    assert run.stdout == b"ok\n", run.stderr.decode()


def test_broken_files_end_in_rows_or_a_sentence():
    dice = random.Random(7)
    whole = [xlsx(table([HEAD, *PEOPLE])), corpus.xls([HEAD, ["1", "孙秋菊", "x", 5.0]], formulas={(1, 3)}), TEXT.encode("gb18030")]
    for number in range(24):
        content = bytearray(whole[number % 3])
        for _ in range(dice.choice((1, 5, 40))):
            content[dice.randrange(len(content))] = dice.randrange(256)
        if number % 4 == 0:
            del content[dice.randrange(len(content)) :]
        try:
            assert len(read(bytes(content)).rows) >= 0
        except Refused as refusal:
            assert str(refusal).endswith("。")


# --- size ---


def memory_mb() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4 // 1024


def test_a_hundred_thousand_rows_pass_and_leave_this_process_slim():
    content = corpus.big_xlsx(100_000, 18)
    before = memory_mb()
    sheet = read(content, "大.xlsx")
    assert (len(sheet.rows), sheet.width) == (100_000, 18)
    assert sum(1 for row in sheet.rows if row[17].value == 3017) == 100_000
    assert sheet.rows[99_999][0].text == "张0" and sheet.rows[-1][1].value == 3001
    assert memory_mb() - before < 50
