"""The rules a case lives under: its own policy version as a pack, its stages, its programme, its checklist."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from bangfu.access.calendar import working_days
from bangfu.access.models import Unit
from bangfu.lib.errors import Refused
from bangfu.policy import procedure
from bangfu.policy.checklist import Paper, checklist
from bangfu.policy.evaluation import holds
from bangfu.policy.models import Version
from bangfu.policy.pack import Pack, Procedure, Programme, Stage
from bangfu.policy.queries import all_in_force, in_force, in_force_for, pack_of

if TYPE_CHECKING:
    from bangfu.process.models import Case


def version_for(unit: Unit, on: date, programme_id: str) -> Version:
    """The rules in force on a day that know this programme. Raises Refused while there are none."""
    version = in_force_for(unit, on, programme_id)
    if version is not None:
        return version
    if in_force(unit, on) is None:
        raise Refused(_("%(unit)s还没有施行中的办法，不能受理申请。请先由办法管理员颁布办法。") % {"unit": unit.organisation.name})
    raise Refused(_("施行中的办法里没有这个帮扶项目。请从列表里选。"))


def programmes_in_force(unit: Unit, on: date) -> list[Programme]:
    """What a unit may give on a day, in the order of its rules."""
    return [programme for version in all_in_force(unit, on) for programme in pack_of(version).programmes]


def pack(case: Case) -> Pack:
    """The pack of the version under which the case began."""
    return pack_of(case.policy_version)


def programme_of(case: Case) -> Programme:
    return programme_in(pack(case), case.programme)


def programme_in(rules: Pack, programme_id: str) -> Programme:
    """Raises Refused for a programme that the rules do not know."""
    found = rules.programme(programme_id)
    if found is None:
        raise Refused(_("《%(title)s》里没有这个帮扶项目。请从列表里选。") % {"title": rules.title})
    return found


def procedure_of(case: Case) -> Procedure:
    return procedure.procedure(pack(case), case.procedure)


def stage_of(case: Case) -> Stage:
    return procedure.stage(pack(case), case.procedure, case.stage_code)


def stage_of_kind(case: Case, kind: str) -> Stage | None:
    """The first stage of that kind in the procedure, whatever its condition."""
    return next((stage for stage in procedure_of(case).stages if stage.kind == kind), None)


def returns_to(case: Case) -> tuple[Stage, ...]:
    """The earlier stages that the case may be sent back to from where it stands."""
    return procedure.returns_to(pack(case), case.procedure, case.stage_code)


def due_on(stage: Stage, start: date, unit: Unit) -> date | None:
    """The last day of the stage's term, by calendar or working days; the day it begins does not count."""
    is_working = working_days(unit) if stage.calendar == "working_days" and stage.days else None
    return procedure.due_date(stage, start, is_working=is_working)


def path_ahead(case: Case, facts: Mapping[str, Any], on: date) -> list[tuple[Stage, date | None, bool]]:
    """The stages after the case's own, each with the day by which it ends if every term runs out (None: no term), and
    whether it is sure to come. A stage whose condition is not known yet (上报 before the judgement) has no day and moves none.
    """
    ids = [stage.id for stage in procedure_of(case).stages]
    here = ids.index(case.stage_code)
    start = max(case.due_on, on) if case.due_on else on
    ahead: list[tuple[Stage, date | None, bool]] = []
    for stage in procedure.path(pack(case), case.procedure, facts, on=on):
        if ids.index(stage.id) <= here:
            continue
        is_sure = holds(pack(case), stage.when, facts, on) is True
        day = due_on(stage, start, case.unit) if is_sure else None
        ahead.append((stage, day, is_sure))
        start = day or start
    return ahead


def papers_asked(case: Case, facts: Mapping[str, Any], on: date) -> tuple[Paper, ...]:
    """The checklist for this cause and programme."""
    return checklist(pack(case), facts, on=on, programme=case.programme)
