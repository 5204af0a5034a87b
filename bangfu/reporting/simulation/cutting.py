"""The year's money cut any way: by programme, source, unit or month, one inside the other, each beside the other rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from bangfu.reporting.simulation import presenting as show
from bangfu.reporting.simulation.models import Scenario
from bangfu.reporting.simulation.sourcing import Cell, cube

DIMENSIONS = ("programme", "source", "unit", "month")


def dimensions(*, whole: bool) -> dict[str, str]:
    """What it can be cut by. Sums of a part of the unit tell of single households: only for those who read the files."""
    titles = {"programme": _("项目"), "source": _("资金来源"), "unit": _("单位"), "month": _("月份")}
    return titles if whole else {name: title for name, title in titles.items() if name != "unit"}


def titles_of(side: Mapping[str, Any], scenario: Scenario) -> dict[str, dict[Any, str]]:
    """Words for the keys of each dimension, in the order in which they are listed."""
    funds = {row["id"]: row["title"] for row in side["fund"]}
    sources = {row["id"]: _source(row, funds) for row in (*side["sources"], *side["sources_was"])} | {"gap": _("办法没有写资金")}
    return {
        "programme": {row["id"]: row["title"] for row in side["programme"]},
        "source": sources,
        "unit": show.unit_titles(scenario.unit),
        "month": {place: row["month"] for place, row in enumerate(side["month"])},
    }


def _source(row: Mapping[str, Any], funds: Mapping[str, str]) -> str:
    """A source with its fund, where the rules have several."""
    if len(funds) < 2 or row["id"].endswith((":balance", ":gap")):
        return row["title"]
    return _("%(source)s（%(fund)s）") % {"source": row["title"], "fund": funds.get(row["fund"], row["fund"])}


def cut(side: Mapping[str, Any], scenario: Scenario, asked: Mapping[str, str], *, whole: bool, here: str) -> dict[str, Any]:
    """One cut: `asked` says by what (`by`) and inside of what (programme=…, source=…). `here`: the start of every link."""
    names, titles = dimensions(whole=whole), titles_of(side, scenario)
    inside = {name: asked[name] for name in names if asked.get(name, "") in {str(key) for key in titles[name]}}
    left = [name for name in names if name not in inside] or ["month"]
    by = asked.get("by", "") if asked.get("by", "") in names else left[0]
    following = [name for name in left if name != by]
    sums = summed(cube(side), by, inside)
    keys = [key for key in titles[by] if key in sums] + [key for key in sums if key not in titles[by]]

    def link(**more: Any) -> str:
        return f"{here}&{urlencode({**inside, 'by': by, **more})}"

    money = {row["id"]: row["money_fen"] for row in side["sources"]}
    rows = [
        {
            "title": titles[by].get(key) or _("未填"),
            "fen_was": sums[key][0],
            "fen_now": sums[key][1],
            "change_fen": sums[key][1] - sums[key][0],
            "money_fen": money.get(key) if by == "source" else None,
            "url": link(**{by: key, "by": following[0]}) if following and key is not None else "",
        }
        for key in keys
    ]
    return {
        "by": by,
        "by_title": names[by],
        "rows": rows,
        "fen_was": sum(row["fen_was"] for row in rows),
        "fen_now": sum(row["fen_now"] for row in rows),
        "change_fen": sum(row["change_fen"] for row in rows),
        "tabs": [
            {"title": _("按%(what)s") % {"what": title}, "url": link(by=name), "current": name == by}
            for name, title in names.items()
        ],
        "inside": [
            {
                "title": names[name],
                "words": next(words for key, words in titles[name].items() if str(key) == value),
                "url": f"{here}&{urlencode({**{other: said for other, said in inside.items() if other != name}, 'by': by})}",
            }
            for name, value in inside.items()
        ],
    }


def summed(cells: Iterable[Cell], by: str, inside: Mapping[str, str]) -> dict[Any, list[int]]:
    """[fen under A, under the other rules] by one dimension, of the cells inside of all the others that are fixed."""
    found: dict[Any, list[int]] = {}
    for cell in cells:
        if all(str(getattr(cell, name)) == value for name, value in inside.items()):
            sums = found.setdefault(getattr(cell, by), [0, 0])
            sums[0] += cell.fen_was
            sums[1] += cell.fen_now
    return dict(sorted(found.items(), key=lambda item: (item[0] is None, item[0]))) if by == "month" else found


def lines(side: Mapping[str, Any], scenario: Scenario, *, whole: bool) -> list[dict[str, Any]]:
    """Every cell in words, for the workbook and the command; without the unit for those who read no files."""
    titles = titles_of(side, scenario)
    names = list(dimensions(whole=whole))
    found: dict[tuple[Any, ...], list[int]] = {}
    for cell in cube(side):
        sums = found.setdefault(tuple(getattr(cell, name) for name in names), [0, 0])
        sums[0] += cell.fen_was
        sums[1] += cell.fen_now
    return [
        {
            **{name: titles[name].get(value) or str(value) for name, value in zip(names, key, strict=True)},
            "fen_was": a,
            "fen_now": b,
        }
        for key, (a, b) in found.items()
    ]
