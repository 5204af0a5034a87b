"""One table of figures: ours beside a peer's or the limit."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import quantiles

from django.db import connection

CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")


@dataclass
class Row:
    """`beside` names the peer or limit, with "measured earlier" where it did not run now."""

    what: str
    ours: str
    beside: str = ""


class Statements:
    """SQL without BEGIN, COMMIT and SAVEPOINT (contracts.md "Measuring")."""

    count = 0

    def __call__(self, execute, sql, params, many, context):  # noqa: ANN001, ANN204
        self.count += not sql.lstrip().upper().startswith(CONTROL)
        return execute(sql, params, many, context)


@contextmanager
def counting() -> Iterator[Statements]:
    statements = Statements()
    with connection.execute_wrapper(statements):
        yield statements


def timed(action: Callable[[], object]) -> float:
    """Seconds of one call."""
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def percentiles(seconds: list[float]) -> tuple[float, float]:
    """(p50, p95)."""
    cuts = quantiles(seconds, n=20, method="inclusive")
    return cuts[9], cuts[18]


def show(title: str, rows: list[Row]) -> None:
    print(f"\n{title}")  # noqa: T201
    for row in rows:
        print(f"  {pad(row.what, 44)} {pad(row.ours, 40)} {row.beside}".rstrip(), flush=True)  # noqa: T201


def pad(text: str, width: int) -> str:
    """Chinese signs take two columns."""
    taken = sum(2 if ord(sign) > 0x2E80 else 1 for sign in text)
    return text + " " * max(0, width - taken)
