"""What the page of one case shows."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import has_role, roles_of
from bangfu.audit.record import subject_of
from bangfu.disclosure.models import Objection
from bangfu.disclosure.queries import current_channels, last_sent_back, waiting_draft
from bangfu.ledger.models import Hold
from bangfu.lib import panels
from bangfu.lib.days import last_day, local, now, start_of_day, today
from bangfu.process.acts import acts_of
from bangfu.process.advice import explanation_of
from bangfu.process.chart import chart
from bangfu.process.facts import facts_of_case
from bangfu.process.flow.apply import FILERS
from bangfu.process.flow.decide import latest_motion
from bangfu.process.forms import PaperForm
from bangfu.process.models import Award, Case, CaseNotice, Step
from bangfu.process.papers import checklist
from bangfu.process.words import ACTS, OUTCOMES, STEPS

_DAY = timedelta(days=1)


def page_of(request: HttpRequest, case: Case, *, bound: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    """The whole page; `bound` holds forms that came back with errors, by the noun of their address."""
    account: Account = request.user  # type: ignore[assignment]
    at = now()
    context = context_of(case, account, at, bound or {}) | {"bound": bound or {}, "forms": list((bound or {}).values())}
    gone = [form for name, form in (bound or {}).items() if name != "papers" and context["acts"].named(name) is None]
    context["kept"] = [row for form in gone for row in typed(form)]
    return render(request, "process/case.html", context, status=status)


def typed(form: BaseForm) -> list[tuple[str, str]]:
    """(label, words) of what was typed into a form that its page offers no more: the case has moved on, or it is another's turn."""
    rows = []
    for bound in form.visible_fields():
        words = dict(getattr(bound.field, "choices", ()))
        values = form.data.getlist(bound.html_name) if hasattr(form.data, "getlist") else [form.data.get(bound.html_name, "")]
        text = "、".join(str(words.get(value, value)).strip() for value in values if value)
        if text:
            rows.append((str(bound.label), text))
    return rows


def context_of(case: Case, account: Account, at: datetime, bound: dict[str, Any]) -> dict[str, Any]:
    steps = list(case.steps.select_related("by").order_by("version"))
    link = case.notices.select_related("notice__posted_by", "notice__checked_by").order_by("-pk").first()
    objections = list(Objection.objects.filter(notice__case_notice__case=case).order_by("raised_at"))
    waiting = sum(one.answered_at is None for one in objections)
    awards = list(case.awards.select_related("household__unit", "disbursement", "assessment__version").order_by("position"))
    facts = _facts(case, at)
    papers = checklist(case, today(at), facts=facts)
    draft = waiting_draft(subject_of(case)) if case.is_at("notice") else None
    explanation = None if case.is_list else explanation_of(case, awards, facts, today(at), account)
    kind, words, icon = status_of(case, at, link=link, waiting=waiting)
    if draft is not None:
        kind, words, icon = "wait", _("公示待核对 · 等%(name)s") % {"name": draft.checker.name}, "eye"
    return {
        "case": case,
        "at": at,
        "status": {"kind": kind, "words": words, "icon": icon},
        "chart": chart(case, steps, at=at, notice=link.notice if link else None, objections=waiting),
        "explanation": explanation,
        "award": awards[0] if awards and not case.is_list else None,
        "awards": awards,
        "total_fen": sum(award.amount_fen or 0 for award in awards if award.is_in),
        "holds": {hold.origin: hold for hold in Hold.objects.open().filter(origin__in=[subject_of(award) for award in awards])},
        "money": [_money_row(award) for award in awards],
        "notice": _notice(link, objections) if link else None,
        "draft": draft,
        "late_objections": waiting if link and link.notice.closed_at and not case.is_at("notice") else 0,
        "sent_back": last_sent_back(subject_of(case)) if case.is_at("notice") and draft is None else None,
        "papers": papers,
        "papers_there": sum(row.is_there for row in papers),
        "paper_form": bound.get("papers") or PaperForm(case=case, at=at),
        "may_add_papers": case.is_open and not case.is_list and has_role(account, FILERS, case.unit),
        "surveys": list(case.surveys.select_related("visitor", "countersigned_by").order_by("-pk")),
        "upwards": list(case.upwards.order_by("pk")),
        "motion": latest_motion(case),
        "refusal": case.refusals.order_by("-pk").first(),
        "follow_ups": list(case.follow_ups.select_related("visitor").order_by("-pk")),
        "report": getattr(case, "closing_report", None),
        "steps": [_step(step) for step in reversed(steps)] + [_opened(case)],
        "acts": acts_of(case, account, at=at, bound=bound, facts=facts, missing=explanation.missing if explanation else ()),
        "panels": panels.of("case.page", roles_of(account)),
        "fold": _folded(case, is_asked=any(row.is_missing for row in papers), waiting=waiting),
    }


def _folded(case: Case, *, is_asked: bool, waiting: int) -> dict[str, bool]:
    """Panel -> its work is done: on a phone only its head shows. What the stage is about, and what waits, stands open."""
    kind = case.stage_kind if case.is_open else ""
    before = kind in ("apply", "investigate", "check")
    return {
        "advice": kind not in ("apply", "check", "review", "decide"),
        "papers": not before and not is_asked,
        "notice": kind != "notice" and not waiting,
        "survey": kind not in ("investigate", "check"),
        "upward": kind != "propose",
        "motion": kind != "decide",
        "after": bool(kind) and kind != "close",
        "steps": True,
    }


def status_of(case: Case, at: datetime, *, link: CaseNotice | None = None, waiting: int = 0) -> tuple[str, str, str]:
    """(kind, words, icon) of the status: what it is, the time left, the end. Source: ux.md 4 "status"."""
    from bangfu.lib.templatetags.bf_text import time_left

    if case.state == Case.State.CLOSED:
        return "done", _("已归档 · %(number)s") % {"number": case.archive_number}, "folder"
    if not case.is_open:
        return "none", str(case.get_state_display()), "ban"
    if link is None:
        links = list(case.notices.all()) if case.is_at("notice") else []
        link = links[-1] if links else None
        waiting = sum(one.answered_at is None for one in link.notice.objections.all()) if link else 0
    icon = ACTS[case.stage_kind][0]
    if case.stage_kind == "notice" and link is not None and link.notice.closed_at is None:
        end = link.notice.closes_at
        if waiting:
            return "late", _("公示有 %(n)d 条异议待答复") % {"n": waiting}, "message-report"
        if at >= end:
            return "due", _("公示期满，等结束"), "clock"
        return "now", _("公示中 · %(left)s（%(end)s 24:00 截止）") % {"left": time_left(end, at), "end": _month_day(end)}, icon
    if case.due_on is None:
        return "now", case.stage_title, icon
    end = start_of_day(case.due_on) + _DAY
    kind = "late" if at >= end else "now"
    return kind, _("%(stage)s · %(left)s（%(end)s 24:00 截止）") % {
        "stage": case.stage_title, "left": time_left(end, at), "end": _month_day(end),
    }, "" if kind == "late" else icon  # fmt: skip


def _facts(case: Case, at: datetime) -> dict[str, Any]:
    return facts_of_case(case, today(at))


def _notice(link: CaseNotice, objections: list[Objection]) -> dict[str, Any]:
    notice = link.notice
    shown = current_channels(notice)
    mine = [one for one in objections if one.notice_id == notice.pk]
    return {
        "notice": notice,
        "channels": shown,
        "line": shown[0].rows[0] if shown and shown[0].rows else None,
        "people": len(shown[0].rows) if shown else 0,
        "last_day": last_day(notice.closes_at),
        "objections": mine,
        "waiting": sum(one.answered_at is None for one in mine),
    }


def _money_row(award: Award) -> dict[str, Any]:
    """One household's sums and where its money is."""
    row = award.disbursement
    words = {
        "reserved": ("wait", _("待付")),
        "sent": ("wait", _("已送银行")),
        "released": ("none", _("已取消")),
        "reversed": ("none", _("已冲销")),
    }
    if not award.is_in:
        kind, text = "none", _("已去掉：%(why)s") % {"why": award.dropped_reason}
    elif row is None:
        kind, text = "wait", _("还没批")
    elif row.state == "paid":
        kind, text = ("good", _("已付已签")) if row.receipted_at else ("due", _("已付，等签字"))
    else:
        kind, text = words[row.state]
    return {"award": award, "row": row, "origin": subject_of(award), "kind": kind, "text": text}


def _step(step: Step) -> dict[str, Any]:
    icon, words = STEPS.get(step.act, ("file-text", step.stage_title))
    outcome = OUTCOMES.get(step.outcome)
    who = step.by.name if step.by else _("系统")
    return {
        "at": step.at,
        "icon": icon,
        "text": f"{words}{_('：')}{outcome}" if outcome and step.act not in ("send_back",) else str(words),
        "detail": _("%(who)s %(time)s") % {"who": who, "time": f"{local(step.at):%H:%M}"}
        + (f"{_('：')}{step.reason}" if step.reason else ""),
    }


def _opened(case: Case) -> dict[str, Any]:
    return {
        "at": case.opened_at,
        "icon": "file-text",
        "text": _("开名单") if case.is_list else _("提交申请"),
        "detail": case.opened_by.name if case.opened_by else "",
    }


def _month_day(end: datetime) -> str:
    day = last_day(end)
    return _("%(month)d月%(day)d日") % {"month": day.month, "day": day.day}
