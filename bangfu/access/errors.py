"""Error pages in plain words, each with a reference number that is also in the log: who asks with it is found there."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import loader
from django.utils.translation import gettext as _

from bangfu.lib.logs import route_of

log = logging.getLogger("bangfu.errors")


def _page(request: HttpRequest, status: int, reason: str = "", exc_info: bool = False, page: str = "") -> HttpResponse:
    reference = secrets.token_hex(4).upper()
    level = logging.ERROR if status >= 500 else logging.INFO
    who = getattr(getattr(request, "user", None), "pk", None) or "-"
    said = "reference %s status %s %s %s account %s"
    log.log(level, said, reference, status, request.method, route_of(request), who, exc_info=exc_info)
    context = {"reference": reference, "reason": reason, "status": status}
    template = loader.get_template(page or f"{status}.html")
    return HttpResponse(template.render(context, request if status < 500 else None), status=status)


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 400)


def forbidden(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 403, str(exception or ""))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    return _page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, exc_info=True)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, page="403_csrf.html")


def locked_out(request: HttpRequest, credentials: Any = None, *args: Any, **kwargs: Any) -> HttpResponse:
    return _page(request, 429, _("密码连续输错 5 次，这个账号在这台电脑上锁 15 分钟。忘了密码请找安全管理员重置。"))
