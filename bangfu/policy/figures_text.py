"""Figures as people write them in a pack: 1000元, 40%, 1.5倍, 2017-03-01 — and whole numbers. Never rounded."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.money import parse_yuan

MOST = 10**15
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_LARGE = re.compile(r"(\d{1,6}(?:\.\d{1,8})?)(万元|亿元)")
_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?")
_RATES = {"%": 10, "％": 10, "‰": 1, "倍": 1000}


def read_figure(value: Any, type_: str, unit: str) -> int | str | bool:
    """One value of a parameter by its type and unit; days become ordinals. Raises ValueError with a Chinese sentence."""
    if type_ == "bool":
        if isinstance(value, bool):
            return value
        raise ValueError(_("“%(value)s”不是 true 或 false。") % {"value": value})
    if type_ == "code":
        if isinstance(value, str) and _CODE.fullmatch(value):
            return value
        raise ValueError(
            _("“%(value)s”不是代码。代码只用字母、数字、点、下划线和连字符，最多 40 个；纯数字要加引号。")
            % {"value": str(value)[:40]}
        )
    if type_ == "date":
        try:
            return date.fromisoformat(str(value)).toordinal()
        except ValueError as wrong:
            raise ValueError(_("“%(value)s”不是日期，例如 2017-03-01。") % {"value": value}) from wrong
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(_("“%(value)s”不是整数。") % {"value": value})
    if isinstance(value, int):
        if abs(value) > MOST or (value < 0 and unit in ("fen", "permille")):
            raise ValueError(
                _("写的是 %(value)s，超出范围。金额、比例不能小于 0，任何数不能超过 10 的 15 次方。请核对。") % {"value": value}
            )
        return value
    return _written(value.strip(), unit)


def _written(text: str, unit: str) -> int:
    if unit == "fen" and (large := _LARGE.fullmatch(text)):
        fen = Decimal(large[1]) * (1_000_000 if large[2] == "万元" else 10_000_000_000)
        if fen == int(fen):
            return int(fen)
    if unit == "fen" and text.endswith("元"):
        return parse_yuan(text.removesuffix("元"))
    if unit == "permille" and text[-1:] in _RATES:
        number = text[:-1].strip()
        if _NUMBER.fullmatch(number):
            permille = Decimal(number) * _RATES[text[-1]]
            if permille == int(permille):
                return int(permille)
            raise ValueError(
                _("“%(value)s”细到千分之一以下。比例最细到千分之一，例如 33.3%%；三分之一请写 per(…, 3, 'down')。")
                % {"value": text[:40]}
            )
    raise ValueError(
        _("“%(value)s”读不懂。金额写成 1000元、1.5万元 或整数分，比例写成 40%%、5‰、1.5倍 或整数千分。") % {"value": text[:40]}
    )


def read_fen(value: int | str) -> int:
    """An amount of an example: whole fen, or 1000元."""
    return int(read_figure(value, "int", "fen"))
