"""What we hold about the worker: her file, who looked into it, what she agreed to, and a copy to take away."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.household import flow as household_flow
from bangfu.household.models import Household
from bangfu.household.queries import consents_of, who_saw
from bangfu.lib.days import now
from bangfu.lib.masking import mask_card, mask_id, mask_phone
from bangfu.notify.flow import mark_read
from bangfu.notify.models import Message
from bangfu.portal import consents
from bangfu.portal.documents import copy_of
from bangfu.portal.flow import take_copy
from bangfu.portal.matter import matter_of
from bangfu.portal.queries import applications_of
from bangfu.portal.situation import Situation, situation_of
from bangfu.portal.standing import standing_of
from bangfu.relief import flow as relief

SHOWN_SECONDS = 60
MESSAGES_SHOWN = 5


def home(request: HttpRequest) -> HttpResponse:
    """Her latest application and its state, or the invitation to apply; messages (POST: all read); her own data."""
    at = now()
    account: Account = request.user  # type: ignore[assignment]
    if request.method == "POST":
        mark_read(account, at=at)
        return redirect("my")
    situation = situation_of(account, at)
    mine = applications_of(account)
    answers, page = relief.draft_of(account, at=at)
    latest = matter_of(mine[0], at) if mine else None
    context = {
        "situation": situation,
        "latest": latest,
        "standing": standing_of(latest) if latest else None,
        "others": mine[1:6],
        "draft_page": page if answers else 0,
        "can_apply": situation.pack is not None and situation.staff is not None,
        "rows": Message.objects.visible_to(account)[:MESSAGES_SHOWN],
        "household": situation.household,
    }
    return render(request, "portal/home.html", context)


def file(request: HttpRequest) -> HttpResponse:
    """Her file as the union keeps it, masked; a POST shows one of her own values for a minute."""
    situation = _situation(request)
    household = situation.household
    if household is None:
        return render(request, "portal/file.html", {"household": None, "situation": situation})
    show = request.POST.get("show", "")
    values = [
        ("identity", _("证件号码"), household.identity, mask_id(household.identity)),
        ("phone", _("手机"), household.phone, mask_phone(household.phone)),
        ("card", _("银行卡"), household.card, mask_card(household.card)),
        ("address", _("住址"), household.address, _("已登记") if household.address else ""),
    ]
    fields = [
        {"name": name, "label": label, "masked": masked, "value": value if show == name else "", "has": bool(value)}
        for name, label, value, masked in values
    ]
    people = [
        {
            "name": person.name, "relation": person.get_relation_display(), "health": person.get_health_display() if person.health != "none" else "",
            "school": person.get_school_stage_display() if person.is_student else "",
            "income_fen": sum(income.monthly_fen for income in person.incomes.all()) if household.incomes_on else None,
        }
        for person in household.members.filter(left_on=None).prefetch_related("incomes").order_by("pk")
    ]  # fmt: skip
    context = {
        "household": household,
        "situation": situation,
        "fields": fields,
        "people": people,
        "expenses": household.expenses.filter(member=None),
        "clears": household.clears.all(),
        "seconds": SHOWN_SECONDS,
    }
    response = render(request, "portal/file.html", context)
    if show:
        response["Refresh"] = f"{SHOWN_SECONDS}; url={request.path}"
    return response


def seen(request: HttpRequest) -> HttpResponse:
    """谁看过我的资料: every look behind a mask, with the reason."""
    household = _situation(request).household
    return render(request, "portal/who_saw.html", {"rows": who_saw(household) if household else []})


def my_consents(request: HttpRequest) -> HttpResponse:
    """What she agreed to, each to be changed at once. Source: PIPL 15."""
    situation = _situation(request)
    household = situation.household
    mine = applications_of(situation.account)
    asked = consents.for_worker(situation, mine[0].award if mine else None) if household else []
    if request.method == "POST" and household is not None:
        kind, given = request.POST.get("kind", ""), request.POST.get("given", "")
        question = next((one for one in asked if one.kind == kind), None)
        if question is not None and given in ("yes", "no"):
            _answer(request, household, question, given=given == "yes")
        else:
            messages.error(request, _("没有选答案。请选“同意”或“不同意”，再按“就这样改”。"))
        return redirect("my-consents")
    state = consents_of(household) if household else {}
    rows = [
        {"asked": one, "answer": state.get(one.kind), "value": {True: "yes", False: "no"}.get(state.get(one.kind))} for one in asked
    ]
    return render(request, "portal/my_consents.html", {"rows": rows, "household": household})


def _answer(request: HttpRequest, household: Household, question: consents.Asked, *, given: bool) -> None:
    account: Account = request.user  # type: ignore[assignment]
    current = consents_of(household)[question.kind]
    if current is given:
        messages.info(request, _("“%(title)s”本来就是这样，没有改。") % {"title": question.title})
        return
    if current is True:
        _none, refusal = attempt(request, household_flow.withdraw_consent, household, question.kind, by=account, at=now())
    else:
        _row, refusal = attempt(
            request,
            household_flow.give_consent,
            household,
            question.kind,
            given=given,
            wording=question.wording,
            by=account,
            at=now(),
        )
    if refusal is None:
        messages.success(request, _("“%(title)s”已改，马上起作用。") % {"title": question.title})


def copy(request: HttpRequest) -> HttpResponse:
    """下载我的资料, as JSON: everything that we keep about her."""
    situation = _situation(request)
    content = json.dumps(
        copy_of(situation.account, situation.household, situation, at=now()), ensure_ascii=False, indent=1, default=_plain
    )
    take_copy(situation.account, at=now())
    name = _("我的资料_%(day)s.json") % {"day": situation.on.isoformat()}
    headers = {"Content-Disposition": content_disposition_header(True, name) or "attachment"}
    return HttpResponse(content, content_type="application/json; charset=utf-8", headers=headers)


def _plain(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else str(value)


def _situation(request: HttpRequest) -> Situation:
    return situation_of(request.user, now())  # type: ignore[arg-type]
