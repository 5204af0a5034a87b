"""Cases as rows: with what their state depends on, as a filtered list, as others show them.

Days in Asia/Shanghai, sums in fen. The number of statements does not grow with the number of cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet

from bangfu.access.models import Account
from bangfu.disclosure.models import Objection
from bangfu.household.models import Household
from bangfu.household.search import keys_of_files
from bangfu.lib.days import today
from bangfu.process.conflicts import cases_of_kin
from bangfu.process.models import Award, Case, CaseMotion, CaseNotice, Survey


def seen(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a row shows; the rules' bytes stay in the database."""
    return cases.select_related("unit", "household__unit", "household__staff").order_by(F("due_on").asc(nulls_last=True), "pk")


def with_work(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Prefetched what the state of a row depends on: awards, surveys, notices with objections, motions with resolutions."""
    return seen(cases).prefetch_related(
        Prefetch("awards", queryset=Award.objects.select_related("disbursement").order_by("position")),
        Prefetch(
            "surveys",
            queryset=Survey.objects.only(
                "case",
                "visitor",
                "is_for_two",
                "companion_account",
                "companion_confirmed_at",
                "companion_denied_at",
                "is_alone_in_unit",
                "countersigned_at",
                "handed_in_at",
            ),
        ),
        Prefetch(
            "notices", queryset=CaseNotice.objects.select_related("notice").prefetch_related("notice__objections").order_by("pk")
        ),
        Prefetch("motions", queryset=CaseMotion.objects.select_related("motion__session", "motion__resolution").order_by("pk")),
    )


@dataclass(frozen=True)
class Filters:
    """What the list of cases may be narrowed by; empty = all."""

    text: str = ""
    stage: str = ""
    state: str = "open"
    unit: str = ""
    programme: str = ""
    due: str = ""


SORTS = {"due": "due_on", "number": "number", "opened": "opened_at", "stage": "stage_since"}


def case_list(account: Account, filters: Filters, *, sort: str = "due", at: datetime) -> QuerySet[Case]:
    """Cases that the account sees, filtered and sorted; rows carry what their state depends on."""
    cases = Case.objects.visible_to(account)
    if filters.state:
        cases = cases.filter(state=filters.state)
    if filters.stage:
        cases = cases.filter(stage_kind=filters.stage)
    if filters.unit:
        cases = cases.filter(unit__code=filters.unit)
    if filters.programme:
        cases = cases.filter(programme=filters.programme)
    if filters.due == "late":
        cases = cases.filter(due_on__lt=today(at))
    elif filters.due == "today":
        cases = cases.filter(due_on=today(at))
    text = filters.text.strip()
    if text:
        found = keys_of_files(account, text)
        cases = cases.filter(Q(number__icontains=text) | Q(title__icontains=text) | Q(household__in=found))
    column = SORTS.get(sort.lstrip("-"), "due_on")
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return with_work(cases).order_by(order, "-pk")


def stage_counts(account: Account) -> dict[str, int]:
    """Open cases by kind of stage, for the tabs of the list."""
    rows = Case.objects.open().visible_to(account).order_by().values("stage_kind").annotate(n=Count("pk"))
    return {row["stage_kind"]: row["n"] for row in rows}


# -- what others show


def cases_of(household: Household, account: Account | None = None) -> list[Case]:
    """The household's cases and the lists it stood on, latest first; for staff without their kin's."""
    cases = Case.objects.filter(Q(household=household) | Q(awards__household=household)).distinct()
    if account is not None:
        cases = cases.exclude(pk__in=cases_of_kin(account))
    return list(with_work(cases).order_by("-opened_at", "-pk"))


def open_objections(case: Case) -> list[Objection]:
    """Objections to this case's notices that have no answer yet."""
    return list(
        Objection.objects.filter(notice__case_notice__case=case, answered_at=None).select_related("notice").order_by("raised_at")
    )


def similar_amounts(case: Case, limit: int = 10) -> list[int]:
    """What the committee gave in the last cases of the same programme in the organisation; sums only, nobody's name."""
    rows = Award.objects.filter(
        case__programme=case.programme, case__unit__path__startswith=f"/{case.unit.organisation_id}/", awarded_fen__isnull=False
    ).exclude(case=case)
    return [fen for fen in rows.order_by("-pk").values_list("awarded_fen", flat=True)[:limit] if fen is not None]
