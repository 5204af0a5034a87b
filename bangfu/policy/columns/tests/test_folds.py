"""A figure over a list is the same whether SQL groups the rows or they are folded as they lie."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bangfu.policy.columns import Snapshot, Writer, tables_of
from bangfu.policy.columns.engine import engine, table
from bangfu.policy.columns.folds import Fold, in_order, sizes_of
from bangfu.policy.vocabulary import VOCABULARY

FOLDS = {
    "rows": Fold("count", default="0"),
    "there": Fold("count", "v", default="0"),
    "chosen": Fold("count", where="b", default="0"),
    "chosen_there": Fold("count", "v", where="coalesce(b, TRUE)", default="0"),
    "total": Fold("sum", "CASE WHEN b THEN v ELSE 0 END", default="0"),
    "whole": Fold("whole_sum", "v"),
    "one": Fold("any", "b", default="FALSE"),
    "each": Fold("all", "b", default="TRUE"),
    "least": Fold("min", "v"),
    "most": Fold("max", "v", where="b"),
    "mark": Fold("max", "CASE WHEN b THEN 2 WHEN b IS NULL THEN 1 ELSE 0 END", default="0"),
    "low_mark": Fold("min", "CASE WHEN b THEN 2 WHEN b IS NULL THEN 1 ELSE 0 END", default="2"),
}


@pytest.mark.parametrize("gaps", [0.0, 0.3])
@pytest.mark.parametrize("most", [0, 1, 5])
def test_every_kind_of_fold_is_what_sql_makes_of_it(gaps, most):
    import pyarrow as pa

    rnd = random.Random(f"{gaps} {most}")
    keys = sorted(rnd.sample(range(10_000), 400))
    of = [key for key in keys for _n in range(rnd.randint(0, most))]

    def maybe(value):
        return None if rnd.random() < gaps else value

    rows = pa.table(
        {
            "key": pa.array(of, pa.int64()),
            "v": pa.array([maybe(rnd.randint(-9, 10**15)) for _row in of], pa.int64()),
            "b": pa.array([maybe(rnd.random() < 0.4) for _row in of], pa.bool_()),
        }
    )
    sizes = sizes_of(pa.chunked_array([pa.array(keys)]), rows.column("key"))
    with engine() as connection:
        connection.register("r", rows)
        connection.register("h", pa.table({"key": keys}))
        texts = ", ".join(f"{fold.text} AS {name}" for name, fold in FOLDS.items())
        shown = ", ".join(f"coalesce({name}, {fold.default}) AS {name}" if fold.default else name for name, fold in FOLDS.items())
        grouped = table(
            connection,
            f"SELECT h.key, {shown} FROM h LEFT JOIN (SELECT key, {texts} FROM r GROUP BY key) AS g ON g.key = h.key ORDER BY h.key",
        )
        lying = table(
            connection, f"SELECT {', '.join(f'{fold.of_row} AS {name}' for name, fold in FOLDS.items() if fold.of_row)} FROM r"
        )
    found = in_order(FOLDS, lying, sizes)
    for name in FOLDS:
        if name == "each":  # a NULL alone: SQL says NULL, nobody asks for it (`all` is folded only where nothing is missing)
            continue
        assert found[name].to_pylist() == grouped.column(name).to_pylist(), name
    if not gaps:
        assert found["each"].to_pylist() == grouped.column("each").to_pylist()


def test_rows_that_lie_in_another_order_are_left_to_sql(tmp_path: Path):
    households = [{"key": key, "members": [{"member_age": 30 + key}, {"member_age": 60}]} for key in (1, 2, 3)]
    tables = tables_of(households, VOCABULARY.facts)
    assert written(tmp_path / "in-order", tables).sizes(first(tmp_path / "in-order"))["members"].tolist() == [2, 2, 2]
    turned = {**tables, "members": tables["members"].take([2, 3, 0, 1, 4, 5])}
    assert written(tmp_path / "turned", turned).sizes(first(tmp_path / "turned")) is None
    orphan = {**tables, "household": tables["household"].take([0, 1])}
    assert written(tmp_path / "orphan", orphan).sizes(first(tmp_path / "orphan")) is None


def written(folder: Path, tables) -> Snapshot:
    writer = Writer(folder, VOCABULARY.facts, unit="u", day=date(2026, 1, 1), made_at=datetime(2026, 1, 1, tzinfo=UTC))
    writer.add(tables)
    return writer.close()


def first(folder: Path):
    return Snapshot.open(folder).parts[0]
