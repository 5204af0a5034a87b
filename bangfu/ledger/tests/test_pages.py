"""The doors: what each page shows, what each form does, and that strangers find nothing."""

from __future__ import annotations

import base64
import io

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bangfu.audit.models import Event
from bangfu.ledger import flow, reactions
from bangfu.ledger.models import Batch, BatchLine, Disbursement, Fund, Hold, Voucher
from bangfu.ledger.tests import makers
from bangfu.ledger.tests.makers import AT, CARD


@pytest.fixture(autouse=True)
def _today(clock):
    """2026-11-20."""


def signed_in(account) -> Client:
    client = Client()
    client.force_login(account)
    return client


def post(account, name, args=(), follow=True, /, **data):
    return signed_in(account).post(reverse(name, args=args), data, follow=follow)


def get(account, name, args=(), query=""):
    return signed_in(account).get(reverse(name, args=args) + query)


def text(response) -> str:
    return response.content.decode()


def refused(subject: str) -> bool:
    return Event.objects.filter(kind="access.action_refused", subject=subject).exists()


def test_the_funds_page_is_an_equation(who):
    makers.reserved(who, amount_fen=300_000)
    page = text(get(who.auditor, "funds"))
    assert all(sum_ in page for sum_ in ("10,000.00", "3,000.00", "7,000.00"))
    assert "开立这个基金" not in page
    assert "开立这个基金" in text(get(who.accountant, "funds"))


def test_the_accountant_opens_a_fund(who):
    response = post(who.accountant, "funds", name="送温暖资金", code="warmth", subject_code="5102", cap_fen="3000")
    assert response.redirect_chain[-1][0] == reverse("fund", args=[Fund.objects.get(code="warmth").pk])
    assert Fund.objects.get(code="warmth").cap_fen == 300_000
    again = post(who.accountant, "funds", name="另一个", code="warmth", subject_code="5102", cap_fen="3000")
    assert "已经用过了" in text(again)
    wrong = post(who.accountant, "funds", name="", code="x", subject_code="41", cap_fen="3万")
    assert wrong.status_code == 422 and "带有万" in text(wrong) and "5 开头" in text(wrong)


def test_income_is_booked_from_the_fund_page(who):
    share = who.fund.restrictions.get()
    data = {
        "amount_fen": "155,000.00", "source": "6", "day": "2026.11.3", "method": "bank", "restriction": share.pk,
        "donor": "", "summary": "匿名捐款", "form_key": "k1",
    }  # fmt: skip
    for _press in range(2):
        response = post(who.cashier, "fund-income", [who.fund.pk], **data)
    voucher = Voucher.objects.get(form_key="k1")
    assert response.redirect_chain[-1][0] == reverse("voucher", args=[voucher.pk])
    assert voucher.postings.get().amount_fen == 15_500_000
    assert "匿名捐款" in text(response)


def test_372000_wan_comes_back_with_a_sentence_and_what_was_typed(who):
    share = who.fund.restrictions.get()
    data = {
        "amount_fen": "372,000万",
        "source": "6",
        "day": "2026-11-03",
        "method": "bank",
        "restriction": share.pk,
        "form_key": "k",
    }
    response = post(who.cashier, "fund-income", [who.fund.pk], **data)
    page = text(response)
    assert response.status_code == 422 and "带有万、千等单位" in page and 'value="372,000万"' in page
    assert "错误：" in page
    assert Voucher.objects.count() == 1


def test_a_restricted_share_is_set_apart(who, monkeypatch):
    monkeypatch.setattr(reactions, "programmes_of", [lambda unit: [("school", "金秋助学"), ("study", "技能培训")]])
    monkeypatch.setattr(reactions, "causes", [lambda: [("schooling", "因学"), ("illness", "因病")]])
    page = text(get(who.accountant, "fund", [who.fund.pk]))
    assert "金秋助学" in page and "因学" in page, "chosen from words, not typed as codes"
    post(
        who.accountant, "fund-restrictions", [who.fund.pk], title="助学专款", code="school", programmes=["school", "study"],
        causes=["schooling"],
    )  # fmt: skip
    share = who.fund.restrictions.get(code="school")
    assert (share.programmes, share.causes) == (["school", "study"], ["schooling"])
    page = text(get(who.officer, "fund", [who.fund.pk]))
    assert "助学专款" in page and "金秋助学、技能培训、因学" in page
    assert post(who.accountant, "fund-restrictions", [who.fund.pk], title="x", code="x", programmes=["no"]).status_code == 422


def test_the_account_of_a_period(who):
    makers.paid(who)
    page = text(get(who.auditor, "fund", [who.fund.pk], "?from=2026-11-01&to=2026-11-30"))
    assert "期初余额" in page and "-3,000.00" in page and "7,000.00" in page and "2026-11-0002" in page
    early = text(get(who.auditor, "fund", [who.fund.pk], "?from=2026-01-01&to=nonsense"))
    assert "7,000.00" in early
    assert "这段时间没有凭证" in text(get(who.auditor, "fund", [who.fund.pk], "?from=2020-01-01&to=2020-01-31"))


def test_rows_are_picked_looked_at_and_paid_in_cash(who):
    rows = [makers.reserved(who, method="cash", amount_fen=fen) for fen in (50_000, 60_000)]
    listed = text(get(who.cashier, "disbursements"))
    assert "待付·现金" in listed and 'name="pick"' in listed and "按名单发现金" in listed
    look = text(get(who.cashier, "payout", query=f"?method=cash&pick={rows[0].pk}&pick={rows[1].pk}"))
    assert "人民币壹仟壹佰元整" in look and "发放现金" in look
    data = {"method": "cash", "pick": [row.pk for row in rows], "form_key": "k", "day": "2026-11-20"}
    for _press in range(2):
        response = post(who.cashier, "payout", **data)
    voucher = Voucher.objects.get(kind="payment")
    assert response.redirect_chain[-1][0] == reverse("voucher", args=[voucher.pk])
    assert voucher.postings.count() == 2 and str(voucher.day) == "2026-11-20"


def test_all_rows_of_the_list_make_one_batch(who):
    for _row in range(3):
        makers.reserved(who, amount_fen=10_000)
    look = text(get(who.cashier, "payout", query="?method=bank&all=1"))
    picks = [row.pk for row in Disbursement.objects.all()]
    assert all(f'name="pick" value="{pk}"' in look for pk in picks)
    post(who.cashier, "payout", method="bank", pick=picks, form_key="k")
    assert Batch.objects.get().count == 3


def test_nothing_picked_goes_back_with_a_word(who):
    assert "还没有选要付的款" in text(signed_in(who.cashier).get(reverse("payout"), follow=True))


def test_a_hold_is_named_before_and_when_paying_and_the_refusal_is_recorded(who):
    row = makers.reserved(who, method="cash")
    flow.place_hold(row.origin, reason="有异议，没有答复", unit=who.unit, by=None, at=AT)
    look = text(get(who.cashier, "payout", query=f"?method=cash&pick={row.pk}"))
    assert "有异议，没有答复" in look and "btn-primary" not in look
    response = post(who.cashier, "payout", method="cash", pick=[row.pk], form_key="k")
    assert "暂停支付：有异议，没有答复" in text(response)
    assert refused("route:payout")
    row.refresh_from_db()
    assert row.state == "reserved"


def test_the_bank_answers_line_by_line(who):
    rows = [makers.reserved(who, payee_name=name) for name in ("甲一", "乙二", "丙三")]
    batch = flow.make_batch([row.pk for row in rows], form_key="b", by=who.cashier, at=AT)
    page = text(get(who.accountant, "batch", [batch.pk]))
    assert "登记付款成功" in page and "登记退回" in page and CARD not in page
    third = batch.lines.get(line=3)
    assert "登记退回，钱回到" in text(post(who.accountant, "batch-line-failure", [third.pk], reason="户名不符"))
    post(who.accountant, "batch-confirmation", [batch.pk], pick=["1"], bank_ref="R1", day="2026-11-20", form_key="k1")
    for _press in range(2):
        both = post(who.accountant, "batch-confirmation", [batch.pk], all="1", bank_ref="R2", day="2026-11-20", form_key="k2")
    assert both.redirect_chain[-1][0] == reverse("voucher", args=[Voucher.objects.get(form_key="k2").pk])
    assert list(batch.lines.values_list("line", "state", "bank_ref")) == [(1, "paid", "R1"), (2, "paid", "R2"), (3, "failed", "")]
    assert "全部有结果" in text(get(who.accountant, "batch", [batch.pk]))
    assert "户名不符" in text(get(who.cashier, "disbursements", query="?view=bank"))
    assert "退回 1 笔" in text(get(who.auditor, "batches"))


def test_a_confirmation_without_the_banks_number_says_so(who):
    _row, line = makers.sent(who)
    response = post(who.accountant, "batch-confirmation", [line.batch_id], all="1", bank_ref="", day="2026-11-20", form_key="k")
    assert response.status_code == 422 and BatchLine.objects.get().state == "pending"
    none = post(who.accountant, "batch-confirmation", [line.batch_id], bank_ref="R", day="2026-11-20", form_key="k")
    assert "请选同一批次里" in text(none)
    assert "没有填退回原因" in text(post(who.accountant, "batch-line-failure", [line.pk], reason=""))


@pytest.mark.parametrize("form", ["xlsx", "csv"])
def test_the_banks_file_holds_cards_in_clear_and_taking_it_is_recorded(who, form):
    _row, line = makers.sent(who, payee_name="高秀英", bank_name="=cmd|' /C calc'!A0")
    response = post(who.cashier, "batch-file", [line.batch_id, form], False)
    assert response["Content-Disposition"] == f'attachment; filename="KY-P2026-0001.{form}"'
    event = Event.objects.get(kind="ledger.batch_downloaded")
    assert (event.actor, event.subject) == (who.cashier.username, f"ledger.batch:{line.batch_id}")
    if form == "csv":
        content = response.content.decode("utf-8-sig")
        assert f"\t{CARD}" in content and "'=cmd" in content and "3000.00" in content
    else:
        from bangfu.lib.spreadsheet import read

        assert CARD in str(read(response.content, "b.xlsx").rows[1])


def test_only_cashier_and_accountant_take_the_banks_file(who):
    _row, line = makers.sent(who)
    for account in (who.auditor, who.officer):
        assert post(account, "batch-file", [line.batch_id, "csv"]).status_code == 403
    assert post(who.cashier, "batch-file", [line.batch_id, "pdf"]).status_code == 404
    assert (
        signed_in(who.cashier).get(reverse("batch-file", args=[line.batch_id, "csv"]))["Location"] == f"/batches/{line.batch_id}/"
    )


def test_both_sign_on_the_payments_page(who):
    row = makers.paid(who)
    page = text(get(who.cashier, "disbursement", [row.pk]))
    assert "data-signature" in page and "我已付讫" in page
    nothing = post(who.cashier, "disbursement-receipt", [row.pk], side="payee")
    assert nothing.status_code == 422 and "还没有签字" in text(nothing)
    damaged = post(who.cashier, "disbursement-receipt", [row.pk], side="payee", drawn="data:image/png;base64,%%%")
    assert damaged.status_code == 422 and "再签一次" in text(damaged)
    post(who.cashier, "disbursement-receipt", [row.pk], side="payee", drawn=f"data:image/png;base64,{drawing()}")
    post(who.cashier, "disbursement-receipt", [row.pk], side="payer", clicked="1")
    row.refresh_from_db()
    assert row.receipted_at is not None
    assert "已签收" in text(get(who.auditor, "disbursement", [row.pk]))


def test_a_photo_of_the_paper_counts(who):
    row = makers.paid(who)
    photo = io.BytesIO(base64.b64decode(drawing()))
    photo.name = "纸.png"
    post(who.cashier, "disbursement-receipt", [row.pk], side="payee", photo=photo)
    row.refresh_from_db()
    assert row.payee_signed_at is not None


def test_the_auditor_sees_the_signature_and_the_clerk_of_another_organisation_does_not(who):
    row = makers.paid(who)
    post(who.cashier, "disbursement-receipt", [row.pk], side="payee", drawn=f"data:image/png;base64,{drawing()}")
    from bangfu.evidence.models import SignOff

    image = SignOff.objects.get().image
    assert get(who.auditor, "file", [image.pk]).status_code == 200
    other = makers.cast("hebi", "HB", money_fen=0)
    assert get(other.auditor, "file", [image.pk]).status_code == 404


def test_the_receipt_is_a_pdf_once_it_is_paid(who):
    from pypdf import PdfReader

    waiting = makers.reserved(who)
    assert "还没有付款" in text(signed_in(who.cashier).get(reverse("disbursement-receipt", args=[waiting.pk]), follow=True))
    row = makers.paid(who)
    response = get(who.cashier, "disbursement-receipt", [row.pk])
    words = "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)
    assert response["Content-Type"] == "application/pdf"
    assert "人民币叁仟元整" in words and row.check_code in words and "盖章处" in words and "高秀英" in words
    assert CARD not in words
    assert response.content == get(who.auditor, "disbursement-receipt", [row.pk]).content


def test_the_cash_list_is_printed_to_be_signed(who):
    from pypdf import PdfReader

    voucher = makers.paid(who).postings.get().voucher
    pdf = get(who.cashier, "voucher-list", [voucher.pk, "pdf"])
    assert "领款人签字" in "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf.content)).pages)
    assert get(who.cashier, "voucher-list", [voucher.pk, "xlsx"]).content.startswith(b"PK")
    assert get(who.cashier, "voucher-list", [voucher.pk, "exe"]).status_code == 404


def test_a_voucher_is_reversed_from_its_page(who):
    row = makers.paid(who)
    voucher = row.postings.get().voucher
    assert "冲销这张凭证" in text(get(who.accountant, "voucher", [voucher.pk]))
    assert "冲销这张凭证" not in text(get(who.cashier, "voucher", [voucher.pk]))
    assert post(who.accountant, "voucher-reversal", [voucher.pk], reason="", form_key="r").status_code == 422
    response = post(who.accountant, "voucher-reversal", [voucher.pk], reason="重复", line=["1"], form_key="r")
    assert "红字冲销" in text(response)
    assert "已全部冲销" in text(get(who.accountant, "voucher", [voucher.pk]))
    row.refresh_from_db()
    assert row.state == "reversed"


def test_holds_accounts_and_reservations_are_changed_on_the_payments_page(who):
    row = makers.reserved(who)
    assert "要写原因" in text(post(who.auditor, "disbursement-hold", [row.pk], reason=""))
    post(who.auditor, "disbursement-hold", [row.pk], reason="卡号可疑")
    hold = Hold.objects.get()
    assert "卡号可疑" in text(get(who.cashier, "disbursement", [row.pk]))
    post(who.auditor, "hold-lifting", [hold.pk], reason="核对无误")
    hold.refresh_from_db()
    assert hold.lifted_why == "核对无误"
    wrong = post(who.accountant, "disbursement-account", [row.pk], method="bank", card="", reason="x")
    assert wrong.status_code == 422 and "要填卡号" in text(wrong)
    post(who.accountant, "disbursement-account", [row.pk], method="cash", reason="没有卡")
    post(who.officer, "disbursement-release", [row.pk], reason="本人放弃")
    row.refresh_from_db()
    assert (row.method, row.state) == ("cash", "released")


def test_strangers_of_another_organisation_find_nothing(who):
    row, line = makers.sent(who)
    done = makers.paid(who)
    voucher = done.postings.get().voucher
    hold = flow.place_hold(row.origin, reason="x", unit=who.unit, by=None, at=AT)
    other = makers.cast("hebi", "HB", money_fen=0)
    addresses = [
        ("fund", [who.fund.pk]), ("voucher", [voucher.pk]), ("voucher-list", [voucher.pk, "pdf"]), ("disbursement", [row.pk]),
        ("disbursement-receipt", [done.pk]), ("batch", [line.batch_id]),
    ]  # fmt: skip
    for name, args in addresses:
        assert get(other.accountant, name, args).status_code == 404, name
    acts = [
        (other.accountant, "fund-income", [who.fund.pk]), (other.accountant, "fund-restrictions", [who.fund.pk]),
        (other.accountant, "voucher-reversal", [voucher.pk]), (other.accountant, "disbursement-account", [row.pk]),
        (other.officer, "disbursement-release", [row.pk]), (other.auditor, "disbursement-hold", [row.pk]),
        (other.cashier, "disbursement-receipt", [done.pk]), (other.auditor, "hold-lifting", [hold.pk]),
        (other.cashier, "batch-file", [line.batch_id, "csv"]), (other.accountant, "batch-confirmation", [line.batch_id]),
        (other.accountant, "batch-line-failure", [line.pk]),
    ]  # fmt: skip
    for account, name, args in acts:
        assert post(account, name, args, reason="x", form_key="k").status_code == 404, name
    assert "还没有选要付的款" in text(post(other.cashier, "payout", method="bank", pick=[row.pk], form_key="k"))
    assert row.payee_name not in text(get(other.auditor, "disbursements", query="?view=sent"))
    assert who.fund.name not in text(get(other.auditor, "funds")) or Fund.objects.visible_to(other.auditor).count() == 1


@pytest.mark.parametrize(
    ("name", "most"), [("funds", 12), ("fund", 16), ("disbursements", 16), ("batches", 12), ("batch", 14), ("voucher", 14)]
)
def test_a_page_costs_the_same_with_one_row_and_with_many(who, name, most):
    def prepared() -> list[int]:
        rows = [makers.reserved(who, amount_fen=100) for _row in range(2)]
        batch = flow.make_batch([row.pk for row in rows], form_key=makers.key(), by=who.cashier, at=AT)
        voucher = flow.confirm_lines(batch.lines.all(), bank_ref="R", form_key=makers.key(), by=who.accountant, at=AT)
        makers.reserved(who, amount_fen=100)
        return {"fund": [who.fund.pk], "batch": [batch.pk], "voucher": [voucher.pk]}.get(name, [])

    counts = []
    for times in (1, 5):
        for _time in range(times):
            args = prepared()
        client = signed_in(who.accountant)
        client.get(reverse(name, args=args))
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(reverse(name, args=args))
        counts.append(sum("SAVEPOINT" not in query["sql"] for query in seen.captured_queries))
    assert counts[0] == counts[1] <= most, counts


def drawing() -> str:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGBA", (40, 20), (0, 0, 0, 80)).save(out, "PNG")
    return base64.b64encode(out.getvalue()).decode()
