"""What cases and payments add to a household's timeline: steps, visits, money, papers that somebody read.

One line an act: where the case and the ledger record the same moment, the one that says more is shown. Source: LOOK.md 5.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.access.roles import MONEY_STAFF
from bangfu.access.scope import has_role
from bangfu.audit.queries import Entry, timeline
from bangfu.audit.record import subject_of
from bangfu.household.models import Household
from bangfu.household.timeline import Line, Source
from bangfu.ledger.models import Disbursement, Posting
from bangfu.lib.days import last_day, today
from bangfu.lib.money import yuan
from bangfu.process.conflicts import households_of_kin
from bangfu.process.messages import url_of
from bangfu.process.models import Award, Case, FollowUp, Paper, Survey

#: Said by another line of the same moment: the payment's own, or the case's.
VISITS = frozenset(
    {
        "process.survey_handed_in", "process.visit_confirmed", "process.visit_denied", "process.survey_countersigned",
        "process.household_followed_up",
    }
)  # fmt: skip
SAID_ELSEWHERE = {
    "process.award_paid", "process.award_receipted", "process.payment_failed", "relief.application_filed", "policy.household_assessed",
    "process.notice_drafted", "process.notice_draft_dropped", "ledger.money_reserved",
    "ledger.payment_sent", "ledger.receipt_signed", "evidence.document_signed", "evidence.file_stored",
}  # fmt: skip
#: What of a list's case is about one household on it.
OF_A_LIST = {
    "process.list_opened", "process.notice_posted", "process.notice_closed", "process.case_approved", "process.award_dropped",
}  # fmt: skip
ICONS = {
    "process.case_opened": "file-text", "process.list_opened": "gift",
    "process.papers_asked_for": "message-dots", "process.hardship_checked": "checks", "process.case_sent_up": "send",
    "process.answer_recorded": "message-dots", "process.notice_draft_returned": "arrow-back-up",
    "process.notice_posted": "speakerphone", "process.notice_closed": "speakerphone",
    "process.notice_kept": "speakerphone", "process.notice_taken_down": "ban", "process.objection_received": "message-report",
    "process.objection_settled": "message-report", "process.case_reviewed": "checks", "process.motion_put": "gavel",
    "process.case_approved": "gavel", "process.case_refused": "ban", "process.case_returned": "arrow-back-up",
    "process.case_withdrawn": "arrow-back-up", "process.asked_again": "message-circle", "process.award_dropped": "x",
    "process.case_closed": "folder",
}  # fmt: skip


def source(household: Household, account: Account | None) -> Source:
    """The cases, awards, payments and papers of a household; nothing of them for its own people and their kin."""
    if account is not None and households_of_kin(account).filter(pk=household.pk).exists():
        return Source(subjects=(), write=lambda entry: None)
    known = _Known(household, account)
    return Source(subjects=known.subjects(), write=known.write)


def readings(household: Household) -> list[dict[str, Any]]:
    """Who read the papers of the household's cases, for "who saw what"."""
    papers = Paper.objects.filter(case__household=household, file__isnull=False)
    titles = {f"evidence.file:{file}": title for file, title in papers.values_list("file", "title")}
    return [
        {"who": entry.who, "what": titles[entry.subject], "whose": "", "why": _("办理时看材料"), "at": entry.at}
        for entry in (timeline(*titles) if titles else [])
        if entry.kind == "evidence.file_read"
    ]


class _Known:
    """What the lines of one file need, read once: a fixed number of statements."""

    def __init__(self, household: Household, account: Account | None) -> None:
        awards = list(household.awards.select_related("case__unit").order_by("pk"))
        self.worker = household.staff.account_id if household.staff else None
        self.awards: dict[str, Award] = {subject_of(award): award for award in awards}
        self.cases: dict[str, Case] = {subject_of(award.case): award.case for award in awards}
        self.award_of: dict[str, Award] = {subject_of(award.case): award for award in awards}
        keys = [award.case_id for award in awards]
        seen = Case.objects.filter(pk__in=keys)
        self.open_to = set((seen if account is None else seen.visible_to(account)).values_list("pk", flat=True))
        self.surveys = {row.pk: row for row in Survey.objects.filter(case__in=keys).select_related("visitor").defer("findings")}
        self.follow_ups = {row.pk: row for row in FollowUp.objects.filter(case__in=keys).select_related("visitor").defer("note")}
        papers = list(Paper.objects.filter(case__household=household).order_by("pk"))
        self.papers = {paper.pk: paper for paper in papers}
        self.titles = {f"evidence.file:{paper.file_id}": paper.title for paper in papers if paper.file_id}
        paid = Disbursement.objects.filter(household_no=household.number).select_related("award__case")
        self.payments = {subject_of(row): row for row in paid}
        rows = Posting.objects.filter(disbursement__in=[row.pk for row in self.payments.values()], credit__startswith="1")
        self.vouchers = {row.disbursement_id: str(row.voucher) for row in rows.select_related("voucher")}
        self.sees_money = account is None or has_role(account, MONEY_STAFF, household.unit)

    def subjects(self) -> list[str]:
        return [*self.cases, *self.awards, *self.payments, *self.titles]

    def write(self, entry: Entry) -> list[Line] | None:
        """The lines of an event of these subjects; None for the file's own."""
        if entry.subject in self.payments:
            return self._payment(entry, self.payments[entry.subject])
        if entry.subject in self.titles:
            return self._read(entry)
        if entry.subject in self.awards:
            return self._hold(entry, self.awards[entry.subject])
        case = self.cases.get(entry.subject)
        return None if case is None else self._case(entry, case, self.award_of[entry.subject])

    # -- money

    def _payment(self, entry: Entry, row: Disbursement) -> list[Line]:
        if entry.kind in SAID_ELSEWHERE or not entry.kind.startswith("ledger."):
            return []
        url = self._url_of_payment(row)
        if entry.kind in ("ledger.payment_confirmed", "ledger.cash_paid"):
            signed = _("已签收") if row.receipted_at else _("等签字")
            if row.state == Disbursement.State.REVERSED:
                signed = _("后来冲销")
            detail = _("凭证 %(number)s，%(signed)s") % {"number": self.vouchers.get(row.pk, "—"), "signed": signed}
            return [Line(entry.at, "money", "cash", row.purpose, detail=detail, url=url, amount_fen=row.amount_fen)]
        amount = -row.amount_fen if entry.kind == "ledger.payment_reversed" else None
        text = _("%(what)s：%(words)s") % {"what": row.purpose, "words": entry.words}
        detail = _joined(entry.who, str(entry.facts.get("reason") or ""))
        return [Line(entry.at, "money", "alert-triangle", text, detail=detail, url=url, amount_fen=amount)]

    def _hold(self, entry: Entry, award: Award) -> list[Line]:
        if not entry.kind.startswith("ledger."):
            return []
        text = _("%(what)s：%(words)s") % {"what": award.case.title, "words": entry.words}
        detail = str(entry.facts.get("why") or entry.facts.get("reason") or "")
        return [Line(entry.at, "money", "hand-stop", text, detail=detail, url=self._url(award.case))]

    def _url_of_payment(self, row: Disbursement) -> str:
        if self.sees_money:
            return f"/disbursements/{row.pk}/"
        award = getattr(row, "award", None)
        return self._url(award.case) if award is not None else ""

    # -- who saw

    def _read(self, entry: Entry) -> list[Line]:
        if entry.kind != "evidence.file_read":
            return []
        words = _("%(who)s查看材料：%(what)s") % {"who": entry.who, "what": self.titles[entry.subject]}
        return [Line(entry.at, "seen", "eye", words)]

    # -- the case

    def _case(self, entry: Entry, case: Case, award: Award) -> list[Line]:
        if entry.kind in SAID_ELSEWHERE or (case.is_list and entry.kind not in OF_A_LIST):
            return []
        if entry.kind == "process.award_dropped" and entry.facts.get("award") != award.pk:
            return []
        if entry.kind in VISITS:
            return [self._visit(entry, case)]
        if entry.kind == "process.paper_added":
            return self._papers(entry, case)
        if entry.kind == "process.approval_printed":
            return [Line(entry.at, "seen", "eye", _("%(who)s打印审批表") % {"who": entry.who}, case.number, self._url(case))]
        text = _("%(title)s：%(words)s") % {"title": case.title, "words": _words(entry, case, self.worker)}
        detail = _joined(award.number if case.is_list else case.number, self._detail(entry) or entry.who)
        icon = ICONS.get(entry.kind, "file-text")
        return [Line(entry.at, "approval", icon, text, detail, self._url(case), _amount(entry, case, award))]

    def _papers(self, entry: Entry, case: Case) -> list[Line]:
        """Papers handed in together are one line, at the last of them."""
        paper = self.papers.get(entry.facts.get("paper") or 0)
        together = [one for one in self.papers.values() if paper and (one.case_id, one.added_at) == (paper.case_id, paper.added_at)]
        if paper is None or paper is not together[-1]:
            return []
        text = _("%(title)s：交材料 %(n)d 份") % {"title": case.title, "n": len(together)}
        titles = "、".join(dict.fromkeys(one.title for one in together))
        return [Line(entry.at, "approval", "file-text", text, _joined(case.number, entry.who, titles), self._url(case))]

    def _visit(self, entry: Entry, case: Case) -> Line:
        survey = self.surveys.get(entry.facts.get("survey") or 0)
        follow_up = self.follow_ups.get(entry.facts.get("follow_up") or 0)
        url = self._url(case)
        if survey is not None and entry.kind == "process.survey_handed_in":
            text = _("入户调查，%(one)s、%(two)s") % {"one": survey.visitor.name, "two": survey.companion}
            detail = _joined(case.number, _day(survey.visited_on, entry), survey.place)
            return Line(entry.at, "visit", "home", text, detail, url)
        if follow_up is not None:
            text = _("回访，%(who)s") % {"who": follow_up.visitor.name}
            detail = _joined(case.number, _day(follow_up.visited_on, entry), str(follow_up.get_result_display()))
            return Line(entry.at, "visit", "map-pin", text, detail, url)
        return Line(entry.at, "visit", "signature", entry.words, _joined(case.number, entry.who), url)

    def _detail(self, entry: Entry) -> str:
        """What stands in the second line instead of who did it."""
        make = _DETAILS.get(entry.kind)
        if make is not None:
            return make(entry)
        paper = self.papers.get(entry.facts.get("paper") or 0)
        return _joined(entry.who, paper.title) if paper is not None else ""

    def _url(self, case: Case) -> str:
        return url_of(case) if case.pk in self.open_to else ""


def _words(entry: Entry, case: Case, worker: int | None) -> str:
    if entry.kind == "process.case_opened":
        return _("本人提交申请") if worker is not None and case.opened_by_id == worker else _("代办申请")
    return {
        "process.list_opened": _("列入名单"), "process.notice_posted": _("开始公示"), "process.case_approved": _("评审会通过"),
        "process.award_dropped": _("从名单上去掉"),
    }.get(entry.kind, entry.words)  # fmt: skip


def _amount(entry: Entry, case: Case, award: Award) -> int | None:
    """The household's own sum at that act."""
    facts = entry.facts
    if entry.kind == "process.hardship_checked":
        return facts.get("proposed_fen")
    if entry.kind == "process.notice_posted":
        return award.noticed_fen if case.is_list else facts.get("total_fen")
    if entry.kind == "process.case_approved":
        return award.awarded_fen if case.is_list else facts.get("total_fen")
    return None


def _asked(entry: Entry) -> str:
    asked = entry.facts.get("asked_fen")
    return _("申请 %(sum)s 元") % {"sum": yuan(asked)} if asked else ""


def _term(entry: Entry) -> str:
    end = last_day(datetime.fromisoformat(entry.facts["closes_at"]))
    return _("到 %(day)s 24:00") % {"day": f"{end:%m-%d}"}


def _resolved(entry: Entry) -> str:
    return _("决议 %(number)s") % {"number": entry.facts["resolution"]}


def _refused(entry: Entry) -> str:
    return _("依据第%(clause)s条") % {"clause": entry.facts["clause"]}


def _filed(entry: Entry) -> str:
    return _("归档号 %(number)s") % {"number": entry.facts["archive_number"]}


def _called(entry: Entry) -> str:
    return str(entry.facts.get("session") or "")


_DETAILS: dict[str, Callable[[Entry], str]] = {
    "process.case_opened": _asked,
    "process.notice_posted": _term,
    "process.motion_put": _called,
    "process.case_approved": _resolved,
    "process.case_refused": _refused,
    "process.case_closed": _filed,
}


def _day(day: date, entry: Entry) -> str:
    """The day of the visit, where it is not the day it was written down."""
    return _("%(day)s 去的") % {"day": f"{day:%m-%d}"} if day != today(entry.at) else ""


def _joined(*parts: str) -> str:
    return "，".join(part for part in parts if part)
