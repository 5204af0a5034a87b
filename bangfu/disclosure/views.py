"""Pages of notices: for the staff, and open to everybody by an address that cannot be guessed."""

from __future__ import annotations

from functools import wraps
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt, attempt_form
from bangfu.access.models import Account
from bangfu.access.scope import has_role
from bangfu.audit.queries import timeline
from bangfu.disclosure import flow, queries, reactions, sheet
from bangfu.disclosure.forms import AnswerForm, CuttingForm, ObjectionForm, OpenObjectionForm, TakeDownForm
from bangfu.disclosure.lines import PRESS, Channel
from bangfu.disclosure.models import INQUIRERS, LATE_ANSWERERS, POSTERS, Notice, NoticeChannel, Objection
from bangfu.lib.days import now

ICONS = {
    "disclosure.notice_drafted": "pencil",
    "disclosure.notice_draft_narrowed": "pencil",
    "disclosure.notice_posted": "speakerphone",
    "disclosure.notice_closed": "check",
    "disclosure.notice_taken_down": "ban",
    "disclosure.notice_narrowed": "pencil",
    "disclosure.cutting_recorded": "file-text",
    "disclosure.objection_raised": "message-report",
    "disclosure.objection_answered": "message-dots",
    "disclosure.objector_shown": "eye",
    "disclosure.proof_downloaded": "download",
}


def notices(request: HttpRequest) -> HttpResponse:
    """Notices of one's unit and below, running first; `?view=` running, over, closed."""
    account, at = _account(request), now()
    seen = Notice.objects.visible_to(account)
    wanted = {
        "running": Q(closed_at=None, closes_at__gt=at),
        "over": Q(closed_at=None, closes_at__lte=at),
        "closed": Q(closed_at__isnull=False),
    }
    counts = seen.aggregate(**{name: Count("pk", filter=condition) for name, condition in wanted.items()})
    view = request.GET.get("view", "running" if counts["running"] or not counts["over"] else "over")
    view = view if view in wanted else "running"
    rows = seen.filter(wanted[view]).select_related("unit").prefetch_related("channels", "objections")
    page = Paginator(rows, 20).get_page(request.GET.get("page"))
    titles = {"running": _("公示中"), "over": _("到期待结束"), "closed": _("已结束")}
    tabs = [{"title": titles[name], "url": f"?view={name}", "count": counts[name], "current": name == view} for name in wanted]
    context = {"page": page, "rows": [_row(one) for one in page.object_list], "tabs": tabs, "view": view, "at": at}
    return render(request, "disclosure/notices.html", context)


def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """The staff's page: lines as each channel shows them, dates, objections and their answers, paper and proof."""
    return _notice_page(request, _notice(request, pk))


def notice_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """Register what came by letter, call or visit."""
    item = _notice(request, pk)
    form = ObjectionForm(request.POST, numbers=_numbers(item))
    if form.is_valid():
        _made, refusal = attempt(request, flow.raise_objection, item, by=_account(request), at=now(), **form.facts())
        if refusal is None:
            return redirect("notice", pk)
    return _notice_page(request, item, objection_form=form, status=422)


def notice_cutting(request: HttpRequest, pk: int) -> HttpResponse:
    """登记刊播凭证: the cutting of a newspaper, a still of a broadcast."""
    item = _notice(request, pk)
    form = CuttingForm(request.POST, request.FILES, places=_press(queries.current_channels(item)))
    if form.is_valid():
        data = form.cleaned_data
        file = data.pop("file")
        _made, refusal = attempt_form(
            request, form, flow.record_cutting, item, content=file.read(), name=file.name, by=_account(request), at=now(), **data
        )
        if refusal is None:
            messages.success(request, _("刊播凭证已登记。"))
            return redirect("notice", pk)
    return _notice_page(request, item, cutting_form=form, status=422)


def notice_removal(request: HttpRequest, pk: int) -> HttpResponse:
    item = _notice(request, pk)
    form = TakeDownForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    attempt(request, flow.take_down, item, reason=reason, by=_account(request), at=now())
    return redirect("notice", pk)


def notice_print(request: HttpRequest, pk: int, channel: str) -> HttpResponse:
    """The A4 paper of one channel as PDF."""
    item = _notice(request, pk)
    shown = queries.channel_of(item, channel)
    if shown is None:
        raise Http404
    has_open = queries.channel_of(item, Channel.OPEN) is not None
    open_url = request.build_absolute_uri(reverse("open-notice", args=[item.token])) if has_open else ""
    headers = {"Content-Disposition": f'inline; filename="notice-{item.number}-{channel}.pdf"'}
    return HttpResponse(sheet.pdf(shown, open_url=open_url), content_type="application/pdf", headers=headers)


def notice_proof(request: HttpRequest, pk: int) -> HttpResponse:
    item, at = _notice(request, pk), now()
    content = sheet.proof(item, reader=_account(request), at=at)
    headers = {"Content-Disposition": f'attachment; filename="{sheet.file_name(item, at)}"'}
    return HttpResponse(content, content_type="application/zip", headers=headers)


def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """It stands on the page of its notice."""
    return redirect("notice", _objection(request, pk).notice_id)


def objection_answer(request: HttpRequest, pk: int) -> HttpResponse:
    objection = _objection(request, pk)
    form = AnswerForm(request.POST, prefix=f"o{pk}")
    if form.is_valid():
        _done, refusal = attempt(request, flow.answer_objection, objection, by=_account(request), at=now(), **form.cleaned_data)
        if refusal is None:
            return redirect("notice", objection.notice_id)
    return _notice_page(request, objection.notice, answer_forms={pk: form}, status=422)


def objection_objector(request: HttpRequest, pk: int) -> HttpResponse:
    """Who raised it, for 60 seconds, with a reason: swapped in by HTMX, or the whole page that masks itself again."""
    objection = _objection(request, pk)
    found, refusal = attempt(
        request, flow.show_objector, objection, reason=request.POST.get("reason", ""), by=_account(request), at=now()
    )
    if refusal is not None:
        return redirect("notice", objection.notice_id)
    if "HX-Request" in request.headers:
        return render(request, "disclosure/_objector.html", {"person": found})
    response = _notice_page(request, objection.notice, revealed={pk: found})
    response["Refresh"] = f"60; url={reverse('notice', args=[objection.notice_id])}"
    return response


def _unlisted(view: Any) -> Any:
    """Open pages: in no search engine and in no cache, so that what is taken down is gone.

    Their addresses stay within the site by the site's own referrer policy; a stricter one would make the browser send its
    form without an origin, and the form would be refused.
    """

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow, noarchive"
        response["Cache-Control"] = "no-store"
        return response

    return answer


@_unlisted
def open_notice(request: HttpRequest, token: str) -> HttpResponse:
    """The notice as the public sees it, while it is on show; afterwards a 410 in plain words, whether or not a job ran."""
    item = _by_token(token)
    at = now()
    if not item.is_open(at):
        return _gone(request, item)
    shown = queries.channel_of(item, Channel.OPEN)
    if shown is None:
        raise Http404
    context = _public(item) | {"sheet": sheet.sheet_of(shown), "closing": sheet.closing_words(item), "at": at}
    return render(request, "disclosure/open_notice.html", context)


@_unlisted
def open_objection(request: HttpRequest, token: str) -> HttpResponse:
    """Say what one has against it, named or anonymous; afterwards an address where the answer will stand."""
    item, at = _by_token(token), now()
    if not item.is_open(at) or queries.channel_of(item, Channel.OPEN) is None:
        return _gone(request, item)
    form = OpenObjectionForm(request.POST if request.method == "POST" else None, numbers=_numbers(item))
    if request.method == "POST" and form.is_valid():
        made, refusal = attempt(request, flow.raise_objection, item, by=None, at=at, **form.facts())
        if refusal is None:
            return redirect("open-answer", made.token)
    context = _public(item) | {"form": form}
    return render(request, "disclosure/open_objection.html", context, status=422 if request.method == "POST" else 200)


@_unlisted
def open_answer(request: HttpRequest, token: str) -> HttpResponse:
    """Where the objector finds the answer; only she has the address."""
    objection = get_object_or_404(Objection.objects.select_related("notice__unit"), token=token)
    context = _public(objection.notice) | {"objection": objection}
    return render(request, "disclosure/open_answer.html", context)


def _by_token(token: str) -> Notice:
    return get_object_or_404(Notice.objects.select_related("unit"), token=token)


def _gone(request: HttpRequest, item: Notice) -> HttpResponse:
    return render(request, "disclosure/open_gone.html", _public(item), status=410)


def _public(item: Notice) -> dict[str, Any]:
    return {"notice": item, "organisation": item.unit.organisation, "telephone": queries.telephone_of(item.unit)}


def _notice_page(
    request: HttpRequest,
    item: Notice,
    *,
    objection_form: ObjectionForm | None = None,
    cutting_form: CuttingForm | None = None,
    answer_forms: dict[int, AnswerForm] | None = None,
    revealed: dict[int, tuple[str, str]] | None = None,
    status: int = 200,
) -> HttpResponse:
    account, at = _account(request), now()
    channels = queries.current_channels(item)
    press = _press(channels)
    cuttings = list(item.cuttings.select_related("file", "recorded_by")) if press else []
    has_open = any(shown.channel == Channel.OPEN for shown in channels)
    seers = INQUIRERS | LATE_ANSWERERS
    kept_away = reactions.reason_to_stay_away(account, item) if has_role(account, seers, item.unit) else ""
    forms = answer_forms or {}

    def may_answer(objection: Objection) -> bool:
        own = account.pk in (item.posted_by_id, objection.registered_by_id)
        return objection.answered_at is None and not own and not kept_away and has_role(account, objection.answerers, item.unit)

    objections: list[dict[str, Any]] = [
        {
            "objection": objection,
            "readable": objection.text_shown_to(account, kept_away=kept_away),
            "form": forms.get(objection.pk) or AnswerForm(prefix=f"o{objection.pk}") if may_answer(objection) else None,
            "person": (revealed or {}).get(objection.pk),
        }
        for objection in item.objections.select_related("notice__unit", "answered_by")
    ]
    draft = getattr(item, "draft", None)
    is_poster = has_role(account, POSTERS, item.unit)
    is_late = item.closed_at is not None
    context = {
        "notice": item,
        "at": at,
        "channels": channels,
        "lines": _lines(channels),
        "total_fen": channels[0].total_fen if channels else 0,
        "numbered": sum(not row["name"] for row in channels[0].rows) if channels else 0,
        "intact": all(sheet.is_intact(shown) for shown in channels),
        "open_url": request.build_absolute_uri(reverse("open-notice", args=[item.token])) if has_open else "",
        "objections": objections,
        "waiting": sum(row["objection"].answered_at is None for row in objections),
        "can_register": is_poster and not (is_late and reactions.why_too_late(item)),
        "can_take_down": is_poster and not is_late,
        "is_late": is_late,
        "late_count": sum(row["objection"].is_late for row in objections),
        "press": press,
        "cuttings": cuttings,
        "without_cutting": [words for place, words in press if place not in {one.channel for one in cuttings}],
        "can_record": is_poster and item.outcome != Notice.Outcome.TAKEN_DOWN,
        "cutting_form": cutting_form or CuttingForm(places=press),
        "objection_form": objection_form or ObjectionForm(numbers=_numbers(item)),
        "origin": reactions.origin_of(item),
        "is_over": item.is_over(at),
        "events": [
            {"at": entry.at, "icon": ICONS.get(entry.kind, "file-text"), "text": entry.words, "detail": entry.who}
            for entry in timeline(*(one for one in (item, draft) if one is not None), limit=12)
        ],
        "forms": [form for form in (objection_form, cutting_form, *forms.values()) if form is not None],
    }
    return render(request, "disclosure/notice.html", context, status=status)


def _press(channels: list[NoticeChannel]) -> list[tuple[str, str]]:
    """The papers and stations among the notice's channels."""
    shown = {channel.channel for channel in channels}
    return [(place.value, str(place.label)) for place in PRESS if place in shown]


def _lines(channels: list) -> list[dict[str, Any]]:
    """One row a person: what is the same everywhere, and the name as each channel writes it."""
    if not channels:
        return []
    rows = [dict(row, names=[]) for row in channels[0].rows]
    for shown in channels:
        for row, own in zip(rows, shown.rows, strict=True):
            row["names"].append({"channel": shown.get_channel_display(), "name": own["name"]})
    return rows


def _row(item: Notice) -> dict[str, Any]:
    """A line of the list, from prefetched channels and objections."""
    shown = max(item.channels.all(), key=lambda row: row.revision, default=None)
    objections = list(item.objections.all())
    return {
        "notice": item,
        "people": len(shown.rows) if shown else 0,
        "total_fen": shown.total_fen if shown else 0,
        "objections": len(objections),
        "waiting": sum(objection.answered_at is None for objection in objections),
    }


def _numbers(item: Notice) -> list[str]:
    channels = queries.current_channels(item)
    return [row["number"] for row in channels[0].rows] if channels else []


def _account(request: HttpRequest) -> Account:
    return request.user  # type: ignore[return-value]


def _notice(request: HttpRequest, pk: int) -> Notice:
    rows = Notice.objects.visible_to(_account(request)).select_related("unit", "posted_by", "checked_by", "closed_by", "draft")
    return get_object_or_404(rows, pk=pk)


def _objection(request: HttpRequest, pk: int) -> Objection:
    return get_object_or_404(Objection.objects.visible_to(_account(request)).select_related("notice__unit"), pk=pk)
