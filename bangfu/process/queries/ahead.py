"""What others have to do now, and what comes within two weeks."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Min
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.governance.models import Session
from bangfu.lib.days import last_day, start_of_day, today
from bangfu.process.models import Case, CaseNotice
from bangfu.process.queries.rows import my_turn


@dataclass
class Waiting:
    """Cases whose next step is somebody else's, by stage."""

    title: str
    who: str
    count: int
    days: int
    url: str


def waiting(account: Account, *, at: datetime) -> list[Waiting]:
    """等别人处理: open cases that are not mine to move now, by stage; the longest first."""
    others = Case.objects.open().visible_to(account).exclude(my_turn(account)).order_by()
    rows = others.values("stage_title", "stage_kind").annotate(n=Count("pk"), since=Min("stage_since")).order_by("since")
    return [
        Waiting(
            title=row["stage_title"],
            who="",
            count=row["n"],
            days=(today(at) - today(row["since"])).days,
            url=f"/cases/?stage={row['stage_kind']}",
        )  # fmt: skip
        for row in rows
    ]


def coming(account: Account, *, at: datetime, days: int = 14) -> list[tuple[date, str, str]]:
    """接下来: notices that end and sessions that are called, within two weeks: (day, words, address)."""
    until = at + timedelta(days=days)
    ends: dict[date, int] = {}
    running = CaseNotice.objects.filter(
        case__in=Case.objects.open().visible_to(account).values("pk"), notice__closed_at=None, notice__closes_at__lte=until
    )
    for closes_at in running.values_list("notice__closes_at", flat=True):
        end = last_day(closes_at)
        if end >= today(at):
            ends[end] = ends.get(end, 0) + 1
    rows = [(day, _("%(n)d 件公示到期") % {"n": n}, "/cases/?stage=notice") for day, n in ends.items()]
    sessions = Session.objects.visible_to(account).filter(closed_at=None, held_at__gte=start_of_day(today(at)), held_at__lte=until)
    rows += [(today(one.held_at), str(one), f"/sessions/{one.pk}/") for one in sessions.select_related("committee__unit")]
    return sorted(rows, key=lambda row: row[0])
