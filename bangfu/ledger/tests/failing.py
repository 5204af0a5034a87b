"""P2's harness: the Nth statement of a call fails, for every N, and everything is as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection

from bangfu.ledger.verify import verify


class Broken(DatabaseError):
    """The disk, the network, the power."""


@contextmanager
def failing_at(number: int) -> Iterator[list[int]]:
    """Raises Broken at the numbered statement; yields the count of statements so far."""
    seen = [0]

    def wrapper(execute, sql, params, many, context):
        seen[0] += 1
        if seen[0] == number:
            raise Broken(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        yield seen


def leaves_the_prior_state(call: Callable[[], object], picture: Callable[[], object], *, name: str, most: int) -> None:
    """`picture` answers the stored state. The call fails at statement 1, 2, … until it goes through in at most `most`."""
    before = picture()
    for number in range(1, most + 1):
        with failing_at(number) as seen:
            try:
                call()
            except Broken:
                assert picture() == before, f"statement {number} of {name}"
                continue
        break
    assert 8 <= seen[0] < most, "the call went through once nothing failed any more"
    assert picture() != before
    assert verify().faults == []
