"""The one transaction of an import: roster rows and files in bulk, changes with their history, and the way back."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, subject_of
from bangfu.household import flow as files
from bangfu.household.flow.correct import SENSITIVE, shown
from bangfu.household.flow.roster import staff_digest
from bangfu.household.imports.models import ImportBatch, ImportedRow
from bangfu.household.imports.outcome import HOUSEHOLD_FIELDS, Compared
from bangfu.household.models import Change, Discrepancy, Household, Income, Member, Staff, StateChange
from bangfu.household.models.derived import _Derived
from bangfu.household.models.words import Giver, IncomeKind, Relation, State
from bangfu.household.rows import FileRow, MemberRow, StaffRow
from bangfu.lib.days import today
from bangfu.lib.errors import Refused, Stale

PART = 2_000
UNDONE_REASON = "0"  # beside codelists "exit_reason": the file came in by a mistaken import
_STAFF_KEYS = ("phone", "bank_name", "card", "post", "status", "identity_kind", "sex", "birth_date")


def write(batch: ImportBatch, todo: Sequence[Compared], *, by: Account, at: datetime) -> None:
    """Write these rows; call inside `recording`. Raises Refused, Stale when the register moved since it was read."""
    units = Unit.objects.filter(path__startswith=batch.organisation.path).in_bulk()
    why = _("导入批次 %(number)d") % {"number": batch.number}
    accepted = _accepted(batch)
    for part in _parts(todo):
        rows = [ImportedRow(batch=batch, row=each.row.number) for each in part]
        _enrol(batch, part, rows, units, by=by, at=at)
        _update_staff(part, rows, units, why=why, by=by, at=at)
        _file(batch, part, rows, accepted, by=by, at=at)
        for each, row in zip(part, rows, strict=True):
            if each.household_changes:
                _update_household(each, row, why=why, by=by, at=at)
            row.staff = each.staff
            row.staff_version = each.staff.version if each.staff else None
            row.household_version = row.household.version if row.household else None
        ImportedRow.objects.bulk_create(rows)
        for each in part:  # what was written need not stay in memory
            each.row.values = {}
            each.staff = each.household = None


def _parts(todo: Sequence[Compared]) -> Iterator[Sequence[Compared]]:
    for start in range(0, len(todo), PART):
        yield todo[start : start + PART]


def _enrol(
    batch: ImportBatch, part: Sequence[Compared], rows: list[ImportedRow], units: dict[int, Unit], *, by: Account, at: datetime
) -> None:
    new = [(each, row) for each, row in zip(part, rows, strict=True) if each.staff is None]
    if not new:
        return
    made = files.enrol_staff_many(
        [_staff_row(each.row.values, units) for each, _row in new],
        organisation=batch.organisation,
        origin=batch.origin,
        by=by,
        at=at,
    )
    for (each, row), staff in zip(new, made, strict=True):
        each.staff, row.made_staff = staff, True


def _staff_row(values: dict[str, Any], units: dict[int, Unit]) -> StaffRow:
    given = {key: values[key] for key in _STAFF_KEYS if values.get(key) not in (None, "")}
    return StaffRow(
        unit=units[values["unit"]], worker_no=values["worker_no"], name=values["name"], identity=values["identity"], **given
    )


def _update_staff(
    part: Sequence[Compared], rows: list[ImportedRow], units: dict[int, Unit], *, why: str, by: Account, at: datetime
) -> None:
    pairs = [(each, row) for each, row in zip(part, rows, strict=True) if each.staff is not None and each.staff_changes]
    if not pairs:
        return
    wanted = {}
    for each, row in pairs:
        staff: Staff = each.staff  # type: ignore[assignment]
        row.before = {"staff": {key: _plain(old) for key, (old, _new) in each.staff_changes.items()}}
        wanted[staff.pk] = (staff.version, {key: new for key, (_old, new) in each.staff_changes.items()})
    fresh = change_staff(wanted, units, why=why, by=by, at=at)
    for each, _row in pairs:
        each.staff = fresh[each.staff.pk]  # type: ignore[union-attr]


def change_staff(
    wanted: dict[int, tuple[int, dict[str, Any]]], units: dict[int, Unit], *, why: str, by: Account, at: datetime
) -> dict[int, Staff]:
    """Change many roster rows ({pk: (version seen, {field: new})}) with their history: few statements a thousand rows."""
    roster = {
        staff.pk: staff
        for staff in Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").filter(pk__in=list(wanted))
    }
    changes: list[tuple[Staff, Change]] = []
    for pk, (version, values) in wanted.items():
        staff = roster.get(pk)
        if staff is None or staff.version != version:
            raise Stale(_("试算以后花名册又有改动。请再试算一次，看过结果再写入。"))
        for name, value in values.items():
            changes.append((staff, _change(staff, name, value, units, why=why, by=by, at=at)))
        staff.version += 1
    Change.objects.bulk_create([change for _staff, change in changes])
    fields = {name for _version, values in wanted.values() for name in values} | {"version"}
    for field in Staff._meta.concrete_fields:
        if isinstance(field, _Derived):
            fields.add(field.name)
            for staff in roster.values():
                field.pre_save(staff, False)
    Staff.objects.bulk_update(roster.values(), sorted(fields), batch_size=200)
    by_staff: dict[int, list[Change]] = {}
    for staff, change in changes:
        by_staff.setdefault(staff.pk, []).append(change)
    for pk, own in by_staff.items():
        staff = roster[pk]
        record(
            "household.staff_corrected", staff, by=by, at=at, unit=staff.unit, worker_no=staff.worker_no,
            changes=[
                {"field": row.field, "change": row.pk, "old": staff_digest(staff, row.old), "new": staff_digest(staff, row.new)}
                for row in own
            ],
        )  # fmt: skip
    return roster


def _change(staff: Staff, name: str, value: Any, units: dict[int, Unit], *, why: str, by: Account, at: datetime) -> Change:
    if name == "unit":
        old, new = staff.unit.name, units[value].name
        staff.unit = units[value]
    else:
        if name == "birth_date" and isinstance(value, str):
            value = date.fromisoformat(value)
        old, new = shown(staff, name, getattr(staff, name)), shown(staff, name, value)
        setattr(staff, name, value)
    return Change(
        staff=staff,
        subject=subject_of(staff),
        field=name,
        label=str(Staff._meta.get_field(name).verbose_name) if name != "unit" else _("部门"),  # type: ignore[union-attr]
        is_sensitive=name in SENSITIVE,
        old=old,
        new=new,
        why=why,
        by=by,
        at=at,
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


# --- files --------------------------------------------------------------------------------------------------------------


def _file(
    batch: ImportBatch,
    part: Sequence[Compared],
    rows: list[ImportedRow],
    accepted: dict[tuple[str, str, int, int], Discrepancy],
    *,
    by: Account,
    at: datetime,
) -> None:
    new = [(each, row) for each, row in zip(part, rows, strict=True) if each.makes_household]
    if not new:
        return
    made = files.file_households_many([_file_row(batch, each) for each, _row in new], by=by, at=at)
    for (each, row), household in zip(new, made, strict=True):
        row.household, row.made_household = household, True
        for one in each.row.unlike:
            own = accepted[f"{batch.origin}/{each.row.number}", one.matter, one.stated, one.computed]
            household.discrepancies.filter(matter=one.matter, accepted_at=None).delete()
            own.household = household
            own.save(update_fields=["household"])
        fen = each.row.values.get("helped_fen")
        if fen:
            files.note_outside_help(
                household, giver=Giver.OTHER, giver_name=_("建档以前本单位"), amount_fen=fen, day=household.opened_on,
                what=_("历年帮扶 %(n)d 人次") % {"n": each.row.values.get("helped_times") or 1}, by=by, at=at,
            )  # fmt: skip


def _file_row(batch: ImportBatch, each: Compared) -> FileRow:
    values, staff = each.row.values, each.staff
    wage = values.get("own_monthly_fen")
    name = values["name"]
    return FileRow(
        unit=staff.unit,  # type: ignore[union-attr]
        staff=staff,
        head_name=name,
        head=MemberRow(name=name, incomes={IncomeKind.WAGE: wage}) if wage is not None else None,
        main_cause=values["cause"],
        grade=values.get("grade", ""),
        grade_basis=(_("导入批次 %(number)d") % {"number": batch.number}) if values.get("grade") else "",
        national_class=values.get("national_class", "none"),
        stated_size=values.get("size"),
        stated_annual_fen=values.get("annual_fen"),
        opened_on=values.get("opened_on") or batch.opened_on,
    )


def _accepted(batch: ImportBatch) -> dict[tuple[str, str, int, int], Discrepancy]:
    rows = Discrepancy.objects.filter(origin__startswith=f"{batch.origin}/", settled_at=None).exclude(accepted_at=None)
    return {(row.origin, row.matter, row.stated, row.computed): row for row in rows}


def _update_household(each: Compared, row: ImportedRow, *, why: str, by: Account, at: datetime) -> None:
    """An open file gets what the file of this year says: each change with its history, through the file's own acts."""
    household: Household = each.household  # type: ignore[assignment]
    row.household = household
    row.before = (row.before or {}) | {"household": {key: old for key, (old, _new) in each.household_changes.items()}}
    row.household = change_household(
        household,
        {key: new for key, (_old, new) in each.household_changes.items()},
        why=why,
        version=household.version,
        by=by,
        at=at,
    )


def change_household(
    household: Household, values: dict[str, Any], *, why: str, version: int, by: Account, at: datetime
) -> Household:
    values = dict(values)
    graded = {key: values.pop(key) for key in ("grade", "national_class") if key in values}
    wage = values.pop("own_monthly_fen", None)
    plain = {HOUSEHOLD_FIELDS[key]: value for key, value in values.items()}
    if plain:
        files.correct_many(household, plain, why=why, version=version, by=by, at=at)
    if wage is not None:
        head = household.members.get(relation=Relation.SELF, left_on=None)
        kept = {income.kind: income.monthly_fen for income in Income.objects.filter(member=head)}
        files.set_incomes(household, {head.pk: kept | {IncomeKind.WAGE: wage}}, as_of=today(at), why=why, by=by, at=at,
                          stated_annual_fen=Household.objects.get(pk=household.pk).stated_annual_fen)  # fmt: skip
    if graded:
        files.set_grade(
            household,
            graded.get("grade", household.grade),
            national_class=graded.get("national_class"),
            basis=why,
            why=why,
            by=by,
            at=at,
        )
    return Household.objects.select_related("unit").get(pk=household.pk)


# --- the way back -------------------------------------------------------------------------------------------------------


def take_back(batch: ImportBatch, *, by: Account, at: datetime) -> None:
    """Undo every row, or raise Refused naming the first that somebody touched since. Call inside `recording`.

    Files are numbered and their history cannot be deleted: they are struck off as wrongly entered. Roster rows go.
    """
    units = Unit.objects.filter(path__startswith=batch.organisation.path).in_bulk()
    why = _("撤销导入批次 %(number)d") % {"number": batch.number}
    pks = list(batch.written.order_by("row").values_list("pk", flat=True))
    for start in range(0, len(pks), PART):
        rows = list(
            ImportedRow.objects.filter(pk__in=pks[start : start + PART])
            .select_related("staff__unit", "household__unit")
            .order_by("row")
        )
        _refuse_touched(batch, rows)
        for row in rows:
            if row.household and not row.made_household and row.was("household"):
                version = row.household.version
                change_household(row.household, row.was("household"), why=why, version=version, by=by, at=at)
        _strike([row.household for row in rows if row.made_household and row.household], why=why, by=by, at=at)
        changed = {
            row.staff.pk: (row.staff.version, row.was("staff"))
            for row in rows
            if row.staff and not row.made_staff and row.was("staff")
        }
        if changed:
            change_staff(changed, units, why=why, by=by, at=at)
        made = [row.staff_id for row in rows if row.made_staff and row.staff_id]
        Household.objects.filter(staff__in=made, state=State.STRUCK).update(staff=None)
        Staff.objects.filter(pk__in=made).delete()


def _strike(households: list[Household], *, why: str, by: Account, at: datetime) -> None:
    day = today(at)
    for household in households:
        household.state, household.state_on, household.exit_reason = State.STRUCK, day, UNDONE_REASON
        household.version += 1
    Household.objects.bulk_update(households, ["state", "state_on", "exit_reason", "version"], batch_size=500)
    StateChange.objects.bulk_create(
        StateChange(household=household, old=State.FILED, new=State.STRUCK, day=day, reason=UNDONE_REASON, why=why, by=by, at=at)
        for household in households
    )
    for household in households:
        record(
            "household.file_struck", household, by=by, at=at, unit=household.unit, number=household.number, old=State.FILED,
            reason=UNDONE_REASON,
        )  # fmt: skip


def _refuse_touched(batch: ImportBatch, rows: list[ImportedRow]) -> None:
    for row in rows:
        gone = row.staff is None and (row.made_staff or row.staff_version)
        staff_moved = row.staff and (row.staff.version != row.staff_version or (row.made_staff and row.staff.account_id))
        file_moved = row.household and row.household.version != row.household_version
        if gone or staff_moved or file_moved:
            _touched(row, row.household.head_name if row.household else row.staff.name if row.staff else "")
    households = {row.household_id: row for row in rows if row.made_household}
    made = {row.staff_id: row for row in rows if row.made_staff}
    for model, wanted in ((Household, households), (Staff, made)):
        for relation in model._meta.related_objects:  # type: ignore[attr-defined]
            if relation.related_model in _OWN or not wanted:
                continue
            name = relation.field.attname
            users = relation.related_model._base_manager.filter(**{f"{relation.field.name}__in": list(wanted)})
            if relation.related_model is Household:
                users = users.exclude(pk__in=list(households))
            pk = users.values_list(name, flat=True).first()
            if pk is not None:
                row = wanted[pk]
                _touched(row, row.household.head_name if row.household else row.staff.name if row.staff else "")


def _own_models() -> frozenset[Any]:
    """What a file is born with, and what only looks at it: these do not count as use."""
    from bangfu.household.models import Asset, Cause, Expense, GradeChange, OutsideHelp, Reveal

    return frozenset({
        Asset, Cause, Expense, GradeChange, OutsideHelp, Reveal, Change, Discrepancy, ImportedRow, Member, StateChange
    })  # fmt: skip


_OWN = _own_models()


def _touched(row: ImportedRow, name: str) -> None:
    raise Refused(
        _("第 %(row)d 行（%(name)s）写入以后已经有人改过或办过事，不能整批撤销。请只更正那些写错的行。")
        % {"row": row.row, "name": name}
    )
