"""A result as a workbook: the households (masked), or for those who read no files the breakdown by unit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.lib.masking import mask_name
from bangfu.lib.money import yuan
from bangfu.lib.spreadsheet import Column, write
from bangfu.reporting.simulation import cutting
from bangfu.reporting.simulation import presenting as show
from bangfu.reporting.simulation.models import Scenario


@recording
def workbook(scenario: Scenario, letter: str, *, account: Account, at: datetime) -> bytes:
    """Case staff: every touched household that they may see. Others: counts and sums by unit, small ones left out. Recorded."""
    whole = show.sees_files(account, scenario.unit)
    record("reporting.scenario_downloaded", scenario, by=account, at=at, unit=scenario.unit, side=letter, with_households=whole)
    titles = show.titles_of(scenario)
    notes = [
        _("甲：%(a)s。对照：%(b)s。") % {"a": titles["A"], "b": titles[letter]},
        _("按 %(day)s 的标准；名册快照 %(snapshot)s；结果指纹 %(sha)s。")
        % {"day": scenario.on_date.isoformat(), "snapshot": scenario.snapshot, "sha": scenario.result_sha256[:16]},
        _("金额是符合的户都申请时一年的数，不是要发的数。姓名已遮盖。"),
    ]
    columns, rows = _households(scenario, letter, account) if whole else _units(scenario, letter)
    return write(columns, rows, title=scenario.title, notes=notes, sheet=_("测算结果"))


@recording
def money(scenario: Scenario, letter: str, *, account: Account, at: datetime) -> bytes:
    """The year's money, a line each programme x source x unit x month (units for case staff only). Recorded."""
    whole, side = show.sees_files(account, scenario.unit), scenario.result["sides"][letter]
    record("reporting.scenario_downloaded", scenario, by=account, at=at, unit=scenario.unit, side=letter, with_households=False)
    titles, names = show.titles_of(scenario), cutting.dimensions(whole=whole)
    notes = [_("甲：%(a)s。对照：%(b)s。") % {"a": titles["A"], "b": titles[letter]}]
    notes += [fund_words(row) for row in show.fund_lines(side["fund"])]
    notes.append(_("金额是符合的户都申请时一年的数；每一分钱只在一行里，可以用数据透视表再分。"))
    lines = cutting.lines(side, scenario, whole=whole) if whole or side["total"]["households"] >= show.LEAST else []
    columns = [Column(title, width=24) for title in names.values()]
    columns += [Column(_("甲（元）"), "money"), Column(_("新办法（元）"), "money"), Column(_("增减（元）"), "money")]
    rows = [
        [*(line[name] for name in names), line["fen_was"], line["fen_now"], line["fen_now"] - line["fen_was"]] for line in lines
    ]
    sums = [sum(line[name] for line in lines) for name in ("fen_was", "fen_now")]
    totals = [_("合计"), *[""] * (len(names) - 1), *sums, sums[1] - sums[0]]
    return write(columns, rows, title=scenario.title, notes=notes, sheet=_("金额"), totals=totals)


def fund_words(row: Mapping[str, Any]) -> str:
    """A fund in a sentence: what it has, its floor and budget, the day on which it falls below the floor."""
    day = row["crosses_now"]
    return _("%(fund)s：新办法一年 %(now)s 元；可用 %(has)s；底线 %(floor)s；预算 %(budget)s；%(when)s。") % {
        "fund": row["title"],
        "now": yuan(row["fen_now"]),
        "has": _("没有账") if row["available_fen"] is None else yuan(row["available_fen"]),
        "floor": yuan(row["floor_fen"] or 0),
        "budget": _("没有定") if row["budget_fen"] is None else yuan(row["budget_fen"]),
        "when": _("%(day)s 低于底线") % {"day": day.isoformat()} if day else _("一年内不会低于底线"),
    }


def _households(scenario: Scenario, letter: str, account: Account) -> tuple[list[Column], Iterator[list[Any]]]:
    columns = [
        Column(_("档号")),
        Column(_("户主")),
        Column(_("单位"), width=20),
        Column(_("变化")),
        Column(_("原档次")),
        Column(_("新档次")),
        Column(_("原一年金额"), "money"),
        Column(_("新一年金额"), "money"),
        Column(_("增减"), "money"),
    ]
    rows = scenario.rows.filter(letter=letter).visible_to(account).select_related("household__unit")
    return columns, (
        [
            row.household.number,
            mask_name(row.household.head_name),
            row.household.unit.name,
            row.get_move_display(),
            row.class_before,
            row.class_after,
            row.fen_before,
            row.fen_after,
            row.change_fen,
        ]
        for row in rows.iterator(chunk_size=2_000)
    )


def _units(scenario: Scenario, letter: str) -> tuple[list[Column], Iterator[list[Any]]]:
    columns = [Column(_("单位"), width=24)]
    columns += [Column(title, "number") for title in (_("户数"), _("纳入"), _("退出"), _("升档"), _("降档"), _("增额"), _("减额"))]
    columns += [Column(_("原一年金额"), "money"), Column(_("新一年金额"), "money")]
    lines = show.groups(scenario.result["sides"][letter]["unit"], show.unit_titles(scenario.unit), whole=False)
    names = ("households", "enters", "leaves", "rises", "falls", "more", "less")
    return columns, ([line.title, *(line.counts[name] for name in names), line.fen_was, line.fen_now] for line in lines)
