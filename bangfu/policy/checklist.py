"""Which papers a case needs: by cause, by programme, by condition. Source: practice.md 1.6."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.policy.evaluation import holds
from bangfu.policy.figures import Unknown
from bangfu.policy.pack import EvidenceItem, Pack


@dataclass(frozen=True)
class Paper:
    """One row of the checklist. `is_sure` False = a missing fact decides whether it is needed."""

    item: EvidenceItem
    is_sure: bool

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def is_required(self) -> bool:
        return self.item.is_required and self.is_sure


def checklist(pack: Pack, facts: Mapping[str, Any], *, on: date, programme: str | None = None) -> tuple[Paper, ...]:
    """The papers for these facts and this programme, or the plan that the facts name, in the pack's order.

    An item without conditions is always asked for.
    """
    papers = []
    cause, asked = facts.get("main_cause"), {programme, facts.get("plan")}
    for item in pack.evidence:
        if item.programmes and asked.isdisjoint(item.programmes):
            continue
        sure = True
        if item.causes and cause not in item.causes:
            if cause is not None:
                continue
            sure = False
        truth = holds(pack, item.when, facts, on)
        if truth is False:
            continue
        papers.append(Paper(item, sure and not isinstance(truth, Unknown)))
    return tuple(papers)
