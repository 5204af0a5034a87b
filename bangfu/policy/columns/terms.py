"""The operations of the language as SQL: numbers with bounds, truths with NULL, what depends on a condition. As `figures.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bangfu.policy.columns.bounds import (
    case,
    case_open,
    column_type,
    compare_words,
    either_truth,
    either_word,
    extreme_bound,
    flags_with,
    inverted,
    is_zero,
    may_be,
    minus_bound,
    never,
    none_at_zero,
    opened,
    or_zero,
    plainly,
    plus_bound,
    scaled,
    surely,
    three_way,
    times_bound,
    where_not,
    while_open,
    widened,
)
from bangfu.policy.columns.fragments import Layers, Sql, all_of, any_of, sql, words
from bangfu.policy.columns.values import (
    Bound,
    Num,
    Term,
    Truth,
    Word,
    flags,
    unknown,
)


class Terms:
    """The operations; long results are named in `layers`."""

    def __init__(self, layers: Layers) -> None:
        self.layers = layers

    def kept(self, bound: Bound) -> Bound:
        return self.layers.shortened(bound) if isinstance(bound, Sql) else bound

    def keep(self, term: Term) -> Term:
        """The same with long texts named."""
        short: dict[str, Any] = {"unsure": self._flag(term.unsure), "stop": self._flag(term.stop)}
        if isinstance(term, Num):
            same = term.is_plain
            lo = self.kept(term.lo)
            return replace(term, lo=lo, hi=lo if same else self.kept(term.hi), **short)
        if isinstance(term, Word) and term.coded is not None:
            short["coded"] = self.layers.shortened(term.coded)
        found = self.layers.shortened(term.sql) if isinstance(term.sql, Sql) else term.sql
        return replace(term, sql=found, **short)  # type: ignore[arg-type]

    def _flag(self, flag: Sql | bool) -> Sql | bool:
        return self.layers.shortened(flag) if isinstance(flag, Sql) else flag

    # --- numbers ---

    def plus(self, a: Num, b: Num) -> Num:
        least, most = a.least + b.least, a.most + b.most
        wide = column_type(least, most)
        lo = plus_bound(a.lo, b.lo, wide)
        hi = lo if a.is_plain and b.is_plain else plus_bound(a.hi, b.hi, wide)
        return Num(lo, hi, least, most, a.lo_open or b.lo_open, a.hi_open or b.hi_open, **flags(a, b))

    def negative(self, a: Num) -> Num:
        lo = minus_bound(a.hi)
        return Num(lo, lo if a.is_plain else minus_bound(a.lo), -a.most, -a.least, a.hi_open, a.lo_open, a.unsure, a.stop)

    def times(self, a: Num, b: Num) -> Num:
        corners = [x * y for x in (a.least, a.most) for y in (b.least, b.most)]
        least, most = min(corners), max(corners)
        wide = column_type(least, most)
        joined = flags(a, b)
        if a.is_plain and b.is_plain and not (a.lo_open or b.lo_open):
            product = times_bound(a.lo, b.lo, wide)
            return Num(product, product, least, most, **joined)
        if b.is_known and b.least >= 0:
            a, b = b, a
        if a.is_known and a.least >= 0:
            lo, hi = (scaled(a, bound, wide) for bound in (b.lo, b.hi))
            if b.is_plain:
                hi = lo
            return Num(lo, hi, min(least, 0), max(most, 0), b.lo_open, b.hi_open, **joined)
        if a.is_natural and b.is_natural:
            lo = times_bound(a.lo, b.lo, wide)
            hi = none_at_zero(a.hi, b.hi, wide)
            return Num(lo, hi, 0, max(most, 0), False, True, **joined)
        both = any_of(unknown(a), unknown(b))  # signs not known: the walker works out the corners
        value = where_not(both, times_bound(or_zero(a.lo), or_zero(b.lo), wide))
        return Num(value, value, min(least, 0), max(most, 0), True, True, any_of(joined["unsure"], both), joined["stop"])

    def per(self, top: Num, bottom: Num, mode: str) -> Num:
        joined = flags(top, bottom)
        far = max(abs(top.least), abs(top.most)) + (1 if mode == "up" else 0)
        joined["stop"] = any_of(joined["stop"], is_zero(bottom))
        if bottom.is_known and bottom.least >= 1:
            lo = self._divide(top.lo, bottom, top, mode)
            hi = lo if top.is_plain else self._divide(top.hi, bottom, top, mode)
            least = 0 if top.least >= 0 else -far
            return Num(lo, hi, least, max(far, 0), top.lo_open, top.hi_open, **joined)
        loose = unknown(bottom)
        small = sql("(coalesce({}, 0) < 1)", bottom.lo) if isinstance(bottom.lo, Sql) else bottom.lo is None or bottom.lo < 1
        value = where_not(any_of(loose, unknown(top)), self._divide(or_zero(top.lo), bottom, top, mode))
        asked = any_of(all_of(loose, inverted(small)), all_of(unknown(top), inverted(loose)))
        return Num(value, value, -far, far, True, True, any_of(joined["unsure"], asked), joined["stop"])

    def _divide(self, top: Bound, bottom: Num, range_: Num, mode: str) -> Bound:
        """Whole-number division on the absolute value, as `figures.divide`."""
        below = bottom.lo
        if top is None or below is None:
            return None
        far = max(abs(range_.least), abs(range_.most))
        wide = column_type(
            -2 * far - max(abs(bottom.least), abs(bottom.most)), 2 * far + 2 * max(abs(bottom.least), abs(bottom.most))
        )
        if isinstance(top, Sql):
            top = self.layers.shortened(top)
        if isinstance(below, Sql):
            below = self.layers.shortened(below)
        signs = range_.least >= 0 and bottom.least >= 0
        a, b = (top, below) if signs else (sql("abs({})", top), sql("abs({})", below))
        a = widened(a, wide)
        safe: Sql | int = b if bottom.least >= 1 and isinstance(b, int) else sql("nullif({}, 0)", b)
        if isinstance(b, Sql) and bottom.least >= 1:
            safe = b
        whole = {
            "down": lambda: sql("({} // {})", a, safe),
            "up": lambda: sql("(({} + {} - 1) // {})", a, b, safe),
            "half_up": lambda: sql("(({} * 2 + {}) // ({} * 2))", a, b, safe),
        }[mode]()
        if signs:
            return whole
        return sql("(CASE WHEN ({} < 0) <> ({} < 0) THEN -{} ELSE {} END)", top, below, whole, whole)

    def extreme(self, kind: str, parts: list[Num]) -> Num:
        joined = flags(*parts)
        pick = min if kind == "least" else max
        least, most = pick(part.least for part in parts), pick(part.most for part in parts)
        if any(part.lo_open or part.hi_open for part in parts):
            least, most = min(part.least for part in parts), max(part.most for part in parts)
        lows, highs = [part.lo for part in parts], [part.hi for part in parts]
        inner, outer = (highs, lows) if kind == "least" else (lows, highs)
        loose = [part.lo_open if kind == "least" else part.hi_open for part in parts]
        near = extreme_bound(kind, inner, every=False)  # a lacking bound on this side does not bind
        far = extreme_bound(kind, outer, every=True, loose=loose)  # … on that side it opens all
        lo, hi = (far, near) if kind == "least" else (near, far)
        lo_open = any(part.lo_open for part in parts) if kind == "least" else all(part.lo_open for part in parts)
        hi_open = all(part.hi_open for part in parts) if kind == "least" else any(part.hi_open for part in parts)
        if all(part.is_known for part in parts):
            hi = lo
        return Num(lo, hi, least, most, lo_open, hi_open, **joined)

    # --- truths ---

    def compare(self, op: str, a: Term, b: Term) -> Truth:
        joined = flags(a, b)
        if isinstance(a, Num) and isinstance(b, Num):
            found = self._compare_numbers(op, a, b)
        elif isinstance(a, Word) and isinstance(b, Word):
            found = compare_words(op, a, b)
        elif isinstance(a, Truth) and isinstance(b, Truth):
            found = plainly(op, a.sql, b.sql, a.nullable or b.nullable)
        else:
            raise AssertionError((op, a, b))
        return replace(found, unsure=any_of(found.unsure, joined["unsure"]), stop=joined["stop"])

    def _compare_numbers(self, op: str, a: Num, b: Num) -> Truth:
        if a.is_plain and b.is_plain:
            return plainly(op, a.lo, b.lo, a.lo_open or b.lo_open)
        if op in (">", ">="):
            return self._compare_numbers("<" if op == ">" else "<=", b, a)
        if op in ("=", "<>"):
            apart = any_of(surely("<", a.hi, b.lo), surely("<", b.hi, a.lo))
            equal = all_of(inverted(unknown(a)), inverted(unknown(b)))
            return three_way(apart, equal) if op == "<>" else three_way(equal, apart, first_false=True)
        other = "<=" if op == "<" else "<"
        return three_way(surely(op, a.hi, b.lo), surely(other, b.hi, a.lo))

    def among(self, item: Term, wanted: tuple[int | str | bool, ...]) -> Truth:
        """x in (…)."""
        joined = flags(item)
        if not wanted:
            return Truth(False, **joined)
        options = words(dict.fromkeys(wanted))
        if isinstance(item, Word):
            if isinstance(item.sql, str):
                return Truth(item.sql in wanted, **joined)
            open_ = while_open(item, frozenset(str(one) for one in wanted))
            if item.sql is None:
                return Truth(open_, open_ is None, **joined)
            if item.coded is not None:
                places = sorted(item.words.index(str(one)) for one in set(wanted) if one in item.words)
                if not places:
                    return replace(never(item, False, open_), **joined)
                return opened(sql(f"({{}} IN ({words(places)}))", item.coded), item.nullable, open_, joined)
            found = sql(f"({{}} IN ({options}))", item.sql)
            return opened(found, item.nullable, open_, joined)
        if isinstance(item, Truth):
            if item.sql is None or isinstance(item.sql, bool):
                return Truth(None if item.sql is None else item.sql in wanted, item.sql is None, **joined)
            return Truth(sql(f"({{}} IN ({options}))", item.sql), item.nullable, **joined)
        if item.is_plain:
            if isinstance(item.lo, int):
                return Truth(item.lo in wanted, **joined)
            assert item.lo is not None
            return Truth(sql(f"({{}} IN ({options}))", item.lo), item.lo_open, **joined)
        reach = any_of(*(inverted(any_of(surely("<", item.hi, int(one)), surely("<", int(one), item.lo))) for one in wanted))
        known = inverted(unknown(item))
        inside = all_of(known, sql(f"coalesce({{}} IN ({options}), FALSE)", item.lo)) if isinstance(item.lo, Sql) else False
        return replace(three_way(inside, inverted(reach)), **joined)

    def both(self, op: str, parts: list[Truth]) -> Truth:
        """Kleene and / or: what SQL does by itself."""
        joined = flags(*parts)
        decides = op == "or"
        kept: list[Sql] = []
        is_open = False
        for part in parts:
            if part.sql is decides:
                return Truth(decides, **joined)
            if part.sql is None:
                is_open = True
            elif isinstance(part.sql, Sql):
                kept.append(part.sql)
        kept = list(dict.fromkeys(kept))
        if not kept:
            return Truth(None, True, **joined) if is_open else Truth(not decides, **joined)
        words = [str(part) for part in kept] + (["CAST(NULL AS BOOLEAN)"] if is_open else [])
        level = max(part.level for part in kept)
        found = kept[0] if len(words) == 1 else Sql("(" + f" {op.upper()} ".join(words) + ")", level)
        return Truth(found, is_open or any(part.nullable for part in parts), **joined)

    def inverse(self, part: Truth) -> Truth:
        if part.sql is None:
            return part
        return replace(part, sql=(not part.sql) if isinstance(part.sql, bool) else sql("(NOT {})", part.sql))

    # --- what depends on a condition ---

    def choose(self, branches: list[tuple[Truth, Term]], default: Term) -> Term:
        """case when … else …; while a condition is unknown, everything that can still come out."""
        result = default
        for condition, part in reversed(branches):
            result = self.keep(self._either(condition, part, result))
        # a later condition may be worked out for the reasons even where an earlier one decides
        return replace(result, stop=any_of(result.stop, *(condition.stop for condition, _part in branches)))

    def _either(self, condition: Truth, part: Term, rest: Term) -> Term:
        if condition.sql is True:
            return replace(part, **flags_with(part, condition))
        if condition.sql is False:
            return replace(rest, **flags_with(rest, condition))
        here = may_be(condition, True)
        there = may_be(condition, False)
        unsure = any_of(condition.unsure, all_of(here, part.unsure), all_of(there, rest.unsure))
        stop = any_of(condition.stop, all_of(here, part.stop), all_of(there, rest.stop))
        both: dict[str, Any] = {"unsure": unsure, "stop": stop}
        if isinstance(part, Num) and isinstance(rest, Num):
            return replace(self._either_number(condition, part, rest), **both)
        if isinstance(part, Truth) and isinstance(rest, Truth):
            return either_truth(condition, part, rest, both)
        assert isinstance(part, Word) and isinstance(rest, Word)
        return either_word(condition, part, rest, both)

    def _either_number(self, condition: Truth, part: Num, rest: Num) -> Num:
        least, most = min(part.least, rest.least), max(part.most, rest.most)
        lo_open, hi_open = part.lo_open or rest.lo_open, part.hi_open or rest.hi_open
        if condition.sql is None:
            lo, hi = (
                extreme_bound("least", [part.lo, rest.lo], every=True),
                extreme_bound("greatest", [part.hi, rest.hi], every=True),
            )
            return Num(lo, hi, least, most, lo_open, hi_open)
        if not condition.nullable:
            lo = case(condition.sql, part.lo, rest.lo)
            hi = lo if part.is_plain and rest.is_plain else case(condition.sql, part.hi, rest.hi)
            return Num(lo, hi, least, most, lo_open, hi_open)
        lo = case_open(condition.sql, part.lo, rest.lo, extreme_bound("least", [part.lo, rest.lo], every=True))
        hi = case_open(condition.sql, part.hi, rest.hi, extreme_bound("greatest", [part.hi, rest.hi], every=True))
        return Num(lo, hi, least, most, lo_open, hi_open)
