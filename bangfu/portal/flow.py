"""Handing in what the phone asked: one transaction from the answers to a case with its papers and signature."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.scope import accounts_with, home_unit
from bangfu.audit.record import record, recording, subject_of
from bangfu.evidence.flow import content_of, sign_off, store
from bangfu.evidence.models import File, SignOff
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell
from bangfu.portal import questions as q
from bangfu.portal.consents import Asked
from bangfu.portal.documents import application_pdf
from bangfu.portal.papers import APPLICATION, OF_HEALTH
from bangfu.portal.questions import CASH, NO, OTHER_CARD
from bangfu.portal.situation import Situation
from bangfu.portal.summary import Group, story_of
from bangfu.process import flow as process
from bangfu.process.flow.apply import FILERS
from bangfu.process.messages import url_of
from bangfu.relief import flow as relief
from bangfu.relief.models import Application


@recording
def take_copy(account: Account, *, at: datetime) -> None:
    """下载我的资料: what we keep leaves in one file; she sees in the record that it was she."""
    record("portal.copy_downloaded", account, by=account, at=at, unit=home_unit(account))


@recording
def submit(
    situation: Situation,
    answers: Mapping[str, Any],
    *,
    groups: Sequence[Group],
    asked: Sequence[Asked],
    signature: bytes | None,
    at: datetime,
) -> Application:
    """提交申请: the answers become an application; consents, papers and the signed application go with it, or nothing does.

    `groups` are the answers as she saw them, `asked` the questions of consent as they were put; `signature` a drawn PNG, None:
    confirmed with her account. Raises Refused, PermissionDenied. Source: S0-16 (1), S2-10.
    """
    by, pay, consents = situation.account, answers[q.MONEY], answers[q.CONSENTS]
    if situation.staff is None:
        raise Refused(_("花名册里没有找到您。请打工会电话，先登记再申请；您填的还在。"))
    application = relief.apply(
        programme=pay["programme"],
        story=story_of(answers),
        wish=answers[q.ME]["wish"],
        causes=q.causes_of(answers[q.NEEDS]["needs"], situation.household.main_cause if situation.household else ""),
        asked_fen=pay["asked_fen"],
        staff=situation.staff,
        consents=[relief.ConsentAnswer(one.kind, consents[one.kind], one.wording) for one in asked if one.kind in consents],
        answers={page: answer for page, answer in answers.items() if page != q.TYPED},
        method="cash" if pay["how"] == CASH or consents.get("bank") is False else "bank",
        by=by,
        at=at,
    )
    _hand_in(application, answers, by=by, at=at)
    _sign(application, situation, groups, signature, at=at)
    _tell_of_changes(application, answers, at=at)
    return application


def _hand_in(application: Application, answers: Mapping[str, Any], *, by: Account, at: datetime) -> None:
    """The photos of the draft become papers of the case; those of an illness only with her consent."""
    for item, keys in answers[q.PAPERS]["files"].items():
        if item in OF_HEALTH and answers[q.CONSENTS].get("health") is False:
            continue
        for file in File.objects.visible_to(by).filter(pk__in=keys, stored_by=by).order_by("pk"):
            process.add_paper(application.case_id, item=item, content=content_of(file), name=file.name, by=by, at=at)


def _sign(
    application: Application, situation: Situation, groups: Sequence[Group], signature: bytes | None, *, at: datetime
) -> None:
    case, by = application.case, situation.account
    image = store(signature, name=_("签字"), by=by, at=at, unit=case.unit) if signature else None
    document = application_pdf(situation, groups, number=case.number, signature=signature, at=at)
    sign_off(
        document, subject=subject_of(case), signer_name=situation.name, role="applicant",
        how=SignOff.How.DRAWN if image else SignOff.How.CLICKED, image=image, account=by, by=by, at=at, unit=case.unit,
    )  # fmt: skip
    if situation.pack is not None and any(item.id == APPLICATION for item in situation.pack.evidence):
        name = _("申请书_%(number)s.pdf") % {"number": case.number}
        process.add_paper(case.pk, item=APPLICATION, content=document, name=name, by=by, at=at)


def _tell_of_changes(application: Application, answers: Mapping[str, Any], *, at: datetime) -> None:
    """A new card or a correction is not written onto the file from the phone: the union compares it with the original first."""
    wants_card = answers[q.MONEY]["how"] == OTHER_CARD and answers[q.CONSENTS].get("bank") is not False
    if not wants_card and answers[q.ME]["right"] != NO:
        return
    case = application.case
    words = (
        _("%(number)s 申请里写了新的银行卡，请对照原件改到档案。")
        if wants_card
        else _("%(number)s 申请里写了要更正的资料，请核对后改。")
    )
    tell(accounts_with(FILERS, case.unit), words % {"number": case.number}, url=url_of(case), at=at)


@recording
def keep_photo(situation: Situation, content: bytes, *, name: str, at: datetime) -> File:
    """A photo for a draft: stored like any proof, seen by nobody but her until she hands it in. Raises Refused."""
    return store(content, name=name, by=situation.account, at=at, unit=situation.unit)
