from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib import days
from bangfu.lib.days import TZ, age_on, closes_at, last_day, local, months_before, now, parse_day, start_of_day, today, workday_add

DAYS = st.dates(date(1901, 1, 1), date(2199, 12, 31))


def weekday(day: date) -> bool:
    return day.weekday() < 5


def test_now_is_aware_utc_and_honours_the_clock_of_the_settings(settings):
    settings.CLOCK = lambda: datetime(2026, 11, 21, 0, 30, tzinfo=TZ)
    assert now() == datetime(2026, 11, 20, 16, 30, tzinfo=UTC) and now().tzinfo is UTC
    settings.CLOCK = None
    assert abs(now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_today_is_the_day_in_shanghai():
    assert today(datetime(2026, 11, 20, 15, 59, tzinfo=UTC)) == date(2026, 11, 20)
    assert today(datetime(2026, 11, 20, 16, 0, tzinfo=UTC)) == date(2026, 11, 21)


def test_a_naive_instant_is_a_slip_of_the_code():
    with pytest.raises(TypeError):
        local(datetime(2026, 1, 1))


@given(DAYS)
def test_a_day_starts_at_midnight_in_shanghai(day):
    assert today(start_of_day(day)) == day
    assert today(start_of_day(day) - timedelta(microseconds=1)) == day - timedelta(days=1)


@pytest.mark.parametrize("clock", [(0, 0), (9, 30), (23, 59)])
def test_seven_days_after_posting_end_at_midnight_whatever_the_hour(clock):
    posted = datetime(2026, 11, 16, *clock, tzinfo=TZ)
    end = closes_at(posted, 7)
    assert local(end) == datetime(2026, 11, 24, 0, 0, tzinfo=TZ)
    assert last_day(end) == date(2026, 11, 23)


def test_five_working_days_pass_over_the_weekend_and_holidays():
    posted = datetime(2026, 9, 30, 10, tzinfo=TZ)  # Wednesday before the national holiday
    holidays = {date(2026, 10, day) for day in range(1, 8)}
    end = closes_at(posted, 5, is_working=lambda day: (weekday(day) and day not in holidays) or day == date(2026, 10, 10))
    assert last_day(end) == date(2026, 10, 13)  # 8, 9, the worked Saturday 10, 12, 13


@given(DAYS.filter(lambda day: day.year < 2199), st.integers(1, 60))
def test_a_term_has_exactly_n_full_days(day, n):
    end = closes_at(start_of_day(day) + timedelta(hours=13), n)
    assert end == start_of_day(day + timedelta(days=n + 1))  # days of the calendar: in 1991 one of them had 23 hours


def test_no_term_of_zero_days():
    with pytest.raises(ValueError):
        closes_at(datetime(2026, 1, 1, tzinfo=TZ), 0)


def test_working_days_are_counted_both_ways():
    friday = date(2026, 11, 20)
    assert workday_add(friday, 1, weekday) == date(2026, 11, 23)
    assert workday_add(friday, -1, weekday) == date(2026, 11, 19)
    assert workday_add(friday, 0, weekday) == friday


def test_a_calendar_without_working_days_does_not_hang():
    with pytest.raises(ValueError, match="节假日日历"):
        workday_add(date(2026, 1, 1), 3, lambda day: False)


@pytest.mark.parametrize(
    ("day", "n", "before"),
    [
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 15), 1, date(2025, 12, 15)),
        (date(2026, 11, 20), 12, date(2025, 11, 20)),
        (date(2026, 1, 31), -1, date(2026, 2, 28)),
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
    ],
)
def test_months_before(day, n, before):
    assert months_before(day, n) == before


@pytest.mark.parametrize(
    ("birth", "day", "age"),
    [
        (date(1983, 4, 18), date(2026, 4, 17), 42),
        (date(1983, 4, 18), date(2026, 4, 18), 43),
        (date(2004, 2, 29), date(2022, 2, 28), 17),
        (date(2004, 2, 29), date(2022, 3, 1), 18),
    ],
)
def test_age_in_full_years(birth, day, age):
    assert age_on(birth, day) == age


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-05", "2026-1-5", "2026.1.5", "2026.01.05.", "2026/1/5", "20260105", "2026年1月5日", "2026 年 1 月 5 日", "2026年1月5",
        "２０２６．１．５", "2026-01-05 00:00:00", "2026-01-05T08:30", " 2026-01-05 ", "46027", 46027, 46027.0, 46027.75, 20260105,
        date(2026, 1, 5), datetime(2026, 1, 5, 23, 59), datetime(2026, 1, 4, 16, 0, tzinfo=UTC),
    ],
)  # fmt: skip
def test_days_as_people_write_them(text):
    assert parse_day(text) == date(2026, 1, 5)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "没有填日期"),
        (None, "没有填日期"),
        ("2026-02-30", "不是存在的日期"),
        ("2026-13-01", "不是存在的日期"),
        ("20261301", "不是存在的日期"),
        ("2026年1-5", "不是日期"),
        ("1905", "不是日期"),
        (1905, "不是日期"),
        ("明天", "不是日期"),
        ("1.5", "不是日期"),
        ("0026-01-05", "年份"),
        (date(1850, 1, 1), "年份"),
        (-5, "不是日期"),
        (1e20, "不是日期"),
        (float("nan"), "不是日期"),
        (True, "不是日期"),
    ],
)
def test_what_is_not_a_day_gets_a_sentence(text, says):
    with pytest.raises(ValueError, match=says) as refusal:
        parse_day(text)
    assert str(refusal.value).endswith("。")


@given(DAYS)
def test_every_written_form_of_a_day_reads_back(day):
    serial = (day - date(1899, 12, 30)).days
    forms = [day.isoformat(), f"{day.year}.{day.month}.{day.day}", f"{day:%Y%m%d}", f"{day.year}年{day.month}月{day.day}日"]
    assert {parse_day(form) for form in forms} == {day}
    if serial >= 10_000:
        assert parse_day(serial) == parse_day(str(serial)) == day


@given(st.text(max_size=15))
def test_any_text_is_a_day_or_a_sentence(text):
    try:
        assert parse_day(text)
    except ValueError as refusal:
        assert str(refusal).endswith("。")


def test_the_zone_is_shanghai():
    assert str(days.TZ) == "Asia/Shanghai"
