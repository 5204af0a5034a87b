"""The tables of the ledger, by subject: the books, and what is paid from them."""

from bangfu.ledger.models.books import Fund, Posting, Restriction, Subject, Voucher
from bangfu.ledger.models.payments import Batch, BatchLine, Disbursement, Hold

__all__ = ["Batch", "BatchLine", "Disbursement", "Fund", "Hold", "Posting", "Restriction", "Subject", "Voucher"]
