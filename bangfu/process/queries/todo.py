"""The to-do home: what waits for an account, overdue first; counts, what others have to do, what comes next.

Days in Asia/Shanghai, sums in fen. The number of statements does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Sum

from bangfu.access.models import Account
from bangfu.audit.record import subject_of
from bangfu.lib.days import start_of_day, today
from bangfu.process.models import Award, Case, Step
from bangfu.process.models.case import TO_PAY
from bangfu.process.queries.ahead import Waiting, coming, waiting
from bangfu.process.queries.cases import with_work
from bangfu.process.queries.rows import Row, drafted, my_turn, other_rows, pay_together, row_of
from bangfu.process.words import ACTS


@dataclass
class Counts:
    """The strip over the to-do list."""

    late: int = 0
    today: int = 0
    week: int = 0
    to_visit: int = 0
    on_notice: int = 0
    to_pay: int = 0
    to_pay_fen: int = 0


@dataclass
class Todo:
    rows: list[Row]
    counts: Counts
    waiting: list[Waiting]
    coming: list[tuple[date, str, str]]
    done_this_week: int
    all_rows: int = 0
    filter: str = ""


def todo(account: Account, *, at: datetime, sort: str = "due", only: str = "") -> Todo:
    """What waits for the account, overdue first; counts, what others have to do, what comes next. Source: ux.md 6.1."""
    day = today(at)
    cases = with_work(Case.objects.open().visible_to(account).filter(my_turn(account)))
    with_checker = drafted()
    rows = [row for case in cases if subject_of(case) not in with_checker and (row := row_of(case, account, at)) is not None]
    rows = pay_together(rows) + other_rows(account, at)
    everything = sorted(rows, key=lambda row: (row.due is None, row.due or day, row.who))
    for row in everything:
        row.late_days = max((day - row.due).days, 0) if row.due else 0
    counts = _counts(account, everything, day, at)
    shown = [row for row in everything if _passes(row, only, day)]
    if sort == "amount":
        shown.sort(key=lambda row: -(row.amount_fen or 0))
    elif sort == "stage":
        shown.sort(key=lambda row: (list(ACTS).index(row.kind) if row.kind in ACTS else 99, row.due or date.max))
    return Todo(
        rows=shown,
        counts=counts,
        waiting=waiting(account, at=at),
        coming=coming(account, at=at),
        done_this_week=_done_this_week(account, at),
        all_rows=len(everything),
        filter=only,
    )


def _passes(row: Row, only: str, day: date) -> bool:
    if only == "late":
        return row.is_late(day)
    if only == "today":
        return row.due == day
    if only == "week":
        return row.due is not None and day <= row.due <= day + timedelta(days=7)
    return not only or row.kind == only


def _counts(account: Account, rows: Iterable[Row], day: date, at: datetime) -> Counts:
    rows = list(rows)
    found = Counts(
        late=sum(row.is_late(day) for row in rows),
        today=sum(row.due == day for row in rows),
        week=sum(row.due is not None and day <= row.due <= day + timedelta(days=7) for row in rows),
    )
    kinds = dict(
        Case.objects.open()
        .visible_to(account)
        .order_by()
        .values_list("stage_kind")
        .annotate(n=Count("pk"))
        .values_list("stage_kind", "n")
    )
    found.to_visit = kinds.get("investigate", 0)
    found.on_notice = kinds.get("notice", 0)
    paying = Case.objects.open().visible_to(account).filter(stage_kind="pay")
    to_pay = Award.objects.filter(case__in=paying.values("pk"), dropped_reason=None, disbursement__state__in=TO_PAY).aggregate(
        n=Count("pk"), fen=Sum("awarded_fen")
    )
    found.to_pay, found.to_pay_fen = to_pay["n"] or 0, to_pay["fen"] or 0
    return found


def _done_this_week(account: Account, at: datetime) -> int:
    monday = start_of_day(today(at) - timedelta(days=today(at).weekday()))
    return (
        Step.objects.filter(by=account, at__gte=monday, outcome__in=["passed", "refused", "returned"])
        .values("case")
        .distinct()
        .count()
    )
