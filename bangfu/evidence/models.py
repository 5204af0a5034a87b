"""Files and signatures: what a decision rests on."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.lib.crypto import EncryptedTextField


class FileQuerySet(models.QuerySet["File"]):
    def visible_to(self, account: Account) -> FileQuerySet:
        """One's own uploads while one still has a post there, and what the modules above grant (`evidence.access.rules`)."""
        from bangfu.access.scope import organisations
        from bangfu.evidence.access import granted

        own = Q(pk__in=[])
        for organisation in sorted(organisations(account)):
            own |= Q(stored_by=account, unit__path__startswith=f"/{organisation}/")
        return self.filter(own | Q(pk__in=granted(account)))


class File(models.Model):
    """One stored content: encrypted on disk under the keyed digest of its bytes; the same bytes are stored once per unit."""

    sha256 = models.CharField(max_length=64)  # of the cleaned plain bytes: what a signature refers to
    address = models.CharField(max_length=64)  # keyed digest: the file name on disk
    size = models.PositiveIntegerField()
    media_type = models.CharField(max_length=100)
    name = EncryptedTextField()  # as the uploader called it: may hold a person's name
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    stored_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField()

    objects = FileQuerySet.as_manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(size__gt=0), name="file_not_empty")]
        indexes = [models.Index(fields=["address"], name="file_by_address")]

    def __str__(self) -> str:
        return f"{self.media_type} {self.size}"


class SignOffQuerySet(models.QuerySet["SignOff"]):
    def visible_to(self, account: Account) -> SignOffQuerySet:
        """Signatures of objects are shown on their pages; by itself only one's own."""
        return self.filter(account=account)


class SignOff(models.Model):
    """One person signed one document: which bytes (sha256), who, in what role, how. Never changed (triggers)."""

    class How(models.TextChoices):
        DRAWN = "drawn", _("手写屏签")
        PAPER = "paper", _("纸面签字拍照")
        CLICKED = "clicked", _("登录确认")

    subject = models.CharField(max_length=80, db_index=True)  # "ledger.disbursement:7"
    document_sha256 = models.CharField(max_length=64)
    signer_name = models.CharField(max_length=60)
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    role = models.CharField(max_length=40)  # payee, payer, investigator, …
    how = models.CharField(max_length=10, choices=How)
    image = models.ForeignKey(File, models.PROTECT, null=True, blank=True, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    objects = SignOffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "document_sha256", "role", "signer_name"], name="signed_once_in_a_role"),
            models.CheckConstraint(condition=Q(how="clicked") | Q(image__isnull=False), name="signature_has_its_image"),
        ]

    def __str__(self) -> str:
        return f"{self.signer_name} {self.role}"
