"""The old .xls: a compound file with a stream of records, walked for its formula cells."""

import struct
from collections.abc import Iterator

from bangfu.lib.spreadsheet_child.out import Formulas, Refusal


def scan(content: bytes, sheet: str) -> Formulas:
    """The formula cells of an .xls sheet; each has a kept result. Source: [MS-XLS] 2.4.28 BoundSheet8, 2.4.127 Formula."""
    stream = workbook_stream(content)
    start = next((at for at, name in bound_sheets(stream) if name == sheet), None)
    if start is None:
        raise Refusal("damaged")
    formulas = Formulas()
    for kind, body in biff_records(stream, start):
        if kind == 0x0006 and len(body) >= 4:
            formulas.mark(*struct.unpack("<HH", body[:4]))
    return formulas


def biff_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """(kind, body) of each record up to the end of this substream; a chart within a sheet is passed over."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack("<HH", stream[at : at + 4])
        depth += (kind == 0x0809) - (kind == 0x000A)
        if depth <= 1:
            yield kind, stream[at + 4 : at + 4 + length]
        if kind == 0x000A and depth <= 0:
            return
        at += 4 + length


def bound_sheets(stream: bytes) -> Iterator[tuple[int, str]]:
    """(place of its substream, name) of each sheet."""
    for kind, body in biff_records(stream, 0):
        if kind == 0x0085 and len(body) >= 8:
            wide = body[7] & 1
            name = body[8 : 8 + body[6] * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")
            yield struct.unpack("<I", body[:4])[0], name.replace("\0", "")


def workbook_stream(content: bytes) -> bytes:
    """The stream "Workbook" of the compound file. Source: [MS-CFB] 2.2 header, 2.6 directory."""
    size = 1 << struct.unpack("<H", content[30:32])[0]
    first_directory, cutoff, first_mini = struct.unpack("<I4xII", content[48:64])
    first_difat = struct.unpack("<I", content[68:72])[0]
    parts = list(struct.unpack("<109I", content[76:512]))
    while first_difat < 0xFFFFFFFA and len(parts) < 100_000:
        more = struct.unpack(f"<{size // 4}I", content[(first_difat + 1) * size : (first_difat + 2) * size])
        parts.extend(more[:-1])
        first_difat = more[-1]
    table: list[int] = []
    for part in parts:
        if part < 0xFFFFFFFA:
            table.extend(struct.unpack(f"<{size // 4}I", content[(part + 1) * size : (part + 2) * size]))
    directory = chain(content, table, first_directory, size, size)
    entries = [directory[at : at + 128] for at in range(0, len(directory) - 127, 128)]
    for entry in entries:
        name = entry[: max(struct.unpack("<H", entry[64:66])[0] - 2, 0)].decode("utf-16-le", "replace")
        start, length = struct.unpack("<II", entry[116:124])
        if name in ("Workbook", "Book") and entry[66] == 2:
            if length >= cutoff:
                return chain(content, table, start, size, size)[:length]
            root_start = struct.unpack("<I", entries[0][116:120])[0]
            small = chain(content, table, root_start, size, size)
            raw = chain(content, table, first_mini, size, size)
            mini_table = list(struct.unpack(f"<{len(raw) // 4}I", raw))
            return chain(small, mini_table, start, 64, 0)[:length]
    raise Refusal("damaged")


def chain(content: bytes, table: list[int], start: int, size: int, offset: int) -> bytes:
    """The sectors of one stream in order; a ring is cut off."""
    out = bytearray()
    seen = 0
    while start < len(table) and seen <= len(table):
        out += content[offset + start * size : offset + (start + 1) * size]
        start = table[start]
        seen += 1
    return bytes(out)
