"""The preview of a raised standard over 100,000 households: the first one of a process, and the next ones. Limit 2 s."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path

from bangfu.policy.columns import Snapshot, Writer, tables_of
from bangfu.policy.vocabulary import VOCABULARY
from bangfu.process.facts import facts_of_households
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation.preview import preview
from bangfu.reporting.simulation.sides import pack_of_draft
from bangfu.reporting.simulation.tests.conftest import FROM, Place, built
from bench.report import Row

HOUSEHOLDS, LIMIT = 100_000, 2.0


def run() -> tuple[str, list[Row]]:
    place = built()
    with tempfile.TemporaryDirectory(prefix="bangfu-preview-") as folder:
        began = time.perf_counter()
        snapshot = many(place, Path(folder) / "many")
        rows = [
            Row(f"{HOUSEHOLDS:,} households from dicts to columns", f"{time.perf_counter() - began:.1f} s", "the refresh apart")
        ]
        before, after = pack_of_draft(place.raised()), pack_of_draft(place.raised("dibao_line_fen", "900"))
        took = []
        for _turn in range(4):
            began = time.perf_counter()
            found = preview(before, after, snapshot, place.world.organisation, FROM)
            took.append(time.perf_counter() - began)
        touched = f"{found.touched:,} touched of {sum(found.moves.values()):,}"
    rows.append(Row("preview, first of a process", f"{took[0]:.2f} s", verdict(took[0])))
    rows.append(Row("preview, the next ones", f"{min(took[1:]):.2f} s", f"{verdict(min(took[1:]))}; {touched}"))
    return "Preview of a raised standard", rows


def many(place: Place, folder: Path) -> Snapshot:
    """The files of the place over and over, each a little richer than the one before."""
    files = facts_of_households(place.files, AT.date())
    rows = ({**files[key % len(files)], "key": key, "annual_income_fen": (key * 37) % 6_000_000} for key in range(HOUSEHOLDS))
    writer = Writer(folder, VOCABULARY.facts, unit=place.world.organisation.code, day=AT.date(), made_at=AT)
    writer.add(tables_of(rows, VOCABULARY.facts))
    return writer.close()


def verdict(seconds: float) -> str:
    return f"limit {LIMIT:.0f} s: {'kept' if seconds <= LIMIT else 'MISSED'}"
