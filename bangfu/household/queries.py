"""Reads of rosters and files for the modules above."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household.facts import facts_of, facts_of_many, outside_payments
from bangfu.household.flow.bonds import consent_state
from bangfu.household.listing import Filters, Rows, list_rows, search, search_staff
from bangfu.household.models import Household, Staff
from bangfu.household.models.words import ConsentKind
from bangfu.household.timeline import timeline_of, who_saw

__all__ = [
    "Filters", "Payee", "Rows", "consent_state", "consents_of", "facts_of", "facts_of_many", "file_of_account", "kin_of", "list_rows",
    "outside_payments", "payee_of", "search", "search_staff", "staff_of_account", "timeline_of", "who_saw",
]  # fmt: skip


@dataclass(frozen=True)
class Payee:
    """To whom money of this household goes: the head, and her account when she allowed its use."""

    name: str
    bank_name: str
    card: str
    phone: str


def file_of_account(account: Account) -> Household | None:
    """The worker's own file: the open one, else the latest."""
    files = Household.objects.filter(staff__account=account).select_related("unit", "staff")
    return files.open().order_by("-pk").first() or files.order_by("-pk").first()


def staff_of_account(account: Account) -> Staff | None:
    """The worker's row on the roster."""
    return Staff.objects.filter(account=account).select_related("unit").first()


def payee_of(household: Household) -> Payee:
    """The head's name and account; without consent to use the account, bank and card are empty (pay in cash)."""
    allowed = consent_state(household, ConsentKind.BANK) is not False
    return Payee(
        name=household.head_name,
        bank_name=household.bank_name if allowed else "",
        card=household.card if allowed else "",
        phone=household.phone,
    )


def consents_of(household: Household) -> dict[str, bool | None]:
    """The three answers: True agreed, False refused or withdrawn, None never asked. One statement."""
    answers: dict[str, bool | None] = {str(kind): None for kind in ConsentKind.values}
    for consent in household.consents.order_by("pk"):
        answers[consent.kind] = consent.given and consent.withdrawn_at is None
    return answers


def kin_of(household: Household) -> dict[int, str]:
    """Accounts that take no part in this household's cases: {account pk: relation}; the household's own account too."""
    kin = {kinship.account_id: kinship.relation for kinship in household.kinships.all()}
    if household.staff_id and household.staff and household.staff.account_id:
        kin[household.staff.account_id] = _("本人")
    return kin
