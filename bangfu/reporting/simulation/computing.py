"""One scenario computed: compare, break down, price, back-test. The same from the page, the command and the worker."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any

from bangfu.access.models import Unit
from bangfu.policy.columns import Snapshot
from bangfu.policy.pack import Pack
from bangfu.reporting.simulation import money
from bangfu.reporting.simulation.backtest import backtest
from bangfu.reporting.simulation.breakdown import breakdown
from bangfu.reporting.simulation.comparing import Compared, Progress, Question, class_title, compare, touched
from bangfu.reporting.simulation.ranking import ranked
from bangfu.reporting.simulation.sides import path_of, who

LISTED = 20_000  # touched households kept by name; the counts are of all
SAMPLES = 5  # of each kind of move


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


@dataclass(frozen=True)
class Result:
    """`summary` is plain JSON: counts and sums; `rows` the households."""

    summary: dict[str, Any]
    rows: list[Touched]
    millis: int

    @property
    def sha256(self) -> str:
        """Equal for equal results: over the summary and every touched household."""
        text = json.dumps(
            [self.summary, [vars(row) for row in self.rows]], ensure_ascii=False, sort_keys=True, separators=(",", ":")
        )
        return hashlib.sha256(text.encode()).hexdigest()


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
) -> Result:
    """Sides B, C beside A over the files of a unit. Raises RuleStopped (clause named), comparing.Stopped."""
    began = time.monotonic()
    question = Question(packs, on, path_of(unit), includes_past, asking, seed)
    summary: dict[str, Any] = {"sides": {}}
    rows: list[Touched] = []
    past = money.paid_before(unit, min(on, today))
    with compare(question, snapshot, progress=progress) as compared:
        people = who(unit)
        for letter in question.others:
            found = breakdown(compared, letter, people)
            found["programme"] = money.programmes(packs["A"], packs[letter], compared.programmes, letter, past)
            found["fund"] = money.funds(unit, packs[letter], found["programme"], past, on)
            for row in found["fund"]:
                row["ranking"] = _ranking(compared, letter, snapshot, packs[letter], row, on)
            found["month"] = money.by_month(found["programme"], past, on)
            summary["sides"][letter] = found
            rows += _rows(letter, packs, list(touched(compared, letter, LISTED)), seed)
    summary["backtest"] = backtest(packs, unit, on)
    return Result(summary, rows, round((time.monotonic() - began) * 1000))


def _ranking(
    compared: Compared, letter: str, snapshot: Snapshot, pack: Pack, row: dict[str, Any], on: date
) -> dict[str, Any] | None:
    """Where the money that a fund may spend does not reach for all: who comes first. None = it reaches, or there is no account."""
    fund = pack.fund(row["id"])
    if fund is None or row["available_fen"] is None:
        return None
    money_fen = max(0, row["available_fen"] - (row["floor_fen"] or 0))
    return ranked(compared, letter, snapshot, fund, money_fen, on) if row["fen_now"] > money_fen else None


def _rows(letter: str, packs: Mapping[str, Pack], found: list[dict[str, Any]], seed: int) -> list[Touched]:
    """The touched households; a few of each move are drawn as samples, always the same for a seed."""
    drawn: set[int] = set()
    for move in sorted({row["move"] for row in found}):
        keys = sorted(row["key"] for row in found if row["move"] == move)
        drawn.update(Random(f"{seed} {letter} {move}").sample(keys, min(SAMPLES, len(keys))))
    return [
        Touched(
            letter,
            row["key"],
            row["move"],
            class_title(packs["A"], row["class_was"])[:60],
            class_title(packs[letter], row["class_now"])[:60],
            row["fen_was"],
            row["fen_now"],
            row["key"] in drawn,
        )
        for row in found
    ]
