"""Ours: the compiled pack over the snapshot, Parquet to Parquet, a partition at a time; and the what-if on rows kept.

`python -m bench.registry.ours FOLDER OUT [what-if]` in a process of its own, so that the peak is its own.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

CLASSES = ["none", "deep", "relative", "accident", "general"]
SUMMED = ("amount_gift", "amount_living", "amount_medical", "amount_schooling", "met_0")
WRITTEN = ["key", "class", *SUMMED]  # what every engine writes


def pack() -> Any:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bangfu.config.settings")
    import django

    django.setup()
    from bangfu.policy.loading import load_pack

    return load_pack(Path(__file__).parent / "pack")


def raised() -> Any:
    """The same rules with every district's standard 10 % higher: what somebody tries on the screen."""
    from dataclasses import replace

    rules = pack()
    standard = rules.parameters["dibao_fen"]
    entries = tuple(replace(entry, value=entry.value * 11 // 10) for entry in standard.entries)
    return replace(rules, parameters={**rules.parameters, "dibao_fen": replace(standard, entries=entries)})


class Clock:
    """Seconds by the wall and of CPU since it was made, without those of `stopped`."""

    def __init__(self) -> None:
        self.began, self.began_cpu = time.perf_counter(), time.process_time()

    def wall(self) -> float:
        return time.perf_counter() - self.began

    def cpu(self) -> float:
        return time.process_time() - self.began_cpu

    @contextmanager
    def stopped(self) -> Iterator[None]:
        wall, cpu = time.perf_counter(), time.process_time()
        yield
        self.began += time.perf_counter() - wall
        self.began_cpu += time.process_time() - cpu


def sums_of(table: Any, sums: dict[str, int]) -> None:
    import pyarrow.compute as pc

    for row in pc.value_counts(table.column("class").combine_chunks()).to_pylist():
        sums[f"class {row['values']}"] = sums.get(f"class {row['values']}", 0) + row["counts"]
    for name in SUMMED:
        sums[name] = sums.get(name, 0) + (pc.sum(table.column(name)).as_py() or 0)


def main(folder: str, out: str, what: str = "") -> None:
    rules = pack()
    from bangfu.policy.columns import Session, Snapshot, compile_pack, run_plan

    snapshot = Snapshot.open(Path(folder))
    seconds: dict[str, Any] = {}
    sums: dict[str, int] = {}
    if what:
        began = time.perf_counter()
        with Session(snapshot, rules, snapshot.day) as session:
            seconds["kept"] = time.perf_counter() - began
            other = raised()
            session.plan(other)
            for name, act in (("rows", session.run), ("totals", session.totals)):
                tries = []
                for _n in range(5):
                    began, cpu = time.perf_counter(), time.process_time()
                    act(other)
                    tries.append((time.perf_counter() - began, time.process_time() - cpu))
                seconds[name], seconds[f"{name} cpu"] = min(tries)[0], min(one[1] for one in tries)
            sums_of(session.run(rules), sums)
    else:
        import duckdb  # noqa: F401 - as the peers: what is imported is imported before the clock starts
        import numpy  # noqa: F401, ICN001
        import pyarrow.compute  # noqa: F401
        import pyarrow.parquet as pq

        clock = Clock()
        plan = compile_pack(rules, snapshot.day, snapshot)
        seconds["compile"] = clock.wall()
        for number, table in enumerate(run_plan(plan, memory="700MB")):
            pq.write_table(table.select(WRITTEN), f"{out}-{number}.parquet", compression="none")
            with clock.stopped():  # the sums are for the comparison, with every engine
                sums_of(table, sums)
        seconds["whole"], seconds["cpu"] = clock.wall(), clock.cpu()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"seconds": seconds, "sums": sums, "peak_mb": peak}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:4])
