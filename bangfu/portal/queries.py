"""Reads of the worker's own things: her applications with what they stand on. Strangers get nothing."""

from __future__ import annotations

from dataclasses import dataclass

from django.shortcuts import get_object_or_404

from bangfu.access.models import Account
from bangfu.process.models import Award, Case
from bangfu.relief.models import Application


@dataclass(frozen=True)
class Mine:
    """One case of the worker: what she said (none where the union opened it by itself), and the sum for her household."""

    case: Case
    application: Application | None
    award: Award | None


def applications_of(account: Account) -> list[Mine]:
    """All cases of her household, the newest first. Two statements."""
    cases = Case.objects.of_worker(account).select_related("application", "household__staff", "unit", "policy_version", "handler")
    return [_mine(case) for case in cases.prefetch_related("awards__disbursement", "awards__assessment")]


def open_programmes(account: Account) -> dict[str, str]:
    """Programme -> number of the case of her household that is open: the same is not applied for twice."""
    return dict(Case.objects.of_worker(account).open().values_list("programme", "number"))


def application_of(account: Account, number: str) -> Mine:
    """One of her cases by its number; another worker's number is a 404 (P10)."""
    cases = Case.objects.of_worker(account).select_related("application", "household__staff", "unit", "policy_version", "handler")
    return _mine(get_object_or_404(cases.prefetch_related("awards__disbursement", "awards__assessment"), number=number))


def _mine(case: Case) -> Mine:
    awards = [award for award in case.awards.all() if award.is_in]
    return Mine(case, getattr(case, "application", None), awards[0] if awards else None)
