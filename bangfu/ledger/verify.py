"""Recount the books: every kept balance, every number, every payment both ways. Answers what does not agree, in sentences."""

from __future__ import annotations

import json
from collections import Counter as Tally
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Sum
from django.utils.translation import gettext as _

from bangfu.access.models import Counter
from bangfu.audit.models import Event
from bangfu.evidence.models import SignOff
from bangfu.ledger.models import Batch, BatchLine, Disbursement, Fund, Posting, Restriction, Subject, Voucher
from bangfu.ledger.money import series_of
from bangfu.ledger.receipt import digest_of
from bangfu.lib.money import yuan

State = Disbursement.State


@dataclass
class Verdict:
    """How much was counted, and every fault found (empty: the books agree)."""

    vouchers: int
    postings: int
    faults: list[str] = field(default_factory=list)


def verify() -> Verdict:
    """Recount everything from the postings and the reservations. Reads only; sums in fen."""
    verdict = Verdict(Voucher.objects.count(), Posting.objects.count())
    for look in (_balances, _numbers, _rows, _reversals, _restrictions, _payments, _attempts, _receipts, _recorded):
        verdict.faults.extend(look())
    return verdict


def _balances() -> Iterator[str]:
    """Kept balance = money in - money out; kept reserved = approved and unpaid; a fund = the sum of its shares."""
    counted = {
        row["restriction"]: (row["into"] or 0) - (row["out"] or 0)
        for row in Posting.objects.order_by()
        .values("restriction")
        .annotate(
            into=Sum("amount_fen", filter=Q(debit__startswith="1")),
            out=Sum("amount_fen", filter=Q(credit__startswith="1")),
        )
    }
    waiting = dict(
        Disbursement.objects.order_by()
        .filter(state__in=[State.RESERVED, State.SENT])
        .values("restriction")
        .annotate(total=Sum("amount_fen"))
        .values_list("restriction", "total")
    )
    sums: dict[int, list[int]] = {}
    for share in Restriction.objects.select_related("fund").order_by("pk"):
        name = f"{share.fund.name}/{share.title}"
        yield from _differs(_("余额"), name, share.balance_fen, counted.get(share.pk, 0))
        yield from _differs(_("已批未付"), name, share.reserved_fen, waiting.get(share.pk, 0))
        total = sums.setdefault(share.fund_id, [0, 0])
        total[0] += counted.get(share.pk, 0)
        total[1] += waiting.get(share.pk, 0)
    for fund in Fund.objects.order_by("pk"):
        balance, reserved = sums.get(fund.pk, [0, 0])
        yield from _differs(_("余额"), fund.name, fund.balance_fen, balance)
        yield from _differs(_("已批未付"), fund.name, fund.reserved_fen, reserved)


def _differs(what: str, name: str, kept: int, counted: int) -> Iterator[str]:
    if kept != counted:
        yield _("%(name)s的%(what)s记的是 %(kept)s 元，重算是 %(counted)s 元") % {
            "name": name, "what": what, "kept": yuan(kept), "counted": yuan(counted),
        }  # fmt: skip


def _numbers() -> Iterator[str]:
    """Vouchers of a fund and month are numbered 1 … n without a gap, and the counter stands at n."""
    counters = dict(Counter.objects.filter(series__startswith="voucher:").values_list("series", "last"))
    groups = (
        Voucher.objects.order_by("fund_id", "month")
        .values("fund", "month")
        .annotate(n=Count("pk"), first=Min("number"), last=Max("number"))
    )
    funds = {fund.pk: fund for fund in Fund.objects.all()}
    for row in groups:
        fund = funds[row["fund"]]
        last = counters.pop(series_of(fund, row["month"]), 0)
        if (row["first"], row["last"], last) != (1, row["n"], row["n"]):
            yield _("%(fund)s %(month)s 的凭证不连号：共 %(n)d 张，最大号 %(last)d，编号器 %(counter)d") % {
                "fund": fund.name, "month": row["month"], "n": row["n"], "last": row["last"], "counter": last,
            }  # fmt: skip
    for series, last in sorted(counters.items()):
        if last:
            yield _("编号器 %(series)s 已到 %(last)d，却没有凭证") % {"series": series, "last": last}


def _rows() -> Iterator[str]:
    """Every voucher has rows; every row agrees with its voucher, its share and the chart of accounts."""
    for voucher in Voucher.objects.filter(~Exists(Posting.objects.filter(voucher=OuterRef("pk")))).select_related("fund"):
        yield _("凭证 %(fund)s %(number)s 没有分录") % {"fund": voucher.fund.name, "number": voucher}
    strange = Posting.objects.exclude(voucher__fund=F("fund"), restriction__fund=F("fund"), voucher__day=F("day"), amount_fen__gt=0)
    for row in strange.select_related("voucher"):
        yield _("凭证 %(number)s 第 %(line)d 行的基金、专款、日期或金额与凭证不一致") % {"number": row.voucher, "line": row.line}
    known = set(Subject.objects.values_list("unit", "code"))
    used = Posting.objects.order_by().values_list("fund__unit", "debit", "credit").distinct()
    for unit, debit, credit in used:
        for code in (debit, credit):
            if (unit, code) not in known:
                yield _("分录用了没有的科目 %(code)s") % {"code": code}
    for voucher in Voucher.objects.only("day", "month", "number").iterator(chunk_size=5000):
        if voucher.month != f"{voucher.day:%Y-%m}":
            yield _("凭证 %(number)s 的月份与日期 %(day)s 不符") % {"number": voucher, "day": voucher.day}


def _reversals() -> Iterator[str]:
    """A red row is the exact opposite of the row it undoes."""
    wrong = Posting.objects.filter(reverses__isnull=False).exclude(
        debit=F("reverses__credit"),
        credit=F("reverses__debit"),
        amount_fen=F("reverses__amount_fen"),
        restriction=F("reverses__restriction"),
        fund=F("reverses__fund"),
    )
    for row in wrong.select_related("voucher"):
        yield _("红字凭证 %(number)s 第 %(line)d 行与被冲销的分录不对应") % {"number": row.voucher, "line": row.line}


def _restrictions() -> Iterator[str]:
    """Restricted money paid nothing else. Source: S1-10."""
    for share in Restriction.objects.select_related("fund").exclude(programmes=[], causes=[]):
        fits = Q(programme__in=share.programmes) if share.programmes else Q()
        if share.causes:
            fits &= Q(disbursement__cause__in=share.causes)
        crossed = Posting.objects.filter(restriction=share, disbursement__isnull=False).exclude(fits)
        for row in crossed.select_related("voucher"):
            yield _("专款“%(title)s”付了别的项目：凭证 %(number)s 第 %(line)d 行") % {
                "title": share.title, "number": row.voucher, "line": row.line,
            }  # fmt: skip


def _payments() -> Iterator[str]:
    """Each paid disbursement has one posting that says the same; each posting of a payment has its disbursement."""
    posted = (
        Disbursement.objects.order_by("pk")
        .annotate(
            payments=Count("postings", filter=Q(postings__reverses__isnull=True)),
            undone=Count("postings", filter=Q(postings__reverses__isnull=False)),
        )
        .values_list("pk", "state", "payee_name", "payments", "undone")
    )
    due = {State.PAID: (1, 0), State.REVERSED: (1, 1)}
    for pk, state, name, payments, undone in posted.iterator(chunk_size=5000):
        if (payments, undone) != due.get(State(state), (0, 0)):
            yield _("发放 %(pk)d（%(name)s）状态是“%(state)s”，付款分录 %(paid)d 行、冲销 %(undone)d 行") % {
                "pk": pk, "name": name, "state": State(state).label, "paid": payments, "undone": undone,
            }  # fmt: skip
    strange = Posting.objects.filter(disbursement__isnull=False).exclude(
        amount_fen=F("disbursement__amount_fen"),
        entitlement_key=F("disbursement__entitlement_key"),
        restriction=F("disbursement__restriction"),
        programme=F("disbursement__programme"),
        household_no=F("disbursement__household_no"),
    )
    for row in strange.select_related("voucher"):
        yield _("凭证 %(number)s 第 %(line)d 行与它付的发放不一致") % {"number": row.voucher, "line": row.line}
    moved = Posting.objects.filter(disbursement__isnull=False, reverses=None).exclude(day=F("disbursement__paid_day"))
    for row in moved.select_related("voucher"):
        yield _("凭证 %(number)s 第 %(line)d 行的日期与付款日不一致") % {"number": row.voucher, "line": row.line}
    spent = Q(voucher__kind=Voucher.Kind.PAYMENT)
    for row in Posting.objects.filter(spent, disbursement=None).select_related("voucher"):
        yield _("支出凭证 %(number)s 第 %(line)d 行没有对应的发放") % {"number": row.voucher, "line": row.line}


def _attempts() -> Iterator[str]:
    """What is with the bank has one open attempt, what the bank paid one good one; a batch is the sum of its lines."""
    rows = Disbursement.objects.annotate(
        pending=Count("lines", filter=Q(lines__state=BatchLine.State.PENDING)),
        good=Count("lines", filter=Q(lines__state=BatchLine.State.PAID)),
    ).order_by("pk")
    for row in rows.only("pk", "state", "method", "payee_name").iterator(chunk_size=5000):
        paid_by_bank = row.method == Disbursement.Method.BANK and row.state in (State.PAID, State.REVERSED)
        if (row.pending, row.good) != (int(row.state == State.SENT), int(paid_by_bank)):
            yield _("发放 %(pk)d（%(name)s）状态是“%(state)s”，与银行批次里的结果不符") % {
                "pk": row.pk, "name": row.payee_name, "state": row.get_state_display(),
            }  # fmt: skip
    altered = BatchLine.objects.exclude(amount_fen=F("disbursement__amount_fen"), payee_name=F("disbursement__payee_name"))
    for line in altered.select_related("batch"):
        yield _("批次 %(number)s 第 %(line)d 行的金额或户名与发放不符") % {"number": line.batch.number, "line": line.line}
    sums = {
        row["batch"]: (row["total"], row["n"])
        for row in BatchLine.objects.order_by().values("batch").annotate(total=Sum("amount_fen"), n=Count("pk"))
    }
    for batch in Batch.objects.all():
        if sums.get(batch.pk) != (batch.total_fen, batch.count):
            yield _("批次 %(number)s 的合计与各行不符") % {"number": batch.number}


def _recorded() -> Iterator[str]:
    """What is paid, or waits to be, is what the record says was set aside: sum, entitlement, the end of the card's number."""
    kinds = ("ledger.money_reserved", "ledger.payee_account_changed")
    events = Event.objects.filter(subject__startswith="ledger.disbursement:", subject__lt="ledger.disbursement;", kind__in=kinds)
    told: dict[str, dict[str, Any]] = {}
    for subject, kind, body in events.order_by("seq").values_list("subject", "kind", "body").iterator(chunk_size=2000):
        facts = json.loads(body)["facts"]
        if kind == kinds[0]:
            told[subject] = {name: facts[name] for name in ("amount_fen", "entitlement_key", "tail4") if name in facts}
        else:
            told.setdefault(subject, {})["tail4"] = facts["after"]
    columns = ("pk", "payee_name", "amount_fen", "entitlement_key", "card_tail4")
    for pk, name, *kept in Disbursement.objects.order_by("pk").values_list(*columns).iterator(chunk_size=5000):
        said = told.get(f"ledger.disbursement:{pk}", {})
        now = dict(zip(("amount_fen", "entitlement_key", "tail4"), kept, strict=True))
        if "amount_fen" not in said or any(now[key] != value for key, value in said.items()):
            yield _("发放 %(pk)d（%(name)s）的金额、待遇或账户与留痕里预留时的不一样") % {"pk": pk, "name": name}


def _receipts() -> Iterator[str]:
    """What was signed is what the books say now: the digest of each signature is recomputed."""
    signed: dict[str, list[tuple[str, str]]] = {}
    for subject, role, digest in SignOff.objects.filter(subject__startswith="ledger.disbursement:").values_list(
        "subject", "role", "document_sha256"
    ):
        signed.setdefault(subject, []).append((role, digest))
    paying = Posting.objects.filter(disbursement__isnull=False, reverses=None).select_related(
        "voucher", "fund", "disbursement__fund__unit"
    )
    for posting in paying.iterator(chunk_size=2000):
        row = posting.disbursement
        assert row is not None
        marks = signed.pop(f"ledger.disbursement:{row.pk}", [])
        if not marks and row.payee_signed_at is None and row.payer_signed_at is None:
            continue
        due = Tally(side for side in ("payee", "payer") if getattr(row, f"{side}_signed_at") is not None)
        if Tally(role for role, _digest in marks) != due:
            yield _("发放 %(pk)d（%(name)s）的签收记录与签字不符") % {"pk": row.pk, "name": row.payee_name}
        expected = digest_of(row, posting)
        if any(digest != expected for _role, digest in marks):
            yield _("发放 %(pk)d（%(name)s）签字以后回执内容被改过") % {"pk": row.pk, "name": row.payee_name}
    for subject in sorted(signed):
        yield _("签字 %(subject)s 没有对应的付款") % {"subject": subject}
