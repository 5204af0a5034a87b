"""入户调查: two people, findings, figures beside the file, countersignature."""

from __future__ import annotations

import pytest

from bangfu.access.roles import Role
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import Survey
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import Play, another, world

FORM = {
    "visited_on": "2026-11-02", "companion": "钱文静", "place": "家中", "findings": "三口人住老房，本人长期服药，妻子没有工作。",
    "found_size": "3", "found_income_fen": "25,200", "is_aided_elsewhere": "no",
}  # fmt: skip


def test_with_one_clerk_the_survey_waits_for_the_chair(at_stage, send, place):
    play = at_stage("investigate")
    assert send(play, place.clerk, "survey", **FORM).status_code == 302
    survey = Survey.objects.get()
    assert survey.is_alone_in_unit and not survey.differs and survey.file_income_fen == 2_520_000
    assert play.fresh().stage_kind == "investigate" and play.case.is_aided_elsewhere is False
    assert send(play, place.chair, "countersignature").status_code == 302
    survey.refresh_from_db()
    assert survey.countersigned_by == place.chair and play.fresh().stage_kind == "check"
    assert kinds(play)[-2:] == ["process.survey_handed_in", "process.survey_countersigned"]
    assert [step.duty for step in play.case.steps.all()] == ["", "investigate", "investigate"]


def test_with_two_clerks_the_case_goes_on_at_once(db):
    play = Play(world(clerks=2)).to("investigate").survey()
    assert play.case.stage_kind == "check" and not Survey.objects.get().is_alone_in_unit


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
        ({"companion": "赵晓梅"}, "不能是您自己"),
        ({"companion": " "}, "必填"),
        ({"findings": "很穷"}, "太短"),
        ({"found_income_fen": "30000"}, "不一致"),
        ({"found_size": "0"}, "1"),
    ],
)
def test_what_is_wrong_comes_back_with_its_words_and_what_was_typed(at_stage, send, place, change, words):
    play = at_stage("investigate")
    answer = send(play, place.clerk, "survey", **(FORM | change))
    text = answer.content.decode()
    assert answer.status_code == 422 and not Survey.objects.exists() and unchanged(play)
    if words != "必填":
        assert words in text
    assert "长期服药" in text or "findings" in change


def test_a_difference_from_the_file_is_kept_with_its_explanation(at_stage, send, place):
    play = at_stage("investigate")
    send(play, place.clerk, "survey", **(FORM | {"found_size": "4", "differences": "上月添了一个孩子，户口还没有上。"}))
    survey = Survey.objects.get()
    assert survey.differs and survey.file_size == 3 and survey.found_size == 4


def test_photos_are_papers_of_the_visit(at_stage, send, place):
    import io

    from django.core.files.uploadedfile import SimpleUploadedFile
    from PIL import Image

    def photo(name):
        out = io.BytesIO()
        Image.new("RGB", (8, 8), "white").save(out, "JPEG")
        return SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg")

    play = at_stage("investigate")
    send(play, place.clerk, "survey", **FORM, photos=[photo("1.jpg"), photo("2.jpg")])
    assert play.case.papers.filter(item="visit_record").count() == 2


def test_wrong_role_other_unit_wrong_stage_and_a_stale_page_change_nothing(at_stage, send, place):
    play = at_stage("investigate")
    assert send(play, place.officer, "survey", **FORM).status_code == 403
    assert send(play, place.cashier, "survey", **FORM).status_code == 403
    assert send(play, place.other_clerk, "survey", **FORM).status_code == 404
    assert send(play, place.clerk, "survey", version=1, **FORM).status_code == 422
    assert send(play, place.chair, "countersignature").status_code == 422
    assert unchanged(play) and not Survey.objects.exists()
    play.survey().countersign()
    assert send(play, place.clerk, "survey", **FORM).status_code == 422


def test_a_companion_who_is_kin_cannot_go_along(at_stage, place):
    from bangfu.household.flow import declare_kinship

    play = at_stage("investigate")
    cousin = another(place, "cousin", Role.UNIT_CLERK, place.unit)
    declare_kinship(place.household, cousin, "堂兄", by=cousin, at=play.now())
    with pytest.raises(Refused, match="回避"):
        play.survey(companion="堂兄", companion_account=cousin)
