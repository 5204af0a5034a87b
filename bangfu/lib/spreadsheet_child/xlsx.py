"""The zip of an .xlsx: counting what it unpacks to, and finding the cells with formulas in its XML."""

import io
import re
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from xml.parsers import expat

from bangfu.lib.spreadsheet_child.out import BLOCK_BYTES, Formulas, Refusal

MAX_UNPACKED = 300 << 20

_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_HIDDEN = re.compile(rb"<(?:\w+:)?row\s[^>]*hidden=")


def check_unpacked(content: bytes) -> None:
    """Unpack every part and count: what a zip declares about itself may be a lie."""
    total = 0
    for info in zipfile.ZipFile(io.BytesIO(content)).infolist():
        for chunk in unpack(content, info):
            total += len(chunk)
            if total > MAX_UNPACKED:
                raise Refusal("bomb")


def unpack(content: bytes, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """The true bytes of one part, in chunks; goes by the data, not by the declared size."""
    start = info.header_offset
    if content[start : start + 4] != b"PK\x03\x04" or info.flag_bits & 1:
        raise Refusal("damaged")
    name_length, extra_length = struct.unpack("<HH", content[start + 26 : start + 30])
    start += 30 + name_length + extra_length
    packed = memoryview(content)[start : start + info.compress_size]
    if info.compress_type == zipfile.ZIP_STORED:
        yield from (bytes(packed[at : at + BLOCK_BYTES]) for at in range(0, len(packed), BLOCK_BYTES))
        return
    if info.compress_type != zipfile.ZIP_DEFLATED:
        raise Refusal("damaged")
    machine = zlib.decompressobj(-15)
    for at in range(0, len(packed), 65_536):
        chunk = machine.decompress(packed[at : at + 65_536], BLOCK_BYTES)
        while chunk:
            yield chunk
            chunk = machine.decompress(machine.unconsumed_tail, BLOCK_BYTES) if machine.unconsumed_tail else b""


def scan(content: bytes, sheet: str, last: tuple[int, int]) -> tuple[Formulas, list[int]]:
    """The formula cells, and the hidden rows (counted from 1) up to `last` (row, column from 0).

    Calamine gives 0.0 or nothing for a formula without a kept result, so an amount would silently be missing.
    """
    archive = zipfile.ZipFile(io.BytesIO(content))
    info = archive.getinfo(sheet_path(content, archive, sheet))
    scanner = Scanner(last)
    if _worth_a_walk(unpack(content, info)):
        parse_xml(unpack(content, info), scanner.start)
        scanner.settle(resolved=False)
    return scanner.formulas, scanner.hidden


def _worth_a_walk(chunks: Iterable[bytes]) -> bool:
    """A quick look for a formula or a hidden row; most sheets have neither."""
    tail = b""
    for chunk in chunks:
        if _FORMULA.search(tail + chunk) or _HIDDEN.search(tail + chunk):
            return True
        tail = chunk[-512:]
    return False


class Scanner:
    """Walks a sheet's XML and marks the cells that hold a formula, or lie in the range of an array formula."""

    def __init__(self, last: tuple[int, int]) -> None:
        self.last = last
        self.formulas = Formulas()
        self.hidden: list[int] = []
        self.row = -1
        self.unplaced = 0  # cells since the last one that says where it stands
        self.place: str | None = None
        self.waiting = -1  # column of a formula whose result has not come yet

    def start(self, name: str, attributes: dict[str, str]) -> None:
        if ":" in name:
            name = name.rpartition(":")[2]
        if name == "c":  # millions of these: only note the place, work it out when a formula follows
            if self.waiting >= 0:
                self.settle(resolved=False)
            place = attributes.get("r")
            if place is None:
                self.unplaced += 1
            else:
                self.place, self.unplaced = place, 0
        elif name == "v":
            if self.waiting >= 0:
                self.settle(resolved=True)
        elif name == "row":
            self.settle(resolved=False)
            number = attributes.get("r", "")
            self.row = int(number) - 1 if number.isdigit() else self.row + 1
            self.place, self.unplaced = None, 0
            if attributes.get("hidden") in ("1", "true") and self.row <= self.last[0]:
                self.hidden.append(self.row + 1)
        elif name == "f":
            self.waiting = (place_of(self.place)[1] if self.place else -1) + self.unplaced
            if attributes.get("t") in ("array", "dataTable") and attributes.get("ref"):
                first, _colon, end = attributes["ref"].partition(":")
                bottom, right = place_of(end or first)
                self.formulas.mark_range(*place_of(first), min(bottom, self.last[0]), min(right, self.last[1]))

    def settle(self, *, resolved: bool) -> None:
        """Mark the formula that was met, now that it is known whether a result came with it."""
        if self.waiting >= 0:
            self.formulas.mark(self.row, self.waiting, resolved=resolved)
            self.waiting = -1


def place_of(ref: str) -> tuple[int, int]:
    """ "C5" -> (4, 2); (-1, -1) for anything else."""
    match = re.fullmatch(r"\$?([A-Z]{1,3})\$?(\d{1,7})", ref)
    if not match:
        return -1, -1
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def sheet_path(content: bytes, archive: zipfile.ZipFile, sheet: str) -> str:
    """The part of the archive that holds the sheet of this name."""
    by_lower = {name.lower(): name for name in archive.namelist()}
    found: dict[str, str] = {}
    targets: dict[str, str] = {}

    def note_sheet(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            rel = next((value for key, value in attributes.items() if key.rpartition(":")[2] == "id"), "")
            found[attributes.get("name", "")] = rel

    def note_target(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    parse_xml(unpack(content, archive.getinfo(by_lower["xl/workbook.xml"])), note_sheet)
    parse_xml(unpack(content, archive.getinfo(by_lower["xl/_rels/workbook.xml.rels"])), note_target)
    target = targets[found[sheet]]
    path = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
    return by_lower[path.lower()]


def parse_xml(chunks: Iterable[bytes], on_start: Callable[[str, dict[str, str]], None]) -> None:
    """Run the parser over the chunks; a document type is refused, as entities can grow without end."""
    parser = expat.ParserCreate()
    parser.StartElementHandler = on_start

    def no_doctype(*_args: Any) -> None:
        raise Refusal("damaged")

    parser.StartDoctypeDeclHandler = no_doctype
    for chunk in chunks:
        parser.Parse(chunk, False)
    parser.Parse(b"", True)
