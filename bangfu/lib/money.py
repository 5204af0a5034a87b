"""Money is integer fen. Here it becomes text for people, and their text becomes fen again."""

import re
import unicodedata

from django.utils.translation import gettext as _

from bangfu.lib.numerals import plain_number

CAP_FEN = 9_999_999_999  # 99,999,999.99 yuan: more is a slip of the pen. Source: ux.md 4

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")
_GROUPS = ("", "万", "亿")
_PLAIN = re.compile(r"\d+(\.\d*)?|\.\d+", re.ASCII)  # 0-9: wide digits became these before
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d*)?", re.ASCII)


def yuan(fen: int) -> str:
    """`123400` -> "1,234.00"; below zero "-1,234.00". The ¥ sign is the page's business."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{rest:02d}"


def wan(fen: int) -> str:
    """Fen in 万元 with two decimals for dashboards, half up: `3_900_000` -> "3.90"."""
    sign = "-" if fen < 0 else ""
    whole, rest = divmod((abs(fen) + 5_000) // 10_000, 100)
    return f"{sign}{whole:,}.{rest:02d}"


def parse_yuan(text: object, *, allow_negative: bool = False, cap_fen: int = CAP_FEN) -> int:
    """What somebody typed as an amount, in fen: 3000, "3,000", "３０００元", "¥3000.5", 人民币3000.

    Also takes the number of a spreadsheet cell. Raises ValueError with a full Chinese sentence; never rounds.
    """
    shown = plain_number(text) if isinstance(text, (int, float)) and not isinstance(text, bool) else str(text or "").strip()
    if not shown:
        raise ValueError(_("没有填金额。请填写数字，例如 3000 或 3,000.00。"))
    plain = unicodedata.normalize("NFKC", shown).replace(" ", "").replace("\u2212", "-").upper()
    negative, plain = _take_sign(plain)
    if any(unit in plain for unit in "万萬亿仟佰千百WK"):
        raise ValueError(_("“%(text)s”带有万、千等单位。请按元填写，例如 3 万元填 30000。") % {"text": shown})
    if not (_PLAIN.fullmatch(plain) or _GROUPED.fullmatch(plain)):
        raise ValueError(_("“%(text)s”不是金额。请填写数字，例如 3000 或 3,000.00。") % {"text": shown})
    whole, _point, decimals = plain.replace(",", "").partition(".")
    decimals = decimals.rstrip("0")
    if len(decimals) > 2:
        raise ValueError(_("“%(text)s”的小数多于两位。金额最小到分，请改为两位小数。") % {"text": shown})
    fen = int(whole or "0") * 100 + int(decimals.ljust(2, "0") or "0")
    if negative and fen and not allow_negative:
        raise ValueError(_("“%(text)s”是负数。这里的金额不能小于 0，请核对后重填。") % {"text": shown})
    if fen > cap_fen:
        raise ValueError(_("“%(text)s”超过上限 %(cap)s 元。请检查是否多写了零。") % {"text": shown, "cap": yuan(cap_fen)})
    return -fen if negative else fen


def _take_sign(text: str) -> tuple[bool, str]:
    """Strip currency words and the sign, in either order: "-¥3" and "¥-3"; (3) is how accountants write minus."""
    negative = False
    if text.startswith("(") and text.endswith(")"):
        negative, text = True, text[1:-1]
    for word in ("-", "+", "人民币", "RMB", "CNY", "¥", "Y", "-", "+"):
        if text.startswith(word):
            negative = negative or word == "-"
            text = text[len(word) :]
    for word in ("人民币", "RMB", "CNY", "整", "正", "元", "圆"):
        text = text.removesuffix(word)
    return negative, text


def in_words(fen: int) -> str:
    """人民币大写 as vouchers want it: 140950 -> "人民币壹仟肆佰零玖元伍角".

    整 after 元 or 角-less sums, none after 分; a gap of zeros is one 零. Below zero "人民币负…".
    Source: ux.md 4 (rules of the People's Bank for bills).
    """
    sign = "负" if fen < 0 else ""
    whole, rest = divmod(abs(fen), 100)
    jiao, cent = divmod(rest, 10)
    head = f"人民币{sign}"
    body = f"{_integer_words(whole)}元" if whole else ""
    if not rest:
        return f"{head}{body or '零元'}整"
    if jiao:
        gap = "零" if whole and whole % 10 == 0 else ""
        body += f"{gap}{_DIGITS[jiao]}角"
    elif whole:
        body += "零"
    return f"{head}{body}{_DIGITS[cent]}分" if cent else f"{head}{body}"


def _integer_words(whole: int) -> str:
    """107000 -> 壹拾万柒仟: four digits a group; between groups one 零 only where zeros stand inside, not at the edge of 万."""
    groups: list[int] = []
    while whole:
        whole, group = divmod(whole, 10_000)
        groups.append(group)
    words = ""
    for index in range(len(groups) - 1, -1, -1):
        group = groups[index]
        if not group:
            continue
        zeros_above = index + 1 < len(groups) and groups[index + 1] == 0
        if words and (group < 1000 or zeros_above):
            words += "零"
        words += _group_words(group) + (_GROUPS[index] if index < 3 else "万亿")
    return words


def _group_words(group: int) -> str:
    words = ""
    gap = False
    for place in (3, 2, 1, 0):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words


def from_words(text: str) -> int:
    """The fen of an amount in words; the way back from `in_words`, and for people who type 叁仟元整.

    Raises ValueError with a full Chinese sentence.
    """
    shown = text
    text = text.strip().removeprefix("人民币").replace("圆", "元").replace("貳", "贰").replace("陸", "陆")
    negative = text.startswith("负")
    text = text.removeprefix("负").removesuffix("整").removesuffix("正")
    head, has_yuan, tail = text.rpartition("元")
    match = re.fullmatch(r"(?:零?([零壹贰叁肆伍陆柒捌玖])角)?(?:零?([壹贰叁肆伍陆柒捌玖])分)?", tail)
    if not match or bool(has_yuan) != bool(head) or not (head or tail):
        raise ValueError(_("“%(text)s”不是规范的大写金额。请改用数字填写，例如 3000。") % {"text": shown})
    fen = _integer_of(head, shown) * 100
    fen += _DIGITS.index(match[1] or "零") * 10 + _DIGITS.index(match[2] or "零")
    return -fen if negative else fen


def _integer_of(words: str, shown: str) -> int:
    total = section = digit = 0
    for sign in words:
        if sign in _DIGITS:
            digit = _DIGITS.index(sign)
        elif sign in _PLACES:
            section += digit * 10 ** _PLACES.index(sign)
            digit = 0
        elif sign == "万":
            total += (section + digit) * 10_000
            section = digit = 0
        elif sign == "亿":
            total = (total + section + digit) * 100_000_000
            section = digit = 0
        else:
            raise ValueError(_("“%(text)s”不是规范的大写金额。请改用数字填写，例如 3000。") % {"text": shown})
    return total + section + digit
