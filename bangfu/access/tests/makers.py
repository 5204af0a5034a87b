"""A small organisation for tests: makers of units, accounts and posts. Days in Asia/Shanghai."""

from __future__ import annotations

from datetime import UTC, date, datetime

from bangfu.access import flow
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role

AT = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


def organisation(code: str = "kaiyuan", prefix: str = "KY", name: str = "开远公司") -> Unit:
    return flow.add_unit(code=code, name=name, parent=None, kind=Unit.Kind.ORGANISATION, prefix=prefix, by=None, at=AT)


def department(parent: Unit, code: str, name: str) -> Unit:
    return flow.add_unit(code=code, name=name, parent=parent, by=None, at=AT)


def account(
    username: str, role: Role | None = None, unit: Unit | None = None, *, name: str = "", password: str | None = None
) -> Account:
    person = flow.add_account(username=username, name=name or username, password=password, by=None, at=AT)
    if role is not None and unit is not None:
        flow.appoint(person, role, unit, from_date=date(2020, 1, 1), by=None, at=AT)
    return person
