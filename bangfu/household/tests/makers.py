"""A named cast for tests of files: officer Li of the office, clerk Zhao of unit 1, clerk Wang of unit 2, worker Zhang."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from bangfu.access import flow as access
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.household import flow
from bangfu.household.models import Household, Staff
from bangfu.household.rows import FileRow, MemberRow, StaffRow
from bangfu.lib.identity import check_digit

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def identity(serial: int, born: str = "19780312", area: str = "530000") -> str:
    """A number that no person has (area 0000), with its right check digit; odd serials are men."""
    first17 = f"{area}{born}{serial:03d}"
    return first17 + check_digit(first17)


def account(username: str, role: Role | None, unit: Unit, *, name: str = "") -> Account:
    person = access.add_account(username=username, name=name or username, password=None, by=None, at=AT)
    if role is not None:
        access.appoint(person, role, unit, from_date=date(2010, 1, 1), by=None, at=AT)
    return person


@dataclass
class Cast:
    """开远 with two departments and its people; 西安 stands beside it in the same database."""

    organisation: Unit
    unit: Unit
    other_unit: Unit
    elsewhere: Unit
    li: Account  # office officer of the organisation
    head: Account  # head of the office
    zhao: Account  # clerk of `unit`
    wang: Account  # clerk of `other_unit`: must see nothing of `unit`
    auditor: Account
    stranger: Account  # office officer of another organisation
    worker: Account  # the worker of `zhang`


def cast() -> Cast:
    organisation = access.add_unit(code="kaiyuan", name="开远公司", parent=None, prefix="KY", by=None, at=AT)
    unit = access.add_unit(code="ky-dl", name="设备动力部", parent=organisation, by=None, at=AT)
    other = access.add_unit(code="ky-wz", name="物资供应部", parent=organisation, by=None, at=AT)
    elsewhere = access.add_unit(code="xian", name="县总工会", parent=None, prefix="XA", by=None, at=AT)
    return Cast(
        organisation=organisation,
        unit=unit,
        other_unit=other,
        elsewhere=elsewhere,
        li=account("li", Role.OFFICE_OFFICER, organisation, name="李静宜"),
        head=account("head", Role.OFFICE_HEAD, organisation, name="罗建军"),
        zhao=account("zhao", Role.UNIT_CLERK, unit, name="赵晓梅"),
        wang=account("wang", Role.UNIT_CLERK, other, name="王建平"),
        auditor=account("auditor", Role.AUDITOR, organisation, name="经审员"),
        stranger=account("stranger", Role.OFFICE_OFFICER, elsewhere, name="外单位"),
        worker=account("worker", Role.WORKER, unit, name="张守诚"),
    )


def staff(cast: Cast, serial: int = 17, **changes: Any) -> Staff:
    values: dict[str, Any] = {
        "unit": cast.unit, "worker_no": f"KY{serial}", "name": "张守诚", "identity": identity(serial),
        "phone": f"138000{serial:05d}", "bank_name": "工商银行开远支行", "card": "6222021687536253779",
    }  # fmt: skip
    return flow.enrol_staff(StaffRow(**values | changes), by=None, at=AT)


def file(cast: Cast, serial: int = 17, **changes: Any) -> Household:
    """The household of Zhang: himself 3,200 a month, his wife ill, a daughter at university."""
    values: dict[str, Any] = {
        "unit": cast.unit, "head_name": "张守诚", "identity": identity(serial), "phone": f"138000{serial:05d}",
        "bank_name": "工商银行开远支行", "card": "6222021687536253779", "address": "开远市灵泉街道建设社区 3 幢 501 室",
        "main_cause": "family_illness", "secondary_causes": ("schooling",),
        "head": MemberRow(name="张守诚", incomes={"wage": 320_000}, health="none", is_employed=True),
        "members": (
            MemberRow(name="王桂芬", relation="spouse", identity=identity(26, "19800203"), health="serious", diagnosis="尿毒症",
                      incomes={}, is_employed=False),
            MemberRow(name="张晓雨", relation="child", identity=identity(48, "20060509"), health="none", incomes={},
                      school_stage="university", tuition_fen=560_000),
        ),
        "expenses": {"illness": 4_200_000, "schooling": 560_000}, "assets": (),
    }  # fmt: skip
    return flow.file_household(FileRow(**values | changes), by=cast.zhao, at=AT)


def own_file(cast: Cast, serial: int = 17) -> Household:
    """The same household, its head on the roster and with an account."""
    worker = staff(cast, serial, account=cast.worker)
    return file(cast, serial, staff=worker)


def many(cast: Cast, count: int, *, unit: Unit | None = None, start: int = 100) -> list[Household]:
    rows = [
        FileRow(unit=unit or cast.unit, head_name=f"李{'甲乙丙丁戊己庚辛壬癸'[serial % 10]}{'春夏秋冬'[serial % 4]}",
                identity=identity(serial % 1000, born=f"19{70 + serial // 1000:02d}0101"), main_cause="own_illness")
        for serial in range(start, start + count)
    ]  # fmt: skip
    return flow.file_households_many(rows, by=cast.li, at=AT)
