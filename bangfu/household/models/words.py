"""The closed lists of words that files store. Codes are those of the rules' vocabulary where a rule reads them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from bangfu.lib import codes


class Tie(models.TextChoices):
    """What binds the head of a file to the unit."""

    STAFF = "staff", _("在册职工")
    FORMER = "former", _("原职工")
    SURVIVOR = "survivor", _("遗属")
    MIGRANT = "migrant", _("农民工")


class State(models.TextChoices):
    """The life of a file: 发现一户、归档一户、脱困一户、注销一户. Source: S1-8."""

    CLUE = "clue", _("线索")
    FILED = "filed", _("在档")
    LIFTED = "lifted", _("已脱困")
    STRUCK = "struck", _("已注销")


OPEN_STATES = (State.CLUE, State.FILED)
EXIT_MISTAKEN = "0"  # beside codelists.json "exit_reason": the file came in by a mistaken import; nobody chooses it by hand


def exit_title(code: str | None) -> str:
    """Why a file left, in words."""
    return str(_("误导入，整批撤销")) if code == EXIT_MISTAKEN else codes.label("exit_reason", code) or ""


class StaffStatus(models.TextChoices):
    ON_POST = "on_post", _("在岗")
    IDLE = "idle", _("下（待）岗")
    UNEMPLOYED = "unemployed", _("失（无）业")
    RETIRED = "retired", _("退休")
    SICK_LEAVE = "sick_leave", _("病休")
    INTERNALLY_RETIRED = "internally_retired", _("内退")
    LEFT = "left", _("已离职")
    DECEASED = "deceased", _("已故")


class IdentityKind(models.TextChoices):
    """用工身份."""

    STATE = "state", _("全民职工")
    COLLECTIVE = "collective", _("集体职工")
    AGENCY = "agency", _("劳务派遣")
    MIGRANT = "migrant", _("农民工")
    OTHER = "other", _("其他")


class Sex(models.TextChoices):
    MALE = "1", _("男")
    FEMALE = "2", _("女")
    UNKNOWN = "9", _("未说明")


class Relation(models.TextChoices):
    SELF = "self", _("本人")
    SPOUSE = "spouse", _("配偶")
    CHILD = "child", _("子女")
    PARENT = "parent", _("父母")
    GRANDPARENT = "grandparent", _("祖父母、外祖父母")
    GRANDCHILD = "grandchild", _("孙子女、外孙子女")
    SIBLING = "sibling", _("兄弟姐妹")
    OTHER = "other", _("其他")


#: First digit of GB/T 4761 (lib codelists "family_relation") -> our word.
RELATION_OF_GB = {
    "0": Relation.SELF, "1": Relation.SPOUSE, "2": Relation.CHILD, "3": Relation.CHILD, "4": Relation.GRANDCHILD,
    "5": Relation.PARENT, "6": Relation.GRANDPARENT, "7": Relation.SIBLING, "8": Relation.OTHER, "9": Relation.OTHER,
}  # fmt: skip


class Health(models.TextChoices):
    """The category that pages and rules see; the diagnosis itself is sealed. Source: ux.md 4."""

    NONE = "none", _("无")
    CHRONIC = "chronic", _("慢病")
    SERIOUS = "serious", _("重病")
    DISABLED = "disabled", _("伤残")


class SchoolStage(models.TextChoices):
    NONE = "none", _("不在学")
    KINDERGARTEN = "kindergarten", _("幼儿园")
    COMPULSORY = "compulsory", _("义务教育")
    SENIOR = "senior", _("普通高中")
    VOCATIONAL = "vocational", _("中等职业教育")
    COLLEGE = "college", _("高等专科、高职")
    UNIVERSITY = "university", _("本科")
    POSTGRADUATE = "postgraduate", _("研究生")
    SPECIAL = "special", _("特殊教育")


class IncomeKind(models.TextChoices):
    """Source: practice.md 1.2 (HEB: 工资性、经营净、财产净、转移净、其他)."""

    WAGE = "wage", _("工资性收入")
    BUSINESS = "business", _("经营净收入")
    PROPERTY = "property", _("财产净收入")
    TRANSFER = "transfer", _("转移净收入")
    OTHER = "other", _("其他收入")


class ExpenseKind(models.TextChoices):
    """The seven kinds of rigid expense, and beside them the necessary cost of working (PDS1 counts it apart)."""

    ILLNESS = "illness", _("因病自付")
    DISABILITY = "disability", _("因残支出")
    SCHOOLING = "schooling", _("因学支出")
    HOUSING = "housing", _("住房支出")
    CHILD_RAISING = "child_raising", _("抚养子女")
    ELDER_SUPPORT = "elder_support", _("赡养老人")
    OTHER = "other", _("其他刚性支出")
    WORK_COST = "work_cost", _("必要就业成本")


class AssetKind(models.TextChoices):
    """What the exclusion tests ask. Source: practice.md 1.3."""

    HOME = "home", _("住房")
    VEHICLE = "vehicle", _("机动车")
    BUSINESS_VEHICLE = "business_vehicle", _("经营性车辆")
    SHOP = "shop", _("商铺、厂房或雇人经营")
    SHARES = "shares", _("公司控股")
    COSTLY_SCHOOL = "costly_school", _("高收费学校或自费留学")
    OTHER = "other", _("其他财产")


class Section(models.TextChoices):
    """五清. Source: S1-6."""

    FAMILY = "family", _("家庭状况")
    CAUSE = "cause", _("致困原因")
    SKILLS = "skills", _("技术特长")
    WISHES = "wishes", _("就业要求")
    MIND = "mind", _("思想状况")


class ConsentKind(models.TextChoices):
    """Three questions, asked and answered apart. Source: trust.md (PIPL 25, 28-29)."""

    HEALTH = "health", _("使用健康情况")
    BANK = "bank", _("使用银行账户")
    NOTICE_NAME = "notice_name", _("公示时写姓名")


class NationalClass(models.TextChoices):
    NONE = "none", _("无")
    DEEP = "DEEP", _("深度困难")
    RELATIVE = "RELATIVE", _("相对困难")
    ACCIDENT = "ACCIDENT", _("意外致困")


class Level(models.TextChoices):
    """档案级别. Source: practice.md 1.1."""

    NATIONAL = "N", _("全国级")
    PROVINCE = "P", _("省级")
    CITY = "C", _("市级")
    COUNTY = "X", _("县级")
    ENTERPRISE = "E", _("企业（单位）级")


class Giver(models.TextChoices):
    """Who gave help that is not the organisation's own. Source: S1-7."""

    GROUP = "group", _("集团工会")
    PROVINCE = "province", _("省级工会")
    CITY = "city", _("市总工会")
    NATIONAL = "national", _("全国总工会")
    GOVERNMENT = "government", _("政府救助")
    INSURANCE = "insurance", _("保险赔付")
    MUTUAL = "mutual", _("互助保障")
    COMPENSATION = "compensation", _("事故赔偿")
    OTHER = "other", _("其他单位和个人")


class RevealReason(models.TextChoices):
    CONTACT = "contact", _("联系本人或入户")
    VERIFY = "verify", _("核对证件与账户")
    REVIEW = "review", _("评审会质询")
    AUDIT = "audit", _("审计或检查")


class Matter(models.TextChoices):
    """What a stated figure is compared with. Source: practice.md 1.5 [D check], S1-13."""

    ANNUAL_INCOME = "annual_income", _("家庭年度总收入")
    SIZE = "size", _("家庭人口")
    TOTAL = "total", _("合计")


@dataclass(frozen=True)
class CauseWord:
    """One cause of the local list: its code, words, the tag's short form, the rules' word, and the national ten's code."""

    code: str
    title: Any
    short: Any
    fact: str
    national: str


#: The local list. Sources: S3-1, practice.md 1.5 (main and secondary causes); `national` is codelists.json "cause".
CAUSES: dict[str, CauseWord] = {
    word.code: word
    for word in (
        CauseWord("own_illness", _("本人大病"), _("因病"), "illness", "6"),
        CauseWord("family_illness", _("家属大病"), _("因病"), "illness", "6"),
        CauseWord("disability", _("残疾"), _("因残"), "disability", "1"),
        CauseWord("schooling", _("子女上学"), _("因学"), "schooling", "9"),
        CauseWord("unemployment", _("下岗失业"), _("失业"), "unemployment", "3"),
        CauseWord("no_work_ability", _("无劳动能力"), _("无劳动能力"), "no_work_ability", "1"),
        CauseWord("not_employed", _("有劳动能力而未就业"), _("未就业"), "not_employed", "2"),
        CauseWord("low_income", _("家庭收入低"), _("收入低"), "low_income", "10"),
        CauseWord("child_raising", _("抚养子女"), _("抚养"), "child_raising", "10"),
        CauseWord("elder_support", _("赡养老人"), _("赡养"), "elder_support", "10"),
        CauseWord("accident", _("意外事故"), _("意外"), "accident", "8"),
        CauseWord("work_injury", _("工伤"), _("工伤"), "work_injury", "8"),
        CauseWord("death", _("亲属去世"), _("丧亲"), "death", "10"),
        CauseWord("disaster", _("自然灾害"), _("因灾"), "disaster", "7"),
        CauseWord("theft", _("被盗"), _("被盗"), "theft", "10"),
        CauseWord("uninsured", _("未参加社会保险"), _("未参保"), "uninsured", "4"),
        CauseWord("benefits_unpaid", _("社会保险待遇落实不到位"), _("待遇未落实"), "benefits_unpaid", "5"),
        CauseWord("other", _("其他"), _("其他"), "other", "10"),
    )
}
CAUSE_CHOICES = [(word.code, word.title) for word in CAUSES.values()]
