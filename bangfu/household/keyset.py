"""Turning pages by key: the next page begins behind the last row seen, however far down the list one is.

An offset would read and drop every row before it; a key is one step into the index. The place stands in the address as the
number of a file (`?after=KY2016-0013`), with the running number of the first row beside it for the words under the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Q, QuerySet

END = "end"  # ?before=end is the last page


@dataclass(frozen=True)
class Place:
    """Where in a list a page begins: at its beginning, behind a row, or before one (a file's number, or END)."""

    after: str = ""
    before: str = ""
    start: int = 0  # the running number of its first row, from 1; 0 not known
    page: int = 1  # for an address that counts pages; used when there is no key


BEGINNING = Place()


def ordered(rows: QuerySet, columns: Sequence[str], *, down: bool) -> QuerySet:
    """Nothing known comes first going up and last going down, on every database, so that both ways are one order.

    Said only where a column may be empty: PostgreSQL would sort anew what its index holds in order.
    """
    order: list[Any] = []
    for column in columns:
        if _nullable(rows, column):
            order.append(F(column).desc(nulls_last=True) if down else F(column).asc(nulls_first=True))
        else:
            order.append(f"-{column}" if down else column)
    return rows.order_by(*order)


def behind(columns: Sequence[str], values: Sequence[Any], *, down: bool) -> Q:
    """Rows behind these values in that order: (a, b) > (x, y), spelled out so that NULL has its place too."""
    column, value = columns[0], values[0]
    step = "lt" if down else "gt"
    if value is None:
        further = Q(pk__in=[]) if down else Q(**{f"{column}__isnull": False})
        same = Q(**{f"{column}__isnull": True})
    else:
        further = Q(**{f"{column}__{step}": value})
        if down:
            further |= Q(**{f"{column}__isnull": True})
        same = Q(**{column: value})
    if len(columns) == 1:
        return further
    return further | (same & behind(columns[1:], values[1:], down=down))


def slice_of(
    rows: QuerySet, columns: Sequence[str], key: str, anchor: Sequence[Any] | None, *, down: bool, backwards: bool, size: int
) -> tuple[list[Any], bool]:
    """(keys of at most `size` rows in the list's order, is there more in the direction of reading)."""
    down_now = down != backwards
    if anchor is not None:
        rows = rows.filter(behind(columns, anchor, down=down_now))
        if anchor[0] is not None and len(columns) > 1:  # the same said for the index: where to begin
            rows = rows.filter(**{f"{columns[0]}__lte": anchor[0]}) if down_now and not _nullable(rows, columns[0]) else rows
            rows = rows.filter(**{f"{columns[0]}__gte": anchor[0]}) if not down_now else rows
    found = list(ordered(rows, columns, down=down_now).values_list(key, flat=True)[: size + 1])
    more, found = len(found) > size, found[:size]
    return (found[::-1] if backwards else found), more


def _nullable(rows: QuerySet, column: str) -> bool:
    return bool(rows.model._meta.get_field(column).null)
