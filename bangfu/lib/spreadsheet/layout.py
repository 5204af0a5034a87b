"""Where the table stands on a union's sheet: title rows above, one or two header rows, totals and signatures below."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bangfu.lib.spreadsheet.reading import Cell

_SEARCHED = 30
_TOTAL = re.compile(r"(本页)?(合计|总计|小计|累计|共计|总和)([::].*|\(.*\)|人数?|金额)?")
_SIGNATURE = re.compile(
    r"(填表|制表|制单|填报|审核|复核|审批|经办|负责|分管|主管|单位|工会|部门|领导|主席|报送|联系|日期|盖章|签字|签名|公章|备注|说明|注)"
)


@dataclass(frozen=True)
class Header:
    """The header found: data begins at row index `row + depth`; `names` has one text per column ("" where none)."""

    row: int
    depth: int
    names: list[str]

    @property
    def first_data_row(self) -> int:
        return self.row + self.depth


def normalise_header(text: str) -> str:
    """What two spellings of a column name have in common: 身份证号 * (必填) -> 身份证号."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", "", plain)
    return re.sub(r"[\s*:·、,/\-_★●]", "", plain).lower()


def find_header(rows: Sequence[list[Cell]], known_headers: Iterable[str]) -> Header | None:
    """The row (or pair of rows) near the top that holds most of the known column names; None if fewer than two match.

    `known_headers`: every spelling that the caller can match, aliases included.
    """
    known = {normalise_header(name) for name in known_headers} - {""}
    top = [[_one_line(cell) for cell in row] for row in rows[:_SEARCHED]]
    best: Header | None = None
    best_score = 1
    for at, texts in enumerate(top):
        score = _score(texts, known)
        if score > best_score:
            best, best_score = Header(at, 1, texts), score
    for at in range(len(top) - 1):
        pair = _joined(top[at], top[at + 1], known)
        # A second header row names at least one known column itself; else it is the first line of data.
        if _score(pair, known) > best_score and _score(top[at + 1], known):
            best, best_score = Header(at, 2, pair), _score(pair, known)
    return best


def _one_line(cell: Cell) -> str:
    return " ".join(cell.text.split())


def _score(texts: list[str], known: set[str]) -> int:
    return len({normalise_header(text) for text in texts} & known)


def _joined(upper: list[str], lower: list[str], known: set[str]) -> list[str]:
    """Per column the lower name where it is known or the upper one is empty or spans several columns, else the upper."""
    joined = []
    for above, below in zip(upper, lower, strict=True):
        if below and (normalise_header(below) in known or not above):
            joined.append(below)
        else:
            joined.append(above or below)
    return joined


def is_total_row(row: Sequence[Cell]) -> bool:
    """Whether one of the first three filled cells says 合计, 总计, 小计 …"""
    filled = [cell for cell in row if not cell.is_blank][:3]
    return any(isinstance(cell.value, str) and _TOTAL.fullmatch(_squeezed(cell)) is not None for cell in filled)


def is_signature_row(row: Sequence[Cell]) -> bool:
    """填表人:  审核人:  (盖章) and notes under the table: few cells, each a word with a colon or a seal."""
    filled = [cell for cell in row if not cell.is_blank]
    if not filled or len(filled) > 6 or not all(isinstance(cell.value, (str, type(None))) or cell.value for cell in filled):
        return False
    first = _squeezed(filled[0])
    if not isinstance(filled[0].value, str) or not _SIGNATURE.search(first):
        return False
    return bool(re.search(r"[::]|\((盖章|签字|签章|公章)\)", first))


def _squeezed(cell: Cell) -> str:
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", cell.text))


def records(rows: Sequence[list[Cell]], header: Header) -> Iterator[tuple[int, list[Cell]]]:
    """(row number as Excel shows it, cells) of each data row under the header.

    Leaves out blank rows, totals, signatures, the header where it is repeated on each printed page, and an example row.
    """
    wanted = [normalise_header(name) for name in header.names]
    for at, row in enumerate(rows):
        if at < header.first_data_row or all(cell.is_blank for cell in row):
            continue
        if is_total_row(row) or is_signature_row(row) or _is_header_again(row, wanted) or is_example_row(row):
            continue
        yield at + 1, row


def is_example_row(row: Sequence[Cell]) -> bool:
    """The row of our own templates that begins with 示例."""
    first = next((cell for cell in row if not cell.is_blank), None)
    return first is not None and isinstance(first.value, str) and first.text.startswith(("示例", "例:", "例：", "(示例", "（示例"))


def _is_header_again(row: Sequence[Cell], wanted: list[str]) -> bool:
    filled = [(normalise_header(cell.text), name) for cell, name in zip(row, wanted, strict=False) if not cell.is_blank]
    return len(filled) >= 3 and all(text == name for text, name in filled)
