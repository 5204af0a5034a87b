"""The answers in words, for the check page and the application on paper."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from bangfu.household.models.words import ConsentKind, Relation
from bangfu.lib.masking import mask_card, mask_phone
from bangfu.lib.money import yuan
from bangfu.policy.checklist import Paper
from bangfu.portal import questions as q
from bangfu.portal.offers import offers
from bangfu.portal.questions import CASH, NO, OTHER_CARD
from bangfu.portal.situation import Situation


@dataclass(frozen=True)
class Group:
    """One page of answers: its name, and rows of (label, text); an empty text is shown as 未提供."""

    slug: str
    title: str
    rows: list[tuple[str, str]] = field(default_factory=list)


def groups_of(situation: Situation, answers: Mapping[str, Any], papers: list[Paper]) -> list[Group]:
    """Every page with what was answered on it, in the order of the pages."""
    rows = {
        q.NEEDS: _needs, q.ME: _me, q.FAMILY: _family, q.COSTS: _costs, q.MONEY: _money, q.CONSENTS: _consents,
    }  # fmt: skip
    groups = [Group(slug, str(q.find(slug).row), write(situation, answers[slug])) for slug, write in rows.items()]  # type: ignore[union-attr]
    return [*groups, Group(q.PAPERS, str(_("材料")), _papers(papers, answers[q.PAPERS]))]


def story_of(answers: Mapping[str, Any]) -> str:
    """Her own words; where she wrote none, what she ticked."""
    told = str(answers[q.ME]["story"]).strip()
    return told if len(told) >= 5 else _("遇到的困难：%(needs)s%(more)s") % {
        "needs": needs_words(answers[q.NEEDS]["needs"]), "more": f"。{told}" if told else "",
    }  # fmt: skip


def needs_words(needs: list[str]) -> str:
    return "；".join(str(q.NEEDS_BY_SLUG[slug].title) for slug in needs)


def _needs(_situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(_("选了"), needs_words(answer["needs"]))]


def _me(situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [(_("姓名、部门"), f"{situation.name}　{situation.unit.name}")]
    if answer["right"] == NO:
        rows += [(_("新手机号"), mask_phone(answer["phone"]) if answer["phone"] else ""), (_("要改的"), answer["correction"])]
    else:
        rows.append((_("手机"), situation.masked_phone))
    return [*rows, (_("用几句话说说"), answer["story"]), (_("最希望工会帮什么"), answer["wish"])]


def _family(_situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(str(Relation(row["relation"]).label), f"{row['name']}　{income_words(row['income_fen'])}") for row in answer["people"]]


def income_words(fen: int | None) -> str:
    if fen is None:
        return _("收入不清楚")
    return _("每月 %(sum)s 元") % {"sum": yuan(fen)} if fen else _("没有收入")


def _costs(_situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    labels = {"illness": _("看病"), "schooling": _("孩子上学"), "accident": _("意外、灾害、丧事")}
    later = _("以后再补") if answer["later"] else ""
    return [
        (label, later if answer[name] is None else _("%(sum)s 元") % {"sum": yuan(answer[name])}) for name, label in labels.items()
    ]


def _money(situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    known = {offer.id: offer.title for offer in offers(situation.pack, situation.on)} if situation.pack else {}
    rows = [(_("项目"), known.get(answer["programme"], answer["programme"]))]
    asked = answer["asked_fen"]
    rows.append((_("申请金额"), _("%(sum)s 元") % {"sum": yuan(asked)} if asked else _("按办法的标准")))
    return [*rows, (_("收款"), receiving_words(situation, answer))]


def receiving_words(situation: Situation, answer: Mapping[str, Any]) -> str:
    if answer["how"] == CASH:
        return _("签字领现金")
    if answer["how"] == OTHER_CARD:
        return f"{answer['bank_name']}　{mask_card(answer['card'])}"
    return _("工资卡　%(bank)s　尾号 %(tail)s") % {"bank": situation.bank_name, "tail": situation.card_tail}


def _consents(_situation: Situation, answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    words = {
        ConsentKind.HEALTH: (_("看诊断书和发票"), _("同意"), _("不同意，带原件当面核对")),
        ConsentKind.BANK: (_("用银行卡收款"), _("同意"), _("不同意，签字领现金")),
        ConsentKind.NOTICE_NAME: (_("公示"), _("写上姓名"), _("只写编号")),
    }
    return [(title, yes if answer[kind] else no) for kind, (title, yes, no) in words.items() if kind in answer]


def _papers(papers: list[Paper], answer: Mapping[str, Any]) -> list[tuple[str, str]]:
    counts = {paper.id: len(answer["files"].get(paper.id, [])) for paper in papers}
    there = [_("%(title)s %(n)d 张") % {"title": paper.title, "n": counts[paper.id]} for paper in papers if counts[paper.id]]
    later = [paper.title for paper in papers if paper.is_required and not counts[paper.id]]
    return [(_("已经拍了"), "；".join(there)), (_("以后补"), "；".join(later) or _("没有了"))]
