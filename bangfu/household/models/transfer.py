"""A file is handed from one unit of an organisation to another."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import within
from bangfu.household.models.file import Household
from bangfu.lib.crypto import EncryptedTextField


class TransferQuerySet(models.QuerySet["Transfer"]):
    def visible_to(self, account: Account) -> TransferQuerySet:
        """Both units keep the row: where a file came from, and where it went."""
        given = within(self, account, unit_path="from_unit__path", roles=CASE_STAFF)
        taken = within(self, account, unit_path="to_unit__path", roles=CASE_STAFF)
        return given | taken

    def open(self) -> TransferQuerySet:
        return self.filter(answer="")


class Transfer(models.Model):
    """One handing-over: asked by the unit that has the file, answered by the one that is to have it.

    `name` is the head's name as it was, for the old unit's own record after the file itself is out of its sight.
    """

    class Answer(models.TextChoices):
        ACCEPTED = "accepted", _("已接收")
        DECLINED = "declined", _("没有接收")
        TAKEN_BACK = "taken_back", _("已收回")

    household = models.ForeignKey(Household, models.PROTECT, related_name="transfers")
    from_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    to_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    name = models.CharField(max_length=30)
    why = EncryptedTextField(_("转移的原因"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer, blank=True)
    note = EncryptedTextField(_("说明"), default="")
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answered_at = models.DateTimeField(null=True, blank=True)

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["household"], condition=Q(answer=""), name="one_open_transfer_per_file"),
            models.CheckConstraint(condition=~Q(from_unit=F("to_unit")), name="transfer_goes_elsewhere"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True) | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="transfer_answered_at_an_instant",
            ),
            models.CheckConstraint(
                condition=~Q(answer="accepted") | Q(asked_by__isnull=True) | ~Q(asked_by=F("answered_by")),
                name="transfer_accepted_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.household_id} {self.from_unit_id} {self.to_unit_id}"
