"""How axes counts wrong passwords: by account and address, and nothing that was typed is kept.

A stranger chooses the user name, the browser's name and every field of the form: none of them may fill the database or
stand there in clear (an identity number typed into the wrong field).
"""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.http import HttpRequest

from bangfu.access.models import Account
from bangfu.lib.crypto import blind_index

BUCKETS = 1024  # rows that all unknown names share; a name is told from an existing one no sooner than by filling them


def account_of(username: str | None) -> Account | None:
    """The account that somebody tried to sign in to."""
    return Account.objects.filter(username=(username or "").strip()[:60]).first()


def name_of(request: HttpRequest, credentials: dict[str, Any] | None = None) -> str:
    """What axes counts under (AXES_USERNAME_CALLABLE): the account's name, for all other names one of a fixed number."""
    typed = str((credentials or request.POST).get("username") or "").strip()[:60]
    known = account_of(typed)
    return known.username if known else f"?{int(blind_index(typed, 'sign-in')[:8], 16) % BUCKETS}"


def address_of(request: HttpRequest) -> str:
    """Where a request comes from (AXES_CLIENT_IP_CALLABLE); of an IPv6 address the network that one customer has, /64."""
    text = str(request.META.get("REMOTE_ADDR") or "")
    if settings.BEHIND_PROXY:  # the last entry is the proxy's own; those before it are the stranger's
        text = str(request.META.get("HTTP_X_FORWARDED_FOR") or text).rsplit(",", 1)[-1].strip()
    try:
        address = ip_address(text)
    except ValueError:
        return "0.0.0.0"
    if isinstance(address, IPv6Address):
        return str(address.ipv4_mapped or IPv6Address(int(address) >> 64 << 64))
    return str(address)


class Handler(AxesDatabaseHandler):
    """The database handler of axes, told nothing but who, whence and when."""

    def user_login_failed(self, sender: Any, credentials: dict[str, Any], request: Any = None, **kwargs: Any) -> None:
        if request is None:
            return
        bare = HttpRequest()
        bare.META["REMOTE_ADDR"] = request.META.get("REMOTE_ADDR", "")
        kept = {"axes_locked_out": request.axes_locked_out, "axes_attempt_time": request.axes_attempt_time}
        blank = {"axes_user_agent": "", "axes_http_accept": "", "axes_path_info": "", "axes_credentials": None}
        bare.__dict__.update(kept, **blank, axes_ip_address=request.axes_ip_address, axes_updated=True)
        super().user_login_failed(sender, credentials, bare, **kwargs)
        request.axes_locked_out = bare.axes_locked_out  # type: ignore[attr-defined]
        request.axes_failures_since_start = getattr(bare, "axes_failures_since_start", None)
        request.axes_credentials = None  # the answer needs no name
