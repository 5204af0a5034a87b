"""The roster of workers."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.household.models.derived import BlindIndex, PinyinKey
from bangfu.household.models.scope import own_or_within
from bangfu.household.models.words import IdentityKind, Sex, StaffStatus
from bangfu.lib.crypto import EncryptedTextField


def new_record_key() -> str:
    """The key under which sensitive before/after values stand in the record: erase it and they are gone."""
    return secrets.token_hex(32)


class StaffQuerySet(models.QuerySet["Staff"]):
    def visible_to(self, account: Account) -> StaffQuerySet:
        """Case staff: the workers of their unit and below; a worker: herself."""
        return own_or_within(self, account, own=Q(account=account))


class Staff(models.Model):
    """One worker on the roster of an organisation, at post or not; found by worker number or identity number."""

    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+", db_index=False)  # staff_by_pinyin begins with it
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="staff", db_index=False)  # staff_by_unit
    worker_no = models.CharField(_("工号"), max_length=30)
    name = models.CharField(_("姓名"), max_length=30)
    pinyin = PinyinKey(source="name")
    identity = EncryptedTextField(_("证件号码"))
    identity_index = BlindIndex(source="identity", purpose="id", db_index=True)
    identity_tail = BlindIndex(source="identity", purpose="id4", tail=4, db_index=True)
    phone = EncryptedTextField(_("手机号码"), default="")
    phone_index = BlindIndex(source="phone", purpose="phone")
    phone_tail = BlindIndex(source="phone", purpose="phone4", tail=4, db_index=True)
    bank_name = models.CharField(_("开户银行"), max_length=60, blank=True)
    card = EncryptedTextField(_("银行卡号"), default="")
    card_tail = BlindIndex(source="card", purpose="card4", tail=4)
    post = models.CharField(_("岗位"), max_length=40, blank=True)
    status = models.CharField(_("在岗状态"), max_length=20, choices=StaffStatus, default=StaffStatus.ON_POST)
    identity_kind = models.CharField(_("用工身份"), max_length=12, choices=IdentityKind, default=IdentityKind.STATE)
    sex = models.CharField(_("性别"), max_length=1, choices=Sex, default=Sex.UNKNOWN)
    birth_date = models.DateField(_("出生日期"), null=True, blank=True)
    joined_on = models.DateField(_("参加工作日期"), null=True, blank=True)
    account = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="staff")
    record_key = EncryptedTextField(default=new_record_key)
    enrolled_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = StaffQuerySet.as_manager()

    class Meta:
        ordering = ["pinyin", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "worker_no"], name="worker_no_once_per_organisation"),
            models.UniqueConstraint(fields=["organisation", "identity_index"], name="staff_identity_once_per_organisation"),
            models.CheckConstraint(condition=Q(identity_index__isnull=False), name="staff_has_identity"),
            models.CheckConstraint(condition=Q(status__in=StaffStatus.values), name="staff_status_known"),
            models.CheckConstraint(condition=Q(identity_kind__in=IdentityKind.values), name="staff_identity_kind_known"),
        ]
        indexes = [
            models.Index(fields=["organisation", "pinyin", "id"], name="staff_by_pinyin"),
            models.Index(fields=["unit", "pinyin", "id"], name="staff_by_unit"),
        ]

    def __str__(self) -> str:
        return self.name
