"""How a registry lies in columns: one table of households, one a list, each in partitions of Parquet; a manifest tells what is there.

    manifest.json
    part-0000/household.parquet   key, has_members …, one column a fact (NULL = unknown)
    part-0000/members.parquet     key, place (0, 1 … as in the facts), one column a fact
    part-0000/sizes.parquet       members … = how many rows each household has, if lists lie in the order of the households

`key` is the household's row number in the registry. A fact that no household has is no column at all. Money is whole fen,
days are ordinals (as in the rules), codes are words. No name, number, card or diagnosis is in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from hashlib import file_digest, sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy.columns.folds import sizes_of
from bangfu.policy.vocabulary import LISTS, Fact

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

HOUSEHOLD = "household"
SIZES = "sizes"
TABLES = (HOUSEHOLD, *LISTS.values())
FORMAT = "columns/1"
ROW_GROUP = 122_880  # DuckDB's own
MOST_WORDS = 2_000  # of one code
LARGEST = 10**15  # what `facts.typed` lets in


@dataclass(frozen=True)
class Column:
    """What is known of a column over all partitions: how many NULLs, the least and the greatest number."""

    type: str  # int | bool | code | date
    nulls: int
    low: int | None = None
    high: int | None = None
    words: tuple[str, ...] | None = None  # of a code: all that occur; None = too many to list

    def joined(self, other: Column) -> Column:
        lows = [one.low for one in (self, other) if one.low is not None]
        highs = [one.high for one in (self, other) if one.high is not None]
        words = None if self.words is None or other.words is None else tuple(sorted({*self.words, *other.words}))
        if words is not None and len(words) > MOST_WORDS:
            words = None
        return Column(self.type, self.nulls + other.nulls, min(lows, default=None), max(highs, default=None), words)

    @property
    def sql_type(self) -> str:
        """32 bits where every number of the snapshot fits: half to read, half to add up."""
        if self.type != "int":
            return {"bool": "BOOLEAN", "code": "VARCHAR", "date": "INTEGER"}[self.type]
        return "INTEGER" if _is_small(self.low, self.high) else "BIGINT"

    @classmethod
    def lacking(cls, type_: str, rows: int) -> Column:
        """The column of a partition that has none of it."""
        return cls(type_, rows, words=() if type_ == "code" else None)


@dataclass(frozen=True)
class Part:
    """One partition: its folder, its rows by table."""

    name: str
    rows: Mapping[str, int]
    sha256: str


@dataclass(frozen=True)
class Snapshot:
    """The registry of a unit tree on a day. Immutable once written."""

    folder: Path
    unit: str
    day: date
    made_at: str
    parts: tuple[Part, ...]
    columns: Mapping[str, Mapping[str, Column]]
    sensitive: tuple[str, ...] = ()

    @property
    def households(self) -> int:
        return self.rows(HOUSEHOLD)

    def rows(self, table: str) -> int:
        return sum(part.rows.get(table, 0) for part in self.parts)

    @cached_property
    def sha256(self) -> str:
        """One hash over all partitions, in their order."""
        return sha256("".join(part.sha256 for part in self.parts).encode()).hexdigest()

    def path(self, part: Part, table: str) -> Path:
        return self.folder / part.name / f"{table}.parquet"

    def sizes(self, part: Part) -> dict[str, np.ndarray] | None:
        """By list, how many rows each household of the partition has, in its order; None = the rows do not lie so."""
        path = self.path(part, SIZES)
        if not path.exists():
            return None
        import numpy as np
        import pyarrow.parquet as pq

        there = pq.read_table(path)
        none = np.zeros(part.rows[HOUSEHOLD], dtype=np.int32)
        return {name: there.column(name).to_numpy() if name in there.column_names else none for name in LISTS.values()}

    def column(self, table: str, name: str) -> Column | None:
        return self.columns.get(table, {}).get(name)

    def to_json(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "unit": self.unit,
            "day": self.day.isoformat(),
            "made_at": self.made_at,
            "households": self.households,
            "sha256": self.sha256,
            "sensitive": list(self.sensitive),
            "parts": [{"name": part.name, "rows": dict(part.rows), "sha256": part.sha256} for part in self.parts],
            "columns": {table: {name: vars(column) for name, column in columns.items()} for table, columns in self.columns.items()},
        }

    @classmethod
    def open(cls, folder: Path) -> Snapshot:
        """Read the manifest. Raises Refused when it is not one."""
        try:
            data = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            if data["format"] != FORMAT:
                raise ValueError(data["format"])
            return cls(
                folder=folder,
                unit=data["unit"],
                day=date.fromisoformat(data["day"]),
                made_at=data["made_at"],
                parts=tuple(Part(row["name"], row["rows"], row["sha256"]) for row in data["parts"]),
                columns={
                    table: {name: Column(**{**row, "words": _words(row)}) for name, row in columns.items()}
                    for table, columns in data["columns"].items()
                },
                sensitive=tuple(data["sensitive"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as wrong:
            raise Refused(
                _("%(folder)s 不是名册快照，或已损坏。请用 bangfu snapshot 重做一份。") % {"folder": folder.name}
            ) from wrong


def _is_small(low: int | None, high: int | None) -> bool:
    return low is None or high is None or (low > -(2**31) and high < 2**31)


def _words(row: Mapping[str, Any]) -> tuple[str, ...] | None:
    words = row.get("words")
    return None if words is None else tuple(words)


def arrow_type(type_: str) -> pa.DataType:
    import pyarrow as pa

    return {"int": pa.int64(), "bool": pa.bool_(), "code": pa.string(), "date": pa.int32()}[type_]


class Writer:
    """Write a snapshot partition by partition; `rows` are household dicts as `facts_of_households` gives them, each with `key`."""

    def __init__(
        self, folder: Path, facts: Mapping[str, Fact], *, unit: str, day: date, made_at: datetime, sensitive: Iterable[str] = ()
    ) -> None:
        self.folder, self.facts = folder, facts
        self.unit, self.day, self.made_at, self.sensitive = unit, day, made_at, frozenset(sensitive)
        self.parts: list[Part] = []
        self.columns: dict[str, dict[str, Column]] = {}
        folder.mkdir(parents=True, mode=0o700)

    def add(self, tables: Mapping[str, pa.Table]) -> Part:
        """One partition from Arrow tables by name."""
        import pyarrow.parquet as pq

        name = f"part-{len(self.parts):04d}"
        place = self.folder / name
        place.mkdir(mode=0o700)
        digest = sha256()
        rows = {}
        for table_name in TABLES:
            table = tables.get(table_name)
            if table is None:
                continue
            table = _narrowed(table)
            path = place / f"{table_name}.parquet"
            path.touch(mode=0o600)
            # not compressed: reading is what this file is for, and zstd made it nine times slower
            pq.write_table(table, path, compression="none", use_dictionary=_dictionaries(table), row_group_size=ROW_GROUP)
            with path.open("rb") as written:
                digest.update(table_name.encode() + file_digest(written, "sha256").digest())
            rows[table_name] = table.num_rows
            self._note(table_name, table, sum(part.rows.get(table_name, 0) for part in self.parts))
        if self._write_sizes(place, tables):
            with (place / f"{SIZES}.parquet").open("rb") as written:
                digest.update(SIZES.encode() + file_digest(written, "sha256").digest())
        part = Part(name, rows, digest.hexdigest())
        self.parts.append(part)
        return part

    def _write_sizes(self, place: Path, tables: Mapping[str, pa.Table]) -> bool:
        """Nothing is written where a list lies in another order: then it is grouped by key."""
        import pyarrow as pa
        import pyarrow.parquet as pq

        keys = tables[HOUSEHOLD].column("key")
        sizes = {name: sizes_of(keys, table.column("key")) for name, table in tables.items() if name != HOUSEHOLD}
        is_ordered = all(one is not None for one in sizes.values())
        if is_ordered:
            path = place / f"{SIZES}.parquet"
            path.touch(mode=0o600)
            pq.write_table(pa.table(sizes), path, compression="none")
        return is_ordered

    def _note(self, table_name: str, table: pa.Table, before: int) -> None:
        """Null counts and ranges over all partitions; a column that earlier partitions lacked was NULL there."""
        known = self.columns.setdefault(table_name, {})
        for name in table.column_names:
            if name in ("key", "place"):
                continue
            fact = self.facts.get(name)
            column = _measured(fact.type if fact else "bool", table.column(name))
            known[name] = known.get(name, Column.lacking(column.type, before)).joined(column)
        for name in set(known) - set(table.column_names):
            known[name] = known[name].joined(Column.lacking(known[name].type, table.num_rows))

    def close(self) -> Snapshot:
        snapshot = Snapshot(
            self.folder, self.unit, self.day, self.made_at.isoformat(), tuple(self.parts), self.columns,
            tuple(sorted(self.sensitive & {name for columns in self.columns.values() for name in columns})),
        )  # fmt: skip
        path = self.folder / "manifest.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps(snapshot.to_json(), ensure_ascii=False, indent=1, sort_keys=True), encoding="utf-8")
        return snapshot


def _dictionaries(table: pa.Table) -> list[str]:
    import pyarrow as pa

    return [field.name for field in table.schema if pa.types.is_string(field.type)]


def _narrowed(table: pa.Table) -> pa.Table:
    """Whole numbers in 32 bits where they fit. `key` and `place` stay as they are."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for place, name in enumerate(table.column_names):
        values = table.column(name)
        if name == "key" or not pa.types.is_int64(values.type):
            continue
        ends = pc.min_max(values)
        if _is_small(ends["min"].as_py(), ends["max"].as_py()):
            table = table.set_column(place, name, values.cast(pa.int32()))
    return table


def _measured(type_: str, values: pa.ChunkedArray) -> Column:
    import pyarrow.compute as pc

    if type_ == "code":
        words = sorted(word for word in pc.unique(values).to_pylist() if word is not None)
        return Column(type_, values.null_count, words=tuple(words) if len(words) <= MOST_WORDS else None)
    if type_ not in ("int", "date") or values.null_count == len(values):
        return Column(type_, values.null_count)
    ends = pc.min_max(values)
    return Column(type_, values.null_count, ends["min"].as_py(), ends["max"].as_py())


def tables_of(rows: Iterable[Mapping[str, Any]], facts: Mapping[str, Fact]) -> dict[str, pa.Table]:
    """Household dicts (`key` and facts) as Arrow tables. Days may be ISO texts. Rows must hold facts of the vocabulary only."""
    builders: dict[str, _Builder] = {table: _Builder() for table in TABLES}
    for row in rows:
        household: dict[str, Any] = {}
        for name, value in row.items():
            if name in LISTS.values():
                if value is None:
                    continue
                for place, item in enumerate(value):
                    builders[name].add({"key": row["key"], "place": place, **item})
                household[f"has_{name}"] = True
            elif name != "sources":
                household[name] = value
        builders[HOUSEHOLD].add(household)
    made = {}
    for table, builder in builders.items():
        if table == HOUSEHOLD or builder.count or any(f"{_HAS}{table}" == name for name in builders[HOUSEHOLD].columns):
            made[table] = builder.table(facts)
    return made


_HAS = "has_"


class _Builder:
    def __init__(self) -> None:
        self.count = 0
        self.columns: dict[str, list[Any]] = {"key": []}

    def add(self, row: Mapping[str, Any]) -> None:
        for name, value in row.items():
            column = self.columns.get(name)
            if column is None:
                column = self.columns[name] = [None] * self.count
            column.append(value)
        self.count += 1
        for column in self.columns.values():
            if len(column) < self.count:
                column.append(None)

    def table(self, facts: Mapping[str, Fact]) -> pa.Table:
        import pyarrow as pa

        arrays, names = [], []
        for name, values in self.columns.items():
            if name in ("key", "place"):
                type_ = pa.int64() if name == "key" else pa.int32()
            elif name.startswith(_HAS) and name.removeprefix(_HAS) in TABLES:
                type_ = pa.bool_()  # TRUE, or NULL where the list is not known
            else:
                fact = facts[name]
                type_ = arrow_type(fact.type)
                if fact.type == "date":
                    values = [date.fromisoformat(value).toordinal() if isinstance(value, str) else value for value in values]
                if all(value is None for value in values):
                    continue
            arrays.append(pa.array(values, type_))
            names.append(name)
        if "place" not in names and "key" in names and not self.count and len(names) == 1:
            arrays.append(pa.array([], pa.int32()))
            names.append("place")
        return pa.table(arrays, names)
