"""Spark answers as DuckDB does, on a master and two workers of its own. Left out, loudly, where pyspark or Java is lacking."""

from __future__ import annotations

import sys
from random import Random

import pytest

from bangfu.policy.columns import compile_pack, run_plan
from bangfu.policy.columns.spark import cluster, missing, query, run_on, session
from bangfu.policy.columns.tests.comparing import snapshot_of
from bangfu.policy.columns.tests.random_packs import ON, random_household, random_pack
from bangfu.policy.evaluation import evaluate
from bangfu.policy.tests.makers import household, kaiyuan
from bangfu.policy.walker import RuleStopped

if missing():
    sys.stderr.write(f"\n*** {missing()} is not on this machine: the rules on Spark are LEFT OUT. ***\n")


def test_the_query_is_written_in_sparks_words(tmp_path):
    snapshot = snapshot_of(tmp_path / "s", kaiyuan(), [household()], ON)
    text = query(compile_pack(kaiyuan(), ON, snapshot))
    assert " DIV " in text or " // " not in text
    assert '"' not in text and "`main_cause`" in text


def stops(pack, facts) -> bool:
    try:
        evaluate(pack, facts, ON)
    except RuleStopped:
        return True
    return False


@pytest.mark.proof
@pytest.mark.skipif(bool(missing()), reason=f"{missing()} is not on this machine")
def test_spark_answers_as_duckdb_on_every_row(tmp_path):
    import pyarrow as pa

    with cluster() as master, session(master) as spark:
        for number in range(6):
            rnd = Random(f"spark {number}")
            pack = kaiyuan() if number == 0 else random_pack(rnd)
            rows = [random_household(rnd, rnd.choice([0, 0.1, 0.4])) for _n in range(120)]
            rows = [row for row in rows if not stops(pack, row)]
            plan = compile_pack(pack, ON, snapshot_of(tmp_path / str(number), pack, rows, ON, parts=3))
            if "HUGEINT" in plan.whole():
                continue
            here = pa.concat_tables(list(run_plan(plan)))
            there = run_on(spark, plan)
            wanted = {row.pop("key"): row for row in here.to_pylist()}
            assert {row.pop("key"): row for row in there.to_pylist()} == wanted, f"pack {number}"
