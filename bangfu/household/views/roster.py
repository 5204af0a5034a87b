"""The roster: its list, one worker, a new one, corrections, the eye."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.middleware import rule_of
from bangfu.access.models import Account
from bangfu.access.scope import has_role, roles_of
from bangfu.household import flow, listing
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.forms import StaffCorrection, StaffForm
from bangfu.household.models import Staff
from bangfu.household.timeline import FIELDS
from bangfu.household.views.file import MASKS, version_of
from bangfu.household.views.lists import number_of
from bangfu.lib.days import now


def found(request: HttpRequest, pk: int) -> Staff:
    return get_object_or_404(Staff.objects.visible_to(request.user).select_related("unit"), pk=pk)  # type: ignore[arg-type]


def staff_list(request: HttpRequest) -> HttpResponse:
    """/staff/?q=&unit=&page=&per="""
    account: Account = request.user  # type: ignore[assignment]
    text, unit = request.GET.get("q", "").strip()[:60], request.GET.get("unit", "")
    rows = listing.search_staff(account, text, unit=unit, limit=None).defer("identity", "phone", "card", "record_key")
    size = number_of(request, "per", 50)
    page = Paginator(rows, size if size in listing.SIZES else 50).get_page(request.GET.get("page"))
    units = listing.units_of(account)
    filed = set(
        Staff.objects.filter(pk__in=[row.pk for row in page], households__state__in=("clue", "filed")).values_list("pk", flat=True)
    )
    context = {
        "page": page, "units": units, "unit": unit, "text": text, "filed": filed,
        "may_add": any(has_role(account, FILE_KEEPERS, one) for one in units[:1]),
        "may_import": _may_import(account),
    }  # fmt: skip
    return render(request, "household/staff_list.html", context)


def _may_import(account: Account) -> bool:
    rule = rule_of("imports")
    return rule is not None and rule.allows("GET", roles_of(account))


def staff(request: HttpRequest, pk: int) -> HttpResponse:
    return _page(request, found(request, pk))


def _page(request: HttpRequest, row: Staff, shown: dict[str, Any] | None = None) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    context = {
        "staff": row,
        "shown": shown,
        "masks": {name: MASKS[name](getattr(row, name)) for name in ("identity", "phone", "card")},
        "files": list(row.households.visible_to(account)),
        "changes": list(row.changes.select_related("by")[:20]),
        "looks": list(row.reveals.select_related("by")[:20]),
        "fields": FIELDS,
        "may_edit": has_role(account, FILE_KEEPERS, row.unit),
    }
    return render(request, "household/staff.html", context)


def staff_new(request: HttpRequest) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    form = StaffForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        row, refusal = attempt(request, flow.enrol_staff, form.row(), by=account, at=now())
        if refusal is None:
            return redirect("staff", row.pk)
    context = {"form": form, "title": _("录入花名册"), "staff": None}
    return render(request, "household/staff_edit.html", context, status=422 if form.is_bound and form.errors else 200)


def staff_edit(request: HttpRequest, pk: int) -> HttpResponse:
    row = found(request, pk)
    form = StaffCorrection(request.POST or None, initial=StaffCorrection.initial_of(row))
    if request.method == "POST" and form.is_valid():
        _none, refusal = attempt(request, form.apply, row, version=version_of(request), by=request.user, at=now())
        if refusal is None:
            return redirect("staff", pk)
        row.refresh_from_db(fields=["version"])
    context = {"form": form, "title": _("更正花名册"), "staff": row}
    return render(request, "household/staff_edit.html", context, status=422 if form.is_bound and form.errors else 200)


def staff_reveal(request: HttpRequest, pk: int) -> HttpResponse:
    row = found(request, pk)
    name = request.POST.get("field", "")
    value, refusal = attempt(request, flow.reveal, row, name, reason=request.POST.get("reason", ""), by=request.user, at=now())
    if refusal is not None:
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "household/_refused.html", {"text": str(refusal)})
        return redirect("staff", pk)
    shown = {"field": name, "value": value, "masked": MASKS[name](value), "title": FIELDS[name]}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "household/_revealed.html", {"shown": shown})
    response = _page(request, row, shown)
    response["Refresh"] = f"60; url=/staff/{pk}/"
    return response
