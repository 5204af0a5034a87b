"""Papers that the worker's phone makes: the application she signed, and everything we keep about her."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.household.models import Household
from bangfu.household.models.words import CAUSES
from bangfu.household.queries import consents_of, who_saw
from bangfu.lib import pdf
from bangfu.lib.days import local, today
from bangfu.portal.queries import applications_of
from bangfu.portal.situation import Situation
from bangfu.portal.summary import Group


def application_pdf(situation: Situation, groups: Sequence[Group], *, number: str, signature: bytes | None, at: datetime) -> bytes:
    """救助申请书, A4, as she saw it on the check page. Same content, same bytes."""
    parts = [{"title": group.title, "rows": [[str(label), text] for label, text in group.rows if text]} for group in groups]
    digest = hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
    data = {
        "title": _("救助申请书"),
        "org": situation.unit.organisation.name,
        "number": number,
        "footnote": _("内容指纹 %(digest)s") % {"digest": " ".join(digest[start : start + 4] for start in range(0, 32, 4))},
        "fields": [[_("申请人"), situation.name, _("单位"), situation.unit.name]],
        "parts": [part for part in parts if part["rows"]],
        "statement": _("以上都是实际情况。工会会上门看望、向有关方面核对；不实的，帮扶会停。"),
        "signers": [
            {
                "role": _("申请人"),
                "name": "" if signature else _("%(name)s（登录确认）") % {"name": situation.name},
                "date": f"{today(at):%Y-%m-%d}",
                "svg": pdf.picture(signature) if signature else "",
            }
        ],
    }
    return pdf.render("portal/application", data, at=at)


def copy_of(account: Account, household: Household | None, situation: Situation, *, at: datetime) -> dict[str, Any]:
    """我的资料, everything that we keep about the worker, for her to take away. Source: PIPL 45 (copy)."""
    staff = situation.staff
    return {
        "made_at": local(at).isoformat(timespec="seconds"),
        "account": {"username": account.username, "name": account.name, "phone": account.phone},
        "roster": staff
        and {
            "unit": staff.unit.name, "worker_no": staff.worker_no, "name": staff.name, "identity": staff.identity, "phone": staff.phone,
            "bank_name": staff.bank_name, "card": staff.card, "post": staff.post, "status": staff.get_status_display(),
        },
        "file": household and _file(household),
        "consents": household and consents_of(household),
        "who_saw": [{**row, "at": local(row["at"]).isoformat(timespec="seconds")} for row in who_saw(household)] if household else [],
        "applications": [_application(row) for row in applications_of(account)],
        "messages": [{"text": row.text, "at": local(row.at).isoformat(timespec="seconds")} for row in account.messages.all()],
    }  # fmt: skip


def _file(household: Household) -> dict[str, Any]:
    people = household.members.prefetch_related("incomes").order_by("pk")
    return {
        "number": household.number, "state": household.get_state_display(), "opened_on": household.opened_on.isoformat(),
        "head_name": household.head_name, "identity": household.identity, "phone": household.phone, "address": household.address,
        "bank_name": household.bank_name, "card": household.card, "grade": household.grade,
        "national_class": household.national_class,
        "causes": [str(CAUSES[code].title) for code in (household.main_cause, *(row.code for row in household.causes.all())) if code],
        "members": [
            {
                "name": person.name, "relation": person.get_relation_display(), "identity": person.identity,
                "health": person.get_health_display(), "diagnosis": person.diagnosis,
                "school_stage": person.get_school_stage_display(),
                "incomes_fen": {income.kind: income.monthly_fen for income in person.incomes.all()},
                "left_on": person.left_on and person.left_on.isoformat(),
            }
            for person in people
        ],
        "expenses_fen": {row.kind: row.amount_fen for row in household.expenses.all()},
        "assets": [{"kind": row.get_kind_display(), "area_m2": row.area_m2, "note": row.note} for row in household.assets.all()],
        "five_clears": {row.get_section_display(): row.text for row in household.clears.all()},
        "help_from_others": [
            {"giver": row.giver_name or row.get_giver_display(), "amount_fen": row.amount_fen, "day": row.day.isoformat(), "what": row.what}
            for row in household.outside_helps.filter(voided_at=None)
        ],
    }  # fmt: skip


def _application(row: Any) -> dict[str, Any]:
    case, award = row.case, row.award
    return {
        "number": case.number, "title": case.title, "state": case.get_state_display(),
        "opened_at": local(case.opened_at).isoformat(timespec="seconds"),
        "story": row.application.story if row.application else "", "wish": row.application.wish if row.application else "",
        "answers": json.loads(row.application.answers) if row.application and row.application.answers else {},
        "sums_fen": {
            name: getattr(award, f"{name}_fen") for name in ("asked", "suggested", "proposed", "noticed", "awarded")
        } if award else {},
        "papers": [paper.title for paper in case.papers.filter(removed_at=None)],
    }  # fmt: skip
