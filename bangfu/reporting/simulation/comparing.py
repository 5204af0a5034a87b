"""Two sets of rules over one snapshot, joined household by household: who enters, leaves, rises, falls, and what it costs.

A partition at a time, so that memory grows with the households' few compared columns only. No Django model is read here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import date
from random import Random
from typing import TYPE_CHECKING, Any

from bangfu.policy.columns import Snapshot, compile_pack, run_plan
from bangfu.policy.columns.engine import engine, table
from bangfu.policy.columns.fragments import identifier, quoted
from bangfu.policy.columns.plan import BITS, Plan
from bangfu.policy.pack import NONE, Pack, Programme

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

#: Words of progress and how far; answers False to stop.
Progress = Callable[[str, int, int], bool | None]
CARRIED = ("unit_path", "archive_state", "annual_income_fen", "household_size")
LIVING = ("clue", "filed")  # states of files that rules are for; the others have left
BANDS = (50_000, 80_000, 120_000, 160_000, 240_000)  # fen a head and month
MOVES = ("enters", "leaves", "opens", "rises", "falls", "more", "less", "same")
_TIMES = {"month": 12, "quarter": 4, "half_year": 2, "year": 1, "school_year": 1}
ASKED = {"most": 10**11, "least": 1}  # brought into the range of each programme


@dataclass(frozen=True)
class Question:
    """What is asked: the rules by letter, A first; the day; which files; what is taken as given."""

    packs: Mapping[str, Pack]
    on: date
    unit_path: str = ""  # codes joined by "/": only that unit and below
    includes_past: bool = False
    asking: str = "most"
    seed: int = 1

    @property
    def others(self) -> list[str]:
        return [letter for letter in self.packs if letter != "A"]

    @property
    def assume(self) -> dict[str, Any]:
        return {"is_aided_elsewhere": False, "asked_fen": ASKED[self.asking]}


def times_a_year(programme: Programme) -> int:
    """How often one household gets it in twelve months: by its cadence, at most as often as the rules allow; else once."""
    if programme.recurring is None:
        return 1
    times = _TIMES.get(programme.recurring.every, 1)
    return min(times, programme.recurring.most or times)


@dataclass
class Compared:
    """An open comparison. Tables in the engine: `compared_B` (one row a household), counts per programme and clause beside."""

    question: Question
    connection: duckdb.DuckDBPyConnection
    plans: dict[str, Plan]
    programmes: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)  # (letter, id) -> due, open, fen, unknown_fen
    units: dict[tuple[str, str, str], dict[str, int]] = field(default_factory=dict)  # (letter, unit path, id) -> due, fen
    clauses: dict[str, list[dict[str, Any]]] = field(default_factory=dict)  # letter -> requirements that come out differently
    _stack: ExitStack = field(default_factory=ExitStack)

    def rows(self, query: str, **tables: pa.Table) -> list[dict[str, Any]]:
        """Our own SQL over the compared rows."""
        for name, one in tables.items():
            self.connection.register(name, one)
        return table(self.connection, query).to_pylist()

    def batches(self, query: str, size: int) -> Iterator[list[dict[str, Any]]]:
        """The same, a few rows at a time: for answers that grow with the households."""
        relation = self.connection.sql(query)
        reader = relation.to_arrow_reader(size) if hasattr(relation, "to_arrow_reader") else relation.fetch_arrow_reader(size)
        for batch in reader:
            yield batch.to_pylist()

    def close(self) -> None:
        self._stack.close()

    def __enter__(self) -> Compared:
        return self

    def __exit__(self, *wrong: object) -> None:
        self.close()


def compare(question: Question, snapshot: Snapshot, *, reasons: bool = True, progress: Progress | None = None) -> Compared:
    """Run every side over the snapshot and join them; without `reasons` no clauses are counted.

    Raises RuleStopped (clause named), Stopped.
    """
    tell = progress or (lambda _step, _done, _of: None)
    stack = ExitStack()
    connection = stack.enter_context(engine([]))
    plans = {
        letter: compile_pack(pack, question.on, snapshot, reasons=reasons, carry=CARRIED, assume=question.assume)
        for letter, pack in question.packs.items()
    }
    compared = Compared(question, connection, plans, _stack=stack)
    try:
        whole = len(snapshot.parts) * len(plans)
        for place, part in enumerate(snapshot.parts):
            small = replace(snapshot, parts=(part,))
            for number, (letter, plan) in enumerate(plans.items()):
                if tell(letter, place * len(plans) + number, whole) is False:
                    raise Stopped
                for answers in run_plan(replace(plan, snapshot=small)):
                    connection.register("answers", answers)
                    shown = _narrowed(plan, question)
                    connection.execute(f"CREATE OR REPLACE TEMP TABLE side_{letter} AS SELECT {shown} FROM answers")
                    connection.unregister("answers")
            _keep(compared, first=place == 0)
        tell("", whole, whole)
    except BaseException:
        stack.close()
        raise
    return compared


class Stopped(Exception):
    """Somebody cancelled it."""


def _narrowed(plan: Plan, question: Question) -> str:
    """What of a side's answers is compared: truths, class by its place from the top, fen a year, reason bits."""
    primary = plan.pack.primary
    places = {item.id: place for place, item in enumerate(primary.classes)} if primary else {}
    ranked = "".join(f" WHEN {quoted(name)} THEN {place}" for name, place in places.items())
    class_ = "CAST(class AS VARCHAR)" if primary else "CAST(NULL AS VARCHAR)"
    fen = " + ".join(["0", *(f"coalesce({_fen(one)}, 0)" for one in plan.programmes)])
    unknown = " OR ".join(["FALSE", *(f"{_due(one)} AND {identifier('amount_' + one.id)} IS NULL" for one in plan.programmes)])
    shown = [
        "key",
        "outcome",
        f"{class_} AS class",
        f"CASE {class_}{ranked or ' WHEN NULL THEN 0'} END AS place",
        f"CAST({fen} AS BIGINT) AS fen",
        f"coalesce({unknown}, FALSE) AS has_unknown_fen",
        '"exit" AS leaving',
        *(f"{identifier('due_' + one.id)}" for one in plan.programmes),
        *(f"CAST({_fen(one)} AS BIGINT) AS {identifier('fen_' + one.id)}" for one in plan.programmes),
        *(f"met_{word}, open_{word}" for word in range(plan.bit_words)),
        *CARRIED,
    ]
    return ", ".join(shown)


def _due(one: Programme) -> str:
    return identifier(f"due_{one.id}")


def _fen(one: Programme) -> str:
    return f"CASE WHEN {_due(one)} THEN {identifier('amount_' + one.id)} * {times_a_year(one)} ELSE 0 END"


def _scope(question: Question) -> str:
    """Which households count."""
    parts = ["TRUE"]
    if question.unit_path:
        path = question.unit_path
        parts.append(f"(a.unit_path = {quoted(path)} OR starts_with(a.unit_path, {quoted(path + '/')}))")
    if not question.includes_past:
        parts.append(f"a.archive_state IN ({', '.join(map(quoted, LIVING))})")
    return " AND ".join(parts)


def _band() -> str:
    head = "(a.annual_income_fen / 12.0 / a.household_size)"
    whens = " ".join(f"WHEN {head} < {most} THEN {place}" for place, most in enumerate(BANDS))
    return f"CASE WHEN a.annual_income_fen IS NULL OR coalesce(a.household_size, 0) < 1 THEN NULL {whens} ELSE {len(BANDS)} END"


_MOVE = """CASE
 WHEN b.outcome AND a.outcome IS DISTINCT FROM TRUE THEN 'enters'
 WHEN a.outcome AND b.outcome IS NOT DISTINCT FROM FALSE THEN 'leaves'
 WHEN b.outcome IS NULL AND a.outcome IS NOT NULL THEN 'opens'
 WHEN b.place < a.place THEN 'rises'
 WHEN b.place > a.place THEN 'falls'
 WHEN b.fen > a.fen THEN 'more'
 WHEN b.fen < a.fen THEN 'less'
 ELSE 'same' END"""


def _keep(compared: Compared, *, first: bool) -> None:
    """Append this partition's joined rows, and its counts by programme and clause."""
    question, connection = compared.question, compared.connection
    for letter, plan in compared.plans.items():
        joined = f"FROM side_A AS a JOIN side_{letter} AS b USING (key) WHERE {_scope(question)}"
        _count_programmes(compared, letter, plan, joined)
        if letter == "A":
            continue
        sums = "".join(
            f", CASE WHEN b.{identifier('due_' + one.id)} THEN b.{identifier('fen_' + one.id)} END AS {identifier('f_' + one.id)}"
            for one in plan.programmes
        )
        rows = (
            "SELECT a.key AS key, a.unit_path AS unit_path, a.outcome AS was, b.outcome AS now, a.class AS class_was, b.class AS"
            " class_now, a.fen AS fen_was, b.fen AS fen_now, a.leaving AS leaving_was, b.leaving AS leaving_now,"
            f" b.has_unknown_fen AS has_unknown_fen, {_band()} AS band, {_MOVE} AS move{sums} {joined}"
        )
        connection.execute(f"CREATE TEMP TABLE compared_{letter} AS {rows}" if first else f"INSERT INTO compared_{letter} {rows}")
        if plan.with_reasons:
            _count_clauses(compared, letter, joined)


def _count_programmes(compared: Compared, letter: str, plan: Plan, joined: str) -> None:
    """Each programme's households and sum, by the unit that holds the file, and over all of them."""
    if not plan.programmes:
        return
    shown = ", ".join(
        f"count(*) FILTER (WHERE {due}) AS n{place}, count(*) FILTER (WHERE {due} IS NULL) AS o{place},"
        f" CAST(coalesce(sum({fen}), 0) AS BIGINT) AS f{place}, count(*) FILTER (WHERE {due} AND {fen} IS NULL) AS u{place}"
        for place, (due, fen) in enumerate(
            (f"b.{identifier('due_' + one.id)}", f"b.{identifier('fen_' + one.id)}") for one in plan.programmes
        )
    )
    for one in plan.programmes:
        compared.programmes.setdefault((letter, one.id), {"due": 0, "open": 0, "fen": 0, "unknown_fen": 0})
    for row in compared.rows(f"SELECT coalesce(a.unit_path, '') AS path, {shown} {joined} GROUP BY ALL"):
        for place, one in enumerate(plan.programmes):
            here = compared.units.setdefault((letter, row["path"], one.id), {"due": 0, "fen": 0})
            whole = compared.programmes[letter, one.id]
            for name, mark in (("due", "n"), ("open", "o"), ("fen", "f"), ("unknown_fen", "u")):
                whole[name] += row[f"{mark}{place}"]
                if name in here:
                    here[name] += row[f"{mark}{place}"]


def _count_clauses(compared: Compared, letter: str, joined: str) -> None:
    """Of each requirement that both sides have: how many households newly meet it, and no longer."""
    ours, theirs = compared.plans["A"].reasons, compared.plans[letter].reasons
    places = {key: place for place, key in reversed(list(enumerate(ours)))}
    pairs = [(key, places[key], place) for place, key in enumerate(theirs) if key in places]
    if not pairs:
        return
    counts = ", ".join(
        f"count(*) FILTER (WHERE {_bit('b', 'met', new)} AND NOT {_bit('a', 'met', old)}) AS g{number},"
        f" count(*) FILTER (WHERE {_bit('a', 'met', old)} AND NOT {_bit('b', 'met', new)}) AS l{number}"
        for number, (_key, old, new) in enumerate(pairs)
    )
    (row,) = compared.rows(f"SELECT {counts} {joined}")
    found = compared.clauses.setdefault(letter, [])
    if not found:
        found += [
            {"about": key.about, "role": key.role, "clause": key.clause, "text": key.text, "gained": 0, "lost": 0}
            for key, _old, _new in pairs
        ]
    for number, kept in enumerate(found):
        kept["gained"] += row[f"g{number}"]
        kept["lost"] += row[f"l{number}"]


def _bit(side: str, word: str, place: int) -> str:
    return f"(({side}.{word}_{place // BITS} & {1 << place % BITS}) <> 0)"


def touched(compared: Compared, letter: str, size: int) -> Iterator[list[dict[str, Any]]]:
    """The households that come out differently, the greatest loss first, then the greatest gain; `size` at a time."""
    yield from compared.batches(
        "SELECT key, move, class_was, class_now, fen_was, fen_now"
        f" FROM compared_{letter} WHERE move <> 'same'"
        " ORDER BY move NOT IN ('leaves'), (fen_now - fen_was) ASC, abs(fen_now - fen_was) DESC, key",
        size,
    )


def drawn(compared: Compared, letter: str, most: int) -> set[int]:
    """A few households of each kind of change, always the same for a seed."""
    found: set[int] = set()
    counts = {row["move"]: row["n"] for row in compared.rows(f"SELECT move, count(*) AS n FROM compared_{letter} GROUP BY move")}
    for move in sorted(counts.keys() - {"same"}):
        places = Random(f"{compared.question.seed} {letter} {move}").sample(range(counts[move]), min(most, counts[move]))
        numbered = f"SELECT key, row_number() OVER (ORDER BY key) - 1 AS place FROM compared_{letter} WHERE move = {quoted(move)}"
        chosen = ", ".join(map(str, places))
        found.update(row["key"] for row in compared.rows(f"SELECT key FROM ({numbered}) WHERE place IN ({chosen})"))
    return found


def class_title(pack: Pack, class_id: str | None) -> str:
    """The class in words; empty = not known, or the rules have none."""
    if class_id is None or pack.primary is None or class_id == NONE:
        return ""
    return next((item.title for item in pack.primary.classes if item.id == class_id), class_id)
