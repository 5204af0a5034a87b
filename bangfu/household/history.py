"""Files as they were at the end of a past day, put together from what the corrections, states, grades and transfers kept.

For reading only: the objects are changed in memory and must never be saved. What was never kept stays as it is today: what the
household owned, the day up to which incomes and expenses were asked, the identity of its worker on the roster. Consents stay
on purpose: who has withdrawn the one to health is not judged by her health for any day. Source: PIPL 15.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from django.db import models
from django.db.models import Prefetch, prefetch_related_objects

from bangfu.audit.models import Event
from bangfu.audit.record import subject_of
from bangfu.household import figures
from bangfu.household.models import (
    Change,
    Discrepancy,
    GradeChange,
    Household,
    Member,
    OutsideHelp,
    StateChange,
    Transfer,
)
from bangfu.household.models.words import NationalClass, State
from bangfu.lib.days import start_of_day, today
from bangfu.lib.money import parse_yuan

FIELDS: dict[type[models.Model], tuple[str, ...]] = {
    Household: (
        "tie", "sex", "birth_date", "worker_status", "contract_months", "is_union_member", "is_model_worker", "main_cause", "area_code",
        "is_urban", "has_dibao", "is_zero_employment", "is_single_parent", "refuses_check", "has_hidden_income", "refuses_work",
        "has_offence", "stated_size", "stated_annual_fen",
    ),
    Member: (
        "relation", "sex", "birth_date", "health", "disability_grade", "is_employed", "can_work", "is_student", "school_stage",
        "tuition_fen", "has_medical_insurance",
    ),
}  # fmt: skip
_ADDED = "name"  # a member's name that was empty before: the member joined then
_CAP = 10**15


def as_they_were(files: Sequence[Household], on: date) -> list[Household]:
    """Those of the files that were there at the end of the day, as they were. The number of statements does not grow."""
    end = start_of_day(on + timedelta(days=1))
    changes = _by_household(
        Change.objects.filter(household__in=files, at__gte=end).filter(_kept()).order_by("-pk").only(
            "household_id", "subject", "field", "old"
        )
    )  # fmt: skip
    joined = {row.subject for rows in changes.values() for row in rows if _is_joining(row)}
    later = [int(subject.rpartition(":")[2]) for subject in joined]
    members = Member.objects.exclude(pk__in=later).defer("identity", "diagnosis", "disability_kind", "name")
    prefetch_related_objects(
        list(files),
        Prefetch("members", members),
        "members__incomes",
        "members__expenses",
        "expenses",
        Prefetch("outside_helps", OutsideHelp.objects.filter(noted_at__lt=end)),
        Prefetch("discrepancies", Discrepancy.objects.filter(noted_at__lt=end)),
    )
    states = _by_household(StateChange.objects.filter(household__in=files).order_by("day", "pk"))
    grades = _by_household(GradeChange.objects.filter(household__in=files).order_by("day", "pk"))
    moves = _by_household(
        Transfer.objects.filter(household__in=files, answer=Transfer.Answer.ACCEPTED, answered_at__gte=end).order_by("-answered_at")
    )
    reviews = _reviews([file for file in files if file.reviewed_on and file.reviewed_on > on], on)
    found = []
    for file in files:
        if not _in_state(file, states.get(file.pk, ()), on):
            continue
        _graded(file, grades.get(file.pk, ()), on)
        _undone(file, changes.get(file.pk, ()), on)
        for transfer in moves.get(file.pk, ()):
            file.unit_id = transfer.from_unit_id
        if file.reviewed_on and file.reviewed_on > on:
            file.reviewed_on = reviews.get(file.pk) or (file.opened_on if file.state == State.FILED else None)
        for help in file.outside_helps.all():
            help.voided_at = help.voided_at if help.voided_at and help.voided_at < end else None
        for row in file.discrepancies.all():
            row.accepted_at = row.accepted_at if row.accepted_at and row.accepted_at < end else None
            row.settled_at = row.settled_at if row.settled_at and row.settled_at < end else None
        found.append(file)
    return found


def _kept() -> models.Q:
    parts = {field for fields in FIELDS.values() for field in fields}
    return models.Q(field__in=[*parts, _ADDED]) | models.Q(field__startswith="income.") | models.Q(field__startswith="expense.")


def _by_household(rows: models.QuerySet[Any]) -> dict[int, list[Any]]:
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.household_id, []).append(row)
    return found


def _is_joining(change: Change) -> bool:
    return change.field == _ADDED and change.subject.startswith("household.member:") and not change.old


def _reviews(files: Sequence[Household], on: date) -> Mapping[int, date]:
    """The last review up to the day of files that were reviewed since, from the record."""
    subjects = {subject_of(file): file.pk for file in files}
    events = Event.objects.filter(subject__in=subjects, kind="household.file_reviewed").order_by("seq").only("subject", "at")
    return {subjects[event.subject]: today(event.at) for event in events if today(event.at) <= on}


def _in_state(file: Household, changes: Sequence[StateChange], on: date) -> bool:
    """Set the state of the day; False when the file was not there yet."""
    known = [change for change in changes if change.day <= on]
    if known:
        last = known[-1]
        file.state, file.state_on, file.exit_reason = last.new, last.day, last.reason
        return True
    if changes and not changes[0].old:
        return False
    if changes:
        file.state = changes[0].old  # a clue that was noted without a row of its own
    return file.opened_on <= on


def _graded(file: Household, changes: Sequence[GradeChange], on: date) -> None:
    known = [change for change in changes if change.day <= on]
    if known:
        file.grade, file.national_class, file.grade_on = known[-1].new, known[-1].national_new, known[-1].day
    elif changes:
        file.grade, file.national_class, file.grade_on = changes[0].old, changes[0].national_old or NationalClass.NONE, None


def _undone(file: Household, changes: Sequence[Change], on: date) -> None:
    """Take back the corrections made since, the latest first."""
    members = {subject_of(member): member for member in file.members.all()}
    head = next((member for member in members.values() if member.relation == "self"), None)
    for change in changes:
        row: Any = file if change.subject == subject_of(file) else members.get(change.subject)
        kind, _dot, code = change.field.partition(".")
        if row is None:  # of a member who joined later
            continue
        if kind in ("income", "expense") and code:
            _reset(row.incomes if kind == "income" else row.expenses, kind, code, parse_yuan(change.old, cap_fen=_CAP))
            continue
        if change.field in FIELDS[type(row)]:
            for known, value in _values(row, change.field, change.old):
                setattr(row, known, value)
                if row is file and head is not None and known in ("sex", "birth_date"):
                    setattr(head, known, value)
    there = [member for member in members.values() if member.left_on is None or member.left_on > on]
    file.size = figures.size_of(stated_size=file.stated_size, rows=len(there))


def _reset(rows: Any, kind: str, code: str, fen: int) -> None:
    for row in rows.all():
        if row.kind == code and kind == "income":
            row.monthly_fen = fen
        elif row.kind == code and row.member_id is None:
            row.amount_fen = fen


def _values(row: models.Model, name: str, text: str) -> Iterator[tuple[str, Any]]:
    """A value of the history, read back; nothing where its words are not known any more."""
    field: Any = row._meta.get_field(name)
    words = {str(label): value for value, label in (field.flatchoices or ())}
    if text == "":
        yield name, None if field.null else ""
    elif isinstance(field, models.BooleanField):
        yield name, text == "是"
    elif words:
        if text in words or text in words.values():
            yield name, words.get(text, text)
    elif name.endswith("_fen"):
        yield name, parse_yuan(text, cap_fen=_CAP)
    elif isinstance(field, models.DateField):
        yield name, date.fromisoformat(text)
    elif isinstance(field, models.IntegerField):
        yield name, int(text)
    else:
        yield name, text
