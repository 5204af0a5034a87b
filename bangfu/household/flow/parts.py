"""The parts of a file that are rows: members, incomes, expenses, causes, assets. Each change asks why and keeps the old."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.household.flow.building import new_member
from bangfu.household.flow.common import require_why
from bangfu.household.flow.correct import apply, finish, keep, opened, refuse_same_person
from bangfu.household.models import Asset, Cause, Change, Expense, Household, Income, Member
from bangfu.household.models.words import CAUSES, AssetKind, ExpenseKind, IncomeKind, Relation
from bangfu.household.rows import AssetRow, MemberRow
from bangfu.lib import codes
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan


@recording
def add_member(
    household: Household, row: MemberRow, *, why: str, version: int | None = None, by: Account | None, at: datetime
) -> Member:
    """A person joins the household (born, married in, forgotten at filing). Raises Refused: no second 本人; already listed."""
    household, why = opened(household, version=version, by=by), require_why(why)
    if row.relation == Relation.SELF:
        raise Refused(_("户主已经在家庭成员里。其他人请选与户主的关系。"))
    member = new_member(household, row)
    refuse_same_person(household, member)
    member.save()
    Income.objects.bulk_create(Income(member=member, kind=kind, monthly_fen=fen) for kind, fen in (row.incomes or {}).items())
    changes = [keep(household, member, "name", "", member.name, why=why, by=by, at=at, label=_("增加家庭成员"))]
    finish(household, changes, by=by, at=at, kind="household.member_added")
    return member


@recording
def member_left(member: Member, *, day: date, why: str, version: int | None = None, by: Account | None, at: datetime) -> Member:
    """A person leaves the household (died, married out): kept in the file, no longer counted. The head never leaves this way."""
    household, why = opened(member.household, version=version, by=by), require_why(why)
    member = household.members.get(pk=member.pk)
    if member.relation == Relation.SELF:
        raise Refused(_("户主不能离户。户主去世或换人，请注销这份档案，再为新户主建档。"))
    if day > today(at):
        raise Refused(_("离户日期 %(day)s 还没有到。请改成今天或更早。") % {"day": day})
    member.left_on = day
    member.save(update_fields=["left_on"])
    changes = [keep(household, member, "left_on", "", day.isoformat(), why=why, by=by, at=at, label=_("离户日期"))]
    finish(household, changes, by=by, at=at, kind="household.member_left")
    return member


@recording
def set_incomes(
    household: Household, incomes: Mapping[int, Mapping[str, int]], *, as_of: date, stated_annual_fen: int | None = None,
    why: str, version: int | None = None, by: Account | None, at: datetime,
) -> list[Change]:  # fmt: skip
    """Write what each member earns a month: {member pk: {kind: fen}}; kinds left out are nothing. `as_of`: asked up to this day.

    A stated yearly total unlike 12 x the sum is held until a second person writes why. Source: S1-13, practice.md 1.5.
    """
    household, why = opened(household, version=version, by=by), require_why(why)
    _refuse_future(as_of, at)
    changes: list[Change] = []
    for member in household.members.filter(pk__in=incomes).prefetch_related("incomes"):
        old = {income.kind: income for income in member.incomes.all()}
        for kind in IncomeKind.values:
            fen, was = incomes[member.pk].get(kind, 0), old[kind].monthly_fen if kind in old else 0
            if fen == was:
                continue
            Income.objects.update_or_create(member=member, kind=kind, defaults={"monthly_fen": fen})
            changes.append(
                keep(
                    household,
                    member,
                    f"income.{kind}",
                    yuan(was),
                    yuan(fen),
                    why=why,
                    by=by,
                    at=at,
                    label=str(IncomeKind(kind).label),
                )
            )
    changes += apply(household, household, {"stated_annual_fen": stated_annual_fen}, why=why, by=by, at=at)
    household.incomes_on = as_of
    household.save(update_fields=["incomes_on"])
    finish(household, changes, by=by, at=at)
    return changes


@recording
def set_expenses(
    household: Household, amounts: Mapping[str, int], *, as_of: date, notes: Mapping[str, str] | None = None,
    why: str, version: int | None = None, by: Account | None, at: datetime,
) -> list[Change]:  # fmt: skip
    """Write the rigid expenses of the twelve months up to `as_of`: {kind: fen}; kinds left out are nothing."""
    household, why = opened(household, version=version, by=by), require_why(why)
    _refuse_future(as_of, at)
    old = {expense.kind: expense for expense in household.expenses.filter(member=None)}
    changes = []
    for kind in ExpenseKind.values:
        was, fen = (old[kind].amount_fen if kind in old else 0), amounts.get(kind, 0)
        note = (notes or {}).get(kind, old[kind].note if kind in old else "")
        if kind in old and (fen != was or note != old[kind].note):
            old[kind].amount_fen, old[kind].note = fen, note
            old[kind].save(update_fields=["amount_fen", "note"])
        elif kind not in old and fen:
            Expense.objects.create(household=household, kind=kind, amount_fen=fen, note=note)
        if fen != was:
            changes.append(
                keep(
                    household,
                    household,
                    f"expense.{kind}",
                    yuan(was),
                    yuan(fen),
                    why=why,
                    by=by,
                    at=at,
                    label=str(ExpenseKind(kind).label),
                )
            )
    household.expenses_on = as_of
    household.save(update_fields=["expenses_on"])
    finish(household, changes, by=by, at=at)
    return changes


@recording
def set_causes(
    household: Household, *, main: str, secondary: Sequence[str], note: str = "", why: str, version: int | None = None,
    by: Account | None, at: datetime,
) -> list[Change]:  # fmt: skip
    """One main cause, at most three others. Raises Refused on more, on doubles, on an unknown one. Source: practice.md 1.5."""
    household, why = opened(household, version=version, by=by), require_why(why)
    if main not in CAUSES or any(code not in CAUSES for code in secondary):
        raise Refused(_("没有选主要致困原因。请从列表里选一项。"))
    if len(secondary) > 3:
        raise Refused(_("次要致困原因最多三项，现在选了 %(n)d 项。请留下最要紧的三项。") % {"n": len(secondary)})
    if len({main, *secondary}) != 1 + len(secondary):
        raise Refused(_("主要原因不能同时又是次要原因。每项原因只选一次。"))
    changes = apply(household, household, {"main_cause": main, "cause_note": note}, why=why, by=by, at=at)
    was = [cause.code for cause in household.causes.all()]
    if was != list(secondary):
        household.causes.all().delete()
        Cause.objects.bulk_create(Cause(household=household, position=place, code=code) for place, code in enumerate(secondary, 1))
        old, new = ("、".join(str(CAUSES[code].title) for code in listed) for listed in (was, secondary))
        changes.append(keep(household, household, "secondary_causes", old, new, why=why, by=by, at=at, label=_("次要致困原因")))
    finish(household, changes, by=by, at=at)
    return changes


@recording
def set_assets(
    household: Household,
    rows: Sequence[AssetRow],
    *,
    as_of: date,
    why: str,
    version: int | None = None,
    by: Account | None,
    at: datetime,
) -> list[Change]:
    """Write what the household owns, as asked up to `as_of`; an empty list says: asked, nothing."""
    household, why = opened(household, version=version, by=by), require_why(why)
    _refuse_future(as_of, at)
    old = "；".join(sorted(describe_asset(asset) for asset in household.assets.all()))
    household.assets.all().delete()
    made = Asset.objects.bulk_create(
        Asset(household=household, kind=row.kind, house_type=row.house_type, area_m2=row.area_m2, note=row.note) for row in rows
    )
    new = "；".join(sorted(describe_asset(asset) for asset in made))
    changes = [] if old == new else [keep(household, household, "assets", old, new, why=why, by=by, at=at, label=_("财产"))]
    household.assets_on = as_of
    household.save(update_fields=["assets_on"])
    finish(household, changes, by=by, at=at)
    return changes


def describe_asset(asset: Asset) -> str:
    """住房（自建房）68 平方米."""
    words = str(AssetKind(asset.kind).label)
    if asset.house_type:
        words += _("（%(type)s）") % {"type": codes.label("house_type", asset.house_type)}
    if asset.area_m2:
        words += _(" %(n)d 平方米") % {"n": asset.area_m2}
    return words + (_("，%(note)s") % {"note": asset.note} if asset.note else "")


def _refuse_future(day: date, at: datetime) -> None:
    if day > today(at):
        raise Refused(_("核到的日期 %(day)s 还没有到。请改成今天或更早。") % {"day": day})
