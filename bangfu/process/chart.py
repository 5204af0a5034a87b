"""流程图: the procedure in force as a drawing, with the case's place on it. Source: S2-13; LOOK.md 5 "Flow chart".

Boxes of 112 x 40; more than nine stages wrap into two rows. Ways back and out are drawn only when they were taken or are
open now. The same as a list for narrow screens, and as one sentence for readers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.disclosure.models import Notice
from bangfu.lib.days import last_day, today
from bangfu.policy import procedure
from bangfu.policy.pack import Stage
from bangfu.process import pack
from bangfu.process.models import Case, Step

WIDTH, BOX, GAP, PER_ROW = 1086, 112, 24, 9
TOP, HEIGHT, SIDE_TOP, SIDE_WIDTH = 34.5, 39, 138.5, 123
DONE, NOW, TODO = "done", "now", "todo"


@dataclass
class Mark:
    """One stage on the chart: where the case stands to it, and the two lines under the box."""

    id: str
    title: str
    state: str
    first: str
    second: str


@dataclass
class Way:
    """A way back or out: from one stage, with its words, to an earlier stage or nowhere."""

    start: str
    words: str
    end: str = ""


@dataclass
class Chart:
    """Everything a page needs: the drawing, its title and sentence, the list, and which step of how many."""

    svg: SafeString
    title: str
    sentence: str
    rows: list[dict[str, str]]
    place: int
    total: int
    clause: str
    rules: str

    @property
    def past(self) -> list[dict[str, str]]:
        """The rows of the list before the one where the case stands."""
        return self.rows[: self.place - 1] if any(row["state"] == NOW for row in self.rows) else self.rows

    @property
    def here(self) -> list[dict[str, str]]:
        return [row for row in self.rows if row["state"] == NOW]

    @property
    def ahead(self) -> list[dict[str, str]]:
        return [row for row in self.rows if row["state"] == TODO]

    @property
    def last_done(self) -> str:
        return self.past[-1]["title"] if self.past else ""

    @property
    def next_title(self) -> str:
        return self.ahead[0]["title"] if self.ahead else ""


def chart(case: Case, steps: Sequence[Step], *, at: datetime, notice: Notice | None = None, objections: int = 0) -> Chart:
    """`steps` in order, with `by`; `notice` the latest one; `objections` still without an answer."""
    stages = _stages(case, steps)
    marks = _marks(case, stages, steps, at=at, notice=notice)
    ways = _ways(case, stages, steps, objections)
    place = next((number for number, mark in enumerate(marks, 1) if mark.state == NOW), len(marks))
    whole = pack.procedure_of(case)
    return Chart(
        svg=draw(marks, ways),
        title=_("%(title)s流程图") % {"title": case.title},
        sentence=_sentence(marks, ways),
        rows=[{"title": mark.title, "state": mark.state, "detail": _detail(mark)} for mark in marks],
        place=place,
        total=len(marks),
        clause=whole.clause,
        rules=pack.pack(case).title,
    )


def _stages(case: Case, steps: Sequence[Step]) -> list[Stage]:
    """The stages that this case passes: by what is known of it, and those it has been at."""
    kept = {stage.id for stage in procedure.path(pack.pack(case), case.procedure, _known(case), on=today(case.opened_at))}
    kept |= {step.stage_code for step in steps} | {case.stage_code}
    return [stage for stage in pack.procedure_of(case).stages if stage.id in kept]


def _known(case: Case) -> dict[str, str]:
    """What conditions of stages read, as far as it is decided."""
    return {name: value for name, value in {"programme": case.programme, "degree": case.degree}.items() if value}


def _marks(case: Case, stages: list[Stage], steps: Sequence[Step], *, at: datetime, notice: Notice | None) -> list[Mark]:
    here = next(number for number, stage in enumerate(stages) if stage.id == case.stage_code)
    left = {step.stage_code: step for step in steps if step.next_stage or step.act == "closing_report"}
    left |= {step.stage_code: step for step in steps if step.act == "hand_in_survey"}  # who went, not who signed beside her
    marks = []
    ahead = {stage.id: (day, is_sure) for stage, day, is_sure in pack.path_ahead(case, _known(case), today(at))}
    for number, stage in enumerate(stages):
        title = (
            _("%(title)s %(n)d 天") % {"title": stage.title, "n": stage.days}
            if stage.kind == "notice" and stage.days
            else stage.title
        )
        if case.state == Case.State.CLOSED or number < here:
            step = left.get(stage.id)
            first = f"{today(step.at):%m-%d}" if step else ""
            marks.append(Mark(stage.id, title, DONE, first, _who(case, stage, step) if step else _("没有经过")))
        elif number == here:
            marks.append(Mark(stage.id, title, NOW, *_now(case, stage, notice, at)))
        else:
            words = _expected(stage, *ahead.get(stage.id, (None, True))) if case.is_open else ""
            marks.append(Mark(stage.id, title, TODO, words, role_words(stage)))
    return marks


def _who(case: Case, stage: Stage, step: Step) -> str:
    if stage.kind == "apply" and case.opened_by_id and case.household and case.household.staff:
        own = case.household.staff.account_id == case.opened_by_id
        return _("本人") if own else (case.opened_by.name if case.opened_by else "")
    name = step.by.name if step.by else ""
    return _("%(name)s等 2 人") % {"name": name} if stage.kind == "investigate" and name else name


def _now(case: Case, stage: Stage, notice: Notice | None, at: datetime) -> tuple[str, str]:
    if not case.is_open:
        return f"{today(case.closed_at):%m-%d}" if case.closed_at else "", str(case.get_state_display())
    if stage.kind == "notice" and notice is not None and notice.closed_at is None:
        end = last_day(notice.closes_at)
        first = _("%(start)s 至 %(end)s") % {"start": f"{today(notice.posted_at):%m-%d}", "end": f"{end:%m-%d}"}
        return first, _left(end, today(at))
    if case.due_on is None:
        return _("%(day)s 起") % {"day": f"{today(case.stage_since):%m-%d}"}, role_words(stage)
    return _("%(day)s 前") % {"day": f"{case.due_on:%m-%d}"}, _left(case.due_on, today(at))


def _left(end: date, on: date) -> str:
    days = (end - on).days
    if days < 0:
        return _("逾期 %(n)d 天") % {"n": -days}
    return _("还剩 %(n)d 天") % {"n": days} if days else _("今天截止")


def _expected(stage: Stage, day: date | None, is_sure: bool) -> str:
    """When a later stage would be done if each takes its whole term; one that may not come has no day."""
    if not is_sure:
        return _("视情况")
    if stage.kind == "follow_up" and stage.days:
        return _("发放后 %(n)d 天") % {"n": stage.days}
    return _("预计 %(day)s") % {"day": f"{day:%m-%d}"} if day else ""


def role_words(stage: Stage) -> str:
    """Who acts at a stage, in one short word."""
    words = {"committee": _("评审委员会"), "finance": _("财务"), "group": _("帮扶办公室"), "office": _("帮扶办公室")}
    if stage.level in words:
        return words[stage.level]
    staff = [role for role in stage.role if role != Role.WORKER]
    return str(Role(staff[0]).label) if staff else _("本人")


def _ways(case: Case, stages: list[Stage], steps: Sequence[Step], objections: int) -> list[Way]:
    """At most one way a stage: the latest taken, or the one that is open now."""
    ids = [stage.id for stage in stages]
    ways: dict[str, Way] = {}
    for step in steps:
        if step.stage_code not in ids:
            continue
        if step.next_stage in ids and ids.index(step.next_stage) < ids.index(step.stage_code):
            ways[step.stage_code] = Way(step.stage_code, _way_words(step), step.next_stage)
        elif step.outcome == "refused":
            ways[step.stage_code] = Way(step.stage_code, _("不同意：书面答复"))
        elif step.outcome == "withdrawn":
            ways[step.stage_code] = Way(step.stage_code, _("申请人撤回"))
    if objections and case.is_open:
        at_notice = next((stage for stage in stages if stage.kind == "notice"), None)
        if at_notice is not None:
            end = at_notice.returns_to[0] if at_notice.returns_to and at_notice.returns_to[0] in ids else ""
            ways[at_notice.id] = Way(at_notice.id, _("有异议：核实"), end)
    return list(ways.values())


def _way_words(step: Step) -> str:
    if step.act == "answer_objection":
        return _("异议成立：重核")
    if step.kind == "decide":
        return _("退回补充")
    return _("退回补正")


def _sentence(marks: list[Mark], ways: list[Way]) -> str:
    """The drawing in words."""
    names = {state: _("、").join(mark.title for mark in marks if mark.state == state) for state in (DONE, NOW, TODO)}
    parts = [_("共 %(n)d 步") % {"n": len(marks)}]
    if names[DONE]:
        parts.append(_("%(names)s已完成") % {"names": names[DONE]})
    if names[NOW]:
        parts.append(_("现在是%(names)s") % {"names": names[NOW]})
    if names[TODO]:
        parts.append(_("之后是%(names)s") % {"names": names[TODO]})
    titles = {mark.id: mark.title for mark in marks}
    parts += [f"{titles[way.start]}{_('，')}{way.words}" for way in ways]
    return _("；").join(parts) + _("。")


def _detail(mark: Mark) -> str:
    return _("，").join(text for text in (mark.first, mark.second) if text)


# -- the drawing


def draw(marks: list[Mark], ways: list[Way]) -> SafeString:
    """The SVG: no style, no script; its words are the boxes'."""
    rows = [marks] if len(marks) <= PER_ROW else [marks[: (len(marks) + 1) // 2], marks[(len(marks) + 1) // 2 :]]
    columns = max(len(row) for row in rows)
    box = min(BOX, (WIDTH - GAP * (columns - 1)) // columns) if columns > 1 else BOX
    pitch = (WIDTH - box) / max(columns - 1, 1) if len(marks) > 1 else 0
    pitch = min(pitch, 260)
    parts: list[SafeString] = []
    centres: dict[str, tuple[float, float]] = {}
    y = 0.0
    for number, row in enumerate(rows):
        has_side = any(way.start in {mark.id for mark in row} for way in ways)
        for place, mark in enumerate(row):
            x = place * pitch
            centres[mark.id] = (x + box / 2, y)
            if place:
                parts.append(_line(x - pitch + box, x, y + 54, done=mark.state in (DONE, NOW)))
        if number:
            parts.append(_turn(centres[rows[number - 1][-1].id], centres[row[0].id], box, done=row[0].state in (DONE, NOW)))
        parts += [_box(mark, centres[mark.id], box) for mark in row]
        y += 176.0 if has_side else 126.0
    for way in ways:
        parts += _side(way, centres)
    inside = format_html_join("", "{}", ((part,) for part in parts))
    return format_html(
        '<svg class="bf-flow" viewBox="-1 0 1088 {}" role="img" aria-labelledby="flow-t flow-d">{}</svg>', f"{y:.0f}", inside
    )


def _n(value: float) -> str:
    return f"{value:.1f}"


def _line(x1: float, x2: float, y: float, *, done: bool) -> SafeString:
    """An arrow from box to box."""
    end = x2 - 1
    return format_html(
        '<line class="{}" x1="{}" y1="{}" x2="{}" y2="{}"/><path class="tip" d="M{} {}l-7-3.5v7z"/>',
        "ln-done" if done else "", _n(x1), _n(y), _n(end - 6), _n(y), _n(end), _n(y),
    )  # fmt: skip


def _turn(start: tuple[float, float], end: tuple[float, float], box: float, *, done: bool) -> SafeString:
    """From the end of one row to the beginning of the next: down the right edge, back between the rows, down."""
    y = end[1] + 8
    return format_html(
        '<path class="{}" d="M{} {}V{}H{}V{}"/><path class="tip" d="M{} {}l-3.5-7h7z"/>',
        "ln-done" if done else "",
        _n(start[0] + box / 2 - 6), _n(start[1] + TOP + HEIGHT), _n(y), _n(end[0] - box / 2 + 14), _n(end[1] + TOP - 7),
        _n(end[0] - box / 2 + 14), _n(end[1] + TOP - 1),
    )  # fmt: skip


def _box(mark: Mark, centre: tuple[float, float], box: float) -> SafeString:
    x, y = centre
    tick = mark_safe("")
    name_x = x
    if mark.state == DONE:
        tick = format_html('<path class="tick" d="M{} {}l3.5 3.5l6.5-7"/>', _n(x - box / 2 + 13.5), _n(y + 54))
        name_x = x + 8
    above = mark_safe("")
    if mark.state == NOW:
        above = format_html(
            '<path class="tip" d="M{} {}l-5-7h10z"/><text class="t2" x="{}" y="{}">{}</text>',
            _n(x), _n(y + 30), _n(x), _n(y + 18), _("现在在这里"),
        )  # fmt: skip
    return format_html(
        '<g class="{}"><rect class="box" x="{}" y="{}" width="{}" height="{}" rx="4"/>{}<text class="t1" x="{}" y="{}">{}</text>'
        '<text class="t2" x="{}" y="{}">{}</text><text class="t3" x="{}" y="{}">{}</text>{}</g>',
        mark.state, _n(x - box / 2 + 0.5), _n(y + TOP), _n(box - 1), HEIGHT, tick, _n(name_x), _n(y + 59), mark.title[:8],
        _n(x), _n(y + 92), mark.first, _n(x), _n(y + 109), mark.second[:9], above,
    )  # fmt: skip


def _side(way: Way, centres: dict[str, tuple[float, float]]) -> list[SafeString]:
    """The dashed box under a stage, and its arrow back."""
    x, y = centres[way.start]
    left = min(max(x - SIDE_WIDTH / 2, 0.5), WIDTH - SIDE_WIDTH)
    parts = [
        format_html(
            '<g class="side"><path class="alt" d="M{} {}V{}"/><path class="tip" d="M{} {}l-3.5-7h7z"/>'
            '<rect class="box" x="{}" y="{}" width="{}" height="29" rx="4"/><text class="t2" x="{}" y="{}">{}</text></g>',
            _n(x),
            _n(y + 115),
            _n(y + 134),
            _n(x),
            _n(y + 138),
            _n(left),
            _n(y + SIDE_TOP),
            SIDE_WIDTH,
            _n(left + SIDE_WIDTH / 2),
            _n(y + 157.5),
            way.words,
        )  # fmt: skip
    ]
    if way.end and centres[way.end][1] == y:
        to = centres[way.end][0]
        parts.append(
            format_html(
                '<path class="alt" d="M{} {}H{}V{}"/><path class="tip" d="M{} {}l-3.5 7h7z"/>',
                _n(left),
                _n(y + 153),
                _n(to),
                _n(y + 120),
                _n(to),
                _n(y + 115),
            )  # fmt: skip
        )
    return parts
