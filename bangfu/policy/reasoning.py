"""From a tree of requirements to reasons: each requirement's truth, its two figures, and whether it matters here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.facts import Facts
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.outcome import Reason, truth_word
from bangfu.policy.pack import Pack, Rule, Tree
from bangfu.policy.walker import Comparison, Walk, naming
from bangfu.policy.wording import plain, working


@dataclass(frozen=True)
class Verdict:
    """A tree with the truth found; `join` says how its parts make it, a leaf keeps the comparisons made for it."""

    truth: Truth
    tree: Tree
    join: str = "and"
    parts: tuple[Verdict, ...] = ()
    comparisons: tuple[Comparison, ...] = ()


def judge(walk: Walk, tree: Tree, *, inverted: bool = False) -> Verdict:
    """Work out a tree. `inverted` asks whether it does *not* hold (an exclusion that does not apply)."""
    return walk.once((id(tree), inverted), lambda: _judged(walk, tree, inverted))


def _judged(walk: Walk, tree: Tree, inverted: bool) -> Verdict:
    if isinstance(tree, Rule):
        start = len(walk.trace)
        with naming(tree.clause):
            truth = walk.truth(tree.node)
        return Verdict(fig.inverse(truth) if inverted else truth, tree, "and", (), tuple(walk.trace[start:]))
    join = "or" if (tree.op == "any") != inverted else "and"
    parts = tuple(judge(walk, item, inverted=inverted != (tree.op == "none")) for item in tree.items)
    return Verdict(fig.conjunction([part.truth for part in parts], join), tree, join, parts)


def reasons_of(pack: Pack, facts: Facts, walk: Walk, verdict: Verdict, about: str, *, role: str = "condition") -> list[Reason]:
    """One reason a requirement, in the order of the regulation."""
    return [_reason(pack, facts, walk, verdict, leaf, about, role) for leaf in _leaves(verdict)]


def _leaves(verdict: Verdict) -> Iterator[Verdict]:
    if isinstance(verdict.tree, Rule):
        yield verdict
    for part in verdict.parts:
        yield from _leaves(part)


def _matters(verdict: Verdict, leaf: Verdict) -> bool:
    """Does it stand in the way? What is met never does; what fails does unless something beside it carries the group anyway."""
    if leaf.truth is True:
        return False
    return all(group.truth is not True and not _fails_anyway(group, leaf) for group in _above(verdict, leaf))


def _above(verdict: Verdict, leaf: Verdict) -> list[Verdict]:
    """The groups that hold the leaf, from the root down."""
    for part in verdict.parts:
        if part is leaf:
            return [verdict]
        inner = _above(part, leaf)
        if inner:
            return [verdict, *inner]
    return []


def _fails_anyway(group: Verdict, leaf: Verdict) -> bool:
    """An unknown requirement need not be looked into while another one beside it has failed for good."""
    if not isinstance(leaf.truth, Unknown) or group.join == "or":
        return False
    return any(part.truth is False for part in group.parts)


def _reason(pack: Pack, facts: Facts, walk: Walk, whole: Verdict, leaf: Verdict, about: str, role: str) -> Reason:
    rule = leaf.tree
    assert isinstance(rule, Rule)
    telling = _telling(leaf)
    value, threshold, unit, sum_ = _sides(pack, walk, rule, telling)
    return Reason(
        clause=rule.clause,
        text=rule.text,
        value=value,
        threshold=threshold,
        truth=truth_word(leaf.truth),
        source=source_of(pack, facts, walk, rule.node),
        about=about,
        role=role,
        op=_op(telling),
        unit=unit,
        name=_name(rule, telling),
        working=sum_,
        matters=_matters(whole, leaf),
        ask=rule.ask,
        demo=rule.demo,
        missing=tuple(sorted(fig.missing_of(leaf.truth))),
        trace=tuple(_row(pack, facts, walk, rule, comparison) for comparison in leaf.comparisons),
    )


def _telling(leaf: Verdict) -> Comparison | None:
    """The comparison to show for a requirement made of several: the first one that decided, outside lists if possible."""
    outside = [comparison for comparison in leaf.comparisons if not comparison.at] or list(leaf.comparisons)
    word = truth_word(leaf.truth)
    return next((comparison for comparison in outside if truth_word(comparison.truth) == word), outside[0] if outside else None)


def _sides(pack: Pack, walk: Walk, rule: Rule, telling: Comparison | None) -> tuple[Any, Any, str, str]:
    """The household's figure, the limit, their unit, and the arithmetic of whichever side has some."""

    def value_of(node: ex.Node) -> Value:
        kept, walk.trace = walk.trace, []
        try:
            return walk.value(node)
        finally:
            walk.trace = kept

    unit_of = pack.unit_of

    def sum_of(node: ex.Node | None) -> str:
        while isinstance(node, ex.Choose) or (isinstance(node, ex.Name) and node.name in pack.derived):
            if isinstance(node, ex.Name):
                node = pack.derived[node.name].node
            else:
                met = [(value_of(condition), part) for condition, part in node.branches]
                if any(isinstance(truth, Unknown) for truth, _part in met):
                    return ""
                node = next((part for truth, part in met if truth is True), node.default)
        return working(node, value_of, unit_of) if node is not None else ""

    def summed(node: ex.Node | None) -> str:
        return walk.once(("working", id(node)), lambda: sum_of(node)) if node is not None else ""

    with naming(rule.clause):
        if rule.shown is not None:
            figure, limit = rule.shown
            sides: tuple[Any, Any] = (plain(value_of(figure)), plain(value_of(limit)) if limit is not None else None)
            return (*sides, unit_of(figure), summed(limit) or summed(figure))
        if telling is None:
            return None, None, "", ""
        left, right = _two_sides(telling.node)
        sums = "" if telling.at else summed(right) or summed(left)
        return plain(telling.value), plain(telling.threshold), unit_of(left), sums


def _two_sides(node: ex.Node) -> tuple[ex.Node, ex.Node | None]:
    if isinstance(node, ex.Compare):
        return node.left, node.right
    return (node.item, None) if isinstance(node, ex.Among) else (node, None)


def _name(rule: Rule, telling: Comparison | None) -> str:
    node = rule.shown[0] if rule.shown else _two_sides(telling.node)[0] if telling else None
    return node.name if isinstance(node, ex.Name) else ""


def _op(telling: Comparison | None) -> str:
    if telling is None:
        return ""
    node = telling.node
    return node.op if isinstance(node, ex.Compare) else "in" if isinstance(node, ex.Among) else "="


def _row(pack: Pack, facts: Facts, walk: Walk, rule: Rule, comparison: Comparison) -> dict[str, Any]:
    """One line of the audit's trace."""
    node = comparison.node
    key = ("row", id(node))
    kept = walk.settled.get(key)
    if kept is None:
        left, _right = _two_sides(node)
        kept = walk.settled[key] = (*pack.shown(node, left), source_of(pack, facts, walk, node))
    text, name, unit, source = kept
    return {
        "clause": rule.clause,
        "text": text,
        "name": name,
        "value": plain(comparison.value),
        "threshold": plain(comparison.threshold),
        "unit": unit,
        "truth": truth_word(comparison.truth),
        "at": comparison.at,
        "source": source,
    }


def source_of(pack: Pack, facts: Facts, walk: Walk, node: ex.Node) -> str:
    """Where a requirement's figures come from: the papers behind its facts, the parameters with the day they hold from."""
    names, standards, is_everywhere = pack.grounds(node, walk.on)
    if not is_everywhere:
        named = [part.name for part in pack.names_in(node) if isinstance(part, ex.Parameter)]
        standards = tuple(dict.fromkeys(words for name in named if (words := walk.standing(name))))
    if not facts.sources:
        return "；".join(standards)
    papers = [paper for name in names if (paper := facts.sources.get(name))]
    return "；".join(dict.fromkeys([*papers, *standards]))
