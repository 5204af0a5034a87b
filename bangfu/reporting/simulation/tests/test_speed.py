"""The preview within 2 s at 100,000 households. Source: shared/design/performance.md "Targets"."""

from __future__ import annotations

import time

import pytest

from bangfu.policy.columns import Snapshot, Writer, tables_of
from bangfu.policy.vocabulary import VOCABULARY
from bangfu.process.facts import facts_of_households
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation.preview import preview
from bangfu.reporting.simulation.sides import pack_of_draft
from bangfu.reporting.simulation.tests.conftest import FROM

pytestmark = pytest.mark.proof
HOUSEHOLDS, SECONDS = 100_000, 2.0


def many(place, folder) -> Snapshot:
    """The four files over and over, each a little richer than the one before."""
    files = facts_of_households(place.files, AT.date())
    rows = ({**files[key % len(files)], "key": key, "annual_income_fen": (key * 37) % 6_000_000} for key in range(HOUSEHOLDS))
    writer = Writer(folder, VOCABULARY.facts, unit=place.world.organisation.code, day=AT.date(), made_at=AT)
    writer.add(tables_of(rows, VOCABULARY.facts))
    return writer.close()


def test_the_preview_of_a_raised_line_takes_no_longer_than_two_seconds(place, tmp_path):
    snapshot = many(place, tmp_path / "many")
    before, after = pack_of_draft(place.raised()), pack_of_draft(place.raised("dibao_line_fen", "900"))
    took = []
    for _time in range(3):
        began = time.perf_counter()
        found = preview(before, after, snapshot, place.world.organisation, FROM)
        took.append(time.perf_counter() - began)
    assert sum(found.moves.values()) == HOUSEHOLDS and found.touched > 0
    assert min(took) <= SECONDS, took
