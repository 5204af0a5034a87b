"""发放: set money aside at approval; the case follows what the ledger reports."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with
from bangfu.audit.record import Sealed, recording, subject_of
from bangfu.household.queries import payee_of
from bangfu.ledger.flow import reserve
from bangfu.ledger.models import BatchLine, Disbursement, Fund
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell
from bangfu.policy.vocabulary import MEANS
from bangfu.process import messages, pack
from bangfu.process.conflicts import PAY, separate
from bangfu.process.flow.common import advance, awards_of, locked, note, require, stay
from bangfu.process.models import Award, Case, Step

GONE = (Disbursement.State.RELEASED, Disbursement.State.REVERSED)


def reserve_awards(case: Case, awards: Sequence[Award], *, by: Account, at: datetime) -> None:
    """One reservation an award, under its entitlement: the same household, programme and period is paid once.

    Raises Refused (no fund, short of money, entitlement paid already), PermissionDenied. Source: contracts.md "Money".
    """
    _only_by_its_means(case)
    fund = fund_of(case)
    for award in awards:
        payee = payee_of(award.household)
        cash = award.method == Award.Method.CASH or not payee.card
        award.method = Award.Method.CASH if cash else Award.Method.BANK
        award.entitlement_key = entitlement_of(case, award)
        award.disbursement = reserve(
            fund,
            amount_fen=award.awarded_fen or 0,
            entitlement_key=award.entitlement_key,
            origin=subject_of(award),
            programme=case.programme,
            purpose=case.title,
            payee_name=award.payee_name,
            method=award.method,
            bank_name="" if cash else payee.bank_name,
            card="" if cash else payee.card,
            payee_account=award.household.staff.account if award.household.staff else None,
            household_no=award.household.number,
            reference=award.number,
            cause=award.category,
            unit=award.household.unit,
            by=by,
            at=at,
        )
    Award.objects.bulk_update(awards, ["method", "entitlement_key", "disbursement"])


def _only_by_its_means(case: Case) -> None:
    """A programme that is given in goods, vouchers or services is never paid by bank or in cash. Source: anhui-2025 二."""
    means = pack.programme_of(case).means
    if means is not None and "money" not in means.only:
        raise Refused(
            _("办法第%(clause)s条规定“%(title)s”只能发%(means)s，不能付款。请按办法采购发放，或先改办法。")
            % {"clause": means.clause, "title": case.title, "means": "、".join(str(MEANS[word]) for word in means.only)}
        )


@recording
def reserve_again(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """重新预留: a payment was reversed or its reservation given back; the award still stands, so it is set aside anew.

    Raises Refused (nothing to set aside), Stale, PermissionDenied.
    """
    case = locked(pk, kind="pay", version=version)
    require(case, by, roles={Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR})
    gone = [award for award in awards_of(case) if award.disbursement is None or award.disbursement.state in GONE]
    if not gone:
        raise Refused(_("这件的款都在，不用重新预留。"))
    reserve_awards(case, gone, by=by, at=at)
    note("process.money_reserved_again", case, by=by, at=at, awards=[award.pk for award in gone])
    return stay(case, "reserve_again", "reserved", by=by, at=at)


# -- what the ledger reports (bangfu/wiring.py)


def after_paid(disbursement: Disbursement, by: Account, at: datetime) -> None:
    """已付: whoever paid had no other duty on the case; the worker hears of it. An exception undoes the payment."""
    award = _award_of(disbursement)
    if award is None:
        return
    _once(award.case, by, at)
    line = disbursement.lines.filter(state=BatchLine.State.PAID).select_related("batch__made_by").first()
    if line is not None:
        separate(award.case, line.batch.made_by, PAY)
    note("process.award_paid", award.case, by=by, at=at, award=award.pk, amount_fen=disbursement.amount_fen)
    messages.tell_worker(award.case, by=by, at=at)


def after_receipted(disbursement: Disbursement, by: Account, at: datetime) -> None:
    """双方已签: when nobody on the case is left without money and signatures, it goes on."""
    award = _award_of(disbursement)
    if award is None:
        return
    case = locked(award.case_id)
    note("process.award_receipted", case, by=by, at=at, award=award.pk)
    if not case.is_at("pay"):
        return
    left = case.awards.filter(dropped_reason=None).exclude(disbursement__receipted_at__isnull=False).exists()
    if not left:
        advance(case, "passed", act="receipted", by=by, at=at)


def after_failed(disbursement: Disbursement, by: Account, at: datetime) -> None:
    """银行退回: the sum is reserved as before; the case says so, and those who can mend the account hear of it."""
    award = _award_of(disbursement)
    if award is None:
        return
    case = locked(award.case_id)
    last = disbursement.lines.order_by("-pk").first()
    reason = (last.reason if last else None) or ""
    note("process.payment_failed", case, by=by, at=at, award=award.pk, reason=Sealed(reason))
    stay(case, "payment_failed", "failed", by=by, at=at, reason=reason)
    people = accounts_with({Role.ACCOUNTANT, Role.OFFICE_OFFICER}, case.unit)
    tell(people, _("%(number)s 银行退回，请核对收款账户后重发。") % {"number": case.number}, url=messages.url_of(case), at=at)


def fund_of(case: Case) -> Fund:
    """The fund that the rules name for the programme; which share of it pays (restricted money first) the ledger chooses.

    Raises Refused when the organisation has not opened it.
    """
    programme = pack.programme_of(case)
    fund = Fund.objects.filter(unit=case.unit.organisation_id, code=programme.fund).first()
    if fund is None:
        title = next((item.title for item in pack.pack(case).funds if item.id == programme.fund), programme.fund)
        raise Refused(_("还没有开立“%(fund)s”，不能预留。请会计先开立这项资金。") % {"fund": title})
    return fund


def entitlement_of(case: Case, award: Award) -> str:
    """What is paid once: on a list, the programme of a period; else this case."""
    period = case.period if case.is_list else case.number
    return f"{case.programme}:{period}:{award.household.number}"


def _award_of(disbursement: Disbursement) -> Award | None:
    return (
        Award.objects.select_related("case__unit", "case__policy_version", "case__household__staff__account")
        .defer("case__policy_version__content")
        .filter(disbursement=disbursement)
        .first()
    )


def _once(case: Case, by: Account, at: datetime) -> None:
    """One step a payer and case, whatever the length of the list."""
    if Step.objects.filter(case=case, by=by, duty=PAY).exists():
        return
    separate(case, by, PAY)
    stay(locked(case.pk), "paid", "paid", by=by, at=at, duty=PAY)
