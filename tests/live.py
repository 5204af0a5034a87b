"""A served copy of the demo: the real `bangfu serve` in a process of its own, on its own data, with a clock that a file moves."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(var: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """One `bangfu …` command on the data of `var`."""
    return subprocess.run([sys.executable, "-m", "bangfu.cli", *words], capture_output=True, text=True, env=environment(var, **env))


def environment(var: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BANGFU_") and name != "DATABASE_URL"}
    return {**kept, "BANGFU_VAR": str(var), "DJANGO_SETTINGS_MODULE": "bangfu.config.settings", **more}


@dataclass
class Live:
    """A running server: its address, its folder of data, its clock."""

    url: str
    var: Path
    process: subprocess.Popen[str]

    @property
    def now(self) -> datetime:
        return datetime.fromisoformat((self.var / "clock").read_text())

    def move(self, **span: float) -> datetime:
        """Let time pass."""
        instant = self.now + timedelta(**span)
        (self.var / "clock").write_text(instant.isoformat())
        return instant

    def bangfu(self, *words: str) -> subprocess.CompletedProcess[str]:
        return run(self.var, *words, BANGFU_CLOCK_FILE=str(self.var / "clock"))


@contextmanager
def served(demo: Path, folder: Path, *, at: datetime) -> Iterator[Live]:
    """Copy the demo's data to `folder` and serve it until the block ends; Ctrl-C must end all cleanly."""
    shutil.copytree(demo, folder, dirs_exist_ok=True)
    (folder / "clock").write_text(at.isoformat())
    port = free_port()
    with open(folder / "out", "w") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "bangfu.cli", "serve"],
            env=environment(folder, PORT=str(port), BANGFU_CLOCK_FILE=str(folder / "clock")),
            stdout=out,
            stderr=subprocess.STDOUT,
            text=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process, folder / "out")
        yield Live(url, folder, process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError("Ctrl-C did not end the server within 10 s") from None


def wait_for(url: str, process: subprocess.Popen[str], out: Path, seconds: float = 60) -> None:
    end, last = time.monotonic() + seconds, "no answer"
    while time.monotonic() < end:
        if process.poll() is not None:
            raise AssertionError(f"the server ended: {out.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{url}/healthz", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError as error:
            last = repr(error)
            time.sleep(0.1)
    raise AssertionError(f"not ready ({last}): {out.read_text()[-2000:]}")
