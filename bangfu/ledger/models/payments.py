"""What is paid: reserved sums, bank batches and their lines, holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.kin import without_kin
from bangfu.access.models import Account, Unit
from bangfu.access.roles import MONEY_STAFF
from bangfu.access.scope import within
from bangfu.ledger.models.books import Fund, Restriction
from bangfu.lib.crypto import EncryptedTextField, blind_index
from bangfu.lib.masking import mask_name

if TYPE_CHECKING:
    from django_stubs_ext.db.models.manager import RelatedManager

    from bangfu.ledger.models.books import Posting


class DisbursementQuerySet(models.QuerySet["Disbursement"]):
    def visible_to(self, account: Account) -> DisbursementQuerySet:
        """Money staff, their unit and below; not one's own and one's kin's (ADR 9)."""
        return without_kin(within(self, account, unit_path="unit__path", roles=MONEY_STAFF), account, "origin")


class Disbursement(models.Model):
    """发放: one sum for one payee, reserved at approval, paid with the bank's or the cash list's result, then signed for.

    paid and receipted are two facts with two times. The same entitlement lives once: a second row may stand only beside a
    released or reversed one. Source: contracts.md "Money", S0-16.
    """

    class State(models.TextChoices):
        RESERVED = "reserved", _("待付")
        SENT = "sent", _("已送银行")
        PAID = "paid", _("已付")
        RELEASED = "released", _("已取消")
        REVERSED = "reversed", _("已冲销")

    class Method(models.TextChoices):
        BANK = "bank", _("银行转账")
        CASH = "cash", _("现金")

    entitlement_key = models.CharField(max_length=120)
    origin = models.CharField(max_length=80, db_index=True)  # "process.award:7"
    reference = models.CharField(max_length=40, blank=True)  # the number people know it by: the case
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the payee's
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="disbursements")
    restriction = models.ForeignKey(Restriction, models.PROTECT, related_name="+")
    programme = models.CharField(max_length=60)
    cause = models.CharField(max_length=20, blank=True)  # the one word that a notice says about the cause: "illness"
    purpose = models.CharField(max_length=60)  # 事由, as printed on the receipt
    household_no = models.CharField(max_length=30, blank=True, db_index=True)
    person = models.CharField(max_length=60, blank=True)  # "household.member:7"
    payee_name = models.CharField(max_length=60)
    payee_account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    amount_fen = models.BigIntegerField()
    method = models.CharField(max_length=10, choices=Method)
    bank_name = models.CharField(max_length=60, blank=True)
    card = EncryptedTextField(null=True)
    card_tail4 = models.CharField(max_length=4, blank=True)
    check_code = models.CharField(max_length=14, unique=True)  # 60 random bits: the address of the receipt's proof

    state = models.CharField(max_length=10, choices=State, default=State.RESERVED)
    reserved_at = models.DateTimeField()
    reserved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    paid_at = models.DateTimeField(null=True)
    paid_day = models.DateField(null=True)  # of the voucher
    paid_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    bank_ref = models.CharField(max_length=60, blank=True)
    payee_signed_at = models.DateTimeField(null=True)
    payer_signed_at = models.DateTimeField(null=True)
    receipted_at = models.DateTimeField(null=True)

    objects = DisbursementQuerySet.as_manager()
    if TYPE_CHECKING:
        lines: RelatedManager[BatchLine]
        postings: RelatedManager[Posting]

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["entitlement_key"], condition=~Q(state__in=["released", "reversed"]), name="entitlement_paid_once"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="disbursement_amount_positive"),
            models.CheckConstraint(
                condition=Q(state__in=["reserved", "sent", "paid", "released", "reversed"]), name="disbursement_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["paid", "reversed"], paid_at__isnull=False, paid_day__isnull=False, paid_by__isnull=False)
                | Q(state__in=["reserved", "sent", "released"], paid_at__isnull=True, paid_day__isnull=True, paid_by__isnull=True),
                name="disbursement_paid_says_when_and_who",
            ),
            models.CheckConstraint(
                condition=Q(receipted_at__isnull=True, payee_signed_at__isnull=True)
                | Q(receipted_at__isnull=True, payer_signed_at__isnull=True)
                | Q(receipted_at__isnull=False, payee_signed_at__isnull=False, payer_signed_at__isnull=False),
                name="disbursement_receipted_when_both_signed",
            ),
            models.CheckConstraint(
                condition=Q(paid_at__isnull=False) | Q(payee_signed_at__isnull=True, payer_signed_at__isnull=True),
                name="disbursement_signed_only_when_paid",
            ),
            models.CheckConstraint(condition=Q(method__in=["bank", "cash"]), name="disbursement_method_known"),
        ]
        indexes = [
            models.Index(fields=["fund", "state", "method"], name="disbursement_by_state"),
            models.Index(fields=["restriction", "state"], name="disbursement_by_restriction"),
        ]

    def __str__(self) -> str:
        return f"{self.payee_name} {self.purpose}"

    @property
    def is_to_pay(self) -> bool:
        return self.state == self.State.RESERVED

    @property
    def is_paid(self) -> bool:
        return self.state == self.State.PAID

    @property
    def is_waiting_for_signatures(self) -> bool:
        return self.is_paid and self.receipted_at is None

    @property
    def masked_name(self) -> str:
        return mask_name(self.payee_name)


class BatchQuerySet(models.QuerySet["Batch"]):
    def visible_to(self, account: Account) -> BatchQuerySet:
        return within(self, account, unit_path="fund__unit__path", roles=MONEY_STAFF)


class Batch(models.Model):
    """银行批次: one file for the bank, frozen when made."""

    number = models.CharField(max_length=40, unique=True)
    fund = models.ForeignKey(Fund, models.PROTECT, related_name="batches")
    form_key = models.CharField(max_length=64, unique=True)
    total_fen = models.BigIntegerField()
    count = models.PositiveIntegerField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    objects = BatchQuerySet.as_manager()
    if TYPE_CHECKING:
        lines: RelatedManager[BatchLine]

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(total_fen__gt=0) & Q(count__gt=0), name="batch_not_empty"),
        ]

    def __str__(self) -> str:
        return self.number


class BatchLineQuerySet(models.QuerySet["BatchLine"]):
    def visible_to(self, account: Account) -> BatchLineQuerySet:
        seen = within(self, account, unit_path="batch__fund__unit__path", roles=MONEY_STAFF)
        return without_kin(seen, account, "disbursement__origin")


class BatchLine(models.Model):
    """One attempt to transfer one sum: the account as it was sent, and what the bank answered."""

    class State(models.TextChoices):
        PENDING = "pending", _("等银行结果")
        PAID = "paid", _("成功")
        FAILED = "failed", _("失败")

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="lines")
    line = models.PositiveIntegerField()
    disbursement = models.ForeignKey(Disbursement, models.PROTECT, related_name="lines")
    amount_fen = models.BigIntegerField()
    payee_name = models.CharField(max_length=60)
    bank_name = models.CharField(max_length=60, blank=True)
    card = EncryptedTextField()
    card_tail4 = models.CharField(max_length=4)
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    reason = EncryptedTextField(null=True, blank=True)  # why the bank returned it
    bank_ref = models.CharField(max_length=60, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    objects = BatchLineQuerySet.as_manager()

    class Meta:
        ordering = ["batch_id", "line"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "line"], name="batch_line_once"),
            models.UniqueConstraint(
                fields=["disbursement"], condition=Q(state__in=["pending", "paid"]), name="one_live_attempt_per_disbursement"
            ),
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="batch_line_amount_positive"),
            models.CheckConstraint(condition=Q(state__in=["pending", "paid", "failed"]), name="batch_line_state_known"),
            models.CheckConstraint(condition=~Q(state="failed") | Q(reason__isnull=False), name="batch_line_failure_has_reason"),
            models.CheckConstraint(
                condition=Q(state="pending", decided_at__isnull=True) | (~Q(state="pending") & Q(decided_at__isnull=False)),
                name="batch_line_decided_when_not_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.line}"


class HoldQuerySet(models.QuerySet["Hold"]):
    def open(self) -> HoldQuerySet:
        return self.filter(lifted_at=None)

    def visible_to(self, account: Account) -> HoldQuerySet:
        return without_kin(within(self, account, unit_path="unit__path", roles=MONEY_STAFF), account, "origin")


class Hold(models.Model):
    """暂停付款: nothing of this origin is paid while the hold is open (an objection, a suspicion). Source: building.md."""

    origin = models.CharField(max_length=80, db_index=True)  # the disbursement's
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    reason = EncryptedTextField()
    fingerprint = models.CharField(max_length=64)  # keyed digest of the reason: the same one again is the same hold
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")  # null: a stranger
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_why = EncryptedTextField(null=True, blank=True)

    objects = HoldQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["origin", "fingerprint"], condition=Q(lifted_at__isnull=True), name="hold_open_once"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_by__isnull=False, lifted_why__isnull=False),
                name="hold_lifted_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return self.origin

    @staticmethod
    def fingerprint_of(reason: str) -> str:
        return blind_index(reason.strip(), "hold")
