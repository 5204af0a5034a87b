"""The page of one file, its parts to edit, and the eye."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import content_disposition_header, url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.access.scope import has_role, roles_of
from bangfu.household import flow, grades, listing, timeline
from bangfu.household.flow.common import FILE_KEEPERS, OFFICE
from bangfu.household.forms import SECTIONS, ClueForm, FileForm
from bangfu.household.forms.people import MemberForm
from bangfu.household.models import Discrepancy, GradeChange, Household, Member
from bangfu.household.models.words import ConsentKind, Section, exit_title
from bangfu.household.queries import consents_of
from bangfu.household.timeline import FIELDS, TABS
from bangfu.lib import masking, panels
from bangfu.lib.days import age_on, now, today

MASKS = {"identity": masking.mask_id, "phone": masking.mask_phone, "card": masking.mask_card, "address": masking.mask_address}
STEP = 20  # lines of the timeline shown at first


def found(request: HttpRequest, number: str) -> Household:
    """The one way to get a file in a view: a stranger's is a 404."""
    files = Household.objects.visible_to(request.user).select_related("unit", "organisation", "staff")  # type: ignore[arg-type]
    return get_object_or_404(files, number=number)


def version_of(request: HttpRequest) -> int | None:
    """The token that the page was drawn with; a spoilt one is never the current one."""
    text = request.POST.get("version", "")
    return (int(text) if text.isdecimal() and len(text) < 10 else 0) if text else None


def household(request: HttpRequest, number: str) -> HttpResponse:
    """/households/<no>/?tab=&lines= ; HTMX asks for the timeline alone."""
    return _page(request, found(request, number))


def _page(request: HttpRequest, file: Household, shown: dict[str, Any] | None = None) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    tab = request.GET.get("tab", "all")
    lines = request.GET.get("lines", "")
    limit = int(lines) if lines.isdecimal() and len(lines) < 5 else STEP
    line = timeline.timeline_of(file, tab, account=account, limit=limit)
    context: dict[str, Any] = {
        "household": file,
        "timeline": line,
        "tabs": [
            {"title": title, "url": f"?tab={name}", "count": line.counts[name], "current": name == (tab if tab in TABS else "all")}
            for name, title in TABS.items()
        ],
        "more_url": f"?tab={tab}&lines={limit + 50}#h-time" if line.total > len(line.lines) else "",
        "more": _("再看 %(n)d 条") % {"n": min(50, line.total - len(line.lines))},
    }
    if request.headers.get("HX-Target") == "h-time":
        return render(request, "household/_timeline.html", context)
    return render(request, "household/file.html", context | _parts(file, account) | {"shown": shown})


def _parts(file: Household, account: Account) -> dict[str, Any]:
    day = today(now())
    members = list(file.members.filter(left_on=None).prefetch_related("incomes"))
    for member in members:
        member.monthly_fen = sum(income.monthly_fen for income in member.incomes.all())  # type: ignore[attr-defined]
        member.eye = f"diagnosis-{member.pk}"  # type: ignore[attr-defined]
        member.age = age_on(member.birth_date, day) if member.birth_date else None  # type: ignore[attr-defined]
    total = sum(member.monthly_fen for member in members)  # type: ignore[attr-defined]
    clears = {clear.section: clear for clear in file.clears.all()}
    roles = roles_of(account)
    extra: dict[str, Any] = {}
    for source in listing.extras:
        extra |= source([file], day, account).get(file.pk, {})
    answers = consents_of(file)
    return {
        "members": members,
        "missing_members": max(0, file.size - len(members)),
        "total_fen": total,
        "per_head_fen": (2 * total + file.size) // (2 * file.size) if len(members) >= file.size else None,
        "clears": [{"place": place, "section": section, "clear": clears.get(section)} for place, section in enumerate(Section, 1)],
        "clears_done": len(clears),
        "last_check": max((clear.checked_at for clear in clears.values()), default=None),
        "grade_title": grades.titles(file.unit, day).get(file.grade, file.grade),
        "causes": [file.cause_short, *(cause.short for cause in file.causes.all())] if file.main_cause else [],
        "year_on_file": day.year - file.opened_on.year + 1,
        "consents": [{"title": ConsentKind(kind).label, "answer": answer} for kind, answer in answers.items()],
        "consents_given": sum(1 for answer in answers.values() if answer),
        "discrepancies": list(file.discrepancies.filter(accepted_at=None, settled_at=None).select_related("noted_by")),
        "accepted": list(file.discrepancies.exclude(accepted_at=None).filter(settled_at=None).select_related("accepted_by")),
        "helps": list(file.outside_helps.all()),
        "transfer": file.transfers.open().select_related("to_unit").first() if file.is_open else None,
        "extra": extra,
        "exit_words": exit_title(file.exit_reason).split(":")[0].split("：")[0],
        "expenses": list(file.expenses.select_related("member")),
        "assets": [flow.describe_asset(asset) for asset in file.assets.all()],
        "panels": panels.of("household.file", roles),
        "action_panels": panels.of("household.actions", roles) if file.is_open else [],
        "may_edit": file.is_open and has_role(account, FILE_KEEPERS, file.unit),
        "may_decide": has_role(account, OFFICE, file.unit),
        "masks": {name: mask(getattr(file, name)) for name, mask in MASKS.items()},
        "sections": [(slug, form.title) for slug, form in SECTIONS.items()],
    }


def household_print(request: HttpRequest, number: str) -> HttpResponse:
    """困难职工家庭档案 as PDF; file name with the masked name. Who printed it is recorded."""
    file = found(request, number)
    at = now()
    content, refusal = attempt(request, flow.print_file, file, by=request.user, at=at)
    if refusal is not None:
        return redirect("household", number)
    name = _("困难职工家庭档案_%(number)s_%(name)s_%(day)s.pdf") % {
        "number": file.number, "name": masking.mask_name(file.head_name), "day": f"{today(at):%Y%m%d}",
    }  # fmt: skip
    headers = {"Content-Disposition": content_disposition_header(False, name) or "inline"}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def household_reveal(request: HttpRequest, number: str) -> HttpResponse:
    """POST a field (`identity`, or `diagnosis-12` of a member) and a reason: the value, for 60 seconds, once.

    HTMX gets the field alone; without a script the page itself is answered once, with Refresh: 60.
    """
    file = found(request, number)
    name, _dash, key = request.POST.get("field", "").partition("-")
    people = Member.objects.visible_to(request.user)  # type: ignore[arg-type]
    is_key = key.isdecimal() and len(key) < 18
    member = get_object_or_404(people, household=file, pk=int(key)) if is_key else None
    value, refusal = attempt(
        request, flow.reveal, file, name, reason=request.POST.get("reason", ""), member=member, by=request.user, at=now()
    )
    if refusal is not None:
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, "household/_refused.html", {"text": str(refusal)})
        return redirect("household", number)
    masked = MASKS[name](value) if name in MASKS else (member.get_health_display() if member else "")
    shown = {"field": f"{name}-{member.pk}" if member else name, "value": value, "masked": masked, "title": FIELDS[name]}
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "household/_revealed.html", {"shown": shown})
    response = _page(request, file, shown)
    response["Refresh"] = f"60; url={reverse('household', args=[number])}"
    return response


def household_new(request: HttpRequest) -> HttpResponse:
    """New file or clue; with ?clue=<number> the clue becomes the file."""
    account: Account = request.user  # type: ignore[assignment]
    at = now()
    wanted = request.POST.get("clue") or request.GET.get("clue", "")
    clue = found(request, wanted) if wanted else None
    is_clue = (request.POST.get("as") or request.GET.get("as", "")) == "clue" and clue is None
    data = request.POST if request.method == "POST" else None
    form: Any
    if is_clue:
        form = ClueForm(data, account=account)
    else:
        form = FileForm(data, account=account, at=at, clue=clue, initial=FileForm.initial_of(clue) if clue else None)
    if data is not None and form.is_valid():
        more = {} if is_clue else {"version": version_of(request)}
        file, refusal = attempt(request, form.apply, by=account, at=at, **more)
        if refusal is None:
            messages.success(request, _("%(number)s 已建。接着补齐家庭成员、收入和五清。") % {"number": file.number})
            return redirect("household", file.number)
    bad = form.is_bound and bool(form.errors)
    return render(request, "household/new.html", {"form": form, "is_clue": is_clue, "clue": clue}, status=422 if bad else 200)


def household_section(request: HttpRequest, number: str, section: str) -> HttpResponse:
    """One part of the file to correct: every correction asks why and keeps what was there."""
    file = found(request, number)
    if section not in SECTIONS:
        raise Http404
    return _section(request, file, SECTIONS[section], section)


def household_member(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """Correct one member, or note that she left."""
    file = found(request, number)
    member = get_object_or_404(Member.objects.visible_to(request.user).filter(left_on=None), household=file, pk=pk)  # type: ignore[arg-type]
    return _section(request, file, MemberForm, "member", member=member)


def household_state(request: HttpRequest, number: str) -> HttpResponse:
    """Review, lift, strike off."""
    return _section(request, found(request, number), SECTIONS["state"], "state")


def _section(request: HttpRequest, file: Household, kind: Any, slug: str, **more: Any) -> HttpResponse:
    account: Account = request.user  # type: ignore[assignment]
    if slug != "kinship" and not has_role(account, OFFICE if kind.is_office_only else FILE_KEEPERS, file.unit):
        raise PermissionDenied(_("这一部分由所在单位工会和帮扶办公室来改，您的岗位只能看。"))
    at = now()
    common = {"household": file, "account": account, "at": at, **more}
    if request.method == "POST":
        form = kind(request.POST, **common)
        if form.is_valid():
            _result, refusal = attempt(request, form.apply, version=version_of(request), by=account, at=at)
            if refusal is None:
                back = request.POST.get("next", "")
                safe = url_has_allowed_host_and_scheme(back, {request.get_host()})
                return HttpResponseRedirect(back if safe else reverse("household", args=[file.number]))
            file.refresh_from_db(fields=["version"])
    else:
        form = kind(**common)
        form.initial |= form.initial_values()
    context = {
        "form": form,
        "household": file,
        "slug": slug,
        "title": form.title,
        "people": list(file.members.filter(left_on=None)),
        "changes": list(file.changes.select_related("by")[:10]),
        "grade_changes": _grade_changes(file, grades.titles(file.unit, today(at))) if slug == "grade" else [],
        "state_changes": list(file.state_changes.select_related("by")) if slug == "state" else [],
        "consent_rows": list(file.consents.select_related("recorded_by")) if slug == "consents" else [],
        "kin": list(file.kinships.select_related("account")) if slug == "kinship" else [],
        "helps": list(file.outside_helps.select_related("noted_by")) if slug == "outside" else [],
        "moves": list(file.transfers.select_related("from_unit", "to_unit")) if slug == "transfer" else [],
    }
    return render(request, form.template, context, status=422 if form.is_bound and form.errors else 200)


def _grade_changes(file: Household, titles: dict[str, str]) -> list[GradeChange]:
    rows = list(file.grade_changes.select_related("by"))
    for row in rows:
        row.old_title, row.new_title = titles.get(row.old, row.old), titles.get(row.new, row.new)  # type: ignore[attr-defined]
    return rows


def household_discrepancy(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """A second person lets a stated figure stand, with a reason."""
    file = found(request, number)
    row = get_object_or_404(Discrepancy.objects.visible_to(request.user), household=file, pk=pk)  # type: ignore[arg-type]
    attempt(request, flow.accept_discrepancy, row, request.POST.get("reason", ""), by=request.user, at=now())
    return redirect("household", number)


def outside_void(request: HttpRequest, number: str, pk: int) -> HttpResponse:
    """An entry of outside help was a mistake."""
    file = found(request, number)
    row = get_object_or_404(file.outside_helps, pk=pk)
    attempt(request, flow.void_outside_help, row, why=request.POST.get("why", ""), by=request.user, at=now())
    return redirect("household-section", number, "outside")
