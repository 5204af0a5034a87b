"""Rules in force and what they said: adopted pack versions, and assessments that can be replayed."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bangfu.access.kin import without_kin
from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import organisations, within
from bangfu.lib.crypto import EncryptedTextField
from bangfu.policy.outcome import ELIGIBLE, NOT_ELIGIBLE, UNKNOWN, Outcome, from_json


class VersionQuerySet(models.QuerySet["Version"]):
    def visible_to(self, account: Account) -> VersionQuerySet:
        """Rules are open to everyone of the organisation, workers included."""
        return self.filter(organisation__in=organisations(account))

    def light(self) -> VersionQuerySet:
        """Without the bytes, for lists."""
        return self.defer("content")


class Version(models.Model):
    """办法的一个版本: the exact bytes of a pack, adopted for a unit and everything below it, from a day on.

    Rows are never changed. A version holds from `valid_from` (inclusive) until `valid_to` or until the next version of the
    same pack for the same unit begins, whichever is first: two versions never overlap. Source: contracts.md "Rules".
    """

    pack = models.SlugField(_("代号"), max_length=40)
    title = models.CharField(_("名称"), max_length=400)
    issuer = models.CharField(_("发布单位"), max_length=400)
    document_no = models.CharField(_("文号"), max_length=400, blank=True)
    content = models.BinaryField()  # a zip as reading.to_zip writes it
    sha256 = models.CharField(max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}$")])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="policy_versions")
    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+", editable=False)
    valid_from = models.DateField(_("施行日期"))
    valid_to = models.DateField(_("失效日期"), null=True, blank=True)
    adopted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )  # None: by command
    adopted_at = models.DateTimeField()

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["pack", "-valid_from"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "pack", "valid_from"], name="policy_one_version_from_a_day"),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")), name="policy_version_ends_later"
            ),
        ]

    def __str__(self) -> str:
        return str(_("《%(title)s》（%(day)s 起）") % {"title": self.title, "day": self.valid_from.isoformat()})

    def get_absolute_url(self) -> str:
        return reverse("policy", args=[self.pk])

    @property
    def text_url(self) -> str:
        """Where the full text stands; `#clause` leads to a clause."""
        return reverse("policy-text", args=[self.pk])


class AssessmentQuerySet(models.QuerySet["Assessment"]):
    def visible_to(self, account: Account) -> AssessmentQuerySet:
        """Those of one's own unit and below, for the staff that handle cases; not of one's kin (ADR 9)."""
        return without_kin(within(self, account, unit_path="unit__path", roles=CASE_STAFF), account, "subject")


class Assessment(models.Model):
    """一次评定: what one version of the rules said of one household's facts on one day.

    `facts` and `result` are canonical JSON, sealed, and never change; evaluating the same version again gives the same bytes. Facts
    are numbers, codes and days: no name, number of a paper, card or diagnosis. Rules recommend; a person decides.
    """

    class Verdict(models.TextChoices):
        ELIGIBLE = ELIGIBLE, _("符合")
        NOT_ELIGIBLE = NOT_ELIGIBLE, _("不符合")
        UNKNOWN = UNKNOWN, _("待查")

    version = models.ForeignKey(Version, models.PROTECT, related_name="assessments")
    subject = models.CharField(max_length=80, db_index=True)  # "process.case:12", as in the record
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    on_date = models.DateField()
    facts = EncryptedTextField()
    outcome = models.CharField(max_length=20, choices=Verdict)
    class_code = models.CharField(max_length=40, blank=True)
    result = EncryptedTextField()
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome__in=[ELIGIBLE, NOT_ELIGIBLE, UNKNOWN]), name="policy_assessment_outcome_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.on_date.isoformat()} {self.get_outcome_display()}"

    def get_absolute_url(self) -> str:
        return reverse("assessment", args=[self.pk])

    @property
    def result_object(self) -> Outcome:
        """The stored result as an Outcome."""
        return from_json(json.loads(self.result))

    @property
    def reasons(self) -> list[dict[str, Any]]:
        return json.loads(self.result)["reasons"]

    @property
    def programmes(self) -> list[dict[str, Any]]:
        return json.loads(self.result)["programmes"]

    @property
    def facts_object(self) -> dict[str, Any]:
        return json.loads(self.facts)


class RuleDraftQuerySet(models.QuerySet["Draft"]):
    def visible_to(self, account: Account) -> RuleDraftQuerySet:
        """Drafts are read by the staff of the organisation."""
        return self.filter(organisation__in=organisations(account))

    def light(self) -> RuleDraftQuerySet:
        """Without the bytes, for lists."""
        return self.defer("content")


class Draft(models.Model):
    """办法草案: a pack on its way into force. Draft -> submitted -> adopted (or withdrawn); who did what when stands in its steps.

    An adopted draft is scheduled, in force or superseded by the days of its version. Nobody adopts his own draft: neither who
    opened it nor who submitted it (constraint), nor who changed it (flow). Source: issue "Adopt".
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("起草中")
        SUBMITTED = "submitted", _("待批准")
        ADOPTED = "adopted", _("已批准")
        WITHDRAWN = "withdrawn", _("已撤下")

    pack = models.SlugField(_("代号"), max_length=40)
    title = models.CharField(_("名称"), max_length=400)
    content = models.BinaryField()  # a zip as reading.to_zip writes it
    sha256 = models.CharField(max_length=64, validators=[RegexValidator(r"^[0-9a-f]{64}$")])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="policy_drafts")
    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+", editable=False)
    based_on = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="drafts")
    valid_from = models.DateField(_("施行日期"))
    state = models.CharField(max_length=20, choices=State, default=State.DRAFT)
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    submitted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    adopted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    adopted = models.OneToOneField(Version, models.PROTECT, null=True, blank=True, related_name="draft")

    objects = RuleDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "submitted", "adopted", "withdrawn"]), name="policy_draft_state_known"
            ),
            models.CheckConstraint(
                condition=Q(adopted_by__isnull=True) | (~Q(adopted_by=F("made_by")) & ~Q(adopted_by=F("submitted_by"))),
                name="policy_nobody_adopts_his_own_draft",
            ),
            models.CheckConstraint(
                condition=Q(state="adopted", adopted__isnull=False, adopted_by__isnull=False)
                | (~Q(state="adopted") & Q(adopted__isnull=True, adopted_by__isnull=True)),
                name="policy_adopted_draft_has_a_version",
            ),
        ]

    def __str__(self) -> str:
        return str(_("《%(title)s》草案 %(pk)d") % {"title": self.title, "pk": self.pk})

    def get_absolute_url(self) -> str:
        return reverse("policy-draft", args=[self.pk])


class DraftStep(models.Model):
    """一步: what was done with a draft, by whom and when. Rows are never changed."""

    class Kind(models.TextChoices):
        OPENED = "opened", _("起草")
        CHANGED = "changed", _("修改")
        SUBMITTED = "submitted", _("报请批准")
        RETURNED = "returned", _("退回修改")
        ADOPTED = "adopted", _("批准")
        WITHDRAWN = "withdrawn", _("撤下")
        PUT = "put", _("排进评审会")
        RESOLVED = "resolved", _("评审会通过，还没有施行")

    draft = models.ForeignKey(Draft, models.PROTECT, related_name="steps")
    kind = models.CharField(max_length=20, choices=Kind)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    note = models.CharField(max_length=400, blank=True)
    sha256 = models.CharField(max_length=64)

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["opened", "changed", "submitted", "returned", "adopted", "withdrawn", "put", "resolved"]),
                name="policy_draft_step_kind_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.kind}"
