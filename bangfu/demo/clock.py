"""The demo's moving clock: history is built by the real functions, each at its own instant."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta

from django.conf import settings

from bangfu.lib.days import TZ


class Clock:
    """Answers one instant and moves only forward."""

    def __init__(self) -> None:
        self.at = datetime(2014, 1, 2, 1, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def on(self, day: date, hour: int = 9, minute: int = 0) -> datetime:
        """Move to an hour of a day in Shanghai; a moment already past becomes one minute later."""
        wanted = datetime.combine(day, time(hour, minute), TZ).astimezone(UTC)
        self.at = wanted if wanted > self.at else self.at + timedelta(minutes=1)
        return self.at

    def later(self, **span: float) -> datetime:
        self.at += timedelta(**span)
        return self.at


@contextmanager
def moving() -> Iterator[Clock]:
    """`lib.days.now` answers the demo's clock inside the block."""
    kept, clock = settings.CLOCK, Clock()
    settings.CLOCK = clock
    try:
        yield clock
    finally:
        settings.CLOCK = kept
