"""The rows of the to-do: whose turn it is, and what the row of each kind says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import F, Q
from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, posts_of, roles_of
from bangfu.disclosure import queries as disclosure
from bangfu.disclosure.models import POSTERS, NoticeDraft
from bangfu.governance import queries as governance
from bangfu.governance.models import CONVENERS, MEMBERS, Motion, Session
from bangfu.lib.days import last_day, local, start_of_day, today
from bangfu.process.flow.notice import places_in_words
from bangfu.process.messages import survey_url, url_of
from bangfu.process.models import Case, Survey
from bangfu.process.queries.cases import seen, with_work
from bangfu.process.upheld import upheld_holds
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


def other_rows(account: Account, at: datetime) -> list[Row]:
    """What waits for her beside the stages of cases."""
    return (
        _stuck(account)
        + _visits(account)
        + _drafts(account)
        + _objections(account)
        + _cuttings(account)
        + _sign_ins(account, at)
        + _ballots(account, today(at))
        + _sessions(account, at)
    )


def row_of(case: Case, account: Account, at: datetime) -> Row | None:
    """The row of one case for one account; None when it is not her turn after all."""
    roles = {post.role for post in posts_of(account) if case.unit.path.startswith(post.unit.path)}
    _icon, told, asked = ACTS[case.stage_kind]
    due, what, button, detail, url = case.due_on, str(asked), str(told), "", url_of(case)
    acts_here = bool(roles & set(case.stage_roles.strip("|").split("|")))
    if case.stage_kind == "investigate":
        here = [survey for survey in case.surveys.all() if survey.handed_in_at >= case.stage_since]
        waits = [survey for survey in here if survey.waits]
        if waits:
            if waits[-1].waits_for_companion:  # a row of her own
                return None
            if waits[-1].visitor_id == account.pk or not roles & {Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD}:
                return None
            what, button = _("会签入户调查表"), _("去会签")
        elif not acts_here:
            return None
        else:
            url = survey_url(case)
            detail = _("同去的人没有确认，要重新入户") if here and here[-1].is_void else ""
    elif case.stage_kind == "notice":
        due, what, detail, button = _notice_words(case, at)
    elif case.stage_kind == "decide":
        found = _decide_words(case, roles)
        if found is None:
            return None
        what, detail, button = found
    elif not acts_here:
        return None
    elif case.stage_kind == "pay":
        return _pay_row(case, due)
    elif case.is_list and case.stage_kind == "propose":
        what, button = _("提出名单"), _("去定名单")
    return Row(
        due=due, who=_who(case), unit=case.unit.name, what=f"{what}{_('，')}{case.title}" if not case.is_list else what,
        detail=detail, amount_fen=_sum(case), button=button, url=url, kind=case.stage_kind,
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


def _pay_row(case: Case, due: date | None) -> Row | None:
    """What is still to be paid of the case (Award.is_to_pay); when all is paid, the signatures that are missing."""
    awards = [award for award in case.awards.all() if award.is_to_pay]
    unsigned = [
        award for award in case.awards.all()
        if award.is_in and award.disbursement is not None and award.disbursement.state == "paid" and not award.disbursement.receipted_at
    ]  # fmt: skip
    if not awards and not unsigned:
        return None  # given back or reversed: the office sets it aside anew
    waits = awards or unsigned
    one = waits[0].disbursement_id if len(waits) == 1 else None
    return Row(
        due=due, who=_who(case), unit=case.unit.name, what=_("发放，%(title)s") % {"title": case.title} if awards else _("双方签字，%(title)s") % {"title": case.title},
        detail="", amount_fen=sum(award.awarded_fen or 0 for award in waits), button=_("去发放") if awards else _("去签字"),
        url=f"/disbursements/{one}/" if one else "/disbursements/", kind="pay" if awards else "sign", people=len(waits),
    )  # fmt: skip


def pay_together(rows: list[Row]) -> list[Row]:
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


def drafted() -> set[str]:
    """Subjects of cases whose notice is drafted: the checker's turn (`_drafts`), nobody else's."""
    return set(NoticeDraft.objects.waiting().values_list("origin", flat=True))


def _drafts(account: Account) -> list[Row]:
    """Notices that wait for this account's second look; nothing is up before it."""
    origins = NoticeDraft.objects.waiting().filter(checker=account).values_list("origin", flat=True)
    label = f"{Case._meta.label_lower}:"
    keys = [int(origin.removeprefix(label)) for origin in origins if origin.startswith(label)]
    if not keys:
        return []
    return [
        Row(
            due=case.due_on, who=_who(case), unit=case.unit.name, what=_("核对公示"), detail=case.title, amount_fen=_sum(case),
            button=_("去核对"), url=f"/cases/{case.number}/notice/draft/", kind="notice",
        )
        for case in with_work(Case.objects.open().visible_to(account).filter(pk__in=keys))
    ]  # fmt: skip


def _stuck(account: Account) -> list[Row]:
    """Where money stands still and only the office moves it: an upheld objection holds it, or it was given back or reversed."""
    office = roles_of(account) & {Role.OFFICE_HEAD, Role.OFFICE_OFFICER}
    if not office:
        return []
    cases = list(with_work(Case.objects.open().visible_to(account).filter(stage_kind__in=["review", "decide", "pay"])))
    held = upheld_holds(cases)
    rows = []
    for case in cases:
        gone = (
            case.is_at("pay")
            and Role.OFFICE_HEAD in office
            and any(award.is_in and not award.has_money for award in case.awards.all())
        )
        if case.pk not in held and not gone:
            continue
        rows.append(
            Row(
                due=case.due_on,
                who=_who(case),
                unit=case.unit.name,
                what=_("异议成立，退回核实或不予救助") if case.pk in held else _("重新预留"),
                detail=case.title,
                amount_fen=_sum(case),
                button=_("去处理") if case.pk in held else _("去预留"),
                url=f"/cases/{case.number}/",
                kind="stuck",
            )  # fmt: skip
        )
    return rows


def _visits(account: Account) -> list[Row]:
    """Visits that she is said to have made along with a colleague, and has not confirmed yet."""
    named = Survey.objects.filter(
        is_for_two=True, companion_account=account, companion_confirmed_at=None, companion_denied_at=None,
        handed_in_at__gte=F("case__stage_since"), case__stage_kind="investigate",
    )  # fmt: skip
    waiting = Case.objects.open().visible_to(account).filter(surveys__in=named).distinct()
    return [
        Row(
            due=case.due_on,
            who=case.household.head_name if case.household else case.number,
            unit=case.unit.name,
            what=_("确认同去入户"),
            detail="",
            amount_fen=None,
            button=_("去确认"),
            url=f"/cases/{case.number}/",
            kind="investigate",
        )  # fmt: skip
        for case in seen(waiting)
    ]


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


def _cuttings(account: Account) -> list[Row]:
    """Notices in the newspaper or on television whose cutting nobody has handed in; without it they do not close."""
    if not roles_of(account) & POSTERS:
        return []
    return [
        Row(
            due=last_day(notice.closes_at),
            who=notice.number,
            unit=notice.unit.name,
            what=_("登记%(places)s的刊播凭证") % {"places": places_in_words(places)},
            detail="",
            amount_fen=None,
            button=_("去登记"),
            url=f"/notices/{notice.pk}/#cuttings",
            kind="cutting",
        )  # fmt: skip
        for notice, places in disclosure.without_cutting(account)
    ]


def _sessions(account: Account, at: datetime) -> list[Row]:
    """Sessions whose day has passed: never opened, they are held another day; opened, they are closed with their minutes."""
    past = Session.objects.visible_to(account).filter(closed_at=None, held_at__lt=start_of_day(today(at)))
    rows = []
    for session in past.select_related("committee__unit").order_by("held_at"):
        opened = session.opened_at is not None
        if not (has_role(account, CONVENERS, session.unit) or account.pk == session.recorder_id):
            continue
        rows.append(
            Row(
                due=today(session.held_at),
                who=str(session),
                unit=session.committee.name,
                what=_("会开了没有散，写纪要结束") if opened else _("过了开会那天没有开，改期"),
                detail="",
                amount_fen=None,
                button=_("去结束") if opened else _("去改期"),
                url=f"/sessions/{session.pk}/",
                kind="session",
            )  # fmt: skip
        )
    return rows


def _sign_ins(account: Account, at: datetime) -> list[Row]:
    """On the day of a session, until she has signed in: a member is called to it, opened already or not. Source: ux.md 6.1."""
    if not roles_of(account) & MEMBERS:
        return []
    return [
        Row(
            due=today(at),
            who=str(session),
            unit=session.committee.name,
            what=_("开会签到"),
            detail=_("，").join(text for text in (f"{local(session.held_at):%H:%M}", session.place) if text),
            amount_fen=None,
            button=_("去签到"),
            url=f"/sessions/{session.pk}/#seats",
            kind="session",
        )  # fmt: skip
        for session in governance.sessions_to_attend(account, at)
    ]


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
