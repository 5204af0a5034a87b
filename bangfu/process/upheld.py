"""异议成立而钱还停着: which sums an upheld objection still holds, and the way out (look again, or refuse)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.disclosure.models import Objection
from bangfu.ledger.flow import lift_hold
from bangfu.ledger.flow.holds import LIFTERS
from bangfu.ledger.models import Hold
from bangfu.process.flow.objections import hold_reason
from bangfu.process.models import Award, Case


def upheld_holds(cases: Iterable[Case]) -> dict[int, list[Hold]]:
    """Case -> its open holds whose objection was upheld. Three statements, whatever the number of cases."""
    cases = list(cases)
    owners = {
        f"{Award._meta.label_lower}:{pk}": case for pk, case in Award.objects.filter(case__in=cases).values_list("pk", "case")
    }
    holds = list(Hold.objects.open().filter(origin__in=list(owners)).select_related("unit")) if owners else []
    if not holds:
        return {}
    reasons: dict[int, set[str]] = {}
    upheld = Objection.objects.filter(notice__case_notice__case__in=cases, upheld=True).select_related("notice__case_notice")
    for objection in upheld:
        reasons.setdefault(objection.notice.case_notice.case_id, set()).add(hold_reason(objection))
    found: dict[int, list[Hold]] = {}
    for hold in holds:
        case = owners[hold.origin]
        if hold.reason in reasons.get(case, ()):
            found.setdefault(case, []).append(hold)
    return found


def is_held(case: Case) -> bool:
    return bool(upheld_holds([case]))


def settle(case: Case, why: str, *, by: Account, at: datetime) -> None:
    """The case is looked at again or refused, its money is given back: what the upheld objection held is held no more.

    By who may lift a hold; a clerk's return leaves it for the office.
    """
    if not has_role(by, LIFTERS, case.unit):
        return
    for hold in upheld_holds([case]).get(case.pk, []):
        lift_hold(hold, why=why, by=by, at=at)
