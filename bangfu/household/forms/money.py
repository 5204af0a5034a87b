"""Incomes, expenses, assets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.household import flow
from bangfu.household.fields import DayField, WhyField, YuanField
from bangfu.household.forms.base import SectionForm
from bangfu.household.models.words import (
    AssetKind,
    ExpenseKind,
    IncomeKind,
)
from bangfu.household.rows import AssetRow
from bangfu.lib import codes
from bangfu.lib.days import today


class IncomeForm(SectionForm):
    """Every member's monthly income by kind, and the yearly total that was stated."""

    title = _("家庭收入")
    template = "household/incomes.html"
    stated_annual_fen = YuanField(
        label=_("填报的家庭年度总收入（元）"), required=False, help_text=_("和明细合计对不上时，先留存，由另一人写明原因后生效")
    )
    as_of = DayField(label=_("收入核到哪天"))
    why = WhyField()

    def build(self) -> None:
        self.people = list(self.household.members.filter(left_on=None).prefetch_related("incomes"))
        for member in self.people:
            known = {income.kind: income.monthly_fen for income in member.incomes.all()}
            for kind in IncomeKind:
                self.fields[f"m{member.pk}_{kind}"] = YuanField(
                    label=f"{member.name} {kind.label}", required=False, cap_fen=10_000_000, initial=known.get(kind)
                )

    def initial_values(self) -> dict[str, Any]:
        return {"stated_annual_fen": self.household.stated_annual_fen, "as_of": today(self.at)}

    def grid(self) -> list[dict[str, Any]]:
        """The table: one row a member, one cell a kind."""
        return [{"member": member, "cells": [self[f"m{member.pk}_{kind}"] for kind in IncomeKind]} for member in self.people]

    def kinds(self) -> list[Any]:
        return [kind.label for kind in IncomeKind]

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        incomes = {
            member.pk: {str(kind): data[f"m{member.pk}_{kind}"] for kind in IncomeKind if data[f"m{member.pk}_{kind}"]}
            for member in self.people
        }
        return flow.set_incomes(
            self.household, incomes, as_of=data["as_of"], stated_annual_fen=data["stated_annual_fen"], why=data["why"],
            version=version, by=by, at=at,
        )  # fmt: skip


class ExpenseForm(SectionForm):
    title = _("近 12 个月刚性支出")

    def build(self) -> None:
        known = {expense.kind: expense for expense in self.household.expenses.filter(member=None)}
        for kind in ExpenseKind:
            self.fields[kind] = YuanField(
                label=_g("%(kind)s（元）") % {"kind": kind.label},
                required=False,
                initial=known[kind].amount_fen if kind in known else None,
            )
        self.fields["as_of"] = DayField(label=_("12 个月截至哪天"), initial=today(self.at))
        self.fields["why"] = WhyField()

    def initial_values(self) -> dict[str, Any]:
        return {}

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        amounts = {str(kind): data[kind] for kind in ExpenseKind if data[kind]}
        return flow.set_expenses(self.household, amounts, as_of=data["as_of"], why=data["why"], version=version, by=by, at=at)


class AssetForm(SectionForm):
    """Six lines: an empty line is nothing; all empty says that the household owns nothing of the kind."""

    title = _("房产、车辆等财产")
    template = "household/assets.html"
    LINES = 6

    def build(self) -> None:
        known = list(self.household.assets.all())
        for place in range(max(self.LINES, len(known) + 1)):
            asset = known[place] if place < len(known) else None
            self.fields[f"kind{place}"] = forms.ChoiceField(
                label=_g("第 %(n)d 项") % {"n": place + 1}, choices=[("", _("没有")), *AssetKind.choices], required=False,
                initial=asset.kind if asset else "",
            )  # fmt: skip
            self.fields[f"house{place}"] = forms.ChoiceField(
                label=_("住房类型"), choices=[("", "—"), *codes.choices("house_type")], required=False,
                initial=asset.house_type if asset else "",
            )  # fmt: skip
            self.fields[f"area{place}"] = forms.IntegerField(
                label=_("建筑面积（平方米）"), min_value=0, max_value=9999, required=False, initial=asset.area_m2 if asset else None
            )
            self.fields[f"note{place}"] = forms.CharField(
                label=_("说明"), max_length=100, required=False, initial=asset.note if asset else ""
            )
        self.count = max(self.LINES, len(known) + 1)
        self.fields["as_of"] = DayField(label=_("财产核到哪天"), initial=today(self.at))
        self.fields["why"] = WhyField()

    def initial_values(self) -> dict[str, Any]:
        return {}

    def grid(self) -> list[dict[str, Any]]:
        return [{"cells": [self[f"{name}{place}"] for name in ("kind", "house", "area", "note")]} for place in range(self.count)]

    def apply(self, *, version: int | None, by: Account, at: datetime) -> Any:
        data = self.cleaned_data
        rows = [
            AssetRow(
                kind=data[f"kind{place}"], house_type=data[f"house{place}"], area_m2=data[f"area{place}"], note=data[f"note{place}"]
            )
            for place in range(self.count)
            if data[f"kind{place}"]
        ]
        return flow.set_assets(self.household, rows, as_of=data["as_of"], why=data["why"], version=version, by=by, at=at)
