"""Who must stay away from a case: its own people, their kin, and whoever had another duty on it.

Investigate, decide, pay and audit are never the same person on one case. Source: contracts.md "Roles"; trust.md P6.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import CharField, Model, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.access.models import Account
from bangfu.audit.record import subject_of
from bangfu.disclosure.models import NoticeDraft
from bangfu.governance.models import Vote
from bangfu.household.kin import related
from bangfu.household.models import Household, Member
from bangfu.ledger.models import Disbursement
from bangfu.lib.errors import Refused
from bangfu.process.models import Award, Case, CaseMotion, CaseNotice, Paper, Step, Survey

INVESTIGATE, DECIDE, PAY, AUDIT = "investigate", "decide", "pay", "audit"
DUTY_WORDS = {
    INVESTIGATE: gettext_lazy("调查"),
    DECIDE: gettext_lazy("决定"),
    PAY: gettext_lazy("付款"),
    AUDIT: gettext_lazy("审计"),
}


class Conflict(Refused):
    """This person must not do this on this case, whatever her post."""


def households_of_kin(account: Account) -> QuerySet:
    """Keys of the households that the account belongs to (as head or member, found by identity) or is related to."""
    return Household.objects.filter(related(account)).values("pk")


def cases_of_kin(account: Account) -> QuerySet:
    """Keys of the cases and lists on which one of those households stands: kept from the account."""
    return Award.objects.filter(household__in=households_of_kin(account)).values("case")


def case_subjects_of_kin(account: Account) -> QuerySet:
    """For `access.kin`: the subjects of those cases, "process.case:12"."""
    return _subjects(Award.objects.filter(household__in=households_of_kin(account)), Case, "case_id")


def award_subjects_of_kin(account: Account) -> QuerySet:
    """For `access.kin`: the sums of those households, "process.award:7"."""
    return _subjects(Award.objects.filter(household__in=households_of_kin(account)), Award, "pk")


def _subjects(awards: QuerySet[Award], of: type[Model], key: str) -> QuerySet:
    text = Concat(Value(f"{of._meta.label_lower}:"), Cast(key, CharField()), output_field=CharField())
    return awards.order_by().annotate(subject=text).values("subject")


def in_the_record(account: Account) -> tuple[list[str], list[str]]:
    """For `access.kin`: the subjects of events about those households, and the numbers by which other events name them."""
    households = list(Household.objects.filter(related(account)).values_list("pk", "number"))
    if not households:
        return [], []
    keys, numbers = [pk for pk, _number in households], [number for _pk, number in households]
    awards = Award.objects.filter(household__in=keys)
    cases = list(Case.objects.filter(awards__in=awards).values_list("pk", "number"))
    own = [pk for pk, _number in cases]
    rows: dict[str, Iterable[int]] = {
        "household.household": keys,
        "process.case": own,
        "process.award": awards.values_list("pk", flat=True),
        "policy.assessment": awards.exclude(assessment=None).values_list("assessment", flat=True),
        "ledger.disbursement": Disbursement.objects.filter(household_no__in=numbers).values_list("pk", flat=True),
        "disclosure.notice": CaseNotice.objects.filter(case__in=own).values_list("notice", flat=True),
        "disclosure.noticedraft": NoticeDraft.objects.filter(origin__in=[f"process.case:{pk}" for pk in own]).values_list(
            "pk", flat=True
        ),
        "governance.motion": CaseMotion.objects.filter(case__in=own).values_list("motion", flat=True),
        "evidence.file": Paper.objects.filter(case__in=own).exclude(file=None).values_list("file", flat=True),
    }
    subjects = [f"{label}:{key}" for label, found in rows.items() for key in found]
    return subjects, [f'"{number}' for number in numbers] + [number for _pk, number in cases]


def kin_among(accounts: Collection[Account], case: Case) -> set[int]:
    """Keys of those to whom the case is their own or their kin's; one statement, whatever their number."""
    households = Award.objects.filter(case=case).values("household")
    members = Member.objects.filter(household__in=households).values("identity_index")
    people = Account.objects.filter(pk__in=[account.pk for account in accounts])
    own = Q(staff__households__in=households) | Q(staff__identity_index__in=members)
    return set(people.filter(own | Q(kinships__household__in=households)).values_list("pk", flat=True))


def kin_reason(account: Account, case: Case) -> str:
    """亲属 or 本人 where the case is one's own or one's kin's; "" else."""
    of_case = Q(pk=case.household_id) if case.household_id else Q(awards__case=case)
    households = Household.objects.filter(of_case).filter(related(account))
    found = list(households.values_list("staff__account", flat=True)[:1])
    if not found:
        return ""
    return _("本人的事") if found[0] == account.pk else _("亲属或同户")


def other_duty(account: Account, case: Case, duty: str) -> str:
    """The duty that this account already had on the case and that clashes with `duty`; "" when none does."""
    had = set(Step.objects.filter(case=case, by=account).exclude(duty__in=["", duty]).values_list("duty", flat=True))
    went = Q(visitor=account) | Q(companion_account=account, companion_denied_at=None)
    if duty != INVESTIGATE and Survey.objects.filter(went, case=case).exists():
        had.add(INVESTIGATE)
    if duty != DECIDE and Vote.objects.filter(motion__subject=subject_of(case), member__account=account).exists():
        had.add(DECIDE)
    if duty != PAY and _paid(account, case):
        had.add(PAY)
    return next((word for word in (INVESTIGATE, DECIDE, PAY, AUDIT) if word in had), "")


def _paid(account: Account, case: Case) -> bool:
    """Did the account send, confirm or hand out money of this case, or sign as payer?"""
    return (
        Disbursement.objects.filter(award__case=case)
        .filter(Q(paid_by=account) | Q(lines__batch__made_by=account) | Q(lines__decided_by=account))
        .exists()
    )


def why_not(account: Account, case: Case, duty: str) -> str:
    """A whole sentence why this person must not do this duty on this case; "" when she may."""
    kin = kin_reason(account, case)
    if kin:
        return _("%(number)s 是您%(kin)s，要由别人来办（回避）。请转给同岗位的同事。") % {"number": case.number, "kin": kin}
    had = other_duty(account, case, duty) if duty else ""
    if had:
        return _("%(number)s 的%(had)s是您办的，%(duty)s要由另一个人来办（职责分离）。请转给同事。") % {
            "number": case.number,
            "had": DUTY_WORDS[had],
            "duty": DUTY_WORDS[duty],
        }
    return ""


def separate(case: Case, by: Account, duty: str = "") -> None:
    """Raises Conflict: own or kin's case, or another duty on the same case."""
    reason = why_not(by, case, duty)
    if reason:
        raise Conflict(reason)


def reason_to_stay_away(account: Account, subject: str) -> str:
    """For the committee: why a member is kept from a motion about a case; "" for other subjects."""
    case = case_of(subject)
    if case is None:
        return ""
    kin = kin_reason(account, case)
    if kin:
        return kin
    had = other_duty(account, case, DECIDE)
    return _("这件的%(duty)s是本人办的") % {"duty": DUTY_WORDS[had]} if had else ""


def case_of(subject: str) -> Case | None:
    """The case that a subject text names ("process.case:12")."""
    label, _colon, key = subject.partition(":")
    if label != Case._meta.label_lower or not key.isdigit():
        return None
    return Case.objects.select_related("unit").filter(pk=int(key)).first()


def investigators(case: Case) -> Iterable[int]:
    return Step.objects.filter(case=case, duty=INVESTIGATE).values_list("by", flat=True)
