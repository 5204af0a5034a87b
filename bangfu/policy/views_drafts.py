"""Pages from a draft to rules in force: raise a standard, upload a pack, submit, adopt by a second person; zip of a version."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bangfu.access.edge import attempt, attempt_form
from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import has_role, roles_of
from bangfu.audit.record import subject_of
from bangfu.governance.models import CONVENERS, Session
from bangfu.governance.queries import committee_of, waiting_motion
from bangfu.lib import panels
from bangfu.lib.days import now, parse_day, today
from bangfu.policy.difference import versions
from bangfu.policy.examples import check
from bangfu.policy.flow import ADOPTERS, drafts
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft, Version
from bangfu.policy.pack import Pack
from bangfu.policy.parameters import Where
from bangfu.policy.problems import BadPack, Problem
from bangfu.policy.queries import ParameterRow, ends_on, in_force, pack_of
from bangfu.policy.reading import MAX_BYTES
from bangfu.policy.views_difference import grouped


def _account(request: HttpRequest) -> Account:
    assert isinstance(request.user, Account)  # the access table lets nobody else in
    return request.user


def _day(text: str) -> object:
    try:
        return parse_day(text)
    except ValueError as wrong:
        raise ValidationError(_("要写日期，例如 2027-01-01。")) from wrong


class AdjustmentForm(forms.Form):
    """调标 on one screen: which standard, its new value, from when, by which document."""

    standard = forms.ChoiceField(label=gettext_lazy("标准"))
    value = forms.CharField(label=gettext_lazy("新的值"), max_length=40)
    valid_from = forms.CharField(label=gettext_lazy("从哪天起"), max_length=20)
    document_no = forms.CharField(label=gettext_lazy("文号"), max_length=100)

    def __init__(self, pack: Pack, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.rows = list(_values(pack))
        self.fields["standard"].choices = [(key, words) for key, words, _name, _where in self.rows]  # type: ignore[attr-defined]

    def clean_valid_from(self) -> object:
        return _day(self.cleaned_data["valid_from"])

    def chosen(self) -> tuple[str, Where]:
        return next((name, where) for key, _words, name, where in self.rows if key == self.cleaned_data["standard"])


def _values(pack: Pack) -> list[tuple[str, str, str, Where]]:
    """The plain standards with the value that holds today, one for each place it is written for."""
    rows = []
    for standard in pack.parameters.values():
        if standard.shape != "value":
            continue
        for place, entry in enumerate(standard.on(today(now()))):
            words = _("%(title)s（现为 %(value)s）") % {
                "title": standard.title + "".join(f" {wanted}" for _fact, wanted in entry.where),
                "value": ParameterRow(standard, entry, None, "now").shown,
            }
            rows.append((f"{standard.name}:{place}", words, standard.name, entry.where))
    return rows


class UploadForm(forms.Form):
    file = forms.FileField(label=gettext_lazy("办法包（zip）"))
    valid_from = forms.CharField(label=gettext_lazy("从哪天起施行"), max_length=20)

    def clean_valid_from(self) -> object:
        return _day(self.cleaned_data["valid_from"])

    def clean_file(self) -> bytes:
        file = self.cleaned_data["file"]
        if file.size > 2 * MAX_BYTES:
            raise ValidationError(_("办法包太大：最多 200 个文件，共 5 MB。"))
        return bytes(file.read())


@require_safe
def policy_zip(request: HttpRequest, pk: int) -> HttpResponse:
    """The exact bytes of a version, as a zip."""
    version = get_object_or_404(Version.objects.visible_to(_account(request)), pk=pk)
    return _zip(bytes(version.content), f"{version.pack}-{version.valid_from.isoformat()}.zip")


@require_safe
def draft_zip(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes of a draft, to be mended and uploaded again."""
    draft = get_object_or_404(Draft.objects.visible_to(_account(request)), pk=pk)
    return _zip(bytes(draft.content), f"{draft.pack}-draft-{draft.pk}.zip")


def _zip(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type="application/zip")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@require_http_methods(["GET", "HEAD", "POST"])
def adjustment(request: HttpRequest, pk: int) -> HttpResponse:
    """调标: new value, from when, document number; makes a draft."""
    version = get_object_or_404(Version.objects.visible_to(_account(request)).select_related("unit"), pk=pk)
    form = AdjustmentForm(pack_of(version), request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, where = form.chosen()
        said = form.cleaned_data
        draft, _refusal = attempt_form(
            request, form, drafts.adjust, version, name, said["value"], valid_from=said["valid_from"],
            document_no=said["document_no"], where=where, by=_account(request), at=now(),
        )  # fmt: skip
        if draft is not None:
            return redirect(draft)
    context = {"version": version, "form": form, "panels": panels.of("policy.adjustment", roles_of(_account(request)))}
    return render(request, "policy/adjustment.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def policy_drafts(request: HttpRequest) -> HttpResponse:
    """The drafts of one's organisation; upload a pack as a new one. Faults stand by file and line."""
    account = _account(request)
    units = [unit for unit in Unit.objects.filter(parent=None) if has_role(account, Role.POLICY_ADMIN, unit)]
    form = UploadForm(request.POST or None, request.FILES or None)
    problems: list[Problem] = []
    if request.method == "POST" and form.is_valid() and units:
        content, start = form.cleaned_data["file"], form.cleaned_data["valid_from"]
        try:
            pack = load_pack(content)
        except BadPack as wrong:
            problems = wrong.problems
            form.add_error("file", _("办法包有 %(n)d 处问题，列在下面。") % {"n": len(problems)})
        else:
            based_on = in_force(units[0], today(now()), pack.id)
            if based_on is not None and based_on.unit_id != units[0].pk:
                based_on = None
            draft, _refusal = attempt_form(
                request, form, drafts.open_draft, content, unit=units[0], valid_from=start, based_on=based_on, by=account, at=now()
            )
            if draft is not None:
                return redirect(draft)
    rows = [
        {"draft": draft, "word": state_word(draft)}
        for draft in Draft.objects.visible_to(account).light().select_related("unit", "made_by", "adopted")
    ]
    context = {"rows": rows, "form": form, "may_upload": bool(units), "problems": problems}
    return render(request, "policy/drafts.html", context, status=422 if form.errors else 200)


def state_word(draft: Draft) -> tuple[str, str]:
    """How a draft stands, with its kit colour; an adopted one by the days of its version."""
    if draft.state != Draft.State.ADOPTED or draft.adopted is None:
        kinds = {Draft.State.SUBMITTED: "due", Draft.State.WITHDRAWN: "none"}
        return kinds.get(Draft.State(draft.state), "wait"), draft.get_state_display()
    on, end = today(now()), ends_on(draft.adopted)
    if draft.adopted.valid_from > on:
        return "wait", _("已批准，到日施行")
    return ("done", _("已被替代")) if end is not None and end <= on else ("good", _("施行中"))


@require_safe
def policy_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """One draft: what it changes, whether its examples pass, who did what, and the next step."""
    account = _account(request)
    found = Draft.objects.visible_to(account).select_related("unit", "made_by", "based_on", "adopted")
    draft = get_object_or_404(found, pk=pk)
    pack, problems = check(bytes(draft.content))
    rows = versions(pack_of(draft.based_on), pack) if draft.based_on and pack else []
    steps = list(draft.steps.select_related("by"))
    is_own = any(step.by_id == account.pk and step.kind in ("opened", "changed", "submitted") for step in steps)
    may_draft, may_adopt = has_role(account, Role.POLICY_ADMIN, draft.unit), has_role(account, ADOPTERS, draft.unit)
    context = {
        "draft": draft,
        "pack": pack,
        "problems": problems,
        "groups": grouped(rows),
        "state": state_word(draft),
        "steps": [
            {
                "at": step.at,
                "icon": "book",
                "text": step.get_kind_display(),
                "detail": " · ".join(filter(None, [step.by.name, step.note])),
            }
            for step in reversed(steps)
        ],
        "may_submit": may_draft and draft.state == Draft.State.DRAFT,
        "may_withdraw": may_draft and draft.state in (Draft.State.DRAFT, Draft.State.SUBMITTED),
        "may_adopt": may_adopt and not is_own and draft.state == Draft.State.SUBMITTED,
        "waits": draft.state == Draft.State.SUBMITTED and is_own,
        "panels": panels.of("policy.draft", roles_of(account)),
        **_committee(draft, account),
    }
    return render(request, "policy/draft.html", context)


def _committee(draft: Draft, account: Account) -> dict[str, object]:
    """The motion that waits, or the sessions on whose agenda it may be put."""
    motion = waiting_motion(subject_of(draft))
    committee = committee_of(draft.unit) if draft.state == Draft.State.SUBMITTED and motion is None else None
    may_put = committee is not None and has_role(account, CONVENERS, committee.unit) and has_role(account, ADOPTERS, draft.unit)
    sessions = Session.objects.filter(committee=committee, closed_at=None).order_by("held_at") if may_put else []
    return {"motion": motion, "sessions": sessions}


@require_POST
def draft_submission(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, drafts.submit)


@require_POST
def draft_adoption(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, drafts.adopt_draft)


@require_POST
def draft_agenda(request: HttpRequest, pk: int) -> HttpResponse:
    """排进评审会."""
    account = _account(request)
    draft = get_object_or_404(Draft.objects.visible_to(account), pk=pk)
    chosen = request.POST.get("session", "")
    session = Session.objects.visible_to(account).filter(pk=int(chosen)).first() if chosen.isdecimal() else None
    if session is None:
        messages.error(request, _("没有选会议。请先在“评审会”里安排一次会，再选它。"))
    else:
        attempt(request, drafts.put_to_committee, draft, session=session, by=account, at=now())
    return redirect(draft)


@require_POST
def draft_return(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, drafts.return_draft, note=request.POST.get("note", ""))


@require_POST
def draft_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    return _act(request, pk, drafts.withdraw)


def _act(request: HttpRequest, pk: int, action: object, **said: str) -> HttpResponse:
    draft = get_object_or_404(Draft.objects.visible_to(_account(request)), pk=pk)
    attempt(request, action, draft, by=_account(request), at=now(), **said)  # type: ignore[arg-type]
    return redirect(draft)
