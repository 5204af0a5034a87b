"""入户调查表: a page of its own, to be filled in at the door; the case shows what is still missing."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.lib.days import now, today
from bangfu.process import flow, forms
from bangfu.process.acts import acts_of
from bangfu.process.advice import explanation_of
from bangfu.process.case_page import page_of, status_of
from bangfu.process.facts import facts_of_case
from bangfu.process.models import Case
from bangfu.process.views.pages import found
from bangfu.process.views.verbs import act


def survey(request: HttpRequest, number: str) -> HttpResponse:
    """GET: the form, prefilled from the file; whoever has nothing to fill in is led to the case. POST: hand it in."""

    def facts(data: dict[str, Any]) -> dict[str, Any]:
        photos = [(one.name, one.read()) for one in data.pop("photos")]
        return data | {"photos": photos}

    if request.method == "POST":
        return act(
            request, number, "survey", forms.SurveyForm, flow.hand_in_survey, said=_("入户调查表已交。"), change=facts,
            page=_page, by=request.user,
        )  # fmt: skip
    return _page(request, found(request, number))


def _page(request: HttpRequest, case: Case, *, bound: dict[str, Any] | None = None, status: int = 200) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    at = now()
    facts = facts_of_case(case, today(at))
    awards = list(case.awards.select_related("assessment__version"))
    explanation = explanation_of(case, awards, facts, today(at), account) if not case.is_list else None
    acts = acts_of(case, account, at=at, bound=bound or {}, facts=facts, missing=explanation.missing if explanation else ())
    own = acts.named("survey")
    if own is None:  # not hers, or handed in meanwhile
        return redirect("case", case.number) if bound is None else page_of(request, case, bound=bound, status=status)
    kind, words, icon = status_of(case, at)
    context = {
        "case": case,
        "act": own,
        "form": own.form,
        "words": acts.words,
        "status": {"kind": kind, "words": words, "icon": icon},
        "file_size": facts.get("household_size"),
        "file_income_fen": facts.get("annual_income_fen"),
    }
    return render(request, "process/survey.html", context, status=status)
