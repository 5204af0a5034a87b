"""Who may read a file: the modules above say so, through one list."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

from bangfu.access.models import Account

#: Each rule answers a queryset of one column: primary keys of files that the account may read. Wiring appends.
rules: list[Callable[[Account], QuerySet]] = []


def granted(account: Account) -> QuerySet:
    """Primary keys of the files that any rule grants."""
    from bangfu.evidence.models import File

    condition = Q(pk__in=[])
    for rule in rules:
        condition |= Q(pk__in=rule(account))
    return File.objects.filter(condition).values("pk")
