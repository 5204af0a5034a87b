from __future__ import annotations

from pathlib import Path

import pytest

from bangfu.access import flow as access
from bangfu.access.roles import Role
from bangfu.household import grades
from bangfu.household.grades import Grade
from bangfu.household.tests import makers

DATA = Path(__file__).parent / "data"
UNITS = ("检修安装公司", "输电检修部", "客户服务中心", "离退休管理部", "配电营业部", "变电运行部", "信息通信部")
CLASSES = [Grade("special", "特别困难"), Grade("long", "长期困难"), Grade("temporary", "临时困难")]


@pytest.fixture
def cast(db, clock, monkeypatch):
    """The usual people; the departments of the roster, a chair, and the classes of S1 in force."""
    people = makers.cast()
    for number, name in enumerate(UNITS):
        access.add_unit(code=f"ky-{number}", name=name, parent=people.organisation, by=None, at=makers.AT)
    people.chair = makers.account("chair", Role.UNIT_CHAIR, people.organisation, name="段主席")
    monkeypatch.setattr(grades, "sources", [lambda unit, on: CLASSES])
    return people


@pytest.fixture
def roster():
    return (DATA / "roster_kaiyuan_20.xlsx").read_bytes()


@pytest.fixture
def gbk():
    return (DATA / "roster_gbk_20.csv").read_bytes()
