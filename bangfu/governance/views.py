"""Pages of the committee: sessions, one session, one motion with its ballot, the seats."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, within
from bangfu.audit.queries import timeline
from bangfu.governance import flow, minutes, queries, reactions
from bangfu.governance.forms import CommitteeForm, ConveneForm, HourForm, MinutesForm, SeatForm, VoteForm
from bangfu.governance.models import CONVENERS, MEMBERS, Choice, Committee, Membership, Motion, Session
from bangfu.lib.days import now, today
from bangfu.lib.money import parse_yuan, yuan

ICONS = {
    "governance.session_convened": "calendar", "governance.session_moved": "calendar", "governance.member_attended": "users", "governance.session_opened": "gavel",
    "governance.session_closed": "check", "evidence.document_signed": "signature",
}  # fmt: skip


def sessions(request: HttpRequest) -> HttpResponse:
    """All sessions of one's committees, the next first; the office and the chair convene here."""
    account = _account(request)
    mine = within(Committee.objects.select_related("unit"), account, unit_path="unit__path", roles=CONVENERS)
    form = ConveneForm(request.POST if request.method == "POST" else None, committees=mine)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        made, refusal = attempt(
            request, flow.convene, data["committee"], held_at=data["held_at"], place=data["place"],
            recorder=data["recorder"], by=account, at=now(),
        )  # fmt: skip
        if refusal is None:
            return redirect("session", made.pk)
    rows = Session.objects.visible_to(account).select_related("committee__unit").with_counts(account).order_by("-held_at", "-pk")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "can_convene": mine.exists(), "at": now()}
    return render(request, "governance/sessions.html", context, status=422 if request.method == "POST" else 200)


def session(request: HttpRequest, pk: int) -> HttpResponse:
    """Agenda, attendance and quorum, minutes. `?screen=1` is the projection: numbers instead of names."""
    return _session_page(request, _session(request, pk))


def session_attendance(request: HttpRequest, pk: int) -> HttpResponse:
    """签到: `member` is a seat; one's own, or those that the office ticks (`member` many times)."""
    meeting = _session(request, pk)
    seats = {str(member.pk): member for member in queries.due(meeting)}
    for key in request.POST.getlist("member"):
        member = seats.get(key)
        if member is None:
            raise Http404
        attempt(request, flow.attend, meeting, member, by=_account(request), at=now())
    if not request.POST.getlist("member"):
        messages.error(request, _("还没有选人。请在到会的委员前打勾。"))
    return redirect("session", pk)


def session_date(request: HttpRequest, pk: int) -> HttpResponse:
    """改期."""
    meeting = _session(request, pk)
    form = HourForm(request.POST)
    if form.is_valid():
        _moved, refusal = attempt(
            request, flow.move_session, meeting, held_at=form.cleaned_data["held_at"], version=_version(request),
            by=_account(request), at=now(),
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("已改期，委员都收到了消息。"))
            return redirect("session", pk)
    return _session_page(request, meeting, date_form=form, status=422)


def session_opening(request: HttpRequest, pk: int) -> HttpResponse:
    attempt(request, flow.open_session, _session(request, pk), version=_version(request), by=_account(request), at=now())
    return redirect("session", pk)


def session_closure(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = _session(request, pk)
    form = MinutesForm(request.POST)
    if form.is_valid():
        _closed, refusal = attempt(
            request, flow.close_session, meeting, minutes=form.cleaned_data["minutes"], version=_version(request),
            by=_account(request), at=now(),
        )  # fmt: skip
        if refusal is None:
            return redirect("session", pk)
    return _session_page(request, meeting, form=form, status=422)


def session_minutes(request: HttpRequest, pk: int) -> HttpResponse:
    """The minutes as A4 PDF, for the reader who asks: cases kept from her by a conflict are not on it."""
    meeting = _session(request, pk)
    if meeting.opened_at is None:
        raise Http404
    name = f"minutes-{meeting.year}-{meeting.number}.pdf"
    content = flow.print_minutes(meeting, by=_account(request), at=now())
    return HttpResponse(content, content_type="application/pdf", headers={"Content-Disposition": f'inline; filename="{name}"'})


def session_signature(request: HttpRequest, pk: int) -> HttpResponse:
    meeting = _session(request, pk)
    attempt(request, flow.sign_minutes, meeting, role=request.POST.get("role", ""), by=_account(request), at=now())
    return redirect("session", pk)


def motion(request: HttpRequest, pk: int) -> HttpResponse:
    """One motion: what the upper modules show of it, and the ballot. `?screen=1` hides the person and the ballot."""
    return _motion_page(request, _motion(request, pk))


def motion_amount(request: HttpRequest, pk: int) -> HttpResponse:
    """The typed sum in words, and the button that says it: swapped in by HTMX while one types."""
    item = _motion(request, pk)
    try:
        amount, problem = parse_yuan(request.GET.get("amount", "")), ""
    except ValueError as error:
        amount, problem = None, str(error)
    return render(request, "governance/_amount.html", {"motion": item, "amount_fen": amount, "problem": problem, "swapped": True})


def motion_vote(request: HttpRequest, pk: int) -> HttpResponse:
    item = _motion(request, pk)
    form = VoteForm(request.POST, motion=item)
    if form.is_valid():
        data = form.cleaned_data
        _vote, refusal = attempt(
            request, flow.cast_vote, item, choice=data["choice"], amount_fen=data["amount"], opinion=data["opinion"],
            version=_version(request), by=_account(request), at=now(),
        )  # fmt: skip
        if refusal is None:
            return redirect("motion", pk)
        item = _motion(request, pk)
    return _motion_page(request, item, form=form, status=422)


def motion_recusal(request: HttpRequest, pk: int) -> HttpResponse:
    """After it the page is a 404 for her: she goes back to the agenda."""
    item = _motion(request, pk)
    reason = request.POST.get("reason", "")
    _recusal, refusal = attempt(request, flow.recuse, item, reason=reason, by=_account(request), at=now())
    return redirect("motion", pk) if refusal else redirect("session", item.session_id)


def motion_resolution(request: HttpRequest, pk: int) -> HttpResponse:
    closes = request.POST.get("closes_voting") == "1"
    attempt(
        request, flow.resolve, _motion(request, pk), closes_voting=closes, version=_version(request), by=_account(request), at=now()
    )
    return redirect("motion", pk)


def motion_removal(request: HttpRequest, pk: int) -> HttpResponse:
    item = _motion(request, pk)
    reason = request.POST.get("reason", "")
    _motion_off, refusal = attempt(
        request, flow.take_off_agenda, item, reason=reason, version=_version(request), by=_account(request), at=now()
    )
    return redirect("motion", pk) if refusal else redirect("session", item.session_id)


def committees(request: HttpRequest) -> HttpResponse:
    """The committees one sees; the office head founds one for her unit."""
    account = _account(request)
    units = within(Unit.objects.all(), account, unit_path="path", roles=flow.SETTERS)
    form = CommitteeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and units:
        data = form.cleaned_data
        made, refusal = attempt(
            request, flow.form_committee, units[0], name=data["name"], quorum_permille=data["quorum"],
            majority_permille=data["majority"], by=account, at=now(),
        )  # fmt: skip
        if refusal is None:
            return redirect("committee", made.pk)
    rows = Committee.objects.visible_to(account).select_related("unit").prefetch_related("memberships__account")
    context = {"form": form, "committees": rows, "can_found": bool(units), "day": today(now())}
    return render(request, "governance/committees.html", context, status=422 if request.method == "POST" else 200)


def committee(request: HttpRequest, pk: int) -> HttpResponse:
    """Who sits on a committee, from when to when."""
    account = _account(request)
    board = get_object_or_404(Committee.objects.select_related("unit").visible_to(account), pk=pk)
    form = SeatForm(request.POST if request.method == "POST" else None, committee=board)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        _seat, refusal = attempt(
            request, flow.seat_member, board, data["account"], from_date=data["from_date"], is_chair=data["is_chair"],
            by=account, at=now(),
        )  # fmt: skip
        if refusal is None:
            return redirect("committee", pk)
    context = {
        "committee": board,
        "seats": board.memberships.select_related("account"),
        "form": form,
        "can_seat": has_role(account, flow.SETTERS, board.unit),
    }
    return render(request, "governance/committee.html", context, status=422 if request.method == "POST" else 200)


def seat_ending(request: HttpRequest, pk: int) -> HttpResponse:
    seat = get_object_or_404(Membership.objects.visible_to(_account(request)), pk=pk)
    attempt(request, flow.unseat_member, seat, to_date=today(now()), by=_account(request), at=now())
    return redirect("committee", seat.committee_id)


def _session_page(
    request: HttpRequest, meeting: Session, form: MinutesForm | None = None, date_form: HourForm | None = None, status: int = 200
) -> HttpResponse:
    account, at = _account(request), now()
    members = queries.due(meeting)
    present = {attendance.member_id: attendance for attendance in meeting.attendances.all()}
    motions = list(
        meeting.motions.visible_to(account).select_related("resolution").prefetch_related("votes", "recusals").order_by("position")
    )
    seat = next((member for member in members if member.account_id == account.pk), None)
    can_preside = has_role(account, Role.COMMITTEE_CHAIR, meeting.unit)
    hidden = frozenset(meeting.motions.exclude(pk__in=[motion.pk for motion in motions]).values_list("pk", flat=True))
    left = meeting.motions.filter(state=Motion.State.WAITING).count()
    signed = minutes.signatures(meeting) if meeting.closed_at else []
    context = {
        "session": meeting,
        "screen": request.GET.get("screen") == "1",
        "motions": _agenda(meeting, motions, seat, present),
        "hidden_count": len(hidden),
        "shown_count": len(motions),
        "total_fen": sum(motion.amount_fen or 0 for motion in motions if motion.state != Motion.State.TAKEN_OFF),
        "decided_fen": sum(motion.resolution.amount_fen or 0 for motion in motions if motion.state == Motion.State.DECIDED),
        "left": left,
        "seats": [{"member": member, "attendance": present.get(member.pk)} for member in members],
        "due": len(members),
        "present": len(present),
        "quorum": queries.quorum_of(meeting, len(members)),
        "seat": seat,
        "is_present": seat is not None and seat.pk in present,
        "can_note": has_role(account, CONVENERS, meeting.unit) and meeting.closed_at is None,
        "can_preside": can_preside,
        "is_past": meeting.closed_at is None and today(meeting.held_at) < today(at),
        "date_form": date_form or HourForm(),
        "is_today": today(meeting.held_at) == today(at),
        "forms": [one for one in (form, date_form) if one is not None],
        "form": form or MinutesForm(initial={"minutes": minutes.draft(meeting, without=hidden)}),
        "signed": signed,
        "to_sign": _to_sign(meeting, account, {sign.role for sign in signed}),
        "events": [
            {"at": entry.at, "icon": ICONS.get(entry.kind, "file-text"), "text": entry.words, "detail": entry.who}
            for entry in timeline(meeting, limit=40)
        ],
    }
    return render(request, "governance/session.html", context, status=status)


def _agenda(meeting: Session, motions: list[Motion], seat: Membership | None, present: Any) -> list[Any]:
    """Every place of the agenda; what is kept from the reader is a blank line, so that the places stay whole."""
    seen = {motion.position: queries.agenda_row(motion, seat, present) for motion in motions}
    places = meeting.motions.order_by("position").values_list("position", flat=True)
    return [seen.get(place) or queries.BlankRow(place) for place in places]


def _to_sign(meeting: Session, account: Account, signed: set[str]) -> str:
    """Which signature under the minutes this account owes: "chair", "recorder" or ""."""
    if meeting.closed_at is None:
        return ""
    if "chair" not in signed and has_role(account, Role.COMMITTEE_CHAIR, meeting.unit):
        return "chair"
    is_recorder = meeting.recorder_id in (None, account.pk) and has_role(account, CONVENERS - {Role.COMMITTEE_CHAIR}, meeting.unit)
    return "recorder" if "recorder" not in signed and is_recorder else ""


def _motion_page(request: HttpRequest, item: Motion, form: VoteForm | None = None, status: int = 200) -> HttpResponse:
    account = _account(request)
    meeting, count = item.session, queries.ballot(item)
    seat = queries.member_of(meeting.committee, account, today(meeting.opened_at or meeting.held_at))
    is_present = seat is not None and meeting.attendances.filter(member=seat).exists()
    own = queries.own_vote(item, account)
    waiting = item.state == Motion.State.WAITING and meeting.is_open
    screen = request.GET.get("screen") == "1"
    amount = item.amount_fen
    if form is not None and form.cleaned_data.get("amount") is None and form.data.get("amount"):
        amount = _typed(form)
    shown = reactions.context_of(item, account)
    if screen:
        shown |= {slot: None for slot in ("left", "middle", "right") if slot not in shown.get("on_screen", ())}
    context = shown | {
        "motion": item,
        "session": meeting,
        "screen": screen,
        "ballot": count,
        "due": meeting.members_due or len(queries.due(meeting)),
        "quorum": queries.quorum_of(meeting, meeting.members_due or len(queries.due(meeting))),
        "form": form or VoteForm(motion=item, initial={"amount": yuan(item.amount_fen) if item.amount_fen else ""}),
        "amount_fen": amount,
        "can_vote": waiting and is_present and own is None and has_role(account, MEMBERS, item.unit) and not screen,
        "must_attend": waiting and seat is not None and not is_present,
        "can_recuse": seat is not None and item.state == Motion.State.WAITING and not screen,
        "own": own,
        "can_resolve": waiting and not screen and queries.presides(item, account),
        "can_remove": item.state == Motion.State.WAITING and has_role(account, CONVENERS, item.unit) and not screen,
        "recusals": item.recusals.select_related("member__account"),
        "result": getattr(item, "resolution", None),
        "said": queries.said(item),
        "choices": Choice,
        **queries.neighbours(item, account),
    }
    return render(request, "governance/motion.html", context, status=status)


def _typed(form: VoteForm) -> int | None:
    """The sum that was typed and is asked to be pressed again; None when it is no sum."""
    try:
        return parse_yuan(form.data.get("amount", ""))
    except ValueError:
        return form.motion.amount_fen


def _account(request: HttpRequest) -> Account:
    return request.user  # type: ignore[return-value]


def _version(request: HttpRequest) -> int | None:
    text = request.POST.get("version", "")
    return int(text) if text.isdecimal() else None


def _session(request: HttpRequest, pk: int) -> Session:
    rows = Session.objects.select_related("committee__unit", "recorder").visible_to(_account(request))
    return get_object_or_404(rows, pk=pk)


def _motion(request: HttpRequest, pk: int) -> Motion:
    """The one way to a motion: other units and those in conflict get a 404 (P6)."""
    rows: Any = Motion.objects.filter(pk=pk).select_related("session__committee__unit", "resolution")
    return get_object_or_404(rows.visible_to(_account(request)))
