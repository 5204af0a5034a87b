"""The roster: take workers on, correct a row, bind an account."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household import search
from bangfu.household.flow.common import FILE_KEEPERS, guard
from bangfu.household.models import Staff
from bangfu.household.rows import StaffRow, sex_of
from bangfu.lib import identity as papers
from bangfu.lib.crypto import blind_index
from bangfu.lib.errors import Refused

CHUNK = 500  # values in one IN (…), below SQLite's limit on parameters


@recording
def enrol_staff(row: StaffRow, *, by: Account | None, at: datetime) -> Staff:
    """Put one worker on the roster. Raises Refused: worker number or identity already there; a wrong identity number."""
    (staff,) = _create([row], by=by, at=at)
    record(
        "household.staff_enrolled", staff, by=by, at=at, unit=row.unit, worker_no=row.worker_no,
        identity=staff_digest(staff, staff.identity),
    )  # fmt: skip
    return staff


@recording
def enrol_staff_many(
    rows: Sequence[StaffRow], *, organisation: Unit, origin: str = "", by: Account | None, at: datetime
) -> list[Staff]:
    """Put a whole roster in, all or nothing. One event for the batch: a roster is taken over, nobody is judged by it.

    `origin` names the batch ("household.batch:3"). A few statements a thousand rows. Raises Refused as `enrol_staff`.
    """
    staff = _create(rows, by=by, at=at)
    record(
        "household.roster_enrolled", origin or organisation, by=by, at=at, unit=organisation, rows=len(staff),
        units=sorted({row.unit.code for row in rows}),
    )  # fmt: skip
    return staff


@recording
def bind_account(staff: Staff, account: Account, *, by: Account | None, at: datetime) -> Staff:
    """Let a worker see her own file on the phone. Raises Refused when row or account is already bound."""
    guard(by, FILE_KEEPERS, staff.unit)
    if staff.account_id not in (None, account.pk) or Staff.objects.filter(account=account).exclude(pk=staff.pk).exists():
        raise Refused(_("这个账号或这位职工已经绑定过了。请先核对，再找安全管理员处理。"))
    staff.account = account
    staff.save(update_fields=["account"])
    record("household.account_bound", staff, by=by, at=at, unit=staff.unit, account=account.username)
    return staff


def staff_digest(staff: Staff, value: str) -> str:
    """How a sensitive value of a roster row stands in the record."""
    from bangfu.lib.crypto import keyed_digest

    return keyed_digest(bytes.fromhex(staff.record_key), value)


def _create(rows: Sequence[StaffRow], *, by: Account | None, at: datetime) -> list[Staff]:
    for unit in {row.unit.pk: row.unit for row in rows}.values():
        guard(by, FILE_KEEPERS, unit)
    made = [staff_of(row, at) for row in rows]
    _refuse_taken(made)
    Staff.objects.bulk_create(made)
    search.index_staff(made)
    return made


def staff_of(row: StaffRow, at: datetime) -> Staff:
    """The roster row, not saved. Raises Refused on a wrong identity number."""
    paper = papers.check(row.identity)
    if not paper.ok:
        raise Refused(_("工号 %(no)s 的证件号码不对：%(why)s") % {"no": row.worker_no, "why": "；".join(paper.errors)})
    return Staff(
        organisation_id=row.unit.organisation_id,
        unit=row.unit,
        worker_no=row.worker_no,
        name=row.name,
        identity=paper.value,
        phone=row.phone,
        bank_name=row.bank_name,
        card=row.card,
        post=row.post,
        status=row.status,
        identity_kind=row.identity_kind,
        sex=sex_of(row.sex, paper.sex),
        birth_date=row.birth_date or paper.birth_date,
        joined_on=row.joined_on,
        account=row.account,
        enrolled_at=at,
    )


def _refuse_taken(made: list[Staff]) -> None:
    """Doubles inside the rows and against the roster, by worker number and by identity."""
    by_no: set[tuple[int, str]] = set()
    by_identity: dict[tuple[int, str], str] = {}
    for staff in made:
        key, index = (staff.organisation_id, staff.worker_no), (staff.organisation_id, blind_index(staff.identity, "id"))
        if key in by_no:
            raise Refused(_("工号 %(no)s 出现了两次。请删去重复的一行。") % {"no": staff.worker_no})
        if index in by_identity:
            raise Refused(
                _("工号 %(a)s 和 %(b)s 的证件号码相同。请核对是不是同一个人。") % {"a": by_identity[index], "b": staff.worker_no}
            )
        by_no.add(key)
        by_identity[index] = staff.worker_no
    for organisation in {staff.organisation_id for staff in made}:
        roster = Staff.objects.filter(organisation=organisation)
        for chunk in chunks([no for owner, no in by_no if owner == organisation]):
            taken = roster.filter(worker_no__in=chunk).values_list("worker_no", flat=True).first()
            if taken:
                raise Refused(_("工号 %(no)s 已在花名册里。要改资料，请在花名册上更正。") % {"no": taken})
        for chunk in chunks([index for owner, index in by_identity if owner == organisation]):
            same = roster.filter(identity_index__in=chunk).values_list("worker_no", "identity_index").first()
            if same:
                raise Refused(
                    _("工号 %(new)s 的证件号码已在花名册里，工号是 %(old)s。请核对是不是同一个人。")
                    % {"new": by_identity[organisation, str(same[1])], "old": same[0]}
                )


def chunks(values: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), CHUNK):
        yield values[start : start + CHUNK]
