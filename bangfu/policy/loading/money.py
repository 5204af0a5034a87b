"""Funds: sources with their uses and minimum, floor and top-up, placements, gifts, who comes first."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.loading.desk import Desk, Place
from bangfu.policy.pack import Donations, Fund, MoneySource, Placement, Priority, Revisions, Share, TopUp
from bangfu.policy.reading import Sheet


def funds(desk: Desk) -> tuple[Fund, ...]:
    """Where the money comes from and what it may be spent on."""
    sheet = desk.sheets["money"]
    if sheet is None:
        return ()
    rows = sheet.data["funds"]
    desk.unique(sheet, ((("funds", place), row["id"]) for place, row in enumerate(rows)))
    found = []
    for place, row in enumerate(rows):
        path: Place = ("funds", place)
        clause = desk.cite(sheet, (*path, "clause"), row["clause"])
        desk.demo(sheet, path, row, clause)
        desk.programmes_known(sheet, (*path, "uses"), row.get("uses", []), clause)
        _named_standards(desk, sheet, path, row, clause, floor="fen", budget="fen", budget_raise="permille")
        sources = row.get("sources", [])
        source_rows = _source_rows(desk, sheet, path, row)
        found.append(
            Fund(
                row["id"], row["title"], row["subject"], clause, row.get("restricted", True),
                tuple(item if isinstance(item, str) else item["title"] for item in sources),
                tuple(row.get("uses", [])), row.get("floor", ""), row.get("budget_raise", ""), tuple(row.get("principles", [])),
                bool(row.get("demo")), row.get("source", ""), source_rows,
                _top_up(desk, sheet, (*path, "top_up"), row, {item.id for item in source_rows}), row.get("budget", ""),
                _placements(desk, sheet, path, row), _donations(desk, sheet, (*path, "donations"), row),
                _priority(desk, sheet, path, row), _revisions(desk, sheet, (*path, "revisions"), row),
            )
        )  # fmt: skip
    return tuple(found)


def _named_standards(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], clause: str, **units: str) -> None:
    """Keys that name a parameter: it exists, is one value, and has the unit."""
    for key, unit in units.items():
        standard = desk.parameters.get(row.get(key, ""))
        if (
            key in row
            and not (standard is None and desk.is_lost("parameters"))
            and (standard is None or standard.shape != "value" or standard.unit != unit)
        ):
            desk.blame(
                sheet,
                (*path, key),
                _("没有单位为 %(unit)s 的参数“%(name)s”。请写进 parameters.yaml，这里只写它的名称。")
                % {"unit": unit, "name": row[key]},
                clause,
            )


def _source_rows(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any]) -> tuple[MoneySource, ...]:
    rows = [(place, row) for place, row in enumerate(fund.get("sources", [])) if not isinstance(row, str)]
    desk.unique(sheet, (((*path, "sources", place), row["id"]) for place, row in rows))
    found = []
    for place, row in rows:
        here = (*path, "sources", place)
        clause = desk.cite(sheet, (*here, "clause"), row["clause"])
        desk.demo(sheet, here, row, clause)
        desk.programmes_known(sheet, (*here, "uses"), row.get("uses", []), clause)
        _named_standards(desk, sheet, here, row, clause, minimum="fen")
        found.append(
            MoneySource(
                row["id"], row["title"], clause, row.get("kind", "other"), tuple(row.get("uses", ())),
                bool(row.get("restricted", "uses" in row)), row.get("minimum", ""), row.get("text", ""),
                bool(row.get("demo")), row.get("source", ""),
            )
        )  # fmt: skip
    return tuple(found)


def _top_up(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any], sources: set[str]) -> TopUp | None:
    row = fund.get("top_up")
    if row is None:
        return None
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    if "floor" not in fund:
        desk.blame(sheet, path, _("写了 top_up（补充）就要写 floor（底线），才知道什么时候补充。"), clause)
    for place, part in enumerate(row["split"]):
        here = (*path, "split", place)
        if part["source"] not in sources:
            desk.blame(
                sheet, (*here, "source"), _("sources 里没有代号“%(id)s”。请在来源里写 id。") % {"id": part["source"]}, clause
            )
        _named_standards(desk, sheet, here, part, clause, amount="fen", share="permille")
    split = tuple(Share(part["source"], part.get("amount", ""), part.get("share", "")) for part in row["split"])
    return TopUp(clause, row["text"], split, row.get("within_days"))


def _revisions(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any]) -> Revisions | None:
    """A number alone stands under the fund's own clause."""
    row = fund.get("revisions")
    if row is None:
        return None
    if isinstance(row, int):
        return Revisions(row, fund["clause"], _("预算一年最多调整 %(n)d 次") % {"n": row})
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    return Revisions(row["most"], clause, row["text"])


def _placements(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any]) -> tuple[Placement, ...]:
    found = []
    for place, row in enumerate(fund.get("placements", [])):
        here = (*path, "placements", place)
        clause = desk.cite(sheet, (*here, "clause"), row["clause"])
        desk.demo(sheet, here, row, clause)
        _named_standards(desk, sheet, here, row, clause, most_share="permille", most_months="month", most="fen")
        most_share, most_months, most = (row.get(key, "") for key in ("most_share", "most_months", "most"))
        found.append(Placement(row["kind"], clause, row["text"], most_share, most_months, most))
    return tuple(found)


def _donations(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any]) -> Donations | None:
    row = fund.get("donations")
    if row is None:
        return None
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    desk.programmes_known(sheet, (*path, "uses"), row.get("uses", []), clause)
    return Donations(
        clause,
        row["text"],
        row.get("anonymous", True),
        row.get("wishes", False),
        row.get("publish", True),
        tuple(row.get("uses", ())),
    )


def _priority(desk: Desk, sheet: Sheet, path: Place, fund: dict[str, Any]) -> tuple[Priority, ...]:
    found = []
    for place, row in enumerate(fund.get("priority", [])):
        here = (*path, "priority", place)
        clause = desk.cite(sheet, (*here, "clause"), row["clause"])
        desk.demo(sheet, here, row, clause)
        node = desk.expression(sheet, (*here, "by"), row["by"], clause=clause)
        if (kind := desk.kinds.get(id(node))) is not None and kind.type == "code":
            desk.blame(sheet, (*here, "by"), _("排序要用数、日期或是非，不能用代码。例如 class = 'tekun'。"), clause)
        found.append(Priority(clause, row["text"], node, row.get("first", "high")))
    return tuple(found)
