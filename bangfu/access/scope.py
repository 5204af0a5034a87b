"""Which rows an account reaches, and whether it holds a role: the two questions every page and every act asks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, TypeVar

from django.core.exceptions import PermissionDenied
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from bangfu.access.roles import CASE_STAFF, Role
from bangfu.lib.days import now, today

if TYPE_CHECKING:
    from bangfu.access.models import Account, Post, Unit

M = TypeVar("M", bound=Model)
QS = TypeVar("QS", bound=QuerySet)


def posts_of(account: Account, on: date | None = None) -> list[Post]:
    """The posts held today (or `on`), one query a request: kept on the account object for the day it was asked."""
    from bangfu.access.models import Post

    day = on or today(now())
    kept = getattr(account, "_posts", None)
    if kept is None or kept[0] != day:
        held = list(Post.objects.held_on(day).filter(account=account).select_related("unit")) if account.pk else []
        kept = (day, held)
        account._posts = kept  # type: ignore[attr-defined]
    return kept[1]


def roles_of(account: Account, on: date | None = None) -> set[str]:
    return {post.role for post in posts_of(account, on)}


def home_unit(account: Account) -> Unit | None:
    """The unit of the account's first post: where her work begins, and whose auditors read of her signing in."""
    held = posts_of(account)
    return held[0].unit if held else None


def within(queryset: QS, account: Account, *, unit_path: str, roles: Iterable[Role] = CASE_STAFF) -> QS:
    """Rows whose unit lies at or below a unit where the account holds one of `roles`. No such post: no rows."""
    wanted = set(roles)
    paths = {post.unit.path for post in posts_of(account) if post.role in wanted}
    tops = [path for path in paths if not any(path != other and path.startswith(other) for other in paths)]
    if not tops:
        return queryset.none()
    return queryset.filter(reduce(or_, (Q(**{f"{unit_path}__startswith": path}) for path in sorted(tops))))


def organisations(account: Account) -> set[int]:
    """Primary keys of the organisations in which the account holds any post."""
    return {post.unit.organisation_id for post in posts_of(account)}


def has_role(account: Account | None, roles: Role | str | Iterable[Role | str], unit: Unit, *, on: date | None = None) -> bool:
    """Does the account hold one of `roles` at `unit` or at a unit above it?"""
    if account is None:
        return False
    wanted = {str(roles)} if isinstance(roles, str) else {str(role) for role in roles}
    return any(post.role in wanted and unit.path.startswith(post.unit.path) for post in posts_of(account, on))


def require_role(account: Account | None, roles: Role | str | Iterable[Role | str], unit: Unit, *, on: date | None = None) -> None:
    """Raises PermissionDenied with a sentence that names the role that may. `account` None is the system itself: refused."""
    if has_role(account, roles, unit, on=on):
        return
    names = [roles] if isinstance(roles, str) else sorted(roles)
    raise PermissionDenied(
        _("这一步要由%(unit)s的%(roles)s来办，您的岗位办不了。请转给对应的人。")
        % {"unit": unit.name, "roles": "、".join(str(Role(name).label) for name in names)}
    )


def accounts_with(roles: Role | str | Iterable[Role | str], unit: Unit, *, on: date | None = None) -> list[Account]:
    """Active accounts that hold one of `roles` at `unit` or above it, nearest unit only (the ones who get the to-do)."""
    from bangfu.access.models import Post

    names = [roles] if isinstance(roles, str) else list(roles)
    ancestors = [int(part) for part in unit.path.split("/") if part]
    posts = (
        Post.objects.held_on(on or today(now()))
        .filter(role__in=names, unit__in=ancestors, account__is_active=True)
        .select_related("account", "unit")
    )
    if not posts:
        return []
    nearest = max(len(post.unit.path) for post in posts)
    return list({post.account_id: post.account for post in posts if len(post.unit.path) == nearest}.values())
