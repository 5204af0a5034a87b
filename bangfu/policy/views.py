"""Pages of the rules: what is in force, its dated standards, the text with its clauses, an assessment with its trace."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, roles_of
from bangfu.audit.queries import timeline
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy import flow
from bangfu.policy.audit_trace import text_of
from bangfu.policy.change import Change, changes
from bangfu.policy.explain import explain, known_facts, trace_lines
from bangfu.policy.models import Assessment, Version
from bangfu.policy.outline import further, rule_links
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
    sees_drafts = bool(roles_of(_account(request)) & {Role.POLICY_ADMIN, Role.OFFICE_HEAD, Role.AUDITOR})
    return render(request, "policy/policies.html", {"rows": rows, "sees_drafts": sees_drafts})


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
        "may_draft": has_role(_account(request), Role.POLICY_ADMIN, version.unit),
        "ends": ends_on(version),
        "parameters": parameter_rows(pack, on),
        "procedures": procedures,
        "further": further(pack),
        "events": [
            {"at": entry.at, "icon": "book", "text": entry.words, "detail": entry.who} for entry in timeline(version, limit=40)
        ],
    }
    return render(request, "policy/policy.html", context)


@require_safe
def policy_text(request: HttpRequest, pk: int) -> HttpResponse:
    """The regulation, word for word, with an anchor at each clause and, beside it, the rules that rest on it."""
    version = get_object_or_404(Version.objects.visible_to(_account(request)), pk=pk)
    pack = pack_of(version)
    text = pack.regulation.html(beside=rule_links(pack, version.get_absolute_url()))
    return render(request, "policy/text.html", {"version": version, "pack": pack, "text": text})


@require_safe
def assessment(request: HttpRequest, pk: int) -> HttpResponse:
    """One assessment, comparison by comparison, with the frozen facts."""
    found = get_object_or_404(Assessment.objects.visible_to(_account(request)).select_related("version", "unit", "by"), pk=pk)
    facts = found.facts_object
    explanation = explain(found, facts.get("programme"))
    context = {
        "assessment": found,
        "tabs": assessment_tabs(found, "assessment"),
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


def assessment_tabs(found: Assessment, current: str) -> list[dict[str, object]]:
    """The two sides of an assessment's page: as it was decided, and the same facts by the rules of today."""
    titles = {"assessment": _("当时"), "assessment-today": _("按现行办法")}
    return [{"title": title, "url": reverse(name, args=[found.pk]), "current": name == current} for name, title in titles.items()]


@require_safe
def assessment_trace(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole trace as a JSON file, for the auditor (schema/trace.json)."""
    found = get_object_or_404(Assessment.objects.visible_to(_account(request)).select_related("version", "unit", "by"), pk=pk)
    answer = HttpResponse(text_of(found), content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="assessment-{found.pk}.json"'
    return answer


@require_POST
def assessment_replay(request: HttpRequest, pk: int) -> HttpResponse:
    """Work the assessment out again under its own version and say whether it is the same, byte for byte."""
    found = get_object_or_404(Assessment.objects.visible_to(_account(request)).select_related("version", "unit"), pk=pk)
    same, refusal = attempt(request, flow.check_replay, found, by=_account(request), at=now())
    if refusal is None and same:
        messages.success(request, _("重新计算过：和当时保存的结果逐字节一致。"))
    elif refusal is None:
        messages.error(request, _("重新计算的结果和当时保存的不一致。请把评定编号 %(pk)d 告诉系统管理员。") % {"pk": found.pk})
    return redirect("assessment", found.pk)
