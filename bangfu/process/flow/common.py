"""What every verb of a case does: lock, compare the version, check role and duty, leave a step, move on."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with, require_role
from bangfu.audit.record import record
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused, Stale
from bangfu.policy import procedure
from bangfu.policy.pack import Stage
from bangfu.process import messages, pack
from bangfu.process.conflicts import separate
from bangfu.process.facts import facts_of_case
from bangfu.process.models import Award, Case, Step
from bangfu.process.models.case import CLOSED, OPEN, REFUSED, WITHDRAWN

PASSED, RETURNED = procedure.PASSED, procedure.RETURNED


def locked(pk: int, *, kind: str | Iterable[str] | None = None, version: int | None = None) -> Case:
    """The case, locked until the transaction ends. `version` None: a reaction, which saw the row under the same lock.

    Raises Stale (somebody acted since the page was drawn: who and when) and Refused (not open, another stage).
    """
    rows = Case.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "policy_version", "household")
    case = rows.defer("policy_version__content").get(pk=pk)  # the pack is compiled once a process
    if version is not None and case.version != version:
        raise Stale(stale_words(case))
    if kind is None:
        return case
    if not case.is_open:
        raise Refused(_("%(number)s %(state)s，这一步不用再办。") % {"number": case.number, "state": case.get_state_display()})
    kinds = [kind] if isinstance(kind, str) else list(kind)
    if case.stage_kind not in kinds:
        raise Refused(
            _("%(number)s 现在是“%(stage)s”，这一步现在办不了。请刷新页面，看该办什么。")
            % {"number": case.number, "stage": case.stage_title}
        )
    return case


def stale_words(case: Case) -> str:
    """Who acted meanwhile, on what, and when."""
    last = case.steps.select_related("by").order_by("-version").first()
    if last is None:
        return _("您打开页面以后，这件已有变化。请看过最新情况再办。")
    return _("%(who)s在 %(when)s 刚办了“%(stage)s”，您看到的已不是最新。请看过最新情况再办；您填的还在。") % {
        "who": last.by.name if last.by else _("系统"),
        "when": f"{local(last.at):%m-%d %H:%M}",
        "stage": last.stage_title,
    }


def require(case: Case, by: Account, *, duty: str = "", roles: Iterable[str] | None = None, also: Iterable[str] = ()) -> None:
    """The stage's roles (or `roles`), and `also`, at the case's unit or above; and neither kin nor another duty."""
    allowed = set(case.stage.role if roles is None else roles) | set(also)
    require_role(by, {Role(role) for role in allowed} - {Role.WORKER}, case.unit)
    separate(case, by, duty)


def stay(case: Case, act: str, outcome: str, *, by: Account | None, at: datetime, reason: str = "", duty: str = "") -> Case:
    """An act that counts (a duty, a change of sums) but moves nothing: a step, and the next version."""
    case.version += 1
    case.save(update_fields=["version"])
    _step(case, _here(case), act, outcome, by=by, at=at, reason=reason, duty=duty)
    return case


def advance(case: Case, outcome: str, *, act: str, by: Account | None, at: datetime, reason: str = "", duty: str = "") -> Case:
    """Ask the pack of the case what comes next, and go there. The only code that does so.

    Raises Refused when a condition needs a missing fact, naming it.
    """
    rules, facts = pack.pack(case), facts_of_case(case, today(at))
    target = procedure.next_stage(rules, case.procedure, case.stage_code, outcome, facts, on=today(at))
    if target is None:
        return finish(case, CLOSED, outcome, act=act, by=by, at=at, reason=reason, duty=duty)
    return enter(case, target, outcome, act=act, by=by, at=at, reason=reason, duty=duty)


def enter(
    case: Case, target: Stage, outcome: str, *, act: str, by: Account | None, at: datetime, reason: str = "", duty: str = ""
) -> Case:
    """Put the case at a stage: its term begins, a step is left, the next people get their to-do."""
    here = _here(case)
    place(case, target, at=at)
    case.version += 1
    case.save()
    _step(case, here, act, outcome, by=by, at=at, reason=reason, duty=duty, next_stage=target.id)
    messages.tell_next(case, by=by, at=at)
    messages.tell_worker(case, by=by, at=at)
    return case


def place(case: Case, target: Stage, *, at: datetime) -> None:
    """Copy what to-do lists need from the stage onto the case (not saved)."""
    case.stage_code, case.stage_kind, case.stage_title = target.id, target.kind, target.title
    case.stage_roles = f"|{'|'.join(target.role)}|"
    case.stage_since = at
    case.due_on = pack.due_on(target, today(at), case.unit)


def finish(
    case: Case, state: str, outcome: str, *, act: str, by: Account | None, at: datetime, reason: str = "", duty: str = ""
) -> Case:
    """End the case: filed, refused or withdrawn. It keeps the stage where it ended."""
    case.state, case.closed_at, case.due_on = state, at, None
    case.version += 1
    case.save()
    _step(case, _here(case), act, outcome, by=by, at=at, reason=reason, duty=duty)
    if state in (REFUSED, WITHDRAWN, CLOSED):
        messages.tell_worker(case, by=by, at=at)
    return case


def reopen(case: Case, target: Stage, *, act: str, by: Account, at: datetime, reason: str) -> Case:
    """A refused case lives again, at a stage (the one second request)."""
    if case.household_id and Case.objects.open().filter(household=case.household_id, programme=case.programme).exists():
        raise Refused(_("这个家庭的“%(title)s”已有另一件在办，不能同时再办。") % {"title": case.title})
    case.state, case.closed_at = OPEN, None
    return enter(case, target, "asked_again", act=act, by=by, at=at, reason=reason)


def awards_of(case: Case) -> list[Award]:
    """The awards still on the case, locked, in the order of the list."""
    rows = case.awards.select_for_update(no_key=True, of=("self",)).select_related(
        "household__unit", "household__staff", "disbursement"
    )
    return [award for award in rows.order_by("position") if award.is_in]


def only_award(case: Case) -> Award:
    """The one award of a case for one household."""
    (award,) = awards_of(case)
    return award


def clean(text: str, *, least: int, what: str) -> str:
    """A text somebody must really have written. Raises Refused with its name and the least length."""
    text = text.strip()
    if len(text) < least:
        raise Refused(_("%(what)s写得太短。请至少写 %(n)d 个字，让没到场的人也看得明白。") % {"what": what, "n": least})
    return text


def next_accounts(case: Case) -> list[Account]:
    """Who holds a role of the stage at the nearest unit."""
    roles = [role for role in case.stage_roles.strip("|").split("|") if role and role != Role.WORKER]
    return accounts_with(roles, case.unit) if roles else []


def note(kind: str, case: Case, *, by: Account | None, at: datetime, **facts: Any) -> None:
    """The act in the record, with the case's number."""
    record(kind, case, by=by, at=at, unit=case.unit, number=case.number, **facts)


def _here(case: Case) -> tuple[str, str, str]:
    return case.stage_code, case.stage_title, case.stage_kind


def _step(
    case: Case, here: tuple[str, str, str], act: str, outcome: str, *, by: Account | None, at: datetime, reason: str, duty: str,
    next_stage: str = "",
) -> None:  # fmt: skip
    code, title, kind = here
    Step.objects.create(
        case=case, stage_code=code, stage_title=title, kind=kind, act=act, outcome=outcome, by=by, at=at, reason=reason,
        duty=duty, next_stage=next_stage, version=case.version,
    )  # fmt: skip
