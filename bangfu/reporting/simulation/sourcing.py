"""Whose money it would be: each fund's sources in the order of the rules, and the year's cost taken from them month by month.

A source is good for what it brought in the twelve months before the day (at least the minimum that the rules set). Sources
for some programmes only come first, then the rules' own order; then what the account holds above its floor; what is then
still lacking is the gap. Source: issue "Simulate"; `money.yaml: sources`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from django.db.models import Case, F, Q, Sum, When
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.ledger.flow.funds import source_title
from bangfu.ledger.models import Posting
from bangfu.lib import codes
from bangfu.lib.days import months_before
from bangfu.policy.pack import Fund, Pack
from bangfu.policy.parameters import Standard

BALANCE, GAP = "balance", "gap"
MONTHS = 12
#: kind of a source in the rules -> the books' codes of income ("fund_source"), the likeliest first.
CODES = {
    "budget": "12", "higher": "3", "union": "4", "administration": "5", "donation": "67", "members": "7", "interest": "8", "other": "9",
}  # fmt: skip


class HasMoney(Protocol):
    @property
    def available_fen(self) -> int: ...


def received(unit: Unit, on: date) -> dict[str, dict[str, int]]:
    """What came into each fund in the twelve months before the day: fund code -> source code -> fen, corrections taken off."""
    signed = Case(When(Q(debit__startswith="1"), then=F("amount_fen")), default=-F("amount_fen"))
    rows = (
        Posting.objects.filter(fund__unit=unit.organisation_id, day__gte=months_before(on, MONTHS), day__lt=on)
        .exclude(source__in=["", "0"])
        .values("fund__code", "source")
        .annotate(fen=Sum(signed))
        .order_by("fund__code", "source")
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["fund__code"], {})[row["source"]] = max(0, row["fen"])
    return found


def sources(pack: Pack, came: Mapping[str, Mapping[str, int]], purses: Mapping[str, HasMoney], floors: Mapping[str, int],
            on: date) -> list[dict[str, Any]]:  # fmt: skip
    """The sources of all funds in the order in which they are used, with the money each is good for in a year."""
    found: list[dict[str, Any]] = []
    for fund in pack.funds:
        left = dict(came.get(fund.id, {}))
        own = []
        for name in fund.sources:
            row = next((one for one in fund.source_rows if name in (one.id, one.title)), None)
            title = row.title if row else name
            brought = sum(left.pop(code, 0) for code in _codes(title, row.kind if row else "", left))
            least = _standard(pack.parameters.get(row.minimum) if row else None, on)
            own.append(
                {
                    "fund": fund.id,
                    "id": f"{fund.id}:{name}",
                    "title": title,
                    "clause": (row.clause if row else "") or fund.clause,
                    "programmes": list(row.uses if row else ()),
                    "money_fen": max(brought, least or 0),
                    "brought_fen": brought,
                    "minimum_fen": least,
                }
            )
        own += [_other(fund, code, fen) for code, fen in left.items()]
        found += sorted(own, key=lambda row: not row["programmes"])  # a stable sort: the rules' order within
        purse = purses.get(fund.id)
        if purse is not None:
            found.append(
                _last(fund, BALANCE, _("%(fund)s结余") % {"fund": fund.title}, max(0, purse.available_fen - floors.get(fund.id, 0)))
            )
        found.append(_last(fund, GAP, _("%(fund)s缺口") % {"fund": fund.title}, None))
    return found


def _other(fund: Fund, code: str, fen: int) -> dict[str, Any]:
    return {**_last(fund, f"income-{code}", source_title(code), fen), "brought_fen": fen}


def _last(fund: Fund, name: str, title: str, fen: int | None) -> dict[str, Any]:
    return {
        "fund": fund.id, "id": f"{fund.id}:{name}", "title": title, "clause": "", "programmes": [], "money_fen": fen,
        "brought_fen": None, "minimum_fen": None,
    }  # fmt: skip


def _codes(title: str, kind: str, left: Mapping[str, int]) -> list[str]:
    """The books' codes that mean this source: by its words, else by its kind; of several rows of a kind the first takes it."""
    words = {str(text): code for code, text in codes.choices("fund_source")}
    for text, code in words.items():
        if title == text or title in text.split("/"):
            return [code]
    return [code for code in CODES.get(kind, "") if code in left]


def _standard(standard: Standard | None, on: date) -> int | None:
    entries = standard.on(on) if standard else []
    return entries[-1].value if entries else None


@dataclass(frozen=True)
class Cell:
    """What one source pays for one programme in one unit and month, under A and under the other rules. Fen."""

    programme: str
    source: str
    unit: int | None
    month: int  # 0 = that of the day
    fen_was: int
    fen_now: int


def cube(side: Mapping[str, Any]) -> list[Cell]:
    """Programme x source x unit x month of a stored side. Every fen of the year stands in exactly one cell."""
    found: dict[tuple[str, str, int | None, int], list[int]] = {}
    for place, (name, listed) in enumerate((("fen_was", side["sources_was"]), ("fen_now", side["sources"]))):
        for programme, source, unit, month, fen in _taken(side, name, listed):
            found.setdefault((programme, source, unit, month), [0, 0])[place] += fen
    return [Cell(*key, *sums) for key, sums in found.items()]


def _taken(
    side: Mapping[str, Any], name: str, listed: Sequence[Mapping[str, Any]]
) -> Iterator[tuple[str, str, int | None, int, int]]:
    """Month by month, programme by programme, unit by unit: from the first source that may pay and has something left."""
    fund_of = {row["id"]: row["fund_was" if name == "fen_was" else "fund"] for row in side["programme"]}
    left = {row["id"]: row["money_fen"] for row in listed}
    payers = {
        programme: [row for row in listed if row["fund"] == fund and (not row["programmes"] or programme in row["programmes"])]
        for programme, fund in fund_of.items()
    }
    spreads = [
        (row["programme"], row["unit"], spread(row[name], side["weights"][row["programme"]]))
        for row in side["unit_programme"]
        if row[name]
    ]
    for month in range(MONTHS):
        for programme, unit, parts in spreads:
            rest = parts[month]
            for row in payers[programme]:
                if not rest:
                    break
                has = left[row["id"]]
                part = rest if has is None else min(has, rest)
                if part:
                    left[row["id"]] = None if has is None else has - part
                    rest -= part
                    yield programme, row["id"], unit, month, part
            if rest:  # the rules name no fund for it
                yield programme, GAP, unit, month, rest


def spread(fen: int, weights: Sequence[int]) -> list[int]:
    """A sum split by weights in whole fen; what rounding leaves goes to the last that has a weight."""
    whole = sum(weights)
    parts = [fen * weight // whole for weight in weights]
    last = max(place for place, weight in enumerate(weights) if weight)
    parts[last] += fen - sum(parts)
    return parts
