"""Notices alone: what upper modules do about objections is tested with them."""

import pytest

from bangfu.disclosure import reactions
from bangfu.disclosure.tests import makers


@pytest.fixture(autouse=True)
def _nobody_wired(monkeypatch):
    for name in ("on_objection", "on_answered", "on_taken_down", "origins", "takes_late"):
        monkeypatch.setattr(reactions, name, [])


@pytest.fixture
def place(db):
    return makers.world()


@pytest.fixture
def notice(place):
    return makers.post(place)
