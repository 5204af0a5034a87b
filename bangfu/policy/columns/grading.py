"""Class sets: who may enter, which class, and where what is missing could still decide it. As `_Judge.grade`."""

from __future__ import annotations

from dataclasses import replace

from bangfu.policy.columns.bounds import inverted
from bangfu.policy.columns.fragments import Sql, all_of, any_of, literal, sql
from bangfu.policy.columns.judging import Judging, check
from bangfu.policy.columns.uses import ANY, DOWN, Uses
from bangfu.policy.columns.values import Truth, Word, unknown
from bangfu.policy.pack import NONE, ClassSet, Pack


def abouts(pack: Pack, group: ClassSet) -> tuple[str, str]:
    """What the reasons of a set are about: its entry, and the beginning of its classes."""
    return ("entry", "class:") if group is pack.primary else (f"entry:{group.id}", f"class:{group.id}.")


def classes_of(group: ClassSet) -> tuple[str, ...]:
    """The classes by number; 0 = none."""
    return (NONE, *(item.id for item in group.classes))


def class_set(j: Judging, group: ClassSet) -> tuple[Truth, Word, Truth]:
    """Entry, grade, and whether there is a grade."""
    check(group)
    about, about_class = abouts(j.pack, group)
    parts = [j.tree(group.entry, about=about)]
    parts += [j.rule(rule, inverted=True, about=about, role="exclusion") for rule in group.exclusions]
    entry = j.named(j.terms.both("and", parts))
    uses = j.uses()
    uses.tree(group.entry)
    for rule in group.exclusions:
        uses.node(rule.node, DOWN)
    j.ask.append(j.flag(j.doubtful(uses, unknown(entry))))
    truths = []
    for item in group.classes:
        check(item)
        truths.append(j.tree(item.tree, about=f"{about_class}{item.id}"))
    grade, has_class = graded_as(j, group, entry, truths, uses)
    graded = j.uses()
    graded.add(uses, ANY, loose=True)
    for item in group.classes:
        graded.tree(item.tree, ANY)
    # what a class can still be differs by row: a rule that compares with an open one is the walker's
    told = replace(grade, unsure=unknown(grade))
    for name in (f"_{group.id}", "") if group is j.pack.primary else (f"_{group.id}",):
        j.graded |= {f"entry{name}": uses, f"class{name}": graded}
        j.house.built_in |= {f"entry{name}": entry, f"class{name}": told}
    return entry, grade, has_class


def graded_as(j: Judging, group: ClassSet, entry: Truth, truths: list[Truth], entry_uses: Uses) -> tuple[Word, Truth]:
    """As `_Judge.grade`: the first class that holds; NULL while several are possible."""
    words: list[str] = []
    level = max((part.level for part in (entry.sql, *(truth.sql for truth in truths)) if isinstance(part, Sql)), default=0)
    is_open = False
    if entry.sql is False:
        return Word(NONE, coded=Sql("CAST(0 AS TINYINT)"), words=classes_of(group)), Truth(False)
    if isinstance(entry.sql, Sql):
        words.append(f"WHEN NOT {entry.sql} THEN 0")

    def sure(place: int) -> str:
        """The class, where entry is sure."""
        if entry.sql is None:
            return "NULL"
        return f"CASE WHEN {entry.sql} THEN {place} END" if entry.nullable else str(place)

    ends = False
    for place, truth in enumerate(truths, 1):
        if truth.sql is False:
            continue
        if truth.sql is True:
            words.append(f"ELSE {sure(place)}")
            ends = True
            break
        if truth.sql is None:
            words.append("ELSE NULL")
            is_open = ends = True
            break
        if truth.nullable:
            words.append(f"WHEN {truth.sql} IS NULL THEN NULL")
            is_open = True
        words.append(f"WHEN {truth.sql} THEN {sure(place)}")
    if not ends:
        words.append("ELSE 0")
    is_open |= entry.nullable or entry.sql is None
    text = "CASE " + " ".join(words) + " END" if len(words) > 1 else words[0].removeprefix("ELSE ")
    coded = j.plan.layers.shortened(Sql(f"CAST({text} AS TINYINT)", level))
    titles = " ".join(f"WHEN {place} THEN {literal(name)}" for place, name in enumerate(classes_of(group)))
    grade = Word(Sql(f"(CASE {coded} {titles} END)", coded.level), is_open, coded=coded, words=classes_of(group))
    found = any_of(*(j.is_true(truth) for truth in truths))
    _doubt_grade(j, group, entry, truths, grade, found, entry_uses)
    has = _has_class(j, entry, truths, grade, found)
    return grade, has


def _has_class(j: Judging, entry: Truth, truths: list[Truth], grade: Word, found: Sql | bool) -> Truth:
    """Is the class other than none? TRUE though several classes are possible, if one of them is sure to hold."""
    assert grade.coded is not None
    known = sql("({} <> 0)", grade.coded)
    if not grade.nullable:
        return j.named(Truth(known))
    several = all_of(j.is_true(entry), found)
    if several is False:
        return j.named(Truth(known, True))
    return j.named(Truth(sql("(CASE WHEN {} IS NOT NULL THEN {} WHEN {} THEN TRUE END)", grade.coded, known, several), True))


def _doubt_grade(
    j: Judging,
    group: ClassSet,
    entry: Truth,
    truths: list[Truth],
    grade: Word,
    found: Sql | bool,
    entry_uses: Uses,
) -> None:
    """Where splitting could tell the grade: not if entry is exactly open and a class is sure, nor if the first open class is exact."""
    open_ = unknown(grade)
    if open_ is False:
        return
    entered = j.is_true(entry)
    exact: list[Sql | bool] = []
    before: list[Sql | bool] = []
    for item, truth in zip(group.classes, truths, strict=True):
        uses = j.uses()
        uses.tree(item.tree)
        here = unknown(truth)
        exact.append(all_of(*before, here, inverted(j.nulls([*uses.mixed, *uses.loose]))))
        before.append(all_of(inverted(here), inverted(j.is_true(truth))))
    repeated = j.repeated(_all_uses(j, group))
    fine_entered = all_of(entered, any_of(*exact), any_of(found, inverted(repeated)))
    fine_open = all_of(unknown(entry), inverted(j.nulls([*entry_uses.mixed, *entry_uses.loose])), found)
    single = inverted(repeated)
    j.ask.append(j.flag(all_of(open_, inverted(any_of(fine_entered, fine_open, single)))))


def _all_uses(j: Judging, group: ClassSet) -> Uses:
    """Every use in the question of the grade: entry is worked out in it once more."""
    uses = j.uses()
    uses.tree(group.entry)
    for rule in group.exclusions:
        uses.node(rule.node, DOWN)
    for item in group.classes:
        uses.tree(item.tree)
    return uses
