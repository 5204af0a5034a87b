"""The list of files, its export, and the search page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.household import columns, flow, grades, listing
from bangfu.household.flow import lists as lists_flow
from bangfu.household.flow.common import FILE_KEEPERS
from bangfu.household.keyset import Place
from bangfu.household.listing import Filters
from bangfu.household.models import Household, ListStyle, SavedView
from bangfu.household.models.lists import Density
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
    """/households/?unit=&state=&grade=&cause=&q=&sort=&after=&per=&view="""
    account: Account = request.user  # type: ignore[assignment]
    day, filters = today(now()), filters_of(request)
    by_state, by_grade = listing.counts(account)
    is_plain = not (filters.text or filters.unit or filters.grade or filters.cause)
    known = (by_state.get(filters.state, 0) if filters.state else sum(by_state.values())) if is_plain else None
    page = listing.list_rows(account, filters, place=place_of(request), per_page=number_of(request, "per", 50), count=known, on=day)
    units = listing.units_of(account)
    titles = grades.titles(units[0], day) if units else {}
    style = ListStyle.objects.filter(account=account).first() or ListStyle(account=account)
    shown = columns.chosen(style.columns, has_extras=bool(listing.extras))
    for row in page.rows:
        row.grade_title = titles.get(row.grade, row.grade)  # type: ignore[attr-defined]
    columns.drawn(page.rows, shown)
    year_fen = sum(int(page.extra.get(row.pk, {}).get("year_fen") or 0) for row in page.rows)
    views = list(SavedView.objects.visible_to(account))
    view = next((one for one in views if str(one.pk) == request.GET.get("view")), None)
    query = lists_flow.query_of([(name, str(request.GET[name])) for name in request.GET])
    context = {
        "page": page,
        "filters": filters,
        "units": units,
        "grades": titles,
        "causes": causes(),
        "tabs": [*_tabs(filters, by_state, has_view=view is not None), *_view_tabs(views, view, query, page.count)],
        "chips": _chips(request, filters, titles, units),
        "filed": by_state.get(State.FILED, 0),
        "by_grade": [(title, by_grade[code]) for code, title in titles.items() if by_grade.get(code)],
        "columns": shown,
        "is_wide": len(shown) > len(columns.USUAL),
        "choices": [(column, column in shown) for column in columns.COLUMNS.values() if listing.extras or not column.of_cases],
        "density": style.density,
        "densities": Density.choices,
        "foot": columns.foot(shown, year_fen) if any(column.key == "year" for column in shown) else [],
        "view": view,
        "is_changed": view is not None and view.query != query,
        "query": query,
        "may_file": any(has_role(account, FILE_KEEPERS, unit) for unit in units[:1]),
        "export_query": request.GET.urlencode(),
    }
    return render(request, "household/list.html", context)


def _view_tabs(views: list[SavedView], current: SavedView | None, query: str, count: int) -> list[dict[str, Any]]:
    """One's own views behind the states; how many they hold is counted for the one that is open."""
    rows = []
    for view in views:
        is_open = view == current
        rows.append({
            "title": view.name, "url": f"?{view.query}&view={view.pk}", "current": is_open,
            "count": (_("%(n)d · 已改，未存") % {"n": count} if view.query != query else count) if is_open else None,
        })  # fmt: skip
    return rows


def _back(request: HttpRequest, **changes: Any) -> HttpResponse:
    """To the list as it stood, from the query that the form sent along."""
    query = QueryDict(request.POST.get("query", ""), mutable=True)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return redirect(f"{reverse('households')}?{query.urlencode()}")


def household_style(request: HttpRequest) -> HttpResponse:
    """选列 and 疏密, kept for the account."""
    account: Account = request.user  # type: ignore[assignment]
    if "density" in request.POST:
        attempt(request, lists_flow.choose_density, account, request.POST["density"])
    else:
        attempt(request, lists_flow.choose_columns, account, request.POST.getlist("column"))
    return _back(request)


def household_views(request: HttpRequest) -> HttpResponse:
    """存为视图: the conditions under a name; the same name again replaces them."""
    account: Account = request.user  # type: ignore[assignment]
    name, query = request.POST.get("name", ""), request.POST.get("query", "")
    view, refusal = attempt(request, lists_flow.save_view, account, name, query, at=now())
    return _back(request) if refusal else redirect(f"{reverse('households')}?{view.query}&view={view.pk}")


def household_view_removal(request: HttpRequest, pk: int) -> HttpResponse:
    view = get_object_or_404(SavedView.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    view.delete()
    messages.success(request, _("视图“%(name)s”已删。") % {"name": view.name})
    return _back(request, view=None)


def causes() -> list[tuple[str, Any]]:
    """The causes to filter by: a group (因病) where several share it, then the single ones."""
    seen: dict[str, Any] = {}
    for cause in CAUSES.values():
        seen.setdefault(cause.fact, cause.short)
    return list(seen.items())


def _tabs(filters: Filters, counts: dict[str, int], *, has_view: bool) -> list[dict[str, Any]]:
    titles = [(State.FILED, _("在档")), (State.CLUE, _("线索")), (State.LIFTED, _("已脱困")), (State.STRUCK, _("已注销"))]
    rows = [
        {
            "title": title,
            "url": f"?{urlencode({'state': state.value})}",
            "count": counts.get(state, 0),
            "current": filters.state == state and not has_view,
        }
        for state, title in titles
    ]
    return [
        *rows,
        {"title": _("全部"), "url": "?state=all", "count": sum(counts.values()), "current": not filters.state and not has_view},
    ]


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
