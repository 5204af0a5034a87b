"""The way back: a whole batch is taken out again while nobody touched a row of it.

Files are numbered and their history cannot be deleted: new ones are struck off as wrongly entered. New roster rows and new
members go; changed rows get back what stood there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError
from django.db.models import F, Model, Q, QuerySet
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import canonical, subject_of
from bangfu.household import search
from bangfu.household.imports.models import ImportBatch, ImportedRow
from bangfu.household.imports.preparing import Preparing
from bangfu.household.imports.ready import PART, Ready, Work
from bangfu.household.imports.writing import moved
from bangfu.household.models import (
    Asset,
    Cause,
    Change,
    Discrepancy,
    Expense,
    FileWord,
    GradeChange,
    Household,
    Income,
    Member,
    OutsideHelp,
    Reveal,
    Staff,
    StaffWord,
    StateChange,
)  # fmt: skip
from bangfu.household.models.words import EXIT_MISTAKEN, State
from bangfu.lib.bulk import Updates
from bangfu.lib.days import today
from bangfu.lib.errors import Refused

#: What a file is born with, and what only looks at it: these do not count as use.
_OWN = frozenset({
    Asset, Cause, Change, Discrepancy, Expense, GradeChange, ImportedRow, Income, Member, OutsideHelp, Reveal, StateChange
})  # fmt: skip


class Back:
    """One batch on its way out, made ready before the transaction."""

    def __init__(self, batch: ImportBatch, *, by: Account, at: datetime) -> None:
        self.batch, self.by, self.at = batch, by, at
        self.work = Preparing(batch, why=_("撤销导入批次 %(number)d") % {"number": batch.number}, by=by, at=at)
        self.struck = Updates(Household, "state", "state_on", "exit_reason", "staff")
        self.rows = Updates(ImportedRow, "entries_back", "staff", "member", versioned=False)
        self.gone: dict[type[Model], list[int]] = {Staff: [], Member: []}

    @property
    def ready(self) -> Ready:
        return self.work.ready

    def prepare(self) -> Back:
        pks = list(self.batch.written.order_by("pk").values_list("pk", flat=True))
        for start in range(0, len(pks), PART):
            rows = ImportedRow.objects.filter(pk__in=pks[start : start + PART]).order_by("pk")
            self._take(list(rows.select_related("staff__unit", "household__unit", "member")))
        return self

    def _take(self, rows: list[ImportedRow]) -> None:
        entries: dict[int, list[Any]] = {row.pk: [] for row in rows}
        works: dict[int, Work] = {}
        for row in rows:
            own = entries[row.pk]
            if row.made_staff and row.staff:
                self.gone[Staff].append(row.staff.pk)
                self.ready.old_words[StaffWord] += search.staff_rows(row.staff)
            elif row.staff and row.was("staff"):
                own += self.work.change_staff(row.staff, row.was("staff"))
            if row.household is None:
                continue
            if row.made_household:
                own.append(self._strike(row.household))
                continue
            work = works.setdefault(row.household.pk, Work(row.household))
            work.values |= row.was("household")
            if row.made_member and row.member:
                self.gone[Member].append(row.member.pk)
                work.leaving.append(row.member)
            elif row.member and row.was("member"):
                work.members.append((row.member, row.was("member")))
        changed = [work for work in works.values() if work.values or work.members or work.leaving]
        written = self.work.change_files(changed)
        for row in rows:
            entries[row.pk] += written.pop(row.household_id or 0, [])
            row.entries_back = canonical(entries[row.pk])
            self.ready.note(row.entries_back)
            row.staff = None if row.made_staff else row.staff
            row.member = None if row.made_member else row.member
            self.rows.add(row)

    def _strike(self, file: Household) -> list[Any]:
        was, old, old_words = file.version, file.state, list(search.file_rows(file))
        file.state, file.state_on, file.exit_reason = State.STRUCK, today(self.at), EXIT_MISTAKEN
        if self.gone[Staff] and file.staff_id == self.gone[Staff][-1]:  # the same row of the table brought both
            file.staff = None
        self.struck.add(file, was)
        self.ready.old_words[FileWord] += old_words
        self.ready.inserts.add_rows(FileWord, search.file_rows(file))
        self.ready.inserts.add([
            StateChange(household=file, old=old, new=State.STRUCK, day=file.state_on, reason=EXIT_MISTAKEN, why=self.work.why,
                        by=self.by, at=self.at)
        ])  # fmt: skip
        return [subject_of(file), "household.file_struck", {"number": file.number, "old": old, "reason": EXIT_MISTAKEN}]

    def write(self) -> None:
        """Run it; call inside `recording`. Raises Refused naming the first row that somebody touched since."""
        _refuse_touched(self.batch)
        ready = self.ready
        try:
            for model, words in ready.old_words.items():
                search.drop_words(model, words)  # type: ignore[arg-type]
            ready.inserts.write()
            updates = (self.struck, ready.staff, ready.files, ready.members, ready.incomes, ready.held, self.rows)
            kept = [update.write() for update in updates]
            for part in _parts(self.gone[Member]):
                Income.objects.filter(member__in=part)._raw_delete("default")  # type: ignore[attr-defined]
                Member.objects.filter(pk__in=part)._raw_delete("default")  # type: ignore[attr-defined]
            for part in _parts(self.gone[Staff]):
                Staff.objects.filter(pk__in=part)._raw_delete("default")  # type: ignore[attr-defined]
        except IntegrityError as clash:
            raise moved() from clash
        if not all(kept):
            raise moved()


def _parts(keys: list[int]) -> list[list[int]]:
    return [keys[start : start + 500] for start in range(0, len(keys), 500)]


def _refuse_touched(batch: ImportBatch) -> None:
    """Raises Refused when a row moved on since the batch wrote it, or something points at it. A few statements, however many rows."""
    rows = batch.written.order_by("row")
    moved_on = (
        Q(staff__isnull=True, staff_version__isnull=False)
        | (Q(staff__isnull=False) & ~Q(staff__version=F("staff_version")))
        | Q(made_staff=True, staff__account__isnull=False)
        | (Q(household__isnull=False) & ~Q(household__version=F("household_version")))
        | Q(made_member=True, member__isnull=True)
    )
    _refuse(rows.filter(moved_on))
    for model, name in ((Household, "household"), (Staff, "staff"), (Member, "member")):
        made = rows.filter(**{f"made_{name}": True, f"{name}__isnull": False})
        for relation in model._meta.related_objects:
            if relation.related_model in _OWN and not (model is Member and relation.related_model in (Expense, Reveal)):
                continue
            users: QuerySet[Any] = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": made.values(name)})
            if relation.related_model is Household:
                users = users.exclude(pk__in=rows.filter(made_household=True).values("household"))
            pk = users.values_list(relation.field.attname, flat=True).first()
            if pk is not None:
                _refuse(made.filter(**{name: pk}))


def _refuse(rows: QuerySet[ImportedRow]) -> None:
    row = rows.select_related("staff", "household", "member").first()
    if row is None:
        return
    named = row.member or row.household or row.staff
    name = getattr(named, "head_name", None) or getattr(named, "name", "")
    raise Refused(
        _("第 %(row)d 行（%(name)s）写入以后已经有人改过或办过事，不能整批撤销。请只更正那些写错的行。")
        % {"row": row.row, "name": name}
    )
