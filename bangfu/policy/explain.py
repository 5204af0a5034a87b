"""An outcome in words: the rows of the reasons table, the suggested amount and why, lines for the worker.

Built in a view and handed to `policy/_reasons.html` and `policy/_suggestion.html`; makes no query of its own.
Source: LOOK.md 5 "Reasons".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.models import Assessment
from bangfu.policy.outcome import Outcome, Proposal, Reason
from bangfu.policy.pack import NONE, Pack
from bangfu.policy.queries import pack_of
from bangfu.policy.wording import figure


@dataclass(frozen=True)
class Row:
    """One row of the table: the clause, what it asks, the household's figure, how it came out."""

    reason: Reason
    clause_url: str
    label: str  # whose figure: 本户, 申请, 若照申请
    shown: str
    under: str  # arithmetic or numbers, in grey
    word: str

    @property
    def clause(self) -> str:
        return self.reason.clause

    @property
    def text(self) -> str:
        return self.reason.text

    @property
    def truth(self) -> str:
        return self.reason.truth

    @property
    def matters(self) -> bool:
        return self.reason.matters


@dataclass(frozen=True)
class MissingFact:
    """A fact that could still change the result, and who can tell."""

    path: str
    title: str
    ask: str
    url: str = ""  # where it is filled in, for whoever may


@dataclass(frozen=True)
class Bound:
    """One of the numbers that the amount is the least of."""

    title: str
    clause: str
    amount_fen: int | None
    is_binding: bool


@dataclass(frozen=True)
class Explanation:
    """An outcome with its pack, for one programme or for the class alone."""

    outcome: Outcome
    pack: Pack
    programme_id: str | None
    text_url: str  # page of the regulation; "" = no links
    at: datetime | None = None
    rule_title: str = ""
    where: Callable[[str], str] | None = None  # from a missing fact to the page that takes it

    @cached_property
    def proposal(self) -> Proposal | None:
        return self.outcome.programme(self.programme_id) if self.programme_id else None

    @property
    def is_unknown(self) -> bool:
        return (self.proposal.outcome if self.proposal else self.outcome.outcome) == "unknown"

    @property
    def is_eligible(self) -> bool:
        return (self.proposal.outcome if self.proposal else self.outcome.outcome) == "eligible"

    @property
    def amount_fen(self) -> int | None:
        """The suggested amount; None while it cannot be said or nothing is suggested."""
        return self.proposal.amount_fen if self.proposal and self.proposal.outcome == "eligible" else None

    @cached_property
    def class_title(self) -> str:
        found = self.pack.primary.get(self.outcome.class_) if self.pack.primary and self.outcome.class_ else None
        return found.title if found else ""

    @cached_property
    def rows(self) -> list[Row]:
        return [self._row(reason) for reason in self.outcome.reasons_for(self.programme_id) if reason.text]

    @cached_property
    def has_demo(self) -> bool:
        return any(row.reason.demo for row in self.rows)

    @cached_property
    def bounds(self) -> list[Bound]:
        """Asked, the most each time, what is left of a ceiling: the suggestion is the least of them."""
        steps = self.proposal.steps if self.proposal else ()
        names = {
            "asked": _("申请"),
            "low": _("每次最低"),
            "high": _("每次最高"),
            "value": _("标准"),
            "cap": _("限额内还可领"),
            "round": _("取整"),
        }
        return [
            Bound(names[step.kind], step.clause, step.amount_fen, step.binding)
            for step in steps
            if step.kind != "low" or step.binding
        ]

    @cached_property
    def missing(self) -> list[MissingFact]:
        return [self._missing(path) for path in (self.proposal.missing if self.proposal else self.outcome.missing)]

    @cached_property
    def counts(self) -> str:
        """ "4 条满足，1 条不满足，1 条待查。" """
        words = {"true": _("%d 条满足"), "false": _("%d 条不满足"), "unknown": _("%d 条待查")}
        parts = [words[truth] % n for truth in words if (n := sum(row.truth == truth for row in self.rows))]
        return _("，").join(parts) + _("。") if parts else ""

    @cached_property
    def sentence(self) -> str:
        """One sentence why the amount is what it is, or why there is none."""
        found = self.proposal
        if found is None:
            return self._class_sentence()
        if found.outcome == "not_eligible":
            stopped = self._stopping()
            return (
                _("按%(clause)s“%(text)s”，不符合。") % {"clause": stopped.clause, "text": stopped.text}
                if stopped
                else _("不符合办法的条件。")
            )
        if found.outcome == "unknown":
            return _("还不能定：缺%(facts)s。") % {"facts": self._names()}
        if found.amount_fen is None:
            return _("符合条件；金额要等%(facts)s。") % {"facts": self._names()}
        return self._amount_sentence(found)

    @property
    def worker_lines(self) -> list[str]:
        """The same for the worker: warm, exact, no grade, no clause numbers."""
        found = self.proposal
        if found is None:
            return []
        lines = []
        if found.outcome == "unknown" or (found.outcome == "eligible" and found.amount_fen is None):
            lines = [_("还要核实：%(title)s。请问%(ask)s。") % {"title": item.title, "ask": item.ask} for item in self.missing]
        elif found.outcome == "not_eligible":
            lines = [
                _("这一条没有达到：%(text)s。") % {"text": row.text} for row in self.rows if row.truth == "false" and row.matters
            ]
        elif found.asked_fen is not None and found.reduced_fen and found.binding:
            left = next((bound for bound in self.bounds if bound.is_binding), None)
            lines = [
                _("您申请 %(asked)s，按办法“%(text)s”，建议 %(amount)s。")
                % {
                    "asked": figure(found.asked_fen, "fen"),
                    "text": found.binding.text,
                    "amount": figure(left.amount_fen if left else found.amount_fen, "fen"),
                }
            ]
        elif found.amount_fen is not None:
            lines = [_("按办法建议 %(amount)s。") % {"amount": figure(found.amount_fen, "fen")}]
        return [*lines, _("最后由评审会决定。")]

    # --- parts ---

    def _class_sentence(self) -> str:
        match self.outcome.outcome:
            case "eligible":
                return _("符合建档条件，评为%(class)s。") % {"class": self.class_title} if self.class_title else _("符合建档条件。")
            case "not_eligible":
                return _("不符合建档条件。")
        return _("还不能定：缺%(facts)s。") % {"facts": self._names()}

    def _amount_sentence(self, found: Proposal) -> str:
        amount = {"asked": figure(found.asked_fen, "fen"), "amount": figure(found.amount_fen, "fen")}
        step = found.binding
        if found.asked_fen is None or step is None:
            return _("按%(clause)s“%(text)s”。") % {"clause": step.clause, "text": step.text} if step else ""
        if found.reduced_fen:
            return _("申请 %(asked)s，按%(clause)s“%(text)s”，减 %(less)s。") % {
                **amount,
                "clause": step.clause,
                "text": step.text,
                "less": figure(found.reduced_fen, "fen"),
            }
        if found.asked_fen < (found.amount_fen or 0):
            return _("申请 %(asked)s，按%(clause)s补到最低的 %(amount)s。") % {**amount, "clause": step.clause}
        return _("申请 %(asked)s，在各项限额以内，照数。") % amount

    def _stopping(self) -> Reason | None:
        own = [row.reason for row in self.rows if row.truth == "false" and row.matters]
        return next((reason for reason in own if reason.about == self.programme_id), own[0] if own else None)

    def _names(self) -> str:
        return _("、").join(item.title for item in self.missing) or _("几项事实")

    def _missing(self, path: str) -> MissingFact:
        url = self.where(path) if self.where else ""
        if path in (titles := list_titles()):
            return MissingFact(path, titles[path], _("所在单位工会"), url)
        fact = self.pack.vocabulary.get(path.rpartition(".")[2])
        asks = [reason.ask for reason in self.outcome.reasons if path in reason.missing and reason.ask]
        return MissingFact(path, self.pack.title_of(path), asks[0] if asks else str(fact.ask) if fact else "", url)

    def _row(self, reason: Reason) -> Row:
        label = {"range": _("申请"), "cap": _("若照申请")}.get(reason.role, _("本户"))
        if reason.role == "cap" and self.proposal is not None and self.proposal.asked_fen is None:
            label = _("若照发放")
        return Row(
            reason=reason,
            clause_url=f"{self.text_url}#{reason.clause}" if self.text_url else "",
            label=label,
            shown=self._shown(reason),
            under=self._under(reason),
            word=self._word(reason),
        )

    def _under(self, reason: Reason) -> str:
        if reason.role == "cap" and reason.figures.get("left") is not None and reason.figures.get("used"):
            return _("已领 %(used)s，还可领 %(left)s") % {
                "used": figure(reason.figures["used"], "fen"),
                "left": figure(max(reason.figures["left"], 0), "fen"),
            }
        return reason.working

    def _word(self, reason: Reason) -> str:
        if reason.truth == "unknown":
            return _("待查：问%(ask)s") % {"ask": reason.ask} if reason.ask else _("待查")
        met = reason.truth == "true"
        if reason.role == "exclusion":
            return _("没有这种情形") if met else _("有这种情形")
        if met:
            return _("满足")
        words = {
            "reduced": _("不满足，已减额"),
            "raised": _("不满足，已补到最低"),
            "refused": _("不满足，余额不够一次"),
        }
        return words.get(reason.effect) or (_("不满足，已领过") if reason.role in ("once", "excludes") else _("不满足"))

    def _shown(self, reason: Reason) -> str:
        if reason.value is None:
            return _("不清楚") if reason.truth == "unknown" else ""
        return value_in_words(self.pack, reason.name, reason.value, reason.unit)


@dataclass(frozen=True)
class Line:
    """One comparison of the trace, for the audit's page."""

    clause: str
    text: str
    at: str
    value: str
    threshold: str
    truth: str
    word: str
    source: str


@dataclass(frozen=True)
class KnownFact:
    """One frozen fact of an assessment, for a page."""

    title: str
    value: str
    source: str


def trace_lines(explanation: Explanation) -> list[Line]:
    """Every comparison that was made, clause by clause."""
    pack = explanation.pack
    words = {"true": _("成立"), "false": _("不成立"), "unknown": _("不清楚")}
    return [
        Line(
            clause=row["clause"],
            text=row["text"],
            at=_place(row["at"]),
            value=value_in_words(pack, row["name"], row["value"], row["unit"]),
            threshold=value_in_words(pack, row["name"], row["threshold"], row["unit"]),
            truth=row["truth"],
            word=words[row["truth"]],
            source=row["source"],
        )
        for reason in explanation.outcome.reasons
        for row in reason.trace
    ]


def known_facts(pack: Pack, facts: Mapping[str, Any]) -> list[KnownFact]:
    """The frozen facts in words, lists row by row, each with the paper it came from."""
    sources = facts.get("sources", {})
    rows: list[KnownFact] = []
    for name, value in facts.items():
        if name == "sources":
            continue
        if not isinstance(value, list):
            rows.append(KnownFact(pack.title_of(name), _fact_in_words(pack, name, value), sources.get(name, "")))
            continue
        title = list_titles()[name]
        if not value:
            rows.append(KnownFact(title, _("没有"), sources.get(name, "")))
        for place, item in enumerate(value):
            parts = [f"{pack.title_of(key)} {_fact_in_words(pack, key, part)}" for key, part in item.items()]
            rows.append(KnownFact(f"{title} {place + 1}", _("；").join(parts), sources.get(name, "")))
    return rows


def _fact_in_words(pack: Pack, name: str, value: Any) -> str:
    fact = pack.vocabulary.get(name)
    return value_in_words(pack, name, value, fact.unit if fact and fact.type == "int" else "")


def value_in_words(pack: Pack, name: str, value: Any, unit: str) -> str:
    """A stored figure, code or yes/no for people; `name` is the fact it belongs to, if it is a single one."""
    if value is None:
        return _("不清楚")
    if isinstance(value, list):
        return _("、").join(value_in_words(pack, name, item, unit) for item in value)
    if isinstance(value, bool):
        if name == "entry":
            return _("符合") if value else _("不符合")
        if name.startswith(("has_", "refuses_")) or name == "is_aided_elsewhere":
            return _("有") if value else _("无")
        return _("是") if value else _("否")
    if isinstance(value, str):
        return _code(pack, name, value)
    if unit in ("fen", "permille", "date"):
        return figure(value, unit)
    return str(value) if name.endswith("_year") else f"{value} {unit_word(unit)}".rstrip()


def _code(pack: Pack, name: str, word: str) -> str:
    """A code in words: a class, a programme, or a word of the fact's own list."""
    if word == NONE:
        return _("无")
    if name in ("grade", "class"):
        return next((item.title for group in pack.class_sets for item in group.classes if item.id == word), word)
    if name in ("programme", "paid_programme"):
        found = pack.programme(word)
        return found.title if found else word
    fact = pack.vocabulary.get(name)
    return str(fact.codes.get(word, word)) if fact else word


def list_titles() -> dict[str, str]:
    return {
        "members": _("家庭成员"),
        "months": _("逐月收入"),
        "payments": _("已领的救助"),
        "events": _("突发情况"),
        "stays": _("住院记录"),
    }


def _place(at: str) -> str:
    """ "members[1]" as 家庭成员 2."""
    name, _bracket, rest = at.partition("[")
    return f"{list_titles().get(name, name)} {int(rest.rstrip(']')) + 1}" if rest else ""


def explain(assessment: Assessment, programme_id: str | None = None) -> Explanation:
    """The words for a stored assessment (fetched with its version). Its rules come from the process's own cache."""
    version = assessment.version
    return Explanation(assessment.result_object, pack_of(version), programme_id, version.text_url, assessment.at, version.title)


def explain_outcome(outcome: Outcome, pack: Pack, programme_id: str | None = None, *, text_url: str = "") -> Explanation:
    """The words for an outcome that is not stored."""
    return Explanation(outcome, pack, programme_id, text_url, None, pack.title)


def unit_word(unit: str) -> str:
    """The word after a figure: 人, 个月."""
    words = {
        "person": _("人"),
        "month": _("个月"),
        "day": _("天"),
        "year": _("岁"),
        "times": _("次"),
        "item": _("处"),
        "grade": _("级"),
        "m2": _("平方米"),
    }
    return str(words.get(unit, ""))
