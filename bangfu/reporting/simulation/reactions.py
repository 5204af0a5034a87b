"""What a simulation shows beside the committee's ballot on a draft of the rules. Wired."""

from __future__ import annotations

from typing import Any

from bangfu.access.models import Account
from bangfu.governance.models import Motion
from bangfu.policy.reactions import draft_of
from bangfu.reporting.simulation import presenting as show
from bangfu.reporting.simulation.flow import attached


def motion_context(motion: Motion, account: Account) -> dict[str, Any]:
    """How many households the draft touches and what it costs a year, of its very bytes; totals only, no household."""
    draft = draft_of(motion.subject)
    scenario = attached(draft).first() if draft is not None else None
    if draft is None or scenario is None:
        return {}
    letter = scenario.sides.get(draft=draft).letter
    total = scenario.result["sides"][letter]["total"]
    return {
        "right": "reporting/simulation/_motion.html",
        "on_screen": ("middle", "right"),
        "simulated": scenario,
        "simulated_touched": show.touched_count(total),
        "simulated_moves": [row for row in show.moves(total) if row["count"]],
        "simulated_change_fen": total["fen_now"] - total["fen_was"],
    }
