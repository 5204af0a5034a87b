"""Evaluate a pack for one household on one day: class, programmes, amounts, what is missing, and the reasons.

Pure: no database, no clock. Rules recommend; a person decides. Source: contracts.md "Rules", S1-2, S1-3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy import expression as ex
from bangfu.policy import figures as fig
from bangfu.policy.amounts import reasons_for, work_out
from bangfu.policy.facts import BadFacts, Facts, read_facts
from bangfu.policy.figures import Truth, Unknown, Value
from bangfu.policy.outcome import NOT_ELIGIBLE, Cover, Outcome, Proposal, Reason, outcome_word, truth_word
from bangfu.policy.pack import NONE, ClassSet, Pack, Plan, Programme, Tree
from bangfu.policy.questions import entry_of, grade_of, programme_of
from bangfu.policy.reasoning import Teller, judge
from bangfu.policy.settle import Box, settle
from bangfu.policy.stops import naming
from bangfu.policy.walker import Cut, Walk


def evaluate(pack: Pack, facts: Mapping[str, Any], on: date) -> Outcome:
    """What the pack says of these facts on this day. Raises BadFacts, and RuleStopped with the clause that cannot be worked out."""
    return _Judge(pack, read_facts(facts, pack.vocabulary), on).outcome()


def holds(pack: Pack, condition: ex.Node | None, facts: Mapping[str, Any], on: date) -> Truth:
    """Is one condition of the pack (a stage's or a paper's `when`) met? None = always."""
    if condition is None:
        return True
    judge_ = _Judge(pack, read_facts(facts, pack.vocabulary), on)
    return settle(  # type: ignore[return-value]
        lambda box: judge_.question(box, lambda walk: walk.truth(condition), judge_.named), pack.vocabulary.facts
    )


class _Judge:
    def __init__(self, pack: Pack, facts: Facts, on: date) -> None:
        self.pack, self.facts, self.on = pack, facts, on
        self.known = dict(facts.known)
        self.kept: dict[Any, Any] = {}  # what the walks of this case have found so far, see `Walk.found`
        self.sure: dict[str, tuple[Truth, Value]] = {}  # entry and class of the sets that are known for good
        #: The sets whose class rules may ask for: the first one, and those named by class_x.
        self.named = tuple(group for group in pack.class_sets if group is pack.primary or group.id in pack.named_sets)

    def walk(self, overrides: Box) -> Walk:
        return Walk(self.pack.frame, self.known, self.facts.lists, self.on, overrides, kept=self.kept)

    def question(self, box: Box, ask: Callable[[Walk], Value], graded: tuple[ClassSet, ...] = ()) -> tuple[Value, list[Cut]]:
        """One walk over the facts with `box` filled in; entry and class of the sets `graded` are made known to the rules."""
        walk = self.walk(box)
        for group in graded:
            sure = self.sure.get(group.id)  # no missing fact can change it
            self.tell(walk, group, *(sure or (entry_of(walk, group), grade_of(walk, group))))
        return ask(walk), walk.cuts

    def tell(self, walk: Walk, group: ClassSet, entry: Truth, grade: Value) -> None:
        """Make a set's answer known to the rules that follow."""
        walk.built_in[f"entry_{group.id}"], walk.built_in[f"class_{group.id}"] = entry, grade
        if group is self.pack.primary:
            walk.built_in["entry"], walk.built_in["class"] = entry, grade

    def settled(self, walk: Walk, ask: Callable[[Walk], Value], graded: tuple[ClassSet, ...] = ()) -> Value:
        """Ask in the walk at hand; what stays unknown is settled by splitting, unless each missing fact was used just once.

        Then Kleene logic and intervals are exact already, and nothing need be walked again.
        """
        walk.forget_uses()
        first = ask(walk)
        if not isinstance(first, Unknown) or not walk.asked_again(first.missing):
            return first
        return settle(lambda box: self.question(box, ask, graded), self.pack.vocabulary.facts)

    # --- the whole ---

    def outcome(self) -> Outcome:
        pack, walk = self.pack, self.walk({})
        self.teller = Teller(pack, self.facts, walk)
        reasons: list[Reason] = []
        classes: dict[str, Value] = {}
        entry: Truth = True
        for group in pack.class_sets:
            truth, grade = self._graded(walk, group)
            classes[group.id] = grade
            self.tell(walk, group, truth, grade)
            if not isinstance(truth, Unknown) and not isinstance(grade, Unknown):
                self.sure[group.id] = truth, grade
            if group is pack.primary:
                entry = truth
            reasons += self._class_reasons(walk, group)
        programmes = [self._proposal(walk, programme, reasons) for programme in pack.programmes]
        exit_truth = self._exit(walk, reasons)
        plans = tuple(self._cover(walk, plan, reasons) for plan in self._plans_asked())
        overall = self._overall(entry, classes, programmes, plans)
        missing = set(fig.missing_of(overall, *([] if self._asked() or self.facts.known.get("plan") else classes.values())))
        for proposal in programmes:
            if proposal.id == self._asked() or (not self._asked() and not plans and proposal.outcome == "unknown"):
                missing |= set(proposal.missing)
        for plan in plans:
            missing |= set(plan.missing)
        primary: Value | None = classes[pack.primary.id] if pack.primary else None
        known_class = primary if isinstance(primary, str) and primary != NONE else None
        found = pack.primary.get(known_class) if pack.primary and known_class else None
        return Outcome(
            outcome=outcome_word(overall),
            class_=known_class,
            national_class=found.national if found and found.national else None,
            classes={key: value if isinstance(value, str) and value != NONE else None for key, value in classes.items()},
            possible_classes=tuple(sorted(primary.options or ())) if isinstance(primary, Unknown) else (),
            exit=truth_word(exit_truth) if exit_truth is not None else None,
            programmes=tuple(programmes),
            missing=tuple(sorted(missing)),
            reasons=tuple(reasons),
            pack=pack.id,
            on=self.on,
            plans=plans,
        )

    # --- mutual-aid plans ---

    def _plans_asked(self) -> tuple[Plan, ...]:
        """The plan that the facts name; without a name, all of them where something is claimed or nothing else can be asked."""
        pack, known = self.pack, self.facts.known
        named = known.get("plan")
        if isinstance(named, str):
            plan = pack.plan(named)
            if plan is None:
                titles = "、".join(item.id for item in pack.plans) or _("无")
                raise BadFacts(
                    _("《%(title)s》里没有计划“%(id)s”，有：%(all)s。") % {"title": pack.title, "id": named, "all": titles}
                )
            return (plan,)
        is_asked = not (pack.class_sets or pack.programmes) or any(
            name in known for name in ("claim_kind", "happened_on", "is_enrolling")
        )
        return pack.plans if is_asked else ()

    def _cover(self, walk: Walk, plan: Plan, reasons: list[Reason]) -> Cover:
        if self.facts.known.get("is_enrolling") is True:
            return self._joining(walk, plan, reasons)
        parts = [self._benefit(walk, plan, benefit, reasons) for benefit in plan.benefits]
        verdict = judge(walk, plan.requires)
        reasons += self.teller.reasons(verdict, plan.id)
        for rule in plan.exclusions:
            reasons += self.teller.reasons(judge(walk, rule, inverted=True), plan.id, role="exclusion")
        proposals, values = stacked(plan, parts, reasons)
        with naming(plan.clause):
            offer = work_out(walk, plan.whole, wish=values)
        reasons += reasons_for(self.teller, plan.id, offer)
        due = fig.conjunction([fig.compare(">=", offer.amount, 1), fig.conjunction([truth for truth, _row in parts], "or")])
        missing = set(fig.missing_of(due))
        if due is not False:
            missing |= fig.missing_of(offer.amount)
        amount = offer.amount
        paid = {row.id for row in proposals if row.outcome == "eligible" and row.amount_fen}
        return Cover(
            id=plan.id,
            title=plan.title,
            clause=plan.clause,
            outcome=outcome_word(due),
            amount_fen=0 if due is False else None if isinstance(due, Unknown) or isinstance(amount, Unknown) else int(amount),
            benefits=tuple(proposals),
            ends_cover=due is True and bool(paid & plan.ends_cover),
            steps=offer.steps,
            missing=tuple(sorted(missing)),
        )

    def _benefit(self, walk: Walk, plan: Plan, benefit: Programme, reasons: list[Reason]) -> tuple[Truth, Proposal]:
        """One benefit with what the plan asks of every claim. Its truth, and its row."""

        def due(walk: Walk) -> Truth:
            common = [judge(walk, plan.requires).truth, *(judge(walk, rule, inverted=True).truth for rule in plan.exclusions)]
            claim = fig.conjunction(common)
            return False if claim is False else fig.conjunction([claim, programme_of(walk, benefit).truth])

        with naming(benefit.clause):
            truth: Truth = self.settled(walk, due, self.named)  # type: ignore[assignment]
        row = self._proposal(walk, benefit, reasons, truth)
        return truth, row

    def _joining(self, walk: Walk, plan: Plan, reasons: list[Reason]) -> Cover:
        with naming(plan.clause):
            truth: Truth = self.settled(walk, lambda walk: judge(walk, plan.joins).truth, self.named)  # type: ignore[assignment]
            fee: Value = work_out(walk, plan.fee).amount if plan.fee else 0
            split: dict[str, Value] = {payer.id: walk.value(payer.node) for payer in plan.payers if payer.node is not None}
        reasons += self.teller.reasons(judge(walk, plan.joins), f"{plan.id}.join")
        rest = fee
        for part in split.values():
            rest = fig.plus(rest, fig.negative(part))
        split |= {payer.id: rest for payer in plan.payers if payer.is_rest}
        missing = set(fig.missing_of(truth))
        if truth is not False:
            missing |= fig.missing_of(fee, *split.values())
        return Cover(
            id=plan.id,
            title=plan.title,
            clause=plan.clause,
            outcome=outcome_word(truth),
            joins=outcome_word(truth),
            fee_fen=None if isinstance(fee, Unknown) else int(fee),
            split={key: None if isinstance(part, Unknown) else int(part) for key, part in split.items()},
            missing=tuple(sorted(missing)),
        )

    # --- the rest ---

    def _asked(self) -> str | None:
        asked = self.facts.known.get("programme")
        return asked if isinstance(asked, str) else None

    def _graded(self, walk: Walk, group: ClassSet) -> tuple[Truth, Value]:
        first = self.named[: self.named.index(group)] if group in self.named else self.named
        with naming(group.title):
            entry: Truth = self.settled(walk, lambda walk: entry_of(walk, group), first)  # type: ignore[assignment]
            return entry, self.settled(walk, lambda walk: grade_of(walk, group), first)

    def _class_reasons(self, walk: Walk, group: ClassSet) -> list[Reason]:
        """Of the set that counts about `entry` and `class:x`; of the others about `entry:set` and `class:set.x`."""
        entry, class_ = ("entry", "class:") if group is self.pack.primary else (f"entry:{group.id}", f"class:{group.id}.")
        rows = self.teller.reasons(judge(walk, group.entry), entry)
        for rule in group.exclusions:
            rows += self.teller.reasons(judge(walk, rule, inverted=True), entry, role="exclusion")
        for item in group.classes:
            rows += self.teller.reasons(judge(walk, item.tree), f"{class_}{item.id}")
        return rows

    def _proposal(self, walk: Walk, programme: Programme, reasons: list[Reason], settled: Truth | None = None) -> Proposal:
        with naming(programme.clause):
            if settled is None:
                settled = self.settled(walk, lambda walk: programme_of(walk, programme).truth, self.named)  # type: ignore[assignment]
            truth: Truth = settled  # type: ignore[assignment]
            found = programme_of(walk, programme)  # as it came out in the walk at hand, without any fact filled in
        roles = ["condition", *("once" for _rule in programme.once), *("excludes" for _rule in programme.excludes)]
        for role, verdict in zip(roles, found.verdicts, strict=True):
            reasons += self.teller.reasons(verdict, programme.id, role=role)
        reasons += reasons_for(self.teller, programme.id, found.offer)
        missing = set(fig.missing_of(truth))
        amount = found.offer.amount
        if truth is not False and programme.id == self._asked():
            missing |= fig.missing_of(amount)
        known = None if isinstance(truth, Unknown) or isinstance(amount, Unknown) else int(amount)
        return Proposal(
            id=programme.id,
            title=programme.title,
            outcome=outcome_word(truth),
            amount_fen=0 if truth is False else known,
            low_fen=fig.low(amount) if isinstance(amount, Unknown) and truth is not False else None,
            high_fen=fig.high(amount) if isinstance(amount, Unknown) and truth is not False else None,
            asked_fen=found.offer.asked_fen,
            steps=found.offer.steps,
            missing=tuple(sorted(missing)),
            clause=programme.clause,
        )

    def _exit(self, walk: Walk, reasons: list[Reason]) -> Truth | None:
        """Should a household on file leave? Asked only of one that is on file."""
        group = self.pack.primary
        if group is None or group.exit is None or self.facts.known.get("archive_state") != "filed":
            return None
        tree: Tree = group.exit
        verdict = judge(walk, tree)
        reasons += self.teller.reasons(verdict, "exit")
        return self.settled(walk, lambda walk: judge(walk, tree).truth)  # type: ignore[return-value]

    def _overall(self, entry: Truth, classes: Mapping[str, Value], programmes: list[Proposal], plans: tuple[Cover, ...]) -> Truth:
        """The programme or plan that the facts name; else entry with a class; without classes, any programme or plan."""
        if "plan" in self.facts.known:
            return _truth_of(plans[0])
        asked = next((item for item in programmes if item.id == self._asked()), None)
        if asked is not None:
            return _truth_of(asked)
        if self.pack.primary is None:
            return fig.conjunction([*map(_truth_of, programmes), *map(_truth_of, plans)], "or")
        graded = fig.inverse(fig.compare("=", classes[self.pack.primary.id], NONE))
        return fig.conjunction([entry, graded])


def stacked(plan: Plan, parts: list[tuple[Truth, Proposal]], reasons: list[Reason]) -> tuple[list[Proposal], Value]:
    """The benefits with those that another one takes the place of set to nothing, and their sum."""
    rows = {row.id: row for _truth, row in parts}
    values: dict[str, Value] = {row.id: _worth(truth, row) for truth, row in parts}
    for group in plan.stacking:
        known = {one: values[one] for one in group.benefits if values[one] != 0}
        if len(known) < 2:
            continue
        if any(isinstance(value, Unknown) for value in known.values()):
            most, rest = next(iter(known)), list(known)[1:]
            values[most] = fig.extreme(list(known.values()), max)
            values |= dict.fromkeys(rest, 0)
            continue
        first = max(known, key=lambda one: int(known[one]))  # type: ignore[arg-type]
        for one in known:
            if one != first:
                values[one] = 0
                rows[one] = replace(rows[one], outcome=NOT_ELIGIBLE, amount_fen=0)
                reasons.append(
                    Reason(group.clause, group.text, int(known[one]), int(known[first]), "false", "", one, role="stacking",  # type: ignore[arg-type]
                           op=">", unit="fen", matters=True)
                )  # fmt: skip
    total: Value = 0
    for value in values.values():
        total = fig.plus(total, value)
    return list(rows.values()), total


def _worth(truth: Truth, row: Proposal) -> Value:
    if truth is False:
        return 0
    if row.amount_fen is not None:
        return row.amount_fen
    low = row.low_fen or 0
    return fig.interval(low if truth is True else 0, row.high_fen, frozenset(row.missing))


def _truth_of(proposal: Proposal | Cover) -> Truth:
    if proposal.outcome == "unknown":
        return Unknown(frozenset(proposal.missing))
    return proposal.outcome == "eligible"
