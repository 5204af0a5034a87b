"""How an account likes its list of files: columns and density, and the views it saved by name."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account


class Density(models.TextChoices):
    DENSE = "dense", _("紧凑")
    NORMAL = "normal", _("标准")
    LOOSE = "loose", _("宽松")


class ListStyle(models.Model):
    """One account's columns and density of the list of files; no row: as the product comes."""

    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="list_style")
    columns = models.JSONField(default=list)  # keys of `columns.COLUMNS`, in the order of the list; the name always stands
    density = models.CharField(max_length=6, choices=Density, default=Density.DENSE)

    objects = models.Manager()

    def __str__(self) -> str:
        return f"{self.account_id} {self.density}"


class SavedViewQuerySet(models.QuerySet["SavedView"]):
    def visible_to(self, account: Account) -> SavedViewQuerySet:
        """One's own alone."""
        return self.filter(account=account)


class SavedView(models.Model):
    """Conditions and order of the list of files under a name of one's own; a tab above the list."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_views")
    name = models.CharField(_("名称"), max_length=20)
    query = models.CharField(max_length=300)  # "state=filed&cause=ill", as the address has it, sorted
    made_at = models.DateTimeField()

    objects = SavedViewQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["account", "name"], name="view_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="view_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name
