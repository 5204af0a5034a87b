"""Set money aside at approval, give it back, correct where it goes."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bangfu.access.kin import require_no_kin
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.ledger import reactions
from bangfu.ledger.models import Disbursement, Fund, Restriction
from bangfu.ledger.money import Money
from bangfu.ledger.receipt import new_check_code
from bangfu.lib import bankcard
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan

#: Who may set money aside: those who carry out an approval. That it *was* approved is the caller's guard (process).
APPROVERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR})
State = Disbursement.State


@recording
def reserve(
    fund: Fund,
    *,
    amount_fen: int,
    entitlement_key: str,
    origin: str,
    programme: str,
    purpose: str,
    payee_name: str,
    method: str,
    bank_name: str = "",
    card: str = "",
    payee_account: Account | None = None,
    household_no: str = "",
    person: str = "",
    reference: str = "",
    restriction: Restriction | None = None,
    cause: str = "",
    unit: Unit | None = None,
    by: Account,
    at: datetime,
) -> Disbursement:
    """批准后预留: the sum is no longer available, nothing is paid yet.

    `entitlement_key` is the identity of the request: the same key with the same facts answers the first row; other facts
    are refused. `origin` names who asked ("process.award:7"), `reference` the case number people know, `unit` the payee's
    unit (default: the organisation), `purpose` the words on the receipt. Without `restriction` the share is chosen: restricted
    money that fits programme and `cause` (the word of the notice) first, then free money. A bank payment without card may be reserved, not
    sent. Raises Refused (short of money, above the cap, wrong use of restricted money), PermissionDenied.
    Source: contracts.md "Money"; trust.md 1 (two-phase transfer).
    """
    require_role(by, APPROVERS, fund.unit)
    if not 0 < amount_fen <= fund.cap_fen:
        raise Refused(
            _("%(name)s 的 %(amount)s 元不合常理（%(fund)s一笔不超过 %(cap)s 元）。请核对是不是单位写错或多写了零。")
            % {"name": payee_name, "amount": yuan(amount_fen), "fund": fund.name, "cap": yuan(fund.cap_fen)}
        )
    shares = [restriction.pk] if restriction else list(fund.restrictions.values_list("pk", flat=True))
    money = Money.lock(fund.pk, shares)
    first = _live(entitlement_key)
    share = restriction or (first.restriction if first else money.share_for(programme, cause, amount_fen))
    wanted = Disbursement(
        entitlement_key=entitlement_key, origin=origin, reference=reference, unit=unit or money.fund.unit, fund=money.fund,
        restriction=share, programme=programme, cause=cause, purpose=purpose, household_no=household_no, person=person,
        payee_name=payee_name, payee_account=payee_account, amount_fen=amount_fen, method=Disbursement.Method(method),
        bank_name=bank_name, check_code=new_check_code(), reserved_at=at, reserved_by=by,
    )  # fmt: skip
    _set_card(wanted, card)
    if first is not None:
        return _same_again(first, wanted)
    money.require_fit(share.pk, programme, cause, purpose)
    money.move(share.pk, reserved_fen=amount_fen)
    try:
        with transaction.atomic():
            wanted.save(force_insert=True)
    except IntegrityError as error:  # the same entitlement, at the same moment, from another fund
        raise Refused(_("%(name)s的这笔待遇已经由另一个基金预留，不能重复。") % {"name": payee_name}) from error
    money.save()
    record(
        "ledger.money_reserved", wanted, by=by, at=at, fund=fund.code, restriction=share.code, amount_fen=amount_fen,
        entitlement_key=entitlement_key, programme=programme, reference=reference, tail4=wanted.card_tail4,
    )  # fmt: skip
    return wanted


@recording
def release(disbursement: Disbursement, *, reason: str, by: Account, at: datetime) -> Disbursement:
    """取消预留: the sum is available again. Refused once it is with the bank or paid; a second time answers the first."""
    row = locked(disbursement)
    if row.payee_account_id is None or by.pk != row.payee_account_id:  # she may give up her own
        require_role(by, APPROVERS | {Role.ACCOUNTANT}, row.fund.unit)
        require_no_kin(by, row.origin)
    if not reason.strip():
        raise Refused(_("取消预留要写原因。"))
    if row.state == State.RELEASED:
        return row
    require_state(row, State.RESERVED)
    money = Money.lock(row.fund_id, [row.restriction_id])
    money.move(row.restriction_id, reserved_fen=-row.amount_fen)
    money.save()
    row.state = State.RELEASED
    row.save(update_fields=["state"])
    record("ledger.reservation_released", row, by=by, at=at, amount_fen=row.amount_fen, reason=Sealed(reason.strip()))
    return row


@recording
def change_payee_account(
    disbursement: Disbursement, *, method: str, bank_name: str = "", card: str = "", reason: str, by: Account, at: datetime
) -> Disbursement:
    """改收款账户: before it is (again) sent; by the accountant, because the cashier sends it. The name never changes.

    What stands already changes nothing. Raises Refused (sent or paid, no reason, not a card), PermissionDenied. The event
    keeps the last four digits only.
    """
    row = locked(disbursement)
    require_role(by, Role.ACCOUNTANT, row.fund.unit)
    require_no_kin(by, row.origin)
    require_state(row, State.RESERVED)
    if not reason.strip():
        raise Refused(_("改收款账户要写原因，例如“银行退回：户名不符”。"))
    before, stood = row.card_tail4, (row.method, row.bank_name, row.card or "")
    row.method, row.bank_name = Disbursement.Method(method), bank_name
    _set_card(row, card)
    if (row.method, row.bank_name, row.card or "") == stood:
        return row
    row.save(update_fields=["method", "bank_name", "card", "card_tail4"])
    record(
        "ledger.payee_account_changed", row, by=by, at=at, method=row.method, before=before, after=row.card_tail4,
        reason=Sealed(reason.strip()),
    )  # fmt: skip
    return row


def locked(disbursement: Disbursement) -> Disbursement:
    """The row as it is now, locked until the transaction ends, with fund, its unit and the payee's unit."""
    return locked_all([disbursement.pk])[0]


def locked_all(pks: list[int]) -> list[Disbursement]:
    """The rows in the order of their keys, what stands above them first. Raises Refused when one is missing."""
    reactions.lock_first(list(Disbursement.objects.filter(pk__in=pks).values_list("origin", flat=True)))
    rows = list(
        Disbursement.objects.select_for_update(no_key=True, of=("self",))
        .select_related("fund__unit", "unit", "restriction")
        .filter(pk__in=pks)
        .order_by("pk")
    )
    if not rows or len(rows) != len(set(pks)):
        raise Refused(_("没有选中要付的款，或有一笔已经不在了。请刷新后重新选择。"))
    return rows


def require_state(row: Disbursement, state: str) -> None:
    """Raises Refused with what the row is now."""
    if row.state != state:
        raise Refused(
            _("%(name)s的 %(amount)s 元现在是“%(state)s”，这一步办不了。请刷新页面看最新情况。")
            % {"name": row.payee_name, "amount": yuan(row.amount_fen), "state": row.get_state_display()}
        )


def _set_card(row: Disbursement, card: str) -> None:
    if row.method == Disbursement.Method.CASH or not card:
        row.card, row.card_tail4 = None, ""
        return
    check = bankcard.check(card)
    if not check.ok:
        raise Refused(_("%(name)s的银行卡号：%(why)s") % {"name": row.payee_name, "why": "；".join(check.errors)})
    row.card, row.card_tail4 = check.value, check.value[-4:]


def _live(entitlement_key: str) -> Disbursement | None:
    return (
        Disbursement.objects.exclude(state__in=[State.RELEASED, State.REVERSED])
        .filter(entitlement_key=entitlement_key)
        .select_related("restriction")
        .first()
    )


def _same_again(first: Disbursement, wanted: Disbursement) -> Disbursement:
    same = all(
        getattr(first, name) == getattr(wanted, name)
        for name in ("origin", "fund_id", "restriction_id", "programme", "household_no", "payee_name", "amount_fen")
    )
    if same:
        return first
    raise Refused(
        _("%(name)s的这笔待遇已经有一笔 %(amount)s 元（%(state)s），同一待遇只付一次。")
        % {"name": first.payee_name, "amount": yuan(first.amount_fen), "state": first.get_state_display()}
    )
