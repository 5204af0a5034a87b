"""Hold SQL against the walker, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from bangfu.policy.columns.compiling import compile_pack
from bangfu.policy.columns.engine import engine, register, table, worded
from bangfu.policy.columns.layout import Snapshot, Writer, tables_of
from bangfu.policy.columns.plan import Plan
from bangfu.policy.columns.settling import answers
from bangfu.policy.evaluation import evaluate
from bangfu.policy.pack import Pack
from bangfu.policy.walker import RuleStopped

AT = datetime(2025, 6, 1, tzinfo=UTC)


def snapshot_of(folder: Path, pack: Pack, rows: Sequence[Mapping[str, Any]], on: date, parts: int = 1) -> Snapshot:
    """Households (facts) as a snapshot; `key` is their place."""
    writer = Writer(folder, pack.vocabulary.facts, unit="test", day=on, made_at=AT)
    keyed = [{"key": place, **facts} for place, facts in enumerate(rows)]
    size = -(-len(keyed) // parts)
    for start in range(0, len(keyed), size):
        writer.add(tables_of(keyed[start : start + size], pack.vocabulary.facts))
    return writer.close()


@dataclass
class Comparison:
    """`different`: rows of which SQL was sure and wrong, with what each said. `asked` rows went to the walker."""

    rows: int = 0
    asked: int = 0
    stopped: int = 0
    plan: Plan | None = None
    different: list[tuple[dict[str, Any], dict[str, tuple[Any, Any]]]] = field(default_factory=list)


def compare(folder: Path, pack: Pack, rows: Sequence[Mapping[str, Any]], on: date, **options: Any) -> Comparison:
    """Every row of which SQL says that it is sure must be the walker's, in every answer and every reason bit."""
    snapshot = snapshot_of(folder, pack, rows, on, parts=2)
    plan = compile_pack(pack, on, snapshot, **options)
    found = Comparison(plan=plan)
    with engine([folder]) as connection:
        for part in snapshot.parts:
            register(connection, snapshot, part)
            for row in worded(plan, table(connection, plan.whole())).to_pylist():
                facts = rows[row.pop("key")]
                found.rows += 1
                if row.pop("ask"):
                    found.asked += 1
                    continue
                try:
                    wanted = answers(plan, evaluate(plan.walked(), {**plan.assume, **facts}, on))
                except RuleStopped:
                    wanted = dict.fromkeys(row, "stopped")
                    found.stopped += 1
                apart = {
                    name: (wanted[name], row[name])
                    for name in wanted
                    if wanted[name] != row[name] or type(wanted[name]) is not type(row[name])
                }
                if apart:
                    found.different.append((dict(facts), apart))
    return found
