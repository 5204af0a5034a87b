"""The tables of a case: the case and its awards and steps; what was done on it; what it stands on elsewhere."""

from bangfu.process.models.case import Award, Case, Step
from bangfu.process.models.links import CaseMotion, CaseNotice
from bangfu.process.models.work import ClosingReport, FollowUp, Paper, Refusal, Survey, Upward

__all__ = [
    "Award", "Case", "CaseMotion", "CaseNotice", "ClosingReport", "FollowUp", "Paper", "Refusal", "Step", "Survey", "Upward",
]  # fmt: skip
