"""Corrections: every one asks why, keeps the old value, and leaves an event. Source: issue 2 "Household", contracts.md "The event"."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording, subject_of
from bangfu.household import search
from bangfu.household.flow.common import FILE_KEEPERS, guard, guard_file, locked, recount, require_open, require_why, touch
from bangfu.household.flow.roster import staff_digest
from bangfu.household.models import Change, Household, Member, Staff
from bangfu.household.models.words import Relation
from bangfu.lib import identity as papers
from bangfu.lib.errors import Refused, Stale
from bangfu.lib.money import yuan

SENSITIVE = frozenset({"identity", "phone", "card", "address", "diagnosis", "disability_kind", "disability_grade"})
CORRECTABLE: dict[type[models.Model], frozenset[str]] = {
    Household: frozenset(
        {
            "tie", "survivor_of", "head_name", "identity", "phone", "bank_name", "card", "address", "sex", "birth_date", "worker_status",
            "contract_months", "is_union_member", "is_model_worker", "level", "main_cause", "cause_note", "area_code", "is_urban",
            "has_dibao", "is_zero_employment", "is_single_parent", "refuses_check", "has_hidden_income", "refuses_work",
            "has_offence", "stated_size", "stated_annual_fen", "clue_note",
        }
    ),
    Member: frozenset(
        {
            "name", "relation", "identity", "sex", "birth_date", "health", "diagnosis", "disability_kind", "disability_grade",
            "is_employed", "can_work", "is_student", "school_stage", "tuition_fen", "has_medical_insurance",
        }
    ),
    Staff: frozenset(
        {
            "name", "identity", "phone", "bank_name", "card", "post", "status", "identity_kind", "sex", "birth_date", "joined_on",
        }
    ),
}  # fmt: skip
#: What stands on the file and on its head member alike.
_SHARED_WITH_HEAD = {"head_name": "name", "identity": "identity", "sex": "sex", "birth_date": "birth_date"}


@recording
def correct(
    obj: Household | Member | Staff,
    field: str,
    value: Any,
    *,
    why: str,
    version: int | None = None,
    by: Account | None,
    at: datetime,
) -> Change | None:
    """Correct one field; None when it already has this value. Raises Refused, Stale, PermissionDenied."""
    changes = correct_many(obj, {field: value}, why=why, version=version, by=by, at=at)
    return changes[0] if changes else None


@recording
def correct_many(
    obj: Household | Member | Staff,
    values: Mapping[str, Any],
    *,
    why: str,
    version: int | None = None,
    by: Account | None,
    at: datetime,
) -> list[Change]:
    """Correct several fields of one row for one reason: one event, a Change for each field that really changes."""
    unknown = set(values) - CORRECTABLE[type(obj)]
    if unknown:
        raise ValueError(f"not correctable: {sorted(unknown)}")
    if isinstance(obj, Staff):
        return _correct_staff(obj, values, why=why, version=version, by=by, at=at)
    household = opened(obj if isinstance(obj, Household) else obj.household, version=version, by=by)
    why = require_why(why)
    row: Household | Member = household if isinstance(obj, Household) else household.members.get(pk=obj.pk)
    _check(household, row, values)
    changes = apply(household, row, values, why=why, by=by, at=at)
    if isinstance(row, Household):
        head = household.members.filter(relation=Relation.SELF, left_on=None).first()
        shared = {_SHARED_WITH_HEAD[name]: value for name, value in values.items() if name in _SHARED_WITH_HEAD}
        if head and shared:
            for name, value in shared.items():
                setattr(head, name, value)
            head.save()
    finish(household, changes, by=by, at=at)
    return changes


def opened(household: Household, *, version: int | None, by: Account | None) -> Household:
    household = locked(household, version=version)
    guard_file(by, FILE_KEEPERS, household)
    require_open(household)
    return household


def _check(household: Household, row: Household | Member | Staff, values: Mapping[str, Any]) -> None:
    if values.get("identity"):
        paper = papers.check(values["identity"])
        if not paper.ok:
            raise Refused(_("证件号码不对：%(why)s") % {"why": "；".join(paper.errors)})
    if isinstance(row, Household) and "identity" in values:
        if household.state != "clue" and not values["identity"]:
            raise Refused(_("在档的户主必须有证件号码。请对照证件填写。"))
        other = Household(identity=values["identity"] or "")
        other.head_index = Household._meta.get_field("head_index").compute(other)  # type: ignore[union-attr]
        taken = (
            Household.objects.open()
            .filter(organisation=household.organisation_id, head_index=other.head_index)
            .exclude(pk=household.pk)
            if other.head_index
            else Household.objects.none()
        )
        number = taken.values_list("number", flat=True).first()
        if number:
            raise Refused(_("这个证件号码已有档案 %(number)s，一户只建一份。请先核对。") % {"number": number})
    if isinstance(row, Member):
        if "relation" in values and (values["relation"] == Relation.SELF) != (row.relation == Relation.SELF):
            raise Refused(_("户主只有一位。不能把别人改成本人，也不能把本人改成别的关系。"))
        if "identity" in values:
            refuse_same_person(household, Member(household=household, identity=values["identity"] or "", pk=row.pk))


def refuse_same_person(household: Household, member: Member) -> None:
    index = Member._meta.get_field("identity_index").compute(member)  # type: ignore[union-attr]
    if index and household.members.filter(identity_index=index).exclude(pk=member.pk).exists():
        raise Refused(_("这个证件号码已经是本户的一位成员。请核对是不是同一个人。"))


def apply(
    household: Household, row: Household | Member, values: Mapping[str, Any], *, why: str, by: Account | None, at: datetime
) -> list[Change]:
    """Set what differs, with a Change each. The row is saved whole, so that derived columns follow."""
    changes = []
    was = row.head_name if isinstance(row, Household) else ""
    for name, value in values.items():
        old = getattr(row, name)
        if old == value:
            continue
        changes.append(keep(household, row, name, shown(row, name, old), shown(row, name, value), why=why, by=by, at=at))
        setattr(row, name, value)
    if changes:
        row.save()
    if isinstance(row, Household) and row.head_name != was:
        search.refresh_file(row, name=was)
    return changes


def shown(row: models.Model, name: str, value: Any) -> str:
    """A value in words, as the history keeps it."""
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if name.endswith("_fen"):
        return yuan(value)
    if isinstance(value, date):
        return value.isoformat()
    choices = dict(row._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    return str(choices.get(value, value))


def _label(row: models.Model, name: str) -> str:
    return str(row._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def keep(
    household: Household,
    row: models.Model,
    name: str,
    old: str,
    new: str,
    *,
    why: str,
    by: Account | None,
    at: datetime,
    label: str = "",
) -> Change:
    return Change.objects.create(
        household=household,
        subject=subject_of(row),
        whose=row.name if isinstance(row, Member) else "",
        field=name,
        label=label or _label(row, name),
        is_sensitive=name in SENSITIVE,
        old=old,
        new=new,
        why=why,
        by=by,
        at=at,
    )


def finish(
    household: Household, changes: list[Change], *, by: Account | None, at: datetime, kind: str = "household.file_corrected"
) -> None:
    """Next version, kept figures, one event: which fields, old and new as HMAC under the file's key, never in clear."""
    held = recount(household, by=by, at=at)
    if not changes and not held:
        return
    touch(household)
    record(
        kind, household, by=by, at=at, unit=household.unit, number=household.number,
        changes=[
            {"of": row.subject, "field": row.field, "change": row.pk, "old": household.digest_of(row.old), "new": household.digest_of(row.new)}
            for row in changes
        ],
        held=[{"matter": row.matter, "discrepancy": row.pk} for row in held],
    )  # fmt: skip


def _correct_staff(
    staff: Staff, values: Mapping[str, Any], *, why: str, version: int | None, by: Account | None, at: datetime
) -> list[Change]:
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=staff.pk)
    guard(by, FILE_KEEPERS, staff.unit)
    if version is not None and staff.version != version:
        raise Stale(_("这一行花名册刚被别人改过，您看到的已不是最新。请看过最新内容，再改一次。"))
    why = require_why(why)
    if not values.get("identity", "x"):
        raise Refused(_("花名册上必须有证件号码。请对照证件填写。"))
    paper = papers.check(values["identity"]) if "identity" in values else None
    if paper and not paper.ok:
        raise Refused(_("证件号码不对：%(why)s") % {"why": "；".join(paper.errors)})
    changes, was = [], staff.name
    for name, value in values.items():
        old = getattr(staff, name)
        if old == value:
            continue
        changes.append(
            Change.objects.create(
                staff=staff,
                subject=subject_of(staff),
                field=name,
                label=_label(staff, name),
                is_sensitive=name in SENSITIVE,
                old=shown(staff, name, old),
                new=shown(staff, name, value),
                why=why,
                by=by,
                at=at,
            )  # fmt: skip
        )
        setattr(staff, name, value)
    if not changes:
        return []
    if Staff.objects.filter(
        organisation=staff.organisation_id, identity_index=Staff._meta.get_field("identity_index").compute(staff)  # type: ignore[union-attr]
    ).exclude(pk=staff.pk).exists():  # fmt: skip
        raise Refused(_("这个证件号码已在花名册里。请核对是不是同一个人。"))
    staff.version += 1
    staff.save()
    if staff.name != was:
        search.refresh_staff(staff, name=was)
    record(
        "household.staff_corrected", staff, by=by, at=at, unit=staff.unit, worker_no=staff.worker_no,
        changes=[
            {"field": row.field, "change": row.pk, "old": staff_digest(staff, row.old), "new": staff_digest(staff, row.new)} for row in changes
        ],
    )  # fmt: skip
    return changes
