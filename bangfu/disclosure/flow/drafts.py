"""The second pair of eyes: one drafts, another confirms with her own account, only then it is up: 拟稿与核对."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.scope import require_role
from bangfu.audit.record import Sealed, canonical, record, recording
from bangfu.disclosure import reactions
from bangfu.disclosure.flow.posting import checked, publish, refuse_second
from bangfu.disclosure.lines import USUAL, Line, without_person
from bangfu.disclosure.models import POSTERS, Notice, NoticeDraft
from bangfu.lib.errors import Refused

State = NoticeDraft.State


@recording
def draft(
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
    checker: Account,
    by: Account,
    at: datetime,
) -> NoticeDraft:
    """拟公示: nothing is up yet; `checker` sees what each channel will show and confirms or sends it back.

    Takes what `posting.post` takes. Raises Refused (what must not be published, running or waiting already, one person for
    both, own or kin's case), PermissionDenied (either without the post). Source: ux.md 6.5; trust.md V2.3.5.
    """
    require_role(by, POSTERS, unit)
    if checker.pk == by.pk:
        raise Refused(_("发布公示要两个人：经办和核对不能是同一人。请换一位同事核对。"))
    require_role(checker, POSTERS, unit)
    title, basis, shown = checked(title, basis, lines, days=days, channels=channels)
    refuse_second(origin)
    already = _("这一件的公示已经拟好，等着核对。要改，先收回再拟。")
    if NoticeDraft.objects.waiting().filter(origin=origin).exists():
        raise Refused(already)
    made = NoticeDraft(
        origin=origin, unit=unit, title=title, basis=basis, days=days, is_working_days=is_working_days, answer_days=answer_days,
        shown=shown, drafted_by=by, drafted_at=at, checker=checker,
    )  # fmt: skip
    made.sha256 = digest_of_draft(made)
    try:
        with transaction.atomic():
            made.save(force_insert=True)
    except IntegrityError as wrong:  # somebody was a moment earlier: one_draft_waits
        raise Refused(already) from wrong
    record(
        "disclosure.notice_drafted", made, by=by, at=at, about=origin, checker=checker.username, sha256=made.sha256,
        channels=list(shown), people=len(lines),
    )  # fmt: skip
    return made


@recording
def confirm(waiting: NoticeDraft, *, seen: str, by: Account, at: datetime) -> Notice:
    """核对无误，发布: by the named checker with her own account; word for word what she saw (`seen`, its digest) goes up now.

    Raises Refused (not hers, decided already, changed since she looked, running already), PermissionDenied (post ended).
    """
    waiting = locked_draft(waiting)
    if by.pk != waiting.checker_id:
        raise Refused(_("这份公示由%(name)s核对。请本人用自己的账号来办。") % {"name": waiting.checker.name})
    require_role(by, POSTERS, waiting.unit)
    if seen != waiting.sha256:
        raise Refused(_("您打开页面以后内容有变化。请把各处要显示的内容再看一遍，再确认。"))
    notice = publish(
        origin=waiting.origin, unit=waiting.unit, title=waiting.title, basis=waiting.basis, shown=waiting.shown,
        days=waiting.days, is_working_days=waiting.is_working_days, answer_days=waiting.answer_days, by=waiting.drafted_by,
        checked_by=by, at=at,
    )  # fmt: skip
    waiting.notice = notice
    _decided(waiting, State.CONFIRMED, by=by, at=at)
    return notice


@recording
def send_back(waiting: NoticeDraft, *, reason: str, by: Account, at: datetime) -> NoticeDraft:
    """退回拟稿 by the checker, with a reason that the drafter reads. Raises Refused (not hers, decided already, no reason)."""
    waiting = locked_draft(waiting)
    if by.pk != waiting.checker_id:
        raise Refused(_("这份公示由%(name)s核对，别人不能退回。") % {"name": waiting.checker.name})
    if len(reason.strip()) < 2:
        raise Refused(_("退回要写明哪里不对、怎么改，拟稿的人看得到。"))
    waiting.reason = reason.strip()[:300]
    _decided(waiting, State.RETURNED, by=by, at=at)
    record("disclosure.notice_draft_returned", waiting, by=by, at=at, about=waiting.origin, reason=Sealed(waiting.reason))
    return waiting


@recording
def drop(waiting: NoticeDraft, *, reason: str, by: Account | None, at: datetime) -> NoticeDraft:
    """收回拟稿: the drafter wants another checker or other channels, or the case left its step. Nobody has seen it up.

    Who may is the caller's question. Raises Refused (decided already).
    """
    waiting = locked_draft(waiting)
    waiting.reason = reason.strip()[:300] or str(_("收回"))
    _decided(waiting, State.DROPPED, by=by, at=at)
    record("disclosure.notice_draft_dropped", waiting, by=by, at=at, about=waiting.origin, reason=Sealed(waiting.reason))
    return waiting


@recording
def narrow_draft(waiting: NoticeDraft, case_number: str, *, by: Account | None, at: datetime) -> None:
    """She no longer wants her name shown: the draft says only the number, and the checker must look again. Source: PIPL §15."""
    waiting = locked_draft(waiting)
    waiting.shown = {
        channel: [without_person(row) if row["number"] == case_number else row for row in rows]
        for channel, rows in waiting.shown.items()
    }
    waiting.sha256 = digest_of_draft(waiting)
    waiting.save(update_fields=["shown", "sha256"])
    record("disclosure.notice_draft_narrowed", waiting, by=by, at=at, about=waiting.origin, sha256=waiting.sha256)


def digest_of_draft(draft: NoticeDraft) -> str:
    """sha256 over all that the checker looks at, as canonical JSON."""
    shown: Mapping[str, object] = {
        "origin": draft.origin, "title": draft.title, "basis": draft.basis, "days": draft.days,
        "working_days": draft.is_working_days, "shown": draft.shown,
    }  # fmt: skip
    return hashlib.sha256(canonical(shown).encode()).hexdigest()


def locked_draft(waiting: NoticeDraft) -> NoticeDraft:
    for lock in reactions.lock_above:
        lock([waiting.origin])
    rows = NoticeDraft.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "checker", "drafted_by")
    found = rows.get(pk=waiting.pk)
    if found.state != State.WAITING:
        raise Refused(_("这份拟稿%(state)s，不用再办。") % {"state": found.get_state_display()})
    return found


def _decided(waiting: NoticeDraft, state: str, *, by: Account | None, at: datetime) -> None:
    waiting.state, waiting.decided_by, waiting.decided_at, waiting.shown = state, by, at, {}
    waiting.save(update_fields=["state", "decided_by", "decided_at", "shown", "reason", "notice"])
