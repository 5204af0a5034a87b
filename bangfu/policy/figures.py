"""Figures that may be partly known: exact whole numbers, or an interval that names what is missing.

A value in a rule is a plain int, bool or str when it is known, and an `Unknown` when a missing fact could still change
it. Days are ints here (proleptic ordinals). Nothing is rounded except by `per`. Source: contracts.md "Rules".
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

NOTHING: frozenset[str] = frozenset()


@dataclass(slots=True, eq=True)
class Unknown:
    """Not known yet: which facts are missing, and the bounds that hold whatever they turn out to be.

    `low`/`high` bound an int (None = no bound); `options` are the words a code can still be (None = any).
    `line` = (fact, a, b): the value is a·fact + b of one missing fact, which lets `settle` find where a truth flips.
    Nobody changes one once it is made; it is not `frozen` because thousands are made for a case, at twice the cost.
    """

    missing: frozenset[str]
    low: int | None = None
    high: int | None = None
    options: frozenset[str] | None = None
    line: tuple[str, int, int] | None = None

    def __hash__(self) -> int:
        return hash((self.missing, self.low, self.high))


Value = int | bool | str | Unknown
Truth = bool | Unknown


def missing_of(*values: Value) -> frozenset[str]:
    found = NOTHING
    for value in values:
        if value.__class__ is Unknown:
            found = found | value.missing if found else value.missing  # type: ignore[union-attr]
    return found


def low(value: Value) -> int | None:
    return value.low if isinstance(value, Unknown) else int(value)


def high(value: Value) -> int | None:
    return value.high if isinstance(value, Unknown) else int(value)


def interval(
    lowest: int | None, highest: int | None, missing: frozenset[str], line: tuple[str, int, int] | None = None
) -> int | Unknown:
    """An int once the bounds meet, else the interval."""
    if lowest is not None and lowest == highest:
        return lowest
    return Unknown(missing, lowest, highest, None, line)


def plus(a: Value, b: Value) -> int | Unknown:
    if not isinstance(a, Unknown):
        return int(a) + int(b) if not isinstance(b, Unknown) else _shifted(b, int(a))
    if not isinstance(b, Unknown):
        return _shifted(a, int(b))
    return interval(_add(a.low, b.low), _add(a.high, b.high), a.missing | b.missing)


def _shifted(a: Unknown, by: int) -> int | Unknown:
    line = None if a.line is None else (a.line[0], a.line[1], a.line[2] + by)
    return interval(_add(a.low, by), _add(a.high, by), a.missing, line)


def negative(a: Value) -> int | Unknown:
    if not isinstance(a, Unknown):
        return -int(a)
    line = None if a.line is None else (a.line[0], -a.line[1], -a.line[2])
    return interval(None if a.high is None else -a.high, None if a.low is None else -a.low, a.missing, line)


def times(a: Value, b: Value) -> int | Unknown:
    if not isinstance(a, Unknown) and not isinstance(b, Unknown):
        return int(a) * int(b)
    if not isinstance(a, Unknown):
        return _scaled(b, int(a))  # type: ignore[arg-type]
    if not isinstance(b, Unknown):
        return _scaled(a, int(b))
    corners = [_mul(x, y) for x in (_edge(a, 0), _edge(a, 1)) for y in (_edge(b, 0), _edge(b, 1))]
    return interval(_finite(min(corners)), _finite(max(corners)), a.missing | b.missing)


def _scaled(a: Unknown, by: int) -> int | Unknown:
    if by == 0:
        return 0
    low, high = (a.low, a.high) if by > 0 else (a.high, a.low)
    line = None if a.line is None else (a.line[0], a.line[1] * by, a.line[2] * by)
    return interval(None if low is None else low * by, None if high is None else high * by, a.missing, line)


def per(top: Value, bottom: Value, mode: str) -> int | Unknown:
    """top / bottom in whole numbers. half_up, down and up round the absolute value, as people do on paper.

    Raises ZeroDivisionError when the divisor is 0.
    """
    if not isinstance(top, Unknown) and not isinstance(bottom, Unknown):
        return divide(int(top), int(bottom), mode)
    if bottom == 0:
        raise ZeroDivisionError
    least, most = low(bottom), high(bottom)
    if least is None or least < 1:
        return Unknown(missing_of(top, bottom))
    tops = (_edge(top, 0), _edge(top, 1))
    corners = [_quotient(x, y, mode) for x in tops for y in (least, most)]
    return interval(_finite(min(corners)), _finite(max(corners)), missing_of(top, bottom))


def divide(top: int, bottom: int, mode: str) -> int:
    """Whole-number division by the rounding rule `mode` ("half_up", "down", "up"), on the absolute value."""
    sign = -1 if (top < 0) != (bottom < 0) else 1
    whole, rest = divmod(abs(top), abs(bottom))
    if mode == "up":
        whole += rest > 0
    elif mode == "half_up":
        whole += rest * 2 >= abs(bottom)
    return sign * whole


def elapsed(unit: str, start: Value, end: Value) -> int | Unknown:
    """Whole months or years from one day to another, as on a calendar; a day that the last month lacks is not reached."""
    return interval(_elapsed(unit, high(start), low(end)), _elapsed(unit, low(start), high(end)), missing_of(start, end))


def _elapsed(unit: str, start: int | None, end: int | None) -> int | None:
    if start is None or end is None:
        return None
    a, b = date.fromordinal(start), date.fromordinal(end)
    months = (b.year * 12 + b.month) - (a.year * 12 + a.month) - (b.day < a.day)
    return months if unit == "month" else months // 12


def extreme(values: Iterable[Value], pick: Callable[..., int]) -> int | Unknown:
    """least (pick=min) or greatest (pick=max) of figures."""
    parts = list(values)
    if Unknown not in map(type, parts):
        return int(pick(parts))
    lows, highs = [low(part) for part in parts], [high(part) for part in parts]
    near, far = (
        (highs, lows) if pick is min else (lows, highs)
    )  # one bound on the near side holds for all, on the far side each counts
    bound = pick([one for one in near if one is not None], default=None)
    limit = None if None in far else pick(far)
    lowest, highest = (limit, bound) if pick is min else (bound, limit)
    return interval(lowest, highest, missing_of(*parts))


def join(values: Iterable[Value], missing: frozenset[str]) -> Value:
    """What holds of a value that is one of these, while `missing` decides which."""
    parts = list(values)
    first = parts[0]
    if not isinstance(first, Unknown) and all(part == first and type(part) is type(first) for part in parts):
        return first
    missing |= missing_of(*parts)
    if any(isinstance(part, str) or (isinstance(part, Unknown) and part.options is not None) for part in parts):
        words: set[str] = set()
        for part in parts:
            if isinstance(part, Unknown):
                if part.options is None:
                    return Unknown(missing)
                words |= part.options
            else:
                words.add(str(part))
        return Unknown(missing, options=frozenset(words))
    if any(isinstance(part, bool) for part in parts):
        return Unknown(missing)
    return Unknown(missing, _finite(min(_edge(part, 0) for part in parts)), _finite(max(_edge(part, 1) for part in parts)))


def compare(op: str, a: Value, b: Value) -> Truth:
    """True, False, or Unknown while the bounds of the two sides still overlap."""
    if isinstance(a, Unknown) or isinstance(b, Unknown):
        verdict = _overlap(op, a, b)
        return Unknown(missing_of(a, b)) if verdict is None else verdict
    match op:
        case "=":
            return a == b
        case "<>":
            return a != b
        case "<":
            return a < b  # type: ignore[operator]
        case "<=":
            return a <= b  # type: ignore[operator]
        case ">":
            return a > b  # type: ignore[operator]
    return a >= b  # type: ignore[operator]


def among(item: Value, options: Iterable[Value]) -> Truth:
    """x in (…): known as soon as every value x can still have is inside, or none is."""
    wanted = set(options)
    if not isinstance(item, Unknown):
        return item in wanted
    if item.options is not None:
        if item.options <= wanted:
            return True
        return Unknown(item.missing) if item.options & wanted else False
    if item.low is None and item.high is None:
        return Unknown(item.missing)
    reach = [word for word in wanted if compare("=", item, word) is not False]
    return Unknown(item.missing) if reach else False


def conjunction(parts: list[Truth], op: str = "and") -> Truth:
    """Kleene and / or: one False (True) decides, else unknown while any part is."""
    decides = op == "or"
    missing = NOTHING
    for part in parts:
        if isinstance(part, Unknown):
            missing |= part.missing
        elif part is decides:
            return decides
    return Unknown(missing) if missing else not decides


def inverse(part: Truth) -> Truth:
    return part if isinstance(part, Unknown) else not part


INFINITE = float("inf")


def _edge(value: Value, side: int) -> float:
    if not isinstance(value, Unknown):
        return int(value)
    bound = value.high if side else value.low
    if bound is None:
        return INFINITE if side else -INFINITE
    return bound


def _finite(bound: float) -> int | None:
    return None if bound in (INFINITE, -INFINITE) else int(bound)


def _add(a: int | None, b: int | None) -> int | None:
    return None if a is None or b is None else a + b


def _mul(a: float, b: float) -> float:
    return 0 if a == 0 or b == 0 else a * b


def _quotient(top: float, bottom: int | None, mode: str) -> float:
    if top in (INFINITE, -INFINITE):
        return top if bottom is not None else 0
    if bottom is None:
        return 0 if mode != "up" or top == 0 else (1 if top > 0 else -1)
    return divide(int(top), bottom, mode)


def _overlap(op: str, a: Value, b: Value) -> bool | None:
    """What can be said already of a comparison one of whose sides is not known; None = nothing."""
    if _is_word(a) or _is_word(b):
        words = [part.options if isinstance(part, Unknown) else frozenset({part}) for part in (a, b) if not isinstance(part, int)]
        if len(words) == 2 and None not in words and not words[0] & words[1]:  # type: ignore[operator]
            return op == "<>"
        return None
    if isinstance(a, bool) or isinstance(b, bool):
        return None
    if op in (">", ">="):
        return _overlap("<" if op == ">" else "<=", b, a)
    low_a, high_a = (a.low, a.high) if isinstance(a, Unknown) else (a, a)
    low_b, high_b = (b.low, b.high) if isinstance(b, Unknown) else (b, b)
    if op == "<":
        if high_a is not None and low_b is not None and high_a < low_b:  # type: ignore[operator]
            return True
        return False if low_a is not None and high_b is not None and low_a >= high_b else None  # type: ignore[operator]
    above = low_a is not None and high_b is not None and low_a > high_b  # type: ignore[operator]
    if op == "<=":
        if high_a is not None and low_b is not None and high_a <= low_b:  # type: ignore[operator]
            return True
        return False if above else None
    below = high_a is not None and low_b is not None and high_a < low_b  # type: ignore[operator]
    return (op == "<>") if below or above else None


def _is_word(value: Value) -> bool:
    return value.options is not None if isinstance(value, Unknown) else isinstance(value, str)
