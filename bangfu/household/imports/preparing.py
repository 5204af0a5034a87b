"""Everything that an import will write, made ready before its transaction begins.

Sealing, hashing, pinyin, words, versions to compare and the words of the record are worked out here, row by row, without a
lock. What comes out (`Ready`) is parameters of INSERT and UPDATE; `writing` runs them. Keys are reserved beforehand, so that
rows can point at each other; file numbers are not: they have no gaps and are given inside the transaction.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from sys import intern
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import canonical, subject_of
from bangfu.household import figures, search
from bangfu.household.flow.building import file_of, new_member, parts_of
from bangfu.household.flow.common import FILE_KEEPERS, OFFICE, guard
from bangfu.household.flow.correct import SENSITIVE, shown
from bangfu.household.flow.roster import chunks, staff_digest, staff_of
from bangfu.household.imports import members
from bangfu.household.imports.models import ImportBatch, ImportedRow
from bangfu.household.imports.outcome import HOUSEHOLD_FIELDS, Compared
from bangfu.household.imports.ready import Keys, Ready, Work
from bangfu.household.models import (
    Change,
    Discrepancy,
    FileWord,
    GradeChange,
    Household,
    Income,
    Member,
    OutsideHelp,
    Staff,
    StaffWord,
)  # fmt: skip
from bangfu.household.models.words import Giver, IncomeKind, Relation
from bangfu.household.rows import FileRow, MemberRow, StaffRow
from bangfu.lib.days import today
from bangfu.lib.money import yuan

_STAFF_KEYS = ("phone", "bank_name", "card", "post", "status", "identity_kind", "sex", "birth_date")
Entries = list[list[Any]]  # [[subject, kind, facts], …]


def prepare(batch: ImportBatch, chunks_of: Iterable[Sequence[Compared]], *, by: Account, at: datetime) -> Ready:
    """The rows to write, as statements. Raises Refused and PermissionDenied as filing by hand does."""
    work = Preparing(batch, by=by, at=at)
    for chunk in chunks_of:
        work.take(chunk)
    return work.ready


class Preparing:
    """Makes rows of one batch ready, a chunk at a time."""

    def __init__(self, batch: ImportBatch, *, why: str = "", by: Account, at: datetime) -> None:
        self.batch, self.by, self.at, self.day = batch, by, at, today(at)
        self.why = why or _("导入批次 %(number)d") % {"number": batch.number}
        self.units = Unit.objects.filter(path__startswith=batch.organisation.path).in_bulk()
        self.keys = Keys(batch.writes)
        self.ready = Ready(batch.organisation)
        self._accepted = _accepted(batch)
        self._guarded: set[tuple[frozenset[Any], int]] = set()

    # --- one chunk of rows ---------------------------------------------------------------------------------------------

    def take(self, chunk: Sequence[Compared]) -> None:
        rows = [ImportedRow(batch=self.batch, row=each.row.number) for each in chunk]
        entries: list[Entries] = [[] for _each in chunk]
        triples = list(zip(chunk, rows, entries, strict=True))
        self._enrol(
            [(each, row) for each, row, _own in triples if self.batch.kind != ImportBatch.Kind.MEMBERS and each.staff is None]
        )
        for each, row, own in triples:
            if each.staff is not None and not row.made_staff and each.staff_changes:
                row.before = {"staff": {key: plain(old) for key, (old, _new) in each.staff_changes.items()}}
                own += self.change_staff(each.staff, {key: new for key, (_old, new) in each.staff_changes.items()})
        self._file([(each, row, own) for each, row, own in triples if each.makes_household])
        self._change([(each, row, own) for each, row, own in triples if each.household is not None and not each.makes_household])
        for each, row, own in triples:
            row.staff = each.staff
            row.staff_version = each.staff.version if each.staff else None
            row.household_version = row.household.version if row.household else None
            row.entries = canonical(own)
            self.ready.note(row.entries)
            each.row.values = {}  # what is ready need not stay in memory
            each.staff = each.household = None
        self.ready.inserts.add(rows)

    def guard(self, roles: frozenset[Any], unit: Unit) -> None:
        if (roles, unit.pk) not in self._guarded:
            guard(self.by, roles, unit)
            self._guarded.add((roles, unit.pk))

    # --- roster --------------------------------------------------------------------------------------------------------

    def _enrol(self, pairs: Sequence[tuple[Compared, ImportedRow]]) -> None:
        made = []
        for each, row in pairs:
            values = each.row.values
            unit = self.units[values["unit"]]
            self.guard(FILE_KEEPERS, unit)
            given = {key: values[key] for key in _STAFF_KEYS if values.get(key) not in (None, "")}
            staff = staff_of(
                StaffRow(unit=unit, worker_no=values["worker_no"], name=values["name"], identity=values["identity"], **given),
                self.at,
            )
            staff.pk = self.keys.of(Staff)
            each.staff, row.made_staff = staff, True
            made.append(staff)
        self.ready.inserts.add(made)
        for staff in made:
            row_of = (staff.organisation_id, intern(staff.pinyin), staff.pk, staff.unit_id)
            self.ready.new_staff.add(search.words_of_staff(staff.name, staff.worker_no), row_of)

    def change_staff(self, staff: Staff, values: dict[str, Any]) -> Entries:
        """A roster row takes these values; its history and the words of the record for it."""
        changes, was, old_words = [], staff.version, list(search.staff_rows(staff))
        for name, value in values.items():
            if name == "unit":
                old, new = self.units[staff.unit_id].name, self.units[value].name
                staff.unit = self.units[value]
                label = _("部门")
            else:
                if name == "birth_date" and isinstance(value, str):
                    value = date.fromisoformat(value)
                old, new = shown(staff, name, getattr(staff, name)), shown(staff, name, value)
                setattr(staff, name, value)
                label = str(Staff._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            changes.append(self._kept(staff, name, old, new, label, staff=staff))
        self.ready.staff.add(staff, was)
        staff.version = was + 1
        if {"name", "unit"} & set(values):
            self.ready.old_words[StaffWord] += old_words
            self.ready.inserts.add_rows(StaffWord, search.staff_rows(staff))
        facts = [
            {"field": one.field, "change": one.pk, "old": staff_digest(staff, one.old), "new": staff_digest(staff, one.new)}
            for one in changes
        ]
        return [[subject_of(staff), "household.staff_corrected", {"worker_no": staff.worker_no, "changes": facts}]]

    def _kept(
        self,
        row: models.Model,
        name: str,
        old: str,
        new: str,
        label: str,
        *,
        household: Household | None = None,
        staff: Staff | None = None,
    ) -> Change:
        change = Change(
            pk=self.keys.of(Change), household=household, staff=staff, subject=subject_of(row),
            whose=row.name if isinstance(row, Member) else "", field=name, label=label, is_sensitive=name in SENSITIVE, old=old,
            new=new, why=self.why, by=self.by, at=self.at,
        )  # fmt: skip
        self.ready.inserts.add([change])
        return change

    # --- new files -----------------------------------------------------------------------------------------------------

    def _file(self, triples: Sequence[tuple[Compared, ImportedRow, Entries]]) -> None:
        rows = [self._file_row(each) for each, _row, _own in triples]
        files = []
        for file_row in rows:
            self.guard(FILE_KEEPERS, file_row.unit)
            file = file_of(file_row, self.day)
            file.pk = self.keys.of(Household)
            files.append(file)
        parts = parts_of(rows, files, keys=iter(lambda: self.keys.of(Member), None), by=self.by, at=self.at)
        for model, made in parts.rows.items():
            self.ready.inserts.add(self._not_accepted(made) if model is Discrepancy else made)
        for (each, row, own), file in zip(triples, files, strict=True):
            row.household, row.made_household = file, True
            own.append([subject_of(file), "household.household_filed", {
                "tie": file.tie, "main_cause": file.main_cause, "grade": file.grade, "size": file.size,
                "identity": file.digest_of(file.identity), "opened_on": file.opened_on.isoformat(),
            }])  # fmt: skip
            for one in each.row.unlike:
                accepted = self._accepted.get((f"{self.batch.origin}/{each.row.number}", one.matter, one.stated, one.computed))
                if accepted is not None:
                    accepted.household = file
                    self.ready.held.add(accepted)
            if each.row.values.get("helped_fen"):
                own.append(self._help(file, each.row.values))
        self.ready.inserts.add(files)
        self.ready.filed += [
            (file.opened_on.year, each.row.number) for (each, _row, _own), file in zip(triples, files, strict=True)
        ]
        self.ready.first = self.ready.first or (files[0].pk if files else 0)
        for file in files:
            row_of = (file.organisation_id, intern(file.head_pinyin), file.pk, str(file.state), file.unit_id)
            self.ready.new_files.add(search.words_of_file(file.head_name, ""), row_of)

    def _file_row(self, each: Compared) -> FileRow:
        values, staff = each.row.values, each.staff
        wage, name = values.get("own_monthly_fen"), values["name"]
        return FileRow(
            unit=staff.unit,  # type: ignore[union-attr]
            staff=staff,
            head_name=name,
            head=MemberRow(name=name, incomes={IncomeKind.WAGE: wage}) if wage is not None else None,
            main_cause=values["cause"],
            grade=values.get("grade", ""),
            grade_basis=self.why if values.get("grade") else "",
            national_class=values.get("national_class", "none"),
            stated_size=values.get("size"),
            stated_annual_fen=values.get("annual_fen"),
            opened_on=values.get("opened_on") or self.batch.opened_on,
        )

    def _not_accepted(self, held: Iterable[Discrepancy]) -> list[Discrepancy]:
        """What a second person accepted in the dry run is not held again."""
        settled = {(one.matter, one.stated, one.computed) for one in self._accepted.values()}
        return [one for one in held if (one.matter, one.stated, one.computed) not in settled]

    def _help(self, file: Household, values: dict[str, Any]) -> list[Any]:
        noted = OutsideHelp(
            pk=self.keys.of(OutsideHelp), household=file, giver=Giver.OTHER, giver_name=_("建档以前本单位"),
            amount_fen=values["helped_fen"], day=file.opened_on, what=_("历年帮扶 %(n)d 人次") % {"n": values.get("helped_times") or 1},
            noted_by=self.by, noted_at=self.at,
        )  # fmt: skip
        self.ready.inserts.add([noted])
        facts = {"giver": str(noted.giver), "amount_fen": noted.amount_fen, "day": noted.day.isoformat(), "help": noted.pk}
        return [subject_of(file), "household.outside_help_noted", facts]

    # --- files that stand ----------------------------------------------------------------------------------------------

    def _change(self, triples: Sequence[tuple[Compared, ImportedRow, Entries]]) -> None:
        works: dict[int, Work] = {}
        for each, row, _own in triples:
            household: Household = each.household  # type: ignore[assignment]
            work = works.setdefault(household.pk, Work(household))
            row.household = work.household
            if each.household_changes:
                row.before = (row.before or {}) | {
                    "household": {key: plain(old) for key, (old, _new) in each.household_changes.items()}
                }
                work.values |= {key: new for key, (_old, new) in each.household_changes.items()}
            if each.joining is not None:
                work.joining.append(each.joining)
            if each.member is not None and each.member_changes:
                row.before = {"member": {key: plain(old) for key, (old, _new) in each.member_changes.items()}}
                work.members.append((each.member, {key: new for key, (_old, new) in each.member_changes.items()}))
        changed = {pk: work for pk, work in works.items() if work.values or work.joining or work.members}
        written = self.change_files(list(changed.values()))
        for each, row, own in triples:
            household_pk = each.household.pk  # type: ignore[union-attr]
            if each.joining is not None:
                row.member, row.made_member = changed[household_pk].joined.pop(0), True
            elif each.member is not None:
                row.member = each.member
            own += written.pop(household_pk, [])  # a file that several rows change tells it once, with the first

    def change_files(self, works: Sequence[Work]) -> dict[int, Entries]:
        """Files take these changes: history, kept figures, held differences; the words of the record by file."""
        counted = _Counted([work.household for work in works])
        return {work.household.pk: self._change_file(work, counted) for work in works}

    def _change_file(self, work: Work, counted: _Counted) -> Entries:
        household = work.household
        self.guard(FILE_KEEPERS, household.unit)
        was, name, entries = household.version, household.head_name, []
        old_words = list(search.file_rows(household))
        changes = self._plain(household, work.values)
        head = counted.heads.get(household.pk)
        if head is not None and household.head_name != name:
            head.name = household.head_name
            self.ready.members.add(head)
        if household.head_name != name:
            self.ready.old_words[FileWord] += old_words
            self.ready.inserts.add_rows(FileWord, search.file_rows(household))
        wage = work.values.get("own_monthly_fen")
        if "own_monthly_fen" in work.values and head is not None:
            changes += self._earns(household, head, IncomeKind.WAGE, wage or 0, counted)
            household.incomes_on = self.day
        for member, values in work.members:
            changes += self._member(household, member, values, counted)
        for member in work.leaving:
            changes.append(self._leave(household, member, counted))
        joined = self._join(household, work, counted)
        held = self._recount(household, counted)
        for kind, own in (("household.file_corrected", changes), ("household.member_added", joined)):
            if own or (held and kind == "household.file_corrected"):
                facts = {"number": household.number, "changes": [_fact(household, one) for one in own]}
                facts["held"] = held if kind == "household.file_corrected" else []
                entries.append([subject_of(household), kind, facts])
        entries += self._graded(household, work.values)
        self.ready.files.add(household, was)
        household.version = was + 1
        return entries

    def _plain(self, household: Household, values: dict[str, Any]) -> list[Change]:
        changes = []
        for key, value in values.items():
            name = HOUSEHOLD_FIELDS.get(key, "")
            if not name or key in ("grade", "national_class") or getattr(household, name) == value:
                continue
            label = str(Household._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            old = shown(household, name, getattr(household, name))
            changes.append(self._kept(household, name, old, shown(household, name, value), label, household=household))
            setattr(household, name, value)
        return changes

    def _earns(self, household: Household, member: Member, kind: str, fen: int, counted: _Counted) -> list[Change]:
        """What a member earns a month of one kind."""
        income = counted.incomes.get((member.pk, str(kind)))
        was = income.monthly_fen if income else 0
        if income is None:
            income = Income(member=member, kind=kind, monthly_fen=fen)
            counted.incomes[member.pk, str(kind)] = income
            self.ready.inserts.add([income])
        elif fen != was:
            income.monthly_fen = fen
            self.ready.incomes.add(income)
        counted.monthly[household.pk] += fen - was
        counted.asked[household.pk].add(member.pk)
        if fen == was:
            return []
        label = str(IncomeKind(kind).label)
        return [self._kept(member, f"income.{kind}", yuan(was), yuan(fen), label, household=household)]

    def _member(self, household: Household, member: Member, values: dict[str, Any], counted: _Counted) -> list[Change]:
        changes: list[Change] = []
        for name, value in values.items():
            if name == "monthly_fen":
                changes += self._earns(household, member, values.get("income_kind", IncomeKind.WAGE), value or 0, counted)
            elif name != "income_kind":
                if name == "birth_date" and isinstance(value, str):
                    value = date.fromisoformat(value)
                label = str(Member._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
                old = shown(member, name, getattr(member, name))
                changes.append(self._kept(member, name, old, shown(member, name, value), label, household=household))
                setattr(member, name, value)
        member.is_student = members.is_student(member.school_stage)
        self.ready.members.add(member)
        return changes

    def _join(self, household: Household, work: Work, counted: _Counted) -> list[Change]:
        changes = []
        for row in work.joining:
            member = new_member(household, row)
            member.pk = self.keys.of(Member)
            self.ready.inserts.add([member])
            self.ready.inserts.add(Income(member=member, kind=kind, monthly_fen=fen) for kind, fen in (row.incomes or {}).items())
            counted.rows[household.pk] += 1
            counted.monthly[household.pk] += sum((row.incomes or {}).values())
            if row.incomes is not None:
                counted.asked[household.pk].add(member.pk)
            work.joined.append(member)
            changes.append(self._kept(member, "name", "", member.name, _("增加家庭成员"), household=household))
        return changes

    def _leave(self, household: Household, member: Member, counted: _Counted) -> Change:
        counted.rows[household.pk] -= 1
        counted.monthly[household.pk] -= sum(
            income.monthly_fen for (key, _kind), income in counted.incomes.items() if key == member.pk
        )
        counted.asked[household.pk].discard(member.pk)
        return self._kept(member, "name", member.name, "", _("撤销增加的家庭成员"), household=household)

    def _recount(self, household: Household, counted: _Counted) -> list[dict[str, Any]]:
        """Size, income per head and held differences follow from the parts, as `flow.common.recount` keeps them."""
        rows, monthly = counted.rows[household.pk], counted.monthly[household.pk]
        if household.incomes_on is None and len(counted.asked[household.pk]) == rows:
            household.incomes_on = self.day
        known = monthly if household.incomes_on is not None else None
        household.size = figures.size_of(stated_size=household.stated_size, rows=rows)
        household.per_head_fen = figures.per_head(
            size=household.size, monthly_fen=known, stated_annual_fen=household.stated_annual_fen, complete=rows >= household.size
        )
        found = figures.unlike(
            stated_size=household.stated_size, stated_annual_fen=household.stated_annual_fen, rows=rows, monthly_fen=known
        )
        wanted = {(one.matter, one.stated, one.computed) for one in found}
        for old in counted.held[household.pk]:
            key = (old.matter, old.stated, old.computed)
            if key in wanted:
                wanted.discard(key)
            else:
                old.settled_at = self.at
                self.ready.held.add(old)
        made = [
            Discrepancy(
                pk=self.keys.of(Discrepancy), unit=household.unit, household=household, matter=matter, stated=stated,
                computed=computed, noted_by=self.by, noted_at=self.at,
            )
            for matter, stated, computed in sorted(wanted)
        ]  # fmt: skip
        self.ready.inserts.add(made)
        return [{"matter": str(one.matter), "discrepancy": one.pk} for one in made]

    def _graded(self, household: Household, values: dict[str, Any]) -> Entries:
        if not {"grade", "national_class"} & set(values):
            return []
        self.guard(OFFICE, household.unit)
        change = GradeChange(
            household=household, old=household.grade, new=values.get("grade", household.grade), national_old=household.national_class,
            national_new=values.get("national_class", household.national_class), day=self.day, basis=self.why[:100], why=self.why,
            by=self.by, at=self.at,
        )  # fmt: skip
        self.ready.inserts.add([change])
        household.grade, household.national_class, household.grade_on = change.new, change.national_new, self.day
        facts = {
            "number": household.number, "old": change.old, "new": change.new, "national_old": str(change.national_old),
            "national_new": str(change.national_new), "basis": change.basis,
        }  # fmt: skip
        return [[subject_of(household), "household.grade_set", facts]]


class _Counted:
    """What recounting files needs, read once for many: heads, rows, incomes, differences that are held."""

    def __init__(self, households: Sequence[Household]) -> None:
        self.heads: dict[int, Member] = {}
        self.rows: dict[int, int] = defaultdict(int)
        self.monthly: dict[int, int] = defaultdict(int)
        self.incomes: dict[tuple[int, str], Income] = {}
        self.asked: dict[int, set[int]] = defaultdict(set)  # members whose income is known
        self.held: dict[int, list[Discrepancy]] = defaultdict(list)
        for part in chunks([str(household.pk) for household in households]):
            keys = [int(key) for key in part]
            here = Member.objects.filter(household__in=keys, left_on=None)
            for pk in here.values_list("household", flat=True):
                self.rows[pk] += 1
            for member in here.filter(relation=Relation.SELF):
                self.heads[member.household_id] = member
            for income in Income.objects.filter(member__household__in=keys, member__left_on=None).select_related("member").defer(
                "member__identity", "member__diagnosis", "member__disability_kind", "member__disability_grade"
            ):  # fmt: skip
                file = income.member.household_id
                self.monthly[file] += income.monthly_fen
                self.incomes[income.member_id, income.kind] = income
                self.asked[file].add(income.member_id)
            for one in Discrepancy.objects.filter(household__in=keys, settled_at=None):
                self.held[one.household_id or 0].append(one)


def _fact(household: Household, change: Change) -> dict[str, Any]:
    old, new = household.digest_of(change.old), household.digest_of(change.new)
    return {"of": change.subject, "field": change.field, "change": change.pk, "old": old, "new": new}


def _accepted(batch: ImportBatch) -> dict[tuple[str, str, int, int], Discrepancy]:
    rows = Discrepancy.objects.filter(origin__startswith=f"{batch.origin}/", settled_at=None).exclude(accepted_at=None)
    return {(row.origin, row.matter, row.stated, row.computed): row for row in rows}


def plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
