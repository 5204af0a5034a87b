"""One sheet of an .xlsx or .xls workbook: calamine reads the values, our own scan finds the formulas."""

import io
import json

from bangfu.lib.spreadsheet_child import xls, xlsx
from bangfu.lib.spreadsheet_child.out import Refusal, frame, send_rows


def read_workbook(content: bytes, kind: str, max_rows: int, wanted: str) -> None:
    import python_calamine

    if kind == "xlsx":
        xlsx.check_unpacked(content)
    try:
        book = python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.PasswordError as locked:
        raise Refusal("locked") from locked
    names = [sheet.name for sheet in book.sheets_metadata]
    visible = [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == python_calamine.SheetVisibleEnum.Visible and sheet.typ == python_calamine.SheetTypeEnum.WorkSheet
    ]
    if wanted and wanted not in names:
        raise Refusal("no_sheet", sheet=wanted)
    name = wanted or next((each for each in visible if book.get_sheet_by_name(each).start is not None), "")
    sheet = book.get_sheet_by_name(name) if name else None
    if sheet is None or sheet.start is None or sheet.end is None:
        raise Refusal("no_content")
    if sheet.start[1] + sheet.width > 16_384 or (sheet.end[0] + 1) * sheet.width > 60_000_000:
        raise Refusal("too_much")
    hidden: list[int] = []
    if kind == "xlsx":
        formulas, hidden = xlsx.scan(content, name, sheet.end)
    else:
        formulas = xls.scan(content, name)
    rows, width = send_rows(
        sheet.iter_rows(), max_rows, left_pad=sheet.start[1], keep=formulas.unresolved, least_width=formulas.width
    )
    formulas.send(rows, width)
    merged = [[*start, *end] for start, end in (sheet.merged_cell_ranges or [])][:500]
    meta = {"rows": rows, "width": width, "sheet": name, "sheets": visible, "merged": merged, "hidden": hidden[:50]}
    meta["others"] = [each for each in visible if each != name and book.get_sheet_by_name(each).start is not None]
    frame(b"M", json.dumps(meta).encode())
