"""Money short: who comes first by the fund's own priority rules, and where the money ends. Source: issue "Simulate"."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from bangfu.policy.columns import Snapshot
from bangfu.policy.columns.engine import engine, households, register_all
from bangfu.policy.columns.fragments import identifier, quoted
from bangfu.policy.columns.plan import Plan
from bangfu.policy.facts import read_facts
from bangfu.policy.figures import Unknown, Value
from bangfu.policy.pack import NONE, Fund, Pack
from bangfu.policy.walker import RuleStopped, Walk
from bangfu.reporting.simulation.comparing import Compared

MOST = 20_000  # entitlements that are put in order, each walked


def ranked(compared: Compared, letter: str, snapshot: Snapshot, fund: Fund, money_fen: int, on: date) -> dict[str, Any] | None:
    """The entitlements of a fund in the order of its rules, served while the money lasts: counts by programme.

    Ties go to the graver class, then to the older file. None = there are too many to put in order.
    """
    plan = compared.plans[letter]
    rows = _entitlements(compared, letter, plan, fund)
    if len(rows) > MOST:
        return None
    places = _places(plan, snapshot, fund, rows, on) if fund.priority else [()] * len(rows)
    order = sorted(
        range(len(rows)), key=lambda number: (places[number], _class_place(plan.pack, rows[number]), rows[number]["key"])
    )
    left, served, unserved, served_fen = money_fen, Counter[str](), Counter[str](), 0
    cut = 0
    for rank, number in enumerate(order, 1):
        row = rows[number]
        if row["fen"] <= left and not cut:  # in strict order: nobody is passed over for a smaller sum
            left -= row["fen"]
            served_fen += row["fen"]
            served[row["programme"]] += 1
        else:
            cut = cut or rank
            unserved[row["programme"]] += 1
    return {
        "money_fen": money_fen,
        "served": sum(served.values()),
        "served_fen": served_fen,
        "unserved": sum(unserved.values()),
        "unserved_fen": sum(row["fen"] for row in rows) - served_fen,
        "cut": cut or None,
        "programmes": [
            {"id": one.id, "title": one.title, "served": served[one.id], "unserved": unserved[one.id]}
            for one in plan.programmes
            if served[one.id] or unserved[one.id]
        ],
        "rules": [{"clause": rule.clause, "text": rule.text} for rule in fund.priority],
    }  # fmt: skip


def _entitlements(compared: Compared, letter: str, plan: Plan, fund: Fund) -> list[dict[str, Any]]:
    own = [one for one in plan.programmes if one.fund == fund.id]
    if not own:
        return []
    parts = [
        f"SELECT key, {quoted(one.id)} AS programme, {identifier('f_' + one.id)} AS fen, class_now, now FROM compared_{letter}"
        f" WHERE {identifier('f_' + one.id)} > 0"
        for one in own
    ]
    return compared.rows(f"{' UNION ALL '.join(parts)} ORDER BY key, programme LIMIT {MOST + 1}")


def _class_place(pack: Pack, row: Mapping[str, Any]) -> int:
    classes = [item.id for item in pack.primary.classes] if pack.primary else []
    return classes.index(row["class_now"]) if row["class_now"] in classes else len(classes)


def _places(plan: Plan, snapshot: Snapshot, fund: Fund, rows: list[dict[str, Any]], on: date) -> list[tuple[tuple[int, int], ...]]:
    """For each entitlement the values of the priority rules, so that the smaller comes first; what is not known comes last."""
    import pyarrow as pa

    keys = sorted({row["key"] for row in rows})
    with engine([snapshot.folder]) as connection:
        register_all(connection, snapshot)
        facts_of = dict(households(plan, connection, pa.chunked_array([pa.array(keys, pa.int64())])))
    found = []
    for row in rows:
        facts = {**facts_of[row["key"]], "programme": row["programme"]}
        known = {name: value for name, value in facts.items() if name in plan.pack.vocabulary.facts or isinstance(value, list)}
        read = read_facts(known, plan.pack.vocabulary)
        grade = row["class_now"] or NONE
        built_in: dict[str, Value] = {"class": grade} | ({"entry": row["now"]} if row["now"] is not None else {})
        if plan.pack.primary is not None:
            built_in[f"class_{plan.pack.primary.id}"] = grade
        walk = Walk(plan.pack.frame, read.known, read.lists, on, built_in=built_in)
        found.append(tuple(_place(walk, rule.node, rule.first) for rule in fund.priority))
    return found


def _place(walk: Walk, node: Any, first: str) -> tuple[int, int]:
    try:
        value = walk.value(node)
    except RuleStopped:
        return (1, 0)
    if isinstance(value, Unknown) or not isinstance(value, (int, bool)):
        return (1, 0)
    return (0, -int(value) if first == "high" else int(value))
