"""A draft beside the rules in force, over every household: ordered, computed, read, and asked for before adoption."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.template.loader import render_to_string
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation
from bangfu.audit.models import Event
from bangfu.governance.models import Motion
from bangfu.lib.errors import Refused
from bangfu.lib.spreadsheet import read
from bangfu.policy.columns import Snapshot
from bangfu.policy.evaluation import evaluate
from bangfu.policy.flow import drafts
from bangfu.policy.models import Version
from bangfu.policy.queries import pack_of
from bangfu.process.facts import facts_of_households
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation import flow, jobs
from bangfu.reporting.simulation.comparing import ASKED
from bangfu.reporting.simulation.models import Row, Scenario
from bangfu.reporting.simulation.reactions import motion_context
from bangfu.reporting.simulation.sides import packs_of, snapshot_of
from bangfu.reporting.simulation.tests.conftest import FROM, Place


def simulated(place: Place, draft=None, **facts) -> Scenario:
    draft = draft or place.raised()
    return flow.run(flow.of_draft(draft, by=place.policy, at=AT), at=AT)


def test_a_raised_standard_touches_whom_it_touches_and_costs_what_it_costs(place):
    """The counts and sums are those of the walker, household by household."""
    scenario = simulated(place)
    packs, on = packs_of(scenario), scenario.on_date
    side = scenario.result["sides"]["B"]
    wanted = {"was": 0, "now": 0}
    for facts in facts_of_households(place.files, AT.date()):
        given = facts | {"is_aided_elsewhere": False, "asked_fen": ASKED["most"]}
        for name, letter in (("was", "A"), ("now", "B")):
            outcome = evaluate(packs[letter], given, on)
            wanted[name] += sum(row.amount_fen or 0 for row in outcome.programmes if row.outcome == "eligible")
    assert (side["total"]["fen_was"], side["total"]["fen_now"]) == (wanted["was"], wanted["now"])
    assert side["total"]["households"] == 4 and side["total"]["more"] == 4
    rows = list(scenario.rows.all())
    assert [row.change_fen for row in rows] == [20_000] * 4 and {row.move for row in rows} == {"more"}
    assert on == FROM and scenario.households == 4 and snapshot_of(scenario) is not None
    assert [event.kind for event in Event.objects.filter(kind__startswith="reporting.").order_by("seq")] == [
        "reporting.scenario_ordered",
        "reporting.scenario_run",
    ]


def test_a_lower_line_takes_households_out_and_clauses_say_why(place):
    scenario = simulated(place, place.raised("dibao_line_fen", "100"))
    side = scenario.result["sides"]["B"]
    left = [row for row in scenario.rows.all() if row.move == "leaves"]
    assert left and side["total"]["leaves"] == len(left) and all(row.fen_after < row.fen_before for row in left)
    assert [row["clause"] for row in side["clauses"] if row["lost"]] != []


def test_the_same_snapshot_gives_the_same_result(place):
    first = simulated(place)
    again = flow.run(flow.again(first, by=place.policy, at=AT), at=AT)
    assert again.pk != first.pk and again.result_sha256 == first.result_sha256 and again.snapshot_sha256 == first.snapshot_sha256


def test_adoption_asks_for_a_simulation_of_these_very_bytes(client, place):
    draft = place.raised()
    drafts.submit(draft, by=place.policy, at=AT)
    client.force_login(place.world.head)
    adopt = reverse("policy-draft-adoption", args=[draft.pk])
    assert "还没有测算过" in client.post(adopt, follow=True).content.decode() and Version.objects.count() == 1
    page = client.post(reverse("draft-simulation", args=[draft.pk]), follow=True).content.decode()
    assert "已算完" in page and "长期困难救助" in page
    drafts.return_draft(draft, note="再调一点", by=place.world.head, at=AT)
    drafts.change_draft(draft, "aid_low_fen", "1100", valid_from=FROM, document_no="", by=place.policy, at=AT)
    drafts.submit(draft, by=place.policy, at=AT)
    assert "还没有测算过" in client.post(adopt, follow=True).content.decode()  # another artefact
    client.post(reverse("draft-simulation", args=[draft.pk]))
    assert "已批准" in client.post(adopt, follow=True).content.decode() and Version.objects.count() == 2
    (event,) = Event.objects.filter(kind="reporting.scenario_relied_on")
    assert (
        event.subject == f"reporting.scenario:{Scenario.objects.latest('pk').pk}"
        and Version.objects.latest("pk").sha256 in event.body
        and event.actor == place.world.head.username
    )
    assert Version.objects.latest("pk").sha256 == Scenario.objects.latest("pk").sides.get(letter="B").sha256


def test_the_committee_sees_whom_a_draft_touches_and_what_it_costs(place):
    draft = place.raised()
    motion = Motion(subject=f"policy.draft:{draft.pk}")
    assert motion_context(motion, place.world.head) == {} == motion_context(Motion(subject="process.case:1"), place.world.head)
    scenario = flow.run(flow.of_draft(draft, by=place.world.head, at=AT), at=AT)
    shown = motion_context(motion, place.world.head)
    total = scenario.result["sides"]["B"]["total"]
    assert shown["simulated_touched"] > 0 and shown["simulated_change_fen"] == total["fen_now"] - total["fen_was"] != 0
    panel = render_to_string(shown["right"], shown)
    assert f"{shown['simulated_touched']} 户" in panel and "一年增减" in panel
    drafts.submit(draft, by=place.policy, at=AT)
    drafts.return_draft(draft, note="再调一点", by=place.world.head, at=AT)
    drafts.change_draft(draft, "aid_low_fen", "1100", valid_from=FROM, document_no="", by=place.policy, at=AT)
    assert motion_context(motion, place.world.head) == {}  # another artefact


def test_the_pages_of_a_result(client, place):
    scenario = simulated(place)
    client.force_login(place.world.head)
    for part, words in {
        "": ("受影响", "各项资金够不够", "照近 12 个月实发推算", "2027-03"),
        "people": ("达到退出条件的在档户", "档次变化", "多 1,000 元以内", "抽几户逐条看"),
        "fair": ("按用工身份", "按单位", "不到 5 户的不比"),
        "proof": (scenario.result_sha256, "总工发〔2026〕9号", "和过去的评审对照", "算完测算方案"),
    }.items():
        text = client.get(scenario.get_absolute_url(), {"part": part}).content.decode()
        for word in words:
            assert word in text, word
    text = client.get(reverse("simulation-rows", args=[scenario.pk]) + "?move=more").content.decode()
    assert "张*诚" in text and "张守诚" not in text
    row = scenario.rows.get(household=place.files[0])
    text = client.get(reverse("simulation-row", args=[scenario.pk, row.pk])).content.decode()
    assert "¥1,000.00" in text and "¥1,200.00" in text
    book = read(client.get(reverse("simulation-workbook", args=[scenario.pk])).content, "a.xlsx")
    cells = [str(cell.value) for line in book.sheets[0].rows for cell in line] if hasattr(book, "sheets") else str(book)
    assert "张守诚" not in str(cells)
    assert Event.objects.filter(kind="reporting.scenario_downloaded").count() == 1


def test_the_policy_administrator_reads_no_household(client, place):
    scenario = simulated(place)
    client.force_login(place.policy)
    rows = client.get(reverse("simulation-rows", args=[scenario.pk])).content.decode()
    for word in ("张*诚", place.files[0].number, place.world.unit.name):
        assert word not in rows
    assert "没有这样的户" in rows  # four households in all
    text = client.get(scenario.get_absolute_url(), {"part": "fair"}).content.decode()
    assert "全部不到 5 户" in text and place.files[0].number not in text and "¥" not in text
    place.add_files(4)
    scenario = simulated(place, place.raised("long_term_fen", "1300"))
    text = client.get(scenario.get_absolute_url(), {"part": "fair"}).content.decode()
    assert "不显示" in text and place.files[0].number not in text
    assert client.get(reverse("simulation-row", args=[scenario.pk, scenario.rows.first().pk])).status_code == 403
    content = client.get(reverse("simulation-workbook", args=[scenario.pk])).content
    assert content[:2] == b"PK"


def test_who_reads_no_drafts_gets_no_way_to_one(client, place):
    scenario = simulated(place)
    draft = reverse("policy-draft", args=[scenario.sides.get(letter="B").draft_id])
    for person, sees in ((place.world.officer, False), (place.world.head, True)):
        client.force_login(person)
        for part in ("money", "proof"):
            assert (draft in client.get(scenario.get_absolute_url(), {"part": part}).content.decode()) is sees


def test_nobody_reads_his_own_household_in_it(client, place):
    scenario = simulated(place)
    place.world.staff.account = place.world.head
    place.world.staff.save()
    own = scenario.rows.get(household=place.files[0])
    client.force_login(place.world.head)
    assert client.get(reverse("simulation-row", args=[scenario.pk, own.pk])).status_code == 404
    assert own.household.number not in client.get(reverse("simulation-rows", args=[scenario.pk])).content.decode()


def test_another_organisation_finds_nothing(client, place):
    scenario = simulated(place)
    client.force_login(account("stranger", Role.OFFICE_HEAD, organisation("hebi", "HB", "鹤壁公司")))
    for name in ("simulation", "simulation-rows", "simulation-workbook"):
        assert client.get(reverse(name, args=[scenario.pk])).status_code == 404
    for name in ("simulation-cancellation", "simulation-repetition"):
        assert client.post(reverse(name, args=[scenario.pk])).status_code == 404


def test_many_files_wait_for_the_worker_and_can_be_cancelled(client, place, monkeypatch):
    monkeypatch.setattr(flow, "INLINE", 1)
    draft = place.raised()
    client.force_login(place.policy)
    client.post(reverse("draft-simulation", args=[draft.pk]))
    scenario = Scenario.objects.get()
    assert scenario.state == "waiting" and "取消测算" in client.get(scenario.get_absolute_url()).content.decode()
    client.post(reverse("simulation-cancellation", args=[scenario.pk]))
    scenario.refresh_from_db()
    assert (scenario.state, scenario.cancelled_by) == ("cancelled", place.policy) and jobs.run_pending(at=AT) == 0
    client.post(reverse("simulation-repetition", args=[scenario.pk]))
    assert jobs.run_pending(at=AT) == 1 and Scenario.objects.latest("pk").is_done
    assert place.policy.messages.count() == 1


def test_a_running_one_stops_at_its_next_resting_place_and_keeps_nothing(place, monkeypatch):
    scenario = flow.of_draft(place.raised(), by=place.policy, at=AT)
    taken = flow.snapshots.take

    def take_and_be_cancelled(*args, **options):
        made = taken(*args, **options)
        flow.cancel(Scenario.objects.get(pk=scenario.pk), by=place.world.head, at=AT)
        return made

    monkeypatch.setattr(flow.snapshots, "take", take_and_be_cancelled)
    assert flow.run(scenario, at=AT).state == "cancelled" and Row.objects.count() == 0


def test_a_worker_that_died_leaves_it_to_the_next(place):
    scenario = flow.of_draft(place.raised(), by=place.policy, at=AT)
    Scenario.objects.filter(pk=scenario.pk).update(state="running", started_at=AT)
    assert jobs.run_pending(at=AT + timedelta(minutes=1)) == 0
    assert jobs.run_pending(at=AT + timedelta(hours=1)) == 1 and Scenario.objects.get().is_done


def test_a_past_day_is_taken_as_of_that_day(place):
    scenario = flow.order(
        place.world.organisation,
        [place.version, place.raised()],
        title="",
        on=AT.date() - timedelta(days=40),
        by=place.policy,
        at=AT,
    )
    done = flow.run(scenario, at=AT)
    assert done.snapshot.endswith((AT.date() - timedelta(days=40)).isoformat())
    assert done.result["sides"]["B"]["total"]["more"] == 0  # the new value does not hold yet


def test_one_unit_only(place):
    draft = place.raised()
    with pytest.raises(Refused, match="整个单位"):
        flow.order(place.world.unit, [place.version, draft], title="一个单位", on=FROM, by=place.policy, at=AT)
    scenario = flow.order(place.world.unit, [place.version, draft], title="一个单位", on=FROM, by=place.world.head, at=AT)
    assert not Scenario.objects.visible_to(place.policy).exists() and Scenario.objects.visible_to(place.world.head).exists()
    assert flow.run(scenario, at=AT).result["sides"]["B"]["total"]["households"] == 1


def test_three_sides_are_compared_with_the_first(client, place):
    one, two = place.raised(), place.raised("long_term_fen", "1300")
    scenario = flow.order(place.world.organisation, [place.version, one, two], title="三套", on=FROM, by=place.policy, at=AT)
    sides = flow.run(scenario, at=AT).result["sides"]
    gains = {letter: side["total"]["fen_now"] - side["total"]["fen_was"] for letter, side in sides.items()}
    assert gains == {"B": 80_000, "C": 120_000}
    client.force_login(place.world.head)
    text = client.get(scenario.get_absolute_url() + "?side=C").content.decode()
    assert "甲 → 丙" in text and "几套办法放在一起" in text and "¥800.00" in text and "¥1,200.00" in text


def test_equal_rules_are_not_compared(place):
    with pytest.raises(Refused, match="完全一样"):
        flow.order(place.world.organisation, [place.version, place.version], title="", on=FROM, by=place.policy, at=AT)


def test_the_form_orders_and_refuses(client, place):
    client.force_login(place.policy)
    draft = place.raised()
    said = {
        "unit": place.world.organisation.pk,
        "a": f"version-{place.version.pk}",
        "b": f"draft-{draft.pk}",
        "on": "2027-01-01",
        "asking": "most",
    }
    assert client.post(reverse("simulations"), said | {"on": "哪天"}).status_code == 422
    assert client.post(reverse("simulations"), said | {"b": said["a"]}).status_code == 422
    assert client.post(reverse("simulations"), said).status_code == 302 and Scenario.objects.get().is_done
    assert "已算完" in client.get(reverse("simulations")).content.decode()


def test_before_any_snapshot_the_pages_say_so_with_one_button(client, place):
    client.force_login(place.policy)
    assert "还没有名册快照" in client.get(reverse("simulations")).content.decode()
    form = {"standard": "long_term_fen:0", "value": "1200", "valid_from": "2027-01-01", "document_no": "1号"}
    url = reverse("adjustment-preview", args=[place.version.pk])
    assert "现在做一份快照" in client.post(url, form).content.decode()
    assert "影响 4 户" in client.post(url, form | {"take": "1"}).content.decode()
    back = reverse("policy-adjustment", args=[place.version.pk])
    answer = client.post(reverse("simulation-snapshot"), {"next": back})
    assert answer.status_code == 302 and answer["Location"] == back
    text = client.post(url, form, headers={"HX-Request": "true"}).content.decode()
    assert "影响 4 户" in text and "¥800.00" in text and "<html" not in text
    assert "不能预览" in client.post(url, form | {"value": "很多"}).content.decode()
    assert client.post(reverse("simulation-snapshot"), {"next": "https://example.org/"})["Location"] == reverse("simulations")


def test_a_removed_snapshot_is_said(client, place):
    import shutil

    scenario = simulated(place)
    found = snapshot_of(scenario)
    assert isinstance(found, Snapshot)
    shutil.rmtree(found.folder)
    client.force_login(place.world.head)
    row = scenario.rows.first()
    assert "已按期限删去" in client.get(reverse("simulation-row", args=[scenario.pk, row.pk])).content.decode()


def test_past_decisions_are_judged_again(place):
    from bangfu.process.tests.makers import Play

    Play(place.world).to("close").close()
    found = simulated(place).result["backtest"]
    assert found["decisions"] == 1 and found["sides"]["A"]["agrees"] == 1 == found["sides"]["B"]["agrees"]


def test_the_first_rules_need_no_simulation(place):
    draft = place.raised()
    assert pack_of(place.version).id == draft.pack
    other = organisation("hebi", "HB", "鹤壁公司")
    draft.unit, draft.organisation = other, other
    assert flow.require_simulation(draft, place.world.head) is None
