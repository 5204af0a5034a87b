"""Procedures, cadences, papers and worked examples; and whether the parts fit together."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.figures_text import read_figure
from bangfu.policy.loading.desk import Desk, Place
from bangfu.policy.loading.stages import check_params
from bangfu.policy.pack import (
    Cadence,
    Escalation,
    EvidenceItem,
    Example,
    Fund,
    Matter,
    MatterStep,
    Procedure,
    Programme,
    Stage,
    Urgent,
)
from bangfu.policy.reading import Sheet, read_sheet


def procedures(desk: Desk) -> tuple[Procedure, ...]:
    """The steps of a case."""
    sheet = desk.sheets["procedure"]
    if sheet is None:
        return ()
    rows = sheet.data.get("procedures", [])
    desk.unique(sheet, ((("procedures", place), row["id"]) for place, row in enumerate(rows)))
    return tuple(_procedure(desk, sheet, ("procedures", place), row) for place, row in enumerate(rows))


def _procedure(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Procedure:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    stages = row["stages"]
    ids = [stage["id"] for stage in stages]
    desk.unique(sheet, (((*path, "stages", place), stage_id) for place, stage_id in enumerate(ids)))
    built = tuple(_stage(desk, sheet, (*path, "stages", place), stage, ids) for place, stage in enumerate(stages))
    urgent = _urgent(desk, sheet, (*path, "urgent"), row["urgent"]) if "urgent" in row else None
    return Procedure(row["id"], row["title"], clause, built, urgent)


def _urgent(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Urgent:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    return Urgent(
        clause=clause,
        text=row["text"],
        who=tuple(row["who"]),
        level=row.get("level", ""),
        up_to=desk.expression(sheet, (*path, "up_to"), row["up_to"], want="fen", clause=clause) if "up_to" in row else None,
        when=desk.expression(sheet, (*path, "when"), row.get("when", "is_urgent"), want="bool", clause=clause),
        ratify_days=row["ratify_days"],
        calendar=row.get("calendar", "days"),
        ratified_by=tuple(row.get("ratified_by", ())),
        demo=bool(row.get("demo")),
        source=row.get("source", ""),
    )


_SPANS = {"week": (1, 0), "month": (0, 1), "quarter": (0, 3), "half_year": (0, 6), "year": (0, 12)}


def _every(text: str) -> tuple[int, int]:
    """Weeks and months of a span: year, 3 years, 18 months, 2 weeks."""
    if text in _SPANS:
        return _SPANS[text]
    number, unit = text.split()
    return (int(number), 0) if unit == "weeks" else (0, int(number) * (12 if unit == "years" else 1))


def cadences(desk: Desk) -> tuple[Cadence, ...]:
    """What is done again and again."""
    sheet = desk.sheets["procedure"]
    if sheet is None:
        return ()
    rows = sheet.data.get("cadences", [])
    desk.unique(sheet, ((("cadences", place), row["id"]) for place, row in enumerate(rows)))
    found = []
    for place, row in enumerate(rows):
        path: Place = ("cadences", place)
        clause = desk.cite(sheet, (*path, "clause"), row["clause"])
        desk.demo(sheet, path, row, clause)
        share = None
        if "share" in row:
            try:
                share = int(read_figure(row["share"], "int", "permille"))
            except ValueError as wrong:
                desk.blame(sheet, (*path, "share"), str(wrong), clause)
            if share is not None and not 0 < share <= 1000:
                desk.blame(sheet, (*path, "share"), _("比例要大于 0、不超过 100%。"), clause)
        if row["kind"] == "sample" and "share" not in row:
            desk.blame(sheet, path, _("抽查要写 share，例如 share: 30%。"), clause)
        if row.get("times_most", row.get("times", 1)) < row.get("times", 1):
            desk.blame(sheet, (*path, "times_most"), _("最多次数不能少于最少次数。"), clause)
        weeks, months = _every(row["every"])
        when = desk.expression(sheet, (*path, "when"), row["when"], want="bool", clause=clause) if "when" in row else None
        found.append(
            Cadence(
                row["id"], row["kind"], clause, row["text"], weeks, months, row.get("times", 1), row.get("times_most"), share,
                row.get("of", ""), tuple(row.get("who", ())), when, bool(row.get("demo")), row.get("source", ""),
                _escalation(desk, sheet, (*path, "escalate"), row),
            )
        )  # fmt: skip
    return tuple(found)


def _escalation(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Escalation | None:
    spec = row.get("escalate")
    if spec is None:
        return None
    clause = desk.cite(sheet, (*path, "clause"), spec.get("clause", row["clause"]))
    return Escalation(spec["after_days"], tuple(spec["to"]), clause, spec.get("text", row["text"]))


def matters(desk: Desk) -> tuple[Matter, ...]:
    """Letters, calls, visits: what is registered, handed on and answered in time, and moves no money."""
    sheet = desk.sheets["procedure"]
    if sheet is None:
        return ()
    rows = sheet.data.get("matters", [])
    desk.unique(sheet, ((("matters", place), row["id"]) for place, row in enumerate(rows)))
    return tuple(_matter(desk, sheet, ("matters", place), row) for place, row in enumerate(rows))


def _matter(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Matter:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    ids = [step["id"] for step in row["steps"]]
    desk.unique(sheet, (((*path, "steps", place), step_id) for place, step_id in enumerate(ids)))
    steps = []
    for place, step in enumerate(row["steps"]):
        here = (*path, "steps", place)
        cited = desk.cite(sheet, (*here, "clause"), step["clause"])
        desk.demo(sheet, here, step, cited)
        if "from" in step and step["from"] not in ids[:place]:
            desk.blame(sheet, (*here, "from"), _("期限只能从前面的步骤算起，“%(id)s”不是。") % {"id": step["from"]}, cited)
        if "days" in step and place == 0:
            desk.blame(sheet, (*here, "days"), _("第一步没有起算的日子，不能写 days。请写在后面的步骤上。"), cited)
        steps.append(
            MatterStep(
                step["id"], step["kind"], cited, step["text"], step.get("days"), step.get("calendar", "days"),
                step.get("from", ""), tuple(step.get("who", ())), bool(step.get("demo")), step.get("source", ""),
            )
        )  # fmt: skip
    channels = tuple(dict.fromkeys(row.get("channels", ())))
    return Matter(row["id"], row["title"], clause, channels, tuple(steps), bool(row.get("demo")), row.get("source", ""))


def _stage(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], ids: list[str]) -> Stage:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    place = ids.index(row["id"])
    for index, target in enumerate(row.get("returns_to", [])):
        if target not in ids[:place]:
            desk.blame(sheet, (*path, "returns_to", index), _("只能退回到前面的环节，“%(id)s”不是。") % {"id": target}, clause)
    for outcome, target in (row.get("next") or {}).items():
        if target is not None and target not in ids:
            desk.blame(sheet, (*path, "next", outcome), _("没有环节“%(id)s”。") % {"id": target}, clause)
    check_params(desk, sheet, (*path, "params"), row["kind"], row.get("params", {}), clause)
    when = desk.expression(sheet, (*path, "when"), row["when"], want="bool", clause=clause) if "when" in row else None
    return Stage(
        id=row["id"],
        kind=row["kind"],
        level=row["level"],
        role=tuple(row["role"]),
        title=row["title"],
        clause=clause,
        days=row.get("days"),
        calendar=row.get("calendar", "days"),
        when=when,
        params=MappingProxyType(dict(row.get("params", {}))),
        returns_to=tuple(row.get("returns_to", [])),
        next=MappingProxyType(dict(row.get("next", {}))),
        demo=bool(row.get("demo")),
        source=row.get("source", ""),
        reason=row.get("reason", ""),
    )


def evidence(desk: Desk) -> tuple[EvidenceItem, ...]:
    """The papers that are asked for."""
    sheet = desk.sheets["evidence"]
    if sheet is None:
        return ()
    rows = sheet.data["items"]
    desk.unique(sheet, ((("items", place), row["id"]) for place, row in enumerate(rows)))
    items = []
    for place, row in enumerate(rows):
        path: Place = ("items", place)
        clause = desk.cite(sheet, (*path, "clause"), row["clause"])
        desk.demo(sheet, path, row, clause)
        causes = desk.vocabulary.facts["main_cause"].codes
        desk.known(sheet, (*path, "causes"), row.get("causes", []), causes, clause)
        desk.programmes_known(sheet, (*path, "programmes"), row.get("programmes", []), clause)
        when = desk.expression(sheet, (*path, "when"), row["when"], want="bool", clause=clause) if "when" in row else None
        items.append(
            EvidenceItem(
                row["id"], row["title"], clause, when, tuple(row.get("causes", [])), tuple(row.get("programmes", [])),
                row.get("required", True), bool(row.get("demo")), row.get("source", ""),
            )
        )  # fmt: skip
    return tuple(items)


def references(desk: Desk, programmes: tuple[Programme, ...], procedures: tuple[Procedure, ...], funds: tuple[Fund, ...]) -> None:
    """Every programme names a fund and a procedure that exist; the fund may be spent on it."""
    sheet = desk.sheets["programmes"]
    assert sheet is not None
    fund_ids = {fund.id: fund for fund in funds}
    procedure_ids = {procedure.id for procedure in procedures}
    for place, programme in enumerate(programmes):
        path = ("programmes", place)
        if funds and programme.fund not in fund_ids:
            desk.blame(
                sheet, (*path, "fund"), _("没有资金“%(id)s”。请先写进 money.yaml。") % {"id": programme.fund}, programme.clause
            )
        elif funds and fund_ids[programme.fund].uses and programme.id not in fund_ids[programme.fund].uses:
            desk.blame(sheet, (*path, "fund"), _("资金“%(id)s”的用途里没有这个项目。") % {"id": programme.fund}, programme.clause)
        if procedures and programme.procedure not in procedure_ids:
            desk.blame(
                sheet,
                (*path, "procedure"),
                _("没有程序“%(id)s”。请先写进 procedure.yaml。") % {"id": programme.procedure},
                programme.clause,
            )


def examples(desk: Desk) -> tuple[Example, ...]:
    """The worked examples of all files, in order."""
    examples = []
    for file in sorted(name for name in desk.found.files if name.startswith("examples/")):
        sheet = read_sheet(desk.found, file, "example")
        for place, row in enumerate(sheet.data["examples"] if sheet else []):
            on = desk.day(sheet, ("examples", place, "on"), row["on"]) if sheet else None
            if sheet and on:
                line = sheet.line(("examples", place))
                expect: Mapping[str, Any] = MappingProxyType(dict(row["expect"]))
                examples.append(
                    Example(
                        row["name"], row.get("source", ""), on, MappingProxyType(dict(row.get("facts", {}))), expect, file, line
                    )
                )
    return tuple(examples)
