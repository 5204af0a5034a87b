"""Each source figure beside the same figure counted from our rows, and a verdict. Rows are never bent to hit a figure.

Source: sources.md "Reading the figures"; contracts.md `bangfu figures`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Unit
from bangfu.reporting.kaiyuan import KAIYUAN


@dataclass(frozen=True)
class Stated:
    """One figure of a source: what it says, in which unit, and how ours is counted (`count` takes the organisation).

    `reading`: exact, rounded (to `unit_fen` fen, the source's own unit), at_least, impossible (why in `because`).
    """

    source: str
    what: str
    title: Any  # the same in Chinese, for the page
    unit: str
    stated: int | None
    count: Callable[[Unit], int]
    reading: str = "exact"
    because: Any = ""
    rounding: int = 1


@dataclass(frozen=True)
class Figure:
    """stated / ours / verdict of one figure; money in fen."""

    source: str
    what: str
    unit: str
    stated: int | None
    ours: int
    verdict: str
    title: str
    because: str = ""

    def as_json(self) -> dict[str, Any]:
        row = asdict(self)
        row.pop("title")
        if not row["because"]:
            row.pop("because")
        return row


VERDICTS = {
    "equal": _("相同"),
    "equal at the source's rounding": _("按原文的单位四舍五入后相同"),
    "lower bound kept": _("不低于原文"),
    "different": _("不同"),
    "cannot be reproduced": _("无法复现"),
    "blanked in the source": _("原文隐去"),
}
ORGANISATIONS: dict[str, list[dict[str, Any]]] = {"kaiyuan": KAIYUAN}


def figures(organisation: Unit) -> list[Figure]:
    """All figures of one organisation; raises KeyError for one whose sources are not entered yet."""
    return [_figure(Stated(**row), organisation) for row in ORGANISATIONS[organisation.code]]


def _figure(stated: Stated, organisation: Unit) -> Figure:
    ours = stated.count(organisation)
    return Figure(
        stated.source, stated.what, stated.unit, stated.stated, ours, verdict(stated, ours), str(stated.title), str(stated.because)
    )


def verdict(stated: Stated, ours: int) -> str:
    """The words of `bangfu figures --json`."""
    if stated.stated is None:
        return "blanked in the source"
    if stated.reading == "impossible":
        return "cannot be reproduced"
    if stated.reading == "at_least":
        return "lower bound kept" if ours >= stated.stated else "different"
    if ours == stated.stated:
        return "equal"
    if stated.reading == "rounded" and _rounded(ours, stated.rounding) == stated.stated:
        return "equal at the source's rounding"
    return "different"


def _rounded(value: int, unit: int) -> int:
    """Half up to whole `unit`s."""
    return (2 * value + unit) // (2 * unit) * unit


def year(number: int) -> tuple[date, date]:
    """[1 January, 1 January of the next year)."""
    return date(number, 1, 1), date(number + 1, 1, 1)
