"""What a log line may say of a request: the name of its address, never the address itself, which holds numbers, tokens, names.

Source: trust.md P11 (no personal data in logs), ASVS V16.
"""

from __future__ import annotations

import logging
from typing import Any

from django.http import HttpRequest

#: Words of the database that repeat what a row holds ("DETAIL:  Failing row contains (…)").
_TELLS_THE_ROW = ("DETAIL:", "CONTEXT:")


def route_of(request: Any) -> str:
    """The name of the address that was asked for: "household", or "-" for an address of nobody."""
    match = getattr(request, "resolver_match", None)
    return (match.view_name if match else "") or "-"


class RouteNames(logging.Filter):
    """Django's own lines about a request say its path, and why it was refused, as they were sent: here the route stands instead."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        if isinstance(request, HttpRequest) and record.name.startswith("django."):
            status = getattr(record, "status_code", None) or "-"
            record.msg, record.args = "%s %s status %s", (request.method, route_of(request), status)
            if record.levelno < logging.ERROR:
                record.exc_info = record.exc_text = None
        return True


class Line(logging.Formatter):
    """One line; of a broken statement what was wrong and where, not the row that it was about."""

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the name is Python's
        kept, hides = [], False
        for line in super().formatException(ei).splitlines():
            hides = line.startswith(_TELLS_THE_ROW) or (hides and not line.startswith((" ", "Traceback", "The above", "During")))
            if not hides:
                kept.append(line)
        return "\n".join(kept)
