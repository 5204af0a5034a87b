"""The record as a page for the auditors."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bangfu.access.roles import Role
from bangfu.access.scope import roles_of
from bangfu.audit.kinds import KINDS
from bangfu.audit.models import Event, Head
from bangfu.audit.queries import entries


def record(request: HttpRequest) -> HttpResponse:
    """The events of the auditor's units, newest first; filter by kind or subject."""
    events = Event.objects.visible_to(request.user).order_by("-seq")  # type: ignore[arg-type]
    kind, subject = request.GET.get("kind", ""), request.GET.get("subject", "")
    if kind:
        events = events.filter(kind=kind)
    if subject:
        events = events.filter(subject=subject)
    page = Paginator(events, 50).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "entries": entries(list(page.object_list), with_words=Role.AUDITOR in roles_of(request.user)),  # type: ignore[arg-type]
        "head": Head.objects.filter(pk=1).first(),
        "kinds": sorted(KINDS.items()),
        "kind": kind,
        "subject": subject,
    }
    return render(request, "audit/record.html", context)
