"""Charts drawn on the server as SVG: pure functions from labels and numbers to markup, without scripts, styles or colours of their own.

The table beside a chart is the data; the chart repeats it. Along the page everything is in per cent and across it in pixels,
so that a letter stays 12 px high at any width; the colours are the classes of theme.css ("drawings"). Balances are `ink`,
income `sand`, money out hollow (`out`), the answer `blue`, a limit a dashed amber line with its name. Source: LOOK.md 5 "Chart".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from zlib import crc32

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

TOP, FOOT = 22, 24  # px above the highest line and below the lowest
STEPS = (1, 2, 5, 10)
FEW = 7  # columns that have room for their numbers


@dataclass(frozen=True)
class Series:
    """One row of numbers; None is drawn as nothing. `kind`: blue, sand, ink, out, pale, or line (a thin grey line)."""

    title: str
    values: Sequence[int | None]
    kind: str = "blue"


@dataclass(frozen=True)
class Limit:
    """A line that should not be crossed, with its name (and number) in words."""

    title: str
    value: int


Shown = Callable[[int], str]


def columns(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    *,
    says: str,
    shown: Shown = str,
    unit: str = "",
    limit: Limit | None = None,
    height: int = 220,
) -> SafeString:
    """Upright columns side by side, a series of kind "line" over them. `says`: the chart in a sentence; `unit`: of the scale."""
    values = [value for one in series for value in one.values if value is not None] + ([limit.value] if limit else [])
    ticks = scale(min([0, *values]), max([1, *values]))
    low, high = ticks[0], ticks[-1]

    def y(value: int) -> int:
        return TOP + round((high - value) * height / (high - low))

    slot = 100 / max(1, len(labels))
    bars = [one for one in series if one.kind != "line"]
    parts = [_gridlines(ticks, y)]
    for place, one in enumerate(bars):
        wide = slot * 0.68 / len(bars)
        for number, value in enumerate(one.values):
            if value is not None:
                left = slot * (number + 0.16) + place * wide
                parts.append(_bar(one.kind, left, wide, y(max(value, 0)), y(min(value, 0))))
                if len(labels) * len(bars) <= FEW:
                    parts.append(_text(left + wide / 2, y(max(value, 0)) - 5, shown(value), "v"))
    for one in series:
        if one.kind == "line":
            parts.append(_line([(slot * (place + 0.5), y(value)) for place, value in enumerate(one.values) if value is not None]))
    if limit:
        at = y(limit.value)
        parts.append(format_html('<line class="lim" x1="0" x2="100%" y1="{}" y2="{}"/>', at, at))
    base = TOP + height + 17
    parts += [_text(slot * (place + 0.5), base, label, "x") for place, label in enumerate(labels)]
    scale_words = format_html_join("", '<text class="y" x="-8" y="{}">{}</text>', ((y(tick) + 4, shown(tick)) for tick in ticks))
    return _drawn(title, says, series, TOP + height + FOOT, [scale_words, *parts], unit, limit, scaled=True)


def rows(
    title: str, labels: Sequence[str], series: Sequence[Series], *, says: str, shown: Shown = str, unit: str = ""
) -> SafeString:
    """Lying bars, each label above its own: for long names (units, programmes) and for distributions."""
    most = max([1, *(value for one in series for value in one.values if value is not None)])
    tall = 20 + 13 * len(series) + 8
    parts = []
    for place, label in enumerate(labels):
        top = place * tall
        parts.append(format_html('<text class="l" x="0" y="{}">{}</text>', top + 15, label))
        for number, one in enumerate(series):
            value, at = one.values[place], top + 20 + 13 * number
            if not value:  # none, or not to be shown: the table says which
                continue
            wide = max(0, value) * 80 / most
            parts.append(_bar(one.kind, 0, wide, at + 1, at + 11))
            parts.append(format_html('<text class="n" x="{}%" dx="6" y="{}">{}</text>', _short(wide), at + 10, shown(value)))
    return _drawn(title, says, series, tall * len(labels) + 4, parts, unit)


def scale(low: int, high: int, steps: int = 5) -> list[int]:
    """Round marks from at or below `low` to at or above `high`; 0 is always one of them."""
    size, rough = 1, max(1, -(-(high - low) // steps))
    while size * 10 <= rough:
        size *= 10
    step = next(one * size for one in STEPS if one * size >= rough)
    return [step * number for number in range(low // step, -(-high // step) + 1)]


def _gridlines(ticks: Sequence[int], y: Callable[[int], int]) -> SafeString:
    rows = ((mark_safe(' class="zero"') if tick == 0 else "", y(tick), y(tick)) for tick in ticks)
    return format_html_join("", '<line{} x1="0" x2="100%" y1="{}" y2="{}"/>', rows)


def _bar(kind: str, left: float, wide: float, top: int, bottom: int) -> SafeString:
    return format_html(
        '<rect class="{}" x="{}%" y="{}" width="{}%" height="{}"/>', kind, _short(left), top, _short(wide), max(0, bottom - top)
    )


def _line(points: Sequence[tuple[float, int]]) -> SafeString:
    pairs = zip(points, points[1:], strict=False)
    lines = format_html_join(
        "",
        '<line class="ln" x1="{}%" y1="{}" x2="{}%" y2="{}"/>',
        ((_short(a[0]), a[1], _short(b[0]), b[1]) for a, b in pairs),
    )
    dots = format_html_join("", '<circle class="ln" cx="{}%" cy="{}" r="2.5"/>', ((_short(x), y) for x, y in points))
    return lines + dots


def _text(x: float, y: int, words: str, kind: str) -> SafeString:
    return format_html('<text class="{}" x="{}%" y="{}">{}</text>', kind, _short(x), y, words)


def _short(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _drawn(
    title: str, says: str, series: Sequence[Series], height: int, parts: Sequence[SafeString], unit: str,
    limit: Limit | None = None, *, scaled: bool = False,
) -> SafeString:  # fmt: skip
    """`scaled`: room at the left for the words of the scale, which are drawn outside of the picture's own width."""
    name = f"d{crc32(f'{title} {says}'.encode()):08x}"
    return format_html(
        '<div class="bf-drawn{}">{}<svg class="bf-draw" height="{}" role="img" aria-labelledby="{}-t {}-d">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>{}</svg></div>',
        " scaled" if scaled else "",
        legend(series, unit, limit) if unit or limit or len(series) > 1 else "",
        height,
        name,
        name,
        name,
        title,
        name,
        says,
        mark_safe("".join(parts)),
    )


def legend(series: Sequence[Series], unit: str = "", limit: Limit | None = None) -> SafeString:
    """What each colour and the dashed line stand for (beside the chart: no column hides it), and what is counted."""

    def swatch(kind: str) -> SafeString:
        if kind == "line":
            return mark_safe('<line class="ln" x1="0" x2="14" y1="5" y2="5"/>')
        if kind == "lim":
            return mark_safe('<line class="lim" x1="0" x2="14" y1="5" y2="5"/>')
        return format_html('<rect class="{}" x="1" y="1" width="12" height="8"/>', kind)

    shown = [(one.kind, one.title) for one in series if len(series) > 1] + ([("lim", limit.title)] if limit else [])
    items = format_html_join(
        "",
        '<li><svg class="bf-draw" width="14" height="10" aria-hidden="true">{}</svg>{}</li>',
        ((swatch(kind), title) for kind, title in shown),
    )
    return format_html('<ul class="bf-legend">{}{}</ul>', items, format_html("<li>{}</li>", unit) if unit else "")
