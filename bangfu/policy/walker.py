"""Walk one expression over one household's facts: Kleene logic, intervals, and a trace of every comparison.

Nothing here touches the database. Source: contracts.md "Rules"; stack.md 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any, NamedTuple

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy import lists
from bangfu.policy.closures import Code, Comparison, compared, fact_code, truth_code, value_code
from bangfu.policy.figures import NOTHING, Truth, Unknown, Value
from bangfu.policy.frame import Frame
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.reads import Reads, bit_of, bit_of_path, wheres
from bangfu.policy.stops import RuleStopped
from bangfu.policy.vocabulary import PLACES

NOTHING_FILLED: Mapping[str, Value] = MappingProxyType({})
Cut = tuple[str, int | str]  # a missing fact, and a value of it at which a comparison flips


class Finding(NamedTuple):
    """What was found once, with all that finding it left behind in the walk."""

    value: Any
    uses: list[Use]  # the missing facts that were asked for, time after time
    cuts: list[Cut]


class Figure(NamedTuple):
    """A derived figure that was found, with the comparisons made for it."""

    key: str
    value: Value
    uses: list[Use]
    cuts: list[Cut]
    trace: list[Comparison]


Use = frozenset[str] | Figure


class Walk:
    """One household on one day. `known` are its facts; `lists` the facts of members, months …; `overrides` the missing facts
    filled in for this walk, by path; `built_in` entry and class. Walks that differ in nothing else share `kept`.
    """

    __slots__ = (
        "frame", "known", "lists", "on", "overrides", "built_in", "kept", "trace", "cuts", "uses", "place", "row",
        "day", "household", "_filled", "_names", "_parts", "_met",
    )  # fmt: skip

    def __init__(
        self,
        frame: Frame,
        known: Mapping[str, Value],
        lists: Mapping[str, tuple[Mapping[str, Value], ...]],
        on: date,
        overrides: Mapping[str, Value] = NOTHING_FILLED,
        built_in: dict[str, Value] | None = None,
        kept: dict[Any, Any] | None = None,
    ) -> None:
        self.frame, self.known, self.lists, self.on, self.overrides = frame, known, lists, on, overrides
        self.built_in: dict[str, Value] = {} if built_in is None else built_in
        self.kept: dict[Any, Any] = {} if kept is None else kept
        self.trace: list[Comparison] = []
        self.cuts: list[Cut] = []
        self.uses: list[Use] = []  # what was missing when it was asked for, since `uses` was last counted
        self.place = ""  # "members[2]" inside an aggregate
        self.row: Mapping[str, Value] | None = None  # the facts of the row at hand, inside an aggregate
        self.day = frame.day(on)
        self.household = {**known, **overrides} if overrides else known
        self._met: set[str] = set()  # derived figures that were asked for before
        self._filled = [(bit_of_path(item[0]), item) for item in overrides.items()]
        self._names = 0  # the facts that are filled in, one bit each
        for bit, _item in self._filled:
            self._names |= bit
        self._parts: dict[int, frozenset[tuple[str, Value]]] = {}

    def truth(self, node: ex.Node) -> Truth:
        """Is the condition met? Raises RuleStopped."""
        return truth_code(node, self.frame)(self)

    def value(self, node: ex.Node) -> Value:
        """The value of an expression. Raises RuleStopped."""
        return value_code(node, self.frame)(self)

    # --- what is found once ---

    def found(self, key: Any, reads: Reads, work_out: Callable[..., Any], *args: Any) -> Any:
        """What `work_out(walk, *args)` gives, once for all walks that fill in the same of what it reads."""
        if self._filled or reads.grades:
            key = self._scoped(key, reads)
        kept = self.kept.get(key)
        if kept is not None:
            value, asked, flips = kept
            if asked:
                self.uses += asked
                self.cuts += flips
            return value
        uses, cuts = len(self.uses), len(self.cuts)
        value = work_out(self, *args)
        self.kept[key] = Finding(value, self.uses[uses:], self.cuts[cuts:])
        return value

    def _scoped(self, key: Any, reads: Reads) -> Any:
        """The key together with the part of this walk that what is found can hang on."""
        facts, grades = reads
        facts &= self._names
        inside = self._parts.get(facts)
        if inside is None and facts:
            inside = self._parts[facts] = frozenset([item for bit, item in self._filled if bit & facts])
        if grades:
            return key, inside, tuple([self.built_in.get(name) for name in grades])
        return (key, inside) if facts else key

    def asked_again(self, missing: frozenset[str]) -> bool:
        """Was one of these missing facts asked for more than once since `forget_uses`?"""
        counts: dict[str, int] = {}
        self._count(self.uses, counts)
        self.uses = []
        return any(counts.get(path, 0) > 1 for path in missing)

    def forget_uses(self) -> None:
        self._count(self.uses, {})
        self.uses = []

    def _count(self, uses: list[Use], counts: dict[str, int]) -> None:
        """A derived figure counts with all that it asks for where it is met first, later as one figure."""
        for use in uses:
            if use.__class__ is Figure:
                if use.key not in self._met:  # type: ignore[union-attr]
                    self._met.add(use.key)  # type: ignore[union-attr]
                    self._count(use.uses, counts)  # type: ignore[union-attr]
                    continue
                use = fig.missing_of(use.value)  # type: ignore[union-attr]
            for path in use:
                counts[path] = counts.get(path, 0) + 1  # type: ignore[index,arg-type]

    # --- names ---

    def name(self, name: str) -> Value:
        """A fact of the household that chooses a parameter's value, or what the engine supplies."""
        return fact_code(name, self.frame)(self)

    def derived(self, name: str, entity: str, code: Code, reads: Reads) -> Value:
        """A derived figure; its comparisons are traced wherever it is named."""
        is_household = entity == "household"
        key = name if is_household else f"{self.place}.{name}"
        scoped = self._scoped(key, reads) if self._filled or reads.grades else key
        kept = self.kept.get(scoped)
        if kept is None:
            kept = self.kept[scoped] = self._figure(key, code, is_household)
        else:
            self.cuts += kept.cuts
        if kept.uses:
            self.uses.append(kept)
        self.trace += kept.trace
        return kept.value

    def _figure(self, key: str, code: Code, is_household: bool) -> Figure:
        uses, cuts = len(self.uses), len(self.cuts)
        outer = self.trace, self.place, self.row
        trace: list[Comparison] = []
        self.trace = trace
        if is_household:
            self.place, self.row = "", None
        try:
            value = code(self)
        finally:
            self.trace, self.place, self.row = outer
        figure = Figure(key, value, self.uses[uses:], self.cuts[cuts:], trace)
        del self.uses[uses:]  # they are counted through the figure
        return figure

    # --- parameters ---

    def parameter(self, name: str) -> Value:
        """A parameter's figure on the day; interval-valued while a fact that selects it is missing."""
        return self.found(("value", name), self._reads_of_standard(name), Walk._joined, self.frame.parameters[name])

    def _joined(self, standard: Standard) -> Value:
        possible, missing = self._entries(standard)
        return fig.join([entry.value for entry in possible], missing)

    def _entries(self, standard: Standard) -> tuple[list[Any], frozenset[str]]:
        """The entries of a dated parameter that can still hold here, and the missing facts that decide."""
        everywhere = self.day.entries.get(standard.name)
        if everywhere is not None:
            return [everywhere], NOTHING
        return self.found(("entries", standard.name), self._reads_of_standard(standard.name), Walk._holding, standard)

    def _reads_of_standard(self, name: str) -> Reads:
        return self.frame.once(("standard", name), lambda: Reads(sum(map(bit_of, set(wheres(self.frame.parameters[name])))), ()))

    def _holding(self, standard: Standard) -> tuple[list[Any], frozenset[str]]:
        possible, missing = [], NOTHING
        for entry in self._nearest_first(standard.on(self.on)):
            fits = fig.conjunction([self._lies_in(fact, wanted) for fact, wanted in entry.where])
            if fits is False:
                continue
            possible.append(entry)
            if fits is True:
                return possible, missing
            missing |= fig.missing_of(fits)
        if possible and missing:
            return possible, missing
        raise RuleStopped(
            _("参数“%(title)s”（$%(name)s）在 %(on)s 没有适用的值。请在 parameters.yaml 里补上。")
            % {"title": standard.title, "name": standard.name, "on": self.on.isoformat()}
        )

    def standing(self, name: str) -> str:
        """The words for the value of a parameter that holds for this household, as far as its place is known."""
        standard = self.frame.parameters[name]
        try:
            return standard.words(self._entries(standard)[0][0])
        except RuleStopped:
            return ""

    def _lies_in(self, fact: str, wanted: Value) -> Truth:
        """Does the household fit one part of a `where`? A place also fits everything below it."""
        value = self.name(fact)
        if isinstance(value, Unknown):
            if fact != "unit_path":  # which units lie in which is known only with the whole path
                self._note_cut(value, wanted)
            return Unknown(value.missing) if fact in PLACES else fig.compare("=", value, wanted)
        if fact == "area_code":
            return str(value).startswith(str(wanted))
        if fact == "unit_path":
            return str(wanted) in str(value).split("/")
        return fig.compare("=", value, wanted)

    def _nearest_first(self, entries: list[Entry]) -> list[Entry]:
        """Values for units: the one nearest to the household first. All else is in order already."""
        path = self.known.get("unit_path")
        if path is None or not any(fact == "unit_path" for entry in entries for fact, _wanted in entry.where):
            return entries
        depth = {code: place for place, code in enumerate(str(path).split("/"))}

        def nearness(entry: Entry) -> tuple[int, int]:
            units = [depth.get(str(wanted), -1) for fact, wanted in entry.where if fact == "unit_path"]
            return len(entry.where), max(units, default=-1)

        return sorted(entries, key=nearness, reverse=True)

    # --- operations ---

    def both(self, op: str, items: tuple[Code, ...]) -> Truth:
        """Kleene and / or over all parts. A part that cannot be worked out stops the rule, unless one before it decides:
        `annual_income_fen > 0 and per(…, annual_income_fen, 'down') > $share` asks nothing of a household without income.
        """
        decides = op == "or"
        truths: list[Truth] = []
        for item in items:
            try:
                truths.append(item(self))
            except RuleStopped:
                if not any(truth is decides for truth in truths):
                    raise
        return fig.conjunction(truths, op)

    def compare(self, node: ex.Node, op: str, a: Value, b: Value) -> Truth:
        truth = fig.compare(op, a, b)
        if isinstance(truth, Unknown):
            self._note_cut(a, b)
            self._note_cut(b, a)
        self.trace.append(compared((node, a, b, truth, self.place)))
        return truth

    def _note_cut(self, side: Value, other: Value) -> None:
        """Remember where the one missing fact on this side makes the comparison flip."""
        if not isinstance(side, Unknown) or side.line is None or isinstance(other, Unknown):
            return
        fact, factor, offset = side.line
        if isinstance(other, str):
            self.cuts.append((fact, other))
        elif factor:
            self.cuts.append((fact, (int(other) - offset) // factor))

    def among(self, node: ex.Node, item: Value, wanted: tuple[Value, ...]) -> Truth:
        return self._among(node, item, wanted, fig.among(item, wanted))

    def among_listed(self, node: ex.Node, item: Value, name: str) -> Truth:
        """x in $list: the list of the day, or those that it may be."""
        entries, missing = self._entries(self.frame.parameters[name])
        truth = fig.join([fig.among(item, entry.value) for entry in entries], missing)
        return self._among(node, item, tuple(entries[0].value), truth)  # type: ignore[arg-type]

    def _among(self, node: ex.Node, item: Value, wanted: tuple[Value, ...], truth: Truth) -> Truth:
        if isinstance(truth, Unknown):
            for option in wanted:
                self._note_cut(item, option)
        self.trace.append(compared((node, item, wanted, truth, self.place)))
        return truth

    def per(self, top: Value, bottom: Value, mode: str) -> Value:
        try:
            return fig.per(top, bottom, mode)
        except ZeroDivisionError as wrong:
            raise RuleStopped(_("除数是 0，算不出来。请核对家庭人口、收入等数字。")) from wrong

    def choose(self, branches: tuple[tuple[Code, Code], ...], default: Code) -> Value:
        possible: list[Value] = []
        missing = NOTHING
        for condition, part in branches:
            truth = condition(self)
            if truth is False:
                continue
            possible.append(part(self))
            if truth is True:
                return fig.join(possible, missing)
            missing |= fig.missing_of(truth)
        possible.append(default(self))
        return fig.join(possible, missing)

    def lookup(self, name: str, key: Value) -> Value:
        entries, missing = self._entries(self.frame.parameters[name])
        found = [self._row_of(name, entry.value, key) for entry in entries]
        return fig.join(found, missing)

    def _row_of(self, name: str, table: Mapping[Any, Value], key: Value) -> Value:
        if isinstance(key, Unknown):
            words = [word for word in table if word != "else"]
            for word in words:
                self._note_cut(key, word)
            rows = [table[word] for word in words if fig.compare("=", key, word) is not False]
            outside = key.options is None or not key.options <= set(words)
            if outside and "else" in table:
                rows.append(table["else"])
            elif outside or not rows:
                return Unknown(key.missing)  # it may yet fall on a row that the table lacks
            return fig.join(rows, key.missing)
        if key in table:
            return table[key]
        if "else" in table:
            return table["else"]
        raise RuleStopped(_("表 $%(name)s 里没有“%(key)s”这一行。请补上，或加一行 else。") % {"name": name, "key": key})

    # --- lists ---

    def aggregate(self, node: ex.Aggregate, condition: Code | None, counted: Code | None, nobody: Unknown) -> Value:
        """What the rows of a list come to; `nobody` = what is known of it while the list itself is missing."""
        rows = self.lists.get(node.list)
        if rows is None:
            self.uses.append(nobody.missing)
            return nobody
        months = lists.months_of(rows) if node.kind == "run_of" else ()
        outer = self.place, self.row
        parts: list[lists.Row] = []
        try:
            for index, row in enumerate(rows):
                self.place, self.row = f"{node.list}[{index}]", row
                fits: Truth = True if condition is None else condition(self)
                figure: Value = counted(self) if counted is not None and fits is not False else 0
                parts.append((fits, figure))
        finally:
            self.place, self.row = outer
        if isinstance(months, Unknown):
            self.uses.append(months.missing)
            return Unknown(months.missing, 0, len(rows))
        if node.kind == "run_of":
            return lists.longest(dict(zip(months, [fits for fits, _figure in parts], strict=True)))
        return lists.gathered(node, parts)
