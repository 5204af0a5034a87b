"""The rows of the file against the register: new, changed cell by cell, unchanged, or stopped; and possible twins."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import has_role, posts_of
from bangfu.evidence.flow import content_of
from bangfu.household import grades
from bangfu.household.flow.common import OFFICE
from bangfu.household.flow.roster import chunks
from bangfu.household.imports import matching, members, sums
from bangfu.household.imports.columns import BY_KEY
from bangfu.household.imports.fields import Context, plain
from bangfu.household.imports.judging import Judge, Problem, Row, total_rows, whole_row
from bangfu.household.imports.models import UPLOADERS, ImportBatch
from bangfu.household.models import Household, Income, Member, Staff
from bangfu.household.models.words import OPEN_STATES, IncomeKind, Relation
from bangfu.household.rows import MemberRow
from bangfu.lib.crypto import blind_index
from bangfu.lib.days import today
from bangfu.lib.names import pinyin_key
from bangfu.lib.spreadsheet import Header, Sheet, read

CHUNK = 1_000
MAX_ROWS = 100_100  # 100,000 rows of data, and the titles, heads, totals and signatures round them
STAFF_FIELDS = ("name", "unit", "phone", "bank_name", "card", "post", "status", "identity_kind", "sex", "birth_date")
#: key of the file -> column of the household
HOUSEHOLD_FIELDS = {
    "name": "head_name", "phone": "phone", "bank_name": "bank_name", "card": "card", "size": "stated_size",
    "annual_fen": "stated_annual_fen", "cause": "main_cause", "grade": "grade", "national_class": "national_class",
}  # fmt: skip
NEW, CHANGED, SAME, BAD = "new", "changed", "same", "bad"


@dataclass(slots=True)
class Compared:
    """One row beside what the register holds of it. `changes`: key -> (old, new) as stored values."""

    row: Row
    staff: Staff | None = None
    household: Household | None = None
    staff_changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    household_changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    makes_household: bool = False
    twin: str = ""
    member: Member | None = None
    member_changes: dict[str, tuple[Any, Any]] = field(default_factory=dict)
    joining: MemberRow | None = None

    @property
    def status(self) -> str:
        if self.row.problems:
            return BAD
        if self.joining is not None or self.makes_household or (self.staff is None and self.member is None):
            return NEW
        return CHANGED if self.staff_changes or self.household_changes or self.member_changes else SAME


def context_for(batch: ImportBatch, on: date) -> Context:
    """The organisation's units by name and code, the uploader's reach, the grades in force on the day of filing."""
    units = list(Unit.objects.filter(path__startswith=batch.organisation.path))
    tops = [post.unit.path for post in posts_of(batch.uploaded_by) if post.role in UPLOADERS]
    by_name: dict[str, int] = {}
    for unit in units:
        for word in {plain(unit.name), plain(unit.code)}:
            by_name[word] = -1 if word in by_name else unit.pk
    known = grades.of(batch.organisation, batch.opened_on or on)
    words = {plain(grade.title): grade.code for grade in known} | {plain(grade.code): grade.code for grade in known}
    words |= {plain(grade.title).removesuffix("职工"): grade.code for grade in known}
    return Context(
        on=on,
        units=by_name,
        reach=frozenset(unit.pk for unit in units if any(unit.path.startswith(top) for top in tops)),
        grading=frozenset(unit.pk for unit in units if has_role(batch.uploaded_by, OFFICE, unit, on=on)),
        grades=words,
        unit_names={unit.pk: unit.name for unit in units},
        grade_titles={grade.code: grade.title for grade in known},
        factors=matching.factors(batch.columns),
    )


class Examination:
    """Reads the sealed file once more, judges it and compares it; walked once, in chunks, so that memory stays small."""

    def __init__(self, batch: ImportBatch, *, at: datetime) -> None:
        self.batch, self.on = batch, today(at)
        self.context = context_for(batch, self.on)
        self.judge = Judge(batch.columns, batch.kind, self.context, batch.fixes)
        self.sheet: Sheet = read(content_of(batch.file), sheet=batch.sheet, max_rows=MAX_ROWS)
        names = [""] * self.sheet.width
        for column in batch.columns:
            names[column["at"]] = column["title"]
        self.header = Header(batch.header_row, batch.header_depth, names)
        self.columns = sums.Columns(self.judge)
        self.held: list[sums.Stated] = []
        self.blocking: list[Problem] = []
        self.remarks: list[str] = []
        self._digest = hashlib.sha256()
        self._people: dict[tuple[str, date], int] = {}

    @property
    def digest(self) -> str:
        return self._digest.hexdigest()

    def walk(self) -> Iterator[list[Compared]]:
        totals = list(total_rows(self.sheet, self.header))
        waiting = iter(totals)
        following = next(waiting, None)
        rows = self.judge.rows(self.sheet, self.header)
        while chunk := list(islice(rows, CHUNK)):
            for row in chunk:
                while following and following[0] < row.number:
                    self.columns.mark(following[0])
                    following = next(waiting, None)
                self.columns.add(row.number, row.values, {problem.key for problem in row.problems if problem.key not in row.values})
            compared = self._compare(chunk)
            for each in compared:
                self._note(each)
            yield compared
        self.held, self.blocking, self.remarks = sums.compare(self.columns, totals, self.context)

    def _note(self, each: Compared) -> None:
        seen = f"{each.row.number}:{each.status}:{each.staff and each.staff.version}:{each.household and each.household.version}\n"
        self._digest.update(seen.encode())

    # --- one chunk -----------------------------------------------------------------------------------------------------

    def _compare(self, rows: list[Row]) -> list[Compared]:
        compared = [Compared(row) for row in rows]
        if self.batch.kind == ImportBatch.Kind.MEMBERS:
            members.compare(self, compared)
            return compared
        index = {blind_index(each.row.values["identity"], "id"): each for each in compared if each.row.values.get("identity")}
        self._find_staff(index)
        self._check_numbers(compared)
        if self.batch.kind == ImportBatch.Kind.ARCHIVE:
            self._find_households(index)
            self._check_members(index)
            self._check_grade_days(compared)
        for each in compared:
            if not each.row.problems:
                self._differ(each)
        self._find_twins(compared)
        return compared

    def _find_staff(self, index: dict[str, Compared]) -> None:
        roster = Staff.objects.filter(organisation=self.batch.organisation)
        for keys in chunks(list(index)):
            for staff in roster.filter(identity_index__in=keys):
                each = index[str(staff.identity_index)]
                each.staff = staff
                number = each.row.values.get("worker_no")
                if staff.unit_id not in self.context.reach:
                    reason = _("这个人在花名册上属于“%(unit)s”，不在您负责的单位里。") % {
                        "unit": self.context.unit_names.get(staff.unit_id, "")
                    }
                    whole_row(each.row, reason, _("请转给那里的工会干事。"), key="unit", judge=self.judge)
                elif number and number != staff.worker_no:
                    reason = _("花名册上这个人的工号是 %(no)s。") % {"no": staff.worker_no}
                    whole_row(
                        each.row, reason, _("核对工号和身份证号，改正其中一个。"), key="worker_no", value=number, judge=self.judge
                    )

    def _check_numbers(self, compared: list[Compared]) -> None:
        """A new worker needs a number that is free."""
        wanted: dict[str, Compared] = {}
        for each in compared:
            if each.staff is not None or each.row.problems:
                continue
            number = each.row.values.get("worker_no")
            if not number:
                reason = _("花名册上没有这个人，文件里也没有工号。")
                whole_row(each.row, reason, _("补上工号，或核对身份证号。"), key="worker_no", judge=self.judge)
            else:
                wanted[number] = each
        roster = Staff.objects.filter(organisation=self.batch.organisation)
        for keys in chunks(list(wanted)):
            for number, name in roster.filter(worker_no__in=keys).values_list("worker_no", "name"):
                reason = _("工号 %(no)s 已经是%(name)s的，身份证号不同。") % {"no": number, "name": name}
                whole_row(
                    wanted[number].row,
                    reason,
                    _("核对工号和身份证号，改正其中一个。"),
                    key="worker_no",
                    value=number,
                    judge=self.judge,
                )

    def _find_households(self, index: dict[str, Compared]) -> None:
        files = Household.objects.open().filter(organisation=self.batch.organisation)
        found: dict[int, Compared] = {}
        for keys in chunks(list(index)):
            for household in files.filter(head_index__in=keys).select_related("unit"):
                each = index[str(household.head_index)]
                each.household = household
                found[household.pk] = each
                if household.unit_id not in self.context.reach:
                    reason = _("这一户的档案在“%(unit)s”，不在您负责的单位里。") % {"unit": household.unit.name}
                    whole_row(each.row, reason, _("请转给那里的工会干事。"), key="unit", judge=self.judge)
                elif household.state == "clue":
                    reason = _("这一户是还没有建档的线索（%(number)s）。") % {"number": household.number}
                    whole_row(each.row, reason, _("请打开那条线索，在页面上建档。"), key="identity", judge=self.judge)
        self._earned = dict.fromkeys(found, None)
        for pks in chunks([str(pk) for pk in found]):
            wages = Income.objects.filter(
                member__household__in=[int(pk) for pk in pks],
                member__relation=Relation.SELF,
                member__left_on=None,
                kind=IncomeKind.WAGE,
            )
            self._earned.update(wages.values_list("member__household", "monthly_fen"))

    def _check_members(self, index: dict[str, Compared]) -> None:
        others = Member.objects.filter(
            household__organisation=self.batch.organisation, household__state__in=OPEN_STATES, left_on=None
        ).exclude(relation=Relation.SELF)
        for keys in chunks(list(index)):
            for key, number in others.filter(identity_index__in=keys).values_list("identity_index", "household__number"):
                reason = _("已经是档案 %(number)s 的家庭成员，一家只建一份档案。") % {"number": number}
                whole_row(index[key].row, reason, _("核对后删去这一行。"), key="identity", judge=self.judge)

    def _check_grade_days(self, compared: list[Compared]) -> None:
        """The grade must be in force on the row's own day of filing."""
        known: dict[date, dict[str, str]] = {}
        for each in compared:
            day, grade = each.row.values.get("opened_on"), each.row.values.get("grade")
            if each.row.problems or not day or not grade or each.household:
                continue
            if day not in known:
                known[day] = grades.titles(self.batch.organisation, day)
            if grade not in known[day]:
                reason = _("%(day)s 施行的办法里没有这个困难类别。") % {"day": day}
                whole_row(each.row, reason, _("改成当时的类别，或留空以后评定。"), key="grade", judge=self.judge)

    def _differ(self, each: Compared) -> None:
        values = each.row.values
        if each.staff is not None:
            for key in STAFF_FIELDS:
                new = values.get(key)
                old = each.staff.unit_id if key == "unit" else getattr(each.staff, key)
                if new not in (None, "") and new != old:
                    each.staff_changes[key] = (old, new)
        if self.batch.kind != ImportBatch.Kind.ARCHIVE:
            return
        if each.household is None:
            each.makes_household = True
            return
        for key, name in HOUSEHOLD_FIELDS.items():
            new, old = values.get(key), getattr(each.household, name)
            if new not in (None, "") and new != old:
                each.household_changes[key] = (old, new)
        if {"grade", "national_class"} & set(each.household_changes) and each.household.unit_id not in self.context.grading:
            reason = _("这一户已经评定过类别，改类别由帮扶办公室来办。")
            whole_row(each.row, reason, _("清空这一格，或请办公室改。"), key="grade", judge=self.judge)
        wage, old_wage = values.get("own_monthly_fen"), self._earned.get(each.household.pk)
        if wage is not None and wage != old_wage:
            each.household_changes["own_monthly_fen"] = (old_wage, wage)

    def _find_twins(self, compared: list[Compared]) -> None:
        """New rows with the name and birth date of somebody else: shown, not stopped."""
        new: dict[str, list[Compared]] = {}
        for each in compared:
            name, birth = each.row.name, each.row.values.get("birth_date")
            if each.row.problems or not birth:
                continue
            first = self._people.setdefault((name, birth), each.row.number)
            if first != each.row.number:
                each.twin = _("文件第 %(row)d 行") % {"row": first}
            elif each.staff is None:
                new.setdefault(pinyin_key(name), []).append(each)
        roster = Staff.objects.filter(organisation=self.batch.organisation)
        for keys in chunks(list(new)):
            for key, name, birth, number in roster.filter(pinyin__in=keys).values_list("pinyin", "name", "birth_date", "worker_no"):
                for each in new[key]:
                    if each.row.name == name and each.row.values["birth_date"] == birth:
                        each.twin = _("花名册上的 %(no)s") % {"no": number}


def stored_title(key: str) -> str:
    return str(BY_KEY[key].title)


def uploads_for(account: Account) -> Unit | None:
    """The highest unit where the account uploads; None when it uploads nowhere."""
    units = [post.unit for post in posts_of(account) if post.role in UPLOADERS]
    return min(units, key=lambda unit: (len(unit.path), unit.path), default=None)
