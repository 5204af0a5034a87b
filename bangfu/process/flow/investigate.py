"""调查: two people visit the household; in a unit with one clerk a second signs beside her."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with, has_role, require_role
from bangfu.audit.record import recording
from bangfu.household.flow import correct_many
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell
from bangfu.process import messages
from bangfu.process.conflicts import INVESTIGATE, separate, why_not
from bangfu.process.facts import facts_of_case
from bangfu.process.flow.apply import add_paper
from bangfu.process.flow.common import advance, clean, locked, note, require, stay
from bangfu.process.models import Case, Survey
from bangfu.process.papers import VISIT

COUNTERSIGNERS = frozenset({Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD})
#: Who may go along and confirm it with her own account.
COMPANIONS = frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER})
OLDEST_VISIT = 30  # days before the application that a visit may lie


@recording
def hand_in_survey(
    pk: int,
    *,
    version: int,
    visited_on: date,
    companion: str = "",
    companion_account: Account | None = None,
    place: str,
    findings: str,
    found_size: int,
    found_income_fen: int,
    differences: str = "",
    refuses_check: bool | None = None,
    has_hidden_income: bool | None = None,
    is_aided_elsewhere: bool | None = None,
    asked_fen: int | None = None,
    loss_fen: int | None = None,
    photos: Sequence[tuple[str, bytes]] = (),
    by: Account,
    at: datetime,
) -> Case:
    """交入户调查表: who went, when, what they found; the file's figures beside what was seen, a difference explained.

    `found_income_fen` of twelve months; onto a file that says nothing of its income it goes as stated. None: nobody could say. With one clerk in the unit the case
    waits for a countersignature. Raises Refused, Stale, PermissionDenied. Source: S0-16 (2), S1-5, contracts.md "Roles".
    """
    case = locked(pk, kind="investigate", version=version)
    require(case, by, duty=INVESTIGATE)
    _check_visit(case, visited_on, companion, companion_account, by, at)
    if waiting_survey(case) is not None:
        raise Refused(_("入户调查表已经交了，等另一位签字。要改，请先退回再重新交。"))
    facts = facts_of_case(case, today(at))
    survey = Survey(
        case=case, visited_on=visited_on, visitor=by, companion_account=companion_account, is_for_two=wants_two(case),
        companion=companion_account.name if companion_account else companion.strip(),
        place=place.strip()[:80] or _("家中"), findings=clean(findings, least=10, what=_("看到的情况")), found_size=found_size,
        found_income_fen=found_income_fen, file_size=facts.get("household_size"), file_income_fen=facts.get("annual_income_fen"),
        differences=differences.strip(), handed_in_at=at, is_alone_in_unit=is_alone(case),
    )  # fmt: skip
    if survey.differs and len(survey.differences) < 4:
        raise Refused(_("家庭人口或年收入与档案不一致。请先在档案里更正，或在“与档案不一致的说明”里写明原因。"))
    survey.save()
    _onto_the_file(case, survey, {"refuses_check": refuses_check, "has_hidden_income": has_hidden_income}, by=by, at=at)
    if asked_fen:
        case.awards.filter(asked_fen=None).update(asked_fen=asked_fen)
    case.is_aided_elsewhere, case.loss_fen, case.handler = is_aided_elsewhere, loss_fen, by
    for name, content in photos:
        add_paper(case.pk, item=VISIT, content=content, name=name, by=by, at=at)
    case.save(update_fields=["is_aided_elsewhere", "loss_fen", "handler"])
    note(
        "process.survey_handed_in", case, by=by, at=at, survey=survey.pk, visited_on=visited_on.isoformat(),
        companion=survey.companion, differs=survey.differs, alone=survey.is_alone_in_unit,
    )  # fmt: skip
    if survey.waits_for_companion:
        _tell(companion_account, case, _("%(number)s 的入户调查表写了与您同去，请您确认。"), at=at)
        return stay(case, "hand_in_survey", "waits_for_companion", by=by, at=at, duty=INVESTIGATE)
    if survey.waits_for_countersignature:
        return stay(case, "hand_in_survey", "waits_for_countersignature", by=by, at=at, duty=INVESTIGATE)
    return advance(case, "passed", act="hand_in_survey", by=by, at=at, duty=INVESTIGATE)


@recording
def countersign(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """签入户调查表: the companion confirms with her own account that she went; then, in a unit with one clerk, the chair or
    the office confirms what the clerk found. A companion who may countersign does both at once. She investigates, too.

    Raises Refused (nothing to sign, one's own survey, the companion first), Stale, PermissionDenied. Source: S0-16 (2).
    """
    case = locked(pk, kind="investigate", version=version)
    survey = waiting_survey(case)  # what was handed in before a return does not count
    if survey is None:
        raise Refused(_("没有等会签的入户调查表。请先由干事交表。"))
    if survey.visitor_id == by.pk:
        raise Refused(_("入户调查表是您交的，要由另一个人会签。请转给单位主席或帮扶办公室。"))
    is_companion = survey.waits_for_companion and survey.companion_account_id == by.pk
    if is_companion:
        require_role(by, COMPANIONS, case.unit)
    else:
        require_role(by, countersigners(case), case.unit)
        if survey.waits_for_companion:
            raise Refused(_("要先由同去的%(name)s本人确认。") % {"name": survey.companion})
    separate(case, by, INVESTIGATE)
    if is_companion:
        survey.companion_confirmed_at = at
        note("process.visit_confirmed", case, by=by, at=at, survey=survey.pk)
    if survey.waits_for_countersignature and (not is_companion or has_role(by, countersigners(case), case.unit)):
        survey.countersigned_by, survey.countersigned_at = by, at
        note("process.survey_countersigned", case, by=by, at=at, survey=survey.pk)
    survey.save(update_fields=["companion_confirmed_at", "countersigned_by", "countersigned_at"])
    act = "confirm_visit" if is_companion else "countersign"
    if survey.waits:
        return stay(case, act, "waits_for_countersignature", by=by, at=at, duty=INVESTIGATE)
    return advance(case, "passed", act=act, by=by, at=at, duty=INVESTIGATE)


@recording
def deny_visit(pk: int, *, version: int, reason: str, by: Account, at: datetime) -> Case:
    """没有同去: the named companion says why she does not confirm; the survey is void, and the visit is made again.

    Raises Refused (not named, confirmed already, no reason), Stale. Source: S0-16 (2).
    """
    case = locked(pk, kind="investigate", version=version)
    survey = waiting_survey(case)
    if survey is None or not survey.waits_for_companion or survey.companion_account_id != by.pk:
        raise Refused(_("没有等您确认的入户调查表。"))
    survey.companion_denied_at, survey.companion_reason = at, clean(reason, least=2, what=_("不确认的原因"))
    survey.save(update_fields=["companion_denied_at", "companion_reason"])
    note("process.visit_denied", case, by=by, at=at, survey=survey.pk)
    _tell(survey.visitor, case, _("%(number)s 同去的人没有确认入户，要重新入户交表。"), at=at)
    return stay(case, "deny_visit", "denied", by=by, at=at, reason=survey.companion_reason)


def waiting_survey(case: Case) -> Survey | None:
    """The survey of this stay at the stage that waits for a signature."""
    handed_in = case.surveys.select_related("visitor").filter(handed_in_at__gte=case.stage_since, companion_denied_at=None)
    last = handed_in.order_by("-pk").first()
    return last if last is not None and last.waits else None


def wants_two(case: Case) -> bool:
    """Do the rules want two people at the door?"""
    visitors = case.stage.params.get("visitors", 1)
    return isinstance(visitors, int) and visitors >= 2


def companions(case: Case, by: Account) -> list[Account]:
    """Who may go along: colleagues of the unit and the office who may see the case and have no other duty on it."""
    found = {one.pk: one for role in COMPANIONS for one in accounts_with(role, case.unit)}
    return [one for one in found.values() if one.pk != by.pk and not why_not(one, case, INVESTIGATE)]


def _tell(account: Account | None, case: Case, words: str, *, at: datetime) -> None:
    if account is not None:
        tell([account], words % {"number": case.number}, url=messages.url_of(case), at=at)


def countersigners(case: Case) -> set[Role]:
    """Whom the rules name, else the unit's chair and the office."""
    return {Role(role) for role in case.stage.params.get("countersign", [])} or set(COUNTERSIGNERS)


def is_alone(case: Case) -> bool:
    """Does the case's union have one clerk only?"""
    return len(accounts_with(Role.UNIT_CLERK, case.unit)) <= 1


def _onto_the_file(case: Case, survey: Survey, told: dict[str, bool | None], *, by: Account, at: datetime) -> None:
    """What only the visit could tell is written on the file: whether they hid or refused, and an income nobody had stated."""
    household = case.household
    if household is None:
        return
    values: dict[str, Any] = {
        name: value for name, value in told.items() if value is not None and value != getattr(household, name)
    }
    if survey.file_income_fen is None and household.incomes_on is None and household.stated_annual_fen is None:
        values["stated_annual_fen"] = survey.found_income_fen
    if values:
        correct_many(household, values, why=_("%(number)s 入户调查") % {"number": case.number}, by=by, at=at)


def _check_visit(
    case: Case, visited_on: date, companion: str, companion_account: Account | None, by: Account, at: datetime
) -> None:
    day = today(at)
    if visited_on > day:
        raise Refused(_("入户日期 %(day)s 还没有到。请填实际去的那一天。") % {"day": visited_on})
    earliest = today(case.opened_at) - timedelta(days=OLDEST_VISIT)
    if visited_on < earliest:
        raise Refused(
            _("入户日期 %(day)s 太早，情况可能变了。请在 %(earliest)s 以后再去一次。") % {"day": visited_on, "earliest": earliest}
        )
    if wants_two(case) and companion_account is None:
        raise Refused(_("入户要两个人一起去。请选同去的人，由她用自己的账号确认。"))
    if companion.strip() == by.name or (companion_account is not None and companion_account.pk == by.pk):
        raise Refused(_("同去的人不能是您自己。入户要两个人。"))
    if companion_account is not None:
        separate(case, companion_account, INVESTIGATE)
        if wants_two(case):
            require_role(companion_account, COMPANIONS, case.unit)
