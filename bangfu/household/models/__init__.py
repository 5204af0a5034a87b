"""The tables of rosters and files, split by subject."""

from bangfu.household.imports.models import ColumnHabit, ImportBatch, ImportedRow, ImportProblem
from bangfu.household.models.bonds import Consent, Kinship, OutsideHelp
from bangfu.household.models.family import Asset, Cause, Clear, Expense, Income, Member
from bangfu.household.models.file import Household
from bangfu.household.models.history import Change, Discrepancy, GradeChange, Reveal, StateChange
from bangfu.household.models.lists import ListStyle, SavedView
from bangfu.household.models.search import FileWord, StaffWord
from bangfu.household.models.staff import Staff
from bangfu.household.models.transfer import Transfer

__all__ = [
    "Asset", "Cause", "Change", "Clear", "ColumnHabit", "Consent", "Discrepancy", "Expense", "FileWord", "GradeChange", "Household",
    "ImportBatch", "ImportProblem", "ImportedRow", "Income", "Kinship", "ListStyle", "Member", "OutsideHelp", "Reveal", "SavedView", "Staff", "StaffWord", "StateChange", "Transfer",
]  # fmt: skip
