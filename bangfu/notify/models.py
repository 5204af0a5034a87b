"""Messages inside the product; what leaves the house (SMS, WeCom) comes with its own issue."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from bangfu.access.models import Account


class MessageQuerySet(models.QuerySet["Message"]):
    def visible_to(self, account: Account) -> MessageQuerySet:
        return self.filter(to=account)


class Message(models.Model):
    """One message to one account, written in the transaction of the act that caused it."""

    to = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="messages")
    text = models.CharField(max_length=300)
    url = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["to", "-at"], name="messages_of_one")]

    def __str__(self) -> str:
        return self.text
