"""What the rows of a list come to: sums, counts, any and all, the farthest, the longest run. Strict: a gap makes it unknown.

Source: contracts.md "Rules".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.stops import RuleStopped
from bangfu.policy.vocabulary import Fact

Row = tuple[Truth, Value]  # does it count, and its figure


def absent(node: ex.Aggregate, facts: Mapping[str, Fact]) -> Unknown:
    """Nobody has said who the members are: only that counts, and sums of figures that cannot be negative, start at 0."""
    missing = frozenset({node.list})
    if node.kind in ("any_of", "all_of"):
        return Unknown(missing)
    fact = facts.get(node.figure.name) if isinstance(node.figure, ex.Name) else None
    if node.kind in ("count_of", "run_of") or (fact is not None and fact.low == 0):
        return Unknown(missing, 0)
    return Unknown(missing)


def gathered(node: ex.Aggregate, parts: list[Row]) -> Value:
    truths = [fits for fits, _figure in parts]
    match node.kind:
        case "any_of":
            return fig.conjunction([*truths, False], "or")
        case "all_of":
            return fig.conjunction([*truths, True], "and")
        case "count_of":
            sure = sum(fits is True for fits in truths)
            maybe = sum(isinstance(fits, Unknown) for fits in truths)
            return fig.interval(sure, sure + maybe, fig.missing_of(*truths))
        case "sum_of":
            total: Value = 0
            for fits, figure in parts:
                if fits is True:
                    total = fig.plus(total, figure)
                elif isinstance(fits, Unknown):
                    total = fig.plus(total, fig.join([0, figure], fits.missing))
            return total
    return _farthest(node, [part for part in parts if part[0] is not False])


def _farthest(node: ex.Aggregate, parts: list[Row]) -> Value:
    """min_of / max_of: the rows that may or may not count widen one side only."""
    if not parts:
        raise RuleStopped(
            _("没有一项符合条件，%(kind)s 没有结果。请先用 if(any_of(…), …, …) 说明没有时怎么算。") % {"kind": node.kind}
        )
    pick = min if node.kind == "min_of" else max
    sure = [figure for fits, figure in parts if fits is True]
    everything = fig.extreme([figure for _fits, figure in parts], pick)
    missing = fig.missing_of(*(fits for fits, _figure in parts), *(figure for _fits, figure in parts))
    if not sure:
        return Unknown(missing, fig.low(everything), fig.high(everything)) if missing else everything
    certain = fig.extreme(sure, pick)
    if node.kind == "min_of":
        return fig.interval(fig.low(everything), fig.high(certain), missing)
    return fig.interval(fig.low(certain), fig.high(everything), missing)


def months_of(rows: tuple[Mapping[str, Value], ...]) -> list[int] | Unknown:
    """Which month each row is: `months_ago`, or its place in the list (the latest first) where no row says it."""
    told = [row.get("months_ago") for row in rows]
    if not any(month is not None for month in told):
        return list(range(1, len(rows) + 1))
    missing = [f"months[{place}].months_ago" for place, month in enumerate(told) if month is None]
    if missing:
        return Unknown(frozenset(missing))
    months = [int(month) for month in told if isinstance(month, int)]
    if len(set(months)) < len(months):
        raise RuleStopped(_("逐月收入里同一个月（months_ago）写了两次。请删去一行。"))
    return months


def longest(truths: Mapping[int, Truth]) -> Value:
    """The longest run of consecutive months: between the run of the sure ones and the run of those not yet ruled out."""

    def run(counts: Callable[[Truth], bool]) -> int:
        best = length = 0
        for month in sorted(truths):
            length = (length if month - 1 in truths else 0) + 1 if counts(truths[month]) else 0
            best = max(best, length)
        return best

    missing = fig.missing_of(*truths.values())
    return fig.interval(run(lambda truth: truth is True), run(lambda truth: truth is not False), missing)
