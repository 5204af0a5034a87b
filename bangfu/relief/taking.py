"""The clerk takes over what the worker answered: each ticked field becomes a correction of the file, with its old value."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household import flow as household_flow
from bangfu.household.flow.correct import opened
from bangfu.household.models import Household, Member
from bangfu.household.models.words import IncomeKind, State
from bangfu.household.rows import MemberRow
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.process.conflicts import separate
from bangfu.process.flow.common import locked
from bangfu.relief.answers import COSTS, Item, items_of, source_words
from bangfu.relief.models import Application


@recording
def take_answers(application: Application, keys: Collection[str], *, version: int, by: Account, at: datetime) -> list[str]:
    """采用本人所填 onto the file: exactly the ticked fields, each a correction whose reason names the application. Their titles.

    `version` of the file as it stood on the page. Incomes (and costs) that the file never asked for are taken all together,
    because what is left out would count as nothing. Raises Refused (nothing ticked, a clue, kin), Stale, PermissionDenied.
    """
    case = locked(application.case_id)
    separate(case, by)
    application = Application.objects.select_related("case__household").get(pk=application.pk)
    household = application.case.household
    assert household is not None
    household = opened(household, version=version, by=by)
    application.case.household = household
    if household.state == State.CLUE:
        raise Refused(_("这一户还是线索。请先建档，再采用本人填的内容。"))
    items = items_of(application)
    chosen = {item.key: item for item in items if item.key in set(keys) and item.can_be_taken}
    if not chosen:
        raise Refused(_("还没有选要采用的内容。请在“采用”一列打勾；不采用就不用动。"))
    _require_whole(household, items, chosen)
    why = source_words(application)
    _take_contact(household, chosen, why=why, by=by, at=at)
    _take_family(household, application, chosen, why=why, by=by, at=at)
    _take_incomes(household, application, chosen, why=why, by=by, at=at)
    _take_costs(household, application, chosen, why=why, by=by, at=at)
    record(
        "relief.answers_taken", case, by=by, at=at, unit=case.unit, number=case.number, household=household.number,
        fields=sorted(chosen),
    )  # fmt: skip
    return [item.title for item in chosen.values()]


def _require_whole(household: Household, items: list[Item], chosen: dict[str, Item]) -> None:
    """Where the file never asked, a part taken alone would make the rest look like nothing."""
    if household.incomes_on is None and any(key.startswith("income.") for key in chosen):
        staying = household.members.filter(left_on=None).exclude(
            pk__in=[item.value for key, item in chosen.items() if key.startswith("left.")]
        )
        missing = [member.name for member in staying if f"income.{member.pk}" not in chosen]
        missing += [
            item.value["name"] for key, item in chosen.items() if key.startswith("new.") and item.value["income_fen"] is None
        ]
        if missing:
            raise Refused(
                _("档案里还没有问过收入，要全家一起采用，还差：%(names)s。她说不清楚的，请问过以后到收入页填。")
                % {"names": "、".join(missing)}
            )
    if household.expenses_on is None:
        costs = [item for item in items if item.key.startswith("cost.")]
        ticked = [item for item in costs if item.key in chosen]
        if ticked and len(ticked) < len(costs):
            left = "、".join(item.title for item in costs if item.key not in chosen)
            raise Refused(_("档案里还没有问过支出，要一起采用，还差：%(titles)s。") % {"titles": left})


def _take_contact(household: Household, chosen: dict[str, Item], *, why: str, by: Account, at: datetime) -> None:
    values: dict[str, Any] = {"phone": chosen["phone"].value} if "phone" in chosen else {}
    values |= chosen["card"].value if "card" in chosen else {}
    if values:
        household_flow.correct_many(household, values, why=why, by=by, at=at)


def _take_family(
    household: Household, application: Application, chosen: dict[str, Item], *, why: str, by: Account, at: datetime
) -> None:
    changed: dict[int, dict[str, Any]] = {}
    for key, item in chosen.items():
        kind, _dot, rest = key.partition(".")
        if kind == "new":
            said = item.value
            fen = said["income_fen"]
            incomes = None if fen is None else {str(IncomeKind.WAGE): fen} if fen else {}
            row = MemberRow(name=said["name"], relation=said["relation"], incomes=incomes)
            household_flow.add_member(household, row, why=why, by=by, at=at)
        elif kind == "left":
            member = household.members.get(pk=item.value)
            household_flow.member_left(member, day=today(application.filed_at), why=why, by=by, at=at)
        elif kind in ("name", "relation"):
            changed.setdefault(int(rest), {})[kind] = item.value
    for pk, values in changed.items():
        household_flow.correct_many(Member.objects.get(pk=pk, household=household), values, why=why, by=by, at=at)


def _take_incomes(
    household: Household, application: Application, chosen: dict[str, Item], *, why: str, by: Account, at: datetime
) -> None:
    """The day to which incomes were asked moves only where nobody had asked before: what is not ticked stays as old as it was."""
    incomes = {int(key.partition(".")[2]): item.value for key, item in chosen.items() if key.startswith("income.")}
    if not incomes:
        return
    household.refresh_from_db()
    as_of = household.incomes_on or today(application.filed_at)
    household_flow.set_incomes(
        household, incomes, as_of=as_of, stated_annual_fen=household.stated_annual_fen, why=why, by=by, at=at
    )


def _take_costs(
    household: Household,
    application: Application,
    chosen: dict[str, Item],
    *,
    why: str,
    by: Account,
    at: datetime,
) -> None:
    said = {key.partition(".")[2]: item.value for key, item in chosen.items() if key.startswith("cost.")}
    if not said:
        return
    amounts = {row.kind: row.amount_fen for row in household.expenses.filter(member=None)}
    amounts |= {str(COSTS[name]): fen for name, fen in said.items()}
    household.refresh_from_db()
    as_of = household.expenses_on or today(application.filed_at)
    household_flow.set_expenses(household, amounts, as_of=as_of, why=why, by=by, at=at)
