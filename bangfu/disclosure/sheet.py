"""What one channel of a notice says, as a page, as A4 PDF, and as a proof pack."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.models import Event
from bangfu.audit.record import canonical, record, recording, subject_of
from bangfu.disclosure.flow import digest_of
from bangfu.disclosure.lines import Channel
from bangfu.disclosure.models import Notice, NoticeChannel, NoticeDraft, Objection
from bangfu.disclosure.queries import telephone_of
from bangfu.lib.days import last_day, local, today
from bangfu.lib.money import yuan


@dataclass(frozen=True)
class Sheet:
    """The paper of one channel: rows as they were frozen, and what is counted from them."""

    notice: Notice
    rows: list[dict[str, Any]]
    telephone: str

    @property
    def title_parts(self) -> list[str]:
        """The title where it may break on a phone: after the month, before 拟…; empty when a part is longer than a line."""
        parts = [part for part in re.split(r"(?<=月 )|(?<=月)(?! )|(?=拟)", self.notice.title) if part]
        return parts if max(map(len, parts)) <= 13 else []

    @property
    def people(self) -> int:
        return len(self.rows)

    @property
    def total_fen(self) -> int:
        return sum(row["amount_fen"] for row in self.rows)

    @property
    def has_programmes(self) -> bool:
        """The programme has a column of its own only where the lines differ; else the title says it."""
        return len({row["programme"] for row in self.rows}) > 1


def sheet_of(shown: NoticeChannel) -> Sheet:
    return Sheet(shown.notice, shown.rows, telephone_of(shown.notice.unit))


def is_intact(shown: NoticeChannel) -> bool:
    """Are the rows still those that were digested when they were shown?"""
    return digest_of(shown.notice, shown.channel, shown.rows) == shown.sha256


def long_day(instant_or_day: Any) -> str:
    day = today(instant_or_day) if isinstance(instant_or_day, datetime) else instant_or_day
    return _("%(year)s年%(month)s月%(day)s日") % {"year": day.year, "month": day.month, "day": day.day}


def closing_words(notice: Notice) -> str:
    """The paragraph under the table: how to object."""
    return _(
        "对以上内容有不同意见，请在公示期内向工会反映。实名、匿名都受理，%(days)d 个工作日内答复。反映人的信息只有答复和监督的人能看到。"
    ) % {"days": notice.answer_days}


def pdf(shown: NoticeChannel, *, open_url: str) -> bytes:
    """The A4 notice of one channel; the QR code leads to the open page. The same masks stand in the text layer."""
    from bangfu.lib.pdf import render  # typst: heavy
    from bangfu.lib.qr import svg

    notice, paper = shown.notice, sheet_of(shown)
    head = [_("编号"), _("部门"), _("姓名"), *([_("项目")] if paper.has_programmes else []), _("原因"), _("拟帮扶金额（元）")]
    rows = [
        [row["number"], row["unit"], row["name"] or _("只公示编号"), *([row["programme"]] if paper.has_programmes else []),
         row["category"], yuan(row["amount_fen"])]
        for row in paper.rows
    ]  # fmt: skip
    blanks = [""] * (len(head) - 4)
    data = {
        "title": notice.title,
        "organisation": notice.unit.organisation.name,
        "number": notice.number,
        "period": _("公示期 %(start)s 至 %(end)s 24:00")
        % {"start": long_day(notice.posted_at), "end": long_day(last_day(notice.closes_at))},
        "basis": notice.basis,
        "head": head,
        "rows": rows,
        "total": [_("合计"), "", _("%(n)d 人") % {"n": paper.people}, *blanks, yuan(paper.total_fen)],
        "closing": closing_words(notice) + (_("电话：%(phone)s。") % {"phone": paper.telephone} if paper.telephone else ""),
        "signed": notice.unit.name,
        "day": long_day(notice.posted_at),
        "qr": svg(open_url) if open_url else "",
        "qr_words": _("扫码看公示、反映意见") if open_url else "",
        "footnote": str(Channel(shown.channel).label),
    }
    return render("disclosure/notice", data)


@recording
def proof(notice: Notice, *, reader: Account, at: datetime) -> bytes:
    """The proof pack (ZIP): every revision of every channel with its digest, times, objections without their authors, events.

    What the objections say stands in it only for those who may read it. That it was taken is recorded.
    """
    files: dict[str, bytes] = {}
    channels = []
    for shown in notice.channels.order_by("channel", "revision"):
        name = f"channels/{shown.channel}-{shown.revision}.json"
        files[name] = _json(
            {
                "channel": shown.channel,
                "revision": shown.revision,
                "shown_from": _instant(shown.shown_from),
                "reason": shown.reason,
                "rows": shown.rows,
                "sha256": shown.sha256,
            }
        )
        channels.append({"file": name, "sha256": shown.sha256, "intact": is_intact(shown)})
    objections = [_anonymous(objection, reader) for objection in notice.objections.all()]
    files["objections.json"] = _json(objections)
    draft = NoticeDraft.objects.filter(notice=notice).first()
    subjects = [subject_of(one) for one in (draft, notice) if one is not None]
    events = Event.objects.filter(subject__in=subjects).order_by("seq")
    files["events.json"] = _json(
        [{"seq": event.seq, "body": event.body, "prev_hash": event.prev_hash, "hash": event.hash} for event in events]
    )
    files["notice.json"] = _json(
        {
            "number": notice.number,
            "unit": notice.unit.name,
            "title": notice.title,
            "basis": notice.basis,
            "days": notice.days,
            "working_days": notice.is_working_days,
            "posted_at": _instant(notice.posted_at),
            "posted_by": notice.posted_by.name,
            "checked_by": notice.checked_by.name if notice.checked_by else None,
            "drafted_at": _instant(draft.drafted_at) if draft else None,
            "closes_at": _instant(notice.closes_at),
            "closed_at": _instant(notice.closed_at),
            "outcome": notice.outcome,
            "taken_down_reason": notice.taken_down_reason,
            "channels": channels,
            "cuttings": [
                {
                    "channel": one.channel,
                    "shown_on": one.shown_on.isoformat(),
                    "medium": one.medium,
                    "number": one.number,
                    "sha256": one.file.sha256,
                    "recorded_by": one.recorded_by.name,
                    "recorded_at": _instant(one.recorded_at),
                }  # fmt: skip
                for one in notice.cuttings.select_related("file", "recorded_by")
            ],
            "objections": len(objections),
            "answered": sum(objection["answered_at"] is not None for objection in objections),
        }
    )
    files["README.txt"] = _how_to_check().encode()
    record("disclosure.proof_downloaded", notice, by=reader, at=at, about=notice.origin)
    return _zip(files)


def _anonymous(objection: Objection, reader: Account) -> dict[str, Any]:
    readable = objection.text_shown_to(reader)
    return {
        "via": objection.via,
        "raised_at": _instant(objection.raised_at),
        "case_number": objection.case_number,
        "named": objection.is_named,
        "text": objection.text if readable else None,
        "answered_at": _instant(objection.answered_at),
        "answer": objection.answer if readable else None,
        "upheld": objection.upheld,
    }


def _how_to_check() -> str:
    return _(
        "公示证明包\n\n"
        "notice.json：公示的起止时间、结果和各处内容的摘要。\n"
        "channels/：每处公示当时显示的内容，一次修改一个文件。\n"
        "objections.json：异议和答复，不含反映人。\n"
        "events.json：留痕记录。每条 hash = SHA-256(prev_hash + body)，可与“bangfu audit verify”的结果对照。\n\n"
        "核对一处内容：取 number、unit、title、basis、posted_at、closes_at、channel、rows，写成键按字母排序、没有空格的 JSON"
        "（UTF-8），其 SHA-256 应等于该文件的 sha256。\n"
    )


def _instant(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _json(value: Any) -> bytes:
    canonical(value)  # refuses what would not come out the same again
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True).encode()


def _zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as pack:
        for name in sorted(files):
            pack.writestr(zipfile.ZipInfo(name), files[name], zipfile.ZIP_DEFLATED)
    return out.getvalue()


def file_name(notice: Notice, at: datetime) -> str:
    return f"notice-{notice.number}-{local(at):%Y%m%d}.zip"
