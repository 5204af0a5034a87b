"""Files on their way between units: what waits for us, what we gave, what came."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.household import flow, grades
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.models import Household, Transfer
from bangfu.lib.days import now, today


def transfers(request: HttpRequest) -> HttpResponse:
    """Both units see the row; the file itself only who has it."""
    account: Account = request.user  # type: ignore[assignment]
    rows = Transfer.objects.visible_to(account).select_related("from_unit", "to_unit", "asked_by", "answered_by", "household__unit")
    rows = rows.defer("household__identity", "household__phone", "household__card", "household__address", "household__record_key")
    waiting = list(rows.open())
    page = Paginator(rows.exclude(answer=""), 50).get_page(request.GET.get("page"))
    day = today(now())
    mine = set(
        Household.objects.visible_to(account)
        .filter(pk__in=[row.household_id for row in [*waiting, *page]])
        .values_list("pk", flat=True)
    )
    for row in [*waiting, *page]:
        row.is_seen = row.household_id in mine  # type: ignore[attr-defined]
    for row in waiting:
        row.may_answer = has_role(account, FILE_KEEPERS, row.to_unit) and row.asked_by_id != account.pk  # type: ignore[attr-defined]
        row.may_take_back = has_role(account, FILE_KEEPERS, row.from_unit)  # type: ignore[attr-defined]
        file = row.household
        grade = grades.titles(file.unit, day).get(file.grade, file.grade)
        facts = [str(file.get_state_display()), grade, file.cause_short, _("%(n)d 口人") % {"n": file.size}]
        row.facts = "，".join(fact for fact in facts if fact)  # type: ignore[attr-defined]
    return render(request, "household/transfers.html", {"waiting": waiting, "page": page})


def _found(request: HttpRequest, pk: int) -> Transfer:
    return get_object_or_404(Transfer.objects.visible_to(request.user).select_related("household"), pk=pk)  # type: ignore[arg-type]


def transfer_acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    transfer, refusal = attempt(request, flow.accept_transfer, _found(request, pk), by=request.user, at=now())
    return redirect("transfers") if refusal else redirect("household", transfer.household.number)


def transfer_refusal(request: HttpRequest, pk: int) -> HttpResponse:
    attempt(request, flow.decline_transfer, _found(request, pk), request.POST.get("note", ""), by=request.user, at=now())
    return redirect("transfers")


def transfer_taking_back(request: HttpRequest, pk: int) -> HttpResponse:
    attempt(request, flow.take_back_transfer, _found(request, pk), by=request.user, at=now())
    return redirect("transfers")
