"""The file's timeline: everything the record holds about a household, in words, under six tabs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bangfu.access.models import Account
from bangfu.audit.queries import Entry, timeline
from bangfu.audit.record import subject_of
from bangfu.household import grades
from bangfu.household.imports.told import told_of
from bangfu.household.models import Change, Household, Member, OutsideHelp, Reveal, Transfer
from bangfu.household.models.words import CAUSES, ConsentKind, Giver, Matter, NationalClass, RevealReason, Section, exit_title
from bangfu.lib.days import local, start_of_day

TABS = {
    "all": gettext_lazy("全部"),
    "money": gettext_lazy("钱"),
    "visit": gettext_lazy("走访"),
    "approval": gettext_lazy("审批"),
    "change": gettext_lazy("变更"),
    "seen": gettext_lazy("谁看过"),
}
FIELDS = {
    "identity": gettext_lazy("证件号码"), "phone": gettext_lazy("手机号"), "card": gettext_lazy("银行卡号"),
    "address": gettext_lazy("住址"), "diagnosis": gettext_lazy("诊断"),
}  # fmt: skip


@dataclass(frozen=True)
class Line:
    """One line as {% timeline %} draws it, with its tab. `quiet`: money of others."""

    at: datetime
    tab: str
    icon: str
    text: str
    detail: str = ""
    url: str = ""
    amount_fen: int | None = None
    was: str = ""
    now: str = ""
    quiet: bool = False
    aside: str = ""


@dataclass(frozen=True)
class Source:
    """What an upper module adds to one file's timeline: further subjects ("process.case:12"), and words for their events.

    `write` answers the lines of an event (none: another event says the same), or None: not its own.
    """

    subjects: Sequence[str]
    write: Callable[[Entry], list[Line] | None]


#: Upper modules' part of a file's timeline as the reader (None: everybody) may see it; asked once a page. Wiring appends.
sources: list[Callable[[Household, Account | None], Source]] = []
#: Upper modules' part of who saw a household's things: rows {"who", "what", "whose", "why", "at"}. Wiring appends.
readings: list[Callable[[Household], list[dict[str, Any]]]] = []
#: First words of an event's kind -> tab; the longest that fits counts.
tabs_of_kinds: dict[str, str] = {
    "household.": "change",
    "household.value_revealed": "seen",
    "household.file_printed": "seen",
    "household.outside_help": "money",
    "evidence.file_read": "seen",
    "ledger.": "money",
    "process.": "approval",
    "process.visit": "visit",
    "process.survey": "visit",
    "relief.": "approval",
    "governance.": "approval",
    "disclosure.": "approval",
    "policy.": "approval",
}


@dataclass(frozen=True)
class Timeline:
    lines: list[Line]  # of the chosen tab, newest first, at most `limit`
    counts: dict[str, int]
    total: int  # in the chosen tab


def timeline_of(household: Household, tab: str = "all", *, account: Account | None = None, limit: int | None = 20) -> Timeline:
    """What happened to a household: events of the file, of what belongs to it, and what imports did to it.

    The statements do not grow with the lines.
    """
    others = [source(household, account) for source in sources]
    roster = f"household.staff:{household.staff_id}"  # of the head's row: only who looked behind its masks
    own = [subject_of(household), *(subject for other in others for subject in other.subjects)]
    known = _Known(household)
    told_here = (entry for entry in timeline(*own, roster) if entry.subject != roster or entry.kind == "household.value_revealed")
    lines = [line for entry in told_here for line in _lines(entry, known, others)]
    for told in told_of(household):
        origin = _("导入批次 #%(n)d 第 %(row)d 行") % {"n": told.batch, "row": told.row}
        for line in _lines(told.entry, known, ()):
            lines.append(replace(line, detail="，".join(part for part in (line.detail, origin) if part)))
    lines.sort(key=lambda line: line.at, reverse=True)  # help of others stands at its own day
    counts = dict.fromkeys(TABS, 0) | {"all": len(lines)}
    for line in lines:
        counts[line.tab] = counts.get(line.tab, 0) + 1
    chosen = lines if tab not in TABS or tab == "all" else [line for line in lines if line.tab == tab]
    return Timeline(lines=chosen[:limit], counts=counts, total=len(chosen))


def who_saw(household: Household) -> list[dict[str, Any]]:
    """Who looked behind a mask of this file or of its head's row on the roster, printed it, or read its papers: name, what,
    whose, why, when, newest first. The worker sees the same list; what she did herself is not in it.
    """
    looks = Q(household=household) | Q(staff=household.staff_id) if household.staff_id else Q(household=household)
    rows = [
        {
            "who": look.by.name,
            "what": str(FIELDS.get(look.field, look.field)),
            "whose": look.member.name if look.member else "",
            "why": str(look.get_reason_display()),
            "at": look.at,
        }
        for look in Reveal.objects.filter(looks).select_related("by", "member")
    ]
    printed = [entry for entry in timeline(household) if entry.kind == "household.file_printed"]
    rows += [{"who": one.who, "what": _("整份档案"), "whose": "", "why": _("打印（号码已隐去）"), "at": one.at} for one in printed]
    rows += [row for ask in readings for row in ask(household)]
    own = household.staff.account.name if household.staff and household.staff.account else ""
    return sorted((row for row in rows if row["who"] != own), key=lambda row: row["at"], reverse=True)


def tab_of(kind: str) -> str:
    """The tab of an event's kind."""
    fitting = [words for words in tabs_of_kinds if kind.startswith(words)]
    return tabs_of_kinds[max(fitting, key=len)] if fitting else "change"


class _Known:
    """What the lines of one file need, read once: changes, members' names, grades' titles, outside help."""

    def __init__(self, household: Household) -> None:
        self.changes = {change.pk: change for change in Change.objects.filter(household=household)}
        self.members = dict(Member.objects.filter(household=household).values_list("pk", "name"))
        self.grades = grades.titles(household.unit, household.state_on)
        moves = Transfer.objects.filter(household=household).select_related("from_unit", "to_unit")
        self.transfers = {move.pk: move for move in moves}
        self.helps = {help.pk: help for help in OutsideHelp.objects.filter(household=household)}

    def grade(self, code: str) -> str:
        return self.grades.get(code, code) or _("未定")


def _lines(entry: Entry, known: _Known, others: Sequence[Source]) -> list[Line]:
    for other in others:
        lines = other.write(entry)
        if lines is not None:
            return lines
    name = _WRITERS.get(entry.kind)
    if name is not None:
        return name(entry, known)
    amount = entry.facts.get("amount_fen")
    return [
        Line(entry.at, tab_of(entry.kind), _ICONS.get(tab_of(entry.kind), "file-text"), entry.words, detail=entry.who,
             amount_fen=amount if isinstance(amount, int) else None)
    ]  # fmt: skip


_ICONS = {"money": "cash", "visit": "map-pin", "approval": "file-text", "change": "pencil", "seen": "eye"}


def _revealed(entry: Entry, known: _Known) -> list[Line]:
    whose = known.members.get(entry.facts.get("member") or 0, "")
    what = f"{whose}{FIELDS.get(entry.facts['field'], entry.facts['field'])}"
    words = _("%(who)s查看%(what)s") % {"who": entry.who, "what": what}
    why = dict(RevealReason.choices).get(entry.facts["reason"], "")
    return [
        Line(entry.at, "seen", "eye", words, detail=_("%(why)s；本人看得到这条") % {"why": why}, aside=f"{local(entry.at):%H:%M}")
    ]


def _corrected(entry: Entry, known: _Known) -> list[Line]:
    """One line for each field; sensitive values stay behind their stars."""
    lines = []
    for fact in entry.facts["changes"]:
        change = known.changes.get(fact["change"])
        if change is None:
            continue
        detail = _("%(who)s改，%(why)s") % {"who": entry.who or _("系统"), "why": change.why}
        words = f"{change.whose} {change.label}".strip()
        if entry.kind == "household.member_added":
            lines.append(Line(entry.at, "change", "plus", f"{change.label} {change.whose}", detail=detail))
        elif change.is_sensitive:
            lines.append(Line(entry.at, "change", "pencil", _("%(what)s已更正，内容隐去") % {"what": words}, detail=detail))
        else:
            lines.append(Line(entry.at, "change", "pencil", words, detail=detail, was=change.old, now=change.new))
    for fact in entry.facts.get("held", []):
        matter = str(dict(Matter.choices).get(fact["matter"], ""))
        lines.append(
            Line(entry.at, "change", "alert-triangle", _("%(what)s与明细对不上，待另一人核实") % {"what": matter}, detail=entry.who)
        )
    return lines


def _graded(entry: Entry, known: _Known) -> list[Line]:
    facts = entry.facts
    lines = []
    if facts["old"] != facts["new"]:
        lines.append(
            Line(entry.at, "change", "pencil", _("档次"), detail=facts["basis"] or entry.who, was=known.grade(facts["old"]),
                 now=known.grade(facts["new"]))
        )  # fmt: skip
    if facts["national_old"] != facts["national_new"]:
        titles = dict(NationalClass.choices)
        lines.append(
            Line(entry.at, "change", "pencil", _("全国类别"), detail=entry.who, was=str(titles[facts["national_old"]]),
                 now=str(titles[facts["national_new"]]))
        )  # fmt: skip
    return lines


def _state(text: Any, icon: str) -> Callable[[Entry, _Known], list[Line]]:
    def write(entry: Entry, known: _Known) -> list[Line]:
        reason = exit_title(entry.facts.get("reason"))
        detail = "，".join(part for part in (entry.who, reason) if part)
        return [Line(entry.at, "change", icon, str(text), detail=detail)]

    return write


def _filed(entry: Entry, known: _Known) -> list[Line]:
    cause = CAUSES.get(entry.facts["main_cause"])
    detail = "，".join(part for part in (entry.who, str(cause.title) if cause else "") if part)
    return [Line(entry.at, "change", "folder", _("建档"), detail=detail, aside=entry.facts["number"])]


def _helped(entry: Entry, known: _Known) -> list[Line]:
    """Money of others stands at its own day, in grey."""
    noted = known.helps.get(entry.facts["help"])
    if noted is None:
        return []
    giver = noted.giver_name or str(Giver(noted.giver).label)
    detail = _("其他方面，另记；已作废") if noted.voided_at else _("其他方面，另记")
    return [
        Line(start_of_day(noted.day), "money", "building-community", f"{giver} {noted.what}", detail=detail,
             amount_fen=noted.amount_fen, quiet=True)
    ]  # fmt: skip


def _consented(entry: Entry, known: _Known) -> list[Line]:
    kind = str(ConsentKind(entry.facts["consent"]).label)
    given = entry.facts.get("given")
    words = _("撤回：%(kind)s") if given is None else _("同意：%(kind)s") if given else _("不同意：%(kind)s")
    return [Line(entry.at, "change", "checks" if given else "x", words % {"kind": kind}, detail=entry.who)]


def _cleared(entry: Entry, known: _Known) -> list[Line]:
    words = _("核实五清：%(section)s") % {"section": Section(entry.facts["section"]).label}
    return [Line(entry.at, "visit", "check", words, detail=entry.who)]


def _voided(entry: Entry, known: _Known) -> list[Line]:
    return [Line(entry.at, "change", "x", entry.words, detail=entry.who)]


def _transfer(text: Any, icon: str) -> Callable[[Entry, _Known], list[Line]]:
    def write(entry: Entry, known: _Known) -> list[Line]:
        move = known.transfers.get(entry.facts["transfer"])
        where = f"{move.from_unit.name} → {move.to_unit.name}" if move else ""
        why = (move.note if entry.kind == "household.transfer_declined" else move.why) if move else ""
        detail = "，".join(part for part in (where, why, entry.who) if part)
        return [Line(entry.at, "change", icon, str(text), detail=detail)]

    return write


_WRITERS: dict[str, Callable[[Entry, _Known], list[Line]]] = {
    "household.value_revealed": _revealed,
    "household.file_corrected": _corrected,
    "household.member_added": _corrected,
    "household.member_left": _corrected,
    "household.grade_set": _graded,
    "household.household_filed": _filed,
    "household.file_lifted": _state(gettext_lazy("脱困"), "circle-check"),
    "household.file_struck": _state(gettext_lazy("注销档案"), "x"),
    "household.outside_help_noted": _helped,
    "household.outside_help_voided": _voided,
    "household.consent_given": _consented,
    "household.consent_withdrawn": _consented,
    "household.clear_checked": _cleared,
    "household.transfer_asked": _transfer(gettext_lazy("提出转移档案"), "send"),
    "household.transfer_declined": _transfer(gettext_lazy("对方没有接收"), "x"),
    "household.transfer_taken_back": _transfer(gettext_lazy("收回转移"), "x"),
    "household.file_handed_over": lambda entry, known: [],  # the taking over says both
    "household.file_taken_over": _transfer(gettext_lazy("档案转移"), "circle-check"),
}
