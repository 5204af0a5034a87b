"""What comes next in a case: the stages of the pack in force, asked by pure functions. Source: building.md "The case"; S1-7, S2-13."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.days import workday_add
from bangfu.lib.errors import Refused
from bangfu.policy import expression as ex
from bangfu.policy.evaluation import holds
from bangfu.policy.figures import Truth, Unknown, conjunction, divide
from bangfu.policy.pack import Cadence, Matter, Pack, Procedure, Stage, Urgent

PASSED, REFUSED, WITHDRAWN, RETURNED = "passed", "refused", "withdrawn", "returned"


def procedure(pack: Pack, procedure_id: str) -> Procedure:
    """The procedure of that name. Raises Refused when the pack has none."""
    found = pack.procedure(procedure_id)
    if found is None:
        raise Refused(_("《%(title)s》里没有程序“%(id)s”。请选择办法里有的程序。") % {"title": pack.title, "id": procedure_id})
    return found


def stage(pack: Pack, procedure_id: str, stage_id: str) -> Stage:
    """One stage by its id. Raises Refused when the procedure has none."""
    found = procedure(pack, procedure_id).get(stage_id)
    if found is None:
        raise Refused(_("《%(title)s》的程序里没有环节“%(id)s”。") % {"title": pack.title, "id": stage_id})
    return found


def first_stage(pack: Pack, procedure_id: str, facts: Mapping[str, Any] | None = None, *, on: date | None = None) -> Stage:
    """Where a case begins."""
    found = _from(pack, procedure(pack, procedure_id), 0, facts or {}, on)
    if found is None:
        raise Refused(_("《%(title)s》的程序没有一个环节适用。请检查 procedure.yaml。") % {"title": pack.title})
    return found


def next_stage(
    pack: Pack, procedure_id: str, stage_id: str, outcome: str, facts: Mapping[str, Any] | None = None, *, on: date | None = None
) -> Stage | None:
    """The stage after `stage_id` came out as `outcome`; None = the case ends here.

    A stage's own `next` decides first; else "passed" goes to the next stage whose condition holds, "returned" to the
    first of `returns_to`, "refused" and "withdrawn" end the case. Raises Refused when a condition needs a missing fact,
    naming it, and for an outcome that the stage does not know: nothing is skipped in silence.
    """
    whole = procedure(pack, procedure_id)
    here = stage(pack, procedure_id, stage_id)
    if outcome in here.next:
        target = here.next[outcome]
        return whole.get(target) if target is not None else None
    if outcome == PASSED:
        return _from(pack, whole, whole.stages.index(here) + 1, facts or {}, on)
    if outcome in (REFUSED, WITHDRAWN):
        return None
    if outcome == RETURNED and here.returns_to:
        return whole.get(here.returns_to[0])
    raise Refused(_("环节“%(title)s”没有“%(outcome)s”这个去向。") % {"title": here.title, "outcome": outcome})


def returns_to(pack: Pack, procedure_id: str, stage_id: str) -> tuple[Stage, ...]:
    """The earlier stages that a case may be sent back to from here."""
    whole = procedure(pack, procedure_id)
    return tuple(found for target in stage(pack, procedure_id, stage_id).returns_to if (found := whole.get(target)) is not None)


def path(pack: Pack, procedure_id: str, facts: Mapping[str, Any] | None = None, *, on: date | None = None) -> tuple[Stage, ...]:
    """The stages that a case with these facts passes if all goes well; stages whose condition is not known yet are kept."""
    stages = []
    for item in procedure(pack, procedure_id).stages:
        if holds(pack, item.when, facts or {}, on or pack.valid_from) is not False:
            stages.append(item)
    return tuple(stages)


def urgent_lane(
    pack: Pack, procedure_id: str, facts: Mapping[str, Any], *, on: date, amount_fen: int | None = None
) -> tuple[Urgent | None, Truth]:
    """急事急办: the procedure's urgent lane and whether this case may take it. (None, False) while the rules have none.

    `amount_fen` stands for `proposed_fen`. Unknown while a missing fact decides. Source: S1-10 (urgent first).
    """
    lane = procedure(pack, procedure_id).urgent
    if lane is None:
        return None, False
    facts = {**facts, "proposed_fen": amount_fen} if amount_fen is not None else facts
    limit: Truth = True
    if lane.up_to is not None:
        limit = holds(pack, ex.Compare("<=", ex.Name("proposed_fen"), lane.up_to), facts, on)
    return lane, conjunction([holds(pack, lane.when, facts, on), limit])


def next_due(cadence: Cadence, last: date) -> date:
    """The day by which it is done again: so many weeks or whole months later; the last day of a month that lacks the day."""
    if cadence.weeks:
        return last + timedelta(weeks=cadence.weeks)
    months = last.year * 12 + last.month - 1 + cadence.months
    year, month = divmod(months, 12)
    return date(year, month + 1, min(last.day, monthrange(year, month + 1)[1]))


def how_many(cadence: Cadence, households: int) -> int:
    """How many of so many households are looked at: a sample is rounded up. Source: practice.md 1.4 (30 %)."""
    return households if cadence.share is None else divide(households * cadence.share, 1000, "up")


def due_date(item: Stage, start: date, *, is_working: Callable[[date], bool] | None = None) -> date | None:
    """The last day of a stage's time limit: the day it begins is not counted. None = no limit. Source: contracts.md "Days"."""
    if item.days is None:
        return None
    if item.calendar == "working_days" and is_working is not None:
        return workday_add(start, item.days, is_working)
    return start + timedelta(days=item.days)


def matter_due(
    matter: Matter, step_id: str, done: Mapping[str, date], *, is_working: Callable[[date], bool] | None = None
) -> date | None:
    """The last day for a step of a matter without money; `done` = step -> day on which it was done.

    None = the step has no limit, or the step from which it counts is not done yet. Source: S2-1 (answered in time).
    """
    ids = [step.id for step in matter.steps]
    item = matter.get(step_id)
    if item is None:
        raise Refused(_("《%(title)s》没有步骤“%(id)s”。") % {"title": matter.title, "id": step_id})
    start = done.get(item.start or ids[max(ids.index(step_id) - 1, 0)])
    if item.days is None or start is None:
        return None
    if item.calendar == "working_days" and is_working is not None:
        return workday_add(start, item.days, is_working)
    return start + timedelta(days=item.days)


def _from(pack: Pack, whole: Procedure, place: int, facts: Mapping[str, Any], on: date | None) -> Stage | None:
    for item in whole.stages[place:]:
        truth = holds(pack, item.when, facts, on or pack.valid_from)
        if isinstance(truth, Unknown):
            names = "、".join(pack.title_of(name) for name in sorted(truth.missing))
            raise Refused(
                _("要先知道%(names)s，才能定下一步是不是“%(title)s”。请补上再办。") % {"names": names, "title": item.title}
            )
        if truth:
            return item
    return None
