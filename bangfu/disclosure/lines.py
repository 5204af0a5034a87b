"""What a notice may show of a person: a closed list of columns, and the form of the name on each channel.

PIPL §25: no name is published without its own consent; trust.md "公示 leaks": no identity number, card, phone, address or
diagnosis ever gets here, as there is no column for it, and texts that look like one are refused.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.lib.errors import Refused
from bangfu.lib.masking import mask_name


class Channel(models.TextChoices):
    """Where a notice is shown; who can read it decides the form of the name."""

    BOARD = "board", gettext_lazy("单位公示栏")
    INTRANET = "intranet", gettext_lazy("办公网")
    OPEN = "open", gettext_lazy("公开网页")
    NEWSPAPER = "newspaper", gettext_lazy("报纸")
    TV = "tv", gettext_lazy("电视")


#: Where a notice hangs unless the rules say otherwise.
USUAL = (Channel.BOARD, Channel.INTRANET, Channel.OPEN)
#: What others print or broadcast: that it was there is shown by a cutting. Source: S2-8.
PRESS = (Channel.NEWSPAPER, Channel.TV)


class NameForm(models.TextChoices):
    FULL = "full", gettext_lazy("写全名")
    MASKED = "masked", gettext_lazy("姓名打码")
    NUMBER = "number", gettext_lazy("只写编号")


class Category(models.TextChoices):
    """The one word said about the cause; never a diagnosis, a grade of disability, or a sum of income."""

    ILLNESS = "illness", gettext_lazy("因病")
    DISABILITY = "disability", gettext_lazy("因残")
    SCHOOLING = "schooling", gettext_lazy("因学")
    DISASTER = "disaster", gettext_lazy("因灾")
    ACCIDENT = "accident", gettext_lazy("意外")
    JOBLESS = "jobless", gettext_lazy("失业")
    LOW_INCOME = "low_income", gettext_lazy("收入低")
    OTHER = "other", gettext_lazy("其他")


#: The full name stands on the unit's own board only, and there only with consent (notice_name).
FORM_ON: dict[str, NameForm] = {
    Channel.BOARD: NameForm.FULL,
    Channel.INTRANET: NameForm.MASKED,
    Channel.OPEN: NameForm.MASKED,
    Channel.NEWSPAPER: NameForm.MASKED,
    Channel.TV: NameForm.MASKED,
}
#: The columns of a snapshot; a test holds every snapshot against this list.
COLUMNS = ("number", "unit", "name", "category", "programme", "amount_fen")
#: What the rules may leave out of a notice; number, programme and amount always stand.
HIDEABLE = frozenset({"name", "unit", "category"})
_DIGITS = re.compile(r"\d(?:[\s\-_.·]*\d){6,}[\s\-]*[xX]?")
#: The organisation's prefix (a code such as S404 has digits), kind and year, serial, and on a list the place: nothing longer fits.
_NUMBER = re.compile(r"[A-Z][A-Z0-9]{0,11}-[A-Z]\d{4}-\d{1,6}(?:-\d{1,4})?")
_LONG = re.compile(r"\d{7}")


@dataclass(frozen=True)
class Line:
    """One person of a notice as the module above knows her. `category` is a value of Category; amounts in fen, above 0.

    `may_name` is her own consent that her name is published (household.Consent notice_name).
    """

    number: str  # of the case: what tells equal masked names apart
    unit_name: str
    full_name: str
    may_name: bool
    category: str
    programme: str
    amount_fen: int
    hides: frozenset[str] = frozenset()  # of HIDEABLE: what the rules do not want shown


def name_on(channel: str, line: Line) -> str:
    """What the channel writes for the name: full, masked, or "" (number only). Never more than consent and channel allow."""
    if not line.may_name or "name" in line.hides:
        return ""
    if FORM_ON[channel] == NameForm.FULL:
        return line.full_name
    return mask_name(line.full_name)


def snapshot(channel: str, lines: Sequence[Line]) -> list[dict[str, str | int]]:
    """The rows of one channel, column by column: nothing but COLUMNS can get in. Without consent number and amount only."""
    rows: list[dict[str, str | int]] = [
        {
            "number": line.number,
            "unit": line.unit_name,
            "name": name_on(channel, line),
            "category": str(Category(line.category).label),
            "programme": line.programme,
            "amount_fen": line.amount_fen,
        }
        for line in lines
    ]
    told = [row | dict.fromkeys(line.hides & HIDEABLE, "") for row, line in zip(rows, lines, strict=True)]
    return [row if line.may_name else without_person(row) for row, line in zip(told, lines, strict=True)]


def without_person(row: dict[str, Any]) -> dict[str, Any]:
    """The row of somebody who does not want to be named: a small unit and a cause would name her too."""
    return row | {"name": "", "unit": "", "category": ""}


def check(lines: Sequence[Line], *, texts: Sequence[str] = ()) -> None:
    """The office's check before posting. `texts` are the title and the words above the table. Raises Refused."""
    if not lines:
        raise Refused(_("公示里还没有人。请先选定拟帮扶的人和金额。"))
    numbers = [line.number for line in lines]
    for line in lines:
        _check_line(line)
        if numbers.count(line.number) > 1:
            raise Refused(_("编号 %(number)s 在公示里出现两次。请去掉重复的一行。") % {"number": line.number})
    for text in texts:
        _check_text(text, "")
        for line in lines:
            if line.full_name and line.full_name in text:
                raise Refused(_("公示的标题和说明里不能写人名。请改成事由，姓名只在表里按本人同意的写法出现。"))


def _check_line(line: Line) -> None:
    if not _NUMBER.fullmatch(line.number) or _LONG.search(line.number) or len(line.number) > 30:
        raise Refused(_("“%(number)s”不是办件编号。公示编号要用系统给的编号，例如 KY-A2026-0221。") % {"number": line.number[:30]})
    if line.category not in Category.values:
        raise Refused(_("%(number)s 的原因只能写类别（因病、因学等），不能写病名或其他说明。") % {"number": line.number})
    if line.amount_fen <= 0:
        raise Refused(_("%(number)s 没有金额。请先定下拟帮扶金额再公示。") % {"number": line.number})
    for text in (line.unit_name, line.programme):
        _check_text(text, line.number)
        if line.full_name and line.full_name in text:
            raise Refused(_("%(number)s 的部门或项目里带着人名。请改成部门、项目的名称。") % {"number": line.number})
    if line.may_name:
        _check_text(line.full_name, line.number)


def _check_text(text: str, number: str) -> None:
    """No run of seven or more digits, however spaced: an identity number, a card, a phone cannot hide in a text."""
    plain = unicodedata.normalize("NFKC", text)
    if _DIGITS.search(plain):
        where = number or _("标题或说明")
        raise Refused(_("%(where)s里有一长串数字，像证件号、卡号或电话，不能公示。请删去后再发布。") % {"where": where})
