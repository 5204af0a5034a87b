"""What one account may do on a case now, in which form; and for everybody else, who must act until when."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import Role
from bangfu.access.scope import accounts_with, has_role
from bangfu.audit.record import subject_of
from bangfu.disclosure.models import POSTERS, NoticeDraft
from bangfu.disclosure.queries import places_without_cutting, waiting_draft
from bangfu.governance.models import CONVENERS, Motion, Resolution
from bangfu.lib.days import last_day, start_of_day, today
from bangfu.lib.money import yuan
from bangfu.policy.explain import MissingFact
from bangfu.process import forms, pack
from bangfu.process.advice import ASKED_BY_THE_SURVEY, sum_today
from bangfu.process.conflicts import DECIDE, INVESTIGATE, why_not
from bangfu.process.flow.apply import FILERS
from bangfu.process.flow.back import returners
from bangfu.process.flow.decide import is_to_carry_out, latest_motion
from bangfu.process.flow.investigate import COMPANIONS, countersigners, waiting_survey
from bangfu.process.flow.notice import channels_of, draft_url, may_keep_notice, places_in_words, running_notice, wants_checker
from bangfu.process.flow.objections import too_late
from bangfu.process.flow.propose import waiting_levels
from bangfu.process.messages import survey_url
from bangfu.process.models import Case, Survey
from bangfu.process.upheld import is_held

_TOLD: dict[Any, str] = {True: "yes", False: "no"}


@dataclass
class Act:
    """One act: `name` is the noun of its address and of its form; `form` None: a link to `url`."""

    name: str
    title: str
    button: str
    form: Any = None
    url: str = ""
    hint: str = ""
    danger: bool = False
    in_bar: bool = False
    missing: Sequence[MissingFact] = ()  # what the rules lack and another page takes
    page: str = ""  # where the form stands, when it has a page of its own

    @property
    def url_name(self) -> str:
        return f"case-{self.name.replace('/', '-')}"

    @property
    def is_bare(self) -> bool:
        """A button without fields."""
        return self.form is None or not self.form.fields

    @property
    def has_files(self) -> bool:
        return self.form is not None and self.form.is_multipart()

    @property
    def left(self) -> list[str]:
        """In words: what nobody has filled in yet, of the form and of the facts that the rules lack."""
        fields = self.form.fields if self.form is not None else {}
        words = [
            str(field.label).rstrip("？")
            for name, field in fields.items()
            if field.required and self.form.get_initial_for_field(field, name) in (None, "")
        ]
        return list(dict.fromkeys([*words, *(item.title for item in self.missing)]))


@dataclass
class Acts:
    """`main` is the stage's own act; `more` the others; `words` what will happen, or who must act until when."""

    main: list[Act] = field(default_factory=list)
    more: list[Act] = field(default_factory=list)
    words: str = ""

    def named(self, name: str) -> Act | None:
        return next((act for act in [*self.main, *self.more] if act.name == name), None)


def acts_of(
    case: Case,
    account: Account,
    *,
    at: datetime,
    bound: dict[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
    missing: Sequence[MissingFact] = (),
) -> Acts:
    """The acts with their forms; `bound` holds forms that came back with errors, by name; `missing` what the rules lack."""
    made = _Maker(case, account, at, bound or {}, facts or {}, missing)
    if not case.is_open:
        return made.ended()
    main: Callable[[], None] = getattr(made, case.stage_kind)
    main()
    made.others()
    if not made.acts.main and not made.acts.words:
        made.acts.words = made.waiting_words()
    return made.acts


class _Maker:
    def __init__(
        self,
        case: Case,
        account: Account,
        at: datetime,
        bound: dict[str, Any],
        facts: Mapping[str, Any],
        missing: Sequence[MissingFact],
    ) -> None:
        self.case, self.account, self.at, self.bound, self.facts, self.missing = case, account, at, bound, facts, missing
        self.stage = case.stage
        self.acts = Acts()

    # -- who

    def holds(self, roles: Any) -> bool:
        return has_role(self.account, {Role(role) for role in roles} - {Role.WORKER}, self.case.unit)

    def may(self, roles: Any = None, duty: str = "") -> bool:
        """Role and duties; where only the duty stands in the way, the bar says so."""
        if not self.holds(self.stage.role if roles is None else roles):
            return False
        reason = why_not(self.account, self.case, duty)
        if reason:
            self.acts.words = reason
        return not reason

    def form(self, name: str, kind: type[forms.CaseForm], **facts: Any) -> Any:
        if name in self.bound:
            return self.bound[name]
        return kind(case=self.case, at=self.at, **facts)

    def add(self, name: str, title: str, button: str, kind: type[forms.CaseForm] = forms.EmptyForm, **facts: Any) -> None:
        hint, missing, page = facts.pop("hint", ""), facts.pop("missing", ()), facts.pop("page", "")
        self.acts.main.append(Act(name, title, button, self.form(name, kind, **facts), hint=hint, missing=missing, page=page))

    def also(
        self,
        name: str,
        title: str,
        button: str,
        kind: type[forms.CaseForm],
        *,
        danger: bool = False,
        in_bar: bool = False,
        **facts: Any,
    ) -> None:
        self.acts.more.append(Act(name, title, button, self.form(name, kind, **facts), danger=danger, in_bar=in_bar))

    def link(self, title: str, button: str, url: str) -> None:
        self.acts.main.append(Act("link", title, button, url=url))

    # -- the stages

    def apply(self) -> None:
        if self.may():
            self.acts.words = _("受理后转到入户调查；材料可以后补。")
            self.add("acceptance", _("受理申请"), _("受理申请"))

    def investigate(self) -> None:
        waits = waiting_survey(self.case)
        if waits is not None:
            self.signing(waits)
            return
        if self.may(None, INVESTIGATE):
            known: dict[str, Any] = {name: _TOLD.get(self.facts.get(name), "") for name in forms.SurveyForm.TOLD}
            known["found_size"] = self.facts.get("household_size")
            if self.facts.get("annual_income_fen") is not None:
                known["found_income_fen"] = yuan(self.facts["annual_income_fen"])
            self.acts.words = _("两个人入户，写看到的情况；与档案不一致的要说明。")
            elsewhere = [item for item in self.missing if item.path not in ASKED_BY_THE_SURVEY]
            self.add(
                "survey", _("入户调查表"), _("交入户调查表"), forms.SurveyForm, initial=known, missing=elsewhere,
                page=survey_url(self.case), by=self.account,
            )  # fmt: skip

    def signing(self, survey: Survey) -> None:
        """Handed in: the companion confirms or denies, then whoever countersigns for a lone clerk."""
        if survey.waits_for_companion:
            if survey.companion_account_id != self.account.pk:
                self.acts.words = _("入户调查表已交，等同去的%(name)s用自己的账号确认。") % {"name": survey.companion}
            elif self.may(COMPANIONS, INVESTIGATE):
                self.acts.words = _("%(name)s写了与您一同入户。看过调查表，去了就确认。") % {"name": survey.visitor.name}
                self.add("countersignature", _("确认同去入户"), _("确认我一同入户"))
                self.also("visit-denial", _("没有同去"), _("没有同去"), forms.ReasonForm, in_bar=True)
        elif survey.visitor_id != self.account.pk and self.may(countersigners(self.case), INVESTIGATE):
            self.acts.words = _("本单位只有一名干事，入户调查表要您会签后才算数。")
            self.add("countersignature", _("会签入户调查表"), _("会签入户调查表"))
        elif not self.acts.words:
            self.acts.words = _("入户调查表已交，等单位主席或帮扶办公室会签。")

    def check(self) -> None:
        if self.may():
            known: dict[str, Any] = {"degree": self.case.degree or None, "grade": ""}
            sum_ = sum_today(self.case, self.facts, today(self.at))
            if sum_:
                known["proposed_fen"] = yuan(sum_)
            known["is_aided_elsewhere"] = _TOLD.get(self.case.is_aided_elsewhere, "")
            self.acts.words = _("系统建议只供参考；困难程度决定要不要上报。")
            self.add("check", _("评审困难程度"), _("写下评审意见"), forms.CheckForm, initial=known)

    def propose(self) -> None:
        if not self.may():
            return
        if self.case.is_list:
            self.acts.words = _("名单确定后转到公示；不该有的家庭先去掉。")
            self.add("list", _("提出名单"), _("提出名单"), forms.SettleForm)
            self.also("removal", _("从名单上去掉"), _("去掉这一户"), forms.DropForm, danger=True)
            return
        if self.case.upwards.filter(outcome="", sent_at__gte=self.case.stage_since).exists():
            self.add(
                "upward-answer", _("登记上级答复"), _("登记答复"), forms.UpwardAnswerForm, initial={"answered_on": today(self.at)}
            )
        sent = set(self.case.upwards.filter(sent_at__gte=self.case.stage_since).values_list("level", flat=True))
        if set(waiting_levels(self.case)) - sent:
            self.add("upward", _("上报"), _("记下上报"), forms.UpwardForm)
        self.acts.words = _("要报的几级都答复以后，转到公示。")

    def notice(self) -> None:
        notice = running_notice(self.case)
        allowed = self.may()
        draft = waiting_draft(subject_of(self.case)) if notice is None else None
        if draft is not None:
            self.drafted(draft, allowed=allowed)
            return
        if notice is None:
            if allowed and may_keep_notice(self.case):
                self.acts.words = _("金额没有提高，也没有换人，前次公示有效，可以不再公示。")
                self.add("notice/reuse", _("沿用前次公示"), _("沿用前次公示"))
            elif allowed:
                n = self.stage.days or 7
                two = wants_checker(self.case)
                self.acts.words = _("发布当天不算，公示满 %(n)d 天。") % {"n": n}
                if two:
                    self.acts.words = _("另一位同事核对确认后才发布；发布当天不算，公示满 %(n)d 天。") % {"n": n}
                button = _("交给核对的人") if two else _("发布公示")
                self.add("notice", _("发布公示"), button, forms.NoticeForm, by=self.account)
            return
        waiting = notice.objections.filter(answered_at=None).count()
        end = f"{last_day(notice.closes_at):%m-%d} 24:00"
        if waiting:
            self.acts.words = _("有 %(n)d 条异议没有答复，钱先不付；答复以后才能结束公示。") % {"n": waiting}
            self.link(_("异议"), _("看异议"), f"/notices/{notice.pk}/")
        elif (without := places_without_cutting(notice, channels_of(self.case))) and allowed:
            words = {"places": places_in_words(without), "end": end}
            self.acts.words = _("%(places)s的刊播凭证还没有登记；公示到 %(end)s，登记以后才能结束。") % words
            self.link(_("刊播凭证"), _("登记刊播凭证"), f"/notices/{notice.pk}/#cuttings")
        elif notice.is_over(self.at) and allowed:
            self.acts.words = _("公示期满，没有待答复的异议。")
            self.add("notice/closure", _("结束公示"), _("结束公示"))
        else:
            self.acts.words = _("公示到 %(end)s；期满没有异议就可以结束，有异议会停下来等答复。") % {"end": end}
        if allowed:
            self.also("objection", _("登记异议"), _("登记异议"), forms.ObjectionForm)
            self.also("notice/removal", _("撤下公示"), _("撤下公示"), forms.ReasonForm, danger=True, in_bar=True)

    def drafted(self, draft: NoticeDraft, *, allowed: bool) -> None:
        """Drafted, not up yet: the checker looks, whoever may draft takes it back."""
        if draft.checker_id == self.account.pk and not why_not(self.account, self.case, ""):
            self.acts.words = _("%(name)s拟好了公示，等您看过各处要显示的内容再发布。") % {"name": draft.drafted_by.name}
            self.link(_("核对公示"), _("去核对公示"), draft_url(self.case))
            return
        self.acts.words = _("公示已拟好，等%(name)s核对；核对以后才发布，公示期从那天算。") % {"name": draft.checker.name}
        if allowed:
            self.also("notice/draft/removal", _("收回拟稿"), _("收回拟稿"), forms.EmptyForm, in_bar=True)

    def review(self) -> None:
        if self.may():
            award = self.case.awards.get()
            known = {"recommended_fen": yuan(award.proposed_fen or award.noticed_fen or 0)}
            self.acts.words = _("复核后排进评审会；金额不能高于公示过的。")
            self.add("review", _("复核"), _("写下复核意见"), forms.ReviewForm, initial=known)

    def decide(self) -> None:
        link = latest_motion(self.case)
        motion = link.motion if link else None
        if motion is not None and motion.state == Motion.State.WAITING:
            self.acts.words = _("已排进%(session)s，等表决。") % {"session": motion.session}
            if has_role(self.account, CONVENERS | {Role.COMMITTEE_MEMBER}, motion.unit) and not why_not(
                self.account, self.case, DECIDE
            ):
                self.link(_("评审会"), _("看这次会"), f"/sessions/{motion.session_id}/")
            return
        if link is not None and is_to_carry_out(self.case, link):
            outcome = link.motion.resolution.outcome
            if outcome == Resolution.Outcome.REFUSED:
                self.acts.words = _("评审会不同意。要写明条款、缺什么、找谁问，书面答复申请人。")
                if self.may({Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR}):
                    self.add("refusal", _("不予救助的答复"), _("书面答复申请人"), forms.RefusalForm)
                return
            self.acts.words = _("决议已作出，办理后预留资金或退回补充。")
            if self.may({*self.stage.role, Role.OFFICE_HEAD}, DECIDE):
                self.add("decision", _("办理决议"), _("办理决议"))
            return
        if self.may(CONVENERS):
            self.acts.words = _("排进一次评审会，由委员表决。")
            self.add("agenda", _("排进评审会"), _("排进评审会"), forms.AgendaForm, by=self.account)

    def pay(self) -> None:
        rows = [award.disbursement for award in self.case.awards.filter(dropped_reason=None).select_related("disbursement")]
        gone = [row for row in rows if row is None or row.state in ("released", "reversed")]
        if gone and self.may({Role.OFFICE_HEAD, Role.COMMITTEE_CHAIR}):
            self.acts.words = _("有 %(n)d 笔款已取消或冲销，要重新预留才能付。") % {"n": len(gone)}
            self.add("reservation", _("重新预留"), _("重新预留"))
        elif is_held(self.case):
            if self.holds({Role.OFFICE_HEAD, Role.OFFICE_OFFICER}):
                self.acts.words = _("异议已认定成立，这笔款不付。请退回重新核实，或写明理由不予救助。")
            else:
                self.acts.words = _("异议已认定成立，这笔款不付；等帮扶办公室退回核实或不予救助。")
        elif self.holds({Role.CASHIER, Role.ACCOUNTANT}):
            one = rows[0] if len(rows) == 1 else None
            self.acts.words = _("付款和双方签字都办完，这一件自动转到下一步。")
            self.link(_("发放"), _("去发放"), f"/disbursements/{one.pk}/" if one is not None else "/disbursements/")

    def follow_up(self) -> None:
        if self.may():
            self.acts.words = _("看看这一家现在怎么样，还需要什么。")
            self.add("follow-up", _("回访"), _("写下回访"), forms.FollowUpForm, initial={"visited_on": today(self.at)})

    def close(self) -> None:
        if self.may():
            self.acts.words = _("写完办结报告，给归档号，这一件就办结了。")
            self.add(
                "closing-report", _("办结报告"), _("办结归档"), forms.ClosingReportForm, initial={"text": _draft_report(self.case)}
            )

    # -- beside the stage's own act

    def others(self) -> None:
        case = self.case
        if why_not(self.account, case, ""):
            return
        if (
            self.holds(returners(case))
            and pack.returns_to(case)
            and not (case.stage_kind == "decide" and not self.holds(CONVENERS))
        ):
            self.also("return", _("退回"), _("退回"), forms.ReturnForm, in_bar=True)
        if self.holds(FILERS) and not case.is_list and case.stage_kind in ("apply", "investigate", "check"):
            self.also("paper-request", _("通知申请人补材料"), _("通知补材料"), forms.PaperRequestForm)
        refusers = {Role.OFFICE_HEAD} | (set(self.stage.role) if case.stage_kind in ("check", "propose", "review") else set())
        if case.stage_kind in ("check", "propose", "notice", "review", "pay") and not case.is_list and self.holds(refusers):
            self.also("refusal", _("不予救助"), _("不予救助"), forms.RefusalForm, danger=True, in_bar=True)
        if case.stage_kind in ("review", "decide", "pay") and self.holds(POSTERS) and self.takes_late():
            self.also("objection", _("登记公示结束后的异议"), _("登记异议"), forms.ObjectionForm)
        if self.holds(FILERS) and not case.is_list and case.stage_kind not in ("follow_up", "close"):
            self.also("withdrawal", _("申请人撤回"), _("撤回申请"), forms.ReasonForm, danger=True)
        if case.is_list and case.stage_kind in ("notice", "decide", "pay") and self.holds({Role.OFFICE_HEAD, Role.OFFICE_OFFICER}):
            self.also("removal", _("从名单上去掉"), _("去掉这一户"), forms.DropForm, danger=True)

    def takes_late(self) -> bool:
        """The notice has run its term, and the money is not paid yet."""
        link = self.case.notices.select_related("notice").order_by("-pk").first()
        return link is not None and too_late(link.notice, "") == ""

    def ended(self) -> Acts:
        case = self.case
        self.acts.words = _("%(state)s。") % {"state": case.get_state_display()}
        asked = case.refusals.filter(asked_again_at__isnull=False).exists()
        if case.state == Case.State.REFUSED and not asked and self.holds(FILERS) and not why_not(self.account, case, ""):
            self.acts.words = _("申请人可以再申请一次，由评审会重新看。")
            self.add("second-request", _("代申请人再次申请"), _("再次申请"), forms.SecondRequestForm)
        return self.acts

    def waiting_words(self) -> str:
        """Who must act till when."""
        case = self.case
        roles = [Role(role) for role in self.stage.role if role != Role.WORKER]
        names = "、".join(account.name for account in accounts_with(roles, case.unit)[:3]) if roles else ""
        who = names or "、".join(str(role.label) for role in roles)
        if case.due_on is None:
            return _("等%(who)s办“%(stage)s”。") % {"who": who, "stage": case.stage_title}
        return _("等%(who)s办“%(stage)s”，%(day)s 以前。") % {"who": who, "stage": case.stage_title, "day": f"{case.due_on:%m-%d}"}


def _draft_report(case: Case) -> str:
    """A first text from what is known; the officer completes it."""
    paid = sum(award.awarded_fen or 0 for award in case.awards.all() if award.is_in)
    last = case.follow_ups.order_by("-pk").first()
    lines = [_("%(title)s，实发 %(sum)s 元，付款双方已签字。") % {"title": case.title, "sum": yuan(paid)}]
    if last is not None:
        lines.append(_("%(day)s 回访：%(result)s。") % {"day": last.visited_on, "result": last.get_result_display()})
    return "".join(lines)


def deadline(case: Case) -> datetime | None:
    """The end of the stage's term as an instant: 24:00 of the last day."""
    return start_of_day(case.due_on + timedelta(days=1)) if case.due_on else None
