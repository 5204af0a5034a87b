"""办到哪一步: the stages of the rules in the worker's words, done with day and people, to come with the day expected."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.disclosure.queries import channel_of
from bangfu.lib.days import last_day, local, today
from bangfu.policy.pack import Stage
from bangfu.portal.matter import Matter
from bangfu.portal.standing import month_day
from bangfu.process import pack
from bangfu.process.facts import facts_of_case
from bangfu.process.models import Award, Case, Step
from bangfu.process.models.case import CLOSED, REFUSED, WITHDRAWN

#: What the union does for its own order; she need not read it.
INSIDE = ("close",)


@dataclass(frozen=True)
class Row:
    """One line: `state` done, now or todo; `url` with its words leads to what can be seen of it."""

    title: str
    detail: str
    state: str
    url: str = ""
    link: str = ""


def rows_of(matter: Matter) -> list[Row]:
    """提交, then every stage she passes; a stage that does not apply to her is left out."""
    case = matter.case
    stages = pack.procedure_of(case).stages
    here = next((at for at, stage in enumerate(stages) if stage.id == case.stage_code), len(stages))
    ahead = expected(case, matter.on) if case.is_open else {}
    rows = [Row(_("提交"), _submitted(matter), "done")]
    for at, stage in enumerate(stages):
        if stage.kind in INSIDE:
            continue
        if case.is_open and at == here:
            rows.append(Row(stage_title(stage), _now_words(matter, stage), "now", *_link(matter, stage)))
        elif at < here or case.state == CLOSED:
            step = _left(matter, stage)
            if step is not None:
                rows.append(Row(stage_title(stage), _done_words(matter, stage, step), "done"))
        elif stage.id in ahead:
            rows.append(Row(stage_title(stage), _coming_words(matter, stage, ahead[stage.id]), "todo"))
    if case.state in (REFUSED, WITHDRAWN):
        title = _("没有通过") if case.state == REFUSED else _("您撤回了")
        rows.append(Row(title, month_day(today(case.closed_at)) if case.closed_at else "", "now"))
    return rows


def stage_title(stage: Stage) -> str:
    """The stage as the worker calls it."""
    if stage.kind == "notice":
        words = _("公示 %(n)d 个工作日") if stage.calendar == "working_days" else _("公示 %(n)d 天")
        return words % {"n": stage.days or 0}
    titles = {
        "apply": _("受理"), "investigate": _("上门看望"), "check": _("核实材料"), "propose": _("报上级工会"),
        "review": _("复核"), "decide": _("评审会"), "pay": _("到账"), "follow_up": _("回访"),
    }  # fmt: skip
    return titles.get(stage.kind, stage.title)


def expected(case: Case, on: date) -> dict[str, date | None]:
    """Stages to come -> the last day by the rules' terms, one term after another; None where the rules set none. A stage
    that may not come (its condition is open) is left out.
    """
    return {stage.id: day for stage, day, is_sure in pack.path_ahead(case, facts_of_case(case, on), on) if is_sure}


def _submitted(matter: Matter) -> str:
    at = local(matter.case.opened_at)
    by_phone = matter.application is not None and matter.application.via == "phone"
    words = _("%(day)s %(time)s，您用手机提交") if by_phone else _("%(day)s %(time)s，工会替您提交")
    return words % {"day": month_day(at.date()), "time": f"{at:%H:%M}"}


def _left(matter: Matter, stage: Stage) -> Step | None:
    """The step by which the case last went on from this stage; None: it never did."""
    return next(
        (step for step in reversed(matter.steps) if step.stage_code == stage.id and step.next_stage and step.outcome != "returned"),
        None,
    )


def _done_words(matter: Matter, stage: Stage, step: Step) -> str:
    if stage.kind == "notice" and matter.notice is not None:
        return _notice_days(matter)
    if stage.kind == "investigate" and matter.survey is not None:
        people = _("、").join(name for name in (matter.survey.visitor.name, matter.survey.companion) if name)
        return _dated(matter.survey.visited_on, people)
    if stage.kind == "pay" and matter.payment is not None and matter.payment.paid_at:
        return _dated(today(matter.payment.paid_at), where_words(matter))
    by_one = stage.kind in ("apply", "check", "follow_up") and step.by is not None
    return _dated(today(step.at), step.by.name if by_one and step.by else "")


def _now_words(matter: Matter, stage: Stage) -> str:
    if stage.kind == "notice" and matter.notice is not None and matter.notice.closed_at is None:
        return _notice_days(matter)
    if stage.kind == "pay":
        return where_words(matter)
    if matter.is_in_time and matter.case.due_on:
        return _("%(day)s前") % {"day": month_day(matter.case.due_on, matter.on)}
    return _("正在办")


def _coming_words(matter: Matter, stage: Stage, day: date | None) -> str:
    words = _("预计 %(day)s前") % {"day": month_day(day, matter.on)} if day else ""
    return "，".join(part for part in (words, where_words(matter) if stage.kind == "pay" else "") if part)


def _notice_days(matter: Matter) -> str:
    assert matter.notice is not None
    start, end = month_day(today(matter.notice.posted_at)), month_day(last_day(matter.notice.closes_at))
    return _("%(start)s 至 %(end)s") % {"start": start, "end": end}


def _link(matter: Matter, stage: Stage) -> tuple[str, str]:
    notice = matter.notice
    if stage.kind != "notice" or notice is None or not notice.is_open(matter.at) or channel_of(notice, "open") is None:
        return "", ""
    return reverse("open-notice", args=[notice.token]), _("看公示")


def where_words(matter: Matter) -> str:
    """Where the money goes, with the card's last four."""
    award, household = matter.award, matter.case.household
    if award is None:
        return ""
    if award.method == Award.Method.CASH:
        return _("签字领现金")
    tail = matter.payment.card_tail4 if matter.payment else household.card[-4:] if household else ""
    return _("银行卡 **** %(tail)s") % {"tail": tail} if tail else _("打到银行卡")


def _dated(day: date, more: str) -> str:
    return f"{month_day(day)}，{more}" if more else month_day(day)
