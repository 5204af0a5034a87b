"""Rows made ready before a transaction begins, so that the write lock is held for the inserts alone.

Sealing, hashing and pinyin cost far more than the insert itself; SQLite has one write lock for everybody. `Inserts` turns
unsaved objects into the exact parameters of their INSERT, keys included (`reserve`), and writes them in a few statements.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models, transaction

Model = type[models.Model]


def reserve(model: Model, count: int) -> Iterator[int]:
    """The next `count` primary keys of a table, taken out of its sequence at once; keys that stay unused are gaps.

    In a short transaction of its own, before the long one: other tables can then point at rows that are not written yet.
    """
    if not count:
        return iter(())
    table = model._meta.db_table
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [f'"{table}"', count])
            return iter([row[0] for row in cursor.fetchall()])
        cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
        found = cursor.fetchone()
        last = found[0] if found else 0
        if found:
            cursor.execute("UPDATE sqlite_sequence SET seq = %s WHERE name = %s", [last + count, table])
        else:
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, count])
    return iter(range(last + 1, last + count + 1))


class Inserts:
    """The rows of several tables, ready to be written; in the order of their adding within a table."""

    def __init__(self) -> None:
        self.rows: dict[Model, list[list[Any]]] = {}

    def add(self, objects: Iterable[models.Model]) -> None:
        """Take unsaved objects over as finished parameters: derived columns computed, sealed fields sealed."""
        for obj in objects:
            fields = _fields(type(obj), with_key=obj.pk is not None)
            row = [_lean(field.get_db_prep_save(field.pre_save(obj, add=True), connection)) for field in fields]
            self.rows.setdefault(type(obj), []).append(row)

    def add_rows(self, model: Model, rows: Iterable[Sequence[Any]]) -> None:
        """The same for values that stand in the order of the model's columns already and need no preparing."""
        self.rows.setdefault(model, []).extend(rows)  # type: ignore[arg-type]

    def place(self, model: Model, field: str) -> int:
        """Where a column stands in the rows of a table whose keys were reserved."""
        return [one.attname for one in model._meta.concrete_fields].index(field)

    def write(self) -> None:
        """One statement a table, run for each of its rows. Call inside the transaction; drops the rows."""
        while self.rows:
            model = next(iter(self.rows))
            rows = self.rows.pop(model)
            if not rows:
                continue
            insert_many(model, rows, with_key=len(rows[0]) == len(model._meta.concrete_fields))


def insert_many(model: Model, rows: Iterable[Sequence[Any]], *, with_key: bool = True) -> None:
    """One INSERT, run for each row; the values stand in the order of the model's columns."""
    columns = [_quoted(field) for field in _fields(model, with_key=with_key)]
    marks = ", ".join(["%s"] * len(columns))
    _many(f"INSERT INTO {connection.ops.quote_name(model._meta.db_table)} ({', '.join(columns)}) VALUES ({marks})", rows)


class Updates:
    """Changed rows of one table, ready to be written over the version that they were read at."""

    def __init__(self, model: Model, *names: str, versioned: bool = True) -> None:
        derived = [field.name for field in model._meta.concrete_fields if getattr(field, "is_derived", False)]
        self.fields = [model._meta.get_field(name) for name in dict.fromkeys([*names, *derived])]
        sets = [f"{_quoted(field)} = %s" for field in self.fields]
        where = "id = %s"
        if versioned:
            sets.append("version = version + 1")
            where += " AND version = %s"
        self.sql = f"UPDATE {connection.ops.quote_name(model._meta.db_table)} SET {', '.join(sets)} WHERE {where}"
        self.rows: list[list[Any]] = []

    def add(self, obj: models.Model, *version: int) -> None:
        """Take over what the object says now; `version` is the one that stands in the table until then."""
        values = [_lean(field.get_db_prep_save(field.pre_save(obj, add=False), connection)) for field in self.fields]  # type: ignore[union-attr]
        self.rows.append([*values, obj.pk, *version])

    def write(self) -> bool:
        """One statement, run for each row. False when a row had moved on (or was gone): roll back."""
        return not self.rows or _many(self.sql, self.rows) == len(self.rows)


@contextmanager
def roomy(kibibytes: int = 262_144) -> Iterator[None]:
    """More page cache for one large write on SQLite, so that pages of many indexes are not written out and read again under the lock."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = cursor.execute("PRAGMA cache_size").fetchone()[0]
        cursor.execute(f"PRAGMA cache_size = -{kibibytes}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {before}")


def _fields(model: Model, *, with_key: bool) -> list[models.Field]:
    return [field for field in model._meta.concrete_fields if with_key or not isinstance(field, models.AutoField)]


def _lean(value: Any) -> Any:
    """SQLite's `Binary` is a view that takes more room than the bytes it shows; a million of them wait here."""
    return bytes(value) if isinstance(value, memoryview) else value


def _quoted(field: Any) -> str:
    return connection.ops.quote_name(field.column)


def _many(sql: str, rows: Iterable[Sequence[Any]]) -> int:
    with connection.cursor() as cursor:
        cursor.executemany(sql, rows)  # type: ignore[arg-type]
        return int(cursor.rowcount)
