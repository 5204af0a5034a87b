"""Seal what already stands in clear when a column becomes an encrypted one (for migrations)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import migrations

from bangfu.lib.crypto import seal


def seal_columns(table: str, *columns: str, empty_is_null: tuple[str, ...] = ()) -> migrations.RunPython:
    """Put right after the AlterField operations. Columns of `empty_is_null` hold NULL instead of an empty text from now on.

    Rows are written past the triggers of append-only tables: their words stay, only how they stand in the table changes.
    """
    return migrations.RunPython(_sealer(table, columns, set(empty_is_null)), migrations.RunPython.noop, elidable=True)


def _sealer(table: str, columns: tuple[str, ...], empty_is_null: set[str]) -> Callable[[Any, Any], None]:
    def forwards(apps: Any, editor: Any) -> None:
        connection = editor.connection
        name, guarded = editor.quote_name(table), connection.vendor == "postgresql"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, {', '.join(map(editor.quote_name, columns))} FROM {name}")
            rows = cursor.fetchall()
            if not rows:
                return
            if guarded:
                cursor.execute(f"ALTER TABLE {name} DISABLE TRIGGER USER")
            else:
                for trigger in (f"{table}_no_update", f"{table}_no_delete"):
                    cursor.execute(f"DROP TRIGGER IF EXISTS {trigger}")  # made anew after every migration
            wanted = ", ".join(f"{editor.quote_name(column)} = %s" for column in columns)
            for pk, *values in rows:
                sealed = [
                    _sealed(value, table, column, column in empty_is_null) for column, value in zip(columns, values, strict=True)
                ]
                cursor.execute(f"UPDATE {name} SET {wanted} WHERE id = %s", [*sealed, pk])
            if guarded:
                cursor.execute(f"ALTER TABLE {name} ENABLE TRIGGER USER")

    return forwards


def _sealed(value: Any, table: str, column: str, empty_is_null: bool) -> bytes | None:
    if value is None:
        return None
    text = value if isinstance(value, str) else bytes(value).decode()
    return None if not text and empty_is_null else seal(text.encode(), aad=f"{table}.{column}".encode())
