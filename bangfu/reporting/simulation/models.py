"""What stands of a simulation: the scenario, the rules it compared, the households it touches; and what the finders found."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import posts_of, within
from bangfu.household.models import Household
from bangfu.lib.crypto import EncryptedTextField
from bangfu.policy.models import Draft, Version

#: Who orders a simulation, and who reads one. Households by name are read by case staff of their unit only.
ORDERERS = frozenset({Role.POLICY_ADMIN, Role.OFFICE_HEAD, Role.OFFICE_OFFICER})
READERS = ORDERERS | {Role.COMMITTEE_CHAIR, Role.COMMITTEE_MEMBER, Role.AUDITOR}
#: Who works the lists of the finders.
FINDERS = frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD})


class ScenarioQuerySet(models.QuerySet["Scenario"]):
    def visible_to(self, account: Account) -> ScenarioQuerySet:
        """Case staff: those of their unit and below. The policy administrator, who reads no files: of his own unit as a whole,
        for sums of a small unit below it would tell of single households."""
        own = [post.unit_id for post in posts_of(account) if post.role == Role.POLICY_ADMIN]
        return within(self, account, unit_path="unit__path", roles=READERS - {Role.POLICY_ADMIN}) | self.filter(unit__in=own)

    def waiting(self) -> ScenarioQuerySet:
        return self.filter(state__in=[Scenario.State.WAITING, Scenario.State.RUNNING])

    def runnable(self, silent_since: datetime) -> ScenarioQuerySet:
        """Those that wait, and those whose program was not heard from since."""
        silent = Q(heard_at__lt=silent_since) | Q(heard_at=None, started_at__lt=silent_since)
        return self.filter(Q(state=Scenario.State.WAITING) | Q(silent, state=Scenario.State.RUNNING))


class Scenario(models.Model):
    """测算方案: rules A beside B (and C) over the files of a unit, as of a day; the result as it came out.

    Sides, snapshot, day, seed and assumption settle the result: run again from the same snapshot, it is the same
    (`result_sha256`). `result` holds counts and sums only. Source: issue "Simulate"; shared/design/ux.md 6.11.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        RUNNING = "running", _("正在算")
        DONE = "done", _("已算完")
        FAILED = "failed", _("没有算成")
        CANCELLED = "cancelled", _("已取消")

    class Asking(models.TextChoices):
        MOST = "most", _("符合的户都申请，都按最高额")
        LEAST = "least", _("符合的户都申请，都按最低额")

    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+", editable=False)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField(_("方案名称"), max_length=100)
    on_date = models.DateField(_("按哪一天"))
    includes_past = models.BooleanField(_("连已脱困、已注销的档案一起算"), default=False)
    asking = models.CharField(_("金额"), max_length=10, choices=Asking, default=Asking.MOST)
    seed = models.PositiveIntegerField(default=1)  # which households are shown as samples
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    started_at = models.DateTimeField(null=True, blank=True)  # the claim of the program that runs it
    heard_at = models.DateTimeField(null=True, blank=True)  # when that program last said how far it is
    finished_at = models.DateTimeField(null=True, blank=True)
    is_cancelling = models.BooleanField(default=False)
    cancelled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    step = models.CharField(max_length=40, blank=True)  # what is being done, in words
    done = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    failure = models.TextField(blank=True)
    snapshot = models.CharField(max_length=120, blank=True)  # unit/day[+n] under var/snapshots
    snapshot_sha256 = models.CharField(max_length=64, blank=True)
    snapshot_at = models.DateTimeField(null=True, blank=True)
    households = models.PositiveIntegerField(default=0)
    millis = models.PositiveIntegerField(default=0)  # of the computation, without the snapshot
    result = models.JSONField(default=dict)
    result_sha256 = models.CharField(max_length=64, blank=True)

    objects = ScenarioQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed", "cancelled"]), name="scenario_state_known"
            ),
            models.CheckConstraint(condition=Q(asking__in=["most", "least"]), name="scenario_asking_known"),
            models.CheckConstraint(
                condition=~Q(state="done") | (Q(finished_at__isnull=False) & ~Q(result_sha256="")),
                name="scenario_done_has_a_result",
            ),
        ]
        indexes = [models.Index(fields=["state", "id"], name="scenario_queue")]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("simulation", args=[self.pk])

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.WAITING, self.State.RUNNING)

    @property
    def is_done(self) -> bool:
        return self.state == self.State.DONE


class Side(models.Model):
    """One of the rules compared. A is what the others are measured against. A draft's bytes are kept as they were then."""

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="sides")
    letter = models.CharField(max_length=1)
    version = models.ForeignKey(Version, models.PROTECT, null=True, blank=True, related_name="+")
    draft = models.ForeignKey(Draft, models.PROTECT, null=True, blank=True, related_name="scenario_sides")
    content = models.BinaryField(null=True, blank=True)  # of a draft
    sha256 = models.CharField(max_length=64, db_index=True)
    title = models.CharField(max_length=500)

    class Meta:
        ordering = ["letter"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "letter"], name="scenario_letter_once"),
            models.CheckConstraint(condition=Q(letter__in=["A", "B", "C"]), name="scenario_letter_known"),
            models.CheckConstraint(
                condition=Q(version__isnull=False, draft__isnull=True, content__isnull=True)
                | Q(version__isnull=True, draft__isnull=False, content__isnull=False),
                name="scenario_side_is_version_or_draft",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.letter} {self.title}"


class RowQuerySet(models.QuerySet["Row"]):
    def visible_to(self, account: Account) -> RowQuerySet:
        """With the household: case staff of its unit, never of their own household or their kin's."""
        seen = within(self, account, unit_path="household__unit__path", roles=CASE_STAFF)
        return seen.exclude(household__staff__account=account).exclude(household__kinships__account=account)


class Row(models.Model):
    """One household that comes out differently under side `letter` than under A. Fen a year."""

    class Move(models.TextChoices):
        ENTERS = "enters", _("纳入")
        LEAVES = "leaves", _("退出")
        RISES = "rises", _("升档")
        FALLS = "falls", _("降档")
        MORE = "more", _("增额")
        LESS = "less", _("减额")
        OPENS = "opens", _("变为待查")

    scenario = models.ForeignKey(Scenario, models.CASCADE, related_name="rows")
    letter = models.CharField(max_length=1)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    move = models.CharField(max_length=10, choices=Move)
    class_before = models.CharField(max_length=60, blank=True)
    class_after = models.CharField(max_length=60, blank=True)
    fen_before = models.BigIntegerField()
    fen_after = models.BigIntegerField()
    is_sample = models.BooleanField(default=False)

    objects = RowQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["scenario", "letter", "household"], name="scenario_household_once"),
            models.CheckConstraint(
                condition=Q(move__in=["enters", "leaves", "rises", "falls", "more", "less", "opens"]), name="scenario_move_known"
            ),
        ]
        indexes = [
            models.Index(fields=["scenario", "letter", "id"], name="scenario_rows"),
            models.Index(fields=["scenario", "letter", "move", "id"], name="scenario_rows_by_move"),
        ]

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.household_id} {self.move}"

    @property
    def change_fen(self) -> int:
        return self.fen_after - self.fen_before


class FindingQuerySet(models.QuerySet["Finding"]):
    def visible_to(self, account: Account) -> FindingQuerySet:
        """The files of one's own unit and below, never one's own or one's kin's."""
        seen = within(self, account, unit_path="household__unit__path", roles=FINDERS)
        return seen.exclude(household__staff__account=account).exclude(household__kinships__account=account)


class Finding(models.Model):
    """线索: one household on one standing list, found by the rules in force; gone when the next search no longer finds it."""

    class Kind(models.TextChoices):
        UNAPPLIED = "unapplied", _("应助未助")
        UNFILED = "unfiled", _("应保未保")
        EXIT = "exit", _("该退出")
        BACK = "back", _("返困")
        STALE = "stale", _("一年没有复核")
        NEVER = "never", _("从未帮扶")
        MISSING = "missing", _("缺资料")

    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind)
    household = models.ForeignKey(Household, models.PROTECT, related_name="+")
    details = models.JSONField(default=list)  # programme titles, clauses, names of facts
    found_on = models.DateField()  # the first search that found it
    searched_at = models.DateTimeField()  # the latest
    set_aside_until = models.DateField(null=True, blank=True)
    set_aside_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    reason = EncryptedTextField(default="")  # may speak of an illness

    objects = FindingQuerySet.as_manager()

    class Meta:
        ordering = ["found_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "household"], name="finding_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["unapplied", "unfiled", "exit", "back", "stale", "never", "missing"]),
                name="finding_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["organisation", "kind", "found_on"], name="finding_list")]

    def __str__(self) -> str:
        return f"{self.kind} {self.household_id}"
