"""What the household allows, who is related to it, what others gave it, and looking behind a mask."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.audit.record import Sealed, record, recording
from bangfu.household import reactions
from bangfu.household.flow.common import FILE_KEEPERS, OFFICE, guard, guard_file, locked, require_why
from bangfu.household.kin import require_not_related
from bangfu.household.models import Consent, Household, Kinship, Member, OutsideHelp, Reveal, Staff
from bangfu.household.models.words import ConsentKind, Giver, RevealReason
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan

#: One entry may not be larger: 372,000 万 was a slip. Source: S1-13.
OUTSIDE_CAP_FEN = 50_000_000
#: field -> who may look behind its mask.
MAY_REVEAL: dict[str, frozenset[Role]] = {
    "identity": CASE_STAFF,
    "phone": CASE_STAFF,
    "address": CASE_STAFF,
    "card": FILE_KEEPERS | {Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR},
    "diagnosis": FILE_KEEPERS | {Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR, Role.AUDITOR},
}


@recording
def give_consent(
    household: Household, kind: str, *, given: bool, wording: str, by_worker: bool = True, by: Account | None, at: datetime
) -> Consent:
    """Answer one of the three questions, yes or no, with the words that were shown; the former answer is replaced.

    By the worker herself, or by the file's keepers from the signed paper (`by_worker` False). Source: trust.md (PIPL 14-15, 29).
    """
    for lock in reactions.before_consent:
        lock(household)
    household = locked(household, version=None)
    _guard_own(household, by, by_worker=by_worker)
    if not wording.strip():
        raise Refused(_("没有给本人看授权的内容，不能记录答复。请先出示授权书。"))
    kind = ConsentKind(kind).value
    same = household.consents.filter(kind=kind, withdrawn_at=None, given=given, by_worker=by_worker, recorded_by=by).last()
    if same is not None and same.wording == wording:
        return same  # the form was sent twice
    household.consents.filter(kind=kind, withdrawn_at=None).update(withdrawn_at=at)
    consent = Consent.objects.create(
        household=household, kind=kind, given=given, wording=wording, by_worker=by_worker, recorded_by=by, at=at
    )
    record(
        "household.consent_given", household, by=by, at=at, unit=household.unit, consent=kind, given=given, by_worker=by_worker,
        wording=household.digest_of(wording),
    )  # fmt: skip
    for reaction in reactions.on_consent_changed:
        reaction(household, kind, given, by, at)
    return consent


@recording
def withdraw_consent(household: Household, kind: str, *, by: Account | None, at: datetime) -> None:
    """Take a consent back, at any time, without a reason; what rests on it ends in the same request. Source: PIPL 15."""
    for lock in reactions.before_consent:
        lock(household)
    household = locked(household, version=None)
    _guard_own(household, by, by_worker=_is_own(household, by))
    kind = ConsentKind(kind).value
    if not household.consents.filter(kind=kind, withdrawn_at=None, given=True).update(withdrawn_at=at):
        raise Refused(_("这一项没有同意过，或已经撤回，不用再撤。"))
    record("household.consent_withdrawn", household, by=by, at=at, unit=household.unit, consent=kind)
    for reaction in reactions.on_consent_changed:
        reaction(household, kind, False, by, at)


@recording
def reveal(obj: Household | Staff, field: str, *, reason: str, member: Member | None = None, by: Account, at: datetime) -> str:
    """Show one masked value for 60 seconds, for one of four reasons; the worker sees who looked. Returns the value.

    Raises Refused: no reason, nothing to show, diagnosis without consent; PermissionDenied: not of this role.
    """
    if field not in MAY_REVEAL or (field == "diagnosis" and member is None):
        raise Refused(_("这一项不能单独查看。"))
    if reason not in RevealReason.values:
        raise Refused(_("没有选查看的原因。请从四项里选一项。"))
    if not _is_own(obj, by):
        guard(by, MAY_REVEAL[field], obj.unit)
    household = obj if isinstance(obj, Household) else None
    if household is not None and not _is_own(obj, by):
        require_not_related(by, household)
    source = member or obj
    if member is not None and (household is None or member.household_id != household.pk):
        raise Refused(_("这位成员不在这份档案里。"))
    if field == "diagnosis" and household is not None and consent_state(household, ConsentKind.HEALTH) is False:
        raise Refused(_("本人没有同意使用健康情况，诊断不能查看。"))
    value = str(getattr(source, field, "") or "")
    if not value:
        raise Refused(_("这一项还没有填，没有可看的内容。"))
    Reveal.objects.create(
        household=household, staff=obj if isinstance(obj, Staff) else None, member=member, field=field, reason=reason, by=by, at=at,
    )  # fmt: skip
    record(
        "household.value_revealed", obj, by=by, at=at, unit=obj.unit, field=field, reason=reason,
        member=member.pk if member else None,
    )  # fmt: skip
    return value


@recording
def declare_kinship(household: Household, account: Account, relation: str, *, by: Account, at: datetime) -> Kinship:
    """Somebody says that she is related to a household: from then on she takes no part in its cases.

    Oneself, or the relief office for another. Raises Refused on an empty relation or a second declaration.
    """
    if by.pk != account.pk:
        guard(by, OFFICE, household.unit)
    relation = relation.strip()
    if not relation:
        raise Refused(_("没有写亲属关系。请写明，例如“堂兄”。"))
    if household.kinships.filter(account=account).exists():
        raise Refused(_("%(name)s与这户的亲属关系已经申报过。") % {"name": account.name})
    kinship = Kinship.objects.create(account=account, household=household, relation=relation[:30], declared_at=at, declared_by=by)
    record("household.kinship_declared", household, by=by, at=at, unit=household.unit, account=account.username)
    return kinship


@recording
def note_outside_help(
    household: Household,
    *,
    giver: str,
    amount_fen: int,
    day: date,
    what: str,
    giver_name: str = "",
    by: Account | None,
    at: datetime,
) -> OutsideHelp:
    """Record help from elsewhere on the same file, apart from own sums. Raises Refused: no sum, too large, a day to come. Source: S1-7."""
    guard_file(by, FILE_KEEPERS, household)
    if amount_fen <= 0:
        raise Refused(_("金额要大于 0。请填写实际收到的钱数。"))
    if amount_fen > OUTSIDE_CAP_FEN:
        raise Refused(
            _("金额 %(sum)s 元超过 %(cap)s 元，很可能多写了零或单位写成了万元。请核对后重填。")
            % {"sum": yuan(amount_fen), "cap": yuan(OUTSIDE_CAP_FEN)}
        )
    if day > today(at):
        raise Refused(_("日期 %(day)s 还没有到。请填写实际收到的日期。") % {"day": day})
    if not what.strip():
        raise Refused(_("没有写帮扶的事由。请写明，例如“一次性救助”。"))
    household = locked(household, version=None)
    facts = {"giver": Giver(giver), "giver_name": giver_name.strip(), "amount_fen": amount_fen, "day": day}
    for same in household.outside_helps.filter(voided_at=None, **facts):
        if same.what == what.strip()[:100]:
            return same  # the form was sent twice; two gifts alike on one day are told apart by their words
    noted = OutsideHelp.objects.create(household=household, what=what.strip()[:100], noted_by=by, noted_at=at, **facts)
    record(
        "household.outside_help_noted", household, by=by, at=at, unit=household.unit, number=household.number, giver=noted.giver,
        amount_fen=amount_fen, day=day.isoformat(), help=noted.pk,
    )  # fmt: skip
    return noted


@recording
def void_outside_help(noted: OutsideHelp, *, why: str, by: Account, at: datetime) -> OutsideHelp:
    """An entry was a mistake: it stays, struck through, and no longer counts."""
    noted = OutsideHelp.objects.select_for_update(no_key=True, of=("self",)).select_related("household__unit").get(pk=noted.pk)
    guard_file(by, FILE_KEEPERS, noted.household)
    require_why(why)
    if noted.voided_at is not None:
        raise Refused(_("这一条已经作废过了。"))
    noted.voided_at = at
    noted.save(update_fields=["voided_at"])
    record(
        "household.outside_help_voided",
        noted.household,
        by=by,
        at=at,
        unit=noted.household.unit,
        help=noted.pk,
        why=Sealed(why.strip()),
    )
    return noted


def consent_state(household: Household, kind: str) -> bool | None:
    """True: agreed; False: refused or withdrawn; None: never asked."""
    latest = household.consents.filter(kind=kind).order_by("-pk").first()
    return None if latest is None else latest.given and latest.withdrawn_at is None


def _is_own(obj: Household | Staff, by: Account | None) -> bool:
    staff = obj if isinstance(obj, Staff) else obj.staff
    return by is not None and staff is not None and staff.account_id == by.pk


def _guard_own(household: Household, by: Account | None, *, by_worker: bool) -> None:
    if by_worker and _is_own(household, by):
        return
    if by_worker and by is not None:
        raise Refused(_("本人的答复要用本人的账号来记。代记请附签过字的授权书。"))
    guard_file(by, FILE_KEEPERS, household)
