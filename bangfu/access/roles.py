"""The twenty roles, what they may hold together, and the rows of the access table."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    """A duty that an account holds at a unit by a post."""

    WORKER = "WORKER", _("职工")
    UNIT_CLERK = "UNIT_CLERK", _("基层工会干事")
    UNIT_CHAIR = "UNIT_CHAIR", _("基层工会主席")
    OFFICE_OFFICER = "OFFICE_OFFICER", _("帮扶办公室干事")
    OFFICE_HEAD = "OFFICE_HEAD", _("帮扶办公室主任")
    COMMITTEE_MEMBER = "COMMITTEE_MEMBER", _("评审委员")
    COMMITTEE_CHAIR = "COMMITTEE_CHAIR", _("评审委员会主任")
    CASHIER = "CASHIER", _("出纳")
    ACCOUNTANT = "ACCOUNTANT", _("会计")
    AUDITOR = "AUDITOR", _("经审委员")
    SUPERVISOR = "SUPERVISOR", _("监督组成员")
    PAIRED_LEADER = "PAIRED_LEADER", _("结对领导")
    HANDLER = "HANDLER", _("互助保障经办人")
    COUNSELLOR = "COUNSELLOR", _("心理咨询员")
    STOREKEEPER = "STOREKEEPER", _("物资保管员")
    HIGHER_UNION = "HIGHER_UNION", _("上级工会")
    POLICY_ADMIN = "POLICY_ADMIN", _("办法管理员")
    SYSTEM_ADMIN = "SYSTEM_ADMIN", _("系统管理员")
    SECURITY_ADMIN = "SECURITY_ADMIN", _("安全管理员")
    AUDIT_ADMIN = "AUDIT_ADMIN", _("审计管理员")


ADMINS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})
#: Roles that read case and household data of their unit and everything below it.
CASE_STAFF = frozenset(
    {
        Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_MEMBER,
        Role.COMMITTEE_CHAIR, Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR,
    }
)  # fmt: skip
MONEY_STAFF = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.CASHIER, Role.ACCOUNTANT, Role.AUDITOR, Role.COMMITTEE_CHAIR})
STAFF = frozenset(set(Role) - {Role.WORKER})
#: Who writes the organisation's calendar.
CALENDAR_KEEPERS = frozenset({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.SYSTEM_ADMIN})
#: The four duties that nobody may combine on one case (contracts.md "Roles").
DUTIES: dict[str, frozenset[Role]] = {
    "investigate": frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR}),
    "decide": frozenset({Role.COMMITTEE_MEMBER, Role.COMMITTEE_CHAIR}),
    "pay": frozenset({Role.CASHIER, Role.ACCOUNTANT}),
    "audit": frozenset({Role.AUDITOR, Role.SUPERVISOR}),
}


def conflicting(held: Iterable[Role | str], new: Role | str) -> list[Role]:
    """Roles among `held` that one person must not hold together with `new` at the same time."""
    new = Role(new)
    clashes = []
    for role in map(Role, held):
        both_admin = role != new and role in ADMINS and new in ADMINS
        pays_and_audits = {role in DUTIES["pay"], new in DUTIES["pay"]} == {True, False} and (
            role in DUTIES["audit"] or new in DUTIES["audit"]
        )
        admin_and_work = (role in ADMINS) != (new in ADMINS) and Role.WORKER not in (role, new)
        cashier_accountant = {role, new} == {Role.CASHIER, Role.ACCOUNTANT}
        if both_admin or pays_and_audits or admin_and_work or cashier_accountant:
            clashes.append(role)
    return clashes


class _Everybody:
    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return self.name


ANYONE = _Everybody("ANYONE")
SIGNED_IN = _Everybody("SIGNED_IN")
NOBODY: frozenset[Role] = frozenset()


@dataclass(frozen=True)
class Rule:
    """One row of the access table: who may GET and who may POST one address."""

    get: _Everybody | frozenset[Role] | set[Role] = field(default=NOBODY)
    post: _Everybody | frozenset[Role] | set[Role] = field(default=NOBODY)

    def allows(self, method: str, roles: set[str] | None) -> bool:
        """`roles` is None for a stranger who has not signed in."""
        who = self.get if method in ("GET", "HEAD") else self.post
        if who is ANYONE:
            return True
        if roles is None:
            return False
        return who is SIGNED_IN or bool(roles & set(who))  # type: ignore[arg-type]
