"""The signs of a rule: letters, digits and signs of the language only, before any parser sees the text.

Whatever else stands there is named with its place, and with what was most likely meant.
"""

from __future__ import annotations

import difflib
import re
import unicodedata

from django.utils.translation import gettext as _

from bangfu.policy.problems import BadExpression
from bangfu.policy.vocabulary import VOCABULARY

_TOKEN = re.compile(
    r"""\s+ | '(?:[^'\\\x00-\x1f]|'')*' | \$[A-Za-z_][A-Za-z0-9_]* | [A-Za-z_][A-Za-z0-9_]* | \d+(?![A-Za-z0-9_.]) | <= | >= | <> | != | [-+*=<>(),]""",
    re.VERBOSE | re.ASCII,
)


def scan(text: str) -> None:
    """Letters, digits and signs of the language only, before any parser sees the text."""
    place = 0
    while place < len(text):
        if text.startswith(("--", "/*", "#"), place) and not re.match(r"--\s*\d", text[place:]):
            raise BadExpression(_("规则里不能写注释。请把说明写进 text 或 YAML 的 # 注释。"))
        match = _TOKEN.match(text, place)
        if match is None:
            raise _bad_character(text, place)
        if match[0].startswith("'") and "  " not in match[0] and not match[0].isprintable():
            raise _bad_character(text, place)
        if match[0].isspace() and match[0].strip(" \n\r\t"):
            raise _bad_character(text, place)
        place = match.end()
    if "--" in re.sub(r"'[^']*'", "", text):
        raise BadExpression(_("规则里不能写注释，也不能连写两个减号。请加括号，例如 a - (-1)。"))


def _bad_character(text: str, place: int) -> BadExpression:
    sign = text[place]
    if sign == ";":
        return BadExpression(_("一条规则只能写一个条件。请删去分号和后面的内容。"))
    if sign == "/":
        return BadExpression(_("不能用除号。请写 per(a, b, 'half_up')，或者两边交叉相乘再比较。"))
    if sign == "%":
        return BadExpression(_("不能用百分号。比例请写成单位为 permille 的参数（值写 40%），这里写 $名称。"))
    if sign == "'":
        return BadExpression(_("引号没有成对，或引号里有换行、反斜线。请写成 'word'。"))
    if sign in "‘’“”`´":
        return BadExpression(
            _("第 %(col)d 个字符“%(text)s”不能用在规则里当引号。代码请用半角单引号，例如 'illness'。")
            % {"col": place + 1, "text": sign}
        )
    if sign in "&|!":
        return BadExpression(_("&、|、! 不能用在规则里。请写 and、or、not，不等于写 <>。"))
    if sign in "≤≥≠×÷":
        plain = {"≤": "<=", "≥": ">=", "≠": "<>", "×": "*", "÷": "per(…)"}[sign]
        return BadExpression(_("第 %(col)d 个字符“%(text)s”请改成“%(plain)s”。") % {"col": place + 1, "text": sign, "plain": plain})
    if sign == '"':
        return BadExpression(_("不能用双引号。代码请用单引号，例如 'illness'；名称不加引号。"))
    number = re.match(r"\d+\.\d*|\d+[eE]\d+", text[place:])
    if number:
        return BadExpression(
            _("“%(text)s”不是整数。金额、比例请写成参数（值写 900.5元、1.5倍、12.5%%），这里写 $名称。") % {"text": number[0]}
        )
    if sign.isdigit() and sign.isascii():
        return BadExpression(_("第 %(col)d 个字符起不是数，也不是名称。名称要以字母开头。") % {"col": place + 1})
    if sign == ".":
        return BadExpression(_("名称里不能有点。参数请写 $名称，成员的项目直接写名称。"))
    plain = unicodedata.normalize("NFKC", sign)
    shown = {"text": sign, "code": f"U+{ord(sign):04X}", "col": place + 1}
    if plain != sign and plain.isascii():
        return BadExpression(
            _("第 %(col)d 个字符“%(text)s”（%(code)s）是全角或变形字符。请改成半角的“%(plain)s”。") % {**shown, "plain": plain}
        )
    words = re.match(r"[\u3400-\u9fff]+", text[place:])
    if words:
        return _in_chinese(words[0], place)
    if sign.isalpha() and not sign.isascii():
        return BadExpression(
            _("第 %(col)d 个字符“%(text)s”（%(code)s）不是英文字母，可能只是看着像。名称只用 a-z、数字和下划线。") % shown
        )
    return BadExpression(_("第 %(col)d 个字符“%(text)s”（%(code)s）不能用在规则里。") % shown)


def _in_chinese(words: str, place: int) -> BadExpression:
    """A fact written by its Chinese title: say its name."""
    titles = {str(fact.title): name for name, fact in VOCABULARY.facts.items()}
    near = difflib.get_close_matches(words, titles, 1, 0.5) or [title for title in titles if words in title][:1]
    shown = {"col": place + 1, "text": words[:20]}
    if near:
        return BadExpression(
            _("第 %(col)d 个字符起是中文“%(text)s”。规则里写英文名称；“%(title)s”是 %(name)s。")
            % {**shown, "title": near[0], "name": titles[near[0]]}
        )
    return BadExpression(_("第 %(col)d 个字符起是中文“%(text)s”。规则里写英文名称，见 bangfu policy facts；代码加单引号。") % shown)
