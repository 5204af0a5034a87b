"""What the modules above do when the committee has decided, and what they show on its page. Wiring appends."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bangfu.access.models import Account
    from bangfu.governance.models import Motion, Resolution

#: What a motion is about ("process.case:12") is locked before the motion is: one order everywhere.
lock_above: list[Callable[[Collection[str]], None]] = []

#: Called inside the transaction of `flow.resolve`; an exception undoes the resolution.
on_resolved: list[Callable[[Resolution, Account, datetime], None]] = []

#: Called inside the transaction of `flow.take_off_agenda` with (motion, by, at).
on_taken_off: list[Callable[[Motion, Account, datetime], None]] = []

#: What the motion's page shows beside the ballot. Each answers a dict merged into the page's context; the keys
#: `left`, `middle`, `right` are template names that the page includes (each one <section class="card">), `subject_url` is
#: the page of the subject, `subject_line` a few words beside its number, `on_screen` those of the three slots that name
#: nobody: the projection (投屏) includes no others.
motion_context: list[Callable[[Motion, Account], dict[str, Any]]] = []


def context_of(motion: Motion, account: Account) -> dict[str, Any]:
    """What all upper modules show for this motion, merged; an empty dict when nobody is wired."""
    context: dict[str, Any] = {}
    for ask in motion_context:
        context |= ask(motion, account)
    return context
