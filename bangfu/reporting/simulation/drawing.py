"""A result as charts. Each says in a sentence what it shows; its numbers stand in the table beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import accumulate
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bangfu.lib.money import wan, yuan
from bangfu.reporting.charts import Limit, Series, columns, rows
from bangfu.reporting.simulation.presenting import Group

KINDS = {"A": "sand", "B": "blue", "C": "out"}


def names() -> dict[str, str]:
    return {"A": _("甲"), "B": _("乙"), "C": _("丙")}


def months(sides: Mapping[str, Mapping[str, Any]], letter: str) -> SafeString:
    """What each month asks for, against the budget's monthly mean: A as a line, the others as columns."""
    side = sides[letter]
    words = names()
    series = [Series(words[one], [row["fen_now"] for row in found["month"]], KINDS[one]) for one, found in sides.items()]
    series.append(Series(words["A"], [row["fen_was"] for row in side["month"]], "line"))
    budgets = [row["budget_fen"] for row in side["fund"] if row["fen_now"]]
    budget = 0 if None in budgets else sum(budgets)
    limit = Limit(_("预算月均 %(n)s") % {"n": wan(budget // 12)}, budget // 12) if budget else None
    dear = max(side["month"], key=lambda row: row["fen_now"])
    says = _("今后十二个月每月要多少：%(side)s合 %(sum)s 元，%(month)s 最多，%(most)s 元。") % {
        "side": words[letter],
        "sum": yuan(sum(row["fen_now"] for row in side["month"])),
        "month": dear["month"],
        "most": yuan(dear["fen_now"]),
    }
    return columns(
        _("每月要多少钱（万元）"), _short_months(side["month"]), series, says=says, shown=_in_wan, unit=_("单位：万元"), limit=limit
    )


def balance(row: Mapping[str, Any], letter: str) -> SafeString:
    """What a fund would hold at the end of each month, against its floor."""
    left, ends = row["available_fen"], []
    for month in row["months"]:
        left -= month["fen_now"]
        ends.append(left)
    crosses = row["crosses_now"]
    words = {"fund": row["title"], "last": yuan(ends[-1])}
    if crosses:
        says = _("%(fund)s逐月还剩多少：十二个月后 %(last)s 元，%(day)s 低于底线。") % {**words, "day": crosses}
    else:
        says = _("%(fund)s逐月还剩多少：十二个月后 %(last)s 元，一年内不会低于底线。") % words
    return columns(
        _("%(fund)s月末余额（万元）") % words,
        _short_months(row["months"]),
        [Series(names()[letter], ends, "ink")],
        says=says,
        shown=_in_wan,
        unit=_("单位：万元"),
        limit=Limit(_("底线 %(n)s") % {"n": wan(row["floor_fen"])}, row["floor_fen"]) if row["floor_fen"] else None,
    )


def spending(row: Mapping[str, Any]) -> SafeString:
    """What a fund would have paid up to the end of each month, against its budget: at most, and as it was really paid."""
    most = list(accumulate(month["fen_now"] for month in row["months"]))
    likely = list(accumulate(month["expected_fen"] for month in row["months"]))
    budget = row["budget_fen"]
    over = next((month["month"] for month, fen in zip(row["months"], most, strict=True) if fen > budget), None)
    words = {"fund": row["title"], "budget": yuan(budget), "most": yuan(most[-1]), "likely": yuan(likely[-1]), "month": over}
    says = _("%(fund)s一年最多 %(most)s 元，照实发推算 %(likely)s 元，预算 %(budget)s 元。") % words
    if over:
        says += _("最多的算法从 %(month)s 起超过预算。") % words
    return columns(
        _("%(fund)s累计付出与预算（万元）") % words,
        _short_months(row["months"]),
        [Series(_("新办法最多，累计"), most, "blue"), Series(_("照实发推算，累计"), likely, "sand")],
        says=says,
        shown=_in_wan,
        unit=_("单位：万元"),
        limit=Limit(_("预算 %(n)s") % {"n": wan(budget)}, budget),
        height=150,
    )


def coming_and_going(groups: Sequence[Group]) -> SafeString | None:
    """Who enters and who leaves, unit by unit. None when nobody does, or too few to be shown."""
    told = [row for row in groups if (row.counts["enters"] or 0) + (row.counts["leaves"] or 0)]
    if not told:
        return None
    enters, leaves = ([row.counts[name] for row in told] for name in ("enters", "leaves"))
    says = _("%(n)d 个单位有户纳入或退出：共纳入 %(a)d 户，退出 %(b)d 户。") % {
        "n": len(told), "a": sum(one or 0 for one in enters), "b": sum(one or 0 for one in leaves),
    }  # fmt: skip
    series = [Series(_("纳入"), enters, "blue"), Series(_("退出"), leaves, "out")]
    return rows(_("各单位纳入、退出多少户"), [row.title for row in told], series, says=says, unit=_("单位：户"))


def amounts(lines: Sequence[Mapping[str, Any]], letters: Sequence[str]) -> SafeString:
    """How many households would get how much in a year, under each side."""
    words = names()
    series = [Series(words[one], [line["counts"][place] for line in lines], KINDS[one]) for place, one in enumerate(letters)]
    says = _("每户一年能有多少：%(parts)s。") % {
        "parts": _("；").join(
            _("%(band)s，%(counts)s户")
            % {"band": line["title"], "counts": "/".join("?" if n is None else str(n) for n in line["counts"])}
            for line in lines
        )
    }
    return rows(_("每户一年金额的分布（户）"), [line["title"] for line in lines], series, says=says, unit=_("单位：户"))


def changes(lines: Sequence[Mapping[str, Any]]) -> SafeString:
    """By how much a household's year changes."""
    says = _("每户一年增减多少：%(parts)s。") % {
        "parts": _("；").join(
            _("%(band)s，%(n)s户") % {"band": line["title"], "n": "?" if line["households"] is None else line["households"]}
            for line in lines
        )
    }
    return rows(
        _("每户一年增减的分布（户）"),
        [line["title"] for line in lines],
        [Series(_("户"), [line["households"] for line in lines])],
        says=says,
        unit=_("单位：户"),
    )


def cut(found: Mapping[str, Any]) -> SafeString:
    """The sums of one cut."""
    series = [
        Series(_("甲"), [row["fen_was"] for row in found["rows"]], "sand"),
        Series(_("新办法"), [row["fen_now"] for row in found["rows"]], "blue"),
    ]
    says = _("按%(by)s：甲合 %(a)s 元，新办法合 %(b)s 元。") % {
        "by": found["by_title"], "a": yuan(found["fen_was"]), "b": yuan(found["fen_now"]),
    }  # fmt: skip
    return rows(
        _("按%(by)s一年要多少钱（万元）") % {"by": found["by_title"]},
        [row["title"] for row in found["rows"]],
        series,
        says=says,
        shown=wan,
        unit=_("单位：万元"),
    )


def _short_months(months: Sequence[Mapping[str, Any]]) -> list[str]:
    return [_("%(n)d月") % {"n": date.fromisoformat(f"{row['month']}-01").month} for row in months]


def _in_wan(fen: int) -> str:
    """万元, without decimals that say nothing."""
    return wan(fen).rstrip("0").rstrip(".")
