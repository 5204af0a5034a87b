"""File an application for a worker (代办), take it up, read what she wrote."""

from __future__ import annotations

from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account, Unit
from bangfu.access.scope import has_role
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import CAUSES, OPEN_STATES, ConsentKind, State
from bangfu.household.queries import search, search_staff
from bangfu.lib.days import now
from bangfu.process.case_page import page_of
from bangfu.process.forms import EmptyForm
from bangfu.process.views.pages import found
from bangfu.process.views.verbs import version_of
from bangfu.relief import flow
from bangfu.relief.answers import items_of
from bangfu.relief.forms import ApplicationForm
from bangfu.relief.models import Application
from bangfu.relief.taking import take_answers


def new(request: HttpRequest) -> HttpResponse:
    """代办申请: first find the worker, on file or on the roster; then write down what she says and signed."""
    account: Account = request.user  # type: ignore[assignment]
    household, staff = _chosen(request, account)
    text = request.GET.get("q", "")[:60]
    if household is None and staff is None:
        return render(request, "relief/new_who.html", {"text": text, **_matches(account, text)})
    unit: Unit = household.unit if household else staff.unit  # type: ignore[union-attr]
    known = {"causes": [household.main_cause] if household and household.main_cause else []}
    has_card = bool(household.card if household else staff.card)  # type: ignore[union-attr]
    form = ApplicationForm(request.POST or None, unit=unit, at=now(), has_card=has_card, initial=known)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            filed = _file(request, form, household, staff)
            if filed is not None:
                messages.success(request, _("申请已提交，编号 %(number)s。") % {"number": filed.case.number})
                return redirect("case", filed.case.number)
    context = {
        "form": form,
        "household": household,
        "staff": staff,
        "unit": unit,
        "name": _name(household, staff),
        "has_card": has_card,
    }
    return render(request, "relief/new.html", context, status=status)


def of_household(request: HttpRequest, number: str) -> HttpResponse:
    """新建申请 on a file's page: the form for this household."""
    household = get_object_or_404(Household.objects.visible_to(request.user), number=number)  # type: ignore[arg-type]
    return redirect(f"{reverse('case-new')}?{urlencode({'household': household.number})}")


def acceptance(request: HttpRequest, number: str) -> HttpResponse:
    """受理."""
    case = found(request, number)
    _result, refusal = attempt(request, flow.accept, case.pk, version=version_of(request), by=request.user, at=now())
    if refusal is None:
        messages.success(request, _("已受理，转到入户调查。"))
        return redirect("case", number)
    form = EmptyForm(request.POST, case=case, at=now())
    return page_of(request, found(request, number), bound={"acceptance": form}, status=422)


def application(request: HttpRequest, number: str) -> HttpResponse:
    """What the worker said and wishes: a panel of the case's page, and a page by itself."""
    case = found(request, number)
    filed = Application.objects.filter(case=case).select_related("filed_for_by").first()
    context: dict[str, Any] = {"case": case, "application": filed}
    if filed is not None:
        context["has_answers"] = bool(filed.answers)
        context["causes"] = [str(CAUSES[code].title) for code in filed.causes if code in CAUSES]
    template = "relief/_application.html" if request.headers.get("HX-Request") else "relief/application.html"
    return render(request, template, context)


def answers(request: HttpRequest, number: str) -> HttpResponse:
    """What she answered on the phone beside the file, field by field; POST takes over what is ticked, nothing else."""
    case = found(request, number)
    filed = get_object_or_404(Application.objects.select_related("case__household__unit"), case=case)
    status = 200
    if request.method == "POST":
        taken, refusal = attempt(
            request, take_answers, filed, request.POST.getlist("take"), version=version_of(request), by=request.user, at=now()
        )
        if refusal is None:
            messages.success(request, _("已采用 %(n)d 项，改前的内容留在档案的变更记录里。") % {"n": len(taken)})
            return redirect("case-answers", number)
        status = 422
        filed = get_object_or_404(Application.objects.select_related("case__household__unit"), case=case)
    items = items_of(filed)
    household = filed.case.household
    context = {
        "case": case,
        "application": filed,
        "household": household,
        "groups": [(title, list(rows)) for title, rows in groupby(items, key=lambda item: item.group)],
        "open": sum(item.can_be_taken for item in items),
        "ticked": set(request.POST.getlist("take")),
        "is_clue": household is not None and household.state == State.CLUE,
        "may_take": household is not None and has_role(request.user, FILE_KEEPERS, household.unit),  # type: ignore[arg-type]
        "unasked": [
            title for title, day in ((_("收入"), household.incomes_on), (_("支出"), household.expenses_on)) if day is None
        ] if household is not None else [],
    }  # fmt: skip
    return render(request, "relief/answers.html", context, status=status)


def _chosen(request: HttpRequest, account: Account) -> tuple[Household | None, Staff | None]:
    """The file or the roster row that the address names, if the account may see it; a worker on file goes by the file."""
    number, key = request.GET.get("household", ""), request.GET.get("staff", "")
    if number:
        return get_object_or_404(Household.objects.visible_to(account).select_related("unit", "staff"), number=number), None
    if key.isdecimal() and len(key) < 18:
        staff = get_object_or_404(Staff.objects.visible_to(account).select_related("unit"), pk=int(key))
        household = Household.objects.filter(staff=staff, state__in=OPEN_STATES).select_related("unit", "staff").first()
        return (household, None) if household else (None, staff)
    return None, None


def _matches(account: Account, text: str) -> dict[str, Any]:
    if not text.strip():
        return {"households": [], "people": []}
    households = [one for one in search(account, text) if one.is_open]
    on_file = {one.staff_id for one in households}
    people = [one for one in search_staff(account, text) if one.pk not in on_file]
    return {"households": households, "people": people}


def _file(request: HttpRequest, form: ApplicationForm, household: Household | None, staff: Staff | None) -> Application | None:
    data = form.cleaned_data
    consents = [
        flow.ConsentAnswer(kind, data[kind] == "yes", _("纸面授权书：%(question)s") % {"question": form.fields[kind].label})
        for kind in (str(ConsentKind.HEALTH), str(ConsentKind.BANK), str(ConsentKind.NOTICE_NAME))
    ]
    filed, _refusal = attempt(
        request, flow.apply, programme=data["programme"], story=data["story"], causes=data["causes"], wish=data["wish"],
        asked_fen=data["asked_fen"], household=household, staff=staff, consents=consents, method=data["method"],
        is_urgent=data["is_urgent"], by=request.user, at=now(),
    )  # fmt: skip
    return filed


def _name(household: Household | None, staff: Staff | None) -> str:
    return household.head_name if household else staff.name if staff else ""
