"""Pages of simulations: order one, watch it, read its result, its households, one household clause by clause."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.access.edge import attempt, attempt_form
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, roles_of
from bangfu.audit.queries import timeline
from bangfu.lib.days import now
from bangfu.policy.difference import versions
from bangfu.policy.views_difference import grouped
from bangfu.process import snapshot as snapshots
from bangfu.reporting.simulation import cutting, download, drawing, flow
from bangfu.reporting.simulation import presenting as show
from bangfu.reporting.simulation.clauses import side_by_side
from bangfu.reporting.simulation.forms import ScenarioForm, units_for
from bangfu.reporting.simulation.models import ORDERERS, Row, Scenario, Side
from bangfu.reporting.simulation.sides import packs_of, snapshot_of

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WORST = 10
DRAFT_READERS = {Role.POLICY_ADMIN, Role.OFFICE_HEAD, Role.AUDITOR}  # as the access table has it
STATES = {"waiting": "wait", "running": "now", "done": "done", "failed": "late", "cancelled": "none"}


def account_of(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # the access table lets nobody else in
    return request.user


def page_of(request: HttpRequest, rows: Any, size: int = 50) -> Any:
    """The page that ?page= and ?per= ask for."""
    wanted = request.GET.get("per", "")
    return Paginator(rows, int(wanted) if wanted in ("20", "50", "100") else size).get_page(request.GET.get("page"))


def light_sides() -> Prefetch:
    """The sides without the bytes of their rules."""
    return Prefetch("sides", Side.objects.defer("content"))


def found(request: HttpRequest, pk: int) -> Scenario:
    seen = Scenario.objects.visible_to(account_of(request)).select_related("unit", "made_by", "cancelled_by")
    return get_object_or_404(seen, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def simulations(request: HttpRequest) -> HttpResponse:
    """The scenarios of one's unit, and a new one."""
    account = account_of(request)
    units = units_for(account)
    form = ScenarioForm(account, request.POST or None) if units else None
    if request.method == "POST":
        if form is None:
            raise Http404
        if form.is_valid():
            data = form.cleaned_data
            scenario, _refusal = attempt_form(
                request, form, flow.order, form.chosen_unit(), form.sides(), title=data["title"], on=data["on"],
                asking=data["asking"], includes_past=data["includes_past"], by=account, at=now(),
            )  # fmt: skip
            if scenario is not None:
                return started(request, scenario)
    rows = Scenario.objects.visible_to(account).select_related("unit", "made_by").defer("result").prefetch_related(light_sides())
    page = page_of(request, rows, 20)
    for scenario in page:
        scenario.kind = STATES[scenario.state]
    context = {"page": page, "form": form, "snapshot": snapshots.latest(units[0]) if units else None, "may_order": bool(units)}
    return render(request, "reporting/simulation/list.html", context, status=422 if form is not None and form.errors else 200)


def started(request: HttpRequest, scenario: Scenario) -> HttpResponse:
    """Compute it within the request where the files are few; else the worker does."""
    if flow.is_quick(scenario.unit):
        attempt(request, flow.run, scenario, at=now())
    return redirect(scenario)


@require_safe
def simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """One scenario: how far it is, or what came out."""
    scenario = found(request, pk)
    if request.headers.get("HX-Request") and not scenario.is_waiting:  # the panel of progress asked once more: show what came out
        return HttpResponse(headers={"HX-Refresh": "true"})
    may_order = has_role(account_of(request), ORDERERS, scenario.unit)
    context: dict[str, Any] = {
        "scenario": scenario,
        "sides": list(scenario.sides.select_related("version", "draft").defer("content", "version__content", "draft__content")),
        "kind": STATES[scenario.state],
        "may_order": may_order,
        "sees_drafts": bool(roles_of(account_of(request)) & DRAFT_READERS),
    }
    if not scenario.is_done:
        return render(request, "reporting/simulation/waiting.html", context)
    return render(request, "reporting/simulation/result.html", context | _result(request, scenario))


def _letter(request: HttpRequest, scenario: Scenario) -> str:
    wanted = request.GET.get("side", "B")
    return wanted if wanted in scenario.result["sides"] else "B"


def parts_of_page() -> dict[str, str]:
    """What a result is read for, each on a screen or two."""
    return {"money": _("要多少钱"), "cut": _("钱怎么分"), "people": _("谁受影响"), "fair": _("是否公平"), "proof": _("对照和依据")}


def _result(request: HttpRequest, scenario: Scenario) -> dict[str, Any]:
    account, letter, packs = account_of(request), _letter(request, scenario), packs_of(scenario)
    side, titles = scenario.result["sides"][letter], show.titles_of(scenario)
    whole = show.sees_files(account, scenario.unit)
    before, after = packs["A"], packs[letter]
    rows = scenario.rows.filter(letter=letter).select_related("household__unit")
    if whole:
        rows = rows.visible_to(account)
    total, part = side["total"], request.GET.get("part", "")
    part = part if part in parts_of_page() else "money"
    sides, breakdowns = scenario.result["sides"], show.breakdowns(side, scenario.unit, whole=whole)
    amounts, changes = show.amounts(sides, whole=whole), show.changes(side["change"], whole=whole)
    return _drawn(scenario, letter, part, breakdowns, amounts, changes) | {
        "letter": letter,
        "letters": [
            {
                "title": _("甲 → %(side)s") % {"side": {"B": _("乙"), "C": _("丙")}[one]},
                "url": f"?side={one}&part={part}",
                "current": one == letter,
            }
            for one in scenario.result["sides"]
        ],
        "beside": show.beside(scenario.result["sides"], titles),
        "titles": titles,
        "side_title": titles[letter],
        "total": total,
        "touched": show.touched_count(total),
        "moves": show.moves(total),
        "change_fen": total["fen_now"] - total["fen_was"],
        "expected_fen": sum(row["expected_fen"] for row in side["programme"]),
        "paid_fen": sum(row["paid_fen"] for row in side["programme"]),
        "whole": whole,
        "least": show.LEAST,
        "funds": show.fund_lines(side["fund"]),
        "programmes": side["programme"],
        "months": side["month"],
        "classes": show.classes(side["classes"], before, after, whole=whole),
        "changes": changes,
        "amounts": amounts,
        "amount_heads": [drawing.names()[one] for one in ("A", *sides)],
        "breakdowns": breakdowns,
        "same": show.same_standard(side) if part == "fair" else None,
        "cut": _cut(request, scenario, letter, whole=whole) if part == "cut" else None,
        "unknown_then": show.unknown_then(scenario),
        "part": part,
        "parts": [
            {"title": title, "url": f"?side={letter}&part={key}", "current": key == part} for key, title in parts_of_page().items()
        ],
        "clauses": show.clause_lines(side["clauses"], after, whole=whole),
        "worst": [row for row in rows.order_by("pk")[:WORST] if row.change_fen < 0 or row.move in ("leaves", "falls")],
        "samples": rows.filter(is_sample=True)[:20],
        "is_too_few": not whole and total["households"] < show.LEAST,
        "backtest": show.backtest_lines(scenario.result["backtest"], titles),
        "decisions": scenario.result["backtest"]["decisions"],
        "events": [
            {"at": entry.at, "icon": "history", "text": entry.words, "detail": entry.who} for entry in timeline(scenario, limit=40)
        ],
        "differences": grouped(versions(before, after)),
        "draft": next((one.draft for one in scenario.sides.select_related("draft") if one.letter == letter), None),
    }


def _cut(request: HttpRequest, scenario: Scenario, letter: str, *, whole: bool) -> dict[str, Any]:
    side = scenario.result["sides"][letter]
    found = cutting.cut(side, scenario, request.GET.dict(), whole=whole, here=f"?side={letter}&part=cut")
    return found | {"chart": drawing.cut(found)}


def _drawn(
    scenario: Scenario,
    letter: str,
    part: str,
    breakdowns: list[dict[str, Any]],
    amounts: list[dict[str, Any]],
    changes: list[dict[str, Any]],
) -> dict[str, Any]:
    """The charts of the part that is shown."""
    sides = scenario.result["sides"]
    if part == "money":
        balances = [
            {
                "title": row["title"],
                "budget_fen": row["budget_fen"],
                "lines": show.balance_lines(row),
                "chart": drawing.balance(row, letter),
                "budget_chart": drawing.spending(row) if row["budget_fen"] else "",
            }
            for row in sides[letter]["fund"]
            if row["available_fen"] is not None and row["fen_now"]
        ]
        return {"month_chart": drawing.months(sides, letter), "balances": balances}
    if part == "people":
        units = next(one["rows"] for one in breakdowns if one["name"] == "unit")
        return {
            "units": units,
            "unit_chart": drawing.coming_and_going(units),
            "hides_units": any(row.counts[name] is None for row in units for name in ("enters", "leaves")),
            "amount_chart": drawing.amounts(amounts, ["A", *sides]),
            "change_chart": drawing.changes(changes),
        }
    return {}


@require_safe
def simulation_rows(request: HttpRequest, pk: int) -> HttpResponse:
    """名单: the households that side ?side= touches, by kind of change ?move=. Names masked; others than case staff see none."""
    scenario, account = found(request, pk), account_of(request)
    if not scenario.is_done:
        return redirect(scenario)
    letter, move = _letter(request, scenario), request.GET.get("move", "")
    rows = scenario.rows.filter(letter=letter).select_related("household__unit")
    if show.sees_files(account, scenario.unit):
        rows = rows.visible_to(account)
    elif scenario.result["sides"][letter]["total"]["households"] < show.LEAST:
        rows = rows.none()
    if move in Row.Move.values:
        rows = rows.filter(move=move)
    total = scenario.result["sides"][letter]["total"]
    tabs = [
        {"title": _("全部"), "url": f"?side={letter}", "count": show.touched_count(total), "current": move not in Row.Move.values}
    ]
    tabs += [
        {"title": one["title"], "url": f"?side={letter}&move={one['move']}", "count": one["count"], "current": one["move"] == move}
        for one in show.moves(total)
        if one["count"]
    ]
    context = {
        "scenario": scenario,
        "letter": letter,
        "page": page_of(request, rows),
        "tabs": tabs,
        "whole": show.sees_files(account, scenario.unit),
    }
    return render(request, "reporting/simulation/rows.html", context)


@require_safe
def simulation_row(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """One household clause by clause under A and under the other rules. For case staff of its unit alone."""
    scenario = found(request, pk)
    if not scenario.is_done:
        raise Http404
    one = get_object_or_404(scenario.rows.visible_to(account_of(request)).select_related("household__unit"), pk=row)
    snapshot, packs = snapshot_of(scenario), packs_of(scenario)
    context: dict[str, Any] = {"scenario": scenario, "row": one, "titles": show.titles_of(scenario)}
    if snapshot is not None:
        context["beside"] = side_by_side(scenario, snapshot, packs["A"], packs[one.letter], one.household_id)
    return render(request, "reporting/simulation/row.html", context)


@require_safe
def simulation_workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """The result as a workbook; a download is recorded."""
    scenario, account = found(request, pk), account_of(request)
    if not scenario.is_done:
        raise Http404
    what = download.money if request.GET.get("what") == "money" else download.workbook
    content = what(scenario, _letter(request, scenario), account=account, at=now())
    answer = HttpResponse(content, content_type=XLSX)
    answer["Content-Disposition"] = content_disposition_header(True, _("测算结果%(pk)d.xlsx") % {"pk": scenario.pk}) or ""
    return answer


@require_POST
def simulation_cancellation(request: HttpRequest, pk: int) -> HttpResponse:
    scenario = found(request, pk)
    attempt(request, flow.cancel, scenario, by=account_of(request), at=now())
    return redirect(scenario)


@require_POST
def simulation_repetition(request: HttpRequest, pk: int) -> HttpResponse:
    """再算一次 on the files as they are now."""
    made, _refusal = attempt(request, flow.again, found(request, pk), by=account_of(request), at=now())
    return started(request, made) if made is not None else redirect("simulation", pk)


@require_POST
def simulation_snapshot(request: HttpRequest) -> HttpResponse:
    """现在做一份名册快照, of one's organisation; then back to where the button stood."""
    units = units_for(account_of(request))
    if not units:
        raise Http404
    made, _refusal = attempt(request, flow.fresh_snapshot, units[0], by=account_of(request), at=now())
    if made is not None:
        messages.success(request, _("快照做好了：%(n)d 户。") % {"n": made.households})
    back = request.POST.get("next", "")
    allowed = back.startswith("/policies/") and "//" not in back[1:]
    return redirect(back if allowed else reverse("simulations"))
