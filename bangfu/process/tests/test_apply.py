"""申请: start, accept, papers."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.lib.errors import Refused, Stale
from bangfu.notify.models import Message
from bangfu.process import flow
from bangfu.process.models import Award, Case, Paper
from bangfu.process.tests.conftest import kinds, unchanged
from bangfu.process.tests.makers import Play

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def test_the_worker_opens_a_case_and_the_clerk_gets_a_to_do(place):
    play = Play(place).start()
    case = play.case
    assert case.number == "KY-A2026-0001" and case.stage_kind == "apply" and case.opened_by == place.worker
    award = Award.objects.get(case=case)
    assert award.asked_fen == 300_000 and award.category == "illness" and award.payee_name == "张守诚"
    assert kinds(play) == ["process.case_opened"]
    told = Message.objects.get(to=place.clerk)
    assert case.number in told.text and "张守诚" not in told.text


def test_a_second_case_of_the_same_programme_is_refused_with_the_number_of_the_first(place):
    play = Play(place).start()
    with pytest.raises(Refused, match=play.case.number):
        Play(place).start()
    assert Case.objects.count() == 1


def test_two_programmes_may_run_side_by_side(place):
    Play(place).start("temporary_living")
    Play(place).start("illness")
    assert Case.objects.count() == 2


@pytest.mark.parametrize("programme", ["spring_gift", "nothing"])
def test_a_programme_of_lists_or_one_the_rules_do_not_know_cannot_be_applied_for(place, programme):
    with pytest.raises(Refused):
        Play(place).start(programme)


def test_somebody_without_a_post_cannot_apply_for_another(place):
    for stranger in (place.other_clerk, place.cashier, place.auditor):
        with pytest.raises(PermissionDenied):
            Play(place).start(by=stranger)


def test_a_file_that_left_gets_no_case(place):
    place.household.state = "lifted"
    place.household.exit_reason = "1"
    place.household.save()
    with pytest.raises(Refused, match="重新建档"):
        Play(place).start()


def test_the_clerk_accepts_and_the_case_goes_to_the_visit(at_stage, send, place):
    play = at_stage("apply")
    assert send(play, place.clerk, "acceptance").status_code == 302
    case = play.fresh()
    assert case.stage_kind == "investigate" and case.handler == place.clerk and case.version == 2
    assert case.due_on.isoformat() == "2026-11-16"  # ten working days after Monday 2026-11-02
    assert kinds(play)[-1] == "process.application_accepted"
    assert case.steps.get().next_stage == "investigate"


def test_accepting_with_an_old_page_says_who_was_faster(at_stage, send, place):
    play = at_stage("investigate")
    answer = send(play, place.clerk, "acceptance", version=1)
    assert answer.status_code == 422 and "赵晓梅在" in answer.content.decode() and unchanged(play)


def test_accepting_twice_is_the_wrong_stage(at_stage, place):
    play = at_stage("investigate")
    with pytest.raises(Refused, match="现在是"):
        flow.accept(play.case.pk, version=play.case.version, by=place.clerk, at=play.now())
    with pytest.raises(Stale):
        flow.accept(play.case.pk, version=play.case.version - 1, by=place.clerk, at=play.now())
    assert unchanged(play)


def test_another_role_cannot_accept_and_another_unit_sees_nothing(at_stage, send, place):
    play = at_stage("apply")
    assert send(play, place.cashier, "acceptance").status_code == 403
    assert send(play, place.officer, "acceptance").status_code == 403
    assert send(play, place.other_clerk, "acceptance").status_code == 404
    assert send(play, place.worker, "acceptance").status_code == 403
    assert unchanged(play)


def test_a_paper_is_stored_and_counts_on_the_checklist(at_stage, send, place):
    from django.core.files.uploadedfile import SimpleUploadedFile

    play = at_stage("investigate")
    file = SimpleUploadedFile("诊断.pdf", PDF, content_type="application/pdf")
    assert send(play, place.clerk, "papers", item="diagnosis", file=file, remark="").status_code == 302
    paper = Paper.objects.get()
    assert paper.item == "diagnosis" and paper.file is not None and paper.added_by == place.clerk
    assert kinds(play)[-1] == "process.paper_added"


def test_the_page_keeps_what_was_typed_when_a_paper_is_refused(at_stage, send, place):
    play = at_stage("investigate")
    answer = send(play, place.clerk, "papers", item="diagnosis", remark="")
    assert answer.status_code == 422 and "还没有选文件" in answer.content.decode() and not Paper.objects.exists()


def test_the_worker_hands_in_her_own_paper_and_nobody_elses(at_stage, place):
    play = at_stage("investigate")
    flow.add_paper(play.case.pk, item="income", content=PDF, name="工资.pdf", by=place.worker, at=play.now())
    with pytest.raises(PermissionDenied):
        flow.add_paper(play.case.pk, item="income", content=PDF, name="x.pdf", by=place.cashier, at=play.now())
    with pytest.raises(Refused):
        flow.add_paper(play.case.pk, item="nothing", content=PDF, name="x.pdf", by=place.worker, at=play.now())


def test_a_wrong_paper_is_taken_down_and_kept(at_stage, send, place):
    play = at_stage("investigate")
    paper = flow.add_paper(play.case.pk, item="income", content=PDF, name="工资.pdf", by=place.clerk, at=play.now())
    send(play, place.clerk, f"papers/{paper.pk}/removal", reason="传错了")
    paper.refresh_from_db()
    assert paper.removed_reason == "传错了" and kinds(play)[-1] == "process.paper_removed"


def test_the_papers_of_a_case_are_read_by_its_staff_and_its_worker_only(at_stage, client, place):
    play = at_stage("investigate")
    paper = flow.add_paper(play.case.pk, item="income", content=PDF, name="工资.pdf", by=place.clerk, at=play.now())
    for who, status in ((place.officer, 200), (place.worker, 200), (place.other_clerk, 404)):
        client.force_login(who)
        assert client.get(f"/files/{paper.file_id}/").status_code == status


def test_asking_for_papers_tells_the_worker_and_moves_nothing(at_stage, send, place):
    play = at_stage("investigate")
    assert send(play, place.clerk, "paper-request", text="诊断证明缺第二页，请到医院补开。").status_code == 302
    assert play.fresh().stage_kind == "investigate"
    assert Message.objects.filter(to=place.worker, text__contains="还要补材料").exists()
