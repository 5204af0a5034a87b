"""Open a fund, set a restricted share apart, take in money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.ledger import chart
from bangfu.ledger.form_key import require_same
from bangfu.ledger.models import Fund, Posting, Restriction, Subject, Voucher
from bangfu.ledger.money import Money
from bangfu.lib import codes
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.money import CAP_FEN, yuan

#: 999,999.99 yuan: a single payment above this is a slip of the pen unless the fund says otherwise. Source: S1-13.
PAYMENT_CAP_FEN = 99_999_999


@recording
def open_fund(
    unit: Unit,
    *,
    code: str,
    name: str,
    subject_code: str = "5101",
    subject_name: str = "",
    cap_fen: int = PAYMENT_CAP_FEN,
    by: Account,
    at: datetime,
) -> Fund:
    """开立基金: with its own subject for spending and an unrestricted share. `unit` is the organisation.

    `cap_fen`: no single payment above it. Raises Refused (code taken, wrong subject), PermissionDenied. Source: S1-10.
    """
    require_role(by, Role.ACCOUNTANT, unit)
    if unit.parent_id is not None:
        raise Refused(_("基金归整个组织管，不能开在下级单位。请选“%(name)s”。") % {"name": unit.organisation.name})
    if not (subject_code.isdigit() and subject_code.startswith("5") and 3 <= len(subject_code) <= 10):
        raise Refused(_("支出科目要是 5 开头的数字编码，例如 5101。请照工会账簿填写。"))
    if Fund.objects.filter(unit=unit, code=code).exists():
        raise Refused(_("基金编码“%(code)s”已经用过了。换一个编码。") % {"code": code})
    names = chart.SUBJECTS | {subject_code: subject_name or name}
    Subject.objects.bulk_create(
        [Subject(unit=unit, code=number, name=str(title)) for number, title in names.items()], ignore_conflicts=True
    )
    fund = Fund.objects.create(unit=unit, code=code, name=name, subject_code=subject_code, cap_fen=cap_fen)
    Restriction.objects.create(fund=fund, code="", title=_("非限定"))
    record("ledger.fund_opened", fund, by=by, at=at, code=code, name=name, subject=subject_code, cap_fen=cap_fen)
    return fund


@recording
def open_restriction(
    fund: Fund, *, code: str, title: str, programmes: Sequence[str] = (), causes: Sequence[str] = (), by: Account, at: datetime
) -> Restriction:
    """设专款: a share that pays only `programmes` and only for `causes` (codes; empty = any). Raises Refused (code taken). Source: S1-10."""
    require_role(by, Role.ACCOUNTANT, fund.unit)
    if not code or Restriction.objects.filter(fund=fund, code=code).exists():
        raise Refused(_("专款编码“%(code)s”是空的或已经用过了。换一个编码。") % {"code": code})
    restriction = Restriction.objects.create(
        fund=fund, code=code, title=title, programmes=sorted(set(programmes)), causes=sorted(set(causes))
    )
    record(
        "ledger.restriction_opened", restriction, by=by, at=at, unit=fund.unit, fund=fund.code, code=code,
        title=title, programmes=restriction.programmes, causes=restriction.causes,
    )  # fmt: skip
    return restriction


@recording
def receive(
    fund: Fund,
    *,
    amount_fen: int,
    source: str,
    day: date | None = None,
    summary: str = "",
    donor: str = "",
    restriction: Restriction | None = None,
    method: str = "bank",
    form_key: str,
    by: Account,
    at: datetime,
) -> Voucher:
    """收款入账: `source` is a code of the list fund_source, or "0" for an opening balance; into the bank or the cash box.

    `day` is when the money came (default: today, never later). `donor` is empty for an anonymous gift (S0-12). The same
    `form_key` again answers the first voucher. Raises Refused (amount, source, day), PermissionDenied.
    """
    require_role(by, {Role.ACCOUNTANT, Role.CASHIER}, fund.unit)
    day = _received_on(day, at)
    _check_income(amount_fen, source)
    share = restriction or Restriction.objects.get(fund=fund, code="")
    money = Money.lock(fund.pk, [share.pk])
    if share.pk not in money.restrictions:
        raise Refused(_("专款“%(title)s”不属于%(fund)s。重新选择。") % {"title": share.title, "fund": fund.name})
    done = Voucher.objects.filter(form_key=form_key).first()
    if done is not None:
        first = done.postings.get()
        return require_same(done, (first.restriction_id, first.amount_fen, first.source) == (share.pk, amount_fen, source))
    money.move(share.pk, balance_fen=amount_fen)
    row = Posting(
        debit=chart.CASH if method == "cash" else chart.BANK, credit=chart.INCOME_OF_SOURCE[source], amount_fen=amount_fen,
        restriction=share, source=source,
    )  # fmt: skip
    text = summary or _("收到%(source)s") % {"source": source_title(source)}
    if donor:
        text = _("%(text)s（%(donor)s）") % {"text": text, "donor": donor}
    voucher = money.post([row], kind=Voucher.Kind.INCOME, day=day, summary=text, form_key=form_key, by=by, at=at)
    money.save()
    record(
        "ledger.income_received", voucher, by=by, at=at, unit=money.fund.unit, fund=fund.code, voucher=str(voucher),
        amount_fen=amount_fen, source=source, restriction=share.code,
    )  # fmt: skip
    return voucher


def source_title(source: str) -> str:
    """The words of a source code."""
    return _("期初结余") if source == chart.OPENING_SOURCE else dict(codes.choices("fund_source")).get(source, source)


def _received_on(day: date | None, at: datetime) -> date:
    if day is not None and day > today(at):
        raise Refused(_("到账日期 %(day)s 还没到。请填实际到账的那一天。") % {"day": day})
    return day or today(at)


def _check_income(amount_fen: int, source: str) -> None:
    if not 0 < amount_fen <= CAP_FEN:
        raise Refused(
            _("收款金额 %(amount)s 元不合常理（应大于 0，不超过 %(cap)s 元）。请核对是不是单位写错或多写了零。")
            % {"amount": yuan(amount_fen), "cap": yuan(CAP_FEN)}
        )
    if source not in chart.INCOME_OF_SOURCE:
        raise Refused(_("没有“%(source)s”这种资金来源。请从列表里选。") % {"source": source})
