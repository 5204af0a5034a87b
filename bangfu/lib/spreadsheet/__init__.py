"""Excel in and out: `read` what unions send, find its header, leave out totals and signatures; `write` inert workbooks."""

from bangfu.lib.spreadsheet.layout import (
    Header,
    find_header,
    is_signature_row,
    is_total_row,
    normalise_header,
    records,
)
from bangfu.lib.spreadsheet.reading import Cell, Rows, Sheet, column_name, read
from bangfu.lib.spreadsheet.writing import Column, write, write_csv

__all__ = [
    "Cell",
    "Column",
    "Header",
    "Rows",
    "Sheet",
    "column_name",
    "find_header",
    "is_signature_row",
    "is_total_row",
    "normalise_header",
    "read",
    "records",
    "write",
    "write_csv",
]
