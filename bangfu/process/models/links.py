"""What a case stands on in the modules below: its notices and its motions."""

from __future__ import annotations

from django.db import models

from bangfu.process.models.case import Case


class CaseNotice(models.Model):
    """One notice of one case, the latest last: a higher sum or another person is noticed again."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="notices")
    notice = models.OneToOneField("disclosure.Notice", models.PROTECT, related_name="case_notice")

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.notice_id}"


class CaseMotion(models.Model):
    """One motion of one case before the committee, the latest last; `is_second` after the worker asked again."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="motions")
    motion = models.OneToOneField("governance.Motion", models.PROTECT, related_name="case_motion")
    is_second = models.BooleanField(default=False)

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.case_id} {self.motion_id}"
