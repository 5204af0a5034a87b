"""What the to-do and other units see of notices."""

from datetime import UTC

import pytest

from bangfu.disclosure import queries
from bangfu.disclosure.lines import USUAL
from bangfu.disclosure.models import Cutting, Notice, NoticeChannel, Objection
from bangfu.disclosure.tests.makers import AT, DURING, at, objection

pytestmark = [pytest.mark.django_db, pytest.mark.both]


def test_the_to_do_lists_what_one_may_answer_and_what_is_over(place, notice):
    made = objection(notice, DURING)
    assert queries.unanswered(place.head) == [made] and queries.unanswered(place.unit_chair) == [made]
    assert queries.unanswered(place.clerk) == [] and queries.unanswered(place.stranger) == []
    assert queries.over(place.clerk, DURING) == [] and queries.over(place.clerk, at("2026-11-25 00:00")) == [notice]


def test_other_units_and_organisations_see_nothing(place, notice):
    objection(notice, DURING)
    for who in (place.stranger, place.other_clerk):
        for model in (Notice, NoticeChannel, Cutting, Objection):
            assert not model.objects.visible_to(who).exists()
    assert Notice.objects.visible_to(place.auditor).exists()


def test_the_telephone_is_the_nearest_above(place):
    assert queries.telephone_of(place.section) == "0873-000-0000"
    place.section.phone = "0873-111-1111"
    place.section.save()
    assert queries.telephone_of(place.section) == "0873-111-1111"


def test_running_is_a_question_of_time(place, notice):
    assert list(Notice.objects.running(at("2026-11-24 23:59"))) == [notice]
    assert not Notice.objects.running(at("2026-11-25 00:00")).exists()
    assert notice.is_over(at("2026-11-25 00:00")) and not notice.is_over(DURING)
    assert AT.tzinfo is UTC and {row.channel for row in notice.channels.all()} == set(USUAL)
