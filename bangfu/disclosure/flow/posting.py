"""A notice goes up, is narrowed, closes after its term or is taken down: 公示."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.calendar import working_days
from bangfu.access.models import Account, Counter, Unit
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, record, recording
from bangfu.disclosure import lines as allowed
from bangfu.disclosure import reactions
from bangfu.disclosure.flow.common import TOKEN_BYTES, digests, locked, require_no_conflict, show
from bangfu.disclosure.lines import USUAL, Channel, Line
from bangfu.disclosure.models import POSTERS, Notice
from bangfu.disclosure.queries import current_channels, places_without_cutting
from bangfu.lib.days import closes_at as term_end
from bangfu.lib.days import local
from bangfu.lib.errors import Refused

MAX_DAYS = 60


@recording
def post(
    *,
    origin: str,
    unit: Unit,
    title: str,
    basis: str,
    lines: Sequence[Line],
    days: int,
    is_working_days: bool = False,
    answer_days: int = 5,
    channels: Collection[str] = USUAL,
    by: Account,
    at: datetime,
) -> Notice:
    """发布公示 at once, by one person: `days` full days after the day of posting (calendar, or the organisation's working days).

    `lines` are one person each (lines.Line); every channel gets its own frozen snapshot with the name form that channel and
    consent allow. `basis` is the sentence above the table, `answer_days` working days for an answer to an objection.
    Where two people are wanted: `drafts.draft`. Raises Refused (what must not be published, running already), PermissionDenied.
    Source: S0-16, S2-8, S2-1; PIPL §25; contracts.md "Days".
    """
    require_role(by, POSTERS, unit)
    title, basis, shown = checked(title, basis, lines, days=days, channels=channels)
    return publish(
        origin=origin, unit=unit, title=title, basis=basis, shown=shown, days=days, is_working_days=is_working_days,
        answer_days=answer_days, by=by, at=at,
    )  # fmt: skip


def checked(
    title: str, basis: str, lines: Sequence[Line], *, days: int, channels: Collection[str]
) -> tuple[str, str, dict[str, list]]:
    """What may go up: title, words, and the rows of every channel. Raises Refused."""
    if not 1 <= days <= MAX_DAYS:
        raise Refused(_("公示天数要在 1 到 %(max)d 天之间。请按办法填写。") % {"max": MAX_DAYS})
    wanted = [channel for channel in Channel.values if channel in set(channels)]
    if not wanted:
        raise Refused(_("还没有选公示的地方。至少选一处，例如单位公示栏。"))
    title, basis = title.strip()[:100], basis.strip()
    if not title or not basis:
        raise Refused(_("公示要有标题和说明依据的一段话。"))
    allowed.check(lines, texts=(title, basis))
    return title, basis, {channel: allowed.snapshot(channel, lines) for channel in wanted}


def publish(
    *, origin: str, unit: Unit, title: str, basis: str, shown: Mapping[str, list], days: int, is_working_days: bool,
    answer_days: int, by: Account, checked_by: Account | None = None, at: datetime,
) -> Notice:  # fmt: skip
    """The notice is up, and its days begin. For `post` and `drafts.confirm` only."""
    organisation, year = unit.organisation, local(at).year
    serial = Counter.next(f"notice:{organisation.code}:{year}")  # its row lock also lets one of two presses wait
    refuse_second(origin)
    notice = Notice.objects.create(
        number=f"{organisation.prefix or organisation.code.upper()}-G{year}-{serial:04d}", origin=origin, unit=unit,
        title=title, basis=basis, token=secrets.token_urlsafe(TOKEN_BYTES), days=days,
        is_working_days=is_working_days, answer_days=answer_days, posted_at=at, posted_by=by, checked_by=checked_by,
        closes_at=term_end(at, days, is_working=working_days(unit) if is_working_days else None),
    )  # fmt: skip
    for channel, rows in shown.items():
        show(notice, channel, rows, at=at)
    record(
        "disclosure.notice_posted", notice, by=checked_by or by, at=at, about=origin, number=notice.number, days=days,
        closes_at=notice.closes_at.isoformat(), channels=digests(notice), people=len(next(iter(shown.values()))),
        drafted_by=by.username, checked_by=checked_by.username if checked_by else None,
    )  # fmt: skip
    return notice


def refuse_second(origin: str) -> None:
    if Notice.objects.filter(origin=origin, closed_at=None).exists():
        raise Refused(_("这一件正在公示。要改内容，先撤下再重新公示。"))


@recording
def narrow(notice: Notice, case_number: str, *, reason: str, by: Account | None, at: datetime) -> int:
    """改为只写编号, in every channel and at once: the person withdrew her consent. What was shown before stays as it was.

    Answers how many channels changed; `by` may be the worker herself, as this only shows less. A closed notice stays.
    Source: PIPL §15, P22.
    """
    notice = locked(notice)
    if notice.closed_at is not None:
        return 0
    changed = 0
    for current in current_channels(notice):
        rows = [allowed.without_person(row) if row["number"] == case_number else row for row in current.rows]
        if rows != current.rows:
            show(notice, current.channel, rows, at=at, revision=current.revision + 1, reason=reason)
            changed += 1
    if changed:
        record(
            "disclosure.notice_narrowed", notice, by=by, at=at, about=notice.origin, case_number=case_number, reason=Sealed(reason),
            channels=digests(notice),
        )  # fmt: skip
    return changed


@recording
def close(notice: Notice, *, ruled: Collection[str] = (), by: Account | None, at: datetime) -> Notice:
    """结束公示 after its full term, all objections answered; the outcome says whether one was upheld.

    `by` None is a command; `ruled` the places that the rules name: what had to be in print or on the air has its cutting.
    Raises Refused (too early, open objection, no cutting, closed), PermissionDenied. Source: S0-16, S2-8.
    """
    notice = locked(notice)
    if by is not None:
        require_role(by, POSTERS, notice.unit)
    if notice.closed_at is not None:
        raise Refused(_("这次公示已经结束。"))
    if at < notice.closes_at:
        end = local(notice.closes_at)
        raise Refused(_("公示期未满，%(end)s 以后才能结束公示。") % {"end": f"{end:%Y-%m-%d %H:%M}"})
    waiting = notice.objections.filter(answered_at=None).count()
    if waiting:
        raise Refused(_("还有 %(n)d 条异议没有答复。答复以后才能结束公示。") % {"n": waiting})
    without = places_without_cutting(notice, ruled)
    if without:
        raise Refused(
            _("还没有登记%(places)s的刊播凭证。请在公示页面写上哪天、哪家、第几期，并上传剪报或截图，再结束公示。")
            % {"places": _("、").join(str(Channel(place).label) for place in without)}
        )
    upheld = notice.objections.filter(upheld=True).exists()
    notice.closed_at, notice.closed_by = at, by
    notice.outcome = Notice.Outcome.UPHELD if upheld else Notice.Outcome.CLEAR
    notice.save(update_fields=["closed_at", "closed_by", "outcome"])
    record("disclosure.notice_closed", notice, by=by, at=at, about=notice.origin, outcome=str(notice.outcome))
    return notice


@recording
def take_down(notice: Notice, *, reason: str, by: Account, at: datetime) -> Notice:
    """撤下公示 before its time, with a reason: the open page is gone at once. Its objections are still answered.

    Raises Refused (closed already, no reason, own or kin's case), PermissionDenied.
    """
    notice = locked(notice)
    require_role(by, POSTERS, notice.unit)
    require_no_conflict(notice, by)
    return _take_down(notice, reason=reason, by=by, at=at)


@recording
def retract(notice: Notice, *, reason: str, by: Account, at: datetime) -> Notice:
    """本人撤回，公示随即撤下: the act of the person whom it is about, who holds no post; that she is it, the caller has judged.

    Raises Refused (closed already, no reason). Source: PIPL §15 (as easy as consent), P22.
    """
    return _take_down(locked(notice), reason=reason, by=by, at=at)


def _take_down(notice: Notice, *, reason: str, by: Account, at: datetime) -> Notice:
    if notice.closed_at is not None:
        raise Refused(_("这次公示已经结束，不用再撤。"))
    if not reason.strip():
        raise Refused(_("撤下公示要写明原因。"))
    notice.closed_at, notice.closed_by = at, by
    notice.outcome, notice.taken_down_reason = Notice.Outcome.TAKEN_DOWN, reason.strip()[:200]
    notice.save(update_fields=["closed_at", "closed_by", "outcome", "taken_down_reason"])
    record("disclosure.notice_taken_down", notice, by=by, at=at, about=notice.origin, reason=Sealed(notice.taken_down_reason))
    for reaction in reactions.on_taken_down:
        reaction(notice, by, at)
    return notice
