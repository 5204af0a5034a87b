"""Phone numbers: a mobile of the mainland is needed for messages; a landline is kept with a warning."""

import re
import unicodedata
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from bangfu.lib.numerals import plain_number


@dataclass(frozen=True)
class PhoneCheck:
    """Usable when `errors` is empty; `is_mobile` tells whether messages can reach it."""

    value: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    is_mobile: bool = False

    @property
    def ok(self) -> bool:
        return not self.errors


def normalise(text: object) -> str:
    """Half-width, without blanks, brackets and dashes, and without +86."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return plain_number(text)
    plain = re.sub(r"[\s\u200b-\u200f\ufeff()\-‐-―'’]", "", unicodedata.normalize("NFKC", str(text or "")))
    return re.sub(r"^(\+|00)86", "", plain) if not re.fullmatch(r"86\d{11}", plain) else plain[2:]


def check(text: object) -> PhoneCheck:
    """Check a phone number; never raises."""
    value = normalise(text)
    if not value:
        return PhoneCheck("", [_("没有填手机号码。请填写 11 位手机号码。")])
    if "*" in value:
        return PhoneCheck(value, [_("有星号，是打码后的号码。填完整号码，或留空以后补。")])
    if not (value.isascii() and value.isdigit()):
        odd = next(sign for sign in value if not (sign.isascii() and sign.isdigit()))
        return PhoneCheck(value, [_("含有“%(sign)s”。手机号码只能是数字，请改正。") % {"sign": odd}])
    if re.fullmatch(r"1[3-9]\d{9}", value):
        return PhoneCheck(value, is_mobile=True)
    if value[0] == "0" and 10 <= len(value) <= 12 or 7 <= len(value) <= 8:
        return PhoneCheck(value, [], [_("这是固定电话，收不到短信。最好填写手机号码。")])
    if value[0] == "1" and len(value) != 11:
        return PhoneCheck(value, [_("手机号码应为 11 位，现 %(n)d 位。请核对后改正。") % {"n": len(value)}])
    return PhoneCheck(value, [_("“%(value)s”不是手机号码。请填写以 1 开头的 11 位号码。") % {"value": value}])
