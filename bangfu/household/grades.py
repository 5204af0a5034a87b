"""The grades a file may carry: the class set of the policy in force, supplied by wiring (policy is not below this module)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from bangfu.access.models import Unit


@dataclass(frozen=True)
class Grade:
    """One class of the policy: its code, its title, and the clause it stands in."""

    code: str
    title: str
    clause: str = ""


#: Each answers the class set of a unit on a day, hardest first; the first that knows one counts. Wiring appends.
sources: list[Callable[[Unit, date], Sequence[Grade]]] = []


def of(unit: Unit, on: date) -> list[Grade]:
    """The class set in force for a unit on a day; empty while no policy is in force."""
    for source in sources:
        found = list(source(unit, on))
        if found:
            return found
    return []


def titles(unit: Unit, on: date) -> dict[str, str]:
    """code -> title; a code of an older policy is shown as it is."""
    return {grade.code: grade.title for grade in of(unit, on)}
