"""The demo of Friday 2026-11-20, built once for all journeys; each test gets a served copy with a clock of its own."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests import browser as web
from tests.journeys.people import Town
from tests.live import run, served

TODAY = "2026-11-20"
MORNING = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)  # 9:00 in Shanghai


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with the demo's data; workers of one run share it. BANGFU_TEST_DEMO names one that is already built."""
    if ready := os.environ.get("BANGFU_TEST_DEMO"):
        return Path(ready)
    base = tmp_path_factory.getbasetemp()
    root = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    folder = root / "journey-demo"
    with open(root / "journey-demo.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "built").exists():
            done = run(folder, "demo", "--today", TODAY)
            assert done.returncode == 0, done.stdout + done.stderr
            (folder / "built").touch()
    return folder


@pytest.fixture(scope="session")
def chromium() -> Iterator:
    with web.launch() as browser:
        yield browser


@pytest.fixture
def at_town(demo, chromium, tmp_path) -> Iterator[Callable[..., Town]]:
    """Open the town: `at` the instant at which its clock starts."""
    with ExitStack() as stack:

        def start(at: datetime = MORNING) -> Town:
            town = Town(stack.enter_context(served(demo, tmp_path / "live", at=at)), chromium)
            stack.callback(town.leave)
            return town

        yield start


@pytest.fixture
def town(at_town) -> Town:
    return at_town()
