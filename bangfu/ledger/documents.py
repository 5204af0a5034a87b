"""Papers and files: the receipt, the cash list to sign, the bank's file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from bangfu.evidence.flow import content_of
from bangfu.evidence.models import SignOff
from bangfu.ledger.models import BatchLine, Disbursement, Posting, Voucher
from bangfu.ledger.receipt import digest_of, number_of, posting_of
from bangfu.lib import pdf, qr
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.money import in_words, yuan
from bangfu.lib.spreadsheet import Column, write, write_csv


def receipt_pdf(disbursement: Disbursement, *, site: str) -> bytes:
    """领款回执, A4: sums in figures and words, both signatures (or lines to sign on), QR to the check page.

    `site` is the address the QR begins with ("https://host"). Raises Refused before it is paid.
    """
    posting = posting_of(disbursement)
    if posting is None:
        raise Refused(_("还没有付款，没有回执。付款以后再打印。"))
    digest = digest_of(disbursement, posting)
    signed = {
        mark.role: mark for mark in SignOff.objects.filter(subject=f"ledger.disbursement:{disbursement.pk}").select_related("image")
    }
    data = {
        "title": _("领款回执"),
        "org": disbursement.fund.unit.name,
        "number": number_of(posting),
        "footnote": _("指纹 %(digest)s") % {"digest": " ".join(digest[at : at + 4] for at in range(0, 32, 4))},
        "fields": _receipt_fields(disbursement, posting),
        "amount": [_("金额"), f"¥{yuan(posting.amount_fen)}", in_words(posting.amount_fen)],
        "statement": _("上列款项已经付讫，领款人已经收到。双方签字为凭。"),
        "signers": [_signer(signed.get("payee"), _("领款人")), _signer(signed.get("payer"), _("付款人"))],
        "qr": qr.svg(f"{site}/check/{disbursement.check_code}/"),
        "code": disbursement.check_code,
        "how_to_check": _("扫码或到“%(site)s/check/”输入验证码，看这张回执是不是真的。") % {"site": site},
        "reversed": _("此笔付款已红字冲销，本回执作废") if disbursement.state == Disbursement.State.REVERSED else "",
    }
    return pdf.render("ledger/receipt", data, at=disbursement.receipted_at or disbursement.paid_at)


def _receipt_fields(row: Disbursement, posting: Posting) -> list[list[str]]:
    where = row.get_method_display()
    if row.card_tail4:
        where = _("%(how)s，%(bank)s 尾号 %(tail)s") % {"how": where, "bank": row.bank_name, "tail": row.card_tail4}
    fields = [
        [_("领款人"), row.payee_name, _("单位"), row.unit.name],
        [_("事由"), row.purpose, _("办件"), row.reference],
        [_("资金"), row.fund.name, _("专款"), row.restriction.title],
        [_("凭证号"), str(posting.voucher), _("付款日期"), f"{posting.day:%Y-%m-%d}"],
        [_("付款方式"), where],
    ]
    if row.bank_ref:
        fields[-1] += [_("银行流水号"), row.bank_ref]
    return fields


def _signer(mark: SignOff | None, title: str) -> dict[str, str]:
    if mark is None:
        return {"role": title, "name": "", "date": "", "svg": ""}
    svg = pdf.picture(content_of(mark.image)) if mark.image is not None and mark.how == SignOff.How.DRAWN else ""
    return {"role": title, "name": mark.signer_name, "date": f"{today(mark.at):%Y-%m-%d}", "svg": svg}


def cash_list_pdf(voucher: Voucher, rows: Sequence[Disbursement]) -> bytes:
    """现金发放签收表, A4: one line a payee with a place to sign; the total in figures and words."""
    total = sum(row.amount_fen for row in rows)
    data = {
        "title": _("现金发放签收表"),
        "org": voucher.fund.unit.name,
        "number": f"{voucher.fund.code}-{voucher}",
        "fields": [[_("资金"), voucher.fund.name, _("付款日期"), f"{voucher.day:%Y-%m-%d}"], [_("摘要"), voucher.summary]],
        "head": [_("序号"), _("姓名"), _("单位"), _("事由"), _("金额（元）"), _("领款人签字")],
        "rows": [[str(at), row.payee_name, row.unit.name, row.purpose, yuan(row.amount_fen), ""] for at, row in enumerate(rows, 1)],
        "total": [_("合计"), "", "", "", yuan(total), ""],
        "amount": [_("合计大写"), f"¥{yuan(total)}", in_words(total)],
        "signers": [{"role": title, "name": "", "date": "", "svg": ""} for title in (_("付款人"), _("复核"), _("会计"))],
    }
    return pdf.render("ledger/cash_list", data, at=voucher.made_at)


def cash_list_xlsx(voucher: Voucher, rows: Sequence[Disbursement]) -> bytes:
    """The same list as a workbook."""
    columns = [
        Column(_("序号"), kind="number", width=6), Column(_("姓名")), Column(_("单位"), width=20), Column(_("事由"), width=18),
        Column(_("办件"), width=18), Column(_("金额（元）"), kind="money"), Column(_("领款人签字"), width=20),
    ]  # fmt: skip
    lines = [[at, row.payee_name, row.unit.name, row.purpose, row.reference, row.amount_fen, ""] for at, row in enumerate(rows, 1)]
    totals = ["", _("合计"), "", "", "", sum(row.amount_fen for row in rows), ""]
    return write(columns, lines, title=f"{voucher.fund.name} {voucher}", totals=totals)


def bank_file(lines: Iterable[BatchLine], *, number: str, form: str) -> bytes:
    """银行批次文件 ("xlsx" or "csv"): the only place where card numbers stand in clear. Every cell is inert text."""
    columns = [
        Column(_("序号"), kind="number", width=6), Column(_("收款人户名")), Column(_("收款人账号"), width=24),
        Column(_("开户行"), width=24), Column(_("金额（元）"), kind="money"), Column(_("用途"), width=18), Column(_("批次"), width=20),
    ]  # fmt: skip
    rows: list[list[Any]] = [
        [line.line, line.payee_name, line.card, line.bank_name, line.amount_fen, _("帮扶款"), f"{number}-{line.line}"]
        for line in lines
    ]
    return write(columns, rows, sheet=number) if form == "xlsx" else write_csv(columns, rows)
