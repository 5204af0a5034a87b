"""Pages of the rules: what is in force, its dated standards, the text with its clauses, an assessment with its trace."""

from __future__ import annotations

from datetime import date

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bangfu.access.models import Account
from bangfu.audit.queries import timeline
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy.change import Change, changes
from bangfu.policy.explain import explain, known_facts, trace_lines
from bangfu.policy.models import Assessment, Version
from bangfu.policy.pack import Pack
from bangfu.policy.procedure import path
from bangfu.policy.queries import endings, ends_on, pack_of, parameter_rows


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # the access table lets nobody else in
    return request.user


@require_safe
def policies(request: HttpRequest) -> HttpResponse:
    """The rules of one's organisation: in force, coming, past."""
    on = today(now())
    versions = list(Version.objects.visible_to(_account(request)).light().select_related("unit"))
    ends = endings(versions)
    rows = [{"version": version, "state": _state(version, ends[version.pk], on), "ends": ends[version.pk]} for version in versions]
    return render(request, "policy/policies.html", {"rows": rows})


def _state(version: Version, end: date | None, on: date) -> str:
    if version.valid_from > on:
        return "coming"
    return "past" if end is not None and end <= on else "now"


@require_safe
def policy(request: HttpRequest, pk: int) -> HttpResponse:
    """One version: its dated standards, programmes, stages, papers."""
    version = get_object_or_404(Version.objects.visible_to(_account(request)).select_related("unit", "adopted_by"), pk=pk)
    pack, on = pack_of(version), today(now())
    procedures = [{"procedure": item, "stages": path(pack, item.id)} for item in pack.procedures]
    context = {
        "version": version,
        "pack": pack,
        "on": on,
        "ends": ends_on(version),
        "parameters": parameter_rows(pack, on),
        "procedures": procedures,
        "events": [
            {"at": entry.at, "icon": "book", "text": entry.words, "detail": entry.who} for entry in timeline(version, limit=40)
        ],
    }
    return render(request, "policy/policy.html", context)


@require_safe
def policy_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The regulation, word for word, with an anchor at each clause."""
    version = get_object_or_404(Version.objects.visible_to(_account(request)), pk=pk)
    pack = pack_of(version)
    return render(request, "policy/text.html", {"version": version, "pack": pack, "text": pack.regulation.html()})


@require_safe
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """One assessment, comparison by comparison, with the frozen facts."""
    found = get_object_or_404(Assessment.objects.visible_to(_account(request)).select_related("version", "unit", "by"), pk=pk)
    facts = found.facts_object
    explanation = explain(found, facts.get("programme"))
    context = {
        "assessment": found,
        "explanation": explanation,
        "lines": trace_lines(explanation),
        "facts": known_facts(explanation.pack, facts),
        "changes": _changes(explanation.pack, found),
    }
    return render(request, "policy/assessment.html", context)


def _changes(pack: Pack, found: Assessment) -> list[Change]:
    """What would turn the outcome round; nothing where the rules cannot be worked out."""
    facts = found.facts_object
    try:
        return changes(pack, facts, found.on_date, facts.get("programme"))
    except Refused:
        return []
