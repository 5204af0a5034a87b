"""What the rules say of a case today, what they still do not know, and where that is filled in.

Until the judgement (评审) the advice is today's; from then on it is what was stored with the judgement.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from django.urls import reverse

from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.explain import Explanation, explain, explain_outcome
from bangfu.policy.outcome import ELIGIBLE, Outcome
from bangfu.policy.pack import Pack
from bangfu.process import pack
from bangfu.process.flow.apply import FILERS
from bangfu.process.messages import survey_url
from bangfu.process.models import Award, Case

#: Kinds of stages up to the judgement: the file may still change under the case.
BEFORE_THE_JUDGEMENT = ("apply", "investigate", "check")
#: What the survey asks because nobody else can tell.
ASKED_BY_THE_SURVEY = ("refuses_check", "has_hidden_income", "is_aided_elsewhere", "loss_fen", "asked_fen")
#: Part of the household's file (household.forms.SECTIONS) -> the facts that are filled in there.
SECTIONS: Mapping[str, tuple[str, ...]] = {
    "basic": (
        "household_size", "worker_tie", "worker_status", "contract_months", "is_union_member", "is_model_worker", "is_urban",
        "has_dibao", "is_zero_employment", "is_single_parent", "refuses_check", "has_hidden_income", "refuses_work", "has_offence",
    ),
    "members": (
        "members", "relation", "member_age", "is_employed", "can_work", "school_stage", "tuition_fen", "health",
        "disability_grade", "has_medical_insurance",
    ),
    "incomes": ("annual_income_fen", "member_monthly_income_fen"),
    "expenses": (
        "medical_self_paid_fen", "disability_expense_fen", "schooling_expense_fen", "housing_expense_fen",
        "child_raising_expense_fen", "elder_support_expense_fen", "work_cost_fen", "other_rigid_expense_fen",
        "member_medical_self_paid_fen", "insurance_paid_fen", "mutual_aid_paid_fen", "compensation_fen",
        "government_relief_fen", "other_aid_fen",
    ),
    "causes": ("main_cause",),
    "assets": (
        "homes_count", "home_area_m2", "vehicles_count", "has_business_vehicle", "has_shop_or_plant",
        "is_controlling_shareholder", "has_costly_school_child",
    ),
    "grade": ("grade", "national_class"),
    "state": ("archive_state", "months_filed", "months_since_review"),
}  # fmt: skip
_SECTION_OF = {name: section for section, names in SECTIONS.items() for name in names}


def outcome_today(case: Case, facts: Mapping[str, Any], on: date) -> Outcome | None:
    """The rules' answer to these facts, without the sum that people proposed; None where the rules cannot be asked."""
    asked = {name: value for name, value in facts.items() if name != "proposed_fen"}
    try:
        return evaluate(pack.pack(case), asked, on)
    except Refused:
        return None


def sum_today(case: Case, facts: Mapping[str, Any], on: date) -> int | None:
    """The sum in fen that the rules suggest today; None while they suggest none."""
    outcome = outcome_today(case, facts, on)
    proposal = outcome.programme(case.programme) if outcome else None
    return proposal.amount_fen if proposal is not None and proposal.outcome == ELIGIBLE else None


def explanation_of(
    case: Case, awards: Sequence[Award], facts: Mapping[str, Any], on: date, account: Account | None = None
) -> Explanation | None:
    """The advice in words; for whoever keeps the file, each missing fact links to where it is filled in."""
    award = awards[0] if awards else None
    where = _where(case) if account is not None and case.is_open and has_role(account, FILERS, case.unit) else None
    is_judged = not case.is_open or case.stage_kind not in BEFORE_THE_JUDGEMENT
    if is_judged and award is not None and award.assessment is not None:
        return replace(explain(award.assessment, case.programme), where=where)
    outcome = outcome_today(case, facts, on)
    if outcome is None:
        return None
    found = explain_outcome(outcome, pack.pack(case), case.programme, text_url=case.policy_version.text_url)
    return replace(found, where=where)


def reads(case: Case, on: date) -> frozenset[str]:
    """The facts that the case's rules read: for their classes, and for the sum of the case's programme."""
    return _reads(pack.pack(case), case.programme, on)


@lru_cache(maxsize=64)
def _reads(rules: Pack, programme: str, on: date) -> frozenset[str]:
    """Of a household of which nothing is known, everything that is read is missing."""
    missing = {*evaluate(rules, {}, on).missing, *evaluate(rules, {"programme": programme}, on).missing}
    return frozenset(path.rpartition(".")[2] for path in missing)


def _where(case: Case) -> Callable[[str], str]:
    """From a missing fact to the address where it is filled in; "" where no page takes it."""

    def address(path: str) -> str:
        name = path.rpartition(".")[2]
        if name in ASKED_BY_THE_SURVEY and case.is_at("investigate"):
            return survey_url(case)
        if name == "is_aided_elsewhere" and case.is_at("check"):
            return f"{reverse('case', args=[case.number])}#act-check"
        section = _SECTION_OF.get(name)
        if section is None or case.household is None:
            return ""
        return reverse("household-section", args=[case.household.number, section])

    return address
