"""打印 A4: one file on paper for those who keep it; masked, and recorded."""

import io
import re

import pytest
from django.urls import reverse

from bangfu.audit.models import Event
from bangfu.household import flow
from bangfu.household.models.words import Section
from bangfu.household.tests import makers

pytestmark = pytest.mark.django_db


def printed(client, account, file):
    client.force_login(account)
    return client.get(reverse("household-print", args=[file.number]))


def text_of(answer) -> str:
    from pypdf import PdfReader

    return re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages))


def test_the_paper_carries_the_file_and_no_sealed_value(client, cast, file):
    words = f"妻子患尿毒症，每周透析三次，电话 {file.phone}，卡 {file.card}。"
    flow.check_clear(file, Section.FAMILY, words, by=cast.zhao, at=makers.AT)
    answer = printed(client, cast.zhao, file)
    assert answer.status_code == 200 and answer["Content-Type"] == "application/pdf" and answer.content.startswith(b"%PDF")
    text = text_of(answer)
    for shown in ("困难职工家庭档案", file.number, "设备动力部", "在册职工", "王桂芬", "重病", "3,200.00", "47,600.00", "家属大病、子女上学",
                  "没有房产", "五清", "每周透析三次", "使用银行账户", "建档人", "审核人", "负责人", "盖章处", "第1页，共"):  # fmt: skip
        assert shown in text, shown
    for canary in (file.identity, file.phone, file.card, "尿毒症", "501", makers.identity(26, "19800203")):
        assert canary not in text, canary
    assert "138****0017" in text and "5300**********" in text


def test_the_file_name_carries_number_masked_name_and_day(client, cast, file):
    from urllib.parse import unquote

    assert f"困难职工家庭档案_{file.number}_张*诚_20261120.pdf" in unquote(printed(client, cast.zhao, file)["Content-Disposition"])


def test_a_print_is_recorded_and_stands_among_what_was_seen(client, cast, file):
    printed(client, cast.zhao, file)
    event = Event.objects.get(kind="household.file_printed")
    assert file.phone not in event.body
    page = client.get(reverse("household", args=[file.number]), {"tab": "seen"}).content.decode()
    assert "打印档案" in page and "赵晓梅" in page


def test_strangers_and_the_other_unit_get_404_and_nothing_is_recorded(client, cast, file):
    for account in (cast.wang, cast.stranger):
        assert printed(client, account, file).status_code == 404
    assert printed(client, cast.worker, file).status_code in (403, 404)
    assert not Event.objects.filter(kind="household.file_printed").exists()


def test_a_bare_clue_prints_what_was_not_asked_as_not_asked(client, cast):
    from bangfu.household.rows import FileRow

    clue = flow.file_household(FileRow(unit=cast.unit, head_name="李四", identity=makers.identity(31), main_cause="other"),
                               by=cast.zhao, at=makers.AT)  # fmt: skip
    text = text_of(printed(client, cast.zhao, clue))
    assert "支出还没有问" in text and "没问" in text and "还没有填" in text


def test_the_button_stands_on_the_page(client, cast, file):
    client.force_login(cast.auditor)
    page = client.get(reverse("household", args=[file.number])).content.decode()
    assert reverse("household-print", args=[file.number]) in page and "打印 A4" in page
