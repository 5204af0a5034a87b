"""Class sets and programmes: who qualifies, for what, how much."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.loading.desk import Desk, Place
from bangfu.policy.pack import (
    NONE,
    Amount,
    Cap,
    Class,
    ClassSet,
    Group,
    Programme,
    Rule,
)
from bangfu.policy.reading import Sheet


def class_sets(desk: Desk) -> tuple[ClassSet, ...]:
    """The ways to grade a household."""
    sheet = desk.sheets["classes"]
    if sheet is None:
        return ()
    desk.unique(sheet, ((("sets", place), row["id"]) for place, row in enumerate(sheet.data["sets"])))
    return tuple(_class_set(desk, sheet, ("sets", place), row) for place, row in enumerate(sheet.data["sets"]))


def _class_set(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> ClassSet:
    desk.unique(sheet, (((*path, "classes", place), item["id"]) for place, item in enumerate(row["classes"])))
    classes = []
    for place, item in enumerate(row["classes"]):
        here = (*path, "classes", place)
        clause = desk.cite(sheet, (*here, "clause"), item["clause"])
        desk.demo(sheet, here, item, clause)
        if item["id"] == NONE:
            desk.blame(sheet, here, _("档次不能叫 none：它表示不属于任何档次。"))
        tree = desk.tree(sheet, (*here, "requires"), item["requires"])
        classes.append(
            Class(
                item["id"],
                item["title"],
                item.get("national", ""),
                clause,
                tree,
                item.get("source", ""),
                bool(item.get("demo")),
            )
        )
    return ClassSet(
        row["id"],
        row["title"],
        desk.tree(sheet, (*path, "entry"), row["entry"]),
        tuple(desk.rule(sheet, (*path, "exclusions", place), item) for place, item in enumerate(row.get("exclusions", []))),
        tuple(classes),
        desk.tree(sheet, (*path, "exit"), row["exit"]) if "exit" in row else None,
        row.get("review_months"),
    )


def programmes(desk: Desk) -> tuple[Programme, ...]:
    """What may be given, to whom, how much."""
    sheet = desk.sheets["programmes"]
    if sheet is None:
        return ()
    rows = sheet.data["programmes"]
    desk.unique(sheet, ((("programmes", place), row["id"]) for place, row in enumerate(rows)))
    return tuple(_programme(desk, sheet, ("programmes", place), row) for place, row in enumerate(rows))


def _programme(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Programme:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    requires = tuple(desk.tree(sheet, (*path, "requires", place), item) for place, item in enumerate(row["requires"]))
    once = tuple(_once(desk, sheet, (*path, "once", place), item, row["id"]) for place, item in enumerate(row.get("once", [])))
    return Programme(
        id=row["id"],
        title=row["title"],
        plain=row.get("plain", row["title"]),
        clause=clause,
        source=row.get("source", ""),
        demo=bool(row.get("demo")),
        fund=row["fund"],
        procedure=row["procedure"],
        per=row.get("per", "person"),
        is_list=bool(row.get("list")),
        category=row.get("category", "other"),
        requires=Group("all", requires),
        once=once,
        amount=_amount(desk, sheet, (*path, "amount"), row["amount"], row["id"]),
    )


def _paid(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], programme_id: str) -> str:
    """The condition on a payment that counts: this year or ever, this person or the household, these programmes."""
    over = row.get("over", [programme_id])
    for place, other in enumerate(over):
        if other not in desk.programme_ids:
            desk.blame(
                sheet, (*path, "over", place), _("没有项目“%(id)s”。请先写进 programmes.yaml。") % {"id": other}, row["clause"]
            )
    parts = [
        "paid_by = 'own'",
        "paid_programme in (" + ", ".join(f"'{other}'" for other in over if other in desk.programme_ids) + ")",
    ]
    if row.get("per") == "year":
        parts.append("paid_year = this_year")
    if row.get("of", "person") == "person":
        parts.append("is_to_applicant")
    return " and ".join(parts)


def _once(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], programme_id: str) -> Rule:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    paid = _paid(desk, sheet, path, row, programme_id)
    node = desk.expression(sheet, path, f"count_of(payments, {paid}) = 0", want="bool", clause=clause)
    return Rule(clause, row["text"], node, None, "", bool(row.get("demo")), row.get("reason", ""), row.get("source", ""))


def _amount(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], programme_id: str) -> Amount:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    parts = {
        key: desk.expression(sheet, (*path, key), row[key], want="int", clause=clause) if key in row else None
        for key in ("value", "low", "high")
    }
    caps = tuple(_cap(desk, sheet, (*path, "caps", place), item, programme_id) for place, item in enumerate(row.get("caps", [])))
    return Amount(row["kind"], clause, row["text"], **parts, caps=caps, demo=bool(row.get("demo")), source=row.get("source", ""))


def _cap(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], programme_id: str) -> Cap:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    limit = desk.expression(sheet, (*path, "limit"), row["limit"], want="int", clause=clause)
    paid = None
    if "per" in row:
        condition = _paid(desk, sheet, path, row, programme_id)
        paid = desk.expression(sheet, path, f"sum_of(payments, paid_fen, {condition})", want="int", clause=clause)
    over = tuple(row.get("over", [programme_id]))
    return Cap(
        clause,
        row["text"],
        limit,
        paid,
        row.get("per", ""),
        row.get("of", "person"),
        over,
        bool(row.get("demo")),
        row.get("source", ""),
    )
