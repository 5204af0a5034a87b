"""Compile a pack for a day and a snapshot into a plan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from bangfu.policy.columns.benefits import judged
from bangfu.policy.columns.bounds import is_sure
from bangfu.policy.columns.fragments import Sql, all_of, any_of, identifier, literal, sql
from bangfu.policy.columns.grading import abouts, class_set, classes_of
from bangfu.policy.columns.judging import Judging
from bangfu.policy.columns.layout import HOUSEHOLD, Snapshot
from bangfu.policy.columns.plan import BITS, Plan, ReasonKey
from bangfu.policy.columns.values import Left, Truth, Word, unknown
from bangfu.policy.pack import ClassSet, Group, Pack, Rule, Tree


def compile_pack(
    pack: Pack,
    on: date,
    snapshot: Snapshot,
    *,
    programmes: Iterable[str] | None = None,
    reasons: bool = True,
    carry: Iterable[str] = (),
    assume: Mapping[str, Any] | None = None,
) -> Plan:
    """The plan of a run. Raises nothing for what it does not know: `left` tells, and the walker answers."""
    chosen = tuple(item for item in pack.programmes if programmes is None or item.id in set(programmes))
    plan = Plan(pack, on, snapshot, dict(assume or {}), tuple(carry), chosen, with_reasons=reasons)
    _compiled(Judging(plan))
    return plan


def _compiled(j: Judging) -> None:
    """Fill the plan's outputs."""
    plan = j.plan
    for name in plan.carry:
        if plan.snapshot.column(HOUSEHOLD, name) is not None:
            plan.columns.add(name)
    try:
        out = _answers(j)
    except Left as left:
        plan.left.append(str(left))
        out = dict.fromkeys(_names(j))
        j.ask, j.bits = [True], [(key, Truth(None)) for key in _keys(j)]
    plan.reasons = [key for key, _truth in j.bits]
    plan.outputs["key"] = "key"
    for name in plan.carry:
        plan.outputs[name] = identifier(name) if plan.snapshot.column(HOUSEHOLD, name) else "NULL"
    for name, found in out.items():
        plan.outputs[name] = _typed_null(name) if found is None else str(found) if isinstance(found, Sql) else literal(found)
    for word in range(plan.bit_words):
        part = [truth for _key, truth in j.bits[word * BITS : (word + 1) * BITS]]
        plan.outputs[f"met_{word}"] = _packed([is_sure(truth) for truth in part])
        plan.outputs[f"open_{word}"] = _packed([unknown(truth) for truth in part])
    for group in j.pack.class_sets if not plan.left else ():
        plan.words[class_column(j.pack, group)] = classes_of(group)
    ask = any_of(*j.ask)
    plan.outputs["ask"] = literal(ask) if isinstance(ask, bool) else str(ask)
    plan.prune()


def class_column(pack: Pack, group: ClassSet) -> str:
    """The column of a set's class."""
    return "class" if group is pack.primary else f"class_{group.id}"


def _plans(j: Judging) -> None:
    """What is claimed from a mutual-aid plan is worked out by the walker: households with a claim are asked of it."""
    if not (j.pack.class_sets or j.plan.programmes):
        raise Left("plans only")
    for name in ("plan", "claim_kind", "happened_on", "is_enrolling"):
        fact = j.pack.vocabulary.get(name)
        if fact is None or not (j.pack.plans or name == "plan"):
            continue
        if name in j.plan.assume:
            j.ask.append(True)
        column = j.plan.snapshot.column(HOUSEHOLD, name)
        if column is not None and column.nulls < j.plan.snapshot.households:
            j.plan.columns.add(name)
            j.ask.append(Sql(f"({identifier(name)} IS NOT NULL)"))


def _names(j: Judging) -> list[str]:
    """The answers' columns."""
    found = ["outcome"]
    found += [class_column(j.pack, group) for group in j.pack.class_sets]
    for programme in j.plan.programmes:
        found += [f"due_{programme.id}", f"amount_{programme.id}"]
    return [*found, "exit", "is_on_file"]


def _answers(j: Judging) -> dict[str, Sql | bool | int | str | None]:
    classes: dict[str, Word] = {}
    entry: Truth = Truth(True)
    graded = Truth(False)
    for group in j.pack.class_sets:
        found, grade, has_class = class_set(j, group)
        classes[class_column(j.pack, group)] = grade
        if group is j.pack.primary:
            entry, graded = found, has_class
    _plans(j)
    programmes = {programme.id: judged(j, programme) for programme in j.plan.programmes}
    left, on_file = _leaving(j)
    overall = _outcome(j, entry, graded, {name: truth for name, (truth, _amount) in programmes.items()})
    out: dict[str, Any] = {"outcome": overall.sql}
    # of further sets the outcome does not tell "no class" from "not known yet"
    out |= {
        name: word.coded if name == "class" else sql("nullif({}, 0)", word.coded) if word.coded is not None else None
        for name, word in classes.items()
    }
    for name, (truth, amount) in programmes.items():
        out[f"due_{name}"], out[f"amount_{name}"] = truth.sql, sql("CAST({} AS BIGINT)", Sql("NULL") if amount is None else amount)
    return {**out, "exit": left, "is_on_file": on_file}


def _leaving(j: Judging) -> tuple[Sql | bool | None, Sql | bool]:
    """Should a household on file leave? (answer, is it asked at all)."""
    group = j.pack.primary
    if group is None or group.exit is None:
        return None, False
    state = j.house._fact(j.pack.vocabulary.facts["archive_state"])
    assert isinstance(state, Word)
    filed: Sql | bool
    if isinstance(state.sql, Sql):
        filed = sql("coalesce({} = 'filed', FALSE)" if state.nullable else "({} = 'filed')", state.sql)
    else:
        filed = state.sql == "filed"
    start, asks = len(j.bits), len(j.ask)
    truth = j.tree(group.exit, about="exit")
    uses = j.uses()
    uses.tree(group.exit)
    asked = any_of(*j.ask[asks:], j.doubtful(uses, unknown(truth)))
    j.ask[asks:] = [j.flag(all_of(filed, asked))]
    for place in range(start, len(j.bits)):  # no reasons of a question that is not asked
        key, one = j.bits[place]
        j.bits[place] = (key, _only_if(j, filed, one))
    if truth.sql is None or filed is False:
        return None, filed
    return (truth.sql if filed is True else sql("(CASE WHEN {} THEN {} END)", filed, truth.sql)), filed


def _only_if(j: Judging, filed: Sql | bool, truth: Truth) -> Truth:
    """NULL is "unknown" in a bit; outside the file the bit is plainly not set, which `_packed` sees by `filed`."""
    if filed is True:
        return truth
    if filed is False:
        return Truth(False)
    if truth.sql is None:
        return Truth(sql("(CASE WHEN {} THEN CAST(NULL AS BOOLEAN) ELSE FALSE END)", filed), True)
    return j.named(Truth(sql("(CASE WHEN {} THEN {} ELSE FALSE END)", filed, truth.sql), truth.nullable))


def _outcome(j: Judging, entry: Truth, graded: Truth, programmes: Mapping[str, Truth]) -> Truth:
    """As `_Judge._overall`: of the programme that the facts name, else entry with a class, else any programme."""
    if j.pack.primary is None:
        general = j.terms.both("or", list(programmes.values()))
    else:
        general = j.terms.both("and", [entry, graded])
    named = j.house._fact(j.pack.vocabulary.facts["programme"])
    assert isinstance(named, Word)
    if named.sql is None or not programmes:
        return j.named(general)
    if isinstance(named.sql, str):
        return programmes.get(named.sql, general)
    words = []
    for name, truth in programmes.items():
        words.append(f"WHEN {literal(name)} THEN {_text(truth)}")
    level = max(
        part.level for part in (named.sql, general.sql, *(truth.sql for truth in programmes.values())) if isinstance(part, Sql)
    )
    return j.named(Truth(Sql(f"(CASE {named.sql} {' '.join(words)} ELSE {_text(general)} END)", level), True))


def _keys(j: Judging) -> list[ReasonKey]:
    """The reasons in the order of the outcome, without compiling anything."""
    found: list[ReasonKey] = []

    def leaves(tree: Tree) -> Iterator[Rule]:
        if isinstance(tree, Group):
            for item in tree.items:
                yield from leaves(item)
        else:
            yield tree

    def note(tree: Tree, about: str, role: str = "condition") -> None:
        found.extend(ReasonKey(about, role, rule.clause, rule.text) for rule in leaves(tree))

    for group in j.pack.class_sets:
        about, about_class = abouts(j.pack, group)
        note(group.entry, about)
        for rule in group.exclusions:
            note(rule, about, "exclusion")
        for item in group.classes:
            note(item.tree, f"{about_class}{item.id}")
    for programme in j.plan.programmes:
        note(programme.requires, programme.id)
        for rule in programme.once:
            note(rule, programme.id, "once")
        for rule in programme.excludes:
            note(rule, programme.id, "excludes")
        spec = programme.amount
        if spec.kind == "choice":
            found.append(ReasonKey(programme.id, "range", spec.clause, spec.text))
        found.extend(ReasonKey(programme.id, "cap", cap.clause, cap.text) for cap in spec.caps)
    if j.pack.primary is not None and j.pack.primary.exit is not None:
        note(j.pack.primary.exit, "exit")
    return found


def _text(truth: Truth) -> str:
    if truth.sql is None:
        return "NULL"
    return str(truth.sql) if isinstance(truth.sql, Sql) else literal(truth.sql)


def _typed_null(name: str) -> str:
    type_ = "BIGINT" if name.startswith("amount_") else "VARCHAR" if name == "class" or name.startswith("class_") else "BOOLEAN"
    return f"CAST(NULL AS {type_})"


def _packed(values: list[Any]) -> str:
    """Bits of one word put together, the same on every engine."""
    words = []
    for place, value in enumerate(values):
        if value is False:
            continue
        if value is True:
            words.append(str(2**place))
            continue
        words.append(f"(-CAST({value} AS INTEGER) & {2**place})")  # -1 has every bit; measured: half of a product, of a shift
    return "CAST(" + (" | ".join(words) if words else "0") + " AS INTEGER)"
