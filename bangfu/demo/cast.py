"""The people of the demo and how they sign in. Generated: nobody real."""

from __future__ import annotations

from dataclasses import dataclass

from bangfu.access.roles import Role

#: One password for all demo accounts, printed by `make run`; a real organisation never has it.
DEMO_PASSWORD = "kaiyuan-2026"

ORGANISATION = ("kaiyuan", "开远供电公司工会", "KY", "0873-000-0000")
DEPARTMENTS = [
    ("ky-wuzi", "物资供应部"),
    ("ky-jianxiu", "检修安装公司"),
    ("ky-shudian", "输电检修部"),
    ("ky-kefu", "客户服务中心"),
    ("ky-litui", "离退休管理部"),
    ("ky-peidian", "配电营业部"),
    ("ky-biandian", "变电运行部"),
    ("ky-shebei", "设备动力部"),
    ("ky-xintong", "信息通信部"),
]


@dataclass(frozen=True)
class Person:
    """An account of the demo; `unit` is a department code, "" the organisation itself."""

    username: str
    name: str
    roles: tuple[Role, ...]
    unit: str = ""


R = Role
PEOPLE = [
    Person("worker", "张守诚", (R.WORKER,), "ky-shebei"),
    Person("worker2", "杨桂芳", (R.WORKER,), "ky-peidian"),
    Person("clerk", "钱文静", (R.UNIT_CLERK,)),
    Person("clerk2", "许晓梅", (R.UNIT_CLERK,), "ky-biandian"),
    Person("chair", "马国良", (R.UNIT_CHAIR,)),
    Person("officer", "李静宜", (R.OFFICE_OFFICER,)),
    Person("head", "周明远", (R.OFFICE_HEAD,)),
    Person("committee", "孙立新", (R.COMMITTEE_CHAIR,)),
    Person("member1", "沈若兰", (R.COMMITTEE_MEMBER,)),
    Person("member2", "何建中", (R.COMMITTEE_MEMBER,)),
    Person("member3", "罗玉珍", (R.COMMITTEE_MEMBER,)),
    Person("member4", "普学文", (R.COMMITTEE_MEMBER,)),
    Person("cashier", "段丽萍", (R.CASHIER,)),
    Person("accountant", "尹志刚", (R.ACCOUNTANT,)),
    Person("auditor", "高凤英", (R.AUDITOR,)),
    Person("leader", "王建平", (R.PAIRED_LEADER,)),
    Person("policy", "田应忠", (R.POLICY_ADMIN,)),
    Person("sysadmin", "赵永康", (R.SYSTEM_ADMIN,)),
    Person("secadmin", "白云山", (R.SECURITY_ADMIN,)),
    Person("logadmin", "毕学海", (R.AUDIT_ADMIN,)),
]


def accounts() -> list[tuple[str, str, str]]:
    """(username, name, role in words) of every demo account; empty when the database holds no demo."""
    from bangfu.access.models import Account, Unit

    if not Unit.objects.filter(is_demo=True).exists():
        return []
    known = set(Account.objects.filter(username__in=[person.username for person in PEOPLE]).values_list("username", flat=True))
    return [
        (person.username, person.name, "、".join(str(role.label) for role in person.roles))
        for person in PEOPLE
        if person.username in known
    ]
