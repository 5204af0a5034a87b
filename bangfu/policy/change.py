"""What would change it: for each single fact the nearest value that turns the outcome round, checked by evaluating again.

With the fact made unknown, the walk's `cuts` say where a comparison made with it flips; where none is found (a rounded
quotient, a least or greatest), the nearest value is searched for. Nothing is said that the rules did not answer.
Source: issue "Explain".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy.amounts import work_out
from bangfu.policy.evaluation import evaluate
from bangfu.policy.explain import list_titles, unit_word, value_in_words
from bangfu.policy.facts import canonical, read_facts
from bangfu.policy.outcome import ELIGIBLE, NOT_ELIGIBLE, UNKNOWN, Outcome, Reason
from bangfu.policy.pack import NONE, Pack
from bangfu.policy.reasoning import judge
from bangfu.policy.vocabulary import ENTITY_OF_LIST, Fact
from bangfu.policy.walker import Walk
from bangfu.policy.wording import figure

BUDGET = 600  # evaluations for one page
#: What is asked, and where the household lives and belongs: not a circumstance that may change.
FIXED = frozenset({"programme", "plan", "unit_path", "area_code", "sources", "asked_fen", "claim_kind", "is_enrolling"})
#: What was paid and what was earned month by month lies in the past.
PAST = frozenset({"payments", "months"})
LONGEST = 42  # doublings of a step: further than any figure of a household


@dataclass(frozen=True)
class Change:
    """One fact, the value it has and the nearest one that turns the outcome round.

    `effort` is the change in permille of the value (a yes/no or a code counts as 1000); `sentence` for committee and audit,
    `plain` for the worker (empty where the fact is not hers to read as a remedy); `clause` the one that decided.
    """

    path: str
    title: str
    old: Any
    new: Any
    to: str
    effort: int
    clause: str
    sentence: str
    plain: str = ""


def changes(pack: Pack, facts: Mapping[str, Any], on: date, programme_id: str | None = None) -> list[Change]:
    """What would turn round the outcome of a programme, or of entry; the least effort first. Empty while it is unknown.

    Raises BadFacts, RuleStopped as `evaluate` does.
    """
    return _Search(pack, facts, on, programme_id).found()


class _Search:
    def __init__(self, pack: Pack, facts: Mapping[str, Any], on: date, programme_id: str | None) -> None:
        self.pack, self.facts, self.on = pack, facts, on
        self.programme = pack.programme(programme_id) if programme_id else None
        self.left = BUDGET
        self.answers: dict[str, Outcome | None] = {}
        self.first = evaluate(pack, facts, on)

    def found(self) -> list[Change]:
        now = self.word(self.first)
        if now == UNKNOWN:
            return []
        wanted = NOT_ELIGIBLE if now == ELIGIBLE else ELIGIBLE
        rows = [row for path, fact, value in self.known() if (row := self.nearest(path, fact, value, wanted)) is not None]
        return sorted(rows, key=lambda row: (row.effort, row.path))

    def word(self, outcome: Outcome | None) -> str:
        """The outcome asked for: of the programme, else of entry and class."""
        if outcome is None:
            return UNKNOWN
        found = outcome.programme(self.programme.id) if self.programme else None
        return found.outcome if found else outcome.outcome

    # --- facts ---

    def known(self) -> Iterator[tuple[str, Fact, Any]]:
        """Every fact that has a value and may change, with its path; a household's own before those of its people."""
        rows: list[tuple[str, str, Any]] = []
        for name, value in self.facts.items():
            if name in ENTITY_OF_LIST:
                if name not in PAST and isinstance(value, (list, tuple)):
                    rows += [(f"{name}[{n}].{key}", key, one) for n, row in enumerate(value) for key, one in row.items()]
            elif name not in FIXED:
                rows.append((name, name, value))
        rows.sort(key=lambda row: "[" in row[0])
        for path, name, value in rows:
            fact = self.pack.vocabulary.get(name)
            if fact is not None and value is not None:
                yield path, fact, value

    def with_(self, path: str, value: Any) -> dict[str, Any]:
        """The facts with one of them changed; None = not known."""
        place, _dot, name = path.rpartition(".")
        if not place:
            return {**self.facts, path: value}
        list_, _bracket, at = place.partition("[")
        rows = [dict(row) for row in self.facts[list_]]
        rows[int(at.rstrip("]"))][name] = value
        return {**self.facts, list_: rows}

    def ask(self, path: str, value: Any) -> Outcome | None:
        """The outcome with one fact changed; None where the rules cannot be worked out for it."""
        key = canonical({path: value})
        if key not in self.answers:
            if self.left <= 0:
                return None
            self.left -= 1
            try:
                self.answers[key] = evaluate(self.pack, self.with_(path, value), self.on)
            except Refused:
                self.answers[key] = None
        return self.answers[key]

    # --- the nearest value ---

    def nearest(self, path: str, fact: Fact, value: Any, wanted: str) -> Change | None:
        without = self.ask(path, None)
        if without is not None and self.word(without) != UNKNOWN:
            return None  # whatever it is, the outcome stays
        if fact.type == "bool":
            tries: list[Any] = [not value]
        elif fact.type == "code":
            tries = [word for word in self.words(path, fact) if word != value]
        else:
            return self.nearest_number(path, fact, value, wanted)
        for one in tries:
            if self.word(self.ask(path, one)) == wanted:
                return self.row(path, fact, value, one, wanted)
        return None

    def nearest_number(self, path: str, fact: Fact, value: Any, wanted: str) -> Change | None:
        start = date.fromisoformat(value).toordinal() if fact.type == "date" else int(value)

        def raw(number: int) -> Any:
            return date.fromordinal(number).isoformat() if fact.type == "date" else number

        def turns(number: int) -> bool:
            return self.word(self.ask(path, raw(number))) == wanted

        def may_be(number: int) -> bool:
            low, high = (1, date.max.toordinal()) if fact.type == "date" else (fact.low, fact.high)
            return (low is None or number >= low) and (high is None or number <= high)

        edges = {int(cut) + step for cut in self.cuts(path) for step in (-1, 0, 1)}
        candidates = sorted((edge for edge in edges if edge != start and may_be(edge)), key=lambda edge: (abs(edge - start), edge))
        best = next((edge for edge in candidates if turns(edge)), None)
        if best is None:
            best = min(
                (one for sign in (-1, 1) if (one := _searched(start, sign, turns, may_be)) is not None),
                key=lambda one: abs(one - start),
                default=None,
            )
        return None if best is None else self.row(path, fact, value, raw(best), wanted)

    def words(self, path: str, fact: Fact) -> list[str]:
        """The words that a rule names, then one that none of them names; all of them where the rules ask through a class."""
        named = {str(cut) for cut in self.cuts(path)}
        return [*sorted(named), *(word for word in fact.codes if word not in named)]

    def cuts(self, path: str) -> set[int | str]:
        """Where the comparisons made with this fact flip: one walk with it unknown over all that the outcome rests on."""
        facts = read_facts(self.with_(path, None), self.pack.vocabulary)
        walk = Walk(self.pack.frame, facts.known, facts.lists, self.on)
        for group in self.pack.class_sets:
            for tree in (group.entry, *group.exclusions, *(item.tree for item in group.classes)):
                _walked(lambda tree=tree: judge(walk, tree))  # type: ignore[misc]
            grade = self.first.classes.get(group.id) or NONE
            walk.built_in[f"class_{group.id}"] = grade
            if group is self.pack.primary:
                walk.built_in["class"] = grade
        for programme in [self.programme] if self.programme else self.pack.programmes:
            for rule in (programme.requires, *programme.bars):
                _walked(lambda rule=rule: judge(walk, rule))  # type: ignore[misc]
            _walked(lambda programme=programme: work_out(walk, programme.amount))  # type: ignore[misc]
        return {cut for fact, cut in walk.cuts if fact == path}

    # --- words ---

    def row(self, path: str, fact: Fact, old: Any, new: Any, wanted: str) -> Change:
        outcome = self.ask(path, new)
        assert outcome is not None
        before, after = self.turned(outcome, wanted)
        title = self.title(path, fact)
        was, becomes = (self.shown(fact, value) for value in (old, new))
        step = abs(_number(fact, new) - _number(fact, old)) if fact.type in ("int", "date") else 0
        if fact.type == "date":
            effort = min(step * 1000 // 365, 999)
        else:
            effort = -(-step * 1000 // max(abs(int(old)), 1)) if step else 1000
        clause = after.clause if after else ""
        words = {"fact": title, "was": was, "becomes": becomes, "clause": clause.rpartition(":")[2]}
        return Change(
            path=path,
            title=title,
            old=old,
            new=new,
            to=wanted,
            effort=effort,
            clause=clause,
            sentence=self.sentence(fact, old, new, before, after, words, wanted),
            plain=self.plain(path, fact, old, new, words, wanted),
        )

    def sentence(
        self, fact: Fact, old: Any, new: Any, before: Reason | None, after: Reason | None, words: dict[str, str], wanted: str
    ) -> str:
        end = self._end(words["clause"], wanted)
        if fact.type != "int":
            return _("%(fact)s由“%(was)s”变为“%(becomes)s”，%(end)s") % {**words, "end": end}
        what, step, more = words["fact"], int(new) - int(old), _shown_step(int(new) - int(old), fact.unit)
        named = before.name if before and after and before.name == after.name else ""
        if named and named != fact.name and _are_numbers(before, after):  # a figure made of the fact says more than the fact
            assert before is not None and after is not None
            step = int(after.value) - int(before.value)
            if step:
                what, more = self.pack.title_of(named), _shown_step(step, before.unit)
        line = _("%(what)s再低 %(by)s%(end)s（%(fact)s由 %(was)s 变为 %(becomes)s）。")
        if step > 0:
            line = _("%(what)s再高 %(by)s%(end)s（%(fact)s由 %(was)s 变为 %(becomes)s）。")
        return line % {**words, "what": what, "by": more, "end": end.rstrip(_("。"))}

    def _end(self, clause: str, wanted: str) -> str:
        if not clause:
            return _("就符合条件。") if wanted == ELIGIBLE else _("就不再符合条件。")
        words = _("就符合第%(clause)s条。") if wanted == ELIGIBLE else _("就不再符合第%(clause)s条。")
        return words % {"clause": clause}

    def plain(self, path: str, fact: Fact, old: Any, new: Any, words: dict[str, str], wanted: str) -> str:
        """For the worker: sums of her own file only, nothing that reads as blame, no grade, no clause."""
        if wanted != ELIGIBLE or fact.unit != "fen" or "[" in path:
            return ""
        more = int(new) > int(old)
        line = _("如果%(fact)s达到 %(becomes)s（现在记的是 %(was)s），就合条件了。")
        if not more:
            line = _("如果%(fact)s不超过 %(becomes)s（现在记的是 %(was)s），就合条件了。")
        return line % words

    def turned(self, outcome: Outcome, wanted: str) -> tuple[Reason | None, Reason | None]:
        """The requirement that decides: the one that stood in the way and is now met, or the other way round."""
        bad = self.first if wanted == ELIGIBLE else outcome
        pairs = [
            (before, after)
            for before, after in zip(self.first.reasons, outcome.reasons, strict=False)
            if (before.clause, before.about, before.text) == (after.clause, after.about, after.text) and before.truth != after.truth
        ]
        own = self.programme.id if self.programme else ""

        def rank(pair: tuple[Reason, Reason]) -> tuple[bool, bool, bool]:
            stood = pair[0] if bad is self.first else pair[1]
            return stood.name.partition("_")[0] in ("entry", "class"), not stood.matters, stood.about != own

        towards = "true" if wanted == ELIGIBLE else "false"
        fitting = sorted((pair for pair in pairs if pair[1].truth == towards), key=rank)
        return fitting[0] if fitting else (None, None)

    def title(self, path: str, fact: Fact) -> str:
        place = path.rpartition(".")[0]
        if not place:
            return str(fact.title)
        name, _bracket, at = place.partition("[")
        return f"{list_titles().get(name, name)} {int(at.rstrip(']')) + 1} {fact.title}"

    def shown(self, fact: Fact, value: Any) -> str:
        if fact.type == "date":
            return str(value)
        return value_in_words(self.pack, fact.name, value, fact.unit if fact.type == "int" else "")


def _searched(start: int, sign: int, turns: Any, may_be: Any) -> int | None:
    """The nearest value on one side: steps doubled until it turns, then halved back."""
    step, last = 1, 0
    for _doubling in range(LONGEST):
        if not may_be(start + sign * step):
            return None
        if turns(start + sign * step):
            break
        step, last = step * 2, step
    else:
        return None
    low, high = last, step  # does not turn at low, turns at high
    while high - low > 1:
        middle = (low + high) // 2
        if turns(start + sign * middle):
            high = middle
        else:
            low = middle
    return start + sign * high


def _walked(run: Any) -> None:
    try:
        run()
    except Refused:
        return  # a rule that stops says nothing of where it flips; the evaluation itself is asked afterwards


def _number(fact: Fact, value: Any) -> int:
    return date.fromisoformat(value).toordinal() if fact.type == "date" else int(value)


def _are_numbers(*reasons: Reason | None) -> bool:
    return all(
        row is not None and isinstance(row.value, int) and not isinstance(row.value, bool) and row.unit != "date" for row in reasons
    )


def _shown_step(step: int, unit: str) -> str:
    if unit == "fen":
        return _("%(yuan)s 元") % {"yuan": figure(abs(step), "fen").lstrip("¥")}
    if unit == "permille":
        return _("%(n)s 个百分点") % {"n": f"{abs(step) // 10}.{abs(step) % 10}"}
    return f"{figure(abs(step), unit)} {unit_word(unit)}".rstrip()
