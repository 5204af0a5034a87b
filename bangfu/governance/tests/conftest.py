"""The committee alone: what upper modules do when it decides is tested with them."""

import pytest

from bangfu.governance import conflicts, reactions


@pytest.fixture(autouse=True)
def _nobody_wired(monkeypatch):
    monkeypatch.setattr(conflicts, "reasons", [])
    for name in ("on_resolved", "on_taken_off", "motion_context"):
        monkeypatch.setattr(reactions, name, [])
