"""Two at once: one notice, one answer, and no close beside a fresh objection. Real commits."""

from datetime import UTC, datetime, timedelta

import pytest

from bangfu.disclosure import flow
from bangfu.disclosure.models import Notice, Objection
from bangfu.disclosure.tests import makers
from bangfu.disclosure.tests.makers import AT, objection, post
from bangfu.governance.tests.test_races import at_once
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both
AFTER = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)


def test_two_presses_are_one_notice(committed_db):
    place = makers.world()
    results = at_once(*[lambda: post(place) for _press in range(4)])
    assert sum(isinstance(result, Notice) for result in results) == 1 and Notice.objects.count() == 1


def test_two_answers_are_one(committed_db):
    place = makers.world()
    made = objection(post(place), AT + timedelta(days=1))
    results = at_once(
        lambda: flow.answer_objection(made, answer="不属实，维持。", upheld=False, by=place.unit_chair, at=AFTER),
        lambda: flow.answer_objection(made, answer="属实，退回。", upheld=True, by=place.head, at=AFTER),
    )
    assert sum(isinstance(result, Objection) for result in results) == 1


def test_a_registered_objection_and_the_close_never_both_succeed(committed_db):
    place = makers.world()
    notice = post(place)
    raised, closed = at_once(
        lambda: objection(notice, AFTER, by=place.officer), lambda: flow.close(notice, by=place.clerk, at=AFTER)
    )
    assert isinstance(raised, Refused) != isinstance(closed, Refused)
