"""困难职工审批表 as A4: what the file says (masked), each stage's opinion with its signer and day, the sum in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.access.models import Account
from bangfu.audit.record import record, recording
from bangfu.household.models.words import Relation
from bangfu.lib import qr
from bangfu.lib.days import today
from bangfu.lib.masking import mask_card, mask_id, mask_phone
from bangfu.lib.money import in_words, yuan
from bangfu.process import pack
from bangfu.process.facts import facts_of_case
from bangfu.process.models import Award, Case, Step

#: The acts whose opinion the form carries, in the words of the form.
OPINIONS = {
    "hand_in_survey": gettext_lazy("调查人意见"),
    "confirm_visit": gettext_lazy("同去人确认"),
    "countersign": gettext_lazy("会签"),
    "check": gettext_lazy("评审意见"),
    "record_answer": gettext_lazy("上级答复"),
    "close_notice": gettext_lazy("公示结果"),
    "review": gettext_lazy("复核意见"),
    "decide": gettext_lazy("评审会决议"),
    "receipted": gettext_lazy("发放签收"),
    "closing_report": gettext_lazy("办结"),
}


@recording
def print_approval(case: Case, *, by: Account, at: datetime) -> bytes:
    """打印审批表: the PDF; who printed it is recorded."""
    content = render_approval(case, at=at)
    record("process.approval_printed", case, by=by, at=at, unit=case.unit, number=case.number)
    return content


def render_approval(case: Case, *, at: datetime) -> bytes:
    """The PDF; the same case gives the same bytes until it moves on. Diagnosis, card and identity number stand masked."""
    from bangfu.lib import pdf  # typst: heavy

    award = case.awards.select_related("household__unit", "disbursement").order_by("position").first()
    last = case.steps.order_by("-version").first()
    return pdf.render("process/approval", data_of(case, award, at), at=last.at if last else case.opened_at)


def data_of(case: Case, award: Award | None, at: datetime) -> dict[str, Any]:
    """What the template shows."""
    sum_fen = award.awarded_fen if award else None
    row = award.disbursement if award else None
    code = row.check_code if row is not None and row.paid_at else ""
    return {
        "title": _("困难职工审批表"),
        "org": case.unit.organisation.name,
        "number": case.number,
        "footnote": _("按%(version)s办理") % {"version": case.policy_version},
        "fields": _fields(case, award, at),
        "opinions": [_opinion(case, step) for step in _deciding(case)],
        "amount": [_("批准金额"), f"¥{yuan(sum_fen)}" if sum_fen else "", in_words(sum_fen) if sum_fen else _("未批准")],
        "signers": [{"role": role} for role in (_("经办人"), _("审核人"), _("负责人"))],
        "qr": qr.svg(f"/check/{code}/") if code else "",
        "code": code,
    }


def _fields(case: Case, award: Award | None, at: datetime) -> list[list[str]]:
    household = award.household if award else None
    if household is None or award is None:
        return [[_("事项"), case.title]]
    facts = facts_of_case(case, today(at), award=award)
    income = facts.get("annual_income_fen")
    members = "、".join(
        str(Relation(member.relation).label)
        for member in household.members.filter(left_on=None).order_by("pk")
        if member.relation != "self"
    )
    classes = pack.pack(case).primary
    grade = next((one.title for one in classes.classes if one.id == (case.grade or household.grade)), "") if classes else ""
    return [
        [_("姓名"), household.head_name, _("证件号码"), mask_id(household.identity)],
        [_("单位"), household.unit.name, _("手机"), mask_phone(household.phone)],
        [_("档号"), household.number, _("困难档次"), grade],
        [_("家庭人口"), _("%(n)d 人") % {"n": household.size}, _("家庭成员"), members],
        [_("致困原因"), household.cause_short, _("近 12 个月收入"), f"¥{yuan(income)}" if income is not None else _("待核")],
        [_("申请项目"), case.title, _("申请金额"), f"¥{yuan(award.asked_fen)}" if award.asked_fen else _("按办法")],
        [_("收款方式"), award.get_method_display(), _("收款账户"), mask_card(household.card) if award.method == "bank" else ""],
    ]


def _deciding(case: Case) -> list[Step]:
    """The latest of each deciding act, in the order they happened."""
    latest: dict[str, Step] = {}
    for step in case.steps.select_related("by").order_by("version"):
        if step.act in OPINIONS:
            latest[step.act] = step
    return sorted(latest.values(), key=lambda step: step.version)


def _opinion(case: Case, step: Step) -> dict[str, str]:
    texts = {
        "hand_in_survey": _survey_words(case),
        "confirm_visit": _("一同入户，情况属实。"),
        "countersign": _("情况属实。"),
        "close_notice": _("公示期满，没有成立的异议。"),
        "decide": _resolution_words(case),
        "receipted": _("付款方和领款方均已签字。"),
        "closing_report": case.archive_number,
    }
    who = step.by.name if step.by else ""
    return {
        "stage": str(OPINIONS[step.act]),
        "text": step.reason or texts.get(step.act, ""),
        "sign": _("%(who)s　%(day)s") % {"who": who, "day": f"{today(step.at):%Y-%m-%d}"},
    }


def _survey_words(case: Case) -> str:
    """Who went when, and the figures; the free words of the visit may speak of an illness and stay off the paper."""
    survey = case.surveys.filter(companion_denied_at=None).select_related("visitor").order_by("-pk").first()
    if survey is None:
        return ""
    return _("%(day)s %(a)s、%(b)s入户：%(n)d 人，近 12 个月收入 ¥%(sum)s。") % {
        "day": survey.visited_on, "a": survey.visitor.name, "b": survey.companion, "n": survey.found_size,
        "sum": yuan(survey.found_income_fen),
    }  # fmt: skip


def _resolution_words(case: Case) -> str:
    link = case.motions.select_related("motion__session", "motion__resolution").order_by("-pk").first()
    if link is None or not hasattr(link.motion, "resolution"):
        return ""
    found = link.motion.resolution
    return _("%(session)s %(number)s：%(outcome)s，同意 %(yes)d，不同意 %(no)d，退回 %(back)d。") % {
        "session": link.motion.session, "number": found.number, "outcome": found.get_outcome_display(), "yes": found.yes,
        "no": found.no, "back": found.returned,
    }  # fmt: skip
