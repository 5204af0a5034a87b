"""A pack as rows to read, each with its anchor and its clauses: what links the rule to the text, and the text to the rule.

Source: issue "Policies as data": the text page and the rule are one click apart.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.policy.pack import Amount, Cadence, ClassSet, Fund, Matter, Pack, Plan, Programme, Rule, rules_of
from bangfu.policy.vocabulary import MEANS


@dataclass(frozen=True)
class Row:
    """One rule of a pack. `clauses`: its own first, then those of the requirements and ceilings inside it."""

    part: str  # parameters programmes classes stages sets plans evidence funds cadences
    id: str
    title: str
    clauses: tuple[str, ...]
    lines: tuple[tuple[str, str], ...] = field(default=())  # (clause, words): what it says, requirement by requirement
    demo: bool = False

    @property
    def anchor(self) -> str:
        return f"{self.part}-{self.id}"


def rows(pack: Pack) -> list[Row]:
    """Everything that a clause may stand behind, in the order of the page."""
    found = [Row("parameters", standard.name, standard.title, (standard.clause,)) for standard in pack.parameters.values()]
    found += [_programme("programmes", item) for item in pack.programmes]
    for group in pack.class_sets:
        found += [
            Row(
                "classes", f"{group.id}.{item.id}", item.title, _unique(item.clause, *(rule.clause for rule in rules_of(item.tree)))
            )
            for item in group.classes
        ]
        found += _around(group)
    for procedure in pack.procedures:
        found += [Row("stages", f"{procedure.id}.{stage.id}", stage.title, (stage.clause,)) for stage in procedure.stages]
        if procedure.urgent is not None:
            lane = procedure.urgent
            title = _("%(procedure)s：急事急办") % {"procedure": procedure.title}
            found.append(Row("cadences", f"urgent.{procedure.id}", title, (lane.clause,), ((lane.clause, lane.text),), lane.demo))
    for plan in pack.plans:
        found += _plan(plan)
    found += [Row("evidence", item.id, item.title, (item.clause,), (), item.demo) for item in pack.evidence]
    found += [_fund(fund) for fund in pack.funds]
    found += [_cadence(item) for item in pack.cadences]
    found += [_matter(item) for item in pack.matters]
    return found


def by_clause(pack: Pack) -> dict[str, list[Row]]:
    """Clause -> the rules that rest on it."""
    found: dict[str, list[Row]] = {}
    for row in rows(pack):
        for clause in row.clauses:
            found.setdefault(clause, []).append(row)
    return found


def further(pack: Pack) -> list[tuple[str, list[Row]]]:
    """The parts without a table of their own, with their titles."""
    titles = {
        "sets": _("建档、不予建档和退出的条件"),
        "plans": _("互助保障计划"),
        "evidence": _("要交的材料"),
        "funds": _("资金"),
        "cadences": _("定期要做的事和急事急办"),
        "matters": _("来信、来电、来访等不涉及资金的事项"),
    }
    found = [(title, [row for row in rows(pack) if row.part == part]) for part, title in titles.items()]
    return [(title, listed) for title, listed in found if listed]


def _unique(*clauses: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(clause for clause in clauses if clause))


def _programme(part: str, item: Programme) -> Row:
    lines = [*_rules(*rules_of(item.requires), *item.bars), *_sums(item.amount)]
    if item.means is not None:
        words = "、".join(str(MEANS[word]) for word in item.means.only)
        lines.append((item.means.clause, _("%(text)s（只发：%(words)s）") % {"text": item.means.text, "words": words}))
    return Row(part, item.id, item.title, _unique(item.clause, *(clause for clause, _words in lines)), tuple(lines), item.demo)


def _rules(*rules: Rule) -> Iterator[tuple[str, str]]:
    for rule in rules:
        yield rule.clause, rule.text


def _sums(amount: Amount | None) -> Iterator[tuple[str, str]]:
    if amount is None:
        return
    if amount.text:
        yield amount.clause, amount.text
    for cap in amount.caps:
        yield cap.clause, cap.text


def _around(group: ClassSet) -> Iterator[Row]:
    """Who enters a class set, who is shut out, who leaves."""
    parts = (
        ("entry", _("%(set)s：建档条件"), tuple(rules_of(group.entry))),
        ("exclusions", _("%(set)s：不予建档"), group.exclusions),
        ("exit", _("%(set)s：退出"), tuple(rules_of(group.exit)) if group.exit is not None else ()),
    )
    for key, title, rules in parts:
        if rules:
            lines = tuple(_rules(*rules))
            is_demo = any(rule.demo for rule in rules)
            clauses = _unique(*(clause for clause, _words in lines))
            yield Row("sets", f"{group.id}.{key}", title % {"set": group.title}, clauses, lines, is_demo)


def _plan(plan: Plan) -> Iterator[Row]:
    lines = (*_rules(*rules_of(plan.joins), *rules_of(plan.requires), *plan.exclusions), *_sums(plan.fee), *_sums(plan.whole))
    clauses = _unique(plan.clause, *(clause for clause, _words in lines))
    yield Row("plans", plan.id, plan.title, clauses, lines, plan.demo)
    for benefit in plan.benefits:
        row = _programme("plans", benefit)
        yield Row("plans", benefit.id, f"{plan.title}：{benefit.title}", row.clauses, row.lines, row.demo)


def _cadence(item: Cadence) -> Row:
    lines = [(item.clause, item.text)]
    if item.escalate is not None:
        people = "、".join(str(Role(role).label) for role in item.escalate.to)
        words = _("逾期 %(n)d 天仍未办的，报%(people)s") % {"n": item.escalate.after_days, "people": people}
        lines.append((item.escalate.clause, words))
    return Row("cadences", item.id, item.text or item.id, _unique(*(clause for clause, _words in lines)), tuple(lines), item.demo)


def _matter(item: Matter) -> Row:
    lines = []
    for step in item.steps:
        words = step.text
        if step.days is not None:
            limit = _("%(n)d 个工作日内") if step.calendar == "working_days" else _("%(n)d 天内")
            words = f"{words}（{limit % {'n': step.days}}）"
        lines.append((step.clause, words))
    return Row("matters", item.id, item.title, _unique(item.clause, *(clause for clause, _words in lines)), tuple(lines), item.demo)


def _fund(fund: Fund) -> Row:
    lines = [(row.clause, row.text or row.title) for row in fund.source_rows]
    for part in (fund.top_up, fund.donations, *fund.placements, *fund.priority):
        if part is not None:
            lines.append((part.clause, part.text))
    if fund.revisions is not None:
        lines.append((fund.revisions.clause, fund.revisions.text))
    clauses = _unique(fund.clause, *(clause for clause, _words in lines))
    return Row("funds", fund.id, fund.title, clauses, tuple((clause, words) for clause, words in lines if words), fund.demo)


def rule_links(pack: Pack, page: str = "", *, prefix: str = "", parts: Collection[str] = ()) -> dict[str, SafeString]:
    """Clause -> links to the rules that rest on it, for `Regulation.html`. `page` "" = anchors of the same page; `parts` () = all."""
    found = {}
    for clause, listed in by_clause(pack).items():
        shown = [row for row in listed if not parts or row.part in parts]
        if shown:
            links = format_html_join(
                " ", '<a href="{}#{}">{}</a>', ((page, prefix + row.anchor, row.title) for row in dict.fromkeys(shown))
            )
            found[clause] = format_html('<span class="bf-rules">{}{}</span>', _("规则："), links)
    return found
