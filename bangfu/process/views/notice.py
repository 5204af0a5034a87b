"""The checker's page of a drafted notice, and what may be done with the draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.audit.record import subject_of
from bangfu.disclosure.queries import waiting_draft
from bangfu.lib.days import now
from bangfu.process import flow, forms
from bangfu.process.conflicts import why_not
from bangfu.process.models import Case
from bangfu.process.views.pages import found
from bangfu.process.views.verbs import act, version_of


def draft(request: HttpRequest, number: str) -> HttpResponse:
    """Word for word what each channel will show; the named checker confirms, or sends it back with a reason."""
    return _page(request, found(request, number))


def confirmation(request: HttpRequest, number: str) -> HttpResponse:
    return _decide(request, number, forms.ConfirmNoticeForm, flow.confirm_notice, said=_("公示已发布。"))


def draft_return(request: HttpRequest, number: str) -> HttpResponse:
    return _decide(request, number, forms.ReasonForm, flow.return_notice_draft, said=_("已退回，拟稿的人会看到原因。"))


def draft_removal(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "notice/draft/removal", forms.EmptyForm, flow.drop_notice_draft, said=_("拟稿已收回。"))


def _decide(request: HttpRequest, number: str, kind: type[forms.CaseForm], verb: Callable[..., Any], *, said: str) -> HttpResponse:
    """One of the checker's two answers; what is refused is said on her page, with what she typed."""
    case = found(request, number)
    form = kind(request.POST, case=case, at=now())
    if form.is_valid():
        _done, refusal = attempt(
            request, verb, case.pk, version=version_of(request), by=request.user, at=now(), **form.cleaned_data
        )
        if refusal is None:
            messages.success(request, said)
            return redirect("case", number)
    return _page(request, found(request, number), form=form, status=422)


def _page(request: HttpRequest, case: Case, *, form: forms.CaseForm | None = None, status: int = 200) -> HttpResponse:
    waiting = waiting_draft(subject_of(case))
    if waiting is None:
        if status == 200:
            messages.warning(request, _("没有等着核对的拟稿，请看办件的最新情况。"))
        return redirect("case", case.number)
    rows = [row for _place, rows in waiting.channels for row in rows]
    first = waiting.channels[0][1]
    context = {
        "case": case,
        "draft": waiting,
        "places": [
            {
                "title": title,
                "rows": shown,
                "people": len(shown),
                "total_fen": sum(row["amount_fen"] for row in shown),
                "full": sum(bool(row["name"]) and "*" not in row["name"] for row in shown),
                "numbered": sum(not row["name"] for row in shown),
            }
            for title, shown in waiting.channels
        ],
        "has_programmes": len({row["programme"] for row in rows}) > 1,
        "people": len(first),
        "numbered": sum(not row["name"] for row in first),
        "may_check": waiting.checker_id == request.user.pk and not why_not(request.user, case, ""),  # type: ignore[arg-type]
        "form": form if isinstance(form, forms.ReasonForm) else forms.ReasonForm(case=case, at=now()),
        "forms": [form] if form is not None else [],
    }
    return render(request, "process/notice_draft.html", context, status=status)
