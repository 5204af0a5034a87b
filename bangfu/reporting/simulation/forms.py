"""The form of a new simulation."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import posts_of, within
from bangfu.lib.days import now, parse_day, today
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import in_force
from bangfu.reporting.simulation.models import ORDERERS, Scenario


def units_for(account: Account) -> list[Unit]:
    """Where the account may order a simulation, the highest first: case staff below too, others their own unit only."""
    reads = within(Unit.objects.all(), account, unit_path="path", roles=ORDERERS - {Role.POLICY_ADMIN})
    own = [post.unit_id for post in posts_of(account) if post.role == Role.POLICY_ADMIN]
    return list((reads | Unit.objects.filter(pk__in=own)).order_by("path"))


class ScenarioForm(forms.Form):
    """测算: which rules beside which, over which unit, as of which day."""

    unit = forms.ChoiceField(label=gettext_lazy("范围"))
    a = forms.ChoiceField(label=gettext_lazy("现在的办法（甲）"))
    b = forms.ChoiceField(label=gettext_lazy("和哪套比（乙）"))
    c = forms.ChoiceField(label=gettext_lazy("再加一套（丙）"), required=False)
    on = forms.CharField(label=gettext_lazy("按哪一天"), max_length=20)
    asking = forms.ChoiceField(label=gettext_lazy("金额"), choices=Scenario.Asking.choices, initial="most")
    includes_past = forms.BooleanField(label=gettext_lazy("连已脱困、已注销的档案一起算"), required=False)
    title = forms.CharField(label=gettext_lazy("方案名称"), max_length=100, required=False)

    def __init__(self, account: Account, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.units = {str(unit.pk): unit for unit in units_for(account)}
        self.rules: dict[str, Version | Draft] = {}
        organisations = {unit.organisation_id for unit in self.units.values()}
        drafts = Draft.objects.visible_to(account).light().filter(organisation__in=organisations)
        for draft in drafts.filter(state__in=[Draft.State.DRAFT, Draft.State.SUBMITTED]):
            self.rules[f"draft-{draft.pk}"] = draft
        versions = Version.objects.visible_to(account).light().filter(organisation__in=organisations)
        for version in versions.order_by("-valid_from", "-pk"):
            self.rules[f"version-{version.pk}"] = version
        rules = [(key, str(one)) for key, one in self.rules.items()]
        choose = self.fields
        choose["unit"].choices = [(key, unit.name) for key, unit in self.units.items()]  # type: ignore[attr-defined]
        choose["a"].choices = [row for row in rules if row[0].startswith("version-")]  # type: ignore[attr-defined]
        choose["b"].choices = rules  # type: ignore[attr-defined]
        choose["c"].choices = [("", _("不加")), *rules]  # type: ignore[attr-defined]
        first = next(iter(self.units.values()), None)
        held = in_force(first, today(now())) if first else None
        choose["a"].initial = f"version-{held.pk}" if held else None
        choose["on"].initial = today(now()).isoformat()

    def clean_on(self) -> date:
        try:
            return parse_day(self.cleaned_data["on"])
        except ValueError as wrong:
            raise ValidationError(_("要写日期，例如 2027-01-01。")) from wrong

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        chosen = [data.get(name) for name in ("a", "b", "c") if data.get(name)]
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("同一套办法选了两次，没有可比的。请换一套。"))
        return data

    def sides(self) -> list[Version | Draft]:
        return [self.rules[self.cleaned_data[name]] for name in ("a", "b", "c") if self.cleaned_data.get(name)]

    def chosen_unit(self) -> Unit:
        return self.units[self.cleaned_data["unit"]]
