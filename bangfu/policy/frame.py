"""What a pack offers to its expressions, and what is made of them once and kept with the pack."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from bangfu.policy import expression as ex
from bangfu.policy.parameters import MOST_DAYS, Standard
from bangfu.policy.reads import Reads, reads_of
from bangfu.policy.vocabulary import Fact, calendar

if TYPE_CHECKING:
    from bangfu.policy.closures import Code


class Day:
    """What a pack comes to on one day, for every household alike: the calendar, and parameters that are the same everywhere."""

    def __init__(self, on: date, parameters: Mapping[str, Standard]) -> None:
        self.calendar = calendar(on)
        self.entries = {
            name: entries[0]
            for name, standard in parameters.items()
            if len(entries := standard.on(on)) == 1 and not entries[0].where
        }
        self.values = {name: entry.value for name, entry in self.entries.items() if parameters[name].shape == "value"}
        self.sources: dict[int, str] = {}  # id(node) -> the words for the parameters below it, see reasoning.py


@dataclass(frozen=True)
class Frame:
    """What a pack offers to its expressions: facts it may name, derived figures, parameters; and what is made of them once."""

    facts: Mapping[str, Fact]
    derived: Mapping[str, tuple[str, ex.Node]]  # name -> (entity, node)
    parameters: Mapping[str, Standard]
    codes: dict[int | str, tuple[object, Code]] = field(default_factory=dict, compare=False, repr=False)  # see closures.py
    days: dict[date, Day] = field(default_factory=dict, compare=False, repr=False)
    kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)
    lines: dict[int, Any] = field(default_factory=dict, compare=False, repr=False)  # see reasoning.py

    def once(self, key: Any, make: Callable[..., Any], *args: Any) -> Any:
        """What `make(*args)` gives, kept with the pack. A key that is an id needs what it is the id of kept in the answer."""
        found = self.kept.get(key)
        if found is None:
            found = self.kept[key] = make(*args)
        return found

    def day(self, on: date) -> Day:
        found = self.days.get(on)
        if found is None:
            if len(self.days) >= MOST_DAYS:
                self.days.clear()
            found = self.days[on] = Day(on, self.parameters)
        return found

    def reads(self, nodes: Iterable[ex.Node]) -> Reads:
        """The facts and grades that some nodes hang on, through derived figures and parameters."""
        return reads_of(nodes, self.facts, self.derived, self.parameters)
