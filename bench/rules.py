"""The rules: one household with its full trace, and a whole registry beside OpenFisca, plain Python and Spark."""

from __future__ import annotations

import time
from datetime import date

from bangfu.ledger.tests.makers import AT
from bangfu.lib.days import today
from bangfu.policy import flow, queries
from bangfu.process.facts import facts_of_household
from bangfu.process.tests.makers import world
from bench import whole_registry
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
    rows += largest_pack()
    return "Rules", rows + whole_registry.run()


def largest_pack() -> list[Row]:
    """One case with reasons and trace under each shipped pack; the slowest is shown. Facts: its own worked examples."""
    from pathlib import Path

    from bangfu.policy.examples import check, is_judged

    slowest, name, requirements = 0.0, "", 0
    for folder in sorted(path.parent for path in Path("policies").glob("*/pack.yaml")):
        pack = check(folder)[0]
        cases = [(dict(example.facts), example.on) for example in pack.examples if is_judged(example)] if pack else []
        if not cases:
            continue
        best = min(timed_once(pack, cases) for _n in range(5)) / len(cases)
        if best > slowest:
            slowest, name = best, folder.name
            requirements = len(evaluate(pack, *cases[0]).reasons)  # type: ignore[attr-defined]
    return [
        Row(
            "one case, full trace, slowest shipped pack",
            f"{slowest * 1e6:,.0f} µs of CPU ({name}, {requirements} reasons)",
            "aim <= 1 ms",
        )
    ]


def timed_once(pack: object, cases: list) -> float:
    began = time.process_time()
    for facts, on in cases:
        evaluate(pack, facts, on)
    return time.process_time() - began


def evaluate(pack: object, facts: dict, on: date) -> object:
    from bangfu.policy.evaluation import evaluate as run_pack

    return run_pack(pack, facts, on)  # type: ignore[arg-type]


def assess(version: object, who: object, facts: dict) -> object:
    return flow.assess(version, "bench", facts, on=today(AT), unit=who.unit, by=None, at=AT)  # type: ignore[attr-defined,arg-type]
