"""Fixtures of the whole suite: a database with real commits, and a clock that stands still."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases


@pytest.fixture(autouse=True)
def _files_of_their_own(tmp_path_factory: pytest.TempPathFactory, settings) -> None:
    """Evidence of the tests never touches var/files."""
    settings.FILES = tmp_path_factory.mktemp("files")
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.AXES_ENABLED = False


class Clock:
    """The time that `lib.days.now` answers; moves only when told."""

    def __init__(self, instant: datetime) -> None:
        self.instant = instant

    def __call__(self) -> datetime:
        return self.instant

    def move(self, **span: float) -> datetime:
        self.instant += timedelta(**span)
        return self.instant


@pytest.fixture
def clock(settings) -> Clock:
    """Friday 2026-11-20 10:00 in Shanghai."""
    settings.CLOCK = Clock(datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    return settings.CLOCK


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment, django_db_blocker, django_db_modify_db_settings) -> Iterator[None]:
    """A test database in every session: pytest-django makes one only for tests marked `django_db`, and a session of
    `committed_db` tests alone would copy the real one.
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


@pytest.fixture(scope="session")
def _template_database(django_db_setup, django_db_blocker, tmp_path_factory) -> Path | str:
    """The migrated, empty test database as a file (SQLite) or a template database (PostgreSQL)."""
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            path = tmp_path_factory.mktemp("template") / "empty.sqlite3"
            connection.ensure_connection()
            connection.connection.execute(f"VACUUM INTO '{path}'")
            return path
        return str(connection.settings_dict["NAME"])


@pytest.fixture
def committed_db(_template_database, django_db_blocker, tmp_path) -> Iterator[Callable[[], None]]:
    """A database of this test's own in which commits are real, for threads and crashes.

    A copy of the template: append-only tables cannot be flushed. Yields a function that closes this thread's connection.
    """
    original = connections.settings["default"]["NAME"]
    with django_db_blocker.unblock():
        if connection.vendor == "sqlite":
            name = str(tmp_path / "committed.sqlite3")
            shutil.copy(_template_database, name)
            kept = connections["default"]
            del connections["default"]
        else:
            name = f"{_template_database}_copy"
            _close_postgres()
            _maintain(f'DROP DATABASE IF EXISTS "{name}"', f'CREATE DATABASE "{name}" TEMPLATE "{_template_database}"')
            kept = None
        connections.settings["default"]["NAME"] = name
        try:
            yield lambda: connections["default"].close()
        finally:
            connections["default"].close()
            connections.settings["default"]["NAME"] = original
            if kept is not None:
                connections["default"] = kept
                kept.settings_dict["NAME"] = original
            else:
                _close_postgres()
                _maintain(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _close_postgres() -> None:
    connections["default"].close()
    connections["default"].close_pool()  # type: ignore[attr-defined]
    del connections["default"]


def _maintain(*statements: str) -> None:
    import psycopg

    entry = settings.DATABASES["default"]
    with psycopg.connect(
        dbname="postgres",
        user=entry["USER"],
        password=entry["PASSWORD"],
        host=entry["HOST"],
        port=entry["PORT"] or 5432,
        autocommit=True,
    ) as server:
        for statement in statements:
            server.execute(statement)  # type: ignore[call-overload]
