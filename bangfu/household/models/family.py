"""Who lives in the household, what comes in, what must go out, what it owns, and the five things that must be clear."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.evidence.models import File
from bangfu.household.models.derived import BlindIndex
from bangfu.household.models.file import Household
from bangfu.household.models.scope import own_or_within
from bangfu.household.models.words import (
    CAUSE_CHOICES,
    CAUSES,
    AssetKind,
    ExpenseKind,
    Health,
    IncomeKind,
    Relation,
    SchoolStage,
    Section,
    Sex,
)  # fmt: skip
from bangfu.lib.crypto import EncryptedTextField


class OfHouseholdQuerySet(models.QuerySet):
    def visible_to(self, account: Account) -> OfHouseholdQuerySet:
        """The rows of the files that the account sees."""
        return own_or_within(self, account, own=Q(household__staff__account=account), to="household__")


class Member(models.Model):
    """One person of the household; the head is the member with relation 本人. Diagnosis and disability are sealed."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="members", db_index=False)  # member_once_per_file
    name = models.CharField(_("姓名"), max_length=30)
    relation = models.CharField(_("与户主关系"), max_length=12, choices=Relation)
    identity = EncryptedTextField(_("证件号码"), default="")
    identity_index = BlindIndex(source="identity", purpose="id", db_index=True)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    health = models.CharField(_("健康状况"), max_length=10, choices=Health, blank=True)  # empty: not asked
    diagnosis = EncryptedTextField(_("诊断"), default="")
    disability_kind = EncryptedTextField(_("残疾类别"), default="")  # codelists.json "disability_kind"
    disability_grade = EncryptedTextField(_("残疾等级"), default="")  # "1".."4", "0" none, "" not asked
    is_employed = models.BooleanField(_("就业"), null=True, blank=True)
    can_work = models.BooleanField(_("有劳动能力"), null=True, blank=True)
    is_student = models.BooleanField(_("在学"), default=False)
    school_stage = models.CharField(_("就学阶段"), max_length=14, choices=SchoolStage, blank=True)
    tuition_fen = models.BigIntegerField(_("一学年学费、住宿费"), null=True, blank=True)
    has_medical_insurance = models.BooleanField(_("参加医保"), null=True, blank=True)
    left_on = models.DateField(_("离户日期"), null=True, blank=True)  # died, married out; no longer counted

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(relation="self", left_on=None), name="one_head_member"),
            models.UniqueConstraint(fields=["household", "identity_index"], name="member_once_per_file"),
            models.CheckConstraint(condition=Q(relation__in=Relation.values), name="member_relation_known"),
            models.CheckConstraint(condition=Q(health="") | Q(health__in=Health.values), name="member_health_known"),
            models.CheckConstraint(condition=Q(tuition_fen__isnull=True) | Q(tuition_fen__gte=0), name="tuition_not_negative"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def relation_words(self) -> str:
        """女儿, 母亲 where the sex is known; else the word of the list."""
        exact = {
            ("child", "1"): gettext("儿子"), ("child", "2"): gettext("女儿"),
            ("parent", "1"): gettext("父亲"), ("parent", "2"): gettext("母亲"),
        }  # fmt: skip
        return exact.get((self.relation, self.sex)) or str(self.get_relation_display())


class IncomeQuerySet(models.QuerySet["Income"]):
    def visible_to(self, account: Account) -> IncomeQuerySet:
        return own_or_within(self, account, own=Q(member__household__staff__account=account), to="member__household__")


class Income(models.Model):
    """What one member earns in a month on average, by kind."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="incomes", db_index=False)  # one_income_per_kind
    kind = models.CharField(_("收入类别"), max_length=10, choices=IncomeKind)
    monthly_fen = models.BigIntegerField(_("月平均（分）"))

    objects = IncomeQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="one_income_per_kind"),
            models.CheckConstraint(condition=Q(monthly_fen__gte=0), name="income_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=IncomeKind.values), name="income_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.monthly_fen}"


class Expense(models.Model):
    """What the household had to spend in twelve months for one reason, of one member or of all; with its proof."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="expenses")
    member = models.ForeignKey(Member, models.PROTECT, null=True, blank=True, related_name="expenses")
    kind = models.CharField(_("支出类别"), max_length=14, choices=ExpenseKind)
    amount_fen = models.BigIntegerField(_("近 12 个月（分）"))
    note = EncryptedTextField(_("说明"), blank=True, default="")
    document = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="+")

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["household", "kind", "member"], name="one_expense_per_kind"),
            models.UniqueConstraint(
                fields=["household", "kind"], condition=Q(member__isnull=True), name="one_expense_per_kind_of_all"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="expense_not_negative"),
            models.CheckConstraint(condition=Q(kind__in=ExpenseKind.values), name="expense_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.amount_fen}"


class Cause(models.Model):
    """A secondary cause, first to third place; the main one stands on the household. Source: practice.md 1.5."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="causes")
    position = models.PositiveSmallIntegerField()
    code = models.CharField(_("致困原因"), max_length=20, choices=CAUSE_CHOICES)

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["household", "position"], name="one_cause_per_place"),
            models.UniqueConstraint(fields=["household", "code"], name="cause_named_once"),
            models.CheckConstraint(condition=Q(position__gte=1, position__lte=3), name="three_secondary_causes"),
            models.CheckConstraint(condition=Q(code__in=list(CAUSES)), name="secondary_cause_known"),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def short(self) -> str:
        return str(CAUSES[self.code].short)

    @property
    def national(self) -> str:
        return CAUSES[self.code].national


class Asset(models.Model):
    """One thing the household owns, or a costly school: what the exclusion tests ask. Source: practice.md 1.3."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="assets")
    kind = models.CharField(_("财产类别"), max_length=18, choices=AssetKind)
    house_type = models.CharField(_("住房类型"), max_length=2, blank=True)  # codelists.json "house_type"
    area_m2 = models.PositiveIntegerField(_("建筑面积（平方米）"), null=True, blank=True)
    note = EncryptedTextField(_("说明"), blank=True, default="")

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.CheckConstraint(condition=Q(kind__in=AssetKind.values), name="asset_kind_known")]

    def __str__(self) -> str:
        return self.kind


class Clear(models.Model):
    """One of the five things that must be clear: what is known, who checked it and when. Source: S1-6."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="clears")
    section = models.CharField(_("五清"), max_length=8, choices=Section)
    text = EncryptedTextField(_("情况"))
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField()

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["household", "section"], name="five_clears_once"),
            models.CheckConstraint(condition=Q(section__in=Section.values), name="five_clears_known"),
        ]

    def __str__(self) -> str:
        return self.section
