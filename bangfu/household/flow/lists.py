"""How an account likes its list of files: columns, density, saved views. One's own taste: nothing of it stands in the record."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import parse_qsl, urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household.columns import COLUMNS
from bangfu.household.models import ListStyle, SavedView
from bangfu.household.models.lists import Density
from bangfu.lib.errors import Refused

MOST_VIEWS = 12
#: What of an address is a view; the page one stands on is not.
OF_VIEW = ("state", "q", "unit", "grade", "cause", "sort")


def query_of(pairs: Sequence[tuple[str, str]]) -> str:
    """The conditions and the order of an address, in one spelling."""
    return urlencode(sorted((name, value[:60]) for name, value in pairs if name in OF_VIEW and value))


def choose_columns(account: Account, keys: Sequence[str]) -> ListStyle:
    """Which columns to show; none chosen brings back the usual ones."""
    style, _made = ListStyle.objects.update_or_create(
        account=account, defaults={"columns": [key for key in COLUMNS if key in keys]}
    )
    return style


def choose_density(account: Account, density: str) -> ListStyle:
    if density not in Density.values:
        raise Refused(_("没有这种疏密。请选紧凑、标准或宽松。"))
    style, _made = ListStyle.objects.update_or_create(account=account, defaults={"density": density})
    return style


@transaction.atomic
def save_view(account: Account, name: str, query: str, *, at: datetime) -> SavedView:
    """Keep these conditions under a name of one's own; the same name again means the new ones. Raises Refused."""
    name = " ".join(name.split())[:20]
    if not name:
        raise Refused(_("没有写视图的名称。请写几个字，例如“因病在档”。"))
    query = query_of(parse_qsl(query))
    if len(query) > 300:
        raise Refused(_("条件太长，存不下。请减少一个条件再存。"))
    known = SavedView.objects.filter(account=account, name=name).first()
    if known is None and SavedView.objects.filter(account=account).count() >= MOST_VIEWS:
        raise Refused(_("最多存 %(n)d 个视图。请先删去一个不用的。") % {"n": MOST_VIEWS})
    view = known or SavedView(account=account, name=name, made_at=at)
    view.query = query
    view.save()
    return view
