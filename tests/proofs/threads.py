"""Many hands at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

from django.core.exceptions import PermissionDenied
from django.db import connections

from bangfu.lib.errors import Refused


def together(actions: Sequence[Callable[[], object]]) -> list[object]:
    """Start all actions at once, a thread each; their results in order, refusals included. Anything else is raised."""
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], object]) -> object:
        gate.wait()
        try:
            return action()
        except (Refused, PermissionDenied) as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(run, actions))
