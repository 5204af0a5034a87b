"""The desk on which a pack is taken apart: its sheets, the names known so far, and the faults found."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy.inherit import stack
from bangfu.policy.kinds import BOOL, Kind, Scope, infer, unit_kind, unit_name
from bangfu.policy.pack import (
    NONE,
    Derived,
    Group,
    Rule,
    Tree,
)
from bangfu.policy.parameters import Standard
from bangfu.policy.parsing import parse
from bangfu.policy.problems import BadExpression, NotRead
from bangfu.policy.reading import Sheet, Source
from bangfu.policy.regulation import Regulation
from bangfu.policy.vocabulary import BUILT_IN, CALENDAR, ENTITY_OF_LIST, VOCABULARY, Fact, Vocabulary

FAULT = ex.Flag(False)  # stands in for an expression with a fault (by identity): the pack is refused anyway
Place = tuple[Any, ...]  # the way to a value in a sheet: ("programmes", 2, "amount")


class Desk:
    """The files of one pack while it is built. Faults go to `found.problems`; nothing is raised half-way."""

    def __init__(self, found: Source) -> None:
        self.found = found
        self.stack = stack(found)
        self.sheets = self.stack.sheets
        self.kinds: dict[int, Kind] = {}
        self.vocabulary: Vocabulary = VOCABULARY
        self.parameters: dict[str, Standard] = {}
        self.derived: dict[str, Derived] = {}
        self.derived_kinds: dict[str, tuple[str, Kind]] = {}
        self.built_in: frozenset[str] = frozenset(CALENDAR)
        self.programme_ids: frozenset[str] = frozenset()
        self.plan_ids: frozenset[str] = frozenset()
        self.plan_sheets: list[Sheet] = []
        self.groups: dict[str, tuple[str, ...]] = {}  # programmes that share a group
        self.class_ids: frozenset[str] = frozenset()
        self.graded: dict[str, frozenset[str]] = {}  # class sets read so far -> their classes
        self.named_sets: set[str] = set()  # … and which of them rules have asked for
        self.regulation = Regulation(self.stack.text)
        for clause, line in self.regulation.repeated():
            found.blame("regulation.md", line, _("条款编号“%(clause)s”写了两次。请改成不同的编号。") % {"clause": clause}, clause)

    def data(self, part: str, key: str) -> list[dict[str, Any]]:
        sheet = self.sheets[part]
        return list((sheet.data or {}).get(key, [])) if sheet else []

    def blame(self, sheet: Sheet, path: Place, sentence: str, clause: str = "") -> None:
        self.found.blame(*sheet.place(path), sentence, clause)

    def cite(self, sheet: Sheet, path: Place, clause: str) -> str:
        """Every rule cites a clause; if the regulation's text is in the pack, the clause must stand in it."""
        of = clause.partition(":")[0]
        known = (of if of in self.stack.ids and of != clause else self.stack.id) not in self.stack.silent
        if known and clause and clause not in self.regulation.clauses:
            near = difflib.get_close_matches(clause, self.regulation.clauses, 1, 0.5)
            hint = _("您是不是要写“%(near)s”？") % {"near": near[0]} if near else _("请在正文里加上编号，或改条款号。")
            self.blame(sheet, path, _("regulation.md 里没有条款“%(clause)s”。%(hint)s") % {"clause": clause, "hint": hint}, clause)
        return clause

    def unique(self, sheet: Sheet, rows: Iterable[tuple[Place, str]]) -> None:
        seen: set[str] = set()
        for path, row_id in rows:
            if row_id in seen:
                self.blame(sheet, path, _("代号“%(id)s”写了两次。请改成不同的代号。") % {"id": row_id})
            seen.add(row_id)

    def expression(
        self,
        sheet: Sheet,
        path: Place,
        text: Any,
        *,
        want: str = "",
        entity: str = "household",
        clause: str = "",
        names: Mapping[str, ex.Node] | None = None,
    ) -> ex.Node:
        """Parse and type-check one expression; on a fault blame it and stand FAULT in.

        `want` is bool, int, fen or permille; `names` are put in by what they mean.
        """
        try:
            node = ex.replaced(parse(as_text(text)), names or {})
            kind = infer(node, self.scope(), entity, self.kinds)
            if want and kind.type != ("bool" if want == "bool" else "int"):
                need = _("是非条件") if want == "bool" else _("一个数")
                raise BadExpression(_("这里要写%(need)s，现在得出的是%(got)s。") % {"need": need, "got": unit_name(kind)})
            if want == "fen":
                self._need_fen(kind)
            if want == "permille" and (kind.bare or kind.units is None or ("permille",) not in kind.units):
                raise BadExpression(
                    _("比例要写成单位为 permille 的参数，例如 $share，现在得出的是%(got)s。") % {"got": unit_name(kind)}
                )
            return node
        except NotRead:
            return FAULT
        except BadExpression as wrong:
            self.blame(sheet, path, str(wrong), clause)
            return FAULT

    def kind_of(self, sheet: Sheet, path: Place, node: ex.Node, clause: str) -> None:
        """Check an amount that was put together from its pieces: whole, and in fen."""
        if any(part is FAULT for part in ex.walk(node)):
            return
        try:
            self._need_fen(infer(node, self.scope(), "household", self.kinds))
        except NotRead:
            return
        except BadExpression as wrong:
            self.blame(sheet, path, str(wrong), clause)

    def checked(self, sheet: Sheet, path: Place, node: ex.Node, clause: str) -> None:
        """Check a condition that was put together from its pieces."""
        try:
            infer(node, self.scope(), "household", self.kinds)
        except NotRead:
            return
        except BadExpression as wrong:
            self.blame(sheet, path, str(wrong), clause)

    def entity_of(self, list_: str) -> str:
        return ENTITY_OF_LIST[list_]

    def _need_fen(self, kind: Kind) -> None:
        if kind.units is not None and ("fen",) not in kind.units:
            raise BadExpression(_("金额要得出分，现在得出的是%(got)s。请用以分为单位的参数。") % {"got": unit_name(kind)})

    def scope(self) -> Scope:
        return Scope(self._name, self._parameter, self._unknown)

    def _name(self, name: str, entity: str) -> Kind | None:
        if name in self.derived_kinds:
            of, kind = self.derived_kinds[name]
            return kind if of in ("household", entity) else None
        word, _line, set_id = name.partition("_")
        if word in ("class", "entry") and set_id in self.graded:
            self.named_sets.add(set_id)
            return BOOL if word == "entry" else Kind("code", codes=self.graded[set_id] | {NONE})
        fact = BUILT_IN[name] if name in self.built_in else self.vocabulary.get(name)
        if fact is None or fact.entity not in ("household", entity):
            return None
        if fact.type == "code":
            return Kind("code", codes=self._codes(fact))
        return unit_kind(fact.type, fact.unit)

    def _codes(self, fact: Fact) -> frozenset[str] | None:
        if fact.name in ("programme", "paid_programme") and self.programme_ids:
            return self.programme_ids
        if fact.name in ("plan", "claim_plan") and self.plan_ids:
            return self.plan_ids
        if fact.name in ("grade", "class") and self.class_ids:
            return self.class_ids | {NONE}
        return frozenset(fact.codes) or None

    def _parameter(self, name: str) -> tuple[str, Kind] | None:
        standard = self.parameters.get(name)
        if standard is None:
            if self.is_lost("parameters"):
                raise NotRead(name)
            near = difflib.get_close_matches(name, self.parameters, 1, 0.6)
            if near:
                raise BadExpression(_("没有参数 $%(name)s。您是不是要写 $%(near)s？") % {"name": name, "near": near[0]})
            return None
        return standard.shape, unit_kind(standard.type, standard.unit)

    def is_lost(self, part: str) -> bool:
        """Is the file of a part there, but cannot be read? What it may define is not missed elsewhere."""
        return any(file.rpartition("/")[2] == f"{part}.yaml" for file in self.found.lost)

    def _unknown(self, name: str) -> str:
        word = name.partition("_")[0]
        if name not in self.vocabulary.facts and (
            self.is_lost("derived") or (word in ("class", "entry") and self.is_lost("classes"))
        ):
            raise NotRead(name)
        return self.hint(name)

    def hint(self, name: str) -> str:
        fact = self.vocabulary.get(name)
        if fact is not None:
            return _("“%(name)s”是%(entity)s的项目，要写在 %(list)s 的汇总里。") % {
                "name": name, "entity": fact.entity, "list": f"sum_of({fact.entity}s, …)",
            }  # fmt: skip
        if name == "base":
            return _("base 只能用在写了 base 的 amount 里。")
        if name in BUILT_IN:
            return _("这里还不能用“%(name)s”：它要等档次评定以后才有。") % {"name": name}
        if name in self.parameters:
            return _("“%(name)s”是参数，请写成 $%(name)s。") % {"name": name}
        if name in ENTITY_OF_LIST:
            return _("“%(name)s”是一个列表，要写在汇总里，例如 count_of(%(name)s)。") % {"name": name}
        names = [*self.vocabulary.facts, *self.derived_kinds, *self.built_in]
        near = difflib.get_close_matches(name, names, 1, 0.6)
        if near:
            return _("没有名称“%(name)s”。您是不是要写“%(near)s”？") % {"name": name, "near": near[0]}
        return _("没有名称“%(name)s”。可用的名称见 bangfu policy facts，或在 derived.yaml 里定义。") % {"name": name}

    def day(self, sheet: Sheet, path: Place, text: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            self.blame(sheet, path, _("“%(text)s”不是存在的日期。请核对。") % {"text": text})
            return None

    def rule(self, sheet: Sheet, path: Place, row: dict[str, Any]) -> Rule:
        clause = self.cite(sheet, (*path, "clause"), row["clause"])
        node = self.expression(sheet, (*path, "when"), row["when"], want="bool", clause=clause)
        shown = None
        if "shows" in row:
            value = self.expression(sheet, (*path, "shows", "value"), row["shows"]["value"], clause=clause)
            limit = None
            if "limit" in row["shows"]:
                limit = self.expression(sheet, (*path, "shows", "limit"), row["shows"]["limit"], clause=clause)
            shown = (value, limit)
        self.demo(sheet, path, row, clause)
        return Rule(
            clause,
            row["text"],
            node,
            shown,
            row.get("ask", ""),
            bool(row.get("demo")),
            row.get("reason", ""),
            row.get("source", ""),
        )

    def demo(self, sheet: Sheet, path: Place, row: dict[str, Any], clause: str) -> None:
        if row.get("demo") and not row.get("reason"):
            self.blame(sheet, path, _("示范值要写 reason，说明为什么用它。"), clause)

    def tree(self, sheet: Sheet, path: Place, row: dict[str, Any]) -> Tree:
        for op in ("all", "any", "none"):
            if op in row:
                return Group(op, tuple(self.tree(sheet, (*path, op, place), item) for place, item in enumerate(row[op])))
        return self.rule(sheet, path, row)

    def programmes_known(self, sheet: Sheet, path: Place, words: list[str], clause: str) -> None:
        """Programmes, or plans. While programmes.yaml itself cannot be read, its ids are not missed elsewhere."""
        if self.sheets["programmes"] is not None or "programmes.yaml" not in self.found.files:
            self.known(sheet, path, words, self.programme_ids | self.plan_ids, clause)

    def known(self, sheet: Sheet, path: Place, words: list[str], known: Iterable[str], clause: str) -> None:
        for place, word in enumerate(words):
            if word not in known:
                self.blame(
                    sheet,
                    (*path, place),
                    _("没有“%(word)s”。可用的有：%(all)s。") % {"word": word, "all": "、".join(sorted(known))},
                    clause,
                )


def as_text(value: Any) -> str:
    """YAML reads `when: true` and `value: 0` as themselves; an expression wants their text."""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)
