"""Reads of cases: to-do, counts, waiting for others, lists, what a household and the committee are shown.

Days in Asia/Shanghai, sums in fen. The number of statements does not grow with the number of cases.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, F, Min, Prefetch, Q, QuerySet, Sum
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import posts_of, roles_of, within
from bangfu.disclosure import queries as disclosure
from bangfu.disclosure.models import Objection
from bangfu.governance import queries as governance
from bangfu.governance.models import Motion, Session
from bangfu.household.models import Household
from bangfu.lib.days import last_day, start_of_day, today
from bangfu.lib.names import search_terms
from bangfu.process.conflicts import households_of_kin
from bangfu.process.models import Award, Case, CaseMotion, CaseNotice, Step, Survey
from bangfu.process.words import ACTS


@dataclass
class Row:
    """One thing that waits for the account: until when, who, what, how much, and the one button."""

    due: date | None
    who: str
    unit: str
    what: str
    detail: str
    amount_fen: int | None
    button: str
    url: str
    kind: str
    people: int = 1
    late_days: int = 0  # how many days past its term

    def is_late(self, on: date) -> bool:
        return self.due is not None and self.due < on


@dataclass
class Counts:
    """The strip over the to-do list."""

    late: int = 0
    today: int = 0
    week: int = 0
    to_visit: int = 0
    on_notice: int = 0
    to_pay: int = 0
    to_pay_fen: int = 0


@dataclass
class Waiting:
    """Cases whose next step is somebody else's, by stage."""

    title: str
    who: str
    count: int
    days: int
    url: str


@dataclass
class Todo:
    rows: list[Row]
    counts: Counts
    waiting: list[Waiting]
    coming: list[tuple[date, str, str]]
    done_this_week: int
    all_rows: int = 0
    filter: str = ""


def seen(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what a row shows; the rules' bytes stay in the database."""
    return cases.select_related("unit", "household__unit", "household__staff").order_by(F("due_on").asc(nulls_last=True), "pk")


def with_work(cases: QuerySet[Case]) -> QuerySet[Case]:
    """Prefetched what the state of a row depends on: awards, surveys, notices with objections, motions with resolutions."""
    return seen(cases).prefetch_related(
        Prefetch("awards", queryset=Award.objects.select_related("disbursement").order_by("position")),
        Prefetch(
            "surveys", queryset=Survey.objects.only("case", "visitor", "is_alone_in_unit", "countersigned_at", "handed_in_at")
        ),
        Prefetch(
            "notices", queryset=CaseNotice.objects.select_related("notice").prefetch_related("notice__objections").order_by("pk")
        ),
        Prefetch("motions", queryset=CaseMotion.objects.select_related("motion__session", "motion__resolution").order_by("pk")),
    )


def my_turn(account: Account) -> Q:
    """Cases at a stage of one of the account's roles, at or below its post."""
    turn = Q(pk__in=[])
    for post in posts_of(account):
        if post.role == Role.WORKER:
            continue
        roles = {post.role} | ({Role.COMMITTEE_CHAIR} if post.role in (Role.OFFICE_OFFICER, Role.OFFICE_HEAD) else set())
        for role in roles:
            turn |= Q(stage_roles__contains=f"|{role}|", unit__path__startswith=post.unit.path)
        if post.role in (Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD):  # countersigning
            turn |= Q(stage_kind="investigate", unit__path__startswith=post.unit.path)
    return turn


def todo(account: Account, *, at: datetime, sort: str = "due", only: str = "") -> Todo:
    """What waits for the account, overdue first; counts, what others have to do, what comes next. Source: ux.md 6.1."""
    day = today(at)
    cases = with_work(Case.objects.open().visible_to(account).filter(my_turn(account)))
    rows = [row for case in cases if (row := _row_of(case, account, at)) is not None]
    rows = _pay_together(rows) + _objections(account) + _ballots(account, day)
    rows += _narrowed(account)
    everything = sorted(rows, key=lambda row: (row.due is None, row.due or day, row.who))
    for row in everything:
        row.late_days = max((day - row.due).days, 0) if row.due else 0
    counts = _counts(account, everything, day, at)
    shown = [row for row in everything if _passes(row, only, day)]
    if sort == "amount":
        shown.sort(key=lambda row: -(row.amount_fen or 0))
    elif sort == "stage":
        shown.sort(key=lambda row: (list(ACTS).index(row.kind) if row.kind in ACTS else 99, row.due or date.max))
    return Todo(
        rows=shown,
        counts=counts,
        waiting=waiting(account, at=at),
        coming=coming(account, at=at),
        done_this_week=_done_this_week(account, at),
        all_rows=len(everything),
        filter=only,
    )


def _passes(row: Row, only: str, day: date) -> bool:
    if only == "late":
        return row.is_late(day)
    if only == "today":
        return row.due == day
    if only == "week":
        return row.due is not None and day <= row.due <= day + timedelta(days=7)
    return not only or row.kind == only


def _row_of(case: Case, account: Account, at: datetime) -> Row | None:
    """The row of one case for one account; None when it is not her turn after all."""
    roles = {post.role for post in posts_of(account) if case.unit.path.startswith(post.unit.path)}
    _icon, told, asked = ACTS[case.stage_kind]
    due, what, button, detail = case.due_on, str(asked), str(told), ""
    acts_here = bool(roles & set(case.stage_roles.strip("|").split("|")))
    if case.stage_kind == "investigate":
        waits = [
            survey for survey in case.surveys.all() if survey.waits_for_countersignature and survey.handed_in_at >= case.stage_since
        ]
        if waits:
            if waits[-1].visitor_id == account.pk or not roles & {Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD}:
                return None
            what, button = _("会签入户调查表"), _("去会签")
        elif not acts_here:
            return None
    elif case.stage_kind == "notice":
        due, what, detail, button = _notice_words(case, at)
    elif case.stage_kind == "decide":
        found = _decide_words(case, roles)
        if found is None:
            return None
        what, detail, button = found
    elif not acts_here:
        return None
    elif case.is_list and case.stage_kind == "propose":
        what, button = _("提出名单"), _("去定名单")
    return Row(
        due=due, who=_who(case), unit=case.unit.name, what=f"{what}{_('，')}{case.title}" if not case.is_list else what,
        detail=detail, amount_fen=_sum(case), button=button, url=f"/cases/{case.number}/", kind=case.stage_kind,
        people=sum(award.is_in for award in case.awards.all()),
    )  # fmt: skip


def _who(case: Case) -> str:
    if case.household is not None:
        return case.household.head_name
    people = sum(award.is_in for award in case.awards.all())
    return _("%(n)d 户 %(title)s") % {"n": people, "title": case.title}


def _sum(case: Case) -> int | None:
    sums = [award.amount_fen for award in case.awards.all() if award.is_in and award.amount_fen]
    return sum(sums) if sums else None


def _notice_words(case: Case, at: datetime) -> tuple[date | None, str, str, str]:
    links = list(case.notices.all())
    notice = links[-1].notice if links and links[-1].notice.closed_at is None else None
    if notice is None:
        return case.due_on, _("发布公示"), "", _("发布公示")
    waiting = sum(objection.answered_at is None for objection in notice.objections.all())
    end = last_day(notice.closes_at)
    if waiting:
        return end, _("公示有 %(n)d 条异议，要答复") % {"n": waiting}, "", _("处理异议")
    if notice.is_over(at):
        return end, _("公示期满，登记结果"), _("无异议"), _("结束公示")
    return end, _("公示到期，登记结果"), _("无异议"), _("看公示")


def _decide_words(case: Case, roles: set[str]) -> tuple[str, str, str] | None:
    """For the office and the chair: put on the agenda, carry out; the ballot itself is a row of its own."""
    if not roles & {Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR}:
        return None
    links = [link for link in case.motions.all() if link.motion.state != Motion.State.TAKEN_OFF]
    last = links[-1].motion if links else None
    if last is None or (last.state == Motion.State.DECIDED and last.resolution.decided_at < case.stage_since):
        return _("排进评审会"), "", _("去排会")
    if last.state == Motion.State.WAITING:
        return None
    return _("办理决议"), str(last.resolution.get_outcome_display()), _("办理决议")


def _pay_together(rows: list[Row]) -> list[Row]:
    """Several payouts are one row: they go to the bank in one batch."""
    paying = [row for row in rows if row.kind == "pay"]
    if len(paying) < 2:
        return rows
    people = sum(row.people for row in paying)
    dues = [row.due for row in paying if row.due]
    together = Row(
        due=min(dues) if dues else None, who=_("%(n)d 人") % {"n": people}, unit="", what=_("发放"), detail=_("%(n)d 件") % {"n": len(paying)},
        amount_fen=sum(row.amount_fen or 0 for row in paying), button=_("去发放"), url="/disbursements/", kind="pay", people=people,
    )  # fmt: skip
    return [row for row in rows if row.kind != "pay"] + [together]


def _objections(account: Account) -> list[Row]:
    """Objections that the account answers; the case's own row speaks to the others."""
    rows = []
    for objection in disclosure.unanswered(account):
        notice = objection.notice
        rows.append(
            Row(
                due=last_day(objection.answer_due_at),
                who=objection.case_number or notice.number,
                unit=notice.unit.name,
                what=_("答复异议"),
                detail="",
                amount_fen=None,
                button=_("去答复"),
                url=f"/notices/{notice.pk}/",
                kind="objection",
            )  # fmt: skip
        )
    return rows


def _ballots(account: Account, day: date) -> list[Row]:
    """One row a session; its button leads to the first motion without one's vote: the ballot is the second click."""
    return [
        Row(
            due=day,
            who=str(session),
            unit=session.committee.name,
            what=_("表决"),
            detail=_("还有 %(n)d 件") % {"n": len(left)},
            amount_fen=None,
            button=_("去表决"),
            url=f"/motions/{left[0]}/",
            kind="decide",
        )  # fmt: skip
        for session, left in governance.waiting_sessions(account)
    ]


def _narrowed(account: Account) -> list[Row]:
    """Withdrawn by the worker while on notice: the notice still hangs, without her name, until the union takes it down."""
    if not roles_of(account) & {Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD}:
        return []
    gone = Case.objects.visible_to(account).filter(state=Case.State.WITHDRAWN, notices__notice__closed_at=None)
    return [
        Row(
            due=today(case.closed_at) if case.closed_at else None,
            who=case.household.head_name if case.household else case.number,
            unit=case.unit.name,
            what=_("申请人已撤回，撤下公示"),
            detail="",
            amount_fen=None,
            button=_("撤下公示"),
            url=f"/notices/{case.notices.all()[0].notice_id}/",
            kind="notice",
        )  # fmt: skip
        for case in seen(gone).prefetch_related("notices")
    ]


def _counts(account: Account, rows: Iterable[Row], day: date, at: datetime) -> Counts:
    rows = list(rows)
    found = Counts(
        late=sum(row.is_late(day) for row in rows),
        today=sum(row.due == day for row in rows),
        week=sum(row.due is not None and day <= row.due <= day + timedelta(days=7) for row in rows),
    )
    kinds = dict(
        Case.objects.open()
        .visible_to(account)
        .order_by()
        .values_list("stage_kind")
        .annotate(n=Count("pk"))
        .values_list("stage_kind", "n")
    )
    found.to_visit = kinds.get("investigate", 0)
    found.on_notice = kinds.get("notice", 0)
    to_pay = within(
        Award.objects.filter(case__state=Case.State.OPEN, case__stage_kind="pay", dropped_reason="", disbursement__paid_at=None),
        account, unit_path="case__unit__path", roles=CASE_STAFF,
    ).aggregate(n=Count("pk"), fen=Sum("awarded_fen"))  # fmt: skip
    found.to_pay, found.to_pay_fen = to_pay["n"] or 0, to_pay["fen"] or 0
    return found


def waiting(account: Account, *, at: datetime) -> list[Waiting]:
    """等别人处理: open cases that are not mine to move now, by stage; the longest first."""
    others = Case.objects.open().visible_to(account).exclude(my_turn(account)).order_by()
    rows = others.values("stage_title", "stage_kind").annotate(n=Count("pk"), since=Min("stage_since")).order_by("since")
    return [
        Waiting(
            title=row["stage_title"],
            who="",
            count=row["n"],
            days=(today(at) - today(row["since"])).days,
            url=f"/cases/?stage={row['stage_kind']}",
        )  # fmt: skip
        for row in rows
    ]


def coming(account: Account, *, at: datetime, days: int = 14) -> list[tuple[date, str, str]]:
    """接下来: notices that end and sessions that are called, within two weeks: (day, words, address)."""
    until = at + timedelta(days=days)
    ends: dict[date, int] = {}
    running = CaseNotice.objects.filter(
        case__in=Case.objects.open().visible_to(account).values("pk"), notice__closed_at=None, notice__closes_at__lte=until
    )
    for closes_at in running.values_list("notice__closes_at", flat=True):
        end = last_day(closes_at)
        if end >= today(at):
            ends[end] = ends.get(end, 0) + 1
    rows = [(day, _("%(n)d 件公示到期") % {"n": n}, "/cases/?stage=notice") for day, n in ends.items()]
    sessions = Session.objects.visible_to(account).filter(closed_at=None, held_at__gte=start_of_day(today(at)), held_at__lte=until)
    rows += [(today(one.held_at), str(one), f"/sessions/{one.pk}/") for one in sessions.select_related("committee__unit")]
    return sorted(rows, key=lambda row: row[0])


def _done_this_week(account: Account, at: datetime) -> int:
    monday = start_of_day(today(at) - timedelta(days=today(at).weekday()))
    return (
        Step.objects.filter(by=account, at__gte=monday, outcome__in=["passed", "refused", "returned"])
        .values("case")
        .distinct()
        .count()
    )


# -- lists


@dataclass(frozen=True)
class Filters:
    """What the list of cases may be narrowed by; empty = all."""

    text: str = ""
    stage: str = ""
    state: str = "open"
    unit: str = ""
    programme: str = ""
    due: str = ""


SORTS = {"due": "due_on", "number": "number", "opened": "opened_at", "stage": "stage_since"}


def case_list(account: Account, filters: Filters, *, sort: str = "due", at: datetime) -> QuerySet[Case]:
    """Cases that the account sees, filtered and sorted; rows carry what their state depends on."""
    cases = Case.objects.visible_to(account)
    if filters.state:
        cases = cases.filter(state=filters.state)
    if filters.stage:
        cases = cases.filter(stage_kind=filters.stage)
    if filters.unit:
        cases = cases.filter(unit__code=filters.unit)
    if filters.programme:
        cases = cases.filter(programme=filters.programme)
    if filters.due == "late":
        cases = cases.filter(due_on__lt=today(at))
    elif filters.due == "today":
        cases = cases.filter(due_on=today(at))
    text = filters.text.strip()
    if text:
        of_household = Q()
        for term in search_terms(text):
            of_household &= Q(household__search__contains=term)
        cases = cases.filter(
            Q(number__icontains=text) | Q(title__icontains=text) | (of_household if of_household else Q(pk__in=[]))
        )
    column = SORTS.get(sort.lstrip("-"), "due_on")
    order = F(column).desc(nulls_last=True) if sort.startswith("-") else F(column).asc(nulls_last=True)
    return with_work(cases).order_by(order, "-pk")


def stage_counts(account: Account) -> dict[str, int]:
    """Open cases by kind of stage, for the tabs of the list."""
    rows = Case.objects.open().visible_to(account).order_by().values("stage_kind").annotate(n=Count("pk"))
    return {row["stage_kind"]: row["n"] for row in rows}


# -- what others show


def cases_of(household: Household, account: Account | None = None) -> list[Case]:
    """The household's cases and the lists it stood on, latest first; for staff without their kin's."""
    cases = Case.objects.filter(Q(household=household) | Q(awards__household=household)).distinct()
    if account is not None:
        cases = cases.exclude(household__in=households_of_kin(account))
    return list(with_work(cases).order_by("-opened_at", "-pk"))


def open_objections(case: Case) -> list[Objection]:
    """Objections to this case's notices that have no answer yet."""
    return list(
        Objection.objects.filter(notice__case_notice__case=case, answered_at=None).select_related("notice").order_by("raised_at")
    )


def similar_amounts(case: Case, limit: int = 10) -> list[int]:
    """What the committee gave in the last cases of the same programme in the organisation; sums only, nobody's name."""
    rows = Award.objects.filter(
        case__programme=case.programme, case__unit__path__startswith=f"/{case.unit.organisation_id}/", awarded_fen__isnull=False
    ).exclude(case=case)
    return [fen for fen in rows.order_by("-pk").values_list("awarded_fen", flat=True)[:limit] if fen is not None]
