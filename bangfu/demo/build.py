"""The whole demo in one transaction: all of it, or nothing."""

from __future__ import annotations

import gc
from datetime import date, timedelta

from django.db.models import F

from bangfu.audit.record import recording
from bangfu.demo import founding, present, years
from bangfu.demo.casework import Office
from bangfu.demo.clock import moving
from bangfu.lib.days import start_of_day
from bangfu.notify.models import Message


def build(today: date) -> None:
    """开远 from 2014 to `today` through the real functions, on a moving clock, from a fixed seed."""
    gc.collect()
    gc.freeze()  # tens of thousands of rows live until the end: looking through them again and again costs a fifth of the time
    gc.disable()
    try:
        _tell(today)
    finally:
        gc.enable()
        gc.unfreeze()


def _tell(today: date) -> None:
    with moving() as clock, recording():
        world = founding.found(clock)
        founding.enrol(world)
        founding.file_all(world)
        office = Office(world)
        years.year_2016(world, office)
        years.year_2017(world, office)
        years.year_2018(world, office)
        present.quiet_years(world, office, today)
        present.this_week(world, office, today)
        _read_messages(before=today - timedelta(days=7))


def _read_messages(*, before: date) -> None:
    """Who works with it daily has read what came earlier than last week."""
    Message.objects.filter(at__lt=start_of_day(before), read_at=None).update(read_at=F("at"))
