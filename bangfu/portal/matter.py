"""One case of the worker with everything its page stands on, read once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.urls import reverse

from bangfu.disclosure.models import Notice
from bangfu.ledger.models import Disbursement
from bangfu.lib.days import today
from bangfu.portal.papers import APPLICATION, NOT_HERS
from bangfu.portal.queries import Mine
from bangfu.process.models import Award, Case, Step, Survey
from bangfu.process.papers import checklist
from bangfu.relief.models import Application

#: Stages at which a missing paper still holds her case up.
WAITS_FOR_PAPERS = ("apply", "investigate", "check")


@dataclass(frozen=True)
class Matter:
    """A case at an instant. `missing`: titles of papers that she has to hand in; `payment`: the sum on its way or paid."""

    case: Case
    award: Award | None
    application: Application | None
    at: datetime
    steps: list[Step]
    notice: Notice | None
    survey: Survey | None
    payment: Disbursement | None
    missing: list[str]
    signed_url: str  # the application as she signed it

    @property
    def on(self) -> date:
        return today(self.at)

    @property
    def is_in_time(self) -> bool:
        return self.case.due_on is not None and self.case.due_on >= self.on

    @property
    def takes_papers(self) -> bool:
        """May something still be handed in that somebody will look at?"""
        return self.case.is_open and self.case.stage_kind not in ("pay", "follow_up", "close")

    @property
    def may_withdraw(self) -> bool:
        gone = self.payment is not None and self.payment.state in (Disbursement.State.SENT, Disbursement.State.PAID)
        return self.case.is_open and not gone

    @property
    def asked_papers(self) -> Step | None:
        """What the union asked her to hand in after the start, while the case still stands there."""
        step = next((step for step in reversed(self.steps) if step.act == "ask_for_papers"), None)
        return step if step is not None and self.case.is_open and self.case.stage_code == step.stage_code else None


def matter_of(mine: Mine, at: datetime) -> Matter:
    """The statements do not grow with the steps or the papers."""
    case = mine.case
    link = case.notices.select_related("notice__unit").order_by("-pk").first()
    waits = case.is_open and case.stage_kind in WAITS_FOR_PAPERS
    signed = case.papers.filter(item=APPLICATION, removed_at=None, file__isnull=False).order_by("pk").first()
    return Matter(
        case=case,
        award=mine.award,
        application=mine.application,
        at=at,
        steps=list(case.steps.select_related("by")),
        notice=link.notice if link else None,
        survey=case.surveys.filter(companion_denied_at=None).select_related("visitor").order_by("-pk").first(),
        payment=mine.award.disbursement if mine.award else None,
        missing=[row.title for row in checklist(case, today(at)) if row.is_missing and row.id not in NOT_HERS] if waits else [],
        signed_url=reverse("file", args=[signed.file_id]) if signed else "",
    )
