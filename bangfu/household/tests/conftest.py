import pytest

from bangfu.household.tests import makers


@pytest.fixture
def cast(db, settings):
    settings.CLOCK = lambda: makers.AT
    return makers.cast()


@pytest.fixture
def file(cast):
    return makers.own_file(cast)
