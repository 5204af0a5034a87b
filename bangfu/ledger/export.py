"""The whole journal for other programs: Beancount's plain text, or CSV. Source: contracts.md "Money"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta

from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.ledger.chart import account_of
from bangfu.ledger.flow.funds import source_title
from bangfu.ledger.models import Posting, Subject
from bangfu.lib.spreadsheet import Column, write_csv


def beancount(organisation: Unit) -> Iterator[str]:
    """Lines of a Beancount file: accounts are subject codes, Chinese names metadata, CNY with two decimals.

    Ends with a balance assertion for every account, so that `bean-check` compares its sums with ours.
    """
    names = dict(Subject.objects.filter(unit=organisation).values_list("code", "name"))
    rows = _rows(organisation)
    first = rows.values_list("day", flat=True).first()
    yield f'option "title" "{_quoted(organisation.name)}"'
    yield 'option "operating_currency" "CNY"'
    if first is None:
        return
    used = sorted({code for pair in rows.order_by().values_list("debit", "credit").distinct() for code in pair})
    for code in used:
        yield f"{first} open {account_of(code)} CNY"
        yield f'  name: "{_quoted(names.get(code, code))}"'
    sums: dict[str, int] = defaultdict(int)
    voucher, last = None, first
    for row in rows.iterator(chunk_size=2000):
        if row.voucher_id != voucher:
            voucher, last = row.voucher_id, max(last, row.day)
            yield ""
            yield f'{row.day} * "{_quoted(row.fund.name)}" "{_quoted(row.voucher.summary)}"'
            yield f'  voucher: "{row.fund.code} {row.voucher}"'
        yield from _legs(row)
        sums[row.debit] += row.amount_fen
        sums[row.credit] -= row.amount_fen
    yield ""
    for code in used:
        yield f"{last + timedelta(days=1)} balance {account_of(code)} {_yuan(sums[code])} CNY"


def _legs(row: Posting) -> Iterator[str]:
    facts = {
        "restriction": row.restriction.code, "source": row.source, "programme": row.programme,
        "household": row.household_no, "entitlement": row.entitlement_key,
    }  # fmt: skip
    for code, fen in ((row.debit, row.amount_fen), (row.credit, -row.amount_fen)):
        yield f"  {account_of(code)} {_yuan(fen)} CNY"
        for name, value in facts.items():
            if value:
                yield f'    {name}: "{_quoted(value)}"'


def journal_csv(organisation: Unit) -> bytes:
    """One line a posting, with the columns of an account book; amounts in yuan with two decimals."""
    names = dict(Subject.objects.filter(unit=organisation).values_list("code", "name"))
    titles = [
        _("日期"), _("凭证号"), _("行"), _("基金"), _("专款"), _("摘要"), _("借方科目"), _("借方名称"), _("贷方科目"), _("贷方名称"),
        _("金额"), _("资金来源"), _("项目"), _("档案号"), _("待遇号"), _("冲销"),
    ]  # fmt: skip
    kinds = {0: "day", 2: "number", 10: "money"}
    columns = [Column(title, kind=kinds.get(place, "text")) for place, title in enumerate(titles)]
    rows = (
        [
            row.day, str(row.voucher), row.line, row.fund.name, row.restriction.title, row.voucher.summary,
            row.debit, names.get(row.debit, ""), row.credit, names.get(row.credit, ""), row.amount_fen,
            source_title(row.source) if row.source else "", row.programme, row.household_no, row.entitlement_key,
            str(row.reverses.voucher) if row.reverses else "",
        ]
        for row in _rows(organisation).select_related("voucher", "fund", "restriction", "reverses__voucher").iterator(2000)
    )  # fmt: skip
    return write_csv(columns, rows)


def _rows(organisation: Unit):  # type: ignore[no-untyped-def]
    rows = Posting.objects.filter(fund__unit=organisation).order_by("day", "voucher_id", "line")
    return rows.select_related("voucher", "fund", "restriction")


def _yuan(fen: int) -> str:
    sign = "-" if fen < 0 else ""
    return f"{sign}{abs(fen) // 100}.{abs(fen) % 100:02d}"


def _quoted(text: str) -> str:
    return " ".join(text.replace("\\", "\\\\").replace('"', '\\"').split())
