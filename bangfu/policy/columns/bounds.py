"""Bounds, truths and words as pieces of SQL: the small steps behind the operations of `terms.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from bangfu.policy.columns.fragments import Sql, any_of, sql
from bangfu.policy.columns.values import (
    LARGE,
    MIDDLE,
    SMALL,
    Bound,
    Left,
    Num,
    Term,
    Truth,
    Word,
    unknown,
)


def column_type(least: int, most: int) -> str:
    """The type that operands have to be widened to so that the result fits; "" = 32 bits hold it. Raises Left beyond 128."""
    far = max(-least, most)
    if far > LARGE:
        raise Left("too large")
    return "" if far <= SMALL else "BIGINT" if far <= MIDDLE else "HUGEINT"


def widened(part: Sql | int, wide: str) -> Sql | int:
    return sql(f"CAST({{}} AS {wide})", part) if wide else part


def plus_bound(a: Bound, b: Bound, wide: str) -> Bound:
    if a is None or b is None:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a + b
    if a == 0:
        return b
    if b == 0:
        return a
    return sql("({} + {})", widened(a, wide), b)


def minus_bound(a: Bound) -> Bound:
    if a is None or isinstance(a, int):
        return None if a is None else -a
    return sql("(-{})", a)


def times_bound(a: Bound, b: Bound, wide: str) -> Bound:
    if a is None or b is None:
        return None
    if isinstance(a, int) and isinstance(b, int):
        return a * b
    if a == 0 or b == 0:
        return 0
    if a == 1:
        return b
    if b == 1:
        return a
    return sql("({} * {})", widened(a, wide), b)


def scaled(factor: Num, bound: Bound, wide: str) -> Bound:
    """A known number >= 0 times a bound; 0 times no bound is 0."""
    product = times_bound(factor.lo, bound, wide)
    if factor.least >= 1:
        return product
    if product is None:
        return sql("(CASE WHEN {} = 0 THEN 0 END)", factor.lo) if isinstance(factor.lo, Sql) else (0 if factor.lo == 0 else None)
    return sql("(CASE WHEN {} = 0 THEN 0 ELSE {} END)", factor.lo, product) if isinstance(factor.lo, Sql) else product


def none_at_zero(a: Bound, b: Bound, wide: str) -> Bound:
    product = times_bound(a, b, wide)
    zeros = [sql("{} = 0", bound) for bound in (a, b) if isinstance(bound, Sql)]
    if 0 in (a, b):
        return 0
    if not zeros:
        return product
    where = " OR ".join(zero.text for zero in zeros)
    level = max(zero.level for zero in zeros)
    if product is None:
        return Sql(f"(CASE WHEN {where} THEN 0 END)", level)
    return Sql(f"(CASE WHEN {where} THEN 0 ELSE {product} END)", max(level, product.level if isinstance(product, Sql) else 0))


def or_zero(bound: Bound) -> Sql | int:
    return 0 if bound is None else bound


def where_not(condition: Sql | bool, value: Bound) -> Bound:
    if condition is True or value is None:
        return None
    if condition is False:
        return value
    return sql("(CASE WHEN {} THEN NULL ELSE {} END)", condition, value)


def inverted(condition: Sql | bool) -> Sql | bool:
    return (not condition) if isinstance(condition, bool) else sql("(NOT {})", condition)


def is_zero(number_: Num) -> Sql | bool:
    """Known to be 0: what stops a division."""
    if number_.least > 0 or number_.most < 0:
        return False
    if isinstance(number_.lo, int) and isinstance(number_.hi, int):
        return number_.lo == 0 == number_.hi
    if number_.lo is None or number_.hi is None:
        return False
    if number_.is_plain:
        return sql("coalesce({} = 0, FALSE)" if number_.lo_open else "({} = 0)", number_.lo)
    return sql("coalesce({} = 0 AND {} = 0, FALSE)", number_.lo, number_.hi)


def extreme_bound(kind: str, bounds: list[Bound], *, every: bool, loose: list[bool] | None = None) -> Bound:
    """least / greatest; `every`: NULL as soon as one bound lacks, else lacking ones are passed over. `loose` = may lack."""
    may_lack = {bound for bound, one in zip(bounds, loose or [True] * len(bounds), strict=True) if one}
    there = [bound for bound in bounds if bound is not None]
    if not there or (every and len(there) < len(bounds)):
        return None
    if all(isinstance(bound, int) for bound in there):
        return (min if kind == "least" else max)(bound for bound in there if isinstance(bound, int))
    there = list(dict.fromkeys(there))
    if len(there) == 1:
        return there[0]
    found = Sql(
        f"{kind}({', '.join(str(bound) for bound in there)})", max(bound.level for bound in there if isinstance(bound, Sql))
    )
    lacks = [bound for bound in there if isinstance(bound, Sql) and bound in may_lack]
    if not every or not lacks:
        return found
    lacking = " OR ".join(f"{bound} IS NULL" for bound in lacks)
    return Sql(f"(CASE WHEN {lacking} THEN NULL ELSE {found} END)", found.level)


def surely(op: str, a: Bound, b: Bound) -> Sql | bool:
    """a op b where both bounds are there; never NULL."""
    if a is None or b is None:
        return False
    if isinstance(a, int) and isinstance(b, int):
        return a < b if op == "<" else a <= b
    return sql(f"coalesce({{}} {op} {{}}, FALSE)", a, b)


def plainly(op: str, a: Sql | int | str | bool | None, b: Sql | int | str | bool | None, nullable: bool) -> Truth:
    if a is None or b is None:
        return Truth(None, True)
    if not isinstance(a, Sql) and not isinstance(b, Sql):
        result = {"=": a == b, "<>": a != b}.get(op)
        if result is None:
            assert isinstance(a, int) and isinstance(b, int)
            result = {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]
        return Truth(result)
    return Truth(sql(f"({{}} {op} {{}})", a, b), nullable)


def three_way(yes: Sql | bool, no: Sql | bool, *, first_false: bool = False) -> Truth:
    """TRUE, FALSE or NULL from two conditions that are never NULL."""
    if first_false and no is True:
        return Truth(False)
    if yes is True:
        return Truth(True)
    if no is True:
        return Truth(False)
    if yes is False and no is False:
        return Truth(None, True)
    if yes is False:
        return Truth(sql("(CASE WHEN {} THEN FALSE END)", no), True)
    if no is False:
        return Truth(sql("(CASE WHEN {} THEN TRUE END)", yes), True)
    if first_false:
        return Truth(sql("(CASE WHEN {} THEN FALSE WHEN {} THEN TRUE END)", no, yes), True)
    return Truth(sql("(CASE WHEN {} THEN TRUE WHEN {} THEN FALSE END)", yes, no), True)


def while_open(item: Word, wanted: frozenset[str]) -> bool | None:
    """x in wanted while x is unknown."""
    if item.options is None:
        return None
    if item.options <= wanted:
        return True
    return None if item.options & wanted else False


def opened(found: Sql, nullable: bool, open_: bool | None, joined: dict[str, Any]) -> Truth:
    if not nullable:
        return Truth(found, **joined)
    if open_ is None:
        return Truth(found, True, **joined)
    return Truth(sql("coalesce({}, {})", found, open_), **joined)


def never(item: Word, answer: bool, open_: bool | None) -> Truth:
    """A word that does not occur: the answer for every known row."""
    if not item.nullable or open_ is answer:
        return Truth(answer)
    assert item.coded is not None
    if open_ is None:
        return Truth(sql("(CASE WHEN {} IS NOT NULL THEN {} END)", item.coded, answer), True)
    return Truth(sql("({} IS NOT NULL)" if answer else "({} IS NULL)", item.coded))


def compare_words(op: str, a: Word, b: Word) -> Truth:
    if isinstance(a.sql, str) and not isinstance(b.sql, str):
        a, b = b, a
    if isinstance(b.sql, str):
        if isinstance(a.sql, str):
            return Truth((a.sql == b.sql) == (op == "="))
        is_open = a.options is None or b.sql in a.options
        decided: bool | None = None if is_open else op == "<>"
        if a.coded is not None:
            if b.sql not in a.words:
                return never(a, op == "<>", decided)
            return opened(sql(f"({{}} {op} {{}})", a.coded, a.words.index(b.sql)), a.nullable, decided, {})
        if a.sql is None:
            return Truth(decided, decided is None)
        return opened(sql(f"({{}} {op} {{}})", a.sql, b.sql), a.nullable, decided, {})
    found = plainly(op, a.sql, b.sql, a.nullable or b.nullable)
    return replace(found, unsure=any_of(unknown(a), unknown(b)))  # what both can still be: the walker says


def flags_with(term: Term, condition: Truth) -> dict[str, Any]:
    return {"unsure": any_of(term.unsure, condition.unsure), "stop": any_of(term.stop, condition.stop)}


def may_be(condition: Truth, wanted: bool) -> Sql | bool:
    """May the condition still be so? Never NULL."""
    if condition.sql is None:
        return True
    assert isinstance(condition.sql, Sql)
    if not condition.nullable:
        return condition.sql if wanted else sql("(NOT {})", condition.sql)
    return sql("coalesce({}, TRUE)" if wanted else "coalesce(NOT {}, TRUE)", condition.sql)


def or_null(part: Sql | int | str | bool | None) -> Sql | int | str | bool:
    return Sql("NULL") if part is None else part


def case(condition: Sql | bool | None, part: Bound, rest: Bound) -> Bound:
    assert isinstance(condition, Sql)
    if part == rest:
        return part
    return sql("(CASE WHEN {} THEN {} ELSE {} END)", condition, or_null(part), or_null(rest))


def case_open(condition: Sql | bool | None, part: Bound, rest: Bound, else_: Bound) -> Bound:
    assert isinstance(condition, Sql)
    if part is None and rest is None:
        return None
    return sql(
        "(CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} ELSE {3} END)", condition, or_null(part), or_null(rest), or_null(else_)
    )


def either_truth(condition: Truth, part: Truth, rest: Truth, both: dict[str, Any]) -> Truth:
    if part.sql == rest.sql:
        return Truth(part.sql, part.nullable or rest.nullable, **both)
    yes, no = or_null(part.sql), or_null(rest.sql)
    if condition.sql is None:
        if part.sql is None or rest.sql is None:
            return Truth(None, True, **both)
        return Truth(sql("(CASE WHEN {0} = {1} THEN {0} END)", yes, no), True, **both)
    nullable = part.nullable or rest.nullable or part.sql is None or rest.sql is None
    if not condition.nullable:
        return Truth(sql("(CASE WHEN {} THEN {} ELSE {} END)", condition.sql, yes, no), nullable, **both)
    found = sql("(CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} WHEN {1} = {2} THEN {1} END)", condition.sql, yes, no)
    return Truth(found, True, **both)


def either_word(condition: Truth, part: Word, rest: Word, both: dict[str, Any]) -> Word:
    yes, no = or_null(part.sql), or_null(rest.sql)
    nullable = part.nullable or rest.nullable or part.sql is None or rest.sql is None or condition.nullable
    if condition.sql is None:
        same = part.sql is not None and part.sql == rest.sql
        if not same:
            raise Left("a word that hangs on a fact which nobody has")
        return Word(part.sql, part.nullable, None, any_of(both["unsure"], unknown(part)), both["stop"])
    if not condition.nullable:
        found = sql("(CASE WHEN {} THEN {} ELSE {} END)", condition.sql, yes, no)
    else:
        found = sql("(CASE WHEN {0} THEN {1} WHEN NOT {0} THEN {2} WHEN {1} = {2} THEN {1} END)", condition.sql, yes, no)
    word = Word(found, nullable, None, **both)
    return replace(word, unsure=any_of(both["unsure"], unknown(word))) if nullable else word


def surely_not(truth: Truth) -> Sql | bool:
    if truth.sql is None:
        return False
    if isinstance(truth.sql, bool):
        return not truth.sql
    return sql("coalesce(NOT {}, FALSE)" if truth.nullable else "(NOT {})", truth.sql)


def is_sure(truth: Truth) -> Sql | bool:
    if truth.sql is None or isinstance(truth.sql, bool):
        return bool(truth.sql)
    return sql("coalesce({}, FALSE)", truth.sql) if truth.nullable else truth.sql


def may_be_so(truth: Truth) -> Sql | bool:
    if truth.sql is None:
        return True
    if isinstance(truth.sql, bool):
        return truth.sql
    return sql("coalesce({}, TRUE)", truth.sql) if truth.nullable else truth.sql


def toward_zero(bound: Sql | int, kind: str) -> Sql:
    """The bound of a figure that may count or not; NULL stays NULL."""
    op = "<" if kind == "least" else ">"
    return sql(f"(CASE WHEN {{0}} {op} 0 THEN {{0}} WHEN {{0}} IS NULL THEN NULL ELSE 0 END)", bound)
