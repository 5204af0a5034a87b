"""A file is handed to another unit of the organisation: the old one asks with a reason, a clerk of the new one confirms.

Until then nothing moves. Afterwards the file is seen where it belongs now; the old unit keeps the row of the handing-over.
Source: practice.md 1.4 (退休转出、调离 inside one organisation is no exit).
"""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import accounts_with
from bangfu.audit.record import record, recording, subject_of
from bangfu.household import reactions, search
from bangfu.household.flow.common import FILE_KEEPERS, guard, guard_file, locked, require_open, touch
from bangfu.household.flow.roster import staff_digest
from bangfu.household.kin import require_not_related
from bangfu.household.models import Change, Household, Staff, Transfer
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell

A = Transfer.Answer


@recording
def ask_transfer(
    household: Household, to_unit: Unit, why: str, *, version: int | None = None, by: Account | None, at: datetime
) -> Transfer:
    """提出转移. Raises Refused: no reason, another organisation, the same unit, asked already, or something runs (`before_transfer`)."""
    household = locked(household, version=version)
    guard_file(by, FILE_KEEPERS, household)
    require_open(household)
    if len(why.strip()) < 4:
        raise Refused(_("没有写转移的原因。请写明，例如“本人调到检修公司”。"))
    if to_unit.organisation_id != household.organisation_id:
        raise Refused(_("“%(unit)s”不在本组织里。转到外单位的，请注销这份档案，由对方另建。") % {"unit": to_unit.name})
    if to_unit.pk == household.unit_id:
        raise Refused(_("这户现在就在“%(unit)s”。请选要转去的单位。") % {"unit": to_unit.name})
    waiting = household.transfers.open().select_related("to_unit").first()
    if waiting is not None:
        raise Refused(_("这户已经在等“%(unit)s”接收。要改去别处，请先收回。") % {"unit": waiting.to_unit.name})
    for check in reactions.before_transfer:
        check(household)
    transfer = Transfer.objects.create(
        household=household, from_unit=household.unit, to_unit=to_unit, name=household.head_name, why=why.strip()[:300], asked_by=by,
        asked_at=at,
    )  # fmt: skip
    touch(household)
    record(
        "household.transfer_asked", household, by=by, at=at, unit=household.unit, number=household.number, transfer=transfer.pk,
        from_unit=household.unit.code, to_unit=to_unit.code, why=household.digest_of(transfer.why),
    )  # fmt: skip
    text = _("%(unit)s要把一户档案转给你们，请看过再接收。") % {"unit": household.unit.name}
    tell([one for one in accounts_with(FILE_KEEPERS, to_unit) if by is None or one.pk != by.pk], text, url="/transfers/", at=at)
    return transfer


@recording
def accept_transfer(transfer: Transfer, *, by: Account | None, at: datetime) -> Transfer:
    """接收: a keeper of files of the new unit confirms, never the person who asked. The worker's roster row moves along."""
    household, transfer = _open(transfer, by, to=True)
    if by is not None and transfer.asked_by_id == by.pk:
        raise Refused(_("提出转移的人不能自己接收。请“%(unit)s”的另一位经办人来确认。") % {"unit": transfer.to_unit.name})
    require_open(household)
    for check in reactions.before_transfer:
        check(household)
    _answer(transfer, A.ACCEPTED, "", by=by, at=at)
    facts = {
        "number": household.number,
        "transfer": transfer.pk,
        "from_unit": transfer.from_unit.code,
        "to_unit": transfer.to_unit.code,
    }
    record("household.file_handed_over", household, by=by, at=at, unit=transfer.from_unit, **facts)
    household.unit = transfer.to_unit
    touch(household, "unit")
    household.discrepancies.open().update(unit=transfer.to_unit)
    record("household.file_taken_over", household, by=by, at=at, unit=transfer.to_unit, **facts)
    if household.staff_id:
        _move_staff(household.staff_id, transfer, by=by, at=at)
    _tell_asker(transfer, _("%(name)s户已由%(unit)s接收。"), at=at)
    return transfer


@recording
def decline_transfer(transfer: Transfer, note: str, *, by: Account | None, at: datetime) -> Transfer:
    """不接收: with the reason; the file stays where it is."""
    household, transfer = _open(transfer, by, to=True)
    if len(note.strip()) < 4:
        raise Refused(_("没有写不接收的原因。请写明，例如“本人不在我单位”。"))
    _answer(transfer, A.DECLINED, note, by=by, at=at)
    touch(household)
    record("household.transfer_declined", household, by=by, at=at, unit=transfer.from_unit, number=household.number, transfer=transfer.pk,
           to_unit=transfer.to_unit.code, note=household.digest_of(transfer.note))  # fmt: skip
    _tell_asker(transfer, _("%(name)s户没有被%(unit)s接收，请看原因。"), at=at)
    return transfer


@recording
def take_back_transfer(transfer: Transfer, *, by: Account | None, at: datetime) -> Transfer:
    """收回: the unit that asked changes its mind while nobody has answered."""
    household, transfer = _open(transfer, by, to=False)
    _answer(transfer, A.TAKEN_BACK, "", by=by, at=at)
    touch(household)
    record(
        "household.transfer_taken_back",
        household,
        by=by,
        at=at,
        unit=transfer.from_unit,
        number=household.number,
        transfer=transfer.pk,
    )
    return transfer


def _open(transfer: Transfer, by: Account | None, *, to: bool) -> tuple[Household, Transfer]:
    """The file first, then its transfer, both locked; only while it waits, only for that unit's keepers."""
    household = locked(transfer.household, version=None)
    rows = Transfer.objects.select_for_update(no_key=True, of=("self",)).select_related("from_unit", "to_unit", "asked_by")
    transfer = rows.get(pk=transfer.pk)
    guard(by, FILE_KEEPERS, transfer.to_unit if to else transfer.from_unit)
    require_not_related(by, household)
    if transfer.answer:
        raise Refused(_("这次转移%(answer)s，不用再办。请刷新页面再看。") % {"answer": transfer.get_answer_display()})
    return household, transfer


def _answer(transfer: Transfer, answer: str, note: str, *, by: Account | None, at: datetime) -> None:
    transfer.answer, transfer.note, transfer.answered_by, transfer.answered_at = answer, note.strip()[:300], by, at
    transfer.save(update_fields=["answer", "note", "answered_by", "answered_at"])


def _move_staff(pk: int, transfer: Transfer, *, by: Account | None, at: datetime) -> None:
    staff = Staff.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=pk)
    if staff.unit_id != transfer.from_unit_id:
        return
    change = Change.objects.create(
        staff=staff, subject=subject_of(staff), field="unit", label=_("部门"), old=transfer.from_unit.name, new=transfer.to_unit.name,
        why=_("档案转移"), by=by, at=at,
    )  # fmt: skip
    search.forget_staff(staff)
    staff.unit = transfer.to_unit
    staff.version += 1
    staff.save(update_fields=["unit", "version"])
    search.index_staff([staff])
    record("household.staff_corrected", staff, by=by, at=at, unit=transfer.to_unit, worker_no=staff.worker_no, changes=[
        {"field": "unit", "change": change.pk, "old": staff_digest(staff, change.old), "new": staff_digest(staff, change.new)}
    ])  # fmt: skip


def _tell_asker(transfer: Transfer, text: str, *, at: datetime) -> None:
    if transfer.asked_by is not None:
        tell([transfer.asked_by], text % {"name": transfer.name, "unit": transfer.to_unit.name}, url="/transfers/", at=at)
