"""What was done on a case: papers, the visit, reports upward, refusal, follow-up, closing report.

Free words about a household may speak of an illness: they are sealed at rest, and never stand in an event.
"""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.evidence.models import File
from bangfu.lib.crypto import EncryptedTextField
from bangfu.process.models.case import Case


class Paper(models.Model):
    """One proof handed in for one item of the checklist: a stored file, or an original seen on paper.

    `item` is the id of the checklist item in the pack ("diagnosis"); pictures of a visit carry "visit_record".
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="papers")
    item = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    file = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="+")
    remark = EncryptedTextField(null=True, blank=True)  # "原件已核对", "沿用 2025 年档案"
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    added_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)  # wrong one: kept, not counted
    removed_reason = EncryptedTextField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(file__isnull=False) | Q(remark__isnull=False), name="paper_has_file_or_remark"),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True) | Q(removed_at__gte=F("added_at"), removed_reason__isnull=False),
                name="paper_removed_with_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.title}"


class Survey(models.Model):
    """入户调查: two people went to see the household on a day, and what they found.

    Where the rules want two (`is_for_two`), it counts when the second has confirmed with her own account; denied, it is void.
    `found_*` is what the visitors saw, `file_*` what the archive said that day; a difference is explained.
    Source: S0-16 (2), S1-5, S1-6, practice.md 1.7.
    """

    case = models.ForeignKey(Case, models.PROTECT, related_name="surveys")
    visited_on = models.DateField()
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")  # who handed it in
    companion = models.CharField(max_length=60)  # the second person
    companion_account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    is_for_two = models.BooleanField(default=False)
    companion_confirmed_at = models.DateTimeField(null=True, blank=True)
    companion_denied_at = models.DateTimeField(null=True, blank=True)
    companion_reason = EncryptedTextField(default="")  # why she denies it
    place = models.CharField(max_length=80)
    findings = EncryptedTextField()
    found_size = models.PositiveSmallIntegerField()
    found_income_fen = models.BigIntegerField()  # of twelve months
    file_size = models.PositiveSmallIntegerField(null=True, blank=True)
    file_income_fen = models.BigIntegerField(null=True, blank=True)
    differences = EncryptedTextField(default="")
    handed_in_at = models.DateTimeField()
    is_alone_in_unit = models.BooleanField(default=False)  # a unit with one clerk: countersigned by chair or office
    countersigned_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    countersigned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(condition=Q(found_size__gte=1), name="survey_found_people"),
            models.CheckConstraint(condition=Q(found_income_fen__gte=0), name="survey_income_not_negative"),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True, countersigned_at__isnull=True)
                | Q(countersigned_by__isnull=False, countersigned_at__gte=F("handed_in_at")),
                name="survey_countersigned_later",
            ),
            models.CheckConstraint(
                condition=Q(countersigned_by__isnull=True) | ~Q(countersigned_by=F("visitor")),
                name="survey_countersigned_by_another",
            ),
            models.CheckConstraint(
                condition=Q(is_for_two=False) | (Q(companion_account__isnull=False) & ~Q(companion_account=F("visitor"))),
                name="survey_for_two_names_another",
            ),
            models.CheckConstraint(
                condition=Q(companion_confirmed_at__isnull=True) | Q(companion_denied_at__isnull=True),
                name="survey_confirmed_or_denied",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.visited_on}"

    @property
    def differs(self) -> bool:
        """From what the file said; where it said nothing, there is nothing to explain."""
        pairs = ((self.file_size, self.found_size), (self.file_income_fen, self.found_income_fen))
        return any(said is not None and said != found for said, found in pairs)

    @property
    def is_void(self) -> bool:
        return self.companion_denied_at is not None

    @property
    def waits_for_companion(self) -> bool:
        return self.is_for_two and self.companion_confirmed_at is None and not self.is_void

    @property
    def waits_for_countersignature(self) -> bool:
        return self.is_alone_in_unit and self.countersigned_at is None and not self.is_void and not self.waits_for_companion

    @property
    def waits(self) -> bool:
        """For somebody's signature, the companion's or the countersigner's."""
        return self.waits_for_companion or self.waits_for_countersignature


class Upward(models.Model):
    """One report to a higher union (group, province, city) and its answer. Help granted stands apart from own sums (S1-7)."""

    class Level(models.TextChoices):
        GROUP = "group", _("集团工会")
        PROVINCE = "province", _("省级工会")
        CITY = "city", _("市总工会")

    class Outcome(models.TextChoices):
        GRANTED = "granted", _("给予帮扶")
        REFUSED = "refused", _("不予帮扶")
        NONE = "none", _("到期没有答复")

    case = models.ForeignKey(Case, models.PROTECT, related_name="upwards")
    level = models.CharField(max_length=10, choices=Level)
    asked_fen = models.BigIntegerField(null=True, blank=True)
    text = EncryptedTextField()
    sent_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    granted_fen = models.BigIntegerField(null=True, blank=True)
    answer = EncryptedTextField(default="")
    answered_on = models.DateField(null=True, blank=True)
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_at = models.DateTimeField(null=True, blank=True)
    outside_help = models.OneToOneField("household.OutsideHelp", models.PROTECT, null=True, blank=True, related_name="upward")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case", "level"], condition=Q(outcome=""), name="one_unanswered_report_per_level"),
            models.CheckConstraint(condition=Q(asked_fen__isnull=True) | Q(asked_fen__gt=0), name="upward_asked_positive"),
            models.CheckConstraint(
                condition=Q(outcome="granted", granted_fen__gt=0) | (~Q(outcome="granted") & Q(granted_fen__isnull=True)),
                name="upward_grant_has_its_sum",
            ),
            models.CheckConstraint(
                condition=Q(recorded_at__isnull=True) | Q(recorded_at__gte=F("sent_at")), name="upward_answered_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.level}"


class Refusal(models.Model):
    """不予救助: by which clause, which fact is missing, whom to ask; and the one time the worker asked again."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="refusals")
    clause = models.CharField(max_length=120)
    missing = EncryptedTextField()
    whom_to_ask = models.CharField(max_length=120)
    reason = EncryptedTextField()
    stage_code = models.CharField(max_length=60)
    refused_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField()
    asked_again_at = models.DateTimeField(null=True, blank=True)
    asked_again_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    asked_again_text = EncryptedTextField(default="")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(asked_again_at__isnull=False), name="asked_again_once_per_case"),
            models.CheckConstraint(
                condition=Q(asked_again_at__isnull=True) | Q(asked_again_at__gte=F("refused_at")),
                name="asked_again_after_the_refusal",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.clause}"


class FollowUp(models.Model):
    """回访: the visit some weeks after the money arrived, and how the household is. Source: S1-9."""

    class Result(models.TextChoices):
        BETTER = "better", _("好转")
        SAME = "same", _("没有变化")
        WORSE = "worse", _("更困难了")

    case = models.ForeignKey(Case, models.PROTECT, related_name="follow_ups")
    visited_on = models.DateField()
    visitor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    result = models.CharField(max_length=10, choices=Result)
    note = EncryptedTextField()
    needs = EncryptedTextField(default="")
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.visited_on}"


class ClosingReport(models.Model):
    """办结报告: what was asked, done and given, filed under its archive number. Source: S2-11."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="closing_report")
    text = EncryptedTextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.case_id}"
