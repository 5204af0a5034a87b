"""How a cell becomes a value, and what is refused; `columns` says which column reads how.

A reader gets the cell and the context, answers the value, and raises ValueError with a full sentence: why, and how to mend.
What is odd but passes goes into `warnings`. Source: spec/practice.md 1.5.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from difflib import get_close_matches
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from bangfu.lib import bankcard, codes, days, identity, money, names, phone
from bangfu.lib.numerals import plain_number


@dataclass
class Context:
    """What a cell is judged against: the day, the organisation's units and the uploader's reach, the grades in force."""

    on: date
    units: dict[str, int]  # plain name -> pk, -1 when two units share it
    reach: frozenset[int]  # units the uploader may write for
    grading: frozenset[int] = frozenset()  # units where the uploader may set grades
    grades: dict[str, str] = field(default_factory=dict)  # plain word -> code
    unit_names: dict[int, str] = field(default_factory=dict)
    grade_titles: dict[str, str] = field(default_factory=dict)
    factors: dict[str, int] = field(default_factory=dict)  # key -> 10000 when the head says 万元
    paper: identity.IdentityCheck | None = None  # what the last number of papers said of itself


Reader = Callable[[Any, Context, list[str]], Any]
Show = Callable[[Any, Context], str]


@dataclass(frozen=True)
class Column:
    """One column that can be imported."""

    key: str
    title: str | Promise
    also: tuple[str, ...]
    read: Reader
    part: str  # "staff" or "household"
    required: bool = False
    no_formula: bool = False  # money and numbers of papers: a formula is refused
    mask: Callable[[str | None], str] | None = None  # how others see the value
    show: Show | None = None
    is_word: bool = False  # few different values: each is judged once a file
    sums: str = ""  # "fen" or "count": a total row may state its sum
    example: str = ""
    note: str | Promise = ""


def plain(text: object) -> str:
    """How heads, names of units and codes are compared: half-width, no blanks, no trailing bracket of hints."""
    shown = plain_number(text) if isinstance(text, (int, float)) and not isinstance(text, bool) else str(text or "")
    return "".join(unicodedata.normalize("NFKC", shown).split()).upper()


def text_of(cell: object) -> str:
    """A cell as the clerk sees it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, (int, float)):
        return plain_number(cell)
    if isinstance(cell, date):
        return f"{cell:%Y-%m-%d}"
    return str(cell).strip()


def split_sentence(sentence: str) -> tuple[str, str]:
    """("少 1 位，现 17 位。", "对照证件补全。"): why, and how to mend."""
    head, stop, tail = sentence.partition("。")
    return (head + stop, tail) if tail else (sentence, "")


def name_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    return names.clean_name(text_of(cell))


def identity_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    raw = cell if isinstance(cell, (int, float, str)) else text_of(cell)
    if "*" in str(raw) or "＊" in str(raw):
        raise ValueError(_("有星号，是打码后的号。填完整的证件号码。"))
    checked = identity.check(raw, on=context.on)
    if not checked.ok:
        raise ValueError(checked.errors[0])
    if isinstance(cell, float) and len(checked.value) > 15:
        raise ValueError(_("单元格是数字，Excel 只保留 15 位。请先把这一列设为文本，再对照证件重新输入。"))
    warnings += checked.warnings
    context.paper = checked
    return checked.value


def phone_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    raw = text_of(cell)
    if "*" in raw or "＊" in raw:
        raise ValueError(_("有星号，是打码后的号。填完整的手机号码，或留空以后补。"))
    checked = phone.check(raw)
    if not checked.ok:
        raise ValueError(checked.errors[0])
    warnings += checked.warnings
    return checked.value


def card_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    raw = text_of(cell)
    if "*" in raw or "＊" in raw:
        raise ValueError(_("有星号，是打码后的号。填完整卡号，或留空以后补。"))
    if isinstance(cell, float) and len(raw) > 15:
        raise ValueError(_("单元格是数字，Excel 只保留 15 位。请先把这一列设为文本，再对照银行卡重新输入。"))
    checked = bankcard.check(raw)
    if not checked.ok:
        raise ValueError(checked.errors[0])
    warnings += checked.warnings
    return checked.value


def day_reader(cell: Any, context: Context, warnings: list[str]) -> date:
    day = days.parse_day(cell if isinstance(cell, (date, int, float)) else text_of(cell))
    if day > context.on:
        raise ValueError(_("%(day)s 还没有到。请核对年、月、日。") % {"day": day})
    return day


def amount_reader(key: str, cap_fen: int) -> Reader:
    def read(cell: Any, context: Context, warnings: list[str]) -> int:
        factor = context.factors.get(key, 1)
        raw = cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else text_of(cell)
        fen = fen_of(raw) * factor
        if fen > cap_fen:
            raise ValueError(too_much(fen, cap_fen))
        return fen

    return read


def fen_of(raw: Any) -> int:
    """Also 叁仟元整; any size, so that the cap of the column can answer with its own words."""
    wide = 10**17
    try:
        return money.parse_yuan(raw, cap_fen=wide)
    except ValueError:
        if isinstance(raw, str) and any(sign in raw for sign in "壹贰叁肆伍陆柒捌玖"):
            return money.from_words(raw)
        raise


def too_much(fen: int, cap_fen: int) -> str:
    """Beyond a cap: say the sum in the unit that people read, and what was probably meant. Source: S1-13."""
    words = {"sum": in_large_units(fen), "cap": money.yuan(cap_fen), "guess": money.yuan(fen // 10_000)}
    if fen % 10_000 == 0 and 0 < fen // 10_000 <= cap_fen:
        return _("合 %(sum)s，超过上限 %(cap)s 元。是不是 %(guess)s 元？核对单位是元还是万元。") % words
    return _("合 %(sum)s，超过上限 %(cap)s 元。检查是否多写了零，或把万元当成了元。") % words


def in_large_units(fen: int) -> str:
    """372,000 万元 is 37.2 亿元: large sums as people say them."""
    for size, word in ((10_000_000_000, _("亿元")), (1_000_000, _("万元"))):
        if fen >= size:
            shown = f"{fen / size:,.2f}".rstrip("0").rstrip(".")
            return f"{shown} {word}"
    return f"{money.yuan(fen)} {_('元')}"


def count_reader(least: int, most: int) -> Reader:
    def read(cell: Any, context: Context, warnings: list[str]) -> int:
        text = plain(cell).removesuffix("人").removesuffix("口").removesuffix("次")
        if not text.isdigit():
            raise ValueError(_("“%(text)s”不是整数。写成 3 这样的数字。") % {"text": text_of(cell)})
        number = int(text)
        if number < least:
            raise ValueError(_("至少 %(least)d 人。本人也算。") % {"least": least})
        if number > most:
            raise ValueError(_("现 %(n)d，超过 %(most)d。请核对后重填。") % {"n": number, "most": most})
        return number

    return read


def sex_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    code = codes.code_of("sex", cell)
    if code not in (identity.MALE, identity.FEMALE):
        raise ValueError(_("“%(text)s”不是性别。写“男”或“女”，或留空由身份证得出。") % {"text": text_of(cell)})
    return code


def unit_reader(cell: Any, context: Context, warnings: list[str]) -> int:
    shown = text_of(cell)
    pk = context.units.get(plain(shown))
    if pk == -1:
        raise ValueError(_("有几个单位都叫“%(name)s”。改填单位编码。") % {"name": shown})
    if pk is None:
        near = get_close_matches(plain(shown), context.units, n=1, cutoff=0.5)
        if near and context.units[near[0]] != -1:
            found = context.unit_names.get(context.units[near[0]], near[0])
            raise ValueError(
                _("没有“%(name)s”这个部门。最接近的是“%(near)s”；若是新部门，请系统管理员先在“单位”页新建。")
                % {"name": shown, "near": found}
            )
        raise ValueError(
            _("没有“%(name)s”这个部门。改成系统里的名称；若是新部门，请系统管理员先在“单位”页新建。") % {"name": shown}
        )
    if pk not in context.reach:
        raise ValueError(_("“%(name)s”不在您负责的单位里。请转给那里的工会干事导入，或删去这一行。") % {"name": shown})
    return pk


def choice_reader(choices: list[tuple[str, Any]], words: dict[str, str], title: str | Promise) -> Reader:
    """One of our own words: the code of what the file says; else a refusal that lists what may stand there."""

    known: dict[str, str] = {}

    def read(cell: Any, context: Context, warnings: list[str]) -> str:
        if not known:  # labels are translated when the first cell is read
            known.update(words | {plain(str(label)): code for code, label in choices})
        code = known.get(plain(cell))
        if code is None:
            raise ValueError(
                _("“%(text)s”不能填在%(title)s里。可填：%(known)s。")
                % {"text": text_of(cell), "title": title, "known": "、".join(str(label) for _code, label in choices)}
            )
        return code

    return read


def grade_reader(cell: Any, context: Context, warnings: list[str]) -> str:
    code = context.grades.get(plain(cell))
    if code is None:
        known = "、".join(context.grade_titles.values())
        if not known:
            raise ValueError(_("还没有施行中的办法，不能判断困难类别。请办法管理员先施行办法，或留空以后评定。"))
        raise ValueError(_("“%(text)s”不是现行办法的困难类别。可填：%(known)s。") % {"text": text_of(cell), "known": known})
    return code


def words_reader(most: int) -> Reader:
    def read(cell: Any, context: Context, warnings: list[str]) -> str:
        text = " ".join(text_of(cell).split())
        if len(text) > most:
            raise ValueError(_("现 %(n)d 个字，最多 %(most)d 个字。请缩短。") % {"n": len(text), "most": most})
        return text

    return read


def as_text(value: Any, context: Context) -> str:
    return text_of(value)


def as_yuan(value: Any, context: Context) -> str:
    return money.yuan(value)


def as_code(list_name: str) -> Show:
    return lambda value, context: str(codes.label(list_name, value) or "")


def as_choice(choices: list[tuple[str, Any]]) -> Show:
    return lambda value, context: str(dict(choices).get(value, value))
