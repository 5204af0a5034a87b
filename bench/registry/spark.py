"""On a master and two workers: our compiled query beside SQL written by hand. `python -m bench.registry.spark FOLDER`."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from bench.registry.ours import pack, sums_of

BY_HAND = """
WITH people AS (
  SELECT key, sum(m01_fen + m02_fen + m03_fen + m04_fen + m05_fen + m06_fen + m07_fen + m08_fen + m09_fen + m10_fen + m11_fen
                  + m12_fen) AS income, count_if(school_stage IN ('senior', 'university')) AS students
  FROM members GROUP BY key),
past AS (
  SELECT key, count_if(paid_programme = 'gift' AND paid_year = 2025) AS gifts,
         sum(if(paid_programme = 'living' AND paid_year = 2025, paid_fen, 0)) AS living_year,
         sum(if(paid_programme IN ('living', 'medical', 'schooling'), paid_fen, 0)) AS everything
  FROM payments WHERE paid_by = 'own' GROUP BY key),
one AS (
  SELECT h.*, coalesce(income, 0) AS income, coalesce(students, 0) AS students, coalesce(gifts, 0) AS gifts,
         coalesce(living_year, 0) AS living_year, coalesce(everything, 0) AS everything,
         CAST(70000 + (CAST(area_code AS INT) - 530101) * 1000 AS BIGINT) AS dibao
  FROM household h LEFT JOIN people p ON p.key = h.key LEFT JOIN past q ON q.key = h.key),
two AS (
  SELECT *, income * 1000 < dibao * household_size * 12 * 1500 AS low,
    income - least(medical_self_paid_fen, 8000000) - least(schooling_expense_fen, 1200000) - least(housing_expense_fen, 1500000)
      < dibao * household_size * 12 AS below,
    medical_self_paid_fen > 0 AND CAST(medical_self_paid_fen AS BIGINT) * 1000 >= income * 400 AS ill,
    main_cause IN ('accident', 'disaster', 'work_injury') AS sudden,
    (dibao * household_size * 3000 * 2 + 1000) DIV 2000 AS wish,
    CAST(medical_self_paid_fen AS BIGINT) * 500 DIV 1000 AS bill, 300000 * students AS aid, 5000000 - everything AS rest
  FROM one),
three AS (
  SELECT *, (low OR below OR ill OR sudden) AND homes_count <= 1 AND NOT has_business_vehicle AND NOT refuses_check AS entry FROM two),
four AS (
  SELECT *, CASE WHEN NOT entry THEN 0 WHEN below THEN 1 WHEN low THEN 2 WHEN sudden THEN 3 ELSE 4 END AS grade FROM three)
SELECT key, CAST(grade AS TINYINT) AS class, if(archive_state = 'filed' AND gifts = 0, 200000, 0) AS amount_gift,
  if(grade IN (1, 2), greatest(least(wish, 600000, 1000000 - living_year, rest), 0), 0) AS amount_living,
  if(entry AND medical_self_paid_fen > 0, greatest(least(bill, 2000000, rest), 0), 0) AS amount_medical,
  if(entry AND students > 0, greatest(least(aid, rest), 0), 0) AS amount_schooling,
  CAST(low AS INT) + CAST(below AS INT) * 2 + CAST(ill AS INT) * 4 + CAST(sudden AS INT) * 8 + CAST(homes_count <= 1 AS INT) * 16
  + CAST(NOT has_business_vehicle AS INT) * 32 + CAST(NOT refuses_check AS INT) * 64 + CAST(below AS INT) * 128
  + CAST(low AS INT) * 256 + CAST(sudden AS INT) * 512 + 1024 + CAST(archive_state = 'filed' AS INT) * 2048
  + CAST(gifts = 0 AS INT) * 4096 + CAST(grade IN (1, 2) AS INT) * 8192 + CAST(wish <= 600000 AS INT) * 16384
  + CAST(living_year + wish <= 1000000 AS INT) * 32768 + CAST(everything + wish <= 5000000 AS INT) * 65536
  + CAST(entry AND medical_self_paid_fen > 0 AS INT) * 131072 + CAST(bill <= 2000000 AS INT) * 262144
  + CAST(everything + bill <= 5000000 AS INT) * 524288 + CAST(entry AND students > 0 AS INT) * 1048576
  + CAST(everything + aid <= 5000000 AS INT) * 2097152 AS met_0
FROM four
"""


def main(folder: str) -> None:
    rules = pack()
    from bangfu.policy.columns import Snapshot, compile_pack
    from bangfu.policy.columns.spark import cluster, query, register_on, session

    snapshot = Snapshot.open(Path(folder))
    plan = compile_pack(rules, snapshot.day, snapshot)
    assert plan.outputs["ask"] == "FALSE", "the registry has no gaps"
    seconds: dict[str, float] = {}
    sums: dict[str, dict[str, int]] = {"compiled": {}, "by hand": {}}
    with cluster() as master, session(master) as spark:
        register_on(spark, snapshot)
        texts = {"compiled": query(plan), "by hand": BY_HAND}
        for turn in range(4):  # the first turn warms both up
            for name, text in texts.items():
                began = time.perf_counter()
                spark.sql(text).write.mode("overwrite").parquet(f"{folder}-spark-{name.replace(' ', '-')}")
                spent = time.perf_counter() - began
                seconds[name] = spent if turn < 2 else min(spent, seconds[name])
        from bangfu.policy.columns.engine import worded

        for name in texts:
            answer = spark.read.parquet(f"{folder}-spark-{name.replace(' ', '-')}").toArrow()
            sums_of(worded(plan, answer), sums[name])
    print(json.dumps({"seconds": seconds, "sums": sums["compiled"], "same": sums["compiled"] == sums["by hand"]}))  # noqa: T201


if __name__ == "__main__":
    main(sys.argv[1])
