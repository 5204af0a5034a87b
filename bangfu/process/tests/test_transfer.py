"""A running case is finished where it began before its household goes to another unit."""

import pytest

from bangfu.household import flow as files
from bangfu.lib.errors import Refused
from bangfu.process.tests.makers import AT, Play, world

pytestmark = pytest.mark.django_db


def test_a_household_with_a_running_case_stays_where_it_is():
    who = world()
    play = Play(who).start()
    with pytest.raises(Refused, match=f"还有没办完的申请 {play.case.number}"):
        files.ask_transfer(who.household, who.other_unit, "本人调到物资供应部", by=who.clerk, at=AT)
