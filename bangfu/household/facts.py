"""The household's part of the rules' facts: codes, figures and days; never a name, a number or a diagnosis.

The words are those of `bangfu policy facts` (entities household and member). What was never asked is left out: the rules
read it as unknown. A figure that is held by an open discrepancy is left out too, until a second person lets it pass.
Twelve months end on the day of the assessment. Source: practice.md 1.2, 1.3, 1.5; S1-13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import prefetch_related_objects

from bangfu.household.models import Household, Member
from bangfu.household.models.words import CAUSES, AssetKind, ConsentKind, ExpenseKind, Giver, IdentityKind, Matter, State, Tie
from bangfu.lib.days import age_on, months_before

_PARTS = ("members__incomes", "members__expenses", "expenses", "assets", "outside_helps", "discrepancies", "consents", "staff")
_EXPENSE_FACTS = {
    ExpenseKind.ILLNESS: "medical_self_paid_fen",
    ExpenseKind.DISABILITY: "disability_expense_fen",
    ExpenseKind.SCHOOLING: "schooling_expense_fen",
    ExpenseKind.HOUSING: "housing_expense_fen",
    ExpenseKind.CHILD_RAISING: "child_raising_expense_fen",
    ExpenseKind.ELDER_SUPPORT: "elder_support_expense_fen",
    ExpenseKind.WORK_COST: "work_cost_fen",
    ExpenseKind.OTHER: "other_rigid_expense_fen",
}
_HELP_FACTS = {
    Giver.INSURANCE: "insurance_paid_fen",
    Giver.MUTUAL: "mutual_aid_paid_fen",
    Giver.COMPENSATION: "compensation_fen",
    Giver.GOVERNMENT: "government_relief_fen",
}
_OTHER_AID = (Giver.GROUP, Giver.PROVINCE, Giver.CITY, Giver.NATIONAL, Giver.OTHER)
_TIES = {Tie.STAFF: "staff", Tie.FORMER: "former_staff", Tie.SURVIVOR: "survivor", Tie.MIGRANT: "migrant"}
_STATES = {State.CLUE: "clue", State.FILED: "filed", State.LIFTED: "lifted", State.STRUCK: "struck_off"}
_PLAIN = (
    "is_urban", "has_dibao", "is_zero_employment", "is_single_parent", "refuses_check", "has_hidden_income", "refuses_work",
    "has_offence", "contract_months", "is_union_member", "is_model_worker", "worker_status", "area_code", "grade",
)  # fmt: skip


def facts_of(household: Household, on: date) -> dict[str, Any]:
    """What the rules may know of one household on a day; `members` is a list of dicts, the head first."""
    return facts_of_many([household], on)[0]


def facts_of_many(households: Sequence[Household], on: date) -> list[dict[str, Any]]:
    """The same for many, in their order; the number of statements does not grow with their number."""
    prefetch_related_objects(list(households), *_PARTS)
    return [_known(_household(household, on)) for household in households]


def outside_payments(household: Household, since: date | None = None) -> list[dict[str, Any]]:
    """Help from others as the rules' payments (`paid_by` group, province, city …), latest first; own payments are ledger's."""
    return [
        {"paid_by": help.giver if help.giver != Giver.COMPENSATION else "other", "paid_fen": help.amount_fen,
         "paid_on": help.day.isoformat(), "paid_year": help.day.year}
        for help in household.outside_helps.filter(voided_at=None)
        if since is None or help.day >= since
    ]  # fmt: skip


def _household(household: Household, on: date) -> dict[str, Any]:
    members = [member for member in household.members.all() if member.left_on is None or member.left_on > on]
    facts: dict[str, Any] = {name: getattr(household, name) for name in _PLAIN}
    facts |= _money(household, members, on)
    facts |= _property(household)
    cause = CAUSES.get(household.main_cause)
    is_agency = household.tie == Tie.STAFF and household.staff is not None and household.staff.identity_kind == IdentityKind.AGENCY
    facts |= {
        "main_cause": cause.fact if cause else None,
        "worker_tie": "agency" if is_agency else _TIES[Tie(household.tie)],
        "worker_age": age_on(household.birth_date, on) if household.birth_date else None,
        "archive_state": _STATES[State(household.state)],
        "national_class": household.national_class,
        "months_filed": _months(household.opened_on, on) if household.state == State.FILED else None,
        "months_since_review": _months(household.reviewed_on, on) if household.reviewed_on else None,
        "reviewed_on": household.reviewed_on.isoformat() if household.reviewed_on else None,
    }
    if len(members) >= household.size:  # an incomplete list would look like a small household
        allowed = _health_allowed(household)
        facts["members"] = [_member(household, member, on, with_health=allowed) for member in members]
    return facts


def _health_allowed(household: Household) -> bool:
    """Refused or withdrawn: the rules no longer see anybody's health. Source: PIPL 15, 28-29 (trust.md)."""
    answers = [consent for consent in household.consents.all() if consent.kind == ConsentKind.HEALTH]
    latest = max(answers, key=lambda consent: consent.pk, default=None)
    return latest is None or (latest.given and latest.withdrawn_at is None)


def _money(household: Household, members: list[Member], on: date) -> dict[str, Any]:
    held = {row.matter for row in household.discrepancies.all() if row.is_open}
    monthly = sum(income.monthly_fen for member in members for income in member.incomes.all())
    whole = len(members) >= household.size
    annual = household.stated_annual_fen
    if annual is None and household.incomes_on is not None and whole:
        annual = 12 * monthly
    facts: dict[str, Any] = {
        "household_size": None if Matter.SIZE in held else household.size,
        "annual_income_fen": None if Matter.ANNUAL_INCOME in held else annual,
    }
    if household.expenses_on is None:
        return facts
    spent = dict.fromkeys(_EXPENSE_FACTS.values(), 0)
    for expense in household.expenses.all():
        spent[_EXPENSE_FACTS[ExpenseKind(expense.kind)]] += expense.amount_fen
    window = months_before(on, 12)
    got = dict.fromkeys([*_HELP_FACTS.values(), "other_aid_fen"], 0)
    for help in household.outside_helps.all():
        if help.voided_at is None and window < help.day <= on:
            got["other_aid_fen" if help.giver in _OTHER_AID else _HELP_FACTS[Giver(help.giver)]] += help.amount_fen
    return facts | spent | got


def _property(household: Household) -> dict[str, Any]:
    if household.assets_on is None:
        return {}
    assets = list(household.assets.all())
    kinds = [asset.kind for asset in assets]
    homes = [asset for asset in assets if asset.kind == AssetKind.HOME]
    return {
        "homes_count": len(homes),
        "home_area_m2": sum(home.area_m2 or 0 for home in homes) if all(home.area_m2 for home in homes) else None,
        "vehicles_count": kinds.count(AssetKind.VEHICLE) + kinds.count(AssetKind.BUSINESS_VEHICLE),
        "has_business_vehicle": AssetKind.BUSINESS_VEHICLE in kinds,
        "has_shop_or_plant": AssetKind.SHOP in kinds,
        "is_controlling_shareholder": AssetKind.SHARES in kinds,
        "has_costly_school_child": AssetKind.COSTLY_SCHOOL in kinds,
    }


def _member(household: Household, member: Member, on: date, *, with_health: bool) -> dict[str, Any]:
    incomes = list(member.incomes.all())
    illness = [expense.amount_fen for expense in member.expenses.all() if expense.kind == ExpenseKind.ILLNESS]
    return _known(
        {
            "relation": member.relation,
            "member_age": age_on(member.birth_date, on) if member.birth_date else None,
            "member_monthly_income_fen": sum(income.monthly_fen for income in incomes)
            if incomes or household.incomes_on is not None
            else None,
            "is_employed": member.is_employed,
            "can_work": member.can_work,
            "school_stage": member.school_stage,
            "tuition_fen": member.tuition_fen,
            "health": member.health if with_health else None,
            "disability_grade": int(member.disability_grade) if with_health and member.disability_grade.isdigit() else None,
            "member_medical_self_paid_fen": sum(illness) if illness else None,
            "has_medical_insurance": member.has_medical_insurance,
        }
    )


def _known(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Without what nobody said."""
    plain = {name: str(value) if isinstance(value, str) else value for name, value in facts.items()}  # no enum members
    return {name: value for name, value in plain.items() if value is not None and value != ""}


def _months(since: date, on: date) -> int:
    """Full months between two days."""
    months = (on.year - since.year) * 12 + on.month - since.month - (on.day < since.day)
    return max(0, months)
