"""What a draft of the rules does when the committee has it: locked first, shown beside the ballot, carried out. Wired."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.governance.models import Motion, Resolution
from bangfu.policy.difference import versions
from bangfu.policy.flow.drafts import carry_out, had_a_hand_in
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft
from bangfu.policy.queries import pack_of
from bangfu.policy.views_difference import grouped


def lock_drafts(subjects: Collection[str]) -> None:
    """The drafts that these subjects are about, locked before their motions are."""
    keys = sorted(key for subject in subjects if (key := _key(subject)) is not None)
    if keys:
        list(Draft.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=keys).order_by("pk").values_list("pk"))


def after_resolution(resolution: Resolution, by: Account, at: datetime) -> None:
    draft = draft_of(resolution.motion.subject)
    if draft is not None:
        carry_out(draft, resolution, by=by, at=at)


def reason_to_stay_away(account: Account, subject: str) -> str:
    """Who drafted it does not vote on it."""
    draft = draft_of(subject)
    return str(_("这份草案是本人起草或报请的")) if draft is not None and had_a_hand_in(draft, account) else ""


def motion_context(motion: Motion, account: Account) -> dict[str, Any]:
    """What the committee sees beside the ballot: what changes, in words, from when, and by whom it was drafted."""
    draft = draft_of(motion.subject)
    if draft is None:
        return {}
    pack = load_pack(bytes(draft.content))
    rows = versions(pack_of(draft.based_on), pack) if draft.based_on else []
    return {
        "left": "policy/_motion_draft.html",
        "middle": "policy/_motion_changes.html",
        "on_screen": ("middle",),  # the rules name nobody; who drafted them stays off the screen
        "draft": draft,
        "draft_pack": pack,
        "draft_groups": grouped(rows),
        "subject_line": draft.unit.name,
    }


def draft_of(subject: str) -> Draft | None:
    key = _key(subject)
    found = Draft.objects.select_related("unit", "made_by", "submitted_by", "based_on")
    return found.filter(pk=key).first() if key is not None else None


def _key(subject: str) -> int | None:
    label, _colon, key = subject.partition(":")
    return int(key) if label == Draft._meta.label_lower and key.isdecimal() else None
