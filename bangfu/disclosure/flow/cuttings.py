"""刊播凭证: the rules want a notice in the newspaper or on television; that it was there is handed in with its picture."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording
from bangfu.disclosure.flow.common import locked, require_no_conflict
from bangfu.disclosure.lines import PRESS, Channel
from bangfu.disclosure.models import POSTERS, Cutting, Notice
from bangfu.disclosure.queries import channel_of
from bangfu.evidence.flow import store
from bangfu.lib.days import last_day, today
from bangfu.lib.errors import Refused


@recording
def record_cutting(
    notice: Notice,
    *,
    channel: str,
    shown_on: date,
    medium: str,
    number: str,
    content: bytes,
    name: str,
    by: Account,
    at: datetime,
) -> Cutting:
    """登记刊播: the day, the paper or station (`medium`), issue and page or programme and hour (`number`), and the picture.

    The day lies within the notice's term (Shanghai): what is printed afterwards nobody can object to in time.
    Raises Refused (not a place of this notice, taken down, outside the term, the same twice, no picture), PermissionDenied.
    Source: S2-8.
    """
    notice = locked(notice)
    require_role(by, POSTERS, notice.unit)
    require_no_conflict(notice, by)
    if channel not in PRESS or channel_of(notice, channel) is None:
        raise Refused(_("这次公示没有选报纸或电视，不用登记刊播凭证。"))
    if notice.outcome == Notice.Outcome.TAKEN_DOWN:
        raise Refused(_("这次公示已经撤下。重新公示、刊播以后再登记。"))
    medium, number = medium.strip()[:60], number.strip()[:60]
    if len(medium) < 2 or not number:
        raise Refused(_("还要写是哪家报纸或电视台，和第几期第几版（电视写栏目和时间），别人才查得到。"))
    first, last = today(notice.posted_at), last_day(notice.closes_at)
    if shown_on > today(at):
        raise Refused(_("刊播日期 %(day)s 还没有到。请在刊播以后登记。") % {"day": shown_on})
    if not first <= shown_on <= last:
        raise Refused(
            _(
                "刊播日期 %(day)s 不在公示期 %(first)s 至 %(last)s 内，别人来不及提意见，不能算。请核对日期；确实没有按时刊播的，撤下重新公示。"
            )
            % {"day": shown_on, "first": first, "last": last}
        )
    same = notice.cuttings.filter(channel=channel, shown_on=shown_on, medium=medium, number=number)
    if same.exists():
        raise Refused(_("%(medium)s %(number)s 已经登记过，不用再登记。") % {"medium": medium, "number": number})
    file = store(content, name=name, by=by, at=at, unit=notice.unit)
    cutting = Cutting.objects.create(
        notice=notice, channel=channel, shown_on=shown_on, medium=medium, number=number, file=file, recorded_by=by, recorded_at=at,
    )  # fmt: skip
    record(
        "disclosure.cutting_recorded", notice, by=by, at=at, about=notice.origin, channel=str(Channel(channel)),
        shown_on=shown_on.isoformat(), medium=medium, number=number, sha256=file.sha256,
    )  # fmt: skip
    return cutting
