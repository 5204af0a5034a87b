"""Figures as people write them in a pack: 1000元, 40%, 1.5倍, 2017-03-01 — and whole numbers. Never rounded."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.money import parse_yuan

_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,3})?")


def read_figure(value: Any, type_: str, unit: str) -> int | str | bool:
    """One value of a parameter by its type and unit; days become ordinals. Raises ValueError with a Chinese sentence."""
    if type_ == "bool":
        if isinstance(value, bool):
            return value
        raise ValueError(_("“%(value)s”不是 true 或 false。") % {"value": value})
    if type_ == "code":
        return str(value)
    if type_ == "date":
        try:
            return date.fromisoformat(str(value)).toordinal()
        except ValueError as wrong:
            raise ValueError(_("“%(value)s”不是日期，例如 2017-03-01。") % {"value": value}) from wrong
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise ValueError(_("“%(value)s”不是整数。") % {"value": value})
    if isinstance(value, int):
        return value
    return _written(value, unit)


def _written(text: str, unit: str) -> int:
    if unit == "fen" and text.endswith("元"):
        return parse_yuan(text.removesuffix("元"))
    if unit == "permille" and text[-1:] in ("%", "倍"):
        number = text[:-1].strip()
        if _NUMBER.fullmatch(number):
            permille = Decimal(number) * (10 if text.endswith("%") else 1000)
            if permille == int(permille):
                return int(permille)
    raise ValueError(_("“%(value)s”读不懂。金额写成 1000元 或整数分，比例写成 40%%、1.5倍 或整数千分。") % {"value": text})


def read_fen(value: int | str) -> int:
    """An amount of an example: whole fen, or 1000元."""
    return int(read_figure(value, "int", "fen"))
