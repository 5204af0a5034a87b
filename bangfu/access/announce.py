"""What access did, told to whoever listens: the record stands above this module, so wiring connects it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

#: Reactions called inside the transaction of the act: `reaction(kind, obj, by=, at=, unit=, **facts)`.
on_event: list[Callable[..., None]] = []


def announce(kind: str, obj: Any, **facts: Any) -> None:
    """Last statement of every act of this module; an exception of a listener aborts the act."""
    for reaction in on_event:
        reaction(kind, obj, **facts)
