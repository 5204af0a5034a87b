"""What runs by itself: the one list. Each entry calls one function with the instant; due work is found in rows, not kept in memory.

Ends of notices and other deadlines are predicates on time, not jobs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from importlib import import_module


@dataclass(frozen=True)
class Job:
    """`every` seconds, call `function` ("module:name") with `at=`."""

    name: str
    every: int
    function: str

    def load(self) -> Callable[..., object]:
        module, _, name = self.function.partition(":")
        return getattr(import_module(module), name)

    def run(self, at: datetime) -> object:
        return self.load()(at=at)


JOBS: list[Job] = [
    Job("imports", 2, "bangfu.household.imports.flow:run_pending"),
    Job("simulations", 2, "bangfu.reporting.simulation.jobs:run_pending"),
    Job("failed sign-ins", 300, "bangfu.access.tally:settle"),
    Job("snapshots", 3600, "bangfu.process.snapshot:take_at_night"),
    Job("findings", 3600, "bangfu.reporting.simulation.findings:search_at_night"),
    Job("old drafts", 3600, "bangfu.relief.flow:drop_old_drafts"),
]
