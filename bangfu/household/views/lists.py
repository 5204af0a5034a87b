"""The list of files, its export, and the search page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.household import flow, grades, listing
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.keyset import Place
from bangfu.household.listing import Filters
from bangfu.household.models import Household
from bangfu.household.models.words import CAUSES, State
from bangfu.lib.days import now, today
from bangfu.lib.templatetags.bf_tables import PLACE

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def filters_of(request: HttpRequest) -> Filters:
    """The list's conditions from the address; without any, the files that stand."""
    get = request.GET
    state = get.get("state", State.FILED)
    return Filters(
        text=get.get("q", "").strip()[:60],
        unit=get.get("unit", ""),
        state="" if state == "all" else state,
        grade=get.get("grade", ""),
        cause=get.get("cause", ""),
        sort=get.get("sort", "name"),
    )


def number_of(request: HttpRequest, name: str, default: int) -> int:
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 7 else default


def place_of(request: HttpRequest) -> Place:
    """Where the page begins: ?after= or ?before= a file's number, ?from= its running number; ?page= where pages are counted."""
    get = request.GET
    return Place(
        after=get.get("after", "")[:20],
        before=get.get("before", "")[:20],
        start=number_of(request, "from", 0),
        page=number_of(request, "page", 1),
    )


def households(request: HttpRequest) -> HttpResponse:
    """/households/?unit=&state=&grade=&cause=&q=&sort=&page=&per="""
    account: Account = request.user  # type: ignore[assignment]
    day, filters = today(now()), filters_of(request)
    by_state, by_grade = listing.counts(account)
    is_plain = not (filters.text or filters.unit or filters.grade or filters.cause)
    known = (by_state.get(filters.state, 0) if filters.state else sum(by_state.values())) if is_plain else None
    page = listing.list_rows(account, filters, place=place_of(request), per_page=number_of(request, "per", 50), count=known, on=day)
    units = listing.units_of(account)
    titles = grades.titles(units[0], day) if units else {}
    context = {
        "page": page,
        "filters": filters,
        "units": units,
        "grades": titles,
        "causes": causes(),
        "tabs": _tabs(filters, by_state),
        "chips": _chips(request, filters, titles, units),
        "filed": by_state.get(State.FILED, 0),
        "by_grade": [(title, by_grade[code]) for code, title in titles.items() if by_grade.get(code)],
        "has_extras": bool(listing.extras),
        "year_total": sum(int(page.extra.get(row.pk, {}).get("year_fen") or 0) for row in page.rows),
        "may_file": any(has_role(account, FILE_KEEPERS, unit) for unit in units[:1]),
        "export_query": request.GET.urlencode(),
    }
    for row in page.rows:
        row.grade_title = titles.get(row.grade, row.grade)  # type: ignore[attr-defined]
    return render(request, "household/list.html", context)


def causes() -> list[tuple[str, Any]]:
    """The causes to filter by: a group (因病) where several share it, then the single ones."""
    seen: dict[str, Any] = {}
    for cause in CAUSES.values():
        seen.setdefault(cause.fact, cause.short)
    return list(seen.items())


def _tabs(filters: Filters, counts: dict[str, int]) -> list[dict[str, Any]]:
    titles = [(State.FILED, _("在档")), (State.CLUE, _("线索")), (State.LIFTED, _("已脱困")), (State.STRUCK, _("已注销"))]
    rows = [
        {
            "title": title,
            "url": f"?{urlencode({'state': state.value})}",
            "count": counts.get(state, 0),
            "current": filters.state == state,
        }
        for state, title in titles
    ]
    return [*rows, {"title": _("全部"), "url": "?state=all", "count": sum(counts.values()), "current": not filters.state}]


def _chips(request: HttpRequest, filters: Filters, titles: dict[str, str], units: list) -> list[dict[str, str]]:
    """The conditions in force, each with the address that drops it."""
    named = {
        "q": filters.text and f"“{filters.text}”",
        "unit": next((unit.name for unit in units if unit.code == filters.unit), filters.unit),
        "grade": titles.get(filters.grade, filters.grade),
        "cause": filters.cause and _("致困原因：%(cause)s") % {"cause": dict(causes()).get(filters.cause, filters.cause)},
    }
    chips = []
    for name, title in named.items():
        if title:
            query = request.GET.copy()
            for gone in (name, *PLACE):
                query.pop(gone, None)
            chips.append({"title": str(title), "url": f"?{query.urlencode()}"})
    return chips


def household_export(request: HttpRequest) -> HttpResponse:
    """The listed or picked files as a workbook, masked; who took it out is recorded."""
    account: Account = request.user  # type: ignore[assignment]
    files = listing.matching(account, filters_of(request))
    if request.POST.get("all") != "1":
        picked = [key for key in request.POST.getlist("pick") if key.isdecimal() and len(key) < 19]
        if not picked and "pick_needed" in request.POST:
            return redirect(f"{reverse('households')}?{request.GET.urlencode()}")
        if picked:
            files = Household.objects.visible_to(account).filter(pk__in=picked)
    content, refusal = attempt(request, flow.export_list, files, by=account, at=now())
    if refusal is not None:
        return redirect(f"{reverse('households')}?{request.GET.urlencode()}")
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="households_{today(now()):%Y%m%d}.xlsx"'
    return response


def search(request: HttpRequest) -> HttpResponse:
    """The top bar's search: files first, then what the modules above know (cases by number)."""
    account: Account = request.user  # type: ignore[assignment]
    text = request.GET.get("q", "").strip()[:60]
    found = listing.search(account, text)
    more = [hit for source in listing.search_more for hit in source(account, text)] if text else []
    staff = list(listing.search_staff(account, text, limit=10)) if text else []
    if len(found) == 1 and not more and not staff and "page" not in request.GET:
        return redirect("household", found[0].number)
    day = today(now())
    titles = grades.titles(found[0].unit, day) if found else {}
    for row in found:
        row.grade_title = titles.get(row.grade, row.grade)  # type: ignore[attr-defined]
    return render(request, "household/search.html", {"search_text": text, "found": found, "more": more, "staff": staff})
