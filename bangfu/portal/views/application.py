"""The application on the phone: eight pages, each saved when she goes on; any of them can be changed from the check page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bangfu.access.edge import attempt
from bangfu.access.models import Account
from bangfu.household.models.words import Relation
from bangfu.lib.days import now
from bangfu.lib.errors import Refused
from bangfu.portal import consents, flow
from bangfu.portal import questions as q
from bangfu.portal.forms import ConsentForm, CostsForm, MeForm, MemberForm, NeedsForm, PayForm, SignatureForm, initial_of
from bangfu.portal.offers import fitting
from bangfu.portal.papers import asked_papers, rows_of_draft, uploads
from bangfu.portal.queries import open_programmes
from bangfu.portal.questions import TYPED
from bangfu.portal.situation import Situation, costs_of, family_of, situation_of
from bangfu.portal.summary import groups_of, receiving_words
from bangfu.relief import flow as relief

PHOTOS_MOST = 9  # of one paper
#: Pages whose typing is kept every 20 s, with the fields that are; all others are saved by their button alone.
KEPT: dict[str, tuple[str, ...]] = {
    q.NEEDS: tuple(NeedsForm.base_fields), q.ME: tuple(MeForm.base_fields), q.FAMILY: tuple(MemberForm.base_fields),
    q.COSTS: tuple(CostsForm.base_fields), q.MONEY: tuple(PayForm.base_fields), q.CONSENTS: ("health", "bank", "notice_name"),
}  # fmt: skip
MANY, BOXES = frozenset({"needs"}), frozenset({"later", "unknown"})
MOST = 2000  # characters of one field


class Visit:
    """One request to one page of the wizard: who, what is known of her, what she answered so far."""

    def __init__(self, request: HttpRequest, slug: str, place: int | None = None) -> None:
        found = q.find(slug)
        if found is None:
            raise Http404
        self.request, self.slug, self.question, self.place = request, slug, found, place
        self.at = now()
        self.account: Account = request.user  # type: ignore[assignment]
        self.situation: Situation = situation_of(self.account, self.at)
        self.answers: dict[str, Any] = relief.draft_of(self.account, at=self.at)[0]
        self.from_check = "check" in request.GET

    @property
    def data(self) -> Any:
        return self.request.POST if self.request.method == "POST" else None

    @property
    def typed_key(self) -> str:
        """Where what she typed on this page, but has not handed on, is kept."""
        return self.slug if self.place is None else f"{self.slug}.{self.place}"

    @property
    def typed(self) -> dict[str, Any]:
        return self.answers.get(TYPED, {}).get(self.typed_key, {})

    def save(self, answer: Any) -> Refused | None:
        """Keep the page's answer with the others, for 30 days; what was typed on it is no draft any more."""
        self.answers[self.slug] = answer
        forget_typed(self.answers, self.slug)
        page = q.place(q.first_open(self.answers))
        return attempt(self.request, relief.save_draft, self.account, self.answers, page=page, at=self.at)[1]

    def onward(self) -> HttpResponse:
        """下一步; back to the check page for whoever came from there and has nothing open."""
        target = q.first_open(self.answers) if self.from_check else q.after(self.slug)
        return redirect("my-application", target)

    def page(self, template: str, status: int = 200, **context: Any) -> HttpResponse:
        earlier = q.before(self.slug)
        back = reverse("my-application", args=[q.CHECK if self.from_check else earlier]) if earlier or self.from_check else ""
        shell = {
            "question": self.question, "at": q.place(self.slug), "total": q.TOTAL, "minutes": q.MINUTES, "back": back,
            "next_words": self._next_words(), "situation": self.situation, "autosave_url": self._autosave_url(),
            "was_typed": bool(self.typed) and self.request.method == "GET",
        }  # fmt: skip
        return render(self.request, f"portal/{template}.html", shell | context, status=status)

    def _autosave_url(self) -> str:
        if self.slug not in KEPT:
            return ""
        if self.slug == q.FAMILY:
            return reverse("my-application-member-typed", args=[self.place]) if self.place is not None else ""
        return reverse("my-application-typed", args=[self.slug])

    def _next_words(self) -> str:
        if self.from_check:
            return _("改好了，回去检查")
        return _("下一步，检查答案") if self.slug == q.PAPERS else _("下一步")


def start(request: HttpRequest) -> HttpResponse:
    """现在申请, or go on where she stopped."""
    at = now()
    account: Account = request.user  # type: ignore[assignment]
    situation = situation_of(account, at)
    if situation.pack is None or situation.staff is None:
        return render(request, "portal/no_way.html", {"situation": situation})
    answers, _page = relief.draft_of(account, at=at)
    return redirect("my-application", q.first_open(answers))


def page(request: HttpRequest, step: str) -> HttpResponse:
    """One page. A page whose earlier ones are open leads to the first open one."""
    visit = Visit(request, step)
    if visit.situation.pack is None or visit.situation.staff is None:
        return redirect("my-application-start")
    if not q.is_reachable(step, visit.answers):
        return redirect("my-application", q.first_open(visit.answers))
    return PAGES[step](visit)


def typed(request: HttpRequest, step: str, place: int | None = None) -> HttpResponse:
    """Keep what stands in the fields now, right or wrong, so that a closed browser loses nothing. 204: kept."""
    visit = Visit(request, step, place)
    is_page = step in KEPT and (step == q.FAMILY) == (place is not None)
    if not is_page or visit.situation.staff is None or not q.is_reachable(step, visit.answers):
        raise Http404
    sent = request.POST
    values: dict[str, Any] = {
        name: [text[:MOST] for text in sent.getlist(name)[:20]]
        if name in MANY
        else name in sent
        if name in BOXES
        else sent[name][:MOST]
        for name in KEPT[step]
        if name in sent or name in BOXES
    }
    kept = visit.answers.setdefault(TYPED, {})
    kept[visit.typed_key] = values
    page = q.place(q.first_open(visit.answers))
    _draft, refusal = attempt(request, relief.save_draft, visit.account, visit.answers, page=page, at=visit.at)
    return HttpResponse(status=204 if refusal is None else 422)


def forget_typed(answers: dict[str, Any], slug: str) -> None:
    """The page was handed on: its typed words, and those of its people, are no draft any more."""
    kept = {key: values for key, values in answers.pop(TYPED, {}).items() if key.partition(".")[0] != slug}
    if kept:
        answers[TYPED] = kept


def needs(visit: Visit) -> HttpResponse:
    form = NeedsForm(visit.data, initial=initial_of(visit.answers.get(q.NEEDS)) | visit.typed)
    context = {
        "icons": {need.slug: need.icon for need in q.NEED_ROWS},
        "hints": {need.slug: need.hint for need in q.NEED_ROWS if need.hint},
    }
    return _ask(visit, form, "needs", **context)


def me(visit: Visit) -> HttpResponse:
    form = MeForm(visit.data, initial=initial_of(visit.answers.get(q.ME)) | visit.typed, needs=visit.answers[q.NEEDS]["needs"])
    return _ask(visit, form, "me")


def costs(visit: Visit) -> HttpResponse:
    initial = (visit.answers.get(q.COSTS) or costs_of(visit.situation.household)) | visit.typed
    return _ask(visit, CostsForm(visit.data, initial=initial), "costs")


def money(visit: Visit) -> HttpResponse:
    situation = visit.situation
    assert situation.pack is not None
    offers = fitting(situation.pack, q.categories_of(visit.answers[q.NEEDS]["needs"]), situation.on)
    running = open_programmes(situation.account)
    first = next((offer.id for offer in offers if offer.id not in running), "")
    initial = initial_of(visit.answers.get(q.MONEY)) or {"programme": first}
    form = PayForm(visit.data, initial=initial, offers=offers, has_card=bool(situation.card), running=running)
    wage_card = receiving_words(situation, {"how": q.WAGE_CARD}) if situation.card else ""
    context = {
        "ranges": {
            offer.id: _("已经在办，编号 %s") % running[offer.id] if offer.id in running else offer.range_words for offer in offers
        },
        "ways": {q.WAGE_CARD: wage_card.partition("　")[2], q.CASH: _("到工会办公室，带身份证")},
        "other_card": (form["how"].value() or "") == q.OTHER_CARD,
    }
    return _ask(visit, form, "money", after=_forget_card_consent, **context)


def _forget_card_consent(visit: Visit) -> None:
    """A yes to one card is no yes to another: after a change of the card or the programme she is asked again."""
    before, after = visit.answers.get(q.MONEY, {}), visit.request.POST
    same = before.get("how") == after.get("how") and before.get("programme") == after.get("programme")
    if not same or after.get("how") == q.OTHER_CARD:
        visit.answers.pop(q.CONSENTS, None)
        forget_typed(visit.answers, q.CONSENTS)


def consent(visit: Visit) -> HttpResponse:
    asked = consents.for_answers(visit.situation, visit.answers)
    form = ConsentForm(visit.data, initial=initial_of(visit.answers.get(q.CONSENTS)) | visit.typed, asked=asked)
    rows = [{"asked": question, "bound": form[question.kind]} for question in asked]
    return _ask(visit, form, "consents", rows=rows, no_card=visit.answers[q.MONEY]["how"] == q.CASH)


def _ask(
    visit: Visit, form: forms.Form, template: str, *, after: Callable[[Visit], None] | None = None, **context: Any
) -> HttpResponse:
    """A page with one form: right answers are kept and lead on, wrong ones stay as typed, with 422."""
    if visit.request.method == "POST" and form.is_valid():
        if after is not None:
            after(visit)
        if visit.save(form.answer()) is None:  # type: ignore[attr-defined]
            return visit.onward()
    return visit.page(template, 422 if form.is_bound else 200, form=form, **context)


def _people(visit: Visit) -> list[dict[str, Any]]:
    kept = visit.answers.get(q.FAMILY) or visit.answers.get("family_so_far")
    return list(kept["people"]) if kept else family_of(visit.situation.household, visit.situation.name)


def family(visit: Visit) -> HttpResponse:
    """How many are at home: the people of the file, or herself; one page a person to change."""
    people = _people(visit)
    if visit.request.method == "POST":
        visit.answers.pop("family_so_far", None)
        if visit.save({"people": people}) is None:
            return visit.onward()
    query = "?check=1" if visit.from_check else ""
    rows = [
        row | {
            "relation_words": Relation(row["relation"]).label,
            "url": reverse("my-application-member", args=[place]) + query,
            "is_asked": row.get("is_asked", False),
        }
        for place, row in enumerate(people)
    ]  # fmt: skip
    return visit.page("family", people=rows, add_url=reverse("my-application-member", args=[len(people)]) + query)


def member(request: HttpRequest, place: int) -> HttpResponse:
    """One person: relation, name, income, or not at home any more. `place` one behind the last: a new one."""
    visit = Visit(request, q.FAMILY, place)
    if visit.situation.pack is None or visit.situation.staff is None or not q.is_reachable(q.FAMILY, visit.answers):
        return redirect("my-application-start")
    people = _people(visit)
    if place > len(people):
        raise Http404
    person = people[place] if place < len(people) else None
    is_self = person is not None and person["relation"] == Relation.SELF
    if person is not None and request.POST.get("act") == "leave" and not is_self:
        del people[place]
        return _keep_people(visit, people)
    initial = {**person, "unknown": person["income_fen"] is None and person.get("is_asked", False)} if person else {}
    form = MemberForm(visit.data, initial=initial | visit.typed, is_self=is_self)
    if request.method == "POST" and form.is_valid():
        people[place : place + 1] = [(person or {"member": None}) | form.answer() | {"is_asked": True}]
        return _keep_people(visit, people)
    heading = _("加一个人") if person is None else _("您自己每月收入多少？") if is_self else person["name"]
    context = {"form": form, "person": person, "heading": heading, "can_leave": person is not None and not is_self}
    return visit.page("member", 422 if form.is_bound else 200, back=_family_url(visit), **context)


def _keep_people(visit: Visit, people: list[dict[str, Any]]) -> HttpResponse:
    """The list so far; the page of the family still asks whether that is all."""
    forget_typed(visit.answers, q.FAMILY)
    if q.FAMILY in visit.answers:
        visit.answers[q.FAMILY] = {"people": people}
    else:
        visit.answers["family_so_far"] = {"people": people}
    page = q.place(q.first_open(visit.answers))
    attempt(visit.request, relief.save_draft, visit.account, visit.answers, page=page, at=visit.at)
    return redirect(_family_url(visit))


def _family_url(visit: Visit) -> str:
    return reverse("my-application", args=[q.FAMILY]) + ("?check=1" if visit.from_check else "")


def papers(visit: Visit) -> HttpResponse:
    """Photos now or later; each is kept at once, so that nothing is taken twice."""
    found = asked_papers(visit.situation, visit.answers)
    rows = rows_of_draft(visit.account, found, visit.answers)
    if visit.request.method != "POST":
        return visit.page("papers", rows=rows)
    kept: dict[str, list[int]] = {key: list(pks) for key, pks in visit.answers.get(q.PAPERS, {}).get("files", {}).items()}
    remove = visit.request.POST.get("remove", "")
    if remove.isdecimal() and len(remove) < 18:
        kept = {key: [pk for pk in pks if pk != int(remove)] for key, pks in kept.items()}
    for row, upload in uploads(visit.request, rows):
        if len(kept.get(row.id, [])) >= PHOTOS_MOST:
            row.error = _("一样材料最多 %(n)d 张，多的没有收。请去掉不要的再传。") % {"n": PHOTOS_MOST}
            continue
        try:
            file = flow.keep_photo(visit.situation, upload.read(), name=upload.name or "", at=visit.at)
        except Refused as refusal:
            row.error = str(refusal)
        else:
            kept.setdefault(row.id, []).append(file.pk)
    saved = visit.save({"files": {key: pks for key, pks in kept.items() if pks}}) is None
    problems = [row for row in rows if row.error]
    if saved and not problems and not remove:
        return visit.onward()
    fresh = {row.id: row.error for row in problems}
    rows = rows_of_draft(visit.account, found, visit.answers)
    for row in rows:
        row.error = fresh.get(row.id, "")
    return visit.page("papers", 422 if problems else 200, rows=rows, problems=[row for row in rows if row.error])


def check(visit: Visit) -> HttpResponse:
    """What she said, page by page with 更改; her signature; 提交申请."""
    found = asked_papers(visit.situation, visit.answers)
    groups = groups_of(visit.situation, visit.answers, found)
    form = SignatureForm(visit.data)
    if visit.request.method == "POST" and form.is_valid():
        asked = consents.for_answers(visit.situation, visit.answers)
        application, refusal = attempt(
            visit.request, flow.submit, visit.situation, visit.answers, groups=groups, asked=asked,
            signature=form.cleaned_data["signature"], at=visit.at,
        )  # fmt: skip
        if refusal is None:
            return redirect("my-application-sent", application.case.number)
    shown = [
        {
            "slug": group.slug,
            "title": group.title,
            "rows": group.rows,
            "url": reverse("my-application", args=[group.slug]) + "?check=1",
        }
        for group in groups
    ]
    return visit.page("check", 422 if form.is_bound else 200, form=form, groups=shown)


def drop(request: HttpRequest) -> HttpResponse:
    """Throw the half-filled application away."""
    relief.drop_draft(request.user)  # type: ignore[arg-type]
    messages.success(request, _("没提交的申请已经删掉。"))
    return redirect("my")


PAGES: dict[str, Callable[[Visit], HttpResponse]] = {
    q.NEEDS: needs, q.ME: me, q.FAMILY: family, q.COSTS: costs, q.MONEY: money, q.CONSENTS: consent, q.PAPERS: papers,
    q.CHECK: check,
}  # fmt: skip
