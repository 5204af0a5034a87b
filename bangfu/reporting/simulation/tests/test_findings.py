"""The standing lists: what the rules in force find in the files, worked by the unit's people."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.household.models import Household
from bangfu.process.tests.makers import AT, another, household
from bangfu.reporting.simulation import findings
from bangfu.reporting.simulation.models import Finding


@pytest.fixture
def searched(place):
    household(place.world.unit, serial=60, name="杨六十", tie="former", expenses=None, assets=None)
    Household.objects.filter(pk=place.files[1].pk).update(reviewed_on=None, opened_on=AT.date() - timedelta(days=800))
    Household.objects.filter(pk=place.files[3].pk).update(reviewed_on=AT.date())
    findings.search_now(place.world.organisation, by=place.world.head, at=AT)
    return place


def listed(kind: str) -> set[str]:
    return set(Finding.objects.filter(kind=kind).values_list("household__head_name", flat=True))


def test_each_list_holds_whom_it_says(searched):
    assert "张守诚" in listed("unapplied")
    assert listed("exit") >= {"李52"}  # 9,000 a month, no illness
    assert "张守诚" not in listed("exit")
    assert listed("stale") == {"李50"}
    assert listed("never") >= {"张守诚", "李50", "李51", "李52"}
    found = Finding.objects.get(kind="unapplied", household=searched.files[0])
    assert "临时生活救助" in found.details and "春节慰问" not in found.details
    assert Event.objects.filter(kind="reporting.findings_searched").count() == 1


def test_what_is_missing_is_named(searched):
    (found,) = Finding.objects.filter(kind="missing")
    assert found.household.head_name == "杨六十" and found.details != []


def test_a_file_that_left_and_would_qualify_again_is_falling_back(place):
    Household.objects.filter(pk=place.files[0].pk).update(state="lifted", exit_reason="1")
    Household.objects.filter(pk=place.files[1].pk).update(state="clue")
    findings.search_now(place.world.organisation, by=place.world.head, at=AT)
    assert listed("back") == {"张守诚"} and listed("unfiled") == {"李50"}


def test_who_has_applied_is_not_on_the_list(place):
    from bangfu.process.tests.makers import Play

    Play(place.world).start("temporary_living")
    findings.search_now(place.world.organisation, by=place.world.head, at=AT)
    found = Finding.objects.get(kind="unapplied", household=place.files[0])
    assert "临时生活救助" not in found.details and "大病救助" in found.details


def test_the_unit_s_clerk_sees_her_unit_s_files_only(client, searched):
    client.force_login(searched.world.clerk)
    text = client.get(reverse("findings") + "?kind=never").content.decode()
    assert "张守诚" in text and "李51" not in text
    other = Finding.objects.filter(household=searched.files[2]).first()
    assert client.get(reverse("finding-setting-aside", args=[other.pk])).status_code == 404
    client.force_login(another(searched.world, "policy9", Role.POLICY_ADMIN))
    assert client.get(reverse("findings")).status_code == 403


def test_one_is_set_aside_with_a_reason_and_comes_back(client, searched, settings):
    finding = Finding.objects.get(kind="never", household=searched.files[0])
    client.force_login(searched.world.clerk)
    url = reverse("finding-setting-aside", args=[finding.pk])
    assert client.post(url, {"until": "哪天", "reason": ""}).status_code == 422
    assert client.post(url, {"until": "2030-01-01", "reason": "不愿申请"}).status_code == 422
    assert client.post(url, {"until": "2027-01-01", "reason": "本人不愿申请"}).status_code == 302
    assert "张守诚" not in client.get(reverse("findings") + "?kind=never").content.decode()
    assert "本人不愿申请" in client.get(reverse("findings") + "?aside=1").content.decode()
    findings.search_now(searched.world.organisation, by=searched.world.head, at=AT)
    finding.refresh_from_db()
    assert finding.set_aside_until == date(2027, 1, 1) and finding.set_aside_by == searched.world.clerk
    event = Event.objects.get(kind="reporting.finding_set_aside")
    assert "不愿" not in event.body  # the words are sealed
    client.post(reverse("finding-taking-up", args=[finding.pk]))
    assert "张守诚" in client.get(reverse("findings") + "?kind=never").content.decode()


def test_what_is_put_right_leaves_the_list(searched):
    Household.objects.filter(pk=searched.files[1].pk).update(reviewed_on=AT.date())
    findings.search_now(searched.world.organisation, by=searched.world.head, at=AT + timedelta(minutes=1))
    assert listed("stale") == set()


def test_once_a_night_and_not_by_day(place):
    night = AT + timedelta(hours=16)
    assert findings.search_at_night(at=AT) == 0
    assert findings.search_at_night(at=night) == 1 and findings.search_at_night(at=night + timedelta(minutes=30)) == 0


def test_before_the_first_search_the_page_says_so(client, place):
    client.force_login(place.world.head)
    assert "还没有查找过" in client.get(reverse("findings")).content.decode()
    assert "查完了" in client.post(reverse("findings-search"), follow=True).content.decode()


def test_the_list_asks_the_database_no_more_for_more_rows(client, searched):
    client.force_login(searched.world.head)

    def statements() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("findings") + "?kind=never")
        return len(asked)

    statements()
    before = statements()
    Finding.objects.filter(kind="never").exclude(household=searched.files[0]).delete()
    assert statements() == before
