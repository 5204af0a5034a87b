"""身份证件号码: our own check. Length and check digit decide; area code and an odd birth date only warn.

Public libraries refuse real people (county codes that began after a birth, residence permits 81/82/83), so none is used.
Source: spec/practice.md 7 (GB 11643).
"""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _

from bangfu.lib import days
from bangfu.lib.numerals import plain_number

ID_CARD = "id_card"  # 居民身份证
HMT_RESIDENCE = "hmt_residence"  # 港澳台居民居住证 (81, 82, 83)
FOREIGN_RESIDENCE = "foreign_residence"  # 外国人永久居留身份证 (9…, and the older 3 letters + 12 digits)
HM_PASS = "hm_pass"  # 港澳居民来往内地通行证
TW_PASS = "tw_pass"  # 台湾居民来往大陆通行证
PASSPORT = "passport"
UNKNOWN = "unknown"

MALE, FEMALE = "1", "2"  # GB/T 2261.1, as in codelists.json

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
_PROVINCES = frozenset(
    "11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83".split()  # noqa: SIM905
)
_OLDEST = 120


@dataclass(frozen=True)
class IdentityCheck:
    """What a number says about itself. Usable when `errors` is empty; `warnings` are shown and passed."""

    value: str  # normalised, 15 digits already upgraded to 18
    kind: str
    errors: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    birth_date: date | None = None
    sex: str = ""  # "1" male, "2" female, "" not known from the number

    @property
    def ok(self) -> bool:
        return not self.errors


def normalise(text: object) -> str:
    """Full-width to half-width, blanks and dashes out, letters upper-case: what is stored and indexed."""
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        return plain_number(text)
    plain = unicodedata.normalize("NFKC", str(text or "")).upper()
    plain = "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) not in ("Cf", "Pd", "Cc"))
    return plain.strip("'`‘’\"")


def check_digit(first17: str) -> str:
    """The 18th sign that belongs to 17 digits (ISO 7064 MOD 11-2). Source: GB 11643."""
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(first17, _WEIGHTS, strict=True)) % 11]


def check(text: object, *, on: date | None = None) -> IdentityCheck:
    """Check the number of any identity paper; never raises. `on` is the day that "past" refers to (today if left out)."""
    on = on or days.today(days.now())
    value = normalise(text)
    if not value:
        return IdentityCheck("", UNKNOWN, [_("没有填证件号码。对照证件填写。")])
    if isinstance(text, str) and re.search(r"\d[.,]\d+E\+?\d", text.upper()):
        return IdentityCheck(value, UNKNOWN, [_("Excel 已把号码改成科学计数法。请先把单元格设为文本，再对照证件重新输入。")])
    if "*" in value:
        return IdentityCheck(value, UNKNOWN, [_("有星号，是打码后的号码。对照证件填完整号码。")])
    other = _other_paper(value)
    if other:
        return IdentityCheck(value, other)
    wrong = _wrong_signs(value)
    if wrong:
        return IdentityCheck(value, UNKNOWN, [wrong])
    if len(value) == 15 and value.isdigit():
        return _old_card(value, on)
    if len(value) != 18:
        return IdentityCheck(value, ID_CARD, [_wrong_length(len(value))])
    return _card(value, on)


def _other_paper(value: str) -> str:
    """The kind of a paper that is not an 18-digit card, or ""."""
    if re.fullmatch(r"[HM]\d{8}(\d{2})?", value):
        return HM_PASS
    if re.fullmatch(r"\d{8}(\d{2})?", value):
        return TW_PASS
    if re.fullmatch(r"[A-Z]{3}\d{12}", value):
        return FOREIGN_RESIDENCE
    if re.fullmatch(r"[A-Z]{1,2}[A-Z0-9]?\d{6,8}", value) or re.fullmatch(r"[A-Z]\d{6,8}[A-Z]?", value):
        return PASSPORT
    return ""


def _wrong_signs(value: str) -> str:
    if re.fullmatch(r"\d+X?", value):
        return ""
    for letter, digit in (("O", "0"), ("I", "1"), ("L", "1")):
        if letter in value and re.fullmatch(r"\d+X?", value.replace(letter, digit)):
            return _("第 %(place)d 位是字母 %(letter)s，应为数字 %(digit)s。对照证件改正。") % {
                "place": value.index(letter) + 1,
                "letter": letter,
                "digit": digit,
            }
    odd = next((sign for sign in value[:-1] if not sign.isdigit()), value[-1])
    return _("含有“%(sign)s”。证件号码只能是数字（身份证末位可为 X）或证件上的字母，对照证件改正。") % {"sign": odd}


def _wrong_length(length: int) -> str:
    if length < 18:
        return _("少 %(n)d 位，现 %(length)d 位。对照证件补全。") % {"n": 18 - length, "length": length}
    return _("多 %(n)d 位，现 %(length)d 位。对照证件删去多余的数字。") % {"n": length - 18, "length": length}


def _old_card(value: str, on: date) -> IdentityCheck:
    """15 digits of before 1999: the year gets its 19, the end its check digit."""
    first17 = f"{value[:6]}19{value[6:]}"
    upgraded = first17 + check_digit(first17)
    if _birth(upgraded) is None:
        return IdentityCheck(value, ID_CARD, [_("少 3 位，现 15 位，也不是 15 位旧身份证号。对照证件补全。")])
    result = _card(upgraded, on)
    hint = _("15 位旧号码已换算成 18 位 %(value)s，请与现用证件核对。") % {"value": upgraded}
    return IdentityCheck(upgraded, result.kind, result.errors, [hint, *result.warnings], result.birth_date, result.sex)


def _card(value: str, on: date) -> IdentityCheck:
    kind = FOREIGN_RESIDENCE if value[0] == "9" else HMT_RESIDENCE if value[:2] in ("81", "82", "83") else ID_CARD
    errors: list[str] = []
    warnings: list[str] = []
    birth = _birth(value)
    if check_digit(value[:17]) != value[17]:
        # The numbering of the foreigners' card is not published in full: its check digit may only warn.
        (warnings if kind == FOREIGN_RESIDENCE else errors).append(_bad_check_digit(value, birth))
    elif birth is None:
        warnings.append(_("第 7 至 14 位 %(digits)s 不是存在的日期，请与证件核对。") % {"digits": value[6:14]})
    if value.endswith("000") and not errors:
        warnings.append(_("末三位是 000，可能是 Excel 改过的，请与证件核对。"))
    if birth and birth > on:
        errors.append(_("出生日期 %(day)s 还没有到。对照证件改正第 7 至 14 位。") % {"day": birth.isoformat()})
    elif birth and days.age_on(birth, on) > _OLDEST:
        warnings.append(_("按号码已 %(age)d 岁，请与证件核对。") % {"age": days.age_on(birth, on)})
    if kind == ID_CARD and value[:2] not in _PROVINCES:
        warnings.append(_("前两位 %(area)s 不是省级行政区划代码，请与证件核对。") % {"area": value[:2]})
    return IdentityCheck(value, kind, errors, warnings, birth, MALE if int(value[16]) % 2 else FEMALE)


def _bad_check_digit(value: str, birth: date | None) -> str:
    if value.endswith("000"):
        return _("Excel 已把末三位改成 000。请先把单元格设为文本，再对照证件重新输入。")
    if birth is None:
        return _("末位校验不符，且第 7 至 14 位 %(digits)s 不是存在的日期。对照证件改正。") % {"digits": value[6:14]}
    return _("末位校验不符，号码中有数字写错。对照证件逐位核对。")


def _birth(value: str) -> date | None:
    try:
        birth = date(int(value[6:10]), int(value[10:12]), int(value[12:14]))
    except ValueError:
        return None
    return birth if birth.year >= 1800 else None
