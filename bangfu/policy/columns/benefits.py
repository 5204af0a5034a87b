"""Programmes: is one due, and how much is suggested. As `amounts.work_out`."""

from __future__ import annotations

from bangfu.policy.columns.fragments import Sql, sql
from bangfu.policy.columns.judging import Judging, check
from bangfu.policy.columns.uses import ANY, DOWN, UP, Uses
from bangfu.policy.columns.values import Left, Num, Truth, number, unknown
from bangfu.policy.pack import Amount, Programme, Rounding


def judged(j: Judging, programme: Programme) -> tuple[Truth, Sql | int | None]:
    """Is it due, and the amount in fen (NULL = cannot be said yet, 0 = not due)."""
    check(programme)
    parts = [j.tree(programme.requires, about=programme.id)]
    parts += [j.rule(rule, about=programme.id, role="once") for rule in programme.once]
    parts += [j.rule(rule, about=programme.id, role="excludes") for rule in programme.excludes]
    amount, room = offer(j, programme)
    truth = j.named(j.terms.both("and", [*parts, room]))
    uses = j.uses()
    uses.tree(programme.requires)
    for rule in programme.bars:
        uses.node(rule.node, UP)
    _amount_uses(j, uses, programme.amount)
    j.ask.append(j.flag(j.doubtful(uses, unknown(truth))))
    return Truth(truth.sql, truth.nullable), _suggested(j, truth, amount)


def _amount_uses(j: Judging, uses: Uses, spec: Amount) -> None:
    if spec.kind == "choice":
        assert spec.low is not None and spec.high is not None
        uses.node(spec.low, DOWN)
        uses.node(spec.high, UP)
    else:
        assert spec.value is not None
        uses.node(spec.value, ANY, loose=True)
    for cap in spec.caps:
        uses.node(cap.limit, UP)
        if cap.paid is not None:
            uses.node(cap.paid, DOWN)


def offer(j: Judging, programme: Programme) -> tuple[Num, Truth]:
    """As `amounts.work_out`; notes the range and the ceilings as reasons."""
    spec = programme.amount
    check(spec)
    terms = j.terms
    asked: Num | None = None
    high: Num | None = None
    if spec.kind == "choice":
        assert spec.low is not None and spec.high is not None
        low, high = j.house.number(spec.low), j.house.number(spec.high)
        asked = j.num(j.house._fact(j.pack.vocabulary.facts["asked_fen"]))
        wish = terms.extreme("least", [terms.extreme("greatest", [asked, low]), high])
    else:
        if spec.value is None:
            raise Left(f"amount {spec.kind}")
        low, wish = number(1), j.house.number(spec.value)
    if spec.round is not None:
        wish = _rounded(j, wish, spec.round, spec.round.mode)
    wish = j.num(terms.keep(wish))
    lefts, used = [], []
    for cap in spec.caps:
        check(cap)
        limit = j.house.number(cap.limit)
        paid = number(0) if cap.paid is None else j.house.number(cap.paid)
        used.append((limit, paid))
        lefts.append(j.num(terms.keep(terms.plus(limit, terms.negative(paid)))))
    amount = j.num(terms.keep(terms.extreme("least", [wish, *lefts]) if lefts else wish))
    floor = low if high is not None else terms.extreme("least", [wish, number(1)])
    top = terms.extreme("least", [wish if high is None else high, *lefts]) if lefts else (wish if high is None else high)
    room = terms.compare(">=", top, floor)
    if high is None:
        more = terms.compare(">=", amount, number(1))
        known = all(part.is_known for part in (wish, *lefts))
        room = more if known else terms.both("and", [room, more])  # all known: then the first follows from the second
    amount = j.num(terms.keep(terms.extreme("greatest", [amount, number(0)])))
    if spec.round is not None:
        amount = _rounded(j, amount, spec.round, "down")
        room = terms.both("and", [room, terms.compare(">=", amount, number(1))])
    j.asked(amount, room)
    if asked is not None and high is not None:
        fits = terms.both("and", [terms.compare(">=", asked, low), terms.compare("<=", asked, high)])
        j.note(programme.id, "range", spec.clause, spec.text, fits)
    for cap, (limit, paid) in zip(spec.caps, used, strict=True):
        with_it = terms.plus(paid, asked if asked is not None else wish)
        j.note(programme.id, "cap", cap.clause, cap.text, terms.compare("<=", with_it, limit))
    return amount, Truth(room.sql, room.nullable)


def _rounded(j: Judging, value: Num, rounding: Rounding, mode: str) -> Num:
    """In whole multiples of `to` fen."""
    whole = j.num(j.terms.keep(j.terms.per(value, number(rounding.to), mode)))
    return j.num(j.terms.keep(j.terms.times(whole, number(rounding.to))))


def _suggested(j: Judging, truth: Truth, amount: Num) -> Sql | int | None:
    if truth.sql is False:
        return 0
    if truth.sql is None:
        return None
    loose = unknown(amount)
    known: Sql | int | None = None if loose is True or amount.lo is None else amount.lo
    if known is not None and loose is not False:
        known = sql("(CASE WHEN NOT {} THEN {} END)", loose, known)
    if truth.sql is True:
        return known
    value: Sql | int = Sql("NULL") if known is None else known
    if truth.nullable:
        return sql("(CASE WHEN {0} THEN {1} WHEN NOT {0} THEN 0 END)", truth.sql, value)
    return sql("(CASE WHEN {} THEN {} ELSE 0 END)", truth.sql, value)
