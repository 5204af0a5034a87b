"""The households that SQL is not sure of, settled by the walker: the same facts, the same code as for one case."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from bangfu.policy.columns.compiling import class_column
from bangfu.policy.columns.layout import HOUSEHOLD, Snapshot
from bangfu.policy.columns.plan import BITS, Plan, ReasonKey
from bangfu.policy.evaluation import evaluate
from bangfu.policy.facts import canonical
from bangfu.policy.outcome import Outcome
from bangfu.policy.pack import NONE
from bangfu.policy.vocabulary import LISTS

if TYPE_CHECKING:
    import pyarrow as pa

_TRUTH = {"true": True, "false": False, "eligible": True, "not_eligible": False}


def facts_from(
    tables: Mapping[str, pa.Table], snapshot: Snapshot, assume: Mapping[str, Any]
) -> Iterator[tuple[int, dict[str, Any]]]:
    """The facts of households from their columns, as `facts_of_households` had given them: (key, facts)."""
    vocabulary = snapshot_types(snapshot)
    lists: dict[str, dict[int, list[tuple[int, dict[str, Any]]]]] = {}
    for name in LISTS.values():
        table = tables.get(name)
        grouped = lists.setdefault(name, {})
        for row in table.to_pylist() if table is not None else ():
            key, place = row.pop("key"), row.pop("place")
            grouped.setdefault(key, []).append((place, _facts(row, vocabulary[name])))
    for row in tables[HOUSEHOLD].to_pylist():
        key = row.pop("key")
        known = {name for name in LISTS.values() if row.pop(f"has_{name}", None)}
        facts = {**assume, **_facts(row, vocabulary[HOUSEHOLD])}
        for name in known:
            facts[name] = [item for _place, item in sorted(lists[name].get(key, []), key=lambda pair: pair[0])]
        yield key, facts


def snapshot_types(snapshot: Snapshot) -> dict[str, dict[str, str]]:
    return {
        table: {name: column.type for name, column in snapshot.columns.get(table, {}).items()}
        for table in (HOUSEHOLD, *LISTS.values())
    }


def _facts(row: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    return {
        name: date.fromordinal(value).isoformat() if types.get(name) == "date" else value
        for name, value in row.items()
        if value is not None
    }


def settled(plan: Plan, households: Iterable[tuple[int, dict[str, Any]]]) -> Iterator[dict[str, Any]]:
    """One row of answers a household. Equal facts are walked once. Raises RuleStopped as the walker does, the clause named."""
    pack = plan.walked()
    names = {name for name, fact in pack.vocabulary.facts.items()} | set(LISTS.values())
    done: dict[str, dict[str, Any]] = {}
    for key, facts in households:
        wanted = {name: value for name, value in facts.items() if name in names}
        text = canonical(wanted)
        row = done.get(text)
        if row is None:
            row = done[text] = answers(plan, evaluate(pack, wanted, plan.on))
            if len(done) > 50_000:
                done.clear()
        yield {"key": key, **row}


def answers(plan: Plan, outcome: Outcome) -> dict[str, Any]:
    """An outcome of the walker in the columns of a run."""
    row: dict[str, Any] = {"outcome": _TRUTH.get(outcome.outcome)}
    for group in plan.pack.class_sets:
        row[class_column(plan.pack, group)] = _primary(outcome) if group is plan.pack.primary else outcome.classes[group.id]
    for programme in outcome.programmes:
        row[f"due_{programme.id}"] = _TRUTH.get(programme.outcome)
        row[f"amount_{programme.id}"] = programme.amount_fen
    row["exit"] = _TRUTH.get(outcome.exit or "")
    row["is_on_file"] = outcome.exit is not None
    if plan.with_reasons:
        row |= _bits(plan, outcome)
    return row


def _primary(outcome: Outcome) -> str | None:
    """The class, `none`, or None while it is not known."""
    if outcome.class_ is not None:
        return outcome.class_
    return None if outcome.possible_classes else NONE


def _bits(plan: Plan, outcome: Outcome) -> dict[str, int]:
    """Reason bits in the plan's order; a reason that the plan does not list is an error, not a lost bit."""
    met, open_ = [0] * plan.bit_words, [0] * plan.bit_words
    places: dict[ReasonKey, list[int]] = {}
    for place, key in enumerate(plan.reasons):
        places.setdefault(key, []).append(place)
    for reason in outcome.reasons:
        if any(reason.about == one.id or reason.about.startswith(f"{one.id}.") for one in plan.pack.plans):
            continue  # a plan's claim is told by `evaluate`, not here
        left = places[ReasonKey(reason.about, reason.role, reason.clause, reason.text)]
        place = left.pop(0)
        if reason.truth == "true":
            met[place // BITS] |= 1 << place % BITS
        elif reason.truth == "unknown":
            open_[place // BITS] |= 1 << place % BITS
    return {f"met_{word}": value for word, value in enumerate(met)} | {f"open_{word}": value for word, value in enumerate(open_)}
