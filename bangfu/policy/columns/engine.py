"""Run a plan over a snapshot on DuckDB, a partition at a time: memory is bounded by one partition, time grows with their number.

DuckDB is locked down first: it may read this snapshot's folder and nothing else, no network, no further settings.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bangfu.policy.columns.compiling import compile_pack
from bangfu.policy.columns.folds import in_order
from bangfu.policy.columns.fragments import identifier, quoted
from bangfu.policy.columns.layout import HOUSEHOLD, ROW_GROUP, TABLES, Part, Snapshot
from bangfu.policy.columns.plan import Plan
from bangfu.policy.columns.settling import facts_from, settled
from bangfu.policy.pack import Pack

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

Progress = Callable[[int, int], bool | None]
BATCH = 5_000  # households handed to the walker at once


class Cancelled(Exception):
    """The progress callback said stop."""


@contextmanager
def engine(folders: Sequence[Path] = (), *, memory: str = "", threads: int = 0) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB of its own in memory that can reach only `folders`. Raises ImportError where DuckDB is not installed."""
    import duckdb

    connection = duckdb.connect(":memory:")
    try:
        connection.execute(f"SET threads = {threads or os.cpu_count() or 1}")
        if memory:
            connection.execute(f"SET memory_limit = {quoted(memory)}")
        connection.execute("SET enable_progress_bar = false")
        connection.execute("SET temp_directory = ''")
        if folders:
            listed = ", ".join(quoted(f"{folder.resolve()}/") for folder in folders)
            connection.execute(f"SET allowed_directories = [{listed}]")
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        yield connection
    finally:
        connection.close()


def register(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot, part: Part) -> None:
    """The tables of a partition as views. A list that a partition lacks is an empty table with the columns of the others."""
    for name in TABLES:
        source = _stored(snapshot, part, name) if name in part.rows else _empty(snapshot, name)
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {source}")


def register_all(connection: duckdb.DuckDBPyConnection, snapshot: Snapshot) -> None:
    """The tables of all partitions together as views."""
    for name in TABLES:
        sources = [_stored(snapshot, part, name) for part in snapshot.parts if name in part.rows] or [_empty(snapshot, name)]
        connection.execute(f"CREATE OR REPLACE VIEW {name} AS {' UNION ALL BY NAME '.join(sources)}")


def _stored(snapshot: Snapshot, part: Part, name: str) -> str:
    """One table of a partition with all columns of the snapshot, each in its one type."""
    path = quoted(str(snapshot.path(part, name).resolve()))
    there = _types(snapshot, part, name)
    columns = snapshot.columns.get(name, {})
    extra = [f"CAST(NULL AS {one.sql_type}) AS {identifier(column)}" for column, one in columns.items() if column not in there]
    wider = [
        f"CAST({identifier(column)} AS {one.sql_type}) AS {identifier(column)}"
        for column, one in columns.items()
        if there.get(column) == "int32" and one.sql_type == "BIGINT"
    ]
    shown = "*" + (f" REPLACE ({', '.join(wider)})" if wider else "")
    return f"SELECT {', '.join([shown, *extra])} FROM read_parquet({path})"


def _empty(snapshot: Snapshot, name: str) -> str:
    columns = {"key": "BIGINT", "place": "INTEGER"} | {
        column: one.sql_type for column, one in snapshot.columns.get(name, {}).items()
    }
    return (
        "SELECT "
        + ", ".join(f"CAST(NULL AS {type_}) AS {identifier(column)}" for column, type_ in columns.items())
        + " WHERE FALSE"
    )


def _types(snapshot: Snapshot, part: Part, table: str) -> dict[str, str]:
    """The columns of a partition's file with their stored types."""
    import pyarrow.parquet as pq

    return {field.name: str(field.type) for field in pq.read_schema(snapshot.path(part, table))}


def stream(
    pack: Pack,
    snapshot: Snapshot,
    on: date,
    *,
    programmes: Iterable[str] | None = None,
    reasons: bool = True,
    carry: Iterable[str] = (),
    assume: Mapping[str, Any] | None = None,
    progress: Progress | None = None,
    memory: str = "",
) -> Iterator[pa.Table]:
    """The answers, a partition at a time, in no order. Raises RuleStopped (clause named), Cancelled."""
    plan = compile_pack(pack, on, snapshot, programmes=programmes, reasons=reasons, carry=carry, assume=assume)
    yield from run_plan(plan, progress=progress, memory=memory)


def run_plan(plan: Plan, *, progress: Progress | None = None, memory: str = "") -> Iterator[pa.Table]:
    """The same for a plan that is there already."""
    snapshot = plan.snapshot
    done = 0
    with engine([snapshot.folder], memory=memory) as connection:
        for part in snapshot.parts:
            if progress is not None and progress(done, snapshot.households) is False:
                raise Cancelled
            register(connection, snapshot, part)
            with based(plan, connection, part) as rows:
                answers = table(connection, plan.query(rows))
            yield finished(plan, connection, answers)
            done += part.rows.get(HOUSEHOLD, 0)
    if progress is not None:
        progress(done, snapshot.households)


@contextmanager
def based(plan: Plan, connection: duckdb.DuckDBPyConnection, part: Part) -> Iterator[str]:
    """What to read `plan.base` of a registered partition from: its columns in memory where the lists can be folded as they lie."""
    sizes = plan.snapshot.sizes(part) if plan.is_ordered else None
    if sizes is None:
        yield f"({plan.base()})"
        return
    import pyarrow as pa

    base = table(connection, plan.facts())
    for name, one in sorted(plan.lists.items()):
        if plan.snapshot.rows(name) and one.folds:
            text = plan.rows(one)
            rows = table(connection, text) if text else pa.table({})
            for column, values in in_order(one.folds, rows, sizes[name]).items():
                base = base.append_column(column, values)
    connection.register("base_rows", pa.Table.from_batches(base.combine_chunks().to_batches(ROW_GROUP), base.schema))
    try:
        yield "base_rows"
    finally:
        connection.unregister("base_rows")


def run(pack: Pack, snapshot: Snapshot, on: date, **options: Any) -> pa.Table:
    """The answers for every household as one table (see `stream` for the options). One row a household, in no order.

    Runs on the Spark cluster that `BANGFU_SPARK` names, if it names one.
    """
    import pyarrow as pa

    master = os.environ.get("BANGFU_SPARK", "")
    if master:
        from bangfu.policy.columns.spark import run_plan as run_there

        chosen = {name: value for name, value in options.items() if name not in ("progress", "memory")}
        return run_there(compile_pack(pack, on, snapshot, **chosen), master)
    parts = list(stream(pack, snapshot, on, **options))
    return pa.concat_tables(parts) if parts else pa.table({"key": pa.array([], pa.int64())})


def table(connection: duckdb.DuckDBPyConnection, query: str) -> pa.Table:
    """DuckDB 1.5 and 2.0 name it differently."""
    answer = connection.sql(query)
    return answer.to_arrow_table() if hasattr(answer, "to_arrow_table") else answer.arrow()


def finished(plan: Plan, connection: duckdb.DuckDBPyConnection, answers: pa.Table) -> pa.Table:
    """The answers with the rows that SQL was not sure of settled by the walker, and `by` telling which those are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    asked = answers.column("ask")
    answers = answers.drop_columns(["ask"])
    count = pc.sum(asked).as_py() or 0
    by = pc.cast(asked, pa.int8())
    if count:
        keys = pc.filter(answers.column("key"), asked)
        found = {row["key"]: row for row in settled(plan, households(plan, connection, keys))}
        rows = [found[key] for key in keys.to_pylist()]
        for name in plan.answers:
            place = answers.column_names.index(name)
            column = answers.column(name)
            numbers = {word: number for number, word in enumerate(plan.words.get(name, ()))}
            values = [numbers.get(row[name], row[name]) if numbers else row[name] for row in rows]
            mended = pa.array(values, column.type)
            answers = answers.set_column(
                place,
                name,
                pc.replace_with_mask(column, asked.combine_chunks() if isinstance(asked, pa.ChunkedArray) else asked, mended),
            )
    return worded(plan, answers).append_column("by", by)


def worded(plan: Plan, answers: pa.Table) -> pa.Table:
    """Answers that are numbers of words as words (dictionaries: nothing is copied)."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for name, words in plan.words.items():
        place = answers.column_names.index(name)
        numbers = pc.cast(answers.column(name), pa.int8()).combine_chunks()
        answers = answers.set_column(place, name, pa.DictionaryArray.from_arrays(numbers, pa.array(words, pa.string())))
    return answers


def households(plan: Plan, connection: duckdb.DuckDBPyConnection, keys: pa.ChunkedArray) -> Iterator[tuple[int, dict[str, Any]]]:
    """The facts of the rows asked for, from the views of the partition, in batches."""
    import pyarrow as pa

    whole = keys.combine_chunks() if isinstance(keys, pa.ChunkedArray) else keys
    for start in range(0, len(whole), BATCH):
        connection.register("asked_keys", pa.table({"key": whole.slice(start, BATCH)}))
        tables = {
            name: table(connection, f"SELECT t.* FROM {name} AS t JOIN asked_keys AS k ON k.key = t.key")
            for name in TABLES
            if name == HOUSEHOLD or plan.snapshot.rows(name)
        }
        connection.unregister("asked_keys")
        yield from facts_from(tables, plan.snapshot, plan.assume)
