"""The receipt: what it says, and the digest that both people sign.

Signed is the digest of the receipt's facts, not of one PDF file: it can be recomputed from the books for ever, whatever
the template or the version of the typesetter, so `verify` and `/check/<code>` show a change made after signing.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from typing import Any

from bangfu.audit.record import canonical
from bangfu.ledger.models import Disbursement, Posting

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # base 32 without I, L, O, U
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new_check_code() -> str:
    """60 random bits in three groups: 7K3M-9QPA-2XTB."""
    signs = [secrets.choice(_SIGNS) for _place in range(12)]
    return "-".join("".join(signs[start : start + 4]) for start in (0, 4, 8))


def clean_check_code(text: str) -> str:
    """What somebody typed from the paper, in the stored form; anything else comes back as it cannot match."""
    plain = text.strip().upper().translate(_READ_AS)
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))[:14]


def number_of(posting: Posting) -> str:
    """The receipt's number: fund, voucher and line ("RELIEF-2026-11-0007-1")."""
    return f"{posting.fund.code}-{posting.voucher}-{posting.line}"


def facts_of(disbursement: Disbursement, posting: Posting) -> dict[str, Any]:
    """What the receipt says, in facts that nothing renames later. Amounts in fen, day of the voucher."""
    return {
        "number": number_of(posting),
        "check_code": disbursement.check_code,
        "organisation": disbursement.fund.unit.code,
        "fund": disbursement.fund.code,
        "reference": disbursement.reference,
        "household_no": disbursement.household_no,
        "payee": disbursement.payee_name,
        "purpose": disbursement.purpose,
        "amount_fen": posting.amount_fen,
        "method": disbursement.method,
        "card_tail4": disbursement.card_tail4,
        "day": f"{posting.day:%Y-%m-%d}",
    }


def digest_of(disbursement: Disbursement, posting: Posting) -> str:
    """SHA-256 of the receipt's facts as canonical JSON: printed on the paper, signed by both, shown on the check page."""
    return hashlib.sha256(canonical(facts_of(disbursement, posting)).encode()).hexdigest()


def posting_of(disbursement: Disbursement) -> Posting | None:
    """The row that paid it (not its reversal); None before it is paid."""
    return postings_of([disbursement]).get(disbursement.pk)


def postings_of(disbursements: Iterable[Disbursement]) -> dict[int, Posting]:
    """disbursement -> the row that paid it, in one statement."""
    paid = Posting.objects.filter(disbursement__in=[row.pk for row in disbursements], reverses=None)
    rows = paid.select_related("voucher", "fund").order_by("-pk")
    return {row.disbursement_id: row for row in rows if row.disbursement_id is not None}
