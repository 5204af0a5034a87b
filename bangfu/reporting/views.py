"""The source's figures beside ours, as a page."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from bangfu.access.models import Unit
from bangfu.access.scope import organisations
from bangfu.reporting.figures import ORGANISATIONS, VERDICTS
from bangfu.reporting.figures import figures as all_figures


def figures(request: HttpRequest) -> HttpResponse:
    """stated / ours / verdict for the reader's own organisation."""
    unit = Unit.objects.filter(pk__in=organisations(request.user), code__in=ORGANISATIONS).first()  # type: ignore[arg-type]
    if unit is None:
        raise Http404
    rows = [(row, VERDICTS[row.verdict]) for row in all_figures(unit)]
    return render(request, "reporting/figures.html", {"rows": rows, "unit": unit})
