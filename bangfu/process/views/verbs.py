"""The acts on a case: one address a noun, POST only, one domain call each. What was typed comes back with its error (422)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.lib.days import now
from bangfu.process import flow, forms
from bangfu.process.case_page import page_of
from bangfu.process.models import Paper
from bangfu.process.views.pages import found


def version_of(request: HttpRequest) -> int:
    """The token that the page was drawn with; a missing or spoilt one is never the current one."""
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def act(
    request: HttpRequest,
    number: str,
    name: str,
    kind: type[forms.CaseForm],
    verb: Callable[..., Any],
    *,
    said: str,
    change: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    page: Callable[..., HttpResponse] = page_of,
    **form_facts: Any,
) -> HttpResponse:
    """Check the form, call the verb with its clean values, go back to the case; or show the page with what was typed."""
    case = found(request, number)
    account: Account = request.user  # type: ignore[assignment]
    form = kind(request.POST, request.FILES, case=case, at=now(), **form_facts)
    if form.is_valid():
        facts = change(form.cleaned_data) if change else form.cleaned_data
        _result, refusal = attempt(request, verb, case.pk, version=version_of(request), by=account, at=now(), **facts)
        if refusal is None:
            messages.success(request, said)
            return redirect("case", number)
    return page(request, found(request, number), bound={name: form}, status=422)


def countersignature(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "countersignature", forms.EmptyForm, flow.countersign, said=_("已签字。"))


def visit_denial(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "visit-denial", forms.ReasonForm, flow.deny_visit, said=_("已记下，入户表作废。"))


def check(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "check", forms.CheckForm, flow.check, said=_("评审意见已写下。"))


def upward(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "upward", forms.UpwardForm, flow.send_up, said=_("上报已记下。"))


def upward_answer(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "upward-answer", forms.UpwardAnswerForm, flow.record_answer, said=_("答复已登记。"))


def settlement(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "list", forms.SettleForm, flow.settle_list, said=_("名单已提出。"))


def removal(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "removal", forms.DropForm, flow.drop_award, said=_("已从名单上去掉。"))


def notice(request: HttpRequest, number: str) -> HttpResponse:
    """Drafted for the checker, or up at once where nobody else has to look."""
    said = _("已交给核对的人，确认以后才发布。") if request.POST.get("checked_by") else _("公示已发布。")
    return act(request, number, "notice", forms.NoticeForm, flow.post_notice, said=said, by=request.user)


def notice_reuse(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "notice/reuse", forms.EmptyForm, flow.keep_notice, said=_("沿用前次公示。"))


def notice_closure(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "notice/closure", forms.EmptyForm, flow.close_notice, said=_("公示已结束。"))


def notice_removal(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "notice/removal", forms.ReasonForm, flow.take_down_notice, said=_("公示已撤下。"))


def objection(request: HttpRequest, number: str) -> HttpResponse:
    """Without a version: an objection is never too late because somebody else acted."""

    def register(pk: int, *, version: int, **facts: Any) -> Any:
        return flow.register_objection(pk, **facts)

    return act(request, number, "objection", forms.ObjectionForm, register, said=_("异议已登记，答复以前钱先不付。"))


def review(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "review", forms.ReviewForm, flow.review, said=_("复核意见已写下。"))


def agenda(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "agenda", forms.AgendaForm, flow.put_on_agenda, said=_("已排进评审会。"), by=request.user)


def decision(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "decision", forms.EmptyForm, flow.decide, said=_("决议已办理。"))


def reservation(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "reservation", forms.EmptyForm, flow.reserve_again, said=_("已重新预留。"))


def returning(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "return", forms.ReturnForm, flow.send_back, said=_("已退回。"))


def withdrawal(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "withdrawal", forms.ReasonForm, flow.withdraw, said=_("已撤回。"))


def refusal(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "refusal", forms.RefusalForm, flow.refuse, said=_("已书面答复申请人。"))


def second_request(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "second-request", forms.SecondRequestForm, flow.ask_again, said=_("已转给评审会重新看。"))


def follow_up(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "follow-up", forms.FollowUpForm, flow.follow_up, said=_("回访已写下。"))


def closing_report(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "closing-report", forms.ClosingReportForm, flow.closing_report, said=_("已办结归档。"))


def paper_request(request: HttpRequest, number: str) -> HttpResponse:
    return act(request, number, "paper-request", forms.PaperRequestForm, flow.ask_for_papers, said=_("已通知申请人。"))


def papers(request: HttpRequest, number: str) -> HttpResponse:
    """Hand in one paper. No version: several people may hand in at once."""

    def add(pk: int, *, version: int, item: str, file: Any, remark: str, by: Account, at: Any) -> Any:
        content = file.read() if file else None
        return flow.add_paper(pk, item=item, content=content, name=file.name if file else "", remark=remark, by=by, at=at)

    return act(request, number, "papers", forms.PaperForm, add, said=_("材料已收下。"))


def paper_removal(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    case = found(request, number)
    paper = get_object_or_404(Paper, pk=pk, case=case)
    _result, refusal = attempt(request, flow.remove_paper, paper, reason=request.POST.get("reason", ""), by=request.user, at=now())
    if refusal is None:
        messages.success(request, _("材料已撤下。"))
    return redirect("case", number)
