"""Names of people: how they are cleaned, sorted and found."""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

# Surnames that are read unlike the character's usual reading; pypinyin does not know them.
SURNAME_READINGS = {
    "单": "shan", "曾": "zeng", "仇": "qiu", "解": "xie", "查": "zha", "任": "ren", "区": "ou", "朴": "piao", "盖": "ge",
    "尉": "wei", "翟": "zhai", "纪": "ji", "缪": "miao", "覃": "qin", "乐": "yue", "召": "shao", "员": "yun", "宓": "mi",
    "幺": "yao", "折": "she", "种": "chong", "秘": "bi", "繁": "po", "能": "nai", "洗": "xian", "冼": "xian", "牟": "mou",
    "华": "hua", "卜": "bu", "乜": "nie", "瞿": "qu", "逄": "pang", "祭": "zhai", "戴": "dai", "柏": "bai", "宁": "ning",
    "万": "wan", "石": "shi", "车": "che", "晁": "chao", "谌": "chen", "洪": "hong", "燕": "yan", "沈": "shen", "樊": "fan",
    "应": "ying", "葛": "ge", "隗": "wei", "訾": "zi", "哈": "ha", "适": "kuo", "黑": "he", "郇": "huan", "粘": "nian",
    "句": "gou", "邸": "di", "褚": "chu", "过": "guo", "费": "fei", "莘": "shen", "郗": "xi", "臧": "zang", "厘": "xi",
    "贾": "jia", "尹": "yin", "殷": "yin", "俞": "yu", "於": "yu", "强": "qiang", "盛": "sheng", "叶": "ye", "佴": "nai",
    "行": "xing", "缴": "jiao", "占": "zhan", "阚": "kan", "长": "zhang", "阿": "a", "藏": "zang", "肖": "xiao", "柴": "chai",
}  # fmt: skip

COMPOUND_READINGS = {
    "尉迟": "yu chi", "万俟": "mo qi", "长孙": "zhang sun", "澹台": "tan tai", "单于": "chan yu", "令狐": "ling hu",
    "宇文": "yu wen", "夏侯": "xia hou", "中行": "zhong hang", "乐正": "yue zheng", "鲜于": "xian yu", "亓官": "qi guan",
    "濮阳": "pu yang", "呼延": "hu yan", "钟离": "zhong li", "鲜卑": "xian bei", "皇甫": "huang fu", "拓跋": "tuo ba",
}  # fmt: skip

COMPOUND_SURNAMES = frozenset(COMPOUND_READINGS) | {
    "欧阳", "司马", "上官", "诸葛", "东方", "赫连", "公孙", "慕容", "司徒", "司空", "轩辕", "申屠", "太史", "端木",
    "南宫", "独孤", "闻人", "公羊", "闾丘", "公冶", "宗政", "淳于", "仲孙", "太叔", "公西", "颛孙", "壤驷", "漆雕",
    "梁丘", "左丘", "东门", "西门", "南门", "东郭", "百里", "谷梁", "羊舌", "微生", "第五", "段干", "巫马", "公良",
    "司寇", "子车", "纳兰", "完颜", "耶律", "贺兰", "贺若", "尔朱", "爱新", "叶赫", "北堂", "钟吾", "欧侯", "侯莫",
}  # fmt: skip

MIDDLE_DOT = "·"
_DOTS = str.maketrans(dict.fromkeys("•‧・･．.∙⋅●˙᛫", MIDDLE_DOT))
_NAMES_MAX = 30


def surname_length(name: str) -> int:
    """2 for a compound surname that leaves a given name (欧阳修), else 1."""
    return 2 if len(name) > 2 and name[:2] in COMPOUND_SURNAMES else 1


def is_ideograph(sign: str) -> bool:
    """A Chinese character, the rare ones of GB18030-2022 too (㛃, 𬱖); not the private ones of old fonts."""
    point = ord(sign)
    return (
        0x4E00 <= point <= 0x9FFF
        or 0x3400 <= point <= 0x4DBF
        or 0x20000 <= point <= 0x323AF
        or 0xF900 <= point <= 0xFAFF
        or point == 0x3007
    )


def clean_name(text: object) -> str:
    """A name as it is stored: blanks between Chinese characters out, dots as ·, 2-30 characters.

    Raises ValueError with a full Chinese sentence.
    """
    shown = str(text or "").strip()
    plain = "".join(sign if is_ideograph(sign) else unicodedata.normalize("NFKC", sign) for sign in shown)
    plain = plain.translate(_DOTS)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    words = plain.split()
    name = (" " if all(word.isascii() or MIDDLE_DOT in word for word in words) and plain.isascii() else "").join(words)
    if not name:
        raise ValueError(_("没有填姓名。请填写与证件一致的姓名。"))
    for sign in name:
        _check_sign(sign, shown)
    if name.strip(MIDDLE_DOT) != name or MIDDLE_DOT * 2 in name:
        raise ValueError(_("“%(name)s”的间隔号位置不对。请按证件填写，例如“买买提·艾力”。") % {"name": shown})
    if len(name) < 2:
        raise ValueError(_("“%(name)s”只有 1 个字。请填写与证件一致的全名。") % {"name": shown})
    if len(name) > _NAMES_MAX:
        raise ValueError(_("姓名有 %(n)d 个字，超过 30 个字。请按证件填写，不要附加说明。") % {"n": len(name)})
    return name


def _check_sign(sign: str, shown: str) -> None:
    if is_ideograph(sign) or sign in (MIDDLE_DOT, " ", "'", "-") or (sign.isalpha() and ord(sign) < 0x250):
        return
    if sign in "?\ufffd□■〓" or 0xE000 <= ord(sign) <= 0xF8FF or ord(sign) >= 0xF0000:
        raise ValueError(_("“%(name)s”里有无法识别的字（乱码或自造字）。请用输入法重新输入这个生僻字。") % {"name": shown})
    if sign.isdigit():
        raise ValueError(_("“%(name)s”里有数字。请填写与证件一致的姓名。") % {"name": shown})
    raise ValueError(_("“%(name)s”里的“%(sign)s”不能用在姓名中。请填写与证件一致的姓名。") % {"name": shown, "sign": sign})


@lru_cache(maxsize=30_000)
def _reading(sign: str) -> str:
    """The usual reading of one character without tone; anything else as it is, lower-case."""
    if not is_ideograph(sign):
        return sign.lower()
    from pypinyin import Style, pinyin  # heavy: only when a name is written or sought

    return pinyin(sign, style=Style.NORMAL, v_to_u=False)[0][0].replace("ü", "v") or sign


def syllables(name: str) -> list[str]:
    """One reading for each character, the surname read as a surname: 单雄信 -> shan, xiong, xin."""
    signs = [sign for sign in name if not sign.isspace() and sign != MIDDLE_DOT]
    if len(signs) > 2 and "".join(signs[:2]) in COMPOUND_READINGS:
        return COMPOUND_READINGS["".join(signs[:2])].split() + [_reading(sign) for sign in signs[2:]]
    return [SURNAME_READINGS.get(sign, _reading(sign)) if not at else _reading(sign) for at, sign in enumerate(signs)]


@lru_cache(maxsize=2_000)
def pinyin_key(name: str) -> str:
    """The column to sort by, the same on every database: "shan xiong xin". Sort by (key, name) to keep ties steady."""
    return " ".join(syllables(name))


def initials(name: str) -> str:
    """What people type to find somebody: 张三丰 -> "zsf"."""
    return "".join(syllable[0] for syllable in syllables(name))


EXACT_LETTERS = 5  # so many first letters of a name's pinyin are words of their own: zhang; longer ones are looked up as a prefix


def name_words(name: str) -> list[str]:
    """The words under which a name is found: characters, pairs of neighbours, initials, pinyin and its first letters.

    Source: stack.md 9 (trigram indexes miss two-character names).
    """
    words: dict[str, None] = {}
    for run in _runs(name):
        if is_ideograph(run[0]):
            words.update(dict.fromkeys(run))
            words.update(dict.fromkeys(run[at : at + 2] for at in range(len(run) - 1)))
        else:
            words.update(_spellings(run))
    chinese = "".join(sign for sign in name if is_ideograph(sign))
    if chinese:
        short = initials(chinese)
        words.update(dict.fromkeys(short[:end] for end in range(1, len(short) + 1)))
        words.update(_spellings("".join(syllables(chinese))))
    return list(words)


def _spellings(letters: str) -> dict[str, None]:
    return dict.fromkeys([*(letters[:end] for end in range(1, EXACT_LETTERS + 1)), letters])


@dataclass(frozen=True)
class Term:
    """One thing that must be among the words of a row: exactly, or as the beginning of a word."""

    text: str
    is_prefix: bool = False

    @property
    def is_number(self) -> bool:
        """Part of a number of files or workers, not of a name."""
        return any(sign.isdigit() for sign in self.text)


def search_terms(query: str) -> list[Term]:
    """What a row must have: 张三丰 -> 张三, 三丰; zsf -> zsf; zhangsan -> a word that begins so; all are required."""
    terms: dict[Term, None] = {}
    for run in _runs(query):
        if not is_ideograph(run[0]):
            terms[Term(run, any(sign.isdigit() for sign in run) or len(run) > EXACT_LETTERS)] = None
        elif len(run) == 1:
            terms[Term(run)] = None
        else:
            terms.update(dict.fromkeys(Term(run[at : at + 2]) for at in range(len(run) - 1)))
    return list(terms)


def _runs(text: str | None) -> list[str]:
    """Stretches of Chinese characters, and of letters with digits, lower-case; everything else separates."""
    runs: list[str] = []
    kind = ""
    for sign in text or "":
        if is_ideograph(sign):
            now = "zh"
        else:
            sign = unicodedata.normalize("NFKC", sign).lower()
            now = "abc" if sign.isalnum() or (sign in "-_" and kind == "abc") else ""
        if now and now == kind:
            runs[-1] += sign
        elif now:
            runs.append(sign)
        kind = now
    return runs
