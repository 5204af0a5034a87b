"""Households with their lists: row figures over one list, folded to one figure a household. Strict: a gap opens the figure."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bangfu.policy import expression as ex
from bangfu.policy.columns.bounds import is_sure, may_be_so, toward_zero
from bangfu.policy.columns.expressions import Scope
from bangfu.policy.columns.folds import Fold, Kind
from bangfu.policy.columns.fragments import Layers, Sql, all_of, any_of, identifier, literal, sql
from bangfu.policy.columns.layout import HOUSEHOLD
from bangfu.policy.columns.source import ListPlan, Source, fact_term, is_there
from bangfu.policy.columns.values import (
    NOWHERE,
    Left,
    Num,
    Term,
    Truth,
    number,
    unknown,
)
from bangfu.policy.facts import MAX_ROWS
from bangfu.policy.vocabulary import ENTITY_OF_LIST, Fact


class House(Scope):
    """Expressions over the household and its lists."""

    def __init__(self, source: Source, layers: Layers) -> None:
        super().__init__(source, layers)
        self.rows: dict[str, Rows] = {}

    def _aggregate(self, node: ex.Aggregate) -> Term:
        snapshot = self.source.snapshot
        has = snapshot.column(HOUSEHOLD, f"has_{node.list}")
        absent = self._absent(node)
        if not is_there(has, snapshot.households):
            return absent
        rows = self.rows.get(node.list)
        if rows is None:
            plan = self.source.lists.setdefault(node.list, ListPlan(node.list))
            rows = self.rows[node.list] = Rows(self.source, plan)
        found = rows.gathered(node)
        assert has is not None
        if not has.nulls:
            return found
        known = Sql(identifier(f"has_{node.list}"))
        self.source.columns.add(f"has_{node.list}")
        return self.terms._either(Truth(sql("coalesce({}, FALSE)", known)), found, absent)

    def _absent(self, node: ex.Aggregate) -> Term:
        """As `lists.absent`."""
        if node.kind in ("any_of", "all_of"):
            return Truth(None, True)
        fact = self.source.pack.vocabulary.get(node.figure.name) if isinstance(node.figure, ex.Name) else None
        if node.kind in ("count_of", "run_of") or (fact is not None and fact.low == 0):
            return Num(0, None, 0, 0, False, True)
        return NOWHERE


class Rows(Scope):
    """Expressions over the rows of a list; facts of the household stand beside them."""

    def __init__(self, source: Source, plan: ListPlan) -> None:
        super().__init__(source, plan.layers)
        self.plan = plan
        self.table = plan.name

    def _fact(self, fact: Fact) -> Term:
        snapshot = self.source.snapshot
        if fact.entity == HOUSEHOLD:
            column = snapshot.column(HOUSEHOLD, fact.name)
            if is_there(column, snapshot.households):
                self.plan.outer.add(fact.name)
            text = identifier(f"h_{fact.name}")
            return fact_term(fact, column, snapshot.households, text, self.source.assume.get(fact.name))
        if fact.entity != ENTITY_OF_LIST[self.table]:
            raise Left(fact.name)
        column = snapshot.column(self.table, fact.name)
        if is_there(column, snapshot.rows(self.table)):
            self.plan.columns.add(fact.name)
        return fact_term(fact, column, snapshot.rows(self.table), identifier(fact.name), None)

    def fold(
        self, kind: Kind, value: Sql | int | bool | str = "", *, where: Sql | bool = True, default: str = "", **more: bool
    ) -> Sql:
        """A figure over the rows, as a column that the household will have."""
        only = "" if where is True else str(where)
        made = Fold(kind, literal(value) if isinstance(value, int) else str(value), only, default, **more)
        name = made.named(self.table)  # the names in the text are made from texts too
        self.plan.folds[name] = made
        return Sql(name)

    def gathered(self, node: ex.Aggregate) -> Term:
        if node.kind == "run_of":
            raise Left("run_of")
        fits = Truth(True) if node.condition is None else self.truth(node.condition)
        figure = None if node.figure is None else self.number(node.figure)
        maybe = may_be_so(fits)
        raised: dict[str, Any] = {}
        for flag in ("unsure", "stop"):
            here = any_of(getattr(fits, flag), all_of(maybe, getattr(figure, flag)) if figure is not None else False)
            raised[flag] = self._raised(here)
        match node.kind:
            case "any_of" | "all_of":
                return replace(self._every(fits, node.kind), **raised)
            case "count_of":
                sure = self._count(is_sure(fits))
                most = sure if not fits.nullable else self._count(maybe)
                return Num(sure, most, 0, MAX_ROWS, **raised)
            case "sum_of":
                assert figure is not None
                return replace(self._sum(fits, figure), **raised)
        assert figure is not None
        found = self._farthest(node.kind, fits, figure)
        return replace(found, unsure=any_of(found.unsure, raised["unsure"]), stop=any_of(found.stop, raised["stop"]))

    def _raised(self, here: Sql | bool) -> Sql | bool:
        if here is False:
            return False
        return self.fold("any", here, default="FALSE")

    def _count(self, here: Sql | bool) -> Sql | int:
        if here is False:
            return 0
        return self.fold("count", where=here, default="0")

    def _every(self, fits: Truth, kind: str) -> Truth:
        any_ = kind == "any_of"
        if isinstance(fits.sql, bool):
            if fits.sql is not any_:
                return Truth(not any_)
            return Truth(sql("({} > 0)" if any_ else "({} = 0)", self._count(True)))
        if fits.sql is None:
            rows = self._count(True)
            return Truth(sql("(CASE WHEN {} = 0 THEN {} END)", rows, not any_), True)
        if not fits.nullable:
            return Truth(self.fold("any" if any_ else "all", fits.sql, default=literal(not any_)))
        high, low = (2, 0) if any_ else (0, 2)
        told = sql("CASE WHEN {0} THEN 2 WHEN {0} IS NULL THEN 1 ELSE 0 END", fits.sql)
        mark = self.fold("max" if any_ else "min", told, default=str(low))
        return Truth(sql("(CASE {} WHEN {} THEN {} WHEN {} THEN {} END)", mark, high, any_, low, not any_), True)

    def _sum(self, fits: Truth, figure: Num) -> Num:
        least, most = MAX_ROWS * min(figure.least, 0), MAX_ROWS * max(figure.most, 0)
        if fits.sql is False:
            return number(0)
        lo = self._total(fits, figure.lo, figure.lo_open, "least", least, most)
        same = figure.is_plain and not figure.lo_open and not fits.nullable
        hi = lo if same else self._total(fits, figure.hi, figure.hi_open, "greatest", least, most)
        return Num(lo, hi, least, most, figure.lo_open or figure.lo is None, figure.hi_open or figure.hi is None)

    def _total(self, fits: Truth, bound: Sql | int | None, is_open: bool, kind: str, least: int, most: int) -> Sql | int | None:
        if bound is None:  # one row that may count is enough to lose the bound
            return sql("(CASE WHEN {} = 0 THEN 0 END)", self._count(may_be_so(fits)))
        toward = self.terms.layers.shortened(toward_zero(bound, kind)) if fits.nullable or fits.sql is None else bound
        if fits.sql is True:
            part: Sql | int = bound
        elif fits.sql is None:
            part = toward
        elif not fits.nullable:
            part = sql("CASE WHEN {} THEN {} ELSE 0 END", fits.sql, bound)
        else:
            part = sql("CASE WHEN {0} THEN {1} WHEN NOT {0} THEN 0 ELSE {2} END", fits.sql, bound, toward)
        is_wide = max(-least, most) >= 2**63
        if not is_open:
            return self.fold("sum", part, default="0", is_wide=is_wide)
        named = self.terms.layers.bind(part) if isinstance(part, Sql) else part
        whole = self.fold("whole_sum", named, is_wide=is_wide)
        rows = self._count(True)
        return sql("(CASE WHEN {} = 0 THEN 0 ELSE {} END)", rows, whole)

    def _farthest(self, kind: str, fits: Truth, figure: Num) -> Num:
        maybe = may_be_so(fits)
        pick = "min" if kind == "min_of" else "max"
        rows = self._count(maybe)
        stop = sql("({} = 0)", rows) if isinstance(rows, Sql) else rows == 0
        unsure = self._raised(unknown(fits))
        if isinstance(rows, int):
            return replace(NOWHERE, unsure=unsure, stop=stop)
        lo, hi = (
            self._end(pick, maybe, bound, rows, skip) for bound, skip in ((figure.lo, pick == "max"), (figure.hi, pick == "min"))
        )
        lo_open = figure.lo is None or figure.lo_open
        hi_open = figure.hi is None or figure.hi_open
        if figure.is_known:
            hi = lo
        return Num(lo, hi, figure.least, figure.most, lo_open, hi_open, unsure, stop)

    def _end(self, pick: str, maybe: Sql | bool, bound: Sql | int | None, rows: Sql, skip: bool) -> Sql | int | None:
        """One bound of min_of / max_of; on the near side lacking bounds are passed over, on the far side one of them opens it."""
        if bound is None:
            return None
        found = self.fold("min" if pick == "min" else "max", bound, where=maybe)
        if skip:
            return found
        there = self.fold("count", bound, where=maybe)
        return sql("(CASE WHEN {} = {} THEN {} END)", there, rows, found)
