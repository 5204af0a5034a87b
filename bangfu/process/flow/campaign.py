"""名单: one approval, many payouts. A programme applied to a list of households (festival gifts). Source: S1-1, S4-7."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import recording
from bangfu.household.kin import related
from bangfu.household.models import Household, Member
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy import procedure
from bangfu.policy.evaluation import evaluate
from bangfu.policy.flow import assess
from bangfu.policy.models import Version
from bangfu.policy.outcome import ELIGIBLE, Outcome, Proposal
from bangfu.policy.pack import Programme
from bangfu.process import messages, pack
from bangfu.process.facts import facts_of_households
from bangfu.process.flow.apply import next_number
from bangfu.process.flow.common import advance, awards_of, locked, note, place, require
from bangfu.process.models import Award, Case
from bangfu.process.words import CATEGORY_OF_CAUSE

STARTERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD})
MAX_ROWS = 2000


@dataclass(frozen=True)
class Preview:
    """One household of a list before it starts: what the rules say, and why somebody should look twice."""

    household: Household
    outcome: Outcome
    proposal: Proposal | None
    warnings: tuple[str, ...]
    facts: Mapping[str, Any]  # what the outcome rests on

    @property
    def amount_fen(self) -> int | None:
        return self.proposal.amount_fen if self.proposal else None

    @property
    def is_eligible(self) -> bool:
        return self.proposal is not None and self.proposal.outcome == ELIGIBLE and bool(self.amount_fen)


def preview(programme: Programme, version: Version, households: Sequence[Household], *, period: str, at: datetime) -> list[Preview]:
    """What each household would get, and doubles: on a list of the period already, both spouses, one person in two files.

    The number of statements does not grow with the list; the rules run in memory.
    """
    rules, day = pack.pack_of(version), today(at)
    doubles = _doubles(households)
    on_list = _already_listed(programme.id, period, households)
    rows = []
    for household, facts in zip(households, facts_of_households(households, day), strict=True):
        facts = facts | {"programme": programme.id}
        outcome = evaluate(rules, facts, day)
        warnings = [*doubles.get(household.pk, ())]
        if household.pk in on_list:
            warnings.append(_("%(period)s 已在 %(number)s 的名单上") % {"period": period, "number": on_list[household.pk]})
        rows.append(Preview(household, outcome, outcome.programme(programme.id), tuple(warnings), facts))
    return rows


@recording
def start_list(
    unit: Unit, programme: str, households: Sequence[Household], *, period: str, title: str = "", by: Account, at: datetime
) -> Case:
    """开一份名单: every household is assessed by the rules in force; those not entitled are refused by name.

    `period` ("2027") makes each household's entitlement once a period. Raises Refused (not a list programme, nobody, a
    household not entitled or on another list of the period), PermissionDenied.
    """
    require_role(by, STARTERS, unit)
    version = pack.version_for(unit, today(at), programme)
    found = pack.programme_in(pack.pack_of(version), programme)
    if not found.is_list:
        raise Refused(_("“%(title)s”要一户一户申请，不能按名单发放。") % {"title": found.title})
    if not period.strip() or len(period) > 20:
        raise Refused(_("没有写期次。请写年份，例如 2027。"))
    if not 0 < len(households) <= MAX_ROWS:
        raise Refused(_("名单要有 1 到 %(n)d 户。请先选户。") % {"n": MAX_ROWS})
    households = list(
        Household.objects.select_for_update(no_key=True, of=("self",))
        .select_related("unit", "staff")
        .filter(pk__in=[one.pk for one in households])
    )
    if any(not household.unit.is_within(unit) for household in households):
        raise Refused(_("名单里有别的单位的家庭。请只选本单位和下属单位的。"))
    own = Household.objects.filter(related(by), pk__in=[one.pk for one in households]).first()
    if own is not None:
        raise Refused(
            _("名单里的 %(number)s 是您本人家或亲属家，这份名单要由别人来开（回避）。请转给同岗位的同事。") % {"number": own.number}
        )
    rows = preview(found, version, households, period=period.strip(), at=at)
    _refuse_unfit(rows, found)
    case = Case(
        unit=unit, kind=Case.Kind.LIST, procedure=found.procedure, programme=found.id, title=title.strip() or found.title,
        policy_version=version, opened_by=by, handler=by, opened_at=at, period=period.strip(), number=next_number(unit, at),
    )  # fmt: skip
    place(case, procedure.first_stage(pack.pack(case), case.procedure, {"programme": found.id}, on=today(at)), at=at)
    case.save(force_insert=True)
    _enter_awards(case, rows, by=by, at=at)
    note("process.list_opened", case, by=by, at=at, programme=found.id, period=case.period, households=len(rows))
    messages.tell_next(case, by=by, at=at)
    return case


@recording
def settle_list(pk: int, *, version: int, opinion: str = "", by: Account, at: datetime) -> Case:
    """提出名单: the list stands and goes on to its notice. Raises Refused, Stale, PermissionDenied."""
    case = locked(pk, kind="propose", version=version)
    require(case, by)
    if not case.is_list:
        raise Refused(_("这件不是名单。"))
    awards = awards_of(case)
    note("process.list_settled", case, by=by, at=at, people=len(awards), total_fen=sum(award.proposed_fen or 0 for award in awards))
    return advance(case, "passed", act="settle_list", by=by, at=at, reason=opinion.strip())


def _enter_awards(case: Case, rows: Sequence[Preview], *, by: Account, at: datetime) -> None:
    awards = []
    for position, row in enumerate(rows, 1):
        assessment = assess(
            case.policy_version, row.household, row.facts, outcome=row.outcome, on=today(at), unit=row.household.unit, by=by, at=at
        )
        awards.append(
            Award(
                case=case,
                household=row.household,
                position=position,
                payee_name=row.household.head_name,
                category=CATEGORY_OF_CAUSE.get(row.household.main_cause, "other"),
                suggested_fen=row.amount_fen,
                proposed_fen=row.amount_fen,
                assessment=assessment,
            )  # fmt: skip
        )
    Award.objects.bulk_create(awards, batch_size=500)


def _refuse_unfit(rows: Sequence[Preview], programme: Programme) -> None:
    unfit = [row for row in rows if not row.is_eligible]
    if unfit:
        names = "、".join(row.household.head_name for row in unfit[:5])
        raise Refused(
            _("有 %(n)d 户不符合“%(title)s”或算不出金额：%(names)s%(more)s。请从名单上去掉，或先补齐档案。")
            % {"n": len(unfit), "title": programme.title, "names": names, "more": _("等") if len(unfit) > 5 else ""}
        )
    doubled = [row for row in rows if row.warnings]
    if doubled:
        shown = "；".join(f"{row.household.head_name}：{row.warnings[0]}" for row in doubled[:3])
        raise Refused(_("有 %(n)d 户重复：%(shown)s。每家只发一份，请去掉重复的。") % {"n": len(doubled), "shown": shown})


def _doubles(households: Sequence[Household]) -> dict[int, tuple[str, ...]]:
    """Households of the list that share a person: both spouses head a file, or one is a member of the other."""
    seen: dict[str, list[int]] = {}
    names = {household.pk: household.head_name for household in households}
    people = Member.objects.filter(household__in=list(names), left_on=None, identity_index__isnull=False)
    for owner, index in people.values_list("household", "identity_index"):
        seen.setdefault(str(index), []).append(owner)
    found: dict[int, set[str]] = {}
    for owners in seen.values():
        for owner in set(owners):
            others = [names[other] for other in set(owners) if other != owner]
            if others:
                found.setdefault(owner, set()).add(_("与 %(name)s 户是同一家人") % {"name": "、".join(sorted(others))})
    return {owner: tuple(sorted(words)) for owner, words in found.items()}


def _already_listed(programme: str, period: str, households: Sequence[Household]) -> dict[int, str]:
    """Household -> number of the running or finished list of the same programme and period it stands on."""
    rows = Award.objects.filter(
        household__in=[household.pk for household in households], dropped_reason=None, case__programme=programme,
        case__period=period, case__kind=Case.Kind.LIST, case__state__in=[Case.State.OPEN, Case.State.CLOSED],
    )  # fmt: skip
    return dict(rows.values_list("household", "case__number"))
