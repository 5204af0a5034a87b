"""Applications: on the phone and by the clerk, drafts, entry of a worker without a file, withdrawal, asking again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from bangfu.audit.models import Event
from bangfu.household.flow import enrol_staff
from bangfu.household.models import Consent, Household
from bangfu.household.rows import StaffRow
from bangfu.household.tests.makers import identity
from bangfu.lib.errors import Refused
from bangfu.process.models import Case
from bangfu.process.tests.makers import AT
from bangfu.relief import flow
from bangfu.relief.models import Application, Draft

ASKED = {"programme": "temporary_living", "story": "住院三个月，工资停发。", "causes": ["own_illness"], "asked_fen": 300_000}
CONSENTS = [flow.ConsentAnswer(kind, kind != "notice_name", "给您看过的话") for kind in ("health", "bank", "notice_name")]


@pytest.fixture
def newcomer(place):
    """A worker on the roster without a file."""
    return enrol_staff(
        StaffRow(unit=place.unit, worker_no="KY88", name="李秀英", identity=identity(88), phone="13800000088"), by=None, at=AT
    )


def test_the_worker_applies_on_the_phone(place):
    filed = flow.apply(**ASKED, wish="想学一门手艺", household=place.household, consents=CONSENTS, by=place.worker, at=AT)
    assert filed.via == "phone" and filed.filed_for_by is None and filed.applicant_name == "张守诚"
    assert filed.case.stage_kind == "apply" and filed.case.opened_by == place.worker
    answers = dict(Consent.objects.values_list("kind", "given"))
    assert answers == {"health": True, "bank": True, "notice_name": False}
    assert all(Consent.objects.values_list("by_worker", flat=True))
    kinds = list(Event.objects.filter(subject=f"process.case:{filed.case_id}").values_list("kind", flat=True))
    assert kinds == ["process.case_opened", "relief.application_filed"]


def test_the_clerk_files_for_her_and_she_stays_the_applicant(place):
    filed = flow.apply(**ASKED, household=place.household, consents=CONSENTS, by=place.clerk, at=AT)
    assert filed.via == "clerk" and filed.filed_for_by == place.clerk and filed.case.handler == place.clerk
    assert not any(Consent.objects.values_list("by_worker", flat=True))


def test_filing_for_her_is_no_duty_on_the_case(place):
    from bangfu.process.conflicts import INVESTIGATE, why_not

    filed = flow.apply(**ASKED, household=place.household, by=place.clerk, at=AT)
    assert why_not(place.clerk, filed.case, INVESTIGATE) == ""


def test_a_worker_without_a_file_becomes_a_clue_and_gets_the_causes_when_taken_up(place, newcomer):
    filed = flow.apply(**(ASKED | {"causes": ["family_illness", "schooling"]}), staff=newcomer, by=place.clerk, at=AT)
    clue = Household.objects.get(staff=newcomer)
    assert clue.state == "clue" and clue.main_cause == "" and filed.case.household == clue
    flow.accept(filed.case_id, version=1, by=place.clerk, at=AT + timedelta(hours=1))
    clue.refresh_from_db()
    assert clue.main_cause == "family_illness" and [cause.code for cause in clue.causes.all()] == ["schooling"]
    assert Case.objects.get().awards.get().category == "illness"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"story": "难"}, "至少 5 个字"),
        ({"causes": []}, "至少选一项"),
        ({"causes": ["laziness"]}, "至少选一项"),
        ({"asked_fen": 0}, "大于 0"),
        ({"programme": "spring_gift"}, "按名单"),
    ],
)
def test_what_is_missing_is_said_and_nothing_is_written(place, change, words):
    with pytest.raises(Refused, match=words):
        flow.apply(**(ASKED | change), household=place.household, consents=CONSENTS, by=place.worker, at=AT)
    assert not Application.objects.exists() and not Case.objects.exists() and not Consent.objects.exists()


def test_neither_another_worker_nor_another_unit_applies_for_her(place, newcomer):
    for who in (place.other_clerk, place.cashier):
        with pytest.raises(PermissionDenied):
            flow.apply(**ASKED, household=place.household, by=who, at=AT)
        with pytest.raises(PermissionDenied):
            flow.apply(**ASKED, staff=newcomer, by=who, at=AT)
    assert not Household.objects.filter(staff=newcomer).exists()


def test_a_draft_is_kept_thirty_days_sealed_and_gone_when_filed(place):
    flow.save_draft(place.worker, {"story": "尿毒症透析"}, page=3, at=AT)
    assert flow.draft_of(place.worker, at=AT + timedelta(days=29)) == ({"story": "尿毒症透析"}, 3)
    assert flow.draft_of(place.worker, at=AT + timedelta(days=30)) == ({}, 1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM relief_draft")
        assert "尿毒症".encode() not in bytes(cursor.fetchone()[0])
    flow.save_draft(place.worker, {"story": "改过"}, page=4, at=AT + timedelta(days=10))
    assert Draft.objects.get().page == 4
    flow.apply(**ASKED, household=place.household, by=place.worker, at=AT)
    assert not Draft.objects.exists()


def test_old_drafts_are_erased(place):
    flow.save_draft(place.worker, {"story": "x"}, at=AT)
    assert flow.drop_old_drafts(at=AT + timedelta(days=29)) == 0
    assert flow.drop_old_drafts(at=AT + timedelta(days=30)) == 1


def test_the_story_stands_sealed(place):
    flow.apply(**ASKED, household=place.household, by=place.worker, at=AT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT story FROM relief_application")
        assert "住院".encode() not in bytes(cursor.fetchone()[0])
        cursor.execute("SELECT body FROM audit_event")
        assert not any("住院" in row[0] for row in cursor.fetchall())


def test_withdrawing_and_asking_again_go_through_the_case(place):
    from bangfu.process.models import Refusal

    filed = flow.apply(**ASKED, household=place.household, by=place.worker, at=AT)
    with pytest.raises(Refused):
        flow.ask_again(filed, text="请评审会再看一次我的情况。", by=place.worker, at=AT)
    case = flow.withdraw(filed, reason="不需要了", by=place.worker, at=AT)
    assert case.state == "withdrawn" and not Refusal.objects.exists()


def test_she_sees_her_own_application_and_staff_of_another_unit_does_not(place):
    filed = flow.apply(**ASKED, household=place.household, by=place.worker, at=AT)
    for who, seen in ((place.worker, True), (place.clerk, True), (place.head, True), (place.other_clerk, False)):
        assert Application.objects.visible_to(who).filter(pk=filed.pk).exists() is seen


# -- the clerk's pages

FORM = {
    "programme": "temporary_living", "causes": ["own_illness"], "story": "住院三个月，工资停发。", "wish": "", "asked_fen": "3000",
    "method": "bank", "health": "yes", "bank": "yes", "notice_name": "no", "signed": "on",
}  # fmt: skip


def test_the_clerk_finds_the_worker_files_and_lands_on_the_case(client, place, newcomer, settings):
    settings.CLOCK = lambda: AT
    client.force_login(place.clerk)
    assert "李秀英" in client.get("/cases/new/?q=李秀英").content.decode()
    assert "张守诚" in client.get("/cases/new/?q=zsc").content.decode()
    answer = client.post(f"/cases/new/?household={place.household.number}", FORM)
    case = Case.objects.get()
    assert answer.status_code == 302 and answer["Location"] == f"/cases/{case.number}/"
    assert Application.objects.get().via == "clerk" and case.awards.get().asked_fen == 300_000
    answer = client.post(f"/cases/new/?staff={newcomer.pk}", FORM | {"method": "cash"})
    assert answer.status_code == 302 and Household.objects.get(staff=newcomer).state == "clue"


@pytest.mark.parametrize("change", [{"signed": ""}, {"story": ""}, {"causes": []}, {"asked_fen": "37 万"}, {"health": ""}])
def test_the_form_keeps_what_was_typed(client, place, settings, change):
    settings.CLOCK = lambda: AT
    client.force_login(place.clerk)
    data = {name: value for name, value in (FORM | change).items() if value not in ("", [])}
    answer = client.post(f"/cases/new/?household={place.household.number}", data)
    page = answer.content.decode()
    assert answer.status_code == 422 and "处要改" in page and not Case.objects.exists()
    assert ("工资停发" in page) is ("story" not in change)


def test_another_units_worker_cannot_be_chosen(client, place, newcomer, settings):
    settings.CLOCK = lambda: AT
    client.force_login(place.other_clerk)
    assert client.get(f"/cases/new/?household={place.household.number}").status_code == 404
    assert client.post(f"/cases/new/?staff={newcomer.pk}", FORM).status_code == 404
    assert "李秀英" not in client.get("/cases/new/?q=李秀英").content.decode().split("</form>")[1]
    client.force_login(place.cashier)
    assert client.get("/cases/new/").status_code == 403


def test_what_she_wrote_stands_on_the_cases_page(client, place, settings):
    settings.CLOCK = lambda: AT
    filed = flow.apply(**ASKED, wish="想学一门手艺", household=place.household, by=place.worker, at=AT)
    client.force_login(place.clerk)
    page = client.get(f"/cases/{filed.case.number}/application/").content.decode()
    assert "住院三个月" in page and "想学一门手艺" in page and "本人大病" in page
    assert f"/cases/{filed.case.number}/application/" in client.get(f"/cases/{filed.case.number}/").content.decode()
    client.force_login(place.other_clerk)
    assert client.get(f"/cases/{filed.case.number}/application/").status_code == 404
