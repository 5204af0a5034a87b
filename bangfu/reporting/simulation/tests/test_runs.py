"""Runs that are stopped, doubled or lost: nothing half stays, nobody waits for ever, and nothing is left out for its number."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account
from bangfu.lib.errors import Refused, Stale
from bangfu.policy.flow import drafts
from bangfu.policy.models import Version
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation import computing, flow, jobs, ranking
from bangfu.reporting.simulation.comparing import Question, compare, drawn
from bangfu.reporting.simulation.models import Row, Scenario
from bangfu.reporting.simulation.sides import pack_of_draft
from bangfu.reporting.simulation.tests.conftest import FROM
from bangfu.reporting.simulation.tests.test_ranking import fund_of, with_priority


def ordered(place, draft=None):
    return flow.of_draft(draft or place.raised(), by=place.world.head, at=AT)


def test_a_second_click_gets_the_same_run(place):
    draft = place.raised()
    first = ordered(place, draft)
    assert ordered(place, draft).pk == first.pk and Scenario.objects.count() == 1
    assert flow.of_draft(draft, by=place.policy, at=AT).pk != first.pk  # another person's question is her own
    flow.run(first, at=AT)
    assert ordered(place, draft).pk != first.pk  # answered: asked anew


def test_two_programs_do_not_compute_one_run(place, monkeypatch):
    scenario = ordered(place)
    met = []

    def compute(*args, **options):
        met.append(flow.run(Scenario.objects.get(pk=scenario.pk), at=AT))  # the other tab, in the middle of it
        return computing.compute(*args, **options)

    monkeypatch.setattr(flow, "compute", compute)
    assert flow.run(scenario, at=AT).is_done and len(met) == 1 and met[0].state == "running" and not met[0].result


def test_cancelled_among_its_rows_it_keeps_none(place, monkeypatch):
    place.add_files(5)
    monkeypatch.setattr(computing, "AT_ONCE", 2)
    scenario, kept = ordered(place), flow._keep_rows

    def keep_and_be_cancelled(one, rows):
        kept(one, rows)
        if Row.objects.count() >= 4:
            flow.cancel(Scenario.objects.get(pk=scenario.pk), by=place.policy, at=AT)

    monkeypatch.setattr(flow, "_keep_rows", keep_and_be_cancelled)
    assert flow.run(scenario, at=AT).state == "cancelled" and Row.objects.count() == 0


def test_what_fails_among_its_rows_keeps_none(place, monkeypatch):
    scenario, kept = ordered(place), flow._keep_rows

    def keep_and_fail(one, rows):
        kept(one, rows)
        raise OSError("disk")

    monkeypatch.setattr(flow, "_keep_rows", keep_and_fail)
    with pytest.raises(OSError):
        flow.run(scenario, at=AT)
    scenario.refresh_from_db()
    assert scenario.state == "failed" and Row.objects.count() == 0


def test_who_is_still_heard_from_keeps_a_long_run_and_who_lost_it_ends_nothing(place, monkeypatch):
    scenario = ordered(place)
    Scenario.objects.filter(pk=scenario.pk).update(state="running", started_at=AT, heard_at=AT + timedelta(hours=2))
    assert jobs.run_pending(at=AT + timedelta(hours=2, minutes=1)) == 0
    lost = Scenario.objects.get(pk=scenario.pk)
    assert jobs.run_pending(at=AT + timedelta(hours=3)) == 1  # the next one takes it over and is done
    assert flow._told(lost, "", 1, 2) is False and flow._end(lost, "cancelled", "", AT).is_done
    with pytest.raises(Stale):
        flow._keep(lost, None, None, AT)
    assert Scenario.objects.get().is_done and Row.objects.count() == 4


def test_a_draft_changed_after_its_simulation_is_not_adopted(place):
    draft = place.raised()
    flow.run(ordered(place, draft), at=AT)
    drafts.change_draft(draft, "aid_low_fen", "1100", valid_from=FROM, document_no="", by=place.policy, at=AT)
    drafts.submit(draft, by=place.policy, at=AT)
    with pytest.raises(Refused, match="还没有测算过"):
        drafts.adopt_draft(draft, by=place.world.head, at=AT)
    assert Version.objects.count() == 1


def test_rows_and_ranking_are_the_same_whatever_is_handed_on_at_once(place, monkeypatch):
    place.add_files(9)
    type(place.world.fund).objects.filter(pk=place.world.fund.pk).update(balance_fen=2_600_000)
    draft = with_priority(place)
    whole = fund_of(place, draft)
    monkeypatch.setattr(ranking, "AT_ONCE", 3)
    monkeypatch.setattr(computing, "AT_ONCE", 2)
    small = fund_of(place, draft)
    assert small == whole and whole["ranking"]["served"] and whole["ranking"]["unserved"]
    first, second = Scenario.objects.order_by("pk")
    assert first.result_sha256 == second.result_sha256


def test_samples_are_of_each_kind_and_always_the_same(place):
    place.add_files(9)
    flow.run(ordered(place, place.raised("dibao_line_fen", "100")), at=AT)
    scenario = Scenario.objects.get()
    packs = {"A": flow.packs_of(scenario)["A"], "B": pack_of_draft(scenario.sides.get(letter="B").draft)}
    snapshot = flow.snapshot_for(scenario.unit, FROM, at=AT)
    with compare(Question(packs, FROM), snapshot) as compared:
        assert drawn(compared, "B", 3) == drawn(compared, "B", 3)
    counts = {row["move"] for row in scenario.rows.filter(is_sample=True).values("move")}
    assert counts == set(scenario.rows.values_list("move", flat=True))


def test_an_officer_of_one_unit_reads_nothing_of_another(client, place):
    """Neither a run of the whole organisation nor of the other unit, by no address; inside of her own run nobody else stands."""
    unit, other = place.world.unit, place.world.other_unit
    her, draft = account("unit-officer", Role.OFFICE_OFFICER, unit, name="何丽"), place.raised()
    runs = {}
    for one, by in ((place.world.organisation, place.world.head), (other, place.world.head), (unit, her)):
        order = flow.order(one, [place.version, draft], title="一个单位", on=FROM, by=by, at=AT)
        runs[one.pk] = flow.run(order, at=AT)
    client.force_login(her)
    for one in (place.world.organisation, other):
        done = runs[one.pk]
        for name in ("simulation", "simulation-rows", "simulation-workbook"):
            for asked in ({}, {"what": "money"}, {"part": "cut", "by": "unit", "unit": other.pk}, {"side": "B", "move": "more"}):
                assert client.get(reverse(name, args=[done.pk]), asked).status_code == 404
        row = done.rows.get(household=place.files[0]) if one == place.world.organisation else done.rows.first()
        assert client.get(reverse("simulation-row", args=[done.pk, row.pk])).status_code == 404
        for name in ("simulation-cancellation", "simulation-repetition"):
            assert client.post(reverse(name, args=[done.pk])).status_code == 404
    own = runs[unit.pk]
    theirs = runs[other.pk].rows.first()
    assert client.get(reverse("simulation-row", args=[own.pk, theirs.pk])).status_code == 404
    pages = [
        client.get(own.get_absolute_url(), {"part": part, "by": "unit", "unit": other.pk})
        for part in ("money", "cut", "people", "fair")
    ]
    pages.append(client.get(reverse("simulation-rows", args=[own.pk])))
    text = "".join(page.content.decode() for page in pages)
    assert other.name not in text and place.files[1].number not in text and place.files[0].head_name not in text


def test_a_clerk_has_no_door_to_it(client, place):
    done = flow.run(ordered(place), at=AT)
    client.force_login(place.world.clerk)
    for name in ("simulation", "simulation-rows", "simulation-workbook"):
        assert client.get(reverse(name, args=[done.pk])).status_code == 403


def test_the_panel_of_progress_asks_again_and_then_shows_the_result(client, place):
    scenario = ordered(place)
    client.force_login(place.world.head)
    page = client.get(scenario.get_absolute_url()).content.decode()
    assert 'id="progress"' in page and 'hx-trigger="every 3s"' in page and "http-equiv" not in page and "看看算到哪里了" in page
    assert 'id="progress"' in client.get(scenario.get_absolute_url(), headers={"HX-Request": "true"}).content.decode()
    flow.run(scenario, at=AT)
    answer = client.get(scenario.get_absolute_url(), headers={"HX-Request": "true"})
    assert answer["HX-Refresh"] == "true" and not answer.content
