"""Applications for aid: drafts, filing, withdrawing, asking again; and what the worker said goes onto her file."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.household import flow as household_flow
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import CAUSES, OPEN_STATES
from bangfu.lib.errors import Refused
from bangfu.process import flow as process
from bangfu.process.flow.apply import FILERS
from bangfu.process.models import Case
from bangfu.process.words import CATEGORY_OF_CAUSE
from bangfu.relief.models import Application, Draft

KEPT_DAYS = 30
MAX_DRAFT = 100_000  # characters


@dataclass(frozen=True)
class ConsentAnswer:
    """One of the three questions as it was answered, with the words that were shown."""

    kind: str
    given: bool
    wording: str


@recording
def apply(
    *,
    programme: str,
    story: str,
    causes: Sequence[str],
    wish: str = "",
    asked_fen: int | None = None,
    household: Household | None = None,
    staff: Staff | None = None,
    consents: Sequence[ConsentAnswer] = (),
    answers: Mapping[str, Any] | None = None,
    method: str = "bank",
    is_urgent: bool = False,
    by: Account,
    at: datetime,
) -> Application:
    """提交申请, by the worker on the phone or by a clerk for her (代办); the worker is the applicant either way.

    For a `household` on file, or a `staff` row of the roster: a worker without a file becomes a clue with this application.
    `consents` answer the three questions; `answers` is what she said of family, income and costs, kept sealed for the visit.
    Raises Refused (no story, cause unknown, one is open, neither file nor roster row), PermissionDenied. Source: S0-16 (1), S2-10.
    """
    story, wish = story.strip(), wish.strip()
    if len(story) < 5:
        raise Refused(_("请简单写一下遇到了什么困难，至少 5 个字。"))
    if not causes or any(code not in CAUSES for code in causes):
        raise Refused(_("请至少选一项困难原因。"))
    if asked_fen is not None and asked_fen <= 0:
        raise Refused(_("申请金额要大于 0；不确定可以空着，由工会按办法算。"))
    worker = staff.account_id if staff else household.staff.account_id if household and household.staff else None
    own = worker is not None and worker == by.pk
    household = household or _file_or_clue(staff, story, own=own, by=by, at=at)
    for consent in consents:
        household_flow.give_consent(
            household, consent.kind, given=consent.given, wording=consent.wording, by_worker=own, by=by, at=at
        )
    case = process.start(household, programme, asked_fen=asked_fen, method=method, is_urgent=is_urgent, by=by, at=at)
    application = Application.objects.create(
        case=case, applicant_name=household.head_name, via=Application.Via.PHONE if own else Application.Via.CLERK,
        filed_for_by=None if own else by, story=story[:2000], wish=wish[:500], causes=list(dict.fromkeys(causes)),
        answers=json.dumps(answers, ensure_ascii=False) if answers else "", asked_fen=asked_fen, filed_at=at,
    )  # fmt: skip
    Draft.objects.filter(account=by, form="apply" if own else "case-new").delete()
    record(
        "relief.application_filed", case, by=by, at=at, unit=case.unit, number=case.number, via=str(application.via),
        causes=list(application.causes),
    )  # fmt: skip
    return application


@recording
def accept(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """受理; the causes that the worker named go onto a file that has none yet. Raises Refused, Stale, PermissionDenied."""
    case = process.accept(pk, version=version, by=by, at=at)
    application = Application.objects.filter(case=case).first()
    household = case.household
    if application is not None and household is not None and not household.main_cause:
        main, others = application.causes[0], application.causes[1:4]
        household_flow.set_causes(household, main=main, secondary=others, why=_("本人申请时填写"), by=by, at=at)
        award = case.awards.get()
        award.category = CATEGORY_OF_CAUSE.get(main, "other")
        award.save(update_fields=["category"])
    return case


def withdraw(application: Application, *, reason: str, version: int | None = None, by: Account, at: datetime) -> Case:
    """撤回申请. Raises Refused, Stale, PermissionDenied."""
    return process.withdraw(application.case_id, version=version, reason=reason, by=by, at=at)


def ask_again(application: Application, *, text: str, by: Account, at: datetime) -> Case:
    """再次申请 to the committee, once. Raises Refused, PermissionDenied."""
    return process.ask_again(application.case_id, text=text, by=by, at=at)


@recording
def save_draft(account: Account, answers: Mapping[str, Any], *, form: str = "apply", page: int = 1, at: datetime) -> Draft:
    """Keep what is filled in so far, sealed, for 30 days from now; the next visit goes on from there. No event: nothing happened."""
    text = json.dumps(answers, ensure_ascii=False)
    if len(text) > MAX_DRAFT:
        raise Refused(_("填的内容太长，没有存下。请删短一些。"))
    draft, _created = Draft.objects.update_or_create(
        account=account, form=form,
        defaults={"answers": text, "page": page, "saved_at": at, "expires_at": at + timedelta(days=KEPT_DAYS)},
    )  # fmt: skip
    return draft


@recording
def drop_draft(account: Account, *, form: str = "apply") -> None:
    """Throw the half-filled application away."""
    Draft.objects.filter(account=account, form=form).delete()


@recording
def drop_old_drafts(*, at: datetime) -> int:
    """Drafts past their 30 days are erased (run daily)."""
    return Draft.objects.filter(expires_at__lte=at).delete()[0]


def draft_of(account: Account, *, form: str = "apply", at: datetime) -> tuple[dict[str, Any], int]:
    """What was kept: (answers, page); ({}, 1) when there is nothing or it is too old."""
    draft = Draft.objects.filter(account=account, form=form, expires_at__gt=at).first()
    return (json.loads(draft.answers), draft.page) if draft else ({}, 1)


def _file_or_clue(staff: Staff | None, story: str, *, own: bool, by: Account, at: datetime) -> Household:
    """The worker's open file, else a new clue."""
    if staff is None:
        raise Refused(_("花名册和档案里都没有找到您。请联系工会，先登记再申请。"))
    if not own:
        require_role(by, FILERS, staff.unit)
    found = Household.objects.filter(staff=staff, state__in=OPEN_STATES).select_related("unit", "staff").first()
    if found is not None:
        return found
    # The worker may not write files: that a clue is noted follows from her application, the system notes it.
    return household_flow.add_clue(
        unit=staff.unit, head_name=staff.name, note=_("本人申请时登记"), staff=staff, by=None if own else by, at=at
    )
