"""What is known of a worker before she is asked anything: roster, file, the rules in force. So that she types less."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from bangfu.access.models import Account, Post, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import posts_of
from bangfu.household.models import Household, Staff
from bangfu.household.queries import file_of_account, staff_of_account
from bangfu.lib.days import today
from bangfu.lib.masking import mask_phone
from bangfu.policy.models import Version
from bangfu.policy.pack import Pack, Stage
from bangfu.policy.queries import in_force, pack_of


@dataclass(frozen=True)
class Situation:
    """One worker on one day. `household`, `staff` and the rules may be missing."""

    account: Account
    unit: Unit
    on: date
    staff: Staff | None
    household: Household | None
    version: Version | None

    @property
    def pack(self) -> Pack | None:
        return pack_of(self.version) if self.version else None

    @property
    def name(self) -> str:
        return self.household.head_name if self.household else self.staff.name if self.staff else self.account.name

    @property
    def phone(self) -> str:
        file = self.household.phone if self.household else ""
        return file or (self.staff.phone if self.staff else "") or self.account.phone

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""

    @property
    def bank_name(self) -> str:
        return (self.household.bank_name if self.household else "") or (self.staff.bank_name if self.staff else "")

    @property
    def card(self) -> str:
        return (self.household.card if self.household else "") or (self.staff.card if self.staff else "")

    @property
    def card_tail(self) -> str:
        return self.card[-4:]

    def stages(self, procedure_id: str) -> tuple[Stage, ...]:
        found = self.pack.procedure(procedure_id) if self.pack else None
        return found.stages if found else ()


def situation_of(account: Account, at: datetime) -> Situation:
    """Everything the questions are filled in with, as it is at this moment."""
    staff, household = staff_of_account(account), file_of_account(account)
    unit = household.unit if household else staff.unit if staff else _unit_of(account)
    day = today(at)
    return Situation(account, unit, day, staff, household, in_force(unit, day))


def _unit_of(account: Account) -> Unit:
    posts = posts_of(account)
    return next((post.unit for post in posts if post.role == Role.WORKER), posts[0].unit)


def family_of(household: Household | None, name: str) -> list[dict[str, Any]]:
    """The people of the file as answers: {"member", "relation", "name", "income_fen"}; without a file, herself.

    `income_fen` a month; None where nobody asked yet.
    """
    if household is None:
        return [{"member": None, "relation": "self", "name": name, "income_fen": None}]
    asked = household.incomes_on is not None
    people = household.members.filter(left_on=None).prefetch_related("incomes").order_by("pk")
    rows = [
        {
            "member": person.pk,
            "relation": person.relation,
            "name": person.name,
            "income_fen": sum(income.monthly_fen for income in person.incomes.all()) if asked else None,
        }
        for person in people
    ]
    return sorted(rows, key=lambda row: row["relation"] != "self")


def costs_of(household: Household | None) -> dict[str, int]:
    """What the file says was spent in twelve months, for the three questions of the page."""
    if household is None or household.expenses_on is None:
        return {}
    sums = dict.fromkeys(("illness", "schooling"), 0)
    for kind, fen in household.expenses.values_list("kind", "amount_fen"):
        if kind in sums:
            sums[kind] += fen
    return {kind: fen for kind, fen in sums.items() if fen}


def people_with(unit: Unit, roles: frozenset[Role] | set[Role], on: date) -> int:
    """How many people hold one of these roles at the unit or above it: who may see something, said as a number."""
    above = [int(part) for part in unit.path.split("/") if part]
    posts = Post.objects.held_on(on).filter(unit__in=above, role__in=roles, account__is_active=True)
    return posts.values("account").distinct().count()
