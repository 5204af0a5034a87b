"""What every page of the shell needs: menu, person, organisation, mode."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from bangfu.access.middleware import rule_of, settled_url
from bangfu.access.models import Account, Post, Unit
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import posts_of, roles_of
from bangfu.lib.days import now, today

#: (url name, icon, title) by group: work, money and people, tools. An item is shown to whom the access table grants it.
MENU = [
    [
        ("home", "inbox", _("待办")),
        ("households", "home", _("家庭档案")),
        ("staff-list", "users", _("职工花名册")),
        ("cases", "file-text", _("申请审批")),
        ("sessions", "gavel", _("评审会")),
        ("notices", "speakerphone", _("公示")),
        ("findings", "list-search", _("线索查找")),
    ],
    [
        ("funds", "building-bank", _("资金")),
        ("disbursements", "cash", _("发放")),
        ("campaigns", "gift", _("名单发放")),
    ],
    [
        ("imports", "table-import", _("导入")),
        ("policies", "book", _("办法与参数")),
        ("simulations", "report-analytics", _("测算")),
        ("figures", "report", _("数据核对")),
        ("record", "history", _("留痕")),
        ("holidays", "calendar", _("工作日历")),
        ("units", "sitemap", _("单位")),
        ("posts", "users", _("岗位授权")),
    ],
]


def shell(request: HttpRequest) -> dict[str, Any]:
    """`menu` (groups of {url, icon, title, current}), `role_title`, `organisation`, `demo_data`, `elder`, `settled_url`."""
    context: dict[str, Any] = {"elder": request.COOKIES.get("elder") == "1"}
    if request.method == "POST":
        context["settled_url"] = settled_url(request)
    account = getattr(request, "user", None)
    if account is None or not account.is_authenticated:
        return context
    if getattr(request, "_shell_of", None) != account.pk:  # parts with a template of their own ask again in the same request
        request._shell_of, request._shell = account.pk, _signed_in(request, account)  # type: ignore[attr-defined]
    return context | request._shell  # type: ignore[attr-defined]


def _signed_in(request: HttpRequest, account: Account) -> dict[str, Any]:
    posts = posts_of(account)
    first = next((post for post in posts if post.role != Role.WORKER), posts[0] if posts else None)
    organisation = first.unit.organisation if first else None
    waits = _waiting(account, posts)
    return {
        "policy_title": _policy_title(first.unit) if first else "",
        "demo_data": bool(organisation and organisation.is_demo),
        "telephone": organisation.phone if organisation else "",
        "menu": [group for group in (_group(items, account, request, waits) for items in MENU) if group],
        "role_title": f"{first.unit.name} {first.get_role_display()}" if first else "",
        "organisation": organisation,
        "may_search": bool((rule := rule_of("search")) and rule.allows("GET", {post.role for post in posts})),
        "unread": account.messages.filter(read_at=None).count(),
    }


def _policy_title(unit: Unit) -> str:
    from bangfu.policy.queries import in_force

    version = in_force(unit, today(now()))
    return version.title if version else ""


def _waiting(account: Account, posts: list[Post]) -> dict[str, int]:
    """URL name -> what waits there: open cases; for the committee its motions. One statement each, few rows by index."""
    from bangfu.governance.models import MEMBERS, Motion
    from bangfu.process.models import Case

    roles = {post.role for post in posts}
    counts = {}
    if roles & CASE_STAFF:
        counts["cases"] = Case.objects.visible_to(account).open().count()
    if roles & MEMBERS:
        counts["sessions"] = Motion.objects.visible_to(account).filter(state=Motion.State.WAITING).count()
    return counts


#: Pages that stand under an item of the menu: their address begins alike.
def _is_current(request: HttpRequest, name: str, url: str) -> bool:
    match = request.resolver_match
    if match is None:
        return False
    if match.url_name == name:
        return True
    stem = {"sessions": "/motions/", "disbursements": "/batches/", "funds": "/vouchers/"}.get(name, "")
    return name != "home" and (request.path.startswith(url) or bool(stem and request.path.startswith(stem)))


def _group(items: list, account: Account, request: HttpRequest, waits: dict[str, int]) -> list[dict[str, Any]]:
    roles, shown = roles_of(account), []
    for name, icon, title in items:
        rule = rule_of(name)
        try:
            url = reverse(name)
        except NoReverseMatch:
            continue
        if rule and rule.allows("GET", roles):
            current = _is_current(request, name, url)
            shown.append({"url": url, "icon": icon, "title": title, "count": waits.get(name) or None, "current": current})
    return shown
