"""The committee alone: what upper modules do when it decides is tested with them."""

import pytest

from bangfu.governance import conflicts, reactions
from bangfu.governance.tests import makers


@pytest.fixture(autouse=True)
def _nobody_wired(monkeypatch):
    monkeypatch.setattr(conflicts, "reasons", [])
    for name in ("on_resolved", "on_taken_off", "motion_context"):
        monkeypatch.setattr(reactions, name, [])


@pytest.fixture
def place(db):
    return makers.world()


@pytest.fixture
def session(place):
    return makers.called(place)


@pytest.fixture
def motion(place, session):
    return makers.put(place, session)


@pytest.fixture
def meeting(place, session, motion):
    return makers.opened(place, session, 7)
