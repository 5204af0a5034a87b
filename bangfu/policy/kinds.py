"""Types and units of expressions, checked before a pack may be used: fen with fen, days with days, codes that exist.

Hard units (fen, permille, m2) multiply and divide; soft units (person, month, day, year, times, item, grade) only guard
sums and comparisons. A bare number carries any soft unit, never fen: amounts and rates are written as parameters.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy.problems import BadExpression
from bangfu.policy.vocabulary import ENTITY_OF_LIST, UNITS

HARD = frozenset({"fen", "permille", "m2"})
SOFT = frozenset(UNITS) - HARD
Unit = tuple[str, ...]  # sorted hard units with "-" for a divisor ("fen", "-m2"), or one soft unit, or ()

_UNIT_NAMES = {
    "fen": "分",
    "permille": "千分",
    "m2": "平方米",
    "person": "人",
    "month": "月",
    "day": "日",
    "year": "年",
    "times": "次",
    "item": "个",
    "grade": "级",
    "": "数",
}


@dataclass(frozen=True)
class Kind:
    """What an expression yields. `units` None = 0, which fits everything; `codes` None = any word; `bare` = a number as written."""

    type: str
    units: frozenset[Unit] | None = frozenset({()})
    codes: frozenset[str] | None = None
    bare: bool = False

    @property
    def unit(self) -> str:
        """The one unit to show the figure with; empty for a product such as fen × permille."""
        if self.type == "date":
            return "date"
        if not self.units or any(len(unit) > 1 for unit in self.units):
            return ""
        for wanted in (("fen",), ("permille",), ("m2",)):
            if wanted in self.units:
                return wanted[0]
        words = [unit[0] for unit in self.units if len(unit) == 1]
        return words[0] if len(words) == 1 and not self.bare else ""


BOOL = Kind("bool")
DATE = Kind("date", frozenset({("day",)}))
_ANY_SOFT = frozenset({(word,) if word else () for word in SOFT})


@dataclass(frozen=True)
class Scope:
    """What the names of one expression mean: facts and derived figures of an entity, and the pack's parameters."""

    name: Callable[[str, str], Kind | None]  # (name, entity) -> kind; entity of the aggregate it stands in
    parameter: Callable[[str], tuple[str, Kind] | None]  # name -> ("value" | "list" | "table", kind)
    hint: Callable[[str], str]  # a sentence for a name that is not known


def unit_kind(type_: str, unit: str) -> Kind:
    if type_ == "bool":
        return BOOL
    if type_ == "date":
        return DATE
    if type_ == "code":
        return Kind("code")
    return Kind("int", frozenset({(unit,) if unit else ()}))


def unit_name(kind: Kind) -> str:
    """The unit in words, for a sentence about a mismatch."""
    match kind.type:
        case "bool":
            return _("是非")
        case "code":
            return _("代码")
        case "date":
            return _("日期")
    if kind.units is None or kind.bare:
        return _("没有单位的数")
    return "、".join(sorted("×".join(_UNIT_NAMES.get(word, word) for word in unit) or _UNIT_NAMES[""] for unit in kind.units))


def infer(node: ex.Node, scope: Scope, entity: str = "household", kinds: dict[int, Kind] | None = None) -> Kind:
    """The kind of an expression. Raises BadExpression with the first mismatch; `kinds` collects id(node) -> kind."""
    kind = _infer(node, scope, entity, kinds)
    if kinds is not None:
        kinds[id(node)] = kind
    return kind


def _infer(node: ex.Node, scope: Scope, entity: str, kinds: dict[int, Kind] | None) -> Kind:
    def of(part: ex.Node, inside: str = entity) -> Kind:
        return infer(part, scope, inside, kinds)

    match node:
        case ex.Number(value):
            if value == 0:
                return Kind("int", None, bare=True)
            return Kind("int", _ANY_SOFT | {("permille",)} if value == 1000 else _ANY_SOFT, bare=True)
        case ex.Text(value):
            return Kind("code", codes=frozenset({value}), bare=True)
        case ex.Flag():
            return BOOL
        case ex.Day():
            return DATE
        case ex.Name(name):
            found = scope.name(name, entity)
            if found is None:
                raise BadExpression(scope.hint(name))
            return found
        case ex.Parameter(name):
            return _plain_parameter(name, scope)
        case ex.Not(item):
            _need(of(item), "bool", "not")
            return BOOL
        case ex.Both(op, items):
            for item in items:
                _need(of(item), "bool", op)
            return BOOL
        case ex.Compare(op, left, right):
            _comparable(op, of(left), of(right))
            return BOOL
        case ex.Among():
            return _among(node, scope, of)
        case ex.Sum(op, left, right):
            return _product(of(left), of(right)) if op == "*" else _sum(op, of(left), of(right))
        case ex.Minus(item):
            return _need(of(item), "int", "-")
        case ex.Choose(branches, default):
            result = of(default)
            for condition, part in branches:
                _need(of(condition), "bool", "when")
                result = _same(result, of(part))
            return result
        case ex.Extreme(kind, items):
            result = _need(of(items[0]), "int", kind)
            for item in items[1:]:
                result = _same(result, _need(of(item), "int", kind))
            return result
        case ex.Per(top, bottom, _mode):
            return _per(_need(of(top), "int", "per"), bottom, _need(of(bottom), "int", "per"))
        case ex.Aggregate():
            return _aggregate(node, entity, of)
        case ex.Elapsed(unit, start, end):
            if of(start).type != "date" or of(end).type != "date":
                raise BadExpression(_("%(unit)ss_between 里要写两个日期：先起日，后止日。") % {"unit": unit})
            return Kind("int", frozenset({(unit,)}))
        case ex.Lookup(table, key):
            return _lookup(table, of(key), scope)
    raise AssertionError(node)


def _need(kind: Kind, type_: str, where: str) -> Kind:
    if kind.type == type_:
        return kind
    words: Mapping[str, Any] = {"bool": _("是非"), "int": _("数")}
    raise BadExpression(
        _("%(where)s 里要用%(want)s，这里却是%(got)s。") % {"where": where, "want": words[type_], "got": unit_name(kind)}
    )


def _plain_parameter(name: str, scope: Scope) -> Kind:
    found = scope.parameter(name)
    if found is None:
        raise BadExpression(_("没有参数 $%(name)s。请先写进 parameters.yaml。") % {"name": name})
    shape, kind = found
    if shape == "list":
        raise BadExpression(_("$%(name)s 是名单，只能写在 in 后面。") % {"name": name})
    if shape == "table":
        raise BadExpression(_("$%(name)s 是表，请写 lookup($%(name)s, 查哪一行)。") % {"name": name})
    return kind


def _comparable(op: str, left: Kind, right: Kind) -> None:
    if left.type != right.type:
        hint = ""
        if "bool" in (left.type, right.type):
            hint = _("是非直接写名称，例如 has_dibao 或 not has_dibao。")
        elif "code" in (left.type, right.type):
            hint = _("代码要加单引号，例如 main_cause = 'illness'。")
        elif "date" in (left.type, right.type):
            hint = _("日子写成 day('2017-03-01')。")
        raise BadExpression(_("%(a)s和%(b)s不能比较。%(hint)s") % {"a": unit_name(left), "b": unit_name(right), "hint": hint})
    if left.type in ("bool", "code") and op not in ("=", "<>"):
        raise BadExpression(_("%(a)s只能用 = 或 <> 比较。") % {"a": unit_name(left)})
    if left.type == "code":
        _same(left, right)
    if left.type == "int":
        _shared_units(left, right)


def _shared_units(left: Kind, right: Kind) -> frozenset[Unit] | None:
    if left.units is None or right.units is None:
        return right.units if left.units is None else left.units
    both = left.units & right.units
    if both:
        return both
    if left.bare or right.bare:
        figure = right if left.bare else left
        raise BadExpression(_("%(unit)s不能直接和写死的数比较或相加，请把它写成参数。") % {"unit": unit_name(figure)})
    raise BadExpression(_("单位不同：一边是%(a)s，一边是%(b)s，不能比较或相加。") % {"a": unit_name(left), "b": unit_name(right)})


def _same(left: Kind, right: Kind) -> Kind:
    if left.type != right.type:
        raise BadExpression(_("%(a)s和%(b)s不能放在一起。") % {"a": unit_name(left), "b": unit_name(right)})
    if left.type == "int":
        return Kind("int", _shared_units(left, right), bare=left.bare and right.bare)
    if left.type != "code":
        return left
    for written, other in ((left, right), (right, left)):
        if (
            written.bare
            and not other.bare
            and other.codes is not None
            and written.codes is not None
            and not written.codes <= other.codes
        ):
            raise _no_such_code(sorted(written.codes - other.codes)[0], other.codes)
    codes = None if left.codes is None or right.codes is None else left.codes | right.codes
    return Kind("code", codes=codes, bare=left.bare and right.bare)


def _no_such_code(word: str, codes: frozenset[str]) -> BadExpression:
    return BadExpression(_("没有代码“%(word)s”，可用的有：%(codes)s。") % {"word": word, "codes": "、".join(sorted(codes))})


def _among(node: ex.Among, scope: Scope, of: Callable[..., Kind]) -> Kind:
    item = of(node.item)
    if isinstance(node.options, ex.Parameter):
        found = scope.parameter(node.options.name)
        if found is None or found[0] != "list":
            raise BadExpression(_("in 后面的 $%(name)s 不是名单参数。") % {"name": node.options.name})
        _comparable("=", item, found[1])
        return BOOL
    for option in node.options:
        _comparable("=", item, of(option))
    return BOOL


def _sum(op: str, left: Kind, right: Kind) -> Kind:
    if left.type == "date" or right.type == "date":
        if left.type == right.type and op == "-":
            return Kind("int", frozenset({("day",)}))
        days = right if left.type == "date" else left
        if days.type == "int" and (days.units is None or ("day",) in days.units) and (op == "+" or left.type == "date"):
            return DATE
        raise BadExpression(_("日期只能减日期，或加减天数。"))
    return Kind("int", _shared_units(_need(left, "int", op), _need(right, "int", op)), bare=left.bare and right.bare)


def _product(left: Kind, right: Kind) -> Kind:
    _need(left, "int", "*")
    _need(right, "int", "*")
    if left.units is None or right.units is None:
        return Kind("int", None)
    return Kind("int", frozenset(_multiplied(a, b) for a in left.units for b in right.units), bare=left.bare and right.bare)


def _per(top: Kind, written: ex.Node, bottom: Kind) -> Kind:
    """Dividing a product with a rate by 1000 takes the rate's thousandths away."""
    if written == ex.Number(1000) and top.units and all("permille" in unit for unit in top.units):
        found = _quotient(top, Kind("int", frozenset({("permille",)})))
        # a share of people, days, months: the product has lost the soft unit, so that it fits each
        return Kind("int", _ANY_SOFT) if found.units == frozenset({()}) else found
    return _quotient(top, bottom)


def _quotient(top: Kind, bottom: Kind) -> Kind:
    if top.units is None or bottom.units is None:
        return Kind("int", None)
    turned = {tuple(word.removeprefix("-") if word.startswith("-") else "-" + word for word in unit) for unit in bottom.units}
    return Kind("int", frozenset(_multiplied(a, tuple(b)) for a in top.units for b in turned))


def _multiplied(a: Unit, b: Unit) -> Unit:
    hard = [word for word in (*a, *b) if word.removeprefix("-") in HARD]
    if hard:
        for word in list(hard):
            if word in hard and "-" + word in hard:
                hard.remove(word)
                hard.remove("-" + word)
        return tuple(sorted(hard))
    soft = [word for word in (*a, *b) if word]
    if len(soft) == 1 and not soft[0].startswith("-"):
        return (soft[0],)
    return ()


def _aggregate(node: ex.Aggregate, entity: str, of: Callable[..., Kind]) -> Kind:
    if entity != "household":
        raise BadExpression(_("成员、月份等的项目里不能再汇总。"))
    inside = ENTITY_OF_LIST[node.list]
    if node.condition is not None:
        _need(of(node.condition, inside), "bool", node.kind)
    if node.kind in ("any_of", "all_of"):
        return BOOL
    if node.kind == "run_of":
        return Kind("int", frozenset({("month",)}))
    if node.kind == "count_of":
        unit = {"member": ("person",), "month": ("month",)}.get(inside, ("times",))
        return Kind("int", frozenset({unit}))
    assert node.figure is not None
    figure = of(node.figure, inside)
    if figure.type == "date" and node.kind in ("min_of", "max_of"):
        return DATE
    return _need(figure, "int", node.kind)


def _lookup(table: ex.Parameter, key: Kind, scope: Scope) -> Kind:
    found = scope.parameter(table.name)
    if found is None or found[0] != "table":
        raise BadExpression(_("lookup 里的 $%(name)s 不是表参数。") % {"name": table.name})
    if key.type not in ("code", "int"):
        raise BadExpression(_("查表要用代码或数，这里是%(got)s。") % {"got": unit_name(key)})
    return found[1]
