import pytest

from bangfu.ledger.tests import makers


@pytest.fixture
def who(db) -> makers.Cast:
    return makers.cast()
