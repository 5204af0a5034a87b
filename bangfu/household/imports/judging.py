"""Rows of the file become values, each cell judged by its column; nothing here touches the register."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from bangfu.household import figures
from bangfu.household.imports.columns import BY_KEY, columns_of
from bangfu.household.imports.fields import Column, Context, split_sentence
from bangfu.lib import identity
from bangfu.lib.spreadsheet import Cell, Header, Sheet, column_name, is_total_row, records

OWN_ROW = -1  # a problem of the whole row


@dataclass(frozen=True, slots=True)
class Problem:
    """What stops a row: which cell, what it says, why that will not do, how to mend it."""

    row: int
    at: int  # column of the file from 0, OWN_ROW for the row as a whole
    key: str
    title: str
    value: str
    reason: str
    remedy: str
    name: str = ""
    is_blocking: bool = False


@dataclass(slots=True)
class Row:
    """One row of the file as values by key; usable when it has no problems."""

    number: int
    values: dict[str, Any]
    problems: list[Problem] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    unlike: list[figures.Unlike] = field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.values.get("name", ""))


class Judge:
    """Judges the rows of one file; keeps what must be unique in it."""

    def __init__(self, columns: list[dict[str, Any]], kind: str, context: Context, fixes: dict[str, str]) -> None:
        wanted = {column.key: column for column in columns_of(kind)}
        self.places: list[tuple[int, str, Column]] = [
            (entry["at"], entry["title"], wanted[entry["key"]]) for entry in columns if entry["key"] in wanted
        ]
        self.kind, self.context = kind, context
        self.fixes: dict[int, dict[int, str]] = {}
        for place, text in fixes.items():
            row, at = map(int, place.split(":"))
            self.fixes.setdefault(row, {})[at] = text
        self.title_of = {column.key: (at, title) for at, title, column in self.places}
        self._words: dict[str, dict[Any, Any]] = {}
        self._identities: dict[str, int] = {}
        self._numbers: dict[str, int] = {}
        self._namesakes: dict[tuple[str, str], int] = {}

    def rows(self, sheet: Sheet, header: Header) -> Iterator[Row]:
        for number, cells in records(sheet.rows, header):
            yield self.row(number, cells)

    def row(self, number: int, cells: list[Cell]) -> Row:
        row = Row(number, {})
        fixed = self.fixes.get(number, {})
        for at, title, column in self.places:
            cell = Cell(fixed[at]) if at in fixed else cells[at]
            if cell.is_blank:
                if column.required:
                    self._note(
                        row, at, column, title, cell, _("没有填。"), _("%(title)s不能空，请补上。") % {"title": column.title}
                    )
                continue
            self._judge(row, at, title, column, cell)
        self._whole(row)
        row.problems = [replace(problem, name=row.name) for problem in row.problems]
        return row

    def _judge(self, row: Row, at: int, title: str, column: Column, cell: Cell) -> None:
        if cell.is_formula and column.no_formula:
            self._note(
                row, at, column, title, cell, _("单元格里是公式，算出来的数可能没有保存。"),
                _("复制这一列，选择性粘贴为“数值”，再上传。"),
            )  # fmt: skip
            return
        known = self._words.setdefault(column.key, {}) if column.is_word else {}
        if cell.value in known:
            row.values[column.key] = known[cell.value]
            return
        remarks: list[str] = []
        try:
            known[cell.value] = row.values[column.key] = column.read(cell.value, self.context, remarks)
        except ValueError as wrong:
            self._note(row, at, column, title, cell, *split_sentence(str(wrong)))
        if remarks:
            row.warnings += [f"{title}：{remark}" for remark in remarks]

    def _note(self, row: Row, at: int, column: Column, title: str, cell: Cell, reason: str, remedy: str) -> None:
        row.problems.append(Problem(row.number, at, column.key, title, cell.text[:200], reason, remedy))

    def _whole(self, row: Row) -> None:
        """What two cells of one row, or two rows, say to each other."""
        values = row.values
        number = values.get("identity", "")
        if number:
            self._agree(row, number)
            first = self._identities.setdefault(number, row.number)
            if first != row.number:
                self._against(row, "identity", number, _("和第 %(row)d 行是同一个号码。") % {"row": first}, _("一人只留一行。"))
        worker_no = values.get("worker_no", "")
        if worker_no:
            first = self._numbers.setdefault(worker_no, row.number)
            if first != row.number:
                self._against(row, "worker_no", worker_no, _("和第 %(row)d 行的工号相同。") % {"row": first}, _("请核对后改正。"))
        if self.kind == "archive":
            self._arithmetic(row)
        if self.kind == "members" and not number and row.name and values.get("head_identity"):
            first = self._namesakes.setdefault((values["head_identity"], row.name), row.number)
            if first != row.number:
                self._against(
                    row, "name", row.name, _("和第 %(row)d 行是同一户的同名成员。") % {"row": first}, _("同名的请填身份证号区分。")
                )

    def _agree(self, row: Row, number: str) -> None:
        paper = self.context.paper  # of the last number read: a row of members has two
        checked = paper if paper is not None and paper.value == number else identity.check(number, on=self.context.on)
        birth, sex = row.values.get("birth_date"), row.values.get("sex")
        if birth and checked.birth_date and birth != checked.birth_date:
            reason = _("按身份证应是 %(day)s。") % {"day": checked.birth_date}
            self._against(row, "birth_date", str(birth), reason, _("对照证件，改正其中一个。"))
        if sex and checked.sex and sex != checked.sex:
            row.warnings.append(_("性别与身份证第 17 位不符，请与证件核对。"))
        row.values.setdefault("birth_date", checked.birth_date)
        row.values.setdefault("sex", checked.sex)

    def _arithmetic(self, row: Row) -> None:
        """Stated figures against their parts. Source: S1-13; spec/practice.md 1.5 (D check)."""
        values = row.values
        size, annual = values.get("size"), values.get("annual_fen")
        row.unlike = figures.unlike(stated_size=size, stated_annual_fen=annual, rows=1, monthly_fen=values.get("own_monthly_fen"))
        per_head = values.get("per_head_fen")
        if per_head is not None and size and annual is not None:
            computed = figures.per_head(size=size, monthly_fen=None, stated_annual_fen=annual, complete=False)
            if computed is not None and abs(per_head - computed) > 100:  # rosters round to whole yuan
                reason = _("与家庭年度总收入除以人口、再除以 12 个月不符。")
                self._against(row, "per_head_fen", str(per_head / 100), reason, _("核对收入和人口，改正其中一个。"))
        fen, times = values.get("helped_fen"), values.get("helped_times")
        if fen and times == 0:
            self._against(row, "helped_times", "0", _("有帮扶金额，人次却是 0。"), _("请核对后改正。"))

    def _against(self, row: Row, key: str, value: str, reason: str, remedy: str) -> None:
        at, title = self.title_of.get(key, (OWN_ROW, str(BY_KEY[key].title)))
        row.problems.append(Problem(row.number, at, key, title, value, reason, remedy))


def whole_row(row: Row, reason: str, remedy: str, *, key: str = "", value: str = "", judge: Judge) -> None:
    """Add a problem that only the register knows of."""
    at, title = judge.title_of.get(key, (OWN_ROW, str(BY_KEY[key].title) if key else _("（整行）")))
    row.problems.append(Problem(row.number, at, key, title, value, reason, remedy, row.name))


def place_name(at: int) -> str:
    return "" if at == OWN_ROW else column_name(at)


def total_rows(sheet: Sheet, header: Header) -> Iterator[tuple[int, list[Cell]]]:
    """(row as Excel counts, cells) of the rows that say 合计, 小计 …"""
    for at, cells in enumerate(sheet.rows):
        if at >= header.first_data_row and is_total_row(cells):
            yield at + 1, cells
