"""Mutual-aid plans, one a file in plans/: who may join, the fee and who bears it, waiting, benefits, what is not covered.

Everything is compiled to requirements and amounts like those of a programme. Source: practice.md 3.1; data/plans.json.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy.loading import amounts
from bangfu.policy.loading.amounts import ZERO, Past
from bangfu.policy.loading.desk import FAULT, Desk, Place
from bangfu.policy.pack import Amount, Group, Payer, Plan, Programme, Rule, Stacking, Tree
from bangfu.policy.reading import Sheet


def read(desk: Desk) -> None:
    """The names of the plans, before any rule is read."""
    for sheet in desk.stack.plans:
        if sheet.data["id"] in desk.plan_ids:
            desk.blame(sheet, ("id",), _("代号“%(id)s”写了两次。请改成不同的代号。") % {"id": sheet.data["id"]})
        desk.plan_ids |= {sheet.data["id"]}
        desk.plan_sheets.append(sheet)


def plans(desk: Desk) -> tuple[Plan, ...]:
    return tuple(_Reader(desk, sheet).plan() for sheet in desk.plan_sheets)


def _counted(shares: dict[str, Any]) -> ex.Node:
    """The shares that count: where the excess is void, no more than the most. Source: Shanghai (the first stands)."""
    if shares.get("excess") == "void" and "most" in shares:
        return ex.Extreme("least", (ex.Name("shares"), ex.Number(shares["most"])))
    return ex.Name("shares")


class _Reader:
    """One plan's file."""

    def __init__(self, desk: Desk, sheet: Sheet) -> None:
        self.desk, self.sheet = desk, sheet
        self.row: dict[str, Any] = sheet.data
        self.id: str = self.row["id"]
        self.benefit_ids = frozenset(item["id"] for item in self.row.get("benefits", []))
        self.past: Past = amounts.claims(self.id, self.benefit_ids)
        self.waived: ex.Node | None = None
        self.shares = _counted(self.row.get("shares", {}))

    def plan(self) -> Plan:
        row, desk, sheet = self.row, self.desk, self.sheet
        clause = desk.cite(sheet, ("clause",), row["clause"])
        desk.demo(sheet, (), row, clause)
        desk.unique(sheet, ((("benefits", place), item["id"]) for place, item in enumerate(row.get("benefits", []))))
        shares = row.get("shares", {})
        fee = self._amount(("fee",), row["fee"]) if "fee" in row else None
        if "waiting" in row:
            waiting = row["waiting"]
            when = waiting.get("waived", {}).get("when", "is_renewal")
            self.waived = self._node(("waiting", "waived", "when"), when, "bool", waiting["clause"])
        return Plan(
            id=self.id,
            title=row["title"],
            plain=row.get("plain", row["title"]),
            clause=clause,
            operator=row.get("operator", ""),
            fund=row.get("fund", ""),
            procedure=row.get("procedure", ""),
            period_months=row.get("period_months"),
            joins=Group("all", self._joins()),
            most_shares=shares.get("most"),
            is_uniform=bool(shares.get("uniform")),
            fee=fee,
            payers=self._payers(fee),
            requires=Group("all", self._requires()),
            exclusions=tuple(
                desk.rule(sheet, ("exclusions", place), item) for place, item in enumerate(row.get("exclusions", []))
            ),
            benefits=tuple(self._benefit(("benefits", place), item) for place, item in enumerate(row.get("benefits", []))),
            ends_cover=frozenset(f"{self.id}.{item['id']}" for item in row.get("benefits", []) if "ends_cover" in item),
            stacking=tuple(self._stacking(("stacking", place), item) for place, item in enumerate(row.get("stacking", []))),
            whole=Amount(
                "formula", clause, row["title"], ZERO, None, None,
                tuple(
                    amounts.cap(desk, sheet, ("caps", place), {"over": sorted(self.benefit_ids), **item}, self.past, self.id, {})
                    for place, item in enumerate(row.get("caps", []))
                ),
            ),
            demo=bool(row.get("demo")),
            source=row.get("source", ""),
            voids_excess=shares.get("excess") == "void",
            duplicates=row.get("duplicates", {}).get("counts", ""),
        )  # fmt: skip

    # --- pieces ---

    def _node(self, path: Place, text: Any, want: str, clause: str) -> ex.Node:
        return self.desk.expression(self.sheet, path, text, want=want, clause=clause)

    def _rule(self, path: Place, row: dict[str, Any], text: str | ex.Node) -> Rule:
        """A requirement that the plan's own keys say, with the clause and the words that stand there."""
        clause = self.desk.cite(self.sheet, (*path, "clause"), row["clause"])
        self.desk.demo(self.sheet, path, row, clause)
        if isinstance(text, str):
            node = self._node(path, text, "bool", clause)
        else:
            node = text
            self.desk.checked(self.sheet, path, node, clause)
        marks = bool(row.get("demo")), row.get("reason", ""), row.get("source", "")
        return Rule(clause, row["text"], node, None, row.get("ask", ""), *marks)

    def _trees(self, key: str) -> tuple[Tree, ...]:
        return tuple(self.desk.tree(self.sheet, (key, place), item) for place, item in enumerate(self.row.get(key, [])))

    def _amount(self, path: Place, row: dict[str, Any]) -> Amount:
        times = self.shares if row.get("per") == "share" else None
        return amounts.amount(self.desk, self.sheet, path, row, self.past, str(path[-1]), times=times)

    # --- joining ---

    def _joins(self) -> tuple[Tree, ...]:
        found = list(self._trees("joins"))
        if "participation" in self.row:
            row = self.row["participation"]
            parts = []
            if "least_share" in row:
                parts.append(f"unit_enrolled * 1000 >= unit_headcount * {row['least_share']}")
            if "least_people" in row:
                parts.append(f"unit_enrolled >= {row['least_people']}")
            text = " and ".join(parts) or "unit_enrolled >= 1"
            if "all_below" in row:
                text = f"if(unit_headcount < {row['all_below']}, unit_enrolled >= unit_headcount, {text})"
            found.append(self._rule(("participation",), row, text))
        if "shares" in self.row:
            row = self.row["shares"]
            refuses = "most" in row and row.get("excess", "refuse") == "refuse"
            if row.get("excess") == "void" and "most" not in row:
                self.desk.blame(
                    self.sheet, ("shares", "excess"), _("写了 excess（超出的份数）就要写 most（最多几份）。"), row["clause"]
                )
            text = f"shares >= {row.get('least', 1)}" + (f" and shares <= {row['most']}" if refuses else "")
            found.append(self._rule(("shares",), row, text))
        if "duplicates" in self.row:
            found.append(self._rule(("duplicates",), self.row["duplicates"], "not is_later_enrolment"))
        return tuple(found)

    def _payers(self, fee: Amount | None) -> tuple[Payer, ...]:
        rows = self.row.get("payers", [])
        self.desk.unique(self.sheet, ((("payers", place), item["id"]) for place, item in enumerate(rows)))
        if sum("rest" in item for item in rows) > 1:
            self.desk.blame(self.sheet, ("payers",), _("只能有一方负担其余部分（rest）。"))
        found = []
        for place, item in enumerate(rows):
            path: Place = ("payers", place)
            node: ex.Node | None = None
            if "share" in item and fee is not None and fee.value is not None:
                rate = self._node((*path, "share"), item["share"], "permille", self.row["clause"])
                node = ex.Per(ex.Sum("*", fee.value, rate), ex.Number(1000), "half_up")
            elif "amount" in item:
                node = self._node((*path, "amount"), item["amount"], "fen", self.row["clause"])
                if self.row.get("fee", {}).get("per") == "share":
                    node = ex.Sum("*", node, self.shares)
            elif "rest" not in item:
                self.desk.blame(self.sheet, path, _("按比例分担，要先写 fee（会费）。"))
            if node is not None:
                self.desk.kind_of(self.sheet, path, node, self.row["clause"])
            found.append(Payer(item["id"], item.get("title", item["id"]), node, "rest" in item))
        return tuple(found)

    # --- claiming ---

    def _requires(self) -> tuple[Tree, ...]:
        found: list[Tree] = []
        if "covered" in self.row:
            of = self.row["covered"].get("of", "happened_on")
            found.append(self._rule(("covered",), self.row["covered"], f"({of}) >= cover_from and ({of}) <= cover_to"))
        if "duplicates" in self.row:
            found.append(self._rule(("duplicates",), self.row["duplicates"], "not is_later_enrolment"))
        for place, row in enumerate(self.row.get("windows", [])):
            text = f"{row['of']} - ({row['from']}) <= {row['days']}"
            if row.get("calendar") == "working_days":  # which days are working days the rules cannot know: a fact says how many
                text = f"{row['of'].removesuffix('_on')}_working_days <= {row['days']}"
            found.append(self._rule(("windows", place), row, text))
        found += self._trees("requires")
        for item in self.row.get("benefits", []):
            if "ends_cover" in item:
                span = "" if item["ends_cover"].get("per") == "lifetime" else " and is_in_cover"
                text = f"count_of(claims, claim_plan = '{self.id}' and claim_benefit = '{item['id']}'{span}) = 0"
                found.append(self._rule(("benefits", self.row["benefits"].index(item), "ends_cover"), item["ends_cover"], text))
        return tuple(found)

    def _benefit(self, path: Place, row: dict[str, Any]) -> Programme:
        desk, sheet = self.desk, self.sheet
        clause = desk.cite(sheet, (*path, "clause"), row["clause"])
        desk.demo(sheet, path, row, clause)
        requires: list[Tree] = []
        if "for" in row:
            codes = desk.vocabulary.facts["claim_kind"].codes
            desk.known(sheet, (*path, "for"), row["for"], codes, clause)
            words = "、".join(str(codes.get(word, word)) for word in row["for"])
            text = f"claim_kind in ({', '.join(repr(word) for word in row['for'] if word in codes) or repr('other')})"
            requires.append(self._rule(path, {"clause": row["clause"], "text": _("申领事由：%(words)s") % {"words": words}}, text))
        requires += [desk.tree(sheet, (*path, "requires", place), item) for place, item in enumerate(row.get("requires", []))]
        free, bands = self._bands(row["id"])
        once = tuple(
            amounts.once(desk, sheet, (*path, "once", place), item, self.past, row["id"])
            for place, item in enumerate(row.get("once", []))
        )
        times = self.shares if row["amount"].get("per") == "share" else None
        amount = amounts.amount(desk, sheet, (*path, "amount"), row["amount"], self.past, row["id"], times=times)
        return Programme(
            id=f"{self.id}.{row['id']}",
            title=row["title"],
            plain=row.get("plain", row["title"]),
            clause=clause,
            source=row.get("source", ""),
            demo=bool(row.get("demo")),
            fund=self.row.get("fund", ""),
            procedure=self.row.get("procedure", ""),
            per="person",
            is_list=False,
            category="other",
            requires=Group("all", (*requires, *free)),
            once=once,
            amount=self._reduced(amount, bands, (*path, "amount"), clause),
        )

    def _bands(self, benefit_id: str) -> tuple[tuple[Rule, ...], list[tuple[ex.Node, dict[str, Any], Place]]]:
        """The waiting bands of one benefit: a rule for each in which nothing is paid, and the reduced ones."""
        waiting = self.row.get("waiting")
        if waiting is None or self.waived is None:
            return (), []
        free: list[Rule] = []
        reduced: list[tuple[ex.Node, dict[str, Any], Place]] = []
        for place, band in enumerate(waiting["bands"]):
            path: Place = ("waiting", "bands", place)
            wanted = band.get("benefits", waiting.get("benefits"))
            self.desk.known(self.sheet, (*path, "benefits"), wanted or [], self.benefit_ids, waiting["clause"])
            if wanted is not None and benefit_id not in wanted:
                continue
            days = self._days(waiting, band, path)
            limit = self._node((*path, "upto"), band["upto"], "int", waiting["clause"])
            if limit is FAULT or days is FAULT:
                continue
            row = {**{key: waiting[key] for key in ("clause", "text")}, **band}
            if "value" in band or "share" in band:
                reduced.append((ex.Both("and", (ex.Not(self.waived), ex.Compare("<=", days, limit))), row, path))
            else:
                free.append(self._rule(path, row, ex.Both("or", (self.waived, ex.Compare(">", days, limit)))))
        return tuple(free), reduced

    def _days(self, waiting: dict[str, Any], band: dict[str, Any], path: Place) -> ex.Node:
        """How long it was covered when it happened: `of` less `from`, each a day or an expression for one."""
        text = "({of}) - ({start})".format(
            of=band.get("of", waiting.get("of", "happened_on")), start=band.get("from", waiting.get("from", "cover_from"))
        )
        node = self._node(path, text, "int", waiting["clause"])
        kind = self.desk.kinds.get(id(node))
        if node is not FAULT and kind is not None and kind.unit != "day":
            self.desk.blame(self.sheet, path, _("of 和 from 都要写日子，例如 happened_on、cover_from。"), waiting["clause"])
            return FAULT
        return node

    def _reduced(self, amount: Amount, bands: list[tuple[ex.Node, dict[str, Any], Place]], path: Place, clause: str) -> Amount:
        if not bands or amount.value is None or amount.value is FAULT:
            return amount
        branches = []
        for condition, row, here in bands:
            self.desk.cite(self.sheet, (*here, "clause"), row["clause"])
            if "share" in row:
                rate = self._node((*here, "share"), row["share"], "permille", row["clause"])
                part: ex.Node = ex.Per(ex.Sum("*", amount.value, rate), ex.Number(1000), "half_up")
            else:
                part = self._node((*here, "value"), row["value"], "fen", row["clause"])
                if row.get("per") == "share":
                    part = ex.Sum("*", part, self.shares)
            branches.append((condition, part))
        node = ex.Choose(tuple(branches), amount.value)
        self.desk.kind_of(self.sheet, path, node, clause)
        return replace(amount, value=node)

    def _stacking(self, path: Place, row: dict[str, Any]) -> Stacking:
        clause = self.desk.cite(self.sheet, (*path, "clause"), row["clause"])
        self.desk.demo(self.sheet, path, row, clause)
        self.desk.known(self.sheet, (*path, "greatest"), row["greatest"], self.benefit_ids, clause)
        return Stacking(clause, row["text"], tuple(f"{self.id}.{one}" for one in row["greatest"] if one in self.benefit_ids))
