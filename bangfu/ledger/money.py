"""The only code that changes a balance: under lock, in fen, and never below zero."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter
from bangfu.ledger.models import Fund, Posting, Restriction, Voucher
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan


class Money:
    """One fund and some of its restricted shares, locked until the transaction ends.

    Locks are taken in one order everywhere: what stands above (reactions.lock_above: cases by key), disbursements by key,
    fund, restrictions by key, counter, head of the record.
    """

    def __init__(self, fund: Fund, restrictions: dict[int, Restriction]) -> None:
        self.fund = fund
        self.restrictions = restrictions

    @classmethod
    def lock(cls, fund_id: int, restriction_ids: Iterable[int]) -> Money:
        fund = Fund.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=fund_id)
        rows = Restriction.objects.select_for_update(no_key=True).filter(pk__in=set(restriction_ids), fund=fund).order_by("pk")
        return cls(fund, {row.pk: row for row in rows})

    def share_for(self, programme: str, cause: str, amount_fen: int) -> Restriction:
        """The share that pays this: restricted money that fits and suffices first (the eldest), else the free share."""
        shares = sorted(self.restrictions.values(), key=lambda share: share.pk)
        fitting = [share for share in shares if share.code and share.may_pay(programme, cause)]
        free = next(share for share in shares if not share.code)
        return next((share for share in fitting if share.available_fen >= amount_fen), free)

    def require_fit(self, restriction_id: int, programme: str, cause: str, purpose: str) -> None:
        """Restricted money pays nothing else. Raises Refused."""
        share = self.restrictions.get(restriction_id)
        if share is None:
            raise Refused(_("选的专款不属于%(fund)s。重新选择。") % {"fund": self.fund.name})
        if not share.may_pay(programme, cause):
            raise Refused(_("“%(title)s”是专款，不能付“%(purpose)s”。请换一项资金。") % {"title": share.title, "purpose": purpose})

    def move(self, restriction_id: int, *, balance_fen: int = 0, reserved_fen: int = 0) -> None:
        """Change the share and its fund by the same sums. Raises Refused, with what is available, when it would not suffice."""
        restriction = self.restrictions[restriction_id]
        if restriction.available_fen + balance_fen - reserved_fen < 0:
            raise Refused(
                _(
                    "%(fund)s（%(title)s）可用只有 %(available)s 元，这一笔要 %(needed)s 元，差 %(short)s 元。先补充资金，或减少金额。"
                )
                % {
                    "fund": self.fund.name,
                    "title": restriction.title,
                    "available": yuan(restriction.available_fen),
                    "needed": yuan(reserved_fen - balance_fen),
                    "short": yuan(reserved_fen - balance_fen - restriction.available_fen),
                }
            )
        for row in (restriction, self.fund):
            row.balance_fen += balance_fen
            row.reserved_fen += reserved_fen

    def save(self) -> None:
        for row in (self.fund, *self.restrictions.values()):
            row.save(update_fields=["balance_fen", "reserved_fen"])

    def post(
        self,
        rows: Sequence[Posting],
        *,
        kind: str,
        day: date,
        summary: str,
        form_key: str,
        by: Account,
        at: datetime,
    ) -> Voucher:
        """Write one voucher with these postings under the next number of the month. The fund is locked: no gap, no double."""
        month = f"{day:%Y-%m}"
        number = Counter.next(series_of(self.fund, month))
        voucher = Voucher.objects.create(
            fund=self.fund, month=month, number=number, kind=kind, day=day, summary=summary[:200], form_key=form_key,
            made_by=by, made_at=at,
        )  # fmt: skip
        for line, row in enumerate(rows, 1):
            row.voucher, row.line, row.day, row.fund = voucher, line, day, self.fund
        Posting.objects.bulk_create(rows, batch_size=500)
        return voucher


def series_of(fund: Fund, month: str) -> str:
    """The counter's name of a fund's vouchers of one month."""
    return f"voucher:{fund.pk}:{month}"
