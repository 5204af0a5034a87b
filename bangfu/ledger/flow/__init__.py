"""Everything that moves money, one function a transition. Sums in fen; days in Asia/Shanghai; `at` an aware instant."""

from bangfu.ledger.flow.funds import open_fund, open_restriction, receive
from bangfu.ledger.flow.holds import lift_hold, place_hold
from bangfu.ledger.flow.payment import confirm_lines, confirm_paid, make_batch, mark_failed, pay_cash, read_batch, read_list
from bangfu.ledger.flow.receipt import sign_list, sign_receipt
from bangfu.ledger.flow.reservation import change_payee_account, release, reserve
from bangfu.ledger.flow.reversal import reverse

__all__ = [
    "change_payee_account", "confirm_lines", "confirm_paid", "lift_hold", "make_batch", "mark_failed", "open_fund",
    "open_restriction", "pay_cash", "place_hold", "read_batch", "read_list", "receive", "release", "reserve", "reverse", "sign_list", "sign_receipt",
]  # fmt: skip
