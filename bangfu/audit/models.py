"""The append-only record of everything that was done."""

from __future__ import annotations

from django.db import models

from bangfu.access import kin
from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import within
from bangfu.lib.crypto import EncryptedTextField


class EventQuerySet(models.QuerySet["Event"]):
    def visible_to(self, account: Account) -> EventQuerySet:
        """The record page: auditors and the audit administrator, their own unit and below (events without a unit: none).

        What happened to one's own and one's kin's cases, files and sums is left out (ADR 9).
        """
        seen = within(self, account, unit_path="unit_path", roles={Role.AUDITOR, Role.AUDIT_ADMIN, Role.SUPERVISOR})
        for ask in kin.in_the_record:
            subjects, words = ask(account)
            if subjects:
                seen = seen.exclude(subject__in=subjects)
            for word in words:
                seen = seen.exclude(body__contains=word)
        return seen


class Event(models.Model):
    """One thing that happened. `body` holds the exact bytes that were hashed; the other columns are copies for reading.

    hash = hex SHA-256(prev_hash || body). Rows are never changed or deleted (triggers). Source: contracts.md "The event".
    """

    seq = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=60)
    subject = models.CharField(max_length=80)  # "process.case:12"
    actor = models.CharField(max_length=60)  # username, or "system"
    at = models.DateTimeField()
    unit = models.CharField(max_length=40)  # unit code, or ""
    unit_path = models.CharField(max_length=200)
    body = models.TextField()
    prev_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)

    objects = EventQuerySet.as_manager()

    class Meta:
        db_table = "audit_event"
        ordering = ["seq"]
        indexes = [
            models.Index(fields=["subject", "seq"], name="event_by_subject"),
            models.Index(fields=["unit_path", "seq"], name="event_by_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind} {self.subject}"


class Words(models.Model):
    """What somebody typed on one event, sealed, with the key of its HMAC. Erased: both are None, the row stays."""

    event = models.ForeignKey(Event, models.PROTECT, related_name="words")
    name = models.CharField(max_length=40)  # of the fact: "reason"
    key = EncryptedTextField(null=True)
    text = EncryptedTextField(null=True)

    class Meta:
        db_table = "audit_words"
        constraints = [models.UniqueConstraint(fields=["event", "name"], name="words_once_per_fact")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.name}"


class Head(models.Model):
    """The last event's number and hash: one row, locked by the last statement of every writing transaction."""

    seq = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "audit_head"
        constraints = [models.CheckConstraint(condition=models.Q(pk=1), name="one_head_row")]

    def __str__(self) -> str:
        return f"{self.seq} {self.hash}"
