"""What must hold before the product may start."""

from django.core.checks import Error, register
from django.db import connection


@register("database", databases=True)
def durable_commits(app_configs, databases=None, **kwargs):
    """A committed payout must be on the disk: SQLite synchronous=FULL, PostgreSQL fsync and synchronous_commit on."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            if cursor.execute("PRAGMA synchronous").fetchone()[0] < 2:
                return [Error("SQLite runs without synchronous=FULL: a crash could lose a committed payout.", id="bangfu.E001")]
        return []
    with connection.cursor() as cursor:
        for name in ("fsync", "synchronous_commit"):
            cursor.execute(f"SHOW {name}")
            if cursor.fetchone()[0] == "off":
                return [Error(f"PostgreSQL runs with {name}=off: a crash could lose a committed payout.", id="bangfu.E002")]
    return []
