"""Both signatures: payee and payer. Paid and receipted are two facts."""

from __future__ import annotations

from collections.abc import Sequence
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
from bangfu.ledger.flow.reservation import locked_all, require_state
from bangfu.ledger.models import Disbursement
from bangfu.ledger.receipt import digest_of, postings_of
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
    return _sign([disbursement.pk], side, how=how, picture=picture, by=by, at=at)[0]


@recording
def sign_list(
    disbursements: Sequence[Disbursement], side: str, *, how: str, picture: bytes | None = None, by: Account, at: datetime
) -> list[Disbursement]:
    """签收表: one side signs all sums of a list; each has its own sign-off of its own receipt, the picture is kept once.

    The payees have signed on paper (`picture`, a photo of the list). Sums that this side has signed already stay as they are.
    Raises Refused (one of them is not paid, is kin's, …: then none is signed), PermissionDenied. Source: S0-16; S1-8.
    """
    if side == PAYEE and how != SignOff.How.PAPER:
        raise Refused(_("一张表上领款人是各自签的字：请拍下签好的签收表再交。"))
    return _sign([row.pk for row in disbursements], side, how=how, picture=picture, by=by, at=at)


def _sign(pks: list[int], side: str, *, how: str, picture: bytes | None, by: Account, at: datetime) -> list[Disbursement]:
    rows = locked_all(pks)
    signers = {row.pk: _signer(row, side, how, by) for row in rows}
    if side == PAYEE:
        require_no_kin(by, *(row.origin for row in rows if signers[row.pk][1] is None))
    for row in rows:
        require_state(row, Disbursement.State.PAID)
    left = [row for row in rows if (row.payee_signed_at if side == PAYEE else row.payer_signed_at) is None]
    if not left:
        return rows
    if side == PAYER:
        reactions.ask_before_paying(left, by, at)
    postings = postings_of(left)
    unit = left[0].unit if len({row.unit_id for row in left}) == 1 else left[0].fund.unit
    image = store(picture, name=_("签字"), by=by, at=at, unit=unit) if picture else None
    for row in left:
        signer, account = signers[row.pk]
        sign_off(
            digest_of(row, postings[row.pk]), subject=subject_of_row(row), signer_name=signer, role=side, how=how, image=image,
            account=account, by=by, at=at, unit=row.unit,
        )  # fmt: skip
        setattr(row, f"{side}_signed_at", at)
        if row.payee_signed_at and row.payer_signed_at:
            row.receipted_at = at
        record("ledger.receipt_signed", row, by=by, at=at, side=side, how=how, receipted=row.receipted_at is not None)
    receipted = [row for row in left if row.receipted_at is not None]
    for group, more in ((receipted, {"receipted_at": at}), ([row for row in left if row.receipted_at is None], {})):
        if group:
            Disbursement.objects.filter(pk__in=[row.pk for row in group]).update(**{f"{side}_signed_at": at, **more})
    reactions.call(reactions.on_receipted, receipted, by, at)
    return rows


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
    if how == SignOff.How.CLICKED:
        raise Refused(_("领款人要亲手签字：请在屏上手写，或拍下纸面签字。"))
    return row.payee_name, None
