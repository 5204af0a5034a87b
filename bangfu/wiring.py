"""The only cross-module reactions, readable as a list.

A lower module offers a named list of callables; here the upper module's reaction is appended. They run synchronously
inside the lower module's transaction; an exception aborts it.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bangfu.access.models import Unit
    from bangfu.household.grades import Grade


def connect() -> None:
    """Called once, when the apps are ready."""
    from django.utils.translation import gettext_lazy as _

    from bangfu.access import announce, kin
    from bangfu.access.roles import CASE_STAFF, Role
    from bangfu.audit.record import record_at_once
    from bangfu.disclosure import queries as notices
    from bangfu.disclosure import reactions as disclosure
    from bangfu.disclosure.lines import Category
    from bangfu.evidence import access as evidence
    from bangfu.governance import conflicts
    from bangfu.governance import reactions as governance
    from bangfu.household import grades, listing, timeline
    from bangfu.household import reactions as household
    from bangfu.ledger import queries as payments
    from bangfu.ledger import reactions as ledger
    from bangfu.lib import panels
    from bangfu.policy import reactions as rules
    from bangfu.policy.flow import before_adoption
    from bangfu.process import conflicts as case_conflicts
    from bangfu.process import household_list, household_timeline
    from bangfu.process import reactions as case
    from bangfu.process.flow.apply import FILERS
    from bangfu.reporting.simulation import reactions as simulation
    from bangfu.reporting.simulation.flow import require_simulation

    kin.sources.extend((case_conflicts.case_subjects_of_kin, case_conflicts.award_subjects_of_kin))  # kin see nothing (ADR 9)
    kin.in_the_record.append(case_conflicts.in_the_record)  # nor what happened to it
    announce.on_event.append(record_at_once)  # sign-ins and posts stand in the record
    grades.sources.append(_grades_in_force)  # a file's grade is a class of the policy in force
    conflicts.reasons.append(case_conflicts.reason_to_stay_away)  # kin, own case, an earlier duty: no vote
    governance.on_resolved.append(case.after_resolution)  # passed: awarded and set aside; returned: back
    conflicts.reasons.append(rules.reason_to_stay_away)  # who drafted rules does not vote on them
    governance.on_resolved.append(rules.after_resolution)  # passed: adopted; else back to whoever drafts
    governance.motion_context.append(rules.motion_context)  # what the draft changes, beside the ballot
    governance.motion_context.append(simulation.motion_context)  # whom it touches and what it costs
    governance.lock_above.append(rules.lock_drafts)  # the draft before its motion
    governance.motion_context.append(case.motion_context)  # papers, the rules' advice, money beside the ballot
    governance.lock_above.append(case.lock_cases)  # one order of locks: the case before its motion,
    disclosure.lock_above.append(case.lock_cases)  # before its notice,
    ledger.lock_above.append(case.lock_cases)  # before its money,
    household.before_transfer.append(case.before_transfer)  # a running case is finished where it began
    household.before_consent.append(case.before_consent)  # and before the file whose name it shows
    disclosure.on_objection.append(case.after_objection)  # the money is held
    disclosure.on_answered.append(case.after_answer)  # the hold is lifted, or the case goes back
    disclosure.takes_late.append(case.too_late)  # until the money is paid
    disclosure.kept_away.append(case.kept_away)  # own or kin's case: neither answers an objection nor reads it
    disclosure.origins.append(case.origin)  # from the notice to its case
    household.on_consent_changed.append(case.after_consent)  # a name withdrawn is gone from the notice at once
    ledger.keeps_hold.append(case.keeps_hold)  # kin, and everybody while the objection behind it is not answered
    ledger.programmes_of.append(_programmes_in_force)  # what restricted money may be tied to: programmes of the rules,
    ledger.causes.append(lambda: Category.choices)  # and causes, in the word of a notice
    ledger.before_paying.append(case.before_paying)  # who sends or signs as payer had no other duty
    ledger.on_paid.append(case.after_paid)  # who paid had no other duty; the worker hears of it
    ledger.on_receipted.append(case.after_receipted)  # both signed: the case goes on
    ledger.on_failed.append(case.after_failed)  # the bank returned it
    panels.add("household.file", "household-cases", roles=CASE_STAFF, title=_("申请与帮扶"))
    panels.add("household.actions", "household-case-new", roles=FILERS, title=_("新建申请"))
    panels.add("case.page", "case-application", roles=CASE_STAFF, title=_("本人的申请"))
    timeline.readings.append(household_timeline.readings)  # who read the papers
    timeline.sources.append(household_timeline.source)  # steps, visits and payments on the file's timeline
    listing.extras.append(household_list.columns)  # this year's help, the last visit, what is going on
    listing.search_more.append(household_list.hits)  # cases by number and name in the search
    governance.on_taken_off.append(case.after_taken_off)  # the case can be put on another session
    disclosure.on_taken_down.append(case.after_taken_down)  # the case says so
    evidence.rules.append(payments.signature_files)  # signatures on the receipts of visible payments
    before_adoption.append(require_simulation)  # who is touched and what it costs was seen, of these very bytes
    panels.add("policy.draft", "draft-simulation", roles={Role.POLICY_ADMIN, Role.OFFICE_HEAD, Role.AUDITOR}, title=_("测算"))
    panels.add("policy.adjustment", "adjustment-preview", roles={Role.POLICY_ADMIN}, title=_("先看影响"))
    evidence.rules.append(notices.cutting_files)  # cuttings of visible notices
    evidence.rules.append(case.files)  # papers of visible cases, and one's own


def _grades_in_force(unit: Unit, on: date) -> list[Grade]:
    from bangfu.household.grades import Grade
    from bangfu.policy.queries import in_force, pack_of

    version = in_force(unit, on)
    classes = pack_of(version).primary if version else None
    return [Grade(item.id, item.title, item.clause) for item in classes.classes] if classes else []


def _programmes_in_force(unit: Unit) -> list[tuple[str, str]]:
    from bangfu.lib.days import now, today
    from bangfu.process.pack import programmes_in_force

    return [(programme.id, programme.title) for programme in programmes_in_force(unit, today(now()))]
