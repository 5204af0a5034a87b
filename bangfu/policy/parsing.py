"""The language of rules: a small subset of SQL expressions, read by sqlglot, kept as our own few node types.

What may stand in a rule (docs/policy.md has the table with examples):

    and or not ( )   = <> < <= > >=   + - * and unary minus   in (…)  in $list   between … and …
    case when … then … else … end   if(c, a, b)   least(a, b)   greatest(a, b)   true false 12 'word'
    $name                a parameter of the pack, on the day
    per(a, b, 'half_up')     a / b in whole numbers; 'down', 'up'
    lookup($table, key)      a row of a table parameter
    day('2017-03-01')        a day
    months_between(a, b)     whole months from one day to another; years_between
    sum_of(list, figure, condition)  min_of  max_of     the condition may be left out
    count_of(list, condition)  any_of  all_of           list = members months payments events stays claims
    number_of(a, b, c)       how many of the conditions hold
    this_year_day('08-31')   that day of this year; ('08-31', -1) of the last
    run_of(months, condition)  the longest run of consecutive months

Everything else is refused with a sentence that says what to write instead: no `/` (exact arithmetic), no `is null`
(what is missing is unknown, never a value), no functions, sub-selects, comments or second statements.
Source: contracts.md "Rules".
"""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Any

import sqlglot
from django.utils.translation import gettext as _
from sqlglot import exp
from sqlglot.errors import SqlglotError

from bangfu.policy import expression as ex
from bangfu.policy.problems import BadExpression
from bangfu.policy.signs import scan
from bangfu.policy.vocabulary import ENTITY_OF_LIST

MAX_LENGTH = 4000
MAX_DEPTH = 60
MODES = ("half_up", "down", "up")
WITH_FIGURE = ("sum_of", "min_of", "max_of")
WITH_CONDITION = ("count_of", "any_of", "all_of", "run_of")
FUNCTIONS = (
    "per", "lookup", "day", "this_year_day", "number_of", "months_between", "years_between", "if", "least", "greatest", *WITH_FIGURE, *WITH_CONDITION,
)  # fmt: skip


@lru_cache(maxsize=4096)
def parse(text: str) -> ex.Node:
    """Read one expression. Raises BadExpression with a sentence that says what to write instead."""
    if not text.strip():
        raise BadExpression(_("条件是空的。请写一个条件，例如 household_size >= 3。"))
    if len(text) > MAX_LENGTH:
        raise BadExpression(
            _("条件太长（%(n)d 字），最多 %(max)d 字。请拆到 derived.yaml 里。") % {"n": len(text), "max": MAX_LENGTH}
        )
    scan(text)
    try:
        statements = sqlglot.parse(text, dialect="duckdb")
    except SqlglotError as wrong:
        errors = getattr(wrong, "errors", None)
        place = errors[0].get("col") if errors else None
        if place:
            raise BadExpression(_("第 %(col)s 个字符附近读不懂。请检查括号和逗号是否成对。") % {"col": place}) from wrong
        raise BadExpression(_("这个条件读不懂。请检查括号和逗号是否成对。")) from wrong
    except RecursionError as wrong:
        raise BadExpression(_("括号套得太深。请拆到 derived.yaml 里。")) from wrong
    if len(statements) != 1 or statements[0] is None:
        raise BadExpression(_("一条规则只能写一个条件。请删去分号和后面的内容。"))
    return _convert(statements[0], 0)


_COMPARE: dict[type, str] = {exp.EQ: "=", exp.NEQ: "<>", exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">="}
_SUM: dict[type, str] = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*"}


def _convert(node: Any, depth: int) -> ex.Node:
    if depth > MAX_DEPTH:
        raise BadExpression(_("括号套得太深。请拆到 derived.yaml 里。"))
    depth += 1
    kind = type(node)
    if kind in WHITELIST and any(part for name, part in node.args.items() if name not in WHITELIST[kind]):
        raise _refused(node)  # a node we know with a part we do not: between symmetric, greatest … ignore nulls
    if kind is exp.Paren:
        return _convert(node.this, depth)
    if kind is exp.Literal:
        return _literal(node)
    if kind is exp.Boolean:
        return ex.Flag(bool(node.this))
    if kind is exp.Column:
        return _name(node)
    if kind is exp.Placeholder and isinstance(node.this, str):
        return ex.Parameter(node.this)
    if kind is exp.Not:
        return ex.Not(_convert(node.this, depth))
    if kind in (exp.And, exp.Or):
        return _both(node, depth)
    if kind in _COMPARE and (type(node.this) in _COMPARE or type(node.expression) in _COMPARE):
        raise BadExpression(_("不能连着比较。请写成 a < b and b < c，或 b between a and c。"))
    if kind in _COMPARE:
        return ex.Compare(_COMPARE[kind], _convert(node.this, depth), _convert(node.expression, depth))
    if kind in _SUM:
        return ex.Sum(_SUM[kind], _convert(node.this, depth), _convert(node.expression, depth))
    if kind is exp.Neg:
        return _minus(_convert(node.this, depth))
    if kind is exp.Between:
        item = _convert(node.this, depth)
        low, high = _convert(node.args["low"], depth), _convert(node.args["high"], depth)
        return ex.Both("and", (ex.Compare(">=", item, low), ex.Compare("<=", item, high)))
    if kind is exp.In:
        return _among(node, depth)
    if kind is exp.Case:
        return _case(node, depth)
    if kind is exp.If:
        if node.args.get("false") is None:
            raise BadExpression(_("if 要写三项：if(条件, 成立时, 不成立时)。"))
        parts = (node.this, node.args["true"], node.args["false"])
        condition, yes, no = (_convert(part, depth) for part in parts)
        return ex.Choose(((condition, yes),), no)
    if kind in (exp.Least, exp.Greatest):
        items = (node.this, *node.expressions)
        if len(items) < 2:
            raise BadExpression(_("least、greatest 至少要两项。"))
        return ex.Extreme("least" if kind is exp.Least else "greatest", tuple(_convert(item, depth) for item in items))
    if kind is exp.Day:
        return _day(node)
    if kind is exp.MonthsBetween:
        return _elapsed("month", [node.this, node.expression], depth)
    if kind is exp.Anonymous:
        return _function(node, depth)
    raise _refused(node)


#: Everything that may stand in a rule, by sqlglot's node and the parts of it that are read. All else is refused.
WHITELIST: dict[type, frozenset[str]] = {
    exp.Paren: frozenset({"this"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: frozenset({"this"}),
    exp.Column: frozenset({"this"}),
    exp.Placeholder: frozenset({"this"}),
    exp.Not: frozenset({"this"}),
    exp.Neg: frozenset({"this"}),
    **{kind: frozenset({"this", "expression"}) for kind in (exp.And, exp.Or, *_COMPARE, *_SUM, exp.MonthsBetween)},
    exp.Between: frozenset({"this", "low", "high"}),
    exp.In: frozenset({"this", "expressions", "field", "query", "unnest"}),  # the last two to say so
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.Least: frozenset({"this", "expressions", "ignore_nulls"}),  # sqlglot's own mark of this dialect: there is no null here
    exp.Greatest: frozenset({"this", "expressions", "ignore_nulls"}),
    exp.Day: frozenset({"this"}),
    exp.Anonymous: frozenset({"this", "expressions"}),
}


def _both(node: exp.Expression, depth: int) -> ex.Node:
    """Flatten a chain of the same word, however long: a and b and c is one node of three."""
    kind, op = type(node), "and" if isinstance(node, exp.And) else "or"
    items: list[exp.Expression] = []
    stack = [node]
    while stack:
        part = stack.pop()
        if type(part) is kind:
            stack.extend((part.expression, part.this))
        else:
            items.append(part)
    return ex.Both(op, tuple(_convert(item, depth) for item in items))


def _literal(node: exp.Expression) -> ex.Node:
    if node.is_string:
        return ex.Text(node.this)
    if not re.fullmatch(r"\d{1,18}", node.this):
        raise BadExpression(_("“%(text)s”不是整数，或者太大。请核对，或写成参数。") % {"text": node.this})
    return ex.Number(int(node.this))


def _minus(item: ex.Node) -> ex.Node:
    return ex.Number(-item.value) if isinstance(item, ex.Number) else ex.Minus(item)


def _name(node: exp.Expression) -> ex.Node:
    if node.args.get("table") or not isinstance(node.this, exp.Identifier) or node.this.quoted:
        raise BadExpression(_("“%(text)s”不是名称。名称不带点、不加引号。") % {"text": node.sql()})
    return ex.Name(node.this.this)


def _among(node: exp.Expression, depth: int) -> ex.Node:
    item, field = _convert(node.this, depth), node.args.get("field")
    if node.args.get("query") is not None or node.args.get("unnest") is not None:
        raise BadExpression(_("规则里不能查询（select）。名单请写成参数，再写 in $名单。"))
    if field is not None:
        if not isinstance(field, exp.Placeholder) or not isinstance(field.this, str):
            raise BadExpression(_("in 后面要写括号里的值，或 $名单。"))
        return ex.Among(item, ex.Parameter(field.this))
    options = tuple(_convert(option, depth) for option in node.expressions)
    if not options or not all(isinstance(option, (ex.Text, ex.Number, ex.Day)) for option in options):
        raise BadExpression(_("in 的括号里只能写数或 '代码'。"))
    return ex.Among(item, options)


def _case(node: exp.Expression, depth: int) -> ex.Node:
    if node.this is not None:
        raise BadExpression(_("case 后面请直接写 when 条件 then 值。"))
    if node.args.get("default") is None:
        raise BadExpression(_("case 要有 else，不能漏掉其余情形。"))
    branches = tuple((_convert(branch.this, depth), _convert(branch.args["true"], depth)) for branch in node.args["ifs"])
    return ex.Choose(branches, _convert(node.args["default"], depth))


def _day(node: exp.Expression) -> ex.Node:
    try:
        return ex.Day(date.fromisoformat(node.this.this).toordinal())
    except (ValueError, TypeError, AttributeError) as wrong:
        raise BadExpression(_("day 里要写日期，例如 day('2017-03-01')。")) from wrong


def _function(node: exp.Expression, depth: int) -> ex.Node:
    name = str(node.this).lower()
    arguments = list(node.expressions)
    if name == "per":
        return _per(arguments, depth)
    if name == "lookup":
        parts = [_convert(argument, depth) for argument in arguments]
        if len(parts) != 2 or not isinstance(parts[0], ex.Parameter):
            raise BadExpression(_("lookup 要写两项：lookup($表, 查哪一行)。"))
        return ex.Lookup(parts[0], parts[1])
    if name == "number_of":
        return _number_of(arguments, depth)
    if name == "this_year_day":
        return _this_year_day(arguments)
    if name in ("months_between", "years_between"):
        return _elapsed(name.removesuffix("s_between"), arguments, depth)
    if name in WITH_FIGURE or name in WITH_CONDITION:
        return _aggregate(name, arguments, depth)
    raise _no_function(name)


def _no_function(name: str) -> BadExpression:
    return BadExpression(_("规则里没有函数“%(name)s”。可用：%(all)s。") % {"name": name[:40], "all": "、".join(FUNCTIONS)})


def _elapsed(unit: str, arguments: list[exp.Expression], depth: int) -> ex.Node:
    if len(arguments) != 2:
        raise BadExpression(_("%(unit)ss_between 要写两项：起日、止日。") % {"unit": unit})
    return ex.Elapsed(unit, _convert(arguments[0], depth), _convert(arguments[1], depth))


def _number_of(arguments: list[exp.Expression], depth: int) -> ex.Node:
    """符合下列条件中两项以上的: each condition counts one."""
    if len(arguments) < 2:
        raise BadExpression(_("number_of 至少要写两个条件，例如 number_of(has_dibao, is_single_parent) >= 2。"))
    total: ex.Node | None = None
    for argument in arguments:
        one = ex.Choose(((_convert(argument, depth), ex.Number(1)),), ex.Number(0))
        total = one if total is None else ex.Sum("+", total, one)
    assert total is not None
    return total


def _this_year_day(arguments: list[exp.Expression]) -> ex.Node:
    """A day of the year in words of the calendar: its first day and so many more, one more after February of a leap year."""
    parts = [_convert(argument, 0) for argument in arguments]
    year = parts[1].value if len(parts) == 2 and isinstance(parts[1], ex.Number) else 0 if len(parts) == 1 else 9
    try:
        if not isinstance(parts[0], ex.Text) or year not in (-1, 0, 1):
            raise ValueError
        day = date.fromisoformat(f"2001-{parts[0].value}")
    except (ValueError, IndexError) as wrong:
        raise BadExpression(
            _("this_year_day 要写月日，例如 this_year_day('08-31')；上一年写 this_year_day('12-31', -1)，下一年写 1。")
        ) from wrong
    this_year, start = ex.Name("this_year"), ex.Name("year_start")
    meant: ex.Node = this_year if not year else ex.Sum("+" if year > 0 else "-", this_year, ex.Number(1))
    first: ex.Node = start
    if year:  # the year before is as long as it is; the next one begins when this one is over
        length = ex.Sum("+", ex.Number(365), _leap_day(meant if year < 0 else this_year))
        first = ex.Sum("+" if year > 0 else "-", start, length)
    found: ex.Node = ex.Sum("+", first, ex.Number(day.timetuple().tm_yday - 1))
    return ex.Sum("+", found, _leap_day(meant)) if day.month > 2 else found


def _leap_day(year: ex.Node) -> ex.Node:
    """1 in a leap year (1901 to 2099), else 0."""
    fourth = ex.Sum("*", ex.Per(year, ex.Number(4), "down"), ex.Number(4))
    return ex.Choose(((ex.Compare("=", fourth, year), ex.Number(1)),), ex.Number(0))


def _per(arguments: list[exp.Expression], depth: int) -> ex.Node:
    parts = [_convert(argument, depth) for argument in arguments]
    if len(parts) != 3 or not isinstance(parts[2], ex.Text) or parts[2].value not in MODES:
        raise BadExpression(_("per 要写三项：per(被除数, 除数, 'half_up')；取整方式是 'half_up'、'down' 或 'up'。"))
    if parts[1] == ex.Number(0):
        raise BadExpression(_("per 的除数不能是 0。"))
    return ex.Per(parts[0], parts[1], parts[2].value)


def _aggregate(name: str, arguments: list[exp.Expression], depth: int) -> ex.Node:
    parts = [_convert(argument, depth) for argument in arguments]
    if not parts or not isinstance(parts[0], ex.Name) or parts[0].name not in ENTITY_OF_LIST:
        raise BadExpression(_("%(name)s 的第一项要写 %(lists)s 之一。") % {"name": name, "lists": "、".join(ENTITY_OF_LIST)})
    if name == "run_of" and parts[0].name != "months":
        raise BadExpression(_("run_of 数的是连续的月份，第一项只能写 months。"))
    figure_first = name in WITH_FIGURE
    most = 3 if figure_first else 2
    least = 2 if figure_first or name != "count_of" else 1
    if not least <= len(parts) <= most:
        usage = f"{name}(members, …, …)" if figure_first else f"{name}(members, …)"
        raise BadExpression(_("%(name)s 的项数不对，写法是 %(usage)s。") % {"name": name, "usage": usage})
    rest = parts[1:]
    if any(isinstance(inner, ex.Aggregate) for part in rest for inner in ex.walk(part)):
        raise BadExpression(_("汇总里不能再套汇总。请先在 derived.yaml 里给里层起一个名称。"))
    figure = rest[0] if figure_first else None
    condition = rest[-1] if len(rest) == (2 if figure_first else 1) else None
    return ex.Aggregate(name, parts[0].name, figure, condition)


def _text_of(node: exp.Expression) -> str:
    try:
        return node.sql(dialect="duckdb", comments=False)[:60]
    except Exception:  # noqa: BLE001 - a node that cannot be written back; only its text is lost
        return ""


def _refused(node: exp.Expression) -> BadExpression:
    """A sentence for each kind of node that SQL has and rules do not."""
    shown = {"text": _text_of(node), "kind": type(node).__name__}
    if isinstance(node, exp.Query | exp.Subquery | exp.Exists):
        return BadExpression(_("规则里不能查询（select）。要汇总请用 sum_of、count_of、any_of 等。"))
    if isinstance(node, exp.Null | exp.Is | exp.NullSafeEQ | exp.NullSafeNEQ | exp.Coalesce | exp.Nullif):
        return BadExpression(_("规则里没有 null：缺的数一律按“待查”处理，不能当成一个值。请直接写条件。"))
    if isinstance(node, exp.Div | exp.IntDiv | exp.Mod):
        return BadExpression(_("不能用除法。请写 per(a, b, 'half_up')，或者两边交叉相乘再比较。"))
    if isinstance(node, exp.Star | exp.Count | exp.AggFunc | exp.Window):
        return BadExpression(_("汇总请用 sum_of、count_of、any_of、all_of、min_of、max_of，例如 count_of(members, is_employed)。"))
    if isinstance(node, exp.Alias):
        return BadExpression(_("“%(text)s”多写了一个词，可能漏了 and 或 or。") % shown)
    if isinstance(node, exp.Command | exp.DDL | exp.DML):
        return BadExpression(_("规则里只能写条件，不能写命令（%(kind)s）。") % shown)
    if isinstance(node, exp.Func):
        return _no_function(node.sql_name().lower())
    return BadExpression(_("规则里不能写“%(text)s”（%(kind)s）。可用的写法见办法编写说明。") % shown)
