"""One scenario computed: compare, break down, price, back-test. The same from the page, the command and the worker."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.access.models import Unit
from bangfu.policy.columns import Snapshot
from bangfu.policy.pack import Pack
from bangfu.reporting.simulation import money
from bangfu.reporting.simulation.backtest import backtest
from bangfu.reporting.simulation.breakdown import breakdown
from bangfu.reporting.simulation.comparing import (
    Compared,
    Progress,
    Question,
    Stopped,
    class_title,
    compare,
    drawn,
    touched,
)
from bangfu.reporting.simulation.ranking import ranked
from bangfu.reporting.simulation.sides import path_of, units_by_path, who
from bangfu.reporting.simulation.sourcing import received, sources

SAMPLES = 5  # of each kind of move
AT_ONCE = 2_000  # touched households handed on at once


@dataclass(frozen=True)
class Touched:
    """One household that comes out differently: its key and what a `Row` keeps."""

    letter: str
    key: int
    move: str
    class_before: str
    class_after: str
    fen_before: int
    fen_after: int
    is_sample: bool


#: Where the touched households go, a few at a time, in order: nobody holds all of them.
Keep = Callable[[list[Touched]], object]


@dataclass(frozen=True)
class Result:
    """`summary` is plain JSON: counts and sums. `sha256` is equal for equal results: over every touched household and the summary."""

    summary: dict[str, Any]
    sha256: str
    millis: int


def compute(
    packs: Mapping[str, Pack],
    snapshot: Snapshot,
    unit: Unit,
    on: date,
    *,
    includes_past: bool = False,
    asking: str = "most",
    seed: int = 1,
    today: date,
    progress: Progress | None = None,
    keep: Keep = lambda _rows: None,
) -> Result:
    """Sides B, C beside A over the files of a unit; the touched households go to `keep`.

    Raises RuleStopped (clause named), comparing.Stopped.
    """
    import pyarrow as pa

    began = time.monotonic()
    tell = progress or (lambda _step, _done, _of: None)
    question = Question(packs, on, path_of(unit), includes_past, asking, seed)
    summary: dict[str, Any] = {"sides": {}}
    digest = hashlib.sha256()
    money_day = min(on, today)
    past, came, purses = money.paid_before(unit, money_day), received(unit, money_day), money.purses_of(unit, money_day, today)
    with compare(question, snapshot, progress=progress) as compared:
        people, paths = who(unit), units_by_path(unit)
        units = pa.table({"unit_path": pa.array(paths.keys(), pa.string()), "unit": pa.array(paths.values(), pa.int64())})
        for letter in question.others:
            found = breakdown(compared, letter, people, units)
            rows = money.programmes(packs["A"], packs[letter], compared.programmes, letter, past)
            by_unit = money.by_unit(compared, letter, rows, paths)
            weights = money.weights(rows, past, on)
            found |= {"programme": rows, "unit_programme": by_unit, "weights": weights}
            found["sources_was"] = sources(packs["A"], came, purses, money.floors(packs["A"], on), on)
            found["sources"] = sources(packs[letter], came, purses, money.floors(packs[letter], on), on)
            found["fund"] = money.funds(packs[letter], purses, rows, by_unit, weights, on)
            for row in found["fund"]:
                row["ranking"] = _ranking(compared, letter, snapshot, packs[letter], row, on, tell)
            found["month"] = money.by_month(rows, by_unit, weights, on)
            summary["sides"][letter] = found
            _hand_on(compared, letter, packs, keep, digest, tell)
    summary["backtest"] = backtest(packs, unit, on, tell)
    digest.update(_canonical(summary))
    return Result(summary, digest.hexdigest(), round((time.monotonic() - began) * 1000))


def _ranking(
    compared: Compared, letter: str, snapshot: Snapshot, pack: Pack, row: dict[str, Any], on: date, tell: Progress
) -> dict[str, Any] | None:
    """Where the money that a fund may spend does not reach for all: who comes first. None = it reaches, or there is no account."""
    fund = pack.fund(row["id"])
    if fund is None or row["available_fen"] is None:
        return None
    money_fen = max(0, row["available_fen"] - (row["floor_fen"] or 0))
    return ranked(compared, letter, snapshot, fund, money_fen, on, tell) if row["fen_now"] > money_fen else None


def _hand_on(compared: Compared, letter: str, packs: Mapping[str, Pack], keep: Keep, digest: hashlib._Hash, tell: Progress) -> None:
    """The touched households, the greatest loss first; a few of each move are marked as samples, always the same for a seed."""
    samples, done = drawn(compared, letter, SAMPLES), 0
    whole = compared.rows(f"SELECT count(*) AS n FROM compared_{letter} WHERE move <> 'same'")[0]["n"]
    for batch in touched(compared, letter, AT_ONCE):
        if tell("rows", done, whole) is False:
            raise Stopped
        rows = [
            Touched(
                letter,
                row["key"],
                row["move"],
                class_title(packs["A"], row["class_was"])[:60],
                class_title(packs[letter], row["class_now"])[:60],
                row["fen_was"],
                row["fen_now"],
                row["key"] in samples,
            )
            for row in batch
        ]
        for one in rows:
            digest.update(_canonical(vars(one)))
        keep(rows)
        done += len(rows)


def _canonical(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
