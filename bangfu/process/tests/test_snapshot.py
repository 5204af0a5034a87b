"""The registry as columns: the same facts that a case is judged by, of every file, and nothing that names a person."""

from __future__ import annotations

import json
import stat
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.access.models import Unit
from bangfu.household.models import Household, Member
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy.columns import Snapshot, compile_pack, run
from bangfu.policy.columns.settling import answers, facts_from
from bangfu.policy.evaluation import evaluate
from bangfu.policy.queries import in_force, pack_of
from bangfu.process import snapshot as snapshots
from bangfu.process.facts import facts_of_households
from bangfu.process.tests.makers import AT, household, world

pytestmark = [pytest.mark.django_db, pytest.mark.both]


@pytest.fixture
def who(settings, tmp_path):
    settings.VAR = tmp_path
    who = world()
    household(who.other_unit, None, serial=18, name="王建新", tie="former", expenses=None, assets=None)
    return who


def tables(snapshot: Snapshot) -> dict:
    import pyarrow as pa
    import pyarrow.parquet as pq

    found: dict = {}
    for part in snapshot.parts:
        for name in part.rows:
            table = pq.read_table(snapshot.path(part, name))
            found[name] = pa.concat_tables([found[name], table], promote_options="default") if name in found else table
    return found


def test_columns_hold_the_facts_of_every_file(who, monkeypatch):
    monkeypatch.setattr(snapshots, "PART", 1)
    monkeypatch.setattr(snapshots, "BATCH", 1)
    on = today(AT)
    made = snapshots.take(who.organisation, on=on, at=AT)
    files = list(Household.objects.filter(unit__path__startswith=who.organisation.path).order_by("pk"))
    wanted = dict(zip([file.pk for file in files], facts_of_households(files, on), strict=True))
    assert made.households == len(files) >= 1 and len(made.parts) == len(files)
    assert dict(facts_from(tables(made), made, {})) == wanted
    assert all(facts["unit_path"].split("/")[0] == who.organisation.code for facts in wanted.values())


def test_nothing_in_it_names_a_person(who):
    made = snapshots.take(who.organisation, on=today(AT), at=AT)
    text = json.dumps({name: table.to_pylist() for name, table in tables(made).items()}, ensure_ascii=False, default=str)
    for file in Household.objects.all():
        for word in (file.head_name, file.number, file.identity, file.phone, file.card, file.address):
            assert not word or word not in text
    for member in Member.objects.all():
        assert member.name not in text and (not member.diagnosis or member.diagnosis not in text)
    manifest = json.loads((made.folder / "manifest.json").read_text())
    assert "main_cause" in manifest["sensitive"] and manifest["day"] == today(AT).isoformat()
    assert manifest["sha256"] == Snapshot.open(made.folder).sha256
    for path in made.folder.rglob("*"):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_a_run_over_it_answers_as_the_case_does(who):
    on = today(AT)
    made = snapshots.take(who.organisation, on=on, at=AT)
    pack = pack_of(in_force(who.organisation, on))
    plan = compile_pack(pack, on, made)
    rows = {row.pop("key"): row for row in run(pack, made, on).to_pylist()}
    for file, facts in zip(
        Household.objects.order_by("pk"), facts_of_households(list(Household.objects.order_by("pk")), on), strict=True
    ):
        got = rows[file.pk]
        got.pop("by")
        assert got == answers(plan, evaluate(pack, facts, on))


def test_the_newest_snapshot_above_a_unit_is_found(who):
    assert snapshots.latest(who.unit) is None
    first = snapshots.take(who.organisation, on=today(AT), at=AT)
    second = snapshots.take(who.organisation, on=today(AT), at=AT + timedelta(hours=1))
    assert first.folder != second.folder
    found = snapshots.latest(who.unit)
    assert found is not None and found.folder == second.folder


def test_each_night_one_and_old_ones_go(who, monkeypatch):
    monkeypatch.setattr(snapshots, "KEPT", 2)
    for day in range(4):
        assert len(snapshots.take_all(at=AT + timedelta(days=day))) == Unit.objects.filter(parent=None).count()
        assert snapshots.take_all(at=AT + timedelta(days=day)) == []
    assert len(list(snapshots.folder_of(who.organisation).iterdir())) == 2


def test_the_half_that_a_power_cut_left_does_not_count(who):
    half = snapshots.folder_of(who.organisation) / today(AT).isoformat()
    (half / "part-0000").mkdir(parents=True)
    assert len(snapshots.take_all(at=AT)) == Unit.objects.filter(parent=None).count()
    assert (half / "manifest.json").exists()


def test_the_job_of_the_night_waits_for_the_night(who):
    ten = AT
    assert snapshots.take_at_night(at=ten) == []
    assert len(snapshots.take_at_night(at=ten + timedelta(hours=16))) == 1  # 2 o'clock


def test_a_figure_that_no_rule_could_read_stops_it_and_leaves_nothing(who):
    Household.objects.filter(pk=who.household.pk).update(stated_annual_fen=10**16)
    with pytest.raises(Refused, match=who.household.number):
        snapshots.take(who.organisation, on=today(AT), at=AT)
    assert list(snapshots.folder_of(who.organisation).iterdir()) == []


def test_it_can_be_stopped_and_leaves_nothing(who):
    with pytest.raises(Refused, match="取消"):
        snapshots.take(who.organisation, on=today(AT), at=AT, progress=lambda _done, _of: False)
    assert list(snapshots.folder_of(who.organisation).iterdir()) == []


def test_statements_do_not_grow_with_the_files(who):
    with CaptureQueriesContext(connection) as seen:
        snapshots.take(who.organisation, on=today(AT), at=AT)
    assert len(seen) <= 20


def test_the_command_says_what_it_made(who, capsys):
    call_command("snapshot", unit=who.organisation.code, on="2026-11-02")
    assert f"{who.organisation.code}：" in capsys.readouterr().out
    with pytest.raises(SystemExit) as stopped:
        call_command("snapshot", unit="nowhere")
    assert stopped.value.code == 2
