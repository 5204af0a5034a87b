"""The rules over columns: sure of a row means the walker's very answer; what SQL is not sure of, the walker settles."""

from __future__ import annotations

from random import Random

import pyarrow as pa
import pytest

from bangfu.lib.errors import Refused
from bangfu.policy.columns import Cancelled, Session, Snapshot, compile_pack, run, stream
from bangfu.policy.columns.engine import engine, table
from bangfu.policy.columns.settling import answers
from bangfu.policy.columns.tests.comparing import compare, snapshot_of
from bangfu.policy.columns.tests.random_packs import random_household
from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.tests.makers import ON, ROOT, household, kaiyuan, pack_with
from bangfu.policy.walker import RuleStopped

PACKS = sorted(path.parent for path in (ROOT / "policies").glob("*/pack.yaml"))
FEN = 10**15


def rows_of(answer: pa.Table) -> dict[int, dict]:
    return {row.pop("key"): row for row in answer.to_pylist()}


@pytest.mark.parametrize("folder", PACKS, ids=lambda folder: folder.name)
def test_every_shipped_pack_answers_as_the_walker(folder, tmp_path):
    """Its own examples, each also with facts taken away; and nothing of a shipped pack is left to the walker alone."""
    pack = load_pack(folder)
    rnd = Random(1)
    rows = []
    for example in check(folder)[0].examples:
        rows.append(dict(example.facts))
        for gap in (0.1, 0.3):
            rows.append({name: value for name, value in example.facts.items() if rnd.random() >= gap})
    found = compare(tmp_path / "s", pack, rows, max(ON, pack.valid_from))
    assert found.different == []


def test_kaiyuan_is_compiled_whole(tmp_path):
    found = compare(tmp_path / "s", kaiyuan(), [household()], ON)
    assert found.plan.left == [] and found.asked == 0


def test_a_row_has_class_truths_amounts_and_reasons(tmp_path):
    facts = household(programme=None)
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), [facts], ON)
    row = rows_of(run(kaiyuan(), snapshot, ON, carry=("main_cause",)))[0]
    assert row["outcome"] is True and row["class"] == "long_term" and row["main_cause"] == "illness"
    assert row["due_temporary_living"] is True and row["amount_temporary_living"] == 300_000
    assert row["exit"] is False and row["is_on_file"] is True and row["by"] == 0
    plan = compile_pack(kaiyuan(), ON, snapshot)
    met = {plan.reasons[i].clause for i in range(31) if row["met_0"] >> i & 1}
    assert "五（一）" in met and "六（二）" in met and "六（一）" not in met


def test_what_nobody_knows_is_null_and_what_splitting_can_tell_is_told(tmp_path):
    """Unknown income: but one medical bill qualifies with any income, the other does not."""
    sure = household(annual_income_fen=None, main_cause="accident", programme=None)
    open_ = household(annual_income_fen=None, main_cause="schooling", medical_self_paid_fen=200_000, programme=None)
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), [sure, open_], ON)
    rows = rows_of(run(kaiyuan(), snapshot, ON))
    assert rows[0]["outcome"] is True and rows[0]["class"] is None
    assert rows[1]["outcome"] is None and rows[1]["class"] is None and rows[1]["amount_temporary_living"] is None


def test_a_fact_used_both_ways_is_settled_by_the_walker(tmp_path):
    pack = pack_with("is_urban or not is_urban")
    snapshot = snapshot_of(tmp_path / "s", pack, [{}, {"is_urban": True}], ON)
    rows = rows_of(run(pack, snapshot, ON))
    assert rows[0]["outcome"] is True and rows[0]["by"] == 1
    assert rows[1]["outcome"] is True and rows[1]["by"] == 0


def test_a_rule_that_stops_stops_the_run_and_names_the_clause(tmp_path):
    pack = pack_with("per(annual_income_fen, homes_count, 'down') > 0")
    good = [{"annual_income_fen": 100, "homes_count": 2}] * 3
    snapshot = snapshot_of(tmp_path / "s", pack, good, ON)
    assert all(row["outcome"] is True for row in rows_of(run(pack, snapshot, ON)).values())
    bad = snapshot_of(tmp_path / "b", pack, [*good, {"annual_income_fen": 100, "homes_count": 0}], ON)
    with pytest.raises(RuleStopped, match="第二条算不下去") as stopped:
        run(pack, bad, ON)
    assert stopped.value.clause == "二"


STOPS = [
    ("min_of(members, tuition_fen, is_employed) >= 0", {"members": []}),
    ("lookup($t, main_cause) > 0", {"main_cause": "disability"}),
    ("$area = 1", {"area_code": "110000"}),
]
PARAMETERS = (
    "t: {title: 表, clause: 一, values: [{from: 2016-01-01, table: {illness: 1}}]}\n"
    "area: {title: 地, clause: 一, values: [{from: 2016-01-01, value: 1, where: {area_code: '530100'}}]}\n"
)


@pytest.mark.parametrize(("when", "facts"), STOPS)
def test_nobody_to_take_the_least_of_and_a_row_that_lacks_stop_too(when, facts, tmp_path):
    pack = pack_with(when, parameters=PARAMETERS)
    with pytest.raises(RuleStopped):
        run(pack, snapshot_of(tmp_path / "s", pack, [facts], ON), ON)


@pytest.mark.parametrize(
    ("when", "facts"),
    [
        ("annual_income_fen * medical_self_paid_fen * 1000 > loss_fen * asked_fen", [FEN, FEN, FEN, FEN]),
        ("annual_income_fen * medical_self_paid_fen * loss_fen > asked_fen * asked_fen * asked_fen", [FEN, FEN, FEN, FEN - 1]),
        ("per(annual_income_fen * 1000, medical_self_paid_fen, 'half_up') > 3", [FEN, 3, 0, 0]),
        ("annual_income_fen - medical_self_paid_fen * 1000 < 0 - loss_fen", [0, FEN, FEN, 0]),
    ],
)
def test_the_largest_sums_are_exact(when, facts, tmp_path):
    """64 bits, 128 bits, and beyond: whole numbers all the way, or the walker."""
    pack = pack_with(when)
    names = ["annual_income_fen", "medical_self_paid_fen", "loss_fen", "asked_fen"]
    rows = [dict(zip(names, facts, strict=True)), dict(zip(names, [1, 1, 1, 1], strict=True))]
    found = compare(tmp_path / "s", pack, rows, ON)
    assert found.different == []
    got = rows_of(run(pack, snapshot_of(tmp_path / "t", pack, rows, ON), ON))
    assert [got[n]["outcome"] for n in (0, 1)] == [evaluate(pack, row, ON).outcome == "eligible" for row in rows]


def test_facts_can_be_taken_as_given_where_nobody_knows_them(tmp_path):
    pack = kaiyuan()
    facts = household(is_aided_elsewhere=None, asked_fen=None, programme=None)
    known = household(is_aided_elsewhere=True, asked_fen=None, programme=None)
    snapshot = snapshot_of(tmp_path / "s", pack, [facts, known], ON)
    plain = rows_of(run(pack, snapshot, ON))
    assert plain[0]["due_temporary_living"] is None and plain[1]["due_temporary_living"] is False
    given = rows_of(run(pack, snapshot, ON, assume={"is_aided_elsewhere": False, "asked_fen": 200_000}))
    assert given[0]["due_temporary_living"] is True and given[0]["amount_temporary_living"] == 200_000
    assert given[1]["due_temporary_living"] is False


def test_chosen_programmes_only_and_no_reasons(tmp_path):
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), [household()], ON)
    answer = run(kaiyuan(), snapshot, ON, programmes=["spring_gift"], reasons=False)
    assert [name for name in answer.column_names if name.startswith(("due_", "met_"))] == ["due_spring_gift"]


def test_a_run_tells_how_far_it_is_and_can_be_stopped(tmp_path):
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), [household()] * 10, ON, parts=5)
    seen: list[tuple[int, int]] = []
    assert sum(part.num_rows for part in stream(kaiyuan(), snapshot, ON, progress=lambda done, of: seen.append((done, of)))) == 10
    assert seen == [(0, 10), (2, 10), (4, 10), (6, 10), (8, 10), (10, 10)]
    with pytest.raises(Cancelled):
        run(kaiyuan(), snapshot, ON, progress=lambda done, _of: done < 4)


def test_the_engine_reaches_its_own_folder_only(tmp_path):
    """No file, no network, no setting, whatever stood in a query."""
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("a\n1\n")
    with engine([tmp_path / "in"]) as connection:
        for wrong in (
            f"SELECT * FROM read_csv('{tmp_path}/secret.csv')",
            f"SELECT * FROM read_csv('{tmp_path}/in/../secret.csv')",
            "SELECT * FROM read_text('/etc/passwd')",
            "SELECT * FROM 'https://localhost/x.parquet'",
            f"COPY (SELECT 1) TO '{tmp_path}/out.csv'",
            f"ATTACH '{tmp_path}/x.db'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "SET threads = 1",
        ):
            with pytest.raises(Exception, match=r"(?i)permission|disabled|locked|cannot"):
                connection.execute(wrong)
        assert table(connection, "SELECT 1 AS one").to_pylist() == [{"one": 1}]


def test_words_of_a_pack_stay_words(tmp_path):
    """A code with a quote or a brace is a literal on every path into the SQL."""
    odd = "it''s {0} {x}"
    pack = pack_with(f"area_code = '{odd}' or area_code in ('{odd}', 'b') or lookup($t, area_code) = 1", parameters="t: {title: 表, clause: 一, values: [{from: 2016-01-01, table: {\"it's {0}\": 1, else: 2}}]}\n")  # fmt: skip
    found = compare(tmp_path / "s", pack, [{"area_code": "b"}, {"area_code": "c"}, {}], ON)
    assert found.different == [] and found.plan.left == []


def test_a_broken_snapshot_is_refused(tmp_path):
    with pytest.raises(Refused, match="bangfu snapshot"):
        Snapshot.open(tmp_path)


def test_the_walker_and_the_run_give_whole_rows(tmp_path):
    """With the rows that the walker settles, every row is the walker's."""
    rnd = Random(5)
    rows = [random_household(rnd, 0.3) for _n in range(60)]
    pack = kaiyuan()
    snapshot = snapshot_of(tmp_path / "s", pack, rows, ON, parts=3)
    plan = compile_pack(pack, ON, snapshot)
    got = rows_of(run(pack, snapshot, ON))
    assert {row["by"] for row in got.values()} == {0, 1}
    for place, facts in enumerate(rows):
        got[place].pop("by")
        assert got[place] == answers(plan, evaluate(pack, facts, ON))


def test_a_session_answers_as_a_run_for_every_version(tmp_path):
    """The rows are kept; another version may read other facts; totals are the rows' own."""
    rnd = Random(8)
    rows = [random_household(rnd, 0.2) for _n in range(80)]
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), rows, ON, parts=3)
    other = pack_with("annual_income_fen < 3 * medical_self_paid_fen and any_of(members, is_employed)")
    with Session(snapshot, kaiyuan(), ON, carry=("main_cause",), assume={"is_aided_elsewhere": False}) as session:
        for pack in (kaiyuan(), other, kaiyuan()):
            held = rows_of(session.run(pack))
            assert held == rows_of(run(pack, snapshot, ON, carry=("main_cause",), assume={"is_aided_elsewhere": False}))
        totals = session.totals(kaiyuan())
        held = rows_of(session.run(kaiyuan()))
        assert totals.households == 80 and totals.entitled == sum(row["outcome"] is True for row in held.values())
        for programme in kaiyuan().programmes:
            due = [row for row in held.values() if row[f"due_{programme.id}"]]
            assert totals.due[programme.id] == len(due)
            assert totals.amount_fen[programme.id] == sum(row[f"amount_{programme.id}"] or 0 for row in due)
            assert totals.undecided[programme.id] == sum(row[f"due_{programme.id}"] is None for row in held.values())
        assert {name: sum(row["class"] == name for row in held.values()) for name in totals.classes} == totals.classes
        assert totals.leaving == sum(row["exit"] is True for row in held.values())
        one = session.run(kaiyuan())
        gone = session.sql(
            "SELECT count(*) AS n FROM a JOIN b USING (key) WHERE a.outcome IS DISTINCT FROM b.outcome", a=one, b=one
        )
        assert gone.to_pylist() == [{"n": 0}]
