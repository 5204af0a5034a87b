"""Words for whoever signs in and has no page of her own yet, and whom anybody may ask: by role, by name, by telephone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with, home_unit, posts_of


@dataclass(frozen=True)
class Room:
    """What a role will find here, and what its holder does until then."""

    coming: Any
    until: Any


#: Roles whose own pages come with a later module: none of them is sent to the password form.
ROOMS: dict[Role, Room] = {
    Role.PAIRED_LEADER: Room(
        coming=_("您结对的家庭名单、每季走访的提醒，和在手机上记走访的页面。"),
        until=_("走访的日期、看到的情况和家里的难处，请告诉这一家所在单位的工会干事，由她记进档案和回访。"),
    ),
    Role.HANDLER: Room(
        coming=_("互助保障的参保名册、缴费和理赔。"),
        until=_("职工要理赔的，请先收齐诊断书和发票，登记在原来的台账上。"),
    ),
    Role.COUNSELLOR: Room(
        coming=_("转给您的心理咨询预约，和只有您看得到的咨询记录。"),
        until=_("职工来咨询，请照原来的办法登记；有困难要帮扶的，请他找所在单位的工会干事申请。"),
    ),
    Role.STOREKEEPER: Room(
        coming=_("慰问品的入库、出库和盘点。"),
        until=_("发慰问品请照原来的台账登记，领的人签字；发钱的名单在帮扶办公室。"),
    ),
    Role.HIGHER_UNION: Room(
        coming=_("下级工会报上来的统计表、上报的个案和核对结果。"),
        until=_("下级的上报和您的答复，请与对方的帮扶办公室书面往来，由她们登记在办件里。"),
    ),
}


@dataclass(frozen=True)
class Asked:
    """One kind of question, and who answers it."""

    about: Any
    names: list[str]


def rooms_of(account: Account) -> list[tuple[str, Room]]:
    """(the post in words, what stands there) for each of the account's roles that has no page yet."""
    return [
        (f"{post.unit.name} {post.get_role_display()}", ROOMS[Role(post.role)])
        for post in posts_of(account)
        if Role(post.role) in ROOMS
    ]


def whom_to_ask(account: Account) -> list[Asked]:
    """Who answers what in the account's unit, by name; questions that nobody there answers are left out."""
    unit = home_unit(account)
    return asked_in(unit, account) if unit is not None else []


def asked_in(unit: Unit, account: Account) -> list[Asked]:
    questions: list[tuple[Any, list[Role]]] = [
        (_("申请、材料、家庭档案"), [Role.UNIT_CLERK]),
        (_("办法怎么用、办到哪一步"), [Role.OFFICE_HEAD, Role.OFFICE_OFFICER]),
        (_("账号、密码、岗位"), [Role.SECURITY_ADMIN]),
        (_("单位设置、系统打不开"), [Role.SYSTEM_ADMIN]),
    ]
    found = [
        Asked(about, [one.name for one in accounts_with(roles, unit) if one.pk != account.pk][:3]) for about, roles in questions
    ]
    return [one for one in found if one.names]
