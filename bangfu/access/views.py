"""Sign-in, one's own page, and the organisation pages of the administrators."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from bangfu.access import flow
from bangfu.access.announce import announce
from bangfu.access.edge import attempt
from bangfu.access.forms import HolidayForm, PasswordForm, PostForm, ResetForm, SignInForm, UnitForm
from bangfu.access.kept import drop, kept_for
from bangfu.access.lockout import account_of, address_of
from bangfu.access.models import Account, Holiday, Post, Unit
from bangfu.access.roles import CALENDAR_KEEPERS, Role
from bangfu.access.scope import has_role, home_unit, organisations, posts_of, roles_of
from bangfu.access.tally import count_try
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused


def sign_in(request: HttpRequest) -> HttpResponse:
    """Django's own sign-in behind axes; success and failure leave an event."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    safe = wanted if url_has_allowed_host_and_scheme(wanted, {request.get_host()}) else ""
    if request.user.is_authenticated and request.method == "GET":
        return HttpResponseRedirect(safe) if safe else redirect("home")
    form = SignInForm(request, request.POST or None)
    if request.method == "POST":
        with transaction.atomic():
            if form.is_valid():
                account = form.get_user()
                login(request, account)
                request.session["signed_in_at"] = request.session["seen_at"] = int(now().timestamp())
                announce("access.signed_in", account, by=account, at=now(), unit=home_unit(account), address=address_of(request))
                if kept_for(request, account, at=now()):
                    return redirect("kept-form")
                return HttpResponseRedirect(safe) if safe else redirect("home")
            tried = account_of(request.POST.get("username"))  # what is no account may be an identity number: not kept
            count_try(
                "access.sign_in_failed",
                who=tried.username if tried else "",
                address=address_of(request),
                is_locked=getattr(request, "axes_locked_out", False),
                at=now(),
            )
    context = {"form": form, "next": safe, **_only_house()}
    return render(request, "access/sign_in.html", context, status=422 if form.errors else 200)


def _only_house() -> dict[str, Any]:
    """Whose system this is and whom to call: said to strangers only where one organisation uses it."""
    houses = list(Unit.objects.filter(parent=None)[:2])
    return {"organisation": houses[0], "telephone": houses[0].phone, "demo_data": houses[0].is_demo} if len(houses) == 1 else {}


def kept_form(request: HttpRequest) -> HttpResponse:
    """What was typed when the session had ended, to be sent after all; POST drops it."""
    kept = kept_for(request, request.user, at=now())  # type: ignore[arg-type]
    if request.method == "POST":
        drop(request)
    if request.method == "POST" or kept is None:
        return redirect("home")
    return render(request, "access/kept_form.html", {"kept": kept})


def sign_out(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        account: Account = request.user  # type: ignore[assignment]
        announce("access.signed_out", account, by=account, at=now(), unit=home_unit(account))
    logout(request)
    response = redirect("sign-in")
    response["Clear-Site-Data"] = '"cache", "storage"'
    return response


def me(request: HttpRequest) -> HttpResponse:
    """One's own posts and password."""
    account: Account = request.user  # type: ignore[assignment]
    form = PasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        _result, refusal = attempt(request, flow.change_password, account, at=now(), **form.cleaned_data)
        if refusal is None:
            account.refresh_from_db()
            update_session_auth_hash(request, account)
            messages.success(request, _("密码改好了。下次用新密码登录。"))
            return redirect("me")
    return render(request, "access/me.html", {"form": form, "posts": posts_of(account)})


def healthz(request: HttpRequest) -> HttpResponse:
    """ "ok" when the process serves and the database answers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse("ok", content_type="text/plain")


def elder(request: HttpRequest) -> HttpResponse:
    """大字 mode on or off, kept in a cookie for a year; goes back to the page it came from."""
    back = request.POST.get("next", "")
    is_ours = back.startswith("/") and url_has_allowed_host_and_scheme(back, {request.get_host()})
    response = redirect(back if is_ours else "home")
    wanted = request.POST.get("elder") or ("0" if request.COOKIES.get("elder") == "1" else "1")  # pressed twice is pressed once
    response.set_cookie("elder", "1" if wanted == "1" else "0", max_age=365 * 86400, samesite="Lax")
    return response


def units(request: HttpRequest) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    form = UnitForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        _unit, refusal = attempt(request, flow.add_unit, by=account, at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("units")
    rows = Unit.objects.visible_to(account)
    return render(request, "access/units.html", {"form": form, "units": rows}, status=422 if form.errors else 200)


def posts(request: HttpRequest) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    form = PostForm(request.POST or None, account=account)
    if request.method == "POST" and form.is_valid():
        _post, refusal = attempt(request, _appoint, form.cleaned_data, by=account)
        if refusal is None:
            return redirect("posts")
    rows = Post.objects.visible_to(account).select_related("account", "unit")
    can_appoint = str(Role.SECURITY_ADMIN) in roles_of(account)
    context = {"form": form, "posts": rows, "can_appoint": can_appoint}
    return render(request, "access/posts.html", context, status=422 if form.errors else 200)


@transaction.atomic
def _appoint(data: dict, *, by: Account) -> Post:
    instant = now()
    known = Account.objects.filter(username=data["account"]).first()
    if known is not None and known.posts.exists() and not Account.objects.visible_to(by).filter(pk=known.pk).exists():
        raise Refused(_("账号“%(username)s”已经有人用了。换一个账号名。") % {"username": known.username})  # of another organisation
    account = known or flow.add_account(
        username=data["account"], name=data["name"] or data["account"], password=data["password"], by=by, at=instant
    )
    return flow.appoint(account, data["role"], data["unit"], from_date=data["from_date"], by=by, at=instant)


def post_password(request: HttpRequest, pk: int) -> HttpResponse:
    """A new password for whoever holds this post and forgot hers."""
    post = get_object_or_404(Post.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    form = ResetForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        account, refusal = attempt(request, flow.reset_password, post, by=request.user, at=now(), **form.cleaned_data)
        if refusal is None:
            messages.success(request, _("%(name)s的密码重置了。请当面告诉本人，第一次登录要改。") % {"name": account.name})
            return redirect("posts")
    return render(request, "access/post_password.html", {"form": form, "post": post})


def post_ending(request: HttpRequest, pk: int) -> HttpResponse:
    post = get_object_or_404(Post.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    attempt(request, flow.end_post, post, to_date=today(now()), by=request.user, at=now())
    return redirect("posts")


def holidays(request: HttpRequest) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    form = HolidayForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        mine = Unit.objects.filter(pk__in=organisations(account)).order_by("pk")
        unit = next((one for one in mine if has_role(account, CALENDAR_KEEPERS, one)), mine[0])
        _row, refusal = attempt(request, flow.set_holiday, unit, by=account, at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("holidays")
    rows = Holiday.objects.visible_to(account)
    context = {"form": form, "holidays": rows, "title": _("工作日历")}
    return render(request, "access/holidays.html", context, status=422 if form.errors else 200)


def holiday_removal(request: HttpRequest, pk: int) -> HttpResponse:
    holiday = get_object_or_404(Holiday.objects.visible_to(request.user), pk=pk)  # type: ignore[arg-type]
    attempt(request, flow.remove_holiday, holiday, by=request.user, at=now())
    return redirect("holidays")
