"""Amounts as regulations say them — tiers, tables, brackets, per head, per day, a share — compiled to one expression.

Also the conditions over what was already paid: once a year, at most so much, not beside another programme.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy.figures_text import read_figure
from bangfu.policy.loading.desk import FAULT, Desk, Place
from bangfu.policy.pack import Amount, Cap, Rounding, Rule
from bangfu.policy.reading import Sheet

ZERO, THOUSAND = ex.Number(0), ex.Number(1000)
#: Who pays before the union does: what they paid is taken off the base.
PAYERS = MappingProxyType(
    {
        "insurance": "insurance_paid_fen",
        "mutual": "mutual_aid_paid_fen",
        "government": "government_relief_fen",
        "compensation": "compensation_fen",
        "other": "other_aid_fen",
    }
)


@dataclass(frozen=True)
class Past:
    """What was already paid: the list that tells it, and the words for spans of time and for whose it was."""

    list: str
    figure: str
    code: str
    always: tuple[str, ...]
    spans: Mapping[str, str]
    whose: Mapping[str, str]
    ids: frozenset[str]
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def payments(desk: Desk) -> Past:
    """What the organisation itself has paid."""
    spans = {
        "year": "paid_year = this_year",
        "lifetime": "",
        "event": "is_same_event",
        **{span: f"paid_on >= {span}_start" for span in ("month", "quarter", "half_year", "school_year")},
    }
    whose = {"person": "is_to_applicant", "student": "is_to_student", "household": ""}
    return Past("payments", "paid_fen", "paid_programme", ("paid_by = 'own'",), spans, whose, desk.programme_ids, desk.groups)


def claims(plan_id: str, benefit_ids: frozenset[str]) -> Past:
    """What a mutual-aid plan has paid to this person."""
    spans = {
        "period": "is_in_cover",
        "lifetime": "",
        "event": "is_same_illness",
        **{span: f"claim_on >= {span}_start" for span in ("month", "quarter", "half_year", "year")},
    }
    return Past("claims", "claim_fen", "claim_benefit", (f"claim_plan = '{plan_id}'",), spans, {"person": ""}, benefit_ids)


# --- what was already paid ---


def over_of(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: Past, own: str, key: str = "over") -> tuple[str, ...]:
    """The programmes that count, by id or by the `group` they share; else the programme itself (`over` only)."""
    over = list(row.get(key, []))
    for place, other in enumerate(over):
        if other not in past.ids:
            desk.blame(sheet, (*path, key, place), _("没有项目“%(id)s”。可用的有：%(all)s。")
                       % {"id": other, "all": "、".join(sorted(past.ids))}, row["clause"])  # fmt: skip
    if "group" in row:
        if row["group"] not in past.groups:
            desk.blame(sheet, (*path, "group"), _("没有哪个项目写了 group: %(id)s。") % {"id": row["group"]}, row["clause"])
        over += [one for one in past.groups.get(row["group"], ()) if one not in over and (key == "over" or one != own)]
    return tuple(over) if over or key != "over" else (own,)


def paid(row: dict[str, Any], past: Past, over: tuple[str, ...], *, span: str, of: str) -> str:
    """The condition on a payment that counts: in this span of time, this person's or the household's, these programmes."""
    known = ", ".join(f"'{other}'" for other in over if other in past.ids) or "'none'"
    parts = [*past.always, f"{past.code} in ({known})", past.spans[span], past.whose[of]]
    if "where" in row:
        parts.append(f"({row['where']})")
    return " and ".join(part for part in parts if part)


def once(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: Past, own: str) -> Rule:
    """每年一次: no more than `most` payments in the span."""
    over = over_of(desk, sheet, path, row, past, own)
    return _bar(desk, sheet, path, row, past, over, row["per"])


def excludes(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: Past, own: str) -> Rule:
    """不得重复享受: none of the named programmes in the span."""
    over = over_of(desk, sheet, path, row, past, own, "programmes")
    return _bar(desk, sheet, path, row, past, over, row.get("within", "year"))


def _bar(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: Past, over: tuple[str, ...], span: str) -> Rule:
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    condition = paid(row, past, over, span=span, of=row.get("of", next(iter(past.whose))))
    most = row.get("most", 1)
    text = f"count_of({past.list}, {condition}) " + ("= 0" if most == 1 else f"< {most}")
    node = desk.expression(sheet, path, text, want="bool", clause=clause)
    return Rule(
        clause, row["text"], node, None, row.get("ask", ""), bool(row.get("demo")), row.get("reason", ""), row.get("source", "")
    )


def cap(
    desk: Desk,
    sheet: Sheet,
    path: Place,
    row: dict[str, Any],
    past: Past,
    own: str,
    names: Mapping[str, ex.Node],
    limit: ex.Node | None = None,
) -> Cap:
    """A ceiling. `limit` given = 累计计算: the whole that is due in the span, of which what was paid is taken off."""
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    if limit is None:
        limit = desk.expression(sheet, (*path, "limit"), row["limit"], want="fen", clause=clause, names=names)
    span = row.get("per", "time")
    of = row.get("of", next(iter(past.whose)))
    over = over_of(desk, sheet, path, row, past, own)
    counted = None
    if span != "time":
        text = f"sum_of({past.list}, {past.figure}, {paid(row, past, over, span=span, of=of)})"
        counted = desk.expression(sheet, path, text, want="int", clause=clause)
    return Cap(
        clause, row["text"], limit, counted, "" if span == "time" else span, of, over, bool(row.get("demo")), row.get("source", "")
    )


# --- how much ---


def amount(
    desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], past: Past, own: str, *, times: ex.Node | None = None
) -> Amount:
    """Read one `amount`. `times` multiplies a worked-out value (shares of a plan)."""
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    names, caps = _base(desk, sheet, path, row)
    reader = _Reader(desk, sheet, path, row, clause, names)
    low = high = value = None
    if row["kind"] == "choice":
        low, high = reader.fen("low"), reader.fen("high")
    else:
        value = reader.value(times)
    if "cumulative" in row and value is not None and value is not FAULT:
        caps += (cap(desk, sheet, (*path, "cumulative"), row["cumulative"], past, own, names, value),)
    caps += tuple(
        cap(desk, sheet, (*path, "caps", place), item, past, own, names) for place, item in enumerate(row.get("caps", []))
    )
    return Amount(
        row["kind"], clause, row["text"], value, low, high, caps, bool(row.get("demo")), row.get("source", ""),
        _rounding(desk, sheet, path, row, clause),
    )  # fmt: skip


def _base(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> tuple[dict[str, ex.Node], tuple[Cap, ...]]:
    """`base`: what is still to be borne after those who pay first; usable as a name, and always a ceiling."""
    if "base" not in row:
        return {}, ()
    base, here = row["base"], (*path, "base")
    clause = desk.cite(sheet, (*here, "clause"), base["clause"])
    desk.demo(sheet, here, base, clause)
    node = desk.expression(sheet, (*here, "value"), base["value"], want="fen", clause=clause)
    for payer in base.get("payers", []):
        node = ex.Sum("-", node, ex.Name(PAYERS[payer]))
    if base.get("payers"):
        node = ex.Extreme("greatest", (node, ZERO))
    desk.kind_of(sheet, here, node, clause)
    limit = Cap(clause, base["text"], node, None, "", "person", (), bool(base.get("demo")), base.get("source", ""))
    return {"base": node}, (limit,)


def _rounding(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any], clause: str) -> Rounding | None:
    if "round" not in row:
        return None
    spec, here = row["round"], (*path, "round")
    cited = desk.cite(sheet, (*here, "clause"), spec["clause"]) if "clause" in spec else clause
    try:
        to = int(read_figure(spec["to"], "int", "fen"))
    except ValueError as wrong:
        desk.blame(sheet, (*here, "to"), str(wrong), cited)
        return None
    if to < 1:
        desk.blame(sheet, (*here, "to"), _("取整的单位要大于 0，例如 to: 10元。"), cited)
        return None
    return Rounding(to, spec["mode"], cited, spec.get("text", row["text"]))


@dataclass
class _Reader:
    """One amount's pieces by their keys; each is checked where it stands, then the whole."""

    desk: Desk
    sheet: Sheet
    path: Place
    row: dict[str, Any]
    clause: str
    names: Mapping[str, ex.Node]

    def fen(self, key: str) -> ex.Node:
        return self.piece(key, want="fen")

    def piece(self, *keys: Any, want: str = "", entity: str = "household") -> ex.Node:
        found: Any = self.row
        for key in keys:
            found = found[key]
        path = (*self.path, *keys)
        return self.desk.expression(self.sheet, path, found, want=want, entity=entity, clause=self.clause, names=self.names)

    def optional(self, key: str, *, want: str = "int", entity: str = "household") -> ex.Node | None:
        return self.piece(key, want=want, entity=entity) if key in self.row else None

    def value(self, times: ex.Node | None) -> ex.Node:
        node: ex.Node = getattr(self, "_" + self.row["kind"])()
        if any(part is FAULT for part in ex.walk(node)):
            return FAULT
        if times is not None and node != ZERO:
            node = ex.Sum("*", node, times)
        least = self.optional("least", want="fen")
        if least is not None:
            node = ex.Choose(((ex.Compare(">", node, ZERO), ex.Extreme("greatest", (node, least))),), ZERO)
        self.desk.kind_of(self.sheet, self.path, node, self.clause)
        return node

    def _fixed(self) -> ex.Node:
        return self.fen("value")

    _formula = _fixed

    def _tiers(self) -> ex.Node:
        branches = []
        for place, tier in enumerate(self.row["tiers"]):
            if "clause" in tier:
                self.desk.cite(self.sheet, (*self.path, "tiers", place, "clause"), tier["clause"])
            branches.append((self.piece("tiers", place, "when", want="bool"), self.piece("tiers", place, "value", want="fen")))
        return ex.Choose(tuple(branches), self.fen("else") if "else" in self.row else ZERO)

    def _table(self) -> ex.Node:
        name = self.row["table"].removeprefix("$")
        return ex.Lookup(ex.Parameter(name), self.piece("key"))

    def _brackets(self) -> ex.Node:
        """Each part of the sum at its own rate; with `list`, of each row by itself."""
        list_ = self.row.get("list")
        entity = self.desk.entity_of(list_) if list_ else "household"
        if "when" in self.row and not list_:
            self.desk.blame(self.sheet, (*self.path, "when"), _("没有写 list，就不能写 when。条件请写进 requires。"), self.clause)
        whole = self.piece("of", want="fen", entity=entity)
        start: ex.Node = ZERO
        total: ex.Node = ZERO
        last = len(self.row["brackets"]) - 1
        for place, bracket in enumerate(self.row["brackets"]):
            rate = self.piece("brackets", place, "rate", want="permille", entity=entity)
            inside = whole
            if "upto" in bracket:
                end = self.piece("brackets", place, "upto", want="fen", entity=entity)
                inside = ex.Extreme("least", (whole, end))
            elif place != last:
                self.desk.blame(self.sheet, (*self.path, "brackets", place), _("除最后一段以外，每段都要写 upto。"), self.clause)
            part = ex.Sum("*", ex.Extreme("greatest", (ex.Sum("-", inside, start), ZERO)), rate)
            total = part if place == 0 else ex.Sum("+", total, part)
            start = end if "upto" in bracket else start
        due = ex.Per(total, THOUSAND, self.row.get("mode", "half_up"))
        return ex.Aggregate("sum_of", list_, due, self._when(entity)) if list_ else due

    def _each(self) -> ex.Node:
        entity = self.desk.entity_of(self.row["list"])
        return ex.Aggregate("sum_of", self.row["list"], self.piece("value", want="fen", entity=entity), self._when(entity))

    def _daily(self) -> ex.Node:
        """Days over a deductible, of all stays together up to `most_days`, times the sum a day."""
        list_ = self.row.get("list", "stays")
        entity = self.desk.entity_of(list_)
        if "days" in self.row:
            days = self.piece("days", want="int", entity=entity)
        else:
            days = ex.Sum("-", ex.Name("discharged_on"), ex.Name("admitted_on"))
            if list_ != "stays":
                self.desk.blame(self.sheet, self.path, _("这里要写 days，说明每一项有多少天。"), self.clause)
                return FAULT
        over = self.optional("over", entity=entity)
        if over is not None:
            days = ex.Extreme("greatest", (ex.Sum("-", days, over), ZERO))
        total: ex.Node = ex.Aggregate("sum_of", list_, days, self._when(entity))
        most = self.optional("most_days")
        if most is not None:
            total = ex.Extreme("least", (total, most))
        return ex.Sum("*", total, self.piece("per_day", want="fen"))

    def _percent(self) -> ex.Node:
        """A share of `of` beyond a deductible; with `list`, of each row by itself."""
        list_ = self.row.get("list")
        entity = self.desk.entity_of(list_) if list_ else "household"
        base = self.piece("of", want="fen", entity=entity)
        over = self.optional("over", entity=entity)
        if over is not None:
            base = ex.Extreme("greatest", (ex.Sum("-", base, over), ZERO))
        rate = self.piece("rate", want="permille", entity=entity)
        share = ex.Per(ex.Sum("*", base, rate), THOUSAND, self.row.get("mode", "half_up"))
        return ex.Aggregate("sum_of", list_, share, self._when(entity)) if list_ else share

    def _when(self, entity: str) -> ex.Node | None:
        return self.optional("when", want="bool", entity=entity)


_DAY = re.compile(r"(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")


def window(desk: Desk, sheet: Sheet, path: Place, row: dict[str, Any]) -> Rule:
    """每年 7 月 1 日至 8 月 31 日受理: the days of the year on which it may be asked for."""
    clause = desk.cite(sheet, (*path, "clause"), row["clause"])
    desk.demo(sheet, path, row, clause)
    days = []
    for key in ("from", "to"):
        match = _DAY.fullmatch(str(row[key]))
        if match is None:
            desk.blame(
                sheet, (*path, key), _("要写月日，例如 '07-01'，现在写的是“%(got)s”。") % {"got": str(row[key])[:40]}, clause
            )
            return Rule(clause, row["text"], FAULT)
        days.append(int(match[1]) * 100 + int(match[2]))
    word = "and" if days[0] <= days[1] else "or"  # '11-01' to '02-28' runs over the end of the year
    text = f"this_month_day >= {days[0]} {word} this_month_day <= {days[1]}"
    node = desk.expression(sheet, path, text, want="bool", clause=clause)
    return Rule(clause, row["text"], node, None, "", bool(row.get("demo")), row.get("reason", ""), row.get("source", ""))
