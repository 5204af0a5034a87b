"""评审: the union judges the degree of hardship and proposes a sum; the rules recommend, a person decides."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.household.flow import set_grade
from bangfu.household.flow.admission import admit
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan
from bangfu.policy.flow import assess
from bangfu.policy.outcome import ELIGIBLE
from bangfu.process import pack
from bangfu.process.facts import facts_of_case
from bangfu.process.flow.common import advance, clean, locked, note, only_award, require
from bangfu.process.models import Case
from bangfu.process.papers import missing_papers


@recording
def check(
    pk: int,
    *,
    version: int,
    degree: str,
    proposed_fen: int,
    grade: str = "",
    opinion: str,
    deviation_reason: str = "",
    is_aided_elsewhere: bool | None = None,
    by: Account,
    at: datetime,
) -> Case:
    """评审: degree of hardship, grade of the file, proposed sum; the assessment by the rules is stored beside it.

    A sum or result other than the rules suggest needs `deviation_reason`. A household that is still a clue enters the
    archive with its grade. Raises Refused (papers missing, no reason), Stale, PermissionDenied. Source: S1-7, S1-2, S1-8.
    """
    case = locked(pk, kind="check", version=version)
    require(case, by)
    degrees = list(case.stage.params.get("degrees", Case.Degree.values))
    if degree not in degrees:
        raise Refused(_("没有选困难程度。请从列表里选一项。"))
    if proposed_fen <= 0:
        raise Refused(_("拟帮扶金额要大于 0。不予救助的，请用“不予救助”，并写明理由。"))
    missing = missing_papers(case, today(at))
    if missing:
        raise Refused(_("还缺材料：%(papers)s。请补齐，或在材料里注明“原件已核对”。") % {"papers": "、".join(missing)})
    if is_aided_elsewhere is not None:
        case.is_aided_elsewhere = is_aided_elsewhere
    case.degree = degree
    award = only_award(case)
    facts = facts_of_case(case, today(at), award=award)
    facts.pop("proposed_fen", None)
    assessment = assess(case.policy_version, case, facts, on=today(at), unit=case.unit, by=by, at=at)
    proposal = assessment.result_object.programme(case.programme)
    award.assessment, award.suggested_fen = assessment, proposal.amount_fen if proposal else None
    as_suggested = proposal is not None and proposal.outcome == ELIGIBLE and proposal.amount_fen == proposed_fen
    if not as_suggested and len(deviation_reason.strip()) < 4:
        raise Refused(_deviation_words(award.suggested_fen, proposal.outcome if proposal else ""))
    award.proposed_fen, award.deviation_reason = proposed_fen, "" if as_suggested else deviation_reason.strip()
    award.save(update_fields=["assessment", "suggested_fen", "proposed_fen", "deviation_reason"])
    _grade(case, grade, by=by, at=at)
    note(
        "process.hardship_checked", case, by=by, at=at, degree=degree, grade=grade, suggested_fen=award.suggested_fen,
        proposed_fen=proposed_fen, assessment=assessment.pk, deviates=not as_suggested,
    )  # fmt: skip
    opinion = clean(opinion, least=4, what=_("评审意见"))
    return advance(case, "passed", act="check", by=by, at=at, reason=opinion)


def _grade(case: Case, grade: str, *, by: Account, at: datetime) -> None:
    """The file gets its grade; a clue becomes a file."""
    household = case.household
    assert household is not None
    if household.state == "clue":
        admit(household, grade=grade, basis=pack.pack(case).title, by=by, at=at)
        household.refresh_from_db()
    elif grade and grade != household.grade:
        set_grade(household, grade, basis=pack.pack(case).title, why=_("%(number)s 评审") % {"number": case.number}, by=by, at=at)
    case.grade = grade or household.grade


def _deviation_words(suggested_fen: int | None, outcome: str) -> str:
    if outcome == "unknown" or suggested_fen is None:
        return _("还有事实不清楚，系统算不出建议金额。请先补齐，或写明为什么照样给。")
    if outcome != ELIGIBLE:
        return _("按办法不符合条件。照样给，要在“与建议不同的理由”里写明依据；不给，请用“不予救助”。")
    return _("拟帮扶金额与系统建议的 ¥%(sum)s 不同，要写明理由。") % {"sum": yuan(suggested_fen)}
