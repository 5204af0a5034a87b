"""The five clears, the grade, and the states of a file."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.household import flow, grades
from bangfu.household.fields import WhyField
from bangfu.household.forms.base import SectionForm
from bangfu.household.models.words import (
    NationalClass,
    Section,
    State,
)
from bangfu.lib import codes
from bangfu.lib.days import today


class ClearForm(SectionForm):
    """The five clears; only those that were touched are checked anew."""

    title = _("五清")

    def build(self) -> None:
        known = {clear.section: clear.text for clear in self.household.clears.all()}
        for place, section in enumerate(Section, 1):
            self.fields[section] = forms.CharField(
                label=f"{place} {section.label}",
                required=False,
                widget=forms.Textarea(attrs={"rows": 2}),
                initial=known.get(section, ""),
            )
        self.fields["confirmed"] = forms.MultipleChoiceField(
            label=_("没有变化、今天又核过的"), required=False, widget=forms.CheckboxSelectMultiple,
            choices=[(section.value, section.label) for section in Section if section in known],
        )  # fmt: skip

    def initial_values(self) -> dict[str, Any]:
        return {}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        known = {clear.section: clear.text for clear in self.household.clears.all()}
        with recording():
            self._check(known, version=version, by=by, at=at)

    def _check(self, known: dict[str, str], *, version: int | None, by: Account, at: datetime) -> None:
        for section in Section:
            text = self.cleaned_data[section].strip()
            if text and (text != known.get(section) or section in self.cleaned_data["confirmed"]):
                flow.check_clear(self.household, section, text, version=version, by=by, at=at)
                version = None  # the row was locked by the first; the rest belongs to the same act


class GradeForm(SectionForm):
    title = _("困难档次")
    template = "household/grade.html"
    is_office_only = True
    grade = forms.ChoiceField(label=_("困难档次"))
    national_class = forms.ChoiceField(label=_("全国类别"), choices=NationalClass.choices)
    basis = forms.CharField(label=_("依据"), max_length=100, required=False, help_text=_("办法的哪一条，或评审会决议号"))
    why = WhyField()

    def build(self) -> None:
        known = grades.of(self.household.unit, today(self.at))
        self.fields["grade"].choices = [(grade.code, grade.title) for grade in known]  # type: ignore[attr-defined]
        if not known:
            self.fields["grade"].help_text = _g("单位还没有施行中的办法，不能定档。请先请办法管理员发布办法。")

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        return flow.set_grade(self.household, version=version, by=by, at=at, **self.cleaned_data)


class StateForm(SectionForm):
    """Review, lifted, struck off: only what may follow the present state is offered."""

    title = _("复核、脱困与注销")
    template = "household/state.html"
    to = forms.ChoiceField(
        label=_("办什么"), widget=forms.RadioSelect, error_messages={"required": _("没有选要办的事。请选一项。")}
    )
    reason = forms.ChoiceField(label=_("注销的原因"), required=False)
    note = forms.CharField(
        label=_("依据"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("脱困要写明致困原因怎样消除、近 6 个月收入多少"),
    )  # fmt: skip

    def build(self) -> None:
        may = {
            State.CLUE: [("struck", _("注销这条线索"))],
            State.FILED: [
                ("review", _("年度复核：情况核过，继续在档")),
                ("lifted", _("脱困：致困原因消除，收入连续 6 个月超过低保")),
                ("struck", _("注销")),
            ],
            State.LIFTED: [("struck", _("注销：观察期满"))],
        }
        self.fields["to"].choices = may.get(State(self.household.state), [])  # type: ignore[attr-defined]
        self.fields["reason"].choices = [("", _("请选一项")), *codes.choices("exit_reason")]  # type: ignore[attr-defined]

    def initial_values(self) -> dict[str, Any]:
        return {"reason": self.household.exit_reason}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        if data["to"] == "review":
            return flow.review(self.household, version=version, by=by, at=at)
        if data["to"] == "lifted":
            return flow.lift(self.household, why=data["note"], version=version, by=by, at=at)
        return flow.strike_off(self.household, data["reason"], why=data["note"], version=version, by=by, at=at)
