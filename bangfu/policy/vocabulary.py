"""The words that a rule may use: every fact with its type, unit and entity (`bangfu policy facts`).

A fact's name is unique over all entities, so that a rule needs no prefixes. Money is whole fen, days are ISO texts
("2017-03-01"), codes are words. Facts never hold a name, an ID number, a card or a diagnosis.

Source: practice.md 1.2, 1.3, 1.5 (what entry rules and forms ask for); sources.md S1-6, S3-1.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _

#: entity -> the key of its list in a facts file; the household itself has no list.
LISTS: Mapping[str, str] = MappingProxyType(
    {"member": "members", "month": "months", "payment": "payments", "event": "events", "stay": "stays", "claim": "claims"}
)
ENTITY_OF_LIST = MappingProxyType({key: entity for entity, key in LISTS.items()})
ENTITIES = ("household", *LISTS)
TYPES = ("int", "bool", "code", "date")
#: Units that must agree when figures are added or compared; see `units.py`.
UNITS = ("fen", "permille", "m2", "person", "month", "day", "year", "times", "item", "grade", "")


@dataclass(frozen=True)
class Fact:
    """One word of the vocabulary. `low`/`high` bound an int; `codes` names the values of a code, empty = any word."""

    name: str
    type: str
    unit: str
    entity: str
    title: Any
    ask: Any = ""  # who can tell, shown when the fact is missing
    codes: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    low: int | None = None
    high: int | None = None

    def to_json(self) -> dict[str, Any]:
        row: dict[str, Any] = {
            "name": self.name,
            "type": self.type,
            "unit": self.unit,
            "entity": self.entity,
            "title": str(self.title),
        }
        if self.ask:
            row["ask"] = str(self.ask)
        if self.codes:
            row["codes"] = {code: str(title) for code, title in self.codes.items()}
        return row


@dataclass(frozen=True)
class Vocabulary:
    """The product's facts, with a pack's own ones added (`derived.yaml: facts`)."""

    facts: Mapping[str, Fact]

    def get(self, name: str) -> Fact | None:
        return self.facts.get(name)

    def plus(self, more: list[Fact]) -> Vocabulary:
        return Vocabulary(MappingProxyType({**self.facts, **{fact.name: fact for fact in more}})) if more else self

    @cached_property
    def by_entity(self) -> dict[str, list[Fact]]:
        found: dict[str, list[Fact]] = {entity: [] for entity in ENTITIES}
        for fact in self.facts.values():
            found[fact.entity].append(fact)
        return found


CLASSES_NATIONAL = {"DEEP": _("深度困难"), "RELATIVE": _("相对困难"), "ACCIDENT": _("意外致困")}

CAUSES = {
    "illness": _("患重特大疾病"),
    "disability": _("残疾"),
    "schooling": _("子女上学"),
    "unemployment": _("下岗失业"),
    "no_work_ability": _("无劳动能力"),
    "not_employed": _("有劳动能力而未就业"),
    "low_income": _("家庭收入低"),
    "child_raising": _("抚养子女"),
    "elder_support": _("赡养老人"),
    "accident": _("遭受意外事故"),
    "work_injury": _("工伤"),
    "death": _("亲属去世"),
    "disaster": _("遭受自然灾害"),
    "theft": _("被盗"),
    "uninsured": _("未参加社会保险"),
    "benefits_unpaid": _("社会保险待遇落实不到位"),
    "other": _("其他"),
}
HEALTH = {"none": _("无"), "chronic": _("慢病"), "serious": _("重病"), "disabled": _("伤残")}
WORKER_STATUS = {
    "on_post": _("在岗"),
    "idle": _("下（待）岗"),
    "unemployed": _("失（无）业"),
    "retired": _("退休"),
    "sick_leave": _("病休"),
    "internally_retired": _("内退"),
    "left": _("已离职"),
    "deceased": _("已故"),
}
TIES = {
    "staff": _("职工"),
    "former_staff": _("原职工"),
    "survivor": _("遗属"),
    "migrant": _("农民工"),
    "agency": _("劳务派遣工"),
}
ARCHIVE_STATES = {
    "none": _("没有档案"),
    "clue": _("线索"),
    "filed": _("在档"),
    "lifted": _("已脱困"),
    "struck_off": _("已注销"),
}
DEGREES = {"ordinary": _("一般"), "serious": _("严重"), "extreme": _("特别严重")}
SCHOOL_STAGES = {
    "none": _("不在学"),
    "kindergarten": _("幼儿园"),
    "compulsory": _("义务教育"),
    "senior": _("普通高中"),
    "vocational": _("中等职业教育"),
    "college": _("高等专科、高职"),
    "university": _("本科"),
    "postgraduate": _("研究生"),
    "special": _("特殊教育"),
}
RELATIONS = {
    "self": _("本人"),
    "spouse": _("配偶"),
    "child": _("子女"),
    "parent": _("父母"),
    "grandparent": _("祖父母、外祖父母"),
    "grandchild": _("孙子女、外孙子女"),
    "sibling": _("兄弟姐妹"),
    "other": _("其他"),
}
PAYERS = {
    "own": _("本单位工会"),
    "group": _("集团工会"),
    "province": _("省级工会"),
    "city": _("市总工会"),
    "national": _("全国总工会"),
    "government": _("政府"),
    "insurance": _("保险"),
    "mutual": _("互助保障"),
    "other": _("其他"),
}
CLAIMS = {
    "stay": _("住院"),
    "critical": _("重大疾病"),
    "women": _("女职工特殊疾病"),
    "accident": _("意外伤害"),
    "disability": _("伤残"),
    "death": _("身故"),
    "schooling": _("子女入学"),
    "medical": _("疾病医疗"),
    "family": _("婚丧嫁娶"),
    "disaster": _("家庭财产受灾"),
    "other": _("其他"),
}
HOSPITALS = {"province": _("省级"), "city": _("市级"), "county": _("区县级"), "community": _("社区、乡镇")}
MEANS = {"money": _("现金或转账"), "goods": _("实物"), "voucher": _("消费券、提货券"), "service": _("服务")}
EVENTS = {
    "accident": _("意外事故"),
    "disaster": _("自然灾害"),
    "illness": _("突发疾病"),
    "theft": _("被盗"),
    "death": _("亲属去世"),
}

_WORKER = _("本人")
_UNIT = _("所在单位工会")
_OFFICE = _("帮扶办公室")
_INSURER = _("医保部门")


def _fen(name: str, title: Any, entity: str = "household", ask: Any = _WORKER) -> Fact:
    return Fact(name, "int", "fen", entity, title, ask, low=0)


def _count(
    name: str, unit: str, title: Any, entity: str = "household", ask: Any = _WORKER, low: int = 0, high: int | None = None
) -> Fact:
    return Fact(name, "int", unit, entity, title, ask, low=low, high=high)


def _yes(name: str, title: Any, entity: str = "household", ask: Any = _WORKER) -> Fact:
    return Fact(name, "bool", "", entity, title, ask)


def _code(name: str, title: Any, codes: Mapping[str, Any] | None = None, entity: str = "household", ask: Any = _WORKER) -> Fact:
    return Fact(name, "code", "", entity, title, ask, MappingProxyType(dict(codes or {})))


def _date(name: str, title: Any, entity: str = "household", ask: Any = _WORKER) -> Fact:
    return Fact(name, "date", "day", entity, title, ask)


_ALL = [
    # the household and its money: the twelve months before the day of the assessment
    _count("household_size", "person", _("家庭人口"), low=1, high=99),
    _fen("annual_income_fen", _("近 12 个月家庭可支配收入")),
    _fen("medical_self_paid_fen", _("近 12 个月自付医疗费"), ask=_INSURER),
    _fen("disability_expense_fen", _("近 12 个月因残支出")),
    _fen("schooling_expense_fen", _("近 12 个月因学支出（不含义务教育）")),
    _fen("housing_expense_fen", _("近 12 个月住房支出")),
    _fen("child_raising_expense_fen", _("近 12 个月抚养支出")),
    _fen("elder_support_expense_fen", _("近 12 个月赡养支出")),
    _fen("work_cost_fen", _("近 12 个月必要就业成本")),
    _fen("other_rigid_expense_fen", _("近 12 个月其他刚性支出")),
    _fen("insurance_paid_fen", _("近 12 个月保险已赔付"), ask=_INSURER),
    _fen("mutual_aid_paid_fen", _("近 12 个月互助保障已赔付"), ask=_OFFICE),
    _fen("compensation_fen", _("近 12 个月事故赔偿")),
    _fen("government_relief_fen", _("近 12 个月政府救助"), ask=_("民政部门")),
    _fen("other_aid_fen", _("近 12 个月其他单位帮扶")),
    # where it lives and what it owns
    _code("area_code", _("居住地行政区划代码"), ask=_UNIT),
    _code("unit_path", _("所在单位（自上而下的代码，用 / 隔开）"), ask=_UNIT),
    _yes("is_urban", _("城镇居民")),
    _count("homes_count", "item", _("住房套数"), high=99),
    Fact("home_area_m2", "int", "m2", "household", _("住房面积"), _WORKER, low=0),
    _count("vehicles_count", "item", _("机动车辆数"), high=99),
    _yes("has_business_vehicle", _("有经营性车辆")),
    _yes("has_shop_or_plant", _("有商铺、厂房或雇人经营")),
    _yes("is_controlling_shareholder", _("是公司控股股东或实际控制人")),
    _yes("has_costly_school_child", _("子女读高收费私立学校或自费留学")),
    _yes("refuses_check", _("拒绝配合调查核查"), ask=_UNIT),
    _yes("has_hidden_income", _("隐瞒收入或家庭变动"), ask=_UNIT),
    _yes("refuses_work", _("无正当理由拒绝就业"), ask=_UNIT),
    _yes("has_offence", _("违法犯罪或参与非法组织"), ask=_UNIT),
    _yes("has_dibao", _("享受低保"), ask=_("民政部门")),
    _yes("is_zero_employment", _("零就业家庭")),
    _yes("is_single_parent", _("单亲家庭")),
    _code("main_cause", _("主要致困原因"), CAUSES, ask=_UNIT),
    # the worker
    _code("worker_tie", _("与单位的关系"), TIES, ask=_UNIT),
    _code("worker_status", _("工作状态"), WORKER_STATUS, ask=_UNIT),
    _count("worker_age", "year", _("职工年龄"), ask=_UNIT, high=150),
    _count("contract_months", "month", _("劳动合同期限"), ask=_UNIT),
    _yes("is_union_member", _("工会会员"), ask=_UNIT),
    _yes("is_model_worker", _("劳动模范"), ask=_UNIT),
    # the file
    _code("archive_state", _("档案状态"), ARCHIVE_STATES, ask=_OFFICE),
    _code("grade", _("档案上的困难档次"), ask=_OFFICE),
    _code("national_class", _("档案上的全国类别"), {"none": _("无"), **CLASSES_NATIONAL}, ask=_OFFICE),
    _count("months_filed", "month", _("建档月数"), ask=_OFFICE),
    _count("months_since_review", "month", _("距上次复核月数"), ask=_OFFICE),
    _date("reviewed_on", _("上次复核日期"), ask=_OFFICE),
    # the application and its way through the procedure
    _code("programme", _("申请的项目"), ask=_WORKER),
    _fen("asked_fen", _("申请金额")),
    _fen("proposed_fen", _("拟救助金额"), ask=_OFFICE),
    _fen("loss_fen", _("事由造成的支出或损失")),
    _yes("is_urgent", _("情况紧急"), ask=_UNIT),
    _yes("is_aided_elsewhere", _("同一事由已从别处领取"), ask=_("市总工会")),
    _code("degree", _("评审的困难程度"), DEGREES, ask=_OFFICE),
    # a mutual-aid plan: joining it, and what is claimed from it
    _code("plan", _("互助保障计划"), ask=_OFFICE),
    _yes("is_enrolling", _("正在办理参保"), ask=_OFFICE),
    _date("enrolled_on", _("首次参保生效日"), ask=_OFFICE),
    _date("cover_from", _("本期保障起日"), ask=_OFFICE),
    _date("cover_to", _("本期保障末日"), ask=_OFFICE),
    _yes("is_renewal", _("按期续保"), ask=_OFFICE),
    _yes("is_later_enrolment", _("重复参保中较晚的一份"), ask=_OFFICE),
    _count("shares", "item", _("参保份数"), ask=_OFFICE, high=99),
    _code("fee_class", _("缴费类别"), ask=_OFFICE),
    _yes("has_member_card", _("持有工会会员服务卡")),
    _code("worker_sex", _("职工性别"), {"M": _("男"), "F": _("女")}, ask=_UNIT),
    _yes("is_in_service", _("在职"), ask=_UNIT),
    _yes("has_basic_medical", _("参加基本医疗保险"), ask=_INSURER),
    _yes("has_prior_illness", _("参保前已患保障范围内的疾病"), ask=_INSURER),
    _count("unit_headcount", "person", _("单位职工人数"), ask=_UNIT),
    _count("unit_enrolled", "person", _("单位参保人数"), ask=_UNIT),
    _code("claim_kind", _("申领事由"), CLAIMS),
    _date("happened_on", _("出险日（确诊、入院或事故发生日）")),
    _date("pathology_on", _("病理报告日"), ask=_INSURER),
    _date("assessed_on", _("伤残评定日"), ask=_UNIT),
    _date("reported_on", _("报案日"), ask=_UNIT),
    _count("reported_working_days", "day", _("报案距起算日的工作日数"), ask=_OFFICE),
    _count("papers_working_days", "day", _("材料交齐距起算日的工作日数"), ask=_OFFICE),
    _date("papers_on", _("申领材料交齐日"), ask=_UNIT),
    _code("disease", _("病种代码"), ask=_INSURER),
    _yes("is_first_diagnosis", _("首次确诊"), ask=_INSURER),
    _count("disability_level", "grade", _("伤残等级（1 至 10，无为 0）"), high=10),
    _code("hospital_rank", _("就诊医院级别"), HOSPITALS, ask=_INSURER),
    _fen("pooled_paid_fen", _("基本医保统筹基金支付"), ask=_INSURER),
    _fen("claimed_self_paid_fen", _("本次自付医疗费"), ask=_INSURER),
    _yes("has_excluded_cause", _("属于不予给付的原因"), ask=_OFFICE),
    # members, the worker included
    _code("relation", _("与职工的关系"), RELATIONS, "member"),
    _count("member_age", "year", _("年龄"), "member", high=150),
    _fen("member_monthly_income_fen", _("月平均收入"), "member"),
    _yes("is_employed", _("就业"), "member"),
    _yes("can_work", _("有劳动能力"), "member"),
    _code("school_stage", _("就学阶段"), SCHOOL_STAGES, "member"),
    _fen("tuition_fen", _("一学年学费、住宿费"), "member"),
    _code("health", _("健康状况"), HEALTH, "member"),
    _count("disability_grade", "grade", _("残疾等级（无为 0）"), "member", high=4),
    _fen("member_medical_self_paid_fen", _("个人近 12 个月自付医疗费"), "member", _INSURER),
    _yes("has_medical_insurance", _("参加医保"), "member"),
    # the last full months, the latest first
    _count("months_ago", "month", _("第几个月以前"), "month", _OFFICE, low=1),
    _fen("month_income_fen", _("当月家庭收入"), "month"),
    _fen("month_rigid_expense_fen", _("当月刚性支出"), "month"),
    # money the household has already had
    _code("paid_programme", _("发放项目"), entity="payment", ask=_OFFICE),
    _fen("paid_fen", _("发放金额"), "payment", _OFFICE),
    _date("paid_on", _("发放日期"), "payment", _OFFICE),
    _count("paid_year", "year", _("发放年度"), "payment", _OFFICE),
    _code("paid_by", _("发放单位"), PAYERS, "payment", _OFFICE),
    _yes("is_to_applicant", _("发给本次申请人"), "payment", _OFFICE),
    _code("paid_period", _("发放期次"), entity="payment", ask=_OFFICE),
    _yes("is_same_event", _("与本次同一事由"), "payment", _OFFICE),
    _yes("is_to_student", _("发给本次申请的学生"), "payment", _OFFICE),
    # sudden events
    _code("event_kind", _("突发情况"), EVENTS, "event"),
    _date("event_on", _("发生日期"), "event"),
    _fen("event_loss_fen", _("损失或支出"), "event"),
    _fen("event_compensation_fen", _("获得赔偿"), "event"),
    # hospital stays
    _date("admitted_on", _("入院日期"), "stay"),
    _date("discharged_on", _("出院日期"), "stay"),
    _count("hospital_level", "grade", _("医院级别"), "stay", high=3),
    _fen("stay_self_paid_fen", _("本次住院自付"), "stay", _INSURER),
    _fen("stay_pooled_fen", _("本次住院统筹基金支付"), "stay", _INSURER),
    _code("stay_rank", _("本次住院医院级别"), HOSPITALS, "stay", _INSURER),
    # what mutual-aid plans have already paid to this person
    _code("claim_plan", _("已赔付的计划"), entity="claim", ask=_OFFICE),
    _code("claim_benefit", _("已赔付的待遇"), entity="claim", ask=_OFFICE),
    _fen("claim_fen", _("赔付金额"), "claim", _OFFICE),
    _date("claim_on", _("赔付日期"), "claim", _OFFICE),
    _yes("is_in_cover", _("在本期保障内"), "claim", _OFFICE),
    _yes("is_same_illness", _("与本次同一病种或事故"), "claim", _OFFICE),
]

VOCABULARY = Vocabulary(MappingProxyType({fact.name: fact for fact in _ALL}))

#: Names that the engine itself supplies from the day of the assessment.
CALENDAR = {
    "today": Fact("today", "date", "day", "household", _("评定当日")),
    "this_year": Fact("this_year", "int", "year", "household", _("评定当年")),
    "this_month_day": Fact("this_month_day", "int", "", "household", _("评定当日的月日（7 月 31 日为 731）")),
    "month_start": Fact("month_start", "date", "day", "household", _("当月第一天")),
    "quarter_start": Fact("quarter_start", "date", "day", "household", _("当季第一天")),
    "half_year_start": Fact("half_year_start", "date", "day", "household", _("当半年第一天")),
    "year_start": Fact("year_start", "date", "day", "household", _("当年第一天")),
    "school_year_start": Fact("school_year_start", "date", "day", "household", _("当学年第一天（9 月 1 日）")),
}
#: … and from the class sets: entry and class of the first set; `entry_x`, `class_x` of the set `x`, see `graded_names`.
BUILT_IN = {
    "entry": Fact("entry", "bool", "", "household", _("符合建档条件")),
    "class": Fact("class", "code", "", "household", _("按办法评定的档次")),
    **CALENDAR,
}
#: Facts that stand for a place in a tree: `where` matches them from the top down, the longer match wins.
PLACES = frozenset({"area_code", "unit_path"})


@lru_cache(maxsize=1024)
def calendar(on: date) -> Mapping[str, int]:
    """The values of CALENDAR on a day; days as ordinals. A school year begins on 1 September."""

    def first(month: int) -> int:
        return date(on.year, month, 1).toordinal()

    return MappingProxyType(
        {
            "today": on.toordinal(),
            "this_year": on.year,
            "this_month_day": on.month * 100 + on.day,
            "month_start": first(on.month),
            "quarter_start": first(on.month - (on.month - 1) % 3),
            "half_year_start": first(1 if on.month < 7 else 7),
            "year_start": first(1),
            "school_year_start": date(on.year - (on.month < 9), 9, 1).toordinal(),
        }
    )
