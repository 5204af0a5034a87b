"""上报: report to group, province or city; what they answer and give stands on the same file, apart from own sums."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.household.flow import note_outside_help
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.process.flow.common import advance, clean, locked, note, require, stay
from bangfu.process.models import Case, Upward

Outcome = Upward.Outcome


@recording
def send_up(pk: int, *, version: int, level: str, asked_fen: int | None, text: str, by: Account, at: datetime) -> Case:
    """上报 to one of the levels that the degree of hardship asks for. `asked_fen` None: advice only.

    Raises Refused (not one of the levels, reported already), Stale, PermissionDenied. Source: S1-7.
    """
    case = locked(pk, kind="propose", version=version)
    require(case, by)
    if level not in levels(case):
        raise Refused(_("这件按困难程度不用报这一级。请从列表里选。"))
    if case.upwards.filter(level=level, sent_at__gte=case.stage_since).exists():
        raise Refused(_("这一级已经报过了，等答复。"))
    if asked_fen is not None and asked_fen <= 0:
        raise Refused(_("请求帮扶的金额要大于 0；不请求金额就空着。"))
    text = clean(text, least=10, what=_("上报的内容"))
    upward = Upward.objects.create(case=case, level=level, asked_fen=asked_fen, text=text, sent_by=by, sent_at=at)
    note("process.case_sent_up", case, by=by, at=at, level=level, asked_fen=asked_fen, upward=upward.pk)
    return stay(case, "send_up", level, by=by, at=at, reason=text)


@recording
def record_answer(
    pk: int, *, version: int, level: str, outcome: str, granted_fen: int | None = None, answer: str, answered_on: date,
    by: Account, at: datetime,
) -> Case:  # fmt: skip
    """登记上级答复: what was given goes onto the household's file as help from outside. When all levels answered: onward.

    No answer (`none`) only after the term of the stage. Raises Refused, Stale, PermissionDenied. Source: S1-7.
    """
    case = locked(pk, kind="propose", version=version)
    require(case, by)
    upward = case.upwards.select_for_update(no_key=True).filter(level=level, outcome="").order_by("-pk").first()
    if upward is None:
        raise Refused(_("没有等这一级答复的上报。请先上报。"))
    if outcome not in Outcome.values:
        raise Refused(_("没有选答复结果。请从列表里选一项。"))
    _check_answer(case, upward, outcome, granted_fen, answered_on, at)
    if outcome == Outcome.GRANTED:
        assert granted_fen is not None and case.household is not None
        upward.outside_help = note_outside_help(
            case.household, giver=level, amount_fen=granted_fen, day=answered_on, what=case.title, by=by, at=at
        )
        upward.granted_fen = granted_fen
    upward.outcome, upward.answered_on, upward.recorded_by, upward.recorded_at = outcome, answered_on, by, at
    upward.answer = clean(answer, least=2, what=_("答复的内容"))
    upward.save()
    note("process.answer_recorded", case, by=by, at=at, level=level, outcome=outcome, granted_fen=granted_fen)
    if waiting_levels(case):
        return stay(case, "record_answer", outcome, by=by, at=at, reason=upward.answer)
    return advance(case, "passed", act="record_answer", by=by, at=at, reason=upward.answer)


def levels(case: Case) -> list[str]:
    """The higher unions to report to, by the degree of hardship."""
    to = case.stage.params.get("to", {})
    named = to.get(case.degree, []) if hasattr(to, "get") else to
    return [level for level in named if level in Upward.Level.values]


def waiting_levels(case: Case) -> list[str]:
    """Levels that this stay at the stage has not answered yet (not reported, or no answer)."""
    answered = set(case.upwards.filter(sent_at__gte=case.stage_since).exclude(outcome="").values_list("level", flat=True))
    return [level for level in levels(case) if level not in answered]


def _check_answer(case: Case, upward: Upward, outcome: str, granted_fen: int | None, answered_on: date, at: datetime) -> None:
    if not today(upward.sent_at) <= answered_on <= today(at):
        raise Refused(_("答复日期要在上报日 %(sent)s 和今天之间。请照来文填写。") % {"sent": today(upward.sent_at)})
    if outcome == Outcome.GRANTED and (granted_fen is None or granted_fen <= 0):
        raise Refused(_("给予帮扶的要填金额，且大于 0。"))
    if outcome != Outcome.GRANTED and granted_fen:
        raise Refused(_("没有给予帮扶，金额要空着。"))
    if outcome == Outcome.NONE and case.due_on is not None and today(at) <= case.due_on:
        raise Refused(_("答复期限是 %(day)s，到期以后才能记“没有答复”。") % {"day": case.due_on})
