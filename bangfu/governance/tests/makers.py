"""A small cast for the committee: nine seats of one organisation, the office, and strangers of another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from bangfu.access.models import Account, Post, Unit
from bangfu.access.roles import Role
from bangfu.audit.models import Event
from bangfu.governance import flow
from bangfu.governance.models import Committee, Membership, Motion, Session

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # Friday 2026-11-20 10:00 in Shanghai
HELD = datetime(2026, 11, 20, 1, 0, tzinfo=UTC)


def unit(code: str, name: str, parent: Unit | None = None, *, prefix: str = "", phone: str = "") -> Unit:
    made = Unit.objects.create(code=code, name=name, parent=parent, path="/", prefix=prefix, phone=phone)
    made.path = f"{parent.path if parent else '/'}{made.pk}/"
    made.save(update_fields=["path"])
    return made


def person(username: str, name: str, *posts: tuple[str, Unit]) -> Account:
    account = Account.objects.create(username=username, name=name)
    for role, where in posts:
        Post.objects.create(account=account, unit=where, role=role, from_date=date(2020, 1, 1))
    return account


@dataclass
class World:
    """One organisation with its committee. `members[0]` is the chair."""

    root: Unit
    committee: Committee
    head: Account
    members: list[Account]
    seats: list[Membership]
    stranger: Account
    other: dict[str, Account] = field(default_factory=dict)

    @property
    def chair(self) -> Account:
        return self.members[0]


NAMES = ["孙立新", "沈若兰", "吴明远", "郑晓东", "冯雅琴", "褚志强", "卫国华", "蒋丽娟", "韩文博"]


def world(members: int = 9, *, quorum: int = 666, majority: int = 500) -> World:
    root = unit("kaiyuan", "开远供电公司工会", prefix="KY", phone="0873-000-0000")
    away = unit("away", "外地公司工会", prefix="WD")
    head = person("head", "李静宜", (Role.OFFICE_HEAD, root))
    people = [
        person(f"member{n}", NAMES[n], (Role.COMMITTEE_CHAIR if n == 0 else Role.COMMITTEE_MEMBER, root)) for n in range(members)
    ]
    committee = flow.form_committee(
        root, name="帮扶基金管理委员会", quorum_permille=quorum, majority_permille=majority, by=None, at=AT
    )
    seats = [
        flow.seat_member(committee, account, from_date=date(2026, 1, 1), is_chair=n == 0, by=None, at=AT)
        for n, account in enumerate(people)
    ]
    other = {
        "auditor": person("auditor", "钱守正", (Role.AUDITOR, root)),
        "clerk": person("clerk", "许晓梅", (Role.UNIT_CLERK, root)),
        "cashier": person("cashier", "周敏", (Role.CASHIER, root)),
    }
    stranger = person("stranger", "王远", (Role.COMMITTEE_CHAIR, away), (Role.OFFICE_HEAD, away))
    return World(root, committee, head, people, seats, stranger, other)


def called(place: World, *, held_at: datetime = HELD, at: datetime = AT) -> Session:
    return flow.convene(place.committee, held_at=held_at, place="三楼会议室", recorder=place.head, by=place.head, at=at)


def put(place: World, session: Session, subject: str = "process.case:12", **facts) -> Motion:
    given = {"title": "临时生活救助", "party": "何秋菊", "number": "KY-A2026-0214", "amount_fen": 300_000, "max_fen": 500_000}
    return flow.put_on_agenda(session, subject, by=place.head, at=AT, **(given | facts))


def opened(place: World, session: Session, present: int | None = None) -> Session:
    for seat in place.seats[:present]:
        flow.attend(session, seat, by=place.head, at=AT)
    return flow.open_session(session, by=place.chair, at=AT)


def vote(
    place: World, motion: Motion, n: int, choice: str = "yes", amount_fen: int | None = 300_000, opinion: str = "同意核实情况"
):
    amount = amount_fen if choice == "yes" else None
    return flow.cast_vote(motion, choice=choice, amount_fen=amount, opinion=opinion, by=place.members[n], at=AT)


def kinds() -> list[str]:
    return list(Event.objects.values_list("kind", flat=True))
