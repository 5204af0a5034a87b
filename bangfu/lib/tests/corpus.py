"""Spreadsheets made by code: what unions send, what goes wrong with them, and what is meant to harm. Source: trust.md 5."""

import io
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

HEAD = ["序号", "姓名", "身份证号", "月收入(元)"]
PEOPLE = [
    ["1", "孙秋菊", "530000198304186490", "3400"],
    ["2", "朱应忠", "530000199112064602", "2300.5"],
    ["3", "普应忠", "53000019631124977X", "1400"],
]
TEXT = "\r\n".join(",".join(row) for row in [HEAD, *PEOPLE]) + "\r\n"

_TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>'
    "</Types>"
)
_RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}" Target="{target}"/></Relationships>'
)
_BOOK = (
    '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
    'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
    '<sheets><sheet name="甲" sheetId="1" r:id="rId1"/></sheets></workbook>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def raw_xlsx(sheet_data: str, *, sheet: str | None = None, extra: dict[str, bytes] | None = None, level: int = 1) -> bytes:
    """A minimal .xlsx around this XML of rows (or a whole sheet part)."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _RELS.format(kind="officeDocument", target="xl/workbook.xml"))
        archive.writestr("xl/workbook.xml", _BOOK)
        archive.writestr("xl/_rels/workbook.xml.rels", _RELS.format(kind="worksheet", target="worksheets/sheet1.xml"))
        archive.writestr(
            "xl/worksheets/sheet1.xml", sheet or f'<worksheet xmlns="{MAIN}"><sheetData>{sheet_data}</sheetData></worksheet>'
        )
        for name, content in (extra or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def xlsx(fill: Callable[[Any, Any], None], *, hidden_first: bool = False) -> bytes:
    """A workbook as Excel writes it: `fill(page, book)`."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    if hidden_first:
        old = book.add_worksheet("旧表")
        old.write("A1", "旧")
        old.hide()
    page = book.add_worksheet("花名册")
    if hidden_first:
        page.activate()
        page.set_first_sheet()
    fill(page, book)
    book.close()
    return out.getvalue()


def table(rows: list[list[Any]], at: int = 0) -> Callable[[Any, Any], None]:
    def fill(page: Any, _book: Any) -> None:
        for number, row in enumerate(rows):
            for column, value in enumerate(row):
                if isinstance(value, str) and not value.startswith("="):
                    page.write_string(at + number, column, value)
                elif value is not None:
                    page.write(at + number, column, value)

    return fill


def big_xlsx(rows: int, columns: int, *, formula_column: int | None = None) -> bytes:
    """Many rows of short texts and numbers, quickly."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    cells = []
    for column in range(columns):
        ref = f'r="{letters[column]}%d"'
        if column == formula_column:
            cells.append(f"<c {ref}><f>A1</f><v>1</v></c>")
        elif column % 2:
            cells.append(f"<c {ref}><v>{3000 + column}</v></c>")
        else:
            cells.append(f'<c {ref} t="inlineStr"><is><t>张{column}</t></is></c>')
    pattern = f'<row r="%d">{"".join(cells)}</row>'
    return raw_xlsx("".join(pattern % ((number,) * (columns + 1)) for number in range(1, rows + 1)))


# --- the old .xls: a compound file around a stream of records ---


def xls(rows: list[list[Any]], *, formulas: set[tuple[int, int]] = frozenset(), name: str = "甲") -> bytes:  # type: ignore[assignment]
    """A BIFF8 workbook of one sheet; texts, numbers, and numbers with a formula behind them."""
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 0))
    for at, row in enumerate(rows):
        for column, value in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if (at, column) in formulas:
                body = place + struct.pack("<dHIH", value, 0, 0, 3) + b"\x1e\x01\x00"
                sheet += _record(0x0006, body)
            elif isinstance(value, str):
                sheet += _record(0x0204, place + struct.pack("<HB", len(value), 1) + value.encode("utf-16-le"))
            elif value is not None:
                sheet += _record(0x0203, place + struct.pack("<d", value))
    sheet += _record(0x000A, b"")
    head = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0005, 0, 0, 0, 0)) + _record(0x0042, struct.pack("<H", 1200))
    wide = name.encode("utf-16-le")
    bound_length = 4 + 8 + len(wide)
    start = len(head) + bound_length + 4
    head += _record(0x0085, struct.pack("<IBBBB", start, 0, 0, len(name), 1) + wide) + _record(0x000A, b"")
    return compound({"Workbook": head + sheet})


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def compound(streams: dict[str, bytes]) -> bytes:
    """A compound file ([MS-CFB]) with these streams, each padded beyond the mini-stream cutoff."""
    sectors: list[bytes] = []
    table_of: list[int] = []
    entries = [_entry("Root Entry", 5, 0xFFFFFFFE, 0, child=1)]
    for number, (name, content) in enumerate(streams.items(), 1):
        padded = content.ljust(max(4096, -(-len(content) // 512) * 512), b"\0")
        first = len(sectors)
        count = len(padded) // 512
        sectors += [padded[at * 512 : at * 512 + 512] for at in range(count)]
        table_of += [first + at + 1 for at in range(count - 1)] + [0xFFFFFFFE]
        entries.append(_entry(name, 2, first, len(padded), right=number + 1 if number < len(streams) else 0xFFFFFFFF))
    directory = b"".join(entries).ljust(-(-len(entries) // 4) * 512, b"\0")
    directory_at = len(sectors)
    count = len(directory) // 512
    sectors += [directory[at * 512 : at * 512 + 512] for at in range(count)]
    table_of += [directory_at + at + 1 for at in range(count - 1)] + [0xFFFFFFFE]
    fat_count = -(-(len(sectors) + 1) // 127)
    fat_at = len(sectors)
    table_of += [0xFFFFFFFD] * fat_count
    fat = b"".join(struct.pack("<I", each) for each in table_of).ljust(fat_count * 512, b"\xff")
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + b"\0" * 6
    header += struct.pack("<IIIIIIIII", 0, fat_count, directory_at, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += b"".join(struct.pack("<I", fat_at + at) for at in range(fat_count)).ljust(109 * 4, b"\xff")
    return header + b"".join(sectors) + fat


def _entry(name: str, kind: int, start: int, size: int, *, child: int = 0xFFFFFFFF, right: int = 0xFFFFFFFF) -> bytes:
    coded = name.encode("utf-16-le")
    return (
        coded.ljust(64, b"\0")
        + struct.pack("<HBB", len(coded) + 2, kind, 1)
        + struct.pack("<III", 0xFFFFFFFF, right, child)
        + b"\0" * 36
        + struct.pack("<IQ", start, size)
    )


# --- traps ---


def lying_zip(declared: int, true_megabytes: int) -> bytes:
    """A workbook with a part that declares `declared` bytes and unpacks to far more; packed quickly by repeating one block."""
    machine = zlib.compressobj(9, zlib.DEFLATED, -15)
    machine.compress(b"")
    block = machine.compress(b" " * (1 << 20)) + machine.flush(zlib.Z_FULL_FLUSH)
    packed = block * true_megabytes + b"\x03\x00"
    whole = raw_xlsx("", extra={"xl/big.xml": b"?"})
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        parts = [(info.filename, archive.read(info)) for info in archive.infolist() if info.filename != "xl/big.xml"]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
        archive.writestr("xl/big.xml", packed)
    return _declare(out.getvalue(), b"xl/big.xml", declared)


def _declare(archive: bytes, name: bytes, size: int) -> bytes:
    """Rewrite one entry of both directories: method deflate, this unpacked size."""
    raw = bytearray(archive)
    local, central = raw.find(b"PK\x03\x04"), raw.find(b"PK\x01\x02")
    while raw[local + 30 : local + 30 + len(name)] != name:
        local = raw.find(b"PK\x03\x04", local + 4)
    while raw[central + 46 : central + 46 + len(name)] != name:
        central = raw.find(b"PK\x01\x02", central + 4)
    struct.pack_into("<H", raw, local + 8, 8)
    struct.pack_into("<I", raw, local + 22, size)
    struct.pack_into("<H", raw, central + 10, 8)
    struct.pack_into("<I", raw, central + 24, size)
    return bytes(raw)


def zip_of(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()
