"""入户调查: two people, findings, figures beside the file, countersignature."""

from __future__ import annotations

import pytest

from bangfu.access.roles import Role
from bangfu.access.scope import has_role
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.conflicts import other_duty
from bangfu.process.flow.investigate import companions
from bangfu.process.models import Survey
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import Play, another, world

FORM = {
    "visited_on": "2026-11-02", "place": "家中", "findings": "三口人住老房，本人长期服药，妻子没有工作。",
    "found_size": "3", "found_income_fen": "25,200", "is_aided_elsewhere": "no",
}  # fmt: skip


def form(place, **changes):
    """The survey as the clerk fills it in: the unit's chair went along."""
    return FORM | {"companion_account": place.chair.pk} | changes


def test_the_visit_counts_when_the_companion_has_confirmed_with_her_own_account(at_stage, send, place, client):
    play = at_stage("investigate")
    assert send(play, place.clerk, "survey", **form(place)).status_code == 302
    survey = Survey.objects.get()
    assert survey.is_for_two and survey.companion == place.chair.name and not survey.differs and survey.file_income_fen == 2_520_000
    assert play.fresh().stage_kind == "investigate" and play.case.is_aided_elsewhere is False
    assert "等同去的" in client.get(f"/cases/{play.case.number}/").content.decode()
    client.force_login(place.chair)
    home = client.get("/").content.decode()
    assert "确认同去入户" in home and "去确认" in home
    assert "确认我一同入户" in client.get(f"/cases/{play.case.number}/").content.decode()
    assert send(play, place.chair, "countersignature").status_code == 302
    survey.refresh_from_db()
    assert survey.companion_confirmed_at == play.at and survey.countersigned_by == place.chair, "for a lone clerk at once"
    assert play.fresh().stage_kind == "check"
    assert kinds(play)[-3:] == ["process.survey_handed_in", "process.visit_confirmed", "process.survey_countersigned"]
    assert [step.duty for step in play.case.steps.all()] == ["", "investigate", "investigate"]


def test_with_two_clerks_the_second_one_confirms_and_the_case_goes_on(db):
    place = world(clerks=2)
    play = Play(place).to("investigate")
    (other,) = [one for one in companions(play.case, place.clerk) if has_role(one, Role.UNIT_CLERK, place.unit)]
    play.survey(companion_account=other)
    assert play.case.stage_kind == "investigate" and not Survey.objects.get().is_alone_in_unit
    with pytest.raises(Refused, match="本人确认"):
        play.act(flow.countersign, by=place.chair)
    play.act(flow.countersign, by=other)
    survey = Survey.objects.get()
    assert play.case.stage_kind == "check" and survey.countersigned_by is None and survey.companion_confirmed_at is not None


def test_who_did_not_go_says_so_and_the_visit_is_made_again(at_stage, send, place, client):
    play = at_stage("investigate")
    send(play, place.clerk, "survey", **form(place))
    assert send(play, place.officer, "visit-denial", reason="没有去").status_code == 422, "she is not named"
    assert send(play, place.chair, "visit-denial", reason="").status_code == 422
    assert send(play, place.chair, "visit-denial", reason="那天在外地开会").status_code == 302
    survey = Survey.objects.get()
    assert survey.is_void and survey.companion_reason == "那天在外地开会" and play.fresh().stage_kind == "investigate"
    assert kinds(play)[-1] == "process.visit_denied"
    assert send(play, place.chair, "countersignature").status_code == 422, "void: nothing to sign"
    client.force_login(place.clerk)
    assert "同去的人没有确认" in client.get("/").content.decode()
    page = client.get(f"/cases/{play.case.number}/").content.decode()
    assert "没有确认，作废" in page and "交入户调查表" in page
    assert other_duty(place.chair, play.case, "decide") == "", "who was not there did not investigate"
    assert send(play, place.clerk, "survey", **form(place, companion_account=place.officer.pk)).status_code == 302
    assert send(play, place.officer, "countersignature").status_code == 302 and play.fresh().stage_kind == "check"


def test_where_the_rules_want_nobody_else_nothing_is_asked(at_stage, send, place, client, monkeypatch):
    monkeypatch.setattr("bangfu.process.flow.investigate.wants_two", lambda case: False)
    monkeypatch.setattr("bangfu.process.forms.wants_two", lambda case: False)
    play = at_stage("investigate")
    client.force_login(place.clerk)
    assert "companion_account" not in client.get(f"/cases/{play.case.number}/").content.decode()
    assert send(play, place.clerk, "survey", **FORM).status_code == 302
    survey = Survey.objects.get()
    assert not survey.is_for_two and survey.waits_for_countersignature, "the lone clerk is countersigned as ever"
    assert send(play, place.chair, "countersignature").status_code == 302 and play.fresh().stage_kind == "check"


def test_the_clerk_cannot_countersign_her_own_survey(at_stage, place):
    from bangfu.process.tests.makers import appoint

    play = at_stage("investigate").survey()
    appoint(place.clerk, Role.UNIT_CHAIR, place.unit)
    with pytest.raises(Refused, match="另一个人"):
        flow.countersign(play.case.pk, version=play.case.version, by=place.clerk, at=play.now())
    assert unchanged(play)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"visited_on": "2026-12-30"}, "还没有到"),
        ({"visited_on": "2026-01-30"}, "太早"),
        ({"companion_account": ""}, "没有选同去的人"),
        ({"companion_account": "999999"}, "同去的人"),
        ({"findings": "很穷"}, "太短"),
        ({"found_income_fen": "30000"}, "不一致"),
        ({"found_size": "0"}, "1"),
    ],
)
def test_what_is_wrong_comes_back_with_its_words_and_what_was_typed(at_stage, send, place, change, words):
    play = at_stage("investigate")
    answer = send(play, place.clerk, "survey", **form(place, **change))
    text = answer.content.decode()
    assert answer.status_code == 422 and not Survey.objects.exists() and unchanged(play)
    assert words in text
    assert "长期服药" in text or "findings" in change


def test_a_difference_from_the_file_is_kept_with_its_explanation(at_stage, send, place):
    play = at_stage("investigate")
    send(play, place.clerk, "survey", **form(place, found_size="4", differences="上月添了一个孩子，户口还没有上。"))
    survey = Survey.objects.get()
    assert survey.differs and survey.file_size == 3 and survey.found_size == 4


def test_photos_are_papers_of_the_visit(at_stage, send, place):
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    def photo(name, colour):
        out = io.BytesIO()
        Image.new("RGB", (8, 8), colour).save(out, "JPEG")
        return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")

    play = at_stage("investigate")
    send(play, place.clerk, "survey", **form(place), photos=[photo("1.jpg", "white"), photo("2.jpg", "black")])
    assert play.case.papers.filter(item="visit_record").count() == 2


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("investigate")
    assert send(play, place.officer, "survey", **form(place)).status_code == 403
    assert send(play, place.cashier, "survey", **form(place)).status_code == 403
    assert send(play, place.other_clerk, "survey", **form(place)).status_code == 404
    assert send(play, place.clerk, "survey", version=1, **form(place)).status_code == 422
    assert send(play, place.chair, "countersignature").status_code == 422
    assert unchanged(play) and not Survey.objects.exists()
    play.survey().countersign()
    assert send(play, place.clerk, "survey", **form(place)).status_code == 422


def test_a_companion_who_is_kin_cannot_go_along(at_stage, place):
    from bangfu.household.flow import declare_kinship

    play = at_stage("investigate")
    cousin = another(place, "cousin", Role.UNIT_CLERK, place.unit)
    declare_kinship(place.household, cousin, "堂兄", by=cousin, at=play.now())
    with pytest.raises(Refused, match="回避"):
        play.survey(companion_account=cousin)
