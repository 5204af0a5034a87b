"""The total row: what it states against what the column adds up to. A sum beyond every cap is refused. Source: S1-13, S4-9."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bangfu.household.imports.fields import Context, fen_of, in_large_units, plain, split_sentence, too_much
from bangfu.household.imports.judging import Judge, Problem
from bangfu.household.models.words import Matter
from bangfu.lib.money import CAP_FEN, yuan
from bangfu.lib.spreadsheet import Cell

_PARTIAL = ("小计", "本页")


@dataclass(frozen=True, slots=True)
class Stated:
    """A stated total that is unlike the computed one: fen, or persons."""

    row: int
    title: str
    matter: str
    stated: int
    computed: int


class Columns:
    """Running sums of the columns that a total row may state: of the whole file, and since the last 小计."""

    def __init__(self, judge: Judge) -> None:
        self.judge = judge
        self.places = [(at, title, column) for at, title, column in judge.places if column.sums]
        self.whole: dict[str, int] = {}
        self.marks: list[tuple[int, dict[str, int]]] = []  # running sums at each row of the file that ends a part
        self.unread: set[str] = set()

    def add(self, number: int, values: dict[str, Any], unread: set[str]) -> None:
        for _at, _title, column in self.places:
            value = values.get(column.key)
            if value is not None:
                self.whole[column.key] = self.whole.get(column.key, 0) + value
        self.unread |= unread

    def mark(self, number: int) -> None:
        self.marks.append((number, dict(self.whole)))


def compare(
    columns: Columns, totals: list[tuple[int, list[Cell]]], context: Context
) -> tuple[list[Stated], list[Problem], list[str]]:
    """(held totals, refused ones, remarks) of all total rows; `columns.marks` has the running sums at each of them."""
    held: list[Stated] = []
    problems: list[Problem] = []
    remarks: list[str] = []
    sums_at = dict(columns.marks)
    last: dict[str, int] = {}
    for number, cells in totals:
        label = next((cell.text for cell in cells if not cell.is_blank), "")
        partial = any(word in plain(label) for word in _PARTIAL)
        sums = sums_at.get(number, columns.whole)
        fixed = columns.judge.fixes.get(number, {})
        times = _times(columns, cells)
        for at, title, column in columns.places:
            cell = Cell(fixed[at]) if at in fixed else cells[at]
            if cell.is_blank or (cell.is_formula and not cell.value):
                continue
            stated, problem = _stated(number, at, title, column, cell, context, times)
            if problem:
                problems.append(problem)
            elif column.key in columns.unread:
                remarks.append(
                    _("第 %(row)d 行“%(title)s”的合计暂时核对不了：这一列还有读不出的格。") % {"row": number, "title": title}
                )
            else:
                computed = sums.get(column.key, 0) - (last.get(column.key, 0) if partial else 0)
                if stated != computed:
                    matter = Matter.TOTAL if column.sums == "fen" else Matter.SIZE
                    held.append(Stated(number, title, matter, stated, computed))
        if partial:
            last = sums
    return held, problems, remarks


def _stated(number: int, at: int, title: str, column: Any, cell: Cell, context: Context, times: int) -> tuple[int, Problem | None]:
    name = _("（合计行）")
    if column.sums == "count":
        text = plain(cell.value).removesuffix("人").removesuffix("次").removesuffix("户")
        if text.isdecimal():
            return int(text), None
        reason, remedy = _("“%(text)s”不是整数。") % {"text": cell.text}, _("写成数字，或清空这一格。")
        return 0, Problem(number, at, column.key, title, cell.text, reason, remedy, name, True)
    try:
        fen = fen_of(cell.value) * context.factors.get(column.key, 1)
        if fen > CAP_FEN:
            raise ValueError(beyond(fen, times))
        return fen, None
    except ValueError as wrong:
        reason, remedy = split_sentence(str(wrong))
        return 0, Problem(number, at, column.key, title, cell.text, reason, remedy, name, True)


def beyond(fen: int, times: int) -> str:
    """37.2 亿元, 91 人次, 平均每次约 4,087.91 万元: what makes it impossible, and what was probably meant."""
    if not times:
        return too_much(fen, CAP_FEN)
    each = in_large_units(round(fen / times))
    words = {"sum": in_large_units(fen), "times": times, "each": each, "guess": yuan(fen // 10_000)}
    return _("%(sum)s，%(times)d 人次，平均每次约 %(each)s。是不是 %(guess)s 元？核对单位是元还是万元。") % words


def _times(columns: Columns, cells: list[Cell]) -> int:
    for at, _title, column in columns.places:
        if column.key == "helped_times":
            text = plain(cells[at].value).removesuffix("次").removesuffix("人")
            return int(text) if text.isdecimal() else 0
    return 0
