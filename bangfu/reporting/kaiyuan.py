"""What the source says of 开远 (S1), figure by figure, and how each is counted from our rows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db.models import Count, OuterRef, Q, Subquery, Sum
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Unit
from bangfu.household.models import Household, OutsideHelp, StateChange
from bangfu.household.models.words import EXIT_MISTAKEN, State
from bangfu.ledger.models import Disbursement, Fund
from bangfu.policy.queries import in_force, pack_of

Y2016, Y2017, Y2018 = ((date(year, 1, 1), date(year + 1, 1, 1)) for year in (2016, 2017, 2018))
TO_AUGUST = (date(2017, 1, 1), date(2017, 9, 1))


def on_file(day: date) -> Callable[[Unit], int]:
    """Households whose last change of state up to and on that day left them on file."""

    def count(unit: Unit) -> int:
        last = StateChange.objects.filter(household=OuterRef("pk"), day__lte=day).order_by("-day", "-pk").values("new")[:1]
        return Household.objects.filter(organisation=unit).annotate(stood=Subquery(last)).filter(stood=State.FILED).count()

    return count


def moved(period: tuple[date, date], *states: str) -> Callable[[Unit], int]:
    """Households that came into one of `states` in [from, to), from being on file (or, for filed, new)."""

    def count(unit: Unit) -> int:
        rows = StateChange.objects.filter(household__organisation=unit, day__gte=period[0], day__lt=period[1], new__in=states)
        if State.FILED not in states:
            rows = rows.filter(old=State.FILED).exclude(reason=EXIT_MISTAKEN)  # a mistaken import is no exit
        return rows.values("household").distinct().count()

    return count


def paid(unit: Unit, fund: str, period: tuple[date, date], *programmes: str) -> Any:
    """What was paid from a fund in [from, to); reversed payments left out. Programmes empty: all."""
    rows = Disbursement.objects.filter(
        fund__unit=unit, fund__code=fund, state=Disbursement.State.PAID, paid_day__gte=period[0], paid_day__lt=period[1]
    )
    return rows.filter(programme__in=programmes) if programmes else rows


def total(fund: str, period: tuple[date, date], *programmes: str) -> Callable[[Unit], int]:
    return lambda unit: paid(unit, fund, period, *programmes).aggregate(sum=Sum("amount_fen"))["sum"] or 0


def times(fund: str, period: tuple[date, date], *programmes: str) -> Callable[[Unit], int]:
    return lambda unit: paid(unit, fund, period, *programmes).count()


def each(fund: str, period: tuple[date, date], programme: str) -> Callable[[Unit], int]:
    """The one sum that everybody got in the period; 0 when sums differ or nobody got any."""

    def count(unit: Unit) -> int:
        sums = set(paid(unit, fund, period, programme).values_list("amount_fen", flat=True))
        return sums.pop() if len(sums) == 1 else 0

    return count


def standard(name: str, day: date) -> Callable[[Unit], int]:
    """A dated value of the policy in force on that day."""

    def count(unit: Unit) -> int:
        version = in_force(unit, day)
        values = pack_of(version).parameters[name].on(day) if version else []
        return int(values[0].value) if values else 0

    return count


def most_of_one_person(fund: str, period: tuple[date, date], programme: str) -> Callable[[Unit], int]:
    """The largest sum that one household got of one programme in the period."""

    def count(unit: Unit) -> int:
        rows = paid(unit, fund, period, programme).values("household_no").annotate(sum=Sum("amount_fen"))
        return max((row["sum"] for row in rows), default=0)

    return count


def visits(period: tuple[date, date]) -> Callable[[Unit], int]:
    """Person-visits: each visitor of each home survey, each follow-up, each yearly review of a file."""

    def count(unit: Unit) -> int:
        from bangfu.reporting.queries import person_visits

        return person_visits(unit, period)

    return count


def grants(period: tuple[date, date], giver: str) -> Callable[[Unit], int]:
    return lambda unit: OutsideHelp.objects.filter(
        household__organisation=unit, giver=giver, day__gte=period[0], day__lt=period[1], voided_at=None
    ).aggregate(n=Count("pk", filter=Q(amount_fen__gt=0)))["n"]


def subjects(unit: Unit) -> int:
    """Funds of the organisation that are kept under their own account subject."""
    return Fund.objects.filter(unit=unit, code="relief").exclude(subject_code="").count()


def gifts_and_relief(unit: Unit) -> int:
    return total("gift", TO_AUGUST)(unit) + total("relief", TO_AUGUST)(unit)


YUAN = 100
KAIYUAN: list[dict[str, Any]] = [
    {"source": "S1-1", "what": "spring gift of 2016, each", "title": _("2016 年春节慰问，每户"), "unit": "fen",
     "stated": 1000 * YUAN, "count": each("gift", Y2016, "spring_gift")},
    {"source": "S1-1", "what": "spring gift of 2017, each", "title": _("2017 年春节慰问，每户"), "unit": "fen",
     "stated": 1500 * YUAN, "count": each("gift", Y2017, "spring_gift")},
    {"source": "S1-1", "what": "spring gift planned for 2018, each", "title": _("2018 年春节慰问（当时的计划），每户"), "unit": "fen",
     "stated": 2000 * YUAN, "count": standard("spring_gift_fen", date(2018, 1, 1))},
    {"source": "S1-2", "what": "long-term aid once a year, each", "title": _("特别、长期困难职工每年一次，每人"), "unit": "fen",
     "stated": 1000 * YUAN, "count": each("relief", Y2017, "long_term")},
    {"source": "S1-3", "what": "temporary living relief, least", "title": _("临时生活救助每次最低"), "unit": "fen",
     "stated": 1000 * YUAN, "count": standard("temporary_low_fen", date(2017, 6, 1))},
    {"source": "S1-3", "what": "temporary living relief, most each time", "title": _("临时生活救助每次最高"), "unit": "fen",
     "stated": 5000 * YUAN, "count": standard("temporary_high_fen", date(2017, 6, 1))},
    {"source": "S1-3", "what": "temporary living relief, most a person-year (our reading)", "title": _("临时生活救助每人每年最高（我们的读法）"),
     "unit": "fen", "stated": 10000 * YUAN, "count": standard("temporary_year_fen", date(2017, 6, 1))},
    {"source": "S1-4", "what": "living relief paid, January-August 2017", "title": _("2017 年 1—8 月临时生活救助"), "unit": "fen",
     "stated": 9000 * YUAN, "count": total("relief", TO_AUGUST, "temporary_living")},
    {"source": "S1-4", "what": "living relief, persons", "title": _("2017 年 1—8 月临时生活救助人次"), "unit": "person-times",
     "stated": 3, "count": times("relief", TO_AUGUST, "temporary_living")},
    {"source": "S1-4", "what": "schooling aid paid, January-August 2017", "title": _("2017 年 1—8 月助学"), "unit": "fen",
     "stated": 6000 * YUAN, "count": total("relief", TO_AUGUST, "schooling")},
    {"source": "S1-4", "what": "golden autumn grants won from the provincial union", "title": _("争取到省总工会金秋助学"), "unit": "grants",
     "stated": 1, "count": grants(Y2017, "province")},
    {"source": "S1-4", "what": "serious illness relief paid, January-August 2017", "title": _("2017 年 1—8 月大病救助"), "unit": "fen",
     "stated": 9000 * YUAN, "count": total("relief", TO_AUGUST, "illness")},
    {"source": "S1-4", "what": "serious illness relief, persons", "title": _("2017 年 1—8 月大病救助人次"), "unit": "person-times",
     "stated": 5, "count": times("relief", TO_AUGUST, "illness")},
    {"source": "S1-5", "what": "person-visits, January-August 2017", "title": _("2017 年 1—8 月走访人次"), "unit": "person-times",
     "stated": 100, "count": visits(TO_AUGUST), "reading": "at_least"},
    {"source": "S1-8", "what": "files at 2016-12-31", "title": _("2016 年底在档"), "unit": "workers",
     "stated": 72, "count": on_file(date(2016, 12, 31))},
    {"source": "S1-8", "what": "left in 2017", "title": _("2017 年退出"), "unit": "workers",
     "stated": 15, "count": moved(Y2017, State.LIFTED, State.STRUCK)},
    {"source": "S1-8", "what": "entered in 2017", "title": _("2017 年新增"), "unit": "workers",
     "stated": 3, "count": moved(Y2017, State.FILED)},
    {"source": "S1-8", "what": "files at 2017-12-31", "title": _("2017 年底在档"), "unit": "workers",
     "stated": 60, "count": on_file(date(2017, 12, 31))},
    {"source": "S1-10", "what": "earmarked fund under an account subject of its own", "title": _("专款基金单设科目"), "unit": "funds",
     "stated": 1, "count": subjects},
    {"source": "S1-12", "what": "company fund paid, January-August 2017", "title": _("2017 年 1—8 月公司帮扶基金支出"), "unit": "fen",
     "stated": 39000 * YUAN, "count": total("relief", TO_AUGUST)},
    {"source": "S1-12", "what": "company fund, person-times", "title": _("2017 年 1—8 月公司帮扶基金人次"), "unit": "person-times",
     "stated": 19, "count": times("relief", TO_AUGUST)},
    {"source": "S1-13", "what": "person-times in the text's own total", "title": _("原文合计的人次"), "unit": "person-times",
     "stated": 91, "count": lambda unit: times("gift", TO_AUGUST)(unit) + times("relief", TO_AUGUST)(unit)},
    {"source": "S1-13", "what": "the text's own total of 372,000 万 yuan", "title": _("原文合计的 372,000 万元"), "unit": "fen",
     "stated": 372_000 * 10_000 * YUAN, "count": gifts_and_relief, "reading": "impossible",
     "because": _("每人次要合 4,000 多万元；当作 372,000 元也要每人次 4,088 元。我们的行数是慰问 72 户加救助 19 人次，合 147,000 元；按原文导入会被拒绝")},
]  # fmt: skip
