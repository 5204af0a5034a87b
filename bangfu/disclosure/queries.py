"""Reads of notices: what is on show, what waits for an answer, what ends soon."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet

from bangfu.access.models import Account, Unit
from bangfu.access.scope import has_role, within
from bangfu.disclosure.lines import PRESS, Channel
from bangfu.disclosure.models import POSTERS, Cutting, Notice, NoticeChannel, NoticeDraft, Objection


def current_channels(notice: Notice) -> list[NoticeChannel]:
    """The latest revision of each channel, in the order board, intranet, open."""
    latest = {row.channel: row for row in notice.channels.order_by("revision")}
    return [latest[channel] for channel in Channel.values if channel in latest]


def channel_of(notice: Notice, channel: str) -> NoticeChannel | None:
    """What the channel shows now; None when the notice is not on it."""
    return next((row for row in current_channels(notice) if row.channel == channel), None)


def places_without_cutting(notice: Notice, places: Collection[str]) -> list[str]:
    """Of these places, the papers and stations that this notice had to be in and of which nobody has handed in a cutting."""
    press = [place for place in PRESS if place in places]
    if not press:
        return []
    there = set(notice.cuttings.values_list("channel", flat=True))
    return [place for place in press if place not in there and channel_of(notice, place) is not None]


def without_cutting(account: Account) -> list[tuple[Notice, list[str]]]:
    """For the to-do: running notices of one's unit and below that are in print or on the air and have no cutting yet."""
    notices = within(Notice.objects.visible_to(account), account, unit_path="unit__path", roles=POSTERS)
    rows = (
        NoticeChannel.objects.filter(notice__in=notices.filter(closed_at=None).values("pk"), channel__in=PRESS)
        .exclude(Exists(Cutting.objects.filter(notice=OuterRef("notice"), channel=OuterRef("channel"))))
        .select_related("notice__unit")
        .order_by("notice__closes_at", "notice", "channel")
    )
    found: dict[int, tuple[Notice, list[str]]] = {}
    for row in rows:
        places = found.setdefault(row.notice_id, (row.notice, []))[1]
        places.extend([row.channel] if row.channel not in places else [])
    return list(found.values())


def cutting_files(account: Account) -> QuerySet:
    """Cuttings of the notices that the account may see: their files."""
    return Cutting.objects.visible_to(account).values("file")


def telephone_of(unit: Unit) -> str:
    """The union's telephone that a notice prints: the unit's own, else of the nearest above; "" when nobody wrote one."""
    ancestors = [int(part) for part in unit.path.split("/") if part]
    phones = Unit.objects.filter(pk__in=ancestors).exclude(phone="").order_by("-path").values_list("phone", flat=True)
    return phones.first() or ""


def notice_of(origin: str) -> Notice | None:
    """The latest notice of an origin ("process.case:12"), running or over."""
    return Notice.objects.filter(origin=origin).select_related("unit").order_by("-posted_at", "-pk").first()


def waiting_draft(origin: str) -> NoticeDraft | None:
    """The draft of an origin that waits for its checker."""
    return NoticeDraft.objects.waiting().filter(origin=origin).select_related("drafted_by", "checker", "unit").first()


def last_sent_back(origin: str) -> NoticeDraft | None:
    """The latest draft, when its checker sent it back: the reason stands beside the next one."""
    last = NoticeDraft.objects.filter(origin=origin).select_related("decided_by").order_by("-pk").first()
    return last if last is not None and last.state == NoticeDraft.State.RETURNED else None


def open_objections(origin: str) -> int:
    """How many objections against any notice of the origin have no answer yet: the hold stays while there is one."""
    return Objection.objects.filter(notice__origin=origin, answered_at=None).count()


def unanswered(account: Account) -> list[Objection]:
    """For the to-do: objections that the account may answer, the most urgent first."""
    waiting = (
        Objection.objects.visible_to(account)
        .filter(answered_at=None)
        .exclude(notice__posted_by=account)
        .exclude(registered_by=account)
        .select_related("notice__unit", "notice__posted_by")
        .order_by("answer_due_at")
    )
    mine = [one for one in waiting if has_role(account, one.answerers, one.notice.unit)]
    return [objection for objection in mine if objection.text_shown_to(account)]


def over(account: Account, at: datetime) -> list[Notice]:
    """For the to-do: notices whose term has passed and that nobody has closed."""
    notices = Notice.objects.visible_to(account).filter(closed_at=None, closes_at__lte=at)
    return list(notices.select_related("unit").order_by("closes_at"))
