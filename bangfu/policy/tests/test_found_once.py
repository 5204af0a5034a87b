"""What one walk of a case has found holds for the next: the answers are those of a walk that finds everything itself."""

from __future__ import annotations

import itertools

import pytest

from bangfu.policy import expression as ex
from bangfu.policy.amounts import work_out
from bangfu.policy.examples import is_judged
from bangfu.policy.facts import read_facts
from bangfu.policy.figures import Unknown
from bangfu.policy.loading import load_pack
from bangfu.policy.pack import Rule
from bangfu.policy.reasoning import judge
from bangfu.policy.stops import RuleStopped
from bangfu.policy.tests.makers import ON, ROOT, pack_with
from bangfu.policy.walker import Walk

FILLED = {
    "annual_income_fen": [0, 3_000_000, Unknown(frozenset({"annual_income_fen"}), 1, 5_000_000, None, ("annual_income_fen", 1, 0))],
    "household_size": [1, 4],
    "is_urban": [True, False],
    "main_cause": ["illness"],
    "medical_self_paid_fen": [0, 4_000_000],
}
BOXES = [
    dict(zip(names, values, strict=True))
    for count in range(3)
    for names in itertools.combinations(FILLED, count)
    for values in itertools.product(*(FILLED[name] for name in names))
]


def answered(ask):
    """What was found, or the words of the stop."""
    try:
        return ask()
    except RuleStopped as wrong:
        return wrong.clause, str(wrong)


@pytest.mark.parametrize("folder", ["anhui-2025", "kaiyuan-2016", "s404-2012", "xian"])
def test_walks_that_share_what_they_found_answer_as_walks_of_their_own(folder):
    pack = load_pack(ROOT / "policies" / folder)
    asked = [tree for group in pack.class_sets for tree in (group.entry, *group.exclusions, *(item.tree for item in group.classes))]
    asked += [rule for programme in pack.programmes for rule in (programme.requires, *programme.bars)]
    for example in [example for example in pack.examples if is_judged(example)][:3]:
        facts = read_facts({name: value for name, value in example.facts.items() if name not in FILLED}, pack.vocabulary)
        shared: dict = {}
        for box in BOXES:
            for tree in asked:
                one, other = (Walk(pack.frame, facts.known, facts.lists, example.on, box, kept=kept) for kept in (shared, {}))
                assert answered(lambda: judge(one, tree)) == answered(lambda: judge(other, tree))  # noqa: B023
                assert set(one.cuts) == set(other.cuts)
            for programme in pack.programmes:
                one, other = (Walk(pack.frame, facts.known, facts.lists, example.on, box, kept=kept) for kept in (shared, {}))
                assert answered(lambda: work_out(one, programme.amount)) == answered(lambda: work_out(other, programme.amount))  # noqa: B023


def test_grades_that_are_told_are_part_of_what_was_found():
    pack, shared = pack_with("homes_count > 0"), {}
    rule = Rule("一", "档次", ex.Compare("=", ex.Name("class"), ex.Text("poor")))
    truths = [
        judge(Walk(pack.frame, {}, {}, ON, {}, told, shared), rule).truth
        for told in ({"class": "poor"}, {"class": "none"}, {"class": "poor"}, {})
    ]
    assert truths[:3] == [True, False, True]
    assert truths[3] == Unknown(frozenset({"class"}))
