"""Find a household and file it: clue -> filed. Source: S1-8, S2-2, practice.md 1.1."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household import figures, grades
from bangfu.household.flow.common import FILE_KEEPERS, guard, locked, numbers
from bangfu.household.flow.roster import chunks
from bangfu.household.models import (
    Asset,
    Cause,
    Discrepancy,
    Expense,
    GradeChange,
    Household,
    Income,
    Member,
    Staff,
    StateChange,
)  # fmt: skip
from bangfu.household.models.words import CAUSES, OPEN_STATES, Relation, SchoolStage, State, Tie
from bangfu.household.rows import FileRow, MemberRow, sex_of
from bangfu.lib import identity as papers
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
    files = [_household(row, day) for row in rows]
    _refuse_doubles(files, exempt={clue.pk for clue in clues})
    _check_members_elsewhere(files)
    if clues:
        _take_over(clues[0], files[0])
    else:
        _number(files, organisations)
        Household.objects.bulk_create(files)
    _write_parts(rows, files, clues=clues, by=by, at=at)
    for row, file in zip(rows, files, strict=True):
        record(
            "household.household_filed", file, by=by, at=at, unit=row.unit, number=file.number, tie=file.tie,
            main_cause=file.main_cause, grade=file.grade, size=file.size, identity=file.digest_of(file.identity),
            opened_on=file.opened_on.isoformat(),
        )  # fmt: skip
    return files


def _organisations(rows: Sequence[FileRow]) -> dict[int, Unit]:
    return Unit.objects.in_bulk({row.unit.organisation_id for row in rows})


def _household(row: FileRow, day: date) -> Household:
    """The file's own row, complete but for its number; what the roster knows fills what was left empty."""
    staff = row.staff
    name = row.head_name or (staff.name if staff else "")
    paper = papers.check(row.identity or (staff.identity if staff else ""), on=day)
    if not paper.ok:
        raise Refused(_("%(name)s的证件号码不对：%(why)s") % {"name": name, "why": "；".join(paper.errors)})
    _check_causes(row, name)
    opened = row.opened_on or day
    if opened > day:
        raise Refused(_("%(name)s的建档日期 %(day)s 还没有到。请改成今天或更早。") % {"name": name, "day": opened})
    others = [row.head, *row.members] if row.head else list(row.members)
    asked = bool(others) and all(member.incomes is not None for member in others) and row.head is not None
    monthly = sum(sum((member.incomes or {}).values()) for member in others)
    rows = 1 + len(row.members)
    size = figures.size_of(stated_size=row.stated_size, rows=rows)
    return Household(
        organisation_id=row.unit.organisation_id,
        unit=row.unit,
        state=State.FILED,
        state_on=opened,
        opened_on=opened,
        reviewed_on=opened,
        tie=row.tie,
        staff=staff,
        head_name=name,
        identity=paper.value,
        phone=row.phone or (staff.phone if staff else ""),
        bank_name=row.bank_name or (staff.bank_name if staff else ""),
        card=row.card or (staff.card if staff else ""),
        address=row.address,
        sex=sex_of((staff.sex if staff else ""), paper.sex),
        birth_date=paper.birth_date or (staff.birth_date if staff else None),
        worker_status=row.worker_status or (staff.status if staff else ""),
        contract_months=row.contract_months,
        is_union_member=row.is_union_member,
        is_model_worker=row.is_model_worker,
        grade=row.grade,
        grade_on=opened if row.grade else None,
        national_class=row.national_class,
        level=row.level,
        main_cause=row.main_cause,
        cause_note=row.cause_note,
        area_code=row.area_code,
        is_urban=row.is_urban,
        has_dibao=row.has_dibao,
        is_zero_employment=row.is_zero_employment,
        is_single_parent=row.is_single_parent,
        stated_size=row.stated_size,
        stated_annual_fen=row.stated_annual_fen,
        incomes_on=opened if asked else None,
        expenses_on=opened if row.expenses is not None else None,
        assets_on=opened if row.assets is not None else None,
        size=size,
        per_head_fen=figures.per_head(
            size=size, monthly_fen=monthly if asked else None, stated_annual_fen=row.stated_annual_fen, complete=rows >= size
        ),
        **row.facts,
    )


def _check_causes(row: FileRow, name: str) -> None:
    if row.main_cause not in CAUSES:
        raise Refused(_("%(name)s没有主要致困原因。请从列表里选一项。") % {"name": name})
    if len(row.secondary_causes) > 3:
        raise Refused(_("%(name)s的次要致困原因超过三项。请留下最要紧的三项。") % {"name": name})
    if len({row.main_cause, *row.secondary_causes}) != 1 + len(row.secondary_causes):
        raise Refused(_("%(name)s的致困原因有重复。每项原因只选一次。") % {"name": name})


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
    clue.members.all().delete()  # the bare head that the clue held


def _write_parts(
    rows: Sequence[FileRow], files: list[Household], *, clues: Sequence[Household], by: Account | None, at: datetime
) -> None:
    members: list[tuple[MemberRow, Member]] = []
    parts: list[Any] = []
    for row, file in zip(rows, files, strict=True):
        head = row.head or MemberRow(name=file.head_name)
        members.append((head, new_member(file, head, head_of=file)))
        members += [(other, new_member(file, other)) for other in row.members]
        parts += [Expense(household=file, kind=kind, amount_fen=fen) for kind, fen in (row.expenses or {}).items()]
        parts += [
            Asset(household=file, kind=asset.kind, house_type=asset.house_type, area_m2=asset.area_m2, note=asset.note)
            for asset in row.assets or ()
        ]
        parts += [Cause(household=file, position=place, code=code) for place, code in enumerate(row.secondary_causes, 1)]
        parts.append(
            StateChange(household=file, old=State.CLUE if clues else "", new=State.FILED, day=file.opened_on, by=by, at=at)
        )
        if file.grade:
            parts.append(
                GradeChange(
                    household=file,
                    new=file.grade,
                    national_new=file.national_class,
                    day=file.opened_on,
                    basis=row.grade_basis,
                    why=_("建档时评定"),
                    by=by,
                    at=at,
                )  # fmt: skip
            )
        parts += _discrepancies(row, file, by=by, at=at)
    Member.objects.bulk_create([member for _row, member in members])
    parts += [
        Income(member=member, kind=kind, monthly_fen=fen) for row, member in members for kind, fen in (row.incomes or {}).items()
    ]
    for model in (Income, Expense, Asset, Cause, StateChange, GradeChange, Discrepancy):
        rows_of_model: list[Any] = [part for part in parts if type(part) is model]
        model.objects.bulk_create(rows_of_model)  # type: ignore[attr-defined]


def new_member(file: Household, row: MemberRow, *, head_of: Household | None = None) -> Member:
    text = head_of.identity if head_of else row.identity
    paper = papers.check(text) if text else None
    if paper is not None and not paper.ok:
        raise Refused(_("家庭成员%(name)s的证件号码不对：%(why)s") % {"name": row.name, "why": "；".join(paper.errors)})
    return Member(
        household=file,
        name=head_of.head_name if head_of else row.name,
        relation=Relation.SELF if head_of else row.relation,
        identity=paper.value if paper else "",
        sex=sex_of(row.sex, paper.sex if paper else ""),
        birth_date=row.birth_date or (paper.birth_date if paper else None),
        health=row.health,
        diagnosis=row.diagnosis,
        disability_kind=row.disability_kind,
        disability_grade=row.disability_grade,
        is_employed=row.is_employed,
        can_work=row.can_work,
        is_student=row.school_stage not in ("", SchoolStage.NONE),
        school_stage=row.school_stage,
        tuition_fen=row.tuition_fen,
        has_medical_insurance=row.has_medical_insurance,
    )


def _discrepancies(row: FileRow, file: Household, *, by: Account | None, at: datetime) -> list[Discrepancy]:
    people = [row.head, *row.members] if row.head else list(row.members)
    known = [member.incomes for member in people if member is not None and member.incomes is not None]
    found = figures.unlike(
        stated_size=row.stated_size,
        stated_annual_fen=row.stated_annual_fen,
        rows=1 + len(row.members),
        monthly_fen=sum(sum(incomes.values()) for incomes in known) if known else None,
    )
    return [
        Discrepancy(
            unit=row.unit, household=file, matter=one.matter, stated=one.stated, computed=one.computed, noted_by=by, noted_at=at
        )
        for one in found
    ]
