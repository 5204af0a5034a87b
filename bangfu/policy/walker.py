"""Walk one expression over one household's facts: Kleene logic, intervals, and a trace of every comparison.

Nothing here touches the database. Source: contracts.md "Rules"; stack.md 8.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.closures import Code, Comparison, truth_code, value_code
from bangfu.policy.figures import NOTHING, Truth, Unknown, Value
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.vocabulary import ENTITY_OF_LIST, PLACES, Fact, calendar


class RuleStopped(Refused):
    """A rule that cannot be worked out (a divisor of 0, a row that a table lacks); names the clause. Nothing is assumed."""

    def __init__(self, sentence: str, clause: str = "") -> None:
        super().__init__(sentence)
        self.clause = clause


class naming:
    """A rule that stops inside `with naming(clause)` names the clause it stands under."""

    def __init__(self, clause: str) -> None:
        self.clause = clause

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, RuleStopped) and not wrong.clause:
            raise RuleStopped(_("第%(clause)s条算不下去：%(why)s") % {"clause": self.clause, "why": wrong}, self.clause) from wrong


@dataclass(frozen=True)
class Frame:
    """What a pack offers to its expressions: facts it may name, derived figures, parameters."""

    facts: Mapping[str, Fact]
    derived: Mapping[str, tuple[str, ex.Node]]  # name -> (entity, node)
    parameters: Mapping[str, Standard]
    codes: dict[int, tuple[ex.Node, Code]] = field(default_factory=dict, compare=False, repr=False)  # see closures.py


@dataclass
class Walk:
    """One household on one day. `known` are facts by path; `lists` the facts of members, months …; `built_in` entry, class, today."""

    frame: Frame
    known: Mapping[str, Value]
    lists: Mapping[str, tuple[Mapping[str, Value], ...]]
    on: date
    overrides: Mapping[str, Value] = field(default_factory=dict)
    built_in: dict[str, Value] = field(default_factory=dict)
    trace: list[Comparison] = field(default_factory=list)
    cuts: dict[str, set[int | str]] = field(default_factory=dict)
    uses: dict[str, int] = field(default_factory=dict)  # how often each missing fact was asked for since last cleared
    touched: int = 0  # how often anything missing was met at all
    place: str = ""  # "members[2]" inside an aggregate
    #: What met nothing missing holds for the whole walk: verdicts, values of standards, words of sums; see `once`.
    settled: dict[Any, Any] = field(default_factory=dict)
    _kept: dict[str, tuple[Value, list[Comparison]]] = field(default_factory=dict)
    row: Mapping[str, Value] | None = None  # the facts of the row at hand, inside an aggregate
    _entity: str = "household"

    def __post_init__(self) -> None:
        self.built_in = {**calendar(self.on), **self.built_in}

    def truth(self, node: ex.Node) -> Truth:
        """Is the condition met? Raises RuleStopped."""
        return truth_code(node, self.frame)(self)

    def value(self, node: ex.Node) -> Value:
        """The value of an expression. Raises RuleStopped."""
        return value_code(node, self.frame)(self)

    # --- names ---

    def name(self, name: str) -> Value:
        """A fact of the household or of the row at hand, or what the engine supplies."""
        if name in self.built_in:
            return self._used(self.built_in[name])
        fact = self.frame.facts.get(name)
        if fact is None:
            return self._used(Unknown(frozenset({name})))  # entry and class, where nobody has graded the household
        row = self.known if fact.entity == "household" else self.row
        if self.overrides:
            path = name if fact.entity == "household" else f"{self.place}.{name}"
            if path in self.overrides:
                return self._used(self.overrides[path])
        value = row.get(name) if row is not None else None
        if value is not None:
            return value
        return self._used(unknown_fact(fact, name if fact.entity == "household" else f"{self.place}.{name}"))

    def _used(self, value: Value) -> Value:
        if isinstance(value, Unknown):
            self.touched += 1
            for path in value.missing:
                self.uses[path] = self.uses.get(path, 0) + 1
        return value

    def derived(self, name: str, entity: str, code: Code) -> Value:
        """A derived figure, worked out once; its comparisons are traced wherever it is named."""
        key = name if entity == "household" else f"{self.place}.{name}"
        kept = self._kept.get(key)
        if kept is None:
            outer, self.trace = self.trace, []
            place, row, inside = self.place, self.row, self._entity
            if entity == "household":
                self.place, self.row, self._entity = "", None, "household"
            try:
                kept = (code(self), self.trace)
            finally:
                self.trace = outer
                self.place, self.row, self._entity = place, row, inside
            self._kept[key] = kept
        else:
            self._used(kept[0])
        self.trace.extend(kept[1])
        return kept[0]

    def once(self, key: Any, work_out: Callable[[], Any]) -> Any:
        """What `work_out` gives; kept for the walk if it met nothing missing, for then it stays so."""
        if key in self.settled:
            return self.settled[key]
        touched = self.touched
        found = work_out()
        if self.touched == touched:
            self.settled[key] = found
        return found

    def parameter(self, name: str) -> Value:
        """A parameter's figure on the day; interval-valued while a fact that selects it is missing."""

        def joined() -> Value:
            found = self._entries(self.frame.parameters[name])
            return fig.join([entry.value for entry in found[0]], found[1])

        return self.once(("parameter", name), joined)

    def _entries(self, standard: Standard) -> tuple[list[Any], frozenset[str]]:
        """The entries of a dated parameter that can still hold here, and the missing facts that decide."""
        return self.once(("entries", standard.name), lambda: self._holding(standard))

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

        def words() -> str:
            standard = self.frame.parameters[name]
            try:
                return standard.words(self._entries(standard)[0][0])
            except RuleStopped:
                return ""

        return self.once(("standing", name), words)

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
        self.trace.append(Comparison(node, a, b, truth, self.place))
        return truth

    def _note_cut(self, side: Value, other: Value) -> None:
        """Remember where the one missing fact on this side makes the comparison flip."""
        if not isinstance(side, Unknown) or side.line is None or isinstance(other, Unknown):
            return
        fact, factor, offset = side.line
        if isinstance(other, str):
            self.cuts.setdefault(fact, set()).add(other)
        elif factor:
            self.cuts.setdefault(fact, set()).add((int(other) - offset) // factor)

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
        self.trace.append(Comparison(node, item, wanted, truth, self.place))
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

    def aggregate(self, node: ex.Aggregate, condition: Code | None, counted: Code | None) -> Value:
        rows = self.lists.get(node.list)
        if rows is None:
            return self._used(_absent_list(node, self.frame))
        months = _months(rows) if node.kind == "run_of" else ()
        kept = self.place, self.row, self._entity
        self._entity = ENTITY_OF_LIST[node.list]
        parts: list[tuple[Truth, Value]] = []
        try:
            for index, row in enumerate(rows):
                self.place, self.row = f"{node.list}[{index}]", row
                fits: Truth = True if condition is None else condition(self)
                figure: Value = counted(self) if counted is not None and fits is not False else 0
                parts.append((fits, figure))
        finally:
            self.place, self.row, self._entity = kept
        if isinstance(months, Unknown):
            return self._used(Unknown(months.missing, 0, len(rows)))
        if node.kind == "run_of":
            return _longest(dict(zip(months, [fits for fits, _figure in parts], strict=True)))
        return _gathered(node, parts)


def _months(rows: tuple[Mapping[str, Value], ...]) -> list[int] | Unknown:
    """Which month each row is: `months_ago`, or its place in the list (the latest first) where no row says it."""
    told = [row.get("months_ago") for row in rows]
    if not any(month is not None for month in told):
        return list(range(1, len(rows) + 1))
    missing = [f"months[{place}].months_ago" for place, month in enumerate(told) if month is None]
    if missing:
        return Unknown(frozenset(missing))
    months = [int(month) for month in told if isinstance(month, int)]
    if len(set(months)) < len(months):
        raise RuleStopped(_("逐月收入里同一个月（months_ago）写了两次。请删去一行。"))
    return months


def _longest(truths: Mapping[int, Truth]) -> Value:
    """The longest run of consecutive months: between the run of the sure ones and the run of those not yet ruled out."""

    def run(counts: Callable[[Truth], bool]) -> int:
        best = length = 0
        for month in sorted(truths):
            length = (length if month - 1 in truths else 0) + 1 if counts(truths[month]) else 0
            best = max(best, length)
        return best

    missing = fig.missing_of(*truths.values())
    return fig.interval(run(lambda truth: truth is True), run(lambda truth: truth is not False), missing)


def unknown_fact(fact: Fact, path: str) -> Unknown:
    """A missing fact: bounded by what the vocabulary says it can be."""
    options = frozenset(fact.codes) if fact.type == "code" and fact.codes else None
    if fact.type in ("bool", "code"):
        return Unknown(frozenset({path}), options=options, line=(path, 1, 0))
    if fact.low is not None and fact.low == fact.high:
        return Unknown(frozenset({path}))
    return Unknown(frozenset({path}), fact.low, fact.high, None, (path, 1, 0))


def _absent_list(node: ex.Aggregate, frame: Frame) -> Unknown:
    """Nobody has said who the members are: only that counts, and sums of figures that cannot be negative, start at 0."""
    missing = frozenset({node.list})
    if node.kind in ("any_of", "all_of"):
        return Unknown(missing)
    fact = frame.facts.get(node.figure.name) if isinstance(node.figure, ex.Name) else None
    if node.kind in ("count_of", "run_of") or (fact is not None and fact.low == 0):
        return Unknown(missing, 0)
    return Unknown(missing)


def _gathered(node: ex.Aggregate, parts: list[tuple[Truth, Value]]) -> Value:
    truths = [fits for fits, _figure in parts]
    match node.kind:
        case "any_of":
            return fig.conjunction([*truths, False], "or")
        case "all_of":
            return fig.conjunction([*truths, True], "and")
        case "count_of":
            sure = sum(fits is True for fits in truths)
            maybe = sum(isinstance(fits, Unknown) for fits in truths)
            return fig.interval(sure, sure + maybe, fig.missing_of(*truths))
        case "sum_of":
            total: Value = 0
            for fits, figure in parts:
                if fits is True:
                    total = fig.plus(total, figure)
                elif isinstance(fits, Unknown):
                    total = fig.plus(total, fig.join([0, figure], fits.missing))
            return total
    return _farthest(node, [part for part in parts if part[0] is not False])


def _farthest(node: ex.Aggregate, parts: list[tuple[Truth, Value]]) -> Value:
    """min_of / max_of: the rows that may or may not count widen one side only."""
    if not parts:
        raise RuleStopped(
            _("没有一项符合条件，%(kind)s 没有结果。请先用 if(any_of(…), …, …) 说明没有时怎么算。") % {"kind": node.kind}
        )
    pick = min if node.kind == "min_of" else max
    sure = [figure for fits, figure in parts if fits is True]
    everything = fig.extreme([figure for _fits, figure in parts], pick)
    missing = fig.missing_of(*(fits for fits, _figure in parts), *(figure for _fits, figure in parts))
    if not sure:
        return Unknown(missing, fig.low(everything), fig.high(everything)) if missing else everything
    certain = fig.extreme(sure, pick)
    if node.kind == "min_of":
        return fig.interval(fig.low(everything), fig.high(certain), missing)
    return fig.interval(fig.low(certain), fig.high(everything), missing)
