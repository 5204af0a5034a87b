"""What-if over one snapshot: what the lists come to is worked out once and kept, one row a household; then a version of the
rules costs one pass over those rows. Rows, totals, and comparison of answers, all in one locked-down DuckDB."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from bangfu.policy.columns.compiling import compile_pack
from bangfu.policy.columns.engine import based, engine, finished, register, register_all, table
from bangfu.policy.columns.layout import Snapshot
from bangfu.policy.columns.plan import Plan
from bangfu.policy.columns.settling import settled
from bangfu.policy.columns.source import ListPlan
from bangfu.policy.pack import Pack

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa


@dataclass
class Totals:
    """Households by class (`None` = not known yet); by programme how many are due, not known, and the fen suggested."""

    households: int = 0
    entitled: int = 0
    open: int = 0
    classes: dict[str | None, int] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    undecided: dict[str, int] = field(default_factory=dict)
    amount_fen: dict[str, int] = field(default_factory=dict)
    leaving: int = 0


class Session:
    """Holds the households of a snapshot in memory (about 100 bytes a household). Use it with `with`; not shared by threads."""

    def __init__(
        self,
        snapshot: Snapshot,
        pack: Pack,
        on: date,
        *,
        carry: Iterable[str] = (),
        assume: Mapping[str, Any] | None = None,
        memory: str = "",
    ) -> None:
        self.snapshot, self.on = snapshot, on
        self.carry, self.assume, self.memory = tuple(carry), dict(assume or {}), memory
        self.columns: set[str] = set()
        self.lists: dict[str, ListPlan] = {}
        self._first = pack
        self._stack = ExitStack()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._plans: dict[tuple[Any, ...], Plan] = {}

    def __enter__(self) -> Session:
        self._connection = self._stack.enter_context(engine([self.snapshot.folder], memory=self.memory))
        self._hold(self.plan(self._first))
        return self

    def __exit__(self, *wrong: object) -> None:
        self._stack.close()
        self._connection = None

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        assert self._connection is not None, "use Session with `with`"
        return self._connection

    def plan(self, pack: Pack, *, reasons: bool = True, programmes: Iterable[str] | None = None, on: date | None = None) -> Plan:
        """The compiled pack; kept, so that a slider that moves back and forth compiles once."""
        chosen = None if programmes is None else tuple(programmes)
        key = (id(pack), reasons, chosen, on)
        plan = self._plans.get(key)
        if plan is None:
            plan = compile_pack(
                pack, on or self.on, self.snapshot, programmes=chosen, reasons=reasons, carry=self.carry, assume=self.assume
            )
            self._plans[key] = plan
        return plan

    def run(self, pack: Pack, **options: Any) -> pa.Table:
        """The answers for every household, as `columns.run`. Raises RuleStopped."""
        plan = self.plan(pack, **options)
        self._hold(plan)
        return finished(plan, self.connection, table(self.connection, plan.query("base")))

    def totals(self, pack: Pack, **options: Any) -> Totals:
        """Counts and sums only: nothing is carried out of the engine but what the walker has to settle."""
        plan = self.plan(pack, reasons=False, **options)
        self._hold(plan)
        self.connection.execute(f"CREATE OR REPLACE TEMP VIEW answers AS {plan.query('base')}")
        found = Totals()
        sums = ", ".join(
            f"count(*) FILTER (WHERE due_{one.id}) AS d{place}, count(*) FILTER (WHERE due_{one.id} IS NULL) AS u{place},"
            f" sum(amount_{one.id}) FILTER (WHERE due_{one.id}) AS s{place}"
            for place, one in enumerate(plan.programmes)
        )
        shown = "class" if "class" in plan.outputs else "NULL AS class"
        rows = table(
            self.connection,
            f"SELECT {shown}, ask, count(*) AS n, count(*) FILTER (WHERE outcome) AS e,"
            f' count(*) FILTER (WHERE outcome IS NULL) AS o, count(*) FILTER (WHERE "exit") AS l{", " if sums else ""}{sums}'
            " FROM answers GROUP BY ALL",
        ).to_pylist()
        words = plan.words.get("class")
        for row in rows:
            found.households += row["n"]
            if row["ask"]:
                continue
            if words and row["class"] is not None:
                row["class"] = words[row["class"]]
            found.entitled, found.open, found.leaving = found.entitled + row["e"], found.open + row["o"], found.leaving + row["l"]
            found.classes[row["class"]] = found.classes.get(row["class"], 0) + row["n"]
            for place, one in enumerate(plan.programmes):
                _count(found.due, one.id, row[f"d{place}"])
                _count(found.undecided, one.id, row[f"u{place}"])
                _count(found.amount_fen, one.id, int(row[f"s{place}"] or 0))
        if any(row["ask"] for row in rows):
            self._add_settled(plan, found)
        return found

    def _add_settled(self, plan: Plan, found: Totals) -> None:
        from bangfu.policy.columns.engine import households

        asked = table(self.connection, "SELECT key FROM answers WHERE ask").column("key")
        for row in settled(plan, households(plan, self.connection, asked)):
            found.entitled += row["outcome"] is True
            found.open += row["outcome"] is None
            found.leaving += row["exit"] is True
            found.classes[row.get("class")] = found.classes.get(row.get("class"), 0) + 1
            for one in plan.programmes:
                _count(found.due, one.id, row[f"due_{one.id}"] is True)
                _count(found.undecided, one.id, row[f"due_{one.id}"] is None)
                _count(found.amount_fen, one.id, (row[f"amount_{one.id}"] or 0) if row[f"due_{one.id}"] else 0)

    def sql(self, query: str, **tables: pa.Table) -> pa.Table:
        """Our own SQL over answers and, as `household`, `members` …, the snapshot. Never text that a user wrote."""
        for name, one in tables.items():
            self.connection.register(name, one)
        try:
            return table(self.connection, query)
        finally:
            for name in tables:
                self.connection.unregister(name)

    def _hold(self, plan: Plan) -> None:
        """Make sure that the rows kept have every column that the plan reads; else build them anew with those added."""
        new = plan.columns - self.columns
        lacking = [name for name, one in plan.lists.items() if set(one.folds) - set(self._kept(name).folds)]
        if not new and not lacking and self.columns:
            return
        self.columns |= plan.columns
        for name, one in plan.lists.items():
            self.lists[name] = self._kept(name).joined(one)
        whole = replace(plan, columns=self.columns, lists=self.lists)
        self.connection.execute("DROP TABLE IF EXISTS base")
        for place, part in enumerate(self.snapshot.parts):
            register(self.connection, self.snapshot, part)
            how = "CREATE TABLE base AS" if place == 0 else "INSERT INTO base BY NAME"
            with based(whole, self.connection, part) as rows:
                self.connection.execute(f"{how} SELECT * FROM {rows}")
        register_all(self.connection, self.snapshot)  # for the walker's rows and for `sql`

    def _kept(self, name: str) -> ListPlan:
        return self.lists.get(name) or ListPlan(name)


def _count(counts: dict[str, int], name: str, more: int) -> None:
    counts[name] = counts.get(name, 0) + more
