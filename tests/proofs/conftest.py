"""Databases of the proofs: five complete organisations, built once a session, a copy for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection, connections
from django.test import override_settings

from bangfu.demo.clock import Clock
from tests.proofs.towns import NOW, Town, settle


@contextmanager
def database_at(path: Path) -> Iterator[None]:
    """This process's default database is the SQLite file at `path` until the block ends."""
    kept = connections["default"]
    original = connections.settings["default"]["NAME"]
    del connections["default"]
    connections.settings["default"]["NAME"] = str(path)
    try:
        yield
    finally:
        connections["default"].close()
        connections.settings["default"]["NAME"] = original
        connections["default"] = kept
        kept.settings_dict["NAME"] = original


def _still() -> Clock:
    clock = Clock()
    clock.at = NOW
    return clock


@pytest.fixture(scope="session")
def built(_template_database, django_db_blocker, tmp_path_factory) -> tuple[Path, list[Town]]:
    """A folder with `bangfu.sqlite3`, `files/` and `keys.json`: five organisations in one database, the first two at every stage."""
    if connection.vendor != "sqlite":
        pytest.skip("built as a file")
    folder = tmp_path_factory.mktemp("towns")
    shutil.copy(_template_database, folder / "bangfu.sqlite3")
    shutil.copy(django_settings.VAR / "keys.json", folder)  # a server started on a copy of it opens what is sealed
    cheap = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    with (
        django_db_blocker.unblock(),
        database_at(folder / "bangfu.sqlite3"),
        override_settings(FILES=folder / "files", PASSWORD_HASHERS=cheap, AXES_ENABLED=False),
    ):
        kept = django_settings.CLOCK
        try:
            django_settings.CLOCK = _still()
            towns = [settle(place, whole=place < 2) for place in range(5)]
        finally:
            django_settings.CLOCK = kept
        connections["default"].cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder, towns


@pytest.fixture
def towns(built, django_db_blocker, tmp_path, settings) -> Iterator[list[Town]]:
    """The five organisations in a database of this test's own; the clock stands at NOW. `settings.FILES` is its store."""
    folder, found = built
    shutil.copytree(folder, tmp_path / "towns")
    settings.FILES = tmp_path / "towns" / "files"
    settings.CLOCK = _still()
    with django_db_blocker.unblock(), database_at(tmp_path / "towns" / "bangfu.sqlite3"):
        yield found
