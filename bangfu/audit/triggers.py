"""Append-only tables: triggers on both databases refuse UPDATE and DELETE, (re)created after every migration.

SQLite drops a table's triggers silently when a later migration rebuilds it, so they are made anew each time.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


def names(table: str) -> list[str]:
    return [f"{table}_no_update", f"{table}_no_delete"]


def install(connection: BaseDatabaseWrapper, tables: list[str]) -> None:
    """Create the triggers for every listed table that exists."""
    existing = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                "CREATE OR REPLACE FUNCTION bangfu_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                "$$ BEGIN RAISE EXCEPTION 'append-only table %', TG_TABLE_NAME; END $$"
            )
        for table in tables:
            if table not in existing:
                continue
            for operation, name in zip(("UPDATE", "DELETE"), names(table), strict=True):
                if connection.vendor == "postgresql":
                    cursor.execute(f'DROP TRIGGER IF EXISTS {name} ON "{table}"')
                    cursor.execute(
                        f'CREATE TRIGGER {name} BEFORE {operation} ON "{table}" FOR EACH ROW EXECUTE FUNCTION bangfu_append_only()'
                    )
                else:
                    cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
                    cursor.execute(
                        f'CREATE TRIGGER {name} BEFORE {operation} ON "{table}" '
                        f"BEGIN SELECT RAISE(ABORT, 'append-only table {table}'); END"
                    )
            if connection.vendor == "postgresql":
                cursor.execute(f'DROP TRIGGER IF EXISTS {table}_no_truncate ON "{table}"')
                cursor.execute(
                    f'CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON "{table}" '
                    "FOR EACH STATEMENT EXECUTE FUNCTION bangfu_append_only()"
                )


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """Names of the triggers that the database really has."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        return {row[0] for row in cursor.fetchall()}


def after_migrate(sender: Any, using: str = "default", **kwargs: Any) -> None:
    install(connections[using], settings.APPEND_ONLY_TABLES)
