"""Lists: choose a programme, see names, sums, doubles and what the rules say, start. And a household's own cases."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.household.listing import Filters, matching
from bangfu.household.models import Household
from bangfu.lib.days import now, today
from bangfu.process import flow, pack, queries
from bangfu.process.case_page import status_of
from bangfu.process.flow.campaign import MAX_ROWS, preview
from bangfu.process.forms import CampaignForm
from bangfu.process.help import help_of_year
from bangfu.process.models import Case
from bangfu.process.views.pages import row_of


def campaigns(request: HttpRequest) -> HttpResponse:
    """GET shows who would be on the list (nothing is written); POST starts it with the rows that are ticked."""
    account: Account = request.user  # type: ignore[assignment]
    at = now()
    sent = request.POST if request.method == "POST" else request.GET
    form = CampaignForm(sent if "programme" in sent else None, account=account, at=at, initial={"period": str(today(at).year)})
    rows: list[Any] = []
    status = 200
    if form.is_bound and form.is_valid():
        households = _households(account, form.cleaned_data)
        if request.method == "POST":
            status = 422
            case = _start(request, form.cleaned_data, households, at)
            if case is not None:
                messages.success(request, _("名单已开，编号 %(number)s。") % {"number": case.number})
                return redirect("case", case.number)
        rows = _preview(form.cleaned_data, households, at)
    elif form.is_bound:
        status = 422
    picked = set(request.POST.getlist("pick")) if request.method == "POST" else None
    shown = [
        {"row": row, "on": (str(row.household.pk) in picked) if picked is not None else row.is_eligible and not row.warnings}
        for row in rows
    ]
    context = {
        "form": form,
        "rows": shown,
        "chosen": sum(one["on"] for one in shown),
        "chosen_fen": sum(one["row"].amount_fen or 0 for one in shown if one["on"]),
        "unfit": sum(not row.is_eligible for row in rows),
        "doubled": sum(bool(row.warnings) for row in rows),
        "asked": form.is_bound,
        "running": [row_of(case, at) for case in _running(account)],
    }
    return render(request, "process/campaigns.html", context, status=status)


def _running(account: Account) -> list[Case]:
    lists = Case.objects.visible_to(account).filter(kind=Case.Kind.LIST)
    return list(queries.with_work(lists).order_by("-opened_at")[:20])


def _households(account: Account, data: dict[str, Any]) -> list[Household]:
    filters = Filters(unit=data["unit"].code, state="filed", grade=data["grade"], cause=data["cause"])
    return list(matching(account, filters).select_related("unit", "staff").order_by("head_pinyin", "pk")[:MAX_ROWS])


def _preview(data: dict[str, Any], households: list[Household], at: Any) -> list[Any]:
    version = pack.version_for(data["unit"], today(at), data["programme"])
    programme = pack.programme_in(pack.pack_of(version), data["programme"])
    return preview(programme, version, households, period=data["period"].strip(), at=at)


def _start(request: HttpRequest, data: dict[str, Any], households: list[Household], at: Any) -> Case | None:
    """Only rows that the filters show can be picked: no household of elsewhere gets onto the list by its key."""
    picked = set(request.POST.getlist("pick"))
    chosen = [household for household in households if str(household.pk) in picked]
    case, _refusal = attempt(
        request, flow.start_list, data["unit"], data["programme"], chosen, period=data["period"], title=data["title"],
        by=request.user, at=at,
    )  # fmt: skip
    return case


def household_cases(request: HttpRequest, number: str) -> HttpResponse:
    """The cases of one household and this year's help: a panel of its page, and a page by itself."""
    account: Account = request.user  # type: ignore[assignment]
    household = get_object_or_404(Household.objects.visible_to(account).select_related("unit"), number=number)
    at = now()
    rows = []
    for case in queries.cases_of(household, account):
        kind, words, icon = status_of(case, at)
        own = next((award for award in case.awards.all() if award.household_id == household.pk), None)
        rows.append({"case": case, "award": own, "status": {"kind": kind, "words": words, "icon": icon}})
    help_ = help_of_year(household, today(at).year, on=today(at))
    others = [row for row in household.outside_helps.all() if row.voided_at is None and row.day.year == today(at).year]
    context = {
        "household": household, "rows": rows, "help": help_, "year": today(at).year,
        "total_fen": sum(one.amount_fen for one in help_), "total_times": sum(one.times for one in help_), "today": today(at),
        "others": others, "others_fen": sum(row.amount_fen for row in others),
    }  # fmt: skip
    template = "process/_household_cases.html" if request.headers.get("HX-Request") else "process/household_cases.html"
    return render(request, template, context)
