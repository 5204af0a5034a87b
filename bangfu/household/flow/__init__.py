"""Every change of rosters and files: one function each; each checks the duty, locks, changes, and records."""

from bangfu.household.flow.bonds import (
    consent_state,
    declare_kinship,
    give_consent,
    note_outside_help,
    reveal,
    void_outside_help,
    withdraw_consent,
)
from bangfu.household.flow.correct import correct, correct_many
from bangfu.household.flow.export import export_list
from bangfu.household.flow.filing import add_clue, file_household, file_households_many
from bangfu.household.flow.parts import add_member, describe_asset, member_left, set_assets, set_causes, set_expenses, set_incomes
from bangfu.household.flow.printing import print_file
from bangfu.household.flow.roster import bind_account, enrol_staff, enrol_staff_many
from bangfu.household.flow.state import accept_discrepancy, check_clear, lift, review, set_grade, strike_off
from bangfu.household.flow.transfer import accept_transfer, ask_transfer, decline_transfer, take_back_transfer

__all__ = [
    "accept_discrepancy", "accept_transfer", "ask_transfer", "decline_transfer", "take_back_transfer", "add_clue", "add_member", "bind_account", "check_clear", "consent_state", "correct", "correct_many",
    "declare_kinship", "describe_asset", "export_list", "enrol_staff", "enrol_staff_many", "file_household", "file_households_many", "give_consent", "lift",
    "member_left", "note_outside_help", "print_file", "reveal", "review", "set_assets", "set_causes", "set_expenses", "set_grade",
    "set_incomes", "strike_off", "void_outside_help", "withdraw_consent",
]  # fmt: skip
