"""Judge trees of requirements in SQL, note each as a reason, and tell which open answers the walker could settle further."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import MISSING, fields
from typing import Any

from bangfu.policy.columns.fragments import Sql, all_of, any_of, identifier, sql
from bangfu.policy.columns.layout import HOUSEHOLD
from bangfu.policy.columns.plan import Plan, ReasonKey
from bangfu.policy.columns.rows import House
from bangfu.policy.columns.source import Source
from bangfu.policy.columns.uses import ANY, Uses
from bangfu.policy.columns.values import Left, Num, Truth, Word
from bangfu.policy.pack import Amount, Cap, Class, ClassSet, Programme, Rule, Tree
from bangfu.policy.vocabulary import LISTS

_KNOWN = {
    Class: {"id", "title", "national", "clause", "tree", "source", "demo", "review_months", "maps"},
    ClassSet: {"id", "title", "entry", "exclusions", "classes", "exit", "review_months"},
    Cap: {"clause", "text", "limit", "paid", "per", "of", "over", "demo", "source"},
    Amount: {"kind", "clause", "text", "value", "low", "high", "caps", "demo", "source", "round"},
    Programme: {
        "id", "title", "plain", "clause", "source", "demo", "fund", "procedure", "per", "is_list", "category", "requires", "once", "amount",
        "group", "excludes", "recurring",
    },
    Rule: {"clause", "text", "node", "shown", "ask", "demo", "reason", "source"},
}  # fmt: skip

_ALL_LISTS = frozenset(LISTS.values())


class Judging:
    """The compilation at hand: `ask` gathers where the walker must be asked, `bits` the reasons."""

    def __init__(self, plan: Plan) -> None:
        self.plan, self.pack = plan, plan.pack
        self.source = Source(plan.pack, plan.on, plan.snapshot, plan.assume, plan.columns, plan.lists)
        self.house = House(self.source, plan.layers)
        self.terms = self.house.terms
        self.ask: list[Sql | bool] = []
        self.bits: list[tuple[ReasonKey, Truth]] = []
        self.graded: dict[str, Uses] = {}

    def asked(self, *terms: Truth | Num | Word) -> None:
        """Rows where SQL is not sure or a rule may stop go to the walker."""
        for term in terms:
            self.ask += [term.unsure, term.stop]

    def uses(self) -> Uses:
        made = Uses(
            self.pack,
            lambda node: (least := self.source.least(node)) is not None and least >= 0,
            lambda node: (least := self.source.least(node)) is not None and least >= 1,
        )
        made.built_in = lambda name, way, loose: self._built_in_uses(made, name, way, loose)  # type: ignore[method-assign]
        return made

    def _built_in_uses(self, made: Uses, name: str, way: int, loose: bool) -> None:
        other = self.graded.get(name)
        if other is not None:
            made.add(other, way if name.startswith("entry") else ANY, loose=loose or not name.startswith("entry"))

    def nulls(self, facts: Iterable[str]) -> Sql | bool:
        """Where one of these facts is missing; never NULL. A fact of a list: unless the snapshot has no NULL in it, anywhere."""
        found: list[Sql | bool] = []
        for name in facts:
            if name in self.plan.assume:
                continue
            fact = self.pack.vocabulary.get(name)
            if fact is None:
                found.append(True)
            elif fact.entity == HOUSEHOLD:
                column = self.plan.snapshot.column(HOUSEHOLD, name)
                if column is None or column.nulls == self.plan.snapshot.households:
                    found.append(True)
                elif column.nulls:
                    self.plan.columns.add(name)
                    found.append(Sql(f"({identifier(name)} IS NULL)"))
            elif self.plan.snapshot.rows(LISTS[fact.entity]):
                column = self.plan.snapshot.column(LISTS[fact.entity], name)
                found.append(column is None or column.nulls > 0)
        return any_of(*found)

    def doubtful(self, uses: Uses, open_: Sql | bool) -> Sql | bool:
        """Rows whose unknown answer the walker's splitting could still change."""
        if open_ is False:
            return False
        mixed = self.nulls(uses.mixed)
        loose = self.nulls(uses.loose)
        repeated = self.repeated(uses) if loose is not False else False
        return all_of(open_, any_of(mixed, all_of(loose, repeated)))

    def repeated(self, uses: Uses) -> Sql | bool:
        lists = [name for name in uses.repeated if name in _ALL_LISTS]
        found: list[Sql | bool] = [self.nulls(name for name in uses.repeated if name not in _ALL_LISTS)]
        for name in lists:
            has = self.plan.snapshot.column(HOUSEHOLD, f"has_{name}")
            if has is None or has.nulls == self.plan.snapshot.households:
                found.append(True)
            elif has.nulls:
                self.plan.columns.add(f"has_{name}")
                found.append(Sql(f"({identifier(f'has_{name}')} IS NULL)"))
        return any_of(*found)

    def tree(self, tree: Tree, *, inverted: bool = False, about: str = "", role: str = "condition") -> Truth:
        """A tree's truth; `about` notes each requirement as a reason. As `reasoning.judge`."""
        if isinstance(tree, Rule):
            return self.rule(tree, inverted=inverted, about=about, role=role)
        join = "or" if (tree.op == "any") != inverted else "and"
        parts = [self.tree(item, inverted=inverted != (tree.op == "none"), about=about, role=role) for item in tree.items]
        return self.named(self.terms.both(join, parts))

    def rule(self, rule: Rule, *, inverted: bool = False, about: str = "", role: str = "condition") -> Truth:
        check(rule)
        truth = self.house.truth(rule.node)
        self.asked(truth)
        for node in rule.shown or ():
            if about and node is not None:
                self.ask.append(self.house.term(node).stop)
        truth = self.named(self.terms.inverse(truth) if inverted else truth)
        if about:
            self.bits.append((ReasonKey(about, role, rule.clause, rule.text), truth))
        return Truth(truth.sql, truth.nullable)

    def named(self, truth: Truth) -> Truth:
        kept = self.terms.keep(truth)
        assert isinstance(kept, Truth)
        return kept

    def flag(self, flag: Sql | bool) -> Sql | bool:
        return self.plan.layers.shortened(flag) if isinstance(flag, Sql) else flag

    def is_true(self, truth: Truth) -> Sql | bool:
        if truth.sql is None or isinstance(truth.sql, bool):
            return bool(truth.sql)
        return sql("coalesce({}, FALSE)", truth.sql) if truth.nullable else truth.sql

    def note(self, about: str, role: str, clause: str, text: str, truth: Truth) -> None:
        self.asked(truth)
        self.bits.append((ReasonKey(about, role, clause, text), self.named(truth)))

    @staticmethod
    def num(term: object) -> Num:
        assert isinstance(term, Num)
        return term


def check(item: Any) -> None:
    """A part of the language that this compiler has not met must not be passed over in silence."""
    known = _KNOWN[type(item)]
    for one in fields(item):
        if one.name in known:
            continue
        value = getattr(item, one.name)
        default = one.default if one.default is not MISSING else None
        if value not in (None, "", False, (), {}, default) and value != default:
            raise Left(f"{type(item).__name__}.{one.name}")
