"""A result as the rows of pages and workbooks: words for codes, and small numbers hidden from those who read no files.

Whoever reads the files of the unit anyway sees every count. Others (the policy administrator) see totals whole, but in a
breakdown no count of 1 to 4 households: with a unit, a sex or an identity it would point at a person. Source: PIPL 6, 28.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import has_role
from bangfu.household.models.words import IdentityKind, Sex
from bangfu.lib.days import today
from bangfu.lib.templatetags.bf_text import permille
from bangfu.policy.pack import Pack
from bangfu.reporting.simulation.breakdown import AMOUNTS, CHANGES
from bangfu.reporting.simulation.comparing import BANDS, class_title
from bangfu.reporting.simulation.models import Row, Scenario

LEAST = 5  # fewer households are not told apart
COUNTED = ("households", "enters", "leaves", "rises", "falls", "more", "less", "opens")


def sees_files(account: Account, unit: Unit) -> bool:
    return has_role(account, CASE_STAFF, unit)


@dataclass(frozen=True)
class Group:
    """One line of a breakdown. A count is a number, or None where it is too small to be shown."""

    title: str
    counts: Mapping[str, int | None]
    fen_was: int | None
    fen_now: int | None
    entitled_was: int | None
    entitled_now: int | None

    @property
    def share_was(self) -> int | None:
        return _permille(self.entitled_was, self.counts["households"])

    @property
    def share_now(self) -> int | None:
        return _permille(self.entitled_now, self.counts["households"])

    @property
    def regraded(self) -> int | None:
        return self._both("rises", "falls")

    @property
    def resized(self) -> int | None:
        return self._both("more", "less")

    def _both(self, one: str, other: str) -> int | None:
        a, b = self.counts[one], self.counts[other]
        return None if a is None or b is None else a + b

    @property
    def change_fen(self) -> int | None:
        return None if self.fen_was is None or self.fen_now is None else self.fen_now - self.fen_was


def _permille(part: int | None, whole: int | None) -> int | None:
    return None if part is None or not whole else round(part * 1000 / whole)


def groups(rows: Sequence[Mapping[str, Any]], titles: Mapping[Any, str], *, whole: bool) -> list[Group]:
    """The lines of a breakdown. With `whole` false small counts are hidden, and the next smallest with a lone one."""
    shown = [_counts(row) for row in rows]
    if not whole:
        for name in (*COUNTED, "entitled_was", "entitled_now"):
            _hide(shown, name)
        for line in shown:
            if any(line[name] is None for name in COUNTED):  # a sum of few households tells of each
                line["fen_was"] = line["fen_now"] = None
        _hide_sums(shown)
    return [
        Group(
            titles.get(row["code"], str(row["code"] or _("未填"))),
            {name: line[name] for name in COUNTED},
            line["fen_was"],
            line["fen_now"],
            line["entitled_was"],
            line["entitled_now"],
        )
        for row, line in zip(rows, shown, strict=True)
    ]


def breakdowns(side: Mapping[str, Any], unit: Unit, *, whole: bool) -> list[dict[str, Any]]:
    """By unit, identity, sex, income: the shares that qualify side by side, and how far they lie apart. Source: S4-7."""
    found = []
    for name, title, titles in (
        ("identity", _("按用工身份"), identity_titles()),
        ("sex", _("按户主性别"), sex_titles()),
        ("band", _("按人均月收入"), band_titles()),
        ("unit", _("按单位"), unit_titles(unit)),
    ):
        rows = groups(side[name], titles, whole=whole)  # type: ignore[arg-type]
        found.append({"name": name, "title": title, "rows": rows, "gap": "" if name == "band" else gap(rows)})
    return found


def gap(rows: Sequence[Group]) -> str:
    """The distance between the highest and the lowest share, before and after; of groups large enough to be compared."""
    large = [row for row in rows if (row.counts["households"] or 0) >= LEAST]
    was = [row.share_was for row in large if row.share_was is not None]
    now = [row.share_now for row in large if row.share_now is not None]
    if len(was) < 2 or len(now) < 2:
        return _("不到 %(n)d 户的不比") % {"n": LEAST}
    return _("符合比例最高和最低相差：甲 %(was)s，新办法 %(now)s；不到 %(n)d 户的不比") % {
        "was": permille(max(was) - min(was)),
        "now": permille(max(now) - min(now)),
        "n": LEAST,
    }


def _counts(row: Mapping[str, Any]) -> dict[str, int | None]:
    return {name: row[name] for name in (*COUNTED, "entitled_was", "entitled_now", "fen_was", "fen_now")}


def _hide(lines: list[dict[str, int | None]], name: str) -> None:
    """Counts of 1 to 4 become None; a lone one takes the next smallest with it, or it could be worked out from the total."""
    values = [line[name] for line in lines]
    small = [place for place, value in enumerate(values) if value is not None and 0 < value < LEAST]
    if len(small) == 1:
        others = sorted((value, place) for place, value in enumerate(values) if value and place not in small)
        small += [place for _value, place in others[:1]]
    for place in small:
        lines[place][name] = None


def _hide_sums(lines: list[dict[str, int | None]]) -> None:
    hidden = [line for line in lines if line["fen_now"] is None]
    open_ = [line for line in lines if line["fen_now"] is not None]
    if len(hidden) == 1 and open_:
        least = min(open_, key=lambda line: line["households"] or 0)
        least["fen_was"] = least["fen_now"] = None


def few(count: int, *, whole: bool) -> int | None:
    """A single count of a breakdown."""
    return None if not whole and 0 < count < LEAST else count


def unit_titles(unit: Unit) -> dict[int, str]:
    titles = dict(Unit.objects.filter(path__startswith=unit.path).values_list("pk", "name"))
    titles[unit.pk] = _("%(unit)s直属") % {"unit": unit.name}
    return titles


def sex_titles() -> dict[str, str]:
    return {str(value): str(label) for value, label in Sex.choices}


def identity_titles() -> dict[str, str]:
    return {"": _("不在花名册")} | {str(value): str(label) for value, label in IdentityKind.choices}


def band_titles() -> dict[int | None, str]:
    """Income a head and month before the rules look at it."""
    edges = [f"{fen // 100:,}" for fen in BANDS]
    titles: dict[int | None, str] = {0: _("不到 %(n)s 元") % {"n": edges[0]}}
    for place in range(1, len(edges)):
        titles[place] = _("%(a)s–%(b)s 元") % {"a": edges[place - 1], "b": edges[place]}
    return titles | {len(edges): _("%(n)s 元以上") % {"n": edges[-1]}, None: _("收入没有核到")}


def change_titles() -> list[str]:
    """The bands of a household's change in a year, from the greatest loss."""
    return [
        _("少 5,000 元以上"),
        _("少 1,000–5,000 元"),
        _("少 1,000 元以内"),
        _("不变"),
        _("多 1,000 元以内"),
        _("多 1,000–5,000 元"),
        _("多 5,000 元以上"),
    ]


def changes(rows: Iterable[Mapping[str, int]], *, whole: bool) -> list[dict[str, Any]]:
    """The distribution of the change, every band."""
    counts = {row["code"]: row["households"] for row in rows}
    lines = [{"households": counts.get(place, 0)} for place in range(len(CHANGES) + 1)]
    if not whole:
        _hide(lines, "households")  # type: ignore[arg-type]
    return [{"title": title, **line} for title, line in zip(change_titles(), lines, strict=True)]


def amount_titles() -> list[str]:
    """The bands of what a household would get in a year."""
    return [
        _("没有"),
        _("1,000 元以内"),
        _("1,000–3,000 元"),
        _("3,000–5,000 元"),
        _("5,000–10,000 元"),
        _("10,000 元以上"),
    ]


def amounts(sides: Mapping[str, Mapping[str, Any]], *, whole: bool) -> list[dict[str, Any]]:
    """How many households would get how much in a year, by side; `counts` holds A and the others in order."""
    listed = [next(iter(sides.values()))["amounts_was"], *(side["amounts_now"] for side in sides.values())]
    lines: list[dict[str, Any]] = [{"title": title, "counts": []} for title in amount_titles()]
    for rows in listed:
        found = {row["code"]: row["households"] for row in rows}
        column: list[dict[str, int | None]] = [{"households": found.get(place, 0)} for place in range(len(AMOUNTS) + 1)]
        if not whole:
            _hide(column, "households")
        for line, one in zip(lines, column, strict=True):
            line["counts"].append(one["households"])
    return lines


def same_standard(side: Mapping[str, Any]) -> dict[str, Any]:
    """四个统一: of equal income, do the identities qualify alike and get alike? Only groups large enough to be compared. Source: S4-7."""
    titles, bands = identity_titles(), band_titles()
    kinds = [code for code in titles if any(row["identity"] == code for row in side["identity_band"])]
    found = {(row["band"], row["identity"]): row for row in side["identity_band"]}
    lines = []
    for band in dict.fromkeys(row["band"] for row in side["identity_band"]):
        lines.append({"title": bands[band], "cells": [_cell(found.get((band, kind)), titles[kind]) for kind in kinds]})
    return {"kinds": [titles[kind] for kind in kinds], "rows": lines}


def _cell(row: Mapping[str, Any] | None, kind: str) -> dict[str, Any]:
    """Of a group: how many qualify, and what they get on average. Not told where it would point at a few households."""
    entitled = row["entitled_now"] if row else 0
    if row is None or row["households"] < LEAST or 0 < entitled < LEAST:
        return {"kind": kind, "is_told": False}
    mean = row["fen_now"] // entitled if entitled else None
    return {"kind": kind, "is_told": True, "share": _permille(entitled, row["households"]), "mean_fen": mean}


def classes(rows: Sequence[Mapping[str, Any]], before: Pack, after: Pack, *, whole: bool) -> list[dict[str, Any]]:
    """From which class to which, in words; those that stay come last."""
    lines: list[dict[str, Any]] = []
    for row in rows:
        was, now = class_word(before, row["class_was"]), class_word(after, row["class_now"])
        lines.append({"was": was, "now": now, "stays": was == now, "households": row["households"]})
    if not whole:
        _hide(lines, "households")
    return sorted(lines, key=lambda line: line["stays"])


def class_word(pack: Pack, class_id: str | None) -> str:
    if class_id is None:
        return _("待查")
    return class_title(pack, class_id) or _("没有档次")


def clause_lines(rows: Sequence[Mapping[str, Any]], pack: Pack, *, whole: bool) -> list[dict[str, Any]]:
    """The requirements that come out differently, with what they are about."""
    return [
        {
            "clause": row["clause"],
            "text": row["text"],
            "about": _about(pack, row["about"]),
            "gained": few(row["gained"], whole=whole),
            "lost": few(row["lost"], whole=whole),
        }
        for row in rows
    ]


def _about(pack: Pack, about: str) -> str:
    if about.startswith("entry"):
        return _("建档")
    if about == "exit":
        return _("退出")
    if about.startswith("class:") and pack.primary:
        class_id = about.removeprefix("class:").rpartition(".")[2]
        return next((item.title for item in pack.primary.classes if item.id == class_id), _("档次"))
    programme = pack.programme(about)
    return programme.title if programme else about


def backtest_lines(found: Mapping[str, Any], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """One line a side: agrees with the committee in N per mille of what it can tell."""
    lines = []
    for letter, counts in found.get("sides", {}).items():
        told = counts["agrees"] + counts["differs"]
        lines.append(
            {
                "letter": letter,
                "title": titles.get(letter, letter),
                **counts,
                "told": told,
                "share": round(counts["agrees"] * 1000 / told) if told else None,
            }
        )
    return lines


def beside(sides: Mapping[str, Mapping[str, Any]], titles: Mapping[str, str]) -> list[dict[str, Any]]:
    """The sides in one table, each against A; for scenarios of three."""
    return [
        {
            "letter": letter,
            "title": titles[letter],
            "touched": touched_count(side["total"]),
            "enters": side["total"]["enters"],
            "leaves": side["total"]["leaves"],
            "fen_now": side["total"]["fen_now"],
            "change_fen": side["total"]["fen_now"] - side["total"]["fen_was"],
            "expected_fen": sum(row["expected_fen"] for row in side["programme"]),
        }
        for letter, side in sides.items()
    ]


def moves(total: Mapping[str, int]) -> list[dict[str, Any]]:
    """The kinds of change with their counts, for tabs and the strip."""
    return [{"move": str(value), "title": str(label), "count": total.get(str(value), 0)} for value, label in Row.Move.choices]


def touched_count(total: Mapping[str, int]) -> int:
    return sum(row["count"] for row in moves(total))


def balance_lines(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """A fund month by month: what goes out, so far, what is left, whether that is below its floor, the share of the budget."""
    so_far, likely, lines = 0, 0, []
    for month in row["months"]:
        so_far += month["fen_now"]
        likely += month["expected_fen"]
        left = row["available_fen"] - so_far
        lines.append(
            {
                **month,
                "so_far": so_far,
                "likely": likely,
                "left_fen": left,
                "is_below": left < (row["floor_fen"] or 0),
                "share": round(likely * 1000 / row["budget_fen"]) if row["budget_fen"] else None,
            }
        )
    return lines


def unknown_then(scenario: Scenario) -> list[str]:
    """What of a past day is taken as it is known today, in sentences; nothing for a day that is not past."""
    if scenario.snapshot_at is None or scenario.on_date >= today(scenario.snapshot_at):
        return []
    return [
        _("档案状态、档次、收入、支出、成员、单位和发放都按那天的；账上的钱按那天的账。"),
        _("没有留下过去情况的，按现在的算：财产、收入和支出核到哪天、户主性别和用工身份、后来冲销的发放。"),
    ]


def fund_lines(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Days read back; what is lacking against what is there."""
    lines = []
    for row in rows:
        line = dict(row)
        for name in ("was", "now", "expected"):
            day = row.get(f"crosses_{name}")
            line[f"crosses_{name}"] = date.fromisoformat(day) if day else None
        available = row["available_fen"]
        limit = min([fen for fen in (row["budget_fen"], available) if fen is not None], default=None)
        line["gap_fen"] = None if limit is None else max(0, row["fen_now"] - limit)
        lines.append(line)
    return lines


def titles_of(scenario: Scenario) -> dict[str, str]:
    return {side.letter: side.title for side in scenario.sides.all()}
