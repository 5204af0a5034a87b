"""Adopting, finding and replaying rules, on the database."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.db import DatabaseError, IntegrityError, transaction

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.audit.models import Event
from bangfu.lib.errors import Refused
from bangfu.policy import queries
from bangfu.policy.flow import adopt, assess
from bangfu.policy.models import Assessment, Version
from bangfu.policy.queries import ends_on, in_force, latest_assessment, pack_of, published, replay
from bangfu.policy.tests.makers import AT, HEAD, KAIYUAN, ON, household, kaiyuan_bytes, zipped

pytestmark = pytest.mark.django_db

START = date(2016, 1, 1)
LATER = datetime(2016, 12, 1, 2, 0, tzinfo=UTC)


@pytest.fixture
def union():
    return organisation()


@pytest.fixture
def version(union):
    return adopt(kaiyuan_bytes(), unit=union, valid_from=START, by=None, at=AT)


def changed(value: str = "1000元") -> bytes:
    """Another version of a small pack."""
    line = f"gift: {{title: 慰问, clause: 一, unit: fen, values: [{{from: 2016-01-01, value: {value}}}]}}\n"
    return zipped({"parameters.yaml": line})


def test_rules_are_adopted_and_recorded(union, version):
    assert version.organisation == union and version.title == "困难职工帮扶办法"
    assert pack_of(version).sha256 == version.sha256
    event = Event.objects.get(kind="policy.version_adopted")
    assert version.sha256 in event.body


def test_a_pack_with_a_fault_is_not_adopted(union):
    bad = zipped({"derived.yaml": "figures:\n  a: {title: 甲, expr: nothing + 1}\n"})
    with pytest.raises(Refused, match="有 1 处问题"):
        adopt(bad, unit=union, valid_from=START, by=None, at=AT)
    assert not Version.objects.exists()


def test_only_those_who_look_after_the_rules_adopt_them(union):
    clerk, officer = account("clerk", Role.UNIT_CLERK, union), account("rules", Role.POLICY_ADMIN, union)
    with pytest.raises(PermissionDenied):
        adopt(changed(), unit=union, valid_from=START, by=clerk, at=AT)
    assert adopt(changed(), unit=union, valid_from=START, by=officer, at=AT).adopted_by == officer


def test_not_before_the_pack_itself_begins(union):
    with pytest.raises(Refused, match="从 2016-01-01 起施行"):
        adopt(changed(), unit=union, valid_from=date(2015, 12, 31), by=None, at=AT)


def test_the_next_version_ends_the_one_before_and_they_never_overlap(union):
    first = adopt(changed(), unit=union, valid_from=START, by=None, at=LATER)
    second = adopt(changed("1500元"), unit=union, valid_from=date(2017, 1, 1), by=None, at=LATER)
    assert in_force(union, date(2016, 12, 31)) == first
    assert in_force(union, date(2017, 1, 1)) == second
    assert ends_on(first) == date(2017, 1, 1) and ends_on(second) is None
    assert in_force(union, date(2015, 12, 31)) is None
    for day in (START, date(2016, 6, 1), date(2017, 1, 1)):
        with pytest.raises(Refused, match="要从更晚的日子起"):
            adopt(changed("2000元"), unit=union, valid_from=day, by=None, at=LATER)


def test_days_already_lived_under_a_version_keep_it(union):
    adopt(changed(), unit=union, valid_from=START, by=None, at=LATER)
    with pytest.raises(Refused, match="已经施行过的日子"):
        adopt(changed("1500元"), unit=union, valid_from=date(2016, 11, 30), by=None, at=LATER)


def test_a_version_that_has_ended_leaves_nothing_in_force(union):
    ending = zipped({"pack.yaml": HEAD + "valid_to: 2016-07-01\n"})
    version = adopt(ending, unit=union, valid_from=START, by=None, at=AT)
    assert in_force(union, date(2016, 6, 30)) == version
    assert in_force(union, date(2016, 7, 1)) is None


def test_the_nearest_unit_wins_and_others_see_nothing(union, django_assert_num_queries):
    workshop = department(union, "ky-1", "设备部")
    other = organisation("hebi", "HB", "鹤壁公司")
    wide = adopt(changed(), unit=union, valid_from=START, by=None, at=AT)
    near = adopt(changed("1500元"), unit=workshop, valid_from=date(2017, 1, 1), by=None, at=LATER)
    with django_assert_num_queries(1):
        assert in_force(workshop, ON) == near
    assert in_force(workshop, date(2016, 6, 1)) == wide
    assert in_force(union, ON) == wide
    assert in_force(other, ON) is None


@pytest.mark.both
def test_two_versions_never_begin_on_one_day(version):
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            pack=version.pack, title="x", issuer="x", content=b"x", sha256="0" * 64, unit=version.unit, organisation=version.organisation,
            valid_from=version.valid_from, adopted_at=AT,
        )  # fmt: skip


@pytest.mark.both
def test_a_version_cannot_end_before_it_begins(version):
    with pytest.raises(IntegrityError), transaction.atomic():
        Version.objects.create(
            pack="other", title="x", issuer="x", content=b"x", sha256="0" * 64, unit=version.unit, organisation=version.organisation,
            valid_from=START, valid_to=START, adopted_at=AT,
        )  # fmt: skip


@pytest.mark.both
@pytest.mark.parametrize("act", [lambda rows: rows.update(title="x"), lambda rows: rows.delete()], ids=["update", "delete"])
def test_a_version_is_never_changed(version, act):
    with pytest.raises(DatabaseError), transaction.atomic():
        act(Version.objects.filter(pk=version.pk))


@pytest.mark.both
def test_an_assessment_is_never_changed(union, version):
    made = assess(version, "process.case:1", household(), on=ON, unit=union, by=None, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        Assessment.objects.filter(pk=made.pk).update(result="{}")


def test_an_assessment_keeps_facts_outcome_and_reasons_and_is_recorded(union, version):
    made = assess(version, "process.case:7", household(), on=ON, unit=union, by=None, at=AT)
    assert (made.outcome, made.class_code) == ("eligible", "long_term")
    assert json.loads(made.facts) == household()
    assert [row["id"] for row in made.programmes][:2] == ["spring_gift", "long_term"]
    assert {row["clause"] for row in made.reasons} >= {"五（一）", "九（一）", "九（二）"}
    assert latest_assessment("process.case:7") == made
    event = Event.objects.get(kind="policy.household_assessed")
    assert event.subject == "process.case:7"


@pytest.mark.both
def test_a_replay_gives_the_same_bytes_years_later(union, version):
    made = assess(version, "process.case:1", household(asked_fen=None, homes_count=None), on=ON, unit=union, by=None, at=AT)
    queries._compiled.clear()  # another process, another year
    adopt(_raised(), unit=union, valid_from=date(2018, 1, 1), by=None, at=AT)
    again = replay(Assessment.objects.get(pk=made.pk))
    assert again.canonical() == made.result
    assert made.result_object.canonical() == made.result


def _raised() -> bytes:
    from bangfu.policy.reading import read_files, to_zip

    files = dict(read_files(KAIYUAN).files)
    files = {name: text for name, text in files.items() if not name.startswith("examples/")}
    files["parameters.yaml"] = files["parameters.yaml"].replace(b"value: 5000", b"value: 6000")
    return to_zip(files)


def test_a_replay_in_another_language_is_the_same(union, version):
    from django.utils import translation

    made = assess(version, "process.case:1", household(homes_count=None), on=ON, unit=union, by=None, at=AT)
    with translation.override("en"):
        assert replay(made).canonical() == made.result


def test_bytes_that_were_changed_behind_our_back_are_noticed(version):
    other = Version(sha256="0" * 64, content=version.content, title="x", valid_from=START)
    with pytest.raises(Refused, match="指纹不符"):
        pack_of(other)


def test_evaluating_a_household_asks_the_database_nothing(version, django_assert_num_queries):
    from bangfu.policy.evaluation import evaluate

    pack = pack_of(version)
    with django_assert_num_queries(0):
        evaluate(pack, household(), ON)
        pack_of(version)


def test_published_rules_show_each_standard_with_its_days(union, version):
    found = published(union, date(2017, 6, 1))[0]
    gifts = [(row.shown, row.state) for row in found.parameters if row.standard.name == "spring_gift_fen"]
    assert gifts == [("¥1,000.00", "past"), ("¥1,500.00", "now"), ("¥2,000.00", "coming")]
    demo = {row.standard.name for row in found.parameters if row.is_demo}
    assert "dibao_line_fen" in demo and "temporary_high_fen" not in demo


def test_rules_are_loaded_and_dumped_by_command(union, tmp_path, capsys):
    call_command("policy_load", str(KAIYUAN), "--unit", "kaiyuan", "--from", "2016-01-01")
    assert capsys.readouterr().out.strip() == "《困难职工帮扶办法》（2016-01-01 起）已在开远公司施行。"
    call_command("policy_dump", "--unit", "kaiyuan", "--on", "2017-01-01", "--to", str(tmp_path / "out"))
    for path in KAIYUAN.rglob("*.yaml"):
        assert (tmp_path / "out" / path.relative_to(KAIYUAN)).read_bytes() == path.read_bytes()
    for arguments, code in (
        ([str(KAIYUAN), "--unit", "nowhere", "--from", "2016-01-01"], 2),
        ([str(KAIYUAN), "--unit", "kaiyuan", "--from", "someday"], 2),
        ([str(KAIYUAN), "--unit", "kaiyuan", "--from", "2016-01-01"], 1),
    ):
        with pytest.raises(SystemExit) as end:
            call_command("policy_load", *arguments)
        assert end.value.code == code
    with pytest.raises(SystemExit) as end:
        call_command("policy_dump", "--unit", "kaiyuan", "--on", "2015-01-01", "--to", str(tmp_path / "out"))
    assert end.value.code == 2


def test_two_adoptions_after_each_other_keep_their_order(union):
    first = adopt(changed(), unit=union, valid_from=START, by=None, at=LATER)
    days = [date(2017, 1, 1) + timedelta(days=365 * n) for n in range(3)]
    versions = [
        first,
        *(adopt(changed(f"{n + 2}000元"), unit=union, valid_from=day, by=None, at=LATER) for n, day in enumerate(days)),
    ]
    for n, day in enumerate(days):
        assert in_force(union, day) == versions[n + 1]
        assert in_force(union, day - timedelta(days=1)) == versions[n]
