"""Tables whose rows are never changed or deleted; triggers on both databases refuse it (audit/triggers.py)."""

TABLES = [
    "audit_event",
    "evidence_signoff",
    "household_change",
    "household_statechange",
    "household_gradechange",
    "household_reveal",
    "governance_recusal",
    "governance_vote",
    "governance_resolution",
    "disclosure_noticechannel",
    "ledger_voucher",
    "ledger_posting",
    "policy_version",
    "policy_assessment",
    "policy_draftstep",
    "process_step",
    "process_casenotice",
    "process_casemotion",
    "process_followup",
    "process_closingreport",
]
