"""帮助: for everybody, each her own part first. Nothing is written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bangfu.access.middleware import rule_of
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import posts_of, roles_of
from bangfu.access.welcome import rooms_of, whom_to_ask
from bangfu.portal.guide import JOBS, OPEN, OWN, WORDS, Job, jobs_of


def help_page(request: HttpRequest) -> HttpResponse:
    """Staff: the jobs of their roles, then the other jobs by title; the worker and strangers: a page in big plain words."""
    account = request.user if isinstance(request.user, Account) else None
    roles = roles_of(account) if account else set()
    staff_roles = roles - {Role.WORKER}
    if account is None or not staff_roles:
        own = OWN if Role.WORKER in roles else ()
        jobs = (*own, *(job for job in OPEN if account is None or job.page != "sign-in"))
        context: dict[str, Any] = {"jobs": [_shown(job, roles if account else None) for job in jobs], "is_worker": bool(own)}
        context |= {"asked": whom_to_ask(account) if account else []}
        return render(request, "portal/help_open.html", context)
    mine = jobs_of(staff_roles)
    context = {
        "posts": "、".join(f"{post.unit.name} {post.get_role_display()}" for post in posts_of(account) if post.role != Role.WORKER),
        "jobs": [_shown(job, roles) for job in mine],
        "others": [
            (job, "、".join(str(Role(role).label) for role in Role if role in job.roles)) for job in JOBS if job not in mine
        ],
        "words": WORDS,
        "asked": whom_to_ask(account),
        "rooms": rooms_of(account),
        "is_worker": Role.WORKER in roles,
    }
    return render(request, "portal/help.html", context)


def _shown(job: Job, roles: set[str] | None) -> dict[str, Any]:
    """The job, and its link where the access table lets this reader through."""
    rule = rule_of(job.page)
    return {"job": job, "url": reverse(job.page) if rule and rule.allows("GET", roles) else ""}
