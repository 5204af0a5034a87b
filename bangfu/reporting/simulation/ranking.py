"""Money short: who comes first by the fund's own priority rules, and where the money ends. Source: issue "Simulate"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from bangfu.policy.columns import Snapshot
from bangfu.policy.columns.engine import engine, households, register_all
from bangfu.policy.columns.fragments import identifier, quoted
from bangfu.policy.columns.plan import Plan
from bangfu.policy.facts import read_facts
from bangfu.policy.figures import Unknown, Value
from bangfu.policy.pack import NONE, Fund
from bangfu.policy.walker import RuleStopped, Walk
from bangfu.reporting.simulation.comparing import Compared, Progress, Stopped

if TYPE_CHECKING:
    import pyarrow as pa

AT_ONCE = 2_000  # households walked at once


def ranked(
    compared: Compared, letter: str, snapshot: Snapshot, fund: Fund, money_fen: int, on: date, tell: Progress
) -> dict[str, Any]:
    """The entitlements of a fund in the order of its rules, served while the money lasts: counts by programme.

    Ties go to the graver class, then to the older file. In strict order: nobody is passed over for a smaller sum. All
    entitlements are put in order; they wait in the engine, so that few are held here at a time. Raises Stopped.
    """
    plan = compared.plans[letter]
    _entitlements(compared, letter, plan, fund)
    for batch in _placed(plan, snapshot, fund, compared, letter, on, tell) if fund.priority else ():
        compared.connection.register("placed_rows", batch)
        compared.connection.execute("INSERT INTO placed SELECT * FROM placed_rows")
        compared.connection.unregister("placed_rows")
    order = [f"p.v{number}_unknown, p.v{number}" for number in range(len(fund.priority))]
    order += ["a.class_place", "a.key", "a.programme"]
    joined = "asked AS a" + (" LEFT JOIN placed AS p ON p.key = a.key AND p.programme = a.programme" if fund.priority else "")
    summed = (
        f"SELECT a.programme, a.fen, sum(a.fen) OVER (ORDER BY {', '.join(order)} ROWS UNBOUNDED PRECEDING) AS so_far FROM {joined}"
    )
    rows = compared.rows(
        f"SELECT programme, count(*) FILTER (WHERE so_far <= {money_fen}) AS served,"
        f" count(*) FILTER (WHERE so_far > {money_fen}) AS unserved,"
        f" CAST(coalesce(sum(fen) FILTER (WHERE so_far <= {money_fen}), 0) AS BIGINT) AS served_fen,"
        f" CAST(coalesce(sum(fen) FILTER (WHERE so_far > {money_fen}), 0) AS BIGINT) AS unserved_fen"
        f" FROM ({summed}) GROUP BY programme"
    )
    own = {row["programme"]: row for row in rows}
    total = {name: sum(row[name] for row in rows) for name in ("served", "unserved", "served_fen", "unserved_fen")}
    return {
        "money_fen": money_fen,
        **total,
        "cut": total["served"] + 1 if total["unserved"] else None,
        "programmes": [
            {"id": one.id, "title": one.title, "served": own[one.id]["served"], "unserved": own[one.id]["unserved"]}
            for one in plan.programmes
            if one.id in own
        ],
        "rules": [{"clause": rule.clause, "text": rule.text} for rule in fund.priority],
    }


def _entitlements(compared: Compared, letter: str, plan: Plan, fund: Fund) -> None:
    """The engine's table `asked`: one row an entitlement; and an empty `placed` for where the rules put it."""
    classes = plan.pack.primary.classes if plan.pack.primary else ()
    places = " ".join(f"WHEN {quoted(item.id)} THEN {place}" for place, item in enumerate(classes))
    place = f"CASE class_now {places} ELSE {len(classes)} END" if places else "0"
    parts = [
        f"SELECT key, {quoted(one.id)} AS programme, {identifier('f_' + one.id)} AS fen, {place} AS class_place, class_now, now"
        f" FROM compared_{letter} WHERE {identifier('f_' + one.id)} > 0"
        for one in plan.programmes
        if one.fund == fund.id
    ] or [f"SELECT key, '' AS programme, 0 AS fen, 0 AS class_place, class_now, now FROM compared_{letter} WHERE FALSE"]
    compared.connection.execute(f"CREATE OR REPLACE TEMP TABLE asked AS {' UNION ALL '.join(parts)}")
    values = "".join(f", v{number}_unknown INTEGER, v{number} BIGINT" for number in range(len(fund.priority)))
    compared.connection.execute(f"CREATE OR REPLACE TEMP TABLE placed (key BIGINT, programme VARCHAR{values})")


def _placed(
    plan: Plan, snapshot: Snapshot, fund: Fund, compared: Compared, letter: str, on: date, tell: Progress
) -> Iterator[pa.Table]:
    """For each entitlement the values of the priority rules, so that the smaller comes first; what is not known comes last."""
    import pyarrow as pa

    whole, done, last = compared.rows("SELECT count(*) AS n FROM asked")[0]["n"], 0, -1
    with engine([snapshot.folder]) as connection:
        register_all(connection, snapshot)
        while True:
            if tell("ranking", done, whole) is False:
                raise Stopped
            keys = [
                row["key"]
                for row in compared.rows(f"SELECT DISTINCT key FROM asked WHERE key > {last} ORDER BY key LIMIT {AT_ONCE}")
            ]
            if not keys:
                return
            rows = compared.rows(f"SELECT * FROM asked WHERE key > {last} AND key <= {keys[-1]} ORDER BY key, programme")
            last, done = keys[-1], done + len(rows)
            facts_of = dict(households(plan, connection, pa.chunked_array([pa.array(keys, pa.int64())])))
            found = [_values(plan, fund, facts_of[row["key"]], row, on) for row in rows]
            columns: dict[str, Any] = {
                "key": pa.array([row["key"] for row in rows], pa.int64()),
                "programme": pa.array([row["programme"] for row in rows], pa.string()),
            }
            for number in range(len(fund.priority)):
                columns[f"v{number}_unknown"] = pa.array([one[number][0] for one in found], pa.int32())
                columns[f"v{number}"] = pa.array([one[number][1] for one in found], pa.int64())
            yield pa.table(columns)


def _values(plan: Plan, fund: Fund, facts: Mapping[str, Any], row: Mapping[str, Any], on: date) -> list[tuple[int, int]]:
    known = {name: value for name, value in facts.items() if name in plan.pack.vocabulary.facts or isinstance(value, list)}
    read = read_facts({**known, "programme": row["programme"]}, plan.pack.vocabulary)
    grade = row["class_now"] or NONE
    built_in: dict[str, Value] = {"class": grade} | ({"entry": row["now"]} if row["now"] is not None else {})
    if plan.pack.primary is not None:
        built_in[f"class_{plan.pack.primary.id}"] = grade
    walk = Walk(plan.pack.frame, read.known, read.lists, on, built_in=built_in)
    return [_place(walk, rule.node, rule.first) for rule in fund.priority]


def _place(walk: Walk, node: Any, first: str) -> tuple[int, int]:
    try:
        value = walk.value(node)
    except RuleStopped:
        return (1, 0)
    if isinstance(value, Unknown) or not isinstance(value, (int, bool)):
        return (1, 0)
    return (0, -int(value) if first == "high" else int(value))
