"""The case, the awards it asks for, and its append-only steps."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import within
from bangfu.lib.crypto import EncryptedTextField

#: States of a payment that is still to come.
TO_PAY = ("reserved", "sent")
OPEN, CLOSED, REFUSED, WITHDRAWN = "open", "closed", "refused", "withdrawn"


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, account: Account) -> CaseQuerySet:
        """Staff: the cases of their units and below, without their own and their kin's, lists on which these stand too (ADR 9)."""
        from bangfu.process.conflicts import cases_of_kin

        seen = within(self, account, unit_path="unit__path", roles=CASE_STAFF)
        return seen.exclude(pk__in=cases_of_kin(account))

    def of_worker(self, account: Account) -> CaseQuerySet:
        """The worker's own cases: those of the household whose head she is."""
        return self.filter(household__staff__account=account)

    def open(self) -> CaseQuerySet:
        return self.filter(state=OPEN)


class Case(models.Model):
    """办件: one matter on its way through the procedure, of one household or of one list.

    `stage_*` are copies of the stage in the pack `policy_version`, so that a to-do list needs no pack. `version` grows
    with every step and is compared by every transition. Source: S0-16, S1-7, S2-8..13.
    """

    class Kind(models.TextChoices):
        RELIEF = "relief", _("一户一案")
        LIST = "list", _("名单")

    class State(models.TextChoices):
        OPEN = OPEN, _("办理中")
        CLOSED = CLOSED, _("已归档")
        REFUSED = REFUSED, _("不予救助")
        WITHDRAWN = WITHDRAWN, _("已撤回")

    class Degree(models.TextChoices):
        ORDINARY = "ordinary", _("一般")
        SERIOUS = "serious", _("严重")
        EXTREME = "extreme", _("特别严重")

    number = models.CharField(max_length=24, unique=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.RELIEF)
    procedure = models.CharField(max_length=60)
    programme = models.CharField(max_length=60)
    title = models.CharField(max_length=120)
    household = models.ForeignKey("household.Household", models.PROTECT, null=True, blank=True, related_name="cases")
    policy_version = models.ForeignKey("policy.Version", models.PROTECT, related_name="+")
    stage_code = models.CharField(max_length=60)
    stage_kind = models.CharField(max_length=20)
    stage_title = models.CharField(max_length=60)
    stage_roles = models.CharField(max_length=120)  # "|UNIT_CLERK|OFFICE_OFFICER|"
    stage_since = models.DateTimeField()
    due_on = models.DateField(null=True, blank=True)  # the last day of the stage's term
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    degree = models.CharField(max_length=10, choices=Degree, blank=True)  # decided at 评审
    grade = models.CharField(max_length=40, blank=True)  # a code of the class set in force, decided at 评审
    period = models.CharField(max_length=20, blank=True)  # of a list: "2026" makes its entitlements once a year
    is_urgent = models.BooleanField(default=False)
    is_aided_elsewhere = models.BooleanField(null=True, blank=True)  # for the same reason; empty: nobody asked yet
    loss_fen = models.BigIntegerField(null=True, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closed_at = models.DateTimeField(null=True, blank=True)
    archive_number = models.CharField(max_length=30, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["household", "programme"],
                condition=Q(state=OPEN, household__isnull=False),
                name="one_open_case_per_programme",
            ),
            models.UniqueConstraint(fields=["archive_number"], condition=~Q(archive_number=""), name="archive_number_once"),
            models.CheckConstraint(
                condition=Q(kind="list", household__isnull=True) | Q(kind="relief", household__isnull=False),
                name="relief_case_has_household",
            ),
            models.CheckConstraint(condition=Q(state=OPEN, closed_at__isnull=True) | ~Q(state=OPEN), name="open_case_not_closed"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="case_closes_after_it_opens"
            ),
            models.CheckConstraint(condition=Q(stage_since__gte=F("opened_at")), name="stage_begins_after_the_case"),
            models.CheckConstraint(condition=Q(version__gte=1), name="case_version_positive"),
        ]
        indexes = [
            models.Index(fields=["state", "stage_kind", "due_on"], name="case_todo"),
            models.Index(fields=["unit", "state"], name="case_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def stage(self) -> Any:
        """The stage in the pack of this case: id, kind, role, title, days, params, returns_to."""
        from bangfu.process.pack import stage_of

        return stage_of(self)

    @property
    def is_open(self) -> bool:
        return self.state == OPEN

    @property
    def is_list(self) -> bool:
        return self.kind == self.Kind.LIST

    def is_at(self, kind: str) -> bool:
        """Does the open case stand at a stage of this kind?"""
        return self.is_open and self.stage_kind == kind

    def is_late(self, on: date) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < on


class Award(models.Model):
    """The sum that one case gives one household, from the wish to the payout. Whole fen; empty = not known yet.

    asked (by the worker), suggested (by the rules), proposed (by the union or the office), noticed (shown to colleagues),
    awarded (by the committee). `dropped_reason`: taken off the list, nothing is paid.
    """

    class Method(models.TextChoices):
        BANK = "bank", _("转账")
        CASH = "cash", _("现金签领")

    case = models.ForeignKey(Case, models.PROTECT, related_name="awards")
    household = models.ForeignKey("household.Household", models.PROTECT, related_name="awards")
    position = models.PositiveIntegerField(default=1)  # on the list
    payee_name = models.CharField(max_length=60)
    category = models.CharField(max_length=20, blank=True)  # 因病, 因学 …: the category word of the notice
    asked_fen = models.BigIntegerField(null=True, blank=True)
    suggested_fen = models.BigIntegerField(null=True, blank=True)
    proposed_fen = models.BigIntegerField(null=True, blank=True)
    noticed_fen = models.BigIntegerField(null=True, blank=True)
    awarded_fen = models.BigIntegerField(null=True, blank=True)
    assessment = models.ForeignKey("policy.Assessment", models.PROTECT, null=True, blank=True, related_name="+")
    deviation_reason = EncryptedTextField(default="")  # may speak of an illness
    method = models.CharField(max_length=10, choices=Method, default=Method.BANK)
    entitlement_key = models.CharField(max_length=120, blank=True)
    disbursement = models.OneToOneField("ledger.Disbursement", models.PROTECT, null=True, blank=True, related_name="award")
    dropped_reason = EncryptedTextField(null=True, blank=True)

    class Meta:
        ordering = ["case", "position"]
        constraints = [
            models.UniqueConstraint(fields=["case", "household"], name="one_award_per_household_and_case"),
            models.UniqueConstraint(fields=["case", "position"], name="award_position_once"),
            models.CheckConstraint(condition=Q(asked_fen__isnull=True) | Q(asked_fen__gt=0), name="asked_fen_positive"),
            models.CheckConstraint(
                condition=Q(suggested_fen__isnull=True) | Q(suggested_fen__gte=0), name="suggested_fen_not_negative"
            ),
            models.CheckConstraint(condition=Q(proposed_fen__isnull=True) | Q(proposed_fen__gt=0), name="proposed_fen_positive"),
            models.CheckConstraint(condition=Q(noticed_fen__isnull=True) | Q(noticed_fen__gt=0), name="noticed_fen_positive"),
            models.CheckConstraint(
                condition=Q(awarded_fen__isnull=True)
                | Q(awarded_fen__gt=0, noticed_fen__isnull=False, awarded_fen__lte=F("noticed_fen")),
                name="awarded_no_more_than_noticed",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.payee_name}"

    @property
    def number(self) -> str:
        """What notices and bank lists call it: the case's number, on a list with the place behind it."""
        return f"{self.case.number}-{self.position:02d}" if self.case.is_list else self.case.number

    @property
    def is_in(self) -> bool:
        return self.dropped_reason is None

    @property
    def has_money(self) -> bool:
        """Set aside or paid; not given back, not reversed."""
        row = self.disbursement
        return row is not None and row.state in (*TO_PAY, "paid")

    @property
    def is_to_pay(self) -> bool:
        """待发放: set aside and not paid yet, sent to the bank or not. The one set behind the strip and the cashier's row."""
        row = self.disbursement
        return self.is_in and row is not None and row.state in TO_PAY

    @property
    def amount_fen(self) -> int | None:
        """The latest sum on its way: awarded, else noticed, proposed, suggested, asked."""
        for fen in (self.awarded_fen, self.noticed_fen, self.proposed_fen, self.suggested_fen, self.asked_fen):
            if fen is not None:
                return fen
        return None


class Step(models.Model):
    """One act that moved a case, or that counts for the duties on it. Never changed (triggers).

    `next_stage` is the stage entered; empty: the case stayed where it was or ended. `duty` is the duty that the act is
    part of (investigate, decide, pay, audit), empty for all others.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="steps")
    stage_code = models.CharField(max_length=60)
    stage_title = models.CharField(max_length=60)
    kind = models.CharField(max_length=20)
    act = models.CharField(max_length=40)  # the verb: "close_notice"
    outcome = models.CharField(max_length=30)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    reason = EncryptedTextField(default="")  # may speak of an illness
    duty = models.CharField(max_length=15, blank=True)
    next_stage = models.CharField(max_length=60, blank=True)
    version = models.PositiveIntegerField()  # the case's version after this step

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="one_step_per_version")]
        indexes = [models.Index(fields=["by", "at"], name="steps_of_one")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.act} {self.outcome}"

    def took(self, until: datetime) -> int:
        """Whole days from this step to `until`."""
        return (until - self.at).days
