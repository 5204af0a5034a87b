"""Committees, their sessions, and what was voted: 委员会、评审会、议题、表决、决议."""

from __future__ import annotations

from datetime import date

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Count, F, Q, Sum
from django.utils.translation import gettext_lazy as _

from bangfu.access.kin import of_others, without_kin
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import within
from bangfu.lib.crypto import EncryptedTextField

#: Roles that prepare and read every session of their unit; members read their own committee's by membership.
READERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR, Role.AUDITOR, Role.SUPERVISOR})
CONVENERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR})
MEMBERS = frozenset({Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR})
#: Shares are "more than": 500 is 过半数, 666 is 三分之二以上 (exactly two thirds passes). See `arithmetic.needed`.
SHARE = [MinValueValidator(1), MaxValueValidator(999)]


class CommitteeQuerySet(models.QuerySet["Committee"]):
    def visible_to(self, account: Account) -> CommitteeQuerySet:
        """Committees of one's unit for the office, the chair and the auditors; and those one sits on."""
        readable = within(Committee.objects.all(), account, unit_path="unit__path", roles=READERS)
        sits_on = Membership.objects.filter(account=account).values("committee")
        return self.filter(Q(pk__in=readable.values("pk")) | Q(pk__in=sits_on))


class Committee(models.Model):
    """基金管理委员会/帮扶救助工作管理委员会: who decides for one organisation. Source: S0-16, S0-22, S2-11."""

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="committees")
    name = models.CharField(max_length=60)
    quorum_permille = models.PositiveSmallIntegerField(default=666, validators=SHARE)
    majority_permille = models.PositiveSmallIntegerField(default=500, validators=SHARE)

    objects = CommitteeQuerySet.as_manager()

    class Meta:
        ordering = ["unit__path", "name"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "name"], name="committee_name_once_per_unit"),
            models.CheckConstraint(
                condition=Q(quorum_permille__range=(1, 999), majority_permille__range=(1, 999)), name="committee_shares_below_all"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MembershipQuerySet(models.QuerySet["Membership"]):
    def held_on(self, day: date) -> MembershipQuerySet:
        return self.filter(Q(to_date=None) | Q(to_date__gt=day), from_date__lte=day)

    def visible_to(self, account: Account) -> MembershipQuerySet:
        return self.filter(committee__in=Committee.objects.visible_to(account))


class Membership(models.Model):
    """An account sits on a committee from a day (inclusive) to a day (exclusive; empty = open)."""

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="memberships")
    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="memberships")
    is_chair = models.BooleanField(default=False)
    from_date = models.DateField()
    to_date = models.DateField(null=True, blank=True)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        ordering = ["-is_chair", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(to_date__isnull=True) | Q(to_date__gt=F("from_date")), name="membership_ends_later"),
            models.UniqueConstraint(
                fields=["committee", "account"], condition=Q(to_date__isnull=True), name="one_open_membership_per_committee"
            ),
            models.UniqueConstraint(
                fields=["committee"], condition=Q(to_date__isnull=True, is_chair=True), name="one_open_chair_per_committee"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account} {self.committee}"


class SessionQuerySet(models.QuerySet["Session"]):
    def visible_to(self, account: Account) -> SessionQuerySet:
        return self.filter(committee__in=Committee.objects.visible_to(account))

    def with_counts(self, account: Account) -> SessionQuerySet:
        """`motions_count`, `waiting_count` and `decided_fen` of each session, in the same query; own and kin's are not in them."""
        seen = of_others(account, "motions__subject")
        return self.annotate(
            motions_count=Count("motions", filter=seen) if seen else Count("motions"),
            waiting_count=Count("motions", filter=seen & Q(motions__state="waiting")),
            decided_fen=Sum("motions__resolution__amount_fen", filter=seen) if seen else Sum("motions__resolution__amount_fen"),
        )


class Session(models.Model):
    """One meeting of a committee: called, opened with a quorum, closed with its minutes.

    The members due and the quorum are frozen at the opening, so that a later change of the committee rewrites nothing.
    """

    committee = models.ForeignKey(Committee, models.PROTECT, related_name="sessions")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField()  # 第 n 次, within the year
    held_at = models.DateTimeField()  # the hour that was called
    place = models.CharField(max_length=60, blank=True)
    recorder = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    convened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(null=True, blank=True)
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    members_due = models.PositiveSmallIntegerField(default=0)
    quorum = models.PositiveSmallIntegerField(default=0)  # heads, at the opening
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    minutes = EncryptedTextField(default="")  # may speak of an illness
    version = models.PositiveIntegerField(default=1)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["-held_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["committee", "year", "number"], name="session_number_once_a_year"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(closed_at__gte=F("opened_at")), name="session_closes_after_opening"
            ),
            models.CheckConstraint(condition=Q(opened_at__isnull=True) | Q(quorum__gte=1), name="open_session_has_a_quorum"),
        ]

    def __str__(self) -> str:
        return str(_("%(year)s 年第 %(number)s 次评审会") % {"year": self.year, "number": self.number})

    @property
    def unit(self) -> Unit:
        return self.committee.unit

    @property
    def is_open(self) -> bool:
        return self.opened_at is not None and self.closed_at is None


class AttendanceQuerySet(models.QuerySet["Attendance"]):
    def visible_to(self, account: Account) -> AttendanceQuerySet:
        return self.filter(session__in=Session.objects.visible_to(account))


class Attendance(models.Model):
    """A member was present at a session (签到)."""

    session = models.ForeignKey(Session, models.PROTECT, related_name="attendances")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="attendances")
    at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["session", "member"], name="present_once")]

    def __str__(self) -> str:
        return f"{self.member} {self.session}"


class MotionQuerySet(models.QuerySet["Motion"]):
    def visible_to(self, account: Account) -> MotionQuerySet:
        """Motions of visible sessions, without those from which a member is recused or kept by a conflict (P6: 404).

        Own and kin's are kept from everybody (ADR 9). Call it last, on a narrowed queryset: the other conflicts are asked
        once per remaining subject, of who sits on the committee; an officer who investigated still prepares the agenda.
        """
        from bangfu.governance.conflicts import hidden

        seats = Membership.objects.filter(account=account)
        own = Recusal.objects.filter(member__in=seats).values("motion")
        seen = self.filter(session__in=Session.objects.visible_to(account)).exclude(pk__in=own)
        seen = without_kin(seen, account, "subject")
        voted_on = seen.filter(session__committee__in=seats.values("committee"))
        kept_back = hidden(account, voted_on.values_list("subject", flat=True).distinct())
        return seen.exclude(subject__in=kept_back) if kept_back else seen


class Motion(models.Model):
    """One thing on the agenda, put to the vote. `subject` names an object of a module above ("process.case:12")."""

    class State(models.TextChoices):
        WAITING = "waiting", _("待表决")
        DECIDED = "decided", _("已决议")
        TAKEN_OFF = "taken_off", _("已撤下")

    session = models.ForeignKey(Session, models.PROTECT, related_name="motions")
    subject = models.CharField(max_length=80, db_index=True)
    number = models.CharField(max_length=30, blank=True)  # of the case: what the screen shows instead of a name
    title = models.CharField(max_length=80)  # without a person: 临时生活救助
    party = models.CharField(max_length=60, blank=True)  # whom it is about; hidden in 投屏
    position = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField(null=True, blank=True)  # what is suggested; empty: no money in it
    max_fen = models.BigIntegerField(null=True, blank=True)  # what was noticed: more has to be noticed again
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    taken_off_reason = EncryptedTextField(blank=True, default="")
    put_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    put_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = MotionQuerySet.as_manager()

    class Meta:
        ordering = ["session", "position"]
        constraints = [
            models.UniqueConstraint(fields=["session", "position"], name="agenda_position_once"),
            models.UniqueConstraint(fields=["subject"], condition=Q(state="waiting"), name="one_waiting_motion_per_subject"),
            models.CheckConstraint(condition=Q(amount_fen__isnull=True) | Q(amount_fen__gt=0), name="motion_amount_above_zero"),
            models.CheckConstraint(condition=Q(max_fen__isnull=True) | Q(max_fen__gt=0), name="motion_cap_above_zero"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "decided", "taken_off"]), name="motion_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.position} {self.number or self.title}"

    @property
    def unit(self) -> Unit:
        return self.session.committee.unit

    @property
    def has_money(self) -> bool:
        return self.amount_fen is not None or self.max_fen is not None


class RecusalQuerySet(models.QuerySet["Recusal"]):
    def visible_to(self, account: Account) -> RecusalQuerySet:
        return without_kin(self.filter(motion__session__in=Session.objects.visible_to(account)), account, "motion__subject")


class Recusal(models.Model):
    """回避: a member neither sees nor votes this motion; by her own wish, or because a conflict is known. Never changed."""

    motion = models.ForeignKey(Motion, models.PROTECT, related_name="recusals")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="recusals")
    reason = EncryptedTextField()  # 亲属, 结对人 …: a relation, no illness
    is_conflict = models.BooleanField(default=False)
    at = models.DateTimeField()

    objects = RecusalQuerySet.as_manager()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["motion", "member"], name="recused_once"),
        ]

    def __str__(self) -> str:
        return f"{self.member} {self.motion}"


class Choice(models.TextChoices):
    """What a member may say."""

    YES = "yes", _("同意")
    NO = "no", _("不同意")
    RETURN = "return", _("退回补充")


class VoteQuerySet(models.QuerySet["Vote"]):
    def visible_to(self, account: Account) -> VoteQuerySet:
        """Only one's own: the ballot is secret, pages show counts (queries.tally)."""
        return self.filter(member__account=account)


class Vote(models.Model):
    """One member's vote on one motion. Never changed; shown to nobody, only counted once the motion is decided."""

    motion = models.ForeignKey(Motion, models.PROTECT, related_name="votes")
    member = models.ForeignKey(Membership, models.PROTECT, related_name="votes")
    choice = models.CharField(max_length=10, choices=Choice)
    amount_fen = models.BigIntegerField(null=True, blank=True)  # of a yes where money is at stake
    opinion = EncryptedTextField(default="")  # may speak of an illness
    at = models.DateTimeField()

    objects = VoteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["motion", "member"], name="one_vote_per_member"),
            models.CheckConstraint(condition=Q(choice__in=["yes", "no", "return"]), name="vote_choice_known"),
            models.CheckConstraint(
                condition=Q(amount_fen__isnull=True) | Q(amount_fen__gt=0, choice="yes"), name="only_a_yes_has_an_amount"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.motion_id}"


class ResolutionQuerySet(models.QuerySet["Resolution"]):
    def visible_to(self, account: Account) -> ResolutionQuerySet:
        return without_kin(self.filter(motion__session__in=Session.objects.visible_to(account)), account, "motion__subject")


class Resolution(models.Model):
    """决议: what the committee decided on one motion, with the count. Never changed; a new motion decides anew."""

    class Outcome(models.TextChoices):
        PASSED = "passed", _("同意")
        REFUSED = "refused", _("不同意")
        RETURNED = "returned", _("退回补充")

    motion = models.OneToOneField(Motion, models.PROTECT, related_name="resolution")
    number = models.CharField(max_length=30, unique=True)  # "KY-R2026-0007"
    outcome = models.CharField(max_length=10, choices=Outcome)
    amount_fen = models.BigIntegerField(null=True, blank=True)
    eligible = models.PositiveSmallIntegerField()  # present and not recused
    needed = models.PositiveSmallIntegerField()  # votes that carry
    yes = models.PositiveSmallIntegerField()
    no = models.PositiveSmallIntegerField()
    returned = models.PositiveSmallIntegerField()
    decided_at = models.DateTimeField()
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    objects = ResolutionQuerySet.as_manager()

    class Meta:
        ordering = ["decided_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(outcome__in=["passed", "refused", "returned"]), name="resolution_outcome_known"),
            models.CheckConstraint(
                condition=Q(amount_fen__isnull=True) | Q(amount_fen__gt=0, outcome="passed"), name="only_a_pass_has_an_amount"
            ),
            models.CheckConstraint(condition=Q(eligible__gte=F("yes") + F("no") + F("returned")), name="no_more_votes_than_voters"),
            models.CheckConstraint(condition=~Q(outcome="passed") | Q(yes__gte=F("needed")), name="a_pass_has_its_majority"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def unit(self) -> Unit:
        return self.motion.unit

    @property
    def not_voted(self) -> int:
        return self.eligible - self.yes - self.no - self.returned
