"""What cases add to the households' list and to the search page. A few statements for a page of rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, Prefetch, Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.household.models import Household
from bangfu.household.models.words import State
from bangfu.ledger.queries import payments_of_many
from bangfu.lib.days import start_of_day, today
from bangfu.policy.ceilings import YearCeiling, year_ceiling
from bangfu.policy.queries import all_in_force, pack_of
from bangfu.process.case_page import status_of
from bangfu.process.conflicts import households_of_kin
from bangfu.process.models import Case, CaseNotice, FollowUp, Survey
from bangfu.process.queries import seen
from bangfu.process.words import ACTS


def columns(households: Sequence[Household], on: date, account: Account) -> dict[int, dict[str, Any]]:
    """今年帮扶、还可领、本季走访、当前的事 of the rows of one page: {file: {"year_fen", "left_fen", "visit", "status"}}."""
    if not households:
        return {}
    paid = payments_of_many([household.number for household in households])
    ceilings = _ceilings({household.unit.organisation_id: household.unit for household in households}, on)
    visits = _visits(households, on)
    matters = _matters(households, start_of_day(on), account)
    kept = set(households_of_kin(account).filter(pk__in=[household.pk for household in households]).values_list("pk", flat=True))
    found: dict[int, dict[str, Any]] = {}
    for household in households:
        if household.pk in kept:  # one's own and one's kin's: what they were given is not told (ADR 9)
            found[household.pk] = {"year_fen": None, "left_fen": None, "visit": ""}
            continue
        year = [row for row in paid[household.number] if row["day"].year == on.year and row["day"] <= on]
        is_filed = household.state == State.FILED
        running = ceilings[household.unit.organisation_id] if is_filed else []
        found[household.pk] = {
            "year_fen": sum(row["amount_fen"] for row in year),
            "left_fen": sum(_left(ceiling, year) for ceiling in running) if running else None,
            "visit": visits.get(household.pk) or (_("未走访") if is_filed else ""),
        }
        if household.pk in matters:
            found[household.pk]["status"] = matters[household.pk]
    return found


def _ceilings(units: dict[int, Unit], on: date) -> dict[int, list[YearCeiling]]:
    """The running yearly ceilings in force in each organisation."""
    found: dict[int, list[YearCeiling]] = {}
    for key, unit in units.items():
        packs = [pack_of(version) for version in all_in_force(unit, on)]
        rows = [year_ceiling(pack, programme, on) for pack in packs for programme in pack.programmes]
        found[key] = [row for row in rows if row is not None and row.is_running]
    return found


def _left(ceiling: YearCeiling, year: Iterable[dict[str, Any]]) -> int:
    return max(0, ceiling.limit_fen - sum(row["amount_fen"] for row in year if row["programme"] in ceiling.over))


def _visits(households: Sequence[Household], on: date) -> dict[int, str]:
    """The last visit of this quarter, by survey or follow-up: day and who went."""
    quarter = date(on.year, (on.month - 1) // 3 * 3 + 1, 1)
    wanted = {"case__household__in": [household.pk for household in households], "visited_on__gte": quarter, "visited_on__lte": on}
    rows: list[tuple[int, date, str]] = []
    for table in (Survey, FollowUp):
        rows += table.objects.filter(**wanted).order_by().values_list("case__household", "visited_on", "visitor__name")
    return {key: f"{day:%m-%d} {who}" for key, day, who in sorted(rows, key=lambda row: row[1])}


def _matters(households: Sequence[Household], at: datetime, account: Account) -> dict[int, dict[str, str]]:
    """The open case whose term ends first, in a few words; none of one's own or one's kin's."""
    cases = Case.objects.open().visible_to(account).filter(household__in=[household.pk for household in households])
    found: dict[int, dict[str, str]] = {}
    shown = Prefetch("notices", CaseNotice.objects.select_related("notice").prefetch_related("notice__objections").order_by("pk"))
    # status_of asks for notices only: the household's sealed columns stay closed
    for case in cases.order_by(F("due_on").asc(nulls_last=True), "pk").prefetch_related(shown):
        if case.household_id is not None:
            found.setdefault(case.household_id, matter_of(case, at))
    return found


def matter_of(case: Case, at: datetime) -> dict[str, str]:
    """{kind, text, icon} for a narrow column: the stage and its last day; amber when it ends today, red when it is late."""
    kind, words, _sign = status_of(case, at)
    icon, day = ACTS[case.stage_kind][0], case.due_on
    if case.is_at("notice") and kind in ("late", "due"):  # an objection waits, or its term is over
        return {"kind": kind, "text": words, "icon": icon}
    if day is None:
        return {"kind": "none", "text": case.stage_title, "icon": icon}
    left = (day - today(at)).days
    if left < 0:
        return {"kind": "late", "text": _("%(stage)s · 逾期 %(n)d 天") % {"stage": case.stage_title, "n": -left}, "icon": icon}
    if left == 0:
        return {"kind": "due", "text": _("%(stage)s · 今天") % {"stage": case.stage_title}, "icon": icon}
    return {"kind": "none", "text": f"{case.stage_title} · {day:%m-%d}", "icon": icon}


def hits(account: Account, text: str) -> list[dict[str, str]]:
    """Cases that the account sees by number, by the number's tail ("221"), by name or pinyin; the latest first, at most 20."""
    text = text.strip()
    if not text:
        return []
    wanted = Q(household__head_name__startswith=text) | Q(household__head_pinyin__istartswith=text)
    if any(sign.isdigit() for sign in text):
        tail = f"-{text.zfill(4)}" if text.isdigit() and len(text) <= 4 else text.upper()
        wanted |= Q(number__endswith=tail) | Q(number__startswith=text.upper())
    cases = Case.objects.visible_to(account).filter(wanted)
    return [
        {
            "title": case.number,
            "url": f"/cases/{case.number}/",
            "detail": "，".join(part for part in (_name(case), case.title, case.unit.name, _where(case)) if part),
        }
        for case in seen(cases).order_by("-opened_at", "-pk")[:20]
    ]


def _name(case: Case) -> str:
    return case.household.head_name if case.household else ""


def _where(case: Case) -> str:
    return case.stage_title if case.is_open else str(case.get_state_display())
