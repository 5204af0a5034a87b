"""The same rules as a plain Python loop over plain rows: what a script does. `python -m bench.registry.plain FOLDER OUT`."""

from __future__ import annotations

import json
import sys
import time
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

CLASSES = ["none", "deep", "relative", "accident", "general"]
MONTHS = [f"m{n:02d}_fen" for n in range(1, 13)]
LINE = {f"5301{n:02d}": 70_000 + (n - 1) * 1_000 for n in range(1, 21)}


def household(file: dict, people: list, paid: list) -> tuple:
    income = sum(sum(person[1:]) for person in people)
    students = sum(person[0] in ("senior", "university") for person in people)
    medical = file["medical_self_paid_fen"]
    rigid = min(medical, 8_000_000) + min(file["schooling_expense_fen"], 1_200_000) + min(file["housing_expense_fen"], 1_500_000)
    dibao, size = LINE[file["area_code"]], file["household_size"]
    line = dibao * size * 12
    low, below = income * 1000 < line * 1500, income - rigid < line
    ill = medical > 0 and medical * 1000 >= income * 400
    sudden = file["main_cause"] in ("accident", "disaster", "work_injury")
    homes, car, refuses = file["homes_count"] <= 1, file["has_business_vehicle"], file["refuses_check"]
    entry = (low or below or ill or sudden) and homes and not car and not refuses
    grade = 0 if not entry else 1 if below else 2 if low else 3 if sudden else 4
    own = [row for row in paid if row[3] == "own"]
    gifts = sum(row[0] == "gift" and row[2] == 2025 for row in own)
    living_year = sum(row[1] for row in own if row[0] == "living" and row[2] == 2025)
    everything = sum(row[1] for row in own if row[0] in ("living", "medical", "schooling"))
    left = 5_000_000 - everything
    filed = file["archive_state"] == "filed"
    wish = (dibao * size * 3000 * 2 + 1000) // 2000
    bill = medical * 500 // 1000
    aid = 300_000 * students
    gift = 200_000 if filed and not gifts else 0
    living = max(min(wish, 600_000, 1_000_000 - living_year, left), 0) if grade in (1, 2) else 0
    care = max(min(bill, 2_000_000, left), 0) if entry and medical > 0 else 0
    school = max(min(aid, left), 0) if entry and students else 0
    bits = (
        low, below, ill, sudden, homes, not car, not refuses, below, low, sudden, True, filed, not gifts, grade in (1, 2),
        wish <= 600_000, living_year + wish <= 1_000_000, everything + wish <= 5_000_000, entry and medical > 0,
        bill <= 2_000_000, everything + bill <= 5_000_000, entry and students > 0, everything + aid <= 5_000_000,
    )  # fmt: skip
    return grade, gift, living, care, school, sum(bool(bit) << place for place, bit in enumerate(bits))


def main(folder: str, out: str) -> None:
    began = time.perf_counter()
    sums: dict[str, int] = defaultdict(int)
    compute = 0.0
    for part in sorted(Path(folder).glob("part-*")):
        people, paid = defaultdict(list), defaultdict(list)
        table = pq.read_table(part / "members.parquet", columns=["key", "school_stage", *MONTHS])
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True):
            people[row[0]].append(row[1:])
        names = ["key", "paid_programme", "paid_fen", "paid_year", "paid_by"]
        for row in zip(*(one.to_pylist() for one in pq.read_table(part / "payments.parquet", columns=names).columns), strict=True):
            paid[row[0]].append(row[1:])
        files = pq.read_table(part / "household.parquet").to_pylist()
        start = time.perf_counter()
        rows = [household(file, people[file["key"]], paid[file["key"]]) for file in files]
        compute += time.perf_counter() - start
        columns = ["class", "amount_gift", "amount_living", "amount_medical", "amount_schooling", "met_0"]
        made = pa.table(dict(zip(columns, map(list, zip(*rows, strict=True)), strict=True)))
        pq.write_table(made, f"{out}-{part.name}.parquet", compression="none")
        for row in rows:
            sums[f"class {CLASSES[row[0]]}"] += 1
            for name, value in zip(columns[1:], row[1:], strict=True):
                sums[name] += value
    print(json.dumps({"seconds": {"compute": compute, "whole": time.perf_counter() - began}, "sums": sums}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:3])
