"""The organisation tree, accounts, posts and the holiday calendar."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.roles import Role


class UnitQuerySet(models.QuerySet["Unit"]):
    def visible_to(self, account: Account) -> UnitQuerySet:
        """The units at and below the account's posts; higher unions see nothing of a basic unit here."""
        from bangfu.access.scope import within

        return within(self, account, unit_path="path", roles=set(Role))


class Unit(models.Model):
    """One unit of an organisation: the root (no parent) is the organisation itself; `path` is "/root/…/own/" by pk."""

    class Kind(models.TextChoices):
        ORGANISATION = "organisation", _("组织")
        UNION = "union", _("工会")
        DEPARTMENT = "department", _("部门")

    code = models.SlugField(max_length=40, unique=True)
    name = models.CharField(max_length=60)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.DEPARTMENT)
    parent = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="children")
    path = models.CharField(max_length=200, db_index=True, editable=False)
    phone = models.CharField(max_length=30, blank=True)  # printed on every phone page
    prefix = models.CharField(max_length=4, blank=True)  # of an organisation: begins its numbers ("KY2026-0113")
    is_demo = models.BooleanField(default=False)  # of an organisation: every page says 示范数据

    objects = UnitQuerySet.as_manager()

    class Meta:
        ordering = ["path"]
        constraints = [
            models.UniqueConstraint(fields=["parent", "name"], name="unit_name_once_per_parent"),
            models.UniqueConstraint(fields=["prefix"], condition=~Q(prefix=""), name="organisation_prefix_once"),
            models.CheckConstraint(condition=Q(parent__isnull=True) | ~Q(parent=F("pk")), name="unit_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def organisation(self) -> Unit:
        """The root of this unit's tree."""
        return self if self.parent_id is None else Unit.objects.get(pk=self.organisation_id)

    @property
    def organisation_id(self) -> int:
        return int(self.path.split("/")[1])

    def is_within(self, other: Unit) -> bool:
        return self.path.startswith(other.path)


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class AccountQuerySet(models.QuerySet["Account"]):
    def visible_to(self, account: Account) -> AccountQuerySet:
        """Oneself, and the accounts that hold a post at or below one's own staff posts."""
        from bangfu.access.scope import within

        posts = within(Post.objects.all(), account, unit_path="unit__path", roles=set(Role) - {Role.WORKER})
        return self.filter(Q(pk=account.pk) | Q(pk__in=posts.values("account"))).distinct()


class Account(AbstractBaseUser):
    """One person who can sign in. What she may do comes from her posts alone."""

    username = models.CharField(_("账号"), max_length=60, unique=True)
    name = models.CharField(_("姓名"), max_length=60)
    phone = models.CharField(_("手机"), max_length=20, blank=True)
    is_active = models.BooleanField(default=True)
    must_change_password = models.BooleanField(default=False)  # somebody else chose it: nothing opens until it is changed

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["name"]
    objects = AccountManager.from_queryset(AccountQuerySet)()

    def __str__(self) -> str:
        return self.name


class PostQuerySet(models.QuerySet["Post"]):
    def held_on(self, day: date) -> PostQuerySet:
        return self.filter(Q(to_date=None) | Q(to_date__gt=day), from_date__lte=day)

    def visible_to(self, account: Account) -> PostQuerySet:
        from bangfu.access.scope import within

        return within(self, account, unit_path="unit__path", roles={Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN})


class Post(models.Model):
    """An account holds a role at a unit from a day (inclusive) to a day (exclusive; empty = open)."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="posts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts")
    role = models.CharField(max_length=20, choices=Role)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        ordering = ["unit__path", "role", "account__name"]
        constraints = [
            models.CheckConstraint(condition=Q(to_date__isnull=True) | Q(to_date__gt=F("from_date")), name="post_ends_later"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="post_role_known"),
            models.UniqueConstraint(
                fields=["account", "unit", "role"], condition=Q(to_date__isnull=True), name="one_open_post_per_role"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.get_role_display()} {self.unit}"


class HolidayQuerySet(models.QuerySet["Holiday"]):
    def visible_to(self, account: Account) -> HolidayQuerySet:
        from bangfu.access.scope import organisations

        return self.filter(unit__in=organisations(account))


class Holiday(models.Model):
    """A day of one organisation's calendar that differs from Monday-to-Friday: a day off, or a weekend worked (调休)."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="holidays")  # the organisation
    day = models.DateField()
    is_working = models.BooleanField(default=False)
    title = models.CharField(max_length=40)

    objects = HolidayQuerySet.as_manager()

    class Meta:
        ordering = ["day"]
        constraints = [models.UniqueConstraint(fields=["unit", "day"], name="one_row_per_day_and_organisation")]

    def __str__(self) -> str:
        return f"{self.day} {self.title}"


class Counter(models.Model):
    """The last number given out in one series ("case:kaiyuan:2026"); changed under lock, so that numbers have no gaps."""

    series = models.CharField(max_length=80, unique=True)
    last = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.series} {self.last}"

    @classmethod
    def next(cls, series: str) -> int:
        """Give out the next number of `series`. Call inside a transaction: a rollback gives the number back."""
        counter, _created = cls.objects.select_for_update(no_key=True).get_or_create(series=series)
        counter.last += 1
        counter.save(update_fields=["last"])
        return counter.last


class Tally(models.Model):
    """How often one thing was tried and refused within one hour, from one address: told in the record when the hour is over."""

    kind = models.CharField(max_length=40)  # of the first event: "access.sign_in_failed"
    who = models.CharField(max_length=60, blank=True)  # username of the account that was tried; empty: no such account
    address = models.CharField(max_length=45)
    hour = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)
    is_locked = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hour", "kind", "who", "address"], name="one_tally_per_hour")]

    def __str__(self) -> str:
        return f"{self.kind} {self.who} {self.count}"
