"""Parameters, facts of one's own, derived figures."""

from __future__ import annotations

from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy.facts import typed
from bangfu.policy.figures_text import read_figure
from bangfu.policy.kinds import Kind, infer, unit_name
from bangfu.policy.loading.desk import Desk, Place, as_text
from bangfu.policy.pack import Derived
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.parsing import parse
from bangfu.policy.problems import BadExpression, NotRead
from bangfu.policy.reading import Sheet
from bangfu.policy.vocabulary import BUILT_IN, VOCABULARY, Fact


def own_facts(desk: Desk) -> None:
    """Names of the pack's own; a general name may not be taken again."""
    sheet = desk.sheets["derived"]
    if sheet is None:
        return
    facts = []
    for name, row in ((sheet.data or {}).get("facts") or {}).items():
        if name in VOCABULARY.facts or name in BUILT_IN:
            desk.blame(sheet, ("facts", name), _("“%(name)s”已经是通用名称，请换一个。") % {"name": name})
            continue
        facts.append(
            Fact(
                name, row["type"], row.get("unit", ""), row.get("entity", "household"), row["title"], row.get("ask", ""),
                MappingProxyType(dict(row.get("codes", {}))), row.get("low"), row.get("high"),
            )
        )  # fmt: skip
    desk.vocabulary = VOCABULARY.plus(facts)


def parameters(desk: Desk) -> None:
    """The dated figures, each with its shape (value, list or table)."""
    sheet = desk.sheets["parameters"]
    if sheet is None:
        return
    for name, row in (sheet.data or {}).items():
        clause = desk.cite(sheet, (name, "clause"), row["clause"])
        shapes = {next(key for key in ("value", "list", "table") if key in value) for value in row["values"]}
        shape = shapes.pop() if len(shapes) == 1 else ""
        if not shape:
            desk.blame(sheet, (name,), _("同一个参数不能有时写 value、有时写 list 或 table。请统一。"), clause)
        type_, unit = row.get("type", "int"), row.get("unit", "")
        entries = [
            _entry(desk, sheet, (name, "values", place), value, type_, unit, clause) for place, value in enumerate(row["values"])
        ]
        kept = tuple(entry for entry in entries if entry is not None)
        desk.parameters[name] = Standard(
            name, row["title"], shape, type_, unit, clause, row.get("source", ""), kept, sheet.place((name,))[1]
        )
        _overlaps(desk, sheet, name, kept, clause)


def _entry(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], type_: str, unit: str, clause: str) -> Entry | None:
    start = desk.day(sheet, (*path, "from"), row["from"])
    end = desk.day(sheet, (*path, "to"), row["to"]) if row.get("to") else None
    where = []
    for written, wanted in (row.get("where") or {}).items():
        fact_name = "unit_path" if written == "unit" else written
        fact = desk.vocabulary.get(fact_name)
        if fact is None or fact.entity != "household":
            desk.blame(sheet, (*path, "where", written), desk.hint(fact_name), clause)
            continue
        try:
            where.append((fact_name, typed(fact, wanted)))
        except ValueError as wrong:
            desk.blame(sheet, (*path, "where", written), str(wrong), clause)
    try:
        if "list" in row:
            value: Any = tuple(read_figure(item, type_, unit) for item in row["list"])
        elif "table" in row:
            value = MappingProxyType({key: read_figure(item, type_, unit) for key, item in row["table"].items()})
        else:
            value = read_figure(row["value"], type_, unit)
    except ValueError as wrong:
        desk.blame(sheet, (*path, next(key for key in ("list", "table", "value") if key in row)), str(wrong), clause)
        return None
    desk.demo(sheet, path, row, clause)
    if start is None:
        return None
    if end is not None and end <= start:
        desk.blame(sheet, path, _("止日要晚于起日。请核对 from 和 to。"), clause)
        return None
    marks = {key: row.get(key, "") for key in ("source", "document_no", "reason")}
    return Entry(value, start, end, tuple(sorted(where)), bool(row.get("demo")), **marks, line=sheet.place(path)[1])


def _overlaps(desk: Desk, sheet: Sheet, name: str, entries: tuple[Entry, ...], clause: str) -> None:
    starts = [(entry.where, entry.from_date) for entry in entries]
    for place, start in enumerate(starts):
        if start in starts[:place]:
            desk.blame(sheet, (name, "values", place), _("同一天起有两个值。请只留一个，或用 where 分开。"), clause)


def derived(desk: Desk) -> None:
    """Figures may use one another in any order, but not in a circle."""
    sheet = desk.sheets["derived"]
    if sheet is None:
        return
    rows = dict((sheet.data or {}).get("figures") or {})
    open_names: list[str] = []

    def settle(name: str) -> None:
        row, path = rows[name], ("figures", name, "expr")
        clause = desk.cite(sheet, ("figures", name, "clause"), row.get("clause", ""))
        entity = row.get("entity", "household")
        open_names.append(name)
        try:
            node = parse(as_text(row["expr"]))
            for part in ex.walk(node):
                if isinstance(part, ex.Name) and part.name in rows and part.name not in desk.derived_kinds:
                    if part.name in open_names:
                        circle = " → ".join([*open_names, part.name])
                        raise BadExpression(_("推算绕成了圈：%(circle)s。请把其中一个改成不用另一个。") % {"circle": circle})
                    settle(part.name)
            kind = infer(node, desk.scope(), entity, desk.kinds)
            kind = _declared(desk, kind, row.get("unit"))
            desk.derived_kinds[name] = (entity, kind)
            desk.kinds[id(node)] = kind
            desk.derived[name] = Derived(
                name, row["title"], kind.unit, entity, clause, node, bool(row.get("demo")), row.get("source", "")
            )
        except BadExpression as wrong:
            if name not in desk.derived_kinds:
                if not isinstance(wrong, NotRead):
                    desk.blame(sheet, path, str(wrong), clause)
                desk.derived_kinds[name] = (entity, Kind("int", None))
        finally:
            open_names.pop()

    for name in rows:
        if name in desk.vocabulary.facts or name in BUILT_IN:
            desk.blame(sheet, ("figures", name), _("“%(name)s”已经是通用名称，请换一个。") % {"name": name})
        elif name not in desk.derived_kinds:
            settle(name)


def _declared(desk: Desk, kind: Kind, unit: str | None) -> Kind:
    if unit is None or kind.type != "int":
        return kind
    wanted = (unit,) if unit else ()
    if kind.units is not None and wanted not in kind.units:
        raise BadExpression(_("单位写的是 %(unit)s，算出来却是%(got)s。") % {"unit": unit, "got": unit_name(kind)})
    return Kind("int", frozenset({wanted}))
