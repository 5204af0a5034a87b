"""Applications for aid, and the drafts that are not one yet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import within
from bangfu.lib.crypto import EncryptedTextField
from bangfu.process.models import Case


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, account: Account) -> ApplicationQuerySet:
        """Staff as far as they see the case; the worker her own."""
        staff = within(Case.objects.all(), account, unit_path="unit__path", roles=CASE_STAFF)
        return self.filter(Q(case__in=staff.values("pk")) | Q(case__household__staff__account=account))


class Application(models.Model):
    """申请: what the worker said of her hardship, in her own words, and what she wishes. One a case.

    `filed_for_by`: a clerk filed it for her (代办); the worker is the applicant all the same. Source: S0-16 (1), S2-10.
    """

    class Via(models.TextChoices):
        PHONE = "phone", _("手机提交")
        CLERK = "clerk", _("工会代办")

    case = models.OneToOneField(Case, models.PROTECT, related_name="application")
    applicant_name = models.CharField(max_length=60)
    via = models.CharField(max_length=10, choices=Via)
    filed_for_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    story = EncryptedTextField()  # may speak of an illness
    wish = EncryptedTextField(default="")
    causes = models.JSONField(default=list)  # codes of household CAUSES, the main one first
    answers = EncryptedTextField(default="")  # JSON: what she said of family, income and costs, for the file
    asked_fen = models.BigIntegerField(null=True, blank=True)
    filed_at = models.DateTimeField()

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-filed_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(asked_fen__isnull=True) | Q(asked_fen__gt=0), name="application_asked_positive"),
            models.CheckConstraint(
                condition=Q(via="phone", filed_for_by__isnull=True) | Q(via="clerk", filed_for_by__isnull=False),
                name="application_filed_by_someone",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.applicant_name}"


class DraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, account: Account) -> DraftQuerySet:
        return self.filter(account=account)


class Draft(models.Model):
    """A half-filled application: sealed JSON of the answers so far, kept 30 days after the last change. Source: ux.md "autosave"."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="drafts")
    form = models.CharField(max_length=20)  # "apply", "case-new"
    answers = EncryptedTextField()
    page = models.PositiveSmallIntegerField(default=1)
    saved_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    objects = DraftQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "form"], name="one_draft_a_form"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("saved_at")), name="draft_expires_later"),
        ]

    def __str__(self) -> str:
        return f"{self.account_id} {self.form}"
