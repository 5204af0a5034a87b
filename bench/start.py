"""`bangfu demo` in a process of its own, and the second start of `bangfu serve` until /healthz answers, ended by Ctrl-C."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.report import Row
from tests.live import environment, free_port, run, wait_for


def run_all() -> tuple[str, list[Row]]:
    folder = Path(tempfile.mkdtemp(prefix="bangfu-bench-"))
    try:
        began = time.perf_counter()
        made = run(folder, "demo")
        if made.returncode != 0:
            raise RuntimeError(made.stderr)
        rows = [
            Row(
                "bangfu demo: migrate and build",
                f"{time.perf_counter() - began:.1f} s; {made.stdout.strip().splitlines()[-1]}",
                "limit 20 s",
            )
        ]
        for attempt in ("second start to /healthz", "third start to /healthz"):
            ready, ended = start(folder)
            rows.append(Row(attempt, f"{ready:.1f} s; Ctrl-C ends it in {ended:.1f} s", "limit 5 s"))
        return "Start", rows
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def start(folder: Path) -> tuple[float, float]:
    """(seconds until ready, seconds from Ctrl-C to the end)."""
    port = free_port()
    began = time.perf_counter()
    with (folder / "out").open("w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bangfu.cli", "serve"],
            env=environment(folder, PORT=str(port)),
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
        wait_for(f"http://127.0.0.1:{port}", process, folder / "out")
        ready = time.perf_counter() - began
        process.send_signal(signal.SIGINT)
        process.wait(20)
    return ready, time.perf_counter() - began - ready
