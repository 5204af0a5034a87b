"""Whatever leaves as a file with people in it says in the record who took it; and minutes are signed by two."""

from __future__ import annotations

import pytest

from bangfu.access import flow as access
from bangfu.audit.models import Event
from bangfu.governance import flow as governance
from bangfu.governance.models import Motion
from bangfu.lib.errors import Refused


def test_approval_form_minutes_and_ones_own_copy_are_recorded(at_stage, place, client):
    play = at_stage("pay")
    session = Motion.objects.get().session
    for who, address, kind, subject in (
        (place.officer, f"/cases/{play.case.number}/approval.pdf", "process.approval_printed", f"process.case:{play.case.pk}"),
        (place.head, f"/sessions/{session.pk}/minutes/", "governance.minutes_printed", f"governance.session:{session.pk}"),
        (place.worker, "/my/copy/", "portal.copy_downloaded", f"access.account:{place.worker.pk}"),
    ):
        client.force_login(who)
        assert client.get(address).status_code == 200
        event = Event.objects.get(kind=kind)
        assert (event.actor, event.subject) == (who.username, subject)


def test_minutes_are_signed_by_two_people(at_stage, place):
    play = at_stage("pay")
    session = Motion.objects.get().session
    session.refresh_from_db()
    if session.closed_at is None:
        governance.close_session(session, minutes="逐件审议，表决结果见决议。", by=place.members[0], at=play.now())
    both = place.members[0]
    governance.sign_minutes(session, role="chair", by=both, at=play.now())
    access.appoint(both, "OFFICE_OFFICER", place.organisation, from_date=play.at.date(), by=None, at=play.at)
    both.__dict__.pop("_posts", None)
    session.recorder = None
    session.save(update_fields=["recorder"])
    with pytest.raises(Refused, match="两个人签"):
        governance.sign_minutes(session, role="recorder", by=both, at=play.now())
