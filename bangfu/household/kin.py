"""Whose file is one's own, one's household's or one's kin's: others keep it. Source: contracts.md "Roles"; ADR 9."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household.models import Household, Kinship, Member, Staff
from bangfu.lib.errors import Refused


def related(account: Account) -> Q:
    """The files of the account's own household (as head or member, found by identity) and of its declared kin.

    As subqueries on indexed columns, so that a page's list stays one statement and reads no table whole.
    """
    identity = Staff.objects.filter(account=account).values("identity_index")
    return (
        Q(staff__in=Staff.objects.filter(account=account).values("pk"))
        | Q(pk__in=Kinship.objects.filter(account=account).values("household"))
        | Q(pk__in=Member.objects.filter(identity_index__in=identity).values("household"))
    )


def require_not_related(by: Account | None, household: Household) -> None:
    """Raises Refused: what stands in a file decides what is paid, so nobody writes her own or her kin's."""
    if by is not None and Household.objects.filter(related(by), pk=household.pk).exists():
        raise Refused(
            _("%(number)s 是您本人家或亲属家的档案，要由别人来办（回避）。请转给同岗位的同事。") % {"number": household.number}
        )
