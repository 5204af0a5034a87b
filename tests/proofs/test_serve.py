"""Ctrl-C ends `bangfu serve` cleanly: exit at once, nothing left that writes, the database closed."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.live import environment, free_port, wait_for


@pytest.mark.parametrize("workers", ["1"])
def test_ctrl_c_ends_the_server_and_its_children(built, tmp_path, workers):
    import shutil

    folder, _towns = built
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    port = free_port()
    out = tmp_path / "out"
    with out.open("w") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "bangfu.cli", "serve"], env=environment(tmp_path, PORT=str(port), WORKERS=workers),
            stdout=stream, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            wait_for(f"http://127.0.0.1:{port}", process, out)
            children = _children(process.pid)
            process.send_signal(signal.SIGINT)
            assert process.wait(15) == 0, out.read_text()[-2000:]
        finally:
            if process.poll() is None:
                process.kill()
    said = out.read_text()
    assert "Traceback" not in said and f"127.0.0.1:{port}" in said
    assert _left(children) == []
    assert not (tmp_path / "bangfu.sqlite3-wal").exists() or (tmp_path / "bangfu.sqlite3-wal").stat().st_size == 0


def _left(pids: list[str], seconds: float = 10) -> list[str]:
    """Those of `pids` that still run after at most `seconds`: a helper of multiprocessing ends just after its parent; a dead process that init has not collected yet runs no more."""
    end = time.monotonic() + seconds
    while (running := [pid for pid in pids if _runs(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return running


def _runs(pid: str) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _children(pid: int) -> list[str]:
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
