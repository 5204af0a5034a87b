"""The most that one household may have from a programme in a calendar year, where the rules put a figure on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from bangfu.policy import expression as ex
from bangfu.policy.figures import Unknown
from bangfu.policy.pack import Pack, Programme
from bangfu.policy.walker import RuleStopped, Walk


@dataclass(frozen=True)
class YearCeiling:
    """`limit_fen` over what is paid in the calendar year for the programmes `over`.

    `is_running`: a sum that several payments share (S1-3); else it is paid once a year (S1-1, S1-2).
    """

    programme: str
    limit_fen: int
    over: frozenset[str]
    clause: str
    is_running: bool


def year_ceiling(pack: Pack, programme: Programme, on: date) -> YearCeiling | None:
    """年上限 on a day, in fen. None: the rules set none, or it hangs on the household's own facts. Source: S1-1..S1-3."""
    walk = Walk(pack.frame, {}, {}, on)
    found = [
        YearCeiling(programme.id, limit, frozenset(cap.over), cap.clause, True)
        for cap in programme.amount.caps
        if cap.per == "year" and (limit := _fen(walk, cap.limit)) is not None
    ]
    if found:
        return min(found, key=lambda one: one.limit_fen)
    top = _fen(walk, programme.amount.value or programme.amount.high)
    once = next((rule for rule in programme.once if any(part == ex.Name("this_year") for part in ex.walk(rule.node))), None)
    if once is None or top is None or programme.per not in ("household", "person"):
        return None  # a student's or an event's sum is not the household's
    return YearCeiling(programme.id, top, frozenset({programme.id}), once.clause, False)


def _fen(walk: Walk, node: ex.Node | None) -> int | None:
    try:
        value = None if node is None else walk.value(node)
    except RuleStopped:
        return None
    return None if value is None or isinstance(value, (Unknown, str)) else int(value)
