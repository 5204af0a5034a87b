"""P6, exhaustively: every role of the product tries every act of the committee; only its own roles succeed."""

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.access.roles import Role
from bangfu.governance import flow
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, HELD, called, opened, put, vote
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db
OFFICE = {Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR}
ACTS = {
    "convene": (OFFICE, lambda w, by: flow.convene(w.place.committee, held_at=HELD + timedelta(days=9), by=by, at=AT)),
    "put": (OFFICE, lambda w, by: flow.put_on_agenda(w.meeting, "process.case:77", title="助学", by=by, at=AT)),
    "take off": (OFFICE, lambda w, by: flow.take_off_agenda(w.motion, reason="缺材料", by=by, at=AT)),
    "note attendance": (OFFICE, lambda w, by: flow.attend(w.meeting, w.place.seats[8], by=by, at=AT)),
    "vote": (set(), lambda w, by: flow.cast_vote(w.motion, choice="yes", amount_fen=300_000, by=by, at=AT)),
    "recuse": (set(), lambda w, by: flow.recuse(w.motion, reason="亲属", by=by, at=AT)),
    "resolve": (set(), lambda w, by: flow.resolve(w.motion, closes_voting=True, by=by, at=AT)),
    "close": (set(), lambda w, by: flow.close_session(w.meeting, minutes="已议完", by=by, at=AT)),
    "seat": (
        {Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR},
        lambda w, by: flow.unseat_member(w.place.seats[8], to_date=date(2026, 12, 1), by=by, at=AT),
    ),
}


class Room:
    """A session that runs, with one motion that six have voted on; `by` comes from outside it."""

    def __init__(self):
        self.place = makers.world()
        session = called(self.place)
        self.motion = put(self.place, session)
        self.meeting = opened(self.place, session, 7)
        for n in range(6):
            vote(self.place, self.motion, n)


@pytest.mark.parametrize("role", list(Role))
def test_a_role_without_a_seat_does_only_its_own_acts(role):
    room = Room()
    by = makers.person("tried", "陶安", (role, room.place.root))
    for name, (allowed, act) in ACTS.items():
        if role in allowed:
            continue
        with pytest.raises((PermissionDenied, Refused)):
            act(room, by)
            pytest.fail(f"{role} could {name}")
    for name, (allowed, act) in ACTS.items():
        if role in allowed and name not in ("take off",):
            act(room, by)
