"""Days as people here count them: Asia/Shanghai, half-open periods, and deadlines that end at 24:00.

Instants are stored in UTC. `now()` is called at the edge only (views, commands); everything below takes `at`.
Source: contracts.md "Days".
"""

import calendar
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

TZ = ZoneInfo("Asia/Shanghai")

_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of Excel's calendar; right from 1900-03-01 on
_WRITTEN = re.compile(r"(\d{4})([-./年])(\d{1,2})([-./月])(\d{1,2})日?(?:[ T]?\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")

WorkingDay = Callable[[date], bool]


def now() -> datetime:
    """The present instant, aware, UTC; a test's or the demo's `settings.CLOCK` (a callable) when it is set."""
    clock = getattr(settings, "CLOCK", None)
    return clock().astimezone(UTC) if clock else datetime.now(UTC)


def local(at: datetime) -> datetime:
    """The same instant on the clock in Shanghai. `at` must be aware."""
    if at.tzinfo is None:
        raise TypeError("local() takes an aware datetime.")
    return at.astimezone(TZ)


def today(at: datetime) -> date:
    """The calendar day in Shanghai at this instant."""
    return local(at).date()


def start_of_day(day: date) -> datetime:
    """00:00 of that day in Shanghai, as an aware UTC instant."""
    return datetime.combine(day, time.min, TZ).astimezone(UTC)


def closes_at(posted_at: datetime, n: int, *, is_working: WorkingDay | None = None) -> datetime:
    """When something posted now for `n` full days closes: the day of posting is not counted, then n days follow.

    The result is 00:00 after day n (shown as 24:00 of day n). With `is_working`, only days for which it is true count.
    """
    if n < 1:
        raise ValueError("closes_at() takes at least one day.")
    posted = today(posted_at)
    last = workday_add(posted, n, is_working) if is_working else posted + timedelta(days=n)
    return start_of_day(last + timedelta(days=1))


def last_day(end: datetime) -> date:
    """The day to show for a half-open end: 00:00 of the 25th is "24:00 of the 24th"."""
    return today(end - timedelta(microseconds=1))


def workday_add(day: date, n: int, is_working: WorkingDay) -> date:
    """The n-th working day after `day` (which does not count); n negative goes back."""
    step = timedelta(days=1 if n > 0 else -1)
    left = abs(n)
    for _try in range(left * 30 + 400):  # a calendar without working days must not hang the page
        if not left:
            return day
        day += step
        left -= is_working(day)
    raise ValueError(_("节假日日历里找不到工作日。请检查日历设置。"))


def months_before(day: date, n: int) -> date:
    """The same day n months earlier (n negative: later); the 31st becomes the month's last day."""
    index = day.year * 12 + day.month - 1 - n
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def age_on(birth: date, day: date) -> int:
    """Full years on that day; born on 29 February, one is a year older on 1 March. Negative before birth."""
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def parse_day(value: object) -> date:
    """The day somebody wrote: 2026-11-21, 2026.1.5, 2026/1/5, 20260105, 2026年1月5日, a serial of Excel, or a date.

    Raises ValueError with a full Chinese sentence. Only the years 1900-2199 pass.
    """
    if isinstance(value, datetime):
        return _in_range(today(value) if value.tzinfo else value.date(), str(value))
    if isinstance(value, date):
        return _in_range(value, str(value))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        if value != value or value in (float("inf"), float("-inf")):
            raise _not_a_day(str(value))
        value = str(int(value))
    shown = str(value or "").strip()
    text = unicodedata.normalize("NFKC", shown).replace("。", ".")
    text = re.sub(r"\s*([-./年月日])\s*", r"\1", text).rstrip(".")
    if not text:
        raise ValueError(_("没有填日期。请按“2026-01-05”填写。"))
    if re.fullmatch(r"\d{8}", text):
        return _day(text[:4], text[4:6], text[6:], shown)
    if re.fullmatch(r"\d{4,6}(\.\d+)?", text):
        return _from_serial(float(text), shown)
    match = _WRITTEN.fullmatch(text)
    if not match or (match[2] == "年") != (match[4] == "月"):
        raise _not_a_day(shown)
    return _day(match[1], match[3], match[5], shown)


def _from_serial(serial: float, shown: str) -> date:
    """Excel's day number; four digits are a year that lost its month, not 1905."""
    if serial < 10_000 or serial > 110_000:
        raise _not_a_day(shown)
    return _SERIAL_ZERO + timedelta(days=int(serial))


def _day(year: str, month: str, day: str, shown: str) -> date:
    try:
        found = date(int(year), int(month), int(day))
    except ValueError as wrong:
        raise ValueError(_("“%(text)s”不是存在的日期。请核对年、月、日。") % {"text": shown}) from wrong
    return _in_range(found, shown)


def _in_range(day: date, shown: str) -> date:
    if not 1900 <= day.year < 2200:
        raise ValueError(_("“%(text)s”的年份不对。请填写 1900 年以后的四位年份。") % {"text": shown})
    return day


def _not_a_day(shown: str) -> ValueError:
    return ValueError(_("“%(text)s”不是日期。请按“2026-01-05”填写。") % {"text": shown})
