"""A small cast for notices: a unit of one organisation, its people, and a stranger of another."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.disclosure import flow
from bangfu.disclosure.lines import Line
from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.governance.tests.makers import person, unit

AT = datetime(2026, 11, 17, 2, 0, tzinfo=UTC)  # Tuesday 2026-11-17 10:00 in Shanghai
DURING = AT + timedelta(days=2)
SHANGHAI = ZoneInfo("Asia/Shanghai")
TITLE = "关于2026年11月临时生活救助拟帮扶对象的公示"
BASIS = "根据《帮扶办法（2026 年版）》，经本人申请、材料核实和入户调查，以下人员拟予帮扶，现予公示。"
LINES = [
    Line("KY-A2026-0217", "客户服务中心", "段志强", True, "disaster", "临时生活救助", 200_000),
    Line("KY-A2026-0218", "配电营业部", "欧阳晓", False, "schooling", "临时生活救助", 400_000),
    Line("KY-A2026-0221", "设备动力部", "张立诚", True, "illness", "临时生活救助", 100_000),
]


@dataclass
class World:
    root: Unit
    section: Unit
    clerk: Account
    unit_chair: Account
    officer: Account
    head: Account
    auditor: Account
    cashier: Account
    other_clerk: Account
    stranger: Account


def world() -> World:
    root = unit("kaiyuan", "开远供电公司工会", prefix="KY", phone="0873-000-0000")
    section = unit("power", "设备动力部分会", root)
    other = unit("lines", "输电检修部分会", root)
    away = unit("away", "外地公司工会", prefix="WD")
    return World(
        root=root,
        section=section,
        clerk=person("clerk", "许晓梅", (Role.UNIT_CLERK, section)),
        unit_chair=person("unit-chair", "周德林", (Role.UNIT_CHAIR, section)),
        officer=person("officer", "李静宜", (Role.OFFICE_OFFICER, root)),
        head=person("head", "陈立国", (Role.OFFICE_HEAD, root)),
        auditor=person("auditor", "钱守正", (Role.AUDITOR, root)),
        cashier=person("cashier", "周敏", (Role.CASHIER, root)),
        other_clerk=person("other-clerk", "何红", (Role.UNIT_CLERK, other)),
        stranger=person("stranger", "王远", (Role.OFFICE_HEAD, away)),
    )


def post(place: World, **facts) -> Notice:
    """Put up by the clerk; with `checked_by` (the unit's chair by default) after that account's confirmation."""
    given = {
        "origin": "process.case:12", "unit": place.section, "title": TITLE, "basis": BASIS, "lines": LINES, "days": 7,
        "by": place.clerk, "checked_by": place.unit_chair, "at": AT,
    }  # fmt: skip
    given |= facts
    checker = given.pop("checked_by")
    if checker is None:
        return flow.post(**given)
    waiting = flow.draft(**given, checker=checker)
    return flow.confirm(waiting, seen=waiting.sha256, by=checker, at=given["at"])


def draft(place: World, **facts) -> NoticeDraft:
    given = {
        "origin": "process.case:12", "unit": place.section, "title": TITLE, "basis": BASIS, "lines": LINES, "days": 7,
        "by": place.clerk, "checker": place.unit_chair, "at": AT,
    }  # fmt: skip
    return flow.draft(**(given | facts))


def objection(notice: Notice, at: datetime, text: str = "他家有两套房，请核实。", **facts):
    return flow.raise_objection(notice, text=text, is_named=facts.pop("is_named", False), at=at, **facts)


def at(text: str) -> datetime:
    """An instant of Shanghai: "2026-11-25 00:00"."""
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def kinds() -> list[str]:
    return list(Event.objects.values_list("kind", flat=True))
