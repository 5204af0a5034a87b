"""How it is done: procedures with their stages, what is done again and again, the papers asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bangfu.policy import expression as ex

#: Words for where a notice is shown (`params.channels` of a stage of kind notice).
NOTICE_PLACES = ("unit_board", "intranet", "open_page", "newspaper", "tv")


@dataclass(frozen=True)
class Stage:
    """One step of a procedure. `kind` is a closed list in code; everything else is the regulation's.

    `role` holds the role codes that may act; `days` is the time limit (None = none) in calendar or working days.
    """

    id: str
    kind: str
    level: str
    role: tuple[str, ...]
    title: str
    clause: str
    days: int | None
    calendar: str  # days | working_days
    when: ex.Node | None
    params: Mapping[str, Any]
    returns_to: tuple[str, ...]
    next: Mapping[str, str | None]  # outcome -> stage id, None = the end
    demo: bool
    source: str
    reason: str = ""


@dataclass(frozen=True)
class Urgent:
    """急事急办: who may give how much at once, and within how many days it is ratified."""

    clause: str
    text: str
    who: tuple[str, ...]
    level: str
    up_to: ex.Node | None  # fen; None = no ceiling
    when: ex.Node
    ratify_days: int
    calendar: str
    ratified_by: tuple[str, ...]
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Escalation:
    """逾期上报: who hears of it when it is still not done so many days after it was due. Source: S4-6."""

    after_days: int
    to: tuple[str, ...]
    clause: str
    text: str


@dataclass(frozen=True)
class Cadence:
    """What is done again and again: a visit each quarter, a review each year, a 30 % sample, one or two meetings a year."""

    id: str
    kind: str  # visit review sample meeting report fundraise publish training other
    clause: str
    text: str
    weeks: int  # every so many weeks, or …
    months: int  # … so many months
    times: int  # so often in each span, at least
    times_most: int | None
    share: int | None  # permille of the households that are looked at
    of: str  # of what, in words
    who: tuple[str, ...]
    when: ex.Node | None  # which households it is about
    demo: bool = False
    source: str = ""
    escalate: Escalation | None = None


@dataclass(frozen=True)
class Procedure:
    id: str
    title: str
    clause: str
    stages: tuple[Stage, ...]
    urgent: Urgent | None = None

    def get(self, stage_id: str) -> Stage | None:
        return next((stage for stage in self.stages if stage.id == stage_id), None)


@dataclass(frozen=True)
class MatterStep:
    """One step of a matter without money; its term runs from the step `start` (empty = the one before it)."""

    id: str
    kind: str  # register hand_on answer follow_up close
    clause: str
    text: str
    days: int | None
    calendar: str  # days | working_days
    start: str
    who: tuple[str, ...]
    demo: bool = False
    source: str = ""


@dataclass(frozen=True)
class Matter:
    """来信来电来访: what is registered, handed on and answered, and moves no money. Source: S2-1, S2-11."""

    id: str
    title: str
    clause: str
    channels: tuple[str, ...]  # letter call visit online report_box
    steps: tuple[MatterStep, ...]
    demo: bool = False
    source: str = ""

    def get(self, step_id: str) -> MatterStep | None:
        return next((step for step in self.steps if step.id == step_id), None)


@dataclass(frozen=True)
class EvidenceItem:
    """A paper that is asked for: always, for some causes, for some programmes, or when a condition holds."""

    id: str
    title: str
    clause: str
    when: ex.Node | None
    causes: tuple[str, ...]
    programmes: tuple[str, ...]
    is_required: bool
    demo: bool
    source: str
