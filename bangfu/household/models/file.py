"""The file of one household (一户一档)."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.household.models.derived import BlindIndex, PinyinKey
from bangfu.household.models.scope import own_or_within
from bangfu.household.models.staff import Staff, new_record_key
from bangfu.household.models.words import CAUSE_CHOICES, CAUSES, OPEN_STATES, Level, NationalClass, Sex, StaffStatus, State, Tie
from bangfu.lib.crypto import EncryptedTextField, keyed_digest


class HouseholdQuerySet(models.QuerySet["Household"]):
    def visible_to(self, account: Account) -> HouseholdQuerySet:
        """Case staff: the files of their unit and below; a worker: her own file; another organisation: nothing."""
        return own_or_within(self, account, own=Q(staff__account=account))

    def open(self) -> HouseholdQuerySet:
        return self.filter(state__in=OPEN_STATES)


class Household(models.Model):
    """One file: a household in hardship, filed where its head belongs; one open file per head in an organisation.

    What was never asked is None or a missing `…_on` day: rules read it as unknown, never as zero.
    Source: practice.md 1.1 (一户一档), S1-6, S1-8, S2-2.
    """

    # the composite indexes below begin with these two: no index of their own
    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="households", db_index=False)
    number = models.CharField(_("档号"), max_length=20, unique=True)
    state = models.CharField(_("状态"), max_length=8, choices=State, default=State.CLUE)
    state_on = models.DateField(_("状态日期"))
    opened_on = models.DateField(_("建档日期"))
    reviewed_on = models.DateField(_("最近复核日期"), null=True, blank=True)
    exit_reason = models.CharField(_("退档原因"), max_length=2, blank=True)  # codelists.json "exit_reason"
    clue_note = EncryptedTextField(_("线索来源"), blank=True, default="")

    # the head: the hardship worker, a survivor, a former worker, a migrant worker
    tie = models.CharField(_("与单位的关系"), max_length=10, choices=Tie, default=Tie.STAFF)
    survivor_of = models.CharField(_("哪位职工的遗属"), max_length=30, blank=True)  # a name, for the tie "survivor"
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="households")
    head_name = models.CharField(_("户主姓名"), max_length=30)
    head_pinyin = PinyinKey(source="head_name")
    identity = EncryptedTextField(_("证件号码"), default="")
    head_index = BlindIndex(source="identity", purpose="id", db_index=True)
    head_tail = BlindIndex(source="identity", purpose="id4", tail=4, db_index=True)
    phone = EncryptedTextField(_("手机号码"), default="")
    phone_tail = BlindIndex(source="phone", purpose="phone4", tail=4, db_index=True)
    bank_name = models.CharField(_("开户银行"), max_length=60, blank=True)
    card = EncryptedTextField(_("银行卡号"), default="")
    address = EncryptedTextField(_("家庭住址"), default="")
    sex = models.CharField(_("性别"), max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    worker_status = models.CharField(_("工作状态"), max_length=20, choices=StaffStatus, blank=True)
    contract_months = models.PositiveSmallIntegerField(_("劳动合同期限（月）"), null=True, blank=True)
    is_union_member = models.BooleanField(_("工会会员"), null=True, blank=True)
    is_model_worker = models.BooleanField(_("劳动模范"), null=True, blank=True)

    # what the file says of the household
    grade = models.CharField(_("困难档次"), max_length=30, blank=True)  # a code of the class set in force
    grade_on = models.DateField(_("定档日期"), null=True, blank=True)
    national_class = models.CharField(_("全国类别"), max_length=10, choices=NationalClass, default=NationalClass.NONE)
    level = models.CharField(_("档案级别"), max_length=1, choices=Level, default=Level.ENTERPRISE)
    main_cause = models.CharField(_("主要致困原因"), max_length=20, choices=CAUSE_CHOICES, blank=True)
    cause_note = EncryptedTextField(_("致困原因说明"), blank=True, default="")
    area_code = models.CharField(_("居住地行政区划代码"), max_length=12, blank=True)
    is_urban = models.BooleanField(_("城镇居民"), null=True, blank=True)
    has_dibao = models.BooleanField(_("享受低保"), null=True, blank=True)
    is_zero_employment = models.BooleanField(_("零就业家庭"), null=True, blank=True)
    is_single_parent = models.BooleanField(_("单亲家庭"), null=True, blank=True)
    refuses_check = models.BooleanField(_("拒绝配合调查核查"), null=True, blank=True)
    has_hidden_income = models.BooleanField(_("隐瞒收入或家庭变动"), null=True, blank=True)
    refuses_work = models.BooleanField(_("无正当理由拒绝就业"), null=True, blank=True)
    has_offence = models.BooleanField(_("违法犯罪或参与非法组织"), null=True, blank=True)
    stated_size = models.PositiveSmallIntegerField(_("填报的家庭人口"), null=True, blank=True)
    stated_annual_fen = models.BigIntegerField(_("填报的家庭年度总收入"), null=True, blank=True)
    incomes_on = models.DateField(_("收入核到"), null=True, blank=True)  # the day to which all incomes were asked
    expenses_on = models.DateField(_("支出核到"), null=True, blank=True)
    assets_on = models.DateField(_("财产核到"), null=True, blank=True)

    # kept by the flow from members and incomes, for lists (`flow.recount`)
    size = models.PositiveSmallIntegerField(_("人口"), default=1)
    per_head_fen = models.BigIntegerField(_("月人均收入"), null=True, blank=True)

    record_key = EncryptedTextField(default=new_record_key)
    version = models.PositiveIntegerField(default=1)

    objects = HouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["head_pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["organisation", "head_index"],
                condition=Q(state__in=[str(state) for state in OPEN_STATES]),
                name="one_open_file_per_head",
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="file_state_known"),
            models.CheckConstraint(condition=Q(tie__in=Tie.values), name="file_tie_known"),
            models.CheckConstraint(
                condition=Q(state__in=[State.CLUE, State.STRUCK]) | (Q(head_index__isnull=False) & ~Q(main_cause="")),
                name="file_has_head_and_cause",
            ),
            models.CheckConstraint(
                condition=Q(state__in=[State.CLUE, State.FILED], exit_reason="")
                | (Q(state__in=[State.LIFTED, State.STRUCK]) & ~Q(exit_reason="")),
                name="file_left_for_a_reason",
            ),
            models.CheckConstraint(condition=Q(main_cause="") | Q(main_cause__in=list(CAUSES)), name="file_cause_known"),
            models.CheckConstraint(condition=Q(stated_size__isnull=True) | Q(stated_size__gte=1), name="file_size_positive"),
            models.CheckConstraint(
                condition=Q(stated_annual_fen__isnull=True) | Q(stated_annual_fen__gte=0), name="file_income_not_negative"
            ),
        ]
        indexes = [
            # in the list's order
            models.Index(fields=["organisation", "state", "head_pinyin", "id"], name="file_in_state_by_name"),
            models.Index(fields=["organisation", "head_pinyin", "id"], name="file_by_name"),
            models.Index(fields=["organisation", "state", "grade", "head_pinyin", "id"], name="file_by_grade"),
            models.Index(fields=["organisation", "state", "main_cause", "head_pinyin", "id"], name="file_by_cause"),
            # with what a unit's list is narrowed by, so that its total is counted without the wide rows
            models.Index(
                fields=["unit", "state", "organisation", "head_pinyin", "id", "main_cause", "grade"], name="file_in_unit_by_name"
            ),
            models.Index(fields=["organisation", "state", "per_head_fen", "head_pinyin", "id"], name="file_by_income"),
        ]

    def __str__(self) -> str:
        return f"{self.head_name} {self.number}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def bare_number(self) -> str:
        """2016-0013, as people read it aloud; found by search too."""
        return self.number.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")

    @property
    def title(self) -> str:
        return gettext("%(name)s户") % {"name": self.head_name}

    @property
    def cause_short(self) -> str:
        return str(CAUSES[self.main_cause].short) if self.main_cause in CAUSES else ""

    @property
    def national_cause(self) -> str:
        """The code in the national ten (codelists.json "cause")."""
        return CAUSES[self.main_cause].national if self.main_cause in CAUSES else ""

    def digest_of(self, value: str) -> str:
        """How a sensitive value stands in the record: comparable, not guessable without this file's key."""
        return keyed_digest(bytes.fromhex(self.record_key), value)
