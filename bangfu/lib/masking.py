"""What may be seen of a person by default. Source: ux.md 4. Every function takes anything and never raises."""

import re

from bangfu.lib.names import surname_length

STAR = "*"


def mask_id(value: str | None) -> str:
    """5325**********0017: four, stars, four; passports and passes one, stars, three; short ones nothing."""
    text = (value or "").strip()
    if len(text) >= 16:
        return text[:4] + STAR * (len(text) - 8) + text[-4:]
    if len(text) >= 8:
        return text[:1] + STAR * (len(text) - 4) + text[-3:]
    return STAR * len(text)


def mask_phone(value: str | None) -> str:
    """138****1234; a landline keeps its last four only."""
    text = (value or "").strip()
    if re.fullmatch(r"1\d{10}", text, re.ASCII):
        return f"{text[:3]}{STAR * 4}{text[-4:]}"
    if len(text) >= 7:
        return STAR * (len(text) - 4) + text[-4:]
    return STAR * len(text)


def mask_card(value: str | None) -> str:
    """**** **** **** 1234, whatever the length; fewer than eight digits show nothing."""
    digits = "".join((value or "").split())
    if not digits:
        return ""
    return f"**** **** **** {digits[-4:]}" if len(digits) >= 8 else STAR * 4


def mask_name(value: str | None) -> str:
    """The public form: 张*, 张*三, 欧阳*, 欧阳*强 - surname and, from two given characters on, the last one."""
    name = "".join((value or "").split())
    if len(name) < 2:
        return STAR * len(name)
    kept = min(surname_length(name), len(name) - 1)
    hidden = len(name) - kept
    return name[:kept] + STAR if hidden == 1 else name[:kept] + STAR * (hidden - 1) + name[-1]


_COMMUNITY = re.compile(r"[^\d]*?(?:社区|居委会|居民委员会|村委会|村民委员会|嘎查|村(?!委会|民委员会))")
_TOWN = re.compile(r"[^\d]*?(?:街道|镇|乡|苏木)")
_DISTRICT = re.compile(r"[^\d]*[省州市区县旗]")


def mask_address(value: str | None) -> str:
    """The address down to community or village, then stars: 开远市灵泉街道建设社区***. House numbers never show."""
    text = "".join((value or "").split())
    if not text:
        return ""
    for pattern in (_COMMUNITY, _TOWN, _DISTRICT):
        match = pattern.match(text)
        if match:
            return match[0] + STAR * 3
    return STAR * 3
