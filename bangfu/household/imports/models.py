"""What stands of an import: the batch, the errors of its dry run, the rows it wrote, the columns an organisation is used to."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import within
from bangfu.evidence.models import File
from bangfu.household.models.family import Member
from bangfu.household.models.file import Household
from bangfu.household.models.staff import Staff
from bangfu.lib.crypto import EncryptedJSONField, EncryptedTextField

UPLOADERS = frozenset({Role.UNIT_CLERK, Role.OFFICE_OFFICER})
ACCEPTERS = frozenset({Role.UNIT_CHAIR, Role.OFFICE_HEAD})
READERS = UPLOADERS | ACCEPTERS
UNDO_SPAN = timedelta(hours=24)


class ImportBatchQuerySet(models.QuerySet["ImportBatch"]):
    def visible_to(self, account: Account) -> ImportBatchQuerySet:
        """The batches of the units where the account uploads or accepts, and below."""
        return within(self, account, unit_path="unit__path", roles=READERS)


class ImportBatch(models.Model):
    """One uploaded table on its way in. Until `applied` nothing of it stands in the register; then all of it does.

    `fixes` are cells mended on the page ("12:4" -> text), laid over the file each time it is read; the file stays as it came.
    """

    class Kind(models.TextChoices):
        ROSTER = "roster", _("花名册")
        ARCHIVE = "archive", _("花名册和家庭档案")
        MEMBERS = "members", _("家庭成员")

    class State(models.TextChoices):
        ASKED = "asked", _("同一文件，等确认")
        MATCHING = "matching", _("对列")
        TRYING = "trying", _("正在试算")
        TRIED = "tried", _("已试算")
        WRITING = "writing", _("正在写入")
        APPLIED = "applied", _("已写入")
        UNDONE = "undone", _("已撤销")
        DROPPED = "dropped", _("已放弃")

    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+")  # the uploader's: who sees the batch
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=9, choices=State)
    file = models.ForeignKey(File, models.PROTECT, related_name="+")
    name = EncryptedTextField()  # as the uploader called the file: may hold a person's name
    sha256 = models.CharField(max_length=64)
    sheet = models.CharField(max_length=100, blank=True)
    sheets = models.JSONField(default=list)
    remarks = models.JSONField(default=list)  # what the reader noticed: hidden rows, other sheets
    header_row = models.PositiveIntegerField()  # from 0
    header_depth = models.PositiveSmallIntegerField(default=1)
    columns = models.JSONField(default=list)  # [{"at": 4, "title": "身份证", "key": "identity" or ""}]
    opened_on = models.DateField(null=True, blank=True)  # for rows without a day of their own
    fixes = EncryptedJSONField(default=dict)
    is_skipping = models.BooleanField(default=False)  # leave out bad rows and write the others
    rows_total = models.PositiveIntegerField(default=0)
    rows_new = models.PositiveIntegerField(default=0)
    rows_changed = models.PositiveIntegerField(default=0)
    rows_same = models.PositiveIntegerField(default=0)
    rows_bad = models.PositiveIntegerField(default=0)
    rows_twin = models.PositiveIntegerField(default=0)  # among the new: name and birth date of somebody on the roster
    households_new = models.PositiveIntegerField(default=0)
    problems_total = models.PositiveIntegerField(default=0)
    preview = EncryptedJSONField(default=dict)  # changes cell by cell, remarks by row, possible twins
    digest = models.CharField(max_length=64, blank=True)  # of the dry run: writing refuses when the register moved since
    failure = models.TextField(blank=True)  # why a job came back without a result
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)  # a worker took the job
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="import_number_once"),
            models.CheckConstraint(
                condition=~Q(state__in=["applied", "undone"]) | Q(applied_at__isnull=False), name="import_applied_at_an_instant"
            ),
            models.CheckConstraint(condition=~Q(state="undone") | Q(undone_at__isnull=False), name="import_undone_at_an_instant"),
        ]
        indexes = [models.Index(fields=["organisation", "sha256"], name="import_by_file")]

    def __str__(self) -> str:
        return f"#{self.number}"

    @property
    def origin(self) -> str:
        """How discrepancies and events name this batch."""
        return f"household.importbatch:{self.pk}"

    @property
    def is_waiting(self) -> bool:
        return self.state in (self.State.TRYING, self.State.WRITING)

    @property
    def writes(self) -> int:
        return self.rows_new + self.rows_changed

    def may_undo(self, at: datetime) -> bool:
        return self.state == self.State.APPLIED and self.applied_at is not None and at < self.applied_at + UNDO_SPAN


class OfBatchQuerySet(models.QuerySet):
    def visible_to(self, account: Account) -> OfBatchQuerySet:
        return within(self, account, unit_path="batch__unit__path", roles=READERS)


class ImportProblem(models.Model):
    """One cell (or one row, `column` None) that stops its row. The value is shown to the uploader alone, to others masked."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="problems")
    row = models.PositiveIntegerField()  # as Excel counts
    column = models.PositiveIntegerField(null=True)
    key = models.CharField(max_length=20, blank=True)
    title = models.CharField(max_length=60)
    name = models.CharField(max_length=30, blank=True)
    value = EncryptedTextField(default="")
    reason = EncryptedTextField()  # may quote the cell
    remedy = EncryptedTextField(default="")
    is_blocking = models.BooleanField(default=False)  # of the total row: cannot be left out

    objects = OfBatchQuerySet.as_manager()

    class Meta:
        ordering = ["row", "column"]

    def __str__(self) -> str:
        return f"{self.row} {self.title}"


class ImportedRow(models.Model):
    """One row that the batch wrote: which row of the file, what it made or changed, and what stood there before.

    `entries` are the words of the record for this row, canonical JSON [[subject, kind, facts], …] without names and numbers of
    papers; the batch's one event names the digest over all rows' entries, so that none can be altered or left out unseen.
    """

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="written")
    row = models.PositiveIntegerField()
    staff = models.ForeignKey(Staff, models.SET_NULL, null=True, related_name="+")
    household = models.ForeignKey(Household, models.PROTECT, null=True, related_name="imported_rows")
    made_staff = models.BooleanField(default=False)
    made_household = models.BooleanField(default=False)
    before = EncryptedJSONField(null=True)  # {"staff": {field: value}, "household": {…}} of changed rows
    staff_version = models.PositiveIntegerField(null=True)
    household_version = models.PositiveIntegerField(null=True)
    member = models.ForeignKey(Member, models.SET_NULL, null=True, related_name="+")
    made_member = models.BooleanField(default=False)
    entries = models.TextField(default="[]")
    entries_back = models.TextField(default="[]")  # the same for taking the batch back

    objects = OfBatchQuerySet.as_manager()

    class Meta:
        ordering = ["row"]
        constraints = [models.UniqueConstraint(fields=["batch", "row"], name="imported_row_once")]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.row}"

    def was(self, part: str) -> dict[str, Any]:
        """What stood in the "staff" or "household" part before this row changed it."""
        return (self.before or {}).get(part, {})


class ColumnHabit(models.Model):
    """An organisation's own name for a column, remembered from the last time somebody matched it by hand."""

    organisation = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    title = models.CharField(max_length=60)  # normalised
    key = models.CharField(max_length=20, blank=True)  # empty: not imported

    objects = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["organisation", "title"], name="one_habit_per_title")]

    def __str__(self) -> str:
        return f"{self.title} {self.key}"
