"""How much: a fixed sum, a formula, or the officer's choice within a range — and the ceilings it is the least of.

Source: S1-1, S1-2 (fixed), S1-3 (1,000-5,000 each time, 10,000 a person and year).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.closures import unknown_fact
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.outcome import Reason, Step, truth_word
from bangfu.policy.pack import Amount, Cap, Rounding
from bangfu.policy.reads import Reads
from bangfu.policy.reasoning import Teller
from bangfu.policy.stops import naming
from bangfu.policy.walker import Frame, Walk

_FIRST = ("asked", "value", "cap", "high", "low")  # of several numbers that are the amount, the first of these is said to bind


class Ceiling(NamedTuple):
    """A cap with its figures: the limit, what already counts against it, what is left."""

    cap: Cap
    limit: Value
    used: Value
    left: Value


class Offer(NamedTuple):
    """The amount and whether there is room for it. `wish` = what it would be without ceilings over time."""

    spec: Amount
    amount: Value
    room: Truth
    wish: Value
    low: Value
    high: Value | None
    asked: Value | None
    ceilings: tuple[Ceiling, ...]
    exact: Value | None  # the amount before it was brought to whole multiples; None = nothing was worked out

    @property
    def asked_fen(self) -> int | None:
        return self.asked if isinstance(self.asked, int) else None

    @property
    def steps(self) -> tuple[Step, ...]:
        """Every number that was looked at; exactly one is binding once the amount is known."""
        if self.exact is None:
            return ()
        spec = self.spec
        rows: list[tuple[str, str, str, Value]] = []
        if self.asked is not None and self.high is not None:
            numbers = (("asked", self.asked), ("low", self.low), ("high", self.high))
            rows += [(kind, spec.clause, spec.text, value) for kind, value in numbers]
        else:
            rows.append(("value", spec.clause, spec.text, self.wish))
        rows += [("cap", ceiling.cap.clause, ceiling.cap.text, ceiling.left) for ceiling in self.ceilings]
        binding = None
        if not isinstance(self.exact, Unknown):
            fitting = [(_FIRST.index(row[0]), place) for place, row in enumerate(rows) if row[3] == self.exact]
            binding = min(fitting, default=(0, None))[1]
        steps = [Step(kind, clause, text, _fen(value), place == binding) for place, (kind, clause, text, value) in enumerate(rows)]
        if spec.round is not None and self.amount != self.exact and isinstance(self.amount, int):
            steps.append(Step("round", spec.round.clause, spec.round.text, self.amount))
        return tuple(steps)


def nodes_of_amount(spec: Amount) -> Iterator[ex.Node]:
    """All that an amount is worked out from."""
    yield from (node for node in (spec.value, spec.low, spec.high) if node is not None)
    for cap in spec.caps:
        yield from (node for node in (cap.limit, cap.paid) if node is not None)
    if spec.kind == "choice":
        yield ex.Name("asked_fen")


def _reads_of_amount(frame: Frame, spec: Amount) -> tuple[Reads, Amount]:
    return frame.reads(nodes_of_amount(spec)), spec


def work_out(walk: Walk, spec: Amount, *, wish: Value | None = None) -> Offer:
    """The amount on offer, as the least of the numbers that bound it. All sums in fen. `wish` = already worked out."""
    if wish is not None:
        return _worked_out(walk, spec, wish)
    reads, _spec = walk.frame.once(id(spec), _reads_of_amount, walk.frame, spec)
    return walk.found(id(spec), reads, _worked_out, spec)


def _worked_out(walk: Walk, spec: Amount, wish: Value | None = None) -> Offer:
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
    exact = amount = fig.extreme([amount, 0], max)
    if spec.round is not None:
        amount = _rounded(amount, spec.round, "down")
        room = fig.conjunction([room, fig.compare(">=", amount, 1)])
    return Offer(spec, amount, room, wish, low, high, asked, ceilings, exact)


def nothing_on_offer(spec: Amount) -> Offer:
    """The amount for a household that does not qualify, where it cannot even be worked out."""
    return Offer(spec, 0, False, 0, 0, None, None, (), None)


def _rounded(value: Value, rounding: Rounding, mode: str) -> Value:
    return fig.times(fig.per(value, rounding.to, mode), rounding.to)


def _asked(walk: Walk) -> Value:
    asked = walk.household.get("asked_fen")
    return unknown_fact(walk.frame.facts["asked_fen"], "asked_fen") if asked is None else asked


def _ceiling(walk: Walk, cap: Cap) -> Ceiling:
    with naming(cap.clause):
        limit = walk.value(cap.limit)
        used: Value = 0 if cap.paid is None else walk.value(cap.paid)
    return Ceiling(cap, limit, used, fig.plus(limit, fig.negative(used)))


def reasons_for(teller: Teller, about: str, offer: Offer) -> list[Reason]:
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
                source="；".join(dict.fromkeys(teller.source(node) for node in (spec.low, spec.high))),
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
    return rows + [_cap_reason(teller, about, offer, ceiling) for ceiling in offer.ceilings]


def _effect(fits: Truth, offer: Offer) -> str:
    """What a range does to an amount outside it."""
    if fits is not False or offer.asked is None:
        return ""
    return "raised" if fig.compare("<", offer.asked, offer.low) is True else "reduced"


def _cap_reason(teller: Teller, about: str, offer: Offer, ceiling: Ceiling) -> Reason:
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
        source=teller.source(ceiling.cap.limit),
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
