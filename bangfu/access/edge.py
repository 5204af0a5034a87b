"""The helpers at the edge: call a flow function, show a refusal to the user and record it after the rollback."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest
from django.utils.translation import gettext as _

from bangfu.access.announce import announce
from bangfu.access.lockout import address_of
from bangfu.access.models import Account
from bangfu.access.tally import count_try
from bangfu.lib.days import now
from bangfu.lib.errors import Refused
from bangfu.lib.logs import route_of

ONE_LINE = ("reason", "why", "note")  # fields of such acts


def attempt(request: HttpRequest, action: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Refused | None]:
    """Call `action`; answer (its result, None), or (None, the refusal) with the refusal shown and recorded.

    Raises PermissionDenied as it came, recorded too. Nothing of the refused act remains: its transaction is rolled back.
    """
    result, refusal = _attempted(request, action, *args, **kwargs)
    if refusal is not None:
        messages.error(request, str(refusal) + _typed(request))
    return result, refusal


def _typed(request: HttpRequest) -> str:
    """The reason that was typed into an act of one line, whose page does not show its form again: to be copied."""
    words = next((text for name in ONE_LINE if (text := str(request.POST.get(name, "")).strip())), "")
    return _(" 您写的“%(words)s”没有保存，可以复制了再填。") % {"words": words[:300]} if words else ""


def attempt_form(
    request: HttpRequest, form: BaseForm, action: Callable[..., Any], *args: Any, field: str | None = None, **kwargs: Any
) -> tuple[Any, Refused | None]:
    """`attempt`, but the refusal stands in the form (at `field`, or over it), once."""
    result, refusal = _attempted(request, action, *args, **kwargs)
    if refusal is not None:
        form.add_error(field, str(refusal))
    return result, refusal


def _attempted(request: HttpRequest, action: Callable[..., Any], *args: Any, **kwargs: Any) -> tuple[Any, Refused | None]:
    try:
        return action(*args, **kwargs), None
    except Refused as refusal:
        note_refusal(request, action, str(refusal))
        return None, refusal
    except PermissionDenied as denial:
        note_refusal(request, action, str(denial))
        raise


def note_refusal(request: HttpRequest, action: Callable[..., Any] | str, reason: str) -> None:
    """Record that an act was refused: who tried what, where, and why."""
    what = action if isinstance(action, str) else f"{action.__module__}.{action.__name__}"
    account = request.user if isinstance(request.user, Account) else None
    if account is None:  # anybody can be refused on an open page, as often as she likes
        count_try("access.action_refused", address=address_of(request), at=now(), action=what)
        return
    with transaction.atomic():
        announce("access.action_refused", _place(request), by=account, at=now(), action=what, reason=reason[:500])


def _place(request: HttpRequest) -> str:
    """Where it was: the name of the address and the object's number, never a secret of an open page."""
    match = request.resolver_match
    given = match.kwargs if match else {}
    key = given.get("number", given.get("pk", ""))
    return f"route:{route_of(request)}{f':{key}' if key else ''}"[:80]
