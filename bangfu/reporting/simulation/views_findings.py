"""The finders' lists as pages to work from."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.access.edge import attempt, attempt_form
from bangfu.access.models import Account, Unit
from bangfu.access.scope import within
from bangfu.lib.days import now, parse_day, today
from bangfu.reporting.simulation import findings as flow
from bangfu.reporting.simulation.models import FINDERS, Finding
from bangfu.reporting.simulation.views import account_of, page_of

K = Finding.Kind


def explained() -> dict[str, str]:
    """What each list holds, in a sentence."""
    return {
        K.UNAPPLIED: _("在档，按办法可以申请，近 12 个月没有申请过。"),
        K.UNFILED: _("还是线索，按现有资料已经符合建档条件。"),
        K.EXIT: _("在档，按现有资料已经达到退出条件。复核以后再办退出。"),
        K.BACK: _("已经脱困，按档案上的资料又符合条件。先核实资料是不是新的。"),
        K.STALE: _("在档，超过复核的期限没有复核。"),
        K.NEVER: _("在档，还没有发放过任何帮扶。"),
        K.MISSING: _("资料不全，办法定不下来。补齐以后才能判断。"),
    }


class SettingAsideForm(forms.Form):
    until = forms.CharField(label=gettext_lazy("哪天再提醒"), max_length=20)
    reason = forms.CharField(label=gettext_lazy("原因"), max_length=400)

    def clean_until(self) -> object:
        try:
            return parse_day(self.cleaned_data["until"])
        except ValueError as wrong:
            raise ValidationError(_("要写日期，例如 2027-01-01。")) from wrong


def _open() -> Q:
    return Q(set_aside_until=None) | Q(set_aside_until__lte=today(now()))


def _units(account: Account) -> list[Unit]:
    return list(within(Unit.objects.all(), account, unit_path="path", roles=FINDERS).order_by("path")[:1])


@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """One list of the account's units; ?kind= chooses it, ?aside=1 shows what was set aside."""
    seen = Finding.objects.visible_to(account_of(request))
    counts = dict(seen.filter(_open()).order_by().values_list("kind").annotate(Count("pk")))
    aside = seen.exclude(_open())
    is_aside = request.GET.get("aside") == "1"
    kind = request.GET.get("kind", "")
    if kind not in K.values:
        kind = next((str(one) for one in K.values if counts.get(one)), str(K.UNAPPLIED))
    rows = aside if is_aside else seen.filter(_open(), kind=kind)
    tabs = [
        {"title": str(label), "url": f"?kind={value}", "count": counts.get(value, 0), "current": not is_aside and value == kind}
        for value, label in K.choices
    ]
    tabs.append({"title": _("暂不处理"), "url": "?aside=1", "count": aside.count(), "current": is_aside})
    page = page_of(request, rows.select_related("household__unit", "set_aside_by"))
    for row in page:
        row.words = _("、").join(row.details)
    context = {
        "tabs": tabs,
        "kind": kind,
        "is_aside": is_aside,
        "sentence": _("写了原因、到日再提醒的。") if is_aside else explained()[K(kind)],
        "page": page,
        "searched_at": seen.aggregate(last=Max("searched_at"))["last"],
    }
    return render(request, "reporting/simulation/findings.html", context)


@require_POST
def findings_search(request: HttpRequest) -> HttpResponse:
    """重新查找."""
    units = _units(account_of(request))
    if not units:
        raise Http404
    count, refusal = attempt(request, flow.search_now, units[0], by=account_of(request), at=now())
    if refusal is None:
        messages.success(request, _("查完了：全单位共 %(n)d 条。") % {"n": count})
    return redirect("findings")


def _found(request: HttpRequest, pk: int) -> Finding:
    seen = Finding.objects.visible_to(account_of(request)).select_related("household__unit", "set_aside_by")
    return get_object_or_404(seen, pk=pk)


@require_http_methods(["GET", "HEAD", "POST"])
def finding_setting_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """暂不处理: until when and why."""
    finding = _found(request, pk)
    form = SettingAsideForm(request.POST or None, initial={"until": (today(now()) + timedelta(days=90)).isoformat()})
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        _done, refusal = attempt_form(
            request, form, flow.set_aside, finding, until=said["until"], reason=said["reason"], by=account_of(request), at=now()
        )
        if refusal is None:
            return redirect(f"{reverse('findings')}?kind={finding.kind}")
    context = {"finding": finding, "form": form}
    return render(request, "reporting/simulation/setting_aside.html", context, status=422 if form.errors else 200)


@require_POST
def finding_taking_up(request: HttpRequest, pk: int) -> HttpResponse:
    """重新处理."""
    attempt(request, flow.take_up, _found(request, pk), by=account_of(request), at=now())
    return redirect(f"{reverse('findings')}?aside=1")
