"""Notices and objections: 公示、异议."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.kin import without_kin
from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import has_role, within
from bangfu.disclosure.lines import PRESS, Channel
from bangfu.evidence.models import File
from bangfu.lib.crypto import EncryptedTextField

#: Who posts a notice and registers what comes in by letter or in person; who answers; who may know the objector.
POSTERS = frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD})
ANSWERERS = frozenset({Role.UNIT_CHAIR, Role.OFFICE_HEAD})
#: What comes after the notice ended is answered where the money is decided.
LATE_ANSWERERS = frozenset({Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR})
INQUIRERS = ANSWERERS | {Role.AUDITOR, Role.SUPERVISOR}


class NoticeDraftQuerySet(models.QuerySet["NoticeDraft"]):
    def waiting(self) -> NoticeDraftQuerySet:
        return self.filter(state="waiting")

    def visible_to(self, account: Account) -> NoticeDraftQuerySet:
        """Who puts notices up in that unit; not kin."""
        return without_kin(within(self, account, unit_path="unit__path", roles=POSTERS), account, "origin")


class NoticeDraft(models.Model):
    """拟稿: what every channel would show, word for word, waiting for the second person. Decided once.

    `shown` {channel: rows} is emptied with the decision: what is up stands in the notice, what was sent back shows nobody.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("待核对")
        CONFIRMED = "confirmed", _("已核对")
        RETURNED = "returned", _("已退回")
        DROPPED = "dropped", _("已收回")

    origin = models.CharField(max_length=80, db_index=True)  # "process.case:12"
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField(max_length=100)
    basis = models.TextField()
    days = models.PositiveSmallIntegerField()
    is_working_days = models.BooleanField(default=False)
    answer_days = models.PositiveSmallIntegerField(default=5)
    shown = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64)  # of title, basis, term and rows as canonical JSON: what the checker saw
    drafted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    checker = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = EncryptedTextField(null=True, blank=True)  # why it was sent back or taken back
    notice = models.OneToOneField("Notice", models.PROTECT, null=True, blank=True, related_name="draft")

    objects = NoticeDraftQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(condition=~Q(checker=F("drafted_by")), name="draft_needs_two"),
            models.CheckConstraint(
                condition=Q(state="waiting", decided_at__isnull=True, notice__isnull=True)
                | Q(state="confirmed", decided_at__isnull=False, decided_by=F("checker"), notice__isnull=False)
                | Q(state__in=["returned", "dropped"], decided_at__isnull=False, notice__isnull=True, reason__isnull=False),
                name="draft_decided_once",
            ),
            models.UniqueConstraint(fields=["origin"], condition=Q(state="waiting"), name="one_draft_waits"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def channels(self) -> list[tuple[str, list[dict]]]:
        """(channel in words, its rows), in the order board, intranet, open."""
        return [(str(Channel(channel).label), self.shown[channel]) for channel in Channel.values if channel in self.shown]


class NoticeQuerySet(models.QuerySet["Notice"]):
    def visible_to(self, account: Account) -> NoticeQuerySet:
        """The staff page: case staff and supervisors, their unit and below; not kin. Everybody else reads the open page."""
        seen = within(self, account, unit_path="unit__path", roles=CASE_STAFF | {Role.SUPERVISOR})
        return without_kin(seen, account, "origin")

    def running(self, at: datetime) -> NoticeQuerySet:
        return self.filter(closed_at=None, posted_at__lte=at, closes_at__gt=at)


class Notice(models.Model):
    """公示: what was shown to colleagues, word for word (its channels), and for how long.

    Open from `posted_at` (inclusive) to `closes_at` (exclusive). Source: S0-16, S2-8 (7 days).
    """

    class Outcome(models.TextChoices):
        CLEAR = "clear", _("期满无异议成立")
        UPHELD = "upheld", _("期满，异议成立")
        TAKEN_DOWN = "taken_down", _("中途撤下")

    number = models.CharField(max_length=30, unique=True)  # 公示登记号 "KY-G2026-0031"
    origin = models.CharField(max_length=80, db_index=True)  # "process.case:12"
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="notices")
    title = models.CharField(max_length=100)
    basis = models.TextField()  # the words above the table
    token = models.CharField(max_length=64, unique=True)  # 192 random bits: the open page's address
    days = models.PositiveSmallIntegerField()
    is_working_days = models.BooleanField(default=False)
    answer_days = models.PositiveSmallIntegerField(default=5)  # working days to answer an objection
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    taken_down_reason = EncryptedTextField(null=True, blank=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-posted_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(closes_at__gt=F("posted_at")), name="notice_closes_later"),
            models.CheckConstraint(condition=Q(days__gte=1), name="notice_has_a_day"),
            models.CheckConstraint(condition=Q(checked_by__isnull=True) | ~Q(checked_by=F("posted_by")), name="notice_needs_two"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True, outcome="") | Q(closed_at__isnull=False, outcome="taken_down")
                | Q(closed_at__gte=F("closes_at"), outcome__in=["clear", "upheld"]),
                name="notice_not_closed_early",
            ),
            models.CheckConstraint(condition=~Q(outcome="taken_down") | Q(taken_down_reason__isnull=False), name="take_down_has_a_reason"),
            models.UniqueConstraint(fields=["origin"], condition=Q(closed_at__isnull=True), name="one_notice_at_a_time"),
        ]  # fmt: skip
        indexes = [models.Index(fields=["unit", "-posted_at"], name="notices_of_unit")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    def is_open(self, at: datetime) -> bool:
        """On show at this instant: a question of time, no job has to run."""
        return self.closed_at is None and self.posted_at <= at < self.closes_at

    def is_over(self, at: datetime) -> bool:
        """Its full term has passed, and nobody has closed it yet."""
        return self.closed_at is None and at >= self.closes_at


class NoticeChannelQuerySet(models.QuerySet["NoticeChannel"]):
    def visible_to(self, account: Account) -> NoticeChannelQuerySet:
        return self.filter(notice__in=Notice.objects.visible_to(account))


class NoticeChannel(models.Model):
    """What one channel showed from an instant on: a frozen snapshot. Never changed; a narrower form is a new revision."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="channels")
    channel = models.CharField(max_length=10, choices=Channel)
    revision = models.PositiveSmallIntegerField(default=1)
    rows = models.JSONField()  # a list of {number, unit, name, category, programme, amount_fen}: lines.COLUMNS, nothing else
    sha256 = models.CharField(max_length=64)  # of title, basis, dates and rows as canonical JSON
    shown_from = models.DateTimeField()
    reason = EncryptedTextField(default="", blank=True)  # why it was narrowed

    objects = NoticeChannelQuerySet.as_manager()

    class Meta:
        ordering = ["channel", "revision"]
        constraints = [
            models.UniqueConstraint(fields=["notice", "channel", "revision"], name="one_row_per_revision"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="channel_known"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.channel} {self.revision}"

    @property
    def total_fen(self) -> int:
        return sum(row["amount_fen"] for row in self.rows)


class CuttingQuerySet(models.QuerySet["Cutting"]):
    def visible_to(self, account: Account) -> CuttingQuerySet:
        return self.filter(notice__in=Notice.objects.visible_to(account))


class Cutting(models.Model):
    """刊播凭证: on which day which paper or station showed the notice, with its picture. Never changed. Source: S2-8."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="cuttings")
    channel = models.CharField(max_length=10, choices=[(place.value, place.label) for place in PRESS])
    shown_on = models.DateField()
    medium = models.CharField(max_length=60)  # the paper or the station
    number = models.CharField(max_length=60)  # issue and page; programme and hour
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    objects = CuttingQuerySet.as_manager()

    class Meta:
        ordering = ["shown_on", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(channel__in=[place.value for place in PRESS]), name="cutting_of_the_press"),
            models.UniqueConstraint(fields=["notice", "channel", "shown_on", "medium", "number"], name="same_cutting_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} {self.medium} {self.shown_on}"


class ObjectionQuerySet(models.QuerySet["Objection"]):
    def visible_to(self, account: Account) -> ObjectionQuerySet:
        return self.filter(notice__in=Notice.objects.visible_to(account))


class Objection(models.Model):
    """异议: what somebody said against a notice, named or anonymous, and what was answered. Texts are sealed at rest."""

    class Via(models.TextChoices):
        OPEN = "open", _("公开网页")
        STAFF = "staff", _("来信来访来电")

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="objections")
    token = models.CharField(max_length=64, unique=True)  # with it the objector reads the answer
    case_number = models.CharField(max_length=30, blank=True)  # the line it is about; empty: the whole notice
    text = EncryptedTextField()
    is_named = models.BooleanField()
    name = EncryptedTextField(default="")
    contact = EncryptedTextField(default="")
    fingerprint = models.CharField(max_length=64)  # keyed digest of the text: the same words twice are one objection
    via = models.CharField(max_length=10, choices=Via)
    raised_at = models.DateTimeField()
    registered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answer_due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    answer = EncryptedTextField(default="")
    upheld = models.BooleanField(null=True, blank=True)

    objects = ObjectionQuerySet.as_manager()

    class Meta:
        ordering = ["raised_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, upheld__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, upheld__isnull=False),
                name="answer_is_whole",
            ),
            models.UniqueConstraint(fields=["notice", "fingerprint"], name="same_objection_once"),
        ]

    def __str__(self) -> str:
        return f"{self.notice_id}-{self.pk}"

    @property
    def unit(self) -> Unit:
        return self.notice.unit

    @property
    def is_late(self) -> bool:
        """Registered after the notice had run its term and was closed."""
        closed_at = self.notice.closed_at
        return closed_at is not None and self.notice.outcome != Notice.Outcome.TAKEN_DOWN and self.raised_at >= closed_at

    @property
    def answerers(self) -> frozenset[Role]:
        """Who answers it: the unit's chair or the office head; late ones the office head or the committee's chair."""
        return LATE_ANSWERERS if self.is_late else ANSWERERS

    def text_shown_to(self, account: Account, *, kept_away: str | None = None) -> bool:
        """Its words may give the objector away: only those who answer or inspect read them, not who posted the notice, not kin.

        `kept_away` is `reactions.reason_to_stay_away` where a page has asked it for all objections of the notice.
        """
        from bangfu.disclosure.reactions import reason_to_stay_away

        if account.pk == self.notice.posted_by_id or not has_role(account, INQUIRERS | self.answerers, self.notice.unit):
            return False
        return not (reason_to_stay_away(account, self.notice) if kept_away is None else kept_away)
