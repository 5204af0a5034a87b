"""What is wrong with a pack, in words: file, line, clause, sentence."""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.lib.errors import Refused


@dataclass(frozen=True, order=True)
class Problem:
    """One fault of a pack. `line` counts from 1, 0 = the file as a whole; `clause` may be empty."""

    file: str
    line: int
    clause: str
    sentence: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place} {self.clause}: {self.sentence}" if self.clause else f"{place}: {self.sentence}"


class BadExpression(Refused):
    """A rule that cannot be read; the message is a complete Chinese sentence."""


class NotRead(BadExpression):
    """A name that may well stand in a file that could not be read: that file is blamed already, the rule is not."""


class BadPack(Refused):
    """A pack with faults; `problems` names each one."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(str(problem) for problem in self.problems))
