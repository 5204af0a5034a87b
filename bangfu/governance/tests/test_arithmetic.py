"""Quorum, majority and amount, in tables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.governance.arithmetic import carried_amount, needed, outcome


@pytest.mark.parametrize(
    ("heads", "permille", "votes"),
    [
        (9, 666, 6), (3, 666, 2), (6, 666, 4), (7, 666, 5), (8, 666, 6), (1, 666, 1),
        (9, 500, 5), (8, 500, 5), (7, 500, 4), (2, 500, 2), (1, 500, 1),
        (9, 999, 9), (7, 999, 7), (0, 500, 1),
    ],
)  # fmt: skip
def test_a_share_is_more_than_and_two_thirds_are_two_thirds(heads, permille, votes):
    assert needed(heads, permille) == votes


@pytest.mark.parametrize(
    ("yes", "no", "returned", "needed_votes", "result"),
    [
        (5, 4, 0, 5, "passed"),
        (4, 5, 0, 5, "refused"),
        (4, 4, 0, 5, "returned"),  # a tie neither helps nor refuses
        (0, 0, 5, 5, "returned"),
        (3, 3, 3, 5, "returned"),
        (4, 0, 0, 5, "returned"),  # five did not vote
        (1, 0, 0, 1, "passed"),
    ],
)
def test_only_a_majority_helps_or_refuses(yes, no, returned, needed_votes, result):
    assert outcome(yes=yes, no=no, returned=returned, needed_votes=needed_votes) == result


@pytest.mark.parametrize(
    ("amounts", "needed_votes", "carried"),
    [
        ([3000, 3000, 3000, 3000], 4, 3000),
        ([5000, 3000, 3000, 1000], 3, 3000),
        ([5000, 3000, 3000, 1000], 4, 1000),
        ([5000, 4000, 3000, 2000, 1000], 3, 3000),  # the middle one
        ([5000, 5000, 1000], 2, 5000),
        ([1000], 1, 1000),
    ],
)
def test_the_amount_is_the_highest_that_a_majority_stands_behind(amounts, needed_votes, carried):
    assert carried_amount(amounts, needed_votes) == carried


def test_no_majority_carries_no_amount():
    with pytest.raises(ValueError):
        carried_amount([3000, 3000], 3)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=15), st.data())
def test_a_majority_voted_for_it_or_more_and_no_higher_sum_has_one(amounts, data):
    votes = data.draw(st.integers(1, len(amounts)))
    carried = carried_amount(amounts, votes)
    assert sum(amount >= carried for amount in amounts) >= votes
    assert sum(amount > carried for amount in amounts) < votes


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 40), st.integers(501, 999))
def test_yes_and_no_never_both_carry(yes, no, returned, permille):
    votes = needed(yes + no + returned, permille)
    assert not (yes >= votes and no >= votes)
    assert needed(yes + no + returned, 500) > (yes + no + returned) / 2
