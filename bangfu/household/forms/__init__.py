"""Forms of rosters and files; `clean_x` answers domain values. Each knows how to hand its values to the flow (`apply`)."""

from bangfu.household.forms.filing import ClueForm, FileForm
from bangfu.household.forms.roster import StaffCorrection, StaffForm
from bangfu.household.forms.sections import SECTIONS

__all__ = ["SECTIONS", "ClueForm", "FileForm", "StaffCorrection", "StaffForm"]
