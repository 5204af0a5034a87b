"""What simulations show on the pages of the rules: the panel of a draft, and the preview of a raised standard."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from bangfu.access.edge import attempt
from bangfu.access.scope import has_role
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy.flow.drafts import with_value
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import pack_of
from bangfu.policy.reading import read_files, to_zip
from bangfu.policy.views_drafts import AdjustmentForm
from bangfu.process import snapshot as snapshots
from bangfu.reporting.simulation import flow
from bangfu.reporting.simulation import presenting as show
from bangfu.reporting.simulation.models import ORDERERS, Scenario
from bangfu.reporting.simulation.preview import preview
from bangfu.reporting.simulation.views import STATES, account_of, light_sides, started


@require_http_methods(["GET", "HEAD", "POST"])
def draft_simulation(request: HttpRequest, pk: int) -> HttpResponse:
    """The simulations of a draft; POST makes one: the draft beside the rules that it would follow."""
    account = account_of(request)
    draft = get_object_or_404(Draft.objects.visible_to(account).select_related("unit"), pk=pk)
    if request.method == "POST":
        made, _refusal = attempt(request, flow.of_draft, draft, by=account, at=now())
        return started(request, made) if made is not None else redirect(draft)
    rows = (
        Scenario.objects.visible_to(account)
        .filter(sides__draft=draft)
        .select_related("made_by")
        .prefetch_related(light_sides())
        .distinct()
    )
    lines: list[dict[str, Any]] = []
    for scenario in rows[:10]:
        side = next((one for one in scenario.sides.all() if one.draft_id == draft.pk), None)
        found = scenario.result.get("sides", {}).get(side.letter) if side else None
        lines.append(
            {
                "scenario": scenario,
                "kind": STATES[scenario.state],
                "is_current": side is not None and side.sha256 == draft.sha256,
                "touched": show.touched_count(found["total"]) if found else None,
                "change_fen": found["total"]["fen_now"] - found["total"]["fen_was"] if found else None,
            }
        )
    context = {
        "draft": draft,
        "rows": lines,
        "is_simulated": flow.attached(draft).exists(),
        "before": flow.before(draft),
        "may_order": has_role(account, ORDERERS, draft.unit) and draft.state in (Draft.State.DRAFT, Draft.State.SUBMITTED),
    }
    partial = request.headers.get("HX-Request")
    return render(request, f"reporting/simulation/{'_draft' if partial else 'draft'}.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def adjustment_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """影响预览 of 调标: what the form says now, against the version as it is. Changes nothing; the snapshot's time is shown.

    Where there is no snapshot yet it says so, and its one button takes one and shows the preview.
    """
    account = account_of(request)
    version = get_object_or_404(Version.objects.visible_to(account).select_related("unit"), pk=pk)
    form = AdjustmentForm(pack_of(version), request.POST or None)
    if request.POST.get("take") == "1" and snapshots.latest(version.unit) is None:
        attempt(request, flow.fresh_snapshot, version.unit, by=account, at=now())
    context: dict[str, Any] = {"version": version, "form": form, "snapshot": snapshots.latest(version.unit)}
    context["may_order"] = has_role(account, ORDERERS, version.unit)
    if request.method == "POST" and form.is_valid() and context["snapshot"] is not None:
        name, where = form.chosen()
        said = form.cleaned_data
        files = dict(read_files(bytes(version.content)).files)
        before = pack_of(version)
        try:
            files["parameters.yaml"] = with_value(
                before, files, name, said["value"], said["valid_from"], said["document_no"], where
            )
            on = max(said["valid_from"], today(now()))
            context["preview"] = preview(before, load_pack(to_zip(files)), context["snapshot"], version.unit, on)
            context |= {"on": on, "moves": show.moves(context["preview"].moves)}
        except Refused as wrong:
            context["stopped"] = str(wrong)
    partial = context["partial"] = bool(request.headers.get("HX-Request"))
    return render(request, f"reporting/simulation/{'_preview' if partial else 'preview'}.html", context)
