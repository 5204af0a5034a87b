"""Find a household and file it: clue -> filed. Source: S1-8, S2-2, practice.md 1.1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household import grades, search
from bangfu.household.flow.building import file_of, parts_of
from bangfu.household.flow.common import FILE_KEEPERS, guard, locked, numbers
from bangfu.household.flow.roster import chunks
from bangfu.household.models import Household, Member, Staff, StateChange
from bangfu.household.models.words import OPEN_STATES, Relation, State, Tie
from bangfu.household.rows import FileRow
from bangfu.lib.crypto import blind_index
from bangfu.lib.days import today
from bangfu.lib.errors import Refused


@recording
def add_clue(
    *, unit: Unit, head_name: str, note: str, tie: str = Tie.STAFF, staff: Staff | None = None, phone: str = "",
    by: Account | None, at: datetime,
) -> Household:  # fmt: skip
    """发现一户: note a household that may be in hardship, before anything is checked. Raises Refused on an open file."""
    guard(by, FILE_KEEPERS, unit)
    identity = staff.identity if staff else ""
    if identity:
        _refuse_open_files(unit.organisation_id, {blind_index(identity, "id"): head_name})
    day = today(at)
    organisation = unit.organisation
    household = Household.objects.create(
        organisation=organisation,
        unit=unit,
        number=numbers(organisation, day.year, 1)[0],
        state_on=day,
        opened_on=day,
        tie=tie,
        staff=staff,
        head_name=head_name,
        identity=identity,
        phone=phone or (staff.phone if staff else ""),
        clue_note=note,
    )
    search.index_files([household])
    Member.objects.create(household=household, name=head_name, relation=Relation.SELF, identity=identity)
    StateChange.objects.create(household=household, new=State.CLUE, day=day, why=note[:300], by=by, at=at)
    record("household.clue_added", household, by=by, at=at, unit=unit, number=household.number, tie=tie)
    return household


@recording
def file_household(
    row: FileRow, *, clue: Household | None = None, version: int | None = None, by: Account | None, at: datetime
) -> Household:
    """归档一户: open the file of one household, or turn a clue into one (same number).

    Raises Refused: head already has an open file or is a member of one, cause unknown, identity number wrong, more than
    three secondary causes. Stated figures unlike the parts are held (`Discrepancy`). Source: S1-8, practice.md 1.1 (YN art.6).
    """
    if clue is None:
        return _file([row], by=by, at=at)[0]
    clue = locked(clue, version=version)
    if clue.state != State.CLUE:
        raise Refused(_("%(number)s 已经建档，不用再建。") % {"number": clue.number})
    return _file([row], clues=[clue], by=by, at=at)[0]


@recording
def file_households_many(rows: Sequence[FileRow], *, by: Account | None, at: datetime) -> list[Household]:
    """File many households, all or nothing; few statements a thousand rows. One event each: a file is a judgement on a family,
    and each family's record must be complete by itself. Raises Refused as `file_household`.
    """
    return _file(rows, by=by, at=at)


def _file(rows: Sequence[FileRow], *, by: Account | None, at: datetime, clues: Sequence[Household] = ()) -> list[Household]:
    for unit in {row.unit.pk: row.unit for row in rows}.values():
        guard(by, FILE_KEEPERS, unit)
    day = today(at)
    organisations = _organisations(rows)
    _check_grades(rows, day)
    files = [file_of(row, day) for row in rows]
    _refuse_doubles(files, exempt={clue.pk for clue in clues})
    _check_members_elsewhere(files)
    if clues:
        _take_over(clues[0], files[0])
    else:
        _number(files, organisations)
        Household.objects.bulk_create(files)
        search.index_files(files)
    parts_of(rows, files, old=State.CLUE if clues else "", by=by, at=at).save()
    for row, file in zip(rows, files, strict=True):
        record(
            "household.household_filed", file, by=by, at=at, unit=row.unit, number=file.number, tie=file.tie,
            main_cause=file.main_cause, grade=file.grade, size=file.size, identity=file.digest_of(file.identity),
            opened_on=file.opened_on.isoformat(),
        )  # fmt: skip
    return files


def _organisations(rows: Sequence[FileRow]) -> dict[int, Unit]:
    return Unit.objects.in_bulk({row.unit.organisation_id for row in rows})


def _check_grades(rows: Sequence[FileRow], day: date) -> None:
    """A grade must be of the class set in force on the day of filing."""
    known: dict[tuple[int, date], set[str]] = {}
    for row in rows:
        if not row.grade:
            continue
        key = (row.unit.pk, row.opened_on or day)
        if key not in known:
            known[key] = set(grades.titles(row.unit, key[1]))
        if row.grade not in known[key]:
            raise Refused(_("“%(grade)s”不是施行中的办法里的困难档次。请先核对办法，再选档次。") % {"grade": row.grade})


def _refuse_doubles(files: list[Household], *, exempt: set[int]) -> None:
    seen: dict[int, dict[str, str]] = {}
    for file in files:
        heads, index = seen.setdefault(file.organisation_id, {}), blind_index(file.identity, "id")
        if index in heads:
            raise Refused(_("%(a)s和%(b)s的证件号码相同，一户只能建一份档案。") % {"a": heads[index], "b": file.head_name})
        heads[index] = file.head_name
    for organisation, heads in seen.items():
        _refuse_open_files(organisation, heads, exempt=exempt)


def _refuse_open_files(organisation: int, heads: dict[str, str], *, exempt: set[int] = frozenset()) -> None:  # type: ignore[assignment]
    """One household, one file: the head of an open file gets no second one."""
    for chunk in chunks(list(heads)):
        taken = (
            Household.objects.open()
            .filter(organisation=organisation, head_index__in=chunk)
            .exclude(pk__in=exempt)
            .values_list("number", "head_index")
            .first()
        )
        if taken:
            raise Refused(
                _("%(name)s已有档案 %(number)s，一户只建一份。请打开那份档案修改。")
                % {"name": heads[str(taken[1])], "number": taken[0]}
            )


def _check_members_elsewhere(files: list[Household]) -> None:
    """A person who already belongs to another open file does not head one of her own. Source: practice.md 1.1 (YN art.6)."""
    for organisation in {file.organisation_id for file in files}:
        names = {blind_index(file.identity, "id"): file.head_name for file in files if file.organisation_id == organisation}
        members = Member.objects.filter(household__organisation=organisation, household__state__in=OPEN_STATES, left_on=None)
        for chunk in chunks(list(names)):
            found = (
                members.filter(identity_index__in=chunk)
                .exclude(relation=Relation.SELF)
                .values_list("identity_index", "household__number")
                .first()
            )
            if found:
                raise Refused(
                    _("%(name)s已经是档案 %(number)s 的家庭成员，一家只建一份档案。")
                    % {"name": names[str(found[0])], "number": found[1]}
                )


def _number(files: list[Household], organisations: dict[int, Unit]) -> None:
    groups: dict[tuple[int, int], list[Household]] = {}
    for file in files:
        groups.setdefault((file.organisation_id, file.opened_on.year), []).append(file)
    for (organisation, year), group in groups.items():
        for file, number in zip(group, numbers(organisations[organisation], year, len(group)), strict=True):
            file.number = number


def _take_over(clue: Household, file: Household) -> None:
    """The clue's row becomes the file: its number, key and note stay."""
    file.pk, file.number, file.record_key, file.clue_note = clue.pk, clue.number, clue.record_key, clue.clue_note
    file.version = clue.version + 1
    file._state.adding = False
    file.save()
    search.forget_file(clue)
    search.index_files([file])
    clue.members.all().delete()  # the bare head that the clue held
