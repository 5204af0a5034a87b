"""One household of a snapshot, clause by clause: what it comes to under A and under the other rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.columns import Snapshot, compile_pack
from bangfu.policy.columns.engine import engine, households, register_all
from bangfu.policy.difference import Clause, outcomes
from bangfu.policy.evaluation import evaluate
from bangfu.policy.outcome import Outcome
from bangfu.policy.pack import Pack
from bangfu.policy.wording import figure
from bangfu.reporting.simulation.comparing import ASKED
from bangfu.reporting.simulation.models import Scenario


@dataclass(frozen=True)
class Line:
    """One answer of both rules."""

    what: str
    was: str
    now: str

    @property
    def is_same(self) -> bool:
        return self.was == self.now


@dataclass(frozen=True)
class Beside:
    """Both answers to the same facts; the clauses hold only what differs."""

    lines: list[Line]
    clauses: tuple[Clause, ...]


def side_by_side(scenario: Scenario, snapshot: Snapshot, before: Pack, after: Pack, key: int) -> Beside | None:
    """Walked from the facts of the scenario's own snapshot. None when the household is not in it."""
    facts = facts_of(scenario, snapshot, before, key)
    if facts is None:
        return None
    then, now = (
        evaluate(before, _read_by(before, facts), scenario.on_date),
        evaluate(after, _read_by(after, facts), scenario.on_date),
    )
    return Beside(_lines(before, then, after, now), outcomes(before, then, after, now).clauses)


def facts_of(scenario: Scenario, snapshot: Snapshot, pack: Pack, key: int) -> dict[str, Any] | None:
    """What the snapshot knows of one household, with what the scenario takes as given."""
    import pyarrow as pa

    plan = compile_pack(pack, scenario.on_date, snapshot, reasons=False)
    plan.assume = {"is_aided_elsewhere": False, "asked_fen": ASKED[scenario.asking]}
    with engine([snapshot.folder]) as connection:
        register_all(connection, snapshot)
        return next((facts for _key, facts in households(plan, connection, pa.chunked_array([pa.array([key], pa.int64())]))), None)


def _read_by(pack: Pack, facts: dict[str, Any]) -> dict[str, Any]:
    """Without the facts that only the other rules know of."""
    return {name: value for name, value in facts.items() if name in pack.vocabulary.facts or isinstance(value, list)}


def _lines(before: Pack, then: Outcome, after: Pack, now: Outcome) -> list[Line]:
    words = {"eligible": _("符合"), "not_eligible": _("不符合"), "unknown": _("待查")}
    lines = [
        Line(_("建档"), words[then.outcome], words[now.outcome]),
        Line(_("档次"), _class(before, then), _class(after, now)),
    ]
    for programme_id in dict.fromkeys([*(row.id for row in then.programmes), *(row.id for row in now.programmes)]):
        was, is_ = then.programme(programme_id), now.programme(programme_id)
        title = (is_ or was).title if is_ or was else programme_id  # type: ignore[union-attr]
        lines.append(Line(title, _offer(was, words), _offer(is_, words)))
    return lines


def _offer(row: Any, words: dict[str, str]) -> str:
    if row is None:
        return _("没有这个项目")
    if row.outcome != "eligible":
        return words[row.outcome]
    return _("还不能定") if row.amount_fen is None else figure(row.amount_fen, "fen")


def _class(pack: Pack, outcome: Outcome) -> str:
    found = pack.primary.get(outcome.class_) if pack.primary and outcome.class_ else None
    return found.title if found else _("没有档次")
