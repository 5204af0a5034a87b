"""The columns that an import knows: what each is called in rosters, whether it must be there, how its cells are read.

Three kinds of files: a roster, a roster with files, and members of files that stand. Source: spec/practice.md 1.2, 1.5.
"""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy

from bangfu.household.flow.bonds import OUTSIDE_CAP_FEN
from bangfu.household.imports.fields import (
    Column,
    Context,
    amount_reader,
    as_choice,
    as_code,
    as_text,
    as_yuan,
    card_reader,
    choice_reader,
    count_reader,
    day_reader,
    grade_reader,
    identity_reader,
    name_reader,
    phone_reader,
    sex_reader,
    unit_reader,
    words_reader,
)
from bangfu.household.models.words import (
    CAUSE_CHOICES,
    Health,
    IdentityKind,
    IncomeKind,
    NationalClass,
    Relation,
    SchoolStage,
    StaffStatus,
)  # fmt: skip
from bangfu.lib import masking

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
RELATION_WORDS = {
    "夫妻": "spouse", "丈夫": "spouse", "妻子": "spouse", "爱人": "spouse", "夫": "spouse", "妻": "spouse",
    "儿子": "child", "女儿": "child", "长子": "child", "次子": "child", "长女": "child", "次女": "child", "孩子": "child", "养子": "child", "养女": "child", "继子": "child", "继女": "child",
    "父亲": "parent", "母亲": "parent", "父": "parent", "母": "parent", "岳父": "parent", "岳母": "parent", "公公": "parent", "婆婆": "parent",
    "祖父": "grandparent", "祖母": "grandparent", "外祖父": "grandparent", "外祖母": "grandparent", "爷爷": "grandparent", "奶奶": "grandparent",
    "外公": "grandparent", "外婆": "grandparent", "孙子": "grandchild", "孙女": "grandchild", "外孙": "grandchild", "外孙女": "grandchild",
    "兄": "sibling", "弟": "sibling", "姐": "sibling", "妹": "sibling", "哥哥": "sibling", "弟弟": "sibling", "姐姐": "sibling", "妹妹": "sibling",
}  # fmt: skip
HEALTH_WORDS = {
    "健康": "none", "良好": "none", "健康或良好": "none", "正常": "none", "慢性病": "chronic", "慢病": "chronic", "大病": "serious",
    "重大疾病": "serious", "重特大疾病": "serious", "患病": "serious", "残疾": "disabled", "伤残": "disabled",
}  # fmt: skip
STAGE_WORDS = {
    "小学": "compulsory", "初中": "compulsory", "高中": "senior", "中专": "vocational", "职高": "vocational", "技校": "vocational",
    "大专": "college", "高职": "college", "专科": "college", "大学": "university", "本科": "university", "大学本科": "university",
    "硕士": "postgraduate", "博士": "postgraduate", "不在学": "none", "无": "none", "学龄前": "kindergarten",
}  # fmt: skip
YES_NO = [("1", gettext_lazy("是")), ("0", gettext_lazy("否"))]
YES_NO_WORDS = {
    "有": "1",
    "无": "0",
    "没有": "0",
    "就业": "1",
    "在业": "1",
    "失业": "0",
    "无业": "0",
    "未就业": "0",
    "已参保": "1",
    "参保": "1",
    "未参保": "0",
    "Y": "1",
    "N": "0",
}

COLUMNS = [
    Column("worker_no", gettext_lazy("工号"), ("职工编号", "员工编号", "员工号", "人员编号", "职工号", "编号"), words_reader(20), "staff",
           example="KY2001", note=gettext_lazy("同一组织内不重复")),
    Column("name", gettext_lazy("姓名"), ("职工姓名", "员工姓名", "名字", "申请人", "户主姓名", "困难职工姓名"), name_reader, "staff",
           required=True, example="示例甲", note=gettext_lazy("与证件一致")),
    Column("sex", gettext_lazy("性别"), (), sex_reader, "staff", is_word=True, show=as_code("sex"), example="女",
           note=gettext_lazy("可留空，由身份证得出")),
    Column("identity", gettext_lazy("身份证号"),
           ("身份证", "身份证号码", "证件号", "证件号码", "公民身份号码", "公民身份证号码", "居民身份证号", "身份证编号"), identity_reader,
           "staff", required=True, no_formula=True, mask=masking.mask_id, note=gettext_lazy("文本格式，18 位")),
    Column("birth_date", gettext_lazy("出生日期"), ("出生年月日", "生日", "出生年月"), day_reader, "staff", example="",
           note=gettext_lazy("可留空，由身份证得出")),
    Column("unit", gettext_lazy("部门"), ("单位", "所在单位", "所属单位", "工作单位", "所在部门", "单位名称", "部门名称", "所属部门", "单位(部门)"),
           unit_reader, "staff", is_word=True, required=True, show=lambda value, context: context.unit_names.get(value, str(value)),
           note=gettext_lazy("系统里已有的单位名称")),
    Column("post", gettext_lazy("岗位"), ("工种", "职务", "岗位名称", "岗位/工种", "工作岗位"), words_reader(40), "staff", is_word=True, example="值班员"),
    Column("identity_kind", gettext_lazy("用工身份"), ("用工性质", "用工形式", "职工身份", "人员性质", "用工类别"), choice_reader(IdentityKind.choices, KIND_WORDS, gettext_lazy("用工身份")), "staff", is_word=True, show=as_choice(IdentityKind.choices),
           example="全民职工"),
    Column("status", gettext_lazy("在岗状态"), ("工作状态", "人员状态", "在岗情况", "在职状态"), 
           choice_reader(StaffStatus.choices, STATUS_WORDS, gettext_lazy("在岗状态")), "staff", is_word=True, show=as_choice(StaffStatus.choices),
           example="在岗"),
    Column("phone", gettext_lazy("手机号码"), ("手机", "手机号", "电话", "联系电话", "联系方式", "移动电话", "电话号码"), phone_reader,
           "staff", no_formula=True, mask=masking.mask_phone, note=gettext_lazy("文本格式，11 位")),
    Column("bank_name", gettext_lazy("开户银行"), ("开户行", "银行", "开户行名称", "开户银行名称", "发卡行", "开户银行及支行"), words_reader(60), "staff", is_word=True),
    Column("card", gettext_lazy("银行卡号"), ("银行账号", "卡号", "银行帐号", "账号", "工资卡号", "银行卡", "收款账号"), card_reader, "staff",
           no_formula=True, mask=masking.mask_card, note=gettext_lazy("文本格式")),
    Column("size", gettext_lazy("家庭人口"), ("家庭人口数", "家庭人数", "人口", "人口数", "家庭成员数"), count_reader(1, SIZE_CAP), "household",
           no_formula=True, sums="count", example="3", note=gettext_lazy("本人也算")),
    Column("own_monthly_fen", gettext_lazy("本人月平均收入"), ("本人月收入", "月收入", "月平均收入", "本人月均收入", "月工资"),
           amount_reader("own_monthly_fen", MONTHLY_CAP_FEN), "household", no_formula=True, show=as_yuan, sums="fen", example="2000.00"),
    Column("annual_fen", gettext_lazy("家庭年度总收入"), ("家庭年收入", "家庭年总收入", "年收入", "家庭总收入", "家庭年度收入"),
           amount_reader("annual_fen", ANNUAL_CAP_FEN), "household", no_formula=True, show=as_yuan, sums="fen", example="24000.00"),
    Column("per_head_fen", gettext_lazy("家庭月人均收入"), ("月人均收入", "人均月收入", "人均收入", "家庭人均月收入"),
           amount_reader("per_head_fen", MONTHLY_CAP_FEN), "household", no_formula=True, show=as_yuan,
           note=gettext_lazy("只用来核对，不写入")),
    Column("cause", gettext_lazy("主要致困原因"), ("致困原因", "困难原因", "主要困难原因", "致困主因"), 
           choice_reader(CAUSE_CHOICES, CAUSE_WORDS, gettext_lazy("主要致困原因")), "household", is_word=True, required=True,
           show=as_choice(CAUSE_CHOICES), example="子女上学"),
    Column("grade", gettext_lazy("困难类别"), ("困难等级", "困难程度", "档次", "困难档次", "困难类型", "类别"), grade_reader, "household", is_word=True,
           show=lambda value, context: str(context.grade_titles.get(value, value))),
    Column("national_class", gettext_lazy("全国类别"), ("全国困难类别", "全总类别"), 
           choice_reader(NationalClass.choices, {}, gettext_lazy("全国类别")), "household", is_word=True, show=as_choice(NationalClass.choices)),
    Column("opened_on", gettext_lazy("建档日期"), ("建档时间", "建档日", "建档年月日"), day_reader, "household"),
    Column("helped_fen", gettext_lazy("历年帮扶"), ("历年帮扶金额", "累计帮扶", "累计帮扶金额", "已帮扶金额", "历年救助金额"),
           amount_reader("helped_fen", OUTSIDE_CAP_FEN), "household", no_formula=True, show=as_yuan, sums="fen"),
    Column("helped_times", gettext_lazy("帮扶人次"), ("历年帮扶人次", "帮扶次数", "累计帮扶次数"), count_reader(0, 999), "household",
           no_formula=True, sums="count"),
]  # fmt: skip


def _asked(title: Any) -> Any:
    """是 or 否 as True or False."""
    read = choice_reader(YES_NO, YES_NO_WORDS, title)
    return lambda cell, context, warnings: read(cell, context, warnings) == "1"


def _as_asked(value: Any, context: Context) -> str:
    return str(YES_NO[0 if value in (True, "1") else 1][1])


_OTHERS = [pair for pair in Relation.choices if pair[0] != Relation.SELF]
MEMBER_COLUMNS = [
    Column("head_identity", gettext_lazy("户主身份证号"),
           ("户主证件号码", "户主身份证", "户主身份证号码", "户主证件号", "职工身份证号", "困难职工身份证号", "申请人身份证号"), identity_reader,
           "member", required=True, no_formula=True, mask=masking.mask_id, note=gettext_lazy("文本格式，18 位；按它找到这一户")),
    Column("head_name", gettext_lazy("户主姓名"), ("困难职工姓名", "职工姓名", "申请人", "户主"), name_reader, "member", example="示例甲",
           note=gettext_lazy("可以不填；填了就核对")),
    Column("name", gettext_lazy("姓名"), ("成员姓名", "家庭成员姓名", "家属姓名", "家庭成员"), name_reader, "member", required=True,
           example="示例乙", note=gettext_lazy("家庭成员的，与证件一致")),
    Column("relation", gettext_lazy("与户主关系"), ("关系", "与职工关系", "与本人关系", "与申请人关系", "家庭关系", "成员关系"),
           choice_reader(_OTHERS, RELATION_WORDS, gettext_lazy("与户主关系")), "member", required=True, is_word=True,
           show=as_choice(Relation.choices), example="子女"),
    Column("identity", gettext_lazy("身份证号"), ("身份证", "身份证号码", "成员身份证号", "家属身份证号", "证件号码", "公民身份号码"),
           identity_reader, "member", no_formula=True, mask=masking.mask_id, note=gettext_lazy("家庭成员的；没有可以留空")),
    Column("sex", gettext_lazy("性别"), (), sex_reader, "member", is_word=True, show=as_code("sex"), example="男"),
    Column("birth_date", gettext_lazy("出生日期"), ("出生年月日", "生日", "出生年月"), day_reader, "member"),
    Column("health", gettext_lazy("健康状况"), ("健康", "身体状况"), choice_reader(Health.choices, HEALTH_WORDS, gettext_lazy("健康状况")),
           "member", is_word=True, show=as_choice(Health.choices), example="无"),
    Column("diagnosis", gettext_lazy("诊断"), ("病种", "疾病名称", "所患疾病"), words_reader(100), "member",
           mask=lambda value: str(gettext_lazy("已填，内容隐去")) if value else "", note=gettext_lazy("加密保存，页面上只显示健康类别")),
    Column("is_employed", gettext_lazy("就业"), ("是否就业", "就业情况", "就业状况"), _asked(gettext_lazy("就业")), "member", is_word=True,
           show=_as_asked, example="否"),
    Column("can_work", gettext_lazy("有劳动能力"), ("劳动能力", "有无劳动能力"), _asked(gettext_lazy("有劳动能力")), "member", is_word=True, show=_as_asked),
    Column("school_stage", gettext_lazy("就学阶段"), ("学段", "在读学段", "就读阶段", "学历阶段"),
           choice_reader(SchoolStage.choices, STAGE_WORDS, gettext_lazy("就学阶段")), "member", is_word=True,
           show=as_choice(SchoolStage.choices), example="本科"),
    Column("tuition_fen", gettext_lazy("一学年学费住宿费"), ("学费", "学费住宿费", "一学年学费"), amount_reader("tuition_fen", ANNUAL_CAP_FEN),
           "member", no_formula=True, show=as_yuan, sums="fen"),
    Column("has_medical_insurance", gettext_lazy("参加医保"), ("医保", "是否参加医保", "医疗保险"), _asked(gettext_lazy("参加医保")), "member",
           is_word=True, show=_as_asked),
    Column("monthly_fen", gettext_lazy("月平均收入"), ("月收入", "月均收入", "收入", "成员月收入"), amount_reader("monthly_fen", MONTHLY_CAP_FEN),
           "member", no_formula=True, show=as_yuan, sums="fen", example="0.00"),
    Column("income_kind", gettext_lazy("收入类别"), ("收入来源", "收入性质"),
           choice_reader(IncomeKind.choices, {"工资": "wage", "养老金": "transfer", "退休金": "transfer", "低保": "transfer", "务农": "business", "经营": "business"},
                         gettext_lazy("收入类别")), "member", is_word=True, show=as_choice(IncomeKind.choices), note=gettext_lazy("不填就按工资性收入")),
]  # fmt: skip
BY_KEY = {column.key: column for column in [*MEMBER_COLUMNS, *COLUMNS]}
#: Columns that only a file of members has: one of them says what the file is.
OF_MEMBERS = frozenset({"head_identity", "relation"})
#: Columns that every roster has and nobody needs: no word about them.
IDLE = frozenset({"序号", "编号", "NO", "NO.", "行号"})


def columns_of(kind: str) -> list[Column]:
    """The columns of a kind: the roster takes the staff part, the archive that and its own, members have theirs."""
    if kind == "members":
        return MEMBER_COLUMNS
    return [column for column in COLUMNS if kind == "archive" or column.part == "staff"]


def missing(kind: str, keys: set[str]) -> list[Column]:
    """Required columns that no column of the file stands for."""
    return [column for column in columns_of(kind) if column.required and column.key not in keys]


def shown(key: str, value: Any, context: Context, *, masked: bool = True) -> str:
    """A value in words; numbers of papers masked."""
    if value is None or value == "":
        return ""
    column = BY_KEY[key]
    text = (column.show or as_text)(value, context)
    return column.mask(text) if masked and column.mask else text
