"""Sign-in that ends by itself, and the access table in force for every request."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from bangfu.access.kept import keep
from bangfu.access.roles import NOBODY, Rule
from bangfu.access.scope import roles_of
from bangfu.lib.days import now

Answer = Callable[[HttpRequest], HttpResponse]
#: Addresses that belong to no role: static files are served before the table is asked.
_SAFE = ("GET", "HEAD", "POST")


class SessionEnd:
    """Signs out a session that did nothing for settings.IDLE_TIME_OUT seconds, or that began settings.SESSION_END ago."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            instant = int(now().timestamp())
            seen, began = request.session.get("seen_at"), request.session.get("signed_in_at")
            if began is not None and instant - began >= settings.SESSION_END:
                _end(request, "end")
            elif seen is not None and instant - seen > settings.IDLE_TIME_OUT:
                _end(request, "idle")
            elif seen is None or instant - seen >= 60:
                request.session["seen_at"] = instant
                request.session.setdefault("signed_in_at", instant)
        return self.get_response(request)


def _end(request: HttpRequest, why: str) -> None:
    pk = request.user.pk
    logout(request)
    request.session["timed_out"] = why
    request.ended_for = pk  # type: ignore[attr-defined]


class AccessTable:
    """Refuses what the table does not grant: strangers go to the sign-in page, an undeclared address is a 404."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: object, kwargs: object) -> HttpResponse | None:
        if _has_nul(request):
            raise SuspiciousOperation("NUL in what was sent")  # PostgreSQL stores none; no browser sends one: 400
        rule = rule_of(request.resolver_match.view_name if request.resolver_match else None)
        if rule is None:
            raise Http404
        if request.method not in _SAFE or (rule.post == NOBODY and request.method == "POST"):
            return HttpResponse(status=405, headers={"Allow": "GET"})
        if rule.get == NOBODY and request.method != "POST":
            return redirect(page_near(request.path))  # an act: reloaded, kept as a bookmark, or gone back to
        roles = roles_of(request.user) if request.user.is_authenticated else None  # type: ignore[arg-type]
        if rule.allows(str(request.method), roles):
            return _first_password(request)
        if roles is None:
            _say_why(request)
            return redirect_to_login(_way_back(request) if rule.get != NOBODY else "")
        raise PermissionDenied(_("您的岗位没有这个页面。要用它，请找安全管理员授权。"))


#: What is open to somebody whose password was chosen by somebody else.
_BEFORE_CHANGE = {"me", "sign-out", "sign-in", "elder", "healthz"}


def _first_password(request: HttpRequest) -> HttpResponse | None:
    """A password chosen by an administrator opens one page only: the one on which it is changed."""
    match = request.resolver_match
    if not getattr(request.user, "must_change_password", False) or (match and match.view_name in _BEFORE_CHANGE):
        return None
    messages.info(request, _("您的密码是别人设的，先改成只有自己知道的，才能办事。"))
    return redirect("me")


#: What people type into a search: names, numbers of papers. It goes into no other address.
_TYPED = ("q", "code", "subject", "who")


def _way_back(request: HttpRequest) -> str:
    """Where she wanted to go, without what was searched for."""
    query = request.GET.copy()
    for name in _TYPED:
        query.pop(name, None)
    return f"{request.path}?{query.urlencode()}" if query else request.path


def _say_why(request: HttpRequest) -> None:
    """Why she has to sign in again, and that what she typed is not lost."""
    why, pk = request.session.pop("timed_out", ""), getattr(request, "ended_for", None)
    if not why:
        return
    hours = settings.SESSION_END // 3600
    if why == "end":
        messages.info(request, _("登录满 %(hours)d 小时，为了安全已经退出。请重新登录。") % {"hours": hours})
    else:
        messages.info(request, _("您有一会儿没有操作，为了安全已经退出。请重新登录。"))
    if request.method == "POST" and pk and keep(request, pk, at=now()):
        messages.info(request, _("刚才填的内容还没有交上，已经留着，登录后可以接着交。"))


def _has_nul(request: HttpRequest) -> bool:
    sent = [request.GET, request.POST] if request.method == "POST" else [request.GET]
    texts = (text for data in sent for name, values in data.lists() for text in (name, *values))
    return "\0" in request.path or any("\0" in str(text) for text in texts)


class NoStore:
    """Nothing that the product answers is kept in a cache or found by a search engine, open pages neither (ASVS V14).

    What is taken down has to be gone; static files are served before this.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if "no-store" not in response.get("Cache-Control", ""):
            response["Cache-Control"] = "no-store, private"
        response.setdefault("X-Robots-Tag", "noindex, nofollow")
        return response


@cache
def _table() -> dict[str, Rule]:
    return import_string(settings.ACCESS_TABLE)


def rule_of(view_name: str | None) -> Rule | None:
    return _table().get(view_name or "")


def page_near(path: str) -> str:
    """The page of the object that an act's address belongs to: the nearest address above it that can be looked at.

    Of the address alone: who may see that page is asked there. "/cases/KY-A2026-0012/check/" -> "/cases/KY-A2026-0012/".
    """
    parts = [part for part in path.split("/") if part]
    while parts:
        parts.pop()
        address = "/" + "".join(f"{part}/" for part in parts)
        try:
            rule = rule_of(resolve(address).view_name)
        except Resolver404:
            continue
        if rule is not None and rule.get != NOBODY:
            return address
    return "/"


def settled_url(request: HttpRequest) -> str:
    """Where a page that answers a POST belongs: a reload of it looks there, and sends nothing a second time."""
    rule = rule_of(request.resolver_match.view_name if request.resolver_match else None)
    return request.get_full_path() if rule is not None and rule.get != NOBODY else page_near(request.path)
