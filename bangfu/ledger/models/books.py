"""Funds, their restricted shares, vouchers and postings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import MONEY_STAFF
from bangfu.access.scope import within

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from bangfu.ledger.models.payments import Disbursement


class SubjectQuerySet(models.QuerySet["Subject"]):
    def visible_to(self, account: Account) -> SubjectQuerySet:
        return within(self, account, unit_path="unit__path", roles=MONEY_STAFF)


class Subject(models.Model):
    """科目: one account of an organisation's books; the first digit of the code tells its kind (chart.py)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the organisation
    code = models.CharField(max_length=10)
    name = models.CharField(max_length=60)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "code"], name="subject_code_once"),
            models.CheckConstraint(
                condition=Q(code__startswith="1")
                | Q(code__startswith="2")
                | Q(code__startswith="3")
                | Q(code__startswith="4")
                | Q(code__startswith="5"),
                name="subject_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class FundQuerySet(models.QuerySet["Fund"]):
    def visible_to(self, account: Account) -> FundQuerySet:
        return within(self, account, unit_path="unit__path", roles=MONEY_STAFF)


class Fund(models.Model):
    """基金: money kept apart for a purpose. Balance and reserved are kept in fen and equal the recount of the postings.

    reserved = approved and not yet paid; available = balance - reserved, never below zero. Source: S0-10, S1-10.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the organisation
    code = models.SlugField(max_length=20)
    name = models.CharField(max_length=60)
    subject_code = models.CharField(max_length=10)  # its spending: 困难职工帮扶基金科目
    cap_fen = models.BigIntegerField()  # no single payment above this (plausibility, S1-13)
    balance_fen = models.BigIntegerField(default=0)
    reserved_fen = models.BigIntegerField(default=0)

    objects = FundQuerySet.as_manager()
    if TYPE_CHECKING:
        restrictions: RelatedManager[Restriction]
        vouchers: RelatedManager[Voucher]
        disbursements: RelatedManager[Disbursement]

    class Meta:
        ordering = ["unit_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "code"], name="fund_code_once"),
            models.CheckConstraint(condition=Q(balance_fen__gte=0), name="fund_balance_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved_fen__gte=0) & Q(reserved_fen__lte=F("balance_fen")), name="fund_reserved_within_balance"
            ),
            models.CheckConstraint(condition=Q(cap_fen__gt=0), name="fund_cap_positive"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def available_fen(self) -> int:
        return self.balance_fen - self.reserved_fen


class RestrictionQuerySet(models.QuerySet["Restriction"]):
    def visible_to(self, account: Account) -> RestrictionQuerySet:
        return within(self, account, unit_path="fund__unit__path", roles=MONEY_STAFF)


class Restriction(models.Model):
    """专款: a share of a fund that pays only what it was given for; code "" is the share without condition.

    `programmes` lists the programme codes it may pay, `causes` the causes of hardship (the word of a notice: "illness");
    empty = any. Source: S1-10 (专款专用).
    """

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="restrictions")
    code = models.SlugField(max_length=20, blank=True)
    title = models.CharField(max_length=60)
    programmes = models.JSONField(default=list, blank=True)
    causes = models.JSONField(default=list, blank=True)
    balance_fen = models.BigIntegerField(default=0)
    reserved_fen = models.BigIntegerField(default=0)

    objects = RestrictionQuerySet.as_manager()

    class Meta:
        ordering = ["fund_id", "code"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "code"], name="restriction_code_once"),
            models.CheckConstraint(condition=Q(balance_fen__gte=0), name="restriction_balance_not_negative"),
            models.CheckConstraint(
                condition=Q(reserved_fen__gte=0) & Q(reserved_fen__lte=F("balance_fen")),
                name="restriction_reserved_within_balance",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def available_fen(self) -> int:
        return self.balance_fen - self.reserved_fen

    def may_pay(self, programme: str, cause: str = "") -> bool:
        return (not self.programmes or programme in self.programmes) and (not self.causes or cause in self.causes)


class VoucherQuerySet(models.QuerySet["Voucher"]):
    def visible_to(self, account: Account) -> VoucherQuerySet:
        return within(self, account, unit_path="fund__unit__path", roles=MONEY_STAFF)


class Voucher(models.Model):
    """凭证: one entry in a fund's books, numbered 1, 2, 3 … within fund and month; never changed, only reversed (红字冲销)."""

    class Kind(models.TextChoices):
        INCOME = "income", _("收入")
        PAYMENT = "payment", _("支出")
        REVERSAL = "reversal", _("红字冲销")

    fund = models.ForeignKey(Fund, models.PROTECT, related_name="vouchers")
    month = models.CharField(max_length=7)  # 2026-11, of `day`
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind)
    day = models.DateField()
    summary = models.CharField(max_length=200)
    form_key = models.CharField(max_length=64, unique=True)  # made by the form: the same key again answers the first result
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = VoucherQuerySet.as_manager()
    if TYPE_CHECKING:
        postings: RelatedManager[Posting]

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["fund", "month", "number"], name="voucher_number_once"),
            models.CheckConstraint(condition=Q(number__gt=0), name="voucher_number_positive"),
            models.CheckConstraint(condition=Q(kind__in=["income", "payment", "reversal"]), name="voucher_kind_known"),
        ]

    def __str__(self) -> str:
        return f"{self.month}-{self.number:04d}"


class PostingQuerySet(models.QuerySet["Posting"]):
    def visible_to(self, account: Account) -> PostingQuerySet:
        return within(self, account, unit_path="fund__unit__path", roles=MONEY_STAFF)


class Posting(models.Model):
    """分录: `amount_fen` moves from the credit to the debit subject; balanced by construction, never changed (triggers).

    `person` is a reference ("household.member:7"), not a name: these rows stay when personal data are erased.
    """

    voucher = models.ForeignKey(Voucher, models.PROTECT, related_name="postings")
    line = models.PositiveIntegerField()
    day = models.DateField()  # the voucher's
    debit = models.CharField(max_length=10)
    credit = models.CharField(max_length=10)
    amount_fen = models.BigIntegerField()
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="+")
    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="+")
    source = models.CharField(max_length=4, blank=True)  # of income: lib.codes "fund_source", or "0" for an opening balance
    household_no = models.CharField(max_length=30, blank=True)
    person = models.CharField(max_length=60, blank=True)
    programme = models.CharField(max_length=60, blank=True)
    entitlement_key = models.CharField(max_length=120, blank=True)
    disbursement = models.ForeignKey("ledger.Disbursement", models.PROTECT, null=True, related_name="postings")
    reverses = models.OneToOneField("self", models.PROTECT, null=True, related_name="reversed_by")

    objects = PostingQuerySet.as_manager()

    class Meta:
        ordering = ["voucher_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["voucher", "line"], name="posting_line_once"),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="posting_amount_positive"),
            models.CheckConstraint(condition=~Q(debit=F("credit")), name="posting_two_sides"),
            models.UniqueConstraint(
                fields=["disbursement", "voucher"], condition=Q(disbursement__isnull=False), name="posting_once_per_voucher"
            ),
        ]
        indexes = [
            models.Index(fields=["fund", "day"], name="posting_by_fund_day"),
            models.Index(fields=["restriction"], name="posting_by_restriction"),
        ]

    def __str__(self) -> str:
        return f"{self.debit} / {self.credit} {self.amount_fen}"
