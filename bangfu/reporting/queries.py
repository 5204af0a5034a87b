"""Reads across the modules for reports."""

from __future__ import annotations

from datetime import date

from bangfu.access.models import Unit
from bangfu.audit.models import Event
from bangfu.lib.days import start_of_day
from bangfu.process.models import FollowUp, Survey


def person_visits(unit: Unit, period: tuple[date, date]) -> int:
    """Two visitors of each home survey, follow-ups and yearly reviews of files in [from, to). Source: S1-5, S1-9."""
    surveys = Survey.objects.filter(
        case__unit__path__startswith=unit.path, visited_on__gte=period[0], visited_on__lt=period[1]
    ).count()
    follow_ups = FollowUp.objects.filter(
        case__unit__path__startswith=unit.path, visited_on__gte=period[0], visited_on__lt=period[1]
    ).count()
    reviews = Event.objects.filter(
        kind="household.file_reviewed",
        unit_path__startswith=unit.path,
        at__gte=start_of_day(period[0]),
        at__lt=start_of_day(period[1]),
    ).count()
    return 2 * surveys + follow_ups + reviews
