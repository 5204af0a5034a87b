"""The state of a case as the title of the worker's page, and the second sentence: what she has to do, even if nothing.

Source: LOOK.md 7.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.audit.record import subject_of
from bangfu.disclosure.queries import open_objections
from bangfu.ledger.models import BatchLine, Disbursement
from bangfu.ledger.queries import holds_of
from bangfu.lib.days import last_day, today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan
from bangfu.policy.change import changes
from bangfu.policy.explain import explain
from bangfu.policy.queries import latest_assessment
from bangfu.portal.matter import WAITS_FOR_PAPERS, Matter
from bangfu.process import pack
from bangfu.process.flow.decide import latest_motion
from bangfu.process.models import Award
from bangfu.process.models.case import CLOSED, REFUSED, WITHDRAWN

PAPERS, SIGN, ASK_AGAIN = "papers", "sign", "ask_again"
State = Disbursement.State
_NUMBER = re.compile(r"^（[一二三四五六七八九十]{1,3}）")  # of a clause, at the head of its line


@dataclass(frozen=True)
class Standing:
    """`title` heads the page, `says` follows it; `act` is the one thing she may have to do (papers, sign, ask_again)."""

    title: str
    says: str
    act: str = ""


def standing_of(matter: Matter) -> Standing:
    """Where the case stands, for her."""
    case = matter.case
    if case.state == WITHDRAWN:
        return Standing(_("您已撤回申请"), _("以后有难处，随时可以再申请。"))
    if case.state == REFUSED:
        return _refused(matter)
    if case.state == CLOSED:
        return Standing(_("已办好"), _("这件事办完了。还有难处，可以再申请。"))
    found = BY_KIND[case.stage_kind](matter) if case.stage_kind in BY_KIND else Standing(case.stage_title, nothing_to_do())
    if matter.missing and case.stage_kind in WAITS_FOR_PAPERS:
        return Standing(found.title, _("还差 %(n)d 样材料，拍了传上来就行。") % {"n": len(matter.missing)}, PAPERS)
    return found


def nothing_to_do() -> str:
    return _("您不用做什么。")


def month_day(day: date, on: date | None = None) -> str:
    """11月24日; with the year when it is another year than that of `on`."""
    words = _("%(month)s月%(day)s日") % {"month": day.month, "day": day.day}
    return words if on is None or on.year == day.year else _("%(year)s年%(day)s") % {"year": day.year, "day": words}


def amount_title(matter: Matter) -> str:
    """The name of the sum as far as it has come: 公示的金额是, 批准的金额是."""
    award = matter.award
    if award is None or award.proposed_fen is None or matter.case.state in (REFUSED, WITHDRAWN):
        return ""
    if matter.payment is not None and matter.payment.state == State.PAID:
        return _("发给您的金额是")
    if award.awarded_fen is not None:
        return _("批准的金额是")
    return _("公示的金额是") if award.noticed_fen is not None else _("建议的金额是")


def amount_lines(matter: Matter) -> list[str]:
    """Why it is this sum, in the words of the rules; while nothing is approved, that the committee decides."""
    award = matter.award
    if award is None or award.assessment is None or not amount_title(matter):
        return []
    lines = explain(award.assessment, matter.case.programme).worker_lines
    closing = lines.pop() if lines else ""
    if award.suggested_fen is not None and award.proposed_fen != award.suggested_fen:
        lines.append(_("工会看了实际情况，提的是 ¥%(sum)s。") % {"sum": yuan(award.proposed_fen or 0)})
    if award.awarded_fen is None:
        return [*lines, closing]
    if award.noticed_fen is not None and award.awarded_fen < award.noticed_fen:
        words = _("公示的是 ¥%(noticed)s，评审会定为 ¥%(awarded)s。")
        lines.append(words % {"noticed": yuan(award.noticed_fen), "awarded": yuan(award.awarded_fen)})
    return lines


def refusal_of(matter: Matter) -> dict[str, Any] | None:
    """依据哪一条, 缺什么, 找谁问."""
    found = matter.case.refusals.order_by("-pk").first() if matter.case.state == REFUSED else None
    if found is None:
        return None
    words = pack.pack(matter.case).regulation.words(found.clause)
    return {
        "clause": found.clause,
        "words": _NUMBER.sub("", words).rstrip("；。"),  # "第五（一）条" stands before it
        "missing": found.missing,
        "ask": found.whom_to_ask,
        "reason": found.reason,
        "changes": _what_would_change(matter),
    }


def _what_would_change(matter: Matter) -> list[str]:
    """In plain words, what sums would have to be for the rules to say yes; nothing where the rules are not what stopped it."""
    found = matter.award.assessment if matter.award else None
    found = found or latest_assessment(subject_of(matter.case))
    if found is None:
        return []
    try:
        rows = changes(pack.pack(matter.case), found.facts_object, found.on_date, matter.case.programme)
    except Refused:
        return []
    return [row.plain for row in rows if row.plain][:3]


def _refused(matter: Matter) -> Standing:
    if matter.case.refusals.filter(asked_again_at__isnull=False).exists():
        return Standing(_("这次没有通过"), _("下面写着依据哪一条、缺什么、可以找谁。"))
    return Standing(_("这次没有通过"), _("下面写着依据哪一条、缺什么、可以找谁。您可以请评审会再看一次。"), ASK_AGAIN)


def _apply(matter: Matter) -> Standing:
    return Standing(_("已提交，等工会受理"), _("工会收到了，会有人联系您。") + nothing_to_do())


def _investigate(matter: Matter) -> Standing:
    if matter.is_in_time and matter.case.due_on:
        words = _("%(day)s前，工会会先打电话和您约时间。您等电话就行。")
        return Standing(_("等上门看望"), words % {"day": month_day(matter.case.due_on)})
    return Standing(_("等上门看望"), _("工会会先打电话和您约时间。您等电话就行。"))


def _check(matter: Matter) -> Standing:
    return Standing(_("正在核实材料"), nothing_to_do())


def _propose(matter: Matter) -> Standing:
    return Standing(_("已报上级工会"), _("上级答复以后我们接着办。") + nothing_to_do())


def _notice(matter: Matter) -> Standing:
    notice = matter.notice
    if notice is None or notice.closed_at is not None:
        return Standing(_("准备公示"), nothing_to_do())
    waiting = open_objections(subject_of(matter.case))
    if waiting:
        says = _("收到 %(n)d 条意见，正在核实，答复以后接着办。") % {"n": waiting}
        return Standing(_("公示中，有意见要核实"), says + nothing_to_do())
    if not notice.is_open(matter.at):
        return Standing(_("公示期满"), _("没有人提意见。") + nothing_to_do())
    end = last_day(notice.closes_at)
    left = (end - matter.on).days
    title = _("公示中，还剩 %(n)d 天") % {"n": left} if left else _("公示中，今天截止")
    return Standing(title, _("%(day)s 24:00 截止，到现在没有人提意见。") % {"day": month_day(end)} + nothing_to_do())


def _review(matter: Matter) -> Standing:
    return Standing(_("公示过了，正在复核"), nothing_to_do())


def _decide(matter: Matter) -> Standing:
    link = latest_motion(matter.case)
    held = today(link.motion.session.held_at) if link else None
    if held is None or held < matter.on:
        return Standing(_("等评审会"), _("定了日子会告诉您。") + nothing_to_do())
    return Standing(_("%(day)s 开评审会") % {"day": month_day(held)}, nothing_to_do())


def _pay(matter: Matter) -> Standing:
    row = matter.payment
    if row is None:
        return Standing(_("已批准，准备发放"), nothing_to_do())
    if row.state == State.PAID:
        if row.payee_signed_at is None:
            return Standing(_("钱已发，请您签收"), _("核对金额，收到了就签个字。"), SIGN)
        return Standing(_("您已签收"), _("等工会签字，就办好了。") + nothing_to_do())
    if any(hold.lifted_at is None for hold in holds_of(row.origin)):
        return Standing(_("先停一停"), _("收到意见要核实，核实完接着发放，会告诉您。") + nothing_to_do())
    if row.state == State.SENT:
        return Standing(_("钱在路上"), _("已送银行，一般一两天到账。") + nothing_to_do())
    if row.method == Award.Method.CASH:
        return Standing(_("已批准，请来领钱"), _("带身份证到工会办公室签字领现金，来之前打个电话。"))
    last = row.lines.order_by("-pk").first()
    if last is not None and last.state == BatchLine.State.FAILED:
        return Standing(_("银行退回来了"), _("卡号或户名对不上，钱没有丢。请打电话和我们核对银行卡。"))
    return Standing(_("已批准，等发放"), nothing_to_do())


def _follow_up(matter: Matter) -> Standing:
    return Standing(_("钱已到账，已签收"), _("过些日子工会会来看看您。") + nothing_to_do())


def _close(matter: Matter) -> Standing:
    return Standing(_("已办好"), nothing_to_do())


BY_KIND: dict[str, Callable[[Matter], Standing]] = {
    "apply": _apply, "investigate": _investigate, "check": _check, "propose": _propose, "notice": _notice,
    "review": _review, "decide": _decide, "pay": _pay, "follow_up": _follow_up, "close": _close,
}  # fmt: skip
