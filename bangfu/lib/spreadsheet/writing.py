"""Writing workbooks and CSV that nothing in them can turn into a formula. Source: trust.md P15."""

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bangfu.lib.days import local

MONEY = "#,##0.00"
DAY = "yyyy-mm-dd"
_HARMFUL = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_FONT = "宋体"
_VALIDATED_ROWS = 2_000  # rows below the header that get the drop-down


@dataclass(frozen=True)
class Column:
    """One column of a workbook to write.

    `kind`: "text" (default; identity numbers, cards and everything else stay text), "money" (values in fen, written in yuan),
    "number", "day" (date, or an instant shown in Shanghai). `choices` becomes a drop-down, `note` a comment on the header.
    """

    title: str
    kind: str = "text"
    width: float = 14
    required: bool = False
    choices: Sequence[str] = ()
    note: str = ""
    example: Any = None


def write(
    columns: Sequence[Column],
    rows: Iterable[Sequence[Any]],
    *,
    title: str = "",
    notes: Sequence[str] = (),
    sheet: str = "Sheet1",
    reasons: Iterable[str] | None = None,
    reason_title: str = "",
    bad_cells: Iterable[Iterable[int]] | None = None,
    totals: Sequence[Any] | None = None,
) -> bytes:
    """An .xlsx of these rows (one value per column); memory does not grow with their number.

    `reasons` adds a last column with each row's reason, `bad_cells` paints the named column indexes of each row red;
    with both, every row needs an entry. `title` and `notes` stand above the header; an example row follows it when a column
    has an example. Text is written as text, whatever it begins with.
    """
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "constant_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_date_format": DAY,
        },
    )
    formats = _formats(book)
    page = book.add_worksheet(sheet[:31])
    heads = [*columns, Column(reason_title or "原因", width=40)] if reasons is not None else list(columns)
    _set_up(book, page, heads, formats)
    at = _above(page, title, notes, formats)
    _head(page, at, heads, formats)
    _drop_downs(book, page, heads, at + 1, formats)
    page.freeze_panes(at + 1, 1)
    at += 1
    if any(column.example is not None for column in columns):
        examples = [column.example for column in columns]
        examples[0] = f"示例 {'' if examples[0] is None else examples[0]}".strip()  # `records` leaves such a row out
        _row(page, at, columns, examples, {"base": "example"}, formats)
        at += 1
    reason_of, bad_of = iter(reasons or ()), iter(bad_cells or ())
    for values in rows:
        bad = frozenset(next(bad_of, ()))
        _row(page, at, columns, values, {"base": "", "bad": bad}, formats)
        if reasons is not None:
            page.write_string(at, len(columns), _text(next(reason_of, "")), formats["reason"])
        at += 1
    if totals is not None:
        _row(page, at, columns, totals, {"base": "total"}, formats)
    book.close()
    return out.getvalue()


def _formats(book: Any) -> dict[str, Any]:
    base: dict[str, Any] = {"font_name": _FONT, "font_size": 11, "valign": "vcenter"}
    looks: dict[str, dict[str, Any]] = {
        "title": {"bold": True, "font_size": 14},
        "note": {"font_color": "#595959", "text_wrap": True},
        "head": {"bold": True, "bg_color": "#E7ECF2", "border": 1, "text_wrap": True, "align": "center"},
        "required": {"bold": True, "bg_color": "#FBE9C6", "border": 1, "text_wrap": True, "align": "center"},
        "reason": {"font_color": "#9C0006", "text_wrap": True},
    }
    formats = {name: book.add_format(base | look) for name, look in looks.items()}
    variants: dict[str, dict[str, Any]] = {
        "": {},
        "bad": {"bg_color": "#FFC7CE", "font_color": "#9C0006"},
        "example": {"italic": True, "font_color": "#7F7F7F"},
    }
    variants["total"] = {"bold": True, "top": 1}
    for name, look in variants.items():
        for kind, shape in (("text", "@"), ("money", MONEY), ("number", "General"), ("day", DAY)):
            formats[f"{name}:{kind}"] = book.add_format(base | look | {"num_format": shape})
    return formats


def _set_up(book: Any, page: Any, heads: Sequence[Column], formats: dict[str, Any]) -> None:
    for at, column in enumerate(heads):
        page.set_column(at, at, column.width, formats[f":{column.kind}"])
    page.set_landscape()
    page.set_paper(9)  # A4
    page.fit_to_pages(1, 0)


def _above(page: Any, title: str, notes: Sequence[str], formats: dict[str, Any]) -> int:
    at = 0
    if title:
        page.write_string(at, 0, _text(title), formats["title"])
        at += 1
    for note in notes:
        page.write_string(at, 0, _text(note), formats["note"])
        at += 1
    return at


def _head(page: Any, at: int, heads: Sequence[Column], formats: dict[str, Any]) -> None:
    for place, column in enumerate(heads):
        page.write_string(at, place, _text(column.title), formats["required" if column.required else "head"])
        if column.note:
            page.write_comment(at, place, _text(column.note), {"x_scale": 1.6})
    page.repeat_rows(at)


def _drop_downs(book: Any, page: Any, heads: Sequence[Column], first: int, formats: dict[str, Any]) -> None:
    """Lists of choices; those longer than Excel's 255 characters stand on a hidden sheet."""
    hidden = None
    for place, column in enumerate(heads):
        if not column.choices:
            continue
        words = [_text(word) for word in column.choices]
        source: Any = words
        if len(",".join(words)) > 250 or any("," in word for word in words):
            if hidden is None:
                hidden = book.add_worksheet("_choices")
                hidden.hide()
            source = _hidden_list(hidden, place, words, formats)
        page.data_validation(
            first, place, first + _VALIDATED_ROWS, place,
            {"validate": "list", "source": source, "error_type": "warning"},
        )  # fmt: skip


def _hidden_list(hidden: Any, place: int, words: Sequence[str], formats: dict[str, Any]) -> str:
    """Writes the list as one row of the hidden sheet (rows only grow, as constant memory demands); its reference."""
    from xlsxwriter.utility import xl_rowcol_to_cell

    for at, word in enumerate(words):
        hidden.write_string(place, at, word, formats[":text"])
    first = xl_rowcol_to_cell(place, 0, row_abs=True, col_abs=True)
    last = xl_rowcol_to_cell(place, len(words) - 1, row_abs=True, col_abs=True)
    return f"=_choices!{first}:{last}"


def _row(
    page: Any, at: int, columns: Sequence[Column], values: Sequence[Any], look: dict[str, Any], formats: dict[str, Any]
) -> None:
    for place, (column, value) in enumerate(zip(columns, values, strict=True)):
        name = "bad" if place in look.get("bad", ()) else look["base"]
        form = formats[f"{name}:{column.kind}"]
        if value is None or value == "":
            page.write_blank(at, place, None, form)
        elif isinstance(value, datetime):
            page.write_datetime(at, place, local(value).replace(tzinfo=None) if value.tzinfo else value, form)
        elif isinstance(value, date):
            page.write_datetime(at, place, datetime(value.year, value.month, value.day), form)
        elif isinstance(value, (int, float)) and not isinstance(value, bool) and column.kind in ("money", "number"):
            page.write_number(at, place, value / 100 if column.kind == "money" else value, form)
        else:
            page.write_string(at, place, _text(value), form)


def _text(value: Any) -> str:
    """At most what a cell holds, without the control characters that XML refuses."""
    return _CONTROL.sub("", str(value))[:32_767]


def write_csv(columns: Sequence[Column], rows: Iterable[Sequence[Any]]) -> bytes:
    """The same rows as CSV in UTF-8 with BOM (opens right in WPS and Excel).

    A text that Excel would calculate (= + - @ TAB CR …) gets an apostrophe in front; long digits get a tab, so that they stay text.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([_inert(column.title) for column in columns])
    for values in rows:
        writer.writerow([_csv_value(column, value) for column, value in zip(columns, values, strict=True)])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def _csv_value(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return f"{local(value) if value.tzinfo else value:%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int) and not isinstance(value, bool) and column.kind == "money":
        sign, value = ("-", -value) if value < 0 else ("", value)
        return f"{sign}{value // 100}.{value % 100:02d}"
    if isinstance(value, (int, float)) and not isinstance(value, bool) and column.kind == "number":
        return str(value)
    text = _text(value)
    if text.isascii() and text[:-1].isdigit() and len(text) > 11:
        return f"\t{text}"
    return _inert(text)


def _inert(text: str) -> str:
    return f"'{text}" if text.lstrip(" ").startswith(_HARMFUL) or text.startswith(_HARMFUL) else text
