"""CSV and other delimited text in the encodings that unions use."""

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from bangfu.lib.spreadsheet_child.out import Formulas, Refusal, frame, send_rows


def read_csv(content: bytes, max_rows: int) -> None:
    text, encoding = decode(content)
    del content
    csv.field_size_limit(1 << 20)
    delimiter = guess_delimiter(text)
    formulas = Formulas()
    rows, width = send_rows(csv_rows(text, delimiter, formulas), max_rows)
    formulas.send(rows, width)
    meta = {"rows": rows, "width": width, "sheet": "", "sheets": [], "merged": [], "hidden": [], "others": [], "encoding": encoding}
    frame(b"M", json.dumps(meta).encode())


def csv_rows(text: str, delimiter: str, formulas: Formulas) -> Iterator[list[Any]]:
    """Cells without the tricks that keep Excel from making numbers of them: a leading tab, an apostrophe, ="0017"."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    at = -1
    try:
        for at, raw in enumerate(reader):
            row: list[Any] = []
            for cell in raw:
                value = cell.strip("\t\r\n ")
                if value[:1] == "=":
                    wrapped = re.fullmatch(r'="([^"=]*)"', value)
                    if wrapped:
                        value = wrapped[1]
                    else:
                        formulas.mark(at, len(row))
                elif value[:1] == "'" and value[1:2].isdigit():
                    value = value[1:]
                row.append(value)
            yield row or [""]
    except csv.Error as broken:
        raise Refusal("csv_broken", row=at + 2) from broken


def decode(content: bytes) -> tuple[str, str]:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if content.startswith(mark):
            try:
                return content.decode(name), name
            except UnicodeDecodeError as broken:
                raise Refusal("encoding") from broken
    if b"\0" in content[:4096]:
        zeros_odd, zeros_even = content[1:4096:2].count(0), content[:4096:2].count(0)
        name = "utf-16-le" if zeros_odd > zeros_even else "utf-16-be"
        try:
            text = content.decode(name)
        except UnicodeDecodeError as broken:
            raise Refusal("not_a_table") from broken
        if "\0" in text or not any(sign in text for sign in ",\t;\n"):
            raise Refusal("not_a_table")
        return text, name
    for name in ("utf-8", "gb18030"):
        try:
            text = content.decode(name)
        except UnicodeDecodeError:
            continue
        if sum(text.count(sign) for sign in map(chr, (*range(1, 9), *range(14, 27)))) > len(text) // 100:
            raise Refusal("not_a_table")
        return text, name
    raise Refusal("encoding")


def guess_delimiter(text: str) -> str:
    """The sign that cuts the first lines into most columns; a comma when none does."""
    lines = text[:20_000].splitlines()[:20]
    best = max((",", "\t", ";", "，"), key=lambda sign: sum(line.count(sign) for line in lines))
    return best if any(best in line for line in lines) else ","
