"""Evaluation of one household: by the compiled pack alone, and as the stored assessment of a case."""

from __future__ import annotations

import time
from datetime import date

from bangfu.ledger.tests.makers import AT
from bangfu.lib.days import today
from bangfu.policy import flow, queries
from bangfu.process.facts import facts_of_household
from bangfu.process.tests.makers import world
from bench.money import measure
from bench.report import Row


def run() -> tuple[str, list[Row]]:
    who = world()
    version = queries.in_force(who.unit, today(AT))
    assert version is not None
    pack = queries.pack_of(version)
    facts = facts_of_household(who.household, today(AT)) | {"programme": "temporary_living"}
    began, times = time.process_time(), 500
    for _n in range(times):
        evaluate(pack, facts, today(AT))
    one = (time.process_time() - began) / times
    rows = [
        Row("one household, compiled pack, with reasons", f"{one * 1e6:,.0f} µs of CPU  {1 / one:,.0f}/s",
            "plain Python loop 7.9 µs; OpenFisca usual 2.67 µs a household of 1 M (measured earlier)"),
        measure("facts of a household from the database", lambda n: facts_of_household(who.household, today(AT))),
        measure("assess: evaluate, freeze, store, record", lambda n: assess(version, who, facts)),
    ]  # fmt: skip
    return "Rules", rows


def evaluate(pack: object, facts: dict, on: date) -> object:
    from bangfu.policy.evaluation import evaluate as run_pack

    return run_pack(pack, facts, on)  # type: ignore[arg-type]


def assess(version: object, who: object, facts: dict) -> object:
    return flow.assess(version, "bench", facts, on=today(AT), unit=who.unit, by=None, at=AT)  # type: ignore[attr-defined,arg-type]
