"""Working days by the organisation's own calendar (holidays of 2027 are known to nobody yet: rows, not a package)."""

from collections.abc import Callable
from datetime import date

from bangfu.access.models import Holiday, Unit


def is_working_day(unit: Unit, day: date) -> bool:
    """Monday to Friday unless the organisation's calendar says otherwise."""
    return working_days(unit)(day)


def working_days(unit: Unit) -> Callable[[date], bool]:
    """A function day -> bool that reads the calendar once."""
    rows = dict(Holiday.objects.filter(unit_id=unit.organisation_id).values_list("day", "is_working"))
    return lambda day: rows.get(day, day.weekday() < 5)
