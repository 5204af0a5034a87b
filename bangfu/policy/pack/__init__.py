"""A policy pack, read and checked: what an organisation's rules are, as plain frozen data.

One pack = one folder (or its zip): parameters, derived figures, classes, programmes, procedure, evidence, money, the text
of the regulation, worked examples. Source: contracts.md "Rules".
"""

from __future__ import annotations

from bangfu.policy.pack.conduct import (
    NOTICE_PLACES,
    Cadence,
    Escalation,
    EvidenceItem,
    Matter,
    MatterStep,
    Procedure,
    Stage,
    Urgent,
)
from bangfu.policy.pack.giving import Amount, Cap, Means, Payer, Plan, Programme, Recurring, Rounding, Stacking
from bangfu.policy.pack.money import Donations, Fund, MoneySource, Placement, Priority, Revisions, Share, TopUp
from bangfu.policy.pack.rules import NONE, Class, ClassSet, Derived, Group, Rule, Tree, rules_of
from bangfu.policy.pack.whole import Example, Pack

__all__ = [
    "Amount",
    "Cadence",
    "Cap",
    "Class",
    "ClassSet",
    "Derived",
    "Donations",
    "Escalation",
    "EvidenceItem",
    "Matter",
    "MatterStep",
    "Means",
    "Example",
    "Fund",
    "Group",
    "MoneySource",
    "NONE",
    "NOTICE_PLACES",
    "Pack",
    "Payer",
    "Placement",
    "Plan",
    "Priority",
    "Procedure",
    "Programme",
    "Recurring",
    "Revisions",
    "Rounding",
    "Rule",
    "Share",
    "Stacking",
    "Stage",
    "TopUp",
    "Tree",
    "Urgent",
    "rules_of",
]
