"""The child process that opens a stranger's spreadsheet: stdlib and calamine only, no Django.

Standard input: the file. Arguments: kind (xlsx, xls, csv), max rows, sheet name ("" = first visible one with content).
Standard output: frames of one letter, four bytes length, body: `B` a zlib block of JSON rows (at most 256 rows),
`F` a zlib bitmap of formula cells (row * width + column), `M` the closing JSON, or `R` a refusal {code, ...} worded by the parent.
It first limits itself (1 GiB address space, 20 s CPU), so that whatever the file does, only this process dies of it.
"""

import json
import resource
import sys

from bangfu.lib.spreadsheet_child.out import Refusal, frame

MEMORY = 1 << 30
CPU_SECONDS = 20


def main(arguments: list[str]) -> None:
    limit()
    kind, max_rows, sheet = arguments[0], int(arguments[1]), arguments[2]
    content = sys.stdin.buffer.read()
    try:
        if kind == "csv":
            from bangfu.lib.spreadsheet_child.text import read_csv

            read_csv(content, max_rows)
        else:
            from bangfu.lib.spreadsheet_child.workbook import read_workbook

            read_workbook(content, kind, max_rows, sheet)
    except Refusal as refusal:
        frame(b"R", json.dumps(refusal.body).encode())
    except MemoryError:
        frame(b"R", b'{"code":"too_much"}')
    except BaseException:  # a panic of the Rust parser is not an Exception
        frame(b"R", b'{"code":"damaged"}')
    sys.stdout.buffer.flush()


def limit() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))
