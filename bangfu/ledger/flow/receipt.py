"""Both signatures: payee and payer. Paid and receipted are two facts."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.kin import require_no_kin
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.audit.record import subject_of as subject_of_row
from bangfu.evidence.flow import sign_off, store
from bangfu.evidence.models import SignOff
from bangfu.ledger import reactions
from bangfu.ledger.flow.payment import require_not_payee
from bangfu.ledger.flow.reservation import locked, require_state
from bangfu.ledger.models import Disbursement
from bangfu.ledger.receipt import digest_of, posting_of
from bangfu.lib.errors import Refused

PAYEE, PAYER = "payee", "payer"
#: Who may hold the paper or the screen for the payee: the cashier, or who visits her at home or in the ward (S0-5).
WITNESSES = frozenset({Role.CASHIER, Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER})


@recording
def sign_receipt(
    disbursement: Disbursement, side: str, *, how: str, picture: bytes | None = None, by: Account, at: datetime
) -> Disbursement:
    """签收: `side` "payee" or "payer" signs the receipt's digest; when both have, it is receipted.

    The payer is a cashier and not the payee. The payee signs by hand (`picture`: the drawn signature, or a photo of the
    paper) before a witness, or with her own account. Signing the same side again changes nothing. Raises Refused, PermissionDenied.
    Source: S0-16, S2-8.
    """
    row = locked(disbursement)
    signer, account = _signer(row, side, how, by)
    require_state(row, Disbursement.State.PAID)
    if (row.payee_signed_at if side == PAYEE else row.payer_signed_at) is not None:
        return row
    if side == PAYER:
        reactions.ask_before_paying([row], by, at)
    posting = posting_of(row)
    assert posting is not None, "a paid disbursement has its posting"
    image = store(picture, name=_("签字"), by=by, at=at, unit=row.unit) if picture else None
    sign_off(
        digest_of(row, posting), subject=subject_of_row(row), signer_name=signer, role=side, how=how, image=image,
        account=account, by=by, at=at, unit=row.unit,
    )  # fmt: skip
    setattr(row, f"{side}_signed_at", at)
    changed = [f"{side}_signed_at"]
    if row.payee_signed_at and row.payer_signed_at:
        row.receipted_at = at
        changed.append("receipted_at")
    row.save(update_fields=changed)
    record("ledger.receipt_signed", row, by=by, at=at, side=side, how=how, receipted=row.receipted_at is not None)
    if row.receipted_at is not None:
        reactions.call(reactions.on_receipted, [row], by, at)
    return row


def _signer(row: Disbursement, side: str, how: str, by: Account) -> tuple[str, Account | None]:
    """Whose signature it is: (name, her account when she signs with it)."""
    if side == PAYER:
        require_role(by, Role.CASHIER, row.fund.unit)
        require_not_payee(row, by)
        return by.name, by
    if side != PAYEE:
        raise ValueError(f"unknown side {side!r}")
    if row.payee_account_id is not None and row.payee_account_id == by.pk:
        return row.payee_name, by
    require_role(by, WITNESSES, row.unit)
    require_no_kin(by, row.origin)
    if how == SignOff.How.CLICKED:
        raise Refused(_("领款人要亲手签字：请在屏上手写，或拍下纸面签字。"))
    return row.payee_name, None
