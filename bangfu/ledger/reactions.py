"""What others do when money moves: wiring appends; called inside the transaction, an exception aborts it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime

from bangfu.access.models import Account, Unit
from bangfu.ledger.models import Disbursement, Hold

Reaction = Callable[[Disbursement, Account, datetime], None]

#: What stands above an origin ("process.award:7": its case) is locked before the money is: one order everywhere.
lock_above: list[Callable[[Collection[str]], None]] = []
#: Answer what a restricted share may be tied to, as (code, words): programmes of a unit's rules, causes of hardship.
programmes_of: list[Callable[[Unit], Iterable[tuple[str, str]]]] = []
causes: list[Callable[[], Iterable[tuple[str, str]]]] = []
#: Before somebody acts as payer (makes a batch for the bank, signs as payer): an exception refuses it.
before_paying: list[Callable[[list[Disbursement], Account, datetime], None]] = []
#: Each answers why the account must not lift a hold (own or kin's, an objection not answered yet), as a sentence, or "".
keeps_hold: list[Callable[[Hold, Account], str]] = []

on_paid: list[Reaction] = []  # posted, with the bank's result or the cash list
on_receipted: list[Reaction] = []  # payer and payee have both signed
on_failed: list[Reaction] = []  # the bank returned it: back to the reservation


def lock_first(origins: Collection[str]) -> None:
    for lock in lock_above:
        lock(origins)


def ask_before_paying(disbursements: list[Disbursement], by: Account, at: datetime) -> None:
    for reaction in before_paying:
        reaction(disbursements, by, at)


def call(reactions: list[Reaction], disbursements: Iterable[Disbursement], by: Account, at: datetime) -> None:
    for disbursement in disbursements:
        for reaction in reactions:
            reaction(disbursement, by, at)


def ties_of(unit: Unit) -> tuple[dict[str, str], dict[str, str]]:
    """What a restricted share of the unit's funds may be tied to: programmes and causes, code -> words."""
    return dict(row for ask in programmes_of for row in ask(unit)), dict(row for ask in causes for row in ask())
