from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bangfu.lib.days import now
from bangfu.notify import flow
from bangfu.notify.models import Message


def messages(request: HttpRequest) -> HttpResponse:
    """The account's messages; POST marks them read."""
    if request.method == "POST":
        flow.mark_read(request.user, at=now())  # type: ignore[arg-type]
        return redirect("messages")
    rows = Message.objects.visible_to(request.user)[:200]  # type: ignore[arg-type]
    return render(request, "notify/messages.html", {"rows": rows})
