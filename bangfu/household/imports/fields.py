"""The columns that an import knows: what each is called in rosters, how a cell becomes a value, what is refused.

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
from django.utils.translation import gettext_lazy

from bangfu.household.flow.bonds import OUTSIDE_CAP_FEN
from bangfu.household.models.words import CAUSE_CHOICES, IdentityKind, NationalClass, StaffStatus
from bangfu.lib import bankcard, codes, days, identity, masking, money, names, phone
from bangfu.lib.numerals import plain_number

MONTHLY_CAP_FEN = 10_000_000  # 100,000 yuan a month: more is not a worker in hardship but a slip
ANNUAL_CAP_FEN = 100_000_000  # 1,000,000 yuan a year for one household
SIZE_CAP = 30

#: What rosters write for the causes of our list (`words.CAUSES`). Source: the roster of S1, spec/practice.md 1.5.
CAUSE_WORDS = {
    "大病": "own_illness", "患病": "own_illness", "重病": "own_illness", "因病": "own_illness", "本人患病": "own_illness",
    "本人重病": "own_illness", "家属患病": "family_illness", "家属重病": "family_illness", "供养直系亲属大病": "family_illness",
    "因残": "disability", "本人残疾": "disability", "家属残疾": "disability",
    "因学": "schooling", "子女就学": "schooling", "子女教育": "schooling",
    "供养老人": "elder_support", "收入低": "low_income", "低收入": "low_income", "单亲": "child_raising",
    "意外灾害": "accident", "意外": "accident", "重大意外事故": "accident", "火灾": "accident", "交通事故": "accident",
    "因灾": "disaster", "下岗": "unemployment", "失业": "unemployment", "家属下岗失业": "unemployment",
    "患重特大疾病": "own_illness", "遭受自然灾害": "disaster", "遭受意外事故": "accident",
}  # fmt: skip
KIND_WORDS = {
    "全民": "state", "全民工": "state", "正式工": "state", "正式职工": "state", "合同工": "state", "合同制": "state",
    "集体": "collective", "集体工": "collective", "大集体": "collective",
    "派遣": "agency", "派遣工": "agency", "劳务派遣工": "agency", "劳务工": "agency",
}  # fmt: skip
STATUS_WORDS = {
    "在职": "on_post", "在岗职工": "on_post", "下岗": "idle", "待岗": "idle", "失业": "unemployed", "无业": "unemployed",
    "离休": "retired", "退养": "internally_retired", "内部退养": "internally_retired", "离职": "left", "死亡": "deceased", "去世": "deceased",
}  # fmt: skip


@dataclass
class Context:
    """What a cell is judged against: the day, the organisation's units and the uploader's reach, the grades in force."""

    on: date
    units: dict[str, int]  # plain name -> pk, -1 when two units share it
    reach: frozenset[int]  # units the uploader may write for
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


def _name(cell: Any, context: Context, warnings: list[str]) -> str:
    return names.clean_name(text_of(cell))


def _identity(cell: Any, context: Context, warnings: list[str]) -> str:
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


def _phone(cell: Any, context: Context, warnings: list[str]) -> str:
    raw = text_of(cell)
    if "*" in raw or "＊" in raw:
        raise ValueError(_("有星号，是打码后的号。填完整的手机号码，或留空以后补。"))
    checked = phone.check(raw)
    if not checked.ok:
        raise ValueError(checked.errors[0])
    warnings += checked.warnings
    return checked.value


def _card(cell: Any, context: Context, warnings: list[str]) -> str:
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


def _day(cell: Any, context: Context, warnings: list[str]) -> date:
    day = days.parse_day(cell if isinstance(cell, (date, int, float)) else text_of(cell))
    if day > context.on:
        raise ValueError(_("%(day)s 还没有到。请核对年、月、日。") % {"day": day})
    return day


def _amount(key: str, cap_fen: int) -> Reader:
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


def _count(least: int, most: int) -> Reader:
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


def _sex(cell: Any, context: Context, warnings: list[str]) -> str:
    code = codes.code_of("sex", cell)
    if code not in (identity.MALE, identity.FEMALE):
        raise ValueError(_("“%(text)s”不是性别。写“男”或“女”，或留空由身份证得出。") % {"text": text_of(cell)})
    return code


def _unit(cell: Any, context: Context, warnings: list[str]) -> int:
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


def _chosen(choices: list[tuple[str, Any]], words: dict[str, str], title: str | Promise) -> Reader:
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


def _grade(cell: Any, context: Context, warnings: list[str]) -> str:
    code = context.grades.get(plain(cell))
    if code is None:
        known = "、".join(context.grade_titles.values())
        if not known:
            raise ValueError(_("还没有施行中的办法，不能判断困难类别。请办法管理员先施行办法，或留空以后评定。"))
        raise ValueError(_("“%(text)s”不是现行办法的困难类别。可填：%(known)s。") % {"text": text_of(cell), "known": known})
    return code


def _words(most: int) -> Reader:
    def read(cell: Any, context: Context, warnings: list[str]) -> str:
        text = " ".join(text_of(cell).split())
        if len(text) > most:
            raise ValueError(_("现 %(n)d 个字，最多 %(most)d 个字。请缩短。") % {"n": len(text), "most": most})
        return text

    return read


def _as_text(value: Any, context: Context) -> str:
    return text_of(value)


def _as_yuan(value: Any, context: Context) -> str:
    return money.yuan(value)


def _as_code(list_name: str) -> Show:
    return lambda value, context: str(codes.label(list_name, value) or "")


def _as_choice(choices: list[tuple[str, Any]]) -> Show:
    return lambda value, context: str(dict(choices).get(value, value))


COLUMNS = [
    Column("worker_no", gettext_lazy("工号"), ("职工编号", "员工编号", "员工号", "人员编号", "职工号", "编号"), _words(20), "staff",
           example="KY2001", note=gettext_lazy("同一组织内不重复")),
    Column("name", gettext_lazy("姓名"), ("职工姓名", "员工姓名", "名字", "申请人", "户主姓名", "困难职工姓名"), _name, "staff",
           required=True, example="示例甲", note=gettext_lazy("与证件一致")),
    Column("sex", gettext_lazy("性别"), (), _sex, "staff", is_word=True, show=_as_code("sex"), example="女",
           note=gettext_lazy("可留空，由身份证得出")),
    Column("identity", gettext_lazy("身份证号"),
           ("身份证", "身份证号码", "证件号", "证件号码", "公民身份号码", "公民身份证号码", "居民身份证号", "身份证编号"), _identity,
           "staff", required=True, no_formula=True, mask=masking.mask_id, note=gettext_lazy("文本格式，18 位")),
    Column("birth_date", gettext_lazy("出生日期"), ("出生年月日", "生日", "出生年月"), _day, "staff", example="",
           note=gettext_lazy("可留空，由身份证得出")),
    Column("unit", gettext_lazy("部门"), ("单位", "所在单位", "所属单位", "工作单位", "所在部门", "单位名称", "部门名称", "所属部门", "单位(部门)"),
           _unit, "staff", is_word=True, required=True, show=lambda value, context: context.unit_names.get(value, str(value)),
           note=gettext_lazy("系统里已有的单位名称")),
    Column("post", gettext_lazy("岗位"), ("工种", "职务", "岗位名称", "岗位/工种", "工作岗位"), _words(40), "staff", is_word=True, example="值班员"),
    Column("identity_kind", gettext_lazy("用工身份"), ("用工性质", "用工形式", "职工身份", "人员性质", "用工类别"), _chosen(IdentityKind.choices, KIND_WORDS, gettext_lazy("用工身份")), "staff", is_word=True, show=_as_choice(IdentityKind.choices),
           example="全民职工"),
    Column("status", gettext_lazy("在岗状态"), ("工作状态", "人员状态", "在岗情况", "在职状态"), 
           _chosen(StaffStatus.choices, STATUS_WORDS, gettext_lazy("在岗状态")), "staff", is_word=True, show=_as_choice(StaffStatus.choices),
           example="在岗"),
    Column("phone", gettext_lazy("手机号码"), ("手机", "手机号", "电话", "联系电话", "联系方式", "移动电话", "电话号码"), _phone,
           "staff", no_formula=True, mask=masking.mask_phone, note=gettext_lazy("文本格式，11 位")),
    Column("bank_name", gettext_lazy("开户银行"), ("开户行", "银行", "开户行名称", "开户银行名称", "发卡行", "开户银行及支行"), _words(60), "staff", is_word=True),
    Column("card", gettext_lazy("银行卡号"), ("银行账号", "卡号", "银行帐号", "账号", "工资卡号", "银行卡", "收款账号"), _card, "staff",
           no_formula=True, mask=masking.mask_card, note=gettext_lazy("文本格式")),
    Column("size", gettext_lazy("家庭人口"), ("家庭人口数", "家庭人数", "人口", "人口数", "家庭成员数"), _count(1, SIZE_CAP), "household",
           no_formula=True, sums="count", example="3", note=gettext_lazy("本人也算")),
    Column("own_monthly_fen", gettext_lazy("本人月平均收入"), ("本人月收入", "月收入", "月平均收入", "本人月均收入", "月工资"),
           _amount("own_monthly_fen", MONTHLY_CAP_FEN), "household", no_formula=True, show=_as_yuan, sums="fen", example="2000.00"),
    Column("annual_fen", gettext_lazy("家庭年度总收入"), ("家庭年收入", "家庭年总收入", "年收入", "家庭总收入", "家庭年度收入"),
           _amount("annual_fen", ANNUAL_CAP_FEN), "household", no_formula=True, show=_as_yuan, sums="fen", example="24000.00"),
    Column("per_head_fen", gettext_lazy("家庭月人均收入"), ("月人均收入", "人均月收入", "人均收入", "家庭人均月收入"),
           _amount("per_head_fen", MONTHLY_CAP_FEN), "household", no_formula=True, show=_as_yuan,
           note=gettext_lazy("只用来核对，不写入")),
    Column("cause", gettext_lazy("主要致困原因"), ("致困原因", "困难原因", "主要困难原因", "致困主因"), 
           _chosen(CAUSE_CHOICES, CAUSE_WORDS, gettext_lazy("主要致困原因")), "household", is_word=True, required=True,
           show=_as_choice(CAUSE_CHOICES), example="子女上学"),
    Column("grade", gettext_lazy("困难类别"), ("困难等级", "困难程度", "档次", "困难档次", "困难类型", "类别"), _grade, "household", is_word=True,
           show=lambda value, context: str(context.grade_titles.get(value, value))),
    Column("national_class", gettext_lazy("全国类别"), ("全国困难类别", "全总类别"), 
           _chosen(NationalClass.choices, {}, gettext_lazy("全国类别")), "household", is_word=True, show=_as_choice(NationalClass.choices)),
    Column("opened_on", gettext_lazy("建档日期"), ("建档时间", "建档日", "建档年月日"), _day, "household"),
    Column("helped_fen", gettext_lazy("历年帮扶"), ("历年帮扶金额", "累计帮扶", "累计帮扶金额", "已帮扶金额", "历年救助金额"),
           _amount("helped_fen", OUTSIDE_CAP_FEN), "household", no_formula=True, show=_as_yuan, sums="fen"),
    Column("helped_times", gettext_lazy("帮扶人次"), ("历年帮扶人次", "帮扶次数", "累计帮扶次数"), _count(0, 999), "household",
           no_formula=True, sums="count"),
]  # fmt: skip
BY_KEY = {column.key: column for column in COLUMNS}
#: Columns that every roster has and nobody needs: no word about them.
IDLE = frozenset({"序号", "编号", "NO", "NO.", "行号"})


def columns_of(kind: str) -> list[Column]:
    """The columns of a kind: the roster takes the staff part, the archive both."""
    return [column for column in COLUMNS if kind == "archive" or column.part == "staff"]


def missing(kind: str, keys: set[str]) -> list[Column]:
    """Required columns that no column of the file stands for."""
    return [column for column in columns_of(kind) if column.required and column.key not in keys]


def shown(key: str, value: Any, context: Context, *, masked: bool = True) -> str:
    """A value in words; numbers of papers masked."""
    if value is None or value == "":
        return ""
    column = BY_KEY[key]
    text = (column.show or _as_text)(value, context)
    return column.mask(text) if masked and column.mask else text
