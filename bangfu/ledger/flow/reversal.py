"""Correct the books: never by changing a row, always by a red one beside it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.kin import require_no_kin
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.ledger import chart
from bangfu.ledger.flow.reservation import locked_all, require_state
from bangfu.ledger.form_key import require_same
from bangfu.ledger.models import Disbursement, Posting, Voucher
from bangfu.ledger.money import Money
from bangfu.lib.days import today
from bangfu.lib.errors import Refused


@recording
def reverse(
    voucher: Voucher,
    *,
    reason: str,
    form_key: str,
    by: Account,
    at: datetime,
    lines: Collection[int] | None = None,
) -> Voucher:
    """红字冲销: a new voucher with the opposite rows (all, or the given line numbers) undoes a wrong entry.

    A reversed payment counts nowhere any more, its money is back, its entitlement may be reserved anew. The same
    `form_key` again answers the first. Raises Refused (no reason, already reversed, a reversal itself, money spent, own or kin's).
    Source: contracts.md "Money"; 会计法 (errors by correction).
    """
    require_role(by, Role.ACCOUNTANT, voucher.fund.unit)
    chosen = list(Posting.objects.filter(voucher=voucher).order_by("line"))
    if lines is not None:
        chosen = [row for row in chosen if row.line in set(lines)]
    paid = sorted(row.disbursement_id for row in chosen if row.disbursement_id is not None)
    disbursements = {row.pk: row for row in locked_all(paid)} if paid else {}
    money = Money.lock(voucher.fund_id, {row.restriction_id for row in chosen})
    done = Voucher.objects.filter(form_key=form_key).first()
    if done is not None:
        undone = {row.reverses_id for row in done.postings.all()}
        return require_same(done, undone == {row.pk for row in chosen})
    _check(voucher, chosen, reason)
    require_no_kin(by, *(row.origin for row in disbursements.values()))
    for disbursement in disbursements.values():
        require_state(disbursement, Disbursement.State.PAID)
    for row in chosen:
        change = chart.is_money(row.credit) * row.amount_fen - chart.is_money(row.debit) * row.amount_fen
        money.move(row.restriction_id, balance_fen=change)
    red = money.post(
        [_opposite(row) for row in chosen],
        kind=Voucher.Kind.REVERSAL,
        day=today(at),
        summary=_("冲销 %(number)s：%(reason)s") % {"number": voucher, "reason": reason.strip()},
        form_key=form_key,
        by=by,
        at=at,
    )
    money.save()
    Disbursement.objects.filter(pk__in=paid).update(state=Disbursement.State.REVERSED)
    record(
        "ledger.voucher_reversed", voucher, by=by, at=at, unit=money.fund.unit, voucher=str(voucher), red=str(red),
        amount_fen=sum(row.amount_fen for row in chosen), reason=Sealed(reason.strip()),
    )  # fmt: skip
    for disbursement in disbursements.values():
        record(
            "ledger.payment_reversed", disbursement, by=by, at=at, amount_fen=disbursement.amount_fen, reason=Sealed(reason.strip())
        )
    return red


def _check(voucher: Voucher, chosen: list[Posting], reason: str) -> None:
    if not reason.strip():
        raise Refused(_("冲销要写原因，例如“金额录错，应为 3,000.00 元”。"))
    if voucher.kind == Voucher.Kind.REVERSAL:
        raise Refused(_("这本身就是一张红字凭证，不能再冲销。请重新录入正确的凭证。"))
    if not chosen:
        raise Refused(_("没有选中要冲销的分录。"))
    if Posting.objects.filter(reverses__in=chosen).exists():
        raise Refused(_("%(number)s 已经冲销过了，不能冲两次。") % {"number": voucher})


def _opposite(row: Posting) -> Posting:
    return Posting(
        debit=row.credit, credit=row.debit, amount_fen=row.amount_fen, restriction_id=row.restriction_id, source=row.source,
        household_no=row.household_no, person=row.person, programme=row.programme,
        entitlement_key=row.entitlement_key, disbursement_id=row.disbursement_id, reverses=row,
    )  # fmt: skip
