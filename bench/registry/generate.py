"""A registry made by a seed: households of one to six, 36 monthly incomes a person, expenses, past payments. No gap in it.

Written as a snapshot (the product's own layout), so that every engine reads the same Parquet files.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

from bangfu.policy.columns import Snapshot, Writer
from bangfu.policy.pack import Pack

ON = date(2025, 6, 1)
AREAS = [f"5301{n:02d}" for n in range(1, 21)]
CAUSES = ["illness", "disability", "schooling", "unemployment", "accident", "disaster", "low_income"]
STAGES = ["none", "compulsory", "senior", "university"]
PROGRAMMES = ["gift", "living", "medical", "schooling", "outside"]
MONTHS = [f"m{n:02d}_fen" for n in range(1, 37)]


def registry(folder: Path, pack: Pack, households: int, *, part: int = 1_000_000) -> Snapshot:
    """Write `households` in partitions of `part`; the same for the same numbers, on any machine."""
    writer = Writer(folder, pack.vocabulary.facts, unit="bench", day=ON, made_at=datetime(2025, 6, 1, tzinfo=UTC))
    for number, start in enumerate(range(0, households, part)):
        writer.add(tables(number, start, min(part, households - start)))
    return writer.close()


def tables(seed: int, first: int, count: int) -> dict:
    import numpy as np
    import pyarrow as pa

    rnd = np.random.default_rng([20250601, seed])
    keys = np.arange(first, first + count, dtype=np.int64)
    size = rnd.choice(np.arange(1, 7, dtype=np.int64), count, p=[0.12, 0.24, 0.34, 0.19, 0.08, 0.03])

    def often(share: float, most: int) -> np.ndarray:
        return np.where(rnd.random(count) < share, rnd.integers(0, most, count, dtype=np.int64) * 100, 0)

    def coded(words: list[str], places: np.ndarray) -> pa.Array:
        return pa.DictionaryArray.from_arrays(pa.array(places.astype(np.int32)), pa.array(words)).cast(pa.string())

    household = pa.table(
        {
            "key": keys,
            "has_members": pa.array(np.ones(count, dtype=bool)),
            "has_payments": pa.array(np.ones(count, dtype=bool)),
            "household_size": size,
            "area_code": coded(AREAS, rnd.integers(0, 20, count)),
            "medical_self_paid_fen": often(0.3, 90_000),
            "schooling_expense_fen": often(0.3, 15_000),
            "housing_expense_fen": often(0.2, 20_000),
            "homes_count": rnd.choice(np.array([0, 1, 2], dtype=np.int64), count, p=[0.2, 0.7, 0.1]),
            "has_business_vehicle": rnd.random(count) < 0.05,
            "refuses_check": rnd.random(count) < 0.01,
            "main_cause": coded(CAUSES, rnd.integers(0, len(CAUSES), count)),
            "archive_state": coded(["filed", "lifted", "none"], rnd.choice(3, count, p=[0.6, 0.2, 0.2])),
        }
    )
    people = int(size.sum())
    earns = rnd.random(people) < 0.55
    base = np.where(earns, rnd.integers(0, 4_000, people, dtype=np.int64) * 100, 0)
    members: dict = {
        "key": np.repeat(keys, size),
        "place": (np.arange(people) - np.repeat(np.cumsum(size) - size, size)).astype(np.int32),
        "school_stage": coded(STAGES, rnd.choice(4, people, p=[0.7, 0.15, 0.08, 0.07])),
    }
    for month in MONTHS:
        members[month] = np.where(earns, base + rnd.integers(0, 300, people, dtype=np.int64) * 100, 0)
    paid = rnd.poisson(0.8, count)
    rows = int(paid.sum())
    year = rnd.choice(np.array([2023, 2024, 2025], dtype=np.int64), rows, p=[0.4, 0.4, 0.2])
    payments = {
        "key": np.repeat(keys, paid),
        "place": (np.arange(rows) - np.repeat(np.cumsum(paid) - paid, paid)).astype(np.int32),
        "paid_programme": coded(PROGRAMMES, rnd.integers(0, 5, rows)),
        "paid_fen": rnd.integers(1, 8_000, rows, dtype=np.int64) * 100,
        "paid_year": year,
        "paid_by": coded(["own", "group"], (rnd.random(rows) < 0.1).astype(np.int32)),
        "is_to_applicant": rnd.random(rows) < 0.9,
    }
    return {"household": household, "members": pa.table(members), "payments": pa.table(payments)}
