"""Stop a payment while something is open, and let it go again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.ledger import reactions
from bangfu.ledger.models import Disbursement, Hold
from bangfu.lib.errors import Refused

PAYERS = frozenset({Role.CASHIER, Role.ACCOUNTANT})
#: Who lets a payment go again.
LIFTERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR, Role.AUDITOR, Role.UNIT_CHAIR})


@recording
def place_hold(origin: str, *, reason: str, unit: Unit, by: Account | None, at: datetime) -> Hold:
    """暂停付款: nothing of this origin is paid until the hold is lifted. Several reasons may stand side by side.

    Anybody may cause one (an objection needs no role; `by` None: a stranger on the open page). The same open reason again
    answers the first. Money already with the bank is not called back: confirming it is refused while the hold is open.
    """
    if not reason.strip():
        raise Refused(_("暂停付款要写原因。"))
    reactions.lock_first([origin])
    list(Disbursement.objects.select_for_update(no_key=True).filter(origin=origin).order_by("pk"))  # waits for a payment under way
    fingerprint = Hold.fingerprint_of(reason)
    same = Hold.objects.open().filter(origin=origin, fingerprint=fingerprint).first()
    if same is not None:
        return same
    hold = Hold.objects.create(origin=origin, unit=unit, reason=reason.strip(), fingerprint=fingerprint, placed_at=at, placed_by=by)
    record("ledger.hold_placed", origin, by=by, at=at, unit=unit, reason=Sealed(hold.reason))
    return hold


@recording
def lift_hold(hold: Hold, *, why: str, by: Account, at: datetime) -> Hold:
    """解除暂停: with a reason, by the office, the committee's chair or the auditor, and never by who pays.

    Lifting again answers the first. Raises Refused (a payer, own or kin's, an objection unanswered, no reason), PermissionDenied.
    """
    reactions.lock_first([hold.origin])
    row = Hold.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=hold.pk)
    require_role(by, LIFTERS, row.unit)
    if row.lifted_at is not None:
        return row
    if has_role(by, PAYERS, row.unit):
        raise Refused(_("管付款的人不能解除暂停（职责分离）。请帮扶办公室、评审委员会主任或经审委员来办。"))
    reason = next((words for ask in reactions.keeps_hold if (words := ask(row, by))), "")
    if reason:
        raise Refused(reason)
    if not why.strip():
        raise Refused(_("解除暂停要写理由，例如“异议已答复，情况属实”。"))
    row.lifted_at, row.lifted_by, row.lifted_why = at, by, why.strip()
    row.save(update_fields=["lifted_at", "lifted_by", "lifted_why"])
    record("ledger.hold_lifted", row.origin, by=by, at=at, unit=row.unit, reason=Sealed(row.reason), why=Sealed(row.lifted_why))
    return row


def require_no_hold(disbursements: Iterable[Disbursement]) -> None:
    """Raises Refused that names the first open hold. Ask after locking the disbursements."""
    rows = {row.origin: row for row in disbursements}
    hold = Hold.objects.open().filter(origin__in=list(rows)).order_by("pk").first()
    if hold is not None:
        raise Refused(
            _("%(name)s的款暂停支付：%(reason)s。先处理并解除暂停，再付款。")
            % {"name": rows[hold.origin].payee_name, "reason": hold.reason}
        )
