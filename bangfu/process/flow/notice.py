"""公示: show colleagues what is proposed, hear objections, close after the full term."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording, subject_of
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.lines import HIDEABLE, Channel, Line, snapshot
from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.disclosure.queries import waiting_draft
from bangfu.household.models import Consent
from bangfu.household.models.words import ConsentKind
from bangfu.lib.days import last_day
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell
from bangfu.process import pack
from bangfu.process.conflicts import separate
from bangfu.process.flow.common import advance, awards_of, locked, note, require, stay
from bangfu.process.messages import url_of
from bangfu.process.models import Award, Case, CaseNotice
from bangfu.process.words import places_of


@recording
def post_notice(
    pk: int, *, version: int, channels: Collection[str] | None = None, checked_by: Account | None = None, by: Account, at: datetime
) -> Case:
    """拟公示, or 发布公示 at once where the rules want no second person and none is named: one line a household, the proposed
    sums, in the name form that consent and channel allow.

    `channels` None: those of the rules, which cannot be left out. `checked_by` confirms with her own account
    (`confirm_notice`); only then it is up. Raises Refused, Stale, PermissionDenied. Source: S0-16, S2-8.
    """
    case = locked(pk, kind="notice", version=version)
    require(case, by)
    awards = _awards_to_notice(case)
    places = chosen_channels(case, channels)
    if checked_by is None and wants_checker(case):
        raise Refused(
            _("办法第%(clause)s条要求公示由两个人发布：您拟稿，另一位用自己的账号核对。请选核对的人。")
            % {"clause": case.stage.clause}
        )
    words = _words_of(case, awards, places)
    if checked_by is None:
        notice = disclosure.post(**words, by=by, at=at)
        return _up(case, awards, notice, act="post_notice", by=by, at=at)
    separate(case, checked_by)
    draft = disclosure.draft(**words, checker=checked_by, by=by, at=at)
    note("process.notice_drafted", case, by=by, at=at, draft=draft.pk, checker=checked_by.username)
    stay(case, "draft_notice", "drafted", by=by, at=at)
    text = _("请核对公示：%(number)s 的公示已经拟好，您确认后才发布。") % {"number": case.number}
    tell([checked_by], text, url=draft_url(case), at=at)
    return case


@recording
def confirm_notice(pk: int, *, version: int, seen: str, by: Account, at: datetime) -> Case:
    """核对无误，发布: the checker's own act; the full days begin with it. `seen` is the digest of what was on her page.

    Raises Refused (no draft, not hers, consent or list changed since it was drafted, own or kin's case), Stale, PermissionDenied.
    """
    case = locked(pk, kind="notice", version=version)
    separate(case, by)
    draft = _draft_or_refuse(case)
    awards = _awards_to_notice(case)
    now_shown = {place: snapshot(place, lines_of(case, awards)) for place in draft.shown}
    if now_shown != draft.shown:
        raise Refused(_("拟稿以后，名单、金额或本人的同意有变化，拟的内容已不是现在的。请退回，按现在的情况重拟。"))
    notice = disclosure.confirm(draft, seen=seen, by=by, at=at)
    tell([draft.drafted_by], _("%(number)s 的公示已核对，发布了。") % {"number": case.number}, url=url_of(case), at=at)
    return _up(case, awards, notice, act="post_notice", by=by, at=at)


@recording
def return_notice_draft(pk: int, *, version: int, reason: str, by: Account, at: datetime) -> Case:
    """退回拟稿 by the checker; the drafter reads why and drafts again. Raises Refused, Stale."""
    case = locked(pk, kind="notice", version=version)
    separate(case, by)
    draft = disclosure.send_back(_draft_or_refuse(case), reason=reason, by=by, at=at)
    note("process.notice_draft_returned", case, by=by, at=at, draft=draft.pk)
    tell([draft.drafted_by], _("%(number)s 的公示拟稿被退回，请看原因后重拟。") % {"number": case.number}, url=url_of(case), at=at)
    return stay(case, "return_notice_draft", "sent_back", by=by, at=at, reason=draft.reason)


@recording
def drop_notice_draft(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """收回拟稿, to change channels or the checker: by whoever may draft. Raises Refused, Stale, PermissionDenied."""
    case = locked(pk, kind="notice", version=version)
    require(case, by)
    if not drop_draft(case, reason=_("拟稿的人收回"), by=by, at=at):
        raise Refused(_("没有等着核对的拟稿。"))
    return stay(case, "drop_notice_draft", "dropped", by=by, at=at)


@recording
def close_notice(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """结束公示 after its full term, with every objection answered and every cutting that the rules want, and go on.

    Raises Refused, Stale, PermissionDenied. Source: S0-16, S2-8.
    """
    case = locked(pk, kind="notice", version=version)
    require(case, by)
    notice = running_notice(case)
    if notice is None:
        raise Refused(_("还没有发布公示。请先发布。"))
    disclosure.close(notice, ruled=channels_of(case), by=by, at=at)
    note("process.notice_closed", case, by=by, at=at, notice=notice.number)
    return advance(case, "passed", act="close_notice", by=by, at=at)


@recording
def keep_notice(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """沿用前次公示: nobody was exchanged and no sum is higher than what was noticed in full without an upheld objection.

    Raises Refused (a sum is higher, never noticed), Stale, PermissionDenied. Source: the issue ("lower ok").
    """
    case = locked(pk, kind="notice", version=version)
    require(case, by)
    if not may_keep_notice(case):
        raise Refused(_("金额提高了、换了人，或前次公示没有走完，要重新公示。"))
    note("process.notice_kept", case, by=by, at=at)
    return advance(case, "passed", act="keep_notice", by=by, at=at)


@recording
def take_down_notice(pk: int, *, version: int, reason: str, by: Account, at: datetime) -> Case:
    """撤下公示 before its time: the open page is gone at once; the case waits for a new notice or goes back.

    Raises Refused (none is running, no reason), Stale, PermissionDenied.
    """
    case = locked(pk, version=version)
    require(case, by, roles=None if case.is_at("notice") else pack_roles(case))
    notice = running_notice(case)
    if notice is None:
        raise Refused(_("没有正在公示的内容。"))
    note("process.notice_taken_down", case, by=by, at=at, notice=notice.number)
    take_down(case, notice, reason=reason, by=by, at=at)
    return case


def take_down(case: Case, notice: Notice, *, reason: str, by: Account, at: datetime, own: bool = False) -> None:
    """The notice comes down; the case leaves its step by the reaction (`after_taken_down`), so its version is read again.

    `own`: the worker withdrew, it is her own act and needs no post.
    """
    (disclosure.retract if own else disclosure.take_down)(notice, reason=reason, by=by, at=at)
    case.refresh_from_db(fields=["version"])


def drop_draft(case: Case, *, reason: str, by: Account | None, at: datetime) -> bool:
    """A draft that waits for its checker is taken back with what it was about; answers whether there was one."""
    draft = waiting_draft(subject_of(case))
    if draft is None:
        return False
    disclosure.drop(draft, reason=reason, by=by, at=at)
    note("process.notice_draft_dropped", case, by=by, at=at, draft=draft.pk)
    return True


def running_notice(case: Case) -> Notice | None:
    """The notice not closed yet, on show or over its term."""
    link = case.notices.filter(notice__closed_at=None).select_related("notice__unit").order_by("-pk").first()
    return link.notice if link else None


def may_keep_notice(case: Case) -> bool:
    """Was the latest notice run in full, clear till now, with the same people and no lower sums?"""
    link = case.notices.select_related("notice").order_by("-pk").first()
    if link is None or link.notice.outcome != Notice.Outcome.CLEAR or link.notice.objections.filter(upheld=True).exists():
        return False
    shown = {row["number"] for channel in link.notice.channels.all() for row in channel.rows}
    return all(
        award.number in shown and award.noticed_fen is not None and (award.proposed_fen or 0) <= award.noticed_fen
        for award in case.awards.select_related("case")
        if award.is_in
    )


def lines_of(case: Case, awards: list[Award]) -> list[Line]:
    """One allow-listed line a household; the name only as far as its own consent goes."""
    consenting = set(
        Consent.objects.filter(
            household__in=[award.household_id for award in awards], kind=ConsentKind.NOTICE_NAME, given=True, withdrawn_at=None
        ).values_list("household", flat=True)
    )
    hides = hidden_by(case)
    return [
        Line(
            number=award.number,
            unit_name=award.household.unit.name,
            full_name=award.payee_name,
            may_name=award.household_id in consenting,
            category=award.category or "other",
            programme=case.title,
            amount_fen=award.proposed_fen or 0,
            hides=hides,
        )
        for award in awards
    ]


def hidden_by(case: Case) -> frozenset[str]:
    """What the rules do not want shown (`shows` of the notice); consent and channel may take away more, never less."""
    shows = case.stage.params.get("shows")
    return HIDEABLE - set(shows) if shows is not None else frozenset()


def basis_words(case: Case) -> str:
    """The sentence above the table: by which rules, after which steps."""
    rules = pack.pack(case)
    return _(
        "根据《%(title)s》第%(clause)s条，经申请、调查和评审，拟对下列家庭给予帮扶，现予公示。如有不同意见，请在公示期内反映。"
    ) % {
        "title": rules.title,
        "clause": case.stage.clause,
    }


def channels_of(case: Case) -> list[str]:
    """Where the rules want it shown."""
    return places_of(case.stage.params)


def may_add_channels(case: Case) -> bool:
    """Do the rules let the poster show it in more places than they name?"""
    return bool(case.stage.params.get("more_channels"))


def wants_checker(case: Case) -> bool:
    """Do the rules want a second person before it is up? Source: ux.md 6.5; kaiyuan-2016 marks it a demo value."""
    return bool(case.stage.params.get("second_person"))


def chosen_channels(case: Case, wanted: Collection[str] | None) -> list[str]:
    """The places of this notice. Raises Refused: one that the rules name is left out, one that they do not allow is added."""
    ruled = channels_of(case)
    chosen = ruled if wanted is None else list(wanted)
    left_out = [place for place in ruled if place not in chosen]
    if left_out:
        raise Refused(
            _("办法第%(clause)s条规定要在%(places)s公示，不能少。请都选上再发布。")
            % {"clause": case.stage.clause, "places": places_in_words(left_out)}
        )
    added = [place for place in chosen if place not in ruled]
    if added and not may_add_channels(case):
        raise Refused(
            _("办法第%(clause)s条只规定在%(ruled)s公示，不能加%(places)s。要多公示一处，请先改办法。")
            % {"clause": case.stage.clause, "ruled": places_in_words(ruled), "places": places_in_words(added)}
        )
    return chosen


def places_in_words(places: Collection[str]) -> str:
    return _("、").join(str(Channel(place).label) if place in Channel.values else place[:20] for place in places)


def draft_url(case: Case) -> str:
    """The checker's page."""
    return f"{url_of(case)}notice/draft/"


def _awards_to_notice(case: Case) -> list[Award]:
    awards = awards_of(case)
    if not awards:
        raise Refused(_("名单上没有人，不能公示。请退回重新提出名单。"))
    for award in awards:
        if not award.proposed_fen:
            raise Refused(_("%(name)s还没有拟帮扶金额，不能公示。请先评审定金额。") % {"name": award.payee_name})
    return awards


def _words_of(case: Case, awards: list[Award], places: list[str]) -> dict[str, Any]:
    """What the notice says, as `disclosure.post` and `disclosure.draft` take it."""
    return {
        "origin": subject_of(case),
        "unit": case.unit,
        "title": _("关于%(title)s拟帮扶对象的公示") % {"title": case.title},
        "basis": basis_words(case),
        "lines": lines_of(case, awards),
        "days": case.stage.days or 7,
        "is_working_days": case.stage.calendar == "working_days",
        "channels": places,
    }


def _up(case: Case, awards: list[Award], notice: Notice, *, act: str, by: Account, at: datetime) -> Case:
    """It is up: the sums are the noticed ones, and the case's term is the notice's."""
    CaseNotice.objects.create(case=case, notice=notice)
    for award in awards:
        award.noticed_fen, award.awarded_fen = award.proposed_fen, None
    Award.objects.bulk_update(awards, ["noticed_fen", "awarded_fen"])
    note(
        "process.notice_posted", case, by=by, at=at, notice=notice.number, closes_at=notice.closes_at.isoformat(),
        people=len(awards), total_fen=sum(award.noticed_fen or 0 for award in awards),
    )  # fmt: skip
    case.due_on = last_day(notice.closes_at)
    case.save(update_fields=["due_on"])
    return stay(case, act, "posted", by=by, at=at)


def _draft_or_refuse(case: Case) -> NoticeDraft:
    draft = waiting_draft(subject_of(case))
    if draft is None:
        raise Refused(_("没有等着核对的拟稿：可能已经收回或退回。请看办件页面的最新情况。"))
    return draft


def pack_roles(case: Case) -> tuple[str, ...]:
    """Who posts notices in this procedure."""
    stage = pack.stage_of_kind(case, "notice")
    return stage.role if stage else ()
