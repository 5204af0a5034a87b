"""Whether this program has been told to end: a long job asks between its batches and leaves nothing half done."""

from __future__ import annotations

import threading

_told = threading.Event()


class Ended(Exception):
    """A job gave up because the program ends; it is taken up again at the next start."""


def tell() -> None:
    _told.set()


def told() -> bool:
    return _told.is_set()


def wait(seconds: float) -> bool:
    """Sleep, but no longer than until told; True when told."""
    return _told.wait(seconds)


def check() -> None:
    """Raises Ended once the program has been told to end."""
    if told():
        raise Ended
