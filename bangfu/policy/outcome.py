"""What the rules say of one household on one day, and why. Frozen, and the same bytes again when replayed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from bangfu.policy.figures import Truth, Unknown

SCHEMA = "outcome/1"
ELIGIBLE, NOT_ELIGIBLE, UNKNOWN = "eligible", "not_eligible", "unknown"


NO_FIGURES: Mapping[str, Any] = MappingProxyType({})


def truth_word(truth: Truth) -> str:
    return "true" if truth is True else "false" if truth is False else "unknown"


def outcome_word(truth: Truth) -> str:
    return UNKNOWN if isinstance(truth, Unknown) else (ELIGIBLE if truth else NOT_ELIGIBLE)


class Reason(NamedTuple):
    """One requirement and how the household stands to it. `truth` = the requirement is met (an exclusion: does not apply).

    `value`/`threshold` are whole numbers, codes or yes/no in `unit`; `working` is their arithmetic; `about` is entry, exit,
    class:<id> or a programme's id; `role` condition, exclusion, once, excludes, range or cap; `matters` = it changes the result;
    `effect` of an amount's limit: reduced or refused; `figures` its numbers (used, left, low, high).
    """

    clause: str
    text: str
    value: Any
    threshold: Any
    truth: str
    source: str
    about: str
    role: str = "condition"
    op: str = ""
    unit: str = ""
    name: str = ""  # the fact or derived figure that `value` is, when it is a single one
    working: str = ""
    matters: bool = False
    ask: str = ""
    demo: bool = False
    effect: str = ""
    missing: tuple[str, ...] = ()
    figures: Mapping[str, Any] = NO_FIGURES
    trace: tuple[dict[str, Any], ...] = ()

    def to_json(self) -> dict[str, Any]:
        return {**self._asdict(), "missing": list(self.missing), "figures": dict(self.figures), "trace": list(self.trace)}


class Step(NamedTuple):
    """One of the numbers that an amount is the least of. `binding` = this one decides. kind: asked low high value cap round."""

    kind: str
    clause: str
    text: str
    amount_fen: int | None
    binding: bool = False

    def to_json(self) -> dict[str, Any]:
        return self._asdict()


@dataclass(frozen=True)
class Proposal:
    """A programme's result: may it be given, and how much is suggested. `amount_fen` None = cannot be said yet."""

    id: str
    title: str
    outcome: str
    amount_fen: int | None
    low_fen: int | None = None  # bounds while the amount is not known
    high_fen: int | None = None
    asked_fen: int | None = None
    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()
    clause: str = ""

    @property
    def binding(self) -> Step | None:
        return next((step for step in self.steps if step.binding), None)

    @property
    def reduced_fen(self) -> int:
        """How much less than asked is suggested."""
        return (
            max((self.asked_fen or 0) - (self.amount_fen or 0), 0)
            if self.asked_fen is not None and self.amount_fen is not None
            else 0
        )

    def to_json(self) -> dict[str, Any]:
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        row["steps"], row["missing"] = [step.to_json() for step in self.steps], list(self.missing)
        return row


@dataclass(frozen=True)
class Cover:
    """What a mutual-aid plan says: of joining (`joins`, `fee_fen`, `split`) or of a claim (`benefits`, `amount_fen`, `ends_cover`).

    `outcome` is that of the question asked. `amount_fen` None = cannot be said yet; `steps` as in a Proposal.
    """

    id: str
    title: str
    clause: str
    outcome: str
    joins: str | None = None
    fee_fen: int | None = None
    split: dict[str, int | None] = field(default_factory=dict)
    amount_fen: int | None = None
    benefits: tuple[Proposal, ...] = ()
    ends_cover: bool = False
    steps: tuple[Step, ...] = ()
    missing: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        row = {name: getattr(self, name) for name in self.__dataclass_fields__}
        row["benefits"] = [benefit.to_json() for benefit in self.benefits]
        row["steps"], row["missing"] = [step.to_json() for step in self.steps], list(self.missing)
        return row


@dataclass(frozen=True)
class Outcome:
    """The whole answer. `class_` None = no class, or not known yet (`outcome` tells which); `classes` has one entry a class set."""

    outcome: str
    class_: str | None
    national_class: str | None
    classes: dict[str, str | None]
    possible_classes: tuple[str, ...]
    exit: str | None
    programmes: tuple[Proposal, ...]
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]
    pack: str
    on: date
    plans: tuple[Cover, ...] = ()

    def plan(self, plan_id: str) -> Cover | None:
        return next((item for item in self.plans if item.id == plan_id), None)

    def programme(self, programme_id: str) -> Proposal | None:
        return next((item for item in self.programmes if item.id == programme_id), None)

    def reasons_for(self, programme_id: str | None = None) -> list[Reason]:
        """The rows of a page: entry, exclusions and the class found; then the programme's own, if one is asked for."""
        wanted = {"entry", f"class:{self.class_}", *([programme_id] if programme_id else [])}
        return [reason for reason in self.reasons if reason.about in wanted]

    def to_json(self) -> dict[str, Any]:
        """`plans` stands in it only where a plan was asked: what was stored before there were plans keeps its bytes."""
        return {
            "schema": SCHEMA,
            "pack": self.pack,
            "on": self.on.isoformat(),
            "outcome": self.outcome,
            "class": self.class_,
            "national_class": self.national_class,
            "classes": self.classes,
            "possible_classes": list(self.possible_classes),
            "exit": self.exit,
            "programmes": [programme.to_json() for programme in self.programmes],
            "missing": list(self.missing),
            "reasons": [reason.to_json() for reason in self.reasons],
            **({"plans": [plan.to_json() for plan in self.plans]} if self.plans else {}),
        }

    def canonical(self) -> str:
        """The bytes that are stored and that a replay must give again."""
        return json.dumps(self.to_json(), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_json(data: dict[str, Any]) -> Outcome:
    """A stored outcome as objects again."""

    def proposal(row: dict[str, Any]) -> Proposal:
        return Proposal(**{**row, "steps": tuple(Step(**step) for step in row["steps"]), "missing": tuple(row["missing"])})

    def reason(row: dict[str, Any]) -> Reason:
        return Reason(**{**row, "missing": tuple(row["missing"]), "trace": tuple(row["trace"])})

    def cover(row: dict[str, Any]) -> Cover:
        steps = tuple(Step(**step) for step in row["steps"])
        return Cover(**{**row, "benefits": tuple(map(proposal, row["benefits"])), "steps": steps, "missing": tuple(row["missing"])})

    return Outcome(
        outcome=data["outcome"],
        class_=data["class"],
        national_class=data["national_class"],
        classes=data["classes"],
        possible_classes=tuple(data["possible_classes"]),
        exit=data["exit"],
        programmes=tuple(proposal(row) for row in data["programmes"]),
        missing=tuple(data["missing"]),
        reasons=tuple(reason(row) for row in data["reasons"]),
        pack=data["pack"],
        on=date.fromisoformat(data["on"]),
        plans=tuple(cover(row) for row in data.get("plans", ())),
    )
