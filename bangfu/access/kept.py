"""What was typed on a form whose session had ended: kept sealed in the stranger's session until the same person is back."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest

from bangfu.access.models import Account
from bangfu.lib.crypto import Unreadable, open_sealed, seal

KEY = "kept_form"
FOR = timedelta(hours=1)
MOST = 200_000  # characters of one form; more is a file or a flood
_AAD = b"access.kept"
_SECRET = {"password", "old", "new", "csrfmiddlewaretoken"}


@dataclass(frozen=True)
class KeptForm:
    """One form that was not taken: where it goes, its fields in order; files have to be chosen again."""

    path: str
    fields: list[tuple[str, str]]
    had_files: bool

    @property
    def texts(self) -> list[str]:
        """What a person can recognise: words and figures, no tokens."""
        return [value for name, value in self.fields if value.strip() and name not in ("version", "form_key", "next")]


def keep(request: HttpRequest, account_pk: int, *, at: datetime) -> bool:
    """Keep what this POST brought; call only after the form token was checked. Answers whether it was kept."""
    fields = [(name, value) for name, values in request.POST.lists() if name not in _SECRET for value in values]
    size = sum(len(name) + len(value) for name, value in fields)
    if not fields or size > MOST or "HX-Request" in request.headers:
        return False
    kept = {
        "account": account_pk,
        "path": request.get_full_path(),
        "fields": fields,
        "had_files": bool(request.FILES),
        "until": int((at + FOR).timestamp()),
    }
    sealed = seal(json.dumps(kept, ensure_ascii=False).encode(), aad=_AAD)
    request.session[KEY] = base64.b64encode(sealed).decode()
    return True


def kept_for(request: HttpRequest, account: Account, *, at: datetime) -> KeptForm | None:
    """The form kept for this person; what was kept for somebody else, or too long ago, is dropped."""
    text = request.session.get(KEY)
    if not text:
        return None
    try:
        kept = json.loads(open_sealed(base64.b64decode(text), aad=_AAD))
    except Unreadable:
        kept = {"account": None}
    if kept["account"] != account.pk or kept["until"] < at.timestamp():
        drop(request)
        return None
    return KeptForm(kept["path"], [(name, value) for name, value in kept["fields"]], kept["had_files"])


def drop(request: HttpRequest) -> None:
    request.session.pop(KEY, None)
