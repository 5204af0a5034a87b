"""The one door to every file."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.evidence import flow
from bangfu.evidence.models import File
from bangfu.lib.days import now


def file(request: HttpRequest, pk: int) -> HttpResponse:
    """The file for whoever may see it (strangers: 404); the reading is recorded. Never run as a page by the browser."""
    row = get_object_or_404(File.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    content, refusal = attempt(request, flow.read, row, by=request.user, at=now())
    if refusal is not None:
        return redirect("home")  # which says why
    # the uploader's name of the file may be a person's: it stays on the page, a download is called by its number
    name = _("材料_%(pk)d%(ending)s") % {"pk": row.pk, "ending": flow.ending_of(row)}
    inline = row.media_type.startswith("image/") or row.media_type == "application/pdf"
    headers = {
        "Content-Disposition": content_disposition_header(not inline, name) or "attachment",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store, private",
    }
    return HttpResponse(content, content_type=row.media_type, headers=headers)
