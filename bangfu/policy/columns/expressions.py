"""Compile the nodes of an expression to SQL over one table, as `walker.py` walks them; what is not known here is left to the walker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.columns.bounds import inverted, surely_not
from bangfu.policy.columns.fragments import Layers, Sql, all_of, any_of, identifier, literal, sql, words
from bangfu.policy.columns.layout import HOUSEHOLD
from bangfu.policy.columns.source import Source, fact_term, is_there, within
from bangfu.policy.columns.terms import Terms
from bangfu.policy.columns.values import (
    NOWHERE,
    Left,
    Num,
    Term,
    Truth,
    Word,
    number,
    unknown,
)
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.vocabulary import Fact, calendar
from bangfu.policy.walker import RuleStopped, Walk


class Scope:
    """Expressions over one table."""

    table = HOUSEHOLD

    def __init__(self, source: Source, layers: Layers) -> None:
        self.source, self.layers = source, layers
        self.terms = Terms(layers)
        self.kept: dict[ex.Node, Term] = {}
        self.built_in: dict[str, Term] = {name: number(value) for name, value in calendar(source.on).items()}

    def truth(self, node: ex.Node) -> Truth:
        term = self.term(node)
        assert isinstance(term, Truth)
        return term

    def number(self, node: ex.Node) -> Num:
        term = self.term(node)
        assert isinstance(term, Num)
        return term

    def term(self, node: ex.Node) -> Term:
        found = self.kept.get(node)
        if found is None:
            found = self.kept[node] = self.terms.keep(self._term(node))
        self.source.seen[id(node)] = found
        return found

    def _term(self, node: ex.Node) -> Term:
        match node:
            case ex.Number(value) | ex.Day(value):
                return number(value)
            case ex.Text(value):
                return Word(value)
            case ex.Flag(value):
                return Truth(value)
            case ex.Name(name):
                return self._name(name)
            case ex.Parameter(name):
                return self._parameter(name)
            case ex.Compare(op, left, right):
                return self.terms.compare(op, self.term(left), self.term(right))
            case ex.Both(op, items):
                return self.terms.both(op, [self.truth(item) for item in items])
            case ex.Not(item):
                return self.terms.inverse(self.truth(item))
            case ex.Sum("*", left, right):
                return self.terms.times(self.number(left), self.number(right))
            case ex.Sum("+", left, right):
                return self.terms.plus(self.number(left), self.number(right))
            case ex.Sum("-", left, right):
                return self.terms.plus(self.number(left), self.terms.negative(self.number(right)))
            case ex.Minus(item):
                return self.terms.negative(self.number(item))
            case ex.Among(item, options):
                return self._among(self.term(item), options)
            case ex.Per(top, bottom, mode):
                return self.terms.per(self.number(top), self.number(bottom), mode)
            case ex.Choose(branches, default):
                made = [(self.truth(condition), self.term(part)) for condition, part in branches]
                return self.terms.choose(made, self.term(default))
            case ex.Extreme(kind, items):
                return self.terms.extreme(kind, [self.number(item) for item in items])
            case ex.Aggregate():
                return self._aggregate(node)
            case ex.Lookup(table, key):
                return self._lookup(table.name, self.term(key))
        raise Left(type(node).__name__)

    # --- names ---

    def _name(self, name: str) -> Term:
        derived = self.source.pack.frame.derived.get(name)
        if derived is not None:
            return self.term(derived[1])
        if name in self.built_in:
            return self.built_in[name]
        fact = self.source.pack.vocabulary.get(name)
        if fact is None:
            raise Left(name)
        return self._fact(fact)

    def _fact(self, fact: Fact) -> Term:
        if fact.entity != HOUSEHOLD:
            raise Left(fact.name)
        column = self.source.snapshot.column(HOUSEHOLD, fact.name)
        if is_there(column, self.source.snapshot.households):
            self.source.columns |= {fact.name, f"c_{fact.name}"}
        return fact_term(
            fact, column, self.source.snapshot.households, identifier(fact.name), self.source.assume.get(fact.name), numbered=True
        )

    # --- parameters ---

    def _by_word(self, name: str) -> tuple[str, dict[str, Entry | None], list[Entry]] | None:
        """A parameter that one code of the household selects: which entry for each word that occurs (None = it stops there).

        The walker itself is asked, word by word, so that the nearest unit and the smallest area win here as there.
        """
        standard = self.source.pack.parameters[name]
        entries = standard.on(self.source.on)
        selecting = {fact for entry in entries for fact, _wanted in entry.where}
        if len(selecting) != 1:
            return None
        fact = selecting.pop()
        column = self.source.snapshot.column(HOUSEHOLD, fact)
        if fact in self.source.pack.derived or column is None or not column.words or fact in self.source.assume:
            return None
        chosen: dict[str, Entry | None] = {}
        for word in column.words:
            try:
                chosen[word] = Walk(self.source.pack.frame, {fact: word}, {}, self.source.on)._entries(standard)[0][0]
            except RuleStopped:
                chosen[word] = None
        possible: list[Entry] = []
        for entry in entries:
            possible.append(entry)
            if not entry.where:
                break
        return fact, chosen, possible

    def _parameter(self, name: str) -> Term:
        found = self._by_word(name)
        if found is None:
            return self._figure(self._entries(name))
        fact, chosen, possible = found
        values = {word: entry.value for word, entry in chosen.items() if entry is not None}
        hull = [entry.value for entry in possible]
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in [*values.values(), *hull]):
            return self._figure(self._entries(name))
        if not values:
            return replace(NOWHERE, stop=True)
        word = self._name(fact)
        assert isinstance(word, Word) and isinstance(word.sql, Sql)
        stop: Sql | bool = False
        if len(values) < len(chosen):
            stop = sql(f"coalesce({{}} IN ({words(one for one, entry in chosen.items() if entry is None)}), FALSE)", word.sql)
        if len(set(values.values())) == 1 and not word.nullable:
            return replace(number(next(iter(values.values()))), stop=stop)
        if word.coded is not None:
            figure = self.layers.placed(word.coded, [values.get(one) for one in word.words])
        else:
            figure = self.layers.looked_up(word.sql, values)
        if not word.nullable:
            return Num(figure, figure, min(values.values()), max(values.values()), stop=stop)
        least, most = min(*values.values(), *hull), max(*values.values(), *hull)
        lo, hi = (sql("(CASE WHEN {} IS NULL THEN {} ELSE {} END)", word.sql, end(hull), figure) for end in (min, max))
        return Num(lo, hi, least, most, stop=stop)

    def _entries(self, name: str) -> tuple[Standard, list[tuple[Truth, Entry]]]:
        """The values on the day, the most particular first, each with the condition under which it holds."""
        standard = self.source.pack.parameters[name]
        found: list[tuple[Truth, Entry]] = []
        entries = standard.on(self.source.on)
        if sum(any(fact == "unit_path" for fact, _wanted in entry.where) for entry in entries) > 1:
            raise Left(f"${name}: unit")  # the nearest unit comes first, which differs by household
        for entry in entries:
            fits = self.terms.both("and", [self._lies_in(fact, wanted) for fact, wanted in entry.where])
            if fits.sql is not False:
                found.append((fits, entry))
            if fits.sql is True:
                break
        return standard, found

    def _lies_in(self, fact_name: str, wanted: Any) -> Truth:
        term = self._name(fact_name)
        if fact_name in ("area_code", "unit_path"):
            assert isinstance(term, Word)
            if not isinstance(term.sql, Sql):
                return Truth(None, True) if term.sql is None else Truth(within(fact_name, term.sql, str(wanted)))
            text = (
                sql("(substring({}, 1, {}) = {})", term.sql, len(str(wanted)), str(wanted))
                if fact_name == "area_code"
                else sql("(position({} IN ('/' || {} || '/')) > 0)", f"/{wanted}/", term.sql)
            )
            return Truth(text, term.nullable)
        other: Term = Word(wanted) if isinstance(wanted, str) else Truth(wanted) if isinstance(wanted, bool) else number(wanted)
        return self.terms.compare("=", term, other)

    def _figure(self, entries: tuple[Standard, list[tuple[Truth, Entry]]], pick: Any = None) -> Term:
        """One term out of the values; a household that none fits stops the run."""
        _standard, found = entries
        values = [(truth, self._constant(entry.value) if pick is None else pick(entry.value)) for truth, entry in found]
        stops: Sql | bool = False
        if not found or found[-1][0].sql is not True:
            stops = all_of(*(surely_not(truth) for truth, _entry in found))
        if not values:
            return replace(NOWHERE, stop=True)
        joined = self.terms.choose(values[:-1], values[-1][1])
        return replace(
            joined, stop=any_of(joined.stop, values[-1][0].stop, stops), unsure=any_of(joined.unsure, values[-1][0].unsure)
        )

    @staticmethod
    def _constant(value: Any) -> Term:
        if isinstance(value, bool):
            return Truth(value)
        if isinstance(value, int):
            return number(value)
        if isinstance(value, str):
            return Word(value)
        raise Left("parameter")

    def _among(self, item: Term, options: tuple[ex.Node, ...] | ex.Parameter) -> Truth:
        if isinstance(options, ex.Parameter):
            found = self._figure(self._entries(options.name), lambda wanted: self.terms.among(item, tuple(wanted)))
            if not isinstance(found, Truth):
                raise Left(f"${options.name}")
            return found
        wanted = tuple(option.value for option in options if isinstance(option, (ex.Number, ex.Text, ex.Day)))
        if len(wanted) != len(options):
            raise Left("in")
        return self.terms.among(item, wanted)

    def _lookup(self, name: str, key: Term) -> Term:
        return self._figure(self._entries(name), lambda table: self._row_of(table, key))

    def _row_of(self, table: Mapping[Any, Any], key: Term) -> Term:
        """A row of a table; an unknown word takes the hull of the rows that it can still be."""
        rows = {word: value for word, value in table.items() if word != "else"}
        values = list(table.values())
        if not values or not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise Left("lookup")
        known = key.sql if isinstance(key, (Word, Truth)) else key.lo
        loose = unknown(key)
        if known is None:
            return replace(self._hull(table, rows, key), unsure=key.unsure, stop=key.stop)
        if not isinstance(known, Sql):
            if known in rows or "else" in table:
                return number(rows[known] if known in rows else table["else"])
            return replace(NOWHERE, stop=True)
        when = " ".join(f"WHEN {words([word])} THEN {literal(value)}" for word, value in rows.items())
        default = literal(table["else"]) if "else" in table else "NULL"
        found = sql("(CASE {} " + when + f" ELSE {default} END)", known) if rows else Sql(default, known.level)
        stop: Sql | bool = False
        if "else" not in table:
            stop = all_of(inverted(loose), sql(f"coalesce({{}} NOT IN ({words(rows)}), FALSE)", known) if rows else True)
        row = Num(found, found, min(values), max(values))
        if loose is False:
            return replace(row, unsure=key.unsure, stop=any_of(key.stop, stop))
        if not isinstance(key, Word):
            return replace(row, lo_open=True, hi_open=True, unsure=any_of(key.unsure, loose), stop=any_of(key.stop, stop))
        hull = self._hull(table, rows, key)
        bounds = [
            sql("(CASE WHEN {} THEN {} ELSE {} END)", loose, Sql("NULL") if bound is None else bound, found)
            for bound in (hull.lo, hull.hi)
        ]
        return Num(
            bounds[0], bounds[1], min(values), max(values), hull.lo is None, hull.hi is None, key.unsure, any_of(key.stop, stop)
        )

    def _hull(self, table: Mapping[Any, Any], rows: Mapping[Any, Any], key: Term) -> Num:
        """As `Walk._row_of` for a key that is not known."""
        if not isinstance(key, Word):
            raise Left("lookup")
        missing = fig.Unknown(frozenset({"?"}), options=key.options)
        reach = [value for word, value in rows.items() if fig.compare("=", missing, word) is not False]
        outside = key.options is None or not key.options <= set(rows)
        if outside and "else" in table:
            reach.append(table["else"])
        elif outside or not reach:
            return NOWHERE
        return Num(min(reach), max(reach), min(reach), max(reach))

    def _aggregate(self, node: ex.Aggregate) -> Term:
        raise Left("aggregate in a list")
