"""Filters: how money, days and personal data are written. Source: design/ux.md 4."""

from datetime import date, datetime, timedelta

from django import template
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bangfu.lib import days, masking, money

register = template.Library()
MINUS = "-"


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as yuan with two decimals and no sign of currency: 123400 -> 1,234.00; nothing for None."""
    return "" if fen is None else money.yuan(fen)


@register.filter
def yuan_sign(fen: int | None) -> SafeString:
    """Fen as ¥1,234.00, below zero -¥1.00; never broken over two lines."""
    if fen is None:
        return mark_safe("")
    sign = MINUS if fen < 0 else ""
    return mark_safe(f'<span class="nb">{sign}¥{money.yuan(abs(fen))}</span>')


@register.filter
def words(fen: int | None) -> str:
    """人民币大写: 140950 -> 人民币壹仟肆佰零玖元伍角."""
    return "" if fen is None else money.in_words(fen)


@register.filter
def wan(fen: int | None) -> str:
    """Fen in 万元 with two decimals, for overviews; the exact figure stands beside or behind it."""
    return "" if fen is None else money.wan(fen)


def _shanghai(value: date | datetime) -> date | datetime:
    return days.local(value) if isinstance(value, datetime) else value


@register.filter
def day(value: date | datetime | None) -> str:
    """2026-11-21."""
    return "" if value is None else f"{_shanghai(value):%Y-%m-%d}"


@register.filter
def short_day(value: date | datetime | None) -> str:
    """11-21, for rows whose year is clear."""
    return "" if value is None else f"{_shanghai(value):%m-%d}"


@register.filter
def long_day(value: date | datetime | None) -> SafeString:
    """2026年11月21日, never broken."""
    if value is None:
        return mark_safe("")
    value = _shanghai(value)
    text = _("%(year)s年%(month)s月%(day)s日") % {"year": value.year, "month": value.month, "day": value.day}
    return mark_safe(f'<span class="nb">{text}</span>')


def month_day(value: date) -> str:
    return _("%(month)s月%(day)s日") % {"month": value.month, "day": value.day}


@register.filter(name="month_day")
def month_day_filter(value: date | datetime | None) -> str:
    """11月24日."""
    return "" if value is None else month_day(_shanghai(value))


@register.filter
def weekday(value: date | datetime | None) -> str:
    """星期五."""
    return "" if value is None else _("星期") + "一二三四五六日"[_shanghai(value).weekday()]


@register.filter
def short_weekday(value: date | datetime | None) -> str:
    """周五."""
    return "" if value is None else _("周") + "一二三四五六日"[_shanghai(value).weekday()]


@register.filter
def clock(value: datetime | None) -> str:
    """09:41 in Shanghai."""
    return "" if value is None else f"{days.local(value):%H:%M}"


@register.filter
def moment(value: datetime | None) -> str:
    """2026-11-21 09:41 in Shanghai."""
    return "" if value is None else f"{days.local(value):%Y-%m-%d %H:%M}"


def end_text(value: datetime) -> str:
    """The end of a half-open period: 00:00 of the 25th is written "11月24日 24:00", other instants with their own clock."""
    local = days.local(value)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{month_day(local.date() - timedelta(days=1))} 24:00"
    return f"{month_day(local.date())} {local:%H:%M}"


@register.filter
def day_end(value: datetime | None) -> SafeString:
    """11月24日 24:00 for the instant 11-25 00:00; never broken."""
    return mark_safe("" if value is None else f'<span class="nb">{end_text(value)}</span>')


def time_left(end: datetime, at: datetime) -> str:
    """How long until `end`, in whole days of Shanghai: 还剩 4 天 / 今天截止 / 逾期 2 天. Hours are not counted."""
    last = days.last_day(end)
    left = (last - days.today(at)).days
    if at >= end:
        over = max(1, -left)
        return ngettext("逾期 %(n)s 天", "逾期 %(n)s 天", over) % {"n": over}
    if left <= 0:
        return _("今天截止")
    return ngettext("还剩 %(n)s 天", "还剩 %(n)s 天", left) % {"n": left}


@register.filter
def remaining(end: datetime | None, at: datetime | None = None) -> str:
    """还剩 4 天（11月24日 24:00 截止）. `at` defaults to the clock of this request."""
    if end is None:
        return ""
    return _("%(left)s（%(end)s 截止）") % {"left": time_left(end, at or days.now()), "end": end_text(end)}


@register.filter
def left(end: datetime | None, at: datetime | None = None) -> str:
    """还剩 4 天, where the end itself stands beside it."""
    return "" if end is None else time_left(end, at or days.now())


@register.filter
def permille(value: int | None) -> str:
    """610 -> 61.0%."""
    return "" if value is None else f"{value // 10}.{value % 10}%"


percent_permille = register.filter("percent_permille", permille)


@register.filter
def mask_id(value: str | None) -> str:
    """5325**********0017; permits of Hong Kong, Macao, Taiwan and passports masked too."""
    return masking.mask_id(value) if value else ""


@register.filter
def mask_phone(value: str | None) -> str:
    """138****1234."""
    return masking.mask_phone(value) if value else ""


@register.filter
def mask_card(value: str | None) -> str:
    """**** 4417."""
    return masking.mask_card(value) if value else ""


@register.filter
def mask_name(value: str | None) -> str:
    """张*诚: first and last kept; for pages that others see."""
    return masking.mask_name(value) if value else ""
