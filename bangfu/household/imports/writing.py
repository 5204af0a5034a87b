"""The one transaction of an import: what `preparing` made ready is written, all or nothing, under as short a lock as can be."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from django.db import IntegrityError
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext as _

from bangfu.household import search
from bangfu.household.flow.common import numbers
from bangfu.household.imports.models import ImportBatch
from bangfu.household.imports.outcome import CHANGED, NEW, Compared
from bangfu.household.imports.ready import PART, Ready
from bangfu.household.models import FileWord, Household, Member, StaffWord
from bangfu.household.models.words import OPEN_STATES, Relation
from bangfu.lib.bulk import roomy
from bangfu.lib.errors import Stale
from bangfu.lib.names import pinyin_key


def to_write(batch: ImportBatch, chunks: Iterable[list[Compared]]) -> Iterator[list[Compared]]:
    """The rows to write, in parts. By name in the order of lists, so that most indexes grow at one end under the lock; rows of
    members by household: a file is changed once, whatever number of rows name it.
    """
    rows = [each for chunk in chunks for each in chunk if each.status in (NEW, CHANGED)]
    if batch.kind != ImportBatch.Kind.MEMBERS:
        rows.sort(key=lambda each: (pinyin_key(each.row.name), each.row.number))
        for start in range(0, len(rows), PART):
            yield rows[start : start + PART]
        return
    rows.sort(key=lambda each: (_file_of(each), each.row.number))
    waiting: list[Compared] = []
    for _file, group in groupby(rows, key=_file_of):
        waiting += group
        if len(waiting) >= PART:
            yield waiting
            waiting = []
    if waiting:
        yield waiting


def _file_of(each: Compared) -> int:
    return each.household.pk if each.household else 0


def write(ready: Ready) -> None:
    """Run the statements; call inside `recording`. Raises Stale when the register moved since it was read: nothing remains then."""
    try:
        _number(ready)
        with roomy():
            ready.inserts.write()
            ready.new_files.write(FileWord)
            ready.new_staff.write(StaffWord)
        for model, rows in ready.old_words.items():
            search.drop_words(model, rows)  # type: ignore[arg-type]
        kept = [ready.staff.write(), ready.files.write(), ready.members.write(), ready.incomes.write(), ready.held.write()]
    except IntegrityError as clash:  # a number or an open file that came in meanwhile: the database's own constraints say so
        raise moved() from clash
    if not all(kept) or _belongs_elsewhere(ready):
        raise moved()


def moved() -> Stale:
    return Stale(_("试算以后花名册或档案又有改动。请再试算一次，看过结果再写入。"))


def _number(ready: Ready) -> None:
    """New files get their numbers now, in the order of the table: a number given is a number used."""
    rows, at = ready.inserts.rows.get(Household, []), ready.inserts.place(Household, "number")
    by_year: dict[int, list[int]] = {}
    for _row, place, year in sorted((row, place, year) for place, (year, row) in enumerate(ready.filed)):
        by_year.setdefault(year, []).append(place)
    for year, places in sorted(by_year.items()):
        for place, number in zip(places, numbers(ready.organisation, year, len(places)), strict=True):
            rows[place][at] = number
            ready.new_files.add_words(place, search.words_of_file("", number))


def _belongs_elsewhere(ready: Ready) -> bool:
    """A new head who became a member of another open file meanwhile. Source: practice.md 1.1 (YN art.6)."""
    if not ready.first:
        return False
    elsewhere = Member.objects.filter(
        identity_index=OuterRef("head_index"), household__organisation=ready.organisation.pk, household__state__in=OPEN_STATES,
        left_on=None,
    ).exclude(relation=Relation.SELF)  # fmt: skip
    new = Household.objects.filter(pk__gte=ready.first, organisation=ready.organisation.pk)
    return new.filter(Exists(elsewhere)).order_by().exists()
