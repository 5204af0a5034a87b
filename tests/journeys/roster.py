"""What a clerk does with the roster file."""

from __future__ import annotations

from pathlib import Path

from tests.journeys.people import Person

ROSTER = Path(__file__).parents[2] / "bangfu/household/imports/tests/data"
XLSX, GBK = ROSTER / "roster_kaiyuan_20.xlsx", ROSTER / "roster_gbk_20.csv"


def upload(clerk: Person, file: Path | dict) -> Person:
    """Choose the file on the import page and send it."""
    clerk.home().follow("导入花名册")
    clerk.give("文件", file)
    return clerk.press("上传并对列")


def import_roster(clerk: Person) -> Person:
    """The shared roster as it is: columns, dry run, written."""
    upload(clerk, XLSX).sees("对列", "孙秋菊")
    clerk.press("试算（不写入）").sees("没有错误", "20")
    return clerk.press("写入 20 行").sees("已写入")
