"""What changed, who looked, what did not add up. Rows of Change, StateChange, GradeChange and Reveal are never altered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from bangfu.access.models import Account, Unit
from bangfu.household.models.family import Member, OfHouseholdQuerySet
from bangfu.household.models.file import Household
from bangfu.household.models.scope import own_or_within
from bangfu.household.models.staff import Staff
from bangfu.household.models.words import Matter, NationalClass, RevealReason, State, exit_title
from bangfu.lib.crypto import EncryptedTextField


class Change(models.Model):
    """One field was corrected: old and new value, who, when, why. Sensitive values stand sealed."""

    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="changes")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="changes")
    subject = models.CharField(max_length=80)  # "household.member:12"
    whose = models.CharField(max_length=40, blank=True)  # the member's name, or the row's title
    field = models.CharField(max_length=40)
    label = models.CharField(max_length=40)
    is_sensitive = models.BooleanField(default=False)
    old = EncryptedTextField(default="")
    new = EncryptedTextField(default="")
    why = EncryptedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(household__isnull=False, staff__isnull=True) | Q(household__isnull=True, staff__isnull=False),
                name="change_of_file_or_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.field}"


class StateChange(models.Model):
    """The file moved from one state to the next, on a day, for a reason. Source: S1-8."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="state_changes")
    old = models.CharField(max_length=8, blank=True)
    new = models.CharField(max_length=8, choices=State)
    day = models.DateField()
    reason = models.CharField(max_length=2, blank=True)  # codelists.json "exit_reason"
    why = EncryptedTextField(default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["new", "day"], name="state_change_by_day")]

    def __str__(self) -> str:
        return f"{self.old} {self.new}"

    @property
    def reason_words(self) -> str:
        """Why the file left, in words; empty for other steps."""
        return exit_title(self.reason)


class GradeChange(models.Model):
    """The grade was set: old and new code, national class beside it, on what ground."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="grade_changes")
    old = models.CharField(max_length=30, blank=True)
    new = models.CharField(max_length=30)
    national_old = models.CharField(max_length=10, choices=NationalClass, default=NationalClass.NONE)
    national_new = models.CharField(max_length=10, choices=NationalClass, default=NationalClass.NONE)
    day = models.DateField()
    basis = models.CharField(max_length=100, blank=True)  # the rules it rests on: "办法 2017 版 第三条"
    why = EncryptedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.old} {self.new}"


class RevealQuerySet(models.QuerySet["Reveal"]):
    def visible_to(self, account: Account) -> RevealQuerySet:
        """Who looked into the files and roster rows that the account sees."""
        files = own_or_within(self, account, own=Q(household__staff__account=account), to="household__")
        return files | own_or_within(self, account, own=Q(staff__account=account), to="staff__")


class Reveal(models.Model):
    """Somebody had one masked value shown, for 60 seconds, for a reason; the worker sees this too."""

    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="reveals")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="reveals")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    field = models.CharField(max_length=20)
    reason = models.CharField(max_length=10, choices=RevealReason)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    objects = RevealQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(reason__in=RevealReason.values), name="reveal_reason_known"),
            models.CheckConstraint(
                condition=Q(household__isnull=False, staff__isnull=True) | Q(household__isnull=True, staff__isnull=False),
                name="reveal_of_file_or_staff",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.reason}"


class DiscrepancyQuerySet(models.QuerySet["Discrepancy"]):
    def visible_to(self, account: Account) -> DiscrepancyQuerySet:
        from bangfu.access.scope import within

        return within(self, account, unit_path="unit__path")

    def open(self) -> DiscrepancyQuerySet:
        return self.filter(accepted_at=None, settled_at=None)


class Discrepancy(models.Model):
    """A stated figure is unlike the one computed from its parts: held until a second person writes why it may pass.

    `settled_at`: a later correction made both figures agree. Money in fen, size in persons. Source: S1-13, S4-9.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, blank=True, related_name="discrepancies")
    origin = models.CharField(max_length=80, blank=True)  # "household.batch:3/17" for a row of an import
    matter = models.CharField(max_length=14, choices=Matter)
    title = models.CharField(max_length=60, blank=True)
    stated = models.BigIntegerField()
    computed = models.BigIntegerField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    reason = EncryptedTextField(null=True, blank=True)
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    accepted_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DiscrepancyQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(stated=F("computed")), name="discrepancy_differs"),
            models.CheckConstraint(
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True, reason__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False, reason__isnull=False),
                name="discrepancy_accepted_with_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(accepted_by__isnull=True) | Q(noted_by__isnull=True) | ~Q(accepted_by=F("noted_by")),
                name="discrepancy_accepted_by_a_second_person",
            ),
        ]
        indexes = [models.Index(fields=["origin"], name="discrepancy_by_origin")]

    def __str__(self) -> str:
        return f"{self.matter} {self.stated} {self.computed}"

    @property
    def is_open(self) -> bool:
        return self.accepted_at is None and self.settled_at is None
