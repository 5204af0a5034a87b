"""Every wrong file ends in rows or in a named Chinese message; none half-writes, none kills the process. Source: trust.md P14."""

from __future__ import annotations

import io
import zipfile

import pytest
import xlsxwriter

from bangfu.household.imports.models import ImportBatch
from bangfu.household.imports.tests.test_wizard import household, person
from bangfu.household.imports.tests.wizard import FILES, HEAD, Wizard, table, text_of
from bangfu.household.models import Staff


def book(*rows: list[object], above: int = 0) -> bytes:
    out = io.BytesIO()
    workbook = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    page = workbook.add_worksheet("花名册")
    for at, row in enumerate(rows):
        page.write_row(at + above, 0, row)
    workbook.close()
    return out.getvalue()


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * (400 << 20))
    return out.getvalue()


def zipped(name: str, content: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(name, content)
    return out.getvalue()


GOOD = table(HEAD, person(1), person(2))
WRONG = {
    "empty": b"",
    "blank": b"\n\n\n",
    "noise": bytes(range(256)) * 40,
    "zeros": b"\0" * 5000,
    "cut xlsx": book(HEAD, person(1))[:900],
    "zip bomb": bomb(),
    "other zip": zipped("a.txt", b"hello"),
    "word": zipped("word/document.xml", b"<w/>"),
    "macros": zipped("xl/vbaProject.bin", b"x"),
    "encrypted": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le") + b"\0" * 600,
    "html as xls": b"<html><body><table><tr><td>1</td></tr></table></body></html>",
    "picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 200,
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + b"1 0 obj" * 50,
    "one column": "姓名\n张守诚\n".encode(),
    "numbers only": b"1,2,3\n4,5,6\n",
    "empty sheet": book(),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_file_ends_in_a_chinese_sentence(cast, name):
    li = Wizard(cast.li)
    answer = li.upload(WRONG[name], "花名册.xlsx")
    page = text_of(answer)
    assert answer.status_code == 422 and "请" in page.split("<main")[1]
    for word in ("Traceback", "Invalid", "Error", "None"):
        assert word not in page.split("<main")[1]
    assert ImportBatch.objects.count() == 0 and Staff.objects.count() == 0


READABLE = {
    "gbk": GOOD.decode().encode("gb18030"),
    "utf-8 with mark": b"\xef\xbb\xbf" + GOOD,
    "utf-16": GOOD.decode().encode("utf-16"),
    "semicolons": GOOD.decode().replace(",", ";").encode(),
    "title rows above": book(HEAD, person(1), person(2), above=4),
    "header again on page 2": table(HEAD, person(1), HEAD, person(2)),
    "blank rows between": table(HEAD, person(1), [], ["", "", ""], person(2)),
    "total and signature": table(HEAD, person(1), person(2), ["合计", "2 人"], ["填表人：张三", "", "审核人：李四"]),
    "wide digits and small x": table(HEAD, person(1), [*person(2)[:2], "５３００００１９６３１１２４９７７ｘ", *person(2)[3:]]),
    "blanks inside names": table(HEAD, [person(1)[0], "张 守", *person(1)[2:]], person(2)),
    "code of the unit": table(HEAD, person(1, unit="ky-dl"), person(2)),
    "heads with stars": table(["*工号", "姓 名", "身份证号码（必填）", "所在部门", "联系电话", "银行账号"], person(1), person(2)),
    "inert text that Excel would calculate": table([*HEAD, "岗位"], [*person(1), "@SUM(1)"], [*person(2), "+86"]),
}


@pytest.mark.parametrize("name", READABLE)
def test_a_roster_as_people_keep_it_is_read(cast, name):
    li = Wizard(cast.li)
    li.upload(READABLE[name])
    li.columns()
    assert li.problems() == [] and li.batch.rows_new == 2
    li.write()
    assert Staff.objects.count() == 2


CELLS = [
    ("家庭人口", "0", "至少 1 人。本人也算。"),
    ("家庭人口", "三口", "不是整数"),
    ("家庭人口", "99", "超过 30"),
    ("本人月平均收入(元)", "三千二", "带有万、千等单位"),
    ("本人月平均收入(元)", "abc", "不是金额"),
    ("本人月平均收入(元)", "-1", "是负数"),
    ("本人月平均收入(元)", "0.001", "小数多于两位"),
    ("本人月平均收入(元)", "1000000000", "超过上限"),
    ("家庭年度总收入(元)", "3万", "带有万、千等单位"),
    ("主要致困原因", "懒", "可填：本人大病"),
    ("困难类别", "特困", "可填：特别困难、长期困难、临时困难"),
    ("身份证号", "=HYPERLINK(1)", "公式"),
    ("身份证号", "5.3E+17", "科学计数法"),
    ("姓名", "张3", "有数字"),
    ("姓名", "", "没有填。"),
    ("部门", "", "没有填。"),
]


@pytest.mark.parametrize(("title", "text", "why"), CELLS)
def test_a_wrong_cell_is_named(cast, title, text, why):
    li = Wizard(cast.li)
    row = household(1)
    row[FILES.index(title)] = text
    li.take(table(FILES, row, household(2)))
    assert [(number, head) for number, head, _why in li.problems()] == [(2, title)]
    assert why in li.problems()[0][2]


GOOD_CELLS = [
    ("本人月平均收入(元)", "2,000元"), ("本人月平均收入(元)", "￥２０００"), ("本人月平均收入(元)", "贰仟元整"), ("家庭人口", "3人"),
    ("主要致困原因", "家属大病"), ("主要致困原因", "赡养老人"), ("主要致困原因", "意外灾害"), ("主要致困原因", "收入低"),
    ("困难类别", " 长期困难 "), ("手机号码", "+86 138-0000-0001"), ("银行卡号", "6222 0216 8753 6253 779"), ("银行卡号", ""),
]  # fmt: skip


@pytest.mark.parametrize(("title", "text"), GOOD_CELLS)
def test_a_cell_as_people_write_it_is_read(cast, title, text):
    li = Wizard(cast.li)
    row = household(1)
    row[FILES.index(title)] = text
    li.take(table(FILES, row))
    assert li.problems() == []


def test_days_are_read_as_people_write_them(cast):
    li = Wizard(cast.li)
    for written in ("2016-12-31", "2016.12.31", "2016年12月31日", "2016/12/31", "42735"):
        li.take(table([*FILES, "建档日期"], [*household(1), written]))
        assert li.problems() == [], written
    li.take(table([*FILES, "建档日期"], [*household(1), "2016.13.05"]))
    assert "不是存在的日期" in li.problems()[0][2]
    li.take(table([*HEAD, "出生日期"], [*person(1), "1979-12-05"]))
    assert li.problems()[0][2] == "按身份证应是 1978-03-12。对照证件，改正其中一个。"


def test_without_a_policy_in_force_a_grade_is_an_error_and_none_is_not(cast, monkeypatch):
    from bangfu.household import grades

    monkeypatch.setattr(grades, "sources", [])
    li = Wizard(cast.li)
    li.take(table(FILES, household(1), household(2, grade="")))
    assert [row for row, _title, _why in li.problems()] == [2] and "还没有施行中的办法" in li.problems()[0][2]
