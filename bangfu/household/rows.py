"""What a roster row and a file bring in, already checked: domain values only (fen, dates, words), never typed text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from bangfu.access.models import Account, Unit
from bangfu.household.models import Staff
from bangfu.household.models.words import IdentityKind, Level, NationalClass, Relation, Sex, StaffStatus, Tie


@dataclass(frozen=True, kw_only=True)
class StaffRow:
    """One worker for the roster. `identity`, `phone`, `card` normalised; birth date and sex follow from the number if empty."""

    unit: Unit
    worker_no: str
    name: str
    identity: str
    phone: str = ""
    bank_name: str = ""
    card: str = ""
    post: str = ""
    status: str = StaffStatus.ON_POST
    identity_kind: str = IdentityKind.STATE
    sex: str = ""
    birth_date: date | None = None
    joined_on: date | None = None
    account: Account | None = None


@dataclass(frozen=True, kw_only=True)
class MemberRow:
    """One person of a household. `incomes`: kind -> fen a month; None where it was not asked."""

    name: str
    relation: str = Relation.SELF
    identity: str = ""
    sex: str = ""
    birth_date: date | None = None
    health: str = ""
    diagnosis: str = ""
    disability_kind: str = ""
    disability_grade: str = ""
    is_employed: bool | None = None
    can_work: bool | None = None
    school_stage: str = ""
    tuition_fen: int | None = None
    has_medical_insurance: bool | None = None
    incomes: Mapping[str, int] | None = None


@dataclass(frozen=True, kw_only=True)
class AssetRow:
    kind: str
    house_type: str = ""
    area_m2: int | None = None
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class FileRow:
    """One household to be filed. With `staff`, name, identity, phone, bank and card come from the roster where left empty.

    `members` are the others of the household; `head` says more of the head herself. `expenses`: kind -> fen of twelve
    months; None where not asked (an empty mapping says: asked, nothing). The same holds for `assets`.
    """

    unit: Unit
    main_cause: str
    tie: str = Tie.STAFF
    survivor_of: str = ""
    staff: Staff | None = None
    head_name: str = ""
    identity: str = ""
    phone: str = ""
    bank_name: str = ""
    card: str = ""
    address: str = ""
    head: MemberRow | None = None
    members: tuple[MemberRow, ...] = ()
    expenses: Mapping[str, int] | None = None
    assets: tuple[AssetRow, ...] | None = None
    secondary_causes: tuple[str, ...] = ()
    cause_note: str = ""
    worker_status: str = ""
    contract_months: int | None = None
    is_union_member: bool | None = None
    is_model_worker: bool | None = None
    grade: str = ""
    grade_basis: str = ""
    national_class: str = NationalClass.NONE
    level: str = Level.ENTERPRISE
    area_code: str = ""
    is_urban: bool | None = None
    has_dibao: bool | None = None
    is_zero_employment: bool | None = None
    is_single_parent: bool | None = None
    stated_size: int | None = None
    stated_annual_fen: int | None = None
    opened_on: date | None = None
    facts: Mapping[str, bool | None] = field(default_factory=dict)  # refuses_check, has_hidden_income, refuses_work, has_offence


def sex_of(sex: str, implied: str) -> str:
    """What was said, else what the number says."""
    return sex or implied or Sex.UNKNOWN
