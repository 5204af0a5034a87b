"""A checked row becomes the unsaved rows of a file: nothing here reads or writes the database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household import figures
from bangfu.household.models import (
    Asset,
    Cause,
    Discrepancy,
    Expense,
    GradeChange,
    Household,
    Income,
    Member,
    StateChange,
)  # fmt: skip
from bangfu.household.models.words import CAUSES, Relation, SchoolStage, State
from bangfu.household.rows import FileRow, MemberRow, sex_of
from bangfu.lib import identity as papers
from bangfu.lib.errors import Refused


def file_of(row: FileRow, day: date) -> Household:
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
        survivor_of=row.survivor_of,
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


@dataclass
class Parts:
    """The unsaved rows of files, by table, in the order in which they are written."""

    rows: dict[type[models.Model], list[Any]]

    def save(self) -> None:
        """A few statements a thousand rows."""
        for model, rows in self.rows.items():
            model.objects.bulk_create(rows)  # type: ignore[attr-defined]


def parts_of(
    rows: Sequence[FileRow],
    files: Sequence[Household],
    *,
    old: str = "",
    keys: Iterator[int] | None = None,
    by: Account | None,
    at: datetime,
) -> Parts:
    """What belongs to files beside their own rows: members, incomes, expenses …; nothing is saved.

    `old`: the state they had before. `keys`: primary keys for the members, where those are known beforehand.
    """
    made = Parts({model: [] for model in (Member, Income, Expense, Asset, Cause, StateChange, GradeChange, Discrepancy)})
    for row, file in zip(rows, files, strict=True):
        head = row.head or MemberRow(name=file.head_name)
        members = [(head, new_member(file, head, head_of=file))]
        members += [(other, new_member(file, other)) for other in row.members]
        for member_row, member in members:
            if keys is not None:
                member.pk = next(keys)
            made.rows[Member].append(member)
            made.rows[Income] += [
                Income(member=member, kind=kind, monthly_fen=fen) for kind, fen in (member_row.incomes or {}).items()
            ]
        made.rows[Expense] += [Expense(household=file, kind=kind, amount_fen=fen) for kind, fen in (row.expenses or {}).items()]
        made.rows[Asset] += [
            Asset(household=file, kind=asset.kind, house_type=asset.house_type, area_m2=asset.area_m2, note=asset.note)
            for asset in row.assets or ()
        ]
        made.rows[Cause] += [Cause(household=file, position=place, code=code) for place, code in enumerate(row.secondary_causes, 1)]
        made.rows[StateChange].append(StateChange(household=file, old=old, new=State.FILED, day=file.opened_on, by=by, at=at))
        if file.grade:
            made.rows[GradeChange].append(
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
        made.rows[Discrepancy] += _discrepancies(row, file, by=by, at=at)
    return made


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
