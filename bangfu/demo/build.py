"""The whole demo in one transaction: all of it, or nothing."""

from __future__ import annotations

import gc
from datetime import date

from bangfu.audit.record import recording
from bangfu.demo import founding, present, years
from bangfu.demo.casework import Office
from bangfu.demo.clock import moving


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
