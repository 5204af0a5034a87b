"""Minutes of a session: what the paper says, its digest to sign, its PDF.

Cases stand by number, without a name: the paper is read by more people than the file.
"""

from __future__ import annotations

import hashlib
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import canonical
from bangfu.evidence.models import SignOff
from bangfu.governance import queries
from bangfu.governance.models import Motion, Recusal, Resolution, Session
from bangfu.lib.days import local
from bangfu.lib.money import in_words, yuan


def draft(session: Session, *, without: frozenset[int] = frozenset()) -> str:
    """What the recorder starts from: the count of the day and each result in one line; of a motion kept from her, its place."""
    lines = []
    for motion in session.motions.filter(state=Motion.State.DECIDED).select_related("resolution"):
        if motion.pk in without:
            lines.append(_("%(n)d. （回避的件，结果见后附的表）") % {"n": motion.position})
            continue
        lines.append(f"{motion.position}. {motion.number} {motion.title}{_('：')}{result_of(motion.resolution)}{_('。')}")
    opening = _("会议审议 %(n)d 件，结果如下。") % {"n": len(lines)}
    return "\n".join([opening, *lines]) if lines else ""


def result_of(resolution: Resolution) -> str:
    """同意 ¥3,000.00（应投 6，同意 5，不同意 1，退回 0）."""
    sum_of_money = f" ¥{yuan(resolution.amount_fen)}" if resolution.amount_fen else ""
    count = _("（应投 %(eligible)d，同意 %(yes)d，不同意 %(no)d，退回 %(returned)d）") % {
        "eligible": resolution.eligible,
        "yes": resolution.yes,
        "no": resolution.no,
        "returned": resolution.returned,
    }
    return f"{resolution.get_outcome_display()}{sum_of_money}{count}"


def content(session: Session, *, without: frozenset[int] = frozenset()) -> dict[str, Any]:
    """What the paper says, signatures left out. `without`: motions kept from the reader by a conflict; then no discussion."""
    members = queries.due(session)
    present = {attendance.member_id for attendance in session.attendances.all()}
    motions = [motion for motion in session.motions.select_related("resolution").all() if motion.pk not in without]
    recusals = Recusal.objects.filter(motion__in=motions).select_related("member__account", "motion")
    return {
        "title": str(_("%(name)s会议纪要") % {"name": session.committee.name}),
        "organisation": session.unit.organisation.name,
        "session": str(session),
        "held": f"{local(session.opened_at or session.held_at):%Y-%m-%d %H:%M}",
        "closed": f"{local(session.closed_at):%Y-%m-%d %H:%M}" if session.closed_at else "",
        "place": session.place,
        "recorder": session.recorder.name if session.recorder else "",
        "present": [member.account.name for member in members if member.pk in present],
        "absent": [member.account.name for member in members if member.pk not in present],
        "due": session.members_due or len(members),
        "quorum": queries.quorum_of(session, len(members)),
        "recused": [
            _("第 %(n)d 件 %(name)s（%(reason)s）")
            % {"n": recusal.motion.position, "name": recusal.member.account.name, "reason": recusal.reason}
            for recusal in recusals
        ],
        "motions": [_row(motion) for motion in motions],
        "total": yuan(sum(motion.resolution.amount_fen or 0 for motion in motions if motion.state == Motion.State.DECIDED)),
        "text": _("您在这次会上有要回避的件，讨论记录不显示。") if without else session.minutes,
        "left_out": len(without),
    }


def digest(session: Session) -> str:
    """sha256 (hex) of what the paper says: what chair and recorder sign."""
    return hashlib.sha256(canonical(content(session)).encode()).hexdigest()


def signatures(session: Session) -> list[SignOff]:
    """Who has signed the minutes as they stand."""
    signed = SignOff.objects.filter(subject=f"governance.session:{session.pk}", document_sha256=digest(session))
    return list(signed.order_by("pk"))


def pdf(session: Session, *, reader: Account) -> bytes:
    """The A4 paper for one reader: the cases that a conflict keeps from her are not on it."""
    from bangfu.lib.pdf import render  # typst: heavy

    seen = set(session.motions.visible_to(reader).values_list("pk", flat=True))
    without = frozenset(session.motions.exclude(pk__in=seen).values_list("pk", flat=True))
    data = content(session, without=without)
    signed = {sign.role: sign for sign in signatures(session)}
    signers = [
        {"role": str(words), "name": signed[role].signer_name, "date": f"{local(signed[role].at):%Y-%m-%d}"}
        if role in signed
        else {"role": str(words), "name": "", "date": ""}
        for role, words in (("chair", _("主持人")), ("recorder", _("记录人")))
    ]
    return render(
        "governance/minutes", data | {"signers": signers, "words": _words(), "in_words": _total_in_words(session, without)}
    )


def _row(motion: Motion) -> list[str]:
    if motion.state == Motion.State.TAKEN_OFF:
        return [
            str(motion.position),
            motion.number,
            motion.title,
            "",
            _("撤下：%(reason)s") % {"reason": motion.taken_off_reason},
            "",
        ]
    if motion.state == Motion.State.WAITING:
        return [str(motion.position), motion.number, motion.title, "", str(motion.get_state_display()), ""]
    result = motion.resolution
    votes = f"{result.yes} / {result.no} / {result.returned} / {result.not_voted}"
    sum_of_money = yuan(result.amount_fen) if result.amount_fen else ""
    return [
        str(motion.position),
        motion.number,
        motion.title,
        sum_of_money,
        str(result.get_outcome_display()),
        votes,
        result.number,
    ]


def _total_in_words(session: Session, without: frozenset[int]) -> str:
    decided = Resolution.objects.filter(motion__session=session).exclude(motion__in=without)
    return in_words(sum(resolution.amount_fen or 0 for resolution in decided))


def _words() -> dict[str, str]:
    """The words of minutes.typ."""
    return {
        "session": _("会议"),
        "held": _("开会时间"),
        "closed": _("散会时间"),
        "place": _("地点"),
        "recorder": _("记录人"),
        "present": _("实到"),
        "absent": _("缺席"),
        "quorum": _("法定人数"),
        "recused": _("回避"),
        "none": _("无"),
        "people": _("人"),
        "head": "|".join([_("件"), _("编号"), _("事项"), _("金额（元）"), _("结果"), _("同意/不同意/退回/未投"), _("决议号")]),
        "total": _("合计"),
        "discussion": _("讨论记录"),
        "separator": _("、"),
        "left_out": _("有 {n} 件因回避未列入。"),
    }
