"""What the child says: frames on standard output, rows in packed blocks."""

import json
import struct
import sys
import zlib
from array import array
from collections.abc import Iterable, Set
from datetime import date, datetime, time, timedelta
from itertools import chain, repeat
from typing import Any

MAX_OUTPUT = 200 << 20
MAX_COLUMNS = 300
BLOCK_ROWS = 256
BLOCK_BYTES = 1 << 20


class Refusal(Exception):
    """Why the file cannot be read: a code that the parent words, and its figures."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.body = {"code": code, **facts}


def frame(letter: bytes, body: bytes) -> None:
    sys.stdout.buffer.write(letter + struct.pack(">I", len(body)) + body)


def plain(value: Any) -> Any:
    """What JSON has no word for; the parent makes dates of it again."""
    if isinstance(value, datetime):
        return {"d": value.isoformat(), "t": 1}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, (time, timedelta)):
        return str(value)
    return str(value)


def send_rows(
    rows: Iterable[list[Any]], max_rows: int, left_pad: int = 0, keep: Set[int] = frozenset(), least_width: int = 0
) -> tuple[int, int]:
    """Send rows in blocks, without the blank tail; (rows, columns) sent. Blank rows between others keep their place.

    `keep`: indexes of rows that only look blank, because their formulas have no result yet; they may lie beyond `rows`.
    """
    encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=plain).encode
    pad = [""] * left_pad
    block: list[str] = []
    size = total = sent = blanks = 0
    width = least_width
    if keep:
        if max(keep) >= max_rows:
            raise Refusal("too_many_rows", max_rows=max_rows)
        rows = chain(rows, repeat([], max(keep) + 1))
    for at, row in enumerate(rows):
        if is_blank(row) and at not in keep:
            blanks += 1
            continue
        sent += blanks + 1
        if sent > max_rows:
            raise Refusal("too_many_rows", max_rows=max_rows)
        if blanks:
            block.extend(["[]"] * blanks)
            blanks = 0
        while row and row[-1] == "":
            row.pop()
        width = max(width, len(row) + left_pad)
        if width > MAX_COLUMNS:
            raise Refusal("too_many_columns", max_columns=MAX_COLUMNS)
        text = encode(pad + row if pad else row)
        block.append(text)
        size += len(text)
        if len(block) >= BLOCK_ROWS or size >= BLOCK_BYTES:
            total += send_block(block)
            if total > MAX_OUTPUT:
                raise Refusal("too_much")
            block, size = [], 0
    if block:
        send_block(block)
    if not sent:
        raise Refusal("no_content")
    return sent, width


def is_blank(row: list[Any]) -> bool:
    if row.count("") == len(row):
        return True
    return all(type(value) is str for value in row) and not "".join(row).strip()


def send_block(block: list[str]) -> int:
    body = f"[{','.join(block)}]".encode("utf-8", "replace")
    for start in range(0, len(block), BLOCK_ROWS):  # a run of blank rows may have made the block long
        part = block[start : start + BLOCK_ROWS]
        frame(b"B", zlib.compress(f"[{','.join(part)}]".encode("utf-8", "replace"), 1))
    return len(body)


class Formulas:
    """The cells behind which a formula stands, and the rows where one has no result yet."""

    def __init__(self) -> None:
        self.marks = array("Q")  # row << 16 | column
        self.unresolved: set[int] = set()
        self.width = 0  # so many columns the unresolved ones need

    def mark(self, row: int, column: int, *, resolved: bool = True) -> None:
        if row < 0 or column < 0:
            return
        self.marks.append(row << 16 | column)
        if not resolved and column < MAX_COLUMNS:
            self.unresolved.add(row)
            self.width = max(self.width, column + 1)

    def mark_range(self, top: int, left: int, bottom: int, right: int) -> None:
        for row in range(max(top, 0), bottom + 1):
            for column in range(max(left, 0), right + 1):
                self.mark(row, column)

    def send(self, rows: int, width: int) -> None:
        """One bit per cell of the rows that were sent."""
        bitmap = bytearray((rows * width + 7) // 8)
        for mark in self.marks:
            row, column = mark >> 16, mark & 0xFFFF
            if row < rows and column < width:
                bit = row * width + column
                bitmap[bit >> 3] |= 1 << (bit & 7)
        if self.marks:
            frame(b"F", zlib.compress(bytes(bitmap), 1))
