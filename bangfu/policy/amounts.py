"""How much: a fixed sum, a formula, or the officer's choice within a range — and the ceilings it is the least of.

Source: S1-1, S1-2 (fixed), S1-3 (1,000-5,000 each time, 10,000 a person and year).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bangfu.policy import figures as fig
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.outcome import Reason, Step, truth_word
from bangfu.policy.pack import Amount, Cap, Rounding
from bangfu.policy.reasoning import source_of
from bangfu.policy.walker import Walk, naming, unknown_fact

if TYPE_CHECKING:
    from bangfu.policy.facts import Facts
    from bangfu.policy.pack import Pack


@dataclass(frozen=True)
class Ceiling:
    """A cap with its figures: the limit, what already counts against it, what is left."""

    cap: Cap
    limit: Value
    used: Value
    left: Value


@dataclass(frozen=True)
class Offer:
    """The amount and whether there is room for it. `wish` = what it would be without ceilings over time."""

    spec: Amount
    amount: Value
    room: Truth
    wish: Value
    low: Value
    high: Value | None
    asked: Value | None
    ceilings: tuple[Ceiling, ...]
    steps: tuple[Step, ...]

    @property
    def asked_fen(self) -> int | None:
        return self.asked if isinstance(self.asked, int) else None


def work_out(walk: Walk, spec: Amount, *, wish: Value | None = None) -> Offer:
    """The amount on offer, as the least of the numbers that bound it. All sums in fen. `wish` = already worked out."""
    with naming(spec.clause):
        asked: Value | None = None
        high: Value | None = None
        if spec.kind == "choice":
            assert spec.low is not None and spec.high is not None
            low, high = walk.value(spec.low), walk.value(spec.high)
            asked = _asked(walk)
            wish = fig.extreme([fig.extreme([asked, low], max), high], min)
        else:
            low = 1
            if wish is None:
                assert spec.value is not None
                wish = walk.value(spec.value)
        if spec.round is not None:
            wish = _rounded(wish, spec.round, spec.round.mode)
    ceilings = tuple(_ceiling(walk, cap) for cap in spec.caps)
    amount: Value = fig.extreme([wish, *(ceiling.left for ceiling in ceilings)], min)
    floor = low if spec.kind == "choice" else fig.extreme([wish, 1], min)
    room = fig.compare(">=", fig.extreme([wish if high is None else high, *(ceiling.left for ceiling in ceilings)], min), floor)
    if spec.kind != "choice":
        room = fig.conjunction([room, fig.compare(">=", amount, 1)])
    amount = fig.extreme([amount, 0], max)
    steps = _steps(spec, amount, asked, low, high, wish, ceilings)
    if spec.round is not None:
        whole = _rounded(amount, spec.round, "down")
        if whole != amount and isinstance(whole, int):
            steps = (*steps, Step("round", spec.round.clause, spec.round.text, whole))
        amount, room = whole, fig.conjunction([room, fig.compare(">=", whole, 1)])
    return Offer(spec, amount, room, wish, low, high, asked, ceilings, steps)


def nothing_on_offer(spec: Amount) -> Offer:
    """The amount for a household that does not qualify, where it cannot even be worked out."""
    return Offer(spec, 0, False, 0, 0, None, None, (), ())


def _rounded(value: Value, rounding: Rounding, mode: str) -> Value:
    return fig.times(fig.per(value, rounding.to, mode), rounding.to)


def _asked(walk: Walk) -> Value:
    if "asked_fen" in walk.overrides:
        return walk.overrides["asked_fen"]
    known = walk.known.get("asked_fen")
    return unknown_fact(walk.frame.facts["asked_fen"], "asked_fen") if known is None else known


def _ceiling(walk: Walk, cap: Cap) -> Ceiling:
    with naming(cap.clause):
        limit = walk.value(cap.limit)
        used: Value = 0 if cap.paid is None else walk.value(cap.paid)
    return Ceiling(cap, limit, used, fig.plus(limit, fig.negative(used)))


def _steps(
    spec: Amount, amount: Value, asked: Value | None, low: Value, high: Value | None, wish: Value, ceilings: tuple[Ceiling, ...]
) -> tuple[Step, ...]:
    """Every number that was looked at; exactly one is binding once the amount is known."""
    rows: list[tuple[str, str, str, Value]] = []
    if asked is not None and high is not None:
        rows += [
            ("asked", spec.clause, spec.text, asked),
            ("low", spec.clause, spec.text, low),
            ("high", spec.clause, spec.text, high),
        ]
    else:
        rows.append(("value", spec.clause, spec.text, wish))
    rows += [("cap", ceiling.cap.clause, ceiling.cap.text, ceiling.left) for ceiling in ceilings]
    order = [place for kind in ("asked", "value", "cap", "high", "low") for place, row in enumerate(rows) if row[0] == kind]
    binding = next((place for place in order if not isinstance(amount, Unknown) and rows[place][3] == amount), None)
    return tuple(
        Step(kind, clause, text, None if isinstance(value, Unknown) else int(value), place == binding)
        for place, (kind, clause, text, value) in enumerate(rows)
    )


def reasons_for(pack: Pack, facts: Facts, walk: Walk, about: str, offer: Offer) -> list[Reason]:
    """The range and each ceiling as requirements: would the asked amount keep within them?"""
    spec = offer.spec
    rows: list[Reason] = []
    if offer.asked is not None and offer.high is not None and spec.low is not None and spec.high is not None:
        fits = fig.conjunction([fig.compare(">=", offer.asked, offer.low), fig.compare("<=", offer.asked, offer.high)])
        rows.append(
            Reason(
                clause=spec.clause,
                text=spec.text,
                value=_fen(offer.asked),
                threshold=_fen(offer.high),
                truth=truth_word(fits),
                source="；".join(dict.fromkeys(source_of(pack, facts, walk, node) for node in (spec.low, spec.high))),
                about=about,
                role="range",
                op="between",
                unit="fen",
                matters=fits is not True,
                demo=spec.demo,
                effect=_effect(fits, offer),
                missing=tuple(sorted(fig.missing_of(fits))),
                figures={"low": _fen(offer.low), "high": _fen(offer.high), "asked": _fen(offer.asked)},
            )
        )
    return rows + [_cap_reason(pack, facts, walk, about, offer, ceiling) for ceiling in offer.ceilings]


def _effect(fits: Truth, offer: Offer) -> str:
    """What a range does to an amount outside it."""
    if fits is not False or offer.asked is None:
        return ""
    return "raised" if fig.compare("<", offer.asked, offer.low) is True else "reduced"


def _cap_reason(pack: Pack, facts: Facts, walk: Walk, about: str, offer: Offer, ceiling: Ceiling) -> Reason:
    wanted = offer.asked if offer.asked is not None else offer.wish
    with_it = fig.plus(ceiling.used, wanted)
    fits = fig.compare("<=", with_it, ceiling.limit)
    too_little = fig.compare("<", ceiling.left, offer.low) is True
    return Reason(
        clause=ceiling.cap.clause,
        text=ceiling.cap.text,
        value=_fen(with_it),
        threshold=_fen(ceiling.limit),
        truth=truth_word(fits),
        source=source_of(pack, facts, walk, ceiling.cap.limit),
        about=about,
        role="cap",
        op="<=",
        unit="fen",
        matters=fits is not True,
        demo=ceiling.cap.demo,
        effect="refused" if too_little else "reduced" if fits is False else "",
        missing=tuple(sorted(fig.missing_of(fits))),
        figures={"used": _fen(ceiling.used), "left": _fen(ceiling.left), "limit": _fen(ceiling.limit)},
    )


def _fen(value: Value) -> int | None:
    return None if isinstance(value, Unknown) else int(value)
