"""A result as a workbook: the households (masked), or for those who read no files the breakdown by unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.lib.masking import mask_name
from bangfu.lib.spreadsheet import Column, write
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
