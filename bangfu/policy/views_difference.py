"""Pages that set two versions of the rules, or two outcomes of the same facts, side by side."""

from __future__ import annotations

from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from bangfu.access.models import Account
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy.difference import Difference, inheritance, part_titles, today_s, versions
from bangfu.policy.models import Assessment, Version
from bangfu.policy.queries import in_force, pack_of
from bangfu.policy.views import assessment_tabs


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # the access table lets nobody else in
    return request.user


@require_safe
def policy_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """What a version changed, against the one before it or another one (`?against=`); what it took over from its parent."""
    seen = Version.objects.visible_to(_account(request)).select_related("unit")
    version = get_object_or_404(seen, pk=pk)
    others = list(seen.light().filter(pack=version.pack).exclude(pk=pk).order_by("-valid_from", "-pk"))
    asked = request.GET.get("against", "")
    against = next((row for row in others if str(row.pk) == asked), None)
    if against is None:
        same = [row for row in others if row.unit_id == version.unit_id]
        against = next((row for row in same if row.valid_from < version.valid_from), None)
    pack = pack_of(version)
    rows = versions(pack_of(against), pack) if against else []
    context = {
        "version": version,
        "pack": pack,
        "against": against,
        "others": others,
        "groups": grouped(rows),
        "inherited": inheritance(pack) if pack.extends else [],
    }
    return render(request, "policy/changes.html", context)


def grouped(rows: list[Difference]) -> list[dict[str, object]]:
    """Differences under the titles of their parts."""
    titles = part_titles()
    return [{"title": titles[part], "rows": list(found)} for part, found in groupby(rows, key=lambda row: row.part)]


@require_safe
def assessment_today(request: HttpRequest, pk: int) -> HttpResponse:
    """按现行办法: the frozen facts of an assessment by the rules and standards of today, and what differs."""
    found = get_object_or_404(Assessment.objects.visible_to(_account(request)).select_related("version", "unit", "by"), pk=pk)
    on, facts = today(now()), found.facts_object
    current = in_force(found.unit, on, found.version.pack)
    comparison, stopped = None, ""
    if current is not None:
        try:
            comparison = today_s(pack_of(found.version), found.result_object, pack_of(current), facts, on, facts.get("programme"))
        except Refused as wrong:
            stopped = str(wrong)
    context = {
        "assessment": found,
        "tabs": assessment_tabs(found, "assessment-today"),
        "current": current,
        "comparison": comparison,
        "stopped": stopped,
        "on": on,
    }
    return render(request, "policy/assessment_today.html", context)
