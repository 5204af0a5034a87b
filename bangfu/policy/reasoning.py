"""From a tree of requirements to reasons: each requirement's truth, its two figures, and whether it matters here."""

from __future__ import annotations

from typing import Any, NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.closures import Code, truth_code
from bangfu.policy.facts import Facts
from bangfu.policy.figures import Truth, Unknown
from bangfu.policy.outcome import Reason, truth_word
from bangfu.policy.pack import Group, Pack, Rule, Tree, rules_of
from bangfu.policy.reads import Reads
from bangfu.policy.stops import RuleStopped
from bangfu.policy.walker import Comparison, Frame, Walk
from bangfu.policy.wording import plain, working


class Verdict(NamedTuple):
    """A tree with the truth found; `join` says how its parts make it, a leaf keeps the comparisons made for it."""

    truth: Truth
    tree: Tree
    join: str = "and"
    parts: tuple[Verdict, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


class Unit(NamedTuple):
    """A tree made ready: what it reads, and for a requirement the condition. Requirements of the same condition share `key`."""

    tree: Tree
    key: int
    reads: Reads
    code: Code | None


def _unit(frame: Frame, tree: Tree) -> Unit:
    reads = frame.reads(rule.node for rule in rules_of(tree))
    if not isinstance(tree, Rule):
        return Unit(tree, id(tree), reads, None)
    node = frame.once(tree.node, lambda: tree.node)
    return Unit(tree, id(node), reads, truth_code(node, frame))


def judge(walk: Walk, tree: Tree, *, inverted: bool = False) -> Verdict:
    """Work out a tree. `inverted` asks whether it does *not* hold (an exclusion that does not apply)."""
    unit = walk.frame.kept.get(id(tree)) or walk.frame.once(id(tree), _unit, walk.frame, tree)
    if unit.code is None:
        return walk.found((unit.key, inverted), unit.reads, _judged, tree, inverted)
    try:
        truth, comparisons = walk.found(unit.key, unit.reads, _compared, unit.code)
    except RuleStopped as wrong:
        raise wrong.under(tree.clause) from wrong  # type: ignore[union-attr]
    return Verdict(fig.inverse(truth) if inverted else truth, tree, "and", (), comparisons)


def _compared(walk: Walk, code: Code) -> tuple[Truth, tuple[Comparison, ...]]:
    start = len(walk.trace)
    return code(walk), tuple(walk.trace[start:])


def _judged(walk: Walk, tree: Group, inverted: bool) -> Verdict:
    join = "or" if (tree.op == "any") != inverted else "and"
    parts = tuple([judge(walk, item, inverted=inverted != (tree.op == "none")) for item in tree.items])
    return Verdict(fig.conjunction([part.truth for part in parts], join), tree, join, parts)


def _leaves(verdict: Verdict, found: list[tuple[Verdict, bool]], matters: bool = True, above: tuple[Verdict, ...] = ()) -> None:
    """Gather the requirements in the order of the regulation, each with whether it stands in the way.

    What is met never does; what fails does unless something beside it carries the group anyway (`matters` = it may yet).
    An unknown one need not be looked into while another one beside it has failed for good.
    """
    truth = verdict.truth
    if isinstance(verdict.tree, Rule):
        stands = matters and truth is not True and (truth is False or not any(map(_has_failed, above)))
        found.append((verdict, stands))
        return
    matters, above = matters and truth is not True, (*above, verdict)
    for part in verdict.parts:
        _leaves(part, found, matters, above)


def _has_failed(group: Verdict) -> bool:
    return group.join == "and" and any(part.truth is False for part in group.parts)


class Line(NamedTuple):
    """What is always the same of a comparison where it is shown."""

    node: ex.Node  # kept alive, so that its id stays its own
    text: str
    name: str
    unit: str
    op: str
    sums: tuple[ex.Node | None, ...]  # the arithmetic of the limit and of the figure, see `_arithmetic`


def _line(pack: Pack, node: ex.Node) -> Line:
    left, right = node, None
    if isinstance(node, ex.Compare):
        left, right = node.left, node.right
    elif isinstance(node, ex.Among):
        left = node.item
    op = node.op if isinstance(node, ex.Compare) else "in" if isinstance(node, ex.Among) else "="
    return Line(node, *pack.shown(node, left), op, (_arithmetic(pack, right), _arithmetic(pack, left)))


def _arithmetic(pack: Pack, node: ex.Node | None) -> ex.Node | None:
    """The sum or quotient that a figure is, or the `case` that leads to one; None = there is nothing to show."""
    while isinstance(node, ex.Name) and node.name in pack.derived:
        node = pack.derived[node.name].node
    return node if isinstance(node, (ex.Per, ex.Sum, ex.Choose)) else None


class Teller:
    """Tells the reasons of one case."""

    def __init__(self, pack: Pack, facts: Facts, walk: Walk) -> None:
        self.pack, self.facts, self.walk = pack, facts, walk
        self.lines: dict[int, Line] = pack.frame.lines  # kept with the pack
        self.everywhere = {} if facts.sources else walk.day.sources  # kept for the day
        self.sources: dict[int, str] = {}
        self.standing: dict[str, str] = {}  # parameter -> the words for the value that holds here
        self.sums: dict[int, str] = {}

    def reasons(self, verdict: Verdict, about: str, role: str = "condition") -> list[Reason]:
        """One reason a requirement, in the order of the regulation."""
        leaves: list[tuple[Verdict, bool]] = []
        _leaves(verdict, leaves)
        return [self._reason(leaf, matters, about, role) for leaf, matters in leaves]

    def _reason(self, leaf: Verdict, matters: bool, about: str, role: str) -> Reason:
        rule = leaf.tree
        assert isinstance(rule, Rule)
        clause, truth, comparisons = rule.clause, leaf.truth, leaf.comparisons
        telling = comparisons[0] if len(comparisons) == 1 else _telling(leaf)
        line = self.line(telling.node) if telling is not None else None
        try:
            if rule.shown is not None:
                value, threshold, name, unit, sum_ = self._shown(*rule.shown)
            elif telling is None or line is None:
                value, threshold, name, unit, sum_ = None, None, "", "", ""
            else:
                value, threshold, name, unit = plain(telling.value), plain(telling.threshold), line.name, line.unit
                limit, figure = line.sums
                sum_ = "" if telling.at else self._sum(limit, telling.threshold) or self._sum(figure, telling.value)
        except RuleStopped as wrong:
            raise wrong.under(clause) from wrong
        source = self.source(rule.node)
        return Reason(
            clause=clause,
            text=rule.text,
            value=value,
            threshold=threshold,
            truth=truth_word(truth),
            source=source,
            about=about,
            role=role,
            op=line.op if line is not None else "",
            unit=unit,
            name=name,
            working=sum_,
            matters=matters,
            ask=rule.ask,
            demo=rule.demo,
            missing=tuple(sorted(truth.missing)) if isinstance(truth, Unknown) else (),
            trace=tuple([self._row(rule, source, comparison) for comparison in comparisons]),
        )

    def _row(self, rule: Rule, source: str, comparison: Comparison) -> dict[str, Any]:
        """One line of the audit's trace. `source` is that of the whole requirement."""
        node, value, threshold, truth, at = comparison
        line = self.line(node)
        return {
            "clause": rule.clause,
            "text": line.text,
            "name": line.name,
            "value": plain(value),
            "threshold": plain(threshold),
            "unit": line.unit,
            "truth": truth_word(truth),
            "at": at,
            "source": source if node is rule.node else self.source(node),
        }

    def line(self, node: ex.Node) -> Line:
        found = self.lines.get(id(node))
        if found is None:
            found = self.lines[id(node)] = _line(self.pack, node)
        return found

    def source(self, node: ex.Node) -> str:
        """Where a requirement's figures come from: the papers behind its facts, the parameters with the day they hold from."""
        key = id(node)
        found = self.everywhere.get(key)
        if found is None:
            found = self.sources.get(key)
        if found is None:
            found = self.sources[key] = self._source(node)
        return found

    def _source(self, node: ex.Node) -> str:
        names, standards, is_everywhere = self.pack.grounds(node, self.walk.on)
        if is_everywhere:
            self.walk.day.sources[id(node)] = "；".join(standards)
        else:
            standards = tuple(dict.fromkeys(words for name in self._parameters(node) if (words := self._standing(name))))
        papers = [paper for name in names if (paper := self.facts.sources.get(name))]
        return "；".join(dict.fromkeys([*papers, *standards]))

    def _parameters(self, node: ex.Node) -> tuple[str, ...]:
        return self.pack.frame.once(
            ("parameters", id(node)),
            lambda: tuple(part.name for part in self.pack.names_in(node) if isinstance(part, ex.Parameter)),
        )

    def _standing(self, name: str) -> str:
        if name not in self.standing:
            self.standing[name] = self.walk.standing(name)
        return self.standing[name]

    # --- the arithmetic behind a figure ---

    def _shown(self, figure: ex.Node, limit: ex.Node | None) -> tuple[Any, Any, str, str, str]:
        """Figure and limit that stand for the whole requirement, with name, unit and arithmetic."""
        value = self.walk.value(figure)
        threshold = None if limit is None else self.walk.value(limit)
        sum_ = self._sum(_arithmetic(self.pack, limit), threshold) or self._sum(_arithmetic(self.pack, figure), value)
        name = figure.name if isinstance(figure, ex.Name) else ""
        return plain(value), plain(threshold), name, self.pack.unit_of(figure), sum_

    def _sum(self, node: ex.Node | None, value: Any) -> str:
        """The arithmetic by which a figure came to `value`; empty where there is none, or while it is unknown."""
        if node is None or (value.__class__ is Unknown and not isinstance(node, ex.Choose)):
            return ""
        found = self.sums.get(id(node))
        if found is None:
            found = self.sums[id(node)] = self._worked(node)
        return found

    def _worked(self, node: ex.Node | None) -> str:
        while isinstance(node, ex.Choose):
            met = [(self.walk.value(condition), part) for condition, part in node.branches]
            if any(isinstance(truth, Unknown) for truth, _part in met):
                return ""
            node = _arithmetic(self.pack, next((part for truth, part in met if truth is True), node.default))
        return working(node, self.walk.value, self.pack.unit_of) if node is not None else ""


def _telling(leaf: Verdict) -> Comparison | None:
    """The comparison to show for a requirement made of several: the first one that decided, outside lists if possible."""
    outside = [comparison for comparison in leaf.comparisons if not comparison.at] or leaf.comparisons
    word = truth_word(leaf.truth)
    for comparison in outside:
        if truth_word(comparison.truth) == word:
            return comparison
    return outside[0] if outside else None
