"""How far it is, in the worker's words; what she may do; what is nobody else's business."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from bangfu.evidence.models import SignOff
from bangfu.household.flow import reveal
from bangfu.household.models import Consent
from bangfu.portal.tests.answers import fill, photo, signature, submit, text
from bangfu.process import flow
from bangfu.process.models import Case
from bangfu.process.tests.makers import Play

pytestmark = pytest.mark.django_db
FORBIDDEN = re.compile("特困|贫困|困难户|特别困难")


@pytest.fixture
def play(w):
    return Play(w)


def see(phone, clock, play, path=""):
    clock.set(play.at + timedelta(minutes=1))
    phone.force_login(play.world.worker)
    return phone.get(f"/my/applications/{play.case.number}/{path}")


def test_the_state_is_the_title_at_every_stage(phone, clock, play):
    steps = [
        (play.start, "已提交，等工会受理"), (play.accept, "等上门看望"), (lambda: play.survey().countersign().papers(), "正在核实材料"),
        (play.check, "准备公示"), (lambda: play.post().close_notice(), "公示过了，正在复核"), (play.review, "等评审会"),
        (lambda: play.agenda().vote(), "已批准，等发放"), (lambda: play.pay().receipt(), "钱已到账，已签收"), (play.follow_up, "已办好"),
        (play.close, "已办好"),
    ]  # fmt: skip
    for step, title in steps:
        step()
        phone.logout()
        page = text(see(phone, clock, play))
        assert f'<h1 class="mt-1">{title}</h1>' in page and not FORBIDDEN.search(page), title
        assert title in text(phone.get("/my/"))


def test_a_running_notice_says_how_long_and_leads_to_it(phone, clock, play):
    play.to("notice").post()
    page = text(see(phone, clock, play))
    assert "公示中，还剩 7 天" in page and "24:00 截止，到现在没有人提意见。您不用做什么。" in page
    assert "/open/notices/" in page and "看公示" in page and "公示的金额是" in page
    assert page.count("预计") >= 3


def test_what_the_rules_say_about_the_sum_is_said(phone, clock, play):
    play.start(asked_fen=500_000)
    play.accept().survey().countersign().papers().check(proposed_fen=500_000)
    page = text(see(phone, clock, play))
    assert "建议的金额是" in page and "¥5,000.00" in page and "最后由评审会决定" in page


def test_missing_papers_are_named_and_can_be_added(phone, clock, play):
    play.to("apply")
    page = text(see(phone, clock, play))
    assert re.search("还差 [0-9]+ 样材料", page) and "诊断证明" in page
    response = phone.post(f"/my/applications/{play.case.number}/papers/", {"paper-diagnosis": photo()})
    assert response.status_code == 302
    assert play.case.papers.get(item="diagnosis").added_by == play.world.worker
    page = text(phone.get(f"/my/applications/{play.case.number}/papers/"))
    assert "诊断书.png" in page
    paper = play.case.papers.get(item="diagnosis")
    phone.post(f"/my/applications/{play.case.number}/papers/", {"remove": paper.pk})
    paper.refresh_from_db()
    assert paper.removed_at is not None


def test_a_wrong_paper_is_refused_with_422(phone, clock, play):
    play.to("apply")
    see(phone, clock, play)
    from django.core.files.uploadedfile import SimpleUploadedFile

    response = phone.post(
        f"/my/applications/{play.case.number}/papers/", {"paper-diagnosis": SimpleUploadedFile("a.gif", b"GIF89a" + b"0" * 50)}
    )
    assert response.status_code == 422 and "不支持这种图片格式" in text(response)


def test_she_withdraws(phone, clock, play):
    play.to("investigate")
    assert "以后还可以再申请" in text(see(phone, clock, play, "withdrawal/"))
    old = phone.post(f"/my/applications/{play.case.number}/withdrawal/", {"reason": "", "version": 1})
    assert old.status_code == 422 and play.fresh().state == "open"
    response = phone.post(f"/my/applications/{play.case.number}/withdrawal/", {"reason": "", "version": play.fresh().version})
    assert response.status_code == 302 and play.fresh().state == "withdrawn"
    assert "您已撤回申请" in text(phone.get(response["Location"]))
    assert "不能再撤回" in text(phone.get(f"/my/applications/{play.case.number}/withdrawal/"))


def test_a_refusal_says_clause_missing_fact_and_whom_to_ask_and_she_asks_again_once(phone, clock, play):
    play.to("check")
    play.act(
        flow.refuse,
        by=play.world.officer,
        clause="五（四）",
        missing="第二套住房的情况",
        whom_to_ask="开远市住建局",
        reason="家里有两套住房。",
    )
    page = text(see(phone, clock, play))
    assert "这次没有通过" in page and "第五（四）条" in page and "第二套住房的情况" in page and "开远市住建局" in page
    url = f"/my/applications/{play.case.number}/second-request/"
    assert phone.post(url, {"text": "短"}).status_code == 422
    said = {"text": "那套房子是兄弟的，只是挂在我名下，有公证书。"}
    assert phone.post(url, said | {"version": 1}).status_code == 422 and play.fresh().state == "refused"  # an old page
    response = phone.post(url, said | {"version": play.case.version})
    assert response.status_code == 302 and play.fresh().state == "open" and play.case.stage_kind == "decide"
    assert "现在不能再次申请" in text(phone.get(url))


def test_she_signs_the_receipt_on_the_phone(phone, clock, play):
    play.to("pay").pay()
    page = text(see(phone, clock, play))
    assert "钱已发，请您签收" in page and "发给您的金额是" in page
    url = f"/my/applications/{play.case.number}/receipt/"
    page = text(phone.get(url))
    assert "人民币叁仟元整" in page and play.row.check_code in page
    assert phone.post(url, {}).status_code == 422
    assert phone.post(url, {"signature": signature()}).status_code == 302
    assert play.row.payee_signed_at is not None and SignOff.objects.get(role="payee").how == "drawn"
    assert "您已签收" in text(phone.get(f"/my/applications/{play.case.number}/"))


def test_money_on_hold_says_so_without_saying_who(phone, clock, play):
    from bangfu.ledger.flow import place_hold

    play.to("pay")
    place_hold(play.row.origin, unit=play.world.unit, reason="异议", by=play.world.head, at=play.now())
    assert "先停一停" in text(see(phone, clock, play))


@pytest.mark.parametrize("path", ["", "sent/", "papers/", "withdrawal/", "second-request/", "receipt/"])
def test_another_workers_application_is_not_there(client, clock, play, path):
    from bangfu.access.roles import Role
    from bangfu.access.tests.makers import account

    play.to("apply")
    clock.set(play.at)
    client.force_login(account("other", Role.WORKER, play.world.unit, name="旁人"))
    url = f"/my/applications/{play.case.number}/{path}"
    assert client.get(url).status_code == 404
    if path not in ("", "sent/"):
        assert client.post(url, {}).status_code == 404


def test_her_file_is_masked_and_shows_her_own_values_when_asked(phone, w):
    page = text(phone.get("/my/file/"))
    assert "王桂芬" in page and w.household.identity not in page and w.household.card not in page and "尿毒" not in page
    response = phone.post("/my/file/", {"show": "card"})
    assert (
        w.household.card in text(response) and response["Refresh"].startswith("60") and w.household.identity not in text(response)
    )
    assert not FORBIDDEN.search(text(response))


def test_she_reads_who_looked_and_why(phone, w, clock):
    reveal(w.household, "phone", reason="contact", by=w.clerk, at=clock.at)
    page = text(phone.get("/my/who-saw/"))
    assert "赵晓梅 看了手机号" in page and "联系本人或入户" in page


def test_a_consent_is_taken_back_and_works_at_once(phone, clock, play):
    fill(phone, consents={"notice_name": "yes"})
    submit(phone)
    case = Case.objects.get()
    page = text(phone.get("/my/consents/"))
    assert page.count("现在：") == 3 and case.awards.exists()
    phone.post("/my/consents/", {"kind": "notice_name", "given": "no"})
    consent = Consent.objects.filter(kind="notice_name").latest("pk")
    assert consent.withdrawn_at is not None
    phone.post("/my/consents/", {"kind": "notice_name", "given": "yes"})
    assert Consent.objects.get(kind="notice_name", withdrawn_at=None).given
    assert "没有选答案" in text(phone.post("/my/consents/", {"kind": "bank"}, follow=True))
    assert "本来就是这样" in text(phone.post("/my/consents/", {"kind": "bank", "given": "yes"}, follow=True))


def test_she_takes_her_data_away(phone, clock, w, play):
    play.to("notice").post()
    clock.set(play.at)
    phone.force_login(w.worker)
    response = phone.get("/my/copy/")
    data = response.json()
    assert response["Content-Disposition"].startswith("attachment") and "no-store" in response["Cache-Control"]
    assert data["file"]["identity"] == w.household.identity and data["file"]["members"][1]["name"] == "王桂芬"
    assert data["applications"][0]["number"] == play.case.number


def test_a_union_officer_has_no_worker_pages(client, w):
    client.force_login(w.officer)
    assert client.get("/my/").status_code == 403
