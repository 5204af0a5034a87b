"""How votes are counted. Pure functions, tables of cases in tests/test_arithmetic.py.

Source: S0-16 (the committee approves), S2-11 (collective appraisal); the shares themselves are fields of the committee.
"""

from __future__ import annotations

from collections.abc import Sequence

PASSED, REFUSED, RETURNED = "passed", "refused", "returned"


def needed(heads: int, permille: int) -> int:
    """The smallest number of people that is more than this share of `heads`: 500 of 9 -> 5, 666 of 9 -> 6, 500 of 8 -> 5.

    More than 666/1000 is 三分之二以上 (two thirds themselves pass); more than 500/1000 is 过半数.
    """
    return heads * permille // 1000 + 1


def outcome(*, yes: int, no: int, returned: int, needed_votes: int) -> str:
    """What carries: a yes or a no needs the majority; anything else goes back to be completed.

    A household is neither helped nor refused by a minority: a tie or three split views are a return (退回补充后再议).
    """
    if yes >= needed_votes:
        return PASSED
    if no >= needed_votes:
        return REFUSED
    return RETURNED


def carried_amount(amounts: Sequence[int], needed_votes: int) -> int:
    """The highest sum (fen) that a majority stands behind: who votes 5,000 also carries every lower sum.

    `amounts` are those of the yes votes. 5,000 · 3,000 · 3,000 · 1,000 with 3 needed -> 3,000. At least `needed_votes` of them.
    """
    if len(amounts) < needed_votes:
        raise ValueError("there is no majority to carry an amount")
    return sorted(amounts, reverse=True)[needed_votes - 1]
