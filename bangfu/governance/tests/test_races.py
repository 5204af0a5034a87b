"""Two at once: one vote each, one result (P5). Real commits, threads of their own connections."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from bangfu.governance import flow
from bangfu.governance.models import Resolution, Vote
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT, called, opened, put, vote
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.both


def at_once(*acts):
    """Run the acts at the same time; answers each one's result or its refusal."""

    def run(act):
        try:
            return act()
        except Refused as refusal:
            return refusal
        finally:
            connections["default"].close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [future.result(30) for future in [pool.submit(run, act) for act in acts]]


def test_two_presses_are_one_vote(committed_db):
    place = makers.world(3)
    session = called(place)
    motion = put(place, session)
    opened(place, session)
    results = at_once(*[lambda: vote(place, motion, 1) for _press in range(4)])
    assert sum(isinstance(result, Vote) for result in results) == 1 and Vote.objects.count() == 1
    assert sum(isinstance(result, Refused) for result in results) == 3


def test_two_chairs_clicks_are_one_result(committed_db):
    place = makers.world(3)
    session = called(place)
    motion = put(place, session)
    opened(place, session)
    for n in range(3):
        vote(place, motion, n)
    results = at_once(*[lambda: flow.resolve(motion, by=place.chair, at=AT) for _press in range(4)])
    assert sum(isinstance(result, Resolution) for result in results) == 1 and Resolution.objects.count() == 1


def test_a_vote_and_the_closing_of_the_vote_agree(committed_db):
    place = makers.world(3)
    session = called(place)
    motion = put(place, session)
    opened(place, session)
    vote(place, motion, 0)
    vote(place, motion, 1)
    late, result = at_once(
        lambda: vote(place, motion, 2, "no"), lambda: flow.resolve(motion, closes_voting=True, by=place.chair, at=AT)
    )
    counted = Resolution.objects.get()
    assert isinstance(result, Resolution)
    assert counted.no == (1 if isinstance(late, Vote) else 0)
