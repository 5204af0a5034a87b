"""Class sets and programmes: who qualifies, for what, how much."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.loading import amounts
from bangfu.policy.loading.desk import Desk, Place
from bangfu.policy.pack import NONE, Class, ClassSet, Group, Means, Programme, Recurring, Rule
from bangfu.policy.reading import Sheet


def class_sets(desk: Desk) -> tuple[ClassSet, ...]:
    """The ways to grade a household."""
    sheet = desk.sheets["classes"]
    if sheet is None:
        return ()
    rows = sheet.data["sets"]
    desk.unique(sheet, ((("sets", place), row["id"]) for place, row in enumerate(rows)))
    sets = []
    for place, row in enumerate(rows):
        sets.append(_class_set(desk, sheet, ("sets", place), row))
        desk.graded[row["id"]] = frozenset(item["id"] for item in row["classes"])  # later sets may ask for class_x
    for place, row in enumerate(rows):
        for other, item in enumerate(row["classes"]):
            for target, class_id in item.get("maps", {}).items():
                known = desk.graded.get(target, frozenset()) if target != row["id"] else frozenset()
                if class_id not in known:
                    desk.blame(
                        sheet,
                        ("sets", place, "classes", other, "maps", target),
                        _("没有另一套档次“%(set)s”的“%(id)s”。") % {"set": target, "id": class_id},
                        item["clause"],
                    )
    return tuple(sets)


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
                item.get("review_months"),
                MappingProxyType(dict(item.get("maps", {}))),
            )
        )
    return ClassSet(
        row["id"],
        row["title"],
        desk.tree(sheet, (*path, "entry"), row["entry"]) if "entry" in row else Group("all", ()),
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
    if "window" in row:
        requires += (amounts.window(desk, sheet, (*path, "window"), row["window"]),)
    past = amounts.payments(desk)
    once = tuple(
        amounts.once(desk, sheet, (*path, "once", place), item, past, row["id"]) for place, item in enumerate(row.get("once", []))
    )
    excludes = tuple(
        amounts.excludes(desk, sheet, (*path, "excludes", place), item, past, row["id"])
        for place, item in enumerate(row.get("excludes", []))
    )
    again, due = _recurring(desk, sheet, (*path, "recurring"), row, past)
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
        once=(*once, *due),
        amount=amounts.amount(desk, sheet, (*path, "amount"), row["amount"], past, row["id"]),
        group=row.get("group", ""),
        excludes=excludes,
        recurring=again,
        means=_means(desk, sheet, (*path, "means"), row),
    )


def _means(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Means | None:
    spec = row.get("means")
    if spec is None:
        return None
    clause = desk.cite(sheet, (*path, "clause"), spec["clause"])
    desk.demo(sheet, path, spec, clause)
    return Means(clause, spec["text"], tuple(dict.fromkeys(spec["only"])), bool(spec.get("demo")), spec.get("source", ""))


def _recurring(
    desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: amounts.Past
) -> tuple[Recurring | None, tuple[Rule, ...]]:
    """Paid again every so often: one payment in each period, no more than `most` in a span, none once a review is overdue."""
    spec = row.get("recurring")
    if spec is None:
        return None, ()
    clause = desk.cite(sheet, (*path, "clause"), spec["clause"])
    of = "household" if row.get("per") == "household" else "student" if row.get("per") == "student" else "person"
    rules = [{**spec, "per": spec["every"], "of": spec.get("of", of), "most": 1}]
    within = spec.get("most_within", "lifetime")
    if "most" in spec:
        rules.append({**rules[0], "per": within, "most": spec["most"]})
    elif "most_within" in spec:
        desk.blame(sheet, (*path, "most_within"), _("写了 most_within（在多长时间里）就要写 most（最多几次）。"), clause)
    if within == "review":
        past = replace(past, spans={**past.spans, "review": "paid_on >= reviewed_on"})
    bars = [amounts.once(desk, sheet, path, rule, past, row["id"]) for rule in rules]
    if "review_months" in spec:
        bars.append(_reviewed(desk, sheet, path, spec, past, row["id"], of=rules[0]["of"]))
    return Recurring(spec["every"], spec.get("review_months"), spec.get("most"), clause, spec["text"], within), tuple(bars)


def _reviewed(desk: Desk, sheet: Sheet, path: Place, spec: dict[str, Any], past: amounts.Past, own: str, *, of: str) -> Rule:
    """到期不复核即停发: after a first payment nothing more is paid once the last review is older than `review_months`."""
    counted = amounts.paid(spec, past, (own,), span="lifetime", of=of)
    text = f"count_of({past.list}, {counted}) = 0 or months_since_review <= {spec['review_months']}"
    node = desk.expression(sheet, path, text, want="bool", clause=spec["clause"])
    marks = bool(spec.get("demo")), spec.get("reason", ""), spec.get("source", "")
    words = _("%(text)s（超过 %(n)d 个月没有复核的，停发）") % {"text": spec["text"], "n": spec["review_months"]}
    return Rule(spec["clause"], words, node, None, "", *marks)
