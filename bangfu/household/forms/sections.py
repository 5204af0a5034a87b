"""One form for each part of a file: what it shows first (`initial_values`) and which flow function takes it (`apply`)."""

from __future__ import annotations

from bangfu.household.forms.base import SectionForm
from bangfu.household.forms.basic import BasicForm, CauseForm
from bangfu.household.forms.bonds import ConsentForm, KinshipForm, OutsideForm
from bangfu.household.forms.life import ClearForm, GradeForm, StateForm
from bangfu.household.forms.money import AssetForm, ExpenseForm, IncomeForm
from bangfu.household.forms.people import MemberNewForm
from bangfu.household.forms.transfer import TransferForm

#: /households/<no>/edit/<slug>/ -> its form.
SECTIONS: dict[str, type[SectionForm]] = {
    "basic": BasicForm,
    "members": MemberNewForm,
    "incomes": IncomeForm,
    "expenses": ExpenseForm,
    "causes": CauseForm,
    "assets": AssetForm,
    "clears": ClearForm,
    "grade": GradeForm,
    "state": StateForm,
    "consents": ConsentForm,
    "kinship": KinshipForm,
    "outside": OutsideForm,
    "transfer": TransferForm,
}
