"""The roster comes in as the file it is; the same file again, the same rows as GB18030, and a file that is none."""

from __future__ import annotations

import pytest

from tests import browser as web
from tests.journeys.roster import GBK, XLSX, import_roster, upload

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

HEAD = "工号,姓名,身份证号,部门,主要致困原因,家庭人口\n"


def text_file(name: str, text: str) -> dict[str, object]:
    return {"name": name, "mimeType": "text/csv", "buffer": text.encode()}


def test_the_roster_goes_in_as_it_is_and_only_once(town):
    clerk = town.person("clerk")
    clerk.follow("导入花名册")
    template = clerk.opened("下载")
    assert template.startswith(b"PK"), "the template is a workbook"
    clerk.home()
    import_roster(clerk).follow("看这 20 行").sees("孙秋菊", "KY1001", "邵永昌").follow("KY2026-", within="main tbody").sees(
        "孙秋菊户", "长期困难", "物资供应部"
    )
    clerk.menu("家庭档案").sees("孙秋菊", "680.00")

    upload(clerk, XLSX).sees("同一个文件已经导入过", "此文件已于 2026-11-20 09:00 由钱文静导入")
    clerk.press("放弃这次上传").sees("已放弃")
    upload(clerk, GBK).sees("对列", "孙秋菊").press("试算（不写入）").sees("没有可写入的行", "没有变化20 行")
    assert not clerk.can("button", "写入")
    clerk.menu("家庭档案").sees("孙秋菊")


def test_a_file_that_cannot_be_read_says_so_in_words(town):
    clerk = town.person("clerk", width=web.PHONE)
    clerk.home().follow("导入花名册")
    clerk.press("上传并对列", status=422).sees("选文件")
    clerk.give("文件", {"name": "花名册.xlsx", "mimeType": "application/vnd.ms-excel", "buffer": b"PK\x03\x04 not a workbook"})
    clerk.press("上传并对列", status=422)
    said = clerk.text(".bf-note")
    assert "花名册" in said or "Excel" in said or "打不开" in said, said


def test_bad_rows_are_named_come_back_as_a_workbook_and_stop_the_rest(town):
    clerk = town.person("clerk")
    rows = HEAD + "Z9001,赵春芳,530000197805123000,设备动力部,子女上学,3\nZ9002,钱明德,53000019,设备动力部,子女上学,3\n"
    upload(clerk, text_file("一部门.csv", rows)).press("试算（不写入）")
    clerk.sees("1 行有错误", "赵春芳", "Excel 已把末三位改成 000。", "有一行错就整批不写")
    clerk.press("写入 1 行").misses("已写入")  # one bad row keeps the good one out, unless she says otherwise
    assert clerk.text(".bf-note")
    with clerk.page.expect_download() as coming:
        clerk.seen("button", "下载这").click()
    with open(coming.value.path(), "rb") as file:
        assert file.read(2) == b"PK"
    clerk.press("放弃").sees("已放弃")
    clerk.menu("家庭档案").misses("赵春芳", "钱明德")
