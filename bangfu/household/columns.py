"""The columns of the list of files: one place says what each is called, how it sorts, and how its cell is drawn.

Cells are drawn here and not in the template: fifty rows of twelve columns are six hundred cells, and a page is as fast as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

from bangfu.household.models import Household
from bangfu.household.models.words import Level, NationalClass, State, Tie
from bangfu.lib.money import yuan
from bangfu.lib.templatetags.bf_parts import status


@dataclass(frozen=True)
class Column:
    """One column. `wide`: dropped on narrow screens. `label`: what stands before the value on a phone's card."""

    key: str
    title: Any
    draw: Callable[[Household], Any]
    classes: str = "nb"
    sort: str = ""
    label: Any = ""
    wide: bool = False
    of_cases: bool = False  # filled by the modules above

    @property
    def cell_classes(self) -> str:
        return f"{self.classes} d-none d-lg-table-cell" if self.wide else self.classes

    @property
    def head_classes(self) -> str:
        kept = [word for word in self.classes.split() if word == "num"]
        return " ".join([*kept, "d-none d-lg-table-cell"] if self.wide else kept)


def _fen(value: int | None) -> str:
    return "—" if value is None else yuan(value)


def _day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if value else "—"


def _extra(name: str) -> Callable[[Household], Any]:
    return lambda row: row.extra.get(name)  # type: ignore[attr-defined]


def _year(row: Household) -> Any:
    """None: kept from this reader."""
    fen = row.extra.get("year_fen", 0)  # type: ignore[attr-defined]
    return "—" if fen is None else _fen(fen)


def _matter(row: Household) -> Any:
    """What is going on, else what the file is if it is not simply on file."""
    matter = row.extra.get("status")  # type: ignore[attr-defined]
    if matter:
        return status(matter["kind"], matter["text"], matter["icon"])
    if row.state == State.FILED:
        return ""
    return status("due" if row.state == State.CLUE else "wait", row.get_state_display(), "folder")


def _state(row: Household) -> Any:
    kind = {State.CLUE: "due", State.FILED: "done"}.get(State(row.state), "wait")
    return status(kind, row.get_state_display(), "folder")


_PICK = _("选")
_LEVELS, _TIES, _CLASSES = dict(Level.choices), dict(Tie.choices), dict(NationalClass.choices)
COLUMNS = {
    column.key: column
    for column in (
        Column("number", _("档号"), lambda row: row.number, "nb bf-2", sort="number", wide=True),
        Column("unit", _("部门"), lambda row: row.unit.name),
        Column("grade", _("档次"), lambda row: row.grade_title or "—", wide=True),  # type: ignore[attr-defined]
        Column("national", _("全国类别"), lambda row: _CLASSES.get(row.national_class, ""), wide=True),
        Column("cause", _("致困原因"), lambda row: row.cause_short, wide=True),
        Column("size", _("人口"), lambda row: row.size, "num", sort="size", wide=True),
        Column("income", _("月人均（元）"), lambda row: _fen(row.per_head_fen), "num lo", sort="income", label=_("月人均")),
        Column("tie", _("与单位的关系"), lambda row: _TIES.get(row.tie, ""), wide=True),
        Column("level", _("档案级别"), lambda row: _LEVELS.get(row.level, ""), wide=True),
        Column("opened", _("建档日期"), lambda row: _day(row.opened_on), "nb bf-2", sort="opened", wide=True),
        Column("reviewed", _("最近复核"), lambda row: _day(row.reviewed_on), "nb bf-2", wide=True),
        Column("year", _("今年帮扶（元）"), _year, "num lo", label=_("今年"), of_cases=True),
        Column("left", _("还可领（元）"), lambda row: _fen(_extra("left_fen")(row)), "num lo", label=_("还可领"), of_cases=True),
        Column("visit", _("本季走访"), lambda row: _extra("visit")(row) or "", wide=True, of_cases=True),
        Column("matter", _("当前的事"), _matter, "nb end", of_cases=True),
        Column("state", _("状态"), _state, "nb end"),
    )
}
USUAL = ("number", "unit", "grade", "cause", "size", "income", "year", "left", "visit", "matter")
WITHOUT_CASES = ("number", "unit", "grade", "cause", "size", "income", "state")


def chosen(keys: Sequence[str], *, has_extras: bool) -> list[Column]:
    """The columns to draw, in the order of the list; what is not known any more is passed over."""
    wanted = set(keys) or set(USUAL if has_extras else WITHOUT_CASES)
    return [column for column in COLUMNS.values() if column.key in wanted and (has_extras or not column.of_cases)]


def drawn(rows: Sequence[Household], columns: Sequence[Column]) -> None:
    """Gives each row its `markup`: the box to pick it, the name that leads to the file, and its cells."""
    before, after = reverse("household", args=["\0"]).split("%00")
    frames = [(column.draw, _frame(column)) for column in columns]
    for row in rows:
        name = conditional_escape(row.head_name)
        parts = [f"{frame}{conditional_escape(draw(row))}</td>" for draw, frame in frames]
        box = f'<input class="form-check-input" type="checkbox" name="pick" value="{row.pk}" aria-label="{_PICK} {name}">'
        link = f'<a href="{before}{quote(row.number)}{after}">{name}</a>'
        row.markup = mark_safe(  # type: ignore[attr-defined]  # each part is escaped above
            f'<tr><td class="pick">{box}</td><th scope="row" class="nb">{link}</th>{"".join(parts)}</tr>'
        )


def _frame(column: Column) -> str:
    if not column.label:
        return f'<td class="{column.cell_classes}">'
    return format_html('<td class="{}" data-l="{}">', column.cell_classes, column.label)


def foot(columns: Sequence[Column], year_fen: int) -> list[SafeString]:
    """The cells of the total row behind its title, which spans the name and the box before it."""
    return [
        format_html('<td class="num end">{}</td>', yuan(year_fen)) if column.key == "year"
        else format_html('<td{}></td>', mark_safe(' class="d-none d-lg-table-cell"') if column.wide else "")
        for column in columns
    ]  # fmt: skip
