"""Run a pack's worked examples: every expectation that does not hold is a problem at its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy import expression as ex
from bangfu.policy.budget import next_budget, short_of_minimum, top_up
from bangfu.policy.checklist import checklist
from bangfu.policy.evaluation import evaluate, holds
from bangfu.policy.facts import read_facts
from bangfu.policy.figures import Unknown
from bangfu.policy.figures_text import read_fen, read_figure
from bangfu.policy.loading import KEPT, load_pack
from bangfu.policy.outcome import Cover, Outcome, truth_word
from bangfu.policy.pack import Example, Pack
from bangfu.policy.problems import BadPack, Problem
from bangfu.policy.procedure import how_many, next_due, path, urgent_lane
from bangfu.policy.walker import Walk

#: Expectations that are answered by evaluating the pack for the household.
JUDGED = frozenset(
    {"outcome", "class", "classes", "national_class", "possible_classes", "missing", "programmes", "plans", "reasons", "exit"}
)


def is_judged(example: Example) -> bool:
    """Does the example ask what the pack says of a household (not of a parameter, a stage or a fund alone)?"""
    return bool(JUDGED & set(example.expect))


def check(source: Path | bytes) -> tuple[Pack | None, list[Problem]]:
    """Everything that is wrong with a pack: its files, names, units, references, then its examples."""
    try:
        pack = load_pack(source)
    except BadPack as wrong:
        return None, wrong.problems
    return pack, list(_run(pack) if isinstance(source, bytes) else run_examples(pack))


@lru_cache(maxsize=KEPT)
def _run(pack: Pack) -> tuple[Problem, ...]:
    """The examples of a pack that is kept anyway, run once: packs are compared by identity and never changed."""
    return tuple(run_examples(pack))


def run_examples(pack: Pack) -> list[Problem]:
    return [
        Problem(example.file, example.line, "", _("示例“%(name)s”：%(fault)s") % {"name": example.name, "fault": fault})
        for example in pack.examples
        for fault in faults_of(pack, example)
    ]


def faults_of(pack: Pack, example: Example) -> list[str]:
    """What one example expects and does not get, in sentences."""
    try:
        return list(_faults(pack, example))
    except (Refused, KeyError, ValueError) as wrong:
        return [_("算不出来：%(why)s") % {"why": wrong}]


def _faults(pack: Pack, example: Example) -> Iterator[str]:
    expect = example.expect
    if is_judged(example):
        yield from _judged(evaluate(pack, example.facts, example.on), expect)
    for name, wanted in (expect.get("parameters") or {}).items():
        yield from _parameter(pack, name, wanted, example.on)
    if "figures" in expect:
        yield from _figures(pack, expect["figures"], example)
    if "stages" in expect:
        stages = path(pack, expect["stages"]["procedure"], example.facts, on=example.on)
        yield from _differs(_("环节"), expect["stages"]["path"], [stage.id for stage in stages])
        days = {stage.id: stage.days for stage in stages}
        for stage_id, wanted in (expect["stages"].get("days") or {}).items():
            yield from _differs(_("%(id)s 的天数") % {"id": stage_id}, wanted, days.get(stage_id))
    if "evidence" in expect:
        papers = checklist(pack, example.facts, on=example.on, programme=example.facts.get("programme"))
        yield from _differs(_("材料"), expect["evidence"], [paper.id for paper in papers])
    if "budget" in expect:
        yield from _budget(pack, expect["budget"], example.on)
    if "urgent" in expect:
        yield from _urgent(pack, expect["urgent"], example)
    if "matter" in expect:
        yield from _matter(pack, expect["matter"])
    if "cadence" in expect:
        yield from _cadence(pack, expect["cadence"], example)
    for key, work_out, given, wanted in (
        ("top_up", top_up, "balance_fen", "calls"), ("minimum", short_of_minimum, "received", "short")
    ):  # fmt: skip
        if key in expect:
            yield from _money(pack, expect[key], work_out, given, wanted, example.on)


def _judged(outcome: Outcome, expect: Any) -> Iterator[str]:
    if "outcome" in expect:
        yield from _differs(_("结果"), expect["outcome"], outcome.outcome)
    if "class" in expect:
        yield from _differs(_("档次"), expect["class"], outcome.class_)
    if "national_class" in expect:
        yield from _differs(_("全国类别"), expect["national_class"], outcome.national_class)
    if "possible_classes" in expect:
        yield from _differs(_("可能的档次"), sorted(expect["possible_classes"]), list(outcome.possible_classes))
    for set_id, wanted in (expect.get("classes") or {}).items():
        if set_id not in outcome.classes:
            yield _("没有档次“%(id)s”") % {"id": set_id}
        else:
            yield from _differs(set_id, wanted, outcome.classes[set_id])
    if "missing" in expect:
        yield from _differs(_("缺少的事实"), sorted(expect["missing"]), list(outcome.missing))
    if "exit" in expect:
        yield from _differs(_("退出"), expect["exit"], outcome.exit)
    for programme_id, wanted in (expect.get("programmes") or {}).items():
        found = outcome.programme(programme_id)
        if found is None:
            yield _("没有项目“%(id)s”") % {"id": programme_id}
            continue
        if "outcome" in wanted:
            yield from _differs(programme_id, wanted["outcome"], found.outcome)
        if "amount_fen" in wanted:
            amount = wanted["amount_fen"]
            yield from _differs(
                _("%(id)s 的金额（分）") % {"id": programme_id}, None if amount is None else read_fen(amount), found.amount_fen
            )
        if "missing" in wanted:
            yield from _differs(_("%(id)s 缺少的事实") % {"id": programme_id}, sorted(wanted["missing"]), list(found.missing))
    for plan_id, wanted in (expect.get("plans") or {}).items():
        cover = outcome.plan(plan_id)
        if cover is None:
            yield _("没有计划“%(id)s”的结果") % {"id": plan_id}
        else:
            yield from _plan(plan_id, cover, wanted)
    for wanted in expect.get("reasons") or []:
        yield from _reason(outcome, wanted)


def _plan(plan_id: str, cover: Cover, wanted: Any) -> Iterator[str]:
    def fen(value: Any) -> int | None:
        return None if value is None else read_fen(value)

    for key in ("outcome", "joins", "ends_cover"):
        if key in wanted:
            yield from _differs(f"{plan_id} {key}", wanted[key], getattr(cover, key))
    for key in ("amount_fen", "fee_fen"):
        if key in wanted:
            yield from _differs(f"{plan_id} {key}", fen(wanted[key]), getattr(cover, key))
    if "split" in wanted:
        yield from _differs(
            _("%(id)s 的分担（分）") % {"id": plan_id}, {key: fen(one) for key, one in wanted["split"].items()}, cover.split
        )
    if "missing" in wanted:
        yield from _differs(_("%(id)s 缺少的事实") % {"id": plan_id}, sorted(wanted["missing"]), list(cover.missing))
    found = {row.id.partition(".")[2]: row for row in cover.benefits}
    for benefit_id, row in (wanted.get("benefits") or {}).items():
        if benefit_id not in found:
            yield _("%(id)s 没有待遇“%(benefit)s”") % {"id": plan_id, "benefit": benefit_id}
            continue
        if "outcome" in row:
            yield from _differs(f"{plan_id}.{benefit_id}", row["outcome"], found[benefit_id].outcome)
        if "amount_fen" in row:
            yield from _differs(f"{plan_id}.{benefit_id} amount_fen", fen(row["amount_fen"]), found[benefit_id].amount_fen)


def _reason(outcome: Outcome, wanted: Any) -> Iterator[str]:
    rows = [row for row in outcome.reasons if row.clause == wanted["clause"] and wanted.get("about", row.about) == row.about]
    if not rows:
        yield _("没有引用条款“%(clause)s”") % {"clause": wanted["clause"]}
        return
    keys = [key for key in ("truth", "value", "threshold") if key in wanted]
    if not any(all(getattr(row, key) == wanted[key] for key in keys) for row in rows):
        found = "；".join(f"{row.truth} {row.value} {row.threshold}" for row in rows)
        yield _("条款“%(clause)s”应为 %(want)s，实为 %(got)s") % {
            "clause": wanted["clause"],
            "want": " ".join(str(wanted[key]) for key in keys),
            "got": found,
        }


def _figures(pack: Pack, wanted: Mapping[str, Any], example: Example) -> Iterator[str]:
    """Figures of derived.yaml: a sum in fen or yuan, a yes or no, null = cannot be said yet."""
    facts = read_facts(example.facts, pack.vocabulary)
    walk = Walk(pack.frame, facts.known, facts.lists, example.on, {})
    for name, value in wanted.items():
        figure = pack.derived.get(name)
        if figure is None or figure.entity != "household":
            yield _("没有推算“%(name)s”") % {"name": name}
            continue
        found = walk.value(ex.Name(name))
        expected = read_figure(value, "int", figure.unit) if isinstance(value, str) and figure.unit else value
        yield from _differs(figure.title, expected, None if isinstance(found, Unknown) else found)


def _parameter(pack: Pack, name: str, wanted: Any, on: date) -> Iterator[str]:
    standard = pack.parameters.get(name)
    if standard is None:
        yield _("没有参数 $%(name)s") % {"name": name}
        return
    entries = standard.on(on)
    yield from _differs(f"${name}", read_figure(wanted, standard.type, standard.unit), entries[-1].value if entries else None)


def _budget(pack: Pack, wanted: Any, on: date) -> Iterator[str]:
    fund = pack.fund(wanted["fund"])
    if fund is None:
        yield _("没有资金“%(id)s”") % {"id": wanted["fund"]}
        return
    found = next_budget(pack, fund, read_fen(wanted["last_year_spent_fen"]), on)
    yield from _differs(_("下年预算（分）"), read_fen(wanted["next_year_fen"]), found.next_year_fen if found else None)


def _urgent(pack: Pack, wanted: Any, example: Example) -> Iterator[str]:
    amount = read_fen(wanted["amount_fen"]) if "amount_fen" in wanted else None
    lane, truth = urgent_lane(pack, wanted["procedure"], example.facts, on=example.on, amount_fen=amount)
    yield from _differs(_("急事急办"), wanted["allowed"], truth_word(truth) if lane else "false")


def _matter(pack: Pack, wanted: Any) -> Iterator[str]:
    found = pack.matter(wanted["id"])
    if found is None:
        yield _("没有事项“%(id)s”") % {"id": wanted["id"]}
        return
    days = {step.id: step.days for step in found.steps}
    for step_id, number in wanted["days"].items():
        yield from _differs(_("%(id)s 的天数") % {"id": step_id}, number, days.get(step_id))


def _cadence(pack: Pack, wanted: Any, example: Example) -> Iterator[str]:
    found = pack.cadence(wanted["id"])
    if found is None:
        yield _("没有定期工作“%(id)s”") % {"id": wanted["id"]}
        return
    if "after" in wanted:
        yield from _differs(_("下一次"), wanted.get("due"), next_due(found, date.fromisoformat(wanted["after"])).isoformat())
    if "of" in wanted:
        yield from _differs(_("户数"), wanted.get("count"), how_many(found, wanted["of"]))
    if "applies" in wanted:
        yield from _differs(_("适用"), wanted["applies"], truth_word(holds(pack, found.when, example.facts, example.on)))


def _money(pack: Pack, row: Any, work_out: Any, given: str, wanted: str, on: date) -> Iterator[str]:
    """A top-up or a yearly minimum: sums by source."""

    def fen(value: Any) -> Any:
        return {key: read_fen(item) for key, item in value.items()} if isinstance(value, Mapping) else read_fen(value)

    fund = pack.fund(row["fund"])
    if fund is None:
        yield _("没有资金“%(id)s”") % {"id": row["fund"]}
    else:
        yield from _differs(_("各来源金额（分）"), fen(row[wanted]), work_out(pack, fund, fen(row[given]), on))


def _differs(what: str, wanted: Any, found: Any) -> Iterator[str]:
    if wanted != found:
        yield _("%(what)s应为 %(want)s，实为 %(got)s") % {"what": what, "want": _shown(wanted), "got": _shown(found)}


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return "、".join(f"{key} {item}" for key, item in value.items()) or _("无")
    if isinstance(value, list):
        return "、".join(map(str, value)) or _("无")
    return _("无") if value is None else str(value)
