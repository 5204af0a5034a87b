"""What the household allowed, who is related to it, and what others gave it."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account
from bangfu.household.models.family import OfHouseholdQuerySet
from bangfu.household.models.file import Household
from bangfu.household.models.words import ConsentKind, Giver
from bangfu.lib.crypto import EncryptedTextField


class Consent(models.Model):
    """One answer to one of the three questions, with the words that were shown; the answer in force is not withdrawn."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="consents")
    kind = models.CharField(max_length=12, choices=ConsentKind)
    given = models.BooleanField()
    wording = models.TextField()
    by_worker = models.BooleanField(default=True)  # else: recorded for her, from the signed paper
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["household", "kind"], condition=Q(withdrawn_at=None), name="one_answer_in_force"),
            models.CheckConstraint(condition=Q(kind__in=ConsentKind.values), name="consent_kind_known"),
            models.CheckConstraint(
                condition=Q(withdrawn_at__isnull=True) | Q(withdrawn_at__gte=F("at")), name="consent_withdrawn_later"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.given}"


class KinshipQuerySet(models.QuerySet["Kinship"]):
    def visible_to(self, account: Account) -> KinshipQuerySet:
        """Declared on the files one sees; and always one's own declarations."""
        from bangfu.access.scope import within

        return within(self, account, unit_path="household__unit__path") | self.filter(account=account)


class Kinship(models.Model):
    """An account declared to be related to a household: it takes no part in that household's cases."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="kinships")
    household = models.ForeignKey(Household, models.PROTECT, related_name="kinships")
    relation = models.CharField(_("关系"), max_length=30)
    declared_at = models.DateTimeField()
    declared_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects = KinshipQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["account", "household"], name="kinship_declared_once")]

    def __str__(self) -> str:
        return self.relation


class OutsideHelp(models.Model):
    """Help from elsewhere, recorded on the same file, apart from own sums. Source: S1-7."""

    household = models.ForeignKey(Household, models.PROTECT, related_name="outside_helps")
    giver = models.CharField(_("来源"), max_length=14, choices=Giver)
    giver_name = models.CharField(_("单位名称"), max_length=60, blank=True)
    amount_fen = models.BigIntegerField(_("金额（分）"))
    day = models.DateField(_("日期"))
    what = EncryptedTextField(_("事由"))
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    noted_at = models.DateTimeField()
    voided_at = models.DateTimeField(null=True, blank=True)  # noted by mistake; the row stays

    objects = OfHouseholdQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0), name="outside_help_positive"),
            models.CheckConstraint(condition=Q(giver__in=Giver.values), name="outside_giver_known"),
        ]

    def __str__(self) -> str:
        return f"{self.giver} {self.amount_fen}"
