"""Post a notice, hear objections, answer them, close or take down: 公示与异议."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from bangfu.access.calendar import working_days
from bangfu.access.models import Account, Counter, Unit
from bangfu.access.scope import accounts_with, require_role
from bangfu.audit.record import canonical, record, recording
from bangfu.disclosure import lines as allowed
from bangfu.disclosure import reactions
from bangfu.disclosure.lines import Channel, Line
from bangfu.disclosure.models import ANSWERERS, INQUIRERS, POSTERS, Notice, NoticeChannel, Objection
from bangfu.disclosure.queries import current_channels
from bangfu.lib.crypto import blind_index
from bangfu.lib.days import closes_at as term_end
from bangfu.lib.days import local, start_of_day, today
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell

MAX_OBJECTIONS_A_DAY = 20  # from the open page, per notice: a flood is refused, the telephone remains
MAX_DAYS = 60
MAX_TEXT, MIN_TEXT = 1000, 5
TOKEN_BYTES = 24  # 192 bits


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
    channels: Collection[str] = tuple(Channel.values),
    by: Account,
    checked_by: Account | None = None,
    at: datetime,
) -> Notice:
    """发布公示: `days` full days after the day of posting (calendar days, or working days of the organisation's calendar).

    `lines` are one person each (lines.Line); every channel gets its own frozen snapshot with the name form that channel and
    consent allow. `basis` is the sentence above the table, `answer_days` working days for an answer to an objection.
    Raises Refused (what must not be published, running already, same person posts and checks), PermissionDenied.
    Source: S0-16, S2-8, S2-1; PIPL §25; contracts.md "Days".
    """
    require_role(by, POSTERS, unit)
    if checked_by is not None:
        require_role(checked_by, POSTERS, unit)
        if checked_by.pk == by.pk:
            raise Refused(_("发布公示要两个人：经办和核对不能是同一人。请换一位同事核对。"))
    if not 1 <= days <= MAX_DAYS:
        raise Refused(_("公示天数要在 1 到 %(max)d 天之间。请按办法填写。") % {"max": MAX_DAYS})
    wanted = [channel for channel in Channel.values if channel in set(channels)]
    if not wanted:
        raise Refused(_("还没有选公示的地方。至少选单位公示栏、办公网、公开网页中的一处。"))
    title, basis = title.strip(), basis.strip()
    if not title or not basis:
        raise Refused(_("公示要有标题和说明依据的一段话。"))
    allowed.check(lines, texts=(title, basis))
    organisation, year = unit.organisation, local(at).year
    serial = Counter.next(f"notice:{organisation.code}:{year}")  # its row lock also lets one of two presses wait
    if Notice.objects.filter(origin=origin, closed_at=None).exists():
        raise Refused(_("这一件正在公示。要改内容，先撤下再重新公示。"))
    notice = Notice.objects.create(
        number=f"{organisation.prefix or organisation.code.upper()}-G{year}-{serial:04d}", origin=origin, unit=unit,
        title=title[:100], basis=basis, token=secrets.token_urlsafe(TOKEN_BYTES), days=days,
        is_working_days=is_working_days, answer_days=answer_days, posted_at=at, posted_by=by, checked_by=checked_by,
        closes_at=term_end(at, days, is_working=working_days(unit) if is_working_days else None),
    )  # fmt: skip
    for channel in wanted:
        _show(notice, channel, allowed.snapshot(channel, lines), at=at)
    record(
        "disclosure.notice_posted", notice, by=by, at=at, about=origin, number=notice.number, days=days,
        closes_at=notice.closes_at.isoformat(), channels=_digests(notice), people=len(lines),
        checked_by=checked_by.username if checked_by else None,
    )  # fmt: skip
    return notice


@recording
def narrow(notice: Notice, case_number: str, *, reason: str, by: Account | None, at: datetime) -> int:
    """改为只写编号, in every channel and at once: the person withdrew her consent. What was shown before stays as it was.

    Answers how many channels changed; `by` may be the worker herself, as this only shows less. A closed notice stays.
    Source: PIPL §15, P22.
    """
    notice = _locked(notice)
    if notice.closed_at is not None:
        return 0
    changed = 0
    for current in current_channels(notice):
        rows = [row | {"name": ""} if row["number"] == case_number else row for row in current.rows]
        if rows != current.rows:
            _show(notice, current.channel, rows, at=at, revision=current.revision + 1, reason=reason)
            changed += 1
    if changed:
        record(
            "disclosure.notice_narrowed", notice, by=by, at=at, about=notice.origin, case_number=case_number, reason=reason,
            channels=_digests(notice),
        )  # fmt: skip
    return changed


@recording
def raise_objection(
    notice: Notice,
    *,
    text: str,
    is_named: bool,
    name: str = "",
    contact: str = "",
    case_number: str = "",
    by: Account | None = None,
    at: datetime,
) -> Objection:
    """提出异议, named with a contact or anonymous. `by` None: from the open page, while the notice is on show.

    Staff (`by`) register what came by letter, call or visit until the notice is closed. The money is held by who listens
    (reactions.on_objection). Raises Refused (too late, too short, no contact, the same again, too many today).
    Source: S0-16, S2-1, S2-8.
    """
    notice = _locked(notice)
    if by is not None:
        require_role(by, POSTERS, notice.unit)
    if not (notice.is_open(at) if by is None else notice.closed_at is None):
        raise Refused(_("公示已经结束，这里不再收意见。要反映情况，请打工会电话。"))
    text, name, contact = text.strip(), name.strip(), contact.strip()
    _check_objection(notice, text, is_named, name, contact, case_number)
    fingerprint = blind_index(f"{notice.pk}\0{' '.join(text.split())}", "objection")
    if notice.objections.filter(fingerprint=fingerprint).exists():
        raise Refused(_("同样的意见已经收到，正在处理，不用再交。"))
    if by is None and _arrived_today(notice, at) >= MAX_OBJECTIONS_A_DAY:
        raise Refused(_("今天从网页收到的意见已满。请明天再交，或直接打工会电话。"))
    objection = Objection.objects.create(
        notice=notice, token=secrets.token_urlsafe(TOKEN_BYTES), case_number=case_number, text=text, is_named=is_named,
        name=name if is_named else "", contact=contact if is_named else "", fingerprint=fingerprint,
        via=Objection.Via.STAFF if by else Objection.Via.OPEN, raised_at=at, registered_by=by,
        answer_due_at=term_end(at, notice.answer_days, is_working=working_days(notice.unit)),
    )  # fmt: skip
    told = [account for account in accounts_with(ANSWERERS, notice.unit) if account.pk != notice.posted_by_id]
    tell(told, _("公示 %(number)s 收到一条意见，请答复。") % {"number": notice.number}, url=f"/notices/{notice.pk}/", at=at)
    record(
        "disclosure.objection_raised", notice, by=by, at=at, about=notice.origin, objection=objection.pk, is_named=is_named,
        via=str(objection.via),
    )  # fmt: skip
    for reaction in reactions.on_objection:
        reaction(objection, by, at)
    return objection


@recording
def answer_objection(objection: Objection, *, answer: str, upheld: bool, by: Account, at: datetime) -> Objection:
    """答复异议, upheld or not, by the office head or the unit's chair - not by who posted the notice, not by kin.

    Raises Refused (answered already, no text, own notice, own or kin's case), PermissionDenied. Source: S0-16, S2-1.
    """
    notice = _locked(objection.notice)
    objection = Objection.objects.select_for_update(no_key=True).get(pk=objection.pk)
    require_role(by, ANSWERERS, notice.unit)
    if objection.answered_at is not None:
        raise Refused(_("这条意见在 %(day)s 已经答复。") % {"day": today(objection.answered_at)})
    if by.pk == notice.posted_by_id:
        raise Refused(_("公示是您发布的，异议要由别人答复。请转给单位工会主席或帮扶办公室主任。"))
    if by.pk == objection.registered_by_id:
        raise Refused(_("这条意见是您登记的，要由别人答复。请转给单位工会主席或帮扶办公室主任。"))
    _require_no_conflict(notice, by)
    if len(answer.strip()) < MIN_TEXT:
        raise Refused(_("请写明核实的情况和处理意见，至少 %(n)d 个字。") % {"n": MIN_TEXT})
    objection.answered_at, objection.answered_by = at, by
    objection.answer, objection.upheld = answer.strip()[:MAX_TEXT], upheld
    objection.save(update_fields=["answered_at", "answered_by", "answer", "upheld"])
    record("disclosure.objection_answered", notice, by=by, at=at, about=notice.origin, objection=objection.pk, upheld=upheld)
    for reaction in reactions.on_answered:
        reaction(objection, by, at)
    return objection


@recording
def show_objector(objection: Objection, *, reason: str, by: Account, at: datetime) -> tuple[str, str]:
    """看反映人: (name, contact) of a named objection, for those who answer or inspect; the look and its reason are recorded.

    Raises Refused (anonymous, own notice, own or kin's case, no reason), PermissionDenied.
    """
    notice = objection.notice
    require_role(by, INQUIRERS, notice.unit)
    if not objection.is_named:
        raise Refused(_("这条意见是匿名的，没有反映人的信息。"))
    if by.pk == notice.posted_by_id:
        raise Refused(_("公示是您发布的，不能看反映人的信息。"))
    _require_no_conflict(notice, by)
    if not reason:
        raise Refused(_("请选为什么要看反映人的信息。"))
    record("disclosure.objector_shown", notice, by=by, at=at, objection=objection.pk, reason=reason[:40])
    return objection.name, objection.contact


@recording
def close(notice: Notice, *, by: Account | None, at: datetime) -> Notice:
    """结束公示 after its full term, all objections answered; the outcome says whether one was upheld.

    `by` None is a command. Raises Refused (too early, open objection, closed), PermissionDenied. Source: S0-16, S2-8.
    """
    notice = _locked(notice)
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
    upheld = notice.objections.filter(upheld=True).exists()
    notice.closed_at, notice.closed_by = at, by
    notice.outcome = Notice.Outcome.UPHELD if upheld else Notice.Outcome.CLEAR
    notice.save(update_fields=["closed_at", "closed_by", "outcome"])
    record("disclosure.notice_closed", notice, by=by, at=at, about=notice.origin, outcome=str(notice.outcome))
    return notice


@recording
def take_down(notice: Notice, *, reason: str, by: Account, at: datetime) -> Notice:
    """撤下公示 before its time, with a reason: the open page is gone at once. Its objections are still answered.

    Raises Refused (closed already, no reason), PermissionDenied.
    """
    notice = _locked(notice)
    require_role(by, POSTERS, notice.unit)
    if notice.closed_at is not None:
        raise Refused(_("这次公示已经结束，不用再撤。"))
    if not reason.strip():
        raise Refused(_("撤下公示要写明原因。"))
    notice.closed_at, notice.closed_by = at, by
    notice.outcome, notice.taken_down_reason = Notice.Outcome.TAKEN_DOWN, reason.strip()[:200]
    notice.save(update_fields=["closed_at", "closed_by", "outcome", "taken_down_reason"])
    record("disclosure.notice_taken_down", notice, by=by, at=at, about=notice.origin, reason=notice.taken_down_reason)
    for reaction in reactions.on_taken_down:
        reaction(notice, by, at)
    return notice


def digest_of(notice: Notice, channel: str, rows: list) -> str:
    """sha256 over everything the reader sees on a channel, as canonical JSON; the proof pack is checked against it."""
    shown = {
        "number": notice.number,
        "unit": notice.unit.name,
        "title": notice.title,
        "basis": notice.basis,
        "posted_at": notice.posted_at.astimezone(UTC).isoformat(),
        "closes_at": notice.closes_at.astimezone(UTC).isoformat(),
        "channel": str(channel),
        "rows": rows,
    }
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def _show(notice: Notice, channel: str, rows: list, *, at: datetime, revision: int = 1, reason: str = "") -> None:
    NoticeChannel.objects.create(
        notice=notice, channel=channel, revision=revision, rows=rows, sha256=digest_of(notice, channel, rows),
        shown_from=at, reason=reason[:200],
    )  # fmt: skip


def _digests(notice: Notice) -> dict[str, str]:
    return {row.channel: row.sha256 for row in current_channels(notice)}


def _check_objection(notice: Notice, text: str, is_named: bool, name: str, contact: str, case_number: str) -> None:
    if len(text) < MIN_TEXT:
        raise Refused(_("请写明对哪一件、有什么不同意见，至少 %(n)d 个字。") % {"n": MIN_TEXT})
    if len(text) > MAX_TEXT:
        raise Refused(_("意见超过 %(n)d 个字。请写要点，细节可以在答复时当面说。") % {"n": MAX_TEXT})
    if is_named and not (name and contact):
        raise Refused(_("实名反映要填姓名和联系方式，方便答复您。不想留名，请选匿名。"))
    if len(name) > 60 or len(contact) > 100:
        raise Refused(_("姓名或联系方式太长。请只填姓名和一个电话或邮箱。"))
    if case_number and case_number not in {row["number"] for channel in notice.channels.all() for row in channel.rows}:
        raise Refused(_("公示里没有编号 %(number)s。请从列表里选，或选“整个公示”。") % {"number": case_number[:30]})


def _arrived_today(notice: Notice, at: datetime) -> int:
    return notice.objections.filter(via=Objection.Via.OPEN, raised_at__gte=start_of_day(today(at))).count()


def _require_no_conflict(notice: Notice, by: Account) -> None:
    reason = reactions.reason_to_stay_away(by, notice)
    if reason:
        raise Refused(reason)


def _locked(notice: Notice) -> Notice:
    for lock in reactions.lock_above:
        lock([notice.origin])
    return Notice.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=notice.pk)
