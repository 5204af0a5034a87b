"""The to-do home, the list of cases, one case, its form on paper."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.middleware import rule_of
from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import roles_of, within
from bangfu.access.welcome import rooms_of, whom_to_ask
from bangfu.lib.days import now, today
from bangfu.lib.masking import mask_name
from bangfu.process import queries
from bangfu.process.case_page import page_of
from bangfu.process.models import Case
from bangfu.process.words import TABS

PER_PAGE = (20, 50, 100)
KINDS = TABS  # kinds of stages in the order of a case


def home(request: HttpRequest) -> HttpResponse:
    """What waits for the account; a worker goes to her own page, an administrator to hers, who has none reads why."""
    account: Account = request.user  # type: ignore[assignment]
    elsewhere = _elsewhere(account)
    if elsewhere is None:
        context = {"rooms": rooms_of(account), "asked": whom_to_ask(account), "is_worker": Role.WORKER in roles_of(account)}
        return render(request, "process/welcome.html", context)
    if elsewhere:
        return redirect(elsewhere)
    at = now()
    found = queries.todo(account, at=at, sort=request.GET.get("sort", "due"), only=request.GET.get("only", ""))
    context = {
        "todo": found,
        "today": today(at),
        "at": at,
        "may_file": bool(rule_of("case-new"))
        and roles_of(account) & {Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD},
        "sorts": [("due", _("按截止时间")), ("stage", _("按环节")), ("amount", _("按金额"))],
        "sort": request.GET.get("sort", "due"),
    }
    return render(request, "process/home.html", context)


def _elsewhere(account: Account) -> str | None:
    """The first page of somebody who handles no cases; "" for the to-do; None: her role has no page yet, or she has no post."""
    roles = roles_of(account)
    if roles & CASE_STAFF:
        return ""
    for name, wanted in (
        ("notices", {Role.SUPERVISOR}), ("units", {Role.SYSTEM_ADMIN}), ("posts", {Role.SECURITY_ADMIN}),
        ("record", {Role.AUDIT_ADMIN}), ("policies", {Role.POLICY_ADMIN}),
    ):  # fmt: skip
        if roles & wanted and rule_of(name) is not None:
            return name
    return "my" if roles == {Role.WORKER} else None


def cases(request: HttpRequest) -> HttpResponse:
    """The list of cases: tabs by stage, filters in the address, pages."""
    account: Account = request.user  # type: ignore[assignment]
    at = now()
    wanted = request.GET
    filters = queries.Filters(
        text=wanted.get("q", "")[:60], stage=wanted.get("stage", "") if wanted.get("stage", "") in KINDS else "",
        state=wanted.get("state", "open") if wanted.get("state", "open") in ("", *Case.State.values) else "open",
        unit=wanted.get("unit", "")[:40], programme=wanted.get("programme", "")[:60], due=wanted.get("due", "")[:10],
    )  # fmt: skip
    sort = wanted.get("sort", "due")
    per = int(wanted["per"]) if wanted.get("per", "") in map(str, PER_PAGE) else 50
    page = Paginator(queries.case_list(account, filters, sort=sort, at=at), per).get_page(wanted.get("page"))
    counts = queries.stage_counts(account)
    seen = Case.objects.visible_to(account)
    context = {
        "page": page,
        "rows": [row_of(case, at) for case in page],
        "filters": filters,
        "sort": sort,
        "tabs": _tabs(counts, filters),
        "units": within(Unit.objects.all(), account, unit_path="path", roles=CASE_STAFF).order_by("path"),
        "programmes": list(seen.order_by("title").values_list("programme", "title").distinct()[:30]),
        "states": [
            ("open", _("办理中")),
            ("closed", _("已归档")),
            ("refused", _("不予救助")),
            ("withdrawn", _("已撤回")),
            ("", _("全部")),
        ],
        "total": sum(counts.values()),
        "filtered": {name: value for name, value in asdict(filters).items() if value and (name, value) != ("state", "open")},
        "at": at,
    }
    return render(request, "process/cases.html", context)


def _tabs(counts: dict[str, int], filters: queries.Filters) -> list[dict[str, Any]]:
    rows = [
        {
            "title": _("全部在办"),
            "url": "?",
            "count": sum(counts.values()),
            "current": not filters.stage and filters.state == "open",
        }
    ]
    rows += [
        {"title": str(title), "url": f"?stage={kind}", "count": counts[kind], "current": filters.stage == kind}
        for kind, title in KINDS.items()
        if counts.get(kind)
    ]
    return rows


def row_of(case: Case, at: Any) -> dict[str, Any]:
    """A line of the list, from what was prefetched."""
    from bangfu.process.case_page import status_of

    awards = [award for award in case.awards.all() if award.is_in]
    sums = [award.amount_fen for award in awards if award.amount_fen]
    kind, words, icon = status_of(case, at)
    return {
        "case": case,
        "who": case.household.head_name if case.household else _("%(n)d 户") % {"n": len(awards)},
        "amount_fen": sum(sums) if sums else None,
        "status": {"kind": kind, "words": words, "icon": icon},
    }


def case(request: HttpRequest, number: str) -> HttpResponse:
    """One case: where it stands, what the rules say, papers, notice, money, what was done, and the act that is due."""
    return page_of(request, found(request, number))


def approval(request: HttpRequest, number: str) -> HttpResponse:
    """困难职工审批表 as PDF; file name with the masked name."""
    from bangfu.process.approval import print_approval

    item = found(request, number)
    content = print_approval(item, by=request.user, at=now())  # type: ignore[arg-type]
    name = mask_name(item.household.head_name) if item.household else item.title
    from django.utils.http import content_disposition_header

    file = _("困难职工审批表_%(number)s_%(name)s.pdf") % {"number": item.number, "name": name}
    return HttpResponse(
        content,
        content_type="application/pdf",
        headers={"Content-Disposition": content_disposition_header(False, file) or "inline"},
    )


def found(request: HttpRequest, number: str) -> Case:
    """The only way to get a case in a view: by its number, if the account may see it."""
    cases = Case.objects.visible_to(request.user)  # type: ignore[arg-type]
    related = cases.select_related("unit", "policy_version", "household__unit", "household__staff__account", "opened_by", "handler")
    return get_object_or_404(related.defer("policy_version__content"), number=number)
