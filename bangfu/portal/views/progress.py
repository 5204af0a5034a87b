"""One application of the worker's own: how far it is, what she may do about it."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.evidence.models import SignOff
from bangfu.household.queries import consents_of, who_saw
from bangfu.ledger.flow import sign_receipt
from bangfu.ledger.models import Disbursement
from bangfu.lib.days import now
from bangfu.lib.errors import Refused
from bangfu.portal.forms import AgainForm, SignatureForm, WithdrawForm
from bangfu.portal.matter import matter_of
from bangfu.portal.papers import rows_of_case, uploads
from bangfu.portal.progress import rows_of, where_words
from bangfu.portal.queries import application_of
from bangfu.portal.standing import amount_lines, amount_title, refusal_of, standing_of
from bangfu.process import flow as process
from bangfu.process.models import Paper
from bangfu.process.views.verbs import version_of


def _matter(request: HttpRequest, number: str):  # noqa: ANN202
    return matter_of(application_of(request.user, number), now())  # type: ignore[arg-type]


def progress(request: HttpRequest, number: str) -> HttpResponse:
    """The state is the title; what she has to do is the second sentence. Source: LOOK.md 7."""
    matter = _matter(request, number)
    household = matter.case.household
    assert household is not None
    context = {
        "matter": matter,
        "case": matter.case,
        "award": matter.award,
        "standing": standing_of(matter),
        "rows": rows_of(matter),
        "amount_title": amount_title(matter),
        "amount_lines": amount_lines(matter),
        "refusal": refusal_of(matter),
        "seen": len(who_saw(household)),
        "answered": sum(answer is not None for answer in consents_of(household).values()),
        "handler": matter.case.handler,
        "telephone": matter.case.unit.organisation.phone,
    }
    return render(request, "portal/progress.html", context)


def sent(request: HttpRequest, number: str) -> HttpResponse:
    """已提交: the number, what comes and when, whom to call, what is missing. The address works later too."""
    matter = _matter(request, number)
    context = {
        "case": matter.case,
        "asked_fen": matter.award.asked_fen if matter.award else None,
        "rows": rows_of(matter),
        "missing": matter.missing,
        "signed_url": matter.signed_url,
        "telephone": matter.case.unit.organisation.phone,
    }
    return render(request, "portal/sent.html", context)


def papers(request: HttpRequest, number: str) -> HttpResponse:
    """补材料 to a running case, one file after another; her own can be taken back."""
    matter = _matter(request, number)
    case, by = matter.case, request.user
    refused = case.household is not None and consents_of(case.household)["health"] is False
    rows = rows_of_case(case, matter.on, refused_health=refused)
    if request.method != "POST":
        return render(request, "portal/case_papers.html", {"case": case, "rows": rows, "back": "my-progress"})
    remove, added = request.POST.get("remove", ""), 0
    if remove.isdecimal() and len(remove) < 18:
        paper = Paper.objects.filter(case=case, added_by=by, pk=int(remove)).first()  # type: ignore[misc]
        if paper is not None:
            attempt(request, process.remove_paper, paper, reason=_("本人撤下重交"), by=by, at=matter.at)
        return redirect("my-papers", number)
    problems = []
    for row, upload in uploads(request, rows):
        try:
            process.add_paper(case.pk, item=row.id, content=upload.read(), name=upload.name or "", by=by, at=matter.at)  # type: ignore[arg-type]
            added += 1
        except Refused as refusal:
            row.error = str(refusal)
            problems.append(row)
    if problems:
        errors = {row.id: row.error for row in problems}
        rows = rows_of_case(case, matter.on, refused_health=refused)
        for row in rows:
            row.error = errors.get(row.id, "")
        context = {"case": case, "rows": rows, "problems": [row for row in rows if row.error]}
        return render(request, "portal/case_papers.html", context, status=422)
    if added:
        messages.success(request, _("收到 %(n)d 份材料。") % {"n": added})
    return redirect("my-progress", number)


def withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    """撤回申请, after one question."""
    matter = _matter(request, number)
    form = WithdrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        reason = form.cleaned_data["reason"] or _("本人撤回")
        _case, refusal = attempt(
            request, process.withdraw, matter.case.pk, version=version_of(request), reason=reason, by=request.user, at=matter.at
        )
        if refusal is None:
            return redirect("my-progress", number)
    context = {"case": matter.case, "form": form, "may": matter.may_withdraw}
    return render(request, "portal/withdrawal.html", context, status=422 if request.method == "POST" else 200)


def second_request(request: HttpRequest, number: str) -> HttpResponse:
    """再请评审会看一次: once."""
    matter = _matter(request, number)
    form = AgainForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        _case, refusal = attempt(
            request,
            process.ask_again,
            matter.case.pk,
            version=version_of(request),
            text=form.cleaned_data["text"],
            by=request.user,
            at=matter.at,
        )
        if refusal is None:
            return redirect("my-progress", number)
    context = {"case": matter.case, "form": form, "refusal": refusal_of(matter), "may": standing_of(matter).act == "ask_again"}
    return render(request, "portal/second_request.html", context, status=422 if request.method == "POST" else 200)


def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """签收 on the phone: the sum in figures and words, her drawn signature."""
    matter = _matter(request, number)
    payment = matter.payment
    if payment is None or payment.state != Disbursement.State.PAID:
        return redirect("my-progress", number)
    form = SignatureForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        picture = form.cleaned_data["signature"]
        how = SignOff.How.DRAWN if picture else SignOff.How.CLICKED
        _row, refusal = attempt(request, sign_receipt, payment, "payee", how=how, picture=picture, by=request.user, at=matter.at)
        if refusal is None:
            messages.success(request, _("已签收，谢谢您。"))
            return redirect("my-progress", number)
    context = {"case": matter.case, "payment": payment, "form": form, "where": where_words(matter)}
    return render(request, "portal/sign_receipt.html", context, status=422 if request.method == "POST" else 200)
