"""Random packs and households for the comparison of SQL with the walker: every node, every shape of amount, with gaps."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from bangfu.policy.loading import load_pack
from bangfu.policy.pack import Pack
from bangfu.policy.problems import BadPack
from bangfu.policy.tests.makers import HEAD, zipped

ON = date(2025, 6, 1)
AREAS = ["5301", "5302", "530100", "530111", "110000"]
FEN = ["annual_income_fen", "medical_self_paid_fen", "schooling_expense_fen", "loss_fen"]
COUNTS = [("household_size", ""), ("homes_count", ""), ("worker_age", ""), ("months_filed", "")]
FLAGS = ["is_urban", "has_dibao", "refuses_check", "is_aided_elsewhere"]
CODES = {
    "main_cause": ["illness", "disability", "schooling", "accident"],
    "grade": ["poor", "poorer", "other"],
    "archive_state": ["filed", "lifted", "none"],
}
MEMBER = {
    "member_age": "count",
    "tuition_fen": "fen",
    "member_monthly_income_fen": "fen",
    "is_employed": "flag",
    "can_work": "flag",
    "health": ["none", "chronic", "serious", "disabled"],
    "school_stage": ["none", "senior", "university"],
}
PAYMENT = {
    "paid_fen": "fen",
    "paid_year": "year",
    "paid_on": "day",
    "paid_by": ["own", "group", "other"],
    "is_to_applicant": "flag",
    "paid_programme": ["gift", "aid", "outside"],
}


class Writer:
    """Expressions of the language as text, of a kind asked for."""

    def __init__(self, rnd: Random) -> None:
        self.rnd = rnd

    def pick(self, *options: Any) -> Any:
        return self.rnd.choice(options)

    def fen(self, depth: int) -> str:
        leaves = [
            lambda: self.pick(*FEN),
            lambda: self.pick(*FEN),
            lambda: self.pick("$line_fen", "$area_fen", "$step_fen"),
            lambda: "figure_fen",
        ]
        if depth <= 0:
            return self.pick(*leaves)()
        return self.pick(
            *leaves,
            lambda: f"({self.fen(depth - 1)} {self.pick('+', '-')} {self.fen(depth - 1)})",
            lambda: f"{self.pick('least', 'greatest')}({self.fen(depth - 1)}, {self.fen(depth - 1)})",
            lambda: f"if({self.truth(depth - 1)}, {self.fen(depth - 1)}, {self.fen(depth - 1)})",
            lambda: (
                f"case when {self.truth(depth - 1)} then {self.fen(0)} when {self.truth(depth - 1)} then {self.fen(0)} else {self.fen(0)} end"
            ),
            lambda: f"per({self.fen(depth - 1)} * $rate, 1000, '{self.mode()}')",
            lambda: (
                f"per({self.fen(depth - 1)}, {self.pick('household_size', 'household_size * 12', 'homes_count', 'count_of(members)')}, '{self.mode()}')"
            ),
            lambda: f"sum_of(members, {self.pick('tuition_fen', 'member_monthly_income_fen', 'member_fen')}{self.where(depth)})",
            lambda: f"sum_of(payments, paid_fen, {self.payment(depth - 1)})",
            lambda: f"if(any_of(members, {self.member(0)}), {self.pick('max_of', 'min_of')}(members, tuition_fen), 0)",
            lambda: "lookup($by_cause, main_cause)",
            lambda: f"lookup($by_stage, {self.pick('grade', 'main_cause')})",
            lambda: f"(-{self.fen(depth - 1)})",
            lambda: f"({self.fen(0)} * {self.pick('household_size', 'homes_count', 'count_of(members, ' + self.member(0) + ')')})",
        )()

    def mode(self) -> str:
        return self.pick("half_up", "down", "up")

    def where(self, depth: int) -> str:
        return self.pick("", f", {self.member(depth - 1)}")

    def truth(self, depth: int) -> str:
        leaves = [
            lambda: self.pick(*FLAGS),
            lambda: f"{self.pick(*FEN)} {self.op()} $line_fen",
            lambda: f"{self.pick(*COUNTS)[0]} {self.op()} {self.rnd.randint(0, 4)}",
            lambda: self.code(),
            lambda: "is_hard",
        ]
        if depth <= 0:
            return self.pick(*leaves)()
        return self.pick(
            *leaves,
            lambda: f"({self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)})",
            lambda: (
                f"({self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)} {self.pick('and', 'or')} {self.truth(depth - 1)})"
            ),
            lambda: f"(not {self.truth(depth - 1)})",
            lambda: f"{self.fen(depth - 1)} {self.op()} {self.fen(depth - 1)}",
            lambda: f"{self.pick(*FEN)} * 1000 {self.op()} {self.fen(depth - 1)} * $rate",
            lambda: f"{self.pick('any_of', 'all_of')}(members, {self.member(depth - 1)})",
            lambda: f"count_of(members{self.where(depth)}) {self.op()} {self.rnd.randint(0, 3)}",
            lambda: f"count_of(payments, {self.payment(depth - 1)}) {self.op()} {self.rnd.randint(0, 2)}",
            lambda: f"any_of(payments, {self.payment(depth - 1)})",
            lambda: f"household_size between {self.rnd.randint(1, 2)} and {self.rnd.randint(2, 4)}",
            lambda: f"{self.pick(*FLAGS)} = {self.pick(*FLAGS)}",
            lambda: f"if({self.truth(depth - 1)}, {self.truth(0)}, {self.truth(0)})",
            lambda: f"worker_age in (1, 2, {self.rnd.randint(0, 4)})",
        )()

    def op(self) -> str:
        return self.pick("<", "<=", ">", ">=", "=", "<>", "<", ">=")

    def code(self) -> str:
        name = self.pick(*CODES)
        words = CODES[name]
        return self.pick(
            f"{name} {self.pick('=', '<>')} '{self.pick(*words)}'",
            f"{name} {self.pick('in', 'not in')} ('{words[0]}', '{self.pick(*words[1:])}')",
            "main_cause in $causes",
        )

    def member(self, depth: int) -> str:
        leaves = [
            lambda: self.pick("is_employed", "can_work"),
            lambda: f"health = '{self.pick('serious', 'chronic')}'",
            lambda: "school_stage in ('senior', 'university')",
            lambda: f"member_age {self.op()} {self.rnd.randint(0, 4)}",
            lambda: f"tuition_fen {self.op()} $step_fen",
            lambda: "is_urban",
            lambda: "member_is_weak",
        ]
        if depth <= 0:
            return self.pick(*leaves)()
        return self.pick(
            *leaves,
            lambda: f"({self.member(depth - 1)} {self.pick('and', 'or')} {self.member(depth - 1)})",
            lambda: f"(not {self.member(depth - 1)})",
            lambda: f"member_monthly_income_fen {self.op()} $area_fen",
            lambda: f"if({self.member(0)}, tuition_fen, $step_fen) {self.op()} {self.pick('$line_fen', 'annual_income_fen')}",
        )()

    def payment(self, depth: int) -> str:
        leaves = [
            lambda: "paid_by = 'own'",
            lambda: "paid_year = this_year",
            lambda: "is_to_applicant",
            lambda: "paid_programme in ('gift', 'aid')",
            lambda: "today - paid_on < 365",
        ]
        if depth <= 0:
            return self.pick(*leaves)()
        return self.pick(*leaves, lambda: f"({self.payment(0)} {self.pick('and', 'or')} {self.payment(0)})")()


def random_pack(rnd: Random, depth: int = 2) -> Pack:
    """A pack that can be read; expressions that the language refuses (units, say) are drawn again."""
    for _attempt in range(60):
        try:
            return load_pack(zipped(_files(Writer(rnd), depth)))
        except BadPack:
            continue
    raise AssertionError("no readable pack in 60 draws")


def _files(write: Writer, depth: int) -> dict[str, str]:
    rnd = write.rnd

    def rule(when: str, clause: str = "一", **more: Any) -> dict[str, Any]:
        return {"clause": clause, "text": clause, "when": when, **more}

    def tree(n: int) -> dict[str, Any]:
        if n <= 0 or rnd.random() < 0.4:
            shown = {"shows": {"value": write.fen(1), "limit": "$line_fen"}} if rnd.random() < 0.2 else {}
            return rule(write.truth(depth), f"条{rnd.randint(1, 9)}", **shown)
        return {rnd.choice(["all", "any", "none"]): [tree(n - 1) for _n in range(rnd.randint(1, 3))]}

    def values(*rows: Any) -> list[dict[str, Any]]:
        return [{"from": "2016-01-01", **row} for row in rows]

    area = values(*({"value": rnd.randint(0, 4), "where": {"area_code": code}} for code in rnd.sample(AREAS, 2)))
    if rnd.random() < 0.8:
        area += values({"value": rnd.randint(0, 4)})
    parameters = {
        "line_fen": {"title": "线", "unit": "fen", "clause": "一", "values": values({"value": rnd.randint(0, 5)})},
        "step_fen": {"title": "级", "unit": "fen", "clause": "一", "values": values({"value": rnd.randint(0, 3)})},
        "area_fen": {"title": "地", "unit": "fen", "clause": "一", "values": area},
        "rate": {"title": "率", "unit": "permille", "clause": "一", "values": values({"value": rnd.choice([0, 300, 1000, 1500])})},
        "causes": {"title": "因", "type": "code", "clause": "一", "values": values({"list": rnd.sample(CODES["main_cause"], 2)})},
        "by_cause": {"title": "表", "unit": "fen", "clause": "一", "values": values({"table": {"illness": 1, "disability": 3, "else": 2}})},
        "by_stage": {
            "title": "表", "unit": "fen", "clause": "一",
            "values": values({"table": {"poor": 1, "illness": 4, "schooling": 2, **({"else": 3} if rnd.random() < 0.7 else {})}}),
        },
    }  # fmt: skip
    figures = {
        "figure_fen": {"title": "数", "unit": "fen", "clause": "一", "expr": write.pick("annual_income_fen - medical_self_paid_fen", "least(annual_income_fen, loss_fen)", "sum_of(members, member_fen)")},
        "is_hard": {"title": "难", "clause": "一", "expr": write.pick("has_dibao or annual_income_fen < $line_fen", "medical_self_paid_fen * 1000 >= annual_income_fen * $rate")},
        "member_fen": {"title": "员", "unit": "fen", "clause": "一", "entity": "member", "expr": write.pick("tuition_fen + member_monthly_income_fen", "if(can_work, tuition_fen, 0)")},
        "member_is_weak": {"title": "弱", "clause": "一", "entity": "member", "expr": "not can_work or health = 'serious'"},
    }  # fmt: skip

    def class_set(name: str) -> dict[str, Any]:
        found: dict[str, Any] = {
            "id": name, "title": name, "entry": tree(2),
            "classes": [
                {"id": f"c{n}", "title": "档", "clause": "一", "requires": rule("true") if n == 2 and rnd.random() < 0.5 else tree(1)} for n in range(rnd.randint(1, 3))
            ],
        }  # fmt: skip
        if rnd.random() < 0.5:
            found["exclusions"] = [rule(write.truth(1), "除")]
        if rnd.random() < 0.6:
            found["exit"] = tree(1)
        return found

    def amount() -> dict[str, Any]:
        kind = rnd.choice(["fixed", "formula", "choice", "choice"])
        made: dict[str, Any] = {"kind": kind, "clause": "额", "text": "额"}
        if kind == "choice":
            made |= {"low": write.pick("$step_fen", "$line_fen"), "high": write.pick("$area_fen", write.fen(1))}
        else:
            made["value"] = "$step_fen" if kind == "fixed" else write.fen(depth)
        caps = []
        for _n in range(rnd.randint(0, 2)):
            cap = {"clause": "顶", "text": "顶", "limit": write.fen(1)}
            if rnd.random() < 0.6:
                cap |= {"per": write.pick("year", "lifetime"), "of": write.pick("person", "household")}
            caps.append(cap)
        return made | ({"caps": caps} if caps else {})

    def programme(name: str) -> dict[str, Any]:
        extra = (
            [rule(write.pick("entry", "entry or has_dibao", "not entry", "class = 'c0'", "class in ('c0', 'c1') and entry"), "资")]
            if rnd.random() < 0.6
            else []
        )
        found: dict[str, Any] = {
            "id": name, "title": name, "clause": "一", "fund": "f", "procedure": "p", "requires": [*extra, tree(1)], "amount": amount(),
        }  # fmt: skip
        if rnd.random() < 0.4:
            found["once"] = [
                {"clause": "次", "text": "次", "per": write.pick("year", "lifetime"), "of": write.pick("person", "household")}
            ]
        return found

    stage = {"id": "pay", "kind": "pay", "level": "finance", "role": ["CASHIER"], "title": "发放", "clause": "一", "returns_to": []}
    made: dict[str, Any] = {
        "parameters.yaml": parameters,
        "derived.yaml": {"figures": figures},
        "classes.yaml": {"sets": [class_set("s")] + ([class_set("t")] if rnd.random() < 0.4 else [])},
        "programmes.yaml": {"programmes": [programme("gift"), programme("aid")]},
        "procedure.yaml": {"procedures": [{"id": "p", "title": "程序", "clause": "一", "stages": [stage]}]},
        "money.yaml": {"funds": [{"id": "f", "title": "资金", "subject": "科目", "clause": "一", "uses": ["gift", "aid"]}]},
    }
    return {"pack.yaml": HEAD, **{name: json.dumps(part, ensure_ascii=False) for name, part in made.items()}}


def random_household(rnd: Random, gap: float) -> dict[str, Any]:
    """Facts around the figures of the random packs; each is missing with the chance `gap`."""

    def there() -> bool:
        return rnd.random() >= gap

    facts: dict[str, Any] = {name: rnd.choice([0, 0, 1, 2, 3, 5, 2000]) for name in [*FEN, "asked_fen"] if there()}
    facts |= {name: rnd.randint(1 if name == "household_size" else 0, 4) for name, _unit in COUNTS if there()}
    facts |= {name: rnd.random() < 0.5 for name in FLAGS if there()}
    facts |= {name: rnd.choice(words) for name, words in CODES.items() if there()}
    if there():
        facts["area_code"] = rnd.choice(AREAS)
    if rnd.random() < 0.2:
        facts["programme"] = rnd.choice(["gift", "aid", "nobody"])
    for name, shape in (("members", MEMBER), ("payments", PAYMENT)):
        if there():
            facts[name] = [_row(rnd, shape, gap) for _n in range(rnd.randint(0, 3))]
    return facts


def _row(rnd: Random, shape: Mapping[str, Any], gap: float) -> dict[str, Any]:
    def one(kind: Any) -> Any:
        if isinstance(kind, list):
            return rnd.choice(kind)
        return {
            "fen": lambda: rnd.choice([0, 1, 2, 3, 2000]),
            "count": lambda: rnd.randint(0, 4),
            "flag": lambda: rnd.random() < 0.5,
            "year": lambda: rnd.choice([2023, 2024, 2025]),
            "day": lambda: date.fromordinal(ON.toordinal() - rnd.randint(0, 800)).isoformat(),
        }[kind]()

    return {name: one(kind) for name, kind in shape.items() if rnd.random() >= gap}
