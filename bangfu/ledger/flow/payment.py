"""Pay: a batch to the bank and its results, or cash by a list."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.kin import require_no_kin
from bangfu.access.models import Account, Counter
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.ledger import chart, reactions
from bangfu.ledger.flow.holds import require_no_hold
from bangfu.ledger.flow.reservation import locked_all, require_state
from bangfu.ledger.form_key import require_same
from bangfu.ledger.models import Batch, BatchLine, Disbursement, Posting, Voucher
from bangfu.ledger.money import Money
from bangfu.lib.days import today
from bangfu.lib.errors import Refused

State = Disbursement.State


@recording
def make_batch(pks: Sequence[int], *, form_key: str, by: Account, at: datetime) -> Batch:
    """制作银行批次: these reserved bank payments of one fund go to the bank together; the file is frozen with them.

    The same `form_key` again answers the first batch. Raises Refused (on hold, no card, not waiting, several funds, one's
    own money), PermissionDenied.
    """
    rows = locked_all(list(pks))
    require_role(by, Role.CASHIER, rows[0].fund.unit)
    done = Batch.objects.filter(form_key=form_key).first()
    if done is not None:
        return require_same(done, {line.disbursement_id for line in done.lines.all()} == set(pks))
    _require_payable(rows, method=Disbursement.Method.BANK, state=State.RESERVED, by=by)
    reactions.ask_before_paying(rows, by, at)
    for row in rows:
        if not row.card:
            raise Refused(_("%(name)s没有银行卡号，不能送银行。先补录卡号，或改发现金。") % {"name": row.payee_name})
    batch = Batch.objects.create(
        number=_batch_number(rows[0], at), fund=rows[0].fund, form_key=form_key, total_fen=sum(row.amount_fen for row in rows),
        count=len(rows), made_by=by, made_at=at,
    )  # fmt: skip
    BatchLine.objects.bulk_create(
        [
            BatchLine(
                batch=batch, line=number, disbursement=row, amount_fen=row.amount_fen, payee_name=row.payee_name,
                bank_name=row.bank_name, card=row.card or "", card_tail4=row.card_tail4,
            )
            for number, row in enumerate(rows, 1)
        ],
        batch_size=500,
    )  # fmt: skip
    Disbursement.objects.filter(pk__in=[row.pk for row in rows]).update(state=State.SENT)
    record("ledger.batch_made", batch, by=by, at=at, unit=rows[0].fund.unit, number=batch.number, total_fen=batch.total_fen)
    for row in rows:
        row.state = State.SENT
        record("ledger.payment_sent", row, by=by, at=at, batch=batch.number, amount_fen=row.amount_fen)
    return batch


@recording
def read_batch(batch: Batch, *, form: str, by: Account, at: datetime) -> list[BatchLine]:
    """下载批次文件: the lines with card numbers in clear, for the file alone; that it was taken is recorded.

    Raises Refused (one's own or kin's on it), PermissionDenied.
    """
    require_role(by, {Role.CASHIER, Role.ACCOUNTANT}, batch.fund.unit)
    lines = list(batch.lines.select_related("disbursement").order_by("line"))
    require_no_kin(by, *(line.disbursement.origin for line in lines))
    record("ledger.batch_downloaded", batch, by=by, at=at, unit=batch.fund.unit, form=form, lines=len(lines))
    return lines


@recording
def read_list(voucher: Voucher, *, form: str, by: Account, at: datetime) -> list[Disbursement]:
    """下载签收表: whom a voucher paid, in the order of its rows; that it was taken is recorded.

    Raises Refused (one's own or kin's on it).
    """
    rows = list(Disbursement.objects.filter(postings__voucher=voucher).select_related("unit").order_by("postings__line"))
    require_no_kin(by, *(row.origin for row in rows))
    record("ledger.list_downloaded", voucher, by=by, at=at, unit=voucher.fund.unit, form=form, lines=len(rows))
    return rows


@recording
def confirm_paid(line: BatchLine, *, bank_ref: str, by: Account, at: datetime, day: date | None = None) -> Voucher:
    """银行转账成功: one line of a batch is posted; see `confirm_lines`."""
    return confirm_lines([line], bank_ref=bank_ref, form_key=f"batch-line:{line.pk}", by=by, at=at, day=day)


@recording
def confirm_lines(
    lines: Iterable[BatchLine], *, bank_ref: str, form_key: str, by: Account, at: datetime, day: date | None = None
) -> Voucher:
    """银行转账成功: lines of one batch that the bank carried out on `day` (default today) become one voucher.

    `bank_ref` is the bank's serial number. By the accountant, not by who made the batch. Confirming again with the same
    key or the same lines answers the first voucher. Raises Refused (returned lines, on hold, no bank_ref).
    """
    wanted = list(BatchLine.objects.filter(pk__in=[line.pk for line in lines]).select_related("batch").order_by("pk"))
    done = Voucher.objects.filter(form_key=form_key).select_related("fund__unit").first()
    if done is not None:
        require_role(by, Role.ACCOUNTANT, done.fund.unit)
        posted = set(done.postings.values_list("disbursement_id", flat=True))
        return require_same(done, {line.disbursement_id for line in wanted} <= posted)
    if not wanted or len({line.batch_id for line in wanted}) != 1:
        raise Refused(_("请选同一批次里银行已转账成功的行。"))
    rows = locked_all([line.disbursement_id for line in wanted])
    require_role(by, Role.ACCOUNTANT, rows[0].fund.unit)
    wanted = list(BatchLine.objects.filter(pk__in=[line.pk for line in wanted]).select_related("batch").order_by("line"))
    if all(line.state == BatchLine.State.PAID for line in wanted):
        return Posting.objects.filter(disbursement=rows[0], reverses=None).select_related("voucher").get().voucher
    if not bank_ref.strip():
        raise Refused(_("没有填银行流水号。请照银行回单填写。"))
    _require_pending(wanted)
    _require_another(wanted[0].batch, by)
    _require_payable(rows, method=Disbursement.Method.BANK, state=State.SENT, by=by)
    summary = _("银行付%(purpose)s %(n)d 笔（%(batch)s）") % {
        "purpose": rows[0].purpose, "n": len(rows), "batch": wanted[0].batch.number,
    }  # fmt: skip
    voucher = _pay(rows, credit=chart.BANK, bank_ref=bank_ref.strip(), day=day, summary=summary, form_key=form_key, by=by, at=at)
    BatchLine.objects.filter(pk__in=[line.pk for line in wanted]).update(
        state=BatchLine.State.PAID, bank_ref=bank_ref.strip(), decided_by=by, decided_at=at
    )
    for row in rows:
        record(
            "ledger.payment_confirmed", row, by=by, at=at, amount_fen=row.amount_fen, voucher=str(voucher),
            batch=wanted[0].batch.number, bank_ref=bank_ref.strip(), fund=row.fund.code,
        )  # fmt: skip
    reactions.call(reactions.on_paid, rows, by, at)
    return voucher


@recording
def mark_failed(line: BatchLine, *, reason: str, by: Account, at: datetime) -> Disbursement:
    """银行退回: the attempt is void, the sum is reserved as before and may be sent again under the same entitlement.

    Marking again with the attempt already failed answers the same row. Raises Refused (already paid, no reason).
    """
    row = locked_all([line.disbursement_id])[0]
    require_role(by, Role.ACCOUNTANT, row.fund.unit)
    attempt = BatchLine.objects.select_related("batch").get(pk=line.pk)
    if attempt.state == BatchLine.State.FAILED:
        return row
    if not reason.strip():
        raise Refused(_("没有填退回原因。请照银行回单填写，例如“户名不符”。"))
    require_no_kin(by, row.origin)
    _require_pending([attempt])
    require_state(row, State.SENT)
    attempt.state, attempt.reason, attempt.decided_by, attempt.decided_at = BatchLine.State.FAILED, reason.strip()[:200], by, at
    attempt.save(update_fields=["state", "reason", "decided_by", "decided_at"])
    row.state = State.RESERVED
    row.save(update_fields=["state"])
    record(
        "ledger.payment_failed",
        row,
        by=by,
        at=at,
        batch=attempt.batch.number,
        amount_fen=row.amount_fen,
        reason=Sealed(attempt.reason),
    )
    reactions.call(reactions.on_failed, [row], by, at)
    return row


@recording
def pay_cash(
    disbursements: Iterable[Disbursement] | Disbursement,
    *,
    form_key: str,
    by: Account,
    at: datetime,
    day: date | None = None,
) -> Voucher:
    """按名单发现金: these reserved cash payments of one fund are paid at once, with one voucher for the list.

    The same `form_key` again answers the first voucher. Raises Refused (on hold, not waiting, several funds, one's own).
    """
    wanted = [disbursements] if isinstance(disbursements, Disbursement) else list(disbursements)
    rows = locked_all([row.pk for row in wanted])
    require_role(by, Role.CASHIER, rows[0].fund.unit)
    done = Voucher.objects.filter(form_key=form_key).first()
    if done is not None:
        return require_same(done, {row.disbursement_id for row in done.postings.all()} == {row.pk for row in rows})
    _require_payable(rows, method=Disbursement.Method.CASH, state=State.RESERVED, by=by)
    summary = _("现金付%(purpose)s %(n)d 笔") % {"purpose": rows[0].purpose, "n": len(rows)}
    voucher = _pay(rows, credit=chart.CASH, bank_ref="", day=day, summary=summary, form_key=form_key, by=by, at=at)
    for row in rows:
        record(
            "ledger.cash_paid", row, by=by, at=at, amount_fen=row.amount_fen, voucher=str(voucher), fund=row.fund.code
        )  # fmt: skip
    reactions.call(reactions.on_paid, rows, by, at)
    return voucher


def _pay(
    rows: list[Disbursement],
    *,
    credit: str,
    bank_ref: str,
    day: date | None,
    summary: str,
    form_key: str,
    by: Account,
    at: datetime,
) -> Voucher:
    """Post locked disbursements of one fund: balance and reserved go down together."""
    day = day or today(at)
    if day > today(at):
        raise Refused(_("付款日期 %(day)s 还没到。请填实际付款的那一天。") % {"day": day})
    approved = max(today(row.reserved_at) for row in rows)
    if day < approved:  # a voucher of a month that was closed before anybody approved it
        raise Refused(
            _("付款日期 %(day)s 早于批准预留的日期 %(approved)s。请填实际付款的那一天。") % {"day": day, "approved": approved}
        )
    money = Money.lock(rows[0].fund_id, [row.restriction_id for row in rows])
    for row in rows:
        money.require_fit(row.restriction_id, row.programme, row.cause, row.purpose)
        money.move(row.restriction_id, balance_fen=-row.amount_fen, reserved_fen=-row.amount_fen)
    postings = [
        Posting(
            debit=money.fund.subject_code, credit=credit, amount_fen=row.amount_fen, restriction_id=row.restriction_id,
            household_no=row.household_no, person=row.person, programme=row.programme,
            entitlement_key=row.entitlement_key, disbursement=row,
        )
        for row in rows
    ]  # fmt: skip
    voucher = money.post(postings, kind=Voucher.Kind.PAYMENT, day=day, summary=summary, form_key=form_key, by=by, at=at)
    money.save()
    paid = {"state": State.PAID, "paid_at": at, "paid_day": day, "paid_by": by, "bank_ref": bank_ref}
    Disbursement.objects.filter(pk__in=[row.pk for row in rows]).update(**paid)
    for row in rows:
        for name, value in paid.items():
            setattr(row, name, value)
    return voucher


def _require_payable(rows: list[Disbursement], *, method: str, state: str, by: Account) -> None:
    if len({row.fund_id for row in rows}) != 1:
        raise Refused(_("选中的款来自不同的基金。一批只付一个基金，请分开办。"))
    for row in rows:
        require_state(row, state)
        if row.method != method:
            raise Refused(
                _("%(name)s的款是%(method)s，不能这样付。请另外办，或先改付款方式。")
                % {"name": row.payee_name, "method": row.get_method_display()}
            )
        require_not_payee(row, by)
    require_no_hold(rows)


def require_not_payee(row: Disbursement, by: Account) -> None:
    """付款人不能是领款人. By account; where the payee has none, by name. Source: contracts.md "Roles"."""
    own = row.payee_account_id == by.pk if row.payee_account_id else row.payee_name == by.name
    if own:
        raise Refused(_("%(name)s是领款人，不能自己给自己付款。请另一位出纳或会计来办。") % {"name": by.name})


def _require_pending(lines: list[BatchLine]) -> None:
    for line in lines:
        if line.state != BatchLine.State.PENDING:
            raise Refused(
                _("%(name)s这一行已登记为“%(state)s”，不能再改。") % {"name": line.payee_name, "state": line.get_state_display()}
            )


def _require_another(batch: Batch, by: Account) -> None:
    if batch.made_by_id == by.pk:
        raise Refused(_("批次是您自己做的，要由另一位会计确认付款结果。"))


def _batch_number(row: Disbursement, at: datetime) -> str:
    organisation, year = row.fund.unit, today(at).year
    number = Counter.next(f"batch:{organisation.code}:{year}")
    return f"{organisation.prefix or organisation.code.upper()}-P{year}-{number:04d}"
