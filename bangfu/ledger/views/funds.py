"""Funds, their statements and vouchers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.forms import DayField
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, posts_of, roles_of
from bangfu.ledger import flow, queries, reactions
from bangfu.ledger.forms import FundForm, IncomeForm, RestrictionForm, ReversalForm
from bangfu.ledger.models import Fund, Posting, Subject, Voucher
from bangfu.lib.days import now, today


def funds(request: HttpRequest) -> HttpResponse:
    """All funds of the organisation with balance − reserved = available; the accountant opens a new one."""
    account: Account = request.user  # type: ignore[assignment]
    form = FundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        organisation = next(post.unit.organisation for post in posts_of(account) if post.role == Role.ACCOUNTANT)
        fund, refusal = attempt(request, flow.open_fund, organisation, by=account, at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("fund", fund.pk)
    rows = list(Fund.objects.visible_to(account).prefetch_related("restrictions").select_related("unit"))
    context = {
        "funds": rows,
        "balance_fen": sum(fund.balance_fen for fund in rows),
        "reserved_fen": sum(fund.reserved_fen for fund in rows),
        "available_fen": sum(fund.available_fen for fund in rows),
        "form": form,
        "may_open": Role.ACCOUNTANT in roles_of(account),
    }
    return render(request, "ledger/funds.html", context, status=_status(form))


def fund(request: HttpRequest, pk: int) -> HttpResponse:
    """One fund: its equation, the account of a period (?from=&to=, both days inclusive), its vouchers."""
    return _fund_page(request, pk)


def fund_income(request: HttpRequest, pk: int) -> HttpResponse:
    """收款入账."""
    row = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    form = IncomeForm(request.POST, fund=row, today=today(now()))
    if form.is_valid():
        voucher, refusal = attempt(request, flow.receive, row, by=request.user, at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("voucher", voucher.pk)
    return _fund_page(request, pk, income=form)


def fund_restrictions(request: HttpRequest, pk: int) -> HttpResponse:
    """设专款."""
    row = get_object_or_404(Fund.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    form = RestrictionForm(request.POST, unit=row.unit)
    if form.is_valid():
        _share, refusal = attempt(request, flow.open_restriction, row, by=request.user, at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("fund", pk)
    return _fund_page(request, pk, restriction=form)


def voucher(request: HttpRequest, pk: int, form: ReversalForm | None = None) -> HttpResponse:
    """One voucher: its rows, what it paid, what undid it."""
    rows = Voucher.objects.visible_to(request.user).select_related("fund__unit", "made_by")  # type: ignore[arg-type]
    row = get_object_or_404(rows, pk=pk)
    postings = list(
        Posting.objects.filter(voucher=row).select_related(
            "restriction", "disbursement", "reverses__voucher", "reversed_by__voucher"
        )
    )
    names = dict(Subject.objects.filter(unit=row.fund.unit).values_list("code", "name"))
    seen = queries.lines_of_others(row, request.user)  # type: ignore[arg-type]
    lines = [(posting, names.get(posting.debit, ""), names.get(posting.credit, ""), posting.pk in seen) for posting in postings]
    is_whole = len(seen) == len(postings)  # else one's own or one's kin's stands on it (ADR 9)
    open_lines = [posting.line for posting in postings if not hasattr(posting, "reversed_by")]
    may_reverse = bool(
        is_whole and open_lines and row.kind != Voucher.Kind.REVERSAL and has_role(request.user, Role.ACCOUNTANT, row.fund.unit)  # type: ignore[arg-type]
    )
    paid = list(queries.signed_by_list(row)) if row.kind == Voucher.Kind.PAYMENT and is_whole else []
    context = {
        "voucher": row,
        "paid": paid,
        "to_sign": {side: sum(getattr(one, f"{side}_signed_at") is None for one in paid) for side in ("payee", "payer")},
        "may_sign": has_role(request.user, Role.CASHIER, row.fund.unit),  # type: ignore[arg-type]
        "lines": lines,
        "is_whole": is_whole,
        "summary": row.summary if is_whole else "",
        "total_fen": sum(posting.amount_fen for posting in postings),
        "is_payment": row.kind == Voucher.Kind.PAYMENT and is_whole,
        "is_reversed": not open_lines,
        "is_reversal": row.kind == Voucher.Kind.REVERSAL,
        "may_reverse": may_reverse,
        "form": form or ReversalForm(lines=open_lines),
    }
    return render(request, "ledger/voucher.html", context, status=_status(form))


def voucher_reversal(request: HttpRequest, pk: int) -> HttpResponse:
    """红字冲销."""
    row = get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    form = ReversalForm(request.POST, lines=list(row.postings.values_list("line", flat=True)))
    if not form.is_valid():
        return voucher(request, pk, form)
    red, refusal = attempt(
        request, flow.reverse, row, reason=form.cleaned_data["reason"], form_key=form.cleaned_data["form_key"],
        lines=form.chosen, by=request.user, at=now(),
    )  # fmt: skip
    return redirect("voucher", pk if refusal else red.pk)


def _fund_page(
    request: HttpRequest, pk: int, income: IncomeForm | None = None, restriction: RestrictionForm | None = None
) -> HttpResponse:
    row = get_object_or_404(Fund.objects.visible_to(request.user).select_related("unit"), pk=pk)  # type: ignore[arg-type]
    day = today(now())
    first, last = _day(request, "from", date(day.year, 1, 1)), _day(request, "to", day)
    account = queries.statement(row, first, last + timedelta(days=1))
    page = Paginator(account.entries[::-1], _per(request)).get_page(request.GET.get("page"))
    roles = {Role.ACCOUNTANT, Role.CASHIER}
    bad = income or restriction
    context = {
        "fund": row,
        "shares": _shares(row),
        "account": account,
        "first": first,
        "last": last,
        "page": page,
        "form": bad or IncomeForm(fund=row, today=day),
        "income": income or IncomeForm(fund=row, today=day),
        "restriction": restriction or RestrictionForm(unit=row.unit),
        "may_receive": has_role(request.user, roles, row.unit),  # type: ignore[arg-type]
        "may_restrict": has_role(request.user, Role.ACCOUNTANT, row.unit),  # type: ignore[arg-type]
    }
    return render(request, "ledger/fund.html", context, status=_status(bad))


def _shares(fund: Fund) -> list[Any]:
    """The shares of a fund, each with `ties`: what it pays only, in words."""
    programmes, causes = reactions.ties_of(fund.unit)
    shares = list(fund.restrictions.all())
    for share in shares:
        words = [programmes.get(code, code) for code in share.programmes]
        words += [str(causes.get(code, code)) for code in share.causes]
        share.ties = _("、").join(words) or _("不限")  # type: ignore[attr-defined]
    return shares


def _status(form: object) -> int:
    return 422 if getattr(form, "is_bound", False) and getattr(form, "errors", None) else 200


def _day(request: HttpRequest, name: str, default: date) -> date:
    """A day of the address; what is no day is the default."""
    try:
        return DayField(required=False).clean(request.GET.get(name, "")) or default
    except Exception:  # noqa: BLE001 - a filter in an address is never an error
        return default


def _per(request: HttpRequest) -> int:
    wanted = request.GET.get("per", "")
    return int(wanted) if wanted in ("20", "50", "100") else 20
