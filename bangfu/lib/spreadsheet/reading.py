"""Reading a spreadsheet through a child process; the rows stay packed here and are unpacked as they are walked."""

import json
import subprocess
import sys
import zlib
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, overload

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.lib.numerals import plain_number
from bangfu.lib.spreadsheet import checking

WALL_SECONDS = 60
_ROOT = str(Path(__file__).resolve().parents[3])
_CHILD = "import sys; sys.path.insert(0, sys.argv.pop(1)); from bangfu.lib import spreadsheet_child as c; c.main(sys.argv[1:])"

Value = str | int | float | bool | date | datetime | None


class Cell(NamedTuple):
    """One cell: text, number, date or None as the file has it, and whether a formula stands behind it."""

    value: Value = None
    is_formula: bool = False

    @property
    def text(self) -> str:
        """What a person sees: numbers without idle zeros or exponent, days as 2026-01-05, blanks around it removed."""
        value = self.value
        if value is None:
            return ""
        if isinstance(value, str):
            return value.strip()
        if isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if isinstance(value, (int, float)):
            return plain_number(value)
        if isinstance(value, datetime):
            return value.isoformat(" ", "minutes") if (value.hour or value.minute) else value.date().isoformat()
        return value.isoformat()

    @property
    def is_number(self) -> bool:
        """Stored as a number, not as text: an 18-digit ID that is one has lost its last three digits."""
        return isinstance(self.value, (int, float)) and not isinstance(self.value, bool)

    @property
    def is_blank(self) -> bool:
        return not self.is_formula and (self.value is None or (isinstance(self.value, str) and not self.value.strip()))


BLANK = Cell()


class Rows(Sequence[list[Cell]]):
    """The rows of a sheet, read like a list; row 0 is row 1 of the file, each is `width` cells long.

    100,000 rows of 18 columns take a few MB; walking in order unpacks each block once.
    """

    def __init__(self, blocks: list[bytes], formulas: bytes | None, width: int) -> None:
        self._blocks, self._formulas, self.width = blocks, formulas, width
        self._ends: list[int] = []
        total = 0
        self._opened = -1
        self._open: list[list[Any]] = []
        for number in range(len(blocks)):
            total += len(self._block(number))
            self._ends.append(total)

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    @overload
    def __getitem__(self, at: int) -> list[Cell]: ...
    @overload
    def __getitem__(self, at: slice) -> list[list[Cell]]: ...
    def __getitem__(self, at: int | slice) -> list[Cell] | list[list[Cell]]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        if at < 0:
            at += len(self)
        if not 0 <= at < len(self):
            raise IndexError(at)
        number = bisect_right(self._ends, at)
        start = self._ends[number - 1] if number else 0
        return self._cells(at, self._block(number)[at - start])

    def __iter__(self) -> Iterator[list[Cell]]:
        at = 0
        for number in range(len(self._blocks)):
            for raw in self._block(number):
                yield self._cells(at, raw)
                at += 1

    def _block(self, number: int) -> list[list[Any]]:
        if self._opened != number:
            self._open = json.loads(zlib.decompress(self._blocks[number]), object_hook=_date_of)
            self._opened = number
        return self._open

    def _cells(self, at: int, raw: list[Any]) -> list[Cell]:
        cells = [BLANK if value == "" and value is not False else Cell(value) for value in raw]
        cells.extend([BLANK] * (self.width - len(cells)))
        if self._formulas is not None:
            first = at * self.width
            for column in range(self.width):
                bit = first + column
                if self._formulas[bit >> 3] >> (bit & 7) & 1:
                    cells[column] = Cell(cells[column].value, True)
        return cells


def _date_of(mark: dict[str, Any]) -> date | datetime:
    return datetime.fromisoformat(mark["d"]) if mark.get("t") else date.fromisoformat(mark["d"])


@dataclass(frozen=True)
class Sheet:
    """One sheet as read: its rows, what else the file holds, and what the user should know (`warnings`)."""

    rows: Rows
    kind: str  # xlsx, xls, csv - by content
    name: str = ""
    sheet_names: list[str] = field(default_factory=list)  # the visible ones
    warnings: list[str] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)  # counted from 1, at most 50 named
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)  # top, left, bottom, right, from 0
    encoding: str = ""  # of a CSV

    @property
    def width(self) -> int:
        return self.rows.width


def column_name(column: int) -> str:
    """0 -> "A", 26 -> "AA": how people name the place of an error."""
    name = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        name = chr(65 + rest) + name
    return name


def read(content: bytes, filename: str = "", *, sheet: str = "", max_rows: int = 100_000) -> Sheet:
    """Read one sheet of an .xlsx, .xls or .csv file (UTF-8, UTF-16, GB18030); the content decides, not the name.

    `sheet` names one, else the first visible one with content. The file is parsed in a child process with caps, so a bad
    one can neither crash nor fill this process. Raises Refused with a Chinese sentence. Source: trust.md P14.
    """
    kind = checking.kind_of(content)
    frames = _run(content, kind, sheet, max_rows)
    meta = frames["M"]
    return Sheet(
        rows=Rows(frames["B"], frames["F"], meta["width"]),
        kind=kind,
        name=meta["sheet"],
        sheet_names=meta["sheets"],
        warnings=_warnings(kind, filename, meta),
        hidden_rows=meta["hidden"],
        merged=[(top, left, bottom, right) for top, left, bottom, right in meta["merged"]],
        encoding=meta.get("encoding", ""),
    )


def _run(content: bytes, kind: str, sheet: str, max_rows: int) -> dict[str, Any]:
    command = [sys.executable, "-I", "-c", _CHILD, _ROOT, kind, str(max_rows), sheet]
    # Popen with a plain command spawns without running Python in a forked copy: safe beside threads and pools.
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd="/") as child:
        try:
            out, _err = child.communicate(content, timeout=WALL_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.communicate()
            raise Refused(_too_heavy()) from None
    frames = _frames(out)
    if frames["R"]:
        raise Refused(_reason(frames["R"]))
    if child.returncode or not frames["M"]:
        raise Refused(_too_heavy())
    return frames


def _frames(out: bytes) -> dict[str, Any]:
    """The child's answer by letter; a frame cut off by its death is dropped."""
    frames: dict[str, Any] = {"B": [], "F": None, "M": None, "R": None}
    at = 0
    while at + 5 <= len(out):
        letter = chr(out[at])
        end = at + 5 + int.from_bytes(out[at + 1 : at + 5], "big")
        body = out[at + 5 : end]
        if end > len(out):
            break
        if letter == "B":
            frames["B"].append(body)
        elif letter == "F":
            frames["F"] = zlib.decompress(body)
        else:
            frames[letter] = json.loads(body)
        at = end
    return frames


def _too_heavy() -> str:
    return _("文件太复杂或已损坏，没能在限定的时间和内存内读完。请把数据复制到新建的表格里，另存为 .xlsx 再上传。")


def _reason(refusal: dict[str, Any]) -> str:
    """A sentence for each code of the child."""
    sentences = {
        "locked": checking.locked,
        "bomb": checking.bomb,
        "too_much": _too_heavy,
        "damaged": lambda: _("文件已损坏，打不开。请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"),
        "no_content": lambda: _("表格里没有内容。请确认数据在没有隐藏的工作表里，保存后再上传。"),
        "no_sheet": lambda: _("文件里没有名为“%(sheet)s”的工作表。请重新选择工作表。"),
        "too_many_rows": lambda: _("表格超过 %(max_rows)d 行。请拆成几个文件分别导入。"),
        "too_many_columns": lambda: _("表格超过 %(max_columns)d 列。请删去多余的列再上传。"),
        "csv_broken": lambda: _("第 %(row)d 行的引号或内容有误，读不下去。请另存为 .xlsx 再上传。"),
        "encoding": lambda: _("文字编码无法识别。请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"),
        "not_a_table": lambda: _("这不是表格文件。请上传 .xlsx、.xls 或 .csv 文件。"),
    }
    return sentences.get(refusal["code"], _too_heavy)() % refusal


def _warnings(kind: str, filename: str, meta: dict[str, Any]) -> list[str]:
    warnings = []
    extension = Path(filename).suffix.lower().lstrip(".")
    if extension and extension != kind and not (kind == "csv" and extension in ("txt", "tsv")) and extension != "et":
        warnings.append(_("扩展名是 .%(name)s，内容其实是 .%(kind)s，已按内容读取。") % {"name": extension, "kind": kind})
    if meta["others"]:
        warnings.append(
            _("文件里还有工作表 %(others)s，这次只读了“%(sheet)s”。")
            % {"others": "、".join(f"“{name}”" for name in meta["others"][:5]), "sheet": meta["sheet"]}
        )
    if meta["hidden"]:
        rows = "、".join(str(row) for row in meta["hidden"][:10])
        warnings.append(_("第 %(rows)s 行是隐藏行，也会一起导入。") % {"rows": rows + ("…" if len(meta["hidden"]) > 10 else "")})
    return warnings
