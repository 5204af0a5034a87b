"""Who hears of a step: the people of the next stage, and the worker. No sum, no illness, no name (ux.md "messages")."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with
from bangfu.notify.flow import tell
from bangfu.process.conflicts import kin_among
from bangfu.process.models import Case


def survey_url(case: Case) -> str:
    """入户调查表, a page of its own."""
    return f"{url_of(case)}survey/"


def url_of(case: Case) -> str:
    return f"/cases/{case.number}/"


def worker_of(case: Case) -> Account | None:
    """The worker's own account, when her household has one."""
    staff = case.household.staff if case.household else None
    return staff.account if staff and staff.account_id else None


def tell_next(case: Case, *, by: Account | None, at: datetime) -> None:
    """A to-do for whoever may act at the stage just entered; not for the one who brought it there."""
    roles = [role for role in case.stage_roles.strip("|").split("|") if role and role != Role.WORKER]
    if not roles:
        return
    people = [account for account in accounts_with(roles, case.unit) if by is None or account.pk != by.pk]
    kept_from = kin_among(people, case)
    tell(
        [account for account in people if account.pk not in kept_from],
        _("有一件新的待办：%(number)s %(stage)s。") % {"number": case.number, "stage": case.stage_title},
        url=url_of(case),
        at=at,
    )


def tell_worker(case: Case, *, by: Account | None, at: datetime, text: str = "") -> None:
    """The worker hears that something moved; what, she reads after signing in."""
    worker = worker_of(case)
    if worker is None or (by is not None and worker.pk == by.pk):
        return
    words = text or _("您的申请 %(number)s 有新进展，请登录查看。") % {"number": case.number}
    tell([worker], words, url=f"/my/applications/{case.number}/", at=at)
