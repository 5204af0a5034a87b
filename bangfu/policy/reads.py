"""What an expression reads: the facts, and the answers of class sets, on which its value can hang.

Two walks that fill in the same of these find the same: `Walk.found` works it out once for both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import count
from typing import NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy.parameters import Standard
from bangfu.policy.vocabulary import CALENDAR, Fact


class Reads(NamedTuple):
    """`facts` of the household and of the rows of its lists, one bit each; `grades` = entry, class and the like."""

    facts: int
    grades: tuple[str, ...]


def reads_of(
    nodes: Iterable[ex.Node],
    facts: Mapping[str, Fact],
    derived: Mapping[str, tuple[str, ex.Node]],
    parameters: Mapping[str, Standard],
) -> Reads:
    """Through derived figures, and through the facts that choose a parameter's value for a place."""

    def names(node: ex.Node) -> Iterator[str]:
        for part in ex.walk(node):
            if isinstance(part, ex.Name):
                if part.name in derived:
                    yield from names(derived[part.name][1])
                else:
                    yield part.name
            elif isinstance(part, ex.Parameter) and part.name in parameters:
                yield from wheres(parameters[part.name])

    found = {name for node in nodes for name in names(node)}
    known = found & facts.keys()
    return Reads(sum(bit_of(name) for name in known), tuple(sorted(found - known - CALENDAR.keys())))


def wheres(standard: Standard) -> Iterator[str]:
    """The facts that choose among a parameter's values."""
    for entry in standard.entries:
        yield from (fact for fact, _wanted in entry.where)


@cache
def bit_of(name: str) -> int:
    """The bit that stands for a fact's name, wherever rules are read in this process."""
    return 1 << next(_places)


@lru_cache(maxsize=4096)
def bit_of_path(path: str) -> int:
    """The bit of the fact at a path such as members[2].health."""
    return bit_of(path.rpartition(".")[2])


_places = count()
