"""What is asked of a walk: entry and class of a set, and a programme; each is found once for walks that fill in the same of it."""

from __future__ import annotations

from typing import NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.amounts import Offer, nodes_of_amount, nothing_on_offer, work_out
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.pack import NONE, ClassSet, Programme, Tree, rules_of
from bangfu.policy.reads import Reads
from bangfu.policy.reasoning import Verdict, judge
from bangfu.policy.stops import RuleStopped
from bangfu.policy.walker import Frame, Walk


class Found(NamedTuple):
    """One programme in one walk: is it due, and the amount on offer."""

    truth: Truth
    verdicts: tuple[Verdict, ...]
    offer: Offer


def entry_of(walk: Walk, group: ClassSet) -> Truth:
    """Entry into a set: what it asks for, and none of what shuts out."""
    key = "entry", group.id
    return walk.found(key, walk.frame.once(key, _reads_of_entry, walk.frame, group), _entry, group)


def grade_of(walk: Walk, group: ClassSet) -> Value:
    """The first class from the top whose requirements hold; `none` without entry. Partly known = the classes still possible."""
    key = "grade", group.id
    return walk.found(key, walk.frame.once(key, _reads_of_set, walk.frame, group), _grade, group, entry_of(walk, group))


def programme_of(walk: Walk, programme: Programme) -> Found:
    """A programme's requirements, what was already paid, and the amount. Raises RuleStopped."""
    reads, _kept_alive = walk.frame.once(id(programme), _reads_of_programme, walk.frame, programme)
    return walk.found(id(programme), reads, _programme, programme)


def _entry(walk: Walk, group: ClassSet) -> Truth:
    parts = [judge(walk, group.entry).truth]
    parts += [judge(walk, rule, inverted=True).truth for rule in group.exclusions]
    return fig.conjunction(parts)


def _grade(walk: Walk, group: ClassSet, entry: Truth) -> Value:
    if entry is False:
        return NONE
    possible: list[Value] = []
    missing = fig.missing_of(entry)
    for item in group.classes:
        truth = judge(walk, item.tree).truth
        if truth is False:
            continue
        possible.append(item.id)
        if truth is True:
            break
        missing |= fig.missing_of(truth)
    else:
        possible.append(NONE)
    if isinstance(entry, Unknown) and NONE not in possible:
        possible.append(NONE)
    return fig.join(possible, missing) if len(possible) > 1 else possible[0]


def _nodes_of(*trees: Tree) -> list[ex.Node]:
    return [rule.node for tree in trees for rule in rules_of(tree)]


def _reads_of_entry(frame: Frame, group: ClassSet) -> Reads:
    return frame.reads(_nodes_of(group.entry, *group.exclusions))


def _reads_of_set(frame: Frame, group: ClassSet) -> Reads:
    return frame.reads(_nodes_of(group.entry, *group.exclusions, *(item.tree for item in group.classes)))


def _reads_of_programme(frame: Frame, programme: Programme) -> tuple[Reads, Programme]:
    nodes = [*_nodes_of(programme.requires, *programme.bars), *nodes_of_amount(programme.amount)]
    return frame.reads(nodes), programme


def _programme(walk: Walk, programme: Programme) -> Found:
    verdicts = (judge(walk, programme.requires), *(judge(walk, rule) for rule in programme.bars))
    truth = fig.conjunction([verdict.truth for verdict in verdicts])
    try:
        offer = work_out(walk, programme.amount)
    except RuleStopped:
        if truth is not False:  # an amount is not asked of a household that does not qualify anyway
            raise
        offer = nothing_on_offer(programme.amount)
    return Found(fig.conjunction([truth, offer.room]), verdicts, offer)
