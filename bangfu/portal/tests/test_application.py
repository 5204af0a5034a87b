"""The application on the phone, page by page through the browser's door."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from bangfu.audit.models import Event
from bangfu.evidence.models import SignOff
from bangfu.household.models import Consent, Household
from bangfu.notify.models import Message
from bangfu.portal import questions as q
from bangfu.portal.tests.answers import PAGES, address, answer, fill, photo, submit, text
from bangfu.process.models import Case
from bangfu.relief.models import Application, Draft

pytestmark = pytest.mark.django_db


def test_eight_pages_lead_to_a_case_with_its_signed_application(phone, w):
    fill(phone)
    response = submit(phone)
    application = Application.objects.get()
    case = application.case
    assert response["Location"] == f"/my/applications/{case.number}/sent/"
    assert case.household == w.household and case.programme == "illness" and case.stage_kind == "apply"
    assert application.via == "phone" and application.filed_for_by is None
    assert application.causes == ["own_illness", "schooling"]
    assert application.wish == "想换一个离医院近的岗位" and application.story.startswith("遇到的困难：生病、住院；孩子上学")
    assert application.asked_fen == 300_000 and case.awards.get().method == "bank"
    assert json.loads(application.answers)["costs"]["illness"] == 4_200_000
    assert {row.kind: row.given for row in Consent.objects.all()} == {"health": True, "bank": True, "notice_name": False}
    signed = SignOff.objects.get(subject=f"process.case:{case.pk}")
    paper = case.papers.get(item="application")
    assert signed.how == "drawn" and signed.account == w.worker and signed.document_sha256 == paper.file.sha256
    assert not Draft.objects.exists()
    assert Event.objects.filter(kind="relief.application_filed", subject=f"process.case:{case.pk}").exists()
    sent = text(phone.get(response["Location"]))
    assert case.number in sent and "接下来" in sent and "评审会" in sent and "样材料" in sent


def test_it_is_filled_in_from_roster_and_file(phone, w):
    fill(phone, until="me")
    page = text(phone.get(address("me")))
    assert "张守诚" in page and "设备动力部" in page and "138****0017" in page and "13800000017" not in page
    answer(phone, "me")
    page = text(phone.get(address("family")))
    assert "家里有 3 口人" in page and "王桂芬" in page and "每月 2,100.00 元" in page and "没有收入" in page
    answer(phone, "family")
    assert 'value="11,200.00"' in text(phone.get(address("costs")))
    answer(phone, "costs")
    page = text(phone.get(address("money")))
    assert "尾号 3779" in page and "6222021687536253779" not in page
    assert "每次 1,000.00 元至 3,000.00 元" in page
    assert page.index("大病救助") < page.index("金秋助学") < page.index("年度救助")


def test_nothing_is_ticked_beforehand_and_both_answers_are_of_equal_size(phone):
    fill(phone, until="consents")
    page = text(phone.get(address("consents")))
    assert " checked" not in page and page.count('type="radio"') == 6
    assert page.count('class="bf-opt"') == 6


def test_the_lines_shown_are_those_that_a_notice_would_show(phone, w):
    fill(phone, until="consents")
    page = text(phone.get(address("consents")))
    assert "单位公示栏" in page and "KY-A2026-…　张守诚" in page  # the full name on the unit's own board only
    assert "办公网、公开网页" in page and "KY-A2026-…　张*诚" in page
    assert "设备动力部　因病　大病救助　¥3,000.00" in page
    assert "公示 7 天" in page


def test_who_will_see_it_is_counted(phone, w):
    fill(phone, until="consents")
    page = text(phone.get(address("consents")))
    assert "经办 4 人、评审委员 3 人、经审 1 人能看" in page  # clerk, chair, officer, head; three members; one auditor
    assert "财务 2 人" in page


@pytest.mark.parametrize(
    ("step", "wrong", "words"),
    [
        ("needs", {"needs": []}, "还没有选。请至少选一样"),
        ("me", {"right": ""}, "请选“对”或“不对，要改”"),
        ("me", {"right": "no"}, "请写下哪里不对"),
        ("me", {"right": "no", "phone": "138000012"}, "手机号码应为 11 位"),
        ("costs", {"illness": "三块"}, "“三块”不是金额"),
        ("costs", {"illness": ""}, "三样都空着"),
        ("money", {"asked_fen": ""}, "没有填金额"),
        ("money", {"asked_fen": "9000"}, "每次 1,000.00 元至 3,000.00 元，您填了 9,000.00 元"),
        ("money", {"how": "other_card"}, "没有填开户银行"),
        ("money", {"how": "other_card", "bank_name": "工行", "card": "62220"}, "银行卡号一般为 16 至 19 位"),
        ("money", {"programme": "spring_gift"}, "这个项目现在不能申请"),
        ("consents", {"bank": ""}, "还没有回答“用工资卡收款”"),
    ],
)
def test_wrong_input_is_named_and_kept(phone, step, wrong, words):
    fill(phone, until=step)
    response = answer(phone, step, **wrong)
    page = text(response)
    assert response.status_code == 422 and words in page and 'role="alert"' in page and "<title>错误：" in page
    for value in wrong.values():
        if value and isinstance(value, str) and value not in ("no", "other_card", "spring_gift"):
            assert value in page
    assert step not in json.loads(Draft.objects.get().answers) if step != "needs" else not Draft.objects.exists()


def test_other_needs_ask_for_a_few_words(phone):
    answer(phone, "needs", needs=["other"])
    assert "请用一两句话说说是什么" in text(answer(phone, "me"))
    assert answer(phone, "me", story="父亲走失两个月，一直在找").status_code == 302


def test_she_stops_and_goes_on_later_where_she_was(phone, w, clock):
    fill(phone, until="money")
    assert "填到第 5 页" in text(phone.get("/my/"))
    clock.set(clock.at + timedelta(days=29))
    phone.logout()  # the session has ended meanwhile
    phone.force_login(w.worker)
    assert phone.get("/my/application/")["Location"] == address("money")
    assert 'value="42,000.00"' in text(phone.get(address("costs")))
    clock.set(clock.at + timedelta(days=31))
    phone.logout()
    phone.force_login(w.worker)
    assert phone.get("/my/application/")["Location"] == address("needs")


def test_the_draft_is_sealed(phone, w):
    fill(phone, until="money", me={"story": "肾病透析半年了"})
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM relief_draft")
        (stored,) = cursor.fetchone()
    assert "肾病".encode() not in bytes(stored) and b"needs" not in bytes(stored)


def test_a_page_ahead_leads_back_to_the_first_open_one(phone):
    answer(phone, "needs")
    assert phone.get(address("check"))["Location"] == address("me")
    assert phone.get(address("no-such-page")).status_code == 404


def test_a_change_from_the_check_page_returns_to_it(phone):
    fill(phone)
    page = text(phone.get(address("check")))
    assert f'href="{address("costs")}?check=1"' in page and "42,000.00 元" in page and "未提供" in page
    response = phone.post(address("costs") + "?check=1", PAGES["costs"] | {"illness": "50000"})
    assert response["Location"] == address("check")
    assert "50,000.00 元" in text(phone.get(address("check")))


def test_another_card_asks_for_consent_again(phone):
    fill(phone)
    card = {"how": "other_card", "bank_name": "建设银行开远支行", "card": "6222021001116245702"}
    response = phone.post(address("money") + "?check=1", PAGES["money"] | card)
    assert response["Location"] == address("consents")
    page = text(phone.get(address("consents")))
    assert "建设银行开远支行，尾号 5702" in page and "6222021001116245702" not in page


def test_a_new_card_is_compared_by_the_union_before_it_is_used(phone, w):
    card = {"how": "other_card", "bank_name": "建设银行开远支行", "card": "6222 0210 0111 6245 702"}
    fill(phone, money=card)
    submit(phone)
    w.household.refresh_from_db()
    assert w.household.card == "6222021687536253779"
    assert Message.objects.filter(to=w.clerk, text__contains="新的银行卡").exists()


def test_family_one_by_one(phone, w):
    fill(phone, until="family")
    response = phone.post("/my/application/family/3/", {"relation": "parent", "name": "张 德福", "income_fen": "", "unknown": "on"})
    assert response.status_code == 302
    page = text(phone.get(address("family")))
    assert "家里有 4 口人" in page and "张德福" in page and "收入不清楚" in page
    phone.post("/my/application/family/2/", {"act": "leave"})
    phone.post("/my/application/family/0/", {"income_fen": "2500"})
    answer(phone, "family")
    people = json.loads(Draft.objects.get().answers)["family"]["people"]
    assert [(row["relation"], row["income_fen"]) for row in people] == [("self", 250_000), ("spouse", 0), ("parent", None)]
    assert people[1]["member"] == w.household.members.get(name="王桂芬").pk
    assert phone.get("/my/application/family/9/").status_code == 404
    response = phone.post("/my/application/family/3/", {"relation": "", "name": "", "income_fen": "x"})
    assert response.status_code == 422 and "是您的什么人" in text(response) and "没有填姓名" in text(response)


def test_she_herself_cannot_be_taken_off_the_list(phone):
    fill(phone, until="family")
    phone.post("/my/application/family/0/", {"act": "leave", "income_fen": "2100"})
    assert "家里有 3 口人" in text(phone.get(address("family")))


@pytest.mark.parametrize(("health", "bank", "name"), [("yes", "yes", "yes"), ("no", "no", "no"), ("no", "yes", "no")])
def test_any_combination_of_consents_is_an_application(phone, health, bank, name):
    fill(phone, consents={"health": health, "bank": bank, "notice_name": name})
    assert submit(phone).status_code == 302
    answers = {row.kind: row.given for row in Consent.objects.all()}
    assert answers == {"health": health == "yes", "bank": bank == "yes", "notice_name": name == "yes"}
    assert Case.objects.get().awards.get().method == ("bank" if bank == "yes" else "cash")
    assert "张*诚" in Consent.objects.get(kind="notice_name").wording


def test_cash_asks_nothing_about_a_card(phone):
    fill(phone, until="consents", money={"how": "cash"})
    page = text(phone.get(address("consents")))
    assert "这一件不用问" in page and 'name="bank"' not in page
    answer(phone, "consents")
    answer(phone, "papers")
    submit(phone)
    assert Case.objects.get().awards.get().method == "cash"
    assert not Consent.objects.filter(kind="bank").exists()


def test_photos_are_kept_with_the_draft_and_handed_in(phone, w):
    fill(phone, until="papers")
    page = text(phone.get(address("papers")))
    assert "二级以上医院的诊断证明" in page and "本人签名的申请书" not in page and "入户调查表" not in page
    assert phone.post(address("papers"), {"paper-diagnosis": [photo(), photo("二.png", (90, 40))]}).status_code == 302
    page = text(phone.get(address("papers")))
    assert "诊断书.png" in page
    kept = json.loads(Draft.objects.get().answers)["papers"]["files"]["diagnosis"]
    phone.post(address("papers"), {"remove": str(kept[1])})
    assert len(json.loads(Draft.objects.get().answers)["papers"]["files"]["diagnosis"]) == 1
    submit(phone)
    paper = Case.objects.get().papers.get(item="diagnosis")
    assert paper.file.media_type == "image/png" and paper.added_by == w.worker


def test_a_wrong_file_is_named_and_the_right_ones_stay(phone):
    from django.core.files.uploadedfile import SimpleUploadedFile

    fill(phone, until="papers")
    bad = SimpleUploadedFile("x.exe", b"MZ" + b"0" * 100)
    response = phone.post(address("papers"), {"paper-diagnosis": photo(), "paper-income": bad})
    page = text(response)
    assert response.status_code == 422 and "近 12 个月工资流水或收入证明：" in page and "这是程序文件" in page
    assert "诊断书.png" in page


def test_without_consent_papers_of_an_illness_are_not_taken(phone):
    fill(phone, until="papers", consents={"health": "no"})
    assert "带原件当面核对" in text(phone.get(address("papers")))
    phone.post(address("papers"), {"paper-diagnosis": photo()})
    submit(phone)
    assert not Case.objects.get().papers.filter(item="diagnosis").exists()


def test_consent_taken_back_before_submitting_leaves_the_photo_behind(phone):
    fill(phone, until="papers")
    phone.post(address("papers"), {"paper-diagnosis": photo()})
    phone.post(address("consents") + "?check=1", PAGES["consents"] | {"health": "no"})
    submit(phone)
    assert not Case.objects.get().papers.filter(item="diagnosis").exists()


def test_without_a_signature_nothing_is_submitted(phone):
    fill(phone)
    response = phone.post(address("check"), {})
    assert response.status_code == 422 and "还没有签字" in text(response) and not Case.objects.exists()
    assert submit(phone, signature="data:image/png;base64,!!").status_code == 422


def test_without_scripts_her_account_signs(phone, w):
    fill(phone)
    assert phone.post(address("check"), {"by_account": "on"}).status_code == 302
    assert SignOff.objects.get(role="applicant").how == "clicked"


def test_the_same_programme_twice_is_named_where_it_is_chosen_and_the_answers_stay(phone):
    fill(phone)
    submit(phone)
    for step in ("needs", "me", "family", "costs"):
        phone.post(address(step), PAGES[step])
    response = phone.post(address("money"), PAGES["money"])
    assert response.status_code == 422 and "不用再申请" in text(response) and Case.objects.count() == 1
    assert Draft.objects.exists()


def test_a_worker_without_a_file_becomes_a_clue(client, w):
    from bangfu.access.roles import Role
    from bangfu.access.tests.makers import account
    from bangfu.household.flow import enrol_staff
    from bangfu.household.rows import StaffRow
    from bangfu.household.tests.makers import identity
    from bangfu.process.tests.makers import AT

    new = account("new", Role.WORKER, w.unit, name="普春华")
    row = StaffRow(unit=w.unit, worker_no="KY90", name="普春华", identity=identity(90), phone="13800000090", account=new,
                   bank_name="农行开远支行", card="6222021687536253779")  # fmt: skip
    enrol_staff(row, by=None, at=AT)
    client.force_login(new)
    fill(client)
    submit(client)
    household = Household.objects.get(head_name="普春华")
    assert household.state == "clue" and Case.objects.get().household == household


def test_without_a_roster_row_she_is_told_whom_to_call(client, w):
    from bangfu.access.roles import Role
    from bangfu.access.tests.makers import account

    client.force_login(account("nobody", Role.WORKER, w.unit, name="无名"))
    assert "花名册里还没有您的账号" in text(client.get("/my/application/"))
    assert client.get(address("needs"))["Location"] == "/my/application/"
    assert "花名册里还没有您的账号" in text(client.get("/my/"))


def test_a_draft_can_be_thrown_away(phone):
    fill(phone, until="costs")
    phone.post("/my/application/removal/")
    assert not Draft.objects.exists()


def test_order_of_the_pages():
    assert q.TOTAL == 8 and q.first_open({}) == "needs" and q.before("needs") is None
    assert q.after("papers") == "check" == q.after("check")
    assert q.causes_of(["schooling", "illness"], "family_illness") == ["family_illness", "schooling"]
    assert q.categories_of(["schooling", "illness"])[:2] == ["schooling", "illness"]
