"""ADR 9 in the books, the record and the lists: sums of one's own and one's kin's are a blank line, in no count and in no file."""

from __future__ import annotations

from typing import Any

import pytest

from bangfu.audit.models import Event
from bangfu.evidence.models import SignOff
from bangfu.household.flow import declare_kinship
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Batch, Disbursement, Voucher
from bangfu.lib.errors import Refused
from bangfu.process.tests.makers import Play, household

SUM = "3,000.00"


@pytest.fixture
def town(at_stage, place, settings):
    """A case whose money is with the bank."""
    play = at_stage("pay")
    ledger.make_batch([play.row.pk], form_key="books", by=place.cashier, at=play.now())
    return play


def related(play: Play, who: Any) -> None:
    declare_kinship(play.household, who, "表亲", by=who, at=play.at)
    who.__dict__.pop("_posts", None)


def paid(play: Play) -> Voucher:
    line = Batch.objects.get().lines.get()
    return ledger.confirm_paid(line, bank_ref="R1", by=play.world.accountant, at=play.now())


def see(client, who: Any, address: str) -> str:
    client.force_login(who)
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


@pytest.mark.parametrize("name", ["accountant", "cashier", "head", "auditor"])
def test_a_voucher_has_a_blank_line_in_its_place(town, client, place, name):
    who, voucher = getattr(place, name), paid(town)
    address = f"/vouchers/{voucher.pk}/"
    told = see(client, who, address)
    assert town.row.payee_name in told and SUM in told
    related(town, who)
    shown = see(client, who, address)
    assert town.row.payee_name not in shown and SUM not in shown and f"/disbursements/{town.row.pk}/" not in shown
    assert "您要回避的一笔，不显示" in shown and "冲销这张凭证" not in shown and voucher.summary not in shown


def test_the_list_of_a_voucher_is_printed_by_others(at_stage, place, client):
    play = at_stage("pay")
    row = ledger.change_payee_account(play.row, method="cash", reason="本人要现金", by=place.accountant, at=play.now())
    voucher = ledger.pay_cash(row, form_key="cash", by=place.cashier, at=play.now())
    client.force_login(place.accountant)
    assert client.get(f"/vouchers/{voucher.pk}/list/pdf/").status_code == 200
    assert Event.objects.filter(kind="ledger.list_downloaded", actor=place.accountant.username).count() == 1
    related(play, place.accountant)
    for form in ("pdf", "xlsx"):
        answer = client.get(f"/vouchers/{voucher.pk}/list/{form}/", follow=True)
        assert "要由别人来办（回避）" in answer.content.decode() and answer.redirect_chain


def test_a_batch_counts_and_shows_the_others_only(town, client, place):
    batch = Batch.objects.get()
    assert SUM in see(client, place.accountant, "/batches/") and SUM in see(client, place.accountant, f"/batches/{batch.pk}/")
    related(town, place.accountant)
    for address in ("/batches/", f"/batches/{batch.pk}/"):
        shown = see(client, place.accountant, address)
        assert SUM not in shown and town.row.payee_name not in shown and "等银行结果 1 笔" not in shown
    assert "您要回避的款" in see(client, place.accountant, f"/batches/{batch.pk}/")


def test_kin_takes_no_bank_file_books_no_result_and_reverses_nothing(town, client, place):
    batch, play = Batch.objects.get(), town
    related(play, place.accountant)
    line, at = batch.lines.get(), play.now()
    for act in (
        lambda: ledger.read_batch(batch, form="xlsx", by=place.accountant, at=at),
        lambda: ledger.mark_failed(line, reason="户名不符", by=place.accountant, at=at),
        lambda: ledger.confirm_paid(line, bank_ref="R1", by=place.accountant, at=at),
    ):
        with pytest.raises(Refused, match="回避"):
            act()
    client.force_login(place.accountant)
    answer = client.post(f"/batches/{batch.pk}/file/csv/", follow=True)
    assert "回避" in answer.content.decode() and "attachment" not in str(answer.headers)
    line.refresh_from_db()
    assert line.state == "pending" and Disbursement.objects.get(pk=play.row.pk).state == "sent"


def test_kin_reverses_no_voucher_and_witnesses_no_signature(town, place):
    voucher, at = paid(town), town.now()
    related(town, place.accountant)
    related(town, place.clerk)
    with pytest.raises(Refused, match="回避"):
        ledger.reverse(voucher, reason="记错了", form_key="red", by=place.accountant, at=at)
    with pytest.raises(Refused, match="回避"):
        ledger.sign_receipt(town.row, "payee", how=SignOff.How.PAPER, picture=b"x", by=place.clerk, at=at)
    assert Voucher.objects.filter(kind="reversal").count() == 0 and town.row.payee_signed_at is None


def test_the_list_of_sessions_counts_the_others_only(town, client, place):
    assert SUM in see(client, place.head, "/sessions/")
    related(town, place.head)
    assert SUM not in see(client, place.head, "/sessions/")


@pytest.mark.parametrize("name", ["auditor"])
def test_the_record_leaves_out_what_happened_to_it(town, client, place, name):
    who, row = getattr(place, name), town.row
    subjects = {f"process.case:{town.case.pk}", f"ledger.disbursement:{row.pk}", f"household.household:{town.household.pk}"}
    for subject in subjects:
        assert subject in see(client, who, f"/record/?subject={subject}")
    assert Event.objects.visible_to(who).filter(subject__in=subjects).exists()
    related(town, who)
    left = Event.objects.visible_to(who)
    assert not left.filter(subject__in=subjects).exists() and left.exists()
    assert not left.filter(body__contains=town.case.number).exists()
    assert not left.filter(subject__startswith="governance.motion").exists()
    assert not left.filter(subject__startswith="disclosure.notice").exists()


def test_the_list_of_files_says_nothing_of_help_and_visits(town, client, place):
    paid(town)
    number = town.household.number
    assert SUM in see(client, place.head, "/households/?state=all")
    exported = client.post("/households/export/?state=all", {"all": "1"})
    related(town, place.head)
    shown = see(client, place.head, "/households/?state=all")
    assert number in shown and SUM not in shown
    assert exported.status_code == 200


def test_messages_do_not_call_kin_to_it(place, settings):
    from bangfu.notify.models import Message

    play = Play(place, household=household(place.unit, serial=305, name="尹小满"))
    declare_kinship(play.household, place.officer, "表亲", by=place.officer, at=play.at)
    play.start(by=place.clerk).accept().survey().countersign()
    assert play.case.stage_kind == "check"
    called = set(Message.objects.filter(text__contains=f"{play.case.number} ").values_list("to__username", flat=True))
    assert place.officer.username not in called


def test_who_is_kin_among_many_is_asked_in_one_statement(place, django_assert_num_queries):
    from bangfu.process.conflicts import kin_among

    play = Play(place, household=household(place.unit, serial=306, name="尹大满")).start(by=place.clerk)
    declare_kinship(play.household, place.officer, "表亲", by=place.officer, at=play.at)
    with django_assert_num_queries(1):
        assert kin_among([place.officer, place.head, place.clerk], play.case) == {place.officer.pk}
    hers = Play(place).start(by=place.clerk)
    assert kin_among([place.worker, place.head, place.clerk], hers.case) == {place.worker.pk}
