"""The eight questions of an application, in their order: which one comes next, which is still open. No request, no database.

Answers are one JSON object {page: what was answered}; sums in fen. Source: ux.md 6.3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

Answers = Mapping[str, Any]
MINUTES = 8  # what a page says of the whole; one a page, measured with the demo's people


@dataclass(frozen=True)
class Question:
    """One page. `title` is its h1 and its row on the check page."""

    slug: str
    title: Any
    row: Any  # the same in a few words, for the check page


NEEDS, ME, FAMILY, COSTS, MONEY, CONSENTS, PAPERS, CHECK = (
    "needs", "me", "family", "costs", "money", "consents", "papers", "check",
)  # fmt: skip
QUESTIONS = (
    Question(NEEDS, _("您遇到了什么困难？"), _("遇到的困难")),
    Question(ME, _("是您吗？"), _("您是谁")),
    Question(FAMILY, _("家里有几口人？"), _("家里的人")),
    Question(COSTS, _("近 12 个月，自己花了多少？"), _("自己花的钱")),
    Question(MONEY, _("申请多少，怎么收款？"), _("金额和收款")),
    Question(CONSENTS, _("三件事，一件一件问您"), _("三件事")),
    Question(PAPERS, _("材料，现在拍或以后补"), _("材料")),
    Question(CHECK, _("检查您的回答"), _("检查")),
)
TOTAL = len(QUESTIONS)
TYPED = "typed"  # beside the answers of the draft: what stands in fields that were not handed on yet; never part of an application
WAGE_CARD, OTHER_CARD, CASH = "wage_card", "other_card", "cash"  # how she wants the money
YES, NO = "yes", "no"


def find(slug: str) -> Question | None:
    return next((question for question in QUESTIONS if question.slug == slug), None)


def place(slug: str) -> int:
    """1 to 8."""
    return next(at for at, question in enumerate(QUESTIONS, 1) if question.slug == slug)


def before(slug: str) -> str | None:
    """The page that 上一步 leads to."""
    at = place(slug)
    return QUESTIONS[at - 2].slug if at > 1 else None


def after(slug: str) -> str:
    """The page that 下一步 leads to; after the last one, itself."""
    return QUESTIONS[min(place(slug), TOTAL - 1)].slug


def first_open(answers: Answers) -> str:
    """Where she goes on: the first page without an answer, or the check page."""
    return next((question.slug for question in QUESTIONS if question.slug not in answers and question.slug != CHECK), CHECK)


def is_reachable(slug: str, answers: Answers) -> bool:
    """A page may be opened when all before it are answered."""
    return place(slug) <= place(first_open(answers))


@dataclass(frozen=True)
class Need:
    """One row of the first page, with the local causes it stands for (the first one when the file says nothing else)."""

    slug: str
    title: Any
    hint: Any
    icon: str
    causes: tuple[str, ...]
    categories: tuple[str, ...]  # of programmes that fit, the best first


NEED_ROWS = (
    Need("illness", _("生病、住院"), _("本人或家里人"), "stethoscope",
         ("own_illness", "family_illness", "disability", "no_work_ability"), ("illness", "medical", "living")),
    Need("schooling", _("孩子上学"), _("学费、生活费"), "school", ("schooling", "child_raising"), ("schooling",)),
    Need("jobless", _("没有工作、拿不到工资"), "", "briefcase-off",
         ("unemployment", "not_employed", "low_income", "uninsured", "benefits_unpaid"), ("living",)),
    Need("accident", _("意外、灾害"), _("火灾、车祸、房子受损"), "umbrella", ("accident", "disaster", "theft", "work_injury"), ("living",)),
    Need("death", _("家里有人去世"), "", "candle", ("death",), ("living",)),
    Need("other", _("别的难处"), _("下一页用几句话说"), "message-dots", ("other", "elder_support"), ("living",)),
)  # fmt: skip
NEEDS_BY_SLUG = {need.slug: need for need in NEED_ROWS}


def causes_of(needs: list[str], known: str = "") -> list[str]:
    """The local cause of each need, in the order of the page; `known` is the file's own cause where it fits one of them."""
    chosen = []
    for slug in needs:
        causes = NEEDS_BY_SLUG[slug].causes
        chosen.append(known if known in causes else causes[0])
    return sorted(chosen, key=lambda cause: cause != known)


def categories_of(needs: list[str]) -> list[str]:
    """Kinds of programme that fit, the best first."""
    ranked = [NEEDS_BY_SLUG[slug].categories for slug in needs]
    found = [kinds[at] for at in range(3) for kinds in ranked if at < len(kinds)]
    return list(dict.fromkeys([*found, "living"]))
