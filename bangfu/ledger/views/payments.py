"""What is to be paid, the batches for the bank, and each payment's own page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.kin import of_others
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, roles_of
from bangfu.audit.queries import timeline
from bangfu.ledger import documents, flow, queries
from bangfu.ledger.flow.reservation import APPROVERS
from bangfu.ledger.forms import ConfirmationForm, FailureForm, PayeeAccountForm, PayoutForm, ReasonForm, SignatureForm
from bangfu.ledger.models import Batch, BatchLine, Disbursement, Fund, Hold, Voucher
from bangfu.ledger.receipt import digest_of, number_of, posting_of
from bangfu.lib import panels
from bangfu.lib.days import now, today

State, Method = Disbursement.State, Disbursement.Method
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
FILE_FORMS = ("xlsx", "csv")
#: The views of the list: key -> filter on disbursements.
VIEWS: dict[str, Q] = {
    "bank": Q(state=State.RESERVED, method=Method.BANK),
    "cash": Q(state=State.RESERVED, method=Method.CASH),
    "sent": Q(state=State.SENT),
    "sign": Q(state=State.PAID, receipted_at=None),
    "done": Q(state=State.PAID, receipted_at__isnull=False),
    "void": Q(state__in=[State.RELEASED, State.REVERSED]),
}


def disbursements(request: HttpRequest) -> HttpResponse:
    """The list by what has to happen next (?view=bank|cash|sent|sign|done|void), searchable (?q=), by fund (?fund=)."""
    account: Account = request.user  # type: ignore[assignment]
    counts = Disbursement.objects.visible_to(account).aggregate(**{name: Count("pk", filter=rule) for name, rule in VIEWS.items()})
    view = request.GET.get("view", "")
    if view not in VIEWS:
        view = next((name for name in ("bank", "cash", "sent", "sign") if counts[name]), "bank")
    rows = _filtered(request, account, view)
    page = Paginator(rows, _per(request)).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    titles = {
        "bank": _("待付·银行"), "cash": _("待付·现金"), "sent": _("已送银行"), "sign": _("待签收"), "done": _("已签收"),
        "void": _("取消与冲销"),
    }  # fmt: skip
    context = {
        "view": view,
        "tabs": [{"title": titles[name], "url": f"?view={name}", "count": counts[name], "current": name == view} for name in VIEWS],
        "title": titles[view],
        "page": page,
        "rows": shown,
        "page_fen": sum(row.amount_fen for row in shown),
        "total_fen": rows.aggregate(fen=Sum("amount_fen"))["fen"] or 0,
        "may_pay": view in ("bank", "cash") and Role.CASHIER in roles_of(account),
        "q": request.GET.get("q", ""),
        "funds": Fund.objects.visible_to(account),
        "fund": request.GET.get("fund", ""),
    }
    return render(request, "ledger/disbursements.html", context)


def payout(request: HttpRequest) -> HttpResponse:
    """The last look before money leaves: the picked rows, their sum, what stops them. POST makes the batch or pays cash."""
    account: Account = request.user  # type: ignore[assignment]
    source = request.POST if request.method == "POST" else request.GET
    method = Method.CASH if source.get("method") == Method.CASH else Method.BANK
    if source.get("all") == "1":
        rows = list(_filtered(request, account, method))
    else:
        picked = [int(pk) for pk in source.getlist("pick") if pk.isdecimal() and len(pk) < 18]
        rows = list(
            queries.with_state(Disbursement.objects.visible_to(account).filter(pk__in=picked)).select_related("fund", "unit")
        )
    if not rows:
        messages.warning(request, _("还没有选要付的款。在行首打勾，再点付款。"))
        return redirect(f"{reverse('disbursements')}?view={method}")
    form = PayoutForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        done = _pay(request, rows, method, form, account)
        if done is not None:
            return done
    context = {
        "rows": rows,
        "method": method,
        "is_cash": method == Method.CASH,
        "total_fen": sum(row.amount_fen for row in rows),
        "held": [row for row in rows if row.hold],  # type: ignore[attr-defined]
        "cardless": [row for row in rows if method == Method.BANK and not row.card_tail4],
        "form": form if form.is_bound else PayoutForm(initial={"day": today(now())}),
        "back": f"{reverse('disbursements')}?view={method}",
    }
    return render(request, "ledger/payout.html", context, status=422 if form.is_bound and form.errors else 200)


def _pay(request: HttpRequest, rows: list[Disbursement], method: str, form: PayoutForm, account: Account) -> HttpResponse | None:
    key = form.cleaned_data["form_key"]
    if method == Method.BANK:
        batch, refusal = attempt(request, flow.make_batch, [row.pk for row in rows], form_key=key, by=account, at=now())
        return None if refusal else redirect("batch", batch.pk)
    day = form.cleaned_data["day"]
    voucher, refusal = attempt(request, flow.pay_cash, rows, form_key=key, day=day, by=account, at=now())
    return None if refusal else redirect("voucher", voucher.pk)


def batches(request: HttpRequest) -> HttpResponse:
    """All batches, newest first, with what is still open; counts and sums without one's own and one's kin's (ADR 9)."""
    seen = of_others(request.user, "lines__disbursement__origin")  # type: ignore[arg-type]
    rows = (
        Batch.objects.visible_to(request.user)  # type: ignore[arg-type]
        .select_related("fund", "made_by")
        .annotate(
            seen_count=Count("lines", filter=seen),
            seen_fen=Sum("lines__amount_fen", filter=seen, default=0),
            pending=Count("lines", filter=seen & Q(lines__state=BatchLine.State.PENDING)),
            failed=Count("lines", filter=seen & Q(lines__state=BatchLine.State.FAILED)),
        )
        .order_by("-pk")
    )
    page = Paginator(rows, _per(request)).get_page(request.GET.get("page"))
    return render(request, "ledger/batches.html", {"page": page})


def batch(request: HttpRequest, pk: int, form: ConfirmationForm | None = None) -> HttpResponse:
    """One batch: the file, and what the bank answered for each line."""
    row = _batch(request, pk)
    stopped = Hold.objects.open().filter(origin=OuterRef("disbursement__origin")).order_by("pk").values("reason")[:1]
    seen = BatchLine.objects.visible_to(request.user).filter(batch=row)  # type: ignore[arg-type]
    lines = list(seen.select_related("disbursement").annotate(hold=Subquery(stopped)).order_by("line"))
    pending = [line for line in lines if line.state == BatchLine.State.PENDING]
    good = [line for line in lines if line.state == BatchLine.State.PAID]
    context = {
        "batch": row,
        "total_fen": sum(line.amount_fen for line in lines),
        "kept": row.count - len(lines),
        "lines": lines,
        "pending": len(pending),
        "pending_fen": sum(line.amount_fen for line in pending),
        "paid_fen": sum(line.amount_fen for line in good),
        "failed_fen": sum(line.amount_fen for line in lines if line.state == BatchLine.State.FAILED),
        "form": form or ConfirmationForm(initial={"day": today(now())}),
        "may_confirm": bool(pending) and has_role(request.user, Role.ACCOUNTANT, row.fund.unit),  # type: ignore[arg-type]
        "may_download": has_role(request.user, {Role.CASHIER, Role.ACCOUNTANT}, row.fund.unit),  # type: ignore[arg-type]
        "is_own": row.made_by_id == request.user.pk,
    }
    return render(request, "ledger/batch.html", context, status=422 if form is not None and form.errors else 200)


def batch_file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The file for the bank, with card numbers in clear; a POST because taking it is recorded."""
    row = _batch(request, pk)
    if form not in FILE_FORMS:
        raise Http404
    lines, refusal = attempt(request, flow.read_batch, row, form=form, by=request.user, at=now())
    if refusal is not None:
        return redirect("batch", pk)
    content = documents.bank_file(lines, number=row.number, form=form)
    return attachment(content, f"{row.number}.{form}", XLSX if form == "xlsx" else "text/csv; charset=utf-8")


def batch_confirmation(request: HttpRequest, pk: int) -> HttpResponse:
    """登记银行付款成功: the picked lines, or all that are pending."""
    row = _batch(request, pk)
    form = ConfirmationForm(request.POST)
    if not form.is_valid():
        return batch(request, pk, form)
    if request.POST.get("all") == "1":
        wanted = list(row.lines.filter(state=BatchLine.State.PENDING))
    else:
        wanted = list(row.lines.filter(line__in=_numbers(request.POST.getlist("pick"))))
    voucher, refusal = attempt(request, flow.confirm_lines, wanted, by=request.user, at=now(), **form.cleaned_data)
    return redirect("batch", pk) if refusal else redirect("voucher", voucher.pk)


def batch_line_failure(request: HttpRequest, pk: int) -> HttpResponse:
    """登记银行退回."""
    lines = BatchLine.objects.visible_to(request.user).select_related("batch")  # type: ignore[arg-type]
    line = get_object_or_404(lines, pk=pk)
    form = FailureForm(request.POST)
    if form.is_valid():
        row, refusal = attempt(request, flow.mark_failed, line, by=request.user, at=now(), **form.cleaned_data)
        if refusal is None:
            messages.success(
                request, _("%(name)s的一笔已登记退回，钱回到已批未付。改好账户后可以再送银行。") % {"name": row.payee_name}
            )
    else:
        messages.error(request, _("没有填退回原因。请照银行回单填写，例如“户名不符”。"))
    return redirect("batch", line.batch_id)


def disbursement(
    request: HttpRequest, pk: int, account_form: PayeeAccountForm | None = None, sign_form: SignatureForm | None = None
) -> HttpResponse:
    """One payment: where it stands, its attempts, holds, receipt and signatures."""
    row = _disbursement(request, pk)
    user: Account = request.user  # type: ignore[assignment]
    posting = posting_of(row)
    bad = account_form or sign_form
    first = {"method": row.method, "bank_name": row.bank_name}
    context: dict[str, Any] = {
        "row": row,
        "posting": posting,
        "number": number_of(posting) if posting else "",
        "digest": digest_of(row, posting) if posting else "",
        "attempts": row.lines.select_related("batch").order_by("-pk"),
        "holds": list(queries.holds_of(row.origin)),
        "rows": _rows(row),
        "panels": panels.of("ledger.disbursement", roles_of(user)),
        "account_form": account_form or PayeeAccountForm(initial=first),
        "sign_form": sign_form or SignatureForm(),
        "form": bad,
        "may_sign_payee": row.is_paid and row.payee_signed_at is None and Role.CASHIER in roles_of(user),
        "may_sign_payer": row.is_paid and row.payer_signed_at is None and Role.CASHIER in roles_of(user),
        "may_pay": row.is_to_pay and has_role(user, Role.CASHIER, row.fund.unit),
        "may_change": row.is_to_pay and has_role(user, Role.ACCOUNTANT, row.fund.unit),
        "may_release": row.is_to_pay and has_role(user, APPROVERS | {Role.ACCOUNTANT}, row.fund.unit),
        "may_hold": row.state in (State.RESERVED, State.SENT),
        "may_lift": has_role(user, {Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR, Role.AUDITOR}, row.unit),
    }
    return render(request, "ledger/disbursement.html", context, status=422 if bad is not None and bad.errors else 200)


def disbursement_account(request: HttpRequest, pk: int) -> HttpResponse:
    """改收款账户."""
    row = _disbursement(request, pk)
    form = PayeeAccountForm(request.POST)
    if not form.is_valid():
        return disbursement(request, pk, account_form=form)
    attempt(request, flow.change_payee_account, row, by=request.user, at=now(), **form.cleaned_data)
    return redirect("disbursement", pk)


def disbursement_release(request: HttpRequest, pk: int) -> HttpResponse:
    """取消预留."""
    row, form = _disbursement(request, pk), ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    attempt(request, flow.release, row, reason=reason, by=request.user, at=now())
    return redirect("disbursement", pk)


def disbursement_hold(request: HttpRequest, pk: int) -> HttpResponse:
    """暂停付款."""
    row, form = _disbursement(request, pk), ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    attempt(request, flow.place_hold, row.origin, reason=reason, unit=row.unit, by=request.user, at=now())
    return redirect("disbursement", pk)


def hold_lifting(request: HttpRequest, pk: int) -> HttpResponse:
    """解除暂停."""
    hold = get_object_or_404(Hold.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    form = ReasonForm(request.POST)
    attempt(request, flow.lift_hold, hold, why=form.cleaned_data["reason"] if form.is_valid() else "", by=request.user, at=now())
    paid = Disbursement.objects.visible_to(request.user).filter(origin=hold.origin).order_by("-pk").first()  # type: ignore[arg-type]
    return redirect("disbursement", paid.pk) if paid else redirect("disbursements")


def disbursement_receipt(request: HttpRequest, pk: int) -> HttpResponse:
    """GET: the receipt as PDF. POST: one side signs it."""
    row = _disbursement(request, pk)
    if request.method != "POST":
        content, refusal = attempt(request, documents.receipt_pdf, row, site=request.build_absolute_uri("/").rstrip("/"))
        return redirect("disbursement", pk) if refusal else inline_pdf(content, f"receipt-{row.check_code}.pdf")
    form = SignatureForm(request.POST, request.FILES)
    if not form.is_valid():
        return disbursement(request, pk, sign_form=form)
    attempt(request, flow.sign_receipt, row, form.cleaned_data["side"], by=request.user, at=now(), **form.signature())
    return redirect("disbursement", pk)


def voucher_list(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """The list of a cash voucher, to be signed: PDF or workbook."""
    vouchers = Voucher.objects.visible_to(request.user).select_related("fund__unit")  # type: ignore[arg-type]
    row = get_object_or_404(vouchers, pk=pk, kind=Voucher.Kind.PAYMENT)
    if form not in ("pdf", "xlsx"):
        raise Http404
    paid, refusal = attempt(request, flow.read_list, row, form=form, by=request.user, at=now())
    if refusal is not None:
        return redirect("voucher", pk)
    if form == "pdf":
        return inline_pdf(documents.cash_list_pdf(row, paid), f"{row.fund.code}-{row}.pdf")
    return attachment(documents.cash_list_xlsx(row, paid), f"{row.fund.code}-{row}.xlsx", XLSX)


def voucher_signature(request: HttpRequest, pk: int) -> HttpResponse:
    """签收表: the payer signs all sums of a voucher, or the photo of the paper that all payees signed is handed in."""
    row = get_object_or_404(Voucher.objects.visible_to(request.user), pk=pk, kind=Voucher.Kind.PAYMENT)  # type: ignore[arg-type]
    form = SignatureForm(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("voucher", pk)
    paid = list(queries.signed_by_list(row))
    signed, _refusal = attempt(
        request, flow.sign_list, paid, form.cleaned_data["side"], by=request.user, at=now(), **form.signature()
    )
    if signed is not None:
        messages.success(request, _("%(n)d 笔已签字。") % {"n": len(signed)})
    return redirect("voucher", pk)


def attachment(content: bytes, name: str, media_type: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=media_type, headers=headers)


def inline_pdf(content: bytes, name: str) -> HttpResponse:
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def _filtered(request: HttpRequest, account: Account, view: str) -> QuerySet[Disbursement]:
    source = request.POST if request.method == "POST" else request.GET
    rows = Disbursement.objects.visible_to(account).filter(VIEWS[view])
    words = source.get("q", "").strip()
    if words:
        rows = rows.filter(Q(payee_name__contains=words) | Q(reference__icontains=words) | Q(household_no__icontains=words))
    if source.get("fund", "").isdecimal():
        rows = rows.filter(fund=int(source["fund"][:18]))
    order = "-paid_at" if view in ("done", "void") else "pk"
    return queries.with_state(rows).select_related("fund", "unit").order_by(order)


def _rows(row: Disbursement) -> list[dict[str, Any]]:
    """The timeline of a payment and of its holds."""
    icons = {
        "hold_placed": "hand-stop",
        "payment_failed": "arrow-back-up",
        "receipt_signed": "signature",
        "document_signed": "pencil",
    }
    return [
        {
            "at": entry.at,
            "icon": icons.get(entry.kind.partition(".")[2], "cash"),
            "text": entry.words,
            "detail": " · ".join(
                part for part in (entry.who, str(entry.facts.get("reason") or entry.facts.get("batch") or "")) if part
            ),
            "amount_fen": entry.facts.get("amount_fen"),
        }
        for entry in timeline(row, row.origin)
        if entry.kind.startswith("ledger.")
    ]


def _disbursement(request: HttpRequest, pk: int) -> Disbursement:
    rows = queries.with_state(Disbursement.objects.visible_to(request.user))  # type: ignore[arg-type]
    return get_object_or_404(rows.select_related("fund__unit", "unit", "restriction", "paid_by", "reserved_by"), pk=pk)


def _batch(request: HttpRequest, pk: int) -> Batch:
    rows = Batch.objects.visible_to(request.user).select_related("fund__unit", "made_by")  # type: ignore[arg-type]
    return get_object_or_404(rows, pk=pk)


def _numbers(texts: list[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 10]


def _per(request: HttpRequest) -> int:
    wanted = request.GET.get("per", "")
    return int(wanted) if wanted in ("20", "50", "100") else 20
