"""Whose files an account reaches."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TypeVar

from django.db.models import Q, QuerySet

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import posts_of

QS = TypeVar("QS", bound=QuerySet)


def own_or_within(queryset: QS, account: Account, *, own: Q, to: str = "") -> QS:
    """Rows of the units where the account is case staff, and `own` rows for a worker.

    `to` leads to the row that has `organisation` and `unit` ("household__"). A post at the organisation itself compares
    one column, so that a list of 100,000 files is read from its index without touching the unit tree.
    """
    posts = posts_of(account)
    paths = {post.unit.path for post in posts if post.role in CASE_STAFF}
    tops = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    reach = [_below(path, to) for path in sorted(tops)]
    if any(post.role == Role.WORKER for post in posts):
        reach.append(own)
    return queryset.filter(reduce(or_, reach)) if reach else queryset.none()


def _below(path: str, to: str) -> Q:
    parts = [part for part in path.split("/") if part]
    return Q(**{f"{to}organisation_id": int(parts[0])}) if len(parts) == 1 else Q(**{f"{to}unit__path__startswith": path})
