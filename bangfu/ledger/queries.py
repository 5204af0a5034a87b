"""Reads of the ledger. Sums in fen; days in Asia/Shanghai; periods [from_day, to_day)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, CharField, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Cast, Concat

from bangfu.access.kin import of_others
from bangfu.access.models import Account, Unit
from bangfu.audit.queries import timeline
from bangfu.evidence.models import SignOff
from bangfu.ledger.flow.funds import source_title
from bangfu.ledger.models import BatchLine, Disbursement, Fund, Hold, Posting, Voucher
from bangfu.ledger.receipt import clean_check_code, digest_of, number_of, posting_of
from bangfu.lib.masking import mask_name

State = Disbursement.State
INTO, OUT = Q(debit__startswith="1"), Q(credit__startswith="1")


def available(fund: Fund) -> int:
    """可用 = 余额 - 已批未付, in fen, as it is in the database now. Source: S0-11."""
    return Fund.objects.get(pk=fund.pk).available_fen


def payments_of(household_no: str) -> list[dict[str, Any]]:
    """What a household was paid: programme, amount_fen, day; oldest first, reversed ones left out."""
    return payments_of_many([household_no])[household_no]


def payments_of_many(household_nos: Collection[str]) -> dict[str, list[dict[str, Any]]]:
    """The payments of many households in one query; every number asked for is a key."""
    found: dict[str, list[dict[str, Any]]] = {number: [] for number in household_nos}
    rows = Disbursement.objects.filter(household_no__in=list(found), state=State.PAID).order_by("paid_day", "pk")
    for number, *values in rows.values_list("household_no", "programme", "amount_fen", "paid_day", "cause", "reference"):
        found[number].append(dict(zip(("programme", "amount_fen", "day", "cause", "reference"), values, strict=True)))
    return found


@dataclass(frozen=True)
class Total:
    """One programme in a period: how many payments (人次) and how much."""

    programme: str
    purpose: str
    person_times: int
    amount_fen: int


def totals(funds: Iterable[Fund], from_day: date, to_day: date) -> list[Total]:
    """人次 and sums by programme of what was paid from these funds in [from_day, to_day); reversed ones left out."""
    rows = (
        Disbursement.objects.filter(fund__in=list(funds), state=State.PAID, paid_day__gte=from_day, paid_day__lt=to_day)
        .order_by("programme", "purpose")
        .values("programme", "purpose")
        .annotate(n=Count("pk"), fen=Sum("amount_fen"))
    )
    return [Total(row["programme"], row["purpose"], row["n"], row["fen"]) for row in rows]


@dataclass(frozen=True)
class Entry:
    """One voucher in a statement with the balance after it."""

    voucher: Voucher
    in_fen: int
    out_fen: int
    balance_fen: int


@dataclass(frozen=True)
class Statement:
    """A fund over a period: opening + income - spending = closing. Corrections count in the period they were made in."""

    opening_fen: int
    income: list[tuple[str, int]]  # words of the source, fen
    spending: list[Total]
    closing_fen: int
    entries: list[Entry]

    @property
    def income_fen(self) -> int:
        return sum(fen for _source, fen in self.income)

    @property
    def spending_fen(self) -> int:
        return sum(total.amount_fen for total in self.spending)

    @property
    def person_times(self) -> int:
        return sum(total.person_times for total in self.spending)


def statement(fund: Fund, from_day: date, to_day: date) -> Statement:
    """The account of a fund for [from_day, to_day). Four queries. Source: S1-11."""
    rows = Posting.objects.filter(fund=fund).order_by()
    opening = _money(rows.filter(day__lt=from_day))
    period = rows.filter(day__gte=from_day, day__lt=to_day)
    sign = Case(When(INTO, then=F("amount_fen")), default=-F("amount_fen"))
    income = period.exclude(source="").values("source").annotate(fen=Sum(sign)).order_by("source")
    spending = (
        period.filter(disbursement__isnull=False)
        .values("programme", "disbursement__purpose")
        .annotate(n=Count("pk", filter=OUT), undone=Count("pk", filter=INTO), fen=Sum(sign))
        .order_by("programme", "disbursement__purpose")
    )
    vouchers = (
        Voucher.objects.filter(fund=fund, day__gte=from_day, day__lt=to_day)
        .annotate(
            into=Sum("postings__amount_fen", filter=Q(postings__debit__startswith="1")),
            out=Sum("postings__amount_fen", filter=Q(postings__credit__startswith="1")),
        )
        .order_by("day", "pk")
    )
    entries, balance = [], opening
    for voucher in vouchers:
        balance += (voucher.into or 0) - (voucher.out or 0)
        entries.append(Entry(voucher, voucher.into or 0, voucher.out or 0, balance))
    return Statement(
        opening_fen=opening,
        income=[(source_title(row["source"]), row["fen"]) for row in income],
        spending=[Total(row["programme"], row["disbursement__purpose"], row["n"] - row["undone"], -row["fen"]) for row in spending],
        closing_fen=balance,
        entries=entries,
    )


def _money(rows: QuerySet[Posting]) -> int:
    sums = rows.aggregate(into=Sum("amount_fen", filter=INTO), out=Sum("amount_fen", filter=OUT))
    return (sums["into"] or 0) - (sums["out"] or 0)


def with_state(rows: QuerySet[Disbursement]) -> QuerySet[Disbursement]:
    """Adds what templates/ledger/_state.html shows: `hold` (reason of an open hold), `failure` (why the bank returned it last)."""
    holds = Hold.objects.open().filter(origin=OuterRef("origin")).order_by("pk")
    failures = BatchLine.objects.filter(disbursement=OuterRef("pk"), state=BatchLine.State.FAILED).order_by("-pk")
    return rows.annotate(hold=Subquery(holds.values("reason")[:1]), failure=Subquery(failures.values("reason")[:1]))


def to_pay(account: Account) -> QuerySet[Disbursement]:
    """What the account's organisation has approved and not sent or paid, with `hold` and `failure` (see `with_state`)."""
    rows = Disbursement.objects.visible_to(account).filter(state=State.RESERVED)
    return with_state(rows).select_related("fund", "unit", "restriction")


def to_confirm(account: Account) -> QuerySet[BatchLine]:
    """Lines whose result the bank has not told yet."""
    rows = BatchLine.objects.visible_to(account).filter(state=BatchLine.State.PENDING)
    return rows.select_related("batch__fund", "disbursement")


def to_sign(account: Account) -> QuerySet[Disbursement]:
    """Paid, and a signature is missing."""
    rows = Disbursement.objects.visible_to(account).filter(state=State.PAID, receipted_at=None)
    return rows.select_related("fund", "unit")


def lines_of_others(voucher: Voucher, account: Account) -> set[int]:
    """Keys of the voucher's postings that are no payment to the account itself or to its kin (ADR 9)."""
    rows = Posting.objects.filter(of_others(account, "disbursement__origin"), voucher=voucher)
    return set(rows.values_list("pk", flat=True))


def holds_of(origin: str) -> QuerySet[Hold]:
    """All holds of an origin, the open ones first."""
    return (
        Hold.objects.filter(origin=origin)
        .select_related("placed_by", "lifted_by")
        .order_by(F("lifted_at").asc(nulls_first=True), "-pk")
    )


def signature_files(account: Account) -> QuerySet[Any]:
    """Primary keys of the files that hold signatures on receipts which the account may see (for evidence.access.rules)."""
    subjects = (
        Disbursement.objects.visible_to(account)
        .annotate(subject=Concat(Value("ledger.disbursement:"), Cast("pk", CharField()), output_field=CharField()))
        .order_by()
        .values("subject")
    )
    return SignOff.objects.filter(subject__in=subjects, image__isnull=False).values("image")


@dataclass(frozen=True)
class Receipt:
    """What `/check/<code>/` shows to anybody who holds the paper: no full name, no card."""

    number: str
    check_code: str
    organisation: Unit
    fund: str
    payee: str  # masked
    purpose: str
    amount_fen: int
    day: date
    method: str
    digest: str
    is_unaltered: bool  # what was signed is what the books say now
    is_receipted: bool
    is_reversed: bool
    event_seq: int | None  # the last event of this payment in the record


def receipt_of(code: str) -> Receipt | None:
    """The receipt behind the code printed on a paper (typed in any spelling); None: no such receipt was paid."""
    row = (
        Disbursement.objects.filter(check_code=clean_check_code(code), state__in=[State.PAID, State.REVERSED])
        .select_related("fund__unit")
        .first()
    )
    posting = posting_of(row) if row else None
    if row is None or posting is None:
        return None
    digest = digest_of(row, posting)
    signed = SignOff.objects.filter(subject=f"ledger.disbursement:{row.pk}").values_list("document_sha256", flat=True)
    events = timeline(row, limit=1)
    return Receipt(
        number=number_of(posting),
        check_code=row.check_code,
        organisation=row.fund.unit,
        fund=row.fund.name,
        payee=mask_name(row.payee_name),
        purpose=row.purpose,
        amount_fen=row.amount_fen,
        day=posting.day,
        method=row.get_method_display(),
        digest=digest,
        is_unaltered=all(mark == digest for mark in signed),
        is_receipted=row.receipted_at is not None,
        is_reversed=row.state == State.REVERSED,
        event_seq=events[0].seq if events else None,
    )


def usable_fen(fund: Fund, programme: str, cause: str) -> int:
    """What is available for one payment of this programme and cause: the most that one share that may pay it holds."""
    return max((share.available_fen for share in fund.restrictions.all() if share.may_pay(programme, cause)), default=0)


def signed_by_list(voucher: Voucher) -> QuerySet[Disbursement]:
    """The sums of a payment voucher that are paid still: what its signing list is about."""
    return Disbursement.objects.filter(
        state=Disbursement.State.PAID, postings__voucher=voucher, postings__reversed_by=None
    ).distinct()
