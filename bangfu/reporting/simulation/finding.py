"""The standing finders: the rules in force over every file, as lists of what somebody should look at.

Found from the columns of a snapshot, so that a hundred thousand files take seconds. Source: issue "Standing finders".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from bangfu.access.models import Unit
from bangfu.household.models import Household
from bangfu.ledger.models import Disbursement
from bangfu.lib.days import months_before, start_of_day
from bangfu.policy.columns import Snapshot, compile_pack, run_plan
from bangfu.policy.columns.engine import engine, households, register_all, table
from bangfu.policy.columns.fragments import identifier, quoted
from bangfu.policy.columns.plan import Plan
from bangfu.policy.evaluation import evaluate
from bangfu.policy.models import Version
from bangfu.policy.pack import Pack
from bangfu.policy.queries import in_force, pack_of
from bangfu.process.models import Case
from bangfu.reporting.simulation.models import Finding
from bangfu.reporting.simulation.sides import path_of

K = Finding.Kind
REVIEW_MONTHS = 12
EXPLAINED = 2_000  # households with gaps that are walked for the names of the missing facts
_CARRY = ("archive_state", "unit_path", "months_since_review", "months_filed")
_ASSUME = {"is_aided_elsewhere": False, "asked_fen": 1}


@dataclass(frozen=True)
class Found:
    """One household on one list, with what a page says beside it."""

    kind: str
    key: int
    details: tuple[str, ...] = ()


def search(root: Unit, snapshot: Snapshot, on: date) -> list[Found]:
    """Everything that the finders find in an organisation. Raises RuleStopped (clause named)."""
    found: list[Found] = []
    helped = set(
        Disbursement.objects.filter(unit__path__startswith=root.path, state=Disbursement.State.PAID)
        .values_list("household_no", flat=True)
        .distinct()
    )
    filed = Household.objects.filter(unit__path__startswith=root.path, state="filed").values_list("pk", "number")
    found += [Found(K.NEVER, pk) for pk, number in filed if number not in helped]
    asked = _asked_for(root, on)
    for version, paths, without in _territories(root, on):
        pack = pack_of(version)
        plan = compile_pack(pack, on, snapshot, reasons=False, carry=_CARRY, assume=_ASSUME)
        scope = " AND ".join(["TRUE", *(_in(path) for path in paths), *(f"NOT {_in(path)}" for path in without)])
        for answers in run_plan(plan):
            found += _of(plan, pack, answers, scope, asked, on)
    return found


def _asked_for(root: Unit, on: date) -> set[tuple[int | None, str]]:
    """(household, programme) with an application open now or made in the last twelve months."""
    since = start_of_day(months_before(on, 12))
    cases = Case.objects.filter(unit__path__startswith=root.path, household__isnull=False)
    return set((cases.open() | cases.filter(opened_at__gte=since)).values_list("household_id", "programme"))


def _territories(root: Unit, on: date) -> Iterator[tuple[Version, list[str], list[str]]]:
    """Each version in force in the tree with the unit paths that it holds for, and those below that have rules of their own."""
    own = [unit for unit in Unit.objects.filter(pk__in=Version.objects.values("unit")) if unit.path.startswith(root.path)]
    for unit in own:
        version = in_force(unit, on)
        if version is None:
            continue
        below = [path_of(other) for other in own if other != unit and other.path.startswith(unit.path)]
        yield version, [path for path in [path_of(unit)] if path], below


def _in(path: str) -> str:
    return f"(unit_path = {quoted(path)} OR starts_with(unit_path, {quoted(path + '/')}))"


def _of(plan: Plan, pack: Pack, answers: Any, scope: str, asked: set[tuple[int | None, str]], on: date) -> Iterator[Found]:
    months = (pack.primary.review_months if pack.primary else None) or REVIEW_MONTHS
    single = [one for one in pack.programmes if not one.is_list]
    due = ", ".join(f"{identifier('due_' + one.id)} AS d{place}" for place, one in enumerate(single))
    with engine([]) as connection:
        connection.register("answers", answers)
        rows = table(
            connection,
            f'SELECT key, archive_state, outcome, "exit" AS leaving, months_since_review AS reviewed, months_filed AS filed'
            f"{', ' if due else ''}{due} FROM answers WHERE {scope}",
        ).to_pylist()
    gaps: list[int] = []
    for row in rows:
        state, key = row["archive_state"], row["key"]
        if state == "clue" and row["outcome"]:
            yield Found(K.UNFILED, key)
        if state == "lifted" and row["outcome"]:
            yield Found(K.BACK, key)
        if state in ("clue", "filed") and row["outcome"] is None:
            gaps.append(key)
        if state != "filed":
            continue
        if row["leaving"]:
            yield Found(K.EXIT, key)
        since = row["reviewed"] if row["reviewed"] is not None else row["filed"]
        if since is not None and since >= months:
            yield Found(K.STALE, key)
        open_ = [one.title for place, one in enumerate(single) if row[f"d{place}"] and (key, one.id) not in asked]
        if open_:
            yield Found(K.UNAPPLIED, key, tuple(open_))
    yield from _gaps(plan, pack, gaps, on)


def _gaps(plan: Plan, pack: Pack, keys: list[int], on: date) -> Iterator[Found]:
    """The households that cannot be judged, with what is missing; very many are listed without it."""
    import pyarrow as pa

    told = keys[:EXPLAINED]
    if told:
        with engine([plan.snapshot.folder]) as connection:
            register_all(connection, plan.snapshot)
            for key, facts in households(plan, connection, pa.chunked_array([pa.array(told, pa.int64())])):
                yield Found(K.MISSING, key, tuple(_titles(pack, evaluate(pack, facts, on).missing)))
    yield from (Found(K.MISSING, key) for key in keys[EXPLAINED:])


def _titles(pack: Pack, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        fact = pack.vocabulary.get(name.rpartition(".")[2])
        yield str(fact.title) if fact else name
