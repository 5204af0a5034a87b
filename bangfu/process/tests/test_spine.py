"""A case from application to the archive, and what it leaves behind."""

from __future__ import annotations

import pytest

from bangfu.audit.models import Event
from bangfu.process.tests.makers import Play, world

pytestmark = pytest.mark.django_db


def test_a_case_goes_from_application_to_the_archive():
    play = Play(world()).to("closed")
    case = play.case
    assert case.state == "closed" and case.archive_number == "KY-D2026-0001"
    assert [step.kind for step in case.steps.exclude(next_stage="")] == [
        "apply", "investigate", "check", "notice", "review", "decide", "pay", "follow_up",
    ]  # fmt: skip
    assert play.award.awarded_fen == 300_000 and play.row.receipted_at is not None
    kinds = list(Event.objects.filter(subject=f"process.case:{case.pk}").values_list("kind", flat=True))
    assert kinds[0] == "process.case_opened" and kinds[-1] == "process.case_closed"
