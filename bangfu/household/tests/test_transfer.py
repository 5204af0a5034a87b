"""A file is handed to another unit: asked with a reason, confirmed there by another person, the history stays with both."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import call_command

from bangfu.audit.models import Event
from bangfu.household import flow, reactions
from bangfu.household.models import Household, Staff, Transfer
from bangfu.household.tests.makers import AT
from bangfu.household.timeline import timeline_of
from bangfu.lib.errors import Refused, Stale

WHY = "本人调到物资供应部"


@pytest.fixture
def asked(cast, file):
    return flow.ask_transfer(file, cast.other_unit, WHY, by=cast.zhao, at=AT)


def sign_in(client, account):
    client.force_login(account)
    return client


def test_a_file_goes_over_when_the_new_unit_confirms(client, cast, file):
    page = sign_in(client, cast.zhao).post(
        f"/households/{file.number}/edit/transfer/",
        {"to_unit": cast.other_unit.pk, "reason": WHY, "version": file.version},
        follow=True,
    )
    assert "正在转往物资供应部，等对方接收" in page.content.decode()
    transfer = Transfer.objects.get()
    assert (transfer.from_unit, transfer.to_unit, transfer.why, transfer.answer) == (cast.unit, cast.other_unit, WHY, "")
    assert list(Household.objects.visible_to(cast.wang)) == []
    page = sign_in(client, cast.wang).get("/transfers/").content.decode()
    assert "张守诚" in page and WHY in page and file.identity not in page and "接收张守诚户" in page
    assert cast.wang.messages.filter(url="/transfers/").count() == 1
    answer = client.post(f"/transfers/{transfer.pk}/acceptance/")
    assert answer.url == f"/households/{file.number}/"
    file.refresh_from_db()
    assert file.unit == cast.other_unit and Staff.objects.get(pk=file.staff_id).unit == cast.other_unit
    assert list(Household.objects.visible_to(cast.zhao)) == [] and list(Household.objects.visible_to(cast.wang)) == [file]
    lines = [(line.text, line.detail) for line in timeline_of(file).lines]
    assert ("档案转移", f"设备动力部 → 物资供应部，{WHY}，王建平") in lines and (
        "提出转移档案",
        f"设备动力部 → 物资供应部，{WHY}，赵晓梅",
    ) in lines
    units = dict(
        Event.objects.filter(kind__startswith="household.file_")
        .exclude(kind="household.file_corrected")
        .values_list("kind", "unit")
    )
    assert units == {"household.file_handed_over": "ky-dl", "household.file_taken_over": "ky-wz"}
    page = sign_in(client, cast.zhao).get("/transfers/").content.decode()
    assert "张守诚" in page and "已接收" in page and f"/households/{file.number}/" not in page
    assert client.get(f"/households/{file.number}/").status_code == 404
    call_command("household_words")


def test_the_person_who_asked_does_not_confirm(cast, file):
    transfer = flow.ask_transfer(file, cast.other_unit, WHY, by=cast.li, at=AT)
    with pytest.raises(Refused, match="不能自己接收"):
        flow.accept_transfer(transfer, by=cast.li, at=AT)
    flow.accept_transfer(transfer, by=cast.head, at=AT)
    assert Household.objects.get().unit == cast.other_unit


def test_it_is_declined_with_a_reason_or_taken_back(client, cast, file, asked):
    sign_in(client, cast.wang)
    assert "没有写不接收的原因" in client.post(f"/transfers/{asked.pk}/refusal/", {"note": ""}, follow=True).content.decode()
    client.post(f"/transfers/{asked.pk}/refusal/", {"note": "本人不在我单位"})
    asked.refresh_from_db()
    assert (asked.answer, asked.note, asked.answered_by) == ("declined", "本人不在我单位", cast.wang)
    assert Household.objects.get().unit == cast.unit and cast.zhao.messages.count() == 1
    assert "对方没有接收" in [line.text for line in timeline_of(file).lines]
    again = flow.ask_transfer(file, cast.other_unit, WHY, by=cast.zhao, at=AT)
    with pytest.raises(Refused, match="已经在等“物资供应部”接收"):
        flow.ask_transfer(file, cast.organisation, WHY, by=cast.zhao, at=AT)
    sign_in(client, cast.zhao).post(f"/transfers/{again.pk}/taking-back/")
    again.refresh_from_db()
    assert again.answer == "taken_back"
    with pytest.raises(Refused, match="不用再办"):
        flow.accept_transfer(again, by=cast.wang, at=AT)


def test_who_may_not_and_where_it_may_not_go(client, cast, file, asked, monkeypatch):
    with pytest.raises(PermissionDenied):
        flow.accept_transfer(asked, by=cast.zhao, at=AT)
    with pytest.raises(PermissionDenied):
        flow.take_back_transfer(asked, by=cast.wang, at=AT)
    assert sign_in(client, cast.stranger).post(f"/transfers/{asked.pk}/acceptance/").status_code == 404
    assert "张守诚" not in client.get("/transfers/").content.decode()
    flow.take_back_transfer(asked, by=cast.zhao, at=AT)
    for unit, why, words in [
        (cast.elsewhere, WHY, "不在本组织里"), (cast.unit, WHY, "现在就在"), (cast.other_unit, " ", "没有写转移的原因"),
    ]:  # fmt: skip
        with pytest.raises(Refused, match=words):
            flow.ask_transfer(file, unit, why, by=cast.zhao, at=AT)
    with pytest.raises(Stale):
        flow.ask_transfer(file, cast.other_unit, WHY, version=0, by=cast.zhao, at=AT)

    def busy(household):
        raise Refused("还有没办完的申请")

    monkeypatch.setattr(reactions, "before_transfer", [busy])
    with pytest.raises(Refused, match="没办完"):
        flow.ask_transfer(file, cast.other_unit, WHY, by=cast.zhao, at=AT)
    assert Transfer.objects.filter(answer="").count() == 0
