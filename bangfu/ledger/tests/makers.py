"""The cast of the ledger's tests: one organisation with a relief fund, its people, and makers of payments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

from bangfu.access import flow as access
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.tests import makers
from bangfu.ledger import flow
from bangfu.ledger.models import Disbursement, Fund

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday, 10:00 in Shanghai
CARD = "6222021001116245702"
_numbers = count(1)


@dataclass
class Cast:
    """Li decides, Chen pays, Zhao books, Sun audits; Gao's household receives."""

    organisation: Unit
    unit: Unit
    officer: Account
    cashier: Account
    accountant: Account
    auditor: Account
    clerk: Account
    worker: Account
    fund: Fund


def cast(code: str = "kaiyuan", prefix: str = "KY", *, money_fen: int = 1_000_000) -> Cast:
    organisation = makers.organisation(code, prefix, f"{code}公司")
    unit = makers.department(organisation, f"{code}-1", "检修车间")
    people = {
        name: makers.account(f"{name}-{code}", role, where, name=called)
        for name, role, where, called in [
            ("officer", Role.OFFICE_OFFICER, organisation, "李思齐"),
            ("cashier", Role.CASHIER, organisation, "陈慧"),
            ("accountant", Role.ACCOUNTANT, organisation, "赵明"),
            ("auditor", Role.AUDITOR, organisation, "孙立"),
            ("clerk", Role.UNIT_CLERK, unit, "周宁"),
            ("worker", Role.WORKER, unit, "高秀英"),
        ]
    }
    fund = flow.open_fund(organisation, code="relief", name="困难职工帮扶基金", by=people["accountant"], at=AT)
    if money_fen:
        flow.receive(fund, amount_fen=money_fen, source="5", form_key=key(), by=people["accountant"], at=AT)
    return Cast(organisation=organisation, unit=unit, fund=fund, **people)


def key() -> str:
    return f"form-{next(_numbers)}"


def reserved(who: Cast, *, amount_fen: int = 300_000, method: str = "bank", **changes: Any) -> Disbursement:
    number = next(_numbers)
    facts: dict[str, Any] = {
        "entitlement_key": f"relief:2026:{number}",
        "origin": f"process.award:{number}",
        "reference": f"KY-A2026-{number:04d}",
        "programme": "temporary",
        "purpose": "临时救助",
        "payee_name": "高秀英",
        "household_no": f"KY2026-{number:04d}",
        "bank_name": "农行开远支行",
        "card": CARD,
        "unit": who.unit,
        "by": who.officer,
        "at": AT,
    }
    return flow.reserve(who.fund, amount_fen=amount_fen, method=method, **(facts | changes))


def sent(who: Cast, **changes: Any):  # noqa: ANN201
    """A disbursement with the bank: (row, its batch line)."""
    row = reserved(who, **changes)
    batch = flow.make_batch([row.pk], form_key=key(), by=who.cashier, at=AT)
    row.refresh_from_db()
    return row, batch.lines.get()


def paid(who: Cast, **changes: Any) -> Disbursement:
    """A disbursement paid in cash."""
    row = reserved(who, method="cash", **changes)
    flow.pay_cash(row, form_key=key(), by=who.cashier, at=AT)
    row.refresh_from_db()
    return row


def another_cashier(who: Cast, name: str = "钱一") -> Account:
    account = makers.account(f"cashier-{next(_numbers)}", name=name)
    access.appoint(account, Role.CASHIER, who.organisation, from_date=AT.date(), by=None, at=AT)
    return account
