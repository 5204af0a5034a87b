"""Bank cards and accounts: some passbooks and rural banks do not follow Luhn, so nothing here blocks a real account."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bangfu.lib.masking import mask_card
from bangfu.lib.numerals import plain_number

__all__ = ["CardCheck", "check", "luhn_ok", "mask_card", "normalise"]


@dataclass(frozen=True)
class CardCheck:
    """Usable when `errors` is empty (digits only, 8-32 of them); `warnings` are shown and passed."""

    value: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return not self.errors


def normalise(text: object) -> str:
    """Digits without blanks and dashes."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return plain_number(text)
    plain = unicodedata.normalize("NFKC", str(text or ""))
    return re.sub(r"[\s\u200b-\u200f\ufeff\-‐-―'’]", "", plain)


def luhn_ok(digits: str) -> bool:
    """ISO/IEC 7812 check digit."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        number = int(digit) * (1 + place % 2)
        total += number - 9 if number > 9 else number
    return total % 10 == 0


def check(text: object) -> CardCheck:
    """Check a card or account number; never raises. Source: spec/practice.md 7 (warn, do not block)."""
    value = normalise(text)
    if not value:
        return CardCheck("", [_("没有填银行卡号。对照银行卡填写。")])
    if re.search(r"\d[.,]\d+E\+?\d", value.upper()):
        return CardCheck(value, [_("Excel 已把卡号改成科学计数法。请先把单元格设为文本，再对照银行卡重新输入。")])
    if "*" in value:
        return CardCheck(value, [_("有星号，是打码后的卡号。填完整卡号，或留空以后补。")])
    if not (value.isascii() and value.isdigit()):
        odd = next(sign for sign in value if not (sign.isascii() and sign.isdigit()))
        return CardCheck(value, [_("含有“%(sign)s”。银行卡号只能是数字，对照银行卡改正。") % {"sign": odd}])
    if not 8 <= len(value) <= 32:
        return CardCheck(value, [_("现 %(n)d 位，银行卡号一般为 16 至 19 位。对照银行卡改正。") % {"n": len(value)}])
    if len(value) > 15 and value.endswith("0" * (len(value) - 15)) and not luhn_ok(value):
        return CardCheck(value, [_("Excel 已把第 15 位以后改成 0。请先把单元格设为文本，再对照银行卡重新输入。")])
    warnings = []
    if not 16 <= len(value) <= 19:
        warnings.append(_("现 %(n)d 位，银行卡号一般为 16 至 19 位，请核对是卡号还是存折账号。") % {"n": len(value)})
    elif not luhn_ok(value):
        warnings.append(_("末位校验不符，请与银行卡核对。"))
    return CardCheck(value, [], warnings)
