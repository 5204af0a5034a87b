"""What the committee is shown beside the ballot: papers and visit, what the rules say, the money before and after."""

from __future__ import annotations

from statistics import median
from typing import Any

from bangfu.access.models import Account
from bangfu.ledger.models import Fund
from bangfu.ledger.queries import usable_fen
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy.explain import explain
from bangfu.process import pack, queries
from bangfu.process.flow.pay import fund_of
from bangfu.process.help import help_of_year
from bangfu.process.messages import url_of
from bangfu.process.models import Award, Case
from bangfu.process.papers import checklist


def context(case: Case, account: Account) -> dict[str, Any]:
    """Merged into the page of the motion; nothing for a case that the account must not see."""
    seen = (
        Case.objects.visible_to(account)
        .select_related("unit", "policy_version", "household__unit", "household__staff")
        .defer("policy_version__content")
    )
    case = seen.filter(pk=case.pk).first()  # type: ignore[assignment]
    if case is None:
        return {}
    at = now()
    awards = list(case.awards.select_related("household__unit", "assessment__version").order_by("position"))
    award = awards[0] if awards and not case.is_list else None
    link = case.notices.select_related("notice").order_by("-pk").first()
    amounts = sorted(queries.similar_amounts(case))
    return {
        "left": "process/_motion_papers.html",
        "middle": "process/_motion_advice.html" if award is not None else "process/_motion_list.html",
        "right": "process/_motion_money.html",
        "subject_url": url_of(case),
        "subject_line": case.unit.name,
        "case": case,
        "case_award": award,
        "case_awards": [one for one in awards if one.is_in],
        "case_total_fen": sum(one.amount_fen or 0 for one in awards if one.is_in),
        "case_papers": checklist(case, today(at)),
        "case_survey": case.surveys.filter(companion_denied_at=None).select_related("visitor").order_by("-pk").first(),
        "case_notice": link.notice if link else None,
        "case_objections": link.notice.objections.count() if link else 0,
        "explanation": explain(award.assessment, case.programme) if award and award.assessment else None,
        "money": _money(case, [one for one in awards if one.is_in]),
        "help": help_of_year(award.household, today(at).year) if award else [],
        "similar": {
            "n": len(amounts), "low": amounts[0], "high": amounts[-1], "middle": int(median(amounts)), "dots": _dots(amounts, award),
        } if amounts else None,
    }  # fmt: skip


def _money(case: Case, awards: list[Award]) -> dict[str, Any] | None:
    """The fund before and after this approval: balance - approved and unpaid = available. What is set aside already is not taken twice."""
    try:
        fund: Fund = fund_of(case)
    except Refused:
        return None
    sum_fen = sum(one.amount_fen or 0 for one in awards)
    own = awards[0] if len(awards) == 1 else None  # one payment comes from one share; a list may draw on several
    free = usable_fen(fund, case.programme, own.category) if own is not None else fund.available_fen
    before = free + sum(one.awarded_fen or 0 for one in awards if one.disbursement_id is not None)
    floor = _floor(case, fund.code)
    return {
        "fund": fund,
        "available_fen": before,
        "after_fen": before - sum_fen,
        "sum_fen": sum_fen,
        "is_short": before < sum_fen,
        "floor_fen": floor,
        "under_floor_fen": max(floor - before + sum_fen, 0) if floor else 0,
    }


def _floor(case: Case, fund_id: str) -> int | None:
    """余额底线 of the fund in the rules; None where they set none. Source: S0-11."""
    rules = pack.pack(case)
    found = rules.fund(fund_id)
    standard = rules.parameters.get(found.floor) if found and found.floor else None
    entry = next(iter(standard.on(today(now()))), None) if standard else None
    return entry.value if entry is not None and isinstance(entry.value, int) else None


def _dots(amounts: list[int], award: Any) -> dict[str, Any]:
    """Similar sums as dots on a line of 268 units, equal ones on top of each other, this case's last."""
    mine = award.amount_fen if award else None
    sums = [*amounts, *([mine] if mine else [])]
    low, span = min(sums), max(max(sums) - min(sums), 1)
    heights: dict[int, int] = {}
    dots = []
    for number, fen in enumerate(sums):
        x = 134 if max(sums) == low else 14 + 240 * (fen - low) // span
        heights[x] = heights.get(x, -1) + 1
        dots.append({"x": x, "y": 38 - 9 * min(heights[x], 3), "me": bool(mine) and number == len(sums) - 1})
    return {"dots": dots, "low": low, "high": max(sums)}
