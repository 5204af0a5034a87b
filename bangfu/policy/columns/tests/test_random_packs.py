"""Random packs over random households with gaps: SQL that is sure says what the walker says, on every row."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bangfu.policy.columns.tests.comparing import compare
from bangfu.policy.columns.tests.random_packs import ON, random_household, random_pack
from bangfu.policy.tests.makers import kaiyuan


def differing(pack, rnd: Random, count: int, **options) -> tuple[int, int, list]:
    rows = [random_household(rnd, rnd.choice([0, 0.1, 0.4])) for _n in range(count)]
    with TemporaryDirectory() as folder:
        found = compare(Path(folder) / "s", pack, rows, ON, **options)
    assert found.plan is not None and found.plan.left == []
    return found.rows, found.asked, found.different


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
@given(st.integers(0, 2**32))
def test_any_pack_over_any_households(seed):
    rnd = Random(seed)
    rows, _asked, different = differing(random_pack(rnd), rnd, 25)
    assert rows == 25 and different == []


@pytest.mark.proof
def test_a_hundred_thousand_random_households_differ_nowhere():
    """100,000 households (500 packs, 200 each), 0 differences; the number is set by BANGFU_RANDOM."""
    whole = int(os.environ.get("BANGFU_RANDOM", "100000"))
    done = asked = 0
    seed = 0
    while done < whole:
        rnd = Random(f"columns {seed}")
        rows, sent, different = differing(random_pack(rnd), rnd, 200)
        assert different == [], f"seed {seed}"
        done, asked, seed = done + rows, asked + sent, seed + 1
    assert 0 < asked < done


@pytest.mark.proof
def test_kaiyuan_over_random_households():
    rnd = Random(3)
    rows, asked, different = differing(kaiyuan(), rnd, 5_000)
    assert different == [] and asked < rows / 2
